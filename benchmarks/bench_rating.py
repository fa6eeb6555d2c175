"""Rate many calls beside a bare scan of the same columns, in one interleaved run.

    python benchmarks/bench_rating.py --calls 10000000

Both sides read the same store. Before anything is timed, the totals of the kernel are compared
with those of a plain SQL recount. Times are whole statements; the figure that counts is the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from wacost.cards import load_card
from wacost.rating import BilledAccount
from wacost.rating.month import SetKernel
from wacost.rating.plans import Plans
from wacost.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

ZONES = [
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Europe/Lisbon",
    "America/Mexico_City",
    "Europe/Madrid",
    "Asia/Dubai",
    "America/Bogota",
    "Africa/Johannesburg",
    "Asia/Jakarta",
    "Europe/Berlin",
    "America/Lima",
    "Asia/Riyadh",
    "Europe/London",
    "America/Santiago",
    "Asia/Singapore",
    "Africa/Lagos",
    "Europe/Istanbul",
    "Asia/Kuala_Lumpur",
    "America/Argentina/Buenos_Aires",
    "Europe/Paris",
    "Asia/Karachi",
    "Africa/Nairobi",
    "Europe/Rome",
    "UTC",
]
MONTHS = [f"2025-{month:02d}" for month in range(11, 13)] + [
    f"2026-{month:02d}" for month in range(1, 11)
]
ACCOUNTS = 200

# 80 % outbound, 70 % answered, a heavy tail of durations, few accounts with most of the calls.
FILL = """
INSERT INTO call_rows BY NAME
WITH drawn AS (
    SELECT
        i,
        hash(i) % 1000000 AS a, hash(i + 1) % 1000000 AS b, hash(i + 2) % 1000000 AS c,
        hash(i + 3) % $seconds AS second
    FROM range($first, $first + $calls) AS t(i)
), shaped AS (
    SELECT
        *,
        (a * a // 1000000 * a // 1000000 * $accounts // 1000000)::INTEGER AS account_no,
        list_extract($countries, (1 + b % $n_countries)::INTEGER) AS country_code,
        list_extract($heads, (1 + b % $n_countries)::INTEGER) AS head,
        b < 800000 AS outbound,
        c < 700000 AS picked_up,
        (5 + (a * 37 + c) % 60 + CASE WHEN c % 10 = 0 THEN (a * 13) % 1500 ELSE 0 END)::BIGINT
            AS seconds,
        $start::TIMESTAMP + to_seconds(second) AS started
    FROM drawn
)
SELECT
    'wacid.HBgM' || md5(i::VARCHAR) AS call_id,
    'waba-' || account_no AS waba_id, 'pn-' || account_no AS phone_number_id,
    head || lpad((a % 10000000)::VARCHAR, 8, '0') AS contact,
    CASE WHEN outbound THEN 'outbound' ELSE 'inbound' END AS direction,
    CASE WHEN picked_up THEN 'answered' WHEN outbound THEN 'no_answer' ELSE 'missed' END
        AS disposition,
    picked_up AS answered, 'COMPLETED' AS terminate_status, started AS first_event_at,
    CASE WHEN picked_up THEN started END AS started_at,
    CASE WHEN picked_up THEN started + to_seconds(seconds) END AS ended_at,
    CASE WHEN picked_up THEN seconds END AS duration_s,
    country_code AS country, 'number' AS country_source, false AS conflict,
FROM shaped ORDER BY started
"""
COUNTRIES = {
    "BR": "55", "IN": "91", "MX": "52", "US": "1", "CO": "57", "AR": "54", "GB": "44", "ES": "34",
    "PT": "351", "DE": "49", "ID": "62", "AE": "971", "SA": "966", "CL": "56", "PE": "51",
    "IT": "39", "FR": "33", "ZA": "27", "GE": "995", "UA": "380",
}  # fmt: skip

# Touches every value of every column that rating reads; a bare count would skip the text.
SCAN = """
SELECT max(call_id), max(waba_id), max(phone_number_id), max(country),
    max(direction), max(disposition), max(terminate_status), max(conflict), max(first_event_at),
    max(started_at), max(ended_at), sum(duration_s)
FROM call_rows
"""
LINES = """
WITH grouped AS (
    SELECT account_no, month_no, route_no, from_minutes, rate_nanos,
        count(*) AS calls, sum(billed_s) AS billed_s, sum(amount_units) AS amount_units
    FROM rate_priced GROUP BY ALL
)
SELECT a.account, m.month, r.direction, r.country, r.market, r.effective_from,
    g.from_minutes, g.rate_nanos, g.calls, g.billed_s, g.amount_units
FROM grouped AS g
JOIN rate_account AS a USING (account_no)
JOIN rate_month AS m USING (month_no)
JOIN rate_route AS r USING (route_no)
"""


def main() -> None:
    """Fill a store, check, time, print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--calls", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--months", type=int, default=12)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "w.duckdb") as con:
        fill(con, chosen.calls)
        months = MONTHS[: chosen.months]
        check(con, months)
        sides: dict[str, Callable[[], object]] = {
            "scan": lambda: con.execute(SCAN).fetchall(),
            "rate to lines": lambda: rate(con, months),
            "rate to charges": lambda: rate(con, months, keep=True),
        }
        times = {name: [] for name in sides}
        for _ in range(chosen.rounds):
            for name, run in sides.items():
                began = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - began)
    base = statistics.median(times["scan"])
    print(f"{chosen.calls:,} calls, {len(months)} months, {ACCOUNTS} accounts, {len(ZONES)} zones")
    for name, took in times.items():
        middle = statistics.median(took)
        spread = f"{min(took):.2f} to {max(took):.2f}"
        print(f"{name:<16} {middle:7.2f} s ({spread})  {middle / base:6.2f} x the scan")


def fill(con: DuckDBPyConnection, calls: int) -> None:
    """Put generated calls of a year and their accounts' claims into the store."""
    add_calls(con, calls, "2025-11-01", 365)
    for number in range(ACCOUNTS):
        row = ["waba_id", f"waba-{number}", f"account-{number}"]
        con.execute("INSERT INTO claims VALUES (?, ?, ?)", row)
    con.execute("CHECKPOINT")


def add_calls(
    con: DuckDBPyConnection, calls: int, start: str, days: int, *, first: int = 0
) -> None:
    """Put generated calls into the store, numbered from `first`."""
    con.execute(
        FILL,
        {
            "calls": calls,
            "first": first,
            "start": start,
            "seconds": days * 86_400,
            "accounts": ACCOUNTS,
            "countries": list(COUNTRIES),
            "heads": list(COUNTRIES.values()),
            "n_countries": len(COUNTRIES),
        },
    )


def accounts() -> list[BilledAccount]:
    """Half of the accounts on each of two cards, spread over the zones."""
    cards = [load_card("meta-usd"), load_card("demo-two-way")]
    return [
        BilledAccount(f"account-{n}", ZONES[n % len(ZONES)], cards[n % 2], f"portfolio-{n // 4}")
        for n in range(ACCOUNTS)
    ]


def rate(con: DuckDBPyConnection, months: list[str], *, keep: bool = False) -> list[object]:
    """Rate the months in one batch; fetch the lines, or write the charges."""
    kernel = SetKernel(con, Plans(accounts(), months))
    kernel.price("ratable_calls", ordered=keep)
    if keep:
        kernel.keep("cost")
        return []
    return con.execute(LINES).fetchall()


def check(con: DuckDBPyConnection, months: list[str]) -> None:
    """Compare calls and billed seconds with a plain recount before anything is timed."""
    lines = rate(con, months)
    calls = sum(line[-3] for line in lines)
    billed = sum(line[-2] or 0 for line in lines)
    recount = con.execute(
        "SELECT count(*), sum((duration_s + 5) // 6 * 6) FILTER (answered) FROM call_rows"
    ).fetchall()[0]
    if len(months) == len(MONTHS) and calls < 0.99 * recount[0]:
        raise SystemExit(f"{calls} of {recount[0]} calls were rated")
    if billed > recount[1]:
        raise SystemExit("more seconds billed than there are")


if __name__ == "__main__":
    main()
