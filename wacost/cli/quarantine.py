"""`wacost quarantine`: what was refused, and what people do about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wacost.cli.common import (
    PROBLEM,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
)

if TYPE_CHECKING:
    from wacost.ingest import Quarantined


@click.group()
def command() -> None:
    """What was refused: list, show, retry, discard, take.

    A refused record is counted, kept with its place and reason, and stops nothing. Two records
    that tell one event of a call differently hold that call back until one is discarded or taken,
    or until `contradiction` in wacost.toml decides.
    """


def _reason_option(function: Any) -> Any:
    return click.option("--reason", metavar="CODE", help="Only records refused for this reason.")(
        function
    )


def _source_option(function: Any) -> Any:
    return click.option("--source", metavar="FILE", help="Only records of this file.")(function)


@command.command("list")
@_reason_option
@_source_option
@click.option("--all", "every", is_flag=True, help="Also records that are decided.")
@workspace_option
@json_option
@debug_option
def list_records(
    *, reason: str | None, source: str | None, every: bool, workspace: Path | None, as_json: bool
) -> None:
    """List refused records."""
    found = open_at(workspace).quarantine.list(reason=reason, source=source, every=every)
    if as_json:
        write_json([record.as_dict() for record in found])
        return
    columns = ["id", "source", ">line", "reason", "state", "call"]
    click.echo(table(columns, [_cells(record) for record in found]) if found else "nothing refused")


def _cells(record: Quarantined) -> list[str]:
    where = [record.id, record.source, str(record.line)]
    return [*where, record.reason, record.state, record.call_id or ""]


@command.command("show")
@click.argument("record", metavar="ID")
@workspace_option
@json_option
@debug_option
def show(*, record: str, workspace: Path | None, as_json: bool) -> None:
    """Show one record: where it stands, why it was refused, and its text, cleaned."""
    found = open_at(workspace).quarantine.show(record)
    if as_json:
        write_json(found.as_dict())
        return
    place = f"line {found.line}" + (f", item {found.item}" if found.item else "")
    click.echo(f"{found.id}  {found.source}, {place}")
    click.echo(f"  reason  {found.reason}: {found.message}")
    click.echo(f"  call    {found.call_id or '-'}")
    click.echo(f"  state   {found.state}")
    click.echo(f"  text    {found.text}")


@command.command("retry")
@click.argument("records", metavar="[ID]...", nargs=-1)
@_reason_option
@_source_option
@click.option("--all", "every", is_flag=True, help="Every open record.")
@workspace_option
@json_option
@debug_option
def retry(
    *,
    records: Sequence[str],
    reason: str | None,
    source: str | None,
    every: bool,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Read refused records again from their files.

    Exit code 1: a file is gone or has changed since it was loaded.
    """
    quarantine = open_at(workspace).quarantine
    done = quarantine.retry(*records, reason=reason, source=source, every=every)
    if as_json:
        counts = {"records": done.records, "refused": done.refused, "left": done.left}
        write_json({**counts, "ingest": done.report.as_dict()})
    else:
        taken = done.records - done.refused
        click.echo(
            f"{done.records} records read again: {taken} taken, {done.refused} refused again"
        )
    for sentence in done.left:
        say(sentence)
    return PROBLEM if done.left else 0


@command.command("discard")
@click.argument("records", metavar="ID...", nargs=-1, required=True)
@workspace_option
@json_option
@debug_option
def discard(*, records: Sequence[str], workspace: Path | None, as_json: bool) -> None:
    """Set records aside: what the store has is right.

    They stay counted. `wacost quarantine retry ID` opens one again.
    """
    log = open_at(workspace)
    _tell("discarded", records, log.quarantine.discard(*records), as_json=as_json)


@command.command("take")
@click.argument("records", metavar="ID...", nargs=-1, required=True)
@workspace_option
@json_option
@debug_option
def take(*, records: Sequence[str], workspace: Path | None, as_json: bool) -> None:
    """Take contradictory records in the place of what the store has."""
    log = open_at(workspace)
    _tell("taken", records, log.quarantine.take(*records), as_json=as_json)


def _tell(what: str, records: Sequence[str], calls: int, *, as_json: bool) -> None:
    if as_json:
        write_json({what: len(set(records)), "calls": calls})
        return
    click.echo(f"{len(set(records))} {what}; {calls} calls come out differently")
    if calls:
        say("rate their months again: `wacost doctor` names them")
