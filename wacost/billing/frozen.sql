-- The calls of final documents, as the last of them left each: what a month is billed as by now.
SELECT * FROM (
    SELECT *
    FROM invoice_call_rows
    WHERE list_contains($numbers, number)
    QUALIFY row_number() OVER (
        PARTITION BY call_id ORDER BY list_position($numbers, number) DESC
    ) = 1
) AS last_told
WHERE status <> 'withdrawn'
