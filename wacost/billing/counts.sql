-- How many calls have each status, what they cost, and in which currency.
SELECT status, count(*)::BIGINT, coalesce(sum(amount_units), 0)::HUGEINT, max(currency)
FROM {rows} AS h
GROUP BY status
ORDER BY status
