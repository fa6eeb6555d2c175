-- Calls that two chains of documents of a kind bill at once: an invoice and its corrections are one
-- chain, known by account, side, month and currency.
SELECT min(number) AS number, max(number) AS other, count(DISTINCT call_id)::BIGINT AS calls
FROM (
    SELECT
        r.call_id, i.kind, i.account, i.month, i.currency,
        arg_max(r.status, i.seq) AS status,
        arg_max(i.number, i.seq) AS number
    FROM invoice_call_rows AS r
    JOIN invoices AS i USING (number)
    GROUP BY ALL
)
WHERE status <> 'withdrawn'
GROUP BY kind, call_id
HAVING count(*) > 1
ORDER BY ALL
