-- All that moves one balance, in its own currency, as a temporary table.

-- step: uncharged
-- Months that calls since a moment may belong to which have no charge yet, a day around for any zone.
SELECT DISTINCT strftime(moved_at + to_days(n), '%Y-%m')
FROM (
    SELECT coalesce(c.ended_at, c.started_at, c.first_event_at) AS moved_at
    FROM calls AS c
    WHERE c.account IN (SELECT unnest($accounts))
        AND NOT EXISTS (FROM charge_rows AS r WHERE r.call_id = c.call_id AND r.side = 'cost')
)
CROSS JOIN (SELECT unnest([-1, 0, 1]) AS n)
WHERE moved_at > $since::TIMESTAMP - INTERVAL 1 DAY

-- step: rates
-- What one unit of another currency is worth, from day to day: numerator / denominator.
CREATE OR REPLACE TEMP TABLE balance_rates (
    currency VARCHAR, from_on DATE, to_on DATE, numerator HUGEINT, denominator HUGEINT
)

-- step: moves
-- Entries and call charges; what has no rate has no units.
CREATE OR REPLACE TEMP TABLE balance_moves AS
SELECT
    l.moved_at, l.kind, l.entry_id, l.account, l.call_id, l.note, l.currency, l.amount_units AS told_units,
    CASE WHEN l.currency = $currency THEN l.amount_units ELSE {converted} END AS units
FROM ledger AS l
LEFT JOIN balance_rates AS r ON r.currency = l.currency AND l.moved_at >= r.from_on AND l.moved_at < r.to_on
WHERE l.balance = $balance AND l.ledger_account = 'balance' AND l.kind <> 'observed'

-- step: before_observed
-- What we had at each observed balance, before its own difference and those of earlier ones.
WITH steps AS (
    SELECT moved_at, false AS is_observed, NULL AS entry_id, units FROM balance_moves
    UNION ALL
    SELECT moved_at, true, entry_id, 0 FROM ledger_entries WHERE balance = $balance AND kind = 'observed'
)
SELECT entry_id, sum_before FROM (
    SELECT *, coalesce(sum(units) OVER (ORDER BY moved_at, is_observed, entry_id), 0)::HUGEINT AS sum_before FROM steps
)
WHERE is_observed
ORDER BY moved_at, entry_id

-- step: balance
SELECT coalesce(sum(units), 0)::HUGEINT FROM balance_moves WHERE moved_at <= $at

-- step: totals
SELECT kind, count(*), coalesce(sum(units), 0)::HUGEINT
FROM balance_moves
WHERE moved_at <= $at AND units IS NOT NULL
GROUP BY kind

-- step: unconverted
-- What is in no sum: since the last observed balance there was no rate for it.
SELECT currency, count(*), sum(told_units)::HUGEINT
FROM balance_moves
WHERE units IS NULL AND moved_at <= $at
    AND moved_at > coalesce((SELECT max(moved_at) FROM balance_moves WHERE kind = 'observed' AND moved_at <= $at), '-infinity'::TIMESTAMP)
GROUP BY currency
ORDER BY currency

-- step: since
-- When the balance fell below a minimum for the last time; no row where it is not below it.
WITH sums AS (SELECT moved_at, sum(units) AS units FROM balance_moves WHERE moved_at <= $at GROUP BY moved_at),
running AS (SELECT moved_at, sum(units) OVER (ORDER BY moved_at) AS units FROM sums)
SELECT min(moved_at) FROM running
WHERE moved_at > coalesce((SELECT max(moved_at) FROM running WHERE units >= $minimum), '-infinity'::TIMESTAMP)

-- step: calls_since
SELECT
    count(*), count(*) FILTER (WHERE answered), count(*) FILTER (WHERE NOT answered AND direction = 'inbound')
FROM calls
WHERE account IN (SELECT account FROM ledger_shares WHERE balance = $balance)
    AND first_event_at >= $since AND first_event_at <= $at

-- step: last
SELECT
    max(moved_at) FILTER (WHERE kind <> 'call'), max(moved_at) FILTER (WHERE kind = 'call'),
    max(moved_at) FILTER (WHERE kind = 'observed'), min(moved_at)
FROM balance_moves
WHERE moved_at <= $at

-- step: unpriced
-- Calls since the beginning of the ledger that have no price: they are in no sum. Calls that go on are told apart.
SELECT c.status, count(*)
FROM charge_rows AS c
JOIN call_rows AS r USING (call_id)
JOIN ledger_shares AS s ON s.account = c.account
WHERE s.balance = $balance AND c.side = 'cost' AND c.amount_units IS NULL AND c.status <> 'open'
    AND coalesce(r.ended_at, r.started_at, r.first_event_at) > s.starts_at
    AND coalesce(r.ended_at, r.started_at, r.first_event_at) <= $at
GROUP BY c.status
ORDER BY c.status

-- step: open_calls
-- Calls that began and did not end: those of the last day may still go on.
SELECT
    call_id, account, direction, contact, country, coalesce(started_at, accepted_at, first_event_at) AS begun_at,
    coalesce(started_at, accepted_at) IS NOT NULL AS is_answered
FROM calls
WHERE account IN (SELECT account FROM ledger_shares WHERE balance = $balance)
    AND disposition = 'open' AND first_event_at <= $at AND first_event_at > $at - INTERVAL 1 DAY
ORDER BY begun_at, call_id

-- step: accrued
-- What the group of a call had accrued in its month up to its last charge.
SELECT coalesce(max(c.seconds_before + c.billed_seconds), 0)::BIGINT
FROM charge_rows AS c
WHERE c.side = 'cost' AND c.status = 'rated' AND c.account IN (SELECT unnest($accounts))
    AND c.month = $month AND c.card = $card AND c.direction = $direction
    AND ($scope = 'card' OR ($scope = 'market' AND c.market IS NOT DISTINCT FROM $market
        AND (c.market IS NOT NULL OR c.country IS NOT DISTINCT FROM $country))
        OR ($scope = 'country' AND c.country IS NOT DISTINCT FROM $country))

-- step: last_record
-- When the last record came that tells of a call.
SELECT max(greatest(first_event_at, coalesce(ended_at, first_event_at))) FROM call_rows
WHERE first_event_at <= $at

-- step: days
-- Local days as they were handed over: begin and end in UTC.
CREATE OR REPLACE TEMP TABLE balance_days (day DATE, from_at TIMESTAMP, to_at TIMESTAMP)

-- step: daily
-- What calls and messages took off the balance, day by day.
SELECT
    d.day,
    coalesce(-sum(m.units) FILTER (WHERE m.kind = 'call'), 0)::HUGEINT,
    coalesce(-sum(m.units) FILTER (WHERE m.kind = 'message'), 0)::HUGEINT
FROM balance_days AS d
LEFT JOIN balance_moves AS m ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
GROUP BY d.day
ORDER BY d.day

-- step: hourly
-- In which hours of the day calls are paid, over the last eight weeks.
SELECT ((epoch(m.moved_at) - epoch(d.from_at)) // 3600)::INTEGER AS hour, (-sum(m.units))::HUGEINT
FROM balance_days AS d
JOIN balance_moves AS m ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
WHERE m.kind = 'call' AND d.day >= (SELECT max(day) FROM balance_days) - 56
GROUP BY hour
ORDER BY hour

-- step: groups
-- Billed seconds and cost of each group of calls by day; the country that is called most stands for its market.
WITH dated AS (
    SELECT d.day, c.account, c.card, c.direction, c.market, c.country, c.billed_seconds, -m.units AS cost_units
    FROM balance_moves AS m
    JOIN charge_rows AS c ON c.call_id = m.call_id AND c.side = 'cost'
    JOIN balance_days AS d ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
    WHERE m.kind = 'call' AND m.units IS NOT NULL AND c.status = 'rated' AND c.country IS NOT NULL
)
SELECT
    card, direction, coalesce(market, country) AS grouped, mode(account), mode(country), day,
    sum(billed_seconds)::BIGINT, sum(cost_units)::HUGEINT
FROM dated
GROUP BY card, direction, grouped, day
ORDER BY card, direction, grouped, day

-- step: accrued_of
-- What a group of calls had accrued in a month, as charged so far.
SELECT coalesce(max(seconds_before + billed_seconds), 0)::BIGINT
FROM charge_rows
WHERE side = 'cost' AND status = 'rated' AND account IN (SELECT unnest($accounts)) AND month = $month
    AND card = $card AND direction = $direction AND coalesce(market, country) = $name

-- step: spent
-- What calls and messages took off since a moment.
SELECT coalesce(-sum(units), 0)::HUGEINT FROM balance_moves
WHERE kind IN ('call', 'message') AND moved_at >= $begin AND moved_at <= $at

-- step: booked
-- What was taken off as fees since a moment.
SELECT coalesce(-sum(units), 0)::HUGEINT FROM balance_moves
WHERE kind = 'fee' AND moved_at >= $begin AND moved_at <= $at

-- step: calls_by_day
-- What calls took off, by account, local day and currency; `units` is NULL where there is no rate for some of them.
SELECT
    d.day, m.account, m.currency, count(*), (-sum(m.told_units))::HUGEINT,
    CASE WHEN count(*) = count(m.units) THEN (-sum(m.units))::HUGEINT END
FROM balance_moves AS m
JOIN balance_days AS d ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
WHERE m.kind = 'call' AND m.moved_at <= $at
GROUP BY d.day, m.account, m.currency
ORDER BY d.day, m.account, m.currency

-- step: told
-- All else that moved the balance, in its currency.
SELECT m.entry_id, m.moved_at, m.kind, m.currency, m.told_units, m.units, coalesce(e.fee_units, 0)::HUGEINT, e.note
FROM balance_moves AS m
LEFT JOIN ledger_entries AS e ON e.balance = $balance AND e.entry_id = m.entry_id
WHERE m.kind <> 'call' AND m.moved_at <= $at
ORDER BY m.moved_at, m.kind <> 'opening', m.entry_id

-- step: left
-- What was there at the end of each day of balance_days.
SELECT d.day, coalesce(sum(m.units), 0)::HUGEINT
FROM balance_days AS d
LEFT JOIN balance_moves AS m ON m.moved_at < d.to_at
GROUP BY d.day
ORDER BY d.day

-- step: lines
-- All that moved the balance: each thing that was told, and the calls of an account and local day as one line that
-- stands where the last of them ended. The balance after a line is the sum of all lines up to it.
WITH lines AS (
    SELECT d.day, max(m.moved_at) AS moved_at, m.kind, m.account AS about, '' AS entry_id, count(*) AS calls,
        sum(m.units)::HUGEINT AS units, count(*) FILTER (WHERE m.units IS NULL) AS unconverted
    FROM balance_moves AS m
    JOIN balance_days AS d ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
    WHERE m.kind = 'call' AND m.moved_at <= $at
    GROUP BY d.day, m.kind, m.account
    UNION ALL
    SELECT d.day, m.moved_at, m.kind, coalesce(nullif(e.note, ''), m.entry_id), m.entry_id, NULL, m.units, (m.units IS NULL)::INTEGER
    FROM balance_moves AS m
    JOIN balance_days AS d ON m.moved_at >= d.from_at AND m.moved_at < d.to_at
    LEFT JOIN ledger_entries AS e ON e.balance = $balance AND e.entry_id = m.entry_id
    WHERE m.kind <> 'call' AND m.moved_at <= $at
)
SELECT
    day, moved_at, kind, about, calls, units, unconverted,
    coalesce(sum(units) OVER (ORDER BY moved_at, kind = 'observed', kind <> 'opening', kind, about, entry_id), 0)::HUGEINT AS balance
FROM lines
ORDER BY moved_at, kind = 'observed', kind <> 'opening', kind, about, entry_id

-- step: day_calls
-- The calls of one local day, in the order of their ends.
SELECT
    m.moved_at, m.call_id, c.account, c.direction, c.country, c.card, c.billed_seconds, m.units, m.told_units, m.currency
FROM balance_moves AS m
JOIN charge_rows AS c ON c.call_id = m.call_id AND c.side = 'cost'
WHERE m.kind = 'call' AND m.moved_at >= $begin AND m.moved_at < $end
ORDER BY m.moved_at, m.call_id
