-- The calls that plain bodies alone tell of, each folded from these already (plain/fold.c) as fold.sql
-- would fold it.

SELECT
    call_id, waba_id, phone_number_id, business_number,
    plain_calls.number::VARCHAR AS number, contact_user_id, profile_country, told,
    kinds & 2 > 0 AS ended,
    kinds & 16 > 0 AS rejected,
    kinds & 8 > 0 AS accepted,
    has_failed > 0 AS failed,
    last_status, first_event_at, ringing_at, accepted_at, started_at, ended_at, duration_s,
    NULL::INTEGER AS error_code,
    tracking, batch_sources.name AS source, line,
    NULL::VARCHAR AS held
FROM plain_calls
JOIN batch_sources ON batch_sources.number = plain_calls.source
ANTI JOIN contested_calls USING (call_id)
ANTI JOIN open_calls USING (call_id);
