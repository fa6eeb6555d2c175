-- The lines of an invoice: priced calls added up, exactly, per everything that may differ.
-- `amounts` adds what the card rounded per call; `exact_units` adds what it did not round.
-- Unanswered calls cost nothing and unpriced calls have no amount: neither makes a line.
SELECT
    direction,
    country,
    market,
    card,
    card_checksum,
    effective_from,
    status,
    tier_from_minutes,
    rate_per_minute,
    currency,
    count(*)::BIGINT AS calls,
    sum(billed_seconds)::BIGINT AS billed_seconds,
    count(*) FILTER (list_contains(flags, 'tier_unknown'))::BIGINT AS tier_unknown,
    sum(amount_units)::HUGEINT AS exact_units,
    sum(amount) AS amounts
FROM charges
WHERE account = $account AND side = $side AND month = $month AND status IN ('rated', 'free')
    AND ($only = '' OR currency = $only)
GROUP BY ALL
ORDER BY
    direction DESC NULLS LAST,
    country NULLS LAST,
    market NULLS LAST,
    effective_from NULLS LAST,
    tier_from_minutes NULLS LAST,
    rate_per_minute NULLS LAST,
    card,
    card_checksum,
    status
