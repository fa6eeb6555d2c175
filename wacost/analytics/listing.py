"""The plain lists: the calls and the charges of a month, an account, a side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wacost.months import month_span

Query = tuple[str, list[Any]]

_MOMENT: Final = "coalesce(CASE WHEN answered THEN ended_at END, first_event_at)"


def calls_query(*, month: str | None, account: str | None, zones: Mapping[str, str]) -> Query:
    """Return the query of `calls`, and its values.

    Args:
        month: of the call's end, or of its first event where it was not answered, on the clocks
            of its account (UTC for a call without one); None: all.
        account: only its calls; None: all.
        zones: account -> its time zone.
    """
    tests: list[str] = []
    values: list[Any] = []
    if account is not None:
        tests.append("account = ?")
        values.append(account)
    if month is not None:
        spans = [(name, *month_span(month, zone)) for name, zone in [*zones.items(), (None, "UTC")]]
        one = f"(account IS NOT DISTINCT FROM ? AND {_MOMENT} >= ? AND {_MOMENT} < ?)"
        tests.append(f"({' OR '.join([one] * len(spans))})")
        values += [value for span in spans for value in span]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return f"SELECT * FROM calls{where} ORDER BY first_event_at, call_id", values  # noqa: S608


def charges_query(*, month: str | None, account: str | None, side: str | None) -> Query:
    """Return the query of `charges`, and its values; `month` is the month billed."""
    wanted = {"month": month, "account": account, "side": side}
    given = {column: value for column, value in wanted.items() if value is not None}
    where = " WHERE " + " AND ".join(f"{column} = ?" for column in given) if given else ""
    sql = f"SELECT * FROM charges{where} ORDER BY month, side, account, call_id"  # noqa: S608
    return sql, list(given.values())
