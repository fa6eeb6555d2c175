"""Rate a year of ever more calls, month by month, with little memory: does a call cost the same?

    python benchmarks/bench_scale.py --calls 1000000 --calls 10000000 --calls 100000000

Each size has a store of its own and a process of its own, so that its peak of memory is its own.
Printed: processor time a call beside the smallest size, the peak, and one month beside all.
"""

from __future__ import annotations

import argparse
import calendar
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench_rating import MONTHS, add_calls, fill, rate

from wacost.store import open_store


def main() -> None:
    """Measure each size in a child, and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--calls", type=int, action="append")
    options.add_argument("--rounds", type=int, default=1, help="taken, so that all scripts do")
    options.add_argument("--memory", default="2GB", help="memory_limit of DuckDB")
    options.add_argument("--store", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.store:
        work = measure(chosen.store, chosen.memory) if chosen.memory else None
        print(json.dumps(work or fill_months(chosen.store, chosen.calls[0])))
        return
    base = None
    for calls in sorted(chosen.calls or [1_000_000, 10_000_000]):
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder) / "w.duckdb"
            in_child("--store", store, "--memory", "", "--calls", calls)
            told = in_child("--store", store, "--memory", chosen.memory)
        each = told["cpu_s"] / told["calls"]
        base = base or each
        print(f"{told['calls']:>11,} calls in {told['wall_s']:.1f} s")
        print(f"    {each * 1e6:.2f} us of processor a call, {each / base:.2f} x the first size")
        print(f"    peak {told['peak_mb']:,} MB with memory_limit {chosen.memory}")
        print(f"    one month {told['month_s'] / told['wall_s']:.3f} of twelve", flush=True)


def fill_months(store: Path, calls: int) -> dict[str, Any]:
    """Put as many calls into each of twelve months."""
    with open_store(store) as con:
        fill(con, 0)
        for number, month in enumerate(MONTHS):
            year, place = (int(part) for part in month.split("-"))
            days = calendar.monthrange(year, place)[1]
            each = calls // len(MONTHS)
            start = date(year, place, 1).isoformat()
            add_calls(con, each, start, days, first=number * each)
    return {"calls": calls}


def in_child(*arguments: object) -> dict[str, Any]:
    """Work in a process whose memory nobody else has used: a large parent's counts as a child's."""
    command = [sys.executable, __file__, *map(str, arguments)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    told: dict[str, Any] = json.loads(output)
    return told


def measure(store: Path, memory: str) -> dict[str, Any]:
    """Rate every month to invoice lines, one after the other; then the last one again."""
    with open_store(store) as con:
        con.execute(f"SET memory_limit = '{memory}'")
        began, before = time.perf_counter(), cpu_seconds()
        calls = sum(line[-3] for month in MONTHS for line in rate(con, [month]))
        wall, cpu = time.perf_counter() - began, cpu_seconds() - before
        began = time.perf_counter()
        rate(con, MONTHS[-1:])
        month = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"calls": calls, "wall_s": wall, "cpu_s": cpu, "month_s": month, "peak_mb": peak}


def cpu_seconds() -> float:
    """Return this process's processor time, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
