-- The calls that a document tells of, in the order of their times: each as it was charged, and what
-- the document bills for it, which is the difference on a correction.
SELECT
    call_id, call_key, cause, direction, country, market, status,
    epoch_us(called_at) // 1000000 AS at_s,
    epoch_us(ended_at) // 1000000 AS ended_s,
    duration_s, billed_seconds,
    coalesce(
        change_seconds, CASE WHEN amount_units IS NULL THEN 0 ELSE coalesce(billed_seconds, 0) END
    ) AS seconds,
    tier_from_minutes, rate_nanos, fee_nanos,
    coalesce(change_units, amount_units) AS units,
    coalesce(change, amount) AS amount,
    card, card_checksum, effective_from, flag_bits, contact
FROM (
    FROM {dated}
    UNION ALL BY NAME
    SELECT
        NULL::VARCHAR AS cause, NULL::HUGEINT AS change_units, NULL::DECIMAL(38, 12) AS change,
        NULL::BIGINT AS change_seconds
    WHERE false
)
LEFT JOIN (SELECT call_id, contact FROM call_rows) USING (call_id)
WHERE cause IS NULL OR change_units <> 0
ORDER BY called_at NULLS LAST, call_key
