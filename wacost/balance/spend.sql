-- What the calls of some accounts cost, for budgets and for what is unusual. No ledger is needed.

-- step: days
CREATE OR REPLACE TEMP TABLE spend_days (day DATE, from_at TIMESTAMP, to_at TIMESTAMP)

-- step: moves
-- One row for each call with a price, in its own currency, with the local day and hour in which it ended.
CREATE OR REPLACE TEMP TABLE spend_moves AS
SELECT
    d.day, ((epoch(t.ended) - epoch(d.from_at)) // 3600)::INTEGER AS hour, c.account, c.currency, c.direction,
    coalesce(c.country, '?') AS country, t.contact, c.billed_seconds::BIGINT AS seconds, c.amount_units AS units, t.ended
FROM charge_rows AS c
JOIN (
    SELECT call_id, contact, coalesce(ended_at, started_at, first_event_at) AS ended FROM call_rows
) AS t USING (call_id)
JOIN spend_days AS d ON t.ended >= d.from_at AND t.ended < d.to_at
WHERE c.side = 'cost' AND c.status = 'rated' AND c.account IN (SELECT unnest($accounts)) AND t.ended <= $at

-- step: currencies
SELECT DISTINCT currency FROM spend_moves ORDER BY currency

-- step: daily
SELECT day, direction, country, count(*), sum(seconds)::BIGINT, sum(units)::HUGEINT
FROM spend_moves
GROUP BY day, direction, country
ORDER BY day, direction, country

-- step: hourly
SELECT day, hour, sum(units)::HUGEINT FROM spend_moves GROUP BY day, hour ORDER BY day, hour

-- step: contacts
SELECT day, contact, any_value(country), count(*), sum(seconds)::BIGINT, sum(units)::HUGEINT AS spent
FROM spend_moves
WHERE contact IS NOT NULL
GROUP BY day, contact
ORDER BY day, contact

-- step: first_day
SELECT min(coalesce(ended_at, started_at, first_event_at)) FROM calls
WHERE account IN (SELECT unnest($accounts))

-- step: hour_cells
SELECT direction, country, count(*), sum(seconds)::BIGINT, sum(units)::HUGEINT
FROM spend_moves
WHERE day IN (SELECT unnest($days)) AND hour = $hour
GROUP BY direction, country
