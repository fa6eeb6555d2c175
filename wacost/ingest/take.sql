-- The records {ids} of the quarantine are right: every other content of their keys is discarded, the
-- stored one too. decide.sql puts them into the store after this.

CREATE OR REPLACE TEMP TABLE taken AS
SELECT call_id, event_of(text).kind AS kind, event_of(text).event_at AS event_at, text
FROM quarantine
WHERE reason = 'contradiction' AND list_contains({ids}, {id});

UPDATE quarantine SET state = CASE WHEN quarantine.text = taken.text THEN 'open' ELSE 'discarded' END
FROM taken
WHERE quarantine.reason = 'contradiction' AND quarantine.call_id = taken.call_id
    AND event_of(quarantine.text).kind = taken.kind AND event_of(quarantine.text).event_at = taken.event_at;

INSERT INTO quarantine
SELECT e.source, e.line, e.item, 'contradiction', {contradiction}, e.call_id, content_of(e), 'discarded'
FROM events AS e SEMI JOIN taken USING (call_id, kind, event_at);

DELETE FROM events
USING taken
WHERE events.call_id = taken.call_id AND events.kind = taken.kind AND events.event_at = taken.event_at;
