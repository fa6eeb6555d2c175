"""A balance lasts exactly as long as quotes say, second by second."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wacost.cards import RateCard, load_card
from wacost.errors import InputError, RatingError
from wacost.money import UNIT
from wacost.rating import BilledAccount, Term
from wacost.rating.agreed import quote_account
from wacost.rating.estimate import max_seconds_of_account

NUMBER = "+55 11 98765-4321"
NOON = "2026-10-12T12:00:00Z"
TRIED_S = 330
FAR_S = (331, 400, 599, 601, 3600, 3601, 7000, 10**5, 10**8)


def cost_of(charge):
    """Return what is due, exactly: the shown amount where the card rounds each call."""
    if charge.amount is None:
        return None
    if charge.rate_card.rounding.at == "call":
        return Fraction(charge.amount)
    return Fraction(charge.amount_units, UNIT)


def hold(longest, quoted, balance):
    """Hold an estimate against the prices of single lengths, one after the other."""
    costs = [cost_of(quoted(n)) for n in range(TRIED_S)]
    if costs[1] is None:
        with pytest.raises(RatingError):
            longest()
        return
    found = longest()
    dear = next((n for n, cost in enumerate(costs) if cost is None or cost > balance), None)
    if dear is not None:
        assert found == max(0, dear - 1)
        return
    assert found is None or found >= TRIED_S - 1
    for n in FAR_S:
        if found is None or n <= found:
            cost = cost_of(quoted(n))
            assert cost is not None
            assert cost <= balance
    if found is not None and found < 10**9:
        assert cost_of(quoted(found)) <= balance
        after = cost_of(quoted(found + 1))
        assert after is None or after > balance


balances = st.one_of(
    st.sampled_from([Decimal(0), Decimal("0.07"), Decimal("0.3"), Decimal("2.5"), Decimal(10**6)]),
    st.decimals(0, 20, places=4),
)
starts = st.builds(
    lambda day, before: datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(0, before),
    st.sampled_from(strategies.DATES[1:]),
    st.integers(-200, 200) | st.sampled_from((-1, 10_600, 10_790, 43_200)),
)
asked = st.fixed_dictionaries(
    {
        "minutes_before": st.sampled_from((0, 0, 1, 2, 4, 5, 59, 60)),
        "at": starts.map(datetime.isoformat),
        "direction": st.sampled_from(("outbound", "outbound", "inbound")),
    }
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(
    card=strategies.cards(unknown_first=True),
    asked=asked,
    number=st.sampled_from([number for number, _ in strategies.NUMBERS]),
    zone=st.sampled_from(strategies.ZONES),
    balance=balances,
    of_length=st.none() | st.integers(0, TRIED_S),
)
def test_every_length_up_to_the_estimate_can_be_paid_and_the_next_cannot(  # noqa: PLR0917
    card, asked, number, zone, balance, of_length, tmp_path_factory
):
    folder = strategies.write_card(card, tmp_path_factory.mktemp("card") / "drawn")
    made = load_card(folder)
    told = {**asked, "timezone": zone}
    if of_length is not None:  # a balance that is the very price of some length
        balance = made.quote(number, seconds=of_length, **told).amount or balance
    hold(
        lambda: made.max_seconds(balance, number, **told),
        lambda n: made.quote(number, seconds=n, **told),
        balance,
    )


def row(rate, **more):
    told = {"direction": "outbound", "destination": "55", "effective_from": "2025-08-01"}
    return {**told, "rate_per_minute": rate, **more}


def made(*rows, **facts):
    return RateCard.from_rows(list(rows), currency="USD", **facts)


FALLS = (row("0.6"), row("0.1", tier_from_minutes="1"))


@pytest.mark.parametrize(
    ("card", "balance", "seconds"),
    [
        (made(row("0.6")), "0.66", 66),
        (made(row("0.6")), "0.659999999", 60),
        (made(row("0.6")), "0.06", 6),
        (made(row("0.6")), "0.05", 0),
        (made(row("0.6")), "0", 0),
        (made(row("0.6")), "-1", 0),
        (made(row("0.6")), 6, 600),
        (made(row("0")), "0", None),
        (made(row("0.6", fee="1")), "0.99", 0),
        (made(row("0", fee="1")), "1", None),
        (made(row("0.6", fee="1"), increments=(60, 60)), Decimal("2.2"), 120),
        (made(row("0.6"), limits={"max_charge": "5"}), "5", None),
        (made(row("0.6"), limits={"max_charge": "5"}), "4.99", 498),
        (made(row("0.6"), limits={"min_charge": "0.3"}), "0.29", 0),
        (made(row("0.6"), limits={"min_charge": "0.3"}), "0.3", 30),
        (made(row("0.6"), row("0", from_second="60")), "0.6", None),
        (made(row("0.6"), row("0", from_second="60")), "0.3", 30),
        (made(row("0.6"), row("0", from_second="60", fee="1")), "1.59", 60),
        (made(row("0.6"), row("0.3", from_second="60", fee="1")), "1.6", 60),
        (made(row("0.6"), row("n/a", destination="5521")), "0.6", 60),
        # 60 s cost 0.60 and 61 s, in the cheaper band as a whole, 0.11: 0.50 lasts no longer
        (made(*FALLS), "0.5", 48),
        (made(*FALLS), "0.6", 360),
        (made(*FALLS, tiers="graduated"), "0.6", 60),
        (made(*FALLS, tiers="graduated"), "0.7", 120),
        (made(row("0.6"), row("unknown", tier_from_minutes="1")), "0.9", 90),
        (made(row("0.011"), rounding=("call", 2, "up")), "0.01", 54),
        (made(row("0.011"), rounding=("call", 2, "down")), "0", 54),
        (made(row("0.000000001")), 10**30, None),
    ],
)
def test_a_balance_lasts_so_long(card, balance, seconds):
    assert card.max_seconds(balance, NUMBER, at=NOON) == seconds


def test_what_the_balance_lasts_for_ends_where_rates_begin_that_are_not_known():
    card = made(row("0.6", effective_to="2026-10-13"))
    assert card.max_seconds(10**6, NUMBER, at="2026-10-12T23:00:00Z") == 3599
    west = {"at": "2026-10-12T23:00:00Z", "timezone": "America/Sao_Paulo"}
    assert card.max_seconds(10**6, NUMBER, **west) == 4 * 3600 - 1


def test_a_call_that_lasts_into_dearer_rates_is_wholly_priced_by_them():
    card = made(row("0.6"), row("6", effective_from="2026-10-13"))
    asked = {"at": "2026-10-12T23:59:00Z"}
    assert card.max_seconds("1", NUMBER, **asked) == 59
    by_start = made(
        row("0.6"), row("6", effective_from="2026-10-13"), policies={"month_of": "start"}
    )
    assert by_start.max_seconds("1", NUMBER, **asked) == 96


@pytest.mark.parametrize(
    "balance", [9.98, "9,98", "", "NaN", Decimal("Infinity"), None, True, "1e3"]
)
def test_what_is_no_amount_is_no_balance(balance):
    with pytest.raises(InputError):
        load_card("meta-usd").max_seconds(balance, NUMBER)


def test_without_a_price_there_is_no_answer():
    for card in (made(row("n/a")), made(row("unknown")), made(row("1", destination="44"))):
        with pytest.raises(RatingError, match="no price"):
            card.max_seconds("1", NUMBER, at=NOON)


@settings(deadline=None, max_examples=60)
@given(
    before=st.integers(0, 400),
    balance=balances,
    month_of=st.sampled_from(("end", "start")),
    zones=st.tuples(*[st.sampled_from(strategies.ZONES)] * 2),
    rates=st.tuples(*[st.sampled_from(("0.6", "0.3", "6", "0"))] * 2),
)
def test_an_account_whose_card_or_zone_changes_within_the_call_pays_as_it_is_quoted(
    before, balance, month_of, zones, rates
):
    policies = {"month_of": month_of}
    first, second = (
        made(row(rate), name=f"c{n}", policies=policies) for n, rate in enumerate(rates)
    )
    term = Term(date(2026, 10, 13), second, zones[1])
    account = BilledAccount("acme", zones[0], first, "acme", (term,))
    at = (datetime(2026, 10, 13) - timedelta(seconds=before)).isoformat()
    hold(
        lambda: max_seconds_of_account(account, balance, NUMBER, at=at),
        lambda n: quote_account(account, NUMBER, seconds=n, at=at),
        balance,
    )


def test_a_fee_that_a_call_of_no_second_is_spared_ends_a_balance_of_nothing():
    row = {"direction": "outbound", "destination": "*", "rate_per_minute": "0", "fee": "0.05"}
    card = RateCard.from_rows(
        [row | {"effective_from": "2025-08-01"}],
        currency="USD",
        policies={"answered_zero_seconds": "free"},
    )
    assert [card.max_seconds(b, NUMBER) for b in ("0", "0.049", "0.05")] == [0, 0, None]
