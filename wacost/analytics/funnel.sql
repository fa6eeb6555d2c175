-- Requests for permission to call made in the month, and what became of them. `month_windows`
-- (account, from_at, to_at), `people` and `typed_requests` (id, account, phone_number_id, contact, asked_at,
-- form), `message_prices` and `told_prices` are filled before; the dial plan's tables are there.

-- Requests that webhooks tell of, and those that a person typed in and no webhook names.
CREATE OR REPLACE TEMP TABLE asked AS
WITH told AS (
    SELECT id, account, phone_number_id, contact, acted_at AS asked_at, form
    FROM contact_acts
    WHERE kind = 'request'
),
-- Refused by a code that only such requests get: nobody replied to them.
refused AS (
    SELECT
        s.message_id AS id, max(m.account) AS account, coalesce(max(s.phone_number_id), '') AS phone_number_id,
        max(coalesce(a.contact, s.contact)) AS contact, min(s.event_at) AS asked_at, '' AS form
    FROM message_statuses AS s
    LEFT JOIN aliases AS a ON a.alias = s.contact
    LEFT JOIN (SELECT phone_number_id, max(account) AS account FROM ratable_calls GROUP BY ALL) AS m
        ON m.phone_number_id = s.phone_number_id
    WHERE s.error_code IN (138009, 138011, 138017)
    GROUP BY s.message_id
),
one_each AS (
    FROM told
    UNION ALL BY NAME
    FROM refused ANTI JOIN told USING (id)
    UNION ALL BY NAME
    FROM typed_requests ANTI JOIN told USING (id)
)
SELECT one_each.*
FROM one_each
JOIN month_windows AS w
    ON w.account IS NOT DISTINCT FROM one_each.account AND asked_at >= w.from_at AND asked_at < w.to_at;

-- What became of each message.
CREATE OR REPLACE TEMP TABLE delivered AS
SELECT
    s.message_id AS id,
    bool_or(s.status IN ('DELIVERED', 'READ')) AS delivered,
    bool_or(s.status = 'READ') AS read,
    bool_or(s.status = 'FAILED') AS failed,
    max(s.error_code) AS error_code,
    bool_or(s.billable) AS billable,
    max(s.category) AS category
FROM message_statuses AS s
SEMI JOIN asked ON asked.id = s.message_id
GROUP BY s.message_id;

-- The replies to each: a reply names its request, or is the first one after a request that was typed in.
CREATE OR REPLACE TEMP TABLE answered AS
WITH replies AS (
    SELECT
        r.message_id AS reply_id, r.about, coalesce(r.phone_number_id, '') AS phone_number_id,
        coalesce(a.contact, r.contact) AS contact, r.event_at, r.answer, r.permanent
    FROM permission_replies AS r
    LEFT JOIN aliases AS a ON a.alias = r.contact
    WHERE NOT r.automatic AND r.answer IN ('accepted', 'rejected')
),
linked AS (
    SELECT asked.id, replies.* FROM asked JOIN replies ON replies.about = asked.id
    UNION ALL
    SELECT id, replies.*
    FROM (
        SELECT asked.*, lead(asked_at) OVER (PARTITION BY phone_number_id, contact ORDER BY asked_at, id) AS next_at
        FROM asked
    ) AS asked
    JOIN replies
        ON replies.phone_number_id = asked.phone_number_id AND replies.contact = asked.contact
        AND replies.event_at >= asked.asked_at
        AND replies.event_at < least(coalesce(asked.next_at, TIMESTAMP '9999-01-01'), asked.asked_at + INTERVAL 7 DAYS)
    WHERE asked.id IN (SELECT id FROM typed_requests)
        AND replies.about IS DISTINCT FROM asked.id AND (replies.about IS NULL OR replies.about NOT IN (SELECT id FROM asked))
)
SELECT
    id,
    -- Who accepts once has given a permission, whatever he says later.
    CASE WHEN bool_or(answer = 'accepted') THEN 'accepted' ELSE 'rejected' END AS answer,
    list(reply_id) FILTER (answer = 'accepted') AS reply_ids,
    bool_or(permanent AND answer = 'accepted') AS permanent,
    min(event_at) AS replied_at
FROM linked
GROUP BY id;

-- The permissions that came of it, and those that arose in the month from a contact's own call. Who answers
-- one request again, as for a time and then for good, has given one permission.
CREATE OR REPLACE TEMP TABLE granted AS
WITH found AS (
    SELECT p.*, an.id AS request_id
    FROM permissions AS p
    LEFT JOIN (SELECT id, unnest(reply_ids) AS reply_id FROM answered) AS an ON an.reply_id = p.reply_id
    LEFT JOIN month_windows AS w
        ON w.account IS NOT DISTINCT FROM p.account AND p.given_at >= w.from_at AND p.given_at < w.to_at
    WHERE an.id IS NOT NULL OR (p.automatic AND w.to_at IS NOT NULL)
),
used AS (
    SELECT
        f.reply_id,
        count(*) AS calls, count(*) FILTER (c.connected_at IS NOT NULL) AS connected,
        list(c.id) FILTER (c.connected_at IS NOT NULL) AS call_ids
    FROM found AS f
    JOIN contact_turns AS c
        ON c.phone_number_id = f.phone_number_id AND c.contact = f.contact AND c.kind = 'outbound call'
        AND c.acted_at >= f.given_at AND (f.ended_at IS NULL OR c.acted_at < f.ended_at)
    GROUP BY f.reply_id
)
SELECT
    any_value(f.request_id) AS request_id,
    coalesce(sum(u.calls), 0)::BIGINT AS calls, coalesce(sum(u.connected), 0)::BIGINT AS connected,
    coalesce(flatten(list(u.call_ids)), []) AS call_ids,
    -- How the last of them ended.
    arg_max({{'by': CASE WHEN f.ended_at <= getvariable('as_of') THEN f.ended_by END}}, (f.given_at, f.reply_id)).by AS over_by
FROM found AS f
LEFT JOIN used AS u USING (reply_id)
GROUP BY coalesce(f.request_id, f.reply_id);

-- What each message that asked cost: what messages of its category to the contact's country did cost its
-- account then, by the narrowest time that was told; else the listed price of that day, where one is known;
-- nothing where Meta says that it is not billed.
CREATE OR REPLACE TEMP TABLE asked_prices AS
WITH in_country AS (
    SELECT asked.id, asked.account, asked.asked_at, d.category, d.billable, {country} AS country
    FROM asked
    LEFT JOIN delivered AS d USING (id)
    {joins}
),
told AS (
    SELECT
        i.id,
        arg_min(
            {{'currency': t.currency, 'nanos': t.price_nanos, 'source': t.source}},
            (t.to_at - t.from_at, t.from_at, t.currency)
        ) AS price
    FROM in_country AS i
    JOIN told_prices AS t
        ON t.account = i.account AND t.category = i.category AND t.country = i.country
        AND i.asked_at >= t.from_at AND i.asked_at < t.to_at
    GROUP BY i.id
)
SELECT
    i.id, i.billable, i.category, i.country,
    coalesce(any_value(t.price).currency, arg_max(p.currency, p.effective_from)) AS currency,
    CASE
        WHEN any_value(i.billable) = false THEN 0
        ELSE coalesce(any_value(t.price).nanos, arg_max(p.price_nanos, p.effective_from))
    END AS price_nanos,
    coalesce(any_value(t.price).source, arg_max(p.source, p.effective_from)) AS price_source
FROM in_country AS i
LEFT JOIN told AS t USING (id)
LEFT JOIN message_prices AS p
    ON p.category = i.category AND p.country = i.country AND p.effective_from <= i.asked_at::DATE
GROUP BY i.id, i.billable, i.category, i.country;
