"""What an invoice has to know of a rate card: where it rounds, and where its bands end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date


@dataclass(frozen=True)
class CardFacts:
    """Facts of a card as the store keeps it; the defaults are those of a card that says nothing.

    Attributes:
        at: "line" or "call": what is rounded.
        places: decimals of a rounded amount; None: the currency's minor unit.
        mode: how it is rounded.
        rates: the card's rows.
        markets: its groups of countries: rows with market and member.
    """

    at: str = "line"
    places: int | None = None
    mode: str = "half_up"
    rates: tuple[Mapping[str, Any], ...] = ()
    markets: tuple[Mapping[str, Any], ...] = ()

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
        )

    def bands(
        self,
        direction: str,
        destinations: Iterable[str | None],
        effective_from: date | None,
        tier_from_minutes: int | None,
    ) -> list[int]:
        """Return the lower bounds of the bands that a line's band is one of, or nothing.

        Args:
            direction: of the line.
            destinations: what the rows may be for, most specific first.
            effective_from: of the set of rows that priced the line.
            tier_from_minutes: the line's own band.
        """
        rows = self._bands_of.get((direction, str(effective_from)), {})
        for destination in destinations:
            begins = rows.get(destination or "", set())
            if tier_from_minutes in begins:
                return sorted(begins)
        return []

    def is_shared(self, market: str | None) -> bool:
        """Return whether a market has more than one country or prefix."""
        return self._members.get(market or "", 0) > 1

    @cached_property
    def _members(self) -> dict[str, int]:
        pairs = {(row["market"], row["member"]) for row in self.markets}
        return Counter(market for market, _ in pairs)

    @cached_property
    def _bands_of(self) -> dict[tuple[str, str], dict[str, set[int]]]:
        found: dict[tuple[str, str], dict[str, set[int]]] = {}
        for rate in self.rates:
            of_version = found.setdefault((rate["direction"], str(rate["effective_from"])), {})
            of_version.setdefault(rate["destination"], set()).add(int(rate["tier_from_minutes"]))
        return found
