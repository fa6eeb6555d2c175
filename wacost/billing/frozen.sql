-- The calls of final documents, as the last of them left each: what a month is billed as by now. Only
-- corrections can tell of a call again, and they are small.
SELECT r.* EXCLUDE (last_at)
FROM (
    SELECT told.*, again.last_at
    FROM invoice_call_rows AS told
    LEFT JOIN (
        SELECT call_id, max(list_position($numbers, number)) AS last_at
        FROM invoice_call_rows
        WHERE list_contains($numbers[2:], number)
        GROUP BY call_id
    ) AS again USING (call_id)
    WHERE list_contains($numbers, told.number)
) AS r
WHERE list_position($numbers, r.number) = coalesce(r.last_at, 1) AND r.status <> 'withdrawn'
