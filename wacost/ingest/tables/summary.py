"""One row of a summary (country x calls x minutes) -> a body of Meta's shape, or why it is refused.

No call is known: the row is kept beside the calls and gives bounds, never a charge. Two rows that
tell the very same count once, as two calls do.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from wacost.config import ImportMapping
from wacost.ingest.tables.grid import Row
from wacost.ingest.tables.lengths import BadLengthError, decimal_of, seconds_of
from wacost.ingest.tables.rows import RefusedRowError, RowReader, enveloped
from wacost.ingest.tables.words import country_of
from wacost.months import month_span

_MONTH: Final = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:-01(?:[ T]00:00(?::00(?:\.0+)?)?Z?)?)?"
    r"|(?P<m2>\d{1,2})[-/.](?P<y2>\d{4})",
    re.ASCII,
)
_FIGURE: Final = re.compile(r"\d{1,12}(?:[.,]\d{3})*(?:[.,]\d{1,20})?", re.ASCII)
_RIDDLE: Final = re.compile(r"\d{1,3}[.,]\d{3}", re.ASCII)
_MOST: Final = 10**12
_FINEST: Final = Decimal("1e-9")  # of seconds; a workbook's binary fractions end in noise
_YEARS: Final = range(2009, 2100)


class SummaryReader(RowReader):
    """Reads the rows of one summary."""

    def _body(self, row: Row) -> dict[str, Any]:
        country = country_of(self._cell(row, "country"))
        if not country:
            raise RefusedRowError("unknown_country")
        calls = count_of(self._cell(row, "calls"), self._mapping.decimal)
        seconds = talk_seconds(self._cell(row, "minutes"), self._mapping)
        if seconds and not calls:
            raise RefusedRowError("no_calls")
        month = self._month(row)
        told = {
            "month": month,
            "direction": self._direction(row),
            "country": country,
            "calls": str(calls),
            "seconds": f"{seconds.quantize(_FINEST).normalize():f}",
        }
        first, _ = month_span(month, "UTC")
        value = {
            "metadata": {"phone_number_id": self._mapping.phone_number_id},
            "timestamp": f"{(first.toordinal() - _EPOCH) * _DAY}",
            "wacost_summary": told,
        }
        return enveloped(self._mapping.waba_id or "", "wacost_summary", value)

    def _direction(self, row: Row) -> str:
        word = self._cell(row, "direction")
        found = self._words.direction(word) if word else self._mapping.direction
        if found is None:
            raise RefusedRowError("unknown_direction" if word else "no_direction")
        return found

    def _month(self, row: Row) -> str:
        told = self._cell(row, "month") or self._mapping.month
        if not told:
            raise RefusedRowError("no_month")
        return month_of(told)


_DAY: Final = 86_400
_EPOCH: Final = 719_163  # the ordinal of 1970-01-01


def month_of(cell: str) -> str:
    """Return the month of a cell; a workbook's date of the first of a month is one too.

    >>> month_of("2026-10"), month_of("10/2026"), month_of("2026-10-01 00:00:00")
    ('2026-10', '2026-10', '2026-10')

    Raises:
        RefusedRowError: it is none.
    """
    found = _MONTH.fullmatch(cell.strip())
    year = int(found["y"] or found["y2"]) if found else 0
    month = int(found["m"] or found["m2"]) if found else 0
    if year not in _YEARS or not 1 <= month <= 12:  # noqa: PLR2004 - the year's months
        raise RefusedRowError("bad_month")
    return f"{year}-{month:02}"


def count_of(cell: str, decimal: str | None) -> int:
    """Return how many calls a cell tells.

    >>> count_of("1.234", ","), count_of("12.0", None)
    (1234, 12)

    Raises:
        RefusedRowError: it is no whole number, or can be read as two.
    """
    number = _number(" ".join(cell.split()), decimal, "bad_count")
    if number != int(number):
        raise RefusedRowError("bad_count")
    return int(number)


def talk_seconds(cell: str, mapping: ImportMapping) -> Decimal:
    """Return the seconds of a cell in minutes (12.5), as mm:ss, hh:mm:ss or `1h 5m`, exactly.

    >>> mapping = ImportMapping("x", {})
    >>> [str(talk_seconds(cell, mapping)) for cell in ("12.5", "12:30", "1:00:00")]
    ['750.0', '750', '3600']

    Raises:
        RefusedRowError: it is no length, or can be read as two.
    """
    told = " ".join(cell.split())
    if _FIGURE.fullmatch(told):
        return _number(told, mapping.decimal, "bad_minutes") * 60
    try:
        seconds = seconds_of(told, mapping)
    except BadLengthError:
        raise RefusedRowError("bad_minutes") from None
    if seconds is None:
        raise RefusedRowError("bad_minutes")
    return Decimal(seconds)


def _number(told: str, decimal: str | None, reason: str) -> Decimal:
    if not _FIGURE.fullmatch(told):
        raise RefusedRowError(reason)
    if decimal is None and _RIDDLE.fullmatch(told):
        raise RefusedRowError("decimal_not_told")
    try:
        number = decimal_of(told, decimal)
    except BadLengthError:
        raise RefusedRowError(reason if decimal else "decimal_not_told") from None
    if number >= _MOST:
        raise RefusedRowError(reason)
    return number
