-- How many records beside the calls a redaction would take: those older than $1, all that has the id of
-- one of them, and those of the calls of `chosen`. Like `over` of redact_others.sql, before the calls
-- have new ids.
SELECT count(*) FROM other_events
WHERE NOT starts_with(id, 'redacted.')
    AND (
        id IN (SELECT call_id FROM chosen)
        OR id IN (SELECT id FROM other_events WHERE event_at < $1 AND id <> '')
        OR (id = '' AND event_at < $1 AND (contact IS NOT NULL OR NOT is_redacted_contact(contact_user_id)))
    );
