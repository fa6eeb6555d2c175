-- What the requests and the calls under the permissions cost, by currency; `unpriced`: no price is known.
WITH messages AS (
    SELECT currency, count(*) AS messages, sum(price_nanos)::HUGEINT AS message_nanos
    FROM asked_prices
    WHERE price_nanos IS NOT NULL AND currency IS NOT NULL
    GROUP BY currency
),
calls AS (
    SELECT h.currency, count(*) AS calls, sum(h.amount_units)::HUGEINT AS call_units
    FROM (SELECT DISTINCT unnest(call_ids) AS call_id FROM granted) AS g
    JOIN charge_rows AS h ON h.call_id = g.call_id AND h.side = 'cost'
    WHERE h.amount_units IS NOT NULL
    GROUP BY h.currency
)
SELECT
    currency, coalesce(messages, 0) AS messages, coalesce(message_nanos, 0)::HUGEINT AS message_nanos,
    coalesce(calls, 0) AS calls, coalesce(call_units, 0)::HUGEINT AS call_units
FROM messages
FULL JOIN calls USING (currency)
ORDER BY currency
