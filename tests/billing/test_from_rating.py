"""Invoices of charges as the rating room writes them: nothing is put in by hand but calls."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from billing.books import Account

from wacost.billing import draft_invoice, draft_invoices, write_invoice
from wacost.cards import RateCard
from wacost.rating import BilledAccount, Term, rate_month
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
    # a bound that is not in force yet
    rows.append(rows[-1] | {"effective_from": "2026-11-01", "tier_from_minutes": "2"})
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


SLOTS = [  # from_second, above which minute, rate, fee
    (0, 0, "0.06", "0.06"),
    (0, 3, "unknown", "0.06"),
    (30, 0, "0.03", "0.002"),
    (30, 5, "0.02", "0.001"),
]


@pytest.mark.parametrize(
    ("rounding", "amounts"),
    [
        # 0.12, 0.06, 0.045, 0.24, 0.12, 0.01, -0.03
        (("line", 2, "half_up"), ["0.12", "0.06", "0.05", "0.24", "0.12", "0.01", "-0.03"]),
        # 4 x (0.03, 0.036, 0.096, 0.098, 0.095), then (0.03, 0.09) and the same for 70 seconds:
        # (0.03, 0.051, 0.111, 0.113, 0.095): what each part moves the rounded sum by
        (("call", 2, "half_up"), ["0.12", "0.06", "0.06", "0.24", "0.12", "0.00", "-0.01"]),
    ],
)
def test_the_parts_fees_and_limits_of_calls_are_lines_of_their_own(con, rounding, amounts):
    for call_id, seconds in (("c4", 25), ("c5", 70)):
        told = [seconds, seconds, call_id]
        con.execute(
            "UPDATE call_rows SET duration_s = ?, ended_at = started_at + to_seconds(?)"
            " WHERE call_id = ?",
            told,
        )
    rows = [
        {
            "direction": "outbound",
            "destination": "Brazil",
            "rate_per_minute": rate,
            "effective_from": "2026-01-01",
            "from_second": second,
            "tier_from_minutes": minute,
            "fee": fee,
        }
        for second, minute, rate, fee in SLOTS
    ]
    members = [
        {"market": "Brazil", "country_or_prefix": country, "effective_from": "2026-01-01"}
        for country in ("BR", "PY")
    ]
    made = RateCard.from_rows(
        rows,
        currency="USD",
        markets=members,
        name="slots",
        rounding=rounding,
        limits={"max_charge": "0.095"},
    )
    rate_month(con, [BilledAccount("acme", "UTC", made, "acme")], "2026-10")
    lines = draft_invoice(con, Account(), "2026-10").lines
    # part, second, band, rate, fee, calls, times, seconds, unknown, exact. The fifth call is in the
    # band above 3 minutes. 40 seconds cost 0.03 + 0.006 + 0.062, at most 0.095.
    rate, price = Decimal("0.06"), Decimal("0.06")
    assert [
        (
            line.part,
            line.from_second,
            (line.tier_from_minutes, line.tier_to_minutes, line.tiered),
            (line.rate_per_minute, line.fee),
            (line.calls, line.times, line.billed_seconds, line.tier_unknown),
            Decimal(line.exact_units) / (60 * 10**9),
        )
        for line in lines
    ] == [
        ("call", 0, (0, 3, True), (rate, None), (4, 4, 120, 0), Decimal("0.12")),
        ("call", 0, (3, None, True), (rate, None), (2, 2, 60, 2), Decimal("0.06")),
        ("call", 30, (0, 5, True), (Decimal("0.03"), None), (0, 5, 90, 0), Decimal("0.045")),
        ("fee", 0, (0, None, False), (None, price), (0, 4, 0, 0), Decimal("0.24")),
        ("fee", 0, (3, None, True), (None, price), (0, 2, 0, 0), Decimal("0.12")),
        ("fee", 30, (0, None, False), (None, Decimal("0.002")), (0, 5, 0, 0), Decimal("0.01")),
        ("limit", 0, (None, None, False), (None, None), (0, 5, 0, 0), Decimal("-0.03")),
    ]
    assert [str(line.amount) for line in lines] == amounts
    assert {
        (line.direction, line.country, line.market, line.market_is_shared, line.status)
        for line in lines
    } == {("outbound", "BR", "Brazil", True, "rated")}
    assert {(line.card, line.card_checksum, str(line.effective_from)) for line in lines} == {
        ("slots", made.checksum, "2026-01-01")
    }


def test_a_limit_that_takes_just_the_fee_leaves_a_line_for_each(con):
    row = {"direction": "outbound", "destination": "BR", "effective_from": "2026-01-01"}
    made = RateCard.from_rows(
        [{**row, "rate_per_minute": "0.6", "fee": "0.01"}],
        currency="USD",
        limits={"max_charge": "0.42"},  # 42 seconds, and nothing for the fee
    )
    rate_month(con, [BilledAccount("acme", "UTC", made, "acme")], "2026-10")
    lines = draft_invoice(con, Account(), "2026-10").lines
    assert not any(line.tiered for line in lines)
    assert [(line.part, line.calls, line.times, str(line.amount)) for line in lines] == [
        ("call", 6, 6, "2.52"),
        ("fee", 0, 6, "0.06"),
        ("limit", 0, 6, "-0.06"),
    ]


def test_two_slots_of_one_rate_are_two_lines(con):
    row = {"direction": "outbound", "destination": "BR", "effective_from": "2026-01-01"}
    slots = [{**row, "rate_per_minute": "0.6", "from_second": second} for second in (0, 30)]
    made = RateCard.from_rows(slots, currency="USD")
    rate_month(con, [BilledAccount("acme", "UTC", made, "acme")], "2026-10")
    lines = draft_invoice(con, Account(), "2026-10").lines
    assert [
        (line.from_second, line.calls, line.times, line.billed_seconds, str(line.amount))
        for line in lines
    ] == [(0, 6, 6, 180, "1.80"), (30, 0, 6, 72, "0.72")]


def test_free_calls_of_two_slots_are_on_lines_too(con):
    row = {"direction": "inbound", "destination": "PT", "effective_from": "2026-01-01"}
    slots = [{**row, "rate_per_minute": "0", "from_second": second} for second in (0, 30)]
    made = RateCard.from_rows(slots, currency="USD")
    rate_month(con, [BilledAccount("acme", "UTC", made, "acme")], "2026-10")
    invoice = draft_invoice(con, Account(), "2026-10")
    assert [
        (line.status, line.from_second, line.calls, line.billed_seconds, str(line.amount))
        for line in invoice.lines
    ] == [("free", 0, 1, 30, "0.00"), ("free", 30, 0, 12, "0.00")]


def test_calls_with_fees_are_on_the_document_of_their_currency(con):
    later = ", ".join(
        f"{name} = {name} + INTERVAL 5 DAYS"
        for name in ("first_event_at", "started_at", "ended_at")
    )
    con.execute(f"UPDATE call_rows SET {later} WHERE call_id IN ('c4', 'c5')")
    row = {"direction": "outbound", "destination": "BR", "effective_from": "2026-01-01"}
    dollars, reais = (
        RateCard.from_rows([{**row, "rate_per_minute": "0.6", "fee": "0.01"}], currency=currency)
        for currency in ("USD", "BRL")
    )
    account = BilledAccount(
        "acme", "UTC", dollars, "acme", terms=(Term(date(2026, 10, 8), card=reais),)
    )
    rate_month(con, [account], "2026-10")
    assert [
        (invoice.currency, [(line.part, line.times) for line in invoice.lines])
        for invoice in draft_invoices(con, Account(), "2026-10")
    ] == [("BRL", [("call", 2), ("fee", 2)]), ("USD", [("call", 4), ("fee", 4)])]


def test_lines_of_fees_are_apart_by_everything_that_may_differ(con):
    con.execute("UPDATE call_rows SET contact = NULL, country = 'PY' WHERE call_id = 'c1'")
    con.execute("UPDATE call_rows SET direction = 'inbound' WHERE call_id = 'c2'")
    for call_id, days in (("c3", 5), ("c4", 10), ("c5", 10)):
        later = ", ".join(
            f"{name} = {name} + to_days({days})"
            for name in ("first_event_at", "started_at", "ended_at")
        )
        con.execute(f"UPDATE call_rows SET {later} WHERE call_id = ?", [call_id])
    rows = [
        {
            "direction": direction,
            "destination": "Some",
            "rate_per_minute": "0.6",
            "fee": "0.01",
            "effective_from": since,
        }
        for direction in ("outbound", "inbound")
        for since in ("2026-01-01", "2026-10-08")
    ]
    members = [
        {"market": "Some", "country_or_prefix": country, "effective_from": "2026-01-01"}
        for country in ("BR", "PY")
    ]
    old, new = (
        RateCard.from_rows(rows, currency="USD", markets=members, name="one", title=title)
        for title in ("old", "new")
    )
    account = BilledAccount("acme", "UTC", old, "acme", terms=(Term(date(2026, 10, 12), card=new),))
    rate_month(con, [account], "2026-10")
    lines = draft_invoice(con, Account(), "2026-10").lines
    told = [
        (
            line.direction,
            line.country,
            line.effective_from.isoformat(),
            {old.checksum: "old", new.checksum: "new"}[line.card_checksum],
            line.times,
        )
        for line in lines
    ]
    kinds = [
        ("outbound", "BR", "2026-01-01", "old", 1),
        ("outbound", "BR", "2026-10-08", "old", 1),
        ("outbound", "BR", "2026-10-08", "new", 2),
        ("outbound", "PY", "2026-01-01", "old", 1),
        ("inbound", "BR", "2026-01-01", "old", 1),
    ]
    for part in ("call", "fee"):
        of_part = [one for one, line in zip(told, lines, strict=True) if line.part == part]
        assert sorted(of_part) == sorted(kinds)


def test_fees_of_a_card_that_rounds_each_call_are_rounded_to_its_places(con):
    row = {"direction": "outbound", "destination": "BR", "effective_from": "2026-01-01"}
    made = RateCard.from_rows(
        [{**row, "rate_per_minute": "0.0107", "fee": "0.001"}],
        currency="USD",
        rounding=("call", 4, "up"),
    )
    account = BilledAccount("acme", "UTC", made, "acme")
    rate_month(con, [account], "2026-10")

    def amounts():
        return [str(line.amount) for line in draft_invoice(con, Account(), "2026-10").lines]

    # 42 seconds are 0.00749, and 0.00849 with the fee
    assert amounts() == ["0.0450", "0.0060"]
    con.execute("DELETE FROM cards")  # of which nothing is known any more
    assert amounts() == ["0.04", "0.01"]
