-- A batch of judged records -> `fresh`: the events of all calls that need no closer look; load.sql
-- sees to the others. Both run inside one transaction, on the store's connection.
-- Reads the temporary tables `judged` (view over Parquet), `batch_sources` (number, name) and
-- `told_calls` (call_id, kinds, events, parts: of the batch's calls, each once or in several parts).

-- The events of the batch, as the table of events has them.
CREATE OR REPLACE TEMP VIEW arrived AS
SELECT
    call_id, kind, event_at, waba_id, phone_number_id, business_number, contact, contact_user_id,
    profile_country, direction, started_at, ended_at, duration_s, status, failed,
    error_code, tracking, false AS conflict, batch_sources.name AS source, line, item, held
FROM judged
JOIN batch_sources ON batch_sources.number = judged.source
WHERE reason IS NULL;

-- Calls of the store that the batch tells of, as far as their keys say: a false alarm costs a closer
-- look, no more. Of all that a load does only this looks at every call of the store.
CREATE OR REPLACE TEMP TABLE met_calls AS
SELECT call_key, first_event_at
FROM call_rows SEMI JOIN (SELECT hash(call_id) AS call_key FROM told_calls) AS told USING (call_key);

-- What of the batch has to be looked at together, by the keys of its calls: `is_doubtful` where a kind of
-- event comes twice, or one that has no bit in `kinds` comes; `is_open` where the plain part does not tell
-- a call alone and whole. Here too a false alarm costs no more than a look.
CREATE OR REPLACE TEMP TABLE looked_at AS
SELECT
    hash(call_id) AS call_key,
    bit_count(bit_or(kinds)) <> sum(events) AS is_doubtful,
    sum(parts) > 1 AS is_open
FROM told_calls GROUP BY call_key HAVING is_doubtful OR is_open;

-- Calls that need a closer look: something of them is stored, or they are doubtful.
CREATE OR REPLACE TEMP TABLE contested_calls AS
SELECT DISTINCT call_id FROM told_calls WHERE hash(call_id) IN (
    FROM (SELECT call_key FROM met_calls) UNION SELECT call_key FROM looked_at WHERE is_doubtful
);

-- Calls that fold.sql has to fold, though the batch has a plain part.
CREATE OR REPLACE TEMP TABLE open_calls AS
SELECT DISTINCT call_id FROM told_calls
WHERE hash(call_id) IN (SELECT call_key FROM looked_at WHERE is_open);

-- Every event of the others is simply new: nearly all there is on a first load.
CREATE OR REPLACE TEMP VIEW fresh AS FROM arrived ANTI JOIN contested_calls USING (call_id);
