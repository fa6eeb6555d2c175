-- A frame of calls -> `frame_calls`, with the columns of `ratable_calls` that the set kernel reads.
-- {...} is SQL that priced.py makes of fixed words; $... are parameters.

CREATE OR REPLACE TEMP TABLE frame_calls AS
WITH told AS (
    SELECT
        row_no, call_id, duration_s, answered_at, ended_at, first_event_at,
        CASE WHEN $by_account THEN nullif(account, '') ELSE '' END AS account,
        CASE
            WHEN upper(trim(direction)) IN ('INBOUND', 'USER_INITIATED') THEN 'inbound'
            WHEN upper(trim(direction)) IN ('OUTBOUND', 'BUSINESS_INITIATED') THEN 'outbound'
        END AS direction,
        upper(trim(terminate_status)) AS terminate_status,
        lower(trim(disposition)) AS told_disposition,
        nullif(upper(trim(country)), '') AS told_country,
        coalesce(answered, CASE WHEN $has_start THEN answered_at IS NOT NULL END) AS answered,
        {digits} AS digits,
        -- A business-scoped user id begins with its country.
        CASE WHEN regexp_full_match(trim(contact), '[A-Z]{2}\..+') THEN trim(contact) END AS user_id
    FROM frame_given
), timed AS (
    SELECT
        *,
        CASE
            WHEN answered THEN coalesce(answered_at, ended_at - to_seconds(duration_s))
        END AS started_at
    FROM told
)
SELECT
    row_no, call_id, account, direction, coalesce(digits, user_id) AS contact,
    coalesce(
        {country}, told_country,
        CASE WHEN list_contains($countries, left(user_id, 2)) THEN left(user_id, 2) END
    ) AS country,
    CASE
        WHEN answered THEN 'answered'
        -- What may have been answered after all is no call at no cost.
        WHEN told_disposition IN ('open', 'incomplete') THEN told_disposition
        ELSE 'unknown'
    END AS disposition,
    terminate_status, started_at,
    CASE WHEN answered THEN ended_at END AS ended_at,
    duration_s,
    coalesce(
        answered IS NULL
        OR (NOT answered AND answered_at IS NOT NULL)
        OR (answered AND (started_at IS NULL OR duration_s < 0)),
        false
    ) AS conflict,
    coalesce(answered_at, ended_at, first_event_at) IS NULL AS timeless,
    -- A row without any time is in no month; it goes through the engine at some time all the same.
    coalesce(first_event_at, started_at, answered_at, ended_at, TIMESTAMP '2000-01-15')
        AS first_event_at
FROM timed
{joins};
