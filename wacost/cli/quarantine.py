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
    write_line,
)
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.ingest import HeldCall, Quarantined


@click.group()
def command() -> None:
    """What was refused, and which calls are held: list, show, decide.

    A refused record is counted, kept with its place and reason, and stops nothing. Two records
    that tell one event of a call differently hold that call back until one is discarded or taken,
    or until `contradiction` in wacost.toml decides. A call is also held where its source does not
    tell enough, or where it may be the same as another; `release` decides about any held call.
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
@click.option("--held", "only_held", is_flag=True, help="Only the calls that are held.")
@click.option("--all", "every", is_flag=True, help="Also records that are decided.")
@workspace_option
@json_option
@debug_option
def list_records(
    *,
    reason: str | None,
    source: str | None,
    only_held: bool,
    every: bool,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """List refused records, and the calls that are held with the commands that release them.

    JSON has the records, or with --held the calls. A call that a card holds, because its length
    and its two times differ, is held once its month was rated.
    """
    quarantine = open_at(workspace).quarantine
    found = [] if only_held else quarantine.list(reason=reason, source=source, every=every)
    held = [
        call
        for call in quarantine.held()
        if reason in {None, call.reason} and source in {None, call.source}
    ]
    if as_json:
        write_json([one.as_dict() for one in (held if only_held else found)])
        return
    if found:
        columns = ["id", "source", ">line", "reason", "state", "call"]
        click.echo(table(columns, [_cells(one) for one in found]))
    elif not held:
        click.echo("nothing held" if only_held else "nothing refused")
    for number, call in enumerate(held):
        if found or number:
            write_line("")
        _write_held(call)


def _write_held(call: HeldCall) -> None:
    write_line(f"held: {call.call_id}")
    write_line(f"  {call.reason}: {call.message}")
    at = f"{call.first_event_at:%Y-%m-%d %H:%M:%S} UTC"
    write_line(f"  {call.direction or 'no direction'}, {at}, {call.source} line {call.line}")
    for command in call.commands:
        write_line(f"  {command}")


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
            f"{done.records} {noun(done.records, 'record')} read again: {taken} taken,"
            f" {done.refused} refused again"
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


@command.command("release")
@click.argument("call_id")
@click.option("--answered", type=int, metavar="SECONDS", help="It was answered, and so long.")
@click.option("--unanswered", is_flag=True, help="Nobody picked up.")
@click.option("--same-as", metavar="CALL_ID", help="It is this call, which counts in its place.")
@click.option(
    "--at",
    metavar="TIME",
    help="When the talk began, like 2026-10-12T10:00:00-03:00; default: as the records tell it.",
)
@click.option("--reason", default="", metavar="TEXT", help="Why: `wacost explain` repeats it.")
@workspace_option
@json_option
@debug_option
def release(
    *,
    call_id: str,
    answered: int | None,
    unanswered: bool,
    same_as: str | None,
    at: str | None,
    reason: str,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Decide about a held call; it is priced when its month is rated again.

    The decision is kept in the store and stands whatever is loaded later. Records and files stay
    as they are. `wacost quarantine hold CALL_ID` takes it back.
    """
    if (answered is not None) + unanswered + (same_as is not None) != 1:
        raise click.UsageError("give one of --answered SECONDS, --unanswered, --same-as CALL_ID")
    open_at(workspace).quarantine.release(
        call_id,
        answered=answered,
        unanswered=unanswered,
        same_as=same_as,
        at=at,
        reason=reason,
    )
    _tell_decided("released", call_id, as_json=as_json)


@command.command("hold")
@click.argument("call_id")
@workspace_option
@json_option
@debug_option
def hold(*, call_id: str, workspace: Path | None, as_json: bool) -> None:
    """Take the decision about a released call back: it is again what its records tell."""
    open_at(workspace).quarantine.hold(call_id)
    _tell_decided("taken back", call_id, as_json=as_json)


def _tell_decided(what: str, call_id: str, *, as_json: bool) -> None:
    if as_json:
        write_json({what.replace(" ", "_"): call_id})
        return
    write_line(f"{what}: {call_id}")
    say("rate its month again: `wacost doctor` names it if it was rated before")


def _tell(what: str, records: Sequence[str], calls: int, *, as_json: bool) -> None:
    if as_json:
        write_json({what: len(set(records)), "calls": calls})
        return
    changed = f"{calls} {noun(calls, 'call comes', 'calls come')} out differently"
    click.echo(f"{len(set(records))} {what}; {changed}")
    if calls:
        whose, them = ("its month", "it") if calls == 1 else ("their months", "them")
        say(f"rate {whose} again: `wacost doctor` names {them}")
