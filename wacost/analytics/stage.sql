-- Temporary tables that the reports on a month's calls share. `month_windows` (account, from_at, to_at),
-- `clocks` (account, from_at, to_at, offset_s) and `people` (contact, person) are filled before.

-- A share of calls with the bounds of its Wilson interval at 95 %: 2 of 3 is anything from 20 to 94 %.
-- Shares are statistics, not money: the square root is taken in binary and rounded to a tenth of a percent.
CREATE OR REPLACE TEMP MACRO wilson_bound(k, n, sign) AS
    CASE WHEN n > 0 THEN round(
        100 * (k + 1.9207294 + sign * 1.959964 * sqrt((k::BIGINT * (n - k)) / n + 0.9603647)) / (n + 3.8414588), 1
    )::DECIMAL(4, 1) END;
CREATE OR REPLACE TEMP MACRO percent(k, n) AS CASE WHEN n > 0 THEN round(100.0 * k / n, 1)::DECIMAL(4, 1) END;

-- The persons of contacts.csv under the name that stands for all names of a contact: the file may have any.
CREATE OR REPLACE TEMP TABLE persons AS
SELECT coalesce(a.contact, p.contact) AS contact, arg_min(p.person, p.contact) AS person
FROM people AS p
LEFT JOIN aliases AS a ON a.alias = p.contact
GROUP BY ALL;

-- The calls of the month: of the end where they were answered, of the first event where not, as in `calls`.
CREATE OR REPLACE TEMP TABLE month_calls AS
WITH of_month AS (
    SELECT c.*
    FROM ratable_calls AS c
    JOIN month_windows AS w
        ON w.account IS NOT DISTINCT FROM c.account
        AND coalesce(CASE WHEN c.answered THEN c.ended_at END, c.first_event_at) >= w.from_at
        AND coalesce(CASE WHEN c.answered THEN c.ended_at END, c.first_event_at) < w.to_at
)
SELECT
    c.call_id, c.account, coalesce(c.phone_number_id, '') AS phone_number_id,
    coalesce(c.business_number, c.phone_number_id) AS number, c.business_number, c.contact,
    coalesce(p.person, a.contact, c.contact) AS person,
    c.direction, c.disposition, c.answered, c.first_event_at, c.started_at, c.ended_at,
    -- What the field tells, else what the two times tell.
    coalesce(c.duration_s, date_diff('second', c.started_at, c.ended_at)) AS talk_s,
    c.country, c.error_code, c.tracking,
    c.first_event_at + to_seconds(k.offset_s) AS local_at
FROM of_month AS c
LEFT JOIN aliases AS a ON a.alias = c.contact
LEFT JOIN persons AS p ON p.contact = coalesce(a.contact, c.contact)
LEFT JOIN clocks AS k
    ON k.account IS NOT DISTINCT FROM c.account AND c.first_event_at >= k.from_at AND c.first_event_at < k.to_at;
