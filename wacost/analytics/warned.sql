-- What Meta said about low pickup in the month: of numbers that were called in it.
SELECT DISTINCT m.account, c.event_at, c.business_number AS number, c.violation, c.restrictions
FROM account_changes AS c
JOIN (SELECT DISTINCT account, number FROM month_calls) AS m ON m.number = c.business_number
JOIN month_windows AS w
    ON w.account IS NOT DISTINCT FROM m.account AND c.event_at >= w.from_at AND c.event_at < w.to_at
WHERE c.violation = 'USER_INITIATED_CALLS_LOW_PICKUP_RATE'
    OR list_contains(c.restrictions, 'RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN')
ORDER BY c.event_at, number
