"""Days on the clocks of a balance: when one begins, and which one a moment belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from wacost.balance.moves import rows
from wacost.zones import first_instant, local_datetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.balance.moves import Terms


def local_day(timezone: str, at: datetime) -> date:
    """Return the local date of a moment in UTC."""
    return local_datetime(timezone, instant(at)).date()


def instant(at: datetime) -> int:
    """Return a moment in UTC as seconds since 1970."""
    return int(at.replace(tzinfo=UTC).timestamp())


def day_begin(timezone: str, day: date) -> datetime:
    """Return the first moment of a local date, in UTC without an offset."""
    return datetime.fromtimestamp(first_instant(timezone, day), UTC).replace(tzinfo=None)


def hand_over(con: DuckDBPyConnection, terms: Terms, days: Sequence[date]) -> None:
    """Tell the store when some local days begin and end."""
    rows(con, "days")
    told = [
        (day, day_begin(terms.timezone, day), day_begin(terms.timezone, day + timedelta(days=1)))
        for day in days
    ]
    if told:
        con.executemany("INSERT INTO balance_days VALUES (?, ?, ?)", told)
