"""What `wacost rate --final` and `wacost invoices` share: options, and how documents are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from wacost.cli.common import PROBLEM, FormatsType, progress, say, table, write_json, write_line
from wacost.cli.leftout import tell_left_out, without_document
from wacost.errors import RefusedError
from wacost.money import plain

if TYPE_CHECKING:
    from wacost.billing import Invoice, Issued, Row
    from wacost.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])
FORMATS: Final = ("annex-csv", "annex-pdf", "csv", "html", "json", "pdf", "ubl", "xlsx")
ANNEXES: Final = {"csv": "annex-csv", "pdf": "annex-pdf"}
NUMBERS: Final = ("masked", "full")
DEFAULT_FORMATS: Final = ("pdf", "csv", "json")
OTHERS_DONE: Final = (
    "the other accounts are done; charges of those that were not rated stay as they were"
)
GAPS: Final = ("held", "open", "incomplete", "no_country", "no_rate", "no_sell_card")


def file_options(function: F) -> F:
    """Add --out and --format."""
    out = click.option(
        "--out", type=click.Path(path_type=Path), metavar="DIR", help="Default: invoices/."
    )
    formats = click.option(
        "--format",
        "formats",
        type=FormatsType(FORMATS),
        default=",".join(DEFAULT_FORMATS),
        show_default=True,
        metavar="LIST",
        help=f"What is written, with commas between: {', '.join(FORMATS)}; ubl is an electronic"
        " invoice (EN 16931), of final documents for a customer.",
    )
    annex = click.option(
        "--annex",
        is_flag=True,
        help="Also list all calls of each document, as PDF and CSV where --format names them, else"
        " as CSV.",
    )
    contacts = click.option(
        "--numbers",
        "contacts",
        type=click.Choice(NUMBERS),
        help="How lists of calls tell contacts; default: what the account says, else masked.",
    )
    return out(formats(annex(contacts(function))))


def with_annex(formats: Sequence[str], annex: bool, contacts: str | None) -> tuple[str, ...]:
    """Return the formats to be written: with lists of calls, where they are wished for."""
    lists = [ANNEXES[one] for one in formats if one in ANNEXES] if annex else []
    found = dict.fromkeys([*formats, *(lists or ["annex-csv"] * annex)])
    if contacts and not any(one in ANNEXES.values() for one in found):
        raise click.UsageError("--numbers is about lists of calls: it needs --annex")
    return tuple(found)


def issue_options(function: F) -> F:
    """Add what says how final documents are to be issued."""
    issued = click.option(
        "--issued-on",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Day of issue of final documents; default: today, local to the account.",
    )
    accept = click.option(
        "--accept-card",
        "accept_cards",
        multiple=True,
        metavar="CARD",
        help="Let a document be final on this card although its figures are derived, reported or"
        " illustrative; may be repeated.",
    )
    excuse = click.option(
        "--excuse-unpriced",
        multiple=True,
        type=click.Choice(GAPS),
        help="Let a document be final although calls of this status have no price; repeatable.",
    )
    return issued(accept(excuse(function)))


def write_files(
    log: Workspace,
    invoices: Sequence[Invoice],
    folder: Path | None,
    formats: Sequence[str],
    contacts: str | None,
) -> list[tuple[Invoice, list[Path]]]:
    """Write the documents of invoices, with a bar on stderr, and return each with its files."""
    from wacost.billing import too_many_calls
    from wacost.billing.documents.pdf import fonts_lacking

    with progress("writing documents") as tell:
        files = log.write(invoices, folder, formats, numbers=contacts, progress=tell)
    for invoice in invoices:
        for name in formats:
            if too_many_calls(invoice, name):
                what = invoice.number or f"{invoice.account} in {invoice.month}"
                say(
                    f"{what}: {invoice.calls} calls are too many for {name}, which was not written;"
                    " annex-csv lists them all"
                )
    printed = invoices if "pdf" in formats else []
    for packages in dict.fromkeys(tuple(fonts_lacking(invoice)) for invoice in printed):
        if packages:
            say(
                "a PDF names letters in brackets that no font here can print; on Debian and Ubuntu"
                f" they come with {' and '.join(packages)}"
            )
    return list(zip(invoices, files, strict=True))


def issue_and_write(
    log: Workspace,
    issue: Callable[[], Issued],
    folder: Path | None,
    formats: Sequence[str],
    *,
    month: str,
    kind: str | None,
    contacts: str | None,
    as_json: bool,
) -> int:
    """Issue documents, write their files, and tell of both; return the exit code.

    An account that is left out is named with its reason; in JSON it has a place in the list.
    Documents that were there before are written again: their files are the same, byte for byte,
    and one that a crash kept from being written is there then.
    """
    try:
        issued = issue()
    except RefusedError as refused:
        for reason in refused.reasons:
            say(f"wacost: {reason}")
        say(f"hint: {refused.hint}")
        return PROBLEM
    invoices = [*issued.before, *issued.new]
    written = write_files(log, invoices, folder, formats, contacts)
    if as_json:
        missing = [without_document(log, month, kind, *one) for one in issued.refused.items()]
        write_json([*(invoice.summary(files) for invoice, files in written), *missing])
    elif invoices:
        click.echo(final_table(invoices))
        for _, files in written:
            for file in files:
                write_line(str(file))
    for line in (*superseded(written), *unchanged(issued)):
        say(line)
    code = tell_left_out(issued.refused, "has no document")
    if code and (invoices or issued.nothing):
        say(OTHERS_DONE)
    return code


def unchanged(issued: Issued) -> list[str]:
    """Say what was final before, for whom there is nothing, and what corrections keep."""
    before = [
        f"{account}: {month} is final already: {numbers}; nothing is added"
        for account, month, numbers in billed_by(issued.before)
    ]
    return [*before, *issued.nothing, *issued.kept]


def billed_by(documents: Iterable[Invoice | Row]) -> list[tuple[str, str, str]]:
    """Tell by what months are billed: one row each, however often they were corrected.

    Args:
        documents: final ones that stand, in the order of their issue.

    Returns:
        (account, month, the numbers of its documents and of what corrects them).
    """
    found: dict[tuple[str, str, str], tuple[list[str], list[str]]] = {}
    for one in documents:
        first, later = found.setdefault((one.account, one.month, one.kind), ([], []))
        (later if one.corrects else first).append(str(one.number))
    return [
        (account, month, ", corrected by ".join(" and ".join(part) for part in parts if part))
        for (account, month, _), parts in found.items()
    ]


def without_files(log: Workspace, rows: Sequence[Row], folder: Path | None) -> list[str]:
    """Name final documents that no file tells of: a run was stopped before they were written."""
    from wacost.billing import has_files

    place = folder or log.folder / "invoices"
    return [
        f"{row.number} has no file in {place}: `wacost invoices write {row.number}` writes it again"
        for row in rows
        if not has_files(row.number, place)
    ]


def superseded(written: Sequence[tuple[Invoice, Sequence[Path]]]) -> list[str]:
    """Name the files of drafts that final documents beside them stand in the place of."""
    from wacost.billing import drafts_beside

    found = [
        (invoice.number, drafts_beside(invoice, files[0].parent))
        for invoice, files in written
        if files
    ]
    return [
        f"superseded by {number}, and yours to delete: {', '.join(map(str, drafts))}"
        for number, drafts in found
        if drafts
    ]


def final_table(invoices: Sequence[Invoice]) -> str:
    """List final documents, one a line."""
    return document_table(
        [
            *(invoice.number or "", type_of(invoice), invoice.account, invoice.month),
            *(str(invoice.issued_on), str(invoice.calls), plain(invoice.total), invoice.currency),
        ]
        for invoice in invoices
    )


def document_table(rows: Iterable[Sequence[str]]) -> str:
    """Lay out what final documents are."""
    columns = ["number", "type", "account", "month", "issued", ">calls", ">total", "currency"]
    return table(columns, list(rows))


def type_of(document: Invoice | Row) -> str:
    """Return what a document is called; one that gives all back is no mere credit note."""
    return "cancellation" if document.cancels else document.type
