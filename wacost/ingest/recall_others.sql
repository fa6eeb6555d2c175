-- Records beside the calls that were redacted before, by the hash of their id: as they stand now.

CREATE OR REPLACE TEMP TABLE recalled_others AS
WITH gone AS (
    SELECT right(id, 32) AS hash, max(id) AS new_id, bool_or(length(id) > 41) AS of_call
    FROM (
        SELECT id FROM other_events WHERE regexp_full_match(id, 'redacted\.([0-9]{8}\.)?[0-9a-f]{32}')
        UNION ALL
        SELECT call_id FROM call_rows WHERE regexp_full_match(call_id, 'redacted\.[0-9]{8}\.[0-9a-f]{32}')
    )
    GROUP BY hash
),
told AS (
    SELECT DISTINCT call_id FROM parsed_others
    WHERE reason IS NULL AND call_id <> '' AND NOT starts_with(call_id, 'redacted.')
)
SELECT
    told.call_id AS raw_id, gone.of_call,
    CASE WHEN of_call THEN (SELECT min(call_id) FROM call_rows WHERE right(call_id, 32) = gone.hash) ELSE new_id END AS new_id
FROM told JOIN gone ON gone.hash = home_keyed('call', told.call_id);

CREATE OR REPLACE TEMP VIEW judged_others AS
SELECT * EXCLUDE (raw_id, new_id, of_call, number, renamed_contact) FROM (
    {redacted}
)
UNION ALL BY NAME
FROM parsed_others ANTI JOIN recalled_others AS r ON r.raw_id = parsed_others.call_id AND reason IS NULL;
