-- What calling back cost: the charges of the calls that met a need, by currency; a call that met two is
-- one call. One that has no price, or whose month was not rated, is counted and in no sum.
SELECT
    h.currency,
    count(*) AS calls,
    count(*) FILTER (h.amount IS NULL) AS unpriced,
    sum(h.amount) AS amount
FROM (SELECT DISTINCT met_call_id AS call_id FROM needs WHERE met_direction = 'outbound') AS met
LEFT JOIN charge_rows AS h ON h.call_id = met.call_id AND h.side = 'cost'
GROUP BY h.currency
ORDER BY h.currency NULLS LAST
