-- Customer service windows that opened in the month, by account: by what, and how long they stayed open.
SELECT
    s.account,
    count(*) AS windows,
    count(DISTINCT s.contact) AS contacts,
    count(*) FILTER (s.messages = 0) AS by_calls_alone,
    count(*) FILTER (s.messages = 0 AND s.outbound_calls = 0) AS by_inbound_calls_alone,
    count(*) FILTER (s.messages > 0 AND s.inbound_calls + s.outbound_calls > 0) AS by_both,
    percent(count(*) FILTER (s.messages = 0), count(*)) AS calls_alone,
    wilson_bound(count(*) FILTER (s.messages = 0), count(*), -1) AS calls_alone_low,
    wilson_bound(count(*) FILTER (s.messages = 0), count(*), 1) AS calls_alone_high,
    quantile_disc(date_diff('second', s.opened_at, s.closes_at), 0.5) AS open_s,
    max(date_diff('second', s.opened_at, s.closes_at)) AS longest_s
FROM windows_from((SELECT min(from_at) FROM month_windows)) AS s
JOIN month_windows AS w
    ON w.account IS NOT DISTINCT FROM s.account AND s.opened_at >= w.from_at AND s.opened_at < w.to_at
GROUP BY s.account
ORDER BY s.account NULLS LAST
