-- Calls of a month that the supplier charges and that have no sale charge: no sell card was in
-- force for the account yet.
SELECT
    c.call_id,
    'no_sell_card' AS status,
    c.direction,
    c.country,
    epoch_us(coalesce(calls.started_at, calls.ended_at, calls.first_event_at)) // 1000000 AS at_s
FROM charges AS c
ANTI JOIN (SELECT call_id FROM charges WHERE side = 'sale') AS sold USING (call_id)
LEFT JOIN calls ON calls.call_id = c.call_id
WHERE c.account = $account AND c.side = 'cost' AND c.month = $month AND c.status <> 'unanswered'
ORDER BY at_s NULLS LAST, c.call_id
