-- Numbers whose pickup rate fell: the last 7 days that are known of the month against the 28 before.
-- A rate fell where the two Wilson intervals have nothing in common; fewer than 10 calls tell of none.
-- Variable: as_of.
WITH ends AS (
    SELECT account, least(max(to_at), getvariable('as_of') + INTERVAL 1 SECOND) AS end_at
    FROM month_windows GROUP BY account
),
counted AS (
    SELECT
        c.account, coalesce(c.business_number, c.phone_number_id) AS number,
        count(*) FILTER (c.first_event_at >= e.end_at - INTERVAL 7 DAYS) AS calls,
        count(*) FILTER (c.answered AND c.first_event_at >= e.end_at - INTERVAL 7 DAYS) AS answered_calls,
        count(*) FILTER (c.first_event_at < e.end_at - INTERVAL 7 DAYS) AS calls_before,
        count(*) FILTER (c.answered AND c.first_event_at < e.end_at - INTERVAL 7 DAYS) AS answered_before
    FROM ratable_calls AS c
    JOIN ends AS e ON e.account IS NOT DISTINCT FROM c.account
    WHERE c.direction = 'inbound'
        AND c.first_event_at >= e.end_at - INTERVAL 35 DAYS AND c.first_event_at < e.end_at
    GROUP BY ALL
)
SELECT
    account, number, calls, answered_calls AS answered, percent(answered_calls, calls) AS pickup,
    calls_before, answered_before, percent(answered_before, calls_before) AS pickup_before
FROM counted
WHERE calls >= 10 AND wilson_bound(answered_calls, calls, 1) < wilson_bound(answered_before, calls_before, -1)
ORDER BY number;
