-- month_calls, lost_calls, needs -> how many calls of one number ran at once, which calls were missed
-- meanwhile, and how many people would have had to be there. Variable: talk_s, the seconds that a call
-- would have lasted which nobody took (as answered ones did, on average).

-- Talks as they were. Within a second an end comes before the look, the look before a beginning.
CREATE OR REPLACE TEMP TABLE talks AS
WITH points AS (
    SELECT number, started_at AS point_at, 2 AS place, 1 AS step, NULL AS call_id
    FROM month_calls WHERE answered
    UNION ALL
    SELECT
        number, coalesce(ended_at, started_at + to_seconds(talk_s), started_at) AS over_at,
        CASE WHEN over_at > started_at THEN 0 ELSE 3 END, -1, NULL
    FROM month_calls WHERE answered
    UNION ALL
    SELECT number, first_event_at, 1, 0, call_id FROM lost_calls
)
SELECT
    *, sum(step) OVER (PARTITION BY number ORDER BY point_at, place ROWS UNBOUNDED PRECEDING) AS running
FROM points;

-- Who needs an answer: each call as long as it kept somebody busy, from its first ring; of calls that
-- nobody took the first attempt of each need, for as long as a talk lasts on average.
CREATE OR REPLACE TEMP TABLE arrivals AS
WITH wanted AS (
    SELECT
        account, number, call_id, direction, first_event_at AS from_at,
        greatest(first_event_at, coalesce(ended_at, started_at + to_seconds(talk_s), started_at)) AS to_at
    FROM month_calls
    WHERE answered
    UNION ALL
    SELECT l.account, l.number, l.call_id, l.direction, l.first_event_at, l.first_event_at + to_seconds(getvariable('talk_s'))
    FROM lost_calls AS l
    SEMI JOIN needs ON needs.first_call_id = l.call_id
),
points AS (
    SELECT account, number, from_at AS point_at, 2 AS place, 1 AS step, false AS arrives FROM wanted
    UNION ALL
    SELECT account, number, to_at, CASE WHEN to_at > from_at THEN 0 ELSE 3 END, -1, false FROM wanted
    UNION ALL
    SELECT account, number, from_at, 1, 0, true FROM wanted WHERE direction = 'inbound'
)
SELECT
    account, number, arrives,
    1 + sum(step) OVER (PARTITION BY number ORDER BY point_at, place ROWS UNBOUNDED PRECEDING) AS of_number,
    1 + sum(step) OVER (PARTITION BY account ORDER BY point_at, place ROWS UNBOUNDED PRECEDING) AS of_account
FROM points;

-- One row per number: the most talks at once and when; calls missed while another ran.
CREATE OR REPLACE TEMP TABLE number_load AS
WITH peaks AS (
    SELECT
        number, coalesce(max(running), 0)::BIGINT AS peak,
        arg_max(point_at, (running, -epoch_us(point_at))) FILTER (step = 1) AS peak_at,
        count(*) FILTER (call_id IS NOT NULL AND running > 0) AS missed_while_busy
    FROM talks
    GROUP BY number
),
agents AS (
    SELECT
        number, quantile_disc(of_number, [0.8, 0.9, 0.95, 1.0]) FILTER (arrives)::BIGINT[] AS agents
    FROM arrivals
    GROUP BY number
)
SELECT
    (SELECT max(account) FROM month_calls AS c WHERE c.number IS NOT DISTINCT FROM peaks.number) AS account,
    peaks.*, agents.agents
FROM peaks
LEFT JOIN agents ON agents.number IS NOT DISTINCT FROM peaks.number;

-- The same people for all numbers of an account.
CREATE OR REPLACE TEMP TABLE account_load AS
SELECT account, quantile_disc(of_account, [0.8, 0.9, 0.95, 1.0]) FILTER (arrives)::BIGINT[] AS agents
FROM arrivals
GROUP BY account;

-- Over the hours of the day: the most talks at once, local to the account.
CREATE OR REPLACE TEMP TABLE hour_load AS
WITH begun AS (
    SELECT t.number, t.point_at, t.running, c.account
    FROM talks AS t
    JOIN (SELECT number, max(account) AS account FROM month_calls GROUP BY number) AS c
        ON c.number IS NOT DISTINCT FROM t.number
    WHERE t.step = 1
)
SELECT hour(point_at + to_seconds(k.offset_s)) AS hour, number, max(running)::BIGINT AS peak
FROM begun
JOIN clocks AS k
    ON k.account IS NOT DISTINCT FROM begun.account AND point_at >= k.from_at AND point_at < k.to_at
GROUP BY ALL
ORDER BY ALL;
