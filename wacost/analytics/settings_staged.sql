-- `all_settings`: the settings of each number as of each moment at which something was told, by events or in
-- `typed_settings` (phone_number_id, event_at, calling, inbound, callback_permission). An empty cell of a typed
-- row says nothing new, and no event says whether contacts may call: what was told before goes on.
CREATE OR REPLACE TEMP VIEW all_settings AS
WITH told AS (
    SELECT
        phone_number_id, event_at, calling, callback_permission, false AS typed,
        {
            'call_icon': call_icon, 'call_hours_status': call_hours_status, 'call_hours_zone': call_hours_zone,
            'call_hours': call_hours::VARCHAR, 'only_countries': only_countries, 'sip': sip
        } AS rest
    FROM settings
    WHERE phone_number_id IS NOT NULL
    UNION ALL BY NAME
    SELECT *, true AS typed FROM typed_settings
)
SELECT
    phone_number_id, event_at,
    last_value(calling IGNORE NULLS) OVER so_far AS calling,
    last_value(inbound IGNORE NULLS) OVER so_far AS inbound,
    last_value(callback_permission IGNORE NULLS) OVER so_far AS callback_permission,
    unnest(last_value(rest IGNORE NULLS) OVER so_far)
FROM told
WINDOW so_far AS (
    PARTITION BY phone_number_id ORDER BY event_at, typed, calling, inbound, callback_permission, rest::VARCHAR
    ROWS UNBOUNDED PRECEDING
)
-- Of one moment the last row, in an order that is the same whatever came first.
QUALIFY row_number() OVER (
    PARTITION BY phone_number_id, event_at
    ORDER BY typed DESC, calling DESC, inbound DESC, callback_permission DESC, rest::VARCHAR DESC
) = 1;
