-- Records beside the calls, as they stand once they are redacted: {rows} has them with `raw_id`,
-- `new_id` (of their call, else of their own) and `of_call`. The contact goes, the country that its
-- name tells stays; what belongs to a call needs none. Used for the store and for a batch alike.
SELECT
    old.* REPLACE (
        old.new_id AS {id},
        NULL::BIGINT AS contact,
        CASE WHEN NOT of_call THEN renamed_contact END AS contact_user_id,
        NULL::VARCHAR AS profile_country,
        CASE
            WHEN kind = 'alias'
                THEN '{"numbers":[],"user_ids":[' || coalesce('"' || renamed_contact || '"', '') || ']}'
            WHEN detail::JSON->>'$.about' IS NOT NULL THEN json_merge_patch(
                detail::JSON, json_object('about', 'redacted.' || home_keyed('call', detail::JSON->>'$.about'))
            )::VARCHAR
            ELSE detail
        END AS detail
    )
FROM (
    SELECT
        old.*,
        coalesce(CASE
            WHEN number IS NOT NULL THEN {number_country}
            WHEN regexp_matches(contact_user_id, '^[A-Z]{2}\.') THEN left(contact_user_id, 2)
        END || '.', '') || 'redacted.' || home_keyed('contact', coalesce(number, contact_user_id)) AS renamed_contact
    FROM (SELECT *, contact::VARCHAR AS number FROM {rows}) AS old {dial_joins}
) AS old
