-- Contradictory records: which of them stays, by what people and the policy of wacost.toml decided.
-- A key is (call id, kind, time). Its contents are the stored one and those in the quarantine; what
-- a person discarded is out. Of the rest the first stays, by {order} and then by hash. The outcome
-- depends on which contents there are and what was decided, never on the order in which they came.
-- {held}: true where a key with several of them holds its call back. {state}: what a content is
-- called that lost.

CREATE OR REPLACE TEMP TABLE claimants AS
WITH refused AS (
    SELECT
        call_id, text AS content, event_of(text) AS event, source, line, item, state,
        false AS stored, false AS conflict
    FROM quarantine
    WHERE reason = 'contradiction'
),
keys AS (
    SELECT DISTINCT call_id, event.kind AS kind, event.event_at AS event_at FROM refused
),
known AS (
    SELECT events.*
    FROM events SEMI JOIN keys USING (call_id, kind, event_at)
    WHERE events.event_at BETWEEN (SELECT min(event_at) FROM keys) AND (SELECT max(event_at) FROM keys)
),
told AS (
    FROM refused
    UNION ALL
    SELECT e.call_id, content_of(e), event_of(content_of(e)), e.source, e.line, e.item, 'open', true, e.conflict
    FROM known AS e
),
measured AS (
    SELECT
        *,
        -- What would be billed; an unanswered call is shorter than one of no seconds.
        CASE WHEN event.started_at IS NULL THEN -1
            ELSE coalesce(event.duration_s, date_diff('second', event.started_at, event.ended_at), 0)
        END AS seconds
    FROM told
)
SELECT
    * EXCLUDE (seconds),
    row_number() OVER (one_key ORDER BY state = 'discarded', {order}, md5(content), stored DESC, source, line, item)
        AS place,
    {held} AND count(*) FILTER (state <> 'discarded') OVER one_key > 1 AS holds
FROM measured
WINDOW one_key AS (PARTITION BY call_id, event.kind, event.event_at);

-- Calls that come out differently now.
CREATE OR REPLACE TEMP TABLE decided_calls AS
SELECT DISTINCT call_id FROM claimants WHERE place = 1 AND (NOT stored OR conflict <> holds);

-- What stays leaves the quarantine, and what was stored in its place goes there.
DELETE FROM quarantine
USING claimants AS c
WHERE c.place = 1 AND NOT c.stored
    AND quarantine.reason = 'contradiction' AND quarantine.call_id = c.call_id AND quarantine.text = c.content;

INSERT INTO quarantine
SELECT source, line, item, 'contradiction', {contradiction}, call_id, content, '{state}'
FROM claimants WHERE place > 1 AND stored;

DELETE FROM events
USING claimants AS c
WHERE c.place > 1 AND c.stored
    AND events.call_id = c.call_id AND events.kind = c.event.kind AND events.event_at = c.event.event_at;

INSERT INTO events
SELECT
    call_id, event.kind, event.event_at, event.waba_id, event.phone_number_id, event.business_number,
    event.contact, event.contact_user_id, event.profile_country, event.direction, event.started_at,
    event.ended_at, event.duration_s, event.status, event.failed, event.error_code, event.tracking,
    holds, source, line, item, event.held
FROM claimants WHERE place = 1 AND NOT stored;

UPDATE events SET conflict = c.holds
FROM claimants AS c
WHERE c.place = 1 AND c.stored AND c.conflict <> c.holds
    AND events.call_id = c.call_id AND events.kind = c.event.kind AND events.event_at = c.event.event_at;

UPDATE quarantine SET state = '{state}'
WHERE reason = 'contradiction' AND state NOT IN ('discarded', '{state}');
