"""Months as text, like "2026-10", and when they begin on the clocks of a zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError
from wacost.zones import instant_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)


def checked_month(month: str) -> str:
    """Return the month if it is one, like "2026-10".

    Raises:
        InputError: it is none, or of a year in which nobody called.

    >>> checked_month("2026-10")
    '2026-10'
    """
    if not isinstance(month, str) or not _MONTH.fullmatch(month):
        raise InputError(f"{month!r} is no month", hint="write year and month: 2026-10")
    if not "1900" <= month < "2200":
        raise InputError(f"{month} is no month of calls", hint="a year from 1900 to 2199")
    return month


def month_span(month: str, zone: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the next one, in UTC without an offset.

    >>> [at.isoformat() for at in month_span("2026-10", "America/Sao_Paulo")]
    ['2026-10-01T03:00:00', '2026-11-01T03:00:00']
    """
    year, number = (int(part) for part in checked_month(month).split("-"))
    following = (year + number // 12, number % 12 + 1)
    return _begin(year, number, zone), _begin(*following, zone)


def months_from(day: date, count: int) -> Iterator[str]:
    """Yield the month of a day and those that follow.

    >>> list(months_from(date(2026, 11, 30), 3))
    ['2026-11', '2026-12', '2027-01']
    """
    for n in range(day.year * 12 + day.month - 1, day.year * 12 + day.month - 1 + count):
        yield f"{n // 12}-{n % 12 + 1:02}"


def _begin(year: int, month: int, zone: str) -> datetime:
    local = datetime(year, month, 1)  # noqa: DTZ001 - a clock time of `zone`
    return datetime.fromtimestamp(instant_of(local, zone), UTC).replace(tzinfo=None)
