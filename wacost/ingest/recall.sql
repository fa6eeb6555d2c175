-- Calls of the batch that were redacted before: their old ids lead, by the keyed hash, to the new
-- ones. Only what is as old as they are (and Meta's longest retry) is looked up. A call may have lost
-- its id before its contact, so that a copy tells the contact under the new id.

CREATE OR REPLACE TEMP TABLE recalled AS
WITH gone AS (
    SELECT
        call_id, contact, contact_user_id, right(call_id, 32) AS hash,
        greatest(first_event_at, coalesce(ended_at, first_event_at)) AS last_at
    FROM call_rows
    WHERE starts_with(call_id, 'redacted.') AND regexp_full_match(call_id, 'redacted\.[0-9]{8}\.[0-9a-f]{32}')
),
told AS (
    SELECT DISTINCT call_id FROM parsed_records
    WHERE reason IS NULL AND event_at <= (SELECT max(last_at) + INTERVAL 7 DAY FROM gone)
)
SELECT
    told.call_id AS raw_id, gone.call_id, gone.contact_user_id, gone.contact IS NULL AS nobody,
    gone.contact IS NULL OR regexp_full_match(gone.contact, '([A-Z]{2}\.)?redacted\.[0-9a-f]{32}') AS whole
FROM told
JOIN gone ON gone.hash = CASE
    WHEN starts_with(told.call_id, 'redacted.') THEN right(told.call_id, 32) ELSE home_keyed('call', told.call_id)
END
WHERE NOT starts_with(told.call_id, 'redacted.') OR told.call_id = gone.call_id;

CREATE OR REPLACE TEMP VIEW judged AS
SELECT parsed_records.* REPLACE (
    coalesce(r.call_id, parsed_records.call_id) AS call_id,
    CASE WHEN coalesce(r.whole, false) THEN NULL ELSE contact END AS contact,
    CASE WHEN coalesce(r.whole, false) THEN r.contact_user_id ELSE parsed_records.contact_user_id END AS contact_user_id,
    CASE WHEN coalesce(r.whole AND NOT r.nobody, false) THEN NULL ELSE profile_country END AS profile_country,
    CASE WHEN coalesce(r.whole, false) THEN NULL ELSE tracking END AS tracking
)
FROM parsed_records LEFT JOIN recalled AS r ON r.raw_id = parsed_records.call_id;
