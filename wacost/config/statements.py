"""`[statements.NAME]`: how a supplier's statement of a prepaid balance is read.

It is read as a call log is (`imports`): columns by their headers, times and signs only as the
mapping says. What a row is (a top-up, a fee …) is told by its words, or is the same for all rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wacost.config.imports import DELIMITERS, ENCODINGS, ImportMapping
from wacost.config.strict import ListOf, OneOf, Place, Table, currency, text, zone

COLUMNS: Final = ("at", "amount", "credit", "debit", "kind", "reference", "note")
"""What a column of a statement can mean."""
KINDS: Final = ("topup", "message", "fee", "adjustment", "refund", "call", "ignore")
"""What a row can be; calls are left out, because their charges come from the calls themselves."""


@dataclass(frozen=True, slots=True)
class StatementMapping:
    """How to read one supplier's statement.

    Attributes:
        name: its key in wacost.toml; part of the references of its entries.
        table: columns, separators, times: as for a call log. `amount`, or `credit` and `debit`.
        kind: of every row, where no column tells it.
        words: one of `KINDS` -> words of the file's column `kind`.
        currency: of the amounts; "": the balance's.
        signed: amounts have a sign: plus arrives, minus is taken off. Else the kind says which.
    """

    name: str
    table: ImportMapping
    kind: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    currency: str = ""
    signed: bool = False


def _as_dict(**values: Any) -> dict[str, Any]:
    return values


def _headers(value: Any, place: Place) -> tuple[str, ...]:
    return ListOf(text)(value, place) if isinstance(value, list) else (text(value, place),)


def _yes_or_no(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(f"{value!r} is neither true nor false")
    return value


_READER: Final = Table(
    _as_dict,
    {
        "columns": Table(_as_dict, dict.fromkeys(COLUMNS, _headers)),
        "kind": OneOf(KINDS[:5]),
        "words": Table(_as_dict, dict.fromkeys(KINDS, ListOf(text))),
        "currency": currency,
        "signed": _yes_or_no,
        "delimiter": OneOf(DELIMITERS),
        "encoding": OneOf(ENCODINGS),
        "decimal": OneOf((",", ".")),
        "timezone": zone,
        "day_first": _yes_or_no,
        "time_unit": OneOf(("seconds", "milliseconds", "excel")),
        "sheet": text,
    },
    required=("columns",),
)
_OWN: Final = ("kind", "words", "currency", "signed")


@dataclass(frozen=True)
class _Statement:
    """The reader of one mapping: its keys, then whether they are enough to read a row by."""

    reader: Table = _READER

    def __call__(self, value: Any, place: Place, name: str = "") -> StatementMapping:
        """Read and check it."""
        told = self.reader(value, place)
        has = told["columns"].keys()
        where = place.at("columns")
        if "at" not in has:
            raise where.error("no column tells the time", hint='at = "Date"')
        if "amount" not in has and not {"credit", "debit"} <= has:
            raise where.error("no column tells the amount", hint="amount, or credit and debit")
        if "kind" not in has and "kind" not in told:
            raise where.error(
                "nothing tells what a row is", hint='a column kind, or kind = "message" for all'
            )
        own = {key: told.pop(key) for key in _OWN if key in told}
        return StatementMapping(name, ImportMapping(name, **told), **own)


STATEMENT: Final = _Statement()
"""Reads one `[statements.NAME]`."""
