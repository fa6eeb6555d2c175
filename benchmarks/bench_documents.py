"""Write 200 invoices of 200 lines as PDF, and a workbook of many calls, with time and memory.

    python benchmarks/bench_documents.py --invoices 200 --lines 200 --calls 1000000

The PDFs stand beside typst alone, which sets plain tables of as many cells; the workbook beside
xlsxwriter alone, which writes as many rows of one number. Every process is a fresh one.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typst
import xlsxwriter

from wacost.billing import draft_invoice, write_invoices
from wacost.cards import load_card
from wacost.config.model import Account
from wacost.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

MONTH = "2026-10"
_CHARGES = """
    INSERT INTO charge_rows BY NAME
    SELECT
        'wacid.' || a || '.' || n AS call_id, 'a' || a AS account, 'cost' AS side,
        'meta-usd' AS card, '2026-10' AS month, 'outbound' AS direction, c.country,
        c.country AS market, 'rated' AS status, 0::UTINYINT AS flag_bits, 60 AS billed_seconds,
        10 AS pulses, 0 AS tier_from_minutes, 0 AS seconds_before,
        (10000000 + n % $lines * 100000)::BIGINT AS rate_nanos, 0 AS fee_nanos,
        (60 * rate_nanos)::HUGEINT AS amount_units,
        (rate_nanos::HUGEINT * 1000)::DECIMAL(38, 0)::DECIMAL(38, 12) / 1 AS amount,
        'USD' AS currency, DATE '2026-10-01' AS effective_from, $checksum AS card_checksum
    FROM range($accounts) AS accounts(a), range($calls) AS calls(n),
        (SELECT ['BR', 'AR', 'DE', 'IN', 'ES', 'MX'] AS names) AS names,
        LATERAL (SELECT names[1 + n % 6] AS country) AS c
"""


def main() -> None:
    """Measure both, each in a process of its own, and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--invoices", type=int, default=200)
    options.add_argument("--lines", type=int, default=200)
    options.add_argument("--calls", type=int, default=200_000)
    chosen = options.parse_args()
    alone, _ = apart(typst_alone, chosen.invoices, chosen.lines)
    took, peak = apart(pdfs, chosen.invoices, chosen.lines)
    print(f"{chosen.invoices} PDFs of {chosen.lines} lines: {took:.1f} s, {peak} MB;", end=" ")
    print(f"{took / alone:.2f} x typst alone")
    alone, _ = apart(xlsxwriter_alone, chosen.calls)
    took, peak = apart(workbook, chosen.calls)
    print(f"a workbook of {chosen.calls:,} calls: {took:.1f} s, {peak} MB;", end=" ")
    print(f"{took / alone:.2f} x xlsxwriter alone")


def apart(job: Callable[..., float], *arguments: int) -> tuple[float, int]:
    """Run a job in a fresh process; return its seconds and the process's peak in MB."""
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(1) as pool:
        return pool.apply(_measured, (job, *arguments))


def _measured(job: Callable[..., float], *arguments: int) -> tuple[float, int]:
    seconds = job(*arguments)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def filled(folder: Path, accounts: int, calls: int, lines: int) -> Path:
    """Make a store of charges: each account has `calls` on `lines` lines."""
    card = load_card("meta-usd")
    store = folder / "wacost.duckdb"
    with open_store(store) as con:
        con.execute(
            "INSERT INTO cards SELECT $checksum, 'meta-usd', 'Meta', 'USD', 'derived', 'https://x',"
            " DATE '2026-11-22', TIMESTAMP '2026-11-22', $content",
            {"checksum": card.checksum, "content": card.as_json()},
        )
        values = {"accounts": accounts, "calls": calls, "lines": lines, "checksum": card.checksum}
        con.execute(_CHARGES, values)
    return store


def account(number: int) -> Account:
    """Return one of the accounts."""
    return Account(f"a{number}", f"Account {number}", "UTC", "meta-usd")


def pdfs(invoices: int, lines: int) -> float:
    """Draft and write the documents as PDF; return the seconds of the writing."""
    with tempfile.TemporaryDirectory() as folder:
        store = filled(Path(folder), invoices, lines, lines)
        with open_store(store, read_only=True) as con:
            made = [draft_invoice(con, account(number), MONTH) for number in range(invoices)]
        begin = time.perf_counter()
        write_invoices(made, Path(folder) / "out", ["pdf"])
        return time.perf_counter() - begin


def typst_alone(invoices: int, lines: int) -> float:
    """Set plain tables of as many cells."""
    begin = time.perf_counter()
    for number in range(invoices):
        cells = f"..range({lines * 6}).map(n => [{number}.#n])"
        typst.compile(f"#table(columns: 6, {cells})".encode(), format="pdf")
    return time.perf_counter() - begin


def workbook(calls: int) -> float:
    """Write one document with all its calls as a workbook; return the seconds of the writing."""
    with tempfile.TemporaryDirectory() as folder:
        store = filled(Path(folder), 1, calls, 200)
        with open_store(store, read_only=True) as con:
            made = draft_invoice(con, account(0), MONTH)
            begin = time.perf_counter()
            write_invoices([made], Path(folder) / "out", ["xlsx"], con=con)
            return time.perf_counter() - begin


def xlsxwriter_alone(calls: int) -> float:
    """Write as many rows of one number."""
    begin = time.perf_counter()
    book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
    sheet = book.add_worksheet()
    for row in range(calls):
        sheet.write_number(row, 0, row)
    book.close()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
