-- Each query counts what breaks one invariant of the store. `name: query;`, told by health.py.

-- name: conservation
-- records = new + duplicate + quarantined + ignored, for every source.
SELECT count(*) FROM sources WHERE records <> new + duplicate + quarantined + ignored;

-- name: one_row_per_call
SELECT count(*) - count(DISTINCT call_id) FROM call_rows;

-- name: every_event_folded
-- The calls are exactly the call ids of the events.
SELECT count(*) FROM (SELECT DISTINCT call_id FROM events) e
FULL JOIN (SELECT DISTINCT call_id FROM call_rows) c USING (call_id)
WHERE e.call_id IS NULL OR c.call_id IS NULL;

-- name: answered_has_start
SELECT count(*) FROM call_rows WHERE answered <> (started_at IS NOT NULL);

-- name: one_charge_per_call
SELECT count(*) - count(DISTINCT (call_id, side)) FROM charge_rows;

-- name: every_charge_has_its_call
SELECT count(*) FROM charge_rows ANTI JOIN call_rows USING (call_id);

-- name: derivation
-- Rate x billed seconds + fees, within the card's limits, is the amount, to the last unit;
-- unpriced has none. A call that a policy lets go free has no limits.
SELECT count(*)
FROM charge_rows AS h
LEFT JOIN (
    SELECT
        checksum,
        60 * (content::JSON ->> '$.limits.min_nanos')::HUGEINT AS least,
        60 * (content::JSON ->> '$.limits.max_nanos')::HUGEINT AS most
    FROM cards
) AS k ON k.checksum = h.card_checksum AND h.status = 'rated' AND h.pulses > 0
WHERE amount_units IS DISTINCT FROM CASE
    WHEN status IN ('no_account', 'held', 'open', 'incomplete', 'no_country', 'no_rate') THEN NULL
    WHEN status = 'unanswered' THEN 0
    ELSE least(
        greatest(
            CASE
                WHEN parts IS NULL
                    THEN rate_nanos::HUGEINT * billed_seconds + 60 * coalesce(fee_nanos, 0)
                ELSE list_sum(list_transform(
                    parts,
                    lambda part: part.rate_nanos::HUGEINT * part.billed_seconds
                        + 60 * part.fee_nanos
                ))::HUGEINT
            END,
            k.least
        ),
        k.most
    )
END;

-- name: unpriced_is_null
SELECT count(*) FROM charge_rows WHERE (amount IS NULL) <> (amount_units IS NULL);

-- name: every_card_kept
SELECT count(*) FROM charge_rows
WHERE card_checksum IS NOT NULL AND card_checksum NOT IN (SELECT checksum FROM cards);

-- name: one_currency_per_card
SELECT count(*) FROM charge_rows JOIN cards ON cards.checksum = charge_rows.card_checksum
WHERE charge_rows.currency <> cards.currency;

-- name: notice: quarantined records
SELECT count(*) FROM quarantine;

-- name: notice: calls open for more than a day
SELECT count(*) FROM call_rows
WHERE disposition = 'open'
  AND first_event_at < (SELECT max(greatest(first_event_at, ended_at)) FROM call_rows) - INTERVAL 1 DAY;

-- name: notice: calls with contradictory records, held back
SELECT count(*) FROM call_rows WHERE conflict;

-- name: notice: calls without an account
SELECT count(*) FROM ratable_calls WHERE account IS NULL;

-- name: notice: calls not rated yet
SELECT count(*) FROM ratable_calls ANTI JOIN (SELECT call_id FROM charge_rows WHERE side = 'cost') USING (call_id);

-- name: notice: calls that another source tells of too, counted once
SELECT count(*) FROM superseded;
