-- Calls lose their contact: what they and those near them had of each other before is kept, where
-- it is told otherwise after it. Both statements run right after pairs.sql.

-- Before: the pairs of calls that are about to be redacted.
CREATE OR REPLACE TEMP TABLE pairs_before AS
WITH going AS (SELECT call_id FROM chosen WHERE whole)
SELECT x, y, likeness FROM pairs WHERE x IN (FROM going) OR y IN (FROM going);

-- After: a pair that is new was told apart by what is gone.
INSERT INTO compared
WITH before AS (
    SELECT coalesce(one.new_id, x) AS x, coalesce(other.new_id, y) AS y, likeness
    FROM pairs_before
    LEFT JOIN renamed AS one ON one.call_id = x
    LEFT JOIN renamed AS other ON other.call_id = y
),
gone AS (SELECT new_id FROM renamed WHERE whole),
after AS (SELECT x, y, likeness FROM pairs WHERE x IN (FROM gone) OR y IN (FROM gone))
SELECT x, y, coalesce(before.likeness, 'apart')
FROM before FULL JOIN after USING (x, y)
WHERE before.likeness IS DISTINCT FROM after.likeness;
