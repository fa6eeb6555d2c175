"""What an answered call costs with everything that is paid around it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from wacost.analytics.costs import cost_rows
from wacost.money import minor_digits, plain, rounded, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from duckdb import DuckDBPyConnection

_MORE_PLACES = 2


@dataclass(frozen=True, slots=True)
class AllIn:
    """What an account pays in a month and currency, and what that is per answered call.

    Attributes:
        account: its name; None: calls that no account claims.
        currency: ISO 4217; None: nothing was priced.
        answered: answered calls.
        unpriced: calls without a price: what they cost is missing here.
        cost: what the calls cost, exact.
        fees: fixed costs of the month (yearly ones in twelve shares).
    """

    account: str | None
    currency: str | None
    answered: int
    unpriced: int
    cost: Decimal
    fees: Decimal

    @property
    def total(self) -> Decimal:
        """Everything together, exact."""
        return self.cost + self.fees

    @property
    def per_answered_call(self) -> Decimal | None:
        """The total by answered calls, to two places more than the currency has, half up."""
        if not self.answered or self.currency is None:
            return None
        places = minor_digits(self.currency) + _MORE_PLACES
        return rounded(Fraction(self.total) / self.answered, places)

    def as_dict(self) -> dict[str, Any]:
        """Return the row as plain values: amounts are text."""
        each = self.per_answered_call
        return {
            "account": self.account,
            "currency": self.currency,
            "answered": self.answered,
            "unpriced": self.unpriced,
            "cost": plain(trimmed(self.cost)),
            "fees": plain(trimmed(self.fees)),
            "total": plain(trimmed(self.total)),
            "per_answered_call": None if each is None else plain(each),
        }


def all_in_costs(
    con: DuckDBPyConnection,
    month: str,
    fees: Mapping[str, tuple[str, Decimal]],
    *,
    account: str | None = None,
) -> list[AllIn]:
    """Return one row per account and currency of a rated month.

    Args:
        con: an open store.
        month: like "2026-10".
        fees: account -> (currency, fixed costs of the month); they stand with that currency's
            calls, or alone where there are none.
        account: None: all.
    """
    rows = cost_rows(con, by=["account"], month=month, account=account)
    found = [_row(row.by[0], row, fees) for row in rows if row.currency is not None]
    told = {(one.account, one.currency) for one in found}
    found += [
        AllIn(name, currency, 0, 0, Decimal(0), amount)
        for name, (currency, amount) in fees.items()
        if amount and (name, currency) not in told and account in {None, name}
    ]
    return sorted(found, key=lambda one: (one.account or "", one.currency or ""))


def _row(name: str | None, row: Any, fees: Mapping[str, tuple[str, Decimal]]) -> AllIn:
    currency, amount = fees.get(name or "", ("", Decimal(0)))
    return AllIn(
        account=name,
        currency=row.currency,
        answered=row.answered,
        unpriced=row.unpriced,
        cost=row.amount if row.amount is not None else Decimal(0),
        fees=amount if currency == row.currency else Decimal(0),
    )
