-- Calls that are charged in another way now than final documents bill them by, as `now` has them; one
-- that is gone is withdrawn. What only tells how far others were before it is no difference.
CREATE OR REPLACE TEMP TABLE billing_differences AS
WITH fresh AS (FROM {dated}),
state AS (FROM ({state})),
pairs AS (
    SELECT
        coalesce(n.call_id, o.call_id) AS call_id,
        n.call_id IS NULL AS gone,
        o.call_id IS NULL AS late,
        (n.direction, n.country, n.called_at, n.ended_at, n.duration_s)
            IS DISTINCT FROM (o.direction, o.country, o.called_at, o.ended_at, o.duration_s) AS other_facts,
        coalesce(n.amount_units, 0) - coalesce(o.amount_units, 0) AS change_units,
        coalesce(n.amount, 0) - coalesce(o.amount, 0) AS change,
        CASE WHEN n.amount_units IS NULL THEN 0 ELSE coalesce(n.billed_seconds, 0) END
            - CASE WHEN o.amount_units IS NULL THEN 0 ELSE coalesce(o.billed_seconds, 0) END AS change_seconds,
        n, o
    FROM fresh AS n
    FULL JOIN state AS o USING (call_id)
    WHERE n.call_id IS NULL OR o.call_id IS NULL
        OR (
            n.status, n.amount_units, n.amount, n.billed_seconds, n.card_checksum, n.tier_from_minutes,
            n.rate_nanos, n.fee_nanos, n.direction, n.country, n.market, n.flag_bits, n.currency,
            n.effective_from, n.called_at, n.ended_at, n.duration_s, n.parts
        ) IS DISTINCT FROM (
            o.status, o.amount_units, o.amount, o.billed_seconds, o.card_checksum, o.tier_from_minutes,
            o.rate_nanos, o.fee_nanos, o.direction, o.country, o.market, o.flag_bits, o.currency,
            o.effective_from, o.called_at, o.ended_at, o.duration_s, o.parts
        )
)
SELECT
    call_id,
    CASE
        WHEN late THEN 'late_call'
        WHEN gone OR other_facts THEN 'changed_call'
        WHEN n.card_checksum IS DISTINCT FROM o.card_checksum THEN 'new_card'
        WHEN n.status IS DISTINCT FROM o.status THEN CASE WHEN $other_policies THEN 'price_policy' ELSE 'changed_call' END
        WHEN n.effective_from IS DISTINCT FROM o.effective_from THEN 'price_policy'
        WHEN n.billed_seconds IS DISTINCT FROM o.billed_seconds THEN 'changed_call'
        ELSE 'tier_shift'
    END AS cause,
    o.card_checksum AS old_checksum,
    change_units, change, change_seconds,
    CASE WHEN gone THEN o.called_at ELSE n.called_at END AS called_at,
    CASE WHEN gone THEN o.ended_at ELSE n.ended_at END AS ended_at,
    CASE WHEN gone THEN o.duration_s ELSE n.duration_s END AS duration_s,
    CASE WHEN gone THEN o.card ELSE n.card END AS card,
    CASE WHEN gone THEN o.direction ELSE n.direction END AS direction,
    CASE WHEN gone THEN o.country ELSE n.country END AS country,
    CASE WHEN gone THEN o.market ELSE n.market END AS market,
    CASE WHEN gone THEN 'withdrawn' ELSE n.status END AS status,
    coalesce(n.flag_bits, 0)::UTINYINT AS flag_bits,
    n.billed_seconds, n.pulses, n.tier_from_minutes, n.seconds_before, n.rate_nanos, n.fee_nanos, n.amount_units,
    n.amount,
    CASE WHEN gone THEN o.currency ELSE n.currency END AS currency,
    n.effective_from,
    CASE WHEN gone THEN o.card_checksum ELSE n.card_checksum END AS card_checksum,
    n.parts
FROM pairs
