"""Calls of a month whose cost is in doubt: what each can have cost, and which tiers it can move.

Nobody knows whether a call without an end, or one that ended without a start, was talked on, for
how long, and so whether and with how many seconds it counts to its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.money import SECONDS
from wacost.rating.charge import DURATION_CONFLICT as _TWO_LENGTHS
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import External
from wacost.rating.envelope import cheapest, dearest
from wacost.rating.parts import at_one_band, cuts_of, due, is_priced, limited, parts_of
from wacost.zones import DAY_S

if TYPE_CHECKING:
    from wacost.cards.model import RateCard
    from wacost.rating.compiled import Compiled, RateSet

_MOST_PLACE_S: Final = 2**61
LONGEST_S: Final = DAY_S
"""How long a call of no known length is taken to last where it may move a tier."""


class InForce(NamedTuple):
    """A card that holds in the month, and those of its versions that do."""

    card: RateCard
    versions: Sequence[int]


@dataclass(frozen=True, slots=True)
class DoubtfulCall:
    """A call without an amount, as far as it is known. Lengths are in seconds.

    Attributes:
        account: whose.
        status: open, incomplete, held, no_rate or no_country.
        flag_bits: of its charge.
        told_s: its duration as told.
        span_s: from its start, or else from when it was accepted, to its end.
        conflict: its records contradict each other.
        failed: it failed after it was answered, so that a card may let it go free.
    """

    account: str
    status: str
    flag_bits: int
    direction: str | None
    country: str | None
    contact: str | None
    told_s: int | None
    span_s: int | None
    conflict: bool
    failed: bool

    @property
    def lengths(self) -> tuple[int, int | None]:
        """The least and the most seconds that it can have been talked on; None: no bound."""
        told = [one for one in (self.told_s, self.span_s) if one is not None and one >= 0]
        if self.status == "open" or not told or (self.status == "held" and not self.of_two):
            return 0, None
        return (min(told) if self.of_two and not self.failed else 0), max(told)

    @property
    def directions(self) -> tuple[str, ...]:
        """The direction, or both where it is not known."""
        return (self.direction,) if self.direction else ("inbound", "outbound")

    @property
    def of_two(self) -> bool:
        """Whether it was answered, and only which of two lengths it has is not known."""
        return self.status == "held" and not self.conflict and bool(self.flag_bits & _TWO_LENGTHS)


def cost_of(call: DoubtfulCall, cards: Iterable[InForce]) -> tuple[int, int | None]:
    """Return the least and the most that a call can cost, in units; None: no bound is known.

    Args:
        call: which.
        cards: what holds for its account in the month.
    """
    least, most = call.lengths
    lows: list[int] = []
    highs: list[int | None] = []
    for card, versions in cards:
        low_table, high_table = compiled(cheapest(card)), compiled(dearest(card))
        node = high_table.node(call.contact)
        for version, direction in product(versions, call.directions):
            where = (version, direction, node, call.country)
            lows.append(_least(low_table, low_table.route(*where).rates, least) or 0)
            highs.append(_most(high_table, high_table.route(*where).rates, most))
    low = min(lows, default=0) if least else 0
    return low, None if None in highs or not highs else max(one or 0 for one in highs)


def _least(table: Compiled, rates: RateSet | None, seconds: int) -> int | None:
    """Return what a call costs in the cheapest band there is."""
    return None if rates is None else _in_band(table, rates, seconds, _MOST_PLACE_S)


def _most(table: Compiled, rates: RateSet | None, seconds: int | None) -> int | None:
    """Return what a call costs in the dearest band; of any length: the card's limit."""
    if rates is None or not rates.slots:
        return None
    if rates.free:
        return 0
    if seconds is not None:
        return _in_band(table, rates, seconds, 0)
    if any(slot.bands[0].rate_nanos is None for slot in rates.slots):
        return None
    most = table.card.limits.max_nanos
    return None if most is None else due(most * SECONDS, table.card.rounding)


def _in_band(table: Compiled, rates: RateSet, seconds: int, place_s: int) -> int | None:
    """Return what a call costs where one second of the month decides every band; None: unknown."""
    if not rates.slots:
        return None
    if rates.free:
        return 0
    slices = at_one_band(cuts_of(rates, seconds, free=False), place_s, free=False)
    if not is_priced(slices):
        return None
    units = sum(part.units for part in parts_of(slices))
    return due(limited(units, table.card.limits), table.card.rounding)


@dataclass(frozen=True, slots=True)
class Moved(External):
    """Seconds that may count to a group of any name."""

    name: str = ""

    @property
    def group(self) -> str:
        """The name of the accrual group."""
        return self.name


def seconds_moved(
    call: DoubtfulCall, cards: Iterable[InForce], countries: Iterable[str]
) -> dict[tuple[str, str], int]:
    """Return by how many seconds a call can move each group that it may belong to.

    Args:
        call: which.
        cards: what holds for its account in the month.
        countries: all that the month's calls are to: a call to nobody knows where may be to each.

    Returns:
        (direction, group) -> seconds, in whole increments.
    """
    _, most = call.lengths
    most = LONGEST_S if most is None else most
    found: dict[tuple[str, str], int] = {}
    for card, versions in cards:
        table = compiled(card)
        node = table.node(call.contact)
        for version, direction in product(versions, call.directions):
            route = table.route(version, direction, node, call.country)
            billed = _billed(card, route.rates, most)
            for group in _groups(card, route.group, route.market, call.country, countries):
                key = (direction, group)
                found[key] = max(found.get(key, 0), billed)
    return found


def _billed(card: RateCard, rates: RateSet | None, seconds: int) -> int:
    """Return how many seconds a call counts for at most."""
    if rates is None or not rates.slots:
        return seconds + sum(card.increments)
    return sum(cut.billed for cut in cuts_of(rates, seconds, free=False))


def _groups(
    card: RateCard,
    group: str | None,
    market: str | None,
    country: str | None,
    countries: Iterable[str],
) -> list[str]:
    """Return the groups that a call can count to: as its card has it, else as the supplier may."""
    scope = card.tiers.scope
    if scope == "card":
        return ["card"]
    if group and country:
        return [group]
    if country:
        return [f"market {market}"] if market and scope == "market" else [f"country {country}"]
    names = [f"country {one}" for one in countries]
    if scope == "market":
        names += sorted({f"market {row.market}" for row in card.markets})
    return names
