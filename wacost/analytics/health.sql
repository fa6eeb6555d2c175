-- Each query counts what breaks one invariant of the store. `name: query;`, told by health.py. A notice
-- is worth knowing and breaks nothing; `notices` give rows of (name, count, detail).

-- name: conservation
-- records = new + duplicate + quarantined + ignored, for every source.
SELECT count(*) FROM sources WHERE records <> new + duplicate + quarantined + ignored;

-- name: one_row_per_call
-- A load finds the row by its key: one that is wrong would be followed by a second row.
SELECT count(*) - count(DISTINCT call_id) + count(*) FILTER (call_key <> hash(call_id)) FROM call_rows;

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

-- name: numbers_without_gap
SELECT count(*) FROM (
    SELECT series FROM invoices GROUP BY series, year HAVING count(*) <> max(serial) OR min(serial) <> 1
);

-- name: billed_once
-- Over an invoice and its corrections a call comes to something in one account, month and currency only.
SELECT count(*) FROM (
    SELECT kind, call_id FROM (
        SELECT i.kind, r.call_id, arg_max(coalesce(r.amount_units, 0), i.seq) AS amount_units
        FROM invoice_call_rows AS r
        JOIN invoices AS i USING (number)
        GROUP BY i.kind, i.account, i.month, i.currency, r.call_id
    )
    WHERE amount_units <> 0
    GROUP BY ALL
    HAVING count(*) > 1
);

-- name: documents_have_calls
SELECT
    (SELECT count(*) FROM invoice_lines ANTI JOIN invoices USING (number))
    + (SELECT count(*) FROM invoice_call_rows ANTI JOIN invoices USING (number));

-- name: notice: quarantined records, not decided
-- Those that `wacost quarantine list` lists.
SELECT count(*) FROM quarantine
WHERE state = 'open' AND NOT (
    reason IN ('contradiction', 'doubtful_match') AND call_id IN (SELECT call_id FROM decisions)
);

-- name: notice: calls open for longer than --open-hours
-- Before the newest thing that any call tells: a store that got nothing for a week is not late by a week.
SELECT count(*) FROM call_rows
WHERE disposition = 'open' AND first_event_at
    < (SELECT max(greatest(first_event_at, ended_at)) FROM call_rows) - to_hours(getvariable('open_hours'));

-- name: notice: calls with no terminate
SELECT count(*) FROM call_rows
ANTI JOIN (SELECT call_id FROM events WHERE split_part(kind, ':', 1) = 'terminate') USING (call_id);

-- name: notice: calls that a terminate without a direction alone tells of: another app's, on the same WABA
-- The numbers may tell a direction (2); neither the body nor a connect nor a status does.
SELECT count(*) FROM (
    SELECT call_id FROM events
    GROUP BY call_id HAVING bool_and(split_part(kind, ':', 1) = 'terminate') AND max(direction) < 4
);

-- name: notice: contradictory records, not decided
SELECT count(*) FROM quarantine ANTI JOIN decisions USING (call_id)
WHERE reason = 'contradiction' AND state = 'open';

-- name: notice: held calls that were released by a decision
SELECT count(*) FROM decisions SEMI JOIN call_rows USING (call_id);

-- name: notices: why calls are held back
SELECT 'calls held back: ' || held, count(*), '' FROM call_rows WHERE held IS NOT NULL GROUP BY held ORDER BY ALL;

-- name: notice: records with words that wacost does not know
SELECT coalesce(sum(records), 0)::BIGINT FROM words WHERE NOT (field = 'field' AND word = 'messages');

-- name: notice: changes of messages that hold none: an error alone, or nothing
-- The field is known, and what it should tell is not there.
SELECT coalesce(sum(records), 0)::BIGINT FROM words WHERE field = 'field' AND word = 'messages';

-- name: notices: the words that came most often
SELECT 'records with the unknown ' || field || ' ' || word, sum(records)::BIGINT AS told, ''
FROM words WHERE NOT (field = 'field' AND word = 'messages')
GROUP BY field, word ORDER BY told DESC, field, word LIMIT 20;

-- name: notices: clocks that differ
-- Between a record's time and its arrival. Webhooks that Meta sends again are late as well.
SELECT
    'sources with records from the future, by more than a minute', count(*),
    format('up to {:d} s, in {}', -min(least_delay_s), arg_min(source, (least_delay_s, source)))
FROM sources WHERE least_delay_s < -60 HAVING count(*) > 0
UNION ALL
SELECT
    'sources with records that came more than an hour late', count(*),
    format('up to {:d} s, in {}', max(most_delay_s), arg_min(source, (-most_delay_s, source)))
FROM sources WHERE most_delay_s > 3600 HAVING count(*) > 0;

-- name: notice: calls without an account
SELECT count(*) FROM ratable_calls WHERE account IS NULL;

-- name: notice: calls not rated yet
SELECT count(*) FROM ratable_calls ANTI JOIN (SELECT call_id FROM charge_rows WHERE side = 'cost') USING (call_id);

-- name: notice: calls that another source tells of too, counted once
SELECT count(*) FROM superseded;

-- name: ledger_balanced
SELECT count(*) FROM (
    SELECT 1 FROM ledger GROUP BY balance, entry_id, currency HAVING sum(amount_units) <> 0
);

-- name: notices: entries of balances that nothing pays from
-- An account that was renamed leaves them behind: they are in no balance.
SELECT
    'entries of prepaid balances that wacost.toml no longer names', count(*),
    string_agg(DISTINCT balance, ', ' ORDER BY balance)
FROM ledger_entries
WHERE balance NOT IN (SELECT balance FROM ledger_shares)
HAVING count(*) > 0;
