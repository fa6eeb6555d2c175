-- Calls of the month that contradict the settings of their number, and permissions that arose while the
-- settings did not let them. Clients may take up to 7 days to follow: what came so soon is told apart.
-- `all_settings` (settings_staged.sql): a setting may be told again, and holds since it was told first.
WITH turns AS (
    SELECT
        *,
        CASE WHEN calling IS DISTINCT FROM lag(calling) OVER in_time THEN event_at END AS calling_turned,
        CASE WHEN inbound IS DISTINCT FROM lag(inbound) OVER in_time THEN event_at END AS inbound_turned,
        CASE WHEN call_icon IS DISTINCT FROM lag(call_icon) OVER in_time THEN event_at END AS icon_turned,
        CASE WHEN only_countries IS DISTINCT FROM lag(only_countries) OVER in_time THEN event_at END AS countries_turned,
        CASE WHEN callback_permission IS DISTINCT FROM lag(callback_permission) OVER in_time THEN event_at END
            AS callback_turned
    FROM all_settings
    WINDOW in_time AS (PARTITION BY phone_number_id ORDER BY event_at)
),
told AS (
    SELECT
        phone_number_id, calling, inbound, call_icon, callback_permission, only_countries, event_at AS from_at,
        lead(event_at, 1, TIMESTAMP '9999-01-01') OVER (PARTITION BY phone_number_id ORDER BY event_at) AS to_at,
        max(calling_turned) OVER so_far AS calling_since, max(inbound_turned) OVER so_far AS inbound_since,
        max(icon_turned) OVER so_far AS icon_since, max(countries_turned) OVER so_far AS countries_since,
        max(callback_turned) OVER so_far AS callback_since
    FROM turns
    WINDOW so_far AS (PARTITION BY phone_number_id ORDER BY event_at ROWS UNBOUNDED PRECEDING)
),
-- Icons say nothing about calls by a link or a call button; they are told as doubtful.
calls_against AS (
    SELECT
        CASE
            WHEN upper(t.calling) = 'DISABLED' THEN {'rule': 'calling is off', 'since': calling_since}
            WHEN c.direction = 'inbound' AND t.inbound = 'DISABLED'
                THEN {'rule': 'inbound calls are off', 'since': inbound_since}
            WHEN c.direction = 'inbound' AND len(t.only_countries) > 0 AND NOT list_contains(t.only_countries, c.country)
                THEN {'rule': 'country not allowed', 'since': countries_since}
            WHEN c.direction = 'inbound' AND upper(t.call_icon) = 'DISABLE_ALL'
                THEN {'rule': 'call icons are hidden', 'since': icon_since}
        END AS against,
        c.account, c.number, c.direction, c.answered, c.first_event_at AS at_moment, c.call_id
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
        'callback permission is off' AS rule, p.account, coalesce(n.number, p.phone_number_id) AS number,
        'inbound' AS direction, false AS answered, p.given_at AS at_moment, t.callback_since AS from_at,
        p.reply_id AS call_id
    FROM permissions AS p
    JOIN told AS t
        ON t.phone_number_id = p.phone_number_id AND p.given_at >= t.from_at AND p.given_at < t.to_at
    JOIN month_windows AS w
        ON w.account IS NOT DISTINCT FROM p.account AND p.given_at >= w.from_at AND p.given_at < w.to_at
    LEFT JOIN (SELECT phone_number_id, max(number) AS number FROM month_calls GROUP BY ALL) AS n
        ON n.phone_number_id = p.phone_number_id
    WHERE p.automatic AND upper(t.callback_permission) = 'DISABLED'
)
SELECT
    rule, account, number, direction, count(*) AS calls, count(*) FILTER (answered) AS answered,
    count(*) FILTER (at_moment < from_at + INTERVAL 7 DAYS) AS within_7_days,
    min(at_moment) AS first_at, max(at_moment) AS last_at, min(call_id) AS example
FROM (
    FROM out_of_hours
    UNION ALL BY NAME
    SELECT against.rule, against.since AS from_at, * EXCLUDE (against) FROM calls_against WHERE against IS NOT NULL
    UNION ALL BY NAME FROM permissions_against
)
GROUP BY ALL
ORDER BY calls DESC, rule, account, number, direction
