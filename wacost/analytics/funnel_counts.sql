-- The funnel of the month by way of asking: counts of requests, of the permissions they led to, of their use.
WITH requests AS (
    SELECT
        a.id, CASE a.form WHEN '' THEN 'not told' ELSE a.form END AS form,
        coalesce(d.delivered, false) OR an.id IS NOT NULL AS delivered, coalesce(d.read, false) OR an.id IS NOT NULL AS read,
        d.failed, an.answer, an.permanent
    FROM asked AS a
    LEFT JOIN delivered AS d USING (id)
    LEFT JOIN answered AS an USING (id)
)
SELECT
    count(*) AS requested,
    count(*) FILTER (r.delivered) AS delivered,
    count(*) FILTER (r.read) AS read,
    count(*) FILTER (r.failed AND r.answer IS NULL) AS failed,
    count(*) FILTER (r.answer = 'accepted' AND NOT r.permanent) AS temporary,
    count(*) FILTER (r.answer = 'accepted' AND r.permanent) AS permanent,
    count(*) FILTER (r.answer = 'rejected') AS refused,
    count(*) FILTER (r.answer IS NULL) AS no_reply,
    (SELECT count(*) FROM granted WHERE request_id IS NULL) AS automatic,
    (SELECT count(*) FROM granted) AS granted,
    (SELECT count(*) FROM granted AS g WHERE g.calls > 0) AS called,
    (SELECT count(*) FROM granted AS g WHERE g.connected > 0) AS reached,
    (SELECT count(*) FROM granted AS g WHERE g.calls = 0 AND over_by = 'expired') AS expired_unused,
    (SELECT count(*) FROM granted AS g WHERE g.calls = 0 AND over_by IN ('revoked', 'refused')) AS revoked_unused,
    (SELECT count(*) FROM granted AS g WHERE g.calls = 0 AND over_by = 'replaced') AS replaced_unused,
    (SELECT count(*) FROM granted AS g WHERE g.calls = 0 AND over_by IS NULL) AS open_unused,
    (SELECT coalesce(sum(g.calls), 0)::BIGINT FROM granted AS g) AS calls,
    (SELECT coalesce(sum(g.connected), 0)::BIGINT FROM granted AS g) AS answered_calls
FROM requests AS r
