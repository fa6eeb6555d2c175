-- Keep the calls of a first final document as they are charged now.
INSERT INTO invoice_call_rows BY NAME
SELECT
    $number AS number,
    h.*,
    h.amount_units AS change_units,
    h.amount AS change,
    CASE WHEN h.amount_units IS NULL THEN 0 ELSE coalesce(h.billed_seconds, 0) END AS change_seconds
FROM {dated} AS h
