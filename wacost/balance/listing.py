"""The ledger line by line, with what is left after each, down to the single calls of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wacost.balance.days import day_begin, hand_over, local_day
from wacost.balance.moves import rows
from wacost.money import amount_of, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance.moves import Terms


@dataclass(frozen=True, slots=True)
class Line:
    """What moved a balance: something told, or the calls of an account and local day.

    Attributes:
        day: on the clocks of the account.
        at: when, UTC; of calls when the last of them ended.
        kind: as of an entry, or call.
        about: the account of the calls, else the note or the reference.
        calls: how many; None: it is no line of calls.
        units: what the balance changes by; None: there is no rate for it.
        unconverted: how many of its moves have no rate: they are in no sum.
        balance: what is left after it.
    """

    day: date
    at: datetime
    kind: str
    about: str
    calls: int | None
    units: int | None
    unconverted: int
    balance: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        return {
            "day": self.day,
            "at": self.at,
            "kind": self.kind,
            "about": self.about,
            "calls": self.calls,
            "amount": None if self.units is None else plain(amount_of(self.units)),
            "without_a_rate": self.unconverted,
            "balance": plain(amount_of(self.balance)),
        }


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call that a balance paid for; `units` None: there is no rate for its currency."""

    at: datetime
    call_id: str
    account: str
    direction: str
    country: str | None
    card: str
    billed_seconds: int
    units: int | None
    told_units: int
    currency: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        return {
            "at": self.at,
            "call_id": self.call_id,
            "account": self.account,
            "direction": self.direction,
            "country": self.country,
            "card": self.card,
            "billed_seconds": self.billed_seconds,
            "amount": None if self.units is None else plain(amount_of(self.units)),
            "charged": plain(amount_of(self.told_units)),
            "currency": self.currency,
        }


def lines_of(
    con: DuckDBPyConnection, terms: Terms, at: datetime, starts_at: datetime
) -> list[Line]:
    """Return all lines up to an instant; the balance's moves have been made."""
    first, last = local_day(terms.timezone, starts_at), local_day(terms.timezone, at)
    hand_over(con, terms, [first + timedelta(days=n) for n in range((last - first).days + 1)])
    return [Line(*row) for row in rows(con, "lines", balance=terms.name, at=at)]


def calls_on(con: DuckDBPyConnection, terms: Terms, day: date) -> list[CallLine]:
    """Return the calls of a local day."""
    begin, end = (day_begin(terms.timezone, day + timedelta(days=n)) for n in (0, 1))
    return [CallLine(*row) for row in rows(con, "day_calls", begin=begin, end=end)]
