"""`wacost balance`: what is there, exactly; whether calls are allowed on it; what may come."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wacost.balance.book import KINDS
from wacost.cli.balance_forecast import clock, forecast_command, span
from wacost.cli.balance_list import list_command
from wacost.cli.balance_show import call_lines, report_lines, worst_lines
from wacost.cli.balance_spend import anomalies_command, budget_command
from wacost.cli.common import (
    PROBLEM,
    SpanType,
    at_option,
    debug_option,
    json_option,
    open_at,
    say,
    workspace_option,
    write_json,
    write_line,
    wrong_usage,
)
from wacost.dialplan import digits_of
from wacost.money import amount_of, plain
from wacost.names import noun
from wacost.rating.explain import masked
from wacost.whole import write_whole

if TYPE_CHECKING:
    from wacost.balance import Added, BalanceReport, Entry
    from wacost.workspace import Workspace


@click.group()
def command() -> None:
    """Prepaid balances: exact today, an honest range for tomorrow."""


command.add_command(list_command, "list")
command.add_command(forecast_command, "forecast")
command.add_command(anomalies_command, "anomalies")
command.add_command(budget_command, "budget")


@command.command("show")
@click.argument("name", required=False)
@at_option("The instant, like 2026-10-31T18:00; default: now.")
@click.option("--number", help="How long a call to this number may last on it.")
@click.option(
    "--direction",
    type=click.Choice(["outbound", "inbound"]),
    default="outbound",
    show_default=True,
    help="Of that call.",
)
@click.option(
    "--within",
    type=SpanType(),
    metavar="3d",
    help="Exit code 1 also where calls may be refused within this time.",
)
@workspace_option
@json_option
@debug_option
def show(
    *,
    name: str | None,
    at: str | None,
    number: str | None,
    direction: str,
    within: timedelta | None,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Show a balance and whether calls are allowed on it.

    NAME is an account, or a portfolio that shares a balance. The test is on the exact value,
    whatever the supplier displays. Exit code 1: calls are refused, or nobody can tell. With
    --within also where the early end of the forecast's 80 % range lies within that time.
    """
    log = open_at(workspace)
    found = log.balance(name, at)
    asked: dict[str, Any] = {}
    if number is not None:
        with wrong_usage():
            asked = {"number": masked(digits_of(number)), "direction": direction}
            asked["max_seconds"] = log.balance_seconds(number, name, direction=direction, at=at)
    is_known = found.starts_at is not None
    early = log.run_out(name, at=at) if within is not None and is_known else None
    is_near = within is not None and early is not None and early <= found.at + within
    if as_json:
        more: dict[str, Any] = {"call": asked} if asked else {}
        more |= {} if within is None else {"within": is_near, "early_end": early}
        write_json(found.as_dict() | more)
    else:
        lines = [*report_lines(found, log), *worst_lines(found), *call_lines(asked)]
        if within is not None and is_known:
            lines.append(_near_line(within, early, is_near, log, found))
        for line in lines:
            write_line(line)
    return PROBLEM if found.verdict.is_problem or is_near else 0


def _near_line(
    within: timedelta, early: datetime | None, is_near: bool, log: Workspace, found: BalanceReport
) -> str:
    when = (
        "not within the forecast" if early is None else f"from {clock(log, found.name, early)} on"
    )
    word = "may be" if is_near else "are not likely to be"
    return f"calls {word} refused within {span(within)}: {when} (early end of the 80 % range)"


@command.command("add")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.option("--amount", required=True, help="Like 100.00: digits with a point.")
@at_option("When, like 2026-10-31T18:00; default: now.")
@click.option("--account", "name", help="An account, or a portfolio that shares a balance.")
@click.option("--fee", help="Paid on top of a top-up; default: topup_fee_percent of it.")
@click.option("--currency", help="Of the amount, where it is not the balance's: needs fx.csv.")
@click.option("--displayed", is_flag=True, help="An observed balance is as displayed: rounded.")
@click.option("--id", "entry_id", help="Your own reference; the same again adds nothing.")
@click.option("--note", default="", help="Whatever else there is to say.")
@workspace_option
@json_option
@debug_option
def add(
    *,
    kind: str,
    amount: str,
    at: str | None,
    name: str | None,
    fee: str | None,
    currency: str | None,
    displayed: bool,
    entry_id: str | None,
    note: str,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Add what is known of a balance; the same again adds nothing.

    \b
    opening     what there was at the beginning
    topup       what arrived; the supplier's fee comes on top
    message     what templates and requests cost
    fee         what else was taken off
    adjustment  a month-end difference, with its sign
    refund      what the supplier gave back
    correction  what puts an earlier entry right, with its sign
    observed    what the supplier says there is: the rest is booked as unexplained
    """  # noqa: D301 - the sign that keeps lines apart
    log = open_at(workspace)
    terms = log.balance_terms(name)
    places = terms.settings.display_places if displayed else None
    with wrong_usage():
        entry = log.balance_entry(
            terms, kind, amount, at=at, fee=fee, currency=currency, entry_id=entry_id,
            shown_places=places, note=note,
        )  # fmt: skip
    added = log.balance_put(terms, [entry])
    if as_json:
        write_json(added_dict(added))
        return
    for entry in added.new:
        write_line(f"added {entry_line(entry)}")
    for entry in added.known:
        say(f"the ledger has it already: {entry_line(entry)}")
        if entry_id is None:
            say("hint: if there was another one just like it, give it an --id of its own")


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--account", "name", help="An account, or a portfolio that shares a balance.")
@click.option("--mapping", help="One of [statements] in wacost.toml; default: the first that fits.")
@workspace_option
@json_option
@debug_option
def import_(
    *, file: Path, name: str | None, mapping: str | None, workspace: Path | None, as_json: bool
) -> int:
    """Add what a supplier's statement tells, or Meta's pricing_analytics of messages.

    FILE is a table (.csv, .xlsx) that a mapping of [statements] describes, or the JSON of an
    answer. The same file again adds nothing. Exit code 1: a row could not be read.
    """
    told, added = open_at(workspace).balance_import(file, name, mapping)
    if as_json:
        counts = {"rows": told.rows, "ignored": dict(told.ignored)}
        refused = [{"line": p.line, "reason": p.reason, "message": p.message} for p in told.refused]
        write_json(counts | added_dict(added) | {"refused": refused})
        return PROBLEM if told.refused else 0
    ignored = sum(told.ignored.values())
    write_line(
        f"{told.rows} {noun(told.rows, 'row')} = {len(added.new)} new + {len(added.known)} known"
        f" + {ignored} left out + {len(told.refused)} refused"
    )
    for what, count in told.ignored.items():
        say(f"left out: {count} {what}")
    for problem in told.refused[:20]:
        say(f"{problem.source}, line {problem.line}: {problem.message}: {problem.text}")
    return PROBLEM if told.refused else 0


@command.command("export")
@click.argument("name", required=False)
@at_option("Up to this instant; default: now.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The file; default: stdout."
)
@workspace_option
@json_option
@debug_option
def export(
    *, name: str | None, at: str | None, out: Path | None, workspace: Path | None, as_json: bool
) -> None:
    """Write the ledger as a Beancount journal, which `bean-check` accepts.

    Calls are one transaction for each account and day. With --json: what was told, as it is kept.
    """
    log = open_at(workspace)
    if as_json:
        write_json([entry_dict(one) for one in log.balance_entries(name)])
        return
    text = log.balance_journal(name, at)
    if out is None:
        click.echo(text, nl=False)
        return
    write_whole(out, text.encode())
    write_line(str(out))


def added_dict(added: Added) -> dict[str, object]:
    """Return what was added as plain values."""
    return {
        "new": [entry_dict(one) for one in added.new],
        "known": [entry_dict(one) for one in added.known],
    }


def entry_dict(entry: Entry) -> dict[str, object]:
    """Return an entry as plain values; amounts are text."""
    return {
        "balance": entry.balance,
        "id": entry.entry_id,
        "kind": entry.kind,
        "at": entry.at,
        "amount": plain(amount_of(entry.units)),
        "fee": plain(amount_of(entry.fee_units)),
        "currency": entry.currency,
        "displayed_places": entry.shown_places,
        "note": entry.note,
        "source": entry.source,
        "line": entry.line,
    }


def entry_line(entry: Entry) -> str:
    """Write an entry on one line."""
    fee = f" and a fee of {plain(amount_of(entry.fee_units))}" if entry.fee_units else ""
    amount = f"{plain(amount_of(entry.units))} {entry.currency}"
    return f"{entry.kind} {amount}{fee}, {entry.at} UTC, {entry.balance}, id {entry.entry_id}"
