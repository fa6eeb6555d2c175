"""Rows of a report as plain mappings, with times on the clocks of their account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wacost.zones import Span, instant_of, local_datetime, zone_at

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]


def rows_of(
    con: DuckDBPyConnection, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[Row]:
    """Run a query and return its rows by the names of its columns."""
    done = con.execute(sql, values) if values else con.execute(sql)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def local_times(rows: Sequence[Row], zones: Mapping[str, Sequence[Span]]) -> list[Row]:
    """Put the times of rows that name their account on its clocks, with the offset."""
    clock = clock_of(zones)
    return [
        {
            name: clock(row.get("account"), value) if isinstance(value, datetime) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def clock_of(
    zones: Mapping[str, Sequence[Span]],
) -> Callable[[str | None, datetime | None], datetime | None]:
    """Return a function that puts a moment in UTC on the clocks of an account; of none: UTC."""

    def local(account: str | None, at: datetime | None) -> datetime | None:
        if at is None:
            return None
        instant = instant_of(at, "UTC")
        spans = zones.get(account) if account is not None else None
        return local_datetime(zone_at(spans, instant) if spans else "UTC", instant)

    return local


def seconds_in_words(seconds: int | None) -> str:
    """Write a span of time for people.

    >>> [seconds_in_words(seconds) for seconds in (None, 59, 754, 9_000, 400_000)]
    ['', '59 s', '12 min', '2 h 30', '4 d 15 h']
    """
    if seconds is None:
        return ""
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60:02}"
    return f"{minutes} min" if minutes else f"{seconds} s"
