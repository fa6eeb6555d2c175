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
    CASE word WHEN 'accept' THEN 'accepted' WHEN 'approve' THEN 'accepted' WHEN 'reject' THEN 'rejected' ELSE word END
        AS answer,
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
