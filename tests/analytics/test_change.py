"""What changed is cut into volume, mix, duration and price, which add up to the last digit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from billing.books import new_books
from hypothesis import given
from hypothesis import strategies as st

from wacost.analytics.change import PARTS, Change, Group, cost_changes, month_before, split_change

AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=12)


@st.composite
def groups(draw):
    """Two months of one group: no call has no seconds and costs nothing."""
    months = []
    for _ in range(2):
        calls = draw(st.integers(min_value=0, max_value=50))
        seconds = draw(st.integers(min_value=0, max_value=10**5)) if calls else 0
        months.append((calls, seconds, draw(AMOUNTS) if calls else Decimal(0)))
    (n0, s0, a0), (n1, s1, a1) = months
    return Group(n0, n1, s0, s1, a0, a1)


def change_of(found):
    before = sum((one.amount_before for one in found), Decimal(0))
    now = sum((one.amount_now for one in found), Decimal(0))
    return Change("2026-10", "2026-09", "USD", before, now, split_change(found), 0, 0, 0, 0)


@given(st.lists(groups(), max_size=8), st.integers(min_value=0, max_value=12))
def test_the_parts_add_up_to_the_difference_exactly_and_the_bars_as_printed(found, places):
    change = change_of(found)
    difference = Fraction(change.amount_now) - Fraction(change.amount_before)
    assert sum(change.parts.values()) == difference
    (_, first), *steps, (_, last) = change.steps(places)
    assert first + sum(amount for _, amount in steps) == last
    assert abs(Fraction(last) - Fraction(change.amount_now)) <= Fraction(1, 2 * 10**places)
    told = change.as_dict()
    assert sum(Decimal(told[name]) for name in PARTS) == change.amount_now - change.amount_before


def parts_of(*found):
    return {name: part for name, part in split_change(list(found)).items() if part}


def test_more_calls_of_the_same_kind_are_volume():
    assert parts_of(Group(10, 15, 600, 900, Decimal(2), Decimal(3))) == {"volume": 1}


def test_longer_calls_at_the_same_price_are_duration():
    assert parts_of(Group(10, 10, 600, 900, Decimal(2), Decimal(3))) == {"duration": 1}


def test_a_dearer_second_is_price():
    assert parts_of(Group(10, 10, 600, 600, Decimal(2), Decimal(3))) == {"price": 1}


def test_calls_that_move_to_a_dearer_country_are_mix():
    cheap = Group(10, 0, 600, 0, Decimal(1), Decimal(0))
    dear = Group(10, 20, 600, 1200, Decimal(3), Decimal(6))
    assert parts_of(cheap, dear) == {"mix": 2}


def test_a_first_month_is_all_volume():
    assert parts_of(Group(0, 3, 0, 60, Decimal(0), Decimal(2))) == {"volume": 2}


def test_currencies_are_told_apart_and_calls_without_a_price_counted():
    books = new_books()
    books.card()
    books.call(rate="1")
    books.call(rate="2", currency="BRL")
    books.call(rate=None, status="no_rate")
    found = cost_changes(books.con, "2026-10")
    books.con.close()
    assert [(one.currency, one.calls_now, one.calls_before) for one in found] == [
        ("BRL", 1, 0),
        ("USD", 1, 0),
    ]
    assert sum(one.unpriced_now for one in found) == 1


@pytest.mark.parametrize(("month", "before"), [("2026-03", "2026-02"), ("2026-01", "2025-12")])
def test_the_month_before(month, before):
    assert month_before(month) == before
