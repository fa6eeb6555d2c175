"""When a prepaid balance will be too low, and what the month will have cost: ranges, not promises.

Two thousand possible futures (`paths`) are drawn from the account's own days (`series`,
`backtest`), priced along the bands of the card where these matter (`tiers`), and taken off the
balance, together with the fixed costs that wacost.toml declares (`debits`). What is said of a date
or an amount is how the futures spread: half of them lie in the 50 % range. All of it is an estimate
and is computed in floats; an amount is rounded once, to the minor unit, when it is shown. Other
fees, adjustments and refunds are not forecast.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.backtest import LEAST_DAYS, backtest, quantiles
from wacost.balance.book import fee_of
from wacost.balance.days import day_begin
from wacost.balance.future import LEVELS, Crossing, FanDay, Forecast, MonthEnd, Plan, percent
from wacost.balance.models import numbers
from wacost.balance.paths import possible_days
from wacost.balance.series import HOURS, Series
from wacost.balance.threshold import TopUp
from wacost.money import UNIT, divide, minor_digits, parse_nanos

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wacost.balance.backtest import Backtest
    from wacost.balance.debits import Debit
    from wacost.balance.models import Floats
    from wacost.balance.moves import Terms
    from wacost.balance.tiers import Tiered

_HORIZON: Final = 92
_BURN_DAYS: Final = 28
_FINE: Final = 10**6


@dataclass(frozen=True, slots=True)
class Asked:
    """What a forecast starts from.

    Attributes:
        at: the instant that was asked for.
        units: the balance then.
        minimum_units: below which calls are refused, or None.
        spent_month: in the current month, today included.
        until: the last day that a top-up shall last; None: the last of the month.
        percent: with which probability.
        debits: fixed costs to come, in order; those beyond the horizon change nothing.
        notes: on what is missing among them.
    """

    at: datetime
    units: int
    minimum_units: int | None
    spent_month: int
    until: date | None = None
    percent: int = 90
    debits: tuple[Debit, ...] = ()
    notes: tuple[str, ...] = ()


def at_burn_rate(terms: Terms, past: Series, asked: Asked) -> Forecast:
    """Say what can be said without statistics: what a day took off lately."""
    spend = past.spend
    lately = spend[-_BURN_DAYS:]
    burn = sum(lately) // len(lately) if lately else 0
    return Forecast(
        terms.name, terms.currency, asked.at, past.now, asked.units, asked.minimum_units, burn,
        len(spend), notes=_notes(past, asked), debits=asked.debits, timezone=terms.timezone,
    )  # fmt: skip


def forecast(terms: Terms, past: Series, asked: Asked, bands: Tiered | None = None) -> Forecast:
    """Say what may become of a balance.

    Args:
        terms: of the balance.
        past: its days.
        asked: what it starts from.
        bands: groups of calls whose rate falls as minutes accrue, where that matters.

    Raises:
        MissingExtraError: there is enough data, and statsmodels is not installed.
    """
    base = at_burn_rate(terms, past, asked)
    if not has_enough(past):
        return base
    return _with_futures(base, terms, past, asked, bands)


def has_enough(past: Series) -> bool:
    """Tell whether there are days enough for a range: eight weeks, lately with some spend."""
    return len(past.days) >= LEAST_DAYS and any(past.spend[-LEAST_DAYS:])


def _notes(past: Series, asked: Asked) -> tuple[str, ...]:
    if past.now == asked.at:
        return asked.notes
    days = (asked.at - past.now).days
    old = f"the last record of calls is {days} day{'s' * (days != 1)} old"
    return (f"{old}: what may come begins there", *asked.notes)


_NAMED: Final = 3


def _giants(base: Forecast, past: Series, tested: Backtest) -> tuple[str, ...]:
    """Name the days that stand far out, the latest ones first."""
    places = [int(n) for n in reversed(tested.giants.nonzero()[0])]
    if not places:
        return ()
    told = [f"{past.days[n]}: {base.shown(past.spend[n])} {base.currency}" for n in places[:_NAMED]]
    more = [f"{len(places) - _NAMED} more"] * (len(places) > _NAMED)
    one = len(places) == 1
    days = "one day stands" if one else f"{len(places)} days stand"
    return (
        (
            f"{days} far out of those around {'it' if one else 'them'} ({'; '.join(told + more)}): "
            f"{'it is' if one else 'they are'} in no pattern, and may come back as often as so far"
        ),
    )


def _with_futures(
    base: Forecast, terms: Terms, past: Series, asked: Asked, bands: Tiered | None
) -> Forecast:
    np = numbers()
    until = asked.until or _month_end(past.today)
    days = [
        past.today + timedelta(days=n) for n in range(max(_HORIZON, (until - past.today).days + 1))
    ]
    values = bands.listed if bands else np.array([units / UNIT for units in past.spend])
    tested = backtest(values)
    futures = possible_days(tested, len(values), len(days))
    futures[:, 0] *= 1 - _part_of_today(terms, past)
    if bands:
        futures = bands.priced(futures, days)
    floor = base.minimum_units
    taken = futures + _debited(base.debits, days)
    flow, recharges = _balances(taken, asked.units / UNIT, terms)
    return replace(
        base,
        notes=base.notes + _giants(base, past, tested),
        tested=tested,
        minimum=None if floor is None else _crossing(flow, taken, floor / UNIT, terms, past),
        zero=_crossing(flow, taken, 0, terms, past),
        month=_month(past, futures, days, asked.spent_month),
        plan=_plan(terms, past, taken, days, until, base, asked.percent),
        recharges=int(np.median(recharges)),
        horizon=days[-1],
        has_tiers=bands is not None,
        debits=tuple(one for one in base.debits if one.on <= days[-1]),
        fan=tuple(_fan(flow, days)),
    )


def _debited(debits: Sequence[Debit], days: Sequence[date]) -> Floats:
    """Return what fixed costs take off on each day, in currency."""
    found: Floats = numbers().zeros(len(days))
    for one in debits:
        if days[0] <= one.on <= days[-1]:
            found[(one.on - days[0]).days] += one.units / UNIT
    return found


def _fan(flow: Floats, days: Sequence[date]) -> Iterator[FanDay]:
    """Yield what may be left at the end of each day."""
    np = numbers()
    middles = np.median(flow, axis=0)
    lows_highs = {level: quantiles(flow, level) for level in LEVELS}
    for n, day in enumerate(days):
        ranges = {
            level: (_units(lows[n]), _units(highs[n]))
            for level, (lows, highs) in lows_highs.items()
        }
        yield FanDay(day, _units(middles[n]), ranges)


def _month_end(day: date) -> date:
    """Return the last day of a date's month.

    >>> _month_end(date(2026, 2, 3))
    datetime.date(2026, 2, 28)
    """
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)


def _part_of_today(terms: Terms, past: Series) -> Any:
    """Return which part of a day's spend lies before now, as the hours of the past tell."""
    begin = day_begin(terms.timezone, past.today)
    hour, seconds = divmod(int((past.now - begin).total_seconds()), 3600)
    ends = (0, *past.hours)
    low, high = ends[min(hour, HOURS - 1)], ends[min(hour + 1, HOURS)]
    return low + (high - low) * seconds / 3600


def _balances(futures: Floats, start: Any, terms: Terms) -> tuple[Floats, Floats]:
    """Return what is left at the end of each day, and how often a future was recharged."""
    np = numbers()
    rule = terms.settings.auto_recharge
    if not rule:
        return start - futures.cumsum(axis=1), np.zeros(len(futures))
    below, amount = (parse_nanos(rule[key]) / 10**9 for key in ("below", "amount"))
    left, times = np.full(len(futures), start), np.zeros(len(futures))
    flow = np.empty_like(futures)
    for n in range(futures.shape[1]):
        left = left - futures[:, n]
        more = np.ceil(np.maximum(below - left, 0) / amount)
        left, times = left + more * amount, times + more
        flow[:, n] = left
    return flow, times


def _crossing(flow: Floats, futures: Floats, floor: Any, terms: Terms, past: Series) -> Crossing:
    """Return when the futures fall below a floor, within the day as its hours tell."""
    np = numbers()
    below = flow < floor
    has = below.any(axis=1)
    day = below.argmax(axis=1)
    rows = np.arange(len(flow))
    spent = np.maximum(futures[rows, day], 1e-12)
    part = np.clip(1 - (floor - flow[rows, day]) / spent, 0, 1)
    begun = _part_of_today(terms, past)
    ends = np.array([0, *past.hours])
    part = np.where(day == 0, begun + part * (1 - begun), part)
    when = np.where(has, day + np.interp(part, ends, np.arange(HOURS + 1) / HOURS), np.inf)
    ranges = {
        level: tuple(
            _moment(np.quantile(when, q, method="inverted_cdf"), terms, past)
            for q in ((100 - level) / 200, (100 + level) / 200)
        )
        for level in LEVELS
    }
    middle = _moment(np.quantile(when, 0.5, method="inverted_cdf"), terms, past)
    return Crossing(middle, ranges, percent(has.mean()))  # type: ignore[arg-type]


def _moment(days: Any, terms: Terms, past: Series) -> datetime | None:
    """Return the moment that lies so many days, and a part of one, after this midnight."""
    if not numbers().isfinite(days):
        return None
    begin = day_begin(terms.timezone, past.today + timedelta(days=int(days)))
    return max(past.now, begin + timedelta(seconds=round((days - int(days)) * 86_400)))


def _month(past: Series, futures: Floats, days: Sequence[date], spent: int) -> MonthEnd:
    np = numbers()
    count = sum((day.year, day.month) == (past.today.year, past.today.month) for day in days)
    sums = futures[:, :count].sum(axis=1)
    low_high = {
        level: tuple(
            spent + _units(np.quantile(sums, q)) for q in ((100 - level) / 200, (100 + level) / 200)
        )
        for level in LEVELS
    }
    middle = spent + _units(np.median(sums))
    return MonthEnd(f"{past.today:%Y-%m}", spent, middle, low_high)  # type: ignore[arg-type]


def _units(amount: Any) -> int:
    """Turn an estimate into units: to a millionth of the currency, which is more than it knows."""
    return int(amount * _FINE) * (UNIT // _FINE)


def _plan(  # noqa: PLR0917 - one top-up
    terms: Terms,
    past: Series,
    futures: Floats,
    days: Sequence[date],
    until: date,
    base: Forecast,
    chance: int,
) -> Plan:
    """Return the least top-up that lasts, if no other comes."""
    np = numbers()
    count = max(0, (until - days[0]).days + 1)
    needed = np.quantile(futures[:, :count].sum(axis=1), chance / 100, method="higher")
    floor = base.minimum_units or 0
    lacking = max(0, _units(needed) + floor - base.units)
    minor = UNIT // 10 ** minor_digits(terms.currency)
    units = divide(lacking, minor, "up") * minor
    topup = TopUp(units, fee_of(units, terms.settings.topup_fee_percent, terms.currency))
    left = base.units / UNIT - futures.cumsum(axis=1)
    early = _early(left, futures, floor / UNIT, terms, past, chance) if units else None
    return Plan(until, chance, topup, early)


def _early(  # noqa: PLR0917 - as in `_plan`
    left: Floats, futures: Floats, floor: Any, terms: Terms, past: Series, chance: int
) -> datetime | None:
    """Return the moment until which what is there lasts with a probability, down to the hour."""
    np = numbers()
    low = np.quantile(left, 1 - chance / 100, axis=0, method="lower")
    mean = futures.mean(axis=0)
    below = low < floor
    if not below.any():
        return None
    day = int(below.argmax())
    at = _crossing(low[None, : day + 1], mean[None, : day + 1], floor, terms, past).middle
    return max(at.replace(minute=0, second=0), past.now) if at else None
