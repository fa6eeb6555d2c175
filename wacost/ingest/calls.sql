-- {folded} (fold.sql, plain.sql) -> one row per call. Reads `countries` (code), the dial plan's tables and
-- the store's `decisions`.

INSERT INTO call_rows
WITH folded AS (
{folded}
),
-- What a person decided stands in the place of what the records tell of the outcome.
decided AS (
    SELECT told.* EXCLUDE (outcome, seconds, picked_up_at) REPLACE (
        outcome IS NOT NULL OR ended AS ended,
        outcome IS NULL AND accepted AS accepted,
        CASE WHEN outcome IS NULL THEN started_at ELSE picked_up_at END AS started_at,
        CASE WHEN outcome IS NULL THEN ended_at ELSE picked_up_at + to_seconds(seconds) END AS ended_at,
        CASE WHEN outcome IS NULL THEN duration_s ELSE seconds END AS duration_s,
        CASE WHEN outcome IS NULL THEN held END AS held
    )
    FROM (
        SELECT
            folded.*, d.outcome, d.seconds,
            CASE d.outcome WHEN 'answered' THEN coalesce(
                d.started_at, folded.started_at, folded.ended_at - to_seconds(d.seconds), accepted_at, first_event_at
            ) END AS picked_up_at
        FROM folded
        LEFT JOIN decisions AS d ON d.call_id = folded.call_id AND d.outcome <> 'same'
    ) AS told
),
placed AS (
    SELECT
        folded.*,
        CASE WHEN told % 2 = 1 THEN 'inbound' WHEN told % 2 = 0 THEN 'outbound' END AS direction,
        {number_country} AS number_country,
        CASE WHEN profile_country IN (SELECT code FROM countries) THEN profile_country END AS told_country,
        CASE
            WHEN contact_user_id[3] = '.' AND left(contact_user_id, 2) IN (SELECT code FROM countries)
                THEN left(contact_user_id, 2)
        END AS user_country
    FROM decided AS folded {dial_joins}
)
SELECT
    call_id, waba_id, phone_number_id, business_number::VARCHAR AS business_number,
    coalesce(number, contact_user_id) AS contact,
    contact_user_id, direction,
    CASE
        WHEN started_at IS NOT NULL THEN 'answered'
        WHEN direction = 'outbound' AND rejected THEN 'rejected'
        WHEN direction = 'inbound' AND rejected THEN 'declined'
        WHEN NOT ended THEN 'open'
        WHEN accepted OR coalesce(duration_s > 0, false) THEN 'incomplete'
        WHEN failed THEN 'failed'
        WHEN direction = 'inbound' THEN 'missed'
        WHEN direction = 'outbound' THEN 'no_answer'
        ELSE 'unknown'
    END AS disposition,
    started_at IS NOT NULL AS answered,
    last_status AS terminate_status,
    first_event_at, ringing_at, accepted_at, started_at, ended_at, duration_s,
    coalesce(number_country, told_country, user_country) AS country,
    CASE
        WHEN number_country IS NOT NULL THEN 'number'
        WHEN told_country IS NOT NULL THEN 'profile'
        WHEN user_country IS NOT NULL THEN 'user_id'
    END AS country_source,
    error_code, tracking, source, line, held IS NOT NULL, held, hash(call_id) AS call_key
FROM placed;
