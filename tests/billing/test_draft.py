"""An invoice holds every call of its month in one place, and its sums agree."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest
from billing.books import BANDS, Account, Party, Settings, Tax, new_books
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.billing import draft_invoice, draft_invoices
from wacost.billing.invoice import check
from wacost.errors import ConfigError, CurrencyMismatchError, InputError, RatingError
from wacost.money import amount_of


def test_a_line_is_rounded_once_however_many_calls_it_has(books):
    books.card()
    for _ in range(3):
        books.call(rate="0.0108", seconds=66)  # 0.01188 each: one by one this would be 0.03
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert [str(line.amount) for line in invoice.lines] == ["0.04"]
    assert [(line.calls, line.times, line.billed_seconds) for line in invoice.lines] == [
        (3, 3, 198)
    ]
    assert invoice.rounding_drift == Decimal("0.00436")
    assert invoice.exact == Decimal("0.03564")


def test_a_card_that_rounds_per_call_adds_rounded_calls(books):
    books.card(rounding={"at": "call", "places": 4, "mode": "up"})
    for _ in range(3):
        books.call(rate="0.0108", seconds=66, amount=Decimal("0.0119"))
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert [str(line.amount) for line in invoice.lines] == ["0.0357"]
    assert (str(invoice.total), invoice.rounding_drift) == ("0.0357", Decimal("0.00006"))


@pytest.mark.parametrize(
    ("mode", "amount"),
    [("half_up", "0.13"), ("half_even", "0.12"), ("up", "0.13"), ("down", "0.12")],
)
def test_a_line_is_rounded_as_its_card_declares(books, mode, amount):
    books.card(rounding={"at": "line", "places": 2, "mode": mode})
    books.call(rate="0.125", seconds=60)
    assert str(draft_invoice(books.con, Account(), "2026-10").total) == amount


def test_lines_are_apart_by_everything_that_may_differ(books):
    books.card()
    for checksum in ("d2" * 32, "d3" * 32):
        books.card(checksum, name="other")
    books.call()
    books.call()
    for other in (
        {"direction": "inbound"},
        {"country": "PT"},
        {"market": None},
        {"tier": 50_000},
        {"rate": "0.0107"},
        {"effective_from": date(2026, 7, 1)},
        {"checksum": "d2" * 32, "card": "other"},
        {"checksum": "d3" * 32, "card": "other"},
    ):
        books.call(**other)
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert sorted(line.calls for line in invoice.lines) == [1] * 8 + [2]
    assert invoice.lines[-1].direction == "inbound"


def test_lines_come_outbound_first_then_in_order_with_the_unknown_last(books):
    books.card()
    for direction in ("inbound", "outbound"):
        for facts in (
            {"country": None, "market": None},
            {"country": "PT", "market": None},
            {"country": None, "market": None, "tier": 50_000},
            {"country": "PT"},
            {"country": "BR", "rate": "0.02"},
            {"country": "BR", "effective_from": date(2026, 10, 2)},
            {"country": "BR", "tier": 50_000},
            {"country": "BR"},
        ):
            books.call(direction=direction, **facts)
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert [
        (
            line.direction,
            line.country,
            line.market,
            line.effective_from.day,
            line.tier_from_minutes,
            str(line.rate_per_minute),
        )
        for line in invoice.lines
    ] == [
        (direction, *line)
        for direction in ("outbound", "inbound")
        for line in (
            ("BR", "Brazil", 1, 0, "0.0108"),
            ("BR", "Brazil", 1, 0, "0.02"),
            ("BR", "Brazil", 1, 50_000, "0.0108"),
            ("BR", "Brazil", 2, 0, "0.0108"),
            ("PT", "Brazil", 1, 0, "0.0108"),
            ("PT", None, 1, 0, "0.0108"),
            (None, None, 1, 0, "0.0108"),
            (None, None, 1, 50_000, "0.0108"),
        )
    ]


def test_other_accounts_months_and_sides_are_left_out(books):
    books.card()
    books.call()
    for other in ({"account": "other"}, {"account": None}, {"month": "2026-09"}, {"side": "sale"}):
        books.call(**other)
    assert draft_invoice(books.con, Account(), "2026-10").calls == 1
    assert draft_invoice(books.con, Account(), "2026-10", side="sale").calls == 1


def test_bands_are_told_with_both_bounds(books):
    books.card()
    for tier in BANDS:
        books.call(tier=tier)
    books.call(country="PT", market="Rest of Western Europe")
    lines = draft_invoice(books.con, Account(), "2026-10").lines
    assert [(line.tier_from_minutes, line.tier_to_minutes, line.tiered) for line in lines] == [
        (0, 50_000, True),
        (50_000, 250_000, True),
        (250_000, 1_000_000, True),
        (1_000_000, None, True),
        (0, None, False),
    ]


def test_unpriced_calls_are_listed_and_in_no_sum(books):
    books.card()
    books.call()
    books.call(rate=None, status="unanswered")
    books.call(rate=None, status="no_rate", call_id="b", at=datetime(2026, 10, 31, 23, 30))
    books.call(rate=None, status="held", call_id="a", country=None)
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert invoice.unpriced.by_status == {"held": 1, "no_rate": 1}
    assert [(call.call_id, call.at) for call in invoice.unpriced.calls] == [
        ("a", ""),
        ("b", "2026-10-31T20:30:00-03:00"),
    ]
    assert (invoice.calls, invoice.unanswered, len(invoice.lines)) == (4, 1, 1)


def test_flags_are_counted_and_unknown_tiers_are_marked_on_their_line(books):
    books.card()
    books.call(flags=["tier_unknown", "month_of"], tier=50_000)
    books.call(flags=["month_of"])
    books.call(rate=None, status="no_rate", flags=["tier_unknown"])  # priced by nothing
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert invoice.flags == {"month_of": 2, "tier_unknown": 1}
    assert [line.tier_unknown for line in invoice.lines] == [0, 1]


def test_a_month_without_calls_is_an_invoice_without_lines(books):
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert (invoice.lines, str(invoice.total), invoice.currency) == ((), "0.00", "")
    assert draft_invoice(books.con, Account(), "2026-10", currency="JPY").total == Decimal(0)
    books.card(currency="KWD")
    known = draft_invoice(books.con, Account(), "2026-10")
    assert (known.currency, str(known.total)) == ("KWD", "0.000")
    assert known.seller.name == "Meta WhatsApp calling, USD"


def test_two_currencies_never_meet_in_one_sum(books):
    books.call()
    books.call(currency="BRL")
    with pytest.raises(CurrencyMismatchError, match="BRL and USD"):
        draft_invoice(books.con, Account(), "2026-10")


def test_every_call_of_a_month_in_two_currencies_is_on_one_of_its_documents(books):
    books.call(currency="USD")
    books.call(currency="BRL")
    books.call(rate=None, status="no_rate", currency="BRL")
    books.call(rate=None, status="no_card", currency=None)
    drafts = draft_invoices(books.con, Account(), "2026-10")
    assert [(invoice.currency, invoice.calls) for invoice in drafts] == [("BRL", 3), ("USD", 1)]
    assert drafts[0].unpriced.by_status == {"no_card": 1, "no_rate": 1}


@pytest.mark.parametrize(
    "month", ["2026-13", "2026-1", "26-10", "2026-10-01", "", "0000-01", "２０２６-10"]
)
def test_a_month_that_is_none_is_refused(books, month):
    with pytest.raises(InputError, match="is no month"):
        draft_invoice(books.con, Account(), month)


@pytest.mark.parametrize("wrong", [{"kind": "custmer"}, {"side": "sales"}])
def test_an_unknown_kind_or_side_is_refused_with_the_nearest(books, wrong):
    with pytest.raises(ConfigError) as caught:
        draft_invoice(books.con, Account(), "2026-10", **wrong)
    assert "did you mean" in caught.value.hint


def test_taxes_are_on_the_sum_and_rounded_once_each(books):
    books.card()
    for country in ("BR", "PT", "MX"):
        books.call(rate="0.35", country=country, market=None)
    taxes = (Tax("ISS", "S", "5.00"), Tax("PIS", "S", "3.65"), Tax("X", "E", "0", "exempt"))
    invoice = draft_invoice(books.con, Account(tax=taxes), "2026-10")
    assert [str(tax.amount) for tax in invoice.taxes] == ["0.05", "0.04", "0.00"]
    assert (str(invoice.subtotal), str(invoice.tax), str(invoice.total)) == ("1.05", "0.09", "1.14")
    assert [(tax.category, tax.reason, tax.base) for tax in invoice.taxes] == [
        ("S", "", Decimal("1.05")),
        ("S", "", Decimal("1.05")),
        ("E", "exempt", Decimal("1.05")),
    ]


@pytest.mark.parametrize(
    ("tax", "said"),
    [
        (Tax("A", "S", "5,00"), "'5,00' is not a plain decimal"),
        (Tax("A", "S", "-5"), "tax 'A' is negative"),
        (Tax("A", "E", "5", "why"), "tax 'A' has category E and 5 %"),
        (Tax("A", "AE", "0"), "tax 'A' of category AE has no reason"),
        (Tax("A", "S", "1e1"), "'1e1' is not a plain decimal"),
    ],
)
def test_a_tax_that_cannot_be_meant_is_refused(books, tax, said):
    with pytest.raises(InputError, match=said):
        draft_invoice(books.con, Account(tax=(tax,)), "2026-10")


def test_taxes_and_zone_are_those_in_force_at_the_end_of_the_month(books):
    new = SimpleNamespace(
        from_on=date(2026, 10, 31),
        card=None,
        sell_card=None,
        timezone="UTC",
        tax=(Tax("B", "S", "9"),),
        fees=None,
    )
    later = SimpleNamespace(
        from_on=date(2026, 11, 1), card=None, sell_card=None, timezone=None, tax=(), fees=None
    )
    account = Account(tax=(Tax("A", "S", "5"),), terms=(new, later))
    invoice = draft_invoice(books.con, account, "2026-10")
    assert ([tax.name for tax in invoice.taxes], invoice.timezone) == (["B"], "UTC")
    assert [tax.name for tax in draft_invoice(books.con, account, "2026-09").taxes] == ["A"]


def test_who_sells_and_who_buys_follows_from_kind_and_side(books):
    books.card()
    books.call()
    us, them = Party("Us"), Party("Them")

    def parties(kind, side="cost", **facts):
        invoice = draft_invoice(books.con, Account(**facts), "2026-10", kind=kind, side=side)
        return invoice.seller and invoice.seller.name, invoice.buyer and invoice.buyer.name

    assert parties("expected") == ("Meta WhatsApp calling, USD", "Acme Ltda")
    assert parties("expected", seller=us, buyer=them) == ("Us", "Them")
    assert parties("expected", seller=us, buyer=them, sell_card="x") == (
        "Meta WhatsApp calling, USD",
        "Us",
    )
    assert parties("customer", "sale", seller=us, buyer=them, sell_card="x") == ("Us", "Them")
    assert parties("customer", seller=us) == ("Us", "Acme Ltda")


def test_the_summary_has_the_promised_keys(books):
    books.card()
    books.call()
    summary = draft_invoice(books.con, Account(), "2026-10").summary(["a.pdf"])
    assert summary == {
        "invoice": None,
        "kind": "expected",
        "account": "acme",
        "month": "2026-10",
        "currency": "USD",
        "calls": 1,
        "billed_seconds": 60,
        "subtotal": "0.01",
        "tax": "0.00",
        "total": "0.01",
        "rounding_drift": "-0.0008",
        "unpriced": 0,
        "files": ["a.pdf"],
        "final": False,
    }


def test_kind_and_language_come_from_the_account_unless_said(books):
    account = Account(invoice=Settings("customer", language="es"))
    invoice = draft_invoice(books.con, account, "2026-10")
    assert (invoice.kind, invoice.language) == ("customer", "es")
    assert draft_invoice(
        books.con, account, "2026-10", kind="expected", locale="pt-BR"
    ).language == ("pt_BR")


def test_figures_that_do_not_add_up_make_no_invoice(books):
    from dataclasses import replace

    books.card()
    books.call()
    sound = draft_invoice(books.con, Account(), "2026-10")
    for wrong in (
        {"total": Decimal("0.02")},
        {"subtotal": Decimal("0.02")},
        {"exact_units": 1},
        {"calls": 2},
        {"billed_seconds": 1},
        {"rounding_drift": Decimal(0)},
    ):
        with pytest.raises(RatingError, match="does not add up"):
            check(replace(sound, **wrong))


BOOKS = new_books()
MANY = st.lists(
    st.tuples(
        st.integers(0, 10**9),  # nanos per minute
        st.integers(0, 4000),  # seconds
        st.sampled_from(["BR", "PT", None]),
        st.sampled_from(["outbound", "inbound"]),
        st.sampled_from(BANDS),
    ),
    max_size=10,
)
TAXES = st.lists(
    st.decimals(0, 40, places=3).map(lambda percent: Tax("T", "S", f"{percent:f}")), max_size=3
)


@settings(max_examples=40, deadline=None)
@given(
    MANY,
    TAXES,
    st.sampled_from(["JPY", "USD", "KWD"]),
    st.sampled_from(["half_up", "half_even", "up", "down"]),
)
def test_the_sums_agree_for_any_calls_taxes_and_currency(calls, taxes, currency, mode):
    books = BOOKS
    books.empty()
    books.card(currency=currency, rounding={"at": "line", "places": None, "mode": mode})
    for nanos, seconds, country, direction, tier in calls:
        rate = Decimal(nanos).scaleb(-9)
        books.call(rate=f"{rate:f}", seconds=seconds, country=country, direction=direction,
                   tier=tier, currency=currency)  # fmt: skip
    invoice = draft_invoice(books.con, Account(tax=tuple(taxes)), "2026-10", currency=currency)
    digits = {"JPY": 0, "USD": 2, "KWD": 3}[currency]
    exact = sum(books.added, Fraction(0))
    billed = sum((Fraction(line.amount) for line in invoice.lines), Fraction(0))
    assert Fraction(invoice.exact_units, 60 * 10**9) == exact
    assert abs(billed - exact - Fraction(invoice.rounding_drift)) <= Fraction(1, 2 * 10**12)
    assert invoice.exact + invoice.rounding_drift == invoice.subtotal == billed
    assert Fraction(invoice.total) == billed + sum(Fraction(tax.amount) for tax in invoice.taxes)
    for tax in invoice.taxes:
        share = Fraction(invoice.subtotal) * Fraction(tax.percent) / 100
        assert abs(Fraction(tax.amount) - share) <= Fraction(1, 2 * 10**digits)
        assert -tax.amount.as_tuple().exponent == digits
    for line in invoice.lines:
        assert abs(Fraction(line.amount) - Fraction(line.exact_units, 60 * 10**9)) < Fraction(
            1, 10**digits
        )
    assert amount_of(invoice.exact_units) == invoice.exact
