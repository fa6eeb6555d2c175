-- How far the calls of a month have come in their volume bands. `name: query;`, read by tiers.py.

-- name: calls
-- Rated calls with what their group has accrued after them: what is billed, or the actual seconds
-- where the card says so. The other queries read it as {calls}.
SELECT
    h.account, h.card_checksum, h.direction, h.market, h.country, c.contact,
    coalesce(c.ended_at, c.started_at + to_seconds(c.duration_s), c.started_at) AS ended_at,
    h.seconds_before + CASE
        WHEN k.actual THEN coalesce(c.duration_s, epoch_us(c.ended_at - c.started_at) // 1000000)
        ELSE h.billed_seconds
    END AS after_s
FROM charge_rows AS h
LEFT JOIN call_rows AS c ON c.call_id = h.call_id
LEFT JOIN (
    SELECT checksum, content::JSON ->> '$.tiers.accrual' = 'actual' AS actual FROM cards
) AS k ON k.checksum = h.card_checksum
WHERE h.month = $month AND h.side = $side AND h.status = 'rated' AND h.seconds_before IS NOT NULL;

-- name: groups
SELECT
    account, card_checksum, direction, market, country,
    min(contact), count(*) AS calls, max(after_s)::BIGINT
FROM ({calls})
GROUP BY ALL
ORDER BY account, card_checksum, direction, calls DESC, market, country;

-- name: reached
-- The first moment at which a group was above a bound.
SELECT min(ended_at) FROM ({calls})
WHERE list_contains($accounts, account) AND card_checksum = $card AND direction = $direction
    AND CASE $scope
        WHEN 'market' THEN market = $destination
        WHEN 'country' THEN country = $destination
        WHEN 'unlisted' THEN country = $destination AND market IS NULL
        WHEN 'rest' THEN country IS NULL AND market IS NULL
        ELSE true
    END
    AND after_s > $bound_s;

-- name: newest
-- The last thing that any call tells: a store that got nothing for a week is no week further.
SELECT max(greatest(first_event_at, ended_at)) FROM call_rows;

-- name: cards
SELECT checksum, content FROM cards WHERE list_contains($checksums, checksum);
