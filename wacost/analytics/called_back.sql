-- What calling back cost: the charges of the calls that met a need, by currency. A call that has no
-- price, or whose month was not rated, is counted and in no sum.
SELECT
    h.currency,
    count(*) AS calls,
    count(*) FILTER (h.amount IS NULL) AS unpriced,
    sum(h.amount) AS amount
FROM needs AS n
LEFT JOIN charge_rows AS h ON h.call_id = n.met_call_id AND h.side = 'cost'
WHERE n.met_direction = 'outbound'
GROUP BY h.currency
ORDER BY h.currency NULLS LAST
