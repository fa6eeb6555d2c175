"""What calls cost, by country, direction, month or whatever column is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COST_COLUMNS: Final = (
    "account",
    "card",
    "country",
    "direction",
    "market",
    "month",
    "status",
    "tier_from_minutes",
)
"""The columns that costs can be told by."""


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


def costs_query(
    *, by: Sequence[str], month: str | None, account: str | None, side: str
) -> tuple[str, dict[str, Any]]:
    """Return the query of costs, and its values.

    Args:
        by: some of `COST_COLUMNS`, in the order wanted; the rows come dearest first.
        month: the month billed; None: all.
        account: None: all.
        side: "cost" or "sale".

    Raises:
        InputError: a column that costs cannot be told by.
    """
    for column in by:
        if column not in COST_COLUMNS:
            raise InputError(
                f"costs cannot be told by {column!r}", hint=f"one of {', '.join(COST_COLUMNS)}"
            )
    if not by:
        raise InputError("by which column?", hint=f"some of {', '.join(COST_COLUMNS)}")
    names = ", ".join(f"charges.{column} AS {column}" for column in by)
    order = ", ".join(("amount DESC NULLS LAST", "calls DESC", *by))
    sql = _text().format(by=names, order=order)
    return sql, {"side": side, "month": month, "account": account}


def cost_rows(
    con: DuckDBPyConnection,
    *,
    by: Sequence[str],
    month: str | None = None,
    account: str | None = None,
    side: str = "cost",
) -> list[Cost]:
    """Return costs as plain rows, dearest first within each currency. See `costs_query`."""
    sql, values = costs_query(by=by, month=month, account=account, side=side)
    rows = con.execute(sql, values).fetchall()
    return [Cost(tuple(row[: len(by)]), *row[len(by) :]) for row in rows]


@cache
def _text() -> str:
    return Path(__file__).with_name("costs.sql").read_text(encoding="utf-8")
