-- Pairs of calls that may be one (pairs.sql) -> which of them are, and which count. Runs right after it.
-- Reads `source_rules`; writes `superseded`, `held` of doubtful calls, and what the quarantine says of them.

-- A pair is the same call where each of the two has no other so close, and they agree.
-- Where a name is gone nobody can say so: the pair is doubtful.
CREATE OR REPLACE TEMP TABLE judged_pairs AS
SELECT
    *,
    is_close AND agrees AND likeness <> 'gone'
        AND count(*) FILTER (is_close) OVER (PARTITION BY x, y_teller) = 1
        AND count(*) FILTER (is_close) OVER (PARTITION BY y, x_teller) = 1 AS is_same,
    bool_or(is_close) OVER (PARTITION BY x, y_teller) AS x_has_close
FROM pairs;

-- Webhooks win, then the table whose name comes first, unless a rule names another.
INSERT INTO superseded
WITH decided AS (
    SELECT
        p.x, p.y,
        (SELECT min(r.source) FROM source_rules AS r
            WHERE r.account = p.account AND make_timestamp(p.at_s * 1000000) >= r.from_at
                AND make_timestamp(p.at_s * 1000000) < r.to_at) = p.x_teller AS x_wins
    FROM judged_pairs AS p
    WHERE p.is_same
)
SELECT call_id, min(by_call_id)
FROM (
    SELECT CASE WHEN coalesce(x_wins, false) THEN y ELSE x END AS call_id,
        CASE WHEN coalesce(x_wins, false) THEN x ELSE y END AS by_call_id
    FROM decided
)
GROUP BY call_id;

-- Doubtful: so close to several, or to one that says otherwise; or only near to one that is no
-- other's match.
CREATE OR REPLACE TEMP TABLE doubtful AS
SELECT x AS call_id, min(source) AS source, min(line) AS line, min(y) AS other
FROM judged_pairs
WHERE NOT is_same
    AND (is_close OR (NOT x_has_close AND (y, x_teller) NOT IN (
        SELECT (y, x_teller) FROM judged_pairs WHERE is_same
    )))
    AND x NOT IN (SELECT call_id FROM superseded)
GROUP BY x;

UPDATE call_rows SET held = NULL, conflict = false
WHERE held = 'doubtful_match' AND call_id NOT IN (SELECT call_id FROM doubtful);

UPDATE call_rows SET held = 'doubtful_match', conflict = true
WHERE held IS NULL AND call_id IN (SELECT call_id FROM doubtful)
    AND call_id NOT IN (SELECT call_id FROM decisions);

DELETE FROM quarantine WHERE reason = 'doubtful_match' AND state = 'open';

INSERT INTO quarantine
SELECT source, line, 0, 'doubtful_match', {doubtful} || ' (' || other || ')', call_id, '', 'open'
FROM doubtful
WHERE call_id NOT IN (SELECT call_id FROM quarantine WHERE reason = 'doubtful_match');
