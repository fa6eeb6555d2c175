-- The cards that priced, with how many calls, and what they say. One that two threads of a process
-- used first at once may be there twice.
SELECT
    cards.name, coalesce(nullif(cards.title, ''), cards.name), cards.status, cards.checksum,
    coalesce(cards.source, ''), cards.retrieved, used.calls, cards.currency, cards.content
FROM (
    SELECT card_checksum, count(*)::BIGINT AS calls
    FROM {rows} AS h
    WHERE status IN ('rated', 'free')
    GROUP BY card_checksum
) AS used
JOIN (
    FROM cards
    QUALIFY row_number() OVER (PARTITION BY checksum ORDER BY first_used_at) = 1
) AS cards ON cards.checksum = used.card_checksum
ORDER BY cards.name, cards.first_used_at, cards.checksum
