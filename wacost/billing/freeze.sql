-- Keep the calls of a first final document as they are charged now.
INSERT INTO invoice_call_rows BY NAME
SELECT
    $number AS number,
    h.*,
    h.amount_units AS change_units,
    h.amount AS change
FROM {dated} AS h
