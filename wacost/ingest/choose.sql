-- Which calls to redact: whole ones by {which}, and beside them, by their ids alone, the calls that
-- ended in the same seconds: the order of ids decides there which call comes first, so that either
-- all ids of a second keep their place or none.

CREATE OR REPLACE TEMP MACRO is_redacted(id) AS regexp_full_match(id, 'redacted\.[0-9]{8}\.[0-9a-f]{32}');

CREATE OR REPLACE TEMP MACRO is_redacted_contact(id) AS regexp_full_match(id, '([A-Z]{2}\.)?redacted\.[0-9a-f]{32}');

CREATE OR REPLACE TEMP TABLE ends AS
SELECT
    call_id, contact, contact_user_id, country,
    coalesce(ended_at, started_at + to_seconds(duration_s), first_event_at) AS end_at
FROM call_rows;

CREATE OR REPLACE TEMP TABLE chosen AS
WITH whole AS (
    SELECT call_id, end_at FROM ends WHERE {which}
)
SELECT ends.*, whole.call_id IS NOT NULL AS whole
FROM ends LEFT JOIN whole USING (call_id)
WHERE whole.call_id IS NOT NULL
    OR (NOT is_redacted(ends.call_id) AND ends.end_at IN (SELECT end_at FROM whole));
