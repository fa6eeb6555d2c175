-- Service windows that are open at a moment and close soon, as far as is known then: $at, $hours.
SELECT
    account, phone_number_id, contact, max(acted_at) + INTERVAL 24 HOURS AS closes_at,
    date_diff('second', $at::TIMESTAMP, max(acted_at) + INTERVAL 24 HOURS) AS left_s
FROM window_acts
WHERE acted_at > $at::TIMESTAMP - INTERVAL 24 HOURS AND acted_at <= $at::TIMESTAMP
    AND ($account::VARCHAR IS NULL OR account = $account)
GROUP BY account, phone_number_id, contact
HAVING left_s <= $hours * 3600
ORDER BY closes_at, contact, phone_number_id
