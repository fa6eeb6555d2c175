"""Call hours: when a business number takes calls, as settings events or wacost.toml tell it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError
from wacost.zones import instant_of, zone

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DAYS: Final = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's times are UTC without an offset
_MIDNIGHT: Final = "24:00"
_LAST_MINUTE: Final = "23:59"
Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """A week of call hours.

    Attributes:
        zone: on whose clocks.
        week: day, as in `DAYS` -> spans like "09:00-18:00"; a day that is not there is closed.
        holidays: date -> spans that hold in the place of the week's (inferred: Meta calls them
            overrides of the weekly schedule).
    """

    zone: str
    week: Mapping[str, tuple[str, ...]]
    holidays: Mapping[date, tuple[str, ...]]

    def spans(self, begin: datetime, end: datetime) -> Iterator[Interval]:
        """Yield the open spans that touch [begin, end), in UTC, cut at midnight UTC."""
        day = begin.date() - timedelta(days=1)
        while day <= end.date() + timedelta(days=1):
            for told in self.holidays.get(day, self.week.get(DAYS[day.weekday()], ())):
                opened, closed = (self._utc(day, time) for time in told.split("-"))
                yield from _cut(max(opened, begin), min(closed, end))
            day += timedelta(days=1)

    def _utc(self, day: date, time: str) -> datetime:
        at = day + timedelta(days=1) if time == _MIDNIGHT else day
        hour, minute = (0, 0) if time == _MIDNIGHT else (int(part) for part in time.split(":"))
        local = datetime(at.year, at.month, at.day, hour, minute)  # noqa: DTZ001 - of `zone`
        return _EPOCH + timedelta(seconds=instant_of(local, self.zone))


def from_config(zone_name: str, week: Mapping[str, tuple[str, ...]]) -> Hours:
    """Return the hours that an account's `call_hours` of wacost.toml tell."""
    return Hours(zone_name, week, {})


def from_settings(told: str | None) -> Hours | None:
    """Read the `call_hours` of a settings event; None where it tells none, or cannot be read.

    >>> told = '{"status":"ENABLED","timezone_id":"UTC","weekly_operating_hours":'
    >>> told += '[{"day_of_week":"MONDAY","open_time":"0400","close_time":"1020"}]}'
    >>> dict(from_settings(told).week)
    {'MONDAY': ('04:00-10:20',)}
    """
    try:
        value: Any = json.loads(told) if told else None
        if not value or str(value.get("status", "ENABLED")).upper() != "ENABLED":
            return None
        week: dict[str, tuple[str, ...]] = {}
        for each in value.get("weekly_operating_hours", ()):
            day = str(each["day_of_week"]).upper()
            week[day] = (*week.get(day, ()), _span(each["open_time"], each["close_time"]))
        holidays: dict[date, tuple[str, ...]] = {}
        for each in value.get("holiday_schedule", ()):
            on = date.fromisoformat(each["date"])
            holidays[on] = (*holidays.get(on, ()), _span(each["start_time"], each["end_time"]))
        return Hours(zone(value["timezone_id"]).key, week, holidays)
    except (ValueError, KeyError, TypeError, AttributeError, InputError):
        return None


def open_spans(
    con: DuckDBPyConnection,
    accounts: Mapping[str, Hours],
    begin: datetime,
    end: datetime,
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return when the numbers of `month_calls` take calls within [begin, end), in UTC.

    Settings events win over what wacost.toml says of the account; before the first one, and where
    one tells no hours, the account's hold.

    Returns:
        (phone number id, UTC day, from, to) of open spans; (phone number id, from, to) of spans
        for which hours are known.
    """
    found: list[tuple[Any, ...]] = []
    known: list[tuple[Any, ...]] = []
    told: dict[str, list[tuple[datetime, str | None]]] = {}
    for number, at, text in con.execute(_SETTINGS, [end]).fetchall():
        told.setdefault(number, []).append((at, text))
    for number, account in con.execute(_NUMBERS).fetchall():
        versions = _versions(told.get(number, []), accounts.get(account or ""), begin, end)
        for since, until, hours in versions:
            known.append((number, since, until))
            found += [(number, low.date(), low, high) for low, high in hours.spans(since, until)]
    return found, known


_NUMBERS: Final = """
    SELECT phone_number_id, max(account) FROM month_calls
    WHERE phone_number_id <> '' GROUP BY 1 ORDER BY 1
"""
_SETTINGS: Final = """
    SELECT phone_number_id, event_at, call_hours::VARCHAR FROM settings
    WHERE event_at < $1 ORDER BY ALL
"""


def _versions(
    told: Sequence[tuple[datetime, str | None]],
    default: Hours | None,
    begin: datetime,
    end: datetime,
) -> Iterator[tuple[datetime, datetime, Hours]]:
    changes: list[tuple[datetime, Hours | None]] = [(begin, default)]
    changes += [(max(at, begin), from_settings(text) or default) for at, text in told]
    ends: Sequence[datetime] = [at for at, _ in changes[1:]]
    for (since, hours), until in zip(changes, [*ends, end], strict=True):
        if hours is not None and since < until:
            yield since, until, hours


def _span(opens: object, closes: object) -> str:
    """Write a span; Meta has no later end of a day than 2359 (inferred: the whole day is meant).

    >>> _span("0900", "18:00"), _span("0000", "2359")
    ('09:00-18:00', '00:00-24:00')
    """
    end = _clock(closes)
    return f"{_clock(opens)}-{_MIDNIGHT if end == _LAST_MINUTE else end}"


def _clock(told: object) -> str:
    digits = str(told).replace(":", "")
    hour, minute = int(digits[:-2] or "0"), int(digits[-2:])
    if not (0 <= hour <= 24 and 0 <= minute < 60 and hour * 60 + minute <= 24 * 60):  # noqa: PLR2004
        raise ValueError(told)
    return f"{hour:02}:{minute:02}"


def _cut(begin: datetime, end: datetime) -> Iterator[Interval]:
    """Cut a span at midnight.

    >>> len(list(_cut(datetime(2026, 10, 1, 20), datetime(2026, 10, 2, 4))))
    2
    """
    while begin < end:
        midnight = datetime(begin.year, begin.month, begin.day) + timedelta(days=1)  # noqa: DTZ001
        yield begin, min(midnight, end)
        begin = midnight
