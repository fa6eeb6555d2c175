-- What a rated month can have cost: charges beside the same calls at their cheapest and dearest.
-- The tables range_least and range_most are made by ranges.py, of call_id, amount_units and amount.

-- step: sums
-- Priced calls, and those in an unknown band without a known one below, by what is in doubt.
SELECT
    account, card_checksum, currency,
    CASE
        WHEN least_amount IS NOT DISTINCT FROM most_amount
            AND least_units IS NOT DISTINCT FROM most_units THEN 'known'
        WHEN is_unknown THEN 'tier_unknown'
        ELSE 'tier_moved'
    END AS cause,
    count(*) AS calls,
    coalesce(sum(least_units), 0)::HUGEINT, coalesce(sum(least_amount), 0),
    CASE WHEN count(most_units) = count(*) THEN sum(most_units)::HUGEINT END,
    CASE WHEN count(most_amount) = count(*) THEN sum(most_amount) END
FROM (
    SELECT
        c.account, c.card_checksum, c.currency, c.flag_bits & 1 <> 0 AS is_unknown,
        l.amount_units AS least_units, l.amount AS least_amount,
        m.amount_units AS most_units, m.amount AS most_amount
    FROM charge_rows AS c
    LEFT JOIN range_least AS l USING (call_id)
    LEFT JOIN range_most AS m USING (call_id)
    WHERE c.side = $side AND c.month = $month AND c.account IS NOT NULL
        AND (c.amount_units IS NOT NULL OR (c.status = 'no_rate' AND c.flag_bits & 1 <> 0))
)
GROUP BY ALL
ORDER BY ALL;

-- step: plain_sums
-- The same where nothing but calls without an amount is in doubt.
SELECT
    account, card_checksum, currency, 'known', count(*), sum(amount_units)::HUGEINT, sum(amount),
    sum(amount_units)::HUGEINT, sum(amount)
FROM charge_rows
WHERE side = $side AND month = $month AND account IS NOT NULL AND amount_units IS NOT NULL
GROUP BY account, card_checksum, currency
ORDER BY ALL;

-- step: doubtful
-- Calls without an amount, but for those that the two runs above price. One that ended without a
-- start was talked on at most from when it was accepted to its terminate event.
WITH ended AS (
    SELECT call_id, max(event_at) AS event_at FROM events
    WHERE (kind = 'terminate' OR starts_with(kind, 'terminate:'))
        AND call_id IN (
            SELECT call_id FROM charge_rows
            WHERE side = $side AND month = $month AND status = 'incomplete'
        )
    GROUP BY call_id
)
SELECT
    h.account, h.status, h.flag_bits, h.direction, h.country, c.contact, c.duration_s,
    (
        epoch_us(coalesce(c.ended_at, e.event_at)) - epoch_us(coalesce(c.started_at, c.accepted_at))
    ) // 1000000,
    coalesce(c.conflict, false), coalesce(c.terminate_status = 'FAILED', false), h.currency, count(*)
FROM charge_rows AS h
LEFT JOIN call_rows AS c USING (call_id)
LEFT JOIN ended AS e USING (call_id)
WHERE h.side = $side AND h.month = $month AND h.account IS NOT NULL AND h.amount_units IS NULL
    AND NOT (h.status = 'no_rate' AND h.flag_bits & 1 <> 0)
GROUP BY ALL
ORDER BY ALL;

-- step: furthest
-- How far the groups of each card and direction have come, and whether a band is unknown.
SELECT
    card_checksum, direction, max(seconds_before + billed_seconds),
    bool_or(flag_bits & 1 <> 0)
FROM charge_rows
WHERE side = $side AND month = $month AND account IS NOT NULL
GROUP BY ALL
ORDER BY ALL;

-- step: countries
SELECT DISTINCT country FROM charge_rows
WHERE side = $side AND month = $month AND country IS NOT NULL ORDER BY country;
