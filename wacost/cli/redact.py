"""`wacost redact`: take the contacts out of calls that ended before a day."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.cli.common import (
    PROBLEM,
    debug_option,
    json_option,
    open_at,
    say,
    workspace_option,
    write_json,
)
from wacost.config.strict import MOST_DAYS
from wacost.names import noun

if TYPE_CHECKING:
    from datetime import date

    from wacost.ingest import Redaction


@click.command()
@click.option(
    "--older-than",
    type=click.IntRange(0, MOST_DAYS),
    metavar="DAYS",
    help="Calls that ended before the day so many days ago; default: redact_after_days.",
)
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Calls that ended before this day, UTC.",
)
@click.option("--dry-run", is_flag=True, help="Only count.")
@workspace_option
@json_option
@debug_option
def command(
    *,
    older_than: int | None,
    before: datetime | None,
    dry_run: bool,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Take the contacts out of calls that ended before a day.

    Contacts and call ids become keyed hashes, in the store and in inbox/; countries, order, tiers
    and amounts stay. The key is the file .wacost-key: without it a call that is delivered once
    more cannot be recognised and counts twice. Keep it, and keep it secret.

    Exit code 1: a table in inbox/ still tells of such calls, and cannot be written anew: nothing
    says how it is read, or it is damaged.
    """
    if older_than is not None and before is not None:
        raise click.UsageError("--older-than and --before say the same: give one")
    day = _day(older_than, before)
    done = open_at(workspace).redact(day, dry_run=dry_run)
    return tell(done, "would be redacted" if dry_run else "redacted", as_json=as_json)


def _day(older_than: int | None, before: datetime | None) -> date | None:
    if older_than is not None:
        return datetime.now(UTC).date() - timedelta(days=older_than)
    return before.date() if before else None


def tell(done: Redaction, what: str, *, as_json: bool) -> int:
    """Write what a redaction changed; return the exit code: 1 where a table is left as it is."""
    from wacost.privacy import TABLE_HINT, untouched

    if as_json:
        write_json(asdict(done))
    else:
        others = f"{done.others} other {noun(done.others, 'record')}"
        click.echo(f"{done.calls} {noun(done.calls, 'call')} and {others} {what}")
        for file in done.files:
            click.echo(f"  {file} written anew")
    for sentence in () if as_json else done.left:
        say(sentence)
    for table in done.tables:
        say(f"wacost: {untouched(table)}")
    if done.tables:
        say(f"hint: {TABLE_HINT}")
    return PROBLEM if done.tables else 0
