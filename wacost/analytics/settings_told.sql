-- all_settings (settings_staged.sql) -> what changed of each number's settings, and until when it held.
WITH
-- An event that tells nothing new is none.
told AS (
    SELECT *
    FROM all_settings
    QUALIFY coalesce(
        row(calling, inbound, call_icon, callback_permission, call_hours, only_countries, sip)
            IS DISTINCT FROM lag(row(calling, inbound, call_icon, callback_permission, call_hours, only_countries, sip))
            OVER (PARTITION BY phone_number_id ORDER BY event_at),
        true
    )
),
named AS (
    SELECT phone_number_id, max(account) AS account, max(business_number) AS number
    FROM calls
    GROUP BY phone_number_id
)
SELECT
    n.account, t.phone_number_id, n.number, t.event_at AS from_at,
    lead(t.event_at) OVER (PARTITION BY t.phone_number_id ORDER BY t.event_at) AS to_at,
    t.calling, t.inbound, t.call_icon, t.callback_permission, t.call_hours_status, t.call_hours_zone,
    t.call_hours AS call_hours, t.only_countries, t.sip
FROM told AS t
LEFT JOIN named AS n USING (phone_number_id)
ORDER BY n.account NULLS LAST, n.number, t.phone_number_id, t.event_at
