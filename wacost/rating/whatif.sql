-- What a month's calls come to under a card that nobody is billed by: sums of `rate_priced`, which
-- month.py has just made. {...} are integers and fixed words.

-- step: calls
CREATE OR REPLACE TEMP VIEW what_if_calls AS
SELECT
    p.call_id, a.account, r.direction, r.country,
    CASE WHEN p.status_no > {unanswered} THEN r.market END AS market,
    t.status, p.flag_bits,
    CASE WHEN p.status_no = {unanswered} THEN 0 ELSE p.billed_s END AS billed_seconds,
    p.amount_units,
    {amount} AS amount
FROM rate_priced AS p
JOIN rate_route AS r USING (route_no)
JOIN rate_card AS k USING (card_no)
JOIN rate_account AS a USING (account_no)
JOIN rate_status AS t ON t.status_no = p.status_no;

-- step: groups
SELECT
    account, direction, country, market, status, count(*) AS calls,
    count(*) FILTER (WHERE flag_bits & 1 = 1) AS tier_unknown,
    coalesce(sum(billed_seconds), 0)::BIGINT AS billed_seconds,
    CASE WHEN count(amount_units) = count(*) THEN sum(amount_units)::HUGEINT END AS amount_units,
    CASE WHEN count(amount) = count(*) THEN sum(amount) END AS amount
FROM what_if_calls
GROUP BY account, direction, country, market, status
ORDER BY account, direction, country, market, status;

-- step: doubtful
-- The calls that are priced at the next lower known rate, because that of their band is not known,
-- and those without a price where no lower one is known either.
CREATE OR REPLACE TEMP TABLE what_if_doubtful AS
FROM what_if_calls WHERE flag_bits & 1 = 1;

-- step: bounds
-- What they come to as {priced} has them, which is a relation of month.py's or whatif.py's own,
-- and how many of them have no amount there.
SELECT
    d.account, d.direction, d.country, d.market, d.status,
    coalesce(sum(p.amount_units), 0)::HUGEINT, coalesce(sum(p.amount), 0),
    count(*) - count(p.amount_units)
FROM what_if_doubtful AS d
JOIN {priced} AS p USING (call_id)
GROUP BY ALL;
