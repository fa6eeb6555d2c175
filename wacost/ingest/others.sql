-- many_items (meta.sql) -> the records that are no event of a call's bill, judged and put into one
-- form: messages without their text, replies to permission requests, changes of numbers and settings.
-- The first reason that holds is the record's; NULL means that it was understood.

-- What is said, as canonical JSON without the keys that nothing is said of.
CREATE OR REPLACE MACRO told_of(facts) AS nullif(json_merge_patch('{}', to_json(facts))::VARCHAR, '{}');

CREATE OR REPLACE MACRO told_truth(told) AS
    CASE lower(told) WHEN 'true' THEN true WHEN '1' THEN true WHEN 'false' THEN false WHEN '0' THEN false END;

-- An end in epoch seconds, or NULL; one in another unit stays beside it as it was told.
CREATE OR REPLACE MACRO told_end(told) AS
    CASE WHEN told IS NOT DISTINCT FROM TRY_CAST(told AS BIGINT)::VARCHAR
        AND TRY_CAST(told AS BIGINT) BETWEEN 1230768000 AND 4102444799 THEN TRY_CAST(told AS BIGINT) END;

-- The name of a region is words with blanks between: letters and few marks, no text about a person.
CREATE OR REPLACE MACRO place(told) AS
    CASE WHEN regexp_full_match(told, '[A-Za-z][A-Za-z &,.()''-]{0,63}') THEN told END;

WITH flat AS (
    SELECT
        row, part, item, other, wa_id,
        coalesce(call.id, status.id, message.id, '') AS id,
        CASE other
            WHEN 'message_status' THEN upper(trim(status.status))
            WHEN 'message' THEN coalesce(nullif(lower(trim(message.type)), ''), 'unknown')
            WHEN 'permission_reply' THEN lower(trim(message.interactive.call_permission_reply.response))
            WHEN 'alias' THEN message.system.type
            WHEN 'settings' THEN coalesce(nullif(account.type, ''), 'unknown')
            WHEN 'account' THEN upper(trim(account.event))
            WHEN 'summary' THEN account.summary.country
            ELSE lower(trim(call.event))
        END AS word,
        nullif(coalesce(
            call.timestamp, status.timestamp, message.timestamp, nullif(account.timestamp, ''), nullif(entry_time, ''),
            account.tier.tier_update_time
        ), '') AS told_at,
        word(waba_id, 64) AS waba_id,
        word(coalesce(phone_number_id, account.settings.phone_number_id), 64) AS phone_number_id,
        number_of(coalesce(display_number, account.phone_number)) AS business,
        number_of(message.from) AS sender,
        number_of(message.to) AS receiver,
        number_of(status.recipient_id) AS recipient,
        word(coalesce(
            nullif(message.from_user_id, ''), nullif(status.recipient_user_id, ''), nullif(user_id, ''),
            nullif(message.from_parent_user_id, ''), status.recipient_parent_user_id
        ), 128) AS contact_user_id,
        upper(word(profile_country, 2)) AS profile_country,
        message.context.id AS about,
        message.interactive.call_permission_reply AS reply,
        message.system AS change,
        status.pricing AS pricing,
        coalesce(status.errors[1].code, change_error) AS error_code,
        account.settings.calling AS calling,
        account.violation AS violation,
        account.restrictions AS restrictions,
        account.tier AS tier,
        account.summary AS summary
    FROM many_items
    WHERE other IS NOT NULL
),
timed AS (
    SELECT
        *,
        TRY_CAST(told_at AS BIGINT) AS event_s,
        coalesce(sender = business, false) AS is_echo,
        coalesce(reply.expiration_timestamp, reply.expiration_time) AS told_expiry
    FROM flat
),
judged AS (
    SELECT
        *,
        CASE
            WHEN id = '' AND other NOT IN ('settings', 'account', 'summary') THEN 'no_id'
            WHEN NOT is_word(id, 512) THEN 'bad_id'
            WHEN coalesce(word, '') = '' THEN 'no_event'
            WHEN NOT is_word(word, 64) THEN 'bad_event'
            WHEN coalesce(told_at, '0') = '0' THEN 'no_timestamp'
            WHEN is_no_moment(told_at, event_s) THEN 'bad_timestamp'
        END AS reason,
        CASE
            WHEN other = 'message_status' THEN nullif(recipient, business)
            WHEN is_echo THEN nullif(receiver, business)
            WHEN sender IS NOT NULL THEN sender
        END AS named
    FROM timed
)
SELECT
    row, part, item, 'one' AS shape, reason, id AS call_id, other AS kind, word,
    CASE WHEN reason IS NULL THEN moment(event_s) END AS event_at,
    waba_id, phone_number_id, business AS business_number,
    coalesce(named, nullif(number_of(wa_id), business)) AS contact,
    contact_user_id, profile_country,
    CASE other
        WHEN 'message' THEN told_of({
            'direction': CASE WHEN is_echo THEN 'outbound' ELSE 'inbound' END, 'about': word(about, 512)
        })
        WHEN 'permission_reply' THEN told_of({
            'permanent': told_truth(reply.is_permanent),
            'expires_s': told_end(told_expiry),
            'expires_told': CASE WHEN told_end(told_expiry) IS NULL THEN word(told_expiry, 64) END,
            'by': lower(word(reply.response_source, 64)),
            'about': word(about, 512)
        })
        WHEN 'alias' THEN told_of({
            'numbers': list_sort(list_distinct(list_filter(
                [sender, number_of(change.wa_id), number_of(change.new_wa_id)], lambda n: n IS NOT NULL
            )))::VARCHAR[],
            'user_ids': list_sort(list_distinct(list_filter(
                [contact_user_id, word(change.user_id, 128), word(change.previous_user_id, 128)],
                lambda n: n IS NOT NULL
            )))
        })
        WHEN 'message_status' THEN told_of({
            'billable': told_truth(pricing.billable),
            'model': word(pricing.pricing_model, 64),
            'type': lower(word(pricing.type, 64)),
            'category': lower(word(pricing.category, 64)),
            'error': CASE WHEN is_count(error_code) THEN error_code::INTEGER END
        })
        WHEN 'settings' THEN CASE WHEN length(told_of(calling)) <= 8000 THEN told_of(calling) END
        WHEN 'account' THEN told_of({
            'violation': word(violation, 128),
            'restrictions': list_transform(restrictions, lambda r: told_of({
                'type': word(r.restriction_type, 128), 'expires_s': told_end(r.expiration)
            })::JSON),
            'tier': CASE WHEN tier IS NOT NULL THEN {
                'at_s': told_end(tier.tier_update_time), 'category': word(tier.pricing_category, 64),
                'tier': word(tier.tier, 64), 'month': word(tier.effective_month, 64), 'region': place(tier.region)
            } END
        })
        -- Many calls in one row: figures as text, because minutes may tell parts of a second.
        WHEN 'summary' THEN told_of({
            'month': word(summary.month, 7), 'direction': word(summary.direction, 16),
            'calls': word(summary.calls, 20), 'seconds': word(summary.seconds, 40)
        })
    END AS detail
FROM judged;
