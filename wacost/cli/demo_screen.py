"""What `wacost demo` prints: one screen of plain text, the same on every machine."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
import textwrap
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.cli.common import WIDTH, table
from wacost.cli.ingest_report import conservation
from wacost.money import divide, plain
from wacost.names import noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.analytics import Cost
    from wacost.billing import Invoice
    from wacost.ingest import IngestReport
    from wacost.workspace import Workspace

COUNTRIES: Final = 8
_PLACES: Final = 4
_TENTH_S: Final = 6
_LABEL: Final = 11


def screen(
    log: Workspace,
    report: IngestReport,
    invoices: Sequence[Invoice],
    files: Sequence[Path],
    *,
    months: Sequence[str],
) -> str:
    """Write the whole screen."""
    from wacost.analytics import cost_rows

    with log.reading() as con:
        costs = cost_rows(con, by=["country"], month=months[-1])
        call_id = told_call(con, months[-1], account=invoices[-1].account)
    explanation = log.explain(call_id).text()
    parts = [
        [f"Webhooks of {months[0]} to {months[-1]}, simulated: no company, number or call is real"],
        [f"  {conservation(report)}"],
        ["", f"What {months[-1]} costs, by country of the contact"],
        *[_indented(country_table(group)) for group in by_currency(costs)],
        ["", "How one charge came about"],
        _indented(explanation, hanging=_LABEL),
        ["", f"Invoices of {months[-1]}: drafts in {log.folder / 'invoices'}"],
        _indented(invoice_list(invoices, files)),
        ["", "What to type next"],
        what_next(log, call_id),
    ]
    return "\n".join(line.rstrip() for part in parts for line in part)


def what_next(log: Workspace, call_id: str) -> list[str]:
    """Suggest commands that work as they stand, each with what it does; none is ever folded."""
    wacost, here = shlex.quote(program()), f"-w {shlex.quote(str(log.folder))}"
    commands = {
        f"{wacost} explain {call_id} {here}": "a charge",
        f"{wacost} lab {here}": "charts",
        f"{wacost} doctor {here}": "every invariant",
        f"{wacost} quote '+55 11 98765-4321' --seconds 61": "one call",
        f"{wacost} init acme": "your own workspace",
    }
    widest = max(map(len, commands))
    return [f"  {command:<{widest}}  {what}" for command, what in commands.items()]


def program() -> str:
    """Return what to type for wacost: its name, or its path where the shell does not find it."""
    running = Path(sys.argv[0])
    if shutil.which("wacost") or running.name != "wacost":
        return "wacost"
    with contextlib.suppress(ValueError):
        return str(running.absolute().relative_to(Path.cwd()))
    return str(running)


def _indented(text: str, hanging: int = 0) -> list[str]:
    """Indent a text; lines that are too long go on `hanging` columns further in."""
    wrapper = textwrap.TextWrapper(
        width=WIDTH,
        initial_indent="  ",
        subsequent_indent=" " * (2 + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [part for line in text.splitlines() for part in wrapper.wrap(line)]


def told_call(con: DuckDBPyConnection, month: str, account: str) -> str:
    """Return the call worth telling: the dearest one whose seconds were rounded up."""
    query = """
        SELECT call_id FROM charges JOIN calls USING (call_id)
        WHERE month = ? AND charges.account = ? AND side = 'cost' AND status = 'rated'
        ORDER BY billed_seconds > duration_s DESC NULLS LAST, amount DESC, call_id LIMIT 1
    """
    call_id: str = con.execute(query, [month, account]).fetchall()[0][0]
    return call_id


def by_currency(costs: Sequence[Cost]) -> list[list[Cost]]:
    """Group rows by currency: one table each, because currencies are never added up."""
    currencies = dict.fromkeys(cost.currency for cost in costs)
    return [[cost for cost in costs if cost.currency == one] for one in currencies]


def country_table(costs: Sequence[Cost]) -> str:
    """Lay out the dearest countries of one currency, the others together, and the sum."""
    shown, others = list(costs[:COUNTRIES]), costs[COUNTRIES:]
    rows = [_row(country_name(cost.by[0]), [cost]) for cost in shown]
    if others:
        rows.append(_row(f"{len(others)} {noun(len(others), 'other')}", others))
    rows.append(_row("all", costs))
    currency = costs[0].currency or "no currency"
    return table(
        ["country", ">calls", ">answered", ">minutes", ">unpriced", f">cost {currency}"], rows
    )


def country_name(code: str | None) -> str:
    """Return a country's English name, or say that it is not known.

    >>> country_name("BR"), country_name(None)
    ('Brazil', 'not known')
    """
    from babel import Locale

    return "not known" if code is None else str(Locale("en").territories.get(code, code))


def _row(name: str, costs: Sequence[Cost]) -> list[str]:
    return [
        name,
        f"{sum(cost.calls for cost in costs):,}",
        f"{sum(cost.answered for cost in costs):,}",
        minutes(sum(cost.billed_seconds for cost in costs)),
        f"{sum(cost.unpriced for cost in costs):,}",
        shown(sum((cost.amount for cost in costs if cost.amount is not None), Decimal(0))),
    ]


def minutes(seconds: int) -> str:
    """Write billed seconds as minutes with one place: a tenth is one six-second increment.

    >>> minutes(66), minutes(360_000)
    ('1.1', '6,000.0')
    """
    whole, tenth = divmod(divide(seconds, _TENTH_S, "half_up"), 10)
    return f"{whole:,}.{tenth}"


def shown(amount: Decimal) -> str:
    """Write an amount with four places for the screen; the store keeps the exact one.

    >>> shown(Decimal("0.01188")), shown(Decimal("1234.5"))
    ('0.0119', '1234.5000')
    """
    number, of = amount.as_integer_ratio()
    return plain(Decimal(divide(number * 10**_PLACES, of, "half_up")).scaleb(-_PLACES))


def invoice_list(invoices: Sequence[Invoice], files: Sequence[Path]) -> str:
    """List the drafts, each with its sums and the names of its files."""
    columns = ["files", ">calls", ">exact", ">subtotal", ">tax", ">total", ""]
    each = len(files) // max(len(invoices), 1)
    rows = []
    for n, invoice in enumerate(invoices):
        own = files[n * each : (n + 1) * each]
        names = f"{own[0].stem}.{{{','.join(file.suffix[1:] for file in own)}}}" if own else ""
        rows.append(
            [
                names,
                f"{invoice.calls:,}",
                shown(invoice.exact),
                plain(invoice.subtotal),
                plain(invoice.tax),
                plain(invoice.total),
                invoice.currency,
            ]
        )
    return table(columns, rows)
