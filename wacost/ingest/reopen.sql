-- The records {ids} of the quarantine, as far as their sources are in this batch, are gone from it:
-- the load that follows takes them or refuses them again.

CREATE OR REPLACE TEMP TABLE reopened AS
SELECT quarantine.* FROM quarantine
SEMI JOIN batch_sources ON batch_sources.name = quarantine.source
WHERE list_contains({ids}, {id});

DELETE FROM quarantine
USING reopened AS r
WHERE quarantine.source = r.source AND quarantine.line = r.line AND quarantine.item = r.item
    AND quarantine.reason = r.reason AND quarantine.text = r.text;

-- Where nothing contradicts an event any more it counts, until the load says otherwise.
CREATE OR REPLACE TEMP TABLE reopened_calls AS
WITH cleared AS (
    SELECT call_id, event_of(text).kind AS kind, event_of(text).event_at AS event_at
    FROM reopened WHERE reason = 'contradiction'
),
disputed AS (
    SELECT call_id, event_of(text).kind AS kind, event_of(text).event_at AS event_at
    FROM quarantine WHERE reason = 'contradiction' AND state <> 'discarded'
)
SELECT DISTINCT call_id, kind, event_at FROM cleared ANTI JOIN disputed USING (call_id, kind, event_at);

UPDATE events SET conflict = false
FROM reopened_calls AS r
WHERE events.call_id = r.call_id AND events.kind = r.kind AND events.event_at = r.event_at;
