"""What can be said of a balance at an instant: how much, how old, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wacost.balance.live import Quote, WorstCase, worst_case
from wacost.balance.moves import balance_at, rows
from wacost.balance.threshold import Verdict, exact_text, judge
from wacost.money import amount_of, plain
from wacost.names import noun

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance.debits import Debit
    from wacost.balance.moves import Terms

ORDER = (
    "opening",
    "topup",
    "call",
    "message",
    "fee",
    "refund",
    "adjustment",
    "correction",
    "observed",
)


@dataclass(frozen=True, slots=True)
class Since:
    """How long a balance has been below its minimum, and how many calls came meanwhile.

    A minimum in another currency is taken at the rate of the instant that is asked for.
    """

    at: datetime
    calls: int
    answered: int
    missed: int


@dataclass(frozen=True, slots=True)
class BalanceReport:
    """A balance at an instant. Times are UTC without an offset, amounts integers of 1/60 nano.

    Attributes:
        name: the account or portfolio.
        accounts: whose calls it pays for.
        at: the instant.
        verdict: whether calls are allowed, on the exact value.
        since: since when they are refused; None: they are not.
        worst: what is left if every call in progress goes on.
        totals: kind of entry -> (how many, what they come to).
        unpriced: status -> calls without a price: they are in no sum.
        unconverted: currency -> (moves, units): there was no rate for them, they are in no sum.
        last_told: the latest entry that somebody told.
        last_call: the latest call that was charged.
        last_observed: the latest observed balance.
        starts_at: the first entry.
        not_booked: fixed costs that wacost.toml tells of months that are over, and that no fee of
            the ledger covers since the last observed balance: nothing tells that they left this
            balance, so they are not taken off.
        notes: what is in no figure, as sentences.
    """

    name: str
    accounts: tuple[str, ...]
    at: datetime
    verdict: Verdict
    since: Since | None
    worst: WorstCase
    totals: Mapping[str, tuple[int, int]]
    unpriced: Mapping[str, int]
    unconverted: Mapping[str, tuple[int, int]]
    last_told: datetime | None
    last_call: datetime | None
    last_observed: datetime | None
    starts_at: datetime | None
    not_booked: tuple[Debit, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def amount(self) -> str:
        """The balance with every place it has."""
        return exact_text(self.verdict.units, self.verdict.currency)

    @property
    def as_of(self) -> datetime | None:
        """The latest thing that is known of the balance."""
        known = [at for at in (self.last_told, self.last_call) if at is not None]
        return max(known, default=None)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        return {
            "balance": self.name,
            "accounts": list(self.accounts),
            "at": self.at,
            "amount": plain(amount_of(self.verdict.units)),
            "currency": self.verdict.currency,
            "verdict": self.verdict.as_dict(),
            "refused_since": self.since.at if self.since else None,
            "calls_while_refused": self.since.calls if self.since else 0,
            "answered_while_refused": self.since.answered if self.since else 0,
            "worst_case": self.worst.as_dict(),
            "missed_while_refused": self.since.missed if self.since else 0,
            "totals": {
                kind: {"entries": count, "amount": plain(amount_of(units))}
                for kind, (count, units) in self.totals.items()
            },
            "unpriced": dict(self.unpriced),
            "unconverted": {
                currency: {"entries": count, "amount": plain(amount_of(units))}
                for currency, (count, units) in self.unconverted.items()
            },
            "as_of": self.as_of,
            "last_observed": self.last_observed,
            "starts_at": self.starts_at,
            "fixed_costs_not_booked": [one.as_dict() for one in self.not_booked],
        }


def report(
    con: DuckDBPyConnection, terms: Terms, at: datetime, quote: Quote, *, locale: str = "en"
) -> BalanceReport:
    """Say what a balance was at an instant; its moves have been made (`make_moves`).

    Args:
        con: the store.
        terms: of the balance.
        at: the instant.
        quote: prices a call of an account.
        locale: for what the supplier displays.
    """
    unconverted = {one: (count, units) for one, count, units in rows(con, "unconverted", at=at)}
    told, call, observed, starts = rows(con, "last", at=at)[0]
    gaps = " and ".join(
        f"{count} {noun(count, 'entry', 'entries')} in {one} {noun(count, 'has', 'have')} no rate"
        " in fx.csv"
        for one, (count, _) in unconverted.items()
    )
    if starts is None:
        gaps = "its first entry is later than that"
    verdict = judge(terms, balance_at(con, at), at.date(), gaps=gaps, locale=locale)
    totals = {kind: (count, units) for kind, count, units in rows(con, "totals", at=at)}
    return BalanceReport(
        name=terms.name,
        accounts=terms.accounts,
        at=at,
        verdict=verdict,
        since=_since(con, terms, verdict, at),
        worst=worst_case(con, terms, at, verdict.units, verdict.minimum_units, quote),
        totals={kind: totals[kind] for kind in ORDER if kind in totals},
        unpriced=dict(rows(con, "unpriced", balance=terms.name, at=at)),
        unconverted=unconverted,
        last_told=told,
        last_call=call,
        last_observed=observed,
        starts_at=starts,
    )


def _since(con: DuckDBPyConnection, terms: Terms, verdict: Verdict, at: datetime) -> Since | None:
    if verdict.state != "refused":
        return None
    fell = rows(con, "since", at=at, minimum=verdict.minimum_units)[0][0]
    if fell is None:
        return None
    calls = rows(con, "calls_since", balance=terms.name, since=fell, at=at)[0]
    return Since(fell, *calls)
