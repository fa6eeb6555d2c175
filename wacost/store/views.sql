-- What may be queried, over the tables of schema.sql. Made anew with every change of the schema.

-- Calls with the account that pays: a number's claim wins over its WABA's, then the one that takes the rest.
CREATE OR REPLACE VIEW ratable_calls AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest')
SELECT call_rows.* EXCLUDE (call_key), coalesce(by_number.account, by_waba.account, the_rest.account) AS account
FROM call_rows
ANTI JOIN superseded USING (call_id)
LEFT JOIN by_number ON by_number.id = call_rows.phone_number_id
LEFT JOIN by_waba ON by_waba.id = call_rows.waba_id
CROSS JOIN the_rest;

-- The public tables. Their columns and order are promised to the outside.
CREATE OR REPLACE VIEW calls AS
SELECT
    call_id, account, waba_id, phone_number_id, business_number, contact, contact_user_id, direction,
    disposition, answered, terminate_status, first_event_at, ringing_at, accepted_at, started_at,
    ended_at, duration_s, country, country_source, error_code, tracking, source, line
FROM ratable_calls;

-- Nanos become decimals by multiplying: dividing a DECIMAL would give a DOUBLE.
CREATE OR REPLACE MACRO nanos_as_decimal(nanos) AS
    CAST(CAST(nanos AS DECIMAL(18, 0)) * CAST(0.000000001 AS DECIMAL(10, 9)) AS DECIMAL(18, 9));

CREATE OR REPLACE VIEW charges AS
SELECT
    call_id, account, side, card, month, direction, country, market, status,
    list_filter(
        [
            CASE WHEN flag_bits & 1 <> 0 THEN 'tier_unknown' END,
            CASE WHEN flag_bits & 2 <> 0 THEN 'month_of' END,
            CASE WHEN flag_bits & 4 <> 0 THEN 'answered_zero_seconds' END,
            CASE WHEN flag_bits & 8 <> 0 THEN 'failed_with_duration' END,
            CASE WHEN flag_bits & 16 <> 0 THEN 'duration_conflict' END
        ],
        lambda flag: flag IS NOT NULL
    ) AS flags,
    billed_seconds, pulses, tier_from_minutes, seconds_before,
    nanos_as_decimal(rate_nanos) AS rate_per_minute,
    nanos_as_decimal(fee_nanos) AS fee,
    amount, amount_units, currency, effective_from, card_checksum,
    list_transform(
        CASE
            WHEN parts IS NOT NULL THEN parts
            WHEN rate_nanos IS NULL THEN []
            ELSE [{
                'from_second': 0::BIGINT,
                'tier_from_minutes': tier_from_minutes,
                'billed_seconds': billed_seconds,
                'rate_nanos': rate_nanos,
                'fee_nanos': fee_nanos
            }]
        END,
        lambda part: {
            'from_second': part.from_second,
            'tier_from_minutes': part.tier_from_minutes,
            'billed_seconds': part.billed_seconds,
            'rate_per_minute': nanos_as_decimal(part.rate_nanos),
            'fee': nanos_as_decimal(part.fee_nanos)
        }
    ) AS parts
FROM charge_rows;

-- Replies to call permission requests, in whose words ever. A permission that is not permanent ends
-- at expires_at; where the source told the end in another way, `expires_told` has its text.
CREATE OR REPLACE VIEW permission_replies AS
SELECT
    event_at, waba_id, phone_number_id, business_number::VARCHAR AS business_number,
    coalesce(contact::VARCHAR, contact_user_id) AS contact, contact_user_id,
    CASE
        WHEN word IN ('accept', 'approve', 'granted') THEN 'accepted'
        WHEN word IN ('reject', 'rejected', 'revoked') THEN 'rejected'
        ELSE word
    END AS answer,
    coalesce((detail::JSON->>'$.permanent')::BOOLEAN, false) AS permanent,
    make_timestamp((detail::JSON->>'$.expires_s')::BIGINT * 1000000) AS expires_at,
    detail::JSON->>'$.expires_told' AS expires_told,
    coalesce(detail::JSON->>'$.by' = 'automatic', false) AS automatic,
    detail::JSON->>'$.about' AS about,      -- the request's message id, or the id of the call that gave it
    id AS message_id, source, line
FROM other_events
WHERE kind = 'permission_reply';

-- Messages, of which nothing is kept but whose, which way and when.
CREATE OR REPLACE VIEW messages AS
SELECT
    event_at, waba_id, phone_number_id, business_number::VARCHAR AS business_number,
    coalesce(contact::VARCHAR, contact_user_id) AS contact, contact_user_id,
    detail::JSON->>'$.direction' AS direction, word AS type, id LIKE 'wacid%' AS voicemail, id AS message_id, source, line
FROM other_events
WHERE kind = 'message';

-- What became of a message that the business sent, and by which price it is billed.
CREATE OR REPLACE VIEW message_statuses AS
SELECT
    event_at, waba_id, phone_number_id, business_number::VARCHAR AS business_number,
    coalesce(contact::VARCHAR, contact_user_id) AS contact, contact_user_id, id AS message_id, word AS status,
    (detail::JSON->>'$.billable')::BOOLEAN AS billable, detail::JSON->>'$.model' AS pricing_model,
    detail::JSON->>'$.type' AS pricing_type, detail::JSON->>'$.category' AS category,
    (detail::JSON->>'$.error')::INTEGER AS error_code, source, line
FROM other_events
WHERE kind = 'message_status';

-- Changes of a number's calling settings, as they were told.
CREATE OR REPLACE VIEW settings AS
SELECT
    event_at, waba_id, phone_number_id, detail::JSON->>'$.status' AS calling,
    detail::JSON->>'$.call_icon_visibility' AS call_icon,
    detail::JSON->>'$.callback_permission_status' AS callback_permission,
    detail::JSON->>'$.call_hours.status' AS call_hours_status,
    detail::JSON->>'$.call_hours.timezone_id' AS call_hours_zone,
    detail::JSON->'$.call_hours' AS call_hours,
    detail::JSON->>'$.restrict_to_user_countries[*]' AS only_countries,
    detail::JSON->>'$.sip.status' AS sip, source, line
FROM other_events
WHERE kind = 'settings';

-- What Meta did to an account: restrictions, violations, tiers and whatever else it says.
CREATE OR REPLACE VIEW account_changes AS
SELECT
    event_at, waba_id, business_number::VARCHAR AS business_number, word AS event,
    detail::JSON->>'$.violation' AS violation,
    detail::JSON->>'$.restrictions[*].type' AS restrictions,
    list_transform(
        detail::JSON->>'$.restrictions[*].expires_s', lambda s: make_timestamp(s::BIGINT * 1000000)
    ) AS restricted_until,
    source, line
FROM other_events
WHERE kind = 'account';

-- Volume tiers that Meta says were reached. One change may be told twice: the earliest time is its own.
CREATE OR REPLACE VIEW tier_updates AS
SELECT
    waba_id, detail::JSON->>'$.tier.category' AS category, detail::JSON->>'$.tier.region' AS region,
    detail::JSON->>'$.tier.month' AS month, detail::JSON->>'$.tier.tier' AS tier,
    make_timestamp(min((detail::JSON->>'$.tier.at_s')::BIGINT) * 1000000) AS updated_at, count(*) AS told
FROM other_events
WHERE kind = 'account' AND word = 'VOLUME_BASED_PRICING_TIER_UPDATE'
GROUP BY ALL;

-- Countries of a month in summaries: how many answered calls and how long in all. No call is known.
CREATE OR REPLACE VIEW summaries AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest'),
told AS (
    SELECT
        waba_id, phone_number_id, detail::JSON->>'$.month' AS month, detail::JSON->>'$.direction' AS direction,
        word AS country, TRY_CAST(detail::JSON->>'$.calls' AS BIGINT) AS calls,
        TRY_CAST(detail::JSON->>'$.seconds' AS DECIMAL(28, 9)) AS talk_seconds, source, line
    FROM other_events
    WHERE kind = 'summary'
)
SELECT
    coalesce(by_number.account, by_waba.account, the_rest.account) AS account,
    told.waba_id, told.phone_number_id, told.month, told.direction, told.country, told.calls, told.talk_seconds,
    told.source, told.line
FROM told
LEFT JOIN by_number ON by_number.id = told.phone_number_id
LEFT JOIN by_waba ON by_waba.id = told.waba_id
CROSS JOIN the_rest;

-- The calls of final documents. What a call is billed by now, over an invoice and its corrections, is
-- sum(change); `amount` is what it came to as of the document named.
CREATE OR REPLACE VIEW invoice_calls AS
SELECT
    r.number, i.kind, i.account, i.month, r.call_id, r.cause, r.change, r.change_units, r.change_seconds, r.called_at, r.ended_at,
    r.duration_s, r.direction, r.country, r.market, r.card, r.status, r.billed_seconds, r.pulses, r.tier_from_minutes,
    nanos_as_decimal(r.rate_nanos) AS rate_per_minute, nanos_as_decimal(r.fee_nanos) AS fee,
    r.amount, r.amount_units, r.currency, r.effective_from, r.card_checksum
FROM invoice_call_rows AS r
JOIN invoices AS i USING (number);

-- What a contact did and what was done with him, one row per act: calls, messages, replies. Of several
-- names of a contact the one that stands for all.
CREATE OR REPLACE VIEW contact_turns AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest'),
turns AS (
    SELECT
        waba_id, phone_number_id, contact, first_event_at AS acted_at,
        CASE direction WHEN 'inbound' THEN 'inbound call' ELSE 'outbound call' END AS kind,
        started_at AS connected_at,
        direction = 'outbound' AND disposition IN ('no_answer', 'rejected') AS unanswered,
        false AS permanent, NULL::TIMESTAMP AS expires_at, false AS automatic, call_id AS id,
        -- The contact took it; it runs, or its end told no times.
        CASE WHEN direction = 'outbound' AND disposition IN ('open', 'incomplete') THEN accepted_at END AS taken_at
    FROM call_rows
    ANTI JOIN superseded USING (call_id)
    WHERE direction IS NOT NULL
    UNION ALL
    SELECT
        waba_id, phone_number_id, coalesce(contact::VARCHAR, contact_user_id), event_at,
        'message', NULL, false, false, NULL, false, id, NULL
    FROM other_events
    WHERE kind = 'message' AND detail::JSON->>'$.direction' = 'inbound'
    UNION ALL
    SELECT waba_id, phone_number_id, contact, event_at, answer, NULL, false, permanent, expires_at, automatic, message_id, NULL
    FROM permission_replies
    WHERE answer IN ('accepted', 'rejected')
)
SELECT
    coalesce(by_number.account, by_waba.account, the_rest.account) AS account, turns.waba_id,
    coalesce(turns.phone_number_id, '') AS phone_number_id, coalesce(aliases.contact, turns.contact) AS contact,
    turns.acted_at, turns.kind, turns.connected_at, turns.unanswered, turns.permanent, turns.expires_at, turns.automatic,
    turns.id, turns.taken_at
FROM turns
LEFT JOIN aliases ON aliases.alias = turns.contact
LEFT JOIN by_number ON by_number.id = turns.phone_number_id
LEFT JOIN by_waba ON by_waba.id = turns.waba_id
CROSS JOIN the_rest
WHERE turns.contact IS NOT NULL;

-- The same with what the business sent: templates, and requests for permission to call. Requests are those
-- that a reply names: no webhook says of a message that it asks for one.
CREATE OR REPLACE VIEW contact_acts AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest'),
-- Messages of the business as far as it is known what became of them.
sent AS (
    SELECT
        id, max(waba_id) AS waba_id, max(phone_number_id) AS phone_number_id,
        max(coalesce(contact::VARCHAR, contact_user_id)) AS contact,
        min(event_at) FILTER (word <> 'FAILED') AS sent_at,
        max(detail::JSON->>'$.category') AS category
    FROM other_events
    WHERE kind = 'message_status'
    GROUP BY id
),
acts AS (
    SELECT waba_id, phone_number_id, contact, sent_at AS acted_at, 'template' AS kind, '' AS form, id
    FROM sent
    WHERE sent_at IS NOT NULL AND category NOT IN ('service', 'referral_conversion') AND NOT starts_with(category, 'group_')
    UNION ALL
    -- A reply names what it answers: where no status tells when that was sent, it was before the reply.
    SELECT
        max(r.waba_id), max(r.phone_number_id), max(r.contact), coalesce(min(s.sent_at), min(r.event_at)), 'request',
        CASE max(s.category) WHEN 'service' THEN 'free_form' WHEN 'utility' THEN 'template' WHEN 'marketing' THEN 'template'
            ELSE '' END,
        r.about
    FROM permission_replies AS r
    LEFT JOIN sent AS s ON s.id = r.about
    WHERE r.about IS NOT NULL AND NOT starts_with(r.about, 'wacid') AND NOT regexp_matches(r.about, '^redacted\.[0-9]{8}\.')
    GROUP BY r.about
)
SELECT
    account, waba_id, phone_number_id, contact, acted_at, kind, connected_at, unanswered, permanent, expires_at,
    automatic, '' AS form, id, taken_at
FROM contact_turns
UNION ALL
SELECT
    coalesce(by_number.account, by_waba.account, the_rest.account), acts.waba_id, coalesce(acts.phone_number_id, ''),
    coalesce(aliases.contact, acts.contact), acts.acted_at, acts.kind, NULL, false, false, NULL, false, acts.form, acts.id,
    NULL
FROM acts
LEFT JOIN aliases ON aliases.alias = acts.contact
LEFT JOIN by_number ON by_number.id = acts.phone_number_id
LEFT JOIN by_waba ON by_waba.id = acts.waba_id
CROSS JOIN the_rest
WHERE acts.contact IS NOT NULL;

-- What opens or refreshes a customer service window of 24 hours: a message of the contact, his call whether
-- or not it is answered, his taking a call of the business.
CREATE OR REPLACE VIEW window_acts AS
SELECT
    account, phone_number_id, contact, kind = 'inbound call' AS by_call, kind = 'outbound call' AS by_answer,
    CASE kind WHEN 'outbound call' THEN coalesce(connected_at, taken_at) ELSE acted_at END AS acted_at
FROM contact_turns
WHERE kind IN ('message', 'inbound call')
    OR (kind IN ('accepted', 'rejected') AND NOT automatic)
    OR (kind = 'outbound call' AND coalesce(connected_at, taken_at) IS NOT NULL);

-- Customer service windows that opened at a moment or later: merged where one act refreshes what another
-- opened. Acts of the day before tell whether one opened then or earlier.
CREATE OR REPLACE MACRO windows_from(first_at) AS TABLE
WITH first_of AS (
    SELECT *, coalesce(acted_at > lag(acted_at) OVER of_contact + INTERVAL 24 HOURS, true) AS is_first
    FROM window_acts
    WHERE acted_at >= first_at - INTERVAL 24 HOURS
    WINDOW of_contact AS (PARTITION BY phone_number_id, contact ORDER BY acted_at)
),
numbered AS (
    SELECT *, sum(is_first::INTEGER) OVER (PARTITION BY phone_number_id, contact ORDER BY acted_at) AS number FROM first_of
)
SELECT
    max(account) AS account, phone_number_id, contact, min(acted_at) AS opened_at, max(acted_at) + INTERVAL 24 HOURS AS closes_at,
    count(*) FILTER (NOT by_call AND NOT by_answer) AS messages,
    count(*) FILTER (by_call) AS inbound_calls,
    count(*) FILTER (by_answer) AS outbound_calls
FROM numbered
GROUP BY phone_number_id, contact, number
HAVING min(acted_at) >= first_at;

-- All of them.
CREATE OR REPLACE VIEW service_windows AS
SELECT account, phone_number_id, contact, opened_at, closes_at, messages, inbound_calls, outbound_calls
FROM windows_from(TIMESTAMP '0002-01-01');

-- Permissions to call, each from its giving to its end. The end is what the reply tells, else what the
-- rules say of the day it was given; Meta revokes one after calls in a row that nobody took. The figures
-- are those of data/policies, family "meta"; a test compares them.
CREATE OR REPLACE VIEW permissions AS
WITH rules(from_at, to_at, lasts_h, revoked_after) AS (
    VALUES
        (TIMESTAMP '0001-01-01', TIMESTAMP '2025-07-15', 72, NULL),
        (TIMESTAMP '2025-07-15', TIMESTAMP '9999-01-01', 168, 4)
),
-- Replies and how calls turned out, of those who ever replied. Within a second: connected calls, calls not
-- taken, replies.
turns AS (
    SELECT
        *, kind IN ('accepted', 'rejected') AS is_reply,
        CASE WHEN is_reply THEN acted_at ELSE coalesce(connected_at, acted_at) END AS turned_at,
        CASE WHEN is_reply THEN 2 WHEN connected_at IS NOT NULL THEN 0 ELSE 1 END AS place
    FROM contact_turns
    SEMI JOIN (
        SELECT DISTINCT phone_number_id, contact FROM contact_turns WHERE kind IN ('accepted', 'rejected')
    ) AS replied USING (phone_number_id, contact)
    WHERE is_reply OR connected_at IS NOT NULL OR unanswered
),
-- Which reply a call comes after; what the next reply is.
after_reply AS (
    SELECT *, count(*) FILTER (is_reply) OVER in_time AS reply
    FROM turns
    WINDOW in_time AS (
        PARTITION BY phone_number_id, contact
        ORDER BY turned_at, place, kind, permanent, coalesce(expires_at, TIMESTAMP '0001-01-01'), automatic, id
        ROWS UNBOUNDED PRECEDING
    )
),
in_runs AS (
    SELECT *, count(*) FILTER (place = 0) OVER in_time AS run
    FROM after_reply
    WHERE reply > 0
    WINDOW in_time AS (
        PARTITION BY phone_number_id, contact, reply ORDER BY is_reply DESC, turned_at, place, id ROWS UNBOUNDED PRECEDING
    )
),
in_a_row AS (
    SELECT *, count(*) FILTER (place = 1) OVER in_time AS missed
    FROM in_runs
    WINDOW in_time AS (
        PARTITION BY phone_number_id, contact, reply, run ORDER BY is_reply DESC, turned_at, place, id ROWS UNBOUNDED PRECEDING
    )
),
-- One row per reply, with the call that revoked what it gave.
replies AS (
    SELECT
        phone_number_id, contact, reply, max(t.account) AS account,
        any_value(t.kind) FILTER (is_reply) AS kind, any_value(acted_at) FILTER (is_reply) AS given_at,
        any_value(permanent) FILTER (is_reply) AS permanent, any_value(automatic) FILTER (is_reply) AS automatic,
        any_value(expires_at) FILTER (is_reply) AS told_end, any_value(t.id) FILTER (is_reply) AS reply_id,
        min(turned_at) FILTER (place = 1 AND missed >= r.revoked_after) AS missed_too_often_at
    FROM in_a_row AS t
    JOIN rules AS r ON t.turned_at >= r.from_at AND t.turned_at < r.to_at
    GROUP BY phone_number_id, contact, reply
),
followed AS (
    SELECT
        *, lead(given_at) OVER in_time AS next_at,
        CASE
            WHEN lead(kind) OVER in_time = 'accepted' THEN 'replaced'
            WHEN lead(automatic) OVER in_time THEN 'revoked'
            ELSE 'refused'
        END AS next_by
    FROM replies
    WINDOW in_time AS (PARTITION BY phone_number_id, contact ORDER BY reply)
)
SELECT
    f.account, f.phone_number_id, f.contact, f.given_at,
    CASE WHEN f.permanent THEN 'permanent' ELSE 'temporary' END AS permission, f.automatic,
    CASE WHEN NOT f.permanent THEN coalesce(f.told_end, f.given_at + to_hours(r.lasts_h)) END AS expires_at,
    f.told_end IS NOT NULL AS expiry_told,
    least(expires_at, f.missed_too_often_at, f.next_at) AS ended_at,
    CASE ended_at
        WHEN expires_at THEN 'expired' WHEN f.missed_too_often_at THEN 'revoked' WHEN f.next_at THEN f.next_by
    END AS ended_by,
    f.reply_id
FROM followed AS f
JOIN rules AS r ON f.given_at >= r.from_at AND f.given_at < r.to_at
WHERE f.kind = 'accepted';

-- Prepaid balances in double entry: the legs of every entry add up to 0 in its currency. What people told is
-- kept; call charges and the differences of observed balances follow from it and from the charges as they are now.
CREATE OR REPLACE VIEW ledger AS
-- cards that round each call: each is read once, not once for each of its calls
WITH rounded AS MATERIALIZED (SELECT checksum FROM cards WHERE content::JSON->>'$.rounding.at' = 'call'),
moves AS (
    -- what was told, but for observed balances
    SELECT
        balance, entry_id, kind, moved_at, currency, units, fee_units, NULL::VARCHAR AS account, NULL::VARCHAR AS call_id,
        note, source, line
    FROM ledger_entries
    WHERE kind <> 'observed'
    UNION ALL
    -- by what an observed balance differs from ours
    SELECT d.balance, d.entry_id, 'observed', d.moved_at, d.currency, d.units, 0, NULL, NULL, e.note, e.source, e.line
    FROM ledger_differences AS d
    JOIN ledger_entries AS e USING (balance, entry_id)
    UNION ALL
    -- what the supplier takes off for each call, when it ends: rounded where its card rounds calls, else exact
    SELECT
        s.balance, 'call:' || c.call_id, 'call', coalesce(r.ended_at, r.started_at, r.first_event_at), c.currency,
        -CASE
            WHEN c.card_checksum IN (SELECT checksum FROM rounded)
                THEN (c.amount::DECIMAL(28, 9) * 1000000000::DECIMAL(10, 0))::HUGEINT * 60
            ELSE c.amount_units
        END,
        0, c.account, c.call_id, NULL, r.source, r.line
    FROM charge_rows AS c
    JOIN call_rows AS r USING (call_id)
    JOIN ledger_shares AS s ON s.account = c.account
    WHERE c.side = 'cost' AND c.amount_units <> 0
      AND coalesce(r.ended_at, r.started_at, r.first_event_at) > s.starts_at
),
legs AS (
    SELECT moves.*, 'balance' AS ledger_account, units AS leg FROM moves
    UNION ALL
    SELECT
        moves.*,
        CASE kind
            WHEN 'call' THEN 'calls' WHEN 'message' THEN 'messages' WHEN 'fee' THEN 'fees' WHEN 'topup' THEN 'paid'
            WHEN 'observed' THEN 'unexplained' WHEN 'opening' THEN 'opening' ELSE kind || 's'
        END,
        -units - fee_units
    FROM moves
    UNION ALL
    SELECT moves.*, 'topup_fees', fee_units FROM moves WHERE fee_units <> 0
)
SELECT
    balance, entry_id, kind, moved_at, ledger_account,
    (sign(leg) * ((abs(leg) * 100 + 3) // 6))::DECIMAL(38, 0) * 0.000000000001::DECIMAL(12, 12) AS amount,
    leg AS amount_units, currency, account, call_id, note, source, line
FROM legs;
