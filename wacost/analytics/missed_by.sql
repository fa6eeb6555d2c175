-- Calls of contacts and how they went, by the columns asked for ({by}).
WITH inbound AS (
    SELECT
        c.*, l.call_id IS NOT NULL AS lost, l.ring_s, l.in_hours, n.first_call_id IS NOT NULL AS begins_need,
        n.outcome
    FROM month_calls AS c
    LEFT JOIN lost_calls AS l USING (call_id)
    LEFT JOIN needs AS n ON n.first_call_id = c.call_id
    WHERE c.direction = 'inbound'
),
counted AS (
    SELECT
        {by}
        count(*) AS calls,
        count(*) FILTER (answered) AS answered_calls,
        count(*) FILTER (disposition = 'missed') AS missed,
        count(*) FILTER (disposition = 'declined') AS declined,
        count(*) FILTER (disposition = 'failed') AS failed,
        count(*) FILTER (NOT answered AND NOT lost) AS unknown,
        quantile_disc(ring_s, 0.5) AS ring_s,
        count(*) FILTER (lost AND in_hours) AS lost_in_hours,
        count(*) FILTER (lost AND NOT in_hours) AS lost_out_of_hours,
        count(*) FILTER (begins_need) AS needs,
        count(*) FILTER (outcome IN ('called back', 'called again')) AS met,
        count(*) FILTER (outcome = 'waiting') AS waiting
    FROM inbound
    GROUP BY ALL
)
SELECT
    * RENAME (answered_calls AS answered),
    percent(answered_calls, calls) AS pickup,
    wilson_bound(answered_calls, calls, -1) AS pickup_low,
    wilson_bound(answered_calls, calls, 1) AS pickup_high
FROM counted
ORDER BY {order}
