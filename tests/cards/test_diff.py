"""Two cards beside one another: what differs, from which day, by how many percent."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.cards import RateCard, load_card
from wacost.cards.diff import diff_cards, percent_of
from wacost.errors import CurrencyMismatchError


def card(*rows, name="a", markets=(), **more):
    """Make a card of (direction, destination, rate, from, to, tier, second, fee)."""
    names = ("direction", "destination", "rate_per_minute", "effective_from", "effective_to",
             "tier_from_minutes", "from_second", "fee")  # fmt: skip
    told = [dict(zip(names, row, strict=False)) for row in rows]
    return RateCard.from_rows(told, currency=more.pop("currency", "USD"), name=name,
                              markets=markets, **more)  # fmt: skip


def told(old, new, **how):
    return [
        (one.destination, str(one.from_on), one.to_on and str(one.to_on), one.tier_from_minutes,
         one.from_second, one.change, one.old and one.old.text, one.new and one.new.text,
         one.percent)
        for one in diff_cards(old, new, **how).differences
    ]  # fmt: skip


def test_what_is_new_gone_dearer_and_cheaper_is_told_with_its_percentage():
    old = card(
        ("outbound", "BR", "0.0101", "2026-01-01"),
        ("outbound", "AR", "0.03", "2026-01-01"),
        ("outbound", "MX", "0.01", "2026-01-01"),
        ("outbound", "CL", "0.01", "2026-01-01"),
    )
    new = card(
        ("outbound", "BR", "0.0106", "2026-01-01"),
        ("outbound", "AR", "0.02", "2026-01-01"),
        ("outbound", "MX", "0.01", "2026-01-01"),
        ("outbound", "PE", "0.01", "2026-01-01"),
    )
    day = "2026-01-01"
    assert told(old, new) == [
        ("AR", day, None, 0, 0, "cheaper", "0.03", "0.02", "-33.33"),
        ("BR", day, None, 0, 0, "dearer", "0.0101", "0.0106", "+4.95"),
        ("CL", day, None, 0, 0, "gone", "0.01", None, None),
        ("PE", day, None, 0, 0, "new", None, "0.01", None),
    ]
    assert told(old, new, places=0)[0][-1] == "-33"


def test_versions_are_lined_up_by_date():
    old = card(
        ("outbound", "BR", "0.01", "2025-01-01"),
        ("outbound", "BR", "0.02", "2026-07-01"),
        ("outbound", "BR", "0.03", "2026-10-01"),
    )
    new = card(("outbound", "BR", "0.02", "2026-01-01"), ("outbound", "BR", "0.03", "2026-09-01"))
    assert told(old, new) == [
        ("BR", "2026-01-01", "2026-07-01", 0, 0, "dearer", "0.01", "0.02", "+100.00"),
        ("BR", "2026-09-01", "2026-10-01", 0, 0, "dearer", "0.02", "0.03", "+50.00"),
    ]
    assert told(old, new, on=date(2026, 8, 1)) == []
    assert told(old, new, on=date(2026, 2, 1))[0][:2] == ("BR", "2026-02-01")


def test_a_difference_that_goes_on_over_other_dates_is_one():
    old = card(("outbound", "BR", "0.01", "2026-01-01"), ("outbound", "BR", "0.01", "2026-07-01"))
    new = card(("outbound", "BR", "0.02", "2026-01-01"), ("outbound", "BR", "0.02", "2026-04-01"))
    assert [row[1:3] for row in told(old, new)] == [("2026-01-01", None)]


def test_bands_and_slots_are_compared_where_either_card_has_them():
    old = card(("outbound", "BR", "0.01", "2026-01-01"))
    new = card(
        ("outbound", "BR", "0.01", "2026-01-01", "", 0, 0, "0.07"),
        ("outbound", "BR", "0.008", "2026-01-01", "", 50_000, 0, "0.07"),
        ("outbound", "BR", "0.005", "2026-01-01", "", 0, 120, "0"),
    )
    assert [row[3:] for row in told(old, new)] == [
        (0, 0, "dearer", "0.01", "0.01 + 0.07", "0.00"),
        (50_000, 0, "cheaper", "0.01", "0.008 + 0.07", "-20.00"),
        (0, 120, "cheaper", "0.01", "0.005", "-50.00"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("n/a", "0.01", "offered"),
        ("0.01", "n/a", "not_offered"),
        ("unknown", "0.01", "known"),
        ("0.01", "unknown", "unknown"),
        ("0", "0.01", "dearer"),
    ],
)
def test_what_is_no_figure_has_a_word_and_no_percentage(old, new, change):
    cards = [card(("outbound", "BR", rate, "2026-01-01")) for rate in (old, new)]
    (found,) = told(*cards)
    assert (found[5], found[-1]) == (change, None)


def test_what_holds_for_the_whole_card_is_told():
    row = ("outbound", "BR", "0.01", "2026-01-01")
    other = {"increments": (60, 60), "rounding": ("call", 4, "up"), "limits": {"max_charge": "0.5"}}
    found = diff_cards(card(row), card(row, **other))
    assert found.differences == []
    assert found.settings == [
        ("increments", "6/6", "60/60"),
        ("rounding.at", "line", "call"),
        ("rounding.places", "2", "4"),
        ("rounding.mode", "half_up", "up"),
        ("limits.max_charge", "none", "0.5"),
    ]


def test_who_moves_to_another_market_is_told_from_the_day():
    def member(market, country, day):
        return {"market": market, "country_or_prefix": country, "effective_from": day}

    row = ("outbound", "Rest", "0.01", "2026-01-01")
    old = card(
        row, markets=[member("Rest", "BR", "2026-01-01"), member("Rest", "AR", "2026-01-01")]
    )
    new = card(row, markets=[
        member("Rest", "BR", "2026-01-01"), member("Rest", "AR", "2026-01-01"),
        member("Own", "BR", "2026-10-01"), member("Rest", "MX", "2026-01-01")])  # fmt: skip
    assert diff_cards(old, new).markets == [
        ("MX", date(2026, 1, 1), "", "Rest"),
        ("BR", date(2026, 10, 1), "Rest", "Own"),
    ]


def test_cards_that_name_no_place_alike_are_lined_up_by_country():
    found = diff_cards(load_card("meta-usd"), load_card("plivo-usd"), on=date(2026, 11, 1))
    assert found.by == "country"
    first = {
        (one.direction, one.destination): one
        for one in found.differences
        if not one.tier_from_minutes
    }
    brazil = first["outbound", "BR"]
    assert (brazil.old.text, brazil.new.text, brazil.percent) == ("0.0108", "0.0142", "+31.48")
    assert first["inbound", "IN"].new.text == "0.0053"


def test_two_currencies_are_refused():
    with pytest.raises(CurrencyMismatchError, match="meta-usd is in USD and meta-inr in INR"):
        diff_cards(load_card("meta-usd"), load_card("meta-inr"))


@pytest.mark.parametrize("name", ["meta-usd", "botmaker-usd", "plivo-usd"])
def test_a_card_does_not_differ_from_itself(name):
    for by in ("destination", "country"):
        found = diff_cards(load_card(name), load_card(name), by=by)
        assert (found.differences, found.settings, found.markets) == ([], [], [])


@settings(max_examples=300, deadline=None)
@given(old=st.integers(1, 10**15), new=st.integers(0, 10**15), places=st.integers(0, 9))
def test_a_percentage_is_the_exact_one_rounded_once(old, new, places):
    text = percent_of(old, new, places)
    exact = Fraction(new - old, old) * 100
    assert abs(Fraction(text) - exact) * 10**places <= Fraction(1, 2)
    assert len(text.partition(".")[2]) == places


def test_by_country_prefixes_of_either_card_are_lined_up_too():
    old = card(("outbound", "BR", "0.01", "2026-01-01"), ("outbound", "5511", "0.01", "2026-01-01"))
    new = card(("outbound", "BR", "0.01", "2026-01-01"), ("outbound", "5511", "0.02", "2026-01-01"))
    assert [row[0] for row in told(old, new, by="country")] == ["5511"]
    assert [row[0] for row in told(old, card(("outbound", "BR", "0.01", "2026-01-01")))] == ["5511"]
    only = card(("outbound", "BR", "0.01", "2026-01-01"))
    (row,) = told(only, card(("outbound", "5511", "0.02", "2026-01-01")), by="country")[:1]
    assert (row[0], row[5], row[7]) == ("5511", "dearer", "0.02")


def test_by_country_a_calling_code_that_has_all_numbers_of_a_country_is_the_country():
    old = card(("outbound", "BR", "0.01", "2026-01-01"))
    new = card(("outbound", "55", "0.02", "2026-01-01"))
    assert [(row[0], row[5]) for row in told(old, new)] == [("BR", "dearer")]


def with_increments(own, level):
    """Make a card of one row with increments of its own, or none, and the card's."""
    names = ("direction", "destination", "rate_per_minute", "effective_from", "increment_seconds")
    row = dict(zip(names, ("outbound", "BR", "0.01", "2026-01-01", own), strict=True))
    return RateCard.from_rows([row], currency="USD", name="a", increments=level)


@pytest.mark.parametrize("by", ["destination", "country"])
@pytest.mark.parametrize(
    ("old", "new", "texts"),
    [
        (("", (6, 6)), ("60/60", (6, 6)), ("0.01 by 6/6 s", "0.01 by 60/60 s")),
        (("60/60", (6, 6)), ("", (6, 6)), ("0.01 by 60/60 s", "0.01 by 6/6 s")),
        (("60/60", (6, 6)), ("", (60, 60)), None),
        (("", (6, 6)), ("6/6", (60, 60)), None),
        (("", (6, 6)), ("", (60, 60)), None),  # told once for the card
    ],
)
def test_increments_are_compared_as_calls_are_billed(by, old, new, texts):
    found = diff_cards(with_increments(*old), with_increments(*new), by=by)
    shown = [(one.change, one.old.text, one.new.text) for one in found.differences]
    assert shown == ([("increments", *texts)] if texts else [])
    assert bool(found.settings) == (old[1] != new[1])


def test_by_country_a_prefix_is_compared_only_in_the_direction_that_names_it():
    free = ("inbound", "*", "0", "2026-01-01")
    old = card(("inbound", "*", "0.01", "2026-01-01"), ("outbound", "BR", "0.01", "2026-01-01"))
    new = card(free, ("outbound", "5511", "0.02", "2026-01-01"))
    found = diff_cards(old, new, by="country").differences
    assert [one.direction for one in found if one.destination == "5511"] == ["outbound"]
