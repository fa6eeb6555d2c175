"""The calls of a month with the clock times of their account: what reports on calls start from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.listing import month_windows
from wacost.errors import InputError
from wacost.zones import FOREVER_S, Span, instant_of, offset_spans

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's times are UTC without an offset
_MARGIN_S: Final = 40 * 86_400  # a call may have begun long before the month that its end is in

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GROUPS: Final = {
    "account": "account",
    "contact": "person",
    "country": "country",
    "direction": "direction",
    "hour": "hour(local_at)",
    "number": "number",
    "weekday": "isodow(local_at)",
}
"""What calls can be told by -> its SQL over `month_calls`."""


@dataclass(frozen=True)
class Asked:
    """Whose calls of which month are told of.

    Attributes:
        month: like "2026-10", local to each account.
        zones: account -> its time zones.
        account: only its calls; None: all, also those that no account claims.
        people: (contact, person): numbers that are one person's.
    """

    month: str
    zones: Mapping[str, Sequence[Span]]
    account: str | None = None
    people: Sequence[tuple[str, str]] = field(default=())

    def windows(self) -> list[tuple[str | None, datetime, datetime]]:
        """Return (account, from, to) of the month, in UTC."""
        found = month_windows(self.month, self.zones)
        return [each for each in found if self.account in {None, each[0]}]


def stage(con: DuckDBPyConnection, asked: Asked) -> None:
    """Make the temporary table `month_calls` and what it is made of.

    Args:
        con: an open store; read-only will do.
        asked: whose calls of which month.
    """
    windows = asked.windows()
    fill(con, "month_windows", "account VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP", windows)
    accounts = dict.fromkeys(window[0] for window in windows)
    clocks = [clock for account in accounts for clock in _clocks(asked, account, windows)]
    columns = "account VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP, offset_s INTEGER"
    fill(con, "clocks", columns, clocks)
    fill(con, "people", "contact VARCHAR, person VARCHAR", asked.people)
    con.execute(sql_of("stage"))


def fill(
    con: DuckDBPyConnection, table: str, columns: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    """Make a temporary table of plain rows.

    Args:
        con: an open store.
        table: its name, ours.
        columns: "name TYPE, name TYPE", ours.
        rows: the values.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
    if rows:
        kinds = [column.split()[1] for column in columns.split(", ")]
        lists = ", ".join(f"unnest(${n}::{kind}[])" for n, kind in enumerate(kinds, start=1))
        values = [list(column) for column in zip(*rows, strict=True)]
        con.execute(f"INSERT INTO {table} SELECT {lists}", values)


def grouped(by: Sequence[str]) -> str:
    """Return the columns of a SELECT by which `month_calls` are told; "" where by none.

    >>> grouped(["hour", "country"])
    'hour(local_at) AS "hour", country AS "country", '

    Raises:
        InputError: calls cannot be told by that.
    """
    for column in by:
        if column not in GROUPS:
            known = ", ".join(sorted(GROUPS))
            raise InputError(f"calls cannot be told by {column!r}", hint=f"some of {known}")
    return "".join(f'{GROUPS[column]} AS "{column}", ' for column in dict.fromkeys(by))


def in_words(column: str, value: Any) -> str:
    """Write a value that calls are told by.

    >>> in_words("hour", 9), in_words("weekday", 1), in_words("country", None)
    ('09:00', 'Monday', '?')
    """
    if value is None:
        return "?"
    if column == "hour":
        return f"{value:02}:00"
    return WEEKDAYS[value - 1] if column == "weekday" else str(value)


@cache
def sql_of(name: str) -> str:
    """Return the text of a .sql file of this room."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def _clocks(
    asked: Asked, account: str | None, windows: Sequence[tuple[str | None, datetime, datetime]]
) -> list[tuple[str | None, datetime, datetime, int]]:
    """Return how far an account's clocks were ahead of UTC, around a month."""
    first = min(instant_of(w[1], "UTC") for w in windows if w[0] == account) - _MARGIN_S
    after = max(instant_of(w[2], "UTC") for w in windows if w[0] == account) + _MARGIN_S
    always = [(-FOREVER_S, FOREVER_S, "UTC")]
    spans = always if account is None else asked.zones.get(account, always)
    found: list[tuple[str | None, datetime, datetime, int]] = []
    for since, until, zone in spans:
        low, high = max(first, since), min(after, until)
        for one, other, offset in offset_spans(zone, low, high) if low < high else ():
            row = (account, _moment(one), _moment(other), offset)
            found.append(row)
    return found


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(seconds=instant)
