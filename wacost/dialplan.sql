-- Two integer tables that give the country of a number by two equality joins (dialplan.py,
-- country_joins). A key is a beginning of a number, read as an integer. No calling code begins
-- with 0, so each beginning has one key and each key one beginning; and as a number shorter than
-- four or eight digits has a key of its own, no prefix is matched beyond the end of a number.

-- The table as it is shipped; the country '' says that no number begins so.
CREATE OR REPLACE TEMP TABLE dial_prefixes AS
SELECT prefix::INTEGER AS key, length(prefix) AS digits, coalesce(country, '') AS country
FROM read_csv(getvariable('dial_plan_file'), header = true, all_varchar = true);

-- dial_heads: every beginning of one to four digits that has a country. Each is cut to each
-- shorter length in turn; the longest cut that is a prefix wins.
CREATE OR REPLACE TEMP TABLE dial_heads AS
WITH cuts AS (
    SELECT key, key // cut_off AS cut
    FROM (SELECT unnest(range(1, 10000))::INTEGER AS key),
         (SELECT unnest([1, 10, 100, 1000]) AS cut_off)
)
SELECT cuts.key, arg_max(country, digits) AS country
FROM cuts JOIN dial_prefixes ON dial_prefixes.key = cut
GROUP BY cuts.key;

-- dial_tails: every beginning of five to eight digits below a prefix longer than four. Few
-- numbers have one; for all others the head decides.
CREATE OR REPLACE TEMP TABLE dial_tails AS
WITH wider AS (
    SELECT key, digits, country, (10 ** (length - digits))::INTEGER AS width
    FROM dial_prefixes, (SELECT unnest([5, 6, 7, 8]) AS length)
    WHERE digits > 4 AND length >= digits
),
beginnings AS (
    SELECT key * width + unnest(range(width)) AS key, digits, country
    FROM wider
)
SELECT key::INTEGER AS key, arg_max(country, digits) AS country
FROM beginnings
GROUP BY beginnings.key;

DROP TABLE dial_prefixes;
