"""What moves a portfolio through the tiers beside its calls, and which calls no rate is known for.

Only the order of calls decides whether one lies in a band whose rate is unknown, and only calls
with a rate accrue: the few groups of which that is true are walked here, call by call.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wacost.cards.model import RateCard

Group = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class External:
    """Seconds that a portfolio used through others, from the start of a month.

    Attributes:
        portfolio: whose.
        month: like "2026-10".
        seconds: how many.
        market, country: the accrual group, as the card's scope has it; both "": the whole card.
        direction: which calls it was; suppliers' tiers are for outbound calls.
    """

    portfolio: str
    month: str
    seconds: int
    market: str = ""
    country: str = ""
    direction: str = "outbound"

    @property
    def group(self) -> str:
        """The name of the accrual group that it counts to."""
        if self.market:
            return f"market {self.market}"
        return f"country {self.country}" if self.country else "card"


@dataclass(frozen=True, slots=True)
class Observed:
    """A tier that the supplier said was reached: the least that a group has from `at_s` on."""

    portfolio: str
    month: str
    floor_s: int
    at_s: int
    market: str = ""
    country: str = ""
    direction: str = "outbound"

    @property
    def group(self) -> str:
        """The name of the accrual group that it counts to."""
        return External(self.portfolio, self.month, 0, self.market, self.country).group


def no_group(market: str, country: str, card: RateCard) -> str:
    """Say why a market or country is no group in which a card adds minutes up; "" where it is."""
    scope = card.tiers.scope
    if scope == "card":
        return f"{card.name} adds all its minutes up" if market or country else ""
    if scope == "country":
        return "" if country and not market else f"{card.name} adds minutes up by country"
    markets = {row.member: row.market for row in card.markets}
    if market:
        return "" if market in markets.values() else f"{card.name} has no market {market!r}"
    if country in markets:
        return f"{card.name} counts {country} to the market {markets[country]!r}"
    return "" if country else f"{card.name} adds minutes up by market"


def unknown_calls(
    calls: Iterable[Sequence[Any]],
    external: Iterable[tuple[int, int, int, int]],
    floors: Iterable[tuple[int, int, int, int, int]],
) -> Iterator[str]:
    """Yield the ids of the calls that lie where no rate is known.

    Args:
        calls: (portfolio, group, month, tier model, end, call id, accrues, known from), those of
            a group together and in its order.
        external: (portfolio, group, month, seconds).
        floors: (portfolio, group, month, at, seconds).
    """
    before = {tuple(row[:3]): row[3] for row in external}
    lifts: dict[Group, list[tuple[int, int]]] = defaultdict(list)
    for portfolio, group, month, at_s, floor_s in floors:
        lifts[portfolio, group, month].append((at_s, floor_s))
    for key, members in groupby(calls, key=lambda row: (row[0], row[1], row[2])):
        rows = [tuple(row[3:]) for row in members]
        if rows[0][0] == "volume":
            yield from _of_volume(rows, before.get(key, 0), lifts[key])
        else:
            yield from _in_order(rows, before.get(key, 0), lifts[key])


def _in_order(
    rows: Iterable[tuple[Any, ...]], accrued: int, lifts: Sequence[tuple[int, int]]
) -> Iterator[str]:
    for model, end, call_id, accrues, known_from in rows:
        accrued = max([accrued, *(floor for at, floor in lifts if at <= end)])
        if _is_known(model, accrued, accrues, known_from):
            accrued += accrues
        else:
            yield call_id


def _is_known(model: str, accrued: int, accrues: int, known_from: int) -> bool:
    """Return whether the band is known that holds the last second, or the first if graduated."""
    if known_from <= 0:
        return True
    first_counts = model == "graduated" and accrues > 0
    return accrued + (1 if first_counts else accrues) > known_from


def _of_volume(
    rows: Sequence[tuple[Any, ...]], accrued: int, lifts: Sequence[tuple[int, int]]
) -> Iterator[str]:
    """Leave out calls until the rest reaches the bands in which all of them are known."""
    kept = list(rows)
    while True:
        total = accrued
        for _, end, _, accrues, _ in kept:
            total = max([total, *(floor for at, floor in lifts if at <= end)]) + accrues
        total = max([total, *(floor for _, floor in lifts)])
        out = [row for row in kept if row[4] > 0 and row[4] >= total]
        if not out:
            return
        yield from (row[2] for row in out)
        kept = [row for row in kept if row[4] <= 0 or total > row[4]]
