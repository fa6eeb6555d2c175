-- What calls cost and what they were sold for, by the columns asked for ({by}) and both currencies. Sums
-- are over calls that have a price on both sides; `unpriced` counts the others: a gap is no margin.
WITH sums AS (
    SELECT
        {by},
        c.currency AS cost_currency,
        s.currency AS sale_currency,
        count(*) AS calls,
        count(*) FILTER (WHERE c.amount IS NULL OR s.amount IS NULL) AS unpriced,
        coalesce(sum(c.billed_seconds) FILTER (WHERE c.amount IS NOT NULL), 0)::BIGINT AS cost_seconds,
        coalesce(sum(s.billed_seconds) FILTER (WHERE s.amount IS NOT NULL), 0)::BIGINT AS sale_seconds,
        sum(c.amount) FILTER (WHERE s.amount IS NOT NULL) AS cost,
        sum(s.amount) FILTER (WHERE c.amount IS NOT NULL) AS sale
    FROM charges AS c
    LEFT JOIN charges AS s ON s.call_id = c.call_id AND s.side = 'sale'
    WHERE c.side = 'cost'
        AND c.account IN (SELECT account FROM charges WHERE side = 'sale')
        AND ($month IS NULL OR c.month = $month)
        AND ($account IS NULL OR c.account = $account)
    GROUP BY ALL
)
SELECT
    *,
    CASE WHEN cost_currency = sale_currency THEN sale - cost END AS margin,
    coalesce(cost_currency = sale_currency AND sale < cost, false) AS below_cost
FROM sums
ORDER BY cost_currency NULLS LAST, sale_currency NULLS LAST, {order}
