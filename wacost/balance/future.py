"""What a forecast says of a balance: when it falls, what the month costs, which top-up lasts.

Amounts are integers of 1/60 nano-currency, but they are estimates: they are shown rounded to the
minor unit. Times are UTC without an offset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.days import day_begin
from wacost.language import ENGLISH, Language
from wacost.money import amount_of, minor_digits, plain, round_units

if TYPE_CHECKING:
    from wacost.balance.backtest import Backtest
    from wacost.balance.debits import Debit
    from wacost.balance.threshold import TopUp

LEVELS: Final = (50, 80, 95)
"""The ranges that are told, in percent."""
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Crossing:
    """When the balance falls below something.

    Attributes:
        middle: as likely before as after it; None: later than the horizon.
        ranges: 50, 80, 95 -> (early, late); None: later than the horizon.
        chance: that it happens within the horizon, in percent.
    """

    middle: datetime | None
    ranges: dict[int, tuple[datetime | None, datetime | None]]
    chance: int


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """What a month will have cost: spent so far, and the whole month, in units."""

    month: str
    spent: int
    middle: int
    ranges: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The top-up that lasts until the end of a day with a probability.

    Attributes:
        until: that day.
        percent: the probability.
        topup: the least one; nothing where what is there lasts.
        before: when it has to be there, so that calls go on with the same probability.
    """

    until: date
    percent: int
    topup: TopUp
    before: datetime | None


@dataclass(frozen=True, slots=True)
class FanDay:
    """What may be left at the end of a day, in units: the middle, and 50, 80, 95 -> (low, high)."""

    day: date
    middle: int
    ranges: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may become of a balance. Times are UTC without an offset, amounts units.

    Attributes:
        name: whose balance.
        at: the instant that was asked for.
        now: from when on days are forecast: `at`, or the last record of calls before it.
        units: the balance.
        minimum_units: below which calls are refused, or None.
        burn: what a day took off lately, on average.
        history: whole days of spend that are known.
        tested: what the back-test says; None: not enough data, and nothing more is said.
        minimum: when the balance falls below the minimum.
        zero: when it is used up.
        month: what the current month will have cost.
        plan: the top-up that lasts.
        recharges: automatic top-ups within the horizon, in the middle.
        horizon: the last day that was looked at.
        has_tiers: whether bands of the card change the rate on the way.
        debits: fixed costs of wacost.toml that are taken off on the way.
        timezone: in which days are told.
        fan: what may be left day by day, for a picture.
    """

    name: str
    currency: str
    at: datetime
    now: datetime
    units: int
    minimum_units: int | None
    burn: int
    history: int
    tested: Backtest | None = None
    minimum: Crossing | None = None
    zero: Crossing | None = None
    month: MonthEnd | None = None
    plan: Plan | None = None
    recharges: int = 0
    horizon: date | None = None
    has_tiers: bool = False
    notes: tuple[str, ...] = field(default=())
    fan: tuple[FanDay, ...] = ()
    debits: tuple[Debit, ...] = ()
    timezone: str = "UTC"

    @property
    def caution(self) -> str | None:
        """A sentence where ranges held less than they promise on days of the past, else None."""
        return self.warned(ENGLISH)

    def warned(self, language: Language) -> str | None:
        """Return the caution in a language."""
        if self.tested is None or not self.tested.short:
            return None
        say, covered = language.say, self.tested.covered
        held = reduce(
            lambda one, other: say("{one} and {other}", one=one, other=other),
            (
                say("the {level} % range held {share} %", level=n, share=percent(covered[n]))
                for n in self.tested.short
            ),
        )
        return say(
            "on days of the past {held} of the time: take the ranges here as too narrow", held=held
        )

    @property
    def plain_end(self) -> datetime | None:
        """When the floor is reached at the plain burn rate; None: never, or not to be told.

        A fixed cost counts at the end of its day.
        """
        left = self.units - (self.minimum_units or 0)
        if left < 0:
            return self.now
        for one in self.debits:
            ends = day_begin(self.timezone, one.on + timedelta(days=1))
            spent = self.burn * int((ends - self.now).total_seconds()) // _DAY_S
            if spent < left < spent + one.units:
                return ends
            if left <= spent:
                break
            left -= one.units
        if self.burn <= 0:
            return None
        seconds = left * _DAY_S // self.burn
        return self.now + timedelta(seconds=seconds) if seconds < 10**10 else None

    @property
    def early_end(self) -> datetime | None:
        """The early end of the 80 % range of falling below the minimum (or of being empty)."""
        crossing = self.minimum or self.zero
        return crossing.ranges[80][0] if crossing else self.plain_end

    def shown(self, units: int) -> str:
        """Write an estimated amount, rounded half up to the minor unit."""
        return plain(round_units(units, minor_digits(self.currency), "half_up"))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text, rounded to the minor unit."""
        tested = self.tested
        return {
            "balance": self.name,
            "currency": self.currency,
            "at": self.at,
            "from": self.now,
            "amount": plain(amount_of(self.units)),
            "burn_per_day": self.shown(self.burn),
            "days_of_history": self.history,
            "enough_data": tested is not None,
            "method": tested.method if tested else None,
            "backtest": _tested_dict(tested) if tested else None,
            "caution": self.caution,
            "below_minimum": _crossing_dict(self.minimum),
            "empty": _crossing_dict(self.zero),
            "at_burn_rate": self.plain_end,
            "month": self._month_dict(),
            "topup": self._plan_dict(),
            "fixed_costs": [one.as_dict() for one in self.debits],
            "auto_recharges": self.recharges,
            "horizon": self.horizon,
            "tiers": self.has_tiers,
            "notes": list(self.notes),
        }

    def as_row(self) -> dict[str, Any]:
        """Return in one row what the month costs, with the 80 % range; amounts are text."""
        told: dict[str, int] = {"a day": self.burn}
        if self.month is not None:
            low, high = self.month.ranges[80]
            told |= {"so far": self.month.spent, "middle": self.month.middle}
            told |= {"80 % low": low, "80 % high": high}
        shown = {name: self.shown(units) for name, units in told.items()}
        return {"balance": self.name, **shown, "currency": self.currency}

    def crossing_rows(self, language: Language = ENGLISH) -> list[dict[str, Any]]:
        """Return in rows when the balance falls below something: the ends of the 80 % range.

        What lies beyond the days that were looked at is told as after the last of them.
        """
        say = language.say
        last = self.horizon and language.cell(self.horizon)
        beyond = say("after {day}", day=last)
        return [
            {
                "balance": self.name,
                "what": what,
                "chance": say("{chance} % by {day}", chance=crossing.chance, day=last),
                "early": crossing.ranges[80][0] or beyond,
                "middle": crossing.middle or beyond,
                "late": crossing.ranges[80][1] or beyond,
            }
            for what, crossing in (
                (say("below the minimum"), self.minimum),
                (say("empty"), self.zero),
            )
            if crossing is not None
        ]

    def _month_dict(self) -> dict[str, Any] | None:
        if self.month is None:
            return None
        ranges = self.month.ranges.items()
        return {
            "month": self.month.month,
            "spent": plain(amount_of(self.month.spent)),
            "middle": self.shown(self.month.middle),
            "ranges": {str(n): [self.shown(a), self.shown(b)] for n, (a, b) in ranges},
        }

    def _plan_dict(self) -> dict[str, Any] | None:
        if self.plan is None:
            return None
        told = {"until": self.plan.until, "percent": self.plan.percent, "before": self.plan.before}
        return self.plan.topup.as_dict() | told


def _tested_dict(tested: Backtest) -> dict[str, Any]:
    return {
        "origins": tested.origins,
        "days_ahead": tested.days,
        "error_percent": percent(tested.error),
        "naive_error_percent": percent(tested.naive_error),
        "covered_percent": {str(n): percent(part) for n, part in tested.covered.items()},
        "held_less_than_promised": list(tested.short),
        "covered_days_percent": {str(n): percent(p) for n, p in tested.covered_days.items()},
    }


def percent(part: Any) -> int:
    """Return a part as whole percent.

    >>> percent(0.826)
    83
    """
    return int(100 * part + 0.5)


def _crossing_dict(crossing: Crossing | None) -> dict[str, Any] | None:
    if crossing is None:
        return None
    return {
        "middle": crossing.middle,
        "ranges": {str(level): list(ends) for level, ends in crossing.ranges.items()},
        "chance_percent": crossing.chance,
    }
