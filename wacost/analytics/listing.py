"""The plain lists: the calls and the charges of a month, an account, a side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from wacost.months import month_span
from wacost.zones import FOREVER_S, Span

Query = tuple[str, list[Any]]

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the store's times are UTC without an offset
_ALWAYS_UTC: Final = (-FOREVER_S, FOREVER_S, "UTC")
_MOMENT: Final = "coalesce(CASE WHEN answered THEN ended_at END, first_event_at)"


def calls_query(
    *,
    month: str | None,
    account: str | None,
    zones: Mapping[str, Sequence[Span]],
    shown: str = "*",
) -> Query:
    """Return the query of `calls`, and its values.

    Args:
        month: of the call's end, or of its first event where it was not answered, on the clocks
            of its account (UTC for a call without one); None: all.
        account: only its calls; None: all.
        zones: account -> its time zones: (first instant, first instant no longer, zone).
        shown: SQL of the columns (never a value from outside).
    """
    where, values = within_month(_MOMENT, month, account, zones)
    order = "calls.first_event_at, calls.call_id"
    return f"SELECT {shown} FROM calls{where} ORDER BY {order}", values  # noqa: S608


def within_month(
    moment: str, month: str | None, account: str | None, zones: Mapping[str, Sequence[Span]]
) -> Query:
    """Return a WHERE clause, or "", for rows with an account and a moment, and its values.

    Args:
        moment: SQL of the moment in UTC (never a value from outside).
        month: local to the row's account (UTC for a row without one); None: all.
        account: None: all.
        zones: account -> its time zones.
    """
    tests: list[str] = []
    values: list[Any] = []
    if account is not None:
        tests.append("account = ?")
        values.append(account)
    if month is not None:
        spans = month_windows(month, zones)
        one = f"(account IS NOT DISTINCT FROM ? AND {moment} >= ? AND {moment} < ?)"
        tests.append(f"({' OR '.join([one] * len(spans))})")
        values += [value for span in spans for value in span]
    return (f" WHERE {' AND '.join(tests)}" if tests else ""), values


def month_windows(
    month: str, zones: Mapping[str, Sequence[Span]]
) -> list[tuple[str | None, datetime, datetime]]:
    """Return when a month begins and ends for each account, and in UTC for calls without one."""
    return [
        (name, *window)
        for name, of_account in [*zones.items(), (None, [_ALWAYS_UTC])]
        for span in of_account
        if (window := _window(month, span))
    ]


def _window(month: str, span: Span) -> tuple[datetime, datetime] | None:
    """Return the part of a month that lies in a span of time with one zone, or None."""
    begin, end, zone = span
    first, after = month_span(month, zone)
    if begin > -FOREVER_S:
        first = max(first, _EPOCH + timedelta(seconds=begin))
    if end < FOREVER_S:
        after = min(after, _EPOCH + timedelta(seconds=end))
    return (first, after) if first < after else None


def charges_query(
    *, month: str | None, account: str | None, side: str | None, shown: str = "*"
) -> Query:
    """Return the query of `charges`, and its values.

    Args:
        month: the month billed; None: all.
        account: only its charges; None: all.
        side: "cost" or "sale"; None: both.
        shown: SQL of the columns (never a value from outside).
    """
    wanted = {"month": month, "account": account, "side": side}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " WHERE " + " AND ".join(f"{column} = ?" for column in given) if given else ""
    order = ", ".join(f"charges.{column}" for column in ("month", "side", "account", "call_id"))
    return f"SELECT {shown} FROM charges{where} ORDER BY {order}", list(given.values())  # noqa: S608


DEAREST: Final = """
    SELECT
        call_id, direction, country, card, billed_seconds, rate_per_minute, amount, currency, flags
    FROM charges
    WHERE side = 'cost' AND month = $month AND amount > 0
        AND ($account IS NULL OR account = $account)
        AND ($direction IS NULL OR direction = $direction)
        AND ($country IS NULL OR country = $country)
    ORDER BY currency, amount DESC, call_id LIMIT $most
"""
"""The dearest charges of a month, of what is asked for: each currency apart."""
