"""What one message of a sort cost, as Meta's `pricing_analytics` told: prices for other reports.

The ledger needs what messages cost in all; what one cost needs how many there were, which is kept
here beside it. Of a point that was told twice the last answer counts, as in the ledger.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wacost.money import SECONDS, divide

if TYPE_CHECKING:
    from collections.abc import Iterable

    from duckdb import DuckDBPyConnection

TOLD: Final = "pricing_analytics"
ToldPrice = tuple[str, str, str, datetime, datetime, str, int, str]
"""Balance, category, country, from, to (UTC), currency, nanos of one message, source."""


@dataclass(frozen=True, slots=True)
class Point:
    """What billed messages of one sort cost from one moment to another, UTC without an offset.

    Attributes:
        balance: that paid for them.
        point_id: of all that tells the sort, once in its balance.
        category: in small letters, as statuses of messages have it.
        country: of the contacts, ISO 3166 alpha-2.
        currency: ISO 4217.
        volume: how many they were.
        units: what they cost.
        source: the file that tells it.
        line: its place there.
    """

    balance: str
    point_id: str
    category: str
    country: str
    from_at: datetime
    to_at: datetime
    currency: str
    volume: int
    units: int
    source: str
    line: int


_NAMES: Final = ", ".join(field.name for field in fields(Point))
_LATEST: Final = f"""
    SELECT {_NAMES} FROM message_points
    WINDOW latest AS (PARTITION BY balance, point_id ORDER BY written_at DESC, line DESC)
    QUALIFY row_number() OVER latest = 1
"""  # noqa: S608 - names of the class above
_PRICES: Final = f"""
    SELECT
        balance, category, country, from_at, to_at, currency, sum(units)::HUGEINT,
        sum(volume)::HUGEINT, string_agg(DISTINCT source, ', ' ORDER BY source)
    FROM ({_LATEST})
    GROUP BY ALL
    ORDER BY ALL
"""  # noqa: S608 - as above


def keep_points(con: DuckDBPyConnection, points: Iterable[Point]) -> None:
    """Add the points that say something else than what was told of them last."""
    rows = con.execute(f"SELECT balance, point_id, volume, units FROM ({_LATEST})").fetchall()  # noqa: S608
    kept = {(balance, key): (volume, int(units)) for balance, key, volume, units in rows}
    last = {(one.balance, one.point_id): one for one in points}
    now = datetime.now(UTC).replace(tzinfo=None)
    new = [
        (*astuple(one), now)
        for key, one in last.items()
        if kept.get(key) != (one.volume, one.units)
    ]
    if new:
        marks = ", ".join("?" * (len(fields(Point)) + 1))
        con.executemany(f"INSERT INTO message_points ({_NAMES}, written_at) VALUES ({marks})", new)  # noqa: S608


def told_prices(con: DuckDBPyConnection) -> list[ToldPrice]:
    """Return what one message cost on average, rounded half up to the nano, period by period."""
    return [
        (*sort, divide(int(units), int(volume) * SECONDS, "half_up"), f"{TOLD} ({source})")
        for *sort, units, volume, source in con.execute(_PRICES).fetchall()
    ]
