-- month_calls (stage.sql) -> calls that nobody answered, the needs behind them, and who still waits.
-- Variables: fold_s, within how many seconds a further attempt is the same need and an answer in time;
-- as_of, up to when the store knows. Table `open_spans` (phone_number_id, utc_day, from_at, to_at) and
-- `hours_known` (phone_number_id, from_at, to_at) tell the call hours, where they are known.

-- Calls of a contact that nobody took. Nobody knows how a call without an end went on.
CREATE OR REPLACE TEMP TABLE lost_calls AS
WITH lost AS (
    FROM month_calls
    WHERE direction = 'inbound' AND disposition IN ('missed', 'declined', 'failed')
),
-- How long it rang: from the first event to the terminate, where there are two.
ended AS (
    SELECT e.call_id, max(e.event_at) AS ended_at
    FROM events AS e
    SEMI JOIN lost USING (call_id)
    WHERE e.kind = 'terminate' OR starts_with(e.kind, 'terminate:')
    GROUP BY e.call_id
),
in_hours AS (
    SELECT DISTINCT lost.call_id
    FROM lost
    JOIN open_spans AS s
        ON s.phone_number_id = lost.phone_number_id AND s.utc_day = lost.first_event_at::DATE
        AND lost.first_event_at >= s.from_at AND lost.first_event_at < s.to_at
),
known AS (
    SELECT DISTINCT lost.call_id
    FROM lost
    JOIN hours_known AS h
        ON h.phone_number_id = lost.phone_number_id
        AND lost.first_event_at >= h.from_at AND lost.first_event_at < h.to_at
)
SELECT
    lost.*,
    CASE WHEN ended.ended_at > lost.first_event_at
        THEN date_diff('second', lost.first_event_at, ended.ended_at) END AS ring_s,
    CASE WHEN in_hours.call_id IS NOT NULL THEN true WHEN known.call_id IS NOT NULL THEN false END AS in_hours
FROM lost
LEFT JOIN ended USING (call_id)
LEFT JOIN in_hours USING (call_id)
LEFT JOIN known USING (call_id);

-- Everything that passed with those who were not answered, from a week before the month on, or from as
-- long before as two attempts can be apart.
CREATE OR REPLACE TEMP TABLE seekers_calls AS
WITH seekers AS (
    SELECT DISTINCT account, person FROM lost_calls WHERE person IS NOT NULL
),
later AS (
    SELECT
        c.account, coalesce(p.person, a.contact, c.contact) AS person, c.call_id, c.direction,
        c.answered, c.disposition, c.first_event_at,
        -- When somebody was reached: the answer itself.
        CASE WHEN c.answered THEN c.started_at ELSE c.first_event_at END AS happened_at
    FROM ratable_calls AS c
    LEFT JOIN aliases AS a ON a.alias = c.contact
    LEFT JOIN persons AS p ON p.contact = coalesce(a.contact, c.contact)
    WHERE c.first_event_at >= (SELECT min(from_at) FROM month_windows) - to_seconds(greatest(604800, getvariable('fold_s')))
        AND (c.answered OR (c.direction = 'inbound' AND c.disposition IN ('missed', 'declined', 'failed'))
            OR c.disposition IN ('no_answer', 'rejected'))
)
SELECT later.*, NOT answered AND direction = 'inbound' AS lost, NOT answered AND direction = 'outbound' AS tried
FROM later
SEMI JOIN seekers ON seekers.account IS NOT DISTINCT FROM later.account AND seekers.person = later.person;

-- A need: attempts of one person with nobody answering in between, none later than fold_s after the one
-- before. It is met by the next answered call, either way.
CREATE OR REPLACE TEMP TABLE needs AS
WITH in_order AS (
    SELECT
        *,
        lost AND coalesce(
            NOT lag(lost) OVER lost_or_met
            OR happened_at > lag(happened_at) OVER lost_or_met + to_seconds(getvariable('fold_s')), true
        ) AS begins,
        min(CASE WHEN answered THEN {'at': happened_at, 'call_id': call_id, 'direction': direction} END) OVER (
            PARTITION BY account, person ORDER BY happened_at, call_id
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS met
    FROM seekers_calls
    WHERE NOT tried
    WINDOW lost_or_met AS (PARTITION BY account, person ORDER BY happened_at, call_id)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY account, person ORDER BY happened_at, call_id) AS need
    FROM in_order
),
folded AS (
    SELECT
        account, person, need, min(happened_at) AS first_at, max(happened_at) AS last_at, count(*) AS attempts,
        arg_min(call_id, (happened_at, call_id)) AS first_call_id, any_value(met) AS met
    FROM numbered
    WHERE lost
    GROUP BY account, person, need
)
SELECT
    f.account, f.person, f.first_at, f.last_at, f.attempts, f.first_call_id,
    f.met.at AS met_at, f.met.call_id AS met_call_id, f.met.direction AS met_direction,
    date_diff('second', f.first_at, f.met.at) AS waited_s,
    CASE
        WHEN f.met IS NULL THEN 'waiting'
        WHEN f.met.at > f.last_at + to_seconds(getvariable('fold_s')) THEN 'later'
        WHEN f.met.direction = 'outbound' THEN 'called back'
        ELSE 'called again'
    END AS outcome
FROM folded AS f
-- Needs that began in the month.
SEMI JOIN lost_calls ON lost_calls.call_id = f.first_call_id;

-- Lost calls of people without any name are needs of their own that nobody can be called back for.
INSERT INTO needs BY NAME
SELECT
    account, NULL AS person, first_event_at AS first_at, first_event_at AS last_at, 1 AS attempts,
    call_id AS first_call_id, 'nameless' AS outcome
FROM lost_calls
WHERE person IS NULL;
