-- Meta's webhook bodies -> `records`: one row per record, its texts as they were told.
-- {bodies} is the reader of one segment (row, part, object, entry), filled in by meta.py with
-- constant text and a path of its own making; a statement ends at its semicolon.
-- row: the body's place in its segment, from 1. part: its place in a list that filled the line.
-- item: the record's place, from 1, among those of its row. what: the reason of a record that is
-- no call event, settled here; NULL where the item is still to be judged (events.sql).

-- Nearly every body holds one item: it is taken by plain subscripts, which costs half an unnest.
-- shape: one (such a body), many (unnested below), odd (DuckDB could make nothing of the line, or
-- several contacts have to be matched to items: reshape.py puts it in order and it is read again).
CREATE OR REPLACE TABLE records AS
SELECT
    row, part, 1::INTEGER AS item, shape,
    CASE WHEN shape = 'one' THEN entry[1].id END AS waba_id,
    CASE WHEN shape = 'one' THEN change.field END AS field,
    CASE WHEN shape = 'one' THEN change.value.metadata.phone_number_id END AS phone_number_id,
    CASE WHEN shape = 'one' THEN change.value.metadata.display_phone_number END AS display_number,
    CASE WHEN shape = 'one' THEN change.value.contacts[1].wa_id END AS wa_id,
    CASE WHEN shape = 'one' THEN change.value.contacts[1].user_id END AS user_id,
    CASE WHEN shape = 'one' THEN change.value.contacts[1].profile.country_code END AS profile_country,
    CASE WHEN shape = 'one' THEN len(change.value.errors) > 0 END AS change_failed,
    CASE WHEN shape = 'one' THEN change.value.errors[1].code END AS change_error,
    true AS alone,
    shape = 'one' AND coalesce(len(change.value.calls), 0) = 1 AS in_calls,
    NULL::VARCHAR AS what,
    CASE
        WHEN shape <> 'one' THEN NULL
        WHEN len(change.value.calls) = 1 THEN change.value.calls[1]
        ELSE change.value.statuses[1]
    END AS told
FROM (
    SELECT
        row, part, entry, entry[1].changes[1] AS change,
        CASE
            WHEN object = '{placeholder}' THEN 'blank'
            WHEN object IS NULL AND entry IS NULL AND part = 0 THEN 'odd'
            WHEN len(entry) = 1 AND len(entry[1].changes) = 1
                AND coalesce(len(entry[1].changes[1].value.contacts), 0) <= 1
                AND coalesce(len(entry[1].changes[1].value.calls), 0)
                    + coalesce(len(entry[1].changes[1].value.statuses), 0) = 1
                AND coalesce(len(entry[1].changes[1].value.messages), 0) = 0
                AND coalesce(object, '') IN ('whatsapp_business_account', '') THEN 'one'
            WHEN part = 0 AND coalesce(list_max(flatten(list_transform(
                entry, lambda e: list_transform(e.changes, lambda c: len(c.value.contacts))
            ))), 0) > 1 THEN 'odd'
            ELSE 'many'
        END AS shape
    FROM {bodies}
);

-- Bodies refused whole, and those without an entry: one record each.
CREATE OR REPLACE TABLE batched AS
SELECT
    row, part,
    CASE
        WHEN object IN ('page', 'instagram') THEN 'messenger'
        WHEN coalesce(object, '') NOT IN ('whatsapp_business_account', '') THEN 'other_object'
        WHEN coalesce(len(entry), 0) = 0 THEN 'no_entry'
    END AS refused,
    entry
FROM {bodies}
SEMI JOIN (SELECT row FROM records WHERE shape = 'many') AS many USING (row);

DELETE FROM records WHERE shape = 'many';

-- The others: entries, then changes, then items, each with its place.
INSERT INTO records
WITH entries AS (
    SELECT
        row, part, refused,
        unnest(CASE WHEN refused IS NULL THEN entry ELSE [NULL] END) AS entry,
        unnest(CASE WHEN refused IS NULL THEN range(len(entry)) ELSE [0] END) AS entry_at
    FROM batched
),
changes AS (
    SELECT
        row, part, refused, entry_at, entry.id AS waba_id,
        len(entry.calls) > 0 AS messenger,
        coalesce(len(entry.changes), 0) = 0 AS bare,
        unnest(CASE WHEN len(entry.changes) > 0 THEN entry.changes ELSE [NULL] END) AS change,
        unnest(range(greatest(len(entry.changes), 1))) AS change_at
    FROM entries
),
counted AS (
    SELECT
        *,
        list_concat(change.value.calls, change.value.statuses) AS items,
        coalesce(len(change.value.calls), 0) AS calls,
        coalesce(len(change.value.calls), 0) + coalesce(len(change.value.statuses), 0) AS events,
        coalesce(len(change.value.messages), 0) AS messages
    FROM changes
),
placed AS (
    SELECT * EXCLUDE (items), unnest(range(greatest(events + messages, 1))) AS at_place, items
    FROM counted
)
SELECT
    row, part,
    (row_number() OVER (PARTITION BY row ORDER BY part, entry_at, change_at, at_place))::INTEGER,
    'one',
    waba_id, change.field, change.value.metadata.phone_number_id,
    change.value.metadata.display_phone_number, change.value.contacts[1].wa_id,
    change.value.contacts[1].user_id, change.value.contacts[1].profile.country_code,
    len(change.value.errors) > 0, change.value.errors[1].code,
    events = 1,
    at_place < calls,
    CASE
        WHEN refused IS NOT NULL THEN refused
        WHEN bare AND messenger THEN 'messenger'
        WHEN bare THEN 'no_changes'
        WHEN at_place < events THEN NULL
        WHEN change.value.messages[at_place - events + 1].interactive.type = 'call_permission_reply'
            THEN 'permission_reply'
        WHEN at_place < events + messages THEN 'message'
        WHEN coalesce(change.field, 'calls') = 'calls' THEN 'no_items'
        WHEN change.field IN ('account_update', 'account_settings_update') THEN change.field
        ELSE 'other_field'
    END,
    items[at_place + 1]
FROM placed;
