"""The times of a table -> exact UTC instants, in microseconds; or why one cannot be told.

The source decides how a time is read, never the single cell: 05/10/2026 needs `day_first`, a plain
number needs `time_unit`, a clock without an offset needs `timezone`. A clock time that happens
twice, in the hour that autumn repeats, or never, in the hour that spring leaves out, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from wacost.config import ImportMapping
from wacost.zones import zone

SECOND_US: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = 1_230_768_000 * SECOND_US
_LATEST: Final = 4_102_444_799 * SECOND_US
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a clock time of the sheet
_EXCEL_SLACK_US: Final = 10_000
_DAY_US: Final = 86_400 * SECOND_US
_MOST_OFFSET_S: Final = 14 * 3600  # Kiritimati


class BadTimeError(Exception):
    """A time cannot be told; `reason` is a code of `reasons.QUARANTINED`."""

    def __init__(self, reason: str = "bad_time") -> None:
        super().__init__(reason)
        self.reason = reason


_CLOCK: Final = (
    r"(?:[ T,]+(?:às|as|at|a las)?\s*(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})"
    r"(?:[:.m](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?)"
    r"\s*(?P<offset>Z|UTC|GMT|(?:UTC|GMT)\s?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}(?::?\d{2})?)?"
)
_ZONE_WORD: Final = re.compile(r".*\d[\d:. apmAPM]*\s\(?(?![AP]M)[A-Z]{2,5}\)?")
_ISO: Final = re.compile(
    rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_CLOCK}", re.IGNORECASE
)
_SLASHED: Final = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<sign>[/.-])(?P<b>\d{{1,2}})(?P=sign)(?P<year>\d{{4}}|\d{{2}}){_CLOCK}",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    rf"(?:[^\W\d]+\.?,\s+)?(?:(?P<day1>\d{{1,2}})(?:\s+de)?[\s-]+(?P<name1>[^\W\d]{{3,10}})\.?"
    rf"|(?P<name2>[^\W\d]{{3,10}})\.?\s+(?P<day2>\d{{1,2}})),?(?:\s+de)?[\s-]+(?P<year>\d{{4}}){_CLOCK}",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{1,17}(?:\.(?P<part>\d+))?", re.ASCII)
_MONTHS: Final = {
    name: n
    for n, names in enumerate(
        (
            "jan ene january janeiro enero",
            "feb fev february fevereiro febrero",
            "mar march março marco marzo",
            "apr abr april abril",
            "may mai maio mayo",
            "jun june junho junio",
            "jul july julho julio",
            "aug ago august agosto",
            "sep set sept september setembro septiembre",
            "oct out october outubro octubre",
            "nov november novembro noviembre",
            "dec dez dic december dezembro diciembre",
        ),
        start=1,
    )
    for name in names.split()
}


def moment_us(cell: str, mapping: ImportMapping) -> int | None:
    """Return the instant of a cell in microseconds since 1970; None where the cell is empty.

    >>> mapping = ImportMapping("x", {}, timezone="America/Sao_Paulo", day_first=True)
    >>> moment_us("05/10/2026 10:04", mapping) == moment_us("2026-10-05T13:04:00Z", mapping)
    True

    Raises:
        BadTimeError: it is no time, or the mapping does not say how to read it.
    """
    told = " ".join(cell.split())
    if told in {"", "-", "—", "0", "null", "NULL", "None", "N/A", "n/a"}:
        return None
    instant = _of_number(told, mapping) if mapping.time_unit else _of_text(told, mapping)
    if not _EARLIEST <= instant <= _LATEST:
        raise BadTimeError
    return instant


def _of_number(told: str, mapping: ImportMapping) -> int:
    if not _NUMBER.fullmatch(told.replace(",", ".")):
        if mapping.time_unit == "excel":  # a workbook hands a formatted date over as a date
            return _of_text(told, mapping)
        raise BadTimeError
    number = Decimal(told.replace(",", "."))
    if mapping.time_unit == "excel":
        return _of_excel(number, mapping)
    scale = SECOND_US if mapping.time_unit == "seconds" else SECOND_US // 1000
    return int(number * scale)


def _of_excel(days: Decimal, mapping: ImportMapping) -> int:
    """Take days since 1899-12-30; what lies near no whole second lost its digits on the way."""
    us = int(days * _DAY_US)
    whole = (us + SECOND_US // 2) // SECOND_US * SECOND_US
    if abs(us - whole) > _EXCEL_SLACK_US:
        raise BadTimeError
    try:
        return _of_clock(_EXCEL_EPOCH + timedelta(microseconds=whole), mapping)
    except OverflowError:
        raise BadTimeError from None


def _of_text(told: str, mapping: ImportMapping) -> int:
    found = ((pattern.fullmatch(told), date_of) for pattern, date_of in _SHAPES)
    groups, date_of = next(((one.groupdict(), of) for one, of in found if one), (None, None))
    if groups is None or date_of is None:
        raise BadTimeError(_unread(told))
    year, month, day = date_of(groups, mapping)
    try:
        clock = datetime(year, month, day, *_clock(groups))  # noqa: DTZ001 - its offset comes next
    except ValueError:
        raise BadTimeError from None
    if groups["offset"]:
        return _us(clock.replace(tzinfo=UTC)) - _offset_s(groups["offset"]) * SECOND_US
    return _of_clock(clock, mapping)


def _unread(told: str) -> str:
    """Say why a text is no time.

    >>> _unread("2026-10-05 13:04 BRT"), _unread("1790000000"), _unread("soon")
    ('zone_word', 'time_unit_not_told', 'bad_time')
    """
    if _NUMBER.fullmatch(told):
        return "time_unit_not_told"
    return "zone_word" if _ZONE_WORD.fullmatch(told) else "bad_time"


def _of_iso(groups: dict[str, str | None], _: ImportMapping) -> tuple[int, int, int]:
    return int(groups["year"] or 0), int(groups["month"] or 0), int(groups["day"] or 0)


def _of_slashed(groups: dict[str, str | None], mapping: ImportMapping) -> tuple[int, int, int]:
    year = int(groups["year"] or 0)
    a, b = int(groups["a"] or 0), int(groups["b"] or 0)
    day_first = True if groups["sign"] == "." else mapping.day_first
    if day_first is None:
        raise BadTimeError("day_first_not_told")
    day, month = (a, b) if day_first else (b, a)
    return year + 2000 * (year < 100), month, day  # noqa: PLR2004 - 26 is 2026


def _of_named(groups: dict[str, str | None], _: ImportMapping) -> tuple[int, int, int]:
    name = (groups["name1"] or groups["name2"] or "").casefold()
    if name not in _MONTHS:
        raise BadTimeError
    return int(groups["year"] or 0), _MONTHS[name], int(groups["day1"] or groups["day2"] or 0)


_SHAPES: Final = ((_ISO, _of_iso), (_SLASHED, _of_slashed), (_NAMED, _of_named))


def _clock(groups: dict[str, str | None]) -> tuple[int, int, int, int]:
    hour = int(groups["hour"] or 0)
    if half := groups["half"]:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - the clock's own numbers
            raise BadTimeError
        hour = hour % 12 + 12 * (half[0] in "pP")
    part = (groups["part"] or "").ljust(6, "0")[:6]
    return hour, int(groups["minute"] or 0), int(groups["second"] or 0), int(part)


def _offset_s(told: str) -> int:
    """Return an offset in seconds.

    >>> _offset_s("+05:30"), _offset_s("UTC-3"), _offset_s("GMT+530"), _offset_s("Z")
    (19800, -10800, 19800, 0)
    """
    found = re.search(r"([+-])(\d{1,2}?):?(\d{2})?$", told)
    if not found:
        return 0
    size = int(found[2]) * 3600 + int(found[3] or 0) * 60
    if size > _MOST_OFFSET_S:
        raise BadTimeError
    return -size if found[1] == "-" else size


def _of_clock(clock: datetime, mapping: ImportMapping) -> int:
    """Place a clock time of the source's zone; refuse one that happens twice or never."""
    if mapping.timezone is None:
        raise BadTimeError("timezone_not_told")
    try:
        first, second = _readings(clock, mapping.timezone)
    except OverflowError:
        raise BadTimeError from None
    if first != second:
        raise BadTimeError("time_skipped" if first > second else "time_repeated")
    return first


def _readings(clock: datetime, timezone: str) -> tuple[int, int]:
    """Return the instants of both readings of a clock time: the earlier offset's, the later's.

    In a gap the first lies behind the second.
    """
    aware = clock.replace(tzinfo=zone(timezone))
    return _us(aware.replace(fold=0)), _us(aware.replace(fold=1))


def _us(aware: datetime) -> int:
    return (aware.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Times:
    """The three moments of a row, in microseconds; None where it tells none."""

    dialled: int | None
    started: int | None
    ended: int | None

    @property
    def first(self) -> int | None:
        """The earliest of them."""
        told = [at for at in (self.dialled, self.started, self.ended) if at is not None]
        return min(told, default=None)
