"""Rows that no call reaches, and calls that no row reaches, told country by country."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wacost.cards.check import PREFIX
from wacost.cards.finding import Finding, few
from wacost.cards.model import DIRECTIONS, NOT_OFFERED, UNKNOWN
from wacost.dialplan import COUNTRIES, country_of, prefixes_by_country

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wacost.cards.model import RateCard, RateRow
    from wacost.rating.compiled import Compiled, RateSet

_DIGITS: Final = "0123456789"


def reach_doubts(card: RateCard, file: str) -> Iterator[Finding]:
    """Yield what no call reaches, and where no rate reaches a call. Asks what rating would find."""
    from wacost.rating.compiled import compiled  # noqa: PLC0415 - only a check asks for it

    made = compiled(card)
    yield from _unreached(made, card, file)
    yield from _ended(made, card, file)
    yield from _foreign_prefixes(card, file)
    yield from _missing_directions(card, file)
    for direction in sorted({row.direction for row in card.rows}):
        yield from _gaps(made, direction, file)
        yield from _unknown_bands(card, direction, file)
        yield from _unknown_lowest(card, direction, file)


# -- rows that no call reaches ------------------------------------------------------------------


@dataclass(frozen=True)
class _Prefixes:
    """The prefixes that have rates in one direction and version."""

    ordered: tuple[str, ...]
    known: frozenset[str]

    def covers(self, prefix: str) -> bool:
        """Tell whether longer ones take every number that begins with a prefix.

        >>> _prefixes([f"55{n}" for n in range(10)]).covers("55")
        True
        """
        for digit in _DIGITS:
            longer = prefix + digit
            if longer not in self.known and not (self.within(longer) and self.covers(longer)):
                return False
        return True

    def within(self, prefix: str) -> bool:
        """Tell whether one of them begins with a prefix."""
        at = bisect_left(self.ordered, prefix)
        return at < len(self.ordered) and self.ordered[at].startswith(prefix)

    def takes(self, dial: str) -> bool:
        """Tell whether every number that begins with a dial prefix has one of them."""
        shorter = any(dial[:length] in self.known for length in range(1, len(dial) + 1))
        return shorter or self.covers(dial)


def _prefixes(destinations: Iterable[str]) -> _Prefixes:
    found = sorted(text for text in destinations if PREFIX.fullmatch(text))
    return _Prefixes(tuple(found), frozenset(found))


def _unreached(made: Compiled, card: RateCard, file: str) -> Iterator[Finding]:
    """Yield the rows that other rows hide in every version of the card."""
    reached: set[tuple[str, str]] = set()
    hidden: dict[tuple[str, str], str] = {}
    for version in range(len(made.starts) + 1):
        present = made.rates_of(version)
        prefixes = {way: _prefixes(to for d, to in present if d == way) for way in DIRECTIONS}
        for key in present:
            why = _hides(made, version, key, prefixes[key[0]])
            if why:
                hidden[key] = why
            else:
                reached.add(key)
    lines: dict[tuple[str, str], int] = {}
    for row in card.rows:
        if row.line:
            lines.setdefault((row.direction, row.destination), row.line)
    for key, why in hidden.items():
        if key not in reached and key in lines:
            yield _row_doubt("unreachable", lines[key], file, f"{key[1]}: {why}")


def _hides(made: Compiled, version: int, key: tuple[str, str], prefixes: _Prefixes) -> str:
    """Say why no call reaches a destination; "" where one does."""
    direction, destination = key
    if destination == "*":
        return ""
    if PREFIX.fullmatch(destination):
        whole = prefixes.covers(destination)
        return "longer prefixes take every number that begins so" if whole else ""
    if destination in COUNTRIES:
        known = prefixes_by_country().get(destination, ())
        taken = known and all(prefixes.takes(one) for one in known)
        return "prefixes take all its numbers: only calls without one come here" if taken else ""
    return _hides_market(made, version, direction, destination)


def _hides_market(made: Compiled, version: int, direction: str, market: str) -> str:
    members = made.members_of(version, market)
    reached = (_rates_to(made, version, direction, member) for member in members)
    if any(found is not None and found.destination == market for found in reached):
        return ""
    if members:
        return "each of its countries has a rate of its own"
    return "no country or prefix of markets.csv is in this market then"


def _rates_to(made: Compiled, version: int, direction: str, where: str) -> RateSet | None:
    """Return the rates for a country or for numbers with a prefix."""
    is_prefix = PREFIX.fullmatch(where) is not None
    country = country_of(where) if is_prefix else where
    return made.route(version, direction, where if is_prefix else "", country).rates


def _ended(made: Compiled, card: RateCard, file: str) -> Iterator[Finding]:
    """Yield the destinations whose rates end, and nothing takes their place."""
    version = len(made.starts)
    ends: dict[tuple[str, str], RateRow] = {}
    for row in card.rows:
        if row.line and (row.direction, row.destination) not in made.rates_of(version):
            last = ends.setdefault((row.direction, row.destination), row)
            if (row.effective_to or row.effective_from) > (last.effective_to or row.effective_from):
                ends[row.direction, row.destination] = row
    for (direction, destination), row in ends.items():
        is_market = destination != "*" and destination not in COUNTRIES
        is_market = is_market and not PREFIX.fullmatch(destination)
        places = made.members_of(version, destination) if is_market else [destination]
        if any(_rates_to(made, version, direction, place) is None for place in places):
            told = f"{destination} has no {direction} rate from {row.effective_to} on"
            hint = "leave effective_to of its last row empty, or add the row that follows"
            yield _row_doubt("rates_end", row.line, file, told, hint)


def _foreign_prefixes(card: RateCard, file: str) -> Iterator[Finding]:
    """Yield prefixes with which no country's numbers begin."""
    known = sorted(prefix for found in prefixes_by_country().values() for prefix in found)
    told = set()
    for row in card.rows:
        text = row.destination
        if not row.line or text in told or not PREFIX.fullmatch(text):
            continue
        at = bisect_left(known, text)
        begins = at < len(known) and known[at].startswith(text)
        if not begins and country_of(text) is None:
            told.add(text)
            told_of = f"{text}: no country's numbers begin so"
            yield _row_doubt("no_such_numbers", row.line, file, told_of, "is a digit missing?")


# -- calls that no row reaches ------------------------------------------------------------------


def _missing_directions(card: RateCard, file: str) -> Iterator[Finding]:
    for direction in DIRECTIONS:
        if card.rows and not any(row.direction == direction for row in card.rows):
            yield Finding(
                "warning",
                "no_direction",
                file,
                None,
                "direction",
                f"there is no {direction} row: such calls have no price",
                f"where they are free, add {direction},*,0 and the date",
            )


def _gaps(made: Compiled, direction: str, file: str) -> Iterator[Finding]:
    """Yield, grouped, the countries without a rate in the last version of the card."""
    version = len(made.starts)
    if not any(key[0] == direction for key in made.rates_of(version)):
        return
    states: dict[str, list[str]] = defaultdict(list)
    longer = tuple(sorted(made.prefixes))
    for country, dials in prefixes_by_country().items():
        nodes = [made.node(dial) for dial in dials]
        nodes += [one for dial in dials for one in _beginning(longer, dial)]
        found = [made.route(version, direction, node, country).rates for node in nodes]
        states[_state(found)].append(country)
    if whole := states["none"]:
        told = f"no {direction} rate for {_countries(whole)}"
        hint = "calls of theirs have no price; a row for * would take them"
        yield _gap("info", "no_rate", told, file, hint)
    if part := states["part"]:
        told = f"only some {direction} numbers have a rate in {_countries(part)}"
        hint = "add a row for the country, or for its calling code"
        yield _gap("warning", "part_of_country", told, file, hint)
    if states[NOT_OFFERED]:
        told = f"{direction} calls are not offered (n/a) for {_countries(states[NOT_OFFERED])}"
        yield _gap("info", "not_offered", told, file)
    if states[UNKNOWN]:
        told = f"the {direction} rate is unknown for {_countries(states[UNKNOWN])}"
        yield _gap("info", "unknown_rate", told, file, "calls of theirs have no price")


def _beginning(ordered: Sequence[str], prefix: str) -> Sequence[str]:
    """Return those of some ordered prefixes that begin with one.

    >>> _beginning(["1", "55", "5511", "56"], "55")
    ['55', '5511']
    """
    return ordered[bisect_left(ordered, prefix) : bisect_left(ordered, f"{prefix}:")]


def _state(found: Sequence[RateSet | None]) -> str:
    """Tell whether a country's calls have a rate: "all", "part", "none", n/a or unknown."""
    rates = [one for one in found if one is not None]
    if not rates:
        return "none"
    if len(rates) < len(found):
        return "part"
    if not any(one.offered for one in rates):
        return NOT_OFFERED
    return UNKNOWN if all(one.unknown or not one.offered for one in rates) else "all"


def _unknown_bands(card: RateCard, direction: str, file: str) -> Iterator[Finding]:
    rows = [row for row in card.rows if row.direction == direction and row.kind == UNKNOWN]
    bands = [row for row in rows if row.tier_from_minutes]
    if bands:
        places = {row.destination for row in bands}
        higher = f"{len(bands)} higher {direction} {'band' if len(bands) == 1 else 'bands'}"
        of = f"{len(places)} {'destination' if len(places) == 1 else 'destinations'}"
        told = f"{higher} of {of} {'is' if len(bands) == 1 else 'are'} unknown"
        hint = "calls in them are priced at the next lower band that is known, and flagged"
        yield _gap("info", "unknown_bands", told, file, hint)


def _unknown_lowest(card: RateCard, direction: str, file: str) -> Iterator[Finding]:
    """Tell of ladders whose first rate is a higher one: what lies below it has no price."""
    rows = (row for row in card.rows if row.direction == direction and row.effective_to is None)
    last = {  # a later row ends an earlier one of the same place, band and slot
        (row.destination, row.tier_from_minutes, row.from_second): row
        for row in sorted(rows, key=lambda row: row.effective_from)
    }.values()
    known = {row.destination for row in last if row.rate_nanos is not None}
    first = {row.destination for row in last if row.kind == UNKNOWN and not row.tier_from_minutes}
    if number := len(first & known):
        of = "band of 1 destination is" if number == 1 else f"bands of {number} destinations are"
        told = f"the lowest {direction} {of} unknown"
        hint = "calls in it have no price: no rate of a lower band is known either"
        yield _gap("info", "unknown_lowest_band", told, file, hint)


def _countries(codes: Sequence[str]) -> str:
    number = len(codes)
    return f"{number} {'country' if number == 1 else 'countries'}: {few(codes)}"


def _gap(severity: str, kind: str, message: str, file: str, hint: str = "") -> Finding:
    return Finding(severity, kind, file, None, "destination", message, hint)


def _row_doubt(kind: str, line: int, file: str, message: str, hint: str = "") -> Finding:
    return Finding("warning", kind, file, line, "destination", message, hint)
