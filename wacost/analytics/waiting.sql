-- Who has not been answered since, the oldest first. Variable: as_of.
WITH still AS (
    SELECT
        account, person, sum(attempts)::BIGINT AS attempts, min(first_at) AS first_at, max(last_at) AS last_at
    FROM needs
    WHERE outcome = 'waiting'
    GROUP BY account, person
)
SELECT
    s.account, s.person, list_sort(list(DISTINCT l.contact)) AS contacts, list_sort(list(DISTINCT l.number)) AS numbers,
    s.attempts, s.first_at, s.last_at, date_diff('second', s.first_at, getvariable('as_of')) AS age_s
FROM still AS s
JOIN lost_calls AS l ON l.account IS NOT DISTINCT FROM s.account AND l.person = s.person
GROUP BY ALL
ORDER BY s.first_at, s.person
