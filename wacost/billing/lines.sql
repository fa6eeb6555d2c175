-- The lines of an invoice: priced calls added up, exactly, per everything that may differ.
-- `amounts` adds what the card rounded per call; `exact_units` adds what it did not round.
-- Unanswered calls cost nothing and unpriced calls have no amount: neither makes a line. Calls of
-- several parts, with a fee or at a limit make several lines: see parts.sql.
SELECT
    direction,
    country,
    market,
    card,
    card_checksum,
    effective_from,
    status,
    tier_from_minutes,
    rate_nanos,
    currency,
    count(*)::BIGINT AS calls,
    sum(billed_seconds)::BIGINT AS billed_seconds,
    count(*) FILTER (flag_bits & 1 <> 0)::BIGINT AS tier_unknown,
    sum(amount_units)::HUGEINT AS exact_units,
    sum(amount) AS amounts
FROM {rows} AS h
WHERE status IN ('rated', 'free')
    AND parts IS NULL AND fee_nanos = 0
    AND amount_units = rate_nanos::HUGEINT * billed_seconds
GROUP BY ALL
