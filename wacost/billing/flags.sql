-- How many priced calls have each flag.
SELECT
    count(*) FILTER (flag_bits & 16 <> 0)::BIGINT AS duration_conflict,
    count(*) FILTER (flag_bits & 4 <> 0)::BIGINT AS answered_zero_seconds,
    count(*) FILTER (flag_bits & 8 <> 0)::BIGINT AS failed_with_duration,
    count(*) FILTER (flag_bits & 2 <> 0)::BIGINT AS month_of,
    count(*) FILTER (flag_bits & 1 <> 0)::BIGINT AS tier_unknown
FROM {rows} AS h
WHERE amount_units IS NOT NULL
