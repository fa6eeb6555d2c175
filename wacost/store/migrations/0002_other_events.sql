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
