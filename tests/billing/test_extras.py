"""Included minutes, discounts, fixed costs and the minimum are lines, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from billing.books import Account, Settings, Tax, new_books
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.billing import Wanted, draft_invoice, draft_invoices, issue, verify
from wacost.billing.documents.page import page
from wacost.config import Discount, Fee, IncludedMinutes
from wacost.errors import ConfigError
from wacost.language import Language

START = datetime(2026, 10, 5, 12)


def calls(books, *seconds, **facts):
    """Put in calls that end one after the other."""
    for number, one in enumerate(seconds):
        books.call(seconds=one, at=START + timedelta(hours=number), **facts)


def items(invoice):
    return [(item.part, str(item.amount)) for item in invoice.items]


def draft(books, **settings):
    return draft_invoice(books.con, Account(**settings), "2026-10")


def test_the_order_is_calls_included_discounts_fixed_costs_minimum_taxes(books):
    books.card()
    calls(books, 600, 600, rate="1")  # 20.00
    invoice = draft(
        books,
        included_minutes=(IncludedMinutes("Plan", "5"),),
        discounts=(Discount("Ten", percent="10"), Discount("Gift", amount="1.00")),
        fees=(Fee("Seats", "3.00"),),
        minimum_charge="50.00",
        tax=(Tax("ISS", "S", "5.00"),),
    )
    assert items(invoice) == [
        ("included", "-5.00"),
        ("discount", "-1.50"),
        ("discount", "-1.00"),
        ("monthly", "3.00"),
        ("minimum", "34.50"),
    ]
    assert (str(invoice.subtotal), str(invoice.tax), str(invoice.total)) == (
        *("50.00", "2.50", "52.50"),
    )
    assert invoice.items[0].seconds == 300


def test_minutes_that_are_included_as_a_whole_leave_nothing_to_pay(books):
    books.card()
    for country in ("BR", "PT", "MX", "AR"):
        calls(books, 66, rate="0.0137", country=country)  # each line is rounded up by itself
    invoice = draft(books, included_minutes=(IncludedMinutes("Plan", "100"),))
    assert add(line.amount for line in invoice.lines) == -invoice.items[0].amount
    assert invoice.subtotal == 0


def add(amounts):
    return sum(amounts, Decimal(0))


def test_included_minutes_are_used_up_in_the_order_of_the_calls(books):
    books.card()
    calls(books, 60, rate="1")
    calls(books, 600, rate="2", country="PT")
    books.con.execute("UPDATE call_rows SET ended_at = first_event_at")
    books.con.execute(
        "UPDATE call_rows SET ended_at = TIMESTAMP '2026-10-09' WHERE call_id LIKE '%1'"
    )
    invoice = draft(books, included_minutes=(IncludedMinutes("Plan", "10"),))
    assert items(invoice) == [("included", "-20.00")]
    more = draft(books, included_minutes=(IncludedMinutes("Plan", "10.5"),))
    assert items(more) == [("included", "-20.50")]


def test_an_allowance_may_be_for_some_calls_only_and_takes_no_call_twice(books):
    books.card()
    calls(books, 600, rate="1")
    calls(books, 600, rate="2", country="PT")
    allowances = (
        IncludedMinutes("Brazil", "4", country="BR"),
        IncludedMinutes("All", "10"),
        IncludedMinutes("More", "100", direction="outbound", market="Brazil"),
        IncludedMinutes("In", "100", direction="inbound"),
    )
    invoice = draft(books, included_minutes=allowances)
    assert [(item.name, item.seconds) for item in invoice.items] == [
        *(("Brazil", 240), ("All", 600), ("More", 360)),
    ]
    assert invoice.subtotal == 0


def test_a_call_of_parts_is_covered_from_its_first_second_and_its_fee_is_not(books):
    books.card()
    call = books.call(rate="0", seconds=120, status="rated", at=START)
    nanos = 10**9
    parts = (
        "[{from_second: 0, tier_from_minutes: 0, billed_seconds: 60, rate_nanos: 1000000000,"
        " fee_nanos: 500000000}, {from_second: 60, tier_from_minutes: 0, billed_seconds: 60,"
        " rate_nanos: 3000000000, fee_nanos: 0}]"
    )
    books.con.execute(
        f"UPDATE charge_rows SET parts = {parts}, amount_units = ?, amount = 4.5 WHERE call_id = ?",
        [60 * (nanos + 3 * nanos) + 60 * nanos // 2, call],
    )
    for minutes, amount in (("1", "-1.00"), ("1.5", "-2.50"), ("9", "-4.00")):
        invoice = draft(books, included_minutes=(IncludedMinutes("Plan", minutes),))
        assert items(invoice) == [("included", amount)]
    assert str(invoice.subtotal) == "0.50"


def test_what_a_card_rounds_per_call_is_taken_off_as_it_was_rounded(books):
    books.card(rounding={"at": "call", "places": 2, "mode": "up"})
    for number in range(3):
        books.call(rate="0.011", seconds=60, amount=Decimal("0.02"), at=START + timedelta(number))
    invoice = draft(books, included_minutes=(IncludedMinutes("Plan", "2"),))
    assert items(invoice) == [("included", "-0.04")]
    assert str(invoice.subtotal) == "0.02"


def test_a_discount_never_takes_more_than_the_calls(books):
    books.card()
    calls(books, 600, rate="1")
    gifts = (Discount("A", percent="60"), Discount("B", percent="60"), Discount("C", amount="1.00"))
    invoice = draft(books, discounts=gifts, fees=(Fee("Seats", "3.00"),))
    assert items(invoice) == [("discount", "-6.00"), ("discount", "-4.00"), ("monthly", "3.00")]


def test_twelve_shares_of_a_yearly_cost_are_the_cost(books):
    books.card()
    account = Account(fees=(Fee("Licence", "1000.00", "year"),))
    shares = [
        draft_invoice(books.con, account, f"2026-{month:02d}").subtotal for month in range(1, 13)
    ]
    assert add(shares) == Decimal("1000.00")
    assert max(shares) - min(shares) == Decimal("0.01")


def test_what_is_agreed_holds_from_and_to_its_days(books):
    books.card()
    gift = Discount("A", percent="10", from_on=date(2026, 10, 31), to_on=date(2026, 11, 30))
    for month, count in (("2026-09", 0), ("2026-10", 1), ("2026-11", 0)):
        books.call(rate="1", seconds=600, month=month)
        invoice = draft_invoice(books.con, Account(discounts=(gift,)), month)
        assert len(invoice.items) == count


def test_an_amount_finer_than_the_currency_is_refused(books):
    books.card(currency="JPY")
    books.call(currency="JPY")
    with pytest.raises(ConfigError, match=r"the fee 'Seats' is 0\.5, but the currency"):
        draft(books, fees=(Fee("Seats", "0.5"),))


def test_what_is_agreed_with_a_customer_is_not_on_the_suppliers_bill(books):
    books.card()
    books.card("d2" * 32, name="resale")
    books.call()
    books.call(call_id="wacid.000001", side="sale", card="resale", checksum="d2" * 32)
    account = Account(sell_card="resale", fees=(Fee("Seats", "3.00"),), minimum_charge="9.00")
    (cost,) = draft_invoices(books.con, account, "2026-10", kind="expected")
    (sale,) = draft_invoices(books.con, account, "2026-10", kind="customer")
    assert (items(cost), len(sale.items)) == ([], 2)


def test_of_two_currencies_one_document_bears_the_fixed_costs(books):
    books.card()
    books.card("d2" * 32, name="meta-inr", currency="INR")
    books.call()
    books.call(currency="INR", card="meta-inr", checksum="d2" * 32)
    made = draft_invoices(books.con, Account(fees=(Fee("Seats", "3.00"),)), "2026-10")
    assert [(one.currency, len(one.items)) for one in made] == [("INR", 0), ("USD", 1)]


def test_items_are_printed_with_their_names(books):
    books.card()
    calls(books, 600, rate="1")
    invoice = draft(
        books,
        included_minutes=(IncludedMinutes("Plan S", "5"),),
        discounts=(Discount("Loyal", percent="5"),),
        minimum_charge="10.00",
    )
    group = page(invoice)["groups"][-1]
    assert group["title"] == "Other items"
    assert [row["country"] for row in group["rows"]] == [
        *("Plan S", "Loyal", "Minimum monthly charge"),
    ]
    assert [row["detail"] for row in group["rows"]] == ["Included minutes", "Discount · 5%", ""]


BOOKS = new_books()
ALLOWANCES = st.lists(
    st.builds(
        IncludedMinutes,
        st.just("Plan"),
        st.integers(0, 300).map(str),
        direction=st.sampled_from(["", "outbound", "inbound"]),
        country=st.sampled_from(["", "BR", "PT"]),
    ),
    max_size=3,
).map(tuple)
DISCOUNTS = st.lists(
    st.builds(Discount, st.just("D"), percent=st.integers(0, 100).map(str))
    | st.builds(Discount, st.just("D"), amount=st.integers(0, 50).map(str)),
    max_size=3,
).map(tuple)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 10**9),
            st.integers(1, 4000),
            st.sampled_from(["BR", "PT"]),
            st.sampled_from(["outbound", "inbound"]),
        ),
        max_size=8,
    ),
    ALLOWANCES,
    DISCOUNTS,
    st.integers(0, 40).map(str),
    st.sampled_from(["half_up", "up", "down"]),
)
def test_a_document_with_items_adds_up_is_never_negative_and_verifies(
    told, allowances, discounts, minimum, mode
):
    books = BOOKS
    books.empty()
    books.card(rounding={"at": "line", "places": None, "mode": mode}, status="contract")
    for number, (nanos, seconds, country, direction) in enumerate(told):
        books.call(
            rate=f"{Decimal(nanos).scaleb(-9):f}",
            seconds=seconds,
            country=country,
            direction=direction,
            at=START + timedelta(minutes=number // 2),
        )
    account = Account(
        included_minutes=allowances,
        discounts=discounts,
        fees=(Fee("Seats", "1.00"), Fee("Year", "7.00", "year")),
        minimum_charge=minimum,
        invoice=Settings("customer"),
    )
    invoice = draft_invoice(books.con, account, "2026-10", currency="USD")
    lines = add(line.amount for line in invoice.lines)
    assert lines + add(item.amount for item in invoice.items) == invoice.subtotal
    assert invoice.subtotal >= Decimal(minimum)
    off = add(item.amount for item in invoice.items if item.amount < 0)
    assert lines + off >= 0
    wanted = Wanted(now=datetime(2026, 12, 1, tzinfo=UTC))
    (made,) = issue(books.con, [account], "2026-10", wanted).new
    assert made.subtotal == invoice.subtotal
    wrong = [problem for one in verify(books.con) for problem in one.problems]
    assert not [problem for problem in wrong if "rate card" not in problem]


def test_terms_of_a_month_decide_its_fees(books):
    from types import SimpleNamespace

    books.card()
    none = {"card": None, "sell_card": None, "timezone": None, "tax": None}
    term = SimpleNamespace(from_on=date(2026, 10, 31), fees=(Fee("New", "2.00"),), **none)
    account = replace(Account(), fees=(Fee("Old", "1.00"),), terms=(term,))
    names = [
        draft_invoice(books.con, account, month).items[0].name for month in ("2026-09", "2026-10")
    ]
    assert names == ["Old", "New"]


def test_an_invoice_shows_its_items_and_countries_in_the_language_of_its_reader(books):
    books.card()
    calls(books, 600, rate="1", country="DE")
    told = {"included_minutes": (IncludedMinutes("Plan", "1"),), "fees": (Fee("Seats", "3.00"),)}
    invoice = draft(books, tax=(Tax("ISS", "S", "5.00"),), **told)
    sheet = invoice.sheet(Language.of("pt_BR"))
    assert [row[0] for row in sheet.rows] == ["saída", "Minutos incluídos", "Custo fixo"]
    assert sheet.rows[0][1] == "Alemanha"
    assert [row[0] for row in sheet.sums] == ["subtotal", "ISS 5,00%", "total"]
