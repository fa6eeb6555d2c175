-- What may be queried, over the tables of schema.sql. Made anew with every change of the schema.

-- Calls with the account that pays: a number's claim wins over its WABA's, then the one that takes the rest.
CREATE OR REPLACE VIEW ratable_calls AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest')
SELECT call_rows.*, coalesce(by_number.account, by_waba.account, the_rest.account) AS account
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
