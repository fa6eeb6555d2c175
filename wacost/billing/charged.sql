-- The charges of a month as a document is made of them, with the times of their calls. Where a sell
-- card came into force only later, calls before it have no sale charge: they are told as unpriced.
SELECT
    h.call_id, h.card, h.direction, h.country, h.market, h.status, h.flag_bits, h.billed_seconds,
    h.pulses, h.tier_from_minutes, h.seconds_before, h.rate_nanos, h.fee_nanos, h.amount_units,
    h.amount, h.currency, h.effective_from, h.card_checksum, h.parts
FROM charge_rows AS h
WHERE h.account = $account AND h.side = $side AND h.month = $month
    AND (len($only) = 0 OR list_contains($only, coalesce(h.currency, '')))
UNION ALL BY NAME
SELECT
    c.call_id, c.direction, c.country, 'no_sell_card' AS status, 0::UTINYINT AS flag_bits
FROM charge_rows AS c
ANTI JOIN (SELECT call_id FROM charge_rows WHERE side = 'sale') AS sold USING (call_id)
WHERE $unsold
    AND c.account = $account AND c.side = 'cost' AND c.month = $month AND c.status <> 'unanswered'
