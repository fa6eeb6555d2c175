"""What becomes of every kind of call, worked out by hand, from both kernels."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wacost.cards import RateCard
from wacost.rating import BilledAccount, rate_month
from wacost.rating.charge import Call
from wacost.rating.compiled import compiled
from wacost.rating.quote import price
from wacost.store import open_store


def at(text):
    return int(datetime.fromisoformat(f"2026-{text}Z").timestamp())


START = at("10-10T12:00:00")
SEPTEMBER = at("09-30T23:59:30")  # a minute later it is October
NEW_RATES = at("10-19T23:59:30")  # a minute later BR has a new rate


def call(name, country="BR", start=START, seconds=61, **facts):
    """Describe an answered call; what differs from one without any doubt is given."""
    told = {
        "direction": "outbound",
        "contact": None,
        "first_event_at": start,
        "started_at": start,
        "ended_at": start + seconds,
        "duration_s": seconds,
        "account": "acme",
    }
    return Call(**{"call_id": name, "country": country, **told, **facts})


NOT_ANSWERED = {"started_at": None, "ended_at": None, "duration_s": None}
# call, (status, flags, billed seconds, pulses, amount), and the same where policies let go free
KINDS = [
    (call("plain"), ("rated", [], 66, 7, "0.67"), None),
    (call("told", ended_at=None), ("rated", [], 66, 7, "0.67"), None),
    (call("timed", duration_s=None), ("rated", [], 66, 7, "0.67"), None),
    (call("second", duration_s=60), ("rated", [], 60, 6, "0.61"), None),
    (
        call("weeks", start=at("09-20T12:00:00"), seconds=15 * 86_400, ended_at=None),
        ("rated", ["month_of"], 1_296_000, 215_996, "5"),
        None,
    ),
    (call("neither", ended_at=None, duration_s=None), ("held", [], None, None, None), None),
    (call("back", ended_at=START - 10), ("held", [], None, None, None), None),
    (call("doubted", conflict=True), ("held", [], None, None, None), None),
    (
        call("contradicted", duration_s=70),
        ("held", ["duration_conflict"], None, None, None),
        ("rated", ["duration_conflict"], 66, 7, "0.67"),
    ),
    (
        call("september-contradicted", start=SEPTEMBER, duration_s=70),
        ("held", ["month_of", "duration_conflict"], None, None, None),
        ("rated", ["month_of", "duration_conflict"], 66, 7, "0.67"),
    ),
    (
        call("then-contradicted", start=NEW_RATES, duration_s=70),
        ("held", ["duration_conflict"], None, None, None),
        ("rated", ["month_of", "duration_conflict"], 66, 7, "1.33"),
    ),
    (
        call("prefix", contact="5511987654321", start=NEW_RATES),
        ("rated", [], 66, 7, "0.33"),
        None,
    ),
    (
        call("zero", seconds=0),
        ("rated", ["answered_zero_seconds"], 30, 1, "0.31"),
        ("rated", ["answered_zero_seconds"], 0, 0, "0"),
    ),
    (
        call("failed", terminate_status="FAILED"),
        ("rated", ["failed_with_duration"], 66, 7, "0.67"),
        ("rated", ["failed_with_duration"], 0, 0, "0"),
    ),
    (call("short", seconds=1), ("rated", [], 30, 1, "0.31"), None),
    (call("long", seconds=600), ("rated", [], 600, 96, "5"), None),
    (call("least", country="MX", seconds=1), ("rated", [], 30, 1, "0.05"), None),
    (call("missed", **NOT_ANSWERED, disposition="no_answer"), ("unanswered", [], 0, 0, "0"), None),
    (call("open", **NOT_ANSWERED, disposition="open"), ("open", [], None, None, None), None),
    (
        call("incomplete", **NOT_ANSWERED, disposition="incomplete"),
        ("incomplete", [], None, None, None),
        None,
    ),
    (call("rung", **NOT_ANSWERED, conflict=True), ("held", [], None, None, None), None),
    (call("nowhere", country=None), ("no_country", [], None, None, None), None),
    (call("nothing", country="US"), ("no_rate", [], None, None, None), None),
    (call("unknown", country="IN"), ("no_rate", ["tier_unknown"], None, None, None), None),
    (
        call("unknown-then", country="IN", start=SEPTEMBER),
        ("no_rate", ["tier_unknown", "month_of"], None, None, None),
        None,
    ),
    (call("free", country="PT"), ("free", [], 66, 7, "0"), None),
    (
        call("free-zero", country="PT", seconds=0),
        ("free", ["answered_zero_seconds"], 30, 1, "0"),
        ("free", ["answered_zero_seconds"], 0, 0, "0"),
    ),
    (call("free-then", country="PT", start=NEW_RATES), ("free", [], 66, 7, "0"), None),
    (
        call("market-then", country="AR", start=NEW_RATES),
        ("rated", ["month_of"], 66, 7, "0.33"),
        None,
    ),
    (call("then", start=NEW_RATES), ("rated", ["month_of"], 66, 7, "1.33"), None),
    (call("september", start=SEPTEMBER), ("rated", ["month_of"], 66, 7, "0.67"), None),
    (
        call("september-doubted", start=SEPTEMBER, conflict=True),
        ("held", ["month_of"], None, None, None),
        None,
    ),
    (
        call("september-missed", **NOT_ANSWERED, first_event_at=at("10-01T00:00:00")),
        ("unanswered", [], 0, 0, "0"),
        None,
    ),
]
RATES = [
    ("BR", "2026-01-01", "0.6", "0.01"),
    ("BR", "2026-10-20", "1.2", "0.01"),
    ("5511", "2026-01-01", "0.3", ""),
    ("AR", "2026-01-01", "0.3", ""),
    ("MX", "2026-01-01", "0.06", ""),
    ("PT", "2026-01-01", "0", ""),
    ("IN", "2026-01-01", "unknown", ""),
]
MARKETS = [("South", "AR", "2026-01-01"), ("Rest", "AR", "2026-10-20")]
FREE = {
    "answered_zero_seconds": "free",
    "failed_with_duration": "free",
    "duration_conflict": "times",
}


@pytest.mark.parametrize("policies", [{}, FREE], ids=["default", "free"])
def test_every_kind_of_call_becomes_what_both_kernels_say(tmp_path, policies):
    head = ("destination", "effective_from", "rate_per_minute", "fee")
    card = RateCard.from_rows(
        [{"direction": "outbound"} | dict(zip(head, row, strict=True)) for row in RATES],
        currency="USD",
        markets=[
            dict(zip(("market", "country_or_prefix", "effective_from"), row, strict=True))
            for row in MARKETS
        ],
        increments=(30, 6),
        limits={"min_charge": "0.05", "max_charge": "5"},
        policies=policies,
    )
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        for one, *_ in KINDS:
            insert(con, one)
        rate_month(con, [BilledAccount("acme", "UTC", card, "acme")], "2026-10")
        rows = con.execute(
            "SELECT call_id, status, flags, billed_seconds, pulses, amount, fee, rate_per_minute,"
            " tier_from_minutes, effective_from, country FROM charges"
        ).fetchall()
    found = {row[0]: row[1:] for row in rows}
    assert found.keys() == {one.call_id for one, *_ in KINDS}
    for one, billed, freed in KINDS:
        status, flags, seconds, pulses, amount = (policies and freed) or billed
        expected = (status, flags, seconds, pulses, None if amount is None else Decimal(amount))
        assert found[one.call_id][:5] == expected, one.call_id
        charge = price(one, compiled(card), "UTC", side="sale")
        assert (
            charge.status,
            list(charge.flags),
            charge.billed_seconds,
            charge.pulses,
            charge.amount,
            charge.fee,
            charge.rate_per_minute,
            charge.tier_from_minutes,
            charge.effective_from,
            charge.country,
        ) == found[one.call_id], one.call_id
        assert (charge.call_id, charge.account, charge.side) == (one.call_id, "acme", "sale")
        assert charge.seconds_before == (0 if status == "rated" else None)
        assert price(one, compiled(card), "UTC").side == "cost"
        assert (charge.month, charge.timezone, charge.call) == ("2026-10", "UTC", one)


def insert(con, one):
    moments = {
        name: None if seconds is None else datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
        for name, seconds in (
            ("first", one.first_event_at),
            ("started", one.started_at),
            ("ended", one.ended_at),
        )
    }
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT $call_id AS call_id, 'outbound' AS direction,
            $country AS country, $contact AS contact, $disposition AS disposition,
            $first AS first_event_at, $started AS started_at, $ended AS ended_at,
            $told AS duration_s, $status AS terminate_status, $conflict AS conflict,
            $answered AS answered
        """,
        {
            "call_id": one.call_id,
            "country": one.country,
            "contact": one.contact,
            "disposition": one.disposition,
            "told": one.duration_s,
            "status": one.terminate_status,
            "conflict": one.conflict,
            "answered": one.started_at is not None,
            **moments,
        },
    )
