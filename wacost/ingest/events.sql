-- {records} (meta.sql) -> every record of a call judged and, where it is an event, put into one form.
-- The first reason that holds is the record's; NULL means that it is an event.

-- The digits of a number written for people, 4 to 15, as an integer; NULL where it is none, as
-- behind a sign. Most are plain digits already: they come back as they were.
CREATE OR REPLACE MACRO number_of(told) AS
    CASE
        WHEN TRY_CAST(told AS BIGINT)::VARCHAR = told AND strlen(told) BETWEEN 4 AND 15 AND told >= '1'
            THEN TRY_CAST(told AS BIGINT)
        WHEN told <> '' THEN TRY_CAST(regexp_extract(
            regexp_replace(regexp_replace(told, '^[^0-9]*[\-\x{2010}-\x{2015}]', 'x'), '[\s().\-/\x{2010}-\x{2015}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{feff}\x{a0}]+', '', 'g'),
            '^(?:\+|00)?([1-9][0-9]{3,14})$', 1
        ) AS BIGINT)
    END;

-- A time that was told is epoch seconds between 2009, when WhatsApp began, and 2100: never
-- milliseconds, and digits only, so that the number gives back its text.
CREATE OR REPLACE MACRO is_no_moment(told, seconds) AS
    told IS DISTINCT FROM seconds::VARCHAR OR seconds NOT BETWEEN 1230768000 AND 4102444799;

-- A time that was not told: null, nothing, or 0.
CREATE OR REPLACE MACRO told_time(told) AS CASE WHEN told NOT IN ('', '0') THEN told END;

-- A whole number that was written as a fraction, 61.0, is that number; 61.5 stays what it is.
CREATE OR REPLACE MACRO whole(told) AS
    CASE WHEN contains(told, '.') THEN regexp_replace(told, '^([0-9]{1,9})[.]0{1,9}$', '\1') ELSE told END;

CREATE OR REPLACE MACRO is_count(told) AS regexp_full_match(told, '[0-9]{1,9}');

CREATE OR REPLACE MACRO told_direction_of(told) AS
    CASE
        WHEN told = 'BUSINESS_INITIATED' THEN 'outbound'
        WHEN told = 'USER_INITIATED' THEN 'inbound'
        ELSE CASE upper(told) WHEN 'USER_INITIATED' THEN 'inbound' WHEN 'BUSINESS_INITIATED' THEN 'outbound' END
    END;
-- An id or word is short, one piece of ASCII: no text, no nested JSON value, which DuckDB would
-- hand over as its text. Plain searches cost a sixth of a regular expression.
CREATE OR REPLACE MACRO is_word(told, most) AS
    strlen(told) <= most AND length(told) = strlen(told)
    AND NOT contains(told, ' ') AND NOT contains(told, chr(10)) AND NOT contains(told, chr(13))
    AND NOT contains(told, chr(9)) AND NOT contains(told, chr(27)) AND NOT contains(told, '"')
    AND NOT contains(told, '{') AND NOT contains(told, '[');

CREATE OR REPLACE MACRO word(told, most) AS CASE WHEN told <> '' AND is_word(told, most) THEN told END;

-- Events of a call that are no part of its bill.
CREATE OR REPLACE MACRO left_out(event) AS
    CASE WHEN length(event) >= 24 THEN
        CASE lower(trim(event))
            WHEN 'call_recording_available' THEN 'recording'
            WHEN 'call_transcription_available' THEN 'transcript'
            WHEN 'call_transcript_available' THEN 'transcript'
        END
    END;

-- A status is a call's by its type, or where nothing says otherwise.
CREATE OR REPLACE MACRO is_call_status(type, field) AS
    lower(coalesce(type, CASE WHEN field <> 'calls' THEN 'message' ELSE 'call' END)) = 'call';

CREATE OR REPLACE MACRO moment(seconds) AS make_timestamp(seconds * 1000000);

-- The contact and the direction are settled: the numbers that were not read cannot change them.
CREATE OR REPLACE MACRO tells_all(other, business, told_direction, sdp_direction, in_calls) AS
    other <> business AND (told_direction IS NOT NULL OR sdp_direction IS NOT NULL OR NOT in_calls);

-- What macros take is a column first: they name it often, and each time it would be put in whole.
WITH told AS (
    SELECT
        *,
        coalesce(
            nullif(call.from_user_id, ''), nullif(call.to_user_id, ''), nullif(status.recipient_user_id, ''),
            nullif(user_id, ''), nullif(call.from_parent_user_id, ''), nullif(call.to_parent_user_id, ''),
            status.recipient_parent_user_id
        ) AS told_user_id,
        nullif(call.duration, '') AS told_duration,
        -- The number beside the business's, where that is written alike in both places.
        CASE
            WHEN NOT in_calls THEN status.recipient_id
            WHEN call.from = display_number THEN call.to
            WHEN call.to = display_number THEN call.from
        END AS told_other
    FROM ({records})
),
flat AS (
    SELECT
        row, part, received_at, item, shape, what, field, alone, in_calls,
        coalesce(call.id, status.id) AS call_id,
        CASE
            WHEN in_calls THEN CASE WHEN call.event IN ('connect', 'terminate') THEN call.event ELSE lower(trim(call.event)) END
            WHEN status.status IN ('RINGING', 'ACCEPTED') THEN status.status
            ELSE upper(trim(status.status))
        END AS kind,
        coalesce(call.timestamp, status.timestamp) AS event_at,
        word(waba_id, 64) AS waba_id,
        word(phone_number_id, 64) AS phone_number_id,
        number_of(display_number) AS business,
        number_of(told_other) AS other,
        call.from AS told_sender, call.to AS told_callee, wa_id,
        told_direction_of(call.direction) AS told_direction,
        CASE call.session.sdp_type WHEN 'offer' THEN 'inbound' WHEN 'answer' THEN 'outbound' END AS sdp_direction,
        word(told_user_id, 128) AS contact_user_id,
        upper(word(profile_country, 2)) AS profile_country,
        told_time(call.start_time) AS started_at,
        told_time(call.end_time) AS ended_at,
        whole(told_duration) AS duration_s,
        CASE WHEN call.status = 'COMPLETED' THEN call.status ELSE nullif(upper(trim(call.status)), '') END AS status,
        coalesce(len(call.errors), len(status.errors), 0) > 0 AS item_failed,
        coalesce(call.errors[1].code, status.errors[1].code) AS item_error,
        change_failed, change_error,
        left(coalesce(
            nullif(call.biz_opaque_callback_data, ''), nullif(call.cta_payload, ''),
            nullif(call.deeplink_payload, ''), nullif(status.biz_opaque_callback_data, '')
        ), 512) AS tracking,
        word(call.wacost_held, 64) AS held,
        CASE
            WHEN call.direction <> '' AND told_direction_of(call.direction) IS NULL
                THEN 'direction:' || word(call.direction, 64)
            WHEN what = 'other_field' THEN 'field:' || word(field, 64)
        END AS odd
    FROM told
),
-- The numbers are read only where `other` and the words do not tell all that they would.
timed AS (
    SELECT
        *,
        CASE WHEN tells_all(other, business, told_direction, sdp_direction, in_calls) THEN NULL ELSE number_of(told_sender) END AS sender,
        CASE WHEN tells_all(other, business, told_direction, sdp_direction, in_calls) THEN NULL ELSE number_of(told_callee) END AS callee,
        CASE WHEN tells_all(other, business, told_direction, sdp_direction, in_calls) THEN NULL ELSE number_of(wa_id) END AS named,
        TRY_CAST(event_at AS BIGINT) AS event_s,
        TRY_CAST(started_at AS BIGINT) AS started_s,
        TRY_CAST(ended_at AS BIGINT) AS ended_s
    FROM flat
),
judged AS (
    SELECT
        *,
        CASE
            WHEN what IS NOT NULL THEN what
            WHEN coalesce(call_id, '') = '' THEN 'no_id'
            WHEN NOT is_word(call_id, 512) THEN 'bad_id'
            WHEN coalesce(kind, '') = '' THEN 'no_event'
            WHEN kind NOT IN ('connect', 'terminate', 'RINGING', 'ACCEPTED') AND NOT is_word(kind, 64) THEN 'bad_event'
            WHEN coalesce(event_at, '') IN ('', '0') THEN 'no_timestamp'
            WHEN is_no_moment(event_at, event_s) THEN 'bad_timestamp'
            WHEN is_no_moment(started_at, started_s) THEN 'bad_start_time'
            WHEN is_no_moment(ended_at, ended_s) THEN 'bad_end_time'
            WHEN NOT is_count(duration_s) THEN 'bad_duration'
            WHEN status <> 'COMPLETED' AND NOT is_word(status, 64) THEN 'bad_status'
        END AS reason,
        -- An error beside the items belongs to the only one, or to those that failed.
        item_failed OR (coalesce(change_failed, false) AND (alone OR coalesce(status, '') = 'FAILED')) AS failed,
        CASE
            WHEN told_direction IS NOT NULL THEN told_direction
            WHEN sdp_direction IS NOT NULL THEN sdp_direction
            WHEN NOT in_calls THEN 'outbound'
            WHEN sender = business AND callee IS DISTINCT FROM business THEN 'outbound'
            WHEN callee = business AND sender IS DISTINCT FROM business THEN 'inbound'
        END AS direction
    FROM timed
)
SELECT
    row, part, item, shape, reason, call_id, kind,
    CASE WHEN reason IS NULL THEN moment(event_s) END AS event_at,
    waba_id, phone_number_id,
    coalesce(
        business, CASE direction WHEN 'inbound' THEN callee WHEN 'outbound' THEN sender END
    ) AS business_number,
    -- The contact is the number that is not the business's; only where neither is, the direction tells.
    coalesce(
        CASE
            WHEN other <> business OR NOT in_calls THEN nullif(other, business)
            WHEN sender = business THEN nullif(callee, business)
            WHEN callee = business THEN sender
            WHEN named IS DISTINCT FROM business AND named IS NOT NULL THEN named
            WHEN direction = 'inbound' THEN sender
            WHEN direction = 'outbound' THEN callee
        END,
        nullif(named, business)
    ) AS contact,
    contact_user_id, profile_country,
    CASE
        WHEN told_direction IS NOT NULL THEN 8
        WHEN sdp_direction IS NOT NULL THEN 6
        WHEN NOT in_calls THEN 4
        WHEN direction IS NOT NULL THEN 2
        ELSE 0
    END::UTINYINT + coalesce(direction = 'inbound', false)::UTINYINT AS direction,
    CASE WHEN reason IS NULL THEN moment(started_s) END AS started_at,
    CASE WHEN reason IS NULL THEN moment(ended_s) END AS ended_at,
    CASE WHEN reason IS NULL THEN TRY_CAST(duration_s AS BIGINT) END AS duration_s,
    status, failed,
    CASE WHEN failed AND is_count(coalesce(item_error, change_error))
        THEN coalesce(item_error, change_error)::INTEGER END AS error_code,
    tracking, held, odd,
    -- How long it was under way, where the receiver noted when the body came.
    CASE WHEN reason IS NULL AND NOT is_no_moment(received_at, TRY_CAST(received_at AS BIGINT))
        THEN TRY_CAST(received_at AS BIGINT) - event_s END AS delay_s
FROM judged;
