-- Calls that tables tell of -> pairs of calls that may be one. Worked out anew from the stored calls, so
-- that the order in which sources came cannot matter. Runs inside a transaction, and only where a table
-- was ever loaded. Reads the macro `token` (a name as it is compared); writes `superseded`, makes `pairs`.
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
        c.phone_number_id, c.business_number, c.contact, c.contact_user_id,
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
    WHERE EXISTS (FROM imported)
),
span AS (
    SELECT min(least(first_s, start_s)) - 120 AS low, max(greatest(first_s, start_s)) + 120 AS high
    FROM placed WHERE teller <> 'webhooks'
),
near AS (
    SELECT
        placed.* EXCLUDE (contact, contact_user_id),
        coalesce(regexp_full_match(contact, '([A-Z]{2}\.)?redacted\.[0-9a-f]{32}'), false) AS is_gone,
        regexp_full_match(contact, '[0-9]+') AS is_number,
        contact IN (SELECT name FROM redacted_names WHERE kind = 'number') AS is_keyed_number,
        contact, contact_user_id
    FROM placed CROSS JOIN span
    WHERE greatest(first_s, start_s) >= low AND least(first_s, start_s) <= high
)
SELECT
    near.* EXCLUDE (is_number, is_keyed_number, contact, contact_user_id),
    CASE WHEN is_number THEN token(contact) WHEN is_keyed_number THEN right(contact, 32) END AS number,
    -- Of one that is gone: a hash of nobody knows what, unless it is a number's.
    CASE WHEN NOT is_gone THEN token(contact_user_id) WHEN NOT is_keyed_number THEN right(contact, 32) END AS user_id,
    call_id IN (SELECT unnest([call_id, other_id]) FROM compared) AS is_compared
FROM near;

-- Pairs of an imported call (x) and one of another teller (y) within two minutes: by pick-up where
-- both have one, else by their first moments. Of two tables x is of the one whose name comes later.
-- likeness: alike by a number, a user id, or the country where a call tells no more; gone where one had
-- a name that is not comparable any more, so that nobody can say. What was known before it went stands.
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
),
near AS (
    SELECT
        x.call_id AS x, y.call_id AS y, x.teller AS x_teller, y.teller AS y_teller,
        coalesce(y.account, x.account) AS account, x.at_s AS at_s,
        abs(x.at_s - y.at_s) <= 2 AS is_close,
        coalesce(x.answered = y.answered, true) AND coalesce(abs(x.seconds - y.seconds) <= 1, true) AS agrees,
        x.source, x.line,
        CASE
            WHEN x.number IS NOT NULL AND y.number IS NOT NULL
                THEN CASE WHEN x.number = y.number THEN 'alike' ELSE 'apart' END
            WHEN (x.is_gone OR y.is_gone) AND coalesce(x.number, x.user_id) IS NOT NULL
                AND coalesce(y.number, y.user_id) IS NOT NULL
                THEN CASE
                    WHEN coalesce(x.user_id = y.user_id, false) OR coalesce(x.user_id = y.number, false)
                        OR coalesce(x.number = y.user_id, false) THEN 'alike'
                    WHEN x.country = y.country THEN 'gone'
                    ELSE 'apart'
                END
            WHEN x.user_id IS NOT NULL AND y.user_id IS NOT NULL
                THEN CASE WHEN x.user_id = y.user_id THEN 'alike' ELSE 'apart' END
            WHEN x.country = y.country THEN 'alike'
            ELSE 'apart'
        END AS likeness,
        x.is_compared AND y.is_compared AS may_be_compared
    FROM spread AS x
    JOIN timed AS y
        ON y.at_s // 120 = x.bucket AND y.by_pickup = x.by_pickup
        AND y.direction IS NOT DISTINCT FROM x.direction
    WHERE (y.teller = 'webhooks' OR y.teller < x.teller)
        AND abs(x.at_s - y.at_s) <= 120
        AND (x.by_pickup OR x.start_s IS NULL OR y.start_s IS NULL)
        AND coalesce(x.phone_number_id = y.phone_number_id, true)
        AND coalesce(x.business_number = y.business_number, true)
        AND (likeness <> 'apart' OR may_be_compared)
),
known AS (
    FROM compared
    UNION
    SELECT other_id, call_id, likeness FROM compared
)
SELECT near.* EXCLUDE (may_be_compared) REPLACE (coalesce(known.likeness, near.likeness) AS likeness)
FROM near LEFT JOIN known ON known.call_id = x AND known.other_id = y
WHERE coalesce(known.likeness, near.likeness) <> 'apart';

-- And a call that is told again after its contact was forgotten: by the same teller, in all but the name
-- the very same. x is the one that came later, or that was told so while it had a name.
INSERT INTO pairs
WITH forgotten AS (
    FROM call_rows WHERE contact IN (SELECT name FROM redacted_names WHERE kind = 'forgotten')
),
again AS (
    SELECT x.call_id AS x, y.call_id AS y
    FROM call_rows AS x
    JOIN forgotten AS y
        ON x.first_event_at = y.first_event_at AND x.country = y.country
        AND x.started_at IS NOT DISTINCT FROM y.started_at
        AND coalesce(x.duration_s, date_diff('second', x.started_at, x.ended_at))
            IS NOT DISTINCT FROM coalesce(y.duration_s, date_diff('second', y.started_at, y.ended_at))
        AND x.direction IS NOT DISTINCT FROM y.direction
        AND x.phone_number_id IS NOT DISTINCT FROM y.phone_number_id
    WHERE NOT regexp_full_match(x.contact, '([A-Z]{2}\.)?redacted\.[0-9a-f]{32}')
        AND (x.call_id, y.call_id) NOT IN (SELECT (call_id, other_id) FROM compared)
    UNION ALL
    SELECT call_id, other_id FROM compared WHERE likeness = 'gone'
),
told AS (
    SELECT
        again.*, coalesce(i.teller, 'webhooks') AS x_teller, coalesce(j.teller, 'webhooks') AS y_teller
    FROM again
    LEFT JOIN imported AS i ON i.call_id = x
    LEFT JOIN imported AS j ON j.call_id = y
    WHERE x_teller = y_teller
)
SELECT
    x, y, x_teller, y_teller, NULL, epoch_us(first_event_at) // 1000000, true, true, source, line, 'gone'
FROM told
JOIN call_rows ON call_rows.call_id = x
WHERE x NOT IN (SELECT call_id FROM superseded) AND y IN (SELECT call_id FROM call_rows);
