"""A margin is sale less cost of the same calls, and two currencies are never set off."""

from __future__ import annotations

from decimal import Decimal

import pytest
from billing.books import new_books

from wacost.analytics.margin import margin_query, margin_rows
from wacost.errors import InputError


@pytest.fixture
def books():
    made = new_books()
    made.card()
    yield made
    made.con.close()


def sold(books, cost, sale, *, currency="USD", **facts):
    """Put in one call with its two charges."""
    call = books.call(rate=cost, **facts)
    if sale is not None or facts.get("status"):
        books.call(rate=sale, call_id=call, side="sale", currency=currency, **facts)
    return call


def test_margin_is_sale_less_cost_and_what_is_below_cost_is_named(books):
    sold(books, "0.01", "0.03")
    sold(books, "0.01", "0.03")
    sold(books, "0.05", "0.04", country="PT")
    found = margin_rows(books.con, by=["country"], month="2026-10")
    assert [
        (row.by, row.calls, row.cost, row.sale, row.margin, row.below_cost) for row in found
    ] == [
        (("PT",), 1, Decimal("0.05"), Decimal("0.04"), Decimal("-0.01"), True),
        (("BR",), 2, Decimal("0.02"), Decimal("0.06"), Decimal("0.04"), False),
    ]
    assert found[0].as_dict(["country"])["margin"] == "-0.01"


def test_two_currencies_are_shown_and_not_set_off(books):
    sold(books, "0.01", "0.03")
    sold(books, "0.01", "0.001", currency="BRL")
    found = margin_rows(books.con, by=["country"])
    assert [(row.sale_currency, row.margin, row.below_cost) for row in found] == [
        ("BRL", None, False),
        ("USD", Decimal("0.02"), False),
    ]


def test_a_call_without_a_price_on_one_side_is_counted_and_in_no_sum(books):
    sold(books, "0.01", "0.03")
    books.call(rate="9", call_id="unsold")
    call = books.call(rate=None, status="no_rate")
    books.call(rate="9", call_id=call, side="sale")
    found = margin_rows(books.con, by=["country"])
    assert sum(row.unpriced for row in found) == 2
    assert sum(row.cost or 0 for row in found) == Decimal("0.01")
    assert sum(row.margin or 0 for row in found) == Decimal("0.02")


def test_an_account_that_sells_nothing_on_has_no_margin(books):
    sold(books, "0.01", "0.03")
    books.call(rate="1", account="other")
    assert [row.by for row in margin_rows(books.con, by=["account"])] == [("acme",)]


@pytest.mark.parametrize("by", [[], ["card"], ["country; drop table calls"]])
def test_a_column_that_margins_cannot_be_told_by_is_refused(by):
    with pytest.raises(InputError):
        margin_query(by=by, month=None, account=None)
