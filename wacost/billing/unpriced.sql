-- The calls that have no amount, with the moment they are told by (UTC).
SELECT call_id, status, direction, country, epoch_us(called_at) // 1000000 AS at_s
FROM {dated} AS h
WHERE amount_units IS NULL
ORDER BY status, at_s NULLS LAST, call_id
