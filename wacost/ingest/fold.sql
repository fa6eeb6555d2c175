-- {events} -> one row per call. Only aggregates that do not care in which order, how often or in
-- how many pieces events came: min, max, bool_or, arg_max with a total order. Reads `countries`
-- (code), the dial plan's tables and the store's `decisions`.

INSERT INTO call_rows
WITH folded AS (
    SELECT
        call_id,
        max(waba_id) AS waba_id,
        max(phone_number_id) AS phone_number_id,
        max(business_number) AS business_number,
        max(contact)::VARCHAR AS number,
        max(contact_user_id) AS contact_user_id,
        max(profile_country) AS profile_country,
        -- Of the directions told in the strongest way, inbound is the one that stays.
        nullif(max(direction), 0) AS told,
        bool_or(kind = 'terminate') AS ended,
        bool_or(kind = 'REJECTED' OR coalesce(status = 'REJECTED', false)) AS rejected,
        bool_or(kind IN ('ACCEPTED', 'accepted')) AS accepted,
        bool_or(failed OR coalesce(status = 'FAILED', false)) AS failed,
        -- Two formats may tell of one end, so that the word decides as well.
        max({'at': event_at, 'status': status}) FILTER (kind = 'terminate' AND status IS NOT NULL) AS last,
        min(event_at) AS first_event_at,
        min(event_at) FILTER (kind = 'RINGING') AS ringing_at,
        min(event_at) FILTER (kind IN ('ACCEPTED', 'accepted')) AS accepted_at,
        min(started_at) AS started_at,
        max(ended_at) AS ended_at,
        max(duration_s) AS duration_s,
        max(error_code) AS error_code,
        max(tracking) AS tracking,
        min({'source': source, 'line': line}) AS first,
        CASE WHEN bool_or(conflict)
            OR (bool_or(direction = 8) AND bool_or(direction = 9))
            OR coalesce(min(started_at) <> max(started_at), false)
            OR coalesce(min(ended_at) <> max(ended_at), false)
            OR coalesce(min(duration_s) <> max(duration_s), false)
            THEN 'contradiction'
            -- What one record leaves open, another may tell.
            WHEN NOT bool_or(held IS NULL AND started_at IS NOT NULL) THEN min(held) END AS held
    FROM (
        -- An event of a provider's own has its name after a colon.
        SELECT * REPLACE (CASE WHEN contains(kind, ':') THEN split_part(kind, ':', 1) ELSE kind END AS kind)
        FROM {events}
    )
    GROUP BY call_id
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
    last.status AS terminate_status,
    first_event_at, ringing_at, accepted_at, started_at, ended_at, duration_s,
    coalesce(number_country, told_country, user_country) AS country,
    CASE
        WHEN number_country IS NOT NULL THEN 'number'
        WHEN told_country IS NOT NULL THEN 'profile'
        WHEN user_country IS NOT NULL THEN 'user_id'
    END AS country_source,
    error_code, tracking, first.source, first.line, held IS NOT NULL, held, hash(call_id) AS call_key
FROM placed;
