-- Why calls broke: error codes with their meaning, by the columns asked for ({by}). A call that failed
-- and told no code is listed without one; an answered call can have a code too.
WITH counted AS (
    SELECT
        {by}
        error_code AS code, count(*) AS calls, count(*) FILTER (answered) AS answered,
        list_sort(list(DISTINCT number) FILTER (number IS NOT NULL)) AS numbers
    FROM month_calls
    WHERE error_code IS NOT NULL OR disposition = 'failed'
    GROUP BY ALL
),
whole AS (SELECT count(*) AS all_calls FROM month_calls)
SELECT
    counted.* EXCLUDE (numbers), e.meaning, e.http, numbers,
    percent(calls, all_calls) AS share,
    wilson_bound(calls, all_calls, -1) AS share_low,
    wilson_bound(calls, all_calls, 1) AS share_high
FROM counted
CROSS JOIN whole
LEFT JOIN error_codes AS e USING (code)
ORDER BY {order}
