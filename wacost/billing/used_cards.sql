-- The cards that priced, with how many calls, and what they say.
SELECT
    cards.name, coalesce(nullif(cards.title, ''), cards.name), cards.status, cards.checksum,
    coalesce(cards.source, ''), cards.retrieved, used.calls, cards.currency, cards.content
FROM (
    SELECT card_checksum, count(*)::BIGINT AS calls
    FROM {rows} AS h
    WHERE status IN ('rated', 'free')
    GROUP BY card_checksum
) AS used
JOIN cards ON cards.checksum = used.card_checksum
ORDER BY cards.name, cards.first_used_at, cards.checksum
