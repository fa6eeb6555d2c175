"""What commands share: options, the workspace they work on, and how they write what they found."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from wacost.cli.group import remember_debug
from wacost.errors import ConfigError, InputError
from wacost.money import plain
from wacost.names import nearest, printable

if TYPE_CHECKING:
    from rich.table import Table

    from wacost.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])
WIDTH: Final = 100
"""Columns of a table's screen, where its texts can be folded to it."""
_GAP: Final = 2
_COPIED: Final = frozenset(
    {"account", "agent", "call", "card", "files", "id", "number", "source"}
)  # whose cells may have spaces, and are one thing all the same
PROBLEM: Final = 1


class MonthType(click.ParamType[str]):
    """A month like 2026-10."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the month."""
        from wacost.months import checked_month

        try:
            return checked_month(value)
        except InputError as problem:
            return self.fail(f"{problem.message}; {problem.hint}", param, ctx)


class DateType(click.ParamType[date]):
    """A date like 2026-10-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Check the date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.fail(f"{value!r} is no date; write 2026-10-31", param, ctx)


class TimeType(click.ParamType[str]):
    """A moment in ISO 8601, like 2026-10-31T18:00; it stays text: whose clock it is comes later."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the moment."""
        from wacost.rating.quote import told_time

        try:
            told_time(value)
        except InputError as problem:
            return self.fail(f"{problem.message}; {problem.hint}", param, ctx)
        return str(value)


def at_option(text: str) -> Callable[[F], F]:
    """Add --at: a moment."""
    return click.option("--at", type=TimeType(), metavar="TIME", help=text)


class SpanType(click.ParamType[timedelta]):
    """A length of time like 3d or 12h."""

    name = "span"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """Check the length."""
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,4})([dh])", value.strip(), re.ASCII)
        if not found:
            return self.fail(f"{value!r} is no length of time; write 3d or 12h", param, ctx)
        return timedelta(hours=int(found[1]) * {"d": 24, "h": 1}[found[2]])


class CountryType(click.ParamType[str]):
    """An ISO country of two letters, in upper or lower case."""

    name = "country"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the country."""
        from wacost.dialplan import checked_country

        try:
            return checked_country(value)
        except InputError as problem:
            return self.fail(f"{problem.message}; {problem.hint}", param, ctx)


class FormatsType(click.ParamType[tuple[str, ...]]):
    """Some of the formats that a command writes, with commas between, like csv,pdf."""

    name = "formats"

    def __init__(self, known: Sequence[str]) -> None:
        """Take the formats that there are."""
        self.known = known

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        words = tuple(dict.fromkeys(word.strip() for word in str(value).split(",")))
        for word in words:
            if word not in self.known:
                self.fail(f"{word!r} is none of {', '.join(self.known)}", param, ctx)
        return words


@contextmanager
def wrong_usage() -> Iterator[None]:
    """Take what is said of a value in the block as said of an argument: exit code 2.

    What a file says is no argument: the kinds of `InputError` that tell of one pass.
    """
    try:
        yield
    except InputError as problem:
        if type(problem) is not InputError:
            raise
        raise click.UsageError(f"{problem.message}; {problem.hint}") from problem


def only_with(what: str, **given: object) -> None:
    """Refuse options that were given where they would change nothing.

    Args:
        what: what they go with.
        **given: their values; None: not given.
    """
    if told := [f"--{name}" for name, value in given.items() if value is not None]:
        raise click.UsageError(f"{' and '.join(told)}: only with {what}")


def workspace_option(function: F) -> F:
    """Add -w/--workspace."""
    return click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path),
        envvar="WACOST_WORKSPACE",
        callback=_folder_of,
        metavar="DIR",
        help="The workspace; default: this folder or the nearest parent with a wacost.toml.",
    )(function)


def _folder_of(_ctx: click.Context, _option: click.Parameter, path: Path | None) -> Path | None:
    """Take a wacost.toml for the folder it is in."""
    from wacost.config.read import FILE_NAME

    return path.parent if path and path.name == FILE_NAME and path.is_file() else path


def by_option(columns: Sequence[str], *usual: str) -> Callable[[F], F]:
    """Add --by: some of the columns, with commas between them or the option repeated."""

    def chosen(ctx: click.Context, param: click.Parameter, told: Sequence[str]) -> tuple[str, ...]:
        names = dict.fromkeys(name.strip() for one in told for name in one.split(","))
        names.pop("", None)
        for name in names:
            if name not in columns:
                hint = nearest(name, columns, "column")
                raise click.BadParameter(f"{name!r} is no column here; {hint}", ctx, param)
        if not names:
            raise click.BadParameter(f"name one of {', '.join(columns)}", ctx, param)
        return tuple(names)

    return click.option(
        "--by",
        multiple=True,
        default=usual,
        callback=chosen,
        show_default=True,
        metavar="COLUMN,…",
        help=f"What a row is about: some of {', '.join(columns)}.",
    )


def json_option(function: F) -> F:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout.")(function)


def debug_option(function: F) -> F:
    """Add --debug."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=remember_debug,
        help="Show the traceback of an error.",
    )(function)


def open_at(folder: Path | None) -> Workspace:
    """Open the workspace that was named, or the nearest one."""
    from wacost.workspace import find_workspace, open_workspace

    return open_workspace(folder if folder is not None else find_workspace(Path()))


def rates_folder(workspace: Path | None) -> Path | None:
    """Return the `rates/` of the workspace, where there is a workspace."""
    from wacost.workspace import find_workspace

    try:
        return (workspace if workspace is not None else find_workspace(Path())) / "rates"
    except ConfigError:
        return None


def write_json(value: Any) -> None:
    """Write a value to stdout as JSON; Decimals as plain text, dates as ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_json))


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def say(text: str = "") -> None:
    """Talk: write a line to stderr."""
    click.echo(printable(text), err=True)


def write_line(text: str) -> None:
    """Write a line for people to stdout."""
    click.echo(printable(text))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 0) -> str:
    """Lay out rows for people; a column whose name starts with ">" is aligned to the right.

    A text that is too wide goes on in the next line, after a word; never a number or what somebody
    may copy, like a name, an id or a path: a table of many of them gets wider instead.

    >>> print(table(["name", ">calls"], [["a", "1"], ["b", "10"]]))
    name  calls
    a         1
    b        10
    """
    from rich.console import Console

    widths = _widths(columns, rows)
    console = Console(
        width=sum(widths) + _GAP * len(widths),
        color_system=None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    with console.capture() as captured:
        console.print(_rich_table(columns, rows, widths))
    lines = (line.rstrip() for line in captured.get().splitlines())
    return "\n".join(f"{' ' * indent}{line}" for line in lines)


def _rich_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]
) -> Table:
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), show_edge=False)
    for number, (column, width) in enumerate(zip(columns, widths, strict=True)):
        right = column.startswith(">")
        made.add_column(
            Text(column.removeprefix(">")),
            justify="right" if right else "left",
            width=width,
            no_wrap=_is_whole(column, rows, number),
        )
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    return made


def _is_whole(column: str, rows: Sequence[Sequence[str]], number: int) -> bool:
    """Tell whether no cell of a column goes on in a next line: numbers, and what is copied."""
    numbers = column.startswith(">") and not any(" " in row[number] for row in rows)
    return numbers or column in _COPIED


def _widths(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Return the width of each column: of all its text, or less where that goes beyond `WIDTH`.

    No column gets narrower than its longest word.
    """
    from rich.cells import cell_len

    widths, least = [], []
    for number, column in enumerate(columns):
        cells = [column.removeprefix(">"), *(printable(row[number]) for row in rows)]
        widths.append(max(map(cell_len, cells)))
        parts = cells if _is_whole(column, rows, number) else " ".join(cells).split()
        least.append(max(map(cell_len, parts), default=0))
    while sum(widths) + _GAP * (len(widths) - 1) > WIDTH:
        slack = [place for place, width in enumerate(widths) if width > least[place]]
        if not slack:
            break
        widths[max(slack, key=lambda place: widths[place])] -= 1
    return [max(width, 1) for width in widths]


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on stderr while something long runs; None where nobody watches a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
