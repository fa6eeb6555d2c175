"""What calls cost, by country, direction, day or whatever column is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.days import day_windows
from wacost.errors import InputError
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.zones import Span

COST_COLUMNS: Final = (
    "account",
    "card",
    "country",
    "day",
    "direction",
    "market",
    "month",
    "status",
    "tier_from_minutes",
)
"""The columns that costs can be told by."""
_ANY_SUM: Final = 60  # digits: more than a sum of DECIMAL(38, 12) has


@dataclass(frozen=True, slots=True)
class Cost:
    """One row: `by` are the values of the columns asked for; `amount` None: nothing was priced."""

    by: tuple[Any, ...]
    currency: str | None
    calls: int
    answered: int
    unpriced: int
    billed_seconds: int
    amount: Decimal | None

    def as_dict(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the row as plain values: the amount is text, a day ISO 8601.

        Args:
            names: of the columns that it is told by.
        """
        return {
            **{name: _plain(value) for name, value in zip(names, self.by, strict=True)},
            "currency": self.currency,
            "calls": self.calls,
            "answered": self.answered,
            "unpriced": self.unpriced,
            "billed_seconds": self.billed_seconds,
            "amount": None if self.amount is None else plain(trimmed(self.amount)),
        }


def totals(rows: Sequence[Cost]) -> list[Cost]:
    """Add up the rows of each currency that has more than one; `by` is empty.

    >>> one, other = (Cost(("BR",), c, 2, 1, 0, 60, Decimal("0.5")) for c in ("USD", "INR"))
    >>> [(row.currency, row.calls, row.amount) for row in totals([one, other, one])]
    [('USD', 4, Decimal('1.0'))]
    """
    groups: dict[str | None, list[Cost]] = {}
    for row in rows:
        groups.setdefault(row.currency, []).append(row)
    return [_total(found) for found in groups.values() if len(found) > 1]


def _total(rows: Sequence[Cost]) -> Cost:
    with localcontext(prec=_ANY_SUM):
        amounts = [row.amount for row in rows if row.amount is not None]
        amount = sum(amounts, Decimal(0)) if amounts else None
    calls, answered, unpriced, seconds = (
        sum(getattr(row, name) for row in rows)
        for name in ("calls", "answered", "unpriced", "billed_seconds")
    )
    return Cost((), rows[0].currency, calls, answered, unpriced, seconds, amount)


def costs_query(
    con: DuckDBPyConnection,
    *,
    by: Sequence[str],
    month: str | None,
    account: str | None,
    side: str,
    zones: Mapping[str, Sequence[Span]],
) -> tuple[str, dict[str, Any]]:
    """Return the query of costs, and its values.

    Args:
        con: an open store.
        by: some of `COST_COLUMNS`, in the order wanted; the rows come dearest first, months
            and days in their order.
        month: the month billed; None: all.
        account: None: all.
        side: "cost" or "sale".
        zones: account -> its time zones; they decide the days.

    Raises:
        InputError: a column that costs cannot be told by, or days of no month.
    """
    for column in by:
        if column not in COST_COLUMNS:
            raise InputError(
                f"costs cannot be told by {column!r}", hint=f"one of {', '.join(COST_COLUMNS)}"
            )
    if not by:
        raise InputError("by which column?", hint=f"some of {', '.join(COST_COLUMNS)}")
    values: dict[str, Any] = {"side": side, "month": month, "account": account}
    if daily := "day" in by:
        if month is None:
            raise InputError("days are told of one month", hint='month="2026-10"')
        values |= day_windows(con, month, side, zones)
    names = ", ".join(f"{'days' if c == 'day' else 'charges'}.{c} AS {c}" for c in by)
    times = tuple(name for name in ("month", "day") if name in by)
    order = ", ".join((*times, "amount DESC NULLS LAST", "calls DESC", *by))
    sql = _text("costs.sql").format(by=names, order=order, days=_text("days.sql") if daily else "")
    return sql, values


def cost_rows(
    con: DuckDBPyConnection,
    *,
    by: Sequence[str],
    month: str | None = None,
    account: str | None = None,
    side: str = "cost",
    zones: Mapping[str, Sequence[Span]] | None = None,
) -> list[Cost]:
    """Return costs as plain rows, dearest first within each currency. See `costs_query`."""
    sql, values = costs_query(
        con, by=by, month=month, account=account, side=side, zones=zones or {}
    )
    rows = con.execute(sql, values).fetchall()
    return [Cost(tuple(row[: len(by)]), *row[len(by) :]) for row in rows]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
