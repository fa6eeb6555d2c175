-- The store of one workspace. Every TIMESTAMP is UTC. No table but the small one of invoices has a
-- PRIMARY KEY: an index costs more than twice the size and the load time, and every writer of the
-- others removes before it inserts.

-- Which schema this file has. One row per version that was ever reached.
CREATE TABLE wacost_schema (version INTEGER, reached_at TIMESTAMP);

-- Records that were understood, one row per (call id, event or status, timestamp). Ingest's own.
CREATE TABLE events (
    call_id VARCHAR,
    kind VARCHAR,               -- call events in lower case (connect, terminate), statuses in upper case (RINGING);
                                -- a provider's own event of a wacid has its name after a colon (terminate:ycloud)
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
    item INTEGER,               -- 1-based place among the records of its body
    held VARCHAR                -- why the call must not be priced by what this record tells: a reason code, or NULL
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
    conflict BOOLEAN,           -- the call is held back, not priced
    held VARCHAR,               -- why: contradiction, or the reason code of one of its records; NULL where it is not
    call_key UBIGINT            -- hash(call_id): a load finds calls by it at a tenth of the cost of their ids
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
    )[],
    accrual STRUCT(             -- what seconds_before holds beside calls; NULL where that is nothing
        external_s BIGINT,      -- used through others
        lifted_s BIGINT,        -- what lacked up to an observed tier
        total_s BIGINT          -- under volume: all of the group's when its month was over
    )
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
    text VARCHAR,               -- bounded, with everything personal taken out
    state VARCHAR               -- open, or what a person decided: discarded
);

-- What was loaded: one row per source, with the counts of the last load that read it.
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
    loaded_at TIMESTAMP,
    format VARCHAR,             -- meta, or the other formats of it, comma-separated; the mapping of a table
    least_delay_s BIGINT,       -- arrival - event time, where the receiver noted when a body came; else NULL
    most_delay_s BIGINT,
    mtime_ns BIGINT,            -- when the file was written last; NULL: to be read again in any case
    reading VARCHAR,            -- what decides how it is read: versions, forced format, mapping
    reasons VARCHAR             -- how many records were quarantined or ignored, by reason code, as JSON
);

-- Records that are understood and are no event of a call's bill: messages, replies to permission
-- requests, changes of settings. A row is its own key: the very same content again is a duplicate.
CREATE TABLE other_events (
    id VARCHAR,                 -- of the message (wamid) or of the call (wacid); '' where there is none
    kind VARCHAR,               -- message, message_status, permission_reply, alias, settings, account, recording, transcript, summary
    word VARCHAR,               -- what happened, in the source's own words: accept, DELIVERED, ACCOUNT_RESTRICTION
    event_at TIMESTAMP,
    waba_id VARCHAR,
    phone_number_id VARCHAR,
    business_number BIGINT,     -- digits
    contact BIGINT,             -- E.164 digits, NULL where this record tells no number
    contact_user_id VARCHAR,
    profile_country VARCHAR,
    detail VARCHAR,             -- what else it says, as canonical JSON: ids, times and words, never names or texts
    source VARCHAR,
    line BIGINT,
    item INTEGER
);

-- Names of one contact: numbers and user ids that records tie together -> the one that stands for all.
CREATE TABLE aliases (
    alias VARCHAR,
    contact VARCHAR
);

-- Words that wacost has never seen, kept as text: how often, in which source's last load.
CREATE TABLE words (
    field VARCHAR,              -- where it stood: event, status, direction, ...
    word VARCHAR,
    source VARCHAR,
    records BIGINT
);

-- Calls of a table that webhooks tell of too (or the other way round): they count once.
CREATE TABLE superseded (
    call_id VARCHAR,            -- does not count
    by_call_id VARCHAR          -- counts in its place
);

-- What people decided about held calls: it stands in the place of what their records tell of the
-- outcome, whatever comes before or after. The records stay as they are.
CREATE TABLE decisions (
    call_id VARCHAR,
    outcome VARCHAR,            -- answered, unanswered, or same: it is the call `same_as`, which counts
    seconds BIGINT,             -- of talk, where it was answered
    started_at TIMESTAMP,       -- of the talk, where a person told it; NULL: as the records tell it
    decided_at TIMESTAMP,
    reason VARCHAR,             -- in the person's own words; gone when the call is redacted
    same_as VARCHAR
);

-- Which source counts where several tell of one call, from wacost.toml; written with the claims.
CREATE TABLE source_rules (
    account VARCHAR,
    from_at TIMESTAMP,
    to_at TIMESTAMP,
    source VARCHAR              -- webhooks, or the name of a mapping
);

-- Final documents: written once, never edited. The key keeps a series gapless and its numbers apart
-- even for two writers of one process; all other tables are too large for one.
CREATE TABLE invoices (
    number VARCHAR PRIMARY KEY, -- SERIES-2026-000001: series, year of issue, serial within both
    seq BIGINT,                 -- in which order documents were issued, over all series
    series VARCHAR,
    year INTEGER,
    serial BIGINT,
    type VARCHAR,               -- invoice, credit_note or supplement
    kind VARCHAR,               -- chargeback or customer
    side VARCHAR,
    account VARCHAR,
    month VARCHAR,
    currency VARCHAR,
    issued_on DATE,             -- local to the account
    due_on DATE,
    corrects VARCHAR,           -- number of the document that it corrects, or NULL
    calls BIGINT,
    billed_seconds BIGINT,
    subtotal DECIMAL(38, 12),
    tax DECIMAL(38, 12),
    total DECIMAL(38, 12),
    exact_units HUGEINT,        -- what its calls cost, unrounded
    excused VARCHAR,            -- what would have kept it from being final, as JSON
    terms VARCHAR,              -- what it was made under besides calls and cards, as canonical JSON
    terms_hash VARCHAR,
    calls_hash VARCHAR,
    content_hash VARCHAR,
    document VARCHAR,           -- the whole document as canonical JSON, without the ids of unpriced calls
    issued_at TIMESTAMP,
    made_by VARCHAR,            -- the version of wacost
    cost_range VARCHAR          -- what its calls can have cost, as JSON; NULL where that is certain
);

-- The lines of final documents, of whatever sort.
CREATE TABLE invoice_lines (
    number VARCHAR,
    line BIGINT,                -- from 1, in the order of the document
    part VARCHAR,               -- call, fee, limit, change, or an item: included, discount, monthly, minimum, remainder
    cause VARCHAR,              -- of a change
    name VARCHAR,               -- of an item
    direction VARCHAR,
    country VARCHAR,
    market VARCHAR,
    card VARCHAR,
    card_checksum VARCHAR,
    effective_from DATE,
    from_second BIGINT,
    tier_from_minutes BIGINT,
    rate_per_minute DECIMAL(18, 9),
    fee DECIMAL(18, 9),
    calls BIGINT,
    billed_seconds BIGINT,
    exact_units HUGEINT,
    amount DECIMAL(38, 12),
    currency VARCHAR
);

-- The calls of final documents: each as it was charged then, without the contact.
CREATE TABLE invoice_call_rows (
    number VARCHAR,
    call_id VARCHAR,
    call_key VARCHAR,           -- SHA-256 of the id as issued: calls_hash is over it, so redaction leaves it; no way back to the id
    cause VARCHAR,              -- why a correction tells of it; NULL on the first document
    change_units HUGEINT,       -- what this document bills for it: on a correction the difference
    change DECIMAL(38, 12),     -- the same, rounded where the card rounds calls
    change_seconds BIGINT,      -- and its billed seconds
    called_at TIMESTAMP,
    ended_at TIMESTAMP,
    duration_s BIGINT,
    card VARCHAR,
    direction VARCHAR,
    country VARCHAR,
    market VARCHAR,
    status VARCHAR,             -- of the charge; withdrawn: the call is no longer one of the month
    flag_bits UTINYINT,
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
    parts STRUCT(
        from_second BIGINT,
        tier_from_minutes BIGINT,
        billed_seconds BIGINT,
        rate_nanos BIGINT,
        fee_nanos BIGINT
    )[]
);

-- What people and statements tell of prepaid balances. Rows are added, never changed.
CREATE TABLE ledger_entries (
    balance VARCHAR,            -- the account, or the portfolio that shares one
    entry_id VARCHAR,           -- a reference, once in its balance: a second time adds nothing
    kind VARCHAR,               -- opening, topup, message, fee, adjustment, refund, correction, observed
    moved_at TIMESTAMP,
    currency VARCHAR,
    units HUGEINT,              -- 1/60 nano: what the balance changes by; of an observed balance what it was
    fee_units HUGEINT,          -- of a top-up: what was paid on top
    shown_places INTEGER,       -- of an observed balance that was shown rounded to so many places; NULL: exact
    note VARCHAR,
    source VARCHAR,             -- the file it was told by; '' where a person typed it
    line BIGINT,
    written_at TIMESTAMP
);

-- What billed messages of a sort cost from one moment to another, as pricing_analytics told: from it
-- follows the price of one. Rows are added, never changed; the last one of a point counts.
CREATE TABLE message_points (
    balance VARCHAR,            -- the account, or the portfolio, that paid for them
    point_id VARCHAR,           -- of all that tells the sort, once in its balance
    category VARCHAR,           -- as statuses of messages have it: marketing, utility, ...
    country VARCHAR,            -- of the contacts, ISO 3166 alpha-2
    from_at TIMESTAMP,
    to_at TIMESTAMP,
    currency VARCHAR,
    volume BIGINT,              -- how many messages
    units HUGEINT,              -- 1/60 nano: what they cost together
    source VARCHAR,             -- the file it was told by
    line BIGINT,
    written_at TIMESTAMP
);

-- Whose calls a balance pays for, since when, and by what observed balances differ from ours. Both follow
-- from wacost.toml, the entries and the charges, and are written anew where they say something else.
CREATE TABLE ledger_shares (account VARCHAR, balance VARCHAR, starts_at TIMESTAMP);
CREATE TABLE ledger_differences (balance VARCHAR, entry_id VARCHAR, moved_at TIMESTAMP, currency VARCHAR, units HUGEINT);

-- What is known of the names that stand for redacted contacts, so that nobody is taken for another.
CREATE TABLE redacted_names (
    name VARCHAR,
    kind VARCHAR                -- number: hashed by the workspace's key; forgotten: by a key that is thrown away
);

-- What was known of two calls near each other when one of them lost its contact, where it cannot be told any
-- more: whether they may be one call.
CREATE TABLE compared (
    call_id VARCHAR,
    other_id VARCHAR,
    likeness VARCHAR            -- alike, apart, or gone: nobody could say then either
);
