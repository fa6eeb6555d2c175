"""`wacost export`: calls and charges for other tools."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from wacost.cli.common import (
    FormatsType,
    MonthType,
    debug_option,
    json_option,
    open_at,
    say,
    workspace_option,
    write_json,
    write_line,
)

if TYPE_CHECKING:
    from wacost.workspace import Workspace

FORMATS: Final = ("csv", "parquet", "xlsx")
_BINARY: Final = FORMATS[1:]


class Asked(NamedTuple):
    """What is to be exported."""

    what: str
    month: str | None
    account: str | None
    side: str | None
    numbers: str | None


@click.command()
@click.argument("what", type=click.Choice(["calls", "charges"]))
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Which month; default: all.")
@click.option("--account", help="Only this account.")
@click.option("--side", type=click.Choice(["cost", "sale"]), help="Of charges; default: both.")
@click.option(
    "--format",
    "formats",
    type=FormatsType(FORMATS),
    metavar="LIST",
    help=f"What is written, with commas between: {', '.join(FORMATS)}; default: what --out ends"
    " in, else csv.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="A file that ends in its format, or a folder; default: stdout.",
)
@click.option(
    "--numbers",
    type=click.Choice(["masked", "full"]),
    help="How contacts are told; default: what the account says, else masked.",
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    what: str,
    month: str | None,
    account: str | None,
    side: str | None,
    formats: tuple[str, ...] | None,
    out: Path | None,
    numbers: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Calls and charges for other tools: CSV, Parquet, XLSX.

    The columns are those of the views of these names. Times are UTC, amounts exact: decimals in
    CSV and Parquet. XLSX counts in 15 digits; there amount_units (1/60 of a billionth of the
    currency) is the exact figure. Charges are those of the months that were rated. A call's id
    stays whole, so that it can be found again; Meta's hold the number: `wacost redact` replaces
    them before a file goes to somebody who may not know it.
    """
    if side and what == "calls":
        raise click.UsageError("--side is about charges")
    asked = Asked(what, month, account, side, numbers)
    log = open_at(workspace)
    if out is None:
        to_stdout(log, asked, formats or ("csv",), as_json=as_json)
        return
    told = [
        {"file": file, "format": form, "rows": write(log, asked, file, form)}
        for file, form in places(asked, out, formats)
    ]
    if as_json:
        write_json(told)
    else:
        for one in told:
            write_line(str(one["file"]))


def places(asked: Asked, out: Path, formats: tuple[str, ...] | None) -> list[tuple[Path, str]]:
    """Return each file and its format: `out` itself where it ends in one, else files in it."""
    ending = out.suffix[1:].lower()
    if ending in FORMATS and not out.is_dir():
        if formats not in {None, (ending,)}:
            told = ",".join(formats or ())
            raise click.UsageError(f"--out ends in .{ending}, and --format is {told}")
        return [(out, ending)]
    from wacost.billing.documents import slug

    words = [word for word in (asked.account, asked.month, asked.side) if word]
    name = "-".join([asked.what, *map(slug, words)])
    return [(out / f"{name}.{form}", form) for form in formats or ("csv",)]


def to_stdout(log: Workspace, asked: Asked, formats: tuple[str, ...], *, as_json: bool) -> None:
    """Write one format to stdout, once all of it is there."""
    if as_json:
        raise click.UsageError("--json tells of the files that --out names")
    if len(formats) > 1:
        raise click.UsageError("stdout takes one format: name a folder with --out")
    if formats[0] in _BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{formats[0]} is nothing for a terminal: name a file with --out")
    with TemporaryDirectory(prefix="wacost-") as folder:
        file = Path(folder) / "export"
        write(log, asked, file, formats[0])
        with file.open("rb") as made:
            shutil.copyfileobj(made, sys.stdout.buffer)


def write(log: Workspace, asked: Asked, file: Path, form: str) -> int:
    """Write one file and return its rows; say so where there are none."""
    rows = log.export(
        asked.what,
        file,
        format=form,
        month=asked.month,
        account=asked.account,
        side=asked.side,
        numbers=asked.numbers,
    )
    if not rows:
        month = f" of {asked.month}" if asked.month else ""
        rate = f"; charges are made by wacost rate --month {asked.month or 'YYYY-MM'}"
        say(f"there are no {asked.what}{month}{rate if asked.what == 'charges' else ''}")
    return rows
