-- month_calls (stage.sql) -> how calls went, by the columns asked for ({by}). Variable: short_s.
WITH counted AS (
    SELECT
        {by}
        count(*) AS calls,
        count(*) FILTER (answered) AS answered_calls,
        -- The network did its part: somebody could have answered.
        count(*) FILTER (disposition IN ('answered', 'missed', 'no_answer', 'rejected', 'declined')) AS reached,
        count(*) FILTER (disposition = 'failed') AS failed,
        count(*) FILTER (disposition IN ('open', 'incomplete', 'unknown')) AS unknown,
        coalesce(sum(talk_s) FILTER (answered), 0)::BIGINT AS talk_s,
        count(talk_s) FILTER (answered) AS timed,
        count(*) FILTER (answered AND talk_s < getvariable('short_s')) AS short,
        -- Accepted, and then nothing to hear: for one side at least.
        count(*) FILTER (error_code BETWEEN 138021 AND 138023) AS one_way
    FROM month_calls
    GROUP BY ALL
)
SELECT
    * EXCLUDE (timed) RENAME (answered_calls AS answered),
    percent(answered_calls, calls) AS asr,
    wilson_bound(answered_calls, calls, -1) AS asr_low,
    wilson_bound(answered_calls, calls, 1) AS asr_high,
    percent(reached, calls) AS ner,
    wilson_bound(reached, calls, -1) AS ner_low,
    wilson_bound(reached, calls, 1) AS ner_high,
    -- Seconds, to the nearest: of answered calls whose length is known.
    CASE WHEN timed > 0 THEN (2 * talk_s + timed) // (2 * timed) END::BIGINT AS acd_s,
    percent(short, answered_calls) AS short_share,
    wilson_bound(short, answered_calls, -1) AS short_share_low,
    wilson_bound(short, answered_calls, 1) AS short_share_high,
    percent(one_way, calls) AS one_way_share,
    wilson_bound(one_way, calls, -1) AS one_way_share_low,
    wilson_bound(one_way, calls, 1) AS one_way_share_high
FROM counted
ORDER BY {order}
