-- Calls that tables tell of -> which of them webhooks (or another table) tell of too. Worked out anew
-- from the stored calls, so that the order in which sources came cannot matter. Runs inside a
-- transaction, and only where a table was ever loaded. Reads `source_rules`; writes `superseded`,
-- `held` of doubtful calls, and what the quarantine says of them.
DELETE FROM superseded;

-- What a person says is the same call as another is compared with no call any more.
INSERT INTO superseded
SELECT call_id, same_as FROM decisions
WHERE outcome = 'same' AND same_as IN (SELECT call_id FROM call_rows);

-- Calls that nothing but tables tells of, with the mapping that read them.
CREATE OR REPLACE TEMP TABLE imported AS
WITH tables AS (SELECT source, format[9:] AS teller FROM sources WHERE starts_with(format, 'imports.')),
told AS (SELECT call_id, min(teller) AS teller FROM events JOIN tables USING (source) GROUP BY call_id)
SELECT told.*
FROM told
ANTI JOIN (
    SELECT call_id FROM events SEMI JOIN told USING (call_id) ANTI JOIN tables USING (source)
) AS elsewhere USING (call_id);

-- Every call near an imported one. first_s and start_s are what two calls are compared by.
CREATE OR REPLACE TEMP TABLE near_imports AS
WITH placed AS (
    SELECT
        c.call_id, coalesce(i.teller, 'webhooks') AS teller, c.account, c.direction, c.country,
        c.phone_number_id, c.business_number, c.contact_user_id,
        CASE WHEN regexp_full_match(c.contact, '[0-9]+') THEN c.contact END AS number,
        epoch_us(c.first_event_at) // 1000000 AS first_s,
        epoch_us(c.started_at) // 1000000 AS start_s,
        -- NULL where the outcome is not known: it agrees with any.
        CASE
            WHEN c.disposition NOT IN ('open', 'incomplete', 'unknown')
                AND coalesce(c.held, '') NOT IN ('outcome_not_told', 'pickup_not_told')
                THEN c.answered
        END AS answered,
        CASE WHEN c.answered THEN coalesce(
            c.duration_s, epoch_us(c.ended_at) // 1000000 - epoch_us(c.started_at) // 1000000
        ) END AS seconds,
        c.source, c.line
    FROM ratable_calls AS c
    LEFT JOIN imported AS i USING (call_id)
),
span AS (
    SELECT min(least(first_s, start_s)) - 120 AS low, max(greatest(first_s, start_s)) + 120 AS high
    FROM placed WHERE teller <> 'webhooks'
)
SELECT placed.* FROM placed CROSS JOIN span
WHERE greatest(first_s, start_s) >= low AND least(first_s, start_s) <= high;

-- Pairs of an imported call (x) and one of another teller (y) within two minutes: by pick-up where
-- both have one, else by their first moments. Of two tables x is of the one whose name comes later.
CREATE OR REPLACE TEMP TABLE pairs AS
WITH timed AS (
    SELECT *, true AS by_pickup, start_s AS at_s FROM near_imports WHERE start_s IS NOT NULL
    UNION ALL
    SELECT *, false, first_s FROM near_imports
),
spread AS (
    SELECT timed.*, at_s // 120 + step AS bucket
    FROM timed CROSS JOIN (VALUES (-1), (0), (1)) AS steps (step)
    WHERE teller <> 'webhooks'
)
SELECT
    x.call_id AS x, y.call_id AS y, x.teller AS x_teller, y.teller AS y_teller,
    coalesce(y.account, x.account) AS account, x.at_s AS at_s,
    abs(x.at_s - y.at_s) <= 2 AS is_close,
    coalesce(x.answered = y.answered, true) AND coalesce(abs(x.seconds - y.seconds) <= 1, true) AS agrees,
    x.source, x.line
FROM spread AS x
JOIN timed AS y
    ON y.at_s // 120 = x.bucket AND y.by_pickup = x.by_pickup
    AND y.direction IS NOT DISTINCT FROM x.direction
WHERE (y.teller = 'webhooks' OR y.teller < x.teller)
    AND abs(x.at_s - y.at_s) <= 120
    AND (x.by_pickup OR x.start_s IS NULL OR y.start_s IS NULL)
    AND CASE
        WHEN x.number IS NOT NULL AND y.number IS NOT NULL THEN x.number = y.number
        WHEN x.contact_user_id IS NOT NULL AND y.contact_user_id IS NOT NULL
            THEN x.contact_user_id = y.contact_user_id
        ELSE x.country = y.country
    END
    AND coalesce(x.phone_number_id = y.phone_number_id, true)
    AND coalesce(x.business_number = y.business_number, true);

-- A pair is the same call where each of the two has no other so close, and they agree.
CREATE OR REPLACE TEMP TABLE judged_pairs AS
SELECT
    *,
    is_close AND agrees
        AND count(*) FILTER (is_close) OVER (PARTITION BY x, y_teller) = 1
        AND count(*) FILTER (is_close) OVER (PARTITION BY y, x_teller) = 1 AS is_same,
    bool_or(is_close) OVER (PARTITION BY x, y_teller) AS x_has_close
FROM pairs;

-- Webhooks win, then the table whose name comes first, unless a rule names another.
INSERT INTO superseded
WITH decided AS (
    SELECT
        p.x, p.y,
        (SELECT min(r.source) FROM source_rules AS r
            WHERE r.account = p.account AND make_timestamp(p.at_s * 1000000) >= r.from_at
                AND make_timestamp(p.at_s * 1000000) < r.to_at) = p.x_teller AS x_wins
    FROM judged_pairs AS p
    WHERE p.is_same
)
SELECT call_id, min(by_call_id)
FROM (
    SELECT CASE WHEN coalesce(x_wins, false) THEN y ELSE x END AS call_id,
        CASE WHEN coalesce(x_wins, false) THEN x ELSE y END AS by_call_id
    FROM decided
)
GROUP BY call_id;

-- Doubtful: so close to several, or to one that says otherwise; or only near to one that is no
-- other's match.
CREATE OR REPLACE TEMP TABLE doubtful AS
SELECT x AS call_id, min(source) AS source, min(line) AS line, min(y) AS other
FROM judged_pairs
WHERE NOT is_same
    AND (is_close OR (NOT x_has_close AND (y, x_teller) NOT IN (
        SELECT (y, x_teller) FROM judged_pairs WHERE is_same
    )))
    AND x NOT IN (SELECT call_id FROM superseded)
GROUP BY x;

UPDATE call_rows SET held = NULL, conflict = false
WHERE held = 'doubtful_match' AND call_id NOT IN (SELECT call_id FROM doubtful);

UPDATE call_rows SET held = 'doubtful_match', conflict = true
WHERE held IS NULL AND call_id IN (SELECT call_id FROM doubtful)
    AND call_id NOT IN (SELECT call_id FROM decisions);

DELETE FROM quarantine WHERE reason = 'doubtful_match' AND state = 'open';

INSERT INTO quarantine
SELECT source, line, 0, 'doubtful_match', {doubtful} || ' (' || other || ')', call_id, '', 'open'
FROM doubtful
WHERE call_id NOT IN (SELECT call_id FROM quarantine WHERE reason = 'doubtful_match');
