"""`wacost balance list`: the ledger line by line, down to the single calls of a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.balance.threshold import exact_column
from wacost.cli.common import (
    DateType,
    MonthType,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
)

if TYPE_CHECKING:
    from wacost.balance.listing import CallLine, Line


@click.command()
@click.argument("name", required=False)
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Only lines of this month.")
@click.option("--day", type=DateType(), metavar="YYYY-MM-DD", help="The calls of this day.")
@workspace_option
@json_option
@debug_option
def list_command(
    *,
    name: str | None,
    month: str | None,
    day: date | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """List what moved a balance, with what was left after each line.

    The calls of an account and a day are one line; --day shows each of them, and `wacost explain`
    how its charge came about.
    """
    log = open_at(workspace)
    terms = log.balance_terms(name)
    if day is not None:
        calls = log.balance_calls(day, name)
        if as_json:
            write_json([one.as_dict() for one in calls])
            return
        click.echo(call_table(calls, terms.currency) if calls else f"no calls on {day}")
        return
    lines = log.balance_lines(name, month=month)
    if as_json:
        write_json([one.as_dict() for one in lines])
        return
    write_line(f"{terms.name}, {terms.currency}, days of {terms.timezone}")
    click.echo(line_table(lines, terms.currency) if lines else f"no line of {month}")
    if missing := sum(one.unconverted for one in lines):
        say(f"without a rate in fx.csv, in no sum: {missing}")


def line_table(lines: list[Line], currency: str) -> str:
    """Lay out the lines of a ledger."""
    amounts = exact_column([one.units for one in lines], currency)
    left = exact_column([one.balance for one in lines], currency)
    cells = [
        [
            *(str(one.day), one.kind, one.about, "" if one.calls is None else str(one.calls)),
            *(amount, rest),
        ]
        for one, amount, rest in zip(lines, amounts, left, strict=True)
    ]
    return table(["day", "what", "", ">calls", ">amount", ">left"], cells)


def call_table(calls: list[CallLine], currency: str) -> str:
    """Lay out the calls of a day."""
    amounts = exact_column([one.units for one in calls], currency)
    cells = [
        [
            *(f"{one.at:%H:%M:%S}", one.call_id, one.direction, one.country or "?"),
            *(str(one.billed_seconds), amount),
        ]
        for one, amount in zip(calls, amounts, strict=True)
    ]
    return table(["ended, UTC", "call", "", "", ">billed s", ">amount"], cells)
