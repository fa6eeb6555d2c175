-- A table that was loaded before, byte for byte, and is read differently now (its mapping was put
-- right): what only the old reading told is taken back before the new one is written. Reads `judged`,
-- `batch_sources`, `refused_rows` and `reread` (names of such sources); leaves `outdated` (call ids).
CREATE OR REPLACE TEMP TABLE outdated_events AS
SELECT
    call_id, kind, event_at, waba_id, phone_number_id, business_number, contact, contact_user_id,
    profile_country, direction, started_at, ended_at, duration_s, status, failed, error_code,
    tracking, held
FROM events SEMI JOIN reread USING (source)
EXCEPT
SELECT
    call_id, kind, event_at, waba_id, phone_number_id, business_number, contact, contact_user_id,
    profile_country, direction, started_at, ended_at, duration_s, status, failed, error_code,
    tracking, held
FROM judged WHERE reason IS NULL;

CREATE OR REPLACE TEMP TABLE outdated AS SELECT DISTINCT call_id FROM outdated_events;

DELETE FROM events
WHERE source IN (SELECT source FROM reread)
    AND (call_id, kind, event_at) IN (SELECT (call_id, kind, event_at) FROM outdated_events);

DELETE FROM other_events
WHERE kind = 'summary' AND source IN (SELECT source FROM reread)
    AND (word, event_at, coalesce(waba_id, ''), coalesce(phone_number_id, ''), detail) NOT IN (
        SELECT (word, event_at, coalesce(waba_id, ''), coalesce(phone_number_id, ''), detail)
        FROM judged_others WHERE reason IS NULL AND kind = 'summary'
    );

DELETE FROM call_rows WHERE call_id IN (SELECT call_id FROM outdated);

DELETE FROM quarantine
WHERE state = 'open' AND source IN (SELECT source FROM reread)
    AND reason NOT IN ('contradiction', 'doubtful_match')
    AND (source, line, reason) NOT IN (
        SELECT (name, line, reason) FROM refused_rows
        JOIN batch_sources ON batch_sources.number = refused_rows.source
    );
