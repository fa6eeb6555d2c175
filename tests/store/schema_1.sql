-- The store of one workspace. Every TIMESTAMP is UTC. No table has a PRIMARY KEY: an index costs
-- more than twice the size and the load time, and every writer here removes before it inserts.

-- Which schema this file has. One row per version that was ever reached.
CREATE TABLE wacost_schema (version INTEGER, reached_at TIMESTAMP);

-- Records that were understood, one row per (call id, event or status, timestamp). Ingest's own.
CREATE TABLE events (
    call_id VARCHAR,
    kind VARCHAR,               -- call events in lower case (connect, terminate), statuses in upper case (RINGING)
    event_at TIMESTAMP,
    waba_id VARCHAR,
    phone_number_id VARCHAR,
    business_number BIGINT,     -- digits
    contact BIGINT,             -- E.164 digits, NULL where this event tells no number
    contact_user_id VARCHAR,
    profile_country VARCHAR,    -- as the contact's profile tells it
    direction UTINYINT,         -- 8 told, 6 by sdp type, 4 by being a call status, 2 by the two numbers; 1 more where
                                -- it is inbound; 0 not known
    started_at TIMESTAMP,
    ended_at TIMESTAMP,
    duration_s BIGINT,
    status VARCHAR,             -- of a terminate, upper case
    failed BOOLEAN,             -- an error came with it, whatever its code
    error_code INTEGER,
    tracking VARCHAR,
    conflict BOOLEAN,           -- another record with the same key and other content was seen
    source VARCHAR,
    line BIGINT,
    item INTEGER                -- 1-based place among the records of its body
);

-- One row per call id, folded from all its events.
CREATE TABLE call_rows (
    call_id VARCHAR,
    waba_id VARCHAR,
    phone_number_id VARCHAR,
    business_number VARCHAR,    -- digits
    contact VARCHAR,            -- E.164 digits, else the business-scoped user id
    contact_user_id VARCHAR,
    direction VARCHAR,          -- inbound, outbound or NULL
    disposition VARCHAR,
    answered BOOLEAN,
    terminate_status VARCHAR,   -- upper case: COMPLETED, FAILED, or the word as seen
    first_event_at TIMESTAMP,
    ringing_at TIMESTAMP,
    accepted_at TIMESTAMP,
    started_at TIMESTAMP,
    ended_at TIMESTAMP,
    duration_s BIGINT,          -- as the field tells it; NULL where it does not
    country VARCHAR,
    country_source VARCHAR,     -- number, profile, user_id or NULL
    error_code INTEGER,
    tracking VARCHAR,
    source VARCHAR,             -- with line: the smallest that told of the call
    line BIGINT,
    conflict BOOLEAN            -- its records contradict each other: the call is held back, not priced
);

-- Who is billed for what, from wacost.toml; written anew whenever a workspace is opened.
CREATE TABLE claims (
    kind VARCHAR,               -- phone_number_id, waba_id, or rest
    id VARCHAR,                 -- '' for rest
    account VARCHAR
);

-- The result of rating: one row per call and side.
CREATE TABLE charge_rows (
    call_id VARCHAR,
    account VARCHAR,
    side VARCHAR,               -- cost or sale
    card VARCHAR,
    month VARCHAR,              -- '2026-10'
    direction VARCHAR,
    country VARCHAR,
    market VARCHAR,
    status VARCHAR,
    flag_bits UTINYINT,         -- 1 tier_unknown, 2 month_of, 4 answered_zero_seconds, 8 failed_with_duration, 16 duration_conflict
    billed_seconds BIGINT,
    pulses BIGINT,
    tier_from_minutes BIGINT,
    seconds_before BIGINT,
    rate_nanos BIGINT,
    fee_nanos BIGINT,
    amount_units HUGEINT,
    amount DECIMAL(38, 12),
    currency VARCHAR,
    effective_from DATE,
    card_checksum VARCHAR,
    parts STRUCT(               -- NULL where the single columns say it all
        from_second BIGINT,
        tier_from_minutes BIGINT,
        billed_seconds BIGINT,
        rate_nanos BIGINT,
        fee_nanos BIGINT
    )[]
);

-- Every card that ever priced a charge, by content.
CREATE TABLE cards (
    checksum VARCHAR,
    name VARCHAR,
    title VARCHAR,
    currency VARCHAR,
    status VARCHAR,
    source VARCHAR,
    retrieved DATE,
    first_used_at TIMESTAMP,
    content VARCHAR             -- canonical JSON
);

-- Refused and contradictory records.
CREATE TABLE quarantine (
    source VARCHAR,
    line BIGINT,
    item INTEGER,               -- 1-based place among the records of the line's body; 0: the whole line
    reason VARCHAR,
    message VARCHAR,
    call_id VARCHAR,
    text VARCHAR                -- bounded, with everything personal taken out
);

-- What was loaded: one row per source, with the counts of its last load.
CREATE TABLE sources (
    source VARCHAR,
    bytes BIGINT,
    fingerprint VARCHAR,        -- size and a hash of the first and last megabyte
    records BIGINT,             -- = new + duplicate + quarantined + ignored
    new BIGINT,
    duplicate BIGINT,
    quarantined BIGINT,
    ignored BIGINT,
    first_event_at TIMESTAMP,
    last_event_at TIMESTAMP,
    loaded_at TIMESTAMP
);

-- Calls with the account that pays: a number's claim wins over its WABA's, then the one that takes the rest.
CREATE VIEW ratable_calls AS
WITH by_number AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'phone_number_id' GROUP BY id),
by_waba AS (SELECT id, min(account) AS account FROM claims WHERE kind = 'waba_id' GROUP BY id),
the_rest AS (SELECT min(account) AS account FROM claims WHERE kind = 'rest')
SELECT call_rows.*, coalesce(by_number.account, by_waba.account, the_rest.account) AS account
FROM call_rows
LEFT JOIN by_number ON by_number.id = call_rows.phone_number_id
LEFT JOIN by_waba ON by_waba.id = call_rows.waba_id
CROSS JOIN the_rest;

-- The public tables. Their columns and order are promised to the outside.
CREATE VIEW calls AS
SELECT
    call_id, account, waba_id, phone_number_id, business_number, contact, contact_user_id, direction,
    disposition, answered, terminate_status, first_event_at, ringing_at, accepted_at, started_at,
    ended_at, duration_s, country, country_source, error_code, tracking, source, line
FROM ratable_calls;

-- Nanos become decimals by multiplying: dividing a DECIMAL would give a DOUBLE.
CREATE MACRO nanos_as_decimal(nanos) AS
    CAST(CAST(nanos AS DECIMAL(18, 0)) * CAST(0.000000001 AS DECIMAL(10, 9)) AS DECIMAL(18, 9));

CREATE VIEW charges AS
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
