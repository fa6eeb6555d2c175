"""`wacost cards import`: a supplier's price file as a card of ours."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wacost.cards.model import RHYTHMS, STATUSES
from wacost.cli.common import (
    debug_option,
    json_option,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
    wrong_usage,
)

if TYPE_CHECKING:
    from wacost.cards.importing import Imported

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_ROWS: Final = 6
_MOST: Final = 200


class IncrementsType(click.ParamType[tuple[int, int]]):
    """First and next seconds, like 60/6; one number is both."""

    name = "increments"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Read the two numbers."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"([1-9]\d{0,4})(?:/([1-9]\d{0,4}))?", value, re.ASCII)
        if found is None:
            return self.fail(f"{value!r} are no increments; like 6/6, 60/60 or 60/6", param, ctx)
        return int(found[1]), int(found[2] or found[1])


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="A new folder, as which the card is called.",
)
@click.option("--currency", metavar="CODE", help="Where the file does not say it, like USD.")
@click.option("--from", "effective_from", type=_DAY, metavar="DATE",
              help="The first day on which the prices hold.")  # fmt: skip
@click.option("--increments", type=IncrementsType(), metavar="FIRST/NEXT",
              help="Seconds by which calls are billed, like 6/6 or 60/60.")  # fmt: skip
@click.option("--decimal", type=click.Choice(["point", "comma"]),
              help="The decimal sign, where prices like 1,234 do not show it.")  # fmt: skip
@click.option("--sheet", metavar="NAME", help="Of a workbook: the sheet with the prices.")
@click.option("--group", metavar="WORDS", help="Words of the heading over the columns meant.")
@click.option("--rate-type", "rate_types", multiple=True, metavar="WORDS",
              help="Of rates of several types: the one meant; repeatable.")  # fmt: skip
@click.option("--inbound-free", is_flag=True, help="Add a row that makes inbound calls free.")
@click.option("--title", default="", help="Of the card; default: the file's own.")
@click.option("--source", default="", help="Where the file is from; default: its name.")
@click.option("--status", type=click.Choice(STATUSES), default="published", show_default=True,
              help="How its figures are known.")  # fmt: skip
@click.option("--published-every", type=click.Choice(RHYTHMS),
              help="How often the supplier may publish a new one; default: as Meta, where it is"
              " in its layout.")  # fmt: skip
@click.option("--retrieved", type=_DAY, metavar="DATE", help="When it was read; default: today.")
@workspace_option
@json_option
@debug_option
def import_file(
    *,
    file: Path,
    folder: Path,
    currency: str | None,
    effective_from: datetime | None,
    decimal: str | None,
    retrieved: datetime | None,
    workspace: Path | None,  # noqa: ARG001 - like every command
    as_json: bool,
    **more: Any,
) -> None:
    """Make a card of a supplier's price file, CSV or XLSX.

    Read are Meta's layout (markets, currency, bands from and to, rate), tables of countries with
    prices for one direction or both, and tables of dial prefixes. Bands may stand in columns, under
    heads like 0-50k, 50k-250k, 250k+. Every normalisation is listed; what is not understood is
    refused with its row, and then no folder is made.
    """
    from wacost.cards.importing import Wishes, import_card
    from wacost.money import minor_digits

    with wrong_usage():
        if currency is not None:
            minor_digits(currency)
    wishes = Wishes(
        currency=currency,
        effective_from=effective_from.date() if effective_from else None,
        decimal={"point": ".", "comma": ","}.get(decimal or ""),
        retrieved=retrieved.date() if retrieved else date.today(),  # noqa: DTZ011 - the user's day
        **more,
    )
    made = import_card(file, folder, wishes)
    if as_json:
        write_json(made.as_dict())
        return
    tell(made)


def tell(made: Imported) -> None:
    """Write what an import did for people: what it changed, what it left out, what it took."""
    grouped: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for one in made.changes:
        grouped[one.column, one.found, one.made, one.why].append(one.row)
    rows = [
        [_rows(lines), column, found or "(empty)", to, why]
        for (column, found, to, why), lines in grouped.items()
    ]
    if rows:
        click.echo(table(["rows", "column", "from", "to", "why"], rows[:_MOST]))
    if len(rows) > _MOST:
        write_line(f"and {len(rows) - _MOST} more changes: --json lists them all")
    for row, text, why in made.left_out:
        write_line(f"left out, row {row}: {text} ({why})")
    for note in made.notes:
        write_line(f"note: {note}")
    card = made.card
    rates = "1 rate" if len(card.rows) == 1 else f"{len(card.rows)} rates"
    say(f"{made.folder}: {rates} in {card.currency}, by {made.layout}")
    say(f"next: wacost cards check {made.folder}")


def _rows(lines: list[int]) -> str:
    """Write line numbers, runs of them as one.

    >>> _rows([3, 4, 5, 9])
    '3-5, 9'
    """
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    more = f", … ({len(lines)})" if len(shown) > _ROWS else ""
    return ", ".join(shown[:_ROWS]) + more
