-- Joined to charges: the local day of the moment that decided a call's month. $accounts, $cards and the
-- others are the columns of day_windows; a place stands for one account and card.
LEFT JOIN (
    WITH rules AS (
        SELECT
            unnest($places::INTEGER[]) AS place, unnest($accounts::VARCHAR[]) AS account,
            unnest($cards::VARCHAR[]) AS card_checksum, unnest($by_start::BOOLEAN[]) AS by_start
    ), windows AS (
        SELECT
            unnest($day_places::INTEGER[]) AS place, unnest($days::DATE[]) AS day,
            unnest($since::TIMESTAMP[]) AS since, unnest($until::TIMESTAMP[]) AS until
    ), moments AS (
        SELECT
            h.call_id, r.place,
            CASE
                WHEN c.started_at IS NULL THEN c.first_event_at
                WHEN r.by_start THEN c.started_at
                ELSE coalesce(c.ended_at, c.started_at + to_seconds(c.duration_s), c.started_at)
            END AS moment
        FROM charge_rows AS h
        JOIN rules AS r
            ON r.account IS NOT DISTINCT FROM h.account
            AND r.card_checksum IS NOT DISTINCT FROM h.card_checksum
        JOIN call_rows AS c ON c.call_id = h.call_id
        WHERE h.side = $side AND h.month = $month
    )
    SELECT m.call_id, w.day
    FROM moments AS m
    JOIN windows AS w ON w.place = m.place AND m.moment >= w.since AND m.moment < w.until
) AS days ON days.call_id = charges.call_id
