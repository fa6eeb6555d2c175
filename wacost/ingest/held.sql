-- Calls that are not priced until somebody decides, with what their records tell of the outcome.
-- A card's policy holds the last two kinds, so that they are told once their month is rated.
-- Reads the macros of content.sql.

-- Why a card may hold an answered call, whatever its records say of each other.
CREATE OR REPLACE TEMP MACRO held_by_times(started_at, ended_at, duration_s) AS CASE
    WHEN started_at IS NULL THEN NULL
    WHEN ended_at IS NULL AND duration_s IS NULL THEN 'no_length'
    WHEN ended_at < started_at OR abs(date_diff('second', started_at, ended_at) - duration_s) > 1
        THEN 'duration_conflict'
END;

WITH waiting AS (
    SELECT
        call_id, account, source, line, direction, first_event_at,
        coalesce(held, held_by_times(started_at, ended_at, duration_s)) AS reason
    FROM ratable_calls
    WHERE (held IS NOT NULL OR call_id IN (SELECT call_id FROM charge_rows WHERE status = 'held'))
        AND call_id NOT IN (SELECT call_id FROM decisions)
),
told AS (
    SELECT call_id, started_at, ended_at, duration_s FROM events SEMI JOIN waiting USING (call_id)
    UNION ALL
    SELECT call_id, event.started_at, event.ended_at, event.duration_s
    FROM (
        SELECT call_id, event_of(text) AS event FROM quarantine
        WHERE reason = 'contradiction' AND state <> 'discarded'
    ) SEMI JOIN waiting USING (call_id)
),
lengths AS (
    SELECT call_id, list_sort(list_distinct(list(seconds))) AS seconds
    FROM (
        SELECT call_id, duration_s AS seconds FROM told
        UNION ALL
        SELECT call_id, date_diff('second', started_at, ended_at) FROM told
    )
    WHERE seconds >= 0
    GROUP BY call_id
)
SELECT
    waiting.call_id, account, source, line, direction, first_event_at, reason,
    coalesce(lengths.seconds, []) AS seconds,
    (
        SELECT nullif(min(regexp_extract(message, '\(([^()]*)\)$', 1)), '') FROM quarantine
        WHERE quarantine.reason = 'doubtful_match' AND quarantine.call_id = waiting.call_id
    ) AS other
FROM waiting
LEFT JOIN lengths ON lengths.call_id = waiting.call_id
WHERE reason IS NOT NULL
ORDER BY first_event_at, waiting.call_id;
