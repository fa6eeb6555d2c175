"""A card made from another one: its rates times a factor plus a sum, rounded once, here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.report import FILL_IN, FILL_IN_HINT
from wacost.errors import InputError, RateCardError
from wacost.money import MODES, NANO, decimal_of, divide, parse_nanos, plain
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wacost.cards.model import RateCard, RateRow

_KEYS: Final = ("from", "factor", "add_per_minute", "places", "mode")
_MOST_PLACES: Final = 9
_SECTIONS: Final = ("increments", "tiers", "rounding", "limits", "policies")


@dataclass(frozen=True, slots=True)
class Derivation:
    """What `[derive]` says.

    Attributes:
        origin: name or path of the card that this one is made from.
        factor_nanos: rates and fees are multiplied by this many billionths.
        add_nanos: what is added to each rate, in nanos a minute; may be negative.
        places: decimals of a derived rate; 9 keeps what a rate can have.
        mode: how it is rounded there.
    """

    origin: str
    factor_nanos: int
    add_nanos: int
    places: int
    mode: str

    def rate(self, nanos: int) -> int:
        """Derive one rate.

        >>> Derivation("meta-usd", 1_050_000_000, 0, 4, "half_up").rate(10_800_000)
        11300000
        """
        exact = nanos * self.factor_nanos + self.add_nanos * NANO
        rounded = divide(exact, 10 ** (18 - self.places), self.mode)
        return rounded * int(10 ** (_MOST_PLACES - self.places))

    def fee(self, nanos: int) -> int:
        """Derive one fee: exact where nine decimals can say it."""
        return divide(nanos * self.factor_nanos, NANO, self.mode)


def read_derivation(section: Any, file: str) -> Derivation:
    """Read `[derive]` of a card.toml.

    Raises:
        RateCardError: an unknown key, or a value that is not what it must be.
    """
    if not isinstance(section, dict):
        raise RateCardError("expected a table [derive]", file=file, column="derive")
    for key in section:
        if key not in _KEYS:
            raise _error(file, key, None, "not a key of card.toml", nearest(key, _KEYS, "key"))
    origin, places = section.get("from"), section.get("places", _MOST_PLACES)
    mode = section.get("mode", "half_up")
    if not isinstance(origin, str) or not origin:
        raise _error(file, "from", origin, "expected the name of a card", 'from = "meta-usd"')
    if type(places) is not int or not 0 <= places <= _MOST_PLACES:
        raise _error(file, "places", places, f"expected a whole number, 0 to {_MOST_PLACES}")
    if mode not in MODES:
        raise _error(file, "mode", mode, f"expected one of {', '.join(MODES)}")
    factor = _decimal(section, "factor", "1", file)
    if factor < 0:
        raise _error(file, "factor", section["factor"], "expected 0 or more")
    add = _decimal(section, "add_per_minute", "0", file)
    return Derivation(origin, factor, add, places, mode)


def inherited(settings: Mapping[str, Any], origin: RateCard, file: str) -> dict[str, Any]:
    """Return the settings of a derived card: its own, and for the rest those of its origin."""
    content = origin.as_dict()
    limits = {"min_charge": origin.limits.min_nanos, "max_charge": origin.limits.max_nanos}
    base: dict[str, Any] = {
        "currency": origin.currency,
        "status": origin.status,
        "source": origin.source,
        "timezone": origin.timezone,
        "increments": dict(zip(("first", "next"), origin.increments, strict=True)),
        "tiers": content["tiers"],
        "rounding": content["rounding"],
        "limits": {k: plain(decimal_of(v)) for k, v in limits.items() if v is not None},
        "policies": content["policies"],
    }
    if origin.retrieved is not None:
        base["retrieved"] = origin.retrieved
    own = {key: value for key, value in settings.items() if key != "derive"}
    if own.get("currency", origin.currency) != origin.currency:
        raise RateCardError(
            f"the card that it is made from is in {origin.currency}",
            file=file,
            column="currency",
            text=str(own["currency"]),
            hint="suppliers' cards in two currencies are not conversions of one another",
        )
    sections = {key: base[key] | own[key] for key in _SECTIONS if isinstance(own.get(key), dict)}
    return base | own | sections


def derived_rows(
    origin: RateCard, told: Derivation, own: Iterable[RateRow], file: str
) -> tuple[RateRow, ...]:
    """Return the rows of a derived card.

    Rows given for a direction and destination replace all rows of that direction and destination.
    """
    own = tuple(own)
    replaced = {(row.direction, row.destination) for row in own}
    rows = (row for row in origin.rows if (row.direction, row.destination) not in replaced)
    return (*(_derived(row, origin, told, file) for row in rows), *own)


def _derived(row: RateRow, origin: RateCard, told: Derivation, file: str) -> RateRow:
    rate = None if row.rate_nanos is None else told.rate(row.rate_nanos)
    if rate is not None and not 0 <= rate < NANO * NANO:
        raise _error(
            file,
            "add_per_minute",
            plain(decimal_of(told.add_nanos)),
            f"the rate of {row.destination} (line {row.line} of {origin.name}) would be"
            f" {plain(decimal_of(rate))}",
            "give that destination rows of its own in rates.csv",
        )
    made = f"made from {origin.name}"
    if row.rate_nanos is not None:
        sum_ = f" + {plain(decimal_of(told.add_nanos))}" if told.add_nanos else ""
        factor = plain(decimal_of(told.factor_nanos))
        made += f": {plain(decimal_of(row.rate_nanos))} × {factor}{sum_}"
    return replace(
        row,
        rate_nanos=rate,
        fee_nanos=told.fee(row.fee_nanos),
        status=row.status or origin.status,
        source=row.source or origin.source,
        note="; ".join(text for text in (row.note, made) if text),
        line=0,
    )


def _decimal(section: Mapping[str, Any], key: str, default: str, file: str) -> int:
    try:
        return parse_nanos(section.get(key, default))
    except InputError as error:
        raise _error(
            file, key, section[key], 'expected a decimal in quotes: "1.05"', error.hint
        ) from None


def _error(file: str, key: str, text: Any, expected: str, hint: str = "") -> RateCardError:
    found = None if text is None else str(text)
    if found and FILL_IN in found:
        expected, hint = "this template is not filled in", FILL_IN_HINT
    return RateCardError(expected, file=file, column=f"derive.{key}", text=found, hint=hint)
