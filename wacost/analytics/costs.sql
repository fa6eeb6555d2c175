-- Calls, answered calls, billed seconds and cost, by the columns asked for ({by}) and currency.
-- Days are joined where they are asked for (days.sql). `amount` adds what is priced; `unpriced` counts
-- what is not: a gap is never a zero.
SELECT
    {by},
    charges.currency AS currency,
    count(*) AS calls,
    count(*) FILTER (WHERE calls.answered) AS answered,
    count(*) FILTER (WHERE charges.amount IS NULL) AS unpriced,
    coalesce(sum(charges.billed_seconds), 0)::BIGINT AS billed_seconds,
    sum(charges.amount) AS amount
FROM charges
LEFT JOIN calls ON calls.call_id = charges.call_id
{days}
WHERE charges.side = $side
  AND ($month IS NULL OR charges.month = $month)
  AND ($account IS NULL OR charges.account = $account)
GROUP BY ALL
ORDER BY currency NULLS LAST, {order}
