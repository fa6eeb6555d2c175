-- Calls that two chains of documents of a kind bill money for: an invoice and its corrections are one
-- chain, known by account, side, month and currency.
SELECT min(number) AS number, max(number) AS other, count(DISTINCT call_id)::BIGINT AS calls
FROM (
    SELECT
        r.call_id, i.kind, i.account, i.month, i.currency,
        arg_max(coalesce(r.amount_units, 0), i.seq) AS amount_units,
        arg_max(i.number, i.seq) AS number
    FROM invoice_call_rows AS r
    JOIN invoices AS i USING (number)
    GROUP BY ALL
)
WHERE amount_units <> 0
GROUP BY kind, call_id
HAVING count(*) > 1
ORDER BY ALL
