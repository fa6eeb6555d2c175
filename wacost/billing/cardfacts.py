"""What an invoice has to know of a rate card: where it rounds, and where its bands end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.dialplan import country_of
from wacost.money import decimal_of, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

_BY_DOUBT: Final = ("published", "contract", "derived", "reported", "illustrative")


_RULES: Final = ("tiers", "rounding", "policies")


class Key(NamedTuple):
    """What a line of an invoice tells of the rows that priced it."""

    direction: str
    country: str | None
    market: str | None
    since: date | None
    tier: int | None
    nanos: int | None
    from_second: int = 0


@dataclass(frozen=True)
class CardFacts:
    """Facts of a card as the store keeps it; the defaults are those of a card that says nothing.

    Attributes:
        at: "line" or "call": what is rounded.
        places: decimals of a rounded amount; None: the currency's minor unit.
        mode: how it is rounded.
        rates: the card's rows.
        markets: its groups of countries: rows with market and member.
        status: how its figures are known, unless a row says otherwise.
        rules: how it counts, tiers, rounds and decides, by dotted name.
    """

    at: str = "line"
    places: int | None = None
    mode: str = "half_up"
    rates: tuple[Mapping[str, Any], ...] = ()
    markets: tuple[Mapping[str, Any], ...] = ()
    status: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, content: str) -> CardFacts:
        """Read the canonical JSON that the store keeps of a card.

        >>> CardFacts.read('{"rounding": {"at": "call", "places": 4, "mode": "up"}}').places
        4
        """
        card = json.loads(content)
        rounding = card.get("rounding") or {}
        return cls(
            at=rounding.get("at", "line"),
            places=rounding.get("places"),
            mode=rounding.get("mode", "half_up"),
            rates=tuple(card.get("rates") or ()),
            markets=tuple(card.get("markets") or ()),
            status=card.get("status") or "",
            rules=_rules(card),
        )

    def bands(self, line: Key) -> list[int]:
        """Return the lower bounds of the bands that a line's band is one of, or nothing.

        Where the calls of a line may come from several destinations (two prefixes of a country,
        say) whose bands begin at other minutes, what the line's band is one of is not known.
        """
        found = {
            tuple(sorted(ladder))
            for destination, ladder in self._ladders(line).items()
            if _may_price(destination, line) and _rate_at(ladder, line.tier) in {None, line.nanos}
        }
        return list(found.pop()) if len(found) == 1 else []

    def rows(self, line: Key, *, fee: bool = False) -> list[Mapping[str, Any]]:
        """Return the rows that may have priced a line: those of its place, day, band and price.

        Two rows where, say, two prefixes of a country have one price. A band whose rate is not
        known is priced by the row of the next lower band that is.

        Args:
            line: where the line's price is looked up; `nanos` is the price.
            fee: the price is a fee, not a rate.
        """
        found, price = [], "fee_nanos" if fee else "rate_nanos"
        for destination, ladder in self._ladders(line).items():
            row = _row_at(ladder, line.tier)
            if row and row.get(price) == line.nanos and _may_price(destination, line):
                found.append(row)
        return found

    def how_known(self, rows: Iterable[Mapping[str, Any]]) -> str:
        """Return how the figures of rows are known: the most doubtful word of any."""
        told = {str(row.get("status") or self.status) for row in rows}
        return next((word for word in reversed(_BY_DOUBT) if word in told), "")

    def _ladders(self, line: Key) -> dict[str, dict[int, Mapping[str, Any]]]:
        """Return the destinations of a direction, slot and day: lower bound -> row."""
        key = (*line[:4], line.from_second)
        if key not in self._found:
            self._found[key] = self._find_ladders(line)
        return self._found[key]

    def _find_ladders(self, line: Key) -> dict[str, dict[int, Mapping[str, Any]]]:
        rows = [
            row
            for row in self._by_slot.get((line.direction, line.from_second), ())
            if str(row["effective_from"]) <= str(line.since)
        ]
        held: dict[tuple[str, int], Mapping[str, Any]] = {}
        for row in sorted(rows, key=lambda row: str(row["effective_from"])):
            held[row["destination"], int(row["tier_from_minutes"])] = row
        ladders: dict[str, dict[int, Mapping[str, Any]]] = {}
        for (destination, begin), row in held.items():
            if not row.get("effective_to") or str(row["effective_to"]) > str(line.since):
                ladders.setdefault(destination, {})[begin] = row
        wide = [one for one in (line.country, line.market, "*") if one in ladders]
        return {
            destination: ladder
            for destination, ladder in ladders.items()
            if destination.isdigit() or destination in wide[:1]
        }

    def is_shared(self, market: str | None) -> bool:
        """Return whether a market has more than one country or prefix."""
        return self._members.get(market or "", 0) > 1

    @cached_property
    def _found(self) -> dict[tuple[Any, ...], dict[str, dict[int, Mapping[str, Any]]]]:
        return {}

    @cached_property
    def _members(self) -> dict[str, int]:
        pairs = {(row["market"], row["member"]) for row in self.markets}
        return Counter(market for market, _ in pairs)

    @cached_property
    def _by_slot(self) -> dict[tuple[str, int], list[Mapping[str, Any]]]:
        found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        for rate in self.rates:
            key = (rate["direction"], int(rate.get("from_second") or 0))
            found.setdefault(key, []).append(rate)
        return found


def _rules(card: Mapping[str, Any]) -> dict[str, str]:
    """Write the rules of a card as text, those that it does not set left out.

    >>> _rules({"increments": [6, 6], "rounding": {"at": "line", "places": None}})
    {'increments.first': '6', 'increments.next': '6', 'rounding.at': 'line'}
    """
    told = dict(zip(("first", "next"), card.get("increments") or (), strict=False))
    limits = {
        name.replace("_nanos", "_charge"): plain(trimmed(decimal_of(nanos)))
        for name, nanos in (card.get("limits") or {}).items()
        if nanos is not None
    }
    parts = {
        **{name: card.get(name) or {} for name in _RULES},
        "increments": told,
        "limits": limits,
    }
    return {
        f"{part}.{name}": str(value)
        for part, values in sorted(parts.items())
        for name, value in sorted(values.items())
        if value is not None
    }


def _may_price(destination: str, line: Key) -> bool:
    """Return whether rows of a destination may price calls of a line's country."""
    if not destination.isdigit():
        return True
    return country_of(destination) in {line.country, None}


def _rate_at(ladder: Mapping[int, Mapping[str, Any]], tier: int | None) -> int | None:
    """Return the rate that prices a band: its own, else that of the next lower known one."""
    if tier is None or tier not in ladder:
        return -1
    row = _row_at(ladder, tier)
    return None if row is None else row.get("rate_nanos")


def _row_at(ladder: Mapping[int, Mapping[str, Any]], tier: int | None) -> Mapping[str, Any] | None:
    """Return the row that prices a band: its own, else that of the next lower known one."""
    if tier is None or tier not in ladder:
        return None
    lower = (ladder[begin] for begin in sorted(ladder, reverse=True) if begin <= tier)
    return next((row for row in lower if row.get("rate_nanos") is not None), None)
