"""Create the schema of a new store, and bring an older one up to date in numbered steps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.errors import StoreVersionError

if TYPE_CHECKING:
    import duckdb

SCHEMA_VERSION: Final = 2
"""The schema that this wacost writes and reads."""

_HERE = Path(__file__).resolve().parent
_MIGRATIONS = _HERE / "migrations"


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Give an empty database the current schema."""
    con.execute((_HERE / "schema.sql").read_text(encoding="utf-8"))
    _create_views(con)
    _reached(con, SCHEMA_VERSION)


def schema_version(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the version of an open store.

    Raises:
        StoreVersionError: the database was not made by wacost.
    """
    rows = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'wacost_schema'"
    ).fetchall()
    found = rows[0][0] and con.execute("SELECT max(version) FROM wacost_schema").fetchall()[0][0]
    if not found:
        raise StoreVersionError(
            f"{path} is a DuckDB file, but no wacost store",
            hint="name another file or folder; wacost never writes into a database of others",
        )
    return int(found)


def check_version(found: int, path: Path, *, read_only: bool) -> None:
    """Refuse a store that this wacost cannot work with as it is opened.

    Raises:
        StoreVersionError: the store is newer, or older and cannot be brought up to date because
            it is opened for reading.
    """
    if found > SCHEMA_VERSION:
        raise StoreVersionError(
            f"{path} has schema {found}, this wacost knows schema {SCHEMA_VERSION}",
            hint="install a newer wacost: pip install --upgrade wacost",
        )
    if found < SCHEMA_VERSION and read_only:
        raise StoreVersionError(
            f"{path} has the older schema {found}, this wacost reads schema {SCHEMA_VERSION}",
            hint="run `wacost ingest` on any file once: it brings the store up to date",
        )


def migrate(
    con: duckdb.DuckDBPyConnection,
    found: int,
    *,
    folder: Path = _MIGRATIONS,
    target: int = SCHEMA_VERSION,
) -> None:
    """Run every step from version `found` (exclusive) to `target`, in order.

    The caller holds a transaction, so a step that fails leaves the store as it was.

    Args:
        con: the open store.
        found: its version.
        folder: where the steps `NNNN_name.sql` are.
        target: the version to reach.
    """
    steps = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    for step in steps:
        version = step_version(step.name)
        if found < version <= target:
            con.execute(step.read_text(encoding="utf-8"))
            _reached(con, version)
    if target == SCHEMA_VERSION:
        _create_views(con)


def step_version(name: str) -> int:
    """Return the version that a step's file name leads to.

    >>> step_version("0002_permissions.sql")
    2
    """
    return int(re.split("_", name, maxsplit=1)[0])


def _create_views(con: duckdb.DuckDBPyConnection) -> None:
    con.execute((_HERE / "views.sql").read_text(encoding="utf-8"))


def _reached(con: duckdb.DuckDBPyConnection, version: int) -> None:
    con.execute(
        "INSERT INTO wacost_schema VALUES (?, CAST(now() AT TIME ZONE 'UTC' AS TIMESTAMP))",
        [version],
    )
