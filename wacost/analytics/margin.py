"""What is earned on calls that are sold on: cost, sale and margin, by whatever is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

MARGIN_COLUMNS: Final = ("account", "country", "direction", "market", "month")
"""The columns that margins can be told by; a market is that of the supplier's card."""


@dataclass(frozen=True, slots=True)
class Margin:
    """One row of margins.

    Attributes:
        by: the values of the columns asked for.
        cost_currency: in which the supplier charges; None: no card priced.
        sale_currency: in which the customer is charged.
        calls: how many, of both sides.
        unpriced: calls among them that have no price on one side; they are in no sum.
        cost_seconds: billed by the supplier.
        sale_seconds: billed to the customer.
        cost: what the calls cost; None: nothing was priced on both sides.
        sale: what they are sold for.
        margin: sale less cost; None where the currencies differ: they are never set off.
        below_cost: they are sold for less than they cost.
    """

    by: tuple[Any, ...]
    cost_currency: str | None
    sale_currency: str | None
    calls: int
    unpriced: int
    cost_seconds: int
    sale_seconds: int
    cost: Decimal | None
    sale: Decimal | None
    margin: Decimal | None
    below_cost: bool

    def as_dict(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the row as plain values: amounts are text.

        Args:
            names: of the columns that it is told by.
        """
        return {
            **dict(zip(names, self.by, strict=True)),
            "cost_currency": self.cost_currency,
            "sale_currency": self.sale_currency,
            "calls": self.calls,
            "unpriced": self.unpriced,
            "cost_seconds": self.cost_seconds,
            "sale_seconds": self.sale_seconds,
            "cost": _text(self.cost),
            "sale": _text(self.sale),
            "margin": _text(self.margin),
            "below_cost": self.below_cost,
        }


def margin_query(
    *, by: Sequence[str], month: str | None, account: str | None
) -> tuple[str, dict[str, Any]]:
    """Return the query of margins, and its values. Only accounts that sell on are told.

    Args:
        by: some of `MARGIN_COLUMNS`; the rows come with the least margin first.
        month: the month billed; None: all.
        account: None: all.

    Raises:
        InputError: a column that margins cannot be told by.
    """
    hint = f"some of {', '.join(MARGIN_COLUMNS)}"
    if not by:
        raise InputError("by which column?", hint=hint)
    for column in by:
        if column not in MARGIN_COLUMNS:
            raise InputError(f"margins cannot be told by {column!r}", hint=hint)
    names = ", ".join(f"c.{column} AS {column}" for column in by)
    order = ", ".join(("margin NULLS LAST", "calls DESC", *by))
    return _sql().format(by=names, order=order), {"month": month, "account": account}


def margin_rows(
    con: DuckDBPyConnection,
    *,
    by: Sequence[str],
    month: str | None = None,
    account: str | None = None,
) -> list[Margin]:
    """Return margins as plain rows. See `margin_query`."""
    sql, values = margin_query(by=by, month=month, account=account)
    rows = con.execute(sql, values).fetchall()
    return [Margin(tuple(row[: len(by)]), *row[len(by) :]) for row in rows]


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(trimmed(amount))


@cache
def _sql() -> str:
    return Path(__file__).with_name("margin.sql").read_text(encoding="utf-8")
