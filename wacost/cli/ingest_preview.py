"""`wacost ingest --dry-run`: tables before and after, a mapping to keep, and the counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import say, table, write_json
from wacost.cli.ingest_report import conservation, reasons
from wacost.errors import PayloadError

if TYPE_CHECKING:
    from wacost.ingest.tables.preview import Preview
    from wacost.workspace import Workspace

_WIDEST = 24


def show(
    log: Workspace,
    paths: tuple[str, ...],
    *,
    format: str | None,  # noqa: A002 - the option's name
    keep: str | None,
    as_json: bool,
) -> None:
    """Show what a load would make of some files, and keep a guessed mapping where asked to."""
    shown, report = log.preview(*paths, format=format, name=keep or "mine")
    if as_json:
        write_json({"tables": [one.as_dict() for one in shown], **report.as_dict()})
    else:
        for one in shown:
            _show(one)
        click.echo(f"into an empty store: {conservation(report)}")
        if report.reasons:
            click.echo(reasons(report))
    guessed = [one for one in shown if one.is_guessed]
    if keep:
        if not guessed:
            raise PayloadError("there is no guessed mapping to keep", hint="leave --keep out")
        log.keep_import(keep, guessed[0].toml)
        say(f"[imports.{keep}] now stands in {log.folder / 'wacost.toml'}")
    elif guessed:
        say("paste the mapping into wacost.toml, or keep it with --dry-run --keep NAME")


def _becomes(made: dict[str, str]) -> str:
    verdicts = [f"{key}: {made[key]}" for key in ("quarantined", "ignored", "held") if key in made]
    return verdicts[0] if verdicts else "a call"


_AFTER: Final[dict[str, Callable[[dict[str, str]], str]]] = {
    "direction": lambda made: made.get("direction", ""),
    "contact": lambda made: made.get("contact", ""),
    "country": lambda made: made.get("country", ""),
    "first (UTC)": lambda made: made.get("first", "").rstrip("Z"),
    "pick-up": lambda made: made.get("picked up", "")[11:-1],
    ">seconds": lambda made: made.get("seconds", ""),
    "becomes": _becomes,
}


_AFTER_SUMMARY: Final[dict[str, Callable[[dict[str, str]], str]]] = {
    "month": lambda made: made.get("month", ""),
    "direction": lambda made: made.get("direction", ""),
    "country": lambda made: made.get("country", ""),
    ">calls": lambda made: made.get("calls", ""),
    ">seconds": lambda made: made.get("seconds", ""),
    "becomes": lambda made: _becomes(made).replace("a call", "bounds, no call"),
}


def _show(one: Preview) -> None:
    click.echo(f"{one.source}, read by [imports.{one.mapping.name}]\n\nbefore")
    columns = [name[:_WIDEST] or "-" for name in one.columns]
    rows = [[str(line), *_padded(cells, len(columns))] for line, cells, _ in one.rows]
    click.echo(table([">line", *columns], rows))
    click.echo("\nafter")
    shown = _AFTER_SUMMARY if one.mapping.kind == "summary" else _AFTER
    after = [[str(line), *(cell(made) for cell in shown.values())] for line, _, made in one.rows]
    click.echo(table([">line", *shown], after))
    if one.is_guessed:
        click.echo(f"\nthe mapping, guessed:\n\n{one.toml}\n")
    for note in one.notes:
        click.echo(f"# {note}")
    click.echo()


def _padded(cells: tuple[str, ...], width: int) -> list[str]:
    return [cell[:_WIDEST] for cell in (*cells, *[""] * width)[:width]]
