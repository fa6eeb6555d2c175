"""Rows given in Python, as dicts or as a frame, → a checked `RateCard`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from math import isnan
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.rows import MARKET_COLUMNS, RATE_COLUMNS, RawRow, build_card, check_columns
from wacost.errors import MissingExtraError, RateCardError
from wacost.money import plain

if TYPE_CHECKING:
    from wacost.cards.model import RateCard

_TUPLES: Final = {"increments": ("first", "next"), "rounding": ("at", "places", "mode")}
"""What is given as a tuple, and is a table in `card.toml` -> its keys."""
_COUNTS: Final = ("tier_from_minutes", "from_second")


def card_from_rows(rows: Any, settings: Mapping[str, Any], markets: Any) -> RateCard:
    """Make a card of rows given in Python; see `RateCard.from_rows`."""
    return build_card(
        {
            key: _keyed(_TUPLES[key], value, key) if key in _TUPLES else value
            for key, value in settings.items()
            if value is not None
        },
        _raw_rows(rows, "rows", RATE_COLUMNS),
        _raw_rows(markets, "markets", MARKET_COLUMNS),
        file="",
        settings_file="settings",
    )


def _keyed(keys: tuple[str, ...], values: Any, what: str) -> dict[str, Any]:
    """Name the parts of a tuple as `card.toml` does; another number of parts is refused."""
    if not isinstance(values, tuple | list) or len(values) != len(keys):
        raise RateCardError(
            f"expected ({', '.join(keys)})",
            file="settings",
            column=what,
            text=str(values),
            hint='for example rounding=("call", 4, "up") and increments=(6, 6)',
        )
    return dict(zip(keys, values, strict=True))


def _raw_rows(rows: Any, what: str, known: Mapping[str, bool]) -> list[RawRow]:
    raws = []
    for number, row in enumerate(_records(rows, what), start=1):
        if not isinstance(row, Mapping) or not all(isinstance(name, str) for name in row):
            raise RateCardError(
                "expected a dict with names of columns",
                file=what,
                line=number,
                text=str(row),
                hint=f"columns: {', '.join(known)}",
            )
        check_columns(row, known, what, number)
        cells = {name: _cell_text(value, what, number, name) for name, value in row.items()}
        raws.append(RawRow(cells, what, number))
    return raws


def _records(rows: Any, what: str) -> Any:
    """Return the rows of a frame, or the rows themselves.

    A frame is known by what it can do, so that none of their libraries is loaded here.
    """
    if hasattr(rows, "to_dicts"):  # Polars
        return rows.to_dicts()
    if hasattr(rows, "iterrows"):  # pandas
        return rows.to_dict("records")
    if hasattr(rows, "to_pylist"):  # Arrow
        return rows.to_pylist()
    if hasattr(rows, "__arrow_c_stream__"):
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingExtraError("frames", "pyarrow") from None
        return pa.table(rows).to_pylist()
    if not isinstance(rows, Iterable) or hasattr(rows, "collect"):
        hint = "a list of dicts, or a frame of pandas, Polars or Arrow; collect a lazy one first"
        raise RateCardError(f"expected {what}", file=what, text=str(rows)[:80], hint=hint)
    return rows


def _cell_text(value: Any, what: str, number: int, column: str) -> str:
    if isinstance(value, str):
        return value
    found = _missing(value) or _number(value, column) or _day(value)
    if found is not None:
        return found.strip()
    raise RateCardError(
        f"expected text, not {type(value).__name__}",
        file=what,
        line=number,
        column=column,
        text=str(value),
        hint="give prices as text or Decimal, dates as text or date: a float is never exact",
    )


def _missing(value: Any) -> str | None:
    """Return a blank for what frames put where nothing is."""
    gap = value is None or type(value).__name__ in {"NAType", "NaTType"}
    return " " if gap or (isinstance(value, float) and isnan(value)) else None


def _number(value: Any, column: str) -> str | None:
    """Write an exact number; pandas makes floats of whole numbers beside a gap."""
    if isinstance(value, Decimal):
        return plain(value) if value.is_finite() else None
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and column in _COUNTS and value.is_integer():
        return str(int(value))
    return str(int(value)) if isinstance(value, int | Integral) else None


def _day(value: Any) -> str | None:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else None
    return value.isoformat() if isinstance(value, date) else None
