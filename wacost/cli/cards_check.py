"""`wacost cards check`: everything that is wrong, doubtful or missing in rate cards."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import (
    PROBLEM,
    debug_option,
    json_option,
    rates_folder,
    say,
    workspace_option,
    write_json,
    write_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wacost.cards.finding import Finding

_MOST: Final = 100
_WORDS: Final = {"error": "errors", "warning": "warnings", "info": "notes"}


@click.command("check")
@click.argument("targets", nargs=-1, required=True, metavar="CARD|FOLDER|FILE...")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day as of which a card is old; default: today.",
)
@workspace_option
@json_option
@debug_option
def check_cards(
    *, targets: tuple[str, ...], on: datetime | None, workspace: Path | None, as_json: bool
) -> int:
    """Find mistakes, doubtful prices and gaps in rate cards, all at once.

    A target is a card's name, its folder, a folder of cards, or one file. Exit code 1: there is
    an error (the card is refused) or a warning (a price that was probably not meant). Notes name
    known gaps, like countries without a rate.
    """
    from wacost.cards.inspect import inspect

    rates_dir = rates_folder(workspace)
    day = on.date() if on else date.today()  # noqa: DTZ011 - a day on the user's own calendar
    found: dict[str, list[Finding]] = {}
    for target in (target for told in targets for target in cards_in(told)):
        found[target] = inspect(target, day, rates_dir=rates_dir)
        if not as_json:
            tell(target, found[target])
    if as_json:
        write_json([_as_dict(target, findings) for target, findings in found.items()])
    grave = any(one.severity != "info" for findings in found.values() for one in findings)
    return PROBLEM if grave else 0


def cards_in(target: str) -> list[str]:
    """Return the cards in a folder of cards; anything else is one card."""
    folder = Path(target)
    if folder.is_dir() and not (folder / "card.toml").exists():
        found = sorted(str(path.parent) for path in folder.glob("*/card.toml"))
        return found or [target]
    return [target]


def tell(target: str, findings: Sequence[Finding]) -> None:
    """Write the findings of a card for people, and how many there are."""
    for line in lines_of(findings):
        write_line(line)
    counts = Counter(one.severity for one in findings)
    told = [
        f"{counts[severity]} {words.removesuffix('s') if counts[severity] == 1 else words}"
        for severity, words in _WORDS.items()
        if counts[severity]
    ]
    say(f"{target}: {', '.join(told) or 'nothing to say'}")


def lines_of(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines; of many findings of one kind in one file the first few."""
    shown: Counter[tuple[str, str, str]] = Counter()
    for one in findings:
        key = one.file, one.severity, one.kind
        shown[key] += 1
        if shown[key] > _MOST:
            continue
        where = ":".join(map(str, filter(None, (one.file, one.line))))
        word = "note" if one.severity == "info" else one.severity
        yield f"{where}: {word}: {_column(one)}{one.message}"
        if one.hint:
            yield f"  hint: {one.hint}"
    for (file, severity, kind), number in shown.items():
        if number > _MOST:
            yield f"{file}: {severity}: and {number - _MOST} more like these ({kind})"


def _column(finding: Finding) -> str:
    return f"{finding.column}: " if finding.column and finding.severity == "error" else ""


def _as_dict(target: str, findings: Sequence[Finding]) -> dict[str, object]:
    counts = Counter(one.severity for one in findings)
    return {
        "card": target,
        "errors": counts["error"],
        "warnings": counts["warning"],
        "notes": counts["info"],
        "findings": [one.as_dict() for one in findings],
    }
