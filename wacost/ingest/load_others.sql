-- A batch of judged records that are no call events -> other_events, and the words never seen before.
-- Runs inside the transaction of load.sql, before it. Reads the temporary `judged_others`,
-- `judged` (views over Parquet) and `batch_sources`; leaves `other_verdicts` and `fresh_others`.

-- A record's content is its key. The first of its copies counts, the others are duplicates.
CREATE OR REPLACE TEMP TABLE arrived_others AS
SELECT
    call_id AS id, kind, word, event_at, waba_id, phone_number_id, business_number, contact,
    contact_user_id, profile_country, detail, batch_sources.name AS source, line, item, judged_others.source AS number,
    row_number() OVER (
        PARTITION BY
            call_id, kind, word, event_at, waba_id, phone_number_id, business_number, contact,
            contact_user_id, profile_country, detail
        ORDER BY batch_sources.name, line, item
    ) AS copy
FROM judged_others
JOIN batch_sources ON batch_sources.number = judged_others.source
WHERE reason IS NULL;

-- The time bounds keep the rest of the store unread.
CREATE OR REPLACE TEMP TABLE fresh_others AS
SELECT * EXCLUDE (number, copy)
FROM arrived_others AS a
WHERE copy = 1 AND NOT EXISTS (
    SELECT 1 FROM other_events AS known
    WHERE known.id = a.id AND known.kind = a.kind AND known.event_at = a.event_at AND known.word = a.word
        AND known.event_at BETWEEN
            (SELECT min(event_at) FROM arrived_others) AND (SELECT max(event_at) FROM arrived_others)
        AND known.waba_id IS NOT DISTINCT FROM a.waba_id
        AND known.phone_number_id IS NOT DISTINCT FROM a.phone_number_id
        AND known.business_number IS NOT DISTINCT FROM a.business_number
        AND known.contact IS NOT DISTINCT FROM a.contact
        AND known.contact_user_id IS NOT DISTINCT FROM a.contact_user_id
        AND known.profile_country IS NOT DISTINCT FROM a.profile_country
        AND known.detail IS NOT DISTINCT FROM a.detail
);

INSERT INTO other_events FROM fresh_others;

CREATE OR REPLACE TEMP TABLE other_verdicts AS
SELECT number AS source, CASE WHEN fresh_others.id IS NULL THEN 'duplicate' ELSE 'new' END AS verdict, count(*) AS records
FROM arrived_others
LEFT JOIN fresh_others USING (source, line, item)
GROUP BY ALL;

-- Words that wacost does not know, as they stood, by source: counted anew with each load of it.
DELETE FROM words WHERE source IN (SELECT name FROM batch_sources);

INSERT INTO words
WITH counted AS MATERIALIZED (  -- few rows, from one look at the batch; plain bodies have no such words
    SELECT
        source, CASE WHEN reason IS NULL THEN kind END AS kind, CASE WHEN reason IS NULL THEN status END AS status,
        odd, count(*) AS records
    FROM parsed_left GROUP BY ALL
),
told AS (
    SELECT
        source, CASE WHEN kind = lower(kind) THEN 'event' ELSE 'status' END AS field,
        split_part(kind, ':', 1) AS word, sum(records)::BIGINT AS records
    FROM counted WHERE kind IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT source, 'outcome', status, sum(records)::BIGINT FROM counted WHERE status IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT source, split_part(odd, ':', 1), substr(odd, strpos(odd, ':') + 1), sum(records)::BIGINT
    FROM counted WHERE odd IS NOT NULL GROUP BY ALL
    UNION ALL
    SELECT source, kind, word, count(*)
    FROM judged_others WHERE reason IS NULL AND kind IN ('message_status', 'permission_reply', 'account', 'settings')
    GROUP BY ALL
)
SELECT field, word, batch_sources.name, records
FROM told
JOIN batch_sources ON batch_sources.number = told.source
WHERE (field, word) NOT IN {known_words};

-- Names that a record ties together: the number and the user id of one contact, and what a system
-- message says of a change. Those that are tied already are left out.
CREATE OR REPLACE TEMP TABLE alias_pairs AS
WITH told AS (
    SELECT contact::VARCHAR AS one, contact_user_id AS other FROM arrived
    WHERE contact IS NOT NULL AND contact_user_id IS NOT NULL
    UNION
    SELECT contact::VARCHAR, contact_user_id FROM fresh_others
    WHERE contact IS NOT NULL AND contact_user_id IS NOT NULL
    UNION
    SELECT names[1], unnest(names[2:])
    FROM (
        SELECT list_concat(detail::JSON->>'$.numbers[*]', detail::JSON->>'$.user_ids[*]') AS names
        FROM fresh_others WHERE kind = 'alias'
    )
)
SELECT one, other
FROM told
LEFT JOIN aliases AS a ON a.alias = told.one
LEFT JOIN aliases AS b ON b.alias = told.other
WHERE one <> other AND (a.contact = b.contact) IS NOT TRUE;
