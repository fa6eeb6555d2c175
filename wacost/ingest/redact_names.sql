-- The names of contacts: ties between names that are redacted now are kept under the new ones, and
-- names that no record tells any more are gone.

CREATE OR REPLACE TEMP TABLE new_names AS
SELECT contact, min(new_contact) AS new_contact FROM renamed WHERE whole AND contact IS NOT NULL GROUP BY contact;

INSERT INTO aliases
SELECT DISTINCT one.new_contact, other.new_contact
FROM aliases
JOIN new_names AS one ON one.contact = aliases.alias
JOIN new_names AS other ON other.contact = aliases.contact
WHERE one.new_contact <> other.new_contact
    AND (one.new_contact, other.new_contact) NOT IN (SELECT (alias, contact) FROM aliases);

CREATE OR REPLACE TEMP TABLE living AS
SELECT DISTINCT unnest([contact::VARCHAR, contact_user_id]) AS name FROM events
UNION
SELECT DISTINCT unnest([contact::VARCHAR, contact_user_id]) FROM other_events;

DELETE FROM aliases
WHERE contact NOT IN (
    SELECT contact FROM aliases WHERE alias IN (SELECT name FROM living)
    UNION
    SELECT contact FROM aliases WHERE contact IN (SELECT name FROM living)
);
