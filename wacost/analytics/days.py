"""The local days of a month, for every account and card whose charges are in it.

A day is local to the clock that decided the month: the account's, or the card's own zone where it
names one. So the days of a month add up to the month.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.months import checked_month
from wacost.zones import FOREVER_S, Span, first_instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's times are UTC without an offset
_ALWAYS_UTC: Final = ((-FOREVER_S, FOREVER_S, "UTC"),)
_PRICED_BY: Final = """
    SELECT
        h.account, h.card_checksum,
        k.content::JSON ->> '$.timezone' AS zone,
        coalesce(k.content::JSON ->> '$.policies.month_of' = 'start', false) AS by_start
    FROM (
        SELECT DISTINCT account, card_checksum FROM charge_rows WHERE month = ? AND side = ?
    ) AS h
    LEFT JOIN cards AS k ON k.checksum = h.card_checksum
    ORDER BY h.account NULLS LAST, h.card_checksum NULLS LAST
"""


def month_days(month: str) -> list[date]:
    """Return every day of a month.

    >>> len(month_days("2028-02"))
    29
    """
    year, number = (int(part) for part in checked_month(month).split("-"))
    return [date(year, number, day + 1) for day in range(calendar.monthrange(year, number)[1])]


def day_windows(
    con: DuckDBPyConnection, month: str, side: str, zones: Mapping[str, Sequence[Span]]
) -> dict[str, list[Any]]:
    """Return the days of a month as columns, the values of days.sql.

    Args:
        con: an open store.
        month: the month billed.
        side: "cost" or "sale".
        zones: account -> its time zones: (first instant, first instant no longer, zone).
    """
    rules: list[tuple[Any, ...]] = []
    windows: list[tuple[Any, ...]] = []
    found = con.execute(_PRICED_BY, [month, side]).fetchall()
    for place, (account, card, zone, by_start) in enumerate(found):
        own = zones.get(account, _ALWAYS_UTC)
        spans = own if zone in {None, "account"} else ((-FOREVER_S, FOREVER_S, zone),)
        rules.append((place, account, card, by_start))
        windows += [(place, *window) for window in _windows(month, spans)]
    names = (("places", "accounts", "cards", "by_start"), ("day_places", "days", "since", "until"))
    return {
        name: [row[n] for row in rows]
        for rows, told in zip((rules, windows), names, strict=True)
        for n, name in enumerate(told)
    }


def _windows(month: str, spans: Sequence[Span]) -> Iterator[tuple[date, datetime, datetime]]:
    """Yield (day, first moment, first moment no longer) of a month; UTC without an offset.

    A day on which the clocks change to another zone has a window of each.

    >>> [str(at) for at in next(_windows("2026-10", [(-FOREVER_S, FOREVER_S, "Asia/Kolkata")]))]
    ['2026-10-01', '2026-09-30 18:30:00', '2026-10-01 18:30:00']
    """
    for begin, end, zone in spans:
        for day in month_days(month):
            since = max(first_instant(zone, day), begin)
            until = min(first_instant(zone, day + timedelta(days=1)), end)
            if since < until:
                yield day, _moment(since), _moment(until)


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(seconds=instant)
