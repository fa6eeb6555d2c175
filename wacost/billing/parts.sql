-- Priced calls of several parts, with a fee or at a limit, added up where they are the same
-- throughout. Which lines their parts belong to is told in lines.py.
SELECT
    direction,
    country,
    market,
    card,
    card_checksum,
    effective_from,
    status,
    currency,
    flag_bits & 1 <> 0 AS tier_unknown,
    amount_units,
    coalesce(
        parts,
        [{
            'from_second': 0::BIGINT,
            'tier_from_minutes': tier_from_minutes,
            'billed_seconds': billed_seconds,
            'rate_nanos': rate_nanos,
            'fee_nanos': fee_nanos
        }]
    ) AS parts,
    count(*)::BIGINT AS calls
FROM {rows} AS h
WHERE status IN ('rated', 'free')
    AND NOT (
        parts IS NULL AND fee_nanos = 0
        AND amount_units = rate_nanos::HUGEINT * billed_seconds
    )
GROUP BY ALL
