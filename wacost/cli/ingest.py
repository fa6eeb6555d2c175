"""`wacost ingest`: load webhook files and say what became of every record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.cli.common import (
    PROBLEM,
    debug_option,
    json_option,
    open_at,
    progress,
    say,
    workspace_option,
    write_json,
)
from wacost.cli.ingest_report import bounds_of, conservation, reasons
from wacost.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.workspace import Workspace


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--format",
    "format_",
    metavar="NAME",
    help="All of it is in this format: meta, ycloud, doubletick, aws, kapso, or for tables the NAME"
    " of an [imports.NAME].",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if a record was quarantined.")
@click.option(
    "--watch",
    is_flag=True,
    help="Go on, and load files as they appear; SIGTERM or Ctrl-C ends it.",
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="SECONDS",
    help="How often --watch looks for files.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be read; write nothing.")
@click.option(
    "--keep", metavar="NAME", help="With --dry-run: keep the guessed mapping as [imports.NAME]."
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    paths: tuple[str, ...],
    format_: str | None,
    strict: bool,
    watch: bool,
    every: int,
    dry_run: bool,
    keep: str | None,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Load webhook files and tables into the workspace.

    PATH is a file (.json, .jsonl, .ndjson, .csv, .tsv, .xlsx, each also .gz or .zst), a folder, a
    pattern, or - for standard input; by default the workspace's inbox. Loading a file again adds
    nothing.

    Bodies of Meta, YCloud, DoubleTick, AWS and Kapso are told apart line by line. 360dialog and
    Gupshup pass on Meta's. A table is read by the [imports.NAME] of wacost.toml that fits its
    columns.

    With --watch a segment of `wacost serve` is loaded when it is closed, any other file when two
    looks have found it the same, and each load that had files prints its line (--json: one object
    a line). A store that is in use is waited for.
    """
    log = open_at(workspace)
    _check_format(format_, log)
    _check_together(paths, watch=watch, dry_run=dry_run, keep=keep)
    if dry_run:
        from wacost.cli.ingest_preview import show

        show(log, paths, format=format_, keep=keep, as_json=as_json)
        return 0
    if watch:
        from wacost.cli.watch import watch_files

        refused = watch_files(log, paths, every, format=format_, as_json=as_json)
        return PROBLEM if refused and strict else 0
    with progress("ingesting") as tell:
        report = log.ingest(*paths, format=format_, progress=tell)
    bounds = [row for month in report.summary_months for row in log.summary_bounds(month)]
    if as_json:
        told = {"summary_bounds": [row.as_dict() for row in bounds]} if bounds else {}
        write_json({**report.as_dict(), **told})
    else:
        click.echo(conservation(report))
        if bounds:
            click.echo(bounds_of(bounds))
        if report.reasons:
            click.echo(reasons(report))
        for problem in report.problems[:_SHOWN]:
            say(f"{problem.source}, line {problem.line}: {problem.message}")
    for warning in report.warnings:
        say(f"warning: {warning}")
        say(f"hint: {warning.hint}")
    _say_left([Path(path) for path in paths] or [log.folder / "inbox"])
    return PROBLEM if strict and report.quarantined else 0


_SHOWN = 5
_NAMED = 3


def _check_together(
    paths: tuple[str, ...], *, watch: bool, dry_run: bool, keep: str | None
) -> None:
    """Refuse what does not go together, and a path that an unset variable of a shell left empty."""
    if keep and not dry_run:
        raise click.UsageError("--keep belongs to --dry-run")
    if watch and dry_run:
        raise click.UsageError("--watch loads, and --dry-run loads nothing: give one")
    if watch and "-" in paths:
        raise click.UsageError("--watch takes files and folders, not standard input")
    if "" in paths:
        raise click.UsageError("an empty PATH names nothing; . is this folder")


def _check_format(name: str | None, log: Workspace) -> None:
    from wacost.ingest.formats import checked_format

    if name is None:
        return
    try:
        checked_format(name, log.config.imports)
    except InputError as problem:
        raise click.BadParameter(
            f"{problem.message}; {problem.hint}", param_hint="--format"
        ) from problem


def _say_left(paths: Sequence[Path]) -> None:
    """Name files of folders that were not read: one of them may be the log that was meant."""
    from wacost.ingest.files import files_left

    left = [str(file) for path in paths for file in files_left(path)]
    if left:
        more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
        say(f"not read, by their names: {', '.join(left[:_NAMED])}{more}")
        say("hint: name a file to load it, whatever it is called")
