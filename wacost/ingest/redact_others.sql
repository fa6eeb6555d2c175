-- Records beside the calls that are older than {before}, or that belong to a redacted call. All that
-- has the id of one of them goes with it, so that a batch can tell by the id alone.

CREATE OR REPLACE TEMP TABLE over AS
WITH gone AS (
    SELECT call_id, right(call_id, 32) AS hash FROM call_rows WHERE is_redacted(call_id)
),
old AS (
    SELECT DISTINCT id FROM other_events WHERE event_at < {before} AND id <> ''
)
SELECT
    other_events.*, other_events.rowid AS row_id, other_events.id AS raw_id, gone.call_id IS NOT NULL AS of_call,
    CASE WHEN other_events.id = '' THEN '' ELSE coalesce(gone.call_id, 'redacted.' || home_keyed('call', other_events.id)) END
        AS new_id
FROM other_events
LEFT JOIN gone ON gone.hash = home_keyed('call', other_events.id)
WHERE NOT starts_with(other_events.id, 'redacted.')
    AND (
        gone.call_id IS NOT NULL OR other_events.id IN (FROM old)
        OR (other_events.id = '' AND event_at < {before}
            AND (contact IS NOT NULL OR NOT is_redacted_contact(contact_user_id)))
    );

CREATE OR REPLACE TEMP TABLE over_now AS {redacted};

UPDATE other_events SET
    id = o.id, contact = NULL, contact_user_id = o.contact_user_id, profile_country = NULL, detail = o.detail
FROM over_now AS o
WHERE other_events.rowid = o.row_id;
