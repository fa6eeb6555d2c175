"""Rate calls beside what one would write without wacost: a pandas script and a Decimal loop.

    python benchmarks/bench_rivals.py --calls 1000000

All three price the same calls of twelve months and must give the same sum, to the last digit,
before a time is printed. wacost is timed to invoice lines and to one charge a call.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import by_decimal
import by_pandas
from bench_rating import ACCOUNTS, LINES, MONTHS, ZONES, fill

from wacost.bundled import bundled
from wacost.cards import load_card
from wacost.rating import BilledAccount
from wacost.rating.month import SetKernel
from wacost.rating.plans import Plans
from wacost.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

CARD = "demo-two-way"  # both directions, every band known: what the short scripts can price
NAMES = [f"account-{n}" for n in range(ACCOUNTS)]
TIMEZONES = {name: ZONES[n % len(ZONES)] for n, name in enumerate(NAMES)}
PORTFOLIOS = {name: f"portfolio-{n // 4}" for n, name in enumerate(NAMES)}
ALL_MONTHS = ["2025-10", *MONTHS, "2026-11"]  # local clocks move calls over the year's ends
UNITS = 60 * 10**9
ANSWERED = "SELECT {} FROM ratable_calls WHERE answered ORDER BY ended_at, call_id"


def main() -> None:
    """Fill a store, let each side price it, compare, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--calls", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "w.duckdb") as con:
        fill(con, chosen.calls)
        sides: dict[str, Callable[[], int]] = {
            "wacost, lines": lambda: to_lines(con),
            "wacost, charges": lambda: to_charges(con),
            "pandas script": lambda: in_pandas(con),
            "Decimal loop": lambda: in_decimal(con),
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        sums: dict[str, int] = {}
        for _ in range(chosen.rounds):
            for name, run in sides.items():
                began = time.perf_counter()
                sums[name] = run()
                times[name].append(time.perf_counter() - began)
            if len(set(sums.values())) > 1:
                raise SystemExit(f"the sums differ: {sums}")
    base = statistics.median(times["wacost, lines"])
    print(f"{chosen.calls:,} calls, a year: all sums are {Decimal(sums['wacost, lines']) / UNITS}")
    for name, took in times.items():
        middle = statistics.median(took)
        print(f"{name:<16} {middle:7.2f} s  {middle / base:6.2f} x wacost to lines")


def kernel_of(con: DuckDBPyConnection) -> SetKernel:
    """Every account under one card, each four of them a portfolio."""
    card = load_card(CARD)
    billed = [BilledAccount(name, TIMEZONES[name], card, PORTFOLIOS[name]) for name in NAMES]
    return SetKernel(con, Plans(billed, ALL_MONTHS))


def to_lines(con: DuckDBPyConnection) -> int:
    """Price to invoice lines."""
    kernel = kernel_of(con)
    kernel.price("ratable_calls", ordered=False)
    return sum(line[-1] or 0 for line in con.execute(LINES).fetchall())


def to_charges(con: DuckDBPyConnection) -> int:
    """Price and write a charge for every call."""
    kernel = kernel_of(con)
    kernel.price("ratable_calls")
    kernel.keep("cost")
    row = con.execute("SELECT sum(amount_units)::HUGEINT FROM charge_rows").fetchone()
    return int(row[0]) if row else 0


def in_pandas(con: DuckDBPyConnection) -> int:
    """Price with `by_pandas.py`, the calls fetched as a frame."""
    columns = "call_id, account, country, direction, ended_at, duration_s"
    frame = con.execute(ANSWERED.format(columns)).df()
    return by_pandas.bill(frame, TIMEZONES, PORTFOLIOS, bundled("rates") / CARD)


def in_decimal(con: DuckDBPyConnection) -> int:
    """Price with `by_decimal.py`, the calls fetched in pieces."""
    columns = "ended_at, call_id, account, country, direction, duration_s"
    cursor = con.cursor().execute(ANSWERED.format(columns))
    calls = (row for rows in iter(lambda: cursor.fetchmany(10_000), []) for row in rows)
    total = by_decimal.bill(calls, TIMEZONES, PORTFOLIOS, bundled("rates") / CARD) * UNITS
    if total != int(total):
        raise SystemExit(f"{total} is no whole number of units")
    return int(total)


if __name__ == "__main__":
    main()
