-- Calls of `chosen` lose their contact and their id. Ids become redacted.<rank>.<keyed hash>: the
-- ranks keep the order that the ids of one end second had. A call that comes later finds its place
-- before or after those that are redacted already, as its id has it. {again}: true where somebody is
-- forgotten, whose redacted calls get names once more.

CREATE OR REPLACE TEMP TABLE renamed AS
WITH there AS (
    SELECT
        end_at, min(split_part(call_id, '.', 2)::BIGINT) AS least, max(split_part(call_id, '.', 2)::BIGINT) AS most
    FROM ends WHERE is_redacted(call_id) GROUP BY end_at
),
ranked AS (
    SELECT
        chosen.*, there.least, there.most, chosen.call_id < 'redacted.' AS before,
        row_number() OVER (second ORDER BY chosen.call_id) AS up,
        row_number() OVER (second ORDER BY chosen.call_id DESC) AS down
    FROM chosen LEFT JOIN there USING (end_at)
    WINDOW second AS (
        PARTITION BY chosen.end_at, is_redacted(chosen.call_id),
        CASE WHEN there.least IS NOT NULL THEN chosen.call_id < 'redacted.' END
    )
)
SELECT
    call_id, whole, contact,
    CASE
        WHEN is_redacted(call_id) AND NOT {again} THEN call_id
        ELSE 'redacted.' || lpad((CASE
            WHEN is_redacted(call_id) THEN split_part(call_id, '.', 2)::BIGINT
            WHEN least IS NULL THEN 50000000 + up
            WHEN before THEN least - down
            ELSE most + up
        END)::VARCHAR, 8, '0') || '.' || CASE WHEN whole THEN keyed('call', call_id) ELSE home_keyed('call', call_id) END
    END AS new_id,
    CASE
        WHEN NOT whole OR contact IS NULL THEN NULL
        WHEN is_redacted_contact(contact) AND NOT {again} THEN contact
        ELSE coalesce(country || '.', '') || 'redacted.' || keyed('contact', contact)
    END AS new_contact
FROM ranked;

-- Where a call has a contact its country is told by the new one; where it has none, by the profile.
UPDATE events SET
    call_id = r.new_id,
    contact = CASE WHEN NOT r.whole THEN events.contact END,
    contact_user_id = CASE WHEN r.whole THEN r.new_contact ELSE events.contact_user_id END,
    profile_country = CASE WHEN NOT r.whole OR r.new_contact IS NULL THEN events.profile_country END,
    tracking = CASE WHEN NOT r.whole THEN events.tracking END
FROM renamed AS r
WHERE events.call_id = r.call_id;

UPDATE charge_rows SET call_id = r.new_id FROM renamed AS r WHERE charge_rows.call_id = r.call_id;

-- A final document keeps its calls and amounts; its hash is over a hash of each id, which stays.
UPDATE invoice_call_rows SET call_id = r.new_id FROM renamed AS r WHERE invoice_call_rows.call_id = r.call_id;

UPDATE superseded SET call_id = r.new_id FROM renamed AS r WHERE superseded.call_id = r.call_id;

UPDATE superseded SET by_call_id = r.new_id FROM renamed AS r WHERE superseded.by_call_id = r.call_id;

-- Words in which a person gave a reason may name another person.
UPDATE decisions SET call_id = r.new_id, reason = CASE WHEN NOT r.whole THEN decisions.reason END
FROM renamed AS r
WHERE decisions.call_id = r.call_id;

UPDATE compared SET call_id = r.new_id FROM renamed AS r WHERE compared.call_id = r.call_id;

UPDATE compared SET other_id = r.new_id FROM renamed AS r WHERE compared.other_id = r.call_id;

UPDATE decisions SET same_as = r.new_id FROM renamed AS r WHERE decisions.same_as = r.call_id;

-- Of a call that no record tells of any more the id would be left.
DELETE FROM decisions
WHERE call_id NOT IN (SELECT call_id FROM events) OR same_as NOT IN (SELECT call_id FROM events);

-- The id of the other call stands behind the sentence; open ones are written anew.
UPDATE quarantine SET message = regexp_replace(message, ' \([^()]*\)$', '')
WHERE reason = 'doubtful_match' AND state <> 'open';

-- A contradiction stays what it says, without the contact; of all others nothing is left but the place.
UPDATE quarantine SET
    call_id = r.new_id,
    text = CASE
        WHEN NOT r.whole THEN quarantine.text
        WHEN quarantine.reason = 'contradiction' THEN content_of(struct_update(
            event_of(quarantine.text),
            contact := NULL::BIGINT, contact_user_id := r.new_contact, tracking := NULL::VARCHAR,
            profile_country := CASE WHEN r.new_contact IS NULL THEN event_of(quarantine.text).profile_country END
        ))
        ELSE ''
    END
FROM renamed AS r
WHERE quarantine.call_id = r.call_id;

-- What may be said of the new names: whose is a hash of a number can be told from another number; whose
-- key is thrown away from nobody.
INSERT INTO redacted_names
SELECT DISTINCT new_contact, CASE WHEN {again} THEN 'forgotten' ELSE 'number' END FROM renamed
WHERE whole AND new_contact IS NOT NULL AND ({again} OR regexp_full_match(contact, '[0-9]+'))
    AND new_contact NOT IN (SELECT name FROM redacted_names);

DELETE FROM redacted_names
WHERE name NOT IN (SELECT contact_user_id FROM events WHERE contact_user_id IS NOT NULL);

DELETE FROM compared
WHERE call_id NOT IN (SELECT call_id FROM events) OR other_id NOT IN (SELECT call_id FROM events);

DELETE FROM call_rows WHERE call_id IN (SELECT call_id FROM renamed);

CREATE OR REPLACE TEMP TABLE redacted_calls AS SELECT new_id AS call_id FROM renamed;
