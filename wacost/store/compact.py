"""Write a store anew: what was deleted lies in free blocks of its file until then."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import duckdb

from wacost.store.connection import CONFIG, WAIT_S, open_store, settle
from wacost.store.migrate import create_schema
from wacost.store.trouble import spoken
from wacost.store.work import clear_dead_work, work_folder

if TYPE_CHECKING:
    from pathlib import Path


def compact(path: Path, *, wait_s: int = WAIT_S) -> None:
    """Put a copy that holds nothing but what there is in the place of a store.

    The copy takes the place at once, while no other process can write; after a crash the old
    store is there.

    Raises:
        StoreError: the store is locked, or the disk is full.
    """
    path = path.absolute()
    with open_store(path, wait_s=wait_s):
        pass  # closing it empties its log
    clear_dead_work(path)
    work = work_folder(path)
    work.mkdir()
    draft = work / path.name
    try:
        with spoken(path), duckdb.connect(str(draft), config=CONFIG) as new:
            settle(new)
            create_schema(new)
            _attach(new, path, wait_s)
            _copy(new)
            new.execute("CHECKPOINT")
            if not path.with_name(f"{path.name}.wal").exists():  # else somebody has written since
                draft.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _attach(new: duckdb.DuckDBPyConnection, path: Path, wait_s: int) -> None:
    """Read the old store beside the new one: nobody can write to it meanwhile."""
    until = time.monotonic() + wait_s
    quoted = str(path).replace("'", "''")
    while True:
        try:
            new.execute(f"ATTACH '{quoted}' AS old (READ_ONLY)")
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() >= until:
                raise
            time.sleep(0.05)
        else:
            return


def _copy(new: duckdb.DuckDBPyConnection) -> None:
    tables = new.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY ALL"
    ).fetchall()
    for (table,) in tables:
        new.execute(f'DELETE FROM "{table}"')  # noqa: S608 - names of our own schema
        new.execute(f'INSERT INTO "{table}" BY NAME FROM old."{table}"')
