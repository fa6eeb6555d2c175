"""The budget of a month: where it stands, where it will end, and why it is not like the last one.

The end is the spend so far and the rest of the month by the forecast, with its range; with too few
days for one, by the burn rate. Why: the days so far against the same days of the month before
(`drivers`), to the last unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from wacost.balance.drivers import rounded, split, total
from wacost.money import SECONDS, UNIT, amount_of, minor_digits, parse_nanos, plain, round_units

if TYPE_CHECKING:
    from wacost.balance.future import MonthEnd
    from wacost.balance.spend import Spend


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """A month against its budget; amounts are units.

    Attributes:
        account: whose.
        month: like "2026-10", local to it.
        currency: of the calls.
        budget: what they may cost; None: none is set.
        spent: what they cost so far.
        end: what they will have cost, in the middle.
        low: the early end of the 80 % range of that; None: there is too little data for one.
        high: its late end.
        before: what the same days of the month before cost.
        days: how many days those are.
        causes: of `spent` - `before`, in whole minor units; they add up to its rounded sum.
        caution: a sentence where such ranges held less than they promise, else None.
    """

    account: str
    month: str
    currency: str
    budget: int | None
    spent: int
    end: int
    low: int | None
    high: int | None
    before: int
    days: int
    causes: dict[str, int]
    caution: str | None = None

    @property
    def state(self) -> str:
        """Return none, over (already), likely_over, may_be_over, or within."""
        if self.budget is None:
            return "none"
        if self.spent > self.budget:
            return "over"
        if self.end > self.budget:
            return "likely_over"
        return "may_be_over" if self.high is not None and self.high > self.budget else "within"

    def shown(self, units: int) -> str:
        """Write an amount, rounded half up to the minor unit."""
        return plain(round_units(units, minor_digits(self.currency), "half_up"))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text, estimates rounded to the minor unit."""
        return {
            "account": self.account,
            "month": self.month,
            "currency": self.currency,
            "budget": None if self.budget is None else plain(amount_of(self.budget)),
            "state": self.state,
            "spent": plain(amount_of(self.spent)),
            "projected": self.shown(self.end),
            "range_80": None
            if self.low is None or self.high is None
            else [self.shown(self.low), self.shown(self.high)],
            "caution": self.caution,
            "same_days_before": plain(amount_of(self.before)),
            "days_compared": self.days,
            "causes": {name: self.shown(units) for name, units in self.causes.items()},
        }


def budget_report(  # noqa: PLR0917 - one month
    account: str, currency: str, amount: str | None, spend: Spend, end: MonthEnd | None, burn: int
) -> BudgetReport:
    """Put the month that goes on against its budget and against the month before.

    Args:
        account: whose calls.
        currency: of their charges.
        amount: what a month may cost, decimal text; None: no budget is set.
        spend: their days, the last of which goes on.
        end: what the forecast says of the month; None: too little data.
        burn: what a day cost lately, in units.
    """
    today = spend.days[-1]
    now = [day for day in spend.days if (day.year, day.month) == (today.year, today.month)]
    then = same_days_before(now)
    cells_now, cells_then = spend.sum_of(now), spend.sum_of(then)
    spent, before = total(cells_now).units, total(cells_then).units
    minor = UNIT // 10 ** minor_digits(currency)
    left = (_last_of_month(today) - today).days
    return BudgetReport(
        account=account,
        month=f"{today:%Y-%m}",
        currency=currency,
        budget=None if amount is None else parse_nanos(amount) * SECONDS,
        spent=int(spent),
        end=end.middle if end else int(spent) + burn * left,
        low=end.ranges[80][0] if end else None,
        high=end.ranges[80][1] if end else None,
        before=int(before),
        days=len(then),
        causes=rounded(split(cells_then, cells_now), minor),
    )


def same_days_before(days: list[date]) -> list[date]:
    """Return the days of the month before with the same numbers, as far as it has them.

    >>> [str(day) for day in same_days_before([date(2026, 3, 28), date(2026, 3, 31)])]
    ['2026-02-28']
    """
    last = days[0].replace(day=1) - timedelta(days=1)
    return [last.replace(day=day.day) for day in days if day.day <= last.day]


def _last_of_month(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return following - timedelta(days=1)
