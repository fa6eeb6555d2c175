"""Time zones, from the `tzdata` package only: a host's own tables change no bill.

An instant is an integer: seconds since 1970-01-01T00:00:00Z. A date is a `datetime.date`.
"""

from __future__ import annotations

import importlib.resources
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from wacost.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY_S: Final = 86_400
FOREVER_S: Final = 2**62
"""An instant that never comes; its negative never was."""
Span = tuple[int, int, str]
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_PROBE_S: Final = 6 * 3600  # no zone changes its offset twice within six hours


@cache
def zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name.

    Raises:
        InputError: no such zone.

    >>> zone("America/Sao_Paulo").key
    'America/Sao_Paulo'
    """
    if not isinstance(name, str):
        raise InputError(f"{name!r} is no time zone", hint="text, like America/Sao_Paulo or UTC")
    parts = name.split("/")
    try:
        if not all(part and part not in {".", ".."} for part in parts):
            raise FileNotFoundError
        folder = importlib.resources.files("tzdata").joinpath("zoneinfo", *parts)
        with folder.open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (OSError, ValueError):
        raise InputError(
            f"{name!r} is no time zone", hint="an IANA name, like America/Sao_Paulo or UTC"
        ) from None


def local_datetime(zone_name: str, instant: int) -> datetime:
    """Show an instant on the clocks of a zone.

    >>> local_datetime("Asia/Kolkata", 0).isoformat()
    '1970-01-01T05:30:00+05:30'
    """
    return datetime.fromtimestamp(instant, zone(zone_name))


def instant_of(at: datetime, zone_name: str) -> int:
    """Return the instant of a datetime; without an offset it is a clock time of the zone.

    A clock time that occurs twice (the hour repeated in autumn) is taken at its first
    occurrence unless `fold` says otherwise. One that does not occur (the hour skipped in spring)
    is read on the clock as it went before: 01:30 is then 02:30. Fractions of a second are cut off.

    >>> instant_of(datetime(1970, 1, 1, 5, 30), "Asia/Kolkata")
    0
    >>> skipped, shown = datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 2, 30)
    >>> instant_of(skipped, "Europe/Lisbon") == instant_of(shown, "Europe/Lisbon")
    True
    """
    aware = at if at.tzinfo is not None else at.replace(tzinfo=zone(zone_name))
    span = aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return span.days * DAY_S + span.seconds


@lru_cache(maxsize=65_536)
def day_spans(zone_name: str, utc_day: int) -> tuple[tuple[int, int], ...]:
    """Cut one UTC day into spans that share a local date.

    Args:
        zone_name: an IANA name.
        utc_day: days since 1970-01-01, in UTC.

    Returns:
        Pairs (first instant of the span, proleptic ordinal of its local date), in order; the
        first begins with the day. Two pairs as a rule: local midnight lies somewhere within.

    >>> day_spans("UTC", 0)
    ((0, 719163),)
    >>> day_spans("America/Sao_Paulo", 0)  # midnight in Sao Paulo is 03:00Z
    ((0, 719162), (10800, 719163))
    """
    tz = zone(zone_name)
    spans: list[tuple[int, int]] = []
    for begin, end, offset in _offset_spans(tz, utc_day * DAY_S, (utc_day + 1) * DAY_S):
        at = begin
        while at < end:
            local_day = (at + offset) // DAY_S
            if not spans or spans[-1][1] != local_day + _EPOCH_ORDINAL:
                spans.append((at, local_day + _EPOCH_ORDINAL))
            at = (local_day + 1) * DAY_S - offset
    return tuple(spans)


def local_ordinal(zone_name: str, instant: int) -> int:
    """Return the ordinal of the local date of an instant (as `date.toordinal`).

    >>> date.fromordinal(local_ordinal("Pacific/Kiritimati", 0))
    datetime.date(1969, 12, 31)
    """
    found = 0
    for begin, ordinal in day_spans(zone_name, instant // DAY_S):
        if begin > instant:
            break
        found = ordinal
    return found


def first_instant(zone_name: str, day: date) -> int:
    """Return the first instant of a local date, or of the next one where a zone skipped it.

    >>> first_instant("Asia/Kolkata", date(1970, 1, 2))
    66600
    """
    ordinal = day.toordinal()
    for utc_day in range(ordinal - _EPOCH_ORDINAL - 2, ordinal - _EPOCH_ORDINAL + 3):
        for begin, found in day_spans(zone_name, utc_day):
            if found >= ordinal:
                return begin
    raise InputError(f"{zone_name} has no {day}")  # pragma: no cover - zones skip one day at most


def zone_spans(first: str, changes: Iterable[tuple[date, str | None]]) -> list[Span]:
    """Cut time where the zone changes; a change's day is local to the zone before it.

    Args:
        first: the zone from the beginning.
        changes: (local date, zone or None: it stays), in any order.

    Returns:
        (first instant, first instant no longer, zone), in order.

    >>> [span[2] for span in zone_spans("UTC", [(date(2026, 7, 1), "Asia/Kolkata")])]
    ['UTC', 'Asia/Kolkata']
    """
    spans: list[Span] = []
    begin, zone_name = -FOREVER_S, first
    for day, changed in sorted(changes, key=lambda change: change[0]):
        if changed is not None:
            at = first_instant(zone_name, day)
            spans.append((begin, at, zone_name))
            begin, zone_name = at, changed
    return [*spans, (begin, FOREVER_S, zone_name)]


def zone_at(spans: Iterable[Span], instant: int) -> str:
    """Return the zone that holds at an instant."""
    return next(name for begin, end, name in spans if begin <= instant < end)


def offset_spans(zone_name: str, begin: int, end: int) -> list[tuple[int, int, int]]:
    """Cut [begin, end) where the clocks of a zone change: (from, to, seconds ahead of UTC).

    >>> offset_spans("Asia/Kolkata", 0, 86400)
    [(0, 86400, 19800)]
    >>> [span[2] for span in offset_spans("Europe/Lisbon", 1_790_000_000, 1_795_000_000)]
    [3600, 0]
    """
    return _offset_spans(zone(zone_name), begin, end)


def _offset(tz: ZoneInfo, instant: int) -> int:
    gap = datetime.fromtimestamp(instant, tz).utcoffset()
    assert gap is not None  # noqa: S101 - a ZoneInfo always has one
    return gap.days * DAY_S + gap.seconds


def _offset_spans(tz: ZoneInfo, begin: int, end: int) -> list[tuple[int, int, int]]:
    """Cut [begin, end) where the zone's offset changes: (from, to, offset in seconds)."""
    spans: list[tuple[int, int, int]] = []
    at, offset = begin, _offset(tz, begin)
    for probe in range(begin + _PROBE_S, end + 1, _PROBE_S):
        later = _offset(tz, probe)
        if later == offset:
            continue
        change = _first_with_other_offset(tz, probe - _PROBE_S, probe, offset)
        if change < end:
            spans.append((at, change, offset))
            at, offset = change, later
    spans.append((at, end, offset))
    return spans


def _first_with_other_offset(tz: ZoneInfo, low: int, high: int, offset: int) -> int:
    """Find by halving the first instant in (low, high] whose offset is not `offset`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(tz, middle) == offset:
            low = middle
        else:
            high = middle
    return high
