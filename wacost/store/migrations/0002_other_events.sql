-- Records beside the calls, why a call is held, and what a person decided about calls and refused records.
ALTER TABLE events ADD COLUMN held VARCHAR;
ALTER TABLE call_rows ADD COLUMN held VARCHAR;
UPDATE call_rows SET held = 'contradiction' WHERE conflict;
ALTER TABLE call_rows ADD COLUMN call_key UBIGINT;
UPDATE call_rows SET call_key = hash(call_id);
ALTER TABLE quarantine ADD COLUMN state VARCHAR;
UPDATE quarantine SET state = 'open';
ALTER TABLE sources ADD COLUMN format VARCHAR;
ALTER TABLE sources ADD COLUMN least_delay_s BIGINT;
ALTER TABLE sources ADD COLUMN most_delay_s BIGINT;
ALTER TABLE sources ADD COLUMN mtime_ns BIGINT;
ALTER TABLE sources ADD COLUMN reading VARCHAR;
ALTER TABLE sources ADD COLUMN reasons VARCHAR;
ALTER TABLE charge_rows ADD COLUMN accrual STRUCT(external_s BIGINT, lifted_s BIGINT, total_s BIGINT);
CREATE TABLE other_events (
    id VARCHAR, kind VARCHAR, word VARCHAR, event_at TIMESTAMP, waba_id VARCHAR, phone_number_id VARCHAR,
    business_number BIGINT, contact BIGINT, contact_user_id VARCHAR, profile_country VARCHAR, detail VARCHAR,
    source VARCHAR, line BIGINT, item INTEGER
);
CREATE TABLE aliases (alias VARCHAR, contact VARCHAR);
CREATE TABLE words (field VARCHAR, word VARCHAR, source VARCHAR, records BIGINT);
CREATE TABLE superseded (call_id VARCHAR, by_call_id VARCHAR);
CREATE TABLE decisions (
    call_id VARCHAR, outcome VARCHAR, seconds BIGINT, started_at TIMESTAMP, decided_at TIMESTAMP, reason VARCHAR,
    same_as VARCHAR
);
CREATE TABLE source_rules (account VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP, source VARCHAR);
CREATE TABLE invoices (
    number VARCHAR PRIMARY KEY,
    seq BIGINT,
    series VARCHAR,
    year INTEGER,
    serial BIGINT,
    type VARCHAR,
    kind VARCHAR,
    side VARCHAR,
    account VARCHAR,
    month VARCHAR,
    currency VARCHAR,
    issued_on DATE,
    due_on DATE,
    corrects VARCHAR,
    calls BIGINT,
    billed_seconds BIGINT,
    subtotal DECIMAL(38, 12),
    tax DECIMAL(38, 12),
    total DECIMAL(38, 12),
    exact_units HUGEINT,
    excused VARCHAR,
    terms VARCHAR,
    terms_hash VARCHAR,
    calls_hash VARCHAR,
    content_hash VARCHAR,
    document VARCHAR,
    issued_at TIMESTAMP,
    made_by VARCHAR,
    cost_range VARCHAR
);
CREATE TABLE invoice_lines (
    number VARCHAR,
    line BIGINT,
    part VARCHAR,
    cause VARCHAR,
    name VARCHAR,
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
CREATE TABLE invoice_call_rows (
    number VARCHAR,
    call_id VARCHAR,
    call_key VARCHAR,
    cause VARCHAR,
    change_units HUGEINT,
    change DECIMAL(38, 12),
    change_seconds BIGINT,
    called_at TIMESTAMP,
    ended_at TIMESTAMP,
    duration_s BIGINT,
    card VARCHAR,
    direction VARCHAR,
    country VARCHAR,
    market VARCHAR,
    status VARCHAR,
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
CREATE TABLE ledger_entries (
    balance VARCHAR, entry_id VARCHAR, kind VARCHAR, moved_at TIMESTAMP, currency VARCHAR, units HUGEINT, fee_units HUGEINT,
    shown_places INTEGER, note VARCHAR, source VARCHAR, line BIGINT, written_at TIMESTAMP
);
CREATE TABLE message_points (
    balance VARCHAR, point_id VARCHAR, category VARCHAR, country VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP,
    currency VARCHAR, volume BIGINT, units HUGEINT, source VARCHAR, line BIGINT, written_at TIMESTAMP
);
CREATE TABLE ledger_shares (account VARCHAR, balance VARCHAR, starts_at TIMESTAMP);
CREATE TABLE ledger_differences (balance VARCHAR, entry_id VARCHAR, moved_at TIMESTAMP, currency VARCHAR, units HUGEINT);
CREATE TABLE redacted_names (name VARCHAR, kind VARCHAR);
CREATE TABLE compared (call_id VARCHAR, other_id VARCHAR, likeness VARCHAR);
