"""Workspaces with a prepaid balance: a card of round prices, calls put straight into the store."""

from datetime import datetime, timedelta

import wacost
from wacost.store import open_store

TOML = """
[accounts.acme]
waba_ids = ["1"]
timezone = "America/Sao_Paulo"
card = "round"
balance = { minimum = { amount = "10.00", currency = "USD" }, display_places = 0 }
"""
CARD = """
name = "round"
title = "Round prices"
currency = "USD"
status = "contract"
source = "contract"
retrieved = 2026-11-01
[increments]
first = 1
next = 1
[rounding]
at = "line"
"""
ROWS = """direction,destination,rate_per_minute,effective_from,tier_from_minutes
outbound,*,0.60,2025-01-01,0
inbound,*,0.06,2025-01-01,0
"""


def put(log, *calls):
    """Put calls (id, end, seconds) into the store; a fourth value names what else is told."""
    with open_store(log.store_path) as con:
        for call_id, end, seconds, *more in calls:
            told = more[0] if more else {}
            ended = datetime.fromisoformat(end)
            answered = told.get("answered", True)
            started = ended - timedelta(seconds=seconds) if answered else None
            con.execute(
                """
                INSERT INTO call_rows BY NAME SELECT
                    ? AS call_id, ? AS waba_id, '9' AS phone_number_id, ? AS contact,
                    ? AS direction, ? AS answered, ?::TIMESTAMP AS started_at,
                    ?::TIMESTAMP AS ended_at, ?::BIGINT AS duration_s, ? AS disposition,
                    ?::TIMESTAMP AS first_event_at, ? AS country, 'number' AS country_source,
                    false AS conflict, 'COMPLETED' AS terminate_status, 'x' AS source, 1 AS line
                """,
                [
                    call_id,
                    told.get("waba", "1"),
                    told.get("contact", "5511987654321"),
                    told.get("direction", "outbound"),
                    answered,
                    started,
                    ended if answered else None,
                    seconds if answered else None,
                    "answered" if answered else "missed",
                    started or ended,
                    told.get("country", "BR"),
                ],
            )


def put_open(log, call_id, at, **told):
    values = {"direction": "outbound", "contact": "5511987654321", "country": "BR", "accepted": at}
    values |= told
    with open_store(log.store_path) as con:
        con.execute(
            """
            INSERT INTO call_rows BY NAME SELECT ? AS call_id, '1' AS waba_id, ? AS direction,
                ? AS contact, ? AS country, false AS answered, 'open' AS disposition,
                ?::TIMESTAMP AS first_event_at, ?::TIMESTAMP AS accepted_at, false AS conflict
            """,
            [
                call_id,
                *(values[key] for key in ("direction", "contact", "country")),
                at,
                values["accepted"],
            ],
        )


def make(folder, toml=TOML, card=CARD, rows=ROWS):
    (folder / "wacost.toml").write_text(toml)
    rates = folder / "rates" / "round"
    rates.mkdir(parents=True, exist_ok=True)
    (rates / "card.toml").write_text(card)
    (rates / "rates.csv").write_text(rows)
    return wacost.open(folder)


def put_days(log, start, seconds):
    """Put one call a day into the store, that ends at `start` and lasts so many seconds."""
    with open_store(log.store_path) as con:
        con.execute(
            """
            INSERT INTO call_rows BY NAME SELECT
                'd' || n AS call_id, '1' AS waba_id, '9' AS phone_number_id,
                '5511987654321' AS contact, 'outbound' AS direction, true AS answered,
                at_n - to_seconds(s) AS started_at, at_n AS ended_at,
                s AS duration_s, 'answered' AS disposition, at_n - to_seconds(s) AS first_event_at,
                'BR' AS country, 'number' AS country_source, false AS conflict,
                'COMPLETED' AS terminate_status, 'x' AS source, 1 AS line
            FROM (
                SELECT s, n, $start::TIMESTAMP + to_days(n::INTEGER) AS at_n
                FROM (SELECT unnest($seconds::BIGINT[]) AS s, unnest(range(len($seconds))) AS n)
            )
            """,
            {"start": start, "seconds": list(seconds)},
        )


def put_traffic(log, days, *, start=datetime(2026, 1, 5), more=()):
    """Put ten calls a day into the store, at even hours; `more` are rows of their own.

    A row is (day, hour, contact, country, seconds).
    """
    with open_store(log.store_path) as con:
        con.execute(
            """
            INSERT INTO call_rows BY NAME
            WITH usual AS (
                SELECT
                    d, 2 * k + 1 AS h, 5511900000000 + (d * 7 + k * 13) % 400 AS contact,
                    'BR' AS country, 50 + (d * 31 + k * 17) % 20 AS s
                FROM range($days) AS t(d), range(10) AS u(k)
            ), more AS (
                SELECT unnest(
                    $more::STRUCT(d INT, h INT, contact BIGINT, country VARCHAR, s INT)[]
                ) AS r
            ), rows_ AS (
                SELECT d, h, contact, country, s FROM usual
                UNION ALL
                SELECT r.d, r.h, r.contact, r.country, r.s FROM more
            ), timed AS (
                SELECT *, $start::TIMESTAMP + to_days(d::INTEGER) + to_hours(h) AS begun FROM rows_
            )
            SELECT
                't' || row_number() OVER (ORDER BY begun, contact) AS call_id, '1' AS waba_id,
                '9' AS phone_number_id, contact::VARCHAR AS contact, 'outbound' AS direction,
                true AS answered, begun AS started_at, begun + to_seconds(s) AS ended_at,
                s AS duration_s, 'answered' AS disposition, begun AS first_event_at, country,
                'number' AS country_source, false AS conflict, 'COMPLETED' AS terminate_status,
                'x' AS source, 1 AS line
            FROM timed
            """,
            {
                "days": days,
                "start": start,
                "more": [
                    dict(zip(("d", "h", "contact", "country", "s"), row, strict=True))
                    for row in more
                ],
            },
        )
