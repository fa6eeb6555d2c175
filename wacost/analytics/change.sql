-- Priced and answered calls of a month and of the month before it, by direction and country: what the
-- difference in cost is made of. Calls without a price are counted apart.
SELECT
    currency, direction, country,
    count(*) FILTER (WHERE month = $before AND status <> 'unanswered' AND amount IS NOT NULL) AS calls_before,
    count(*) FILTER (WHERE month = $month AND status <> 'unanswered' AND amount IS NOT NULL) AS calls_now,
    coalesce(sum(billed_seconds) FILTER (WHERE month = $before AND amount IS NOT NULL), 0)::BIGINT,
    coalesce(sum(billed_seconds) FILTER (WHERE month = $month AND amount IS NOT NULL), 0)::BIGINT,
    coalesce(sum(amount) FILTER (WHERE month = $before), 0) AS amount_before,
    coalesce(sum(amount) FILTER (WHERE month = $month), 0) AS amount_now,
    count(*) FILTER (WHERE month = $before AND amount IS NULL) AS unpriced_before,
    count(*) FILTER (WHERE month = $month AND amount IS NULL) AS unpriced_now
FROM charges
WHERE side = $side
    AND month IN ($before, $month)
    AND ($account IS NULL OR account = $account)
GROUP BY ALL
ORDER BY ALL
