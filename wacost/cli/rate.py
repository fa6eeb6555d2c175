"""`wacost rate`: price a month and write its invoices."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wacost.cli.common import (
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
from wacost.cli.compare import account_table, doubts, no_difference
from wacost.cli.issuing import (
    OTHERS_DONE,
    billed_by,
    file_options,
    issue_and_write,
    issue_options,
    with_annex,
    without_files,
    write_files,
)
from wacost.cli.leftout import of_no_account, tell_left_out, without_document
from wacost.money import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from wacost.analytics.comparison import Comparison
    from wacost.billing import Invoice, Issued, Row
    from wacost.rating.ranges import CostRange
    from wacost.workspace import Workspace
    from wacost.workspace.issuing import Drafts


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", "accounts", multiple=True, help="Only this account; may be repeated.")
@click.option(
    "--kind",
    type=click.Choice(["expected", "chargeback", "customer"]),
    help="What is written; default: what the account says, else expected.",
)
@file_options
@click.option(
    "--what-if",
    metavar="CARD",
    help="Show what the month would cost under this card; nothing is written.",
)
@click.option("--final", is_flag=True, help="Number and freeze the documents, for good.")
@click.option(
    "--correct", is_flag=True, help="Bill what a final month came to cost more, or give it back."
)
@click.option(
    "--cancel",
    is_flag=True,
    help="Give back all that --account was billed for a final month; --final may issue it anew.",
)
@issue_options
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    accounts: tuple[str, ...],
    kind: str | None,
    out: Path | None,
    formats: tuple[str, ...],
    annex: bool,
    contacts: str | None,
    what_if: str | None,
    final: bool,
    correct: bool,
    cancel: bool,
    issued_on: datetime | None,
    accept_cards: tuple[str, ...],
    excuse_unpriced: tuple[str, ...],
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Price a month and write its invoices.

    The documents are drafts, as often as you like. With --final those for a customer or inside
    the company get their number, SERIES-YEAR-000001, and never change again; --correct issues the
    difference where such a month comes out differently later; --cancel gives all of it back, as
    for a wrong buyer or tax. Calls that cannot be priced are counted and listed, never taken as
    zero. An account whose card is missing or wrong is named, its charges stay as they were, and the
    exit code is 1: it stops no other, unless --account asks for its final document too.
    """
    refuse_together(
        (final, correct, cancel, what_if is not None),
        how=bool(issued_on or accept_cards or excuse_unpriced),
    )
    if cancel and not accounts:
        raise click.UsageError("--cancel gives back what was billed: name each --account")
    if what_if is not None and (out or annex or contacts):
        raise click.UsageError("--what-if writes nothing: it needs no --out, --annex, --numbers")
    formats = with_annex(formats, annex, contacts)
    log = open_at(workspace)
    if final or correct or cancel:
        how: dict[str, Any] = {
            "accounts": accounts,
            "kind": kind,
            "issued_on": issued_on.date() if issued_on else None,
            "accept_cards": accept_cards,
            "excuse_unpriced": excuse_unpriced,
            "formats": formats,
        }

        def issue() -> Issued:
            return log.issue(month, **how) if final else log.correct(month, cancel=cancel, **how)

        code = issue_and_write(
            log, issue, out, formats, month=month, kind=kind, contacts=contacts, as_json=as_json
        )
        issued = log.issued(month=month, kind=kind)
        rows = [row for row in issued if not accounts or row.account in accounts]
        for line in [*without_files(log, rows, out), *warnings([], log.unclaimed_calls(month))]:
            say(line)
        return code
    if what_if is not None:
        return show_what_if(log.compare(month, [what_if], accounts=accounts), as_json)
    found = log.drafts(month, accounts=accounts, kind=kind)
    if len(found.refused) == 1 and not found.invoices:
        raise next(iter(found.refused.values()))

    def write(invoices: Sequence[Invoice]) -> list[tuple[Invoice, list[Path]]]:
        return write_files(log, invoices, out, formats, contacts)

    return write_drafts(log, found, month, write, kind=kind, beside=not accounts, as_json=as_json)


def write_drafts(
    log: Workspace,
    found: Drafts,
    month: str,
    write: Callable[[Sequence[Invoice]], list[tuple[Invoice, list[Path]]]],
    *,
    kind: str | None,
    beside: bool,
    as_json: bool,
) -> int:
    """Write drafts and tell of them, and of the accounts that have none; return the exit code."""
    if found.invoices:
        written = write(found.invoices)
        missing = [
            without_document(log, month, kind, name, error) for name, error in found.refused.items()
        ]
        tell_drafts(written, log.unclaimed_calls(month), as_json, beside=beside, missing=missing)
    for line in already_final(found.invoices, log.issued(month=month)):
        say(line)
    code = tell_left_out(found.refused, "has no document")
    if code and found.invoices:
        say(OTHERS_DONE)
    return code


def tell_drafts(
    written: Sequence[tuple[Invoice, Sequence[Path]]],
    unclaimed: int,
    as_json: bool,
    *,
    beside: bool,
    missing: Sequence[dict[str, Any]] = (),
) -> None:
    """Tell of drafts and their files; `beside` them of calls that no account claims.

    Accounts whose documents are `missing` have a place in JSON; for people an error tells of each.
    """
    invoices = [invoice for invoice, _ in written]
    others = unclaimed if beside else 0
    if as_json:
        month = invoices[0].month
        told = [invoice.summary(files) for invoice, files in written]
        rest = [of_no_account(month, others)] if others else []
        write_json([*told, *missing, *rest])
    else:
        click.echo(invoice_table(invoices, others))
        for _, files in written:
            for file in files:
                write_line(str(file))
    for line in warnings(invoices, unclaimed):
        say(line)
    if not as_json and (ranges := [one.cost_range for one in invoices if one.cost_range]):
        for line in range_table(ranges).splitlines():
            say(line)


def refuse_together(wishes: tuple[bool, bool, bool, bool], *, how: bool) -> None:
    """Refuse options that do not go together; `how` stands for those of final documents."""
    if sum(wishes) > 1:
        raise click.UsageError("one of --final, --correct, --cancel, --what-if")
    if how and not any(wishes[:3]):
        told = "--issued-on, --accept-card and --excuse-unpriced need --final or --correct"
        raise click.UsageError(told)


def already_final(invoices: Sequence[Invoice], rows: Sequence[Row]) -> list[str]:
    """Say of which drafts there are final documents already."""
    from wacost.billing import standing

    drafted = {(invoice.account, invoice.kind) for invoice in invoices}
    found = [row for row in standing(rows) if (row.account, row.kind) in drafted]
    return [
        f"{account}: {month} is final: {numbers}; what was written is a draft"
        for account, month, numbers in billed_by(found)
    ]


def show_what_if(found: Comparison, as_json: bool) -> int:
    """Write what a month would cost under another card, account by account."""
    if as_json:
        write_json(found.as_dict())
    else:
        click.echo(account_table(found))
        for line in doubts(found):
            say(line)
        if no_difference(found):
            say("-: the two do not price the same calls: a difference would mean nothing")
    return tell_left_out(found.refused, "is left out")


def invoice_table(invoices: Sequence[Invoice], unclaimed: int = 0) -> str:
    """List invoices, one a line; the calls that no account claims come last."""
    columns = ["account", "kind", ">calls", ">unpriced", ">subtotal", ">tax", ">total", "currency"]
    rows = [
        [
            invoice.account,
            invoice.kind,
            str(invoice.calls),
            str(invoice.unpriced.count),
            plain(invoice.subtotal),
            plain(invoice.tax),
            plain(invoice.total),
            invoice.currency,
        ]
        for invoice in invoices
    ]
    if unclaimed:
        rows.append(["(no account)", "", str(unclaimed), str(unclaimed), "", "", "", ""])
    return table(columns, rows)


CAUSES: Final = {
    "tier_unknown": "tier whose rate is not known",
    "used_elsewhere": "tier depends on minutes used elsewhere",
    "tier_moved": "tier depends on other calls in doubt",
    "open": "open: the end was never reported",
    "incomplete": "incomplete: the start was never reported",
    "held": "held back",
    "no_rate": "no rate on the card",
    "no_country": "country not known",
}


def range_table(ranges: Sequence[CostRange]) -> str:
    """Tell between what the months lie that are not certain: known, and each doubt with its cause.

    Exact sums before lines are rounded and before tax; where nothing bounds a cost there is none.
    """
    columns = ["account", "exact, lines not rounded", ">calls", ">at least", ">at most", "currency"]
    rows = []
    for one in ranges:
        of = [one.account, one.currency]
        known = plain(one.known)
        rows.append([of[0], "known", "", known, known, of[1]])
        for doubt in one.doubts:
            bounds = [plain(doubt.least), _bound(doubt.most)]
            rows.append([of[0], CAUSES[doubt.cause], str(doubt.calls), *bounds, of[1]])
        rows.append([of[0], "in all", "", plain(one.least), _bound(one.most), of[1]])
    return table(columns, rows)


def _bound(amount: Decimal | None) -> str:
    return "no bound" if amount is None else plain(amount)


def warnings(invoices: Sequence[Invoice], unclaimed: int) -> list[str]:
    """Say what a reader of the invoices must know: empty months, unpriced and unclaimed calls."""
    lines = [
        f"{invoice.account}: no calls in {invoice.month}"
        for invoice in invoices
        if not invoice.calls
    ]
    for invoice in invoices:
        if invoice.unpriced.count:
            gaps = ", ".join(f"{n} {name}" for name, n in invoice.unpriced.by_status.items())
            lines.append(f"{invoice.account}: {gaps}: not in the total, listed in the document")
    if unclaimed:
        lines.append(f"calls that no account of wacost.toml claims: {unclaimed}, not priced")
    return lines
