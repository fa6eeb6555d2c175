-- {events} -> what calls.sql reads of a call. Only aggregates that do not care in which order, how often
-- or in how many pieces events came: min, max, bool_or, arg_max with a total order.

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
    (max({'at': event_at, 'status': status}) FILTER (kind = 'terminate' AND status IS NOT NULL)).status AS last_status,
    min(event_at) AS first_event_at,
    min(event_at) FILTER (kind = 'RINGING') AS ringing_at,
    min(event_at) FILTER (kind IN ('ACCEPTED', 'accepted')) AS accepted_at,
    min(started_at) AS started_at,
    max(ended_at) AS ended_at,
    max(duration_s) AS duration_s,
    max(error_code) AS error_code,
    max(tracking) AS tracking,
    (min({'source': source, 'line': line})).source AS source,
    (min({'source': source, 'line': line})).line AS line,
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
GROUP BY call_id;
