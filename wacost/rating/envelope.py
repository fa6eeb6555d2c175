"""A card at its cheapest and at its dearest, where the supplier knows more of it than we do.

A rate that is unknown lies, as far as the card says, between the next known ones of the bands
above and below it: volume lowers prices. Above the last known band nothing but 0 bounds it from
below; below the first known one nothing bounds it from above. The cheapest card never gets dearer
with volume, and neither does the dearest: so that more minutes than we know of make the first a
lower bound, and fewer the second an upper one, whatever the card's own bands do. A destination with
a rate that is unknown is never taken for one that is free throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wacost.rating.compiled import Compiled

if TYPE_CHECKING:
    from wacost.cards.model import RateCard, RateRow
    from wacost.rating.compiled import Band, RateSet


class _Enveloped(Compiled):
    """A compiled card whose bands are others; what is free and what is plain stays."""

    def __init__(self, card: RateCard, bands: Callable[[Sequence[Band]], list[Band]]) -> None:
        self._enveloped = bands
        super().__init__(card)

    def _compile_set(self, number: int, rows: list[RateRow]) -> RateSet:
        base = super()._compile_set(number, rows)
        if not base.offered:
            return base
        slots = []
        for slot in self._slots(rows):
            bands = tuple(self._enveloped(slot.bands))
            known = next((band.from_s for band in bands if band.rate_nanos is not None), None)
            slots.append(replace(slot, bands=bands, known_from_s=known))
        if slots[0].known_from_s is None:
            return base
        return replace(base, slots=tuple(slots), plain=base.plain and bool(base.slots))


def cheapest(card: RateCard) -> RateCard:
    """Return the card with the least rate and fee that each band can have, or a later one has."""
    return _variant(card, "_cheapest", _least)


def dearest(card: RateCard) -> RateCard:
    """Return the card with the most that each band can have, or a later one; None: no bound."""
    return _variant(card, "_dearest", _most)


def _variant(card: RateCard, name: str, bands: Callable[[Sequence[Band]], list[Band]]) -> RateCard:
    """Return the same card compiled in another way; it is made once."""
    found: RateCard | None = card.__dict__.get(name)
    if found is None:
        found = replace(card)
        found.__dict__["checksum"] = card.checksum  # what it says is the same
        found.__dict__["_compiled"] = _Enveloped(found, bands)
        card.__dict__[name] = found
    return found


def _least(bands: Sequence[Band]) -> list[Band]:
    """Put the least that bands can cost: what a later known one does, and never more again."""
    later: Band | None = None
    bounded: list[Band] = []
    for band in reversed(bands):
        if not band.unknown:
            later = band
        rate, fee = (later.rate_nanos, later.fee_nanos) if later else (0, 0)
        bounded.insert(0, replace(band, rate_nanos=rate, fee_nanos=fee))
    rate, fee = bounded[0].rate_nanos, bounded[0].fee_nanos
    made = []
    for band in bounded:
        rate, fee = min(rate or 0, band.rate_nanos or 0), min(fee, band.fee_nanos)
        made.append(replace(band, rate_nanos=rate, fee_nanos=fee))
    return made


def _most(bands: Sequence[Band]) -> list[Band]:
    """Put the most that bands can cost: what they or later ones do at their next lower known rate.

    An unknown band has that of the known one below it already.
    """
    rate, fee = 0, 0
    made: list[Band] = []
    for band in reversed(bands):
        if band.rate_nanos is None:
            made.insert(0, band)
            continue
        rate, fee = max(rate, band.rate_nanos), max(fee, band.fee_nanos)
        made.insert(0, replace(band, rate_nanos=rate, fee_nanos=fee))
    return made
