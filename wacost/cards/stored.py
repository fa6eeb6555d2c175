"""A card as the store keeps it (`RateCard.as_json`) → the card."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from wacost.cards.model import Limits, MarketRow, Policies, RateCard, RateRow, Rounding, Tiers


def card_from_json(text: str) -> RateCard:
    """Return the card that `RateCard.as_json` wrote; it was checked when it was first read.

    >>> from wacost.cards import load_card
    >>> card = load_card("meta-usd")
    >>> card_from_json(card.as_json()).checksum == card.checksum
    True
    """
    content: dict[str, Any] = json.loads(text)
    rates, markets = content.pop("rates"), content.pop("markets")
    return RateCard(
        **content
        | {
            "retrieved": _date(content["retrieved"]),
            "increments": tuple(content["increments"]),
            "tiers": Tiers(**content["tiers"]),
            "rounding": Rounding(**content["rounding"]),
            "limits": Limits(**content["limits"]),
            "policies": Policies(**content["policies"]),
            "rows": tuple(RateRow(**_dated(row) | _increments(row)) for row in rates),
            "markets": tuple(MarketRow(**_dated(row)) for row in markets),
        }
    )


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    days = {key: _date(row[key]) for key in ("effective_from", "effective_to")}
    return row | days


def _increments(row: dict[str, Any]) -> dict[str, Any]:
    pair = row["increments"]
    return {"increments": tuple(pair) if pair else None}
