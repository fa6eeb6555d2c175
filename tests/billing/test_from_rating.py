"""Invoices of charges as the rating room writes them: nothing is put in by hand but calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from billing.books import Account

from wacost.billing import draft_invoice, write_invoice
from wacost.cards import RateCard
from wacost.rating import BilledAccount, rate_month
from wacost.store import open_store

TIERS = [("0", "0.0108"), ("1", "0.0095"), ("3", "unknown")]


def card(**facts) -> RateCard:
    rows = [
        {
            "direction": "outbound",
            "destination": "Brazil",
            "rate_per_minute": rate,
            "effective_from": "2026-01-01",
            "tier_from_minutes": tier,
        }
        for tier, rate in TIERS
    ]
    free = {"direction": "inbound", "destination": "*", "rate_per_minute": "0"}
    markets = [{"market": "Brazil", "country_or_prefix": "BR", "effective_from": "2026-01-01"}]
    return RateCard.from_rows(
        [*rows, {**free, "effective_from": "2026-01-01"}],
        currency="USD",
        markets=markets,
        name="meta-usd",
        title="A card",
        status="derived",
        **facts,
    )


@pytest.fixture
def con(tmp_path):
    start = datetime(2026, 10, 5, 12)
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        calls = [("outbound", "5511987654321", "BR", True)] * 6
        calls += [("inbound", "351912345678", "PT", True), ("outbound", "351912345678", "PT", True)]
        calls += [("outbound", "5511987654321", "BR", False)]
        for number, (direction, contact, country, answered) in enumerate(calls):
            at = start + timedelta(hours=number)
            con.execute(
                """
                INSERT INTO call_rows BY NAME SELECT ? AS call_id, ? AS direction, ? AS contact,
                    ? AS country, ? AS answered, 'number' AS country_source, ? AS first_event_at,
                    CASE WHEN answered THEN ?::TIMESTAMP END AS started_at,
                    CASE WHEN answered THEN ?::TIMESTAMP END AS ended_at,
                    CASE WHEN answered THEN 40 END AS duration_s, false AS conflict,
                    'COMPLETED' AS terminate_status,
                    CASE WHEN answered THEN 'answered' ELSE 'no_answer' END AS disposition
                """,
                [f"c{number}", direction, contact, country, answered, at, at,
                 at + timedelta(seconds=40)],
            )  # fmt: skip
        yield con


def test_lines_follow_the_tiers_of_the_card(con):
    rate_month(con, [BilledAccount("acme", "UTC", card(), "acme")], "2026-10")
    invoice = draft_invoice(con, Account(), "2026-10")
    # 42 billed seconds a call: the 2nd ends above 1 minute, the 5th above 3
    assert [
        (line.tier_from_minutes, line.tier_to_minutes, line.calls, str(line.amount))
        for line in invoice.lines
        if line.status == "rated"
    ] == [(0, 1, 1, "0.01"), (1, 3, 3, "0.02"), (3, None, 2, "0.01")]
    assert [line.tier_unknown for line in invoice.lines if line.status == "rated"] == [0, 0, 2]
    assert invoice.flags == {"tier_unknown": 2}
    assert invoice.unpriced.by_status == {"no_rate": 1}
    assert invoice.unpriced.calls[0].at == "2026-10-05T16:00:00-03:00"
    assert (invoice.calls, invoice.unanswered) == (9, 1)
    assert [used.title for used in invoice.cards] == ["A card"]
    assert invoice.cards[0].checksum == card().checksum


def test_a_line_ends_where_the_band_of_its_own_rows_ends(con):
    ladders = {"5511": (("0", "0.02"), ("2", "0.011")), "BR": (("0", "0.01"), ("1", "0.009"))}
    rows = [
        {
            "direction": "outbound",
            "destination": destination,
            "rate_per_minute": rate,
            "effective_from": "2026-01-01",
            "tier_from_minutes": tier,
        }
        for destination, ladder in ladders.items()
        for tier, rate in ladder
    ]
    con.execute("UPDATE call_rows SET contact = '5521987654321' WHERE call_id IN ('c0', 'c5')")
    made = RateCard.from_rows(rows, currency="USD")
    rate_month(con, [BilledAccount("acme", "UTC", made, "acme")], "2026-10")
    lines = draft_invoice(con, Account(), "2026-10").lines
    found = {(str(line.rate_per_minute.normalize()), line.tier_to_minutes) for line in lines}
    assert found == {("0.02", 2), ("0.011", None), ("0.01", 1), ("0.009", None)}


def test_a_card_that_rounds_per_call_is_followed(con):
    per_call = card(rounding=("call", 4, "up"))
    rate_month(con, [BilledAccount("acme", "UTC", per_call, "acme")], "2026-10")
    invoice = draft_invoice(con, Account(), "2026-10")
    # 0.00756 and 5 x 0.00665, each rounded up to 4 places
    assert invoice.total == Decimal("0.0076") + 5 * Decimal("0.0067")
    assert invoice.exact == Decimal("0.00756") + 5 * Decimal("0.00665")


def test_all_documents_of_a_rated_month_are_written(con, tmp_path):
    rate_month(con, [BilledAccount("acme", "UTC", card(), "acme")], "2026-10")
    files = write_invoice(draft_invoice(con, Account(), "2026-10"), tmp_path / "invoices")
    assert [file.name for file in files] == [
        f"acme-2026-10-expected.{ending}" for ending in ("pdf", "csv", "json")
    ]
