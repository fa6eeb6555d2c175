-- The set kernel for cards that are more than one rate and one increment: slots, fees, other tier
-- models, limits, minutes used elsewhere. It runs after `rate.sql` has routed the calls, for the
-- calls of such cards alone, and is parts.py in SQL. The same rules hold as in `rate.sql`.

-- step: cut
-- Each call cut at the slots it reaches, every part in whole increments of its slot. Under
-- `graduated` a slot stands behind what the slots before it moved through the bands.
CREATE OR REPLACE TEMP TABLE rate_cut AS
WITH cut AS (
    SELECT
        c.call_id, s.set_no, s.slot_no, s.from_second, s.known_from_s, c.goes_free, k.model,
        least(c.raw_s, s.to_second) - s.from_second AS part_s,
        CASE WHEN c.goes_free THEN 0
            ELSE 1 + (greatest(0, part_s - s.first_s) + s.next_s - 1) // s.next_s END AS pulses,
        CASE WHEN c.goes_free THEN 0
            ELSE s.first_s + (pulses - 1) * s.next_s END AS rounded_s,
        CASE
            WHEN k.model <> 'graduated' OR c.goes_free THEN 0
            WHEN k.accrues_actual THEN part_s
            ELSE rounded_s
        END AS moves_s
    FROM rate_routed AS c
    JOIN rate_route AS r USING (route_no)
    JOIN rate_card AS k USING (card_no)
    JOIN rate_slot AS s ON s.set_no = r.set_no
    WHERE c.parted AND c.status_no = r.status_no
        AND (s.from_second = 0 OR (c.raw_s > s.from_second AND NOT c.goes_free))
)
SELECT
    * RENAME (rounded_s AS billed_s),
    coalesce(
        sum(moves_s) OVER (
            PARTITION BY call_id ORDER BY slot_no
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ),
        0
    )::BIGINT AS behind_s
FROM cut;

-- step: take
-- What each call adds to its group, and above how many seconds all its rates are known.
CREATE OR REPLACE TEMP TABLE rate_taken AS
SELECT
    c.call_id, c.account_no, c.month_no, c.route_no, c.end_s, c.status_no, c.flag_bits,
    c.goes_free, r.card_no, a.portfolio_no, r.group_no,
    u.billed_s, u.pulses, u.known_from_s,
    CASE WHEN k.accrues_actual AND NOT c.goes_free THEN c.raw_s ELSE u.billed_s END AS accrues_s
FROM rate_routed AS c
JOIN (
    SELECT
        call_id, sum(billed_s)::BIGINT AS billed_s, sum(pulses)::BIGINT AS pulses,
        max(known_from_s - behind_s) AS known_from_s
    FROM rate_cut GROUP BY call_id
) AS u USING (call_id)
JOIN rate_route AS r USING (route_no)
JOIN rate_card AS k USING (card_no)
JOIN rate_account AS a USING (account_no);

-- step: doubtful
-- The calls of groups in which a rate may be unknown throughout the lower bands, in their order.
SELECT
    t.portfolio_no, t.group_no, t.month_no, k.model, t.end_s, t.call_id, t.accrues_s,
    t.known_from_s
FROM rate_taken AS t
JOIN rate_card AS k USING (card_no)
SEMI JOIN (
    SELECT portfolio_no, group_no, month_no FROM rate_taken
    WHERE status_no = {rated} AND known_from_s > 0
) AS g USING (portfolio_no, group_no, month_no)
WHERE t.status_no = {rated}
ORDER BY t.portfolio_no, t.group_no, t.month_no, t.end_s, t.call_id;

-- step: refuse
-- Calls whose rate is not known after all are unpriced and accrue nothing.
UPDATE rate_routed
SET status_no = {no_rate}, billed_s = NULL, flag_bits = (flag_bits & 2) + 1
WHERE call_id IN (SELECT call_id FROM rate_unknown);

-- step: forget
DELETE FROM rate_taken WHERE call_id IN (SELECT call_id FROM rate_unknown);

-- step: place
-- Where each call stands in its group: what was accrued before it (minutes used elsewhere and
-- observed tiers included), and what is when the month is over.
CREATE OR REPLACE TEMP TABLE rate_placed AS
WITH ordered AS (
    SELECT
        t.call_id, t.portfolio_no, t.group_no, t.month_no, t.end_s, t.accrues_s,
        (
            sum(t.accrues_s) OVER (
                PARTITION BY t.portfolio_no, t.group_no, t.month_no
                ORDER BY t.end_s, t.call_id
                ROWS UNBOUNDED PRECEDING
            ) - t.accrues_s
        )::BIGINT AS own_s
    FROM rate_taken AS t
    WHERE t.status_no = {rated}
), lifted AS (
    SELECT
        o.*,
        coalesce(e.seconds, 0) AS external_s,
        o.own_s + external_s AS summed_s,
        coalesce(
            (
                SELECT max(f.floor_s) FROM rate_floor AS f
                WHERE f.portfolio_no = o.portfolio_no AND f.group_no = o.group_no
                    AND f.month_no = o.month_no AND f.at_s <= o.end_s
            ),
            0
        ) AS floor_s,
        coalesce(
            (
                SELECT max(f.floor_s) FROM rate_floor AS f
                WHERE f.portfolio_no = o.portfolio_no AND f.group_no = o.group_no
                    AND f.month_no = o.month_no
            ),
            0
        ) AS last_floor_s
    FROM ordered AS o
    LEFT JOIN rate_external AS e USING (portfolio_no, group_no, month_no)
), raised AS (
    SELECT
        *,
        summed_s + greatest(
            0,
            max(floor_s - summed_s) OVER (
                PARTITION BY portfolio_no, group_no, month_no
                ORDER BY end_s, call_id
                ROWS UNBOUNDED PRECEDING
            )
        ) AS before_s
    FROM lifted
)
SELECT
    call_id, before_s, before_s + accrues_s AS after_s, external_s,
    before_s - summed_s AS lifted_s,
    greatest(
        last_floor_s,
        max(before_s + accrues_s) OVER (PARTITION BY portfolio_no, group_no, month_no)
    ) AS total_s
FROM raised;

-- step: parts
-- Each part of a call in its volume band; `graduated` cuts parts at the bands' bounds, too.
CREATE OR REPLACE TEMP TABLE rate_part AS
WITH standing AS (
    SELECT
        u.*,
        CASE
            WHEN t.status_no <> {rated} THEN 0
            WHEN u.model = 'volume' THEN p.total_s
            WHEN u.model = 'whole_call' THEN p.after_s
            ELSE p.before_s + u.behind_s
        END AS low_s,
        low_s + CASE WHEN t.status_no = {rated} THEN u.moves_s ELSE 0 END AS high_s
    FROM rate_cut AS u
    JOIN rate_taken AS t USING (call_id)
    LEFT JOIN rate_placed AS p USING (call_id)
)
SELECT
    m.call_id, m.from_second, b.from_minutes, b.rate_nanos, b.unknown,
    (
        CASE
            WHEN m.high_s = m.low_s THEN m.billed_s
            ELSE least(m.high_s, b.to_s) - greatest(m.low_s, b.from_s)
                + CASE WHEN m.high_s <= b.to_s THEN m.billed_s - (m.high_s - m.low_s) ELSE 0 END
        END
    )::BIGINT AS billed_s,
    CASE
        WHEN m.goes_free THEN 0
        WHEN m.high_s = m.low_s OR b.from_s <= m.low_s THEN b.fee_nanos
        ELSE 0
    END AS fee_nanos
FROM standing AS m
JOIN rate_slot_band AS b
    ON b.set_no = m.set_no
    AND b.slot_no = m.slot_no
    AND b.from_s < m.high_s
    AND (b.to_s > m.low_s OR (m.high_s = m.low_s AND b.to_s = m.low_s));

-- step: gather
-- One row per call: the sum of its parts, within the card's limits.
CREATE OR REPLACE TEMP VIEW rate_priced AS
SELECT
    call_id, account_no, month_no, route_no, status_no, billed_s, seconds_before, from_minutes,
    rate_nanos, flag_bits, amount_units, NULL::BIGINT AS pulses, NULL::BIGINT AS fee_nanos,
    NULL AS parts, NULL AS accrual
FROM rate_priced_plain
UNION ALL
SELECT
    t.call_id, t.account_no, t.month_no, t.route_no, t.status_no, t.billed_s, p.before_s,
    s.from_minutes, s.rate_nanos,
    (t.flag_bits + s.unknown::UTINYINT)::UTINYINT,
    CASE
        WHEN t.status_no <> {rated} OR t.goes_free THEN s.units
        ELSE least(greatest(s.units, k.min_units), k.max_units)
    END,
    t.pulses, s.fee_nanos, s.parts,
    CASE WHEN p.call_id IS NOT NULL THEN
        {
            'external_s': p.external_s,
            'lifted_s': p.lifted_s,
            'total_s': CASE WHEN k.model = 'volume' THEN p.total_s END
        }
    END
FROM rate_taken AS t
JOIN rate_card AS k USING (card_no)
JOIN (
    SELECT
        call_id,
        CASE WHEN min(from_minutes) = max(from_minutes) THEN min(from_minutes) END AS from_minutes,
        CASE WHEN min(rate_nanos) = max(rate_nanos) THEN min(rate_nanos) END AS rate_nanos,
        sum(fee_nanos)::BIGINT AS fee_nanos,
        bool_or(unknown) AS unknown,
        sum(billed_s::HUGEINT * rate_nanos + 60 * fee_nanos::HUGEINT)::HUGEINT AS units,
        CASE WHEN count(*) > 1 THEN
            list(
                {
                    'from_second': from_second,
                    'tier_from_minutes': from_minutes,
                    'billed_seconds': billed_s,
                    'rate_nanos': rate_nanos,
                    'fee_nanos': fee_nanos
                }
                ORDER BY from_second, from_minutes
            )
        END AS parts
    FROM rate_part GROUP BY call_id
) AS s USING (call_id)
LEFT JOIN rate_placed AS p USING (call_id);
