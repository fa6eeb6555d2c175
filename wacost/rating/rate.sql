-- The set kernel: any number of calls of some months, priced from the compiled cards.
--
-- It is quote.py in SQL; a law test holds the two equal in every column. Amounts are integers of
-- 1/60 nano (HUGEINT), times are seconds since 1970 (BIGINT), flags are bits. Small tables named
-- rate_* are loaded by month.py; $... are its parameters; {...} is SQL that it generates from
-- integers and fixed words, never from what users write.

-- step: measure
-- One row per call of the months, with its moment, its card's version, and its seconds.
CREATE OR REPLACE TEMP TABLE rate_measured AS
WITH told AS (
    SELECT
        c.call_id, c.account, c.direction, c.contact, c.country, c.disposition, c.conflict,
        coalesce(c.terminate_status = 'FAILED', false) AS failed,
        epoch_us(c.first_event_at) // 1000000 AS first_s,
        epoch_us(c.started_at) // 1000000 AS start_s,
        epoch_us(c.ended_at) // 1000000 AS told_end_s,
        c.duration_s AS told_s,
        coalesce(a.plan_no, 0) AS plan_no,
        coalesce(a.portfolio_no, 0) AS portfolio_no,
        coalesce(a.month_of_start, false) AS month_of_start
    FROM {calls} AS c
    LEFT JOIN rate_account AS a ON a.account = c.account
    WHERE greatest(c.first_event_at, c.ended_at, c.started_at + to_seconds(coalesce(c.duration_s, 0)))
            >= $window_from
        AND least(c.first_event_at, c.started_at, c.ended_at) < $window_to
), timed AS (
    SELECT
        *,
        told_end_s - start_s AS span_s,
        CASE WHEN start_s IS NOT NULL THEN coalesce(told_end_s, start_s + told_s) END AS end_s
    FROM told
), dated AS (
    SELECT
        *,
        CASE
            WHEN start_s IS NULL THEN first_s
            WHEN month_of_start THEN start_s
            ELSE coalesce(end_s, start_s)
        END AS moment_s,
        CASE WHEN month_of_start THEN end_s ELSE start_s END AS other_s
    FROM timed
), placed AS (
    SELECT
        m.*, d.month, d.card_no, d.version,
        coalesce(other_s < d.period_from_s OR other_s >= d.period_to_s, false) AS crosses
    FROM dated AS m
    JOIN rate_day AS d
        ON d.plan_no = m.plan_no
        AND d.day = m.moment_s // 86400
        AND m.moment_s >= d.from_s
        AND m.moment_s < d.to_s
), compared AS (
    -- Where would the call's other end have put it? In another month or card, or version?
    SELECT
        p.*,
        p.crosses AND (o.month IS DISTINCT FROM p.month OR o.card_no IS DISTINCT FROM p.card_no)
            AS month_decided,
        CASE
            WHEN p.crosses AND o.month = p.month AND o.card_no = p.card_no THEN o.version
        END AS other_version
    FROM placed AS p
    LEFT JOIN rate_day AS o
        ON o.plan_no = p.plan_no
        AND o.day = CASE WHEN p.crosses THEN p.other_s // 86400 END
        AND p.other_s >= o.from_s
        AND p.other_s < o.to_s
), judged AS (
    SELECT
        p.*, k.first_increment_s, k.next_increment_s, k.zero_free, k.failed_free, k.accrues_actual,
        CASE
            WHEN told_s IS NOT NULL AND abs(span_s - told_s) > 1 AND k.conflict_times THEN span_s
            ELSE coalesce(told_s, span_s)
        END AS raw_s,
        coalesce(told_s IS NOT NULL AND span_s >= 0 AND abs(span_s - told_s) > 1, false)
            AS contradicts,
        k.conflict_holds
    FROM compared AS p
    JOIN rate_card AS k USING (card_no)
)
SELECT
    call_id, account, month, direction, country, portfolio_no, j.card_no, version,
    other_version,
    {node} AS node,
    end_s, raw_s, first_increment_s, next_increment_s, accrues_actual,
    CASE
        WHEN plan_no = 0 THEN 'no_account'
        WHEN conflict THEN 'held'
        WHEN start_s IS NULL AND disposition IN ('open', 'incomplete') THEN disposition
        WHEN start_s IS NULL THEN 'unanswered'
        WHEN raw_s IS NULL OR span_s < 0 OR (contradicts AND conflict_holds) THEN 'held'
    END AS gate,
    plan_no > 0 AND start_s IS NOT NULL AND NOT conflict AND contradicts AS conflict_decided,
    plan_no > 0 AND start_s IS NOT NULL AND month_decided AS month_decided,
    failed,
    CASE WHEN raw_s = 0 THEN zero_free ELSE failed AND failed_free END AS nothing_billed
FROM judged AS j
{node_joins};

-- step: combinations
-- What has to be looked up in a compiled card, once each.
SELECT card_no, version, direction, node, country
FROM rate_measured
WHERE gate IS NULL
GROUP BY ALL
UNION
SELECT card_no, other_version, direction, node, country
FROM rate_measured
WHERE gate IS NULL AND other_version IS NOT NULL
GROUP BY ALL
ORDER BY ALL;

-- step: route
-- Status, increments and accrual of every call; rate_route holds the answers of the cards.
CREATE OR REPLACE TEMP TABLE rate_routed AS
WITH pulsed AS (
    SELECT
        *,
        CASE
            WHEN nothing_billed THEN 0
            ELSE 1 + (greatest(0, raw_s - first_increment_s) + next_increment_s - 1)
                // next_increment_s
        END AS pulses
    FROM rate_measured
)
SELECT
    p.call_id, p.account, p.month, p.direction, p.country, p.portfolio_no, p.card_no, p.end_s,
    r.market, r.group_no, r.set_no, r.first_bound_s, r.effective_from,
    coalesce(p.gate, r.status) AS status,
    CASE WHEN r.set_no IS NOT NULL THEN p.pulses END AS pulses,
    CASE
        WHEN r.set_no IS NULL THEN NULL
        WHEN p.pulses = 0 THEN 0
        ELSE p.first_increment_s + (p.pulses - 1) * p.next_increment_s
    END AS billed_s,
    CASE
        WHEN coalesce(r.status <> 'rated', true) THEN NULL
        WHEN p.accrues_actual AND p.pulses > 0 THEN p.raw_s
        ELSE billed_s
    END AS accrues_s,
    16 * (p.conflict_decided AND (p.gate IS NOT NULL OR r.set_no IS NOT NULL))::UTINYINT
    + 2 * (
        p.month_decided
        OR (
            p.gate IS NULL
            AND p.other_version IS NOT NULL
            AND (r.rates_no IS DISTINCT FROM o.rates_no OR r.market IS DISTINCT FROM o.market)
        )
    )::UTINYINT
    + CASE
        WHEN p.gate IS NOT NULL THEN 0
        WHEN r.set_no IS NULL THEN r.unknown::UTINYINT
        WHEN p.raw_s = 0 THEN 4
        WHEN p.failed THEN 8
        ELSE 0
    END AS flag_bits
FROM pulsed AS p
LEFT JOIN rate_route AS r
    ON p.gate IS NULL
    AND r.card_no = p.card_no
    AND r.version = p.version
    AND r.direction_key = coalesce(p.direction, '')
    AND r.node = p.node
    AND r.country_key = coalesce(p.country, '')
LEFT JOIN rate_route AS o
    ON o.card_no = CASE WHEN p.gate IS NULL THEN p.card_no END
    AND o.version = p.other_version
    AND o.direction_key = coalesce(p.direction, '')
    AND o.node = p.node
    AND o.country_key = coalesce(p.country, '');

-- step: price
-- Seconds accrue per portfolio, group and month in the order (end, call id as bytes); the band that
-- holds the call's last second prices the whole call.
CREATE OR REPLACE TEMP TABLE rate_priced AS
WITH running AS (
    SELECT
        *,
        sum(accrues_s) OVER (
            PARTITION BY portfolio_no, group_no, month
            ORDER BY end_s, call_id
            ROWS UNBOUNDED PRECEDING
        ) AS after_s
    FROM rate_routed
    WHERE status = 'rated'
    UNION ALL
    SELECT *, NULL FROM rate_routed WHERE status <> 'rated'
)
SELECT
    c.call_id, c.account, c.month, c.direction, c.country, c.market, c.status, c.card_no, c.set_no,
    c.flag_bits + coalesce(b.unknown, false)::UTINYINT AS flag_bits,
    c.billed_s, c.pulses, c.after_s - c.accrues_s AS seconds_before,
    CASE WHEN b.set_no IS NULL THEN s.from_minutes ELSE b.from_minutes END AS from_minutes,
    CASE WHEN b.set_no IS NULL THEN s.rate_nanos ELSE b.rate_nanos END AS rate_nanos,
    CASE
        WHEN c.status = 'unanswered' THEN 0
        ELSE c.billed_s::HUGEINT
            * CASE WHEN b.set_no IS NULL THEN s.rate_nanos ELSE b.rate_nanos END
    END AS amount_units,
    c.effective_from
FROM running AS c
LEFT JOIN rate_set AS s
    ON s.set_no = c.set_no
LEFT JOIN rate_band AS b
    ON b.set_no = CASE WHEN c.after_s > c.first_bound_s THEN c.set_no END
    AND c.after_s > b.from_s
    AND c.after_s <= b.to_s;

-- step: keep
-- The charges of the months and side, in place of those that stood there.
INSERT INTO charge_rows
SELECT
    p.call_id, p.account, $side, k.name, p.month, p.direction, p.country, p.market, p.status,
    p.flag_bits::UTINYINT,
    CASE WHEN p.status = 'unanswered' THEN 0 ELSE p.billed_s END,
    CASE WHEN p.status = 'unanswered' THEN 0 ELSE p.pulses END,
    p.from_minutes, p.seconds_before, p.rate_nanos,
    CASE WHEN p.rate_nanos IS NOT NULL THEN 0 END,
    p.amount_units,
    {amount},
    k.currency, p.effective_from, k.checksum, NULL
FROM rate_priced AS p
JOIN rate_card AS k USING (card_no);
