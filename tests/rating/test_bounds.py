"""Bounds hold whatever calls a summary is the sum of, and say nothing that is not known."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacost.cards import RateCard, load_card
from wacost.rating import BilledAccount, Term
from wacost.rating.bounds import Summary, account_bounds, bounds
from wacost.rating.compiled import compiled

NOON = "2026-10-12T12:00:00Z"


def row(rate, **more):
    told = {"direction": "outbound", "destination": "BR", "effective_from": "2025-08-01"}
    return {**told, "rate_per_minute": rate, **more}


def made(*rows, **facts):
    return RateCard.from_rows(list(rows), currency=facts.pop("currency", "USD"), **facts)


def within(card, calls, seconds, country="BR"):
    table = compiled(card)
    version = table.version_on(date(2026, 10, 12).toordinal())
    return bounds(table, [version], Summary("outbound", country, calls, Decimal(seconds)))


LADDER = (row("0.6"), row("0.3", tier_from_minutes="2"), row("0.1", tier_from_minutes="9"))
CARDS = st.builds(
    lambda rows, increments, tiers, limits, rounding, zero, accrual: made(
        *rows,
        increments=increments,
        tiers=tiers,
        accrual=accrual,
        limits=limits,
        rounding=rounding,
        policies={"answered_zero_seconds": zero},
    ),
    st.sampled_from(
        [
            (row("0.0108"),),
            (row("0"),),
            LADDER,
            (row("0.6", fee="0.02"), row("0.3", from_second="60", increment_seconds="6")),
            (row("0.6", increment_seconds="60"), row("0.3", from_second="100", fee="0.5")),
            (row("0.6"), row("0.9", destination="5511")),
        ]
    ),
    st.sampled_from([(6, 6), (1, 1), (60, 60), (30, 6), (60, 1), (7, 5)]),
    st.sampled_from(["whole_call", "graduated"]),
    st.sampled_from([{}, {"min_charge": "0.1"}, {"max_charge": "0.5"}]),
    st.sampled_from([("line", 2, "half_up"), ("call", 2, "up"), ("call", 2, "down")]),
    st.sampled_from(["first_increment", "free"]),
    st.sampled_from(["billed", "actual"]),
)


@given(CARDS, st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_calls_that_add_up_to_a_summary_cost_no_less_and_no_more_than_its_bounds(card, lengths):
    used = amount = billed = Decimal(0)
    for seconds in lengths:
        charge = card.quote(
            "+5511987654321", seconds=seconds, at=NOON, minutes_before=used / 60 // 1
        )
        billed += charge.billed_seconds
        amount += charge.amount
        used += charge.billed_seconds
    found = within(card, len(lengths), sum(lengths))
    assert found.least <= amount <= found.most
    assert found.least_billed_s <= billed <= found.most_billed_s
    assert found.flags == ()


@given(st.integers(0, 10_000))
def test_one_call_under_one_rate_has_its_own_price_as_both_bounds(seconds):
    card = made(row("0.0108"))
    found = within(card, 1, seconds)
    charge = card.quote(country="BR", seconds=seconds, at=NOON)
    assert found.least_units == charge.amount_units
    assert found.least_billed_s == charge.billed_seconds
    assert found.most_units - found.least_units <= 10_800_000 * 6


def test_a_length_that_is_no_whole_second_lies_between_the_two_beside_it():
    card = made(row("0.6"), increments=(1, 1))
    found = within(card, 1, "60.6")
    assert (found.least_billed_s, found.most_billed_s) == (60, 61)


def test_nothing_costs_nothing():
    found = within(made(row("0.6", fee="1")), 0, 0)
    assert (found.least, found.most, found.most_billed_s) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rows", "country", "flags", "least"),
    [
        ((row("0.6"),), "AR", ("no_rate",), None),
        ((row("n/a"),), "BR", ("no_rate",), None),
        ((row("unknown"),), "BR", ("no_rate", "tier_unknown"), None),
        ((row("0.6"), row("unknown", tier_from_minutes="5")), "BR", ("tier_unknown",), "0.6"),
        ((row("0.6", destination="5511"),), "BR", ("no_rate",), "0.6"),
    ],
)
def test_what_is_not_known_is_flagged_and_never_nought(rows, country, flags, least):
    found = within(made(*rows), 1, 60, country)
    assert found.flags == flags
    assert found.least == (None if least is None else Decimal(least))


def test_a_prefix_that_countries_share_counts_for_each_of_them():
    card = made(row("0.6", destination="1"), row("0.1", destination="CA"))
    assert within(card, 1, 60, "CA").least == Decimal("0.1")
    assert within(card, 1, 60, "CA").most >= Decimal("0.6")


def test_every_version_and_card_of_the_month_widens_the_bounds():
    rows = (
        row("0.6", effective_to="2026-10-18"),
        row("0.3", effective_from="2026-10-18"),
    )
    one = Summary("outbound", "BR", 1, Decimal(60))
    first, second = made(*rows), made(row("0.9", effective_from="2026-10-01"), name="second")
    account = BilledAccount("acme", "America/Sao_Paulo", first, "acme")
    found = account_bounds(account, "2026-10", one)
    assert (found.least, found.flags) == (Decimal("0.3"), ())
    assert found.most >= Decimal("0.6")
    assert account_bounds(account, "2026-09", one).least == Decimal("0.6")
    later = Term(date(2026, 10, 30), second)
    both = BilledAccount("acme", "America/Sao_Paulo", first, "acme", (later,))
    assert account_bounds(both, "2026-10", one).most >= Decimal("0.9")


def test_a_month_in_two_currencies_has_no_bounds():
    term = Term(date(2026, 10, 12), made(row("0.6"), currency="BRL", name="brl"))
    account = BilledAccount("acme", "UTC", made(row("0.6")), "acme", (term,))
    found = account_bounds(account, "2026-10", Summary("outbound", "BR", 1, Decimal(60)))
    assert (found.least, found.flags) == (None, ("currency_changes",))


def test_a_month_without_a_card_has_no_bounds():
    account = BilledAccount("a", "UTC", None, "a", (Term(date(2026, 11, 1), made(row("1"))),))
    found = account_bounds(account, "2026-10", Summary("outbound", "BR", 1, Decimal(60)))
    assert (found.least, found.flags) == (None, ("no_rate",))


def test_the_bundled_card_bounds_a_summary():
    found = within(load_card("meta-usd"), 100, 12_000)
    assert found.least is not None
    assert 0 < found.least < found.most
