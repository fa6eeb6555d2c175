-- A million calls of September and October, most of them answered, with ten countries.
INSERT INTO call_rows BY NAME
SELECT
    'c' || n AS call_id, hash('c' || n) AS call_key, '1' AS waba_id, '9' AS phone_number_id,
    '551130000000' AS business_number, (5511900000000 + n % 200000)::VARCHAR AS contact,
    CASE WHEN n % 3 = 0 THEN 'inbound' ELSE 'outbound' END AS direction, n % 4 <> 0 AS answered,
    CASE WHEN n % 4 <> 0 THEN begun_at END AS started_at,
    CASE WHEN n % 4 <> 0 THEN begun_at + to_seconds(n % 300) END AS ended_at,
    CASE WHEN n % 4 <> 0 THEN n % 300 END AS duration_s,
    CASE WHEN n % 4 <> 0 THEN 'answered' WHEN n % 3 = 0 THEN 'missed' ELSE 'no_answer' END AS disposition,
    begun_at - INTERVAL 5 SECOND AS first_event_at,
    ['BR', 'MX', 'PT', 'IN', 'AR', 'US', 'ES', 'CL', 'CO', 'FR'][1 + n % 10] AS country,
    'number' AS country_source, false AS conflict,
    CASE WHEN n % 4 <> 0 THEN 'COMPLETED' ELSE 'FAILED' END AS terminate_status
FROM (SELECT n, '2026-09-01 04:00:00'::TIMESTAMP + to_seconds(n * 26 // 5) AS begun_at FROM range(1000000) AS t (n));
