"""The tables of the inbox: those that are written anew, and those that still tell of persons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wacost.config import ImportMapping
from wacost.ingest.files import table_files
from wacost.ingest.gone import call_of, gone_calls, living_calls
from wacost.ingest.secret import read_key
from wacost.ingest.tables.choose import IMPORTED
from wacost.ingest.tables.erase import RowEraser, StillTellingError
from wacost.ingest.tables.rewrite import rewrite_table

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table of the inbox.

    Attributes:
        path: the file.
        name: as the store knows it.
        mapping: what read it into the store; None: nothing that wacost.toml has.
        first_at: what it tells first, or when it was loaded or written: whatever is earlier; UTC.
    """

    path: Path
    name: str
    mapping: ImportMapping | None
    first_at: datetime


def tables_of(
    con: duckdb.DuckDBPyConnection, home: Path, imports: Mapping[str, ImportMapping]
) -> list[TableFile]:
    """Return the tables of the inbox.

    Args:
        con: the store.
        home: the workspace.
        imports: how tables are read, by name.
    """
    rows = con.execute(
        "SELECT source, format, least(first_event_at, loaded_at) FROM sources"
        " WHERE starts_with(source, 'inbox/')"
    ).fetchall()
    known = {source: (form, first) for source, form, first in rows}
    found = []
    for path in table_files(home / "inbox"):
        name = path.relative_to(home).as_posix()
        form, first = known.get(name, ("", None))
        mapping = imports.get((form or "").removeprefix(IMPORTED))
        found.append(TableFile(path, name, mapping, first or _written(path)))
    return found


def rewrite_tables(
    tables: Collection[TableFile],
    eraser: RowEraser,
    over: Collection[str],
    empty: Callable[[str, Sequence[int]], None],
) -> tuple[list[str], tuple[str, ...]]:
    """Write tables anew; return those that changed, and those that may still tell of persons.

    Args:
        tables: of the inbox.
        eraser: what to take out.
        over: sources in which everything is to be redacted.
        empty: called with the name and the lines of a table that is about to change.
    """
    changed, left = list[str](), list[str]()
    for table in tables:
        if eraser.before is not None and _seconds(table.first_at) >= eraser.before:
            continue
        try:
            rows = eraser.where_over(over=table.name in over)
            if rewrite_table(table.path, table.mapping, rows, partial(empty, table.name)):
                changed.append(table.name)
        except StillTellingError:
            left.append(table.name)
    return changed, tuple(left)


def tables_telling(
    con: duckdb.DuckDBPyConnection,
    home: Path,
    before: datetime,
    imports: Mapping[str, ImportMapping],
) -> tuple[str, ...]:
    """Return the tables that tell of redacted calls, or that could not be written anew.

    Args:
        con: the store.
        home: the workspace.
        before: UTC.
        imports: how tables are read, by name.
    """
    before = before.replace(tzinfo=None)
    tables = [one for one in tables_of(con, home, imports) if one.first_at < before]
    if not tables:
        return ()
    call = call_of(gone_calls(con), read_key(home) or b"")
    eraser = RowEraser(call, _seconds(before), living_calls(con, before), ())
    return tuple(one.name for one in tables if _tells(one, eraser))


def _tells(table: TableFile, eraser: RowEraser) -> bool:
    try:
        return rewrite_table(table.path, table.mapping, eraser)
    except StillTellingError:
        return True


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def _seconds(at: datetime) -> float:
    return at.replace(tzinfo=UTC).timestamp()
