"""A rate card → integer tables. A card is compiled once; both kernels price from what stands here.

`Compiled.route` answers the one question that needs more than arithmetic: which rates are in
force for this direction, number, country and day. The scalar kernel asks it call by call, the
set kernel once for each combination that occurs in a month.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wacost.cards.bulk import uncollected
from wacost.cards.check import PREFIX, ladders_of, row_sets
from wacost.cards.model import NOT_OFFERED, UNKNOWN, Limits
from wacost.dialplan import COUNTRIES, country_of, prefixes_by_country

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from wacost.cards.model import MarketRow, RateCard, RateRow

NEVER_S: Final = 2**62
"""A second that no call and no month reaches."""


@dataclass(frozen=True, slots=True)
class Band:
    """One volume band of a slot.

    Attributes:
        from_minutes: where the band begins, as the card prints it (exclusive).
        from_s: the same in seconds.
        rate_nanos: what a minute costs; where the card says unknown, at the next lower known
            rate; None where there is none.
        fee_nanos: charged once when a call reaches the slot in this band.
        unknown: the card says unknown.
        row: the row of the card whose rate applies.
    """

    from_minutes: int
    from_s: int
    rate_nanos: int | None
    fee_nanos: int
    unknown: bool
    row: RateRow


@dataclass(frozen=True, slots=True)
class Slot:
    """The part of a call from one second to the next slot's, with its increments and bands.

    Attributes:
        from_second: where it begins.
        to_second: where the next begins, or never.
        first_s: its first increment; in a later slot the same as `next_s`.
        next_s: its further increments.
        bands: in order of volume, the first from 0 minutes.
        bounds: the seconds above which each band after the first begins.
        known_from_s: above how many seconds of the month a rate is known; None: nowhere.
    """

    from_second: int
    to_second: int
    first_s: int
    next_s: int
    bands: tuple[Band, ...]
    bounds: tuple[int, ...]
    known_from_s: int | None

    def band_at(self, last_second: int) -> Band:
        """Return the band that holds the month's `last_second`-th second.

        A band begins above its bound: the 3,000,000th second (50,000 minutes) is the last of the
        first band of Meta's ladder.
        """
        return self.bands[bisect_right(self.bounds, last_second - 1)]


@dataclass(frozen=True, slots=True)
class RateSet:
    """The rates of one direction and destination from one day on.

    Attributes:
        number: its place among the card's sets.
        effective_from: since when just these rows are in force: the latest of their dates.
        offered: False for n/a.
        slots: in order; empty where nothing can be priced (n/a, or no rate known from second 0).
        free: every rate and fee is known and 0.
        plain: one slot with the card's increments, no fee, a known rate in every band.
        row: the card's row of the lowest band.
    """

    number: int
    direction: str
    destination: str
    effective_from: date
    offered: bool
    slots: tuple[Slot, ...]
    free: bool
    plain: bool
    row: RateRow

    @property
    def unknown(self) -> bool:
        """The supplier has a rate and we know none of it that could be used."""
        return self.offered and not self.slots


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call goes under one card version: its rates, its market, its accrual group."""

    rates: RateSet | None
    market: str | None
    group: str | None


class _Version:
    """What is in force between two dates of a card: the numbers of its sets, by their keys."""

    __slots__ = ("members", "rates")

    def __init__(self) -> None:
        self.rates: dict[tuple[str, str], int] = {}
        self.members: dict[str, str] = {}


class Compiled:
    """A rate card as integer tables; any thread may use it.

    A set of rates is compiled when the first call asks for it: of a card of 200,000 prefixes few
    are ever called.
    """

    def __init__(self, card: RateCard) -> None:
        """Compile a card."""
        self.card = card
        self.first_s, self.next_s = card.increments
        self._rows: list[list[RateRow]] = []
        self._sets: dict[int, RateSet] = {}
        self._routes: dict[tuple[int, str | None, str, str | None], Route] = {}
        self.starts, self._versions = self._versions_of(card)
        self.plain: Final = (
            card.tiers.model == "whole_call"
            and card.limits == Limits()
            and all(
                (len(rows) == 1 and _is_plain(rows[0], card)) or self._set(number).plain
                for number, rows in enumerate(self._rows)
            )
        )
        members = [row.member for row in card.markets]
        destinations = [row.destination for row in card.rows]
        prefixes = {text for text in (*members, *destinations) if PREFIX.fullmatch(text)}
        self.prefixes: Final = frozenset(prefixes)
        self.prefix_lengths: Final = tuple(sorted({len(text) for text in prefixes}, reverse=True))

    def version_on(self, ordinal: int) -> int:
        """Return the number of the version in force on a local date (its ordinal)."""
        return bisect_right(self.starts, ordinal)

    def node(self, digits: str | None) -> str:
        """Return the longest prefix of the card that a number begins with, or ""."""
        if digits:
            for length in self.prefix_lengths:
                if digits[:length] in self.prefixes:
                    return digits[:length]
        return ""

    def route(self, version: int, direction: str | None, node: str, country: str | None) -> Route:
        """Find the rates in force: longest prefix, country, market, then `*`.

        Args:
            version: from `version_on`.
            direction: "inbound", "outbound" or None.
            node: from `node`; "" for a call without a number.
            country: ISO country or None.
        """
        key = (version, direction, node, country)
        found = self._routes.get(key)
        if found is None:
            found = self._routes[key] = self._find(version, direction, node, country)
        return found

    def rates_of(self, version: int) -> Collection[tuple[str, str]]:
        """Return the (direction, destination) pairs that have rates in a version."""
        return self._versions[version].rates.keys()

    def members_of(self, version: int, market: str) -> list[str]:
        """Return the countries and prefixes that are in a market in a version."""
        members = self._versions[version].members
        return [member for member, holder in members.items() if holder == market]

    def rows_to(self, version: int, direction: str, place: str) -> list[RateRow]:
        """Return the rows that price calls to a place in a version; [] where none does.

        Args:
            version: from `version_on`.
            direction: "inbound" or "outbound".
            place: a prefix; or an ISO country: then the rows of all its numbers, or, where those
                are not the same for all, of calls without a number.
        """
        if place not in COUNTRIES:
            rates = self.route(version, direction, self.node(place), country_of(place)).rates
            return [] if rates is None else self._rows[rates.number]
        nodes = {self.node(dial) for dial in prefixes_by_country().get(place, ())}
        found = [self.route(version, direction, node, place).rates for node in sorted(nodes)]
        numbers = {rates and rates.number for rates in found}
        if len(numbers) != 1 or None in numbers:
            found = [self.route(version, direction, "", place).rates]
        return [] if found[0] is None else self._rows[found[0].number]

    def _find(self, version: int, direction: str | None, node: str, country: str | None) -> Route:
        there = self._versions[version]
        prefixes = [node[:length] for length in self.prefix_lengths if length <= len(node)]
        wider = [country] if country else []
        market = next((there.members[m] for m in (*prefixes, *wider) if m in there.members), None)
        tries = (*prefixes, *wider, *([market] if market else []), "*")
        keys = ((direction or "", destination) for destination in tries)
        number = next((there.rates[key] for key in keys if key in there.rates), None)
        rates = None if number is None else self._set(number)
        return Route(rates, market, self._group(rates, market, country))

    def _group(self, rates: RateSet | None, market: str | None, country: str | None) -> str | None:
        """Name the group whose minutes accrue together with this call's."""
        if rates is None:
            return None
        scope = self.card.tiers.scope
        if scope == "card":
            return "card"
        if scope == "market" and market:
            return f"market {market}"
        return f"country {country}" if country else f"destination {rates.destination}"

    def _versions_of(self, card: RateCard) -> tuple[list[int], list[_Version]]:
        dated = []
        for key, ladder in ladders_of(card.rows).items():
            for start, end, rows in row_sets(ladder):
                dated.append((start, end, key, len(self._rows)))
                self._rows.append(rows)
        memberships = list(_memberships(card.markets))
        days = {day for start, end, *_ in dated for day in (start, end) if day}
        days |= {day for start, end, *_ in memberships for day in (start, end) if day}
        starts = [day.toordinal() for day in sorted(days)]
        versions = [_Version() for _ in range(len(starts) + 1)]
        for start, end, key, number in dated:
            for version in _between(starts, start, end):
                versions[version].rates[key] = number
        for start, end, member, market in memberships:
            for version in _between(starts, start, end):
                versions[version].members[member] = market
        return starts, versions

    def _set(self, number: int) -> RateSet:
        found = self._sets.get(number)
        if found is None:
            found = self._sets[number] = self._compile_set(number, self._rows[number])
        return found

    def _compile_set(self, number: int, rows: list[RateRow]) -> RateSet:
        offered = rows[0].kind != NOT_OFFERED
        slots = self._slots(rows) if offered else ()
        if slots and slots[0].known_from_s is None:
            slots = ()
        bands = [band for slot in slots for band in slot.bands]
        only = slots[0] if len(slots) == 1 else None
        return RateSet(
            number=number,
            direction=rows[0].direction,
            destination=rows[0].destination,
            effective_from=max(row.effective_from for row in rows),
            offered=offered,
            slots=slots,
            free=bool(bands)
            and all(b.rate_nanos == 0 and b.fee_nanos == 0 and not b.unknown for b in bands),
            plain=not slots
            or (
                only is not None
                and (only.first_s, only.next_s) == self.card.increments
                and only.known_from_s == 0
                and not any(band.fee_nanos for band in bands)
            ),
            row=rows[0],
        )

    def _slots(self, rows: list[RateRow]) -> tuple[Slot, ...]:
        starts = sorted({row.from_second for row in rows})
        return tuple(
            self._slot(start, end, [row for row in rows if row.from_second == start])
            for start, end in zip(starts, [*starts[1:], NEVER_S], strict=True)
        )

    def _slot(self, start: int, end: int, rows: list[RateRow]) -> Slot:
        first, following = rows[0].increments or self.card.increments
        bands = _bands(rows)
        return Slot(
            from_second=start,
            to_second=end,
            first_s=following if start else first,
            next_s=following,
            bands=bands,
            bounds=tuple(band.from_s for band in bands[1:]),
            known_from_s=next((b.from_s for b in bands if b.rate_nanos is not None), None),
        )


def compiled(card: RateCard) -> Compiled:
    """Return the compiled form of a card, made once."""
    found: Compiled | None = card.__dict__.get("_compiled")
    if found is None:
        with uncollected():
            found = card.__dict__["_compiled"] = Compiled(card)
    return found


def _is_plain(row: RateRow, card: RateCard) -> bool:
    """Tell whether a row that stands alone makes a plain set, whatever its rate is."""
    return not row.fee_nanos and row.increments in (None, card.increments)


def _bands(rows: list[RateRow]) -> tuple[Band, ...]:
    bands: list[Band] = []
    known: RateRow | None = None
    for row in rows:
        known = row if row.kind == "known" else known
        bands.append(
            Band(
                from_minutes=row.tier_from_minutes,
                from_s=row.tier_from_minutes * 60,
                rate_nanos=known.rate_nanos if known else None,
                fee_nanos=known.fee_nanos if known else 0,
                unknown=row.kind == UNKNOWN,
                row=known or row,
            )
        )
    return tuple(bands)


def _memberships(
    rows: Iterable[MarketRow],
) -> Iterable[tuple[date, date | None, str, str]]:
    """Yield (first day, first day after or None, member, market); a later row ends an earlier."""
    histories: dict[str, list[MarketRow]] = defaultdict(list)
    for row in rows:
        histories[row.member].append(row)
    for member, history in histories.items():
        history.sort(key=lambda row: row.effective_from)
        ends = [*(row.effective_from for row in history[1:]), None]
        for row, end in zip(history, ends, strict=True):
            yield row.effective_from, row.effective_to or end, member, row.market


def _between(starts: list[int], start: date, end: date | None) -> range:
    first = bisect_right(starts, start.toordinal())
    return range(first, bisect_right(starts, end.toordinal()) if end else len(starts) + 1)
