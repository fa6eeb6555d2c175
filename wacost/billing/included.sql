-- The calls that an allowance of included minutes may cover, in the order in which they ended, as far
-- as it can reach. Free calls need none of it.
SELECT
    direction, country, market, card, card_checksum, effective_from, status, call_key, billed_seconds,
    coalesce(
        parts,
        [{
            'from_second': 0::BIGINT,
            'tier_from_minutes': tier_from_minutes,
            'billed_seconds': billed_seconds,
            'rate_nanos': rate_nanos,
            'fee_nanos': fee_nanos
        }]
    ) AS parts
FROM {dated} AS h
WHERE status = 'rated' AND billed_seconds > 0
    AND ($direction = '' OR direction = $direction)
    AND ($country = '' OR country = $country)
    AND ($market = '' OR market = $market)
QUALIFY sum(billed_seconds) OVER (ORDER BY ended_at, call_key) - billed_seconds < $seconds
ORDER BY ended_at, call_key
