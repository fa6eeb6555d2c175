"""How long a call was, as tables write it -> whole seconds; or why it cannot be told.

`75`, `75.0`, `75,0`, `01:15`, `0:01:15`, `1m 18s`, `1 min 18 s`, `78s`. Nothing is rounded: a
length that is no whole second is refused. Only where the source counts in milliseconds it is
rounded up to the next second, which changes no started pulse of whole seconds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from wacost.config import ImportMapping

_MOST_S: Final = 999_999_999


class BadLengthError(Exception):
    """A length cannot be told."""


_CLOCK: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2})(?:[.,]0{1,9})?", re.ASCII)
_PARTS: Final = re.compile(
    r"(?:(?P<h>\d{1,5})\s*(?:h|hr|hrs|hours?|horas?)\.?)?[\s,]*(?:e\s|y\s|and\s)?"
    r"\s*(?:(?P<m>\d{1,6})\s*(?:m|min|mins|minutes?|minutos?|')\.?)?[\s,]*(?:e\s|y\s|and\s)?"
    r"\s*(?:(?P<s>\d{1,9})(?:[.,]0+)?\s*(?:s|sec|secs|seg|segs|seconds?|segundos?|\")\.?)?",
    re.ASCII | re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{1,12}(?:[.,]\d{3})*(?:[.,]\d{1,9})?", re.ASCII)
_UNIT_MS: Final = {"s": 1000, "min": 60_000, "ms": 1}


def seconds_of(cell: str, mapping: ImportMapping) -> int | None:
    """Return the whole seconds of a cell; None where it is empty.

    >>> mapping = ImportMapping("x", {})
    >>> [seconds_of(cell, mapping) for cell in ("75", "75,0", "01:15", "0:01:15", "1m 15s", "")]
    [75, 75, 75, 75, 75, None]

    Raises:
        BadLengthError: it is no length in whole seconds.
    """
    told = " ".join(cell.split())
    if told in {"", "-", "—", "null", "NULL", "None", "N/A", "n/a"}:
        return None
    seconds = _of(told, mapping)
    if seconds > _MOST_S:
        raise BadLengthError
    return seconds


def _of(told: str, mapping: ImportMapping) -> int:
    if _NUMBER.fullmatch(told):
        return _of_number(told, mapping)
    if found := _CLOCK.fullmatch(told):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        if seconds > 59 or (found[1] and minutes > 59):  # noqa: PLR2004 - the clock's own numbers
            raise BadLengthError
        return hours * 3600 + minutes * 60 + seconds
    found = _PARTS.fullmatch(told)
    if not found or not any(found.groups()):
        raise BadLengthError
    return int(found["h"] or 0) * 3600 + int(found["m"] or 0) * 60 + int(found["s"] or 0)


def _of_number(told: str, mapping: ImportMapping) -> int:
    ms = decimal_of(told, mapping.decimal) * _UNIT_MS[mapping.duration_unit]
    step = 1 if mapping.duration_unit == "ms" else 1000
    if ms % step:
        raise BadLengthError
    return -(-int(ms) // 1000)


def decimal_of(told: str, sign: str | None) -> Decimal:
    """Return an exact number; where the sign is not told, one sign alone is the decimal one.

    >>> decimal_of("1.234,5", ","), decimal_of("1,5", None)
    (Decimal('1234.5'), Decimal('1.5'))

    Raises:
        BadLengthError: it is no number, or its two signs cannot be told apart.
    """
    signs = re.sub(r"\d", "", told)
    if sign is None:
        if len(signs) > 1:
            raise BadLengthError
        return Decimal(told.replace(",", "."))
    other = "," if sign == "." else "."
    groups, _, part = told.partition(sign)
    if sign in part or other in part or not re.fullmatch(r"\d+|\d{1,3}(?:[.,]\d{3})+", groups):
        raise BadLengthError
    return Decimal(f"{groups.replace(other, '')}.{part or 0}")
