-- The calls of the month that have no amount, with the moment they are told by (UTC).
SELECT
    charges.call_id,
    charges.status,
    charges.direction,
    charges.country,
    epoch_us(coalesce(calls.started_at, calls.ended_at, calls.first_event_at)) // 1000000 AS at_s
FROM charges
LEFT JOIN calls ON calls.call_id = charges.call_id
WHERE charges.account = $account AND charges.side = $side AND charges.month = $month
    AND charges.amount_units IS NULL
    AND (len($only) = 0 OR list_contains($only, coalesce(charges.currency, '')))
ORDER BY charges.status, at_s NULLS LAST, charges.call_id
