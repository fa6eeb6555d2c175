-- Joined to charges and calls: the local day of the moment that decided the month. $accounts, $cards and
-- the others are the columns of day_windows; `until` is the first moment of the next day.
LEFT JOIN (
    SELECT
        unnest($accounts::VARCHAR[]) AS account, unnest($cards::VARCHAR[]) AS card_checksum,
        unnest($by_start::BOOLEAN[]) AS by_start, unnest($days::DATE[]) AS day,
        unnest($since::TIMESTAMP[]) AS since, unnest($until::TIMESTAMP[]) AS until
) AS days
    ON days.account IS NOT DISTINCT FROM charges.account
    AND days.card_checksum IS NOT DISTINCT FROM charges.card_checksum
    AND CASE
        WHEN calls.started_at IS NULL THEN calls.first_event_at
        WHEN days.by_start THEN calls.started_at
        ELSE coalesce(
            calls.ended_at, calls.started_at + to_seconds(calls.duration_s), calls.started_at
        )
    END BETWEEN days.since AND days.until - INTERVAL 1 MICROSECOND
