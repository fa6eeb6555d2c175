-- What a correction bills, by cause and place.
SELECT
    cause, direction, country, market, count(*)::BIGINT, coalesce(sum(change_seconds), 0)::BIGINT,
    sum(change_units)::HUGEINT, sum(change)
FROM invoice_call_rows
WHERE number = $number AND change_units <> 0
GROUP BY ALL
ORDER BY ALL
