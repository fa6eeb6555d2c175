"""Which tables of the inbox still tell of persons that were redacted: they stay as they are."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from wacost.errors import MissingExtraError
from wacost.ingest.files import table_files
from wacost.ingest.tables.grid import UnreadableTableError, grids_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

_NUMBER: Final = re.compile(r"\d[\d .()/\-\u00a0]{6,}\d", re.ASCII)
_LEAST: Final = 8


def tables_before(con: duckdb.DuckDBPyConnection, home: Path, before: datetime) -> tuple[str, ...]:
    """Return the tables of the inbox that tell of anything before a moment.

    A table without a time that could be read is as old as its load; one that was never loaded is
    as old as its file.

    Args:
        con: the store.
        home: the workspace.
        before: UTC.
    """
    rows = con.execute(
        "SELECT source, least(first_event_at, loaded_at) FROM sources"
        " WHERE starts_with(source, 'inbox/')"
    ).fetchall()
    since = dict(rows)
    before = before.replace(tzinfo=None)
    found = []
    for path in table_files(home / "inbox"):
        name = path.relative_to(home).as_posix()
        if (since.get(name) or _written(path)) < before:
            found.append(name)
    return tuple(found)


def tables_naming(home: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the tables of the inbox that name somebody, or that cannot be read.

    Args:
        home: the workspace.
        names: numbers in digits, and user ids.
    """
    tables = table_files(home / "inbox")
    return tuple(p.relative_to(home).as_posix() for p in tables if _may_name(p, names))


def _written(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


def _may_name(path: Path, names: Sequence[str]) -> bool:
    try:
        grids = grids_of(path)
        grids = grids[:1] if grids and grids[0].encoding else grids  # separators do not matter here
        return any(
            is_named("\n".join(row.cells), names) or bool(row.broken)
            for grid in grids
            for row in grid.rows()
        )
    except (MissingExtraError, UnreadableTableError):
        return True


def is_named(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text has one of some names in it, a number also without its country's code.

    >>> is_named("Ana;+55 (11) 98765-4321;1:15", ["5511987654321"])
    True
    >>> is_named("11 98765-4321", ["5511987654321"]), is_named("x,447700900123", ["5511987654321"])
    (True, False)
    """
    if any(name in text for name in names):
        return True
    told = {re.sub(r"\D", "", number).lstrip("0") for number in _NUMBER.findall(text)}
    return any(
        name in digits or (len(digits) >= _LEAST and name.endswith(digits))
        for digits in told
        for name in names
        if name.isdecimal()
    )
