-- How exported values are told. Every macro is of one value, or of NULL.

-- step: macros
-- A contact with its middle hidden, as documents tell it; what redaction made of it stays as it is.
CREATE OR REPLACE TEMP MACRO export_hidden(contact) AS
    CASE
        WHEN length(contact) <= 8 OR regexp_full_match(contact, '([A-Z]{2}\.)?redacted\.[0-9a-f]+') THEN contact
        ELSE contact[:6] || repeat('•', length(contact) - 8) || contact[-2:]
    END;

-- A text that no spreadsheet runs as a formula, also where it cuts at semicolons or tabs.
CREATE OR REPLACE TEMP MACRO export_harmless(cell) AS
    CASE WHEN regexp_matches(cell, '^[=+\-@\t\r\n＝＋－＠]') THEN '''' ELSE '' END
    || regexp_replace(cell, '([;\t\r\n]\s*)([=+\-@＝＋－＠])', '\1''\2', 'g');

-- A decimal without trailing zeros.
CREATE OR REPLACE TEMP MACRO export_plain(number) AS
    CASE
        WHEN contains(number::VARCHAR, '.') THEN rtrim(rtrim(number::VARCHAR, '0'), '.')
        ELSE number::VARCHAR
    END;

-- The parts of a charge as JSON, its amounts as texts: a reader of JSON makes numbers into floats.
CREATE OR REPLACE TEMP MACRO export_parts(parts) AS
    to_json(list_transform(parts, lambda part: {
        'from_second': part.from_second,
        'tier_from_minutes': part.tier_from_minutes,
        'billed_seconds': part.billed_seconds,
        'rate_per_minute': export_plain(part.rate_per_minute),
        'fee': export_plain(part.fee)
    }))::VARCHAR;
