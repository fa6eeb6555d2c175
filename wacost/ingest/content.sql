-- What an event says, as one canonical text, and back. The quarantine keeps a contradictory record
-- as this text, so that it can be compared and, where a person decides so, be stored after all.

-- Delivery (source, line, item) is no part of it, nor is the call id, which stands beside it.
CREATE OR REPLACE TEMP MACRO content_of(e) AS CAST(to_json({
    'kind': e.kind, 'event_at': e.event_at, 'waba_id': e.waba_id, 'phone_number_id': e.phone_number_id,
    'business_number': e.business_number, 'contact': e.contact, 'contact_user_id': e.contact_user_id,
    'profile_country': e.profile_country, 'direction': e.direction,
    'started_at': e.started_at, 'ended_at': e.ended_at, 'duration_s': e.duration_s, 'status': e.status,
    'failed': e.failed, 'error_code': e.error_code, 'tracking': e.tracking, 'held': e.held
}) AS VARCHAR);

CREATE OR REPLACE TEMP MACRO event_of(content) AS from_json(content, '{
    "kind": "VARCHAR", "event_at": "TIMESTAMP", "waba_id": "VARCHAR", "phone_number_id": "VARCHAR",
    "business_number": "BIGINT", "contact": "BIGINT", "contact_user_id": "VARCHAR",
    "profile_country": "VARCHAR", "direction": "UTINYINT",
    "started_at": "TIMESTAMP", "ended_at": "TIMESTAMP", "duration_s": "BIGINT", "status": "VARCHAR",
    "failed": "BOOLEAN", "error_code": "INTEGER", "tracking": "VARCHAR", "held": "VARCHAR"
}');
