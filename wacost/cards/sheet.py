"""A rate card as it shows itself in a notebook or a console."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.markup import Sheet
from wacost.money import decimal_of, plain

if TYPE_CHECKING:
    from wacost.cards.model import RateCard, RateRow

_COLUMNS = ("direction", "destination", ">above min", ">rate per minute", "from", "status")

_FEW = 12


def card_sheet(card: RateCard) -> Sheet:
    """Return what is shown of a card: what it says of itself, and its first rows."""
    first, following = card.increments
    return Sheet(
        title=f"{card.title} ({card.name}, {card.checksum[:12]})",
        facts=(
            ("currency", card.currency),
            ("known as", card.status),
            ("source", card.source or "not told"),
            ("retrieved", str(card.retrieved or "not told")),
            ("increments", f"{first}/{following} s"),
            ("bands", f"{card.tiers.model} by {card.tiers.scope}"),
            ("rounding", f"per {card.rounding.at}, {card.rounding.places} places"),
        ),
        columns=_COLUMNS,
        rows=tuple(_row(row, card) for row in card.rows),
        most=_FEW,
    )


def _row(row: RateRow, card: RateCard) -> tuple[str, ...]:
    return (
        row.direction,
        row.destination,
        str(row.tier_from_minutes),
        row.kind if row.rate_nanos is None else plain(decimal_of(row.rate_nanos)),
        row.effective_from.isoformat(),
        row.status or card.status,
    )
