"""Why two sums of call charges differ: volume, duration, price, new destinations and mix, exactly.

With calls `n`, billed seconds and cost of each group (a direction and a country) before and now:

* volume: the change in the number of calls, at the cost of a mean call before;
* new: what calls of groups that were not there before cost more or less than a mean call;
* mix: the same for the other groups, at what each of them cost before;
* duration: the change in seconds a call, at what a second of the group cost before;
* price: the change in the cost of a second of the group.

The five are fractions and add up to the difference, to the last unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

PARTS: Final = ("volume", "duration", "price", "new", "mix")
NAMES: Final = {
    "volume": "more or fewer calls",
    "duration": "longer or shorter calls",
    "price": "price of a second",
    "new": "new destinations",
    "mix": "other mix of destinations",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Calls of one group: how many, billed seconds, cost in units; of a mean they are fractions."""

    calls: Fraction
    seconds: Fraction
    units: Fraction

    @classmethod
    def of(cls, calls: int, seconds: int, units: int, share: int = 1) -> Cell:
        """Make a cell of whole numbers, of which one part in `share` counts."""
        return cls(Fraction(calls, share), Fraction(seconds, share), Fraction(units, share))


Cells = Mapping[tuple[str, str], Cell]
"""(direction, country) -> what its calls were."""


def total(cells: Cells) -> Cell:
    """Add up all groups."""
    zero = Fraction(0)
    return Cell(
        sum((one.calls for one in cells.values()), zero),
        sum((one.seconds for one in cells.values()), zero),
        sum((one.units for one in cells.values()), zero),
    )


def split(before: Cells, now: Cells) -> dict[str, Fraction]:
    """Return by how many units each cause changed the cost; see the module.

    >>> one = {("outbound", "BR"): Cell.of(10, 600, 100)}
    >>> two = {("outbound", "BR"): Cell.of(20, 1200, 300)}
    >>> {name: int(units) for name, units in split(one, two).items()}
    {'volume': 100, 'duration': 0, 'price': 100, 'new': 0, 'mix': 0}
    """
    was, came = total(before), total(now)
    mean = was.units / was.calls if was.calls else None
    found = dict.fromkeys(PARTS, Fraction(0))
    if mean is None:
        found["new"] = came.units - was.units
        return found
    found["volume"] = (came.calls - was.calls) * mean
    for group, cell in now.items():
        old = before.get(group)
        if old is None or not old.calls:
            found["new"] += cell.units - cell.calls * mean
            continue
        usual = old.units / old.calls
        found["mix"] += cell.calls * (usual - mean)
        same_seconds = _at_old_price(old, cell, usual)
        found["duration"] += same_seconds - cell.calls * usual
        found["price"] += cell.units - same_seconds
    rest = came.units - was.units - sum(found.values())
    found["mix"] += rest  # nothing, but where a group has a cost and no calls
    return found


def _at_old_price(old: Cell, cell: Cell, usual: Fraction) -> Fraction:
    """Return what a group's calls would have cost at what a second of it cost before."""
    if not old.seconds or not cell.seconds:
        return cell.calls * usual
    return cell.seconds * old.units / old.seconds


def rounded(parts: Mapping[str, Fraction], step: int) -> dict[str, int]:
    """Round parts to whole steps so that they add up to their rounded sum: largest remainders.

    >>> rounded({"a": Fraction(4, 3), "b": Fraction(4, 3), "c": Fraction(1, 3)}, 1)
    {'a': 2, 'b': 1, 'c': 0}
    """
    whole = {name: value / step // 1 for name, value in parts.items()}
    goal = (sum(parts.values(), Fraction(0)) / step + Fraction(1, 2)) // 1
    lacking = int(goal - sum(whole.values()))
    order = sorted(parts, key=lambda name: (whole[name] - parts[name] / step, name))
    return {name: (int(whole[name]) + (order.index(name) < lacking)) * step for name in parts}
