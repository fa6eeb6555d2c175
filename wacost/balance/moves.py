"""All that moves one balance, in its own currency, in the order of time.

The moves of a balance are a temporary table, so that a balance at any instant is one exact sum of
integers. They are what was told, the call charges as they are now, and for each observed balance
the difference to what we had then, which is booked to `unexplained`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.book import Entry, entries_of
from wacost.balance.fx import Rates
from wacost.config import Balance
from wacost.money import UNIT, divide, divide_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

_STEPS: Final = dict(
    part.split("\n", 1)
    for part in Path(__file__)
    .with_name("moves.sql")
    .read_text(encoding="utf-8")
    .split("-- step: ")[1:]
)
_NEVER: Final = date(9999, 12, 31)
_FINER: Final = 2
Difference = tuple[str, str, datetime, str, int]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one balance.

    Attributes:
        name: the account, or the portfolio that shares it.
        accounts: whose calls it pays for.
        currency: ISO 4217.
        timezone: in which its days are told.
        settings: what wacost.toml says of it.
        rates: of `fx.csv`.
    """

    name: str
    accounts: tuple[str, ...]
    currency: str
    timezone: str
    settings: Balance = field(default_factory=Balance)
    rates: Rates = field(default_factory=Rates)


def rows(con: DuckDBPyConnection, step: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run one step of moves.sql with the values that it names."""
    sql = _STEPS[step]
    return con.execute(sql, {k: v for k, v in values.items() if f"${k}" in sql}).fetchall()


def naive(at: datetime) -> datetime:
    """Return a moment as the store keeps it: UTC without an offset."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def make_moves(con: DuckDBPyConnection, terms: Terms) -> list[Difference]:
    """Make the temporary table of a balance's moves; return the differences of observed ones."""
    con.execute(_STEPS["rates"])
    told = _rate_rows(con, terms)
    if told:
        con.executemany("INSERT INTO balance_rates VALUES (?, ?, ?, ?, ?)", told)
    converted = divide_sql("l.amount_units * r.numerator", "r.denominator", "half_up")
    sql = _STEPS["moves"].replace("{converted}", converted)
    con.execute(sql, {"currency": terms.currency, "balance": terms.name})
    found = differences(con, terms)
    if found:
        con.executemany(
            "INSERT INTO balance_moves (moved_at, kind, entry_id, currency, told_units, units)"
            " VALUES (?, 'observed', ?, ?, ?, ?)",
            [(at, entry_id, currency, units, units) for _, entry_id, at, currency, units in found],
        )
    return found


def _rate_rows(con: DuckDBPyConnection, terms: Terms) -> list[tuple[Any, ...]]:
    """Return from when to when which rate holds, for the currencies that the ledger has."""
    query = "SELECT DISTINCT currency FROM ledger WHERE balance = ? AND currency <> ?"
    found = []
    for (currency,) in con.execute(query, [terms.name, terms.currency]).fetchall():
        rates = terms.rates.between(currency, terms.currency)
        ends = [*(one.on for one in rates[1:]), _NEVER][: len(rates)]
        found += [
            (currency, one.on, end, one.worth.numerator, one.worth.denominator)
            for one, end in zip(rates, ends, strict=True)
        ]
    return found


def differences(con: DuckDBPyConnection, terms: Terms) -> list[Difference]:
    """Return by what each observed balance differs from ours at that moment, in order.

    After an observed balance ours is what was observed. One that was shown rounded says only in
    which range it lies: the difference is the least that brings ours there.
    """
    had = dict(rows(con, "before_observed", balance=terms.name))
    found: list[Difference] = []
    booked = 0
    for entry in entries_of(con, terms.name):
        if entry.kind == "observed":
            ours = had[entry.entry_id] + booked
            units = _seen(entry, ours, terms.settings.display_mode) - ours
            booked += units
            found.append((terms.name, entry.entry_id, entry.at, entry.currency, units))
    return found


def _seen(entry: Entry, ours: int, mode: str) -> int:
    """Return what the balance was by an observation: itself, or the nearest that is shown so."""
    if entry.shown_places is None:
        return entry.units
    scale = 10**entry.shown_places
    if divide(ours * scale, UNIT, mode) * UNIT == entry.units * scale:
        return ours
    low, high = shown_range(entry.units, entry.shown_places, mode)
    return low if ours < low else high


def shown_range(units: int, places: int, mode: str) -> tuple[int, int]:
    """Return the least and the most, told to two places more, that are shown as an amount.

    >>> [n / UNIT for n in shown_range(10 * UNIT, 0, "half_up")]
    [9.5, 10.49]
    >>> [n / UNIT for n in shown_range(10 * UNIT, 0, "down")]
    [10.0, 10.99]
    """
    fine = 10 ** (places + _FINER)
    step = UNIT // fine
    shown = divide(units * 10**places, UNIT, "half_up")
    near = range(shown * 100 - 100, shown * 100 + 101)
    found = [n for n in near if divide(n, 100, mode) == shown]
    return found[0] * step, found[-1] * step


def keep(con: DuckDBPyConnection, payers: Mapping[str, Sequence[str]]) -> None:
    """Write whose calls each balance pays for since when, where that is not what is kept."""
    wanted = shares(con, payers)
    if kept_shares(con) != wanted:
        con.execute("DELETE FROM ledger_shares")
        if wanted:
            con.executemany("INSERT INTO ledger_shares VALUES (?, ?, ?)", wanted)


def shares(
    con: DuckDBPyConnection, payers: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, datetime]]:
    """Return (account, balance, first entry) of every balance that has entries.

    Args:
        con: an open store.
        payers: every balance, and the accounts that it pays for.
    """
    query = "SELECT balance, min(moved_at) FROM ledger_entries GROUP BY balance"
    starts = dict(con.execute(query).fetchall())
    return sorted(
        (account, balance, starts[balance])
        for balance, accounts in payers.items()
        if balance in starts
        for account in accounts
    )


def kept_shares(con: DuckDBPyConnection) -> list[tuple[str, str, datetime]]:
    """Return the shares that the store keeps."""
    return sorted(con.execute("SELECT account, balance, starts_at FROM ledger_shares").fetchall())


def kept_differences(con: DuckDBPyConnection, balance: str) -> list[Difference]:
    """Return the differences that the store keeps of a balance."""
    query = (
        "SELECT balance, entry_id, moved_at, currency, units FROM ledger_differences"
        " WHERE balance = ? ORDER BY moved_at, entry_id"
    )
    return con.execute(query, [balance]).fetchall()


def keep_differences(con: DuckDBPyConnection, balance: str, wanted: Sequence[Difference]) -> None:
    """Write by what observed balances differ from ours."""
    con.execute("DELETE FROM ledger_differences WHERE balance = ?", [balance])
    if wanted:
        con.executemany("INSERT INTO ledger_differences VALUES (?, ?, ?, ?, ?)", list(wanted))


def balance_at(con: DuckDBPyConnection, at: datetime) -> int:
    """Return the balance at an instant, exact, in units: what moved at that instant counts."""
    return int(rows(con, "balance", at=at)[0][0])
