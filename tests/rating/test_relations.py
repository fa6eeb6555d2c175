"""How charges move when one thing is moved: what a reader may rely on without an oracle."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import strategies
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from wacost.cards import RateCard, load_card
from wacost.money import NANO, SECONDS, UNIT
from wacost.rating import BilledAccount, rate_month
from wacost.rating.month import SetKernel
from wacost.rating.plans import Plans
from wacost.store import open_store

from .test_laws import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wacost.rating import Charge

CALM = settings(deadline=None, suppress_health_check=list(HealthCheck))
AT = "2026-10-10T12:00:00Z"  # no drawn version begins near it
NUMBER = "+5511987654321"
# One month more on each side than the calls have: their local dates reach into them.
ALL_MONTHS = ("2026-08", *strategies.MONTHS, "2027-01")


def read(texts: strategies.Texts, factory: pytest.TempPathFactory) -> RateCard:
    return load_card(strategies.write_card(texts, factory.mktemp("card") / "drawn"))


def bands(charge: Charge) -> list[int | None]:
    return [part.tier_from_minutes for part in charge.parts]


def most_that_may_be_lost(before: Charge, after: Charge) -> int:
    """Return what the bands of `after` take off the seconds and fees of `before`, in units."""
    return sum(
        max(old.rate_nanos - new.rate_nanos, 0) * old.billed_seconds
        + max(old.fee_nanos - new.fee_nanos, 0) * SECONDS
        for old, new in zip(before.parts, after.parts, strict=False)
    )


def rounding_that_a_lower_band_takes(before: Charge, after: Charge) -> int:
    """Return what `after` pays less for the seconds that rounding added to `before`, in units.

    Where actual seconds move through the bands, what rounding adds to a slot is priced with the
    slot's last second, and a longer call may have that one in a lower band.
    """
    rounding = before.billed_seconds - before.call.duration_s
    lowest = min(part.rate_nanos for part in after.parts)
    return rounding * max(before.parts[-1].rate_nanos - lowest, 0)


@settings(parent=CALM, max_examples=150)
@given(
    texts=strategies.cards(),
    seconds=st.lists(st.integers(0, 700), min_size=2, max_size=12),
    minutes_before=st.sampled_from((0, 1, 4, 59)),
)
def test_a_longer_call_is_cheaper_only_in_a_lower_band_and_by_no_more_than_that(
    texts: strategies.Texts,
    seconds: list[int],
    minutes_before: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    card = read(texts, tmp_path_factory)
    charges = [
        card.quote(NUMBER, seconds=length, at=AT, minutes_before=minutes_before)
        for length in sorted(seconds)
    ]
    for before, after in pairwise(charges):
        if before.amount_units is None or after.amount_units is None:
            continue
        lost = before.amount_units - after.amount_units
        if card.tiers.model == "graduated" and card.tiers.accrual == "actual":
            assert lost <= rounding_that_a_lower_band_takes(before, after)
        elif card.tiers.model == "graduated" or bands(before) == bands(after)[: len(bands(before))]:
            assert lost <= 0
        else:
            assert lost <= most_that_may_be_lost(before, after)


def may_be_tenfold(card: RateCard) -> bool:
    """Tell whether ten times its rates are still rates that a card may have."""
    return all((row.rate_nanos or 0) < 10**8 * NANO for row in card.rows)


def tenfold(texts: strategies.Texts) -> strategies.Texts:
    """Return the card with every rate, fee and limit ten times as high."""

    def ten_times(text: str) -> str:
        return text if text in ("", "n/a", "unknown") else f"{Decimal(text) * 10:f}"

    rows = list(csv.DictReader(io.StringIO(texts["rates.csv"])))
    for row in rows:
        row |= {name: ten_times(row[name]) for name in ("rate_per_minute", "fee") if name in row}
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    limits = re.compile(r'(?<=_charge = ")[0-9.]+')
    toml = limits.sub(lambda found: ten_times(found[0]), texts["card.toml"])
    return {**texts, "rates.csv": file.getvalue(), "card.toml": toml}


@settings(parent=CALM, max_examples=80)
@given(
    texts=strategies.cards(),
    calls=st.lists(
        st.tuples(
            st.sampled_from(strategies.NUMBERS),
            st.integers(0, 700),
            st.sampled_from(("outbound", "inbound")),
            st.sampled_from((0, 1, 4, 59)),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_ten_times_the_prices_cost_ten_times_as_much(
    texts: strategies.Texts,
    calls: list[tuple[tuple[str, str | None], int, str, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    card = read(texts, tmp_path_factory)
    assume(may_be_tenfold(card))
    dear = read(tenfold(texts), tmp_path_factory)
    for (number, _), seconds, direction, before in calls:
        asked = {"seconds": seconds, "direction": direction, "at": AT, "minutes_before": before}
        one, ten = card.quote(number, **asked), dear.quote(number, **asked)
        assert (one.status, one.pulses, bands(one)) == (ten.status, ten.pulses, bands(ten))
        tenth = None if one.amount_units is None else one.amount_units * 10
        assert ten.amount_units == tenth


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    root = tmp_path_factory.mktemp("relations")
    with open_store(root / "wacost.duckdb") as con:
        yield Bench(con, root / "cards")


def charges(made: Bench) -> dict[str, dict[str, Any]]:
    cursor = made.con.execute("SELECT * FROM charges")
    names = [column[0] for column in cursor.description or []]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def accounts_of(world: strategies.World, folders: list[Path]) -> list[BilledAccount]:
    cards = [load_card(folder) for folder in folders]
    return [
        BilledAccount(one.name, one.timezone, cards[one.card], one.portfolio)
        for one in world.accounts
    ]


@settings(parent=CALM, max_examples=10)
@given(world=strategies.worlds(max_calls=60, terms=False))
def test_months_rated_together_and_apart_have_the_same_charges(
    made: Bench, world: strategies.World
) -> None:
    accounts = accounts_of(world, made.cards(world))
    made.load(world, world.calls)
    for month in ALL_MONTHS:
        rate_month(made.con, accounts, month)
    apart = charges(made)
    assert set(apart) == {call["call_id"] for call in world.calls}
    made.con.execute("DELETE FROM charge_rows")
    kernel = SetKernel(made.con, Plans(accounts, ALL_MONTHS))
    kernel.price("ratable_calls")
    kernel.keep("cost")
    kernel.drop()
    assert charges(made) == apart


def test_the_minutes_of_a_month_do_not_count_in_another_that_is_rated_with_it(made: Bench) -> None:
    rows = [
        {"direction": "outbound", "destination": "*", "tier_from_minutes": band,
         "rate_per_minute": rate, "effective_from": "2025-01-01"}
        for band, rate in (("0", "0.02"), ("1", "0.01"))
    ]  # fmt: skip
    card = RateCard.from_rows(rows, currency="USD")
    at = strategies.CONTACTS[0]
    calls = [
        strategies._call(n, "acme", strategies.Shape(), middle, later, 54, at, "outbound", "")
        for n, (middle, later) in enumerate(
            (middle, later) for middle in strategies.MIDDLES for later in (0, 100)
        )
    ]
    world = strategies.World((), (strategies.DrawnAccount("acme", "UTC", 0, "acme"),), calls)
    made.load(world, calls)
    billed = [BilledAccount("acme", "UTC", card, "acme")]
    kernel = SetKernel(made.con, Plans(billed, ["2026-10", "2026-11"]))
    kernel.price("ratable_calls")
    kernel.keep("cost")
    kernel.drop()
    # in each month 54 s stay within the first minute, and 108 s do not
    assert [charges(made)[str(n)]["tier_from_minutes"] for n in range(4)] == [0, 1, 0, 1]


def test_a_slot_is_priced_where_its_own_seconds_lie_though_the_call_begins_below(
    made: Bench,
) -> None:
    """The second slot's rate is known above the first minute of the month, where it begins."""
    rows = [
        {"direction": "outbound", "destination": "*", "from_second": second,
         "tier_from_minutes": band, "rate_per_minute": rate, "effective_from": "2025-01-01"}
        for second, band, rate in (("0", "0", "0.6"), ("30", "0", "unknown"), ("30", "1", "0.3"))
    ]  # fmt: skip
    card = RateCard.from_rows(rows, currency="USD", tiers="graduated")
    at, middle = strategies.CONTACTS[0], strategies.MIDDLES[0]
    calls = [
        strategies._call(n, "acme", strategies.Shape(), middle, later, length, at, "outbound", "")
        for n, (later, length) in enumerate(((0, 30), (100, 48)))
    ]
    made.load(
        strategies.World((), (strategies.DrawnAccount("acme", "UTC", 0, "acme"),), calls), calls
    )
    rate_month(made.con, [BilledAccount("acme", "UTC", card, "acme")], "2026-10")
    # 30 s at 0.6; then 30 s more at 0.6, and 18 s at 0.3 from the 61st second of the month on
    assert [charges(made)[str(n)]["amount"] for n in range(2)] == [Decimal("0.30"), Decimal("0.39")]


flat_rates = st.dictionaries(
    st.sampled_from(("*", "BR", "US", "GB", "IN", "5", "55", "551", "1", "44", "91")),
    st.sampled_from(strategies.RATES[:6]),
    min_size=1,
    max_size=6,
)


def flat(rates: dict[str, str], timezone: str = "account") -> RateCard:
    """One band, one version, both directions alike."""
    rows = [
        {"direction": way, "destination": to, "rate_per_minute": rate,
         "effective_from": "2020-01-01"}
        for to, rate in rates.items()
        for way in ("inbound", "outbound")
    ]  # fmt: skip
    return RateCard.from_rows(rows, currency="USD", timezone=timezone)


@settings(parent=CALM, max_examples=60)
@given(
    rates=flat_rates,
    prefix=st.sampled_from(("55119", "5521", "1212", "4474", "9198")),
    rate=st.sampled_from(strategies.RATES[:6]),
    seconds=st.sampled_from(strategies.DURATIONS),
)
def test_a_longer_prefix_changes_its_own_numbers_and_no_other(
    rates: dict[str, str], prefix: str, rate: str, seconds: int
) -> None:
    before, after = flat(rates), flat({**rates, prefix: rate})
    for number, _ in strategies.NUMBERS:
        old = before.quote(number, seconds=seconds, at=AT)
        new = after.quote(number, seconds=seconds, at=AT)
        if number.startswith(prefix):
            assert new.rate_per_minute == Decimal(rate)
            assert new.amount_units == int(Decimal(rate) * UNIT) // SECONDS * new.billed_seconds
        else:
            assert (new.status, new.amount_units) == (old.status, old.amount_units)


@settings(parent=CALM, max_examples=15)
@given(
    rates=flat_rates,
    drawn=strategies.calls(["acme"], min_size=1, max_size=40),
    zones=st.tuples(*[st.sampled_from(strategies.ZONES)] * 2),
)
def test_another_zone_moves_calls_between_months_and_changes_nothing_else(
    made: Bench, rates: dict[str, str], drawn: list[dict[str, Any]], zones: tuple[str, str]
) -> None:
    account = strategies.DrawnAccount("acme", "UTC", 0, "acme")
    made.load(strategies.World((), (account,), drawn), drawn)
    told = []
    for zone in zones:
        made.con.execute("DELETE FROM charge_rows")
        billed = [BilledAccount("acme", zone, flat(rates), "acme")]
        for month in ALL_MONTHS:
            rate_month(made.con, billed, month)
        told.append(charges(made))
    of_zone = {"month", "seconds_before", "flags"}  # flagged: the two ends lie in two months
    assert len(told[0]) == len(drawn)
    for call_id, charge in told[0].items():
        other = told[1][call_id]
        assert {name: charge[name] for name in charge.keys() - of_zone} == {
            name: other[name] for name in other.keys() - of_zone
        }
