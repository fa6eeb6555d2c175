"""9.98 is below 10.00, whatever a display rounds it to."""

from datetime import date
from fractions import Fraction

import pytest
from balance.wallets import put
from hypothesis import given
from hypothesis import strategies as st

from wacost.balance.fx import Rate, Rates
from wacost.balance.moves import Terms
from wacost.balance.threshold import judge
from wacost.config import Balance
from wacost.money import UNIT, minor_digits, parse_nanos

ON = date(2026, 10, 31)


def terms(currency="USD", minimum="10.00", floor="", **told):
    settings = Balance(minimum={"amount": minimum, "currency": floor or currency}, **told)
    return Terms("acme", ("acme",), currency, "UTC", settings)


def units(text):
    return parse_nanos(text) * 60


@pytest.mark.parametrize("currency", ["USD", "JPY", "KWD"])
@pytest.mark.parametrize(
    ("balance", "state"),
    [("9.98", "refused"), ("9.995", "refused"), ("9.9999", "refused"), ("10.00", "allowed")],
)
def test_the_exact_value_decides_in_currencies_of_0_2_and_3_digits(currency, balance, state):
    found = judge(terms(currency, display_places=0), units(balance), ON)
    assert found.state == state
    assert found.shown.endswith("10")
    assert found.sentence.startswith({"refused": f"{balance}", "allowed": "10"}[state])


def test_the_sentence_is_the_one_that_people_need():
    told = judge(terms(display_places=0), units("9.98"), ON).sentence
    assert told == '9.98 < 10.00: calls are refused (shown by the supplier as "$10")'


@pytest.mark.parametrize(
    ("places", "mode", "shown"),
    [(0, "half_up", "$10"), (1, "half_up", "$10.0"), (2, "half_up", "$9.98"), (0, "down", "$9")],
)
def test_the_display_is_the_suppliers_own(places, mode, shown):
    found = judge(terms(display_places=places, display_mode=mode), units("9.98"), ON)
    assert (found.shown, found.state) == (shown, "refused")


@pytest.mark.parametrize(
    ("currency", "balance", "arrives"),
    [
        ("USD", "9.9999", "0.01"),
        ("JPY", "9.9999", "1"),
        ("KWD", "9.9999", "0.001"),
        ("USD", "-3", "13"),
    ],
)
def test_the_least_topup_is_told_in_whole_minor_units(currency, balance, arrives):
    found = judge(terms(currency), units(balance), ON)
    assert found.topup.as_dict()["amount"] == arrives


def test_the_least_topup_has_its_fee_and_the_suppliers_own_least():
    found = judge(terms(topup_fee_percent="5.5", topup_least="10"), units("9.98"), ON)
    assert found.topup.as_dict() == {"amount": "10", "fee": "0.55", "paid": "10.55"}


@given(st.integers(0, 20 * UNIT), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_topup_by_the_least_allows_calls_and_a_minor_unit_less_does_not(have, currency):
    told = terms(currency)
    found = judge(told, have, ON)
    if found.topup is None:
        assert Fraction(have, UNIT) >= 10
        return
    minor = UNIT // 10 ** minor_digits(currency)
    assert judge(told, have + found.topup.units, ON).state == "allowed"
    assert judge(told, have + found.topup.units - minor, ON).state == "refused"


def test_a_minimum_in_another_currency_needs_a_dated_rate():
    told = terms("INR", "10.00", "USD")
    found = judge(told, units("800"), ON)
    assert (found.state, found.is_problem, found.minimum_units) == ("unknown", True, None)
    assert "no verdict, fx.csv has no rate of USD and INR on 2026-10-31" in found.sentence
    rates = Rates((Rate(date(2026, 10, 1), "USD", "INR", Fraction("84.1"), "RBI"),))
    dated = Terms("acme", ("acme",), "INR", "UTC", told.settings, rates)
    assert judge(dated, units("840.99"), ON).state == "refused"
    assert judge(dated, units("841"), ON).state == "allowed"
    assert judge(dated, units("841"), date(2026, 9, 30)).state == "unknown"


def test_a_rate_that_is_turned_round_decides_exactly():
    rates = Rates((Rate(date(2026, 10, 1), "INR", "USD", Fraction(3), "made up"),))
    told = Terms("a", ("a",), "INR", "UTC", terms("INR", "10", "USD").settings, rates)
    third = -(-10 * UNIT // 3)
    assert judge(told, third, ON).state == "allowed"
    assert judge(told, third - 1, ON).state == "refused"


def test_since_when_and_how_many_calls_came_meanwhile(log):
    log.balance_add("opening", "10.60", at="2026-10-01T00:00")
    missed = {"answered": False, "direction": "inbound"}
    put(
        log,
        ("c1", "2026-10-02T12:00:00", 30),
        ("c2", "2026-10-03T12:00:00", 32),
        ("c3", "2026-10-04T12:00:00", 0, missed),
        ("c4", "2026-10-05T12:00:00", 0, missed),
    )
    found = log.balance("acme", "2026-10-06T00:00")
    assert (
        found.verdict.sentence == '9.98 < 10.00: calls are refused (shown by the supplier as "$10")'
    )
    assert (found.since.at.isoformat(), found.since.calls) == ("2026-10-03T12:00:00", 2)
    assert found.since.missed == 2
    log.balance_add("topup", "0.02", at="2026-10-05T23:00")
    after = log.balance("acme", "2026-10-06T00:00")
    assert (after.since, after.verdict.state) == (None, "allowed")
    assert log.balance("acme", "2026-10-05T20:00").verdict.state == "refused"


def test_before_its_first_entry_nothing_is_said_of_a_balance(log):
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    found = log.balance("acme", "2026-09-01T00:00")
    assert (found.verdict.state, found.verdict.is_problem) == ("unknown", True)
    assert "no verdict, its first entry is later than that (shown" in found.verdict.sentence
