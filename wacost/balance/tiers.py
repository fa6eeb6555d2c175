"""Tier effects of a forecast: the more minutes a month has, the less the next one costs.

A series of spend hides them: the rate falls within the month and jumps back on its first day. So
what is forecast is spend at the rate of the first band, which follows the minutes alone; it is
split into groups as in the last four weeks, and each is priced along its ladder, which `rating`
tells, from the minutes that its month already has. Where no group comes near a second band, all of
this changes nothing and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.models import numbers
from wacost.money import UNIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.balance.models import Floats
    from wacost.balance.series import Group
    from wacost.rating.ladder import Ladder

_RECENT: Final = 28
_NEAR: Final = 3  # times the minutes of the busiest month so far


@dataclass(frozen=True, slots=True)
class Tiered:
    """Groups of calls whose rate falls as minutes accrue.

    Attributes:
        groups: with their ladders, and the seconds that each has accrued this month.
        listed: the spend of every day if all minutes cost what the first band does, in currency.
    """

    groups: tuple[tuple[Group, Ladder, int], ...]
    listed: Floats

    def priced(self, futures: Floats, days: Sequence[date]) -> Floats:
        """Turn futures of spend at the first band's rate into what is really taken off.

        Args:
            futures: one row for each, one column for each day.
            days: their local dates.
        """
        shares = [self._recent(group, ladder) for group, ladder, _ in self.groups]
        total = self.listed[-_RECENT:].sum() or 1
        left = max(0, 1 - sum(shares) / total)
        cost: Floats = futures * left
        for share, (group, ladder, before) in zip(shares, self.groups, strict=True):
            cost = cost + _along(futures * (share / total), days, group, ladder, before)
        return cost

    def _recent(self, group: Group, ladder: Ladder) -> Any:
        return listed(group, ladder)[-_RECENT:].sum()


def tiered(
    spend: Floats, groups: Sequence[tuple[Group, Ladder | None, int]], days: Sequence[date]
) -> Tiered | None:
    """Return the groups that tiers matter to; None where they change nothing.

    Args:
        spend: what was taken off each day, in currency.
        groups: each with its ladder and the seconds that it has accrued this month.
        days: the local dates of `spend`.
    """
    found = [
        (group, ladder, before)
        for group, ladder, before in groups
        if ladder is not None
        and len(ladder.steps) > 1
        and ladder.steps[0].rate_nanos
        and _busiest(group, days, before) * _NEAR > ladder.steps[1].from_s
    ]
    if not found:
        return None
    np = numbers()
    base = spend.copy()
    for group, ladder, _ in found:
        base += listed(group, ladder) - np.array([units / UNIT for units in group.units])
    return Tiered(tuple(found), np.maximum(base, 0))


def listed(group: Group, ladder: Ladder) -> Floats:
    """Return what the group's days would have cost at the rate of the first band, in currency."""
    rate = ladder.steps[0].rate_nanos
    found: Floats = numbers().array([seconds * rate / UNIT for seconds in group.seconds])
    return found


def _busiest(group: Group, days: Sequence[date], before: int) -> int:
    months: dict[tuple[int, int], int] = {}
    for day, seconds in zip(days, group.seconds, strict=True):
        key = (day.year, day.month)
        months[key] = months.get(key, 0) + seconds
    return max([before, *months.values()])


def _along(
    futures: Floats, days: Sequence[date], group: Group, ladder: Ladder, before: int
) -> Floats:
    """Price one group's futures along its ladder, month by month."""
    np = numbers()
    per_second = ladder.steps[0].rate_nanos / UNIT
    cost = np.zeros_like(futures)
    begin = 0
    for end in _month_ends(days):
        start = before * per_second if begin == 0 else 0
        reached = start + futures[:, begin:end].cumsum(axis=1)
        due = _price(np.concatenate([np.full((len(futures), 1), start), reached], axis=1), ladder)
        cost[:, begin:end] = np.diff(due, axis=1)
        begin = end
    found: Floats = cost * _calibration(group, ladder)
    return found


def _month_ends(days: Sequence[date]) -> list[int]:
    """Return the places at which another month begins, and the end.

    >>> _month_ends([date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)])
    [1, 3]
    """
    changes = [n for n in range(1, len(days)) if days[n].month != days[n - 1].month]
    return [*changes, len(days)]


def _price(reached: Floats, ladder: Ladder) -> Floats:
    """Return what a month costs in which so much was reached at the first band's rate."""
    np = numbers()
    base = ladder.steps[0].rate_nanos
    knots = np.array([step.from_s * base / UNIT for step in ladder.steps])
    ratios = np.array([step.rate_nanos / base for step in ladder.steps])
    if ladder.model == "volume":
        whole: Floats = reached * ratios[np.searchsorted(knots, reached, side="right") - 1]
        return whole
    due: Floats = np.zeros_like(reached)
    for low, high, ratio in zip(knots, [*knots[1:], np.inf], ratios, strict=True):
        due += ratio * np.clip(reached - low, 0, high - low)
    return due


def _calibration(group: Group, ladder: Ladder) -> Any:
    """Return by how much calls cost more than their minutes alone: fees, slots, rounding.

    Only months without a second band tell; a group that has none is taken as it is.
    """
    bound = ladder.steps[1].from_s
    seconds = sum(group.seconds[-_RECENT:])
    if not seconds or seconds > bound:
        return 1
    return sum(group.units[-_RECENT:]) / (seconds * ladder.steps[0].rate_nanos)
