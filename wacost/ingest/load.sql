-- A batch of judged records -> the store. Runs inside one transaction, on the store's connection.
-- Reads the temporary tables `judged` (view over Parquet), `batch_sources` (number, name) and
-- `refused_rows`; leaves `verdicts` (source, verdict, reason, count) and `touched` (call ids).
-- A key is (call id, kind, time). One event stays per key: of several contents the one whose hash
-- is smallest, so that the order in which they came cannot matter.

-- The events of the batch that are not simply new.
CREATE OR REPLACE TEMP TABLE unclear AS FROM arrived SEMI JOIN contested_calls USING (call_id);

-- Keys that come more than once. Found by a 64-bit hash: a false alarm costs a comparison, no more.
CREATE OR REPLACE TEMP TABLE doubled AS
SELECT hash(call_id, kind, event_at) AS key
FROM unclear GROUP BY key HAVING count(*) > 1;

-- Events of the store that have a key of the batch. The time bounds keep the rest of it unread.
CREATE OR REPLACE TEMP TABLE known AS
SELECT events.*
FROM events
SEMI JOIN unclear USING (call_id, kind, event_at)
WHERE events.event_at BETWEEN (SELECT min(event_at) FROM unclear) AND (SELECT max(event_at) FROM unclear);

CREATE OR REPLACE TEMP TABLE contested_keys AS
SELECT key FROM doubled UNION SELECT hash(call_id, kind, event_at) FROM known;

-- All others are simply new.
INSERT INTO events
FROM unclear
WHERE hash(call_id, kind, event_at) NOT IN (SELECT key FROM contested_keys);

-- The contested ones. again: the store has the very same, which settles it at once; a second load
-- of a file is nothing but these.
CREATE OR REPLACE TEMP TABLE suspects AS
SELECT
    a.*,
    known.call_id IS NOT NULL
        AND a.waba_id IS NOT DISTINCT FROM known.waba_id
        AND a.phone_number_id IS NOT DISTINCT FROM known.phone_number_id
        AND a.business_number IS NOT DISTINCT FROM known.business_number
        AND a.contact IS NOT DISTINCT FROM known.contact
        AND a.contact_user_id IS NOT DISTINCT FROM known.contact_user_id
        AND a.profile_country IS NOT DISTINCT FROM known.profile_country
        AND a.direction IS NOT DISTINCT FROM known.direction
        AND a.started_at IS NOT DISTINCT FROM known.started_at
        AND a.ended_at IS NOT DISTINCT FROM known.ended_at
        AND a.duration_s IS NOT DISTINCT FROM known.duration_s
        AND a.status IS NOT DISTINCT FROM known.status
        AND a.failed IS NOT DISTINCT FROM known.failed
        AND a.error_code IS NOT DISTINCT FROM known.error_code
        AND a.tracking IS NOT DISTINCT FROM known.tracking
        AND a.held IS NOT DISTINCT FROM known.held AS again
FROM unclear AS a
LEFT JOIN known ON known.call_id = a.call_id AND known.kind = a.kind AND known.event_at = a.event_at
WHERE hash(a.call_id, a.kind, a.event_at) IN (SELECT key FROM contested_keys);

-- The others with their content, and beside them what the store has under their keys.
CREATE OR REPLACE TEMP TABLE told AS
WITH whole AS (
    SELECT e AS event, content_of(e) AS content, 1 AS copy
    FROM (SELECT * EXCLUDE (again) FROM suspects WHERE NOT again) AS e
    UNION ALL BY NAME
    SELECT e AS event, content_of(e) AS content, 0 AS copy
    FROM (
        SELECT known.* FROM known
        SEMI JOIN (FROM suspects WHERE NOT again) AS open USING (call_id, kind, event_at)
    ) AS e
)
SELECT
    event.call_id AS call_id, event.kind AS kind, event.event_at AS event_at,
    event.source AS source, event.line AS line, event.item AS item,
    event, content, md5(content) AS content_hash, copy = 0 AS stored
FROM whole;

-- Contents that a person or a policy decided against stay out: told at their own place again they
-- are quarantined as before, elsewhere they are duplicates.
CREATE OR REPLACE TEMP TABLE decided AS
SELECT
    told.source,
    CASE WHEN bool_or((lost.source, lost.line, lost.item) IS NOT DISTINCT FROM (told.source, told.line, told.item))
        THEN 'quarantined' ELSE 'duplicate' END AS verdict
FROM told
JOIN quarantine AS lost
    ON lost.reason = 'contradiction' AND lost.state <> 'open'
    AND lost.call_id = told.call_id AND lost.text = told.content
WHERE NOT told.stored
GROUP BY told.source, told.line, told.item;

CREATE OR REPLACE TEMP TABLE contested AS
FROM told
ANTI JOIN (FROM quarantine WHERE reason = 'contradiction' AND state <> 'open') AS lost
    ON lost.call_id = told.call_id AND lost.text = told.content AND NOT told.stored;

-- Each record's part: its rank among the copies of one content (the stored one first), its
-- content's rank among those of the key, and whether the key and the content were stored before.
CREATE OR REPLACE TEMP TABLE ranked AS
SELECT
    *,
    row_number() OVER (same ORDER BY stored DESC, source, line, item) AS copy,
    dense_rank() OVER (one_key ORDER BY content_hash) AS content_rank,
    bool_or(stored) OVER one_key AS key_stored,
    bool_or(stored) OVER same AS content_stored,
    min(content_hash) OVER one_key <> max(content_hash) OVER one_key AS contradicted
FROM contested
WINDOW
    one_key AS (PARTITION BY call_id, kind, event_at),
    same AS (PARTITION BY call_id, kind, event_at, content_hash);

-- A content that lost before lies in the quarantine; told again elsewhere it is a duplicate of that.
CREATE OR REPLACE TEMP TABLE lost_before AS
SELECT call_id, text, source, line, item FROM quarantine WHERE reason = 'contradiction';

CREATE OR REPLACE TEMP TABLE settled AS
SELECT
    ranked.*,
    CASE
        WHEN stored THEN 'stored'
        WHEN content_stored OR copy > 1 THEN 'duplicate'
        WHEN NOT key_stored AND content_rank = 1 THEN 'new'
        WHEN content_rank > 1 AND EXISTS (
            SELECT 1 FROM lost_before AS lost
            WHERE lost.call_id = ranked.call_id AND lost.text = ranked.content
                AND (lost.source, lost.line, lost.item) IS DISTINCT FROM (ranked.source, ranked.line, ranked.item)
        ) THEN 'duplicate'
        ELSE 'quarantined'
    END AS verdict
FROM ranked;

-- Calls that have to be folded anew: those with an event that is new, or that gives way to
-- another, or that is contradicted for the first time.
CREATE OR REPLACE TEMP TABLE touched AS
SELECT DISTINCT call_id
FROM unclear
WHERE hash(call_id, kind, event_at) NOT IN (SELECT key FROM contested_keys)
UNION
SELECT call_id FROM settled
WHERE content_rank = 1 AND (NOT content_stored OR (contradicted AND EXISTS (
    SELECT 1 FROM known
    WHERE known.call_id = settled.call_id AND known.kind = settled.kind
        AND known.event_at = settled.event_at AND NOT known.conflict
)));

-- The event that stays: the first copy of the smallest content. A stored one gives way to it.
DELETE FROM events
USING settled
WHERE settled.stored AND settled.content_rank > 1
    AND events.call_id = settled.call_id AND events.kind = settled.kind AND events.event_at = settled.event_at;

INSERT INTO events
SELECT
    event.call_id, event.kind, event.event_at, event.waba_id, event.phone_number_id,
    event.business_number, event.contact, event.contact_user_id, event.profile_country,
    event.direction, event.started_at, event.ended_at, event.duration_s,
    event.status, event.failed, event.error_code, event.tracking, contradicted,
    event.source, event.line, event.item, event.held
FROM settled
WHERE content_rank = 1 AND copy = 1 AND NOT content_stored;

UPDATE events SET conflict = true
FROM settled
WHERE settled.stored AND settled.content_rank = 1 AND settled.contradicted AND NOT events.conflict
    AND events.call_id = settled.call_id AND events.kind = settled.kind AND events.event_at = settled.event_at;

-- Their calls are made anew after this, from all their events.
DELETE FROM call_rows
USING (
    SELECT call_id, first_event_at FROM touched JOIN met_calls ON met_calls.call_key = hash(touched.call_id)
) AS old
WHERE call_rows.first_event_at = old.first_event_at AND call_rows.call_id = old.call_id;

-- Every other content of a key is quarantined once, the stored one that gave way among them.
CREATE OR REPLACE TEMP TABLE losers AS
SELECT source, line, item, call_id, content AS text
FROM settled
WHERE content_rank > 1 AND copy = 1 AND verdict <> 'duplicate';

-- Counts: what the batch's own records turned out to be.
CREATE OR REPLACE TEMP TABLE verdicts AS
WITH firm AS (
    SELECT source, reason, count(*) AS records FROM judged GROUP BY ALL
),
plain AS (
    SELECT batch_sources.number AS source, verdict, count(*) AS records
    FROM settled JOIN batch_sources ON batch_sources.name = settled.source
    WHERE NOT stored
    GROUP BY ALL
    UNION ALL
    SELECT batch_sources.number, 'duplicate', count(*)
    FROM suspects JOIN batch_sources ON batch_sources.name = suspects.source
    WHERE again
    GROUP BY ALL
    UNION ALL
    SELECT batch_sources.number, verdict, count(*)
    FROM decided JOIN batch_sources ON batch_sources.name = decided.source
    GROUP BY ALL
),
settled_events AS (
    SELECT source, sum(records) AS records FROM plain GROUP BY source
)
SELECT source, reason, 'ignored' AS verdict, records FROM firm WHERE reason IN {ignored}
UNION ALL
SELECT source, reason, 'quarantined', count(*) FROM refused_rows GROUP BY source, reason
UNION ALL
SELECT source, CASE WHEN verdict = 'quarantined' THEN 'contradiction' END, verdict, records FROM plain
UNION ALL
SELECT source, NULL, verdict, records FROM other_verdicts
UNION ALL
SELECT firm.source, NULL, 'new', firm.records - coalesce(settled_events.records, 0)
FROM firm LEFT JOIN settled_events ON settled_events.source = firm.source
WHERE firm.reason IS NULL;

-- The quarantine. What is there already is not added again.
INSERT INTO quarantine
SELECT DISTINCT ON (source, line, item, reason, text) *, 'open'
FROM (
    SELECT batch_sources.name AS source, line, item, reason, message, call_id, text
    FROM refused_rows JOIN batch_sources ON batch_sources.number = refused_rows.source
    UNION ALL
    SELECT source, line, item, 'contradiction', {contradiction}, call_id, text FROM losers
) AS fresh
WHERE NOT EXISTS (
    SELECT 1 FROM quarantine AS old
    WHERE old.source = fresh.source AND old.line = fresh.line AND old.item = fresh.item
        AND old.reason = fresh.reason AND old.text IN (fresh.text, '')  -- '': redacted since
);
