-- The set kernel: any number of calls of some months, priced from the compiled cards.
--
-- It is quote.py in SQL; a law test holds the two equal in every column. Amounts are integers of
-- 1/60 nano (HUGEINT), times are seconds since 1970 (BIGINT), flags are bits. Between the steps a
-- call is a row of small integers: text waits in the tables named rate_*, which month.py loads.
-- $... are parameters; {...} is SQL that month.py makes of integers and fixed words, never of what
-- users write.

-- step: combinations
-- What has to be looked up in the compiled cards, once each.
SELECT c.card_no, c.direction, c.country, {node} AS node
FROM (
    SELECT a.card_no, c.direction, c.country, c.contact
    FROM {calls} AS c
    JOIN rate_account_card AS a ON a.account IS NOT DISTINCT FROM c.account
) AS c
{node_joins}
GROUP BY ALL
ORDER BY ALL;

-- step: route
-- One row per call of the months: where it goes, how many seconds it is billed, what decided.
CREATE OR REPLACE TEMP TABLE rate_routed AS
WITH told AS (
    SELECT
        c.call_id, c.direction, c.country, c.contact, c.disposition, c.conflict,
        coalesce(c.terminate_status = 'FAILED', false) AS failed,
        epoch_us(c.first_event_at) // 1000000 AS first_s,
        epoch_us(c.started_at) // 1000000 AS start_s,
        epoch_us(c.ended_at) // 1000000 AS told_end_s,
        c.duration_s AS told_s,
        a.account_no, a.plan_no, a.portfolio_no, a.month_of_start
    FROM {calls} AS c
    JOIN rate_account AS a ON a.account IS NOT DISTINCT FROM c.account
    WHERE least(c.first_event_at, c.started_at, c.ended_at) < $window_to
        AND (
            greatest(c.first_event_at, c.started_at, c.ended_at) >= $window_from
            OR (c.ended_at IS NULL AND c.started_at IS NOT NULL)
        )
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
        c.*, d.month_no, d.card_no, d.version,
        coalesce(other_s < d.period_from_s OR other_s >= d.period_to_s, false) AS crosses,
        k.first_increment_s, k.next_increment_s, k.zero_free, k.failed_free, k.accrues_actual,
        k.conflict_holds, k.parted,
        coalesce(span_s >= 0 AND abs(span_s - told_s) > 1 AND NOT conflict, false) AS contradicts,
        CASE WHEN k.conflict_times AND abs(span_s - told_s) > 1 THEN span_s
            ELSE coalesce(told_s, span_s) END AS raw_s
    FROM dated AS c
    JOIN rate_day AS d
        ON d.plan_no = c.plan_no
        AND d.day = c.moment_s // 86400
        AND c.moment_s >= d.from_s
        AND c.moment_s < d.to_s
    JOIN rate_card AS k USING (card_no)
), gated AS (
    SELECT
        *,
        CASE
            WHEN plan_no = 0 THEN 1
            WHEN conflict THEN 2
            WHEN start_s IS NULL AND disposition = 'open' THEN 3
            WHEN start_s IS NULL AND disposition = 'incomplete' THEN 4
            WHEN start_s IS NULL THEN 5
            WHEN raw_s IS NULL OR span_s < 0 OR (contradicts AND conflict_holds) THEN 2
            ELSE 0
        END AS gate,
        CASE
            WHEN CASE WHEN raw_s = 0 THEN zero_free ELSE failed AND failed_free END THEN 0
            ELSE 1 + (greatest(0, raw_s - first_increment_s) + next_increment_s - 1)
                // next_increment_s
        END AS pulses
    FROM placed
), routed AS (
    SELECT
        c.*, r.route_no, r.set_no, r.status_no, r.unknown,
        CASE WHEN c.pulses = 0 THEN 0
            ELSE c.first_increment_s + (c.pulses - 1) * c.next_increment_s END AS billed_s
    FROM (SELECT c.*, {node} AS node FROM gated AS c {node_joins}) AS c
    JOIN rate_route AS r
        ON r.card_no = c.card_no
        AND r.version = c.version
        AND r.direction_key = coalesce(c.direction, '')
        AND r.country_key = coalesce(c.country, '')
        AND r.node = c.node
)
SELECT
    call_id, account_no, month_no, route_no, end_s,
    CASE WHEN gate = 0 THEN status_no ELSE gate END::UTINYINT AS status_no,
    CASE WHEN gate = 0 AND set_no IS NOT NULL THEN billed_s END AS billed_s,
    CASE WHEN accrues_actual AND pulses > 0 THEN raw_s ELSE billed_s END AS accrues_s,
    CASE WHEN crosses AND plan_no > 0 THEN other_s END AS other_s,
    (
        CASE WHEN gate = 0 AND set_no IS NULL THEN unknown::UTINYINT ELSE 0 END
        + CASE
            WHEN gate <> 0 OR set_no IS NULL THEN 0
            WHEN raw_s = 0 THEN 4
            ELSE 8 * failed::UTINYINT
        END
        + 16 * (contradicts AND plan_no > 0 AND (gate = 2 OR (gate = 0 AND set_no IS NOT NULL)))
            ::UTINYINT
    )::UTINYINT AS flag_bits{parted_columns}
FROM routed;

-- step: flag
-- A call whose other end lies in another period: would that end have put it in another month, or
-- under another card, market or rates? Then month_of decided (bit 2).
UPDATE rate_routed
SET flag_bits = flag_bits + 2
FROM (
    SELECT c.call_id
    FROM rate_routed AS c
    JOIN rate_account AS a USING (account_no)
    JOIN rate_route AS r USING (route_no)
    LEFT JOIN rate_day AS d
        ON d.plan_no = a.plan_no
        AND d.day = c.other_s // 86400
        AND c.other_s >= d.from_s
        AND c.other_s < d.to_s
    LEFT JOIN rate_route AS o
        ON o.card_no = d.card_no
        AND o.version = d.version
        AND o.direction_key = r.direction_key
        AND o.country_key = r.country_key
        AND o.node = r.node
    WHERE c.other_s IS NOT NULL
        AND (
            d.month_no IS DISTINCT FROM c.month_no
            OR d.card_no <> r.card_no
            OR (
                c.status_no = r.status_no
                AND (
                    o.rates_no IS DISTINCT FROM r.rates_no OR o.market IS DISTINCT FROM r.market
                )
            )
        )
) AS decided
WHERE rate_routed.call_id = decided.call_id;

-- step: price
-- Seconds accrue per portfolio, group and month in the order (end, call id as bytes); the band
-- that holds the call's last second prices the whole call. Where only sums are wanted, only the
-- groups that cross a bound are put in order: in the others every call is in its lowest band.
CREATE OR REPLACE TEMP VIEW {priced} AS
WITH grouped AS (
    SELECT c.*, r.set_no, a.portfolio_no * {groups} + r.group_no AS group_key
    FROM rate_routed AS c
    JOIN rate_route AS r USING (route_no)
    JOIN rate_account AS a USING (account_no)
    WHERE c.status_no = {rated}{plain_only}
), sorted AS (
    SELECT g.group_key, g.month_no
    FROM grouped AS g
    JOIN rate_set AS s USING (set_no)
    GROUP BY ALL
    HAVING {ordered} OR sum(g.accrues_s) > min(s.first_bound_s)
), running AS (
    SELECT
        g.call_id, g.account_no, g.month_no, g.route_no, g.set_no, g.status_no, g.flag_bits,
        g.billed_s, g.accrues_s,
        sum(g.accrues_s) OVER (
            PARTITION BY g.group_key, g.month_no
            ORDER BY g.end_s, g.call_id
            ROWS UNBOUNDED PRECEDING
        )::BIGINT AS after_s
    FROM grouped AS g
    SEMI JOIN sorted USING (group_key, month_no)
    UNION ALL
    SELECT
        g.call_id, g.account_no, g.month_no, g.route_no, g.set_no, g.status_no, g.flag_bits,
        g.billed_s, NULL, NULL
    FROM grouped AS g
    ANTI JOIN sorted USING (group_key, month_no)
    UNION ALL
    SELECT
        c.call_id, c.account_no, c.month_no, c.route_no,
        CASE WHEN c.status_no = r.status_no THEN r.set_no END, c.status_no, c.flag_bits,
        c.billed_s, NULL, NULL
    FROM rate_routed AS c
    JOIN rate_route AS r USING (route_no)
    WHERE c.status_no <> {rated}{no_parts}
)
SELECT
    c.call_id, c.account_no, c.month_no, c.route_no, c.status_no, c.billed_s,
    c.after_s - c.accrues_s AS seconds_before,
    coalesce(b.from_minutes, s.from_minutes) AS from_minutes,
    coalesce(b.rate_nanos, s.rate_nanos) AS rate_nanos,
    (c.flag_bits + coalesce(b.unknown, false)::UTINYINT)::UTINYINT AS flag_bits,
    CASE
        WHEN c.status_no = {unanswered} THEN 0
        ELSE c.billed_s::HUGEINT * coalesce(b.rate_nanos, s.rate_nanos)
    END AS amount_units
FROM running AS c
LEFT JOIN rate_set AS s ON s.set_no = c.set_no
LEFT JOIN rate_band AS b
    ON b.set_no = CASE WHEN c.after_s > s.first_bound_s THEN c.set_no END
    AND c.after_s > b.from_s
    AND c.after_s <= b.to_s;

-- step: moved
-- Calls that are charged in another month of the side although they belong to these now: only
-- those that were not charged in these months before can be.
DELETE FROM charge_rows
WHERE side = $side
    AND NOT list_contains($months, month)
    AND call_id IN (
        SELECT call_id FROM rate_routed
        ANTI JOIN (
            SELECT call_id FROM charge_rows
            WHERE side = $side AND list_contains($months, month)
        ) USING (call_id)
    );

-- step: clear
-- What stood there, but for the charges of accounts that cannot be rated now.
DELETE FROM charge_rows
WHERE side = $side
    AND list_contains($months, month)
    AND NOT coalesce(list_contains($untouched::VARCHAR[], account), false);

-- step: taken
-- Calls that are another account's now are not among the charges that stay.
DELETE FROM charge_rows
WHERE side = $side
    AND list_contains($untouched::VARCHAR[], account)
    AND call_id IN (SELECT call_id FROM rate_routed);

-- step: keep
-- The charges of the months and side, in place of those that stood there.
INSERT INTO charge_rows
SELECT
    p.call_id, a.account, $side, k.name, m.month, r.direction, r.country,
    CASE WHEN p.status_no > {unanswered} THEN r.market END,
    t.status, p.flag_bits,
    CASE WHEN p.status_no = {unanswered} THEN 0 ELSE p.billed_s END,
    CASE
        WHEN p.status_no = {unanswered} OR p.billed_s = 0 THEN 0{pulses}
        ELSE 1 + (p.billed_s - k.first_increment_s) // k.next_increment_s
    END,
    p.from_minutes, p.seconds_before, p.rate_nanos,
    {fee},
    p.amount_units,
    {amount},
    k.currency,
    CASE WHEN p.status_no > {unanswered} THEN r.effective_from END,
    k.checksum, {parts}, {accrual}
FROM rate_priced AS p
JOIN rate_route AS r USING (route_no)
JOIN rate_card AS k USING (card_no)
JOIN rate_account AS a USING (account_no)
JOIN rate_month AS m USING (month_no)
JOIN rate_status AS t ON t.status_no = p.status_no;
