"""What calls cost by day, hour, group and contact: the ground of budgets and of what is unusual."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.days import day_begin, local_day
from wacost.balance.drivers import Cell
from wacost.errors import CurrencyMismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

_STEPS: Final = dict(
    part.split("\n", 1)
    for part in Path(__file__)
    .with_name("spend.sql")
    .read_text(encoding="utf-8")
    .split("-- step: ")[1:]
)


@dataclass(frozen=True, slots=True)
class Spend:
    """The calls of an account up to a moment, in one currency; its rows lie in the store.

    Attributes:
        currency: of the costs; None: nothing was charged.
        days: local dates without gaps; the last is that of the moment.
        cells: (direction, country) -> calls, seconds, units; by day.
    """

    currency: str | None
    days: tuple[date, ...]
    cells: dict[date, dict[tuple[str, str], tuple[int, int, int]]]

    def sum_of(self, days: Iterable[date], share: int = 1) -> dict[tuple[str, str], Cell]:
        """Add up some days; of the sum one part in `share` counts."""
        found: dict[tuple[str, str], list[int]] = {}
        for day in days:
            for group, told in self.cells.get(day, {}).items():
                kept = found.setdefault(group, [0, 0, 0])
                for n, number in enumerate(told):
                    kept[n] += number
        return {group: Cell.of(kept[0], kept[1], kept[2], share) for group, kept in found.items()}

    def units_on(self, day: date) -> int:
        """Return what a day cost."""
        return sum(units for _, _, units in self.cells.get(day, {}).values())


def steps(con: DuckDBPyConnection, name: str, **values: Any) -> list[tuple[Any, ...]]:
    """Run one step of spend.sql with the values that it names."""
    sql = _STEPS[name]
    return con.execute(sql, {k: v for k, v in values.items() if f"${k}" in sql}).fetchall()


def spend_until(
    con: DuckDBPyConnection, accounts: Sequence[str], timezone: str, at: datetime, days: int
) -> Spend:
    """Hand the calls of the last days over and add them up by day.

    Args:
        con: the store; only temporary tables are made.
        accounts: whose calls.
        timezone: in which days are told.
        at: the moment that is now, UTC without an offset.
        days: how many days before that of the moment are looked at.

    Raises:
        CurrencyMismatchError: they were charged in two currencies.
    """
    last = local_day(timezone, at)
    first = steps(con, "first_day", accounts=list(accounts))[0][0]
    begin = min(last, max(last - timedelta(days=days), local_day(timezone, first or at)))
    told = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    steps(con, "days")
    con.executemany(
        "INSERT INTO spend_days VALUES (?, ?, ?)",
        [(d, day_begin(timezone, d), day_begin(timezone, d + timedelta(days=1))) for d in told],
    )
    steps(con, "moves", accounts=list(accounts), at=at)
    currencies = [one for (one,) in steps(con, "currencies")]
    if len(currencies) > 1:
        raise CurrencyMismatchError(
            f"the calls of {', '.join(accounts)} were charged in {' and '.join(currencies)}",
            hint="look at a time with one currency: --at",
        )
    cells: dict[date, dict[tuple[str, str], tuple[int, int, int]]] = {}
    for day, direction, country, calls, seconds, units in steps(con, "daily"):
        cells.setdefault(day, {})[direction, country] = (calls, seconds, int(units))
    return Spend(currencies[0] if currencies else None, tuple(told), cells)
