-- Who answered: by `typed_agents` (call_id, tracking, agent), else by a tracking text like agent=Ana. An
-- agent's day is local to the account, from the first of its calls to the end of the last.
WITH said AS (
    SELECT
        c.account, coalesce(by_id.agent, by_tracking.agent, nullif(regexp_extract(c.tracking, '^agent[=:]\s*(.+)$', 1), ''))
            AS agent,
        c.call_id, c.direction, c.started_at, coalesce(c.ended_at, c.started_at + to_seconds(c.talk_s), c.started_at) AS ended_at,
        c.talk_s, c.local_at::DATE AS day
    FROM month_calls AS c
    LEFT JOIN typed_agents AS by_id ON by_id.call_id = c.call_id
    LEFT JOIN typed_agents AS by_tracking ON by_tracking.tracking = c.tracking
    WHERE c.answered
),
-- Nobody talks to two at once: a call that begins while one of the same agent runs is wrong, or his name is.
checked AS (
    SELECT
        *, coalesce(started_at < max(ended_at) OVER (
            PARTITION BY agent ORDER BY started_at, ended_at, call_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), false) AND agent IS NOT NULL AS overlaps
    FROM said
),
days AS (
    SELECT account, agent, day, date_diff('second', min(started_at), max(ended_at)) AS span_s
    FROM checked
    GROUP BY ALL
),
spans AS (
    SELECT account, agent, count(*) AS days, sum(span_s)::BIGINT AS span_s FROM days GROUP BY ALL
)
SELECT
    k.account, k.agent,
    count(*) AS handled,
    count(*) FILTER (k.direction = 'inbound') AS inbound,
    count(*) FILTER (k.direction = 'outbound') AS outbound,
    coalesce(sum(k.talk_s), 0)::BIGINT AS total_talk_s,
    any_value(s.days) AS active_days,
    any_value(s.span_s) AS total_span_s,
    CASE WHEN k.agent IS NOT NULL THEN least(percent(total_talk_s, total_span_s), 100.0) END AS occupancy,
    count(*) FILTER (k.overlaps) AS at_once,
    min(k.call_id) FILTER (k.overlaps) AS at_once_example
FROM checked AS k
JOIN spans AS s ON s.account IS NOT DISTINCT FROM k.account AND s.agent IS NOT DISTINCT FROM k.agent
GROUP BY k.account, k.agent
ORDER BY k.account NULLS LAST, k.agent IS NULL, handled DESC, k.agent
