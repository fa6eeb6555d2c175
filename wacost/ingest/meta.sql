-- Meta's webhook bodies -> records: one row per record, its texts as they were told, in
-- `call`, `status` or `message`. {bodies} is the reader of one segment (row, part, received_at,
-- object, entry), filled in by meta.py with constant text and a path of its own making.
-- The first query goes where events.sql says {records}, and reads no more than calls need. The
-- second makes the table many_items of all other bodies, for events.sql and others.sql.
-- row: the body's place in its segment, from 1. part: 0, or, where reshape.py made several bodies of
-- one line, the place of this one's first record among those of its row.
-- item: the record's place, from 1, among those of its row. what: the reason of a record that is
-- no call event, settled here; NULL where the item is still to be judged.

-- Nearly every body holds one item. Each list is unnested beside a list of one, so that the first
-- of its members, or nothing, stays beside its body: an unnest hands on what it finds, a subscript
-- copies all of it.
-- shape: one (such a body); many (the second query takes it apart); odd (DuckDB could make nothing
-- of the line, or several contacts have to be matched to items: reshape.py puts it in order and it
-- is read again); blank (no body at all). Only of `one` the other columns mean anything.
WITH entries AS (
    SELECT row, part, received_at, object, entry AS entries, unnest(entry) AS entry, unnest([true]) AS first
    FROM {bodies}
),
changes AS (
    SELECT
        row, part, received_at, object, entries, first, entry.id AS waba_id, len(entry.changes) AS changes,
        unnest(entry.changes) AS change, unnest([true]) AS first_change
    FROM entries
),
items AS (
    SELECT
        row, part, received_at, object, entries, changes, first AND first_change AS first_change, waba_id, change.field AS field,
        change.value.metadata.phone_number_id AS phone_number_id,
        change.value.metadata.display_phone_number AS display_number,
        coalesce(len(change.value.contacts), 0) AS contacts,
        coalesce(len(change.value.calls), 0) AS calls,
        coalesce(len(change.value.calls), 0) + coalesce(len(change.value.statuses), 0) AS events,
        coalesce(len(change.value.messages), 0) AS messages,
        len(change.value.errors) > 0 AS change_failed,
        unnest(change.value.contacts) AS contact,
        unnest(change.value.calls) AS call,
        unnest(change.value.statuses) AS status,
        unnest(change.value.errors) AS error,
        unnest([true]) AS first_item
    FROM changes
)
SELECT
    row, part, received_at, greatest(part, 1)::INTEGER AS item,
    CASE
        WHEN object = '{placeholder}' THEN 'blank'
        WHEN object IS NULL AND entries IS NULL AND part = 0 THEN 'odd'
        WHEN len(entries) = 1 AND changes = 1 AND contacts <= 1 AND events = 1 AND messages = 0
            AND coalesce(object, '') IN ('whatsapp_business_account', '')
            AND CASE WHEN calls = 1 THEN left_out(call.event) IS NULL
                ELSE is_call_status(status.type, field) END THEN 'one'
        WHEN part = 0 AND coalesce(list_max(flatten(list_transform(
            entries, lambda e: list_transform(e.changes, lambda c: len(c.value.contacts))
        ))), 0) > 1 THEN 'odd'
        ELSE 'many'
    END AS shape,
    waba_id, field, phone_number_id, display_number,
    contact.wa_id AS wa_id,
    contact.user_id AS user_id,
    contact.profile.country_code AS profile_country,
    change_failed,
    error.code AS change_error,
    true AS alone,
    calls = 1 AS in_calls,
    NULL::VARCHAR AS what,
    call, status
FROM items
WHERE first_change AND first_item;

-- The bodies of `many_rows`: entries, then changes, then items, each with its place. A body that
-- is refused whole, and one without an entry, is one record.
CREATE OR REPLACE TEMP TABLE many_items AS
WITH batched AS (
    SELECT
        row, part, received_at, entry,
        CASE
            WHEN object IN ('page', 'instagram') THEN 'messenger'
            WHEN coalesce(object, '') NOT IN ('whatsapp_business_account', '') THEN 'other_object'
            WHEN coalesce(len(entry), 0) = 0 THEN 'no_entry'
        END AS refused
    FROM {bodies}
    SEMI JOIN many_rows USING (row, part)
),
entries AS (
    SELECT
        row, part, received_at, refused,
        unnest(CASE WHEN refused IS NULL THEN entry ELSE [NULL] END) AS entry,
        unnest(CASE WHEN refused IS NULL THEN range(len(entry)) ELSE [0] END) AS entry_at
    FROM batched
),
changes AS (
    SELECT
        row, part, received_at, refused, entry_at, entry.id AS waba_id, entry.time AS entry_time,
        len(entry.calls) > 0 AS messenger,
        coalesce(len(entry.changes), 0) = 0 AS bare,
        unnest(CASE WHEN len(entry.changes) > 0 THEN entry.changes ELSE [NULL] END) AS change,
        unnest(range(greatest(coalesce(len(entry.changes), 0), 1))) AS change_at
    FROM entries
),
counted AS (
    SELECT
        *,
        coalesce(len(change.value.calls), 0) AS calls,
        coalesce(len(change.value.calls), 0) + coalesce(len(change.value.statuses), 0) AS events,
        coalesce(len(change.value.messages), 0) AS messages
    FROM changes
),
-- The items are unnested beside their places: calls, then statuses, then messages; the lists
-- themselves are not carried along, or a body of 1,000 items would be copied 1,000 times.
placed AS (
    SELECT
        row, part, received_at, refused, entry_at, entry_time, change_at, messenger, bare, waba_id,
        calls, events, messages,
        change.field AS field,
        change.value.metadata.phone_number_id AS phone_number_id,
        change.value.metadata.display_phone_number AS display_number,
        change.value.contacts[1].wa_id AS only_wa_id,
        change.value.contacts[1].user_id AS only_user_id,
        change.value.contacts[1].profile.country_code AS only_country,
        len(change.value.errors) > 0 AS change_failed,
        change.value.errors[1].code AS change_error,
        CASE WHEN events + messages = 0 THEN {
            'timestamp': change.value.timestamp, 'type': change.value.type, 'event': change.value.event,
            'phone_number': change.value.phone_number, 'settings': change.value.phone_number_settings,
            'violation': change.value.violation_info.violation_type,
            'restrictions': change.value.restriction_info, 'tier': change.value.volume_tier_info,
            'summary': change.value.wacost_summary
        } END AS account,
        unnest(change.value.calls) AS call,
        unnest(list_concat(
            list_resize(coalesce(change.value.statuses, [])[:0], calls), change.value.statuses
        )) AS status,
        unnest(list_concat(
            list_resize(coalesce(change.value.messages, [])[:0], events), change.value.messages
        )) AS message,
        unnest(range(greatest(events + messages, 1))) AS at_place
    FROM counted
),
-- A change with one contact and several items: it is the contact of those that name it.
met AS (
    SELECT
        *,
        events + messages = 1
            OR coalesce(only_wa_id IN (call.from, call.to, status.recipient_id, message.from, message.to), false)
            OR coalesce(only_user_id IN (
                call.from_user_id, call.to_user_id, status.recipient_user_id, message.from_user_id
            ), false) AS is_contact
    FROM placed
)
SELECT
    row, part, received_at,
    (greatest(part, 1) - 1
        + row_number() OVER (PARTITION BY row, part ORDER BY entry_at, change_at, at_place))::INTEGER AS item,
    'one' AS shape, waba_id, field, phone_number_id, display_number,
    CASE WHEN is_contact THEN only_wa_id END AS wa_id,
    CASE WHEN is_contact THEN only_user_id END AS user_id,
    CASE WHEN is_contact THEN only_country END AS profile_country,
    change_failed, change_error,
    events = 1 AS alone,
    at_place < calls AS in_calls,
    CASE
        WHEN refused IS NOT NULL THEN refused
        WHEN bare AND messenger THEN 'messenger'
        WHEN bare THEN 'no_changes'
        WHEN events + messages > 0 OR field IN ('account_update', 'account_settings_update', 'wacost_summary') THEN NULL
        WHEN coalesce(field, 'calls') = 'calls' THEN 'no_items'
        -- A format or a table told why it holds no call (formats/parts.py, tables).
        WHEN field IN (
            'wacost/untimed', 'wacost/pstn', 'wacost/other_event', 'wacost/other_format',
            'wacost_total_row', 'wacost_header_row', 'wacost_no_mapping'
        ) THEN field[8:]
        ELSE 'other_field'
    END AS what,
    -- What others.sql sees to: a record that is no event of a call's bill.
    CASE
        WHEN refused IS NOT NULL OR bare THEN NULL
        WHEN at_place < calls THEN left_out(call.event)
        WHEN at_place < events THEN CASE WHEN NOT is_call_status(status.type, field) THEN 'message_status' END
        WHEN at_place < events + messages THEN CASE
            WHEN message.interactive.type = 'call_permission_reply' THEN 'permission_reply'
            WHEN message.system.type LIKE '%changed_number' OR message.system.type LIKE '%changed_user_id' THEN 'alias'
            ELSE 'message'
        END
        WHEN field = 'account_settings_update' THEN 'settings'
        WHEN field = 'account_update' THEN 'account'
        WHEN field = 'wacost_summary' THEN 'summary'
    END AS other,
    call, status, message, account, entry_time
FROM met;
