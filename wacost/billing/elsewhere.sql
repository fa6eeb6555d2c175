-- Calls of a draft that final documents of the kind bill money for, by the last document that told of
-- them: a call is on one invoice of a kind.
SELECT told.number, told.month, count(*)::BIGINT
FROM {rows} AS h
JOIN (
    SELECT
        r.call_id,
        arg_max(coalesce(r.amount_units, 0), i.seq) AS amount_units,
        arg_max(i.number, i.seq) AS number,
        arg_max(i.month, i.seq) AS month
    FROM invoice_call_rows AS r
    JOIN invoices AS i USING (number)
    WHERE i.kind = $kind
    GROUP BY r.call_id
) AS told USING (call_id)
WHERE told.amount_units <> 0 AND NOT list_contains($own, told.number)
GROUP BY ALL
ORDER BY ALL
