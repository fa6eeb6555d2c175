-- Calls of the month that a rule of availability says cannot be. `kept_out` (name, side, direction, country,
-- from_at, to_at, verdict, status) has a row per rule and country; `number_countries` (number, country).
SELECT
    k.name AS rule, k.verdict, k.status, k.side, k.country, c.direction, c.account, c.number,
    count(*) AS calls, count(*) FILTER (c.answered) AS answered,
    min(c.first_event_at) AS first_at, max(c.first_event_at) AS last_at, min(c.call_id) AS example
FROM month_calls AS c
LEFT JOIN number_countries AS n ON n.number = c.business_number
JOIN kept_out AS k
    ON k.direction = c.direction
    AND k.country = CASE k.side WHEN 'business' THEN n.country ELSE c.country END
    AND c.first_event_at >= k.from_at AND c.first_event_at < k.to_at
GROUP BY ALL
ORDER BY k.verdict DESC, calls DESC, k.name, k.country, c.number
