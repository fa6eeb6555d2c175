"""`wacost invoices`: what was issued, and whether it still is what it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wacost.cli.common import (
    PROBLEM,
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
from wacost.cli.issuing import (
    document_table,
    file_options,
    final_table,
    type_of,
    with_annex,
    write_files,
)
from wacost.money import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.billing import Checked, Invoice, Row


@click.group()
def command() -> None:
    """What was issued: list, show, verify, write."""


@command.command("list")
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Only of this month.")
@click.option("--account", help="Only of this account.")
@click.option("--kind", type=click.Choice(["chargeback", "customer"]), help="Only of this kind.")
@workspace_option
@json_option
@debug_option
def list_(
    *,
    month: str | None,
    account: str | None,
    kind: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """List the final documents in the order of their issue."""
    rows = open_at(workspace).issued(month=month, account=account, kind=kind)
    if as_json:
        write_json([as_dict(row) for row in rows])
        return
    cells = [
        [
            *(row.number, type_of(row), row.account, row.month),
            *(str(row.issued_on), str(row.calls), row.shown("total"), row.currency),
        ]
        for row in rows
    ]
    asked = month or account or kind
    none = "nothing that fits was issued" if asked else "nothing was issued yet"
    click.echo(document_table(cells) if rows else none)


@command.command("show")
@click.argument("number")
@workspace_option
@json_option
@debug_option
def show(*, number: str, workspace: Path | None, as_json: bool) -> None:
    """Show one final document as it was issued."""
    (invoice,) = open_at(workspace).documents(number)
    if as_json:
        write_json(invoice.as_dict())
        return
    click.echo(final_table([invoice]))
    click.echo()
    click.echo(table(["line", ">calls", ">seconds", ">amount"], line_cells(invoice)))
    if invoice.corrects:
        write_line(f"{'cancels' if invoice.cancels else 'corrects'} {invoice.corrects}")
    write_line(f"content hash {invoice.content_hash}")
    for one in invoice.excused:
        say(f"excused: {one.what} {one.name} {one.status}".rstrip())


@command.command("verify")
@click.argument("numbers", nargs=-1)
@workspace_option
@json_option
@debug_option
def verify(*, numbers: tuple[str, ...], workspace: Path | None, as_json: bool) -> int:
    """Compute final documents again from their frozen calls and compare the hashes.

    Without a NUMBER all documents are checked, and that no series has a gap and no call is billed
    twice.
    """
    found = open_at(workspace).verify(*numbers)
    wrong = [one for one in found if one.problems]
    if as_json:
        write_json([{"name": one.name, "problems": list(one.problems)} for one in found])
    else:
        for line in checked_lines(found):
            write_line(line)
    return PROBLEM if wrong else 0


@command.command("write")
@click.argument("numbers", nargs=-1)
@file_options
@workspace_option
@json_option
@debug_option
def write(
    *,
    numbers: tuple[str, ...],
    out: Path | None,
    formats: tuple[str, ...],
    annex: bool,
    contacts: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Write the files of final documents again, from what was frozen; default: of all."""
    formats = with_annex(formats, annex, contacts)
    log = open_at(workspace)
    invoices = log.documents(*numbers)
    if not invoices:
        say("nothing was issued yet")
    written = write_files(log, invoices, out, formats, contacts)
    if as_json:
        write_json([invoice.summary(files) for invoice, files in written])
        return
    for _, files in written:
        for file in files:
            write_line(str(file))


def as_dict(row: Row) -> dict[str, Any]:
    """Return what `list --json` tells of a document: amounts are text."""
    return {
        "invoice": row.number,
        "type": row.type,
        "kind": row.kind,
        "account": row.account,
        "month": row.month,
        "currency": row.currency,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "corrects": row.corrects,
        "cancels": row.cancels,
        "calls": row.calls,
        "billed_seconds": row.billed_seconds,
        **{name: row.shown(name) for name in ("subtotal", "tax", "total")},
        "content_hash": row.content_hash,
        "terms_hash": row.terms_hash,
        "calls_hash": row.calls_hash,
    }


def line_cells(invoice: Invoice) -> list[list[str]]:
    """Return the lines of a document for people."""
    rows = [
        [
            f"{line.direction} {line.country or '?'} {line.part}",
            *(str(line.calls), str(line.billed_seconds), plain(line.amount)),
        ]
        for line in invoice.lines
    ]
    rows += [
        [
            f"{one.cause} {one.direction or '?'} {one.country or '?'}",
            *(str(one.calls), str(one.billed_seconds), plain(one.amount)),
        ]
        for one in invoice.changes
    ]
    rows += [[item.name or item.part, "", "", plain(item.amount)] for item in invoice.items]
    rows += [[tax.name, "", "", plain(tax.amount)] for tax in invoice.taxes]
    return [*rows, ["total", "", "", plain(invoice.total)]]


def checked_lines(found: Sequence[Checked]) -> list[str]:
    """Say what was found, one line for each document and each problem."""
    lines = []
    for one in found:
        lines += [f"{one.name}: {problem}" for problem in one.problems] or [f"{one.name}: sound"]
    return lines or ["nothing was issued yet"]
