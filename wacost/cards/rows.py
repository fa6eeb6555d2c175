"""Raw text rows and settings → a checked `RateCard`, each mistake named with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from typing import Any, Final

from wacost.cards.bulk import uncollected
from wacost.cards.check import check_card
from wacost.cards.derive import Derivation, derived_rows, inherited
from wacost.cards.model import (
    DIRECTIONS,
    NOT_OFFERED,
    STATUSES,
    UNKNOWN,
    MarketRow,
    RateCard,
    RateRow,
)
from wacost.cards.report import FILL_IN, FILL_IN_HINT, Report, attempt, refuse
from wacost.cards.settings import read_settings
from wacost.errors import InputError, RateCardError
from wacost.money import NANO, parse_nanos, short_decimal
from wacost.names import nearest

RATE_COLUMNS: Final = {
    "direction": True,
    "destination": True,
    "rate_per_minute": True,
    "effective_from": True,
    "effective_to": False,
    "tier_from_minutes": False,
    "from_second": False,
    "increment_seconds": False,
    "fee": False,
    "status": False,
    "source": False,
    "note": False,
}
"""The columns of `rates.csv`, and whether a file must have them."""
MARKET_COLUMNS: Final = {
    "market": True,
    "country_or_prefix": True,
    "effective_from": True,
    "effective_to": False,
}
"""The columns of `markets.csv`, and whether a file must have them."""

_MAX_RATE_NANOS: Final = 10**9 * NANO
_WHOLE = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INCREMENTS = re.compile(r"([1-9][0-9]{0,5})/([1-9][0-9]{0,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as text, and where it stands."""

    cells: Mapping[str, str]
    file: str
    line: int

    def text(self, column: str) -> str:
        """Return a cell, or "" where the column is absent."""
        return self.cells.get(column, "")

    def error(self, column: str, expected: str, hint: str = "") -> RateCardError:
        """Return the error that names this cell; of a template's, that it is not filled in."""
        if FILL_IN in self.text(column):
            expected, hint = "this template is not filled in", FILL_IN_HINT
        return RateCardError(
            expected,
            file=self.file,
            line=self.line,
            column=column,
            text=self.text(column),
            hint=hint,
        )


@uncollected()
def build_card(
    settings: Mapping[str, Any],
    rates: Iterable[RawRow],
    markets: Iterable[RawRow],
    *,
    file: str,
    settings_file: str,
    origin: tuple[RateCard, Derivation] | None = None,
    report: Report = refuse,
) -> RateCard:
    """Make a card of settings (as read from `card.toml`) and raw rows, and check it as a whole.

    Args:
        settings: the keys of card.toml.
        rates: the rows of rates.csv.
        markets: the rows of markets.csv.
        file: the card's folder, or "".
        settings_file: what errors in the settings are told of.
        origin: the card that this one is made from, and how.
        report: takes each mistake; by default the first one is raised. Rows with one are left out.
    """
    rows = tuple(row for raw in rates if (row := _rate_row(raw, report)))
    groups = tuple(one for raw in markets if (one := _market_row(raw, report)))
    if origin is not None:
        base, told = origin
        settings = inherited(settings, base, settings_file)
        rows = derived_rows(base, told, rows, settings_file)
        groups = groups or base.markets
    read = read_settings(settings, settings_file, report)
    card = RateCard(**read, rows=rows, markets=groups, file=file, given=not file)
    check_card(card, report)
    return card


def _rate_row(raw: RawRow, report: Report) -> RateRow | None:
    """Read a row; where a cell of it is wrong, report each that is, and return None."""
    try:
        rate, kind = _rate(raw)
        return RateRow(
            status=_status(raw),
            direction=_direction(raw),
            destination=_destination(raw),
            rate_nanos=rate,
            kind=kind,
            effective_from=_effective_from(raw),
            effective_to=_effective_to(raw),
            tier_from_minutes=_tier(raw),
            from_second=_second(raw),
            increments=_increments(raw),
            fee_nanos=_fee(raw),
            source=raw.text("source"),
            note=raw.text("note"),
            line=raw.line,
        )
    except RateCardError:
        for read in _RATE_CELLS:
            attempt(report, partial(read, raw))
        return None


def _market_row(raw: RawRow, report: Report) -> MarketRow | None:
    try:
        return MarketRow(
            market=_market(raw),
            member=raw.text("country_or_prefix"),
            effective_from=_effective_from(raw),
            effective_to=_effective_to(raw),
            line=raw.line,
        )
    except RateCardError:
        for read in (_market, _effective_from, _effective_to):
            attempt(report, partial(read, raw))
        return None


def _status(raw: RawRow) -> str:
    text = raw.text("status")
    if text and text not in STATUSES:
        raise raw.error("status", "not a status", nearest(text, STATUSES, "status"))
    return text


def _direction(raw: RawRow) -> str:
    if raw.text("direction") not in DIRECTIONS:
        raise raw.error("direction", "expected inbound or outbound")
    return raw.text("direction")


def _destination(raw: RawRow) -> str:
    return _bare(raw, "destination", "prefix digits, an ISO country, a market of markets.csv, or *")


def _market(raw: RawRow) -> str:
    return _bare(raw, "market", "the market's name")


def _bare(raw: RawRow, column: str, expected: str) -> str:
    text = raw.text(column)
    if not text or text != text.strip():
        raise raw.error(column, f"expected {expected}")
    return text


def _effective_from(raw: RawRow) -> date:
    return _date(raw, "effective_from")


def _effective_to(raw: RawRow) -> date | None:
    return _date(raw, "effective_to") if raw.text("effective_to") else None


def _tier(raw: RawRow) -> int:
    return _whole(raw, "tier_from_minutes")


def _second(raw: RawRow) -> int:
    return _whole(raw, "from_second")


def _fee(raw: RawRow) -> int:
    return _nanos(raw, "fee") if raw.text("fee") else 0


def _rate(raw: RawRow) -> tuple[int | None, str]:
    text = raw.text("rate_per_minute")
    if text in {NOT_OFFERED, UNKNOWN}:
        return None, text
    if (meant := text.strip().casefold()) in {NOT_OFFERED, UNKNOWN}:
        raise raw.error("rate_per_minute", f"expected {meant}, in small letters and alone")
    return _nanos(raw, "rate_per_minute"), "known"


def _nanos(raw: RawRow, column: str) -> int:
    try:
        nanos = parse_nanos(raw.text(column))
    except InputError as error:
        words = ", or n/a, or unknown" if column == "rate_per_minute" else ""
        meant = short_decimal(raw.text(column))
        raise raw.error(
            column,
            f"expected a decimal of up to 9 places, like 0.0108{words}",
            f"the remains of a float: was {meant} meant?" if meant else error.hint,
        ) from None
    if not 0 <= nanos < _MAX_RATE_NANOS:
        raise raw.error(column, "expected a price from 0 to less than 1,000,000,000")
    return nanos


def _date(raw: RawRow, column: str) -> date:
    found = _read_date(raw.text(column))
    if found is None:
        raise raw.error(column, "expected a date as YYYY-MM-DD")
    return found


@lru_cache(maxsize=64)
def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _whole(raw: RawRow, column: str) -> int:
    text = raw.text(column)
    if not text:
        return 0
    if not _WHOLE.fullmatch(text):
        raise raw.error(column, "expected a whole number without a sign or separators")
    return int(text)


def _increments(raw: RawRow) -> tuple[int, int] | None:
    text = raw.text("increment_seconds")
    if not text:
        return None
    match = _INCREMENTS.fullmatch(text) or _INCREMENTS.fullmatch(f"{text}/{text}")
    if not match:
        raise raw.error(
            "increment_seconds", "expected first/next seconds, like 60/6, or one number"
        )
    return int(match[1]), int(match[2])


_RATE_CELLS: Final[tuple[Callable[[RawRow], Any], ...]] = (
    *(_rate, _status, _direction, _destination, _effective_from, _effective_to),
    *(_tier, _second, _increments, _fee),
)
"""What reads the cells of a row of `rates.csv`, each on its own."""


def check_columns(
    names: Iterable[str],
    known: Mapping[str, bool],
    file: str,
    line: int,
    report: Report = refuse,
) -> bool:
    """Refuse an unknown or a missing column; return whether the rows can be read all the same."""
    found = list(names)
    for name in dict.fromkeys(found):
        if name not in known:
            hint = nearest(name, known, "column")
            told = "not a column of this file"
            report(RateCardError(told, file=file, line=line, text=name, hint=hint))
        if found.count(name) > 1:
            told = "this column stands twice"
            report(RateCardError(told, file=file, line=line, text=name))
    missing = [name for name, needed in known.items() if needed and name not in found]
    for name in missing:
        told = f"the column {name} is missing"
        hint = f"add {name} to the head"
        report(RateCardError(told, file=file, line=line, column=name, hint=hint))
    return not missing and len(set(found)) == len(found)
