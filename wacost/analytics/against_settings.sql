-- Calls of the month that contradict the settings of their number, and permissions that arose while the
-- settings did not let them. Clients may take up to 7 days to follow: what came so soon is told apart.
WITH told AS (
    SELECT
        phone_number_id, calling, inbound, call_icon, callback_permission, only_countries, event_at AS from_at,
        coalesce(
            lead(event_at) OVER (PARTITION BY phone_number_id ORDER BY event_at), TIMESTAMP '9999-01-01'
        ) AS to_at
    FROM (SELECT DISTINCT ON (phone_number_id, event_at) * FROM all_settings ORDER BY phone_number_id, event_at, calling, inbound, call_icon, callback_permission, call_hours::VARCHAR)
    WHERE phone_number_id IS NOT NULL
),
-- Icons say nothing about calls by a link or a call button; they are told as doubtful.
calls_against AS (
    SELECT
        CASE
            WHEN upper(t.calling) = 'DISABLED' THEN 'calling is off'
            WHEN c.direction = 'inbound' AND t.inbound = 'DISABLED' THEN 'inbound calls are off'
            WHEN c.direction = 'inbound' AND len(t.only_countries) > 0
                AND NOT list_contains(t.only_countries, c.country) THEN 'country not allowed'
            WHEN c.direction = 'inbound' AND upper(t.call_icon) = 'DISABLE_ALL' THEN 'call icons are hidden'
        END AS rule,
        c.account, c.number, c.direction, c.answered, c.first_event_at AS at_moment, t.from_at, c.call_id
    FROM month_calls AS c
    JOIN told AS t
        ON t.phone_number_id = c.phone_number_id AND c.first_event_at >= t.from_at AND c.first_event_at < t.to_at
),
out_of_hours AS (
    SELECT
        'outside call hours' AS rule, c.account, c.number, c.direction, c.answered, c.first_event_at AS at_moment,
        h.from_at, c.call_id
    FROM month_calls AS c
    JOIN hours_known AS h
        ON h.phone_number_id = c.phone_number_id AND c.first_event_at >= h.from_at AND c.first_event_at < h.to_at
    LEFT JOIN open_spans AS s
        ON s.phone_number_id = c.phone_number_id AND s.utc_day = c.first_event_at::DATE
        AND c.first_event_at >= s.from_at AND c.first_event_at < s.to_at
    WHERE c.direction = 'inbound' AND s.phone_number_id IS NULL
),
permissions_against AS (
    SELECT
        'callback permission is off' AS rule, p.account, p.phone_number_id AS number, 'inbound' AS direction,
        false AS answered, p.given_at AS at_moment, t.from_at, p.reply_id AS call_id
    FROM permissions AS p
    JOIN told AS t
        ON t.phone_number_id = p.phone_number_id AND p.given_at >= t.from_at AND p.given_at < t.to_at
    JOIN month_windows AS w
        ON w.account IS NOT DISTINCT FROM p.account AND p.given_at >= w.from_at AND p.given_at < w.to_at
    WHERE p.automatic AND upper(t.callback_permission) = 'DISABLED'
)
SELECT
    rule, account, number, direction, count(*) AS calls, count(*) FILTER (answered) AS answered,
    count(*) FILTER (at_moment < from_at + INTERVAL 7 DAYS) AS within_7_days,
    min(at_moment) AS first_at, max(at_moment) AS last_at, min(call_id) AS example
FROM (
    FROM calls_against WHERE rule IS NOT NULL
    UNION ALL FROM out_of_hours
    UNION ALL FROM permissions_against
)
GROUP BY ALL
ORDER BY calls DESC, rule, account, number, direction
