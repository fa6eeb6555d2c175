"""Open the store: create it whole, wait for its lock, and say in a sentence what is in the way."""

from __future__ import annotations

import logging
import os
import re
import time
from contextlib import contextmanager, suppress
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import duckdb

from wacost.errors import StoreError, StoreLockedError, StoreVersionError
from wacost.store.migrate import (
    SCHEMA_VERSION,
    check_version,
    create_schema,
    migrate,
    schema_version,
)
from wacost.store.trouble import spoken, trouble
from wacost.store.turn import POLL_S, turn
from wacost.store.uses import committing, connect, disconnect
from wacost.store.work import clear_dead_work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,  # a store never makes wacost reach for the network
    "autoload_known_extensions": False,
}
"""How every DuckDB of wacost is opened."""

_MAGIC = b"DUCK"
_MAGIC_AT = 8
WAIT_S: Final = 30
"""How long to wait for another process, in seconds: a load holds the store for a few at a time."""
_TOLD_S: Final = 2
_LOG: Final = logging.getLogger("wacost")
_DAMAGE = {duckdb.Error, duckdb.InternalException, duckdb.SerializationException}


@contextmanager
def open_store(
    path: Path, *, read_only: bool = False, wait_s: int = WAIT_S
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the store at `path` for the time of a `with` block.

    A store that is not there is created (not when `read_only`), an older one brought up to date.
    A locked one is tried again for `wait_s` seconds. Opened for writing, what killed loads left
    beside it goes.

    Args:
        path: the DuckDB file.
        read_only: open for reading; several readers can share a file.
        wait_s: how long to wait for another process, in seconds.

    Raises:
        StoreLockedError: another process still holds the file after `wait_s`.
        StoreVersionError: a newer schema, or no wacost store at all.
        StoreError: the file cannot be created, read or written (missing, read-only, full disk).
    """
    path = path.absolute()
    check_path(path)
    if not read_only:
        clear_dead_work(path)
    with spoken(path), _opened(path, read_only=read_only, wait_s=wait_s) as con:
        yield con


@contextmanager
def scratch_store() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty store in memory for the time of a `with` block: for calls that nobody keeps.

    What does not fit into memory goes to a temporary folder that is removed with it.
    """
    with (
        TemporaryDirectory(prefix="wacost-") as folder,
        duckdb.connect(":memory:", config=CONFIG) as con,
    ):
        settle(con)
        con.execute("SET temp_directory = $1", [folder])
        create_schema(con)
        yield con


def check_path(path: Path) -> None:
    """Refuse a path that DuckDB would cut: it takes what follows a `?` for options of an address.

    Its log would be written under another name, and two stores could share one.

    Raises:
        StoreError: the path has a `?`.
    """
    if "?" in str(path):
        raise StoreError(
            f"{path} has a question mark in its path, and DuckDB cannot keep a store there",
            hint="rename the folder",
        )


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Make everything in the block happen, or nothing of it."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
        with committing(con):
            con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # a failed commit has rolled back already
            con.execute("ROLLBACK")
        raise


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Tell a connection what every connection of wacost is told first: UTC, and no progress bar.

    The bar would write to stdout, which is for data. It is touched only where it is on: a notebook
    without ipywidgets has none, and must not even be asked to turn it off.
    """
    con.execute("SET TimeZone = 'UTC'")
    ((shown,),) = con.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if shown:
        con.execute("SET enable_progress_bar = false")


def _open(path: Path, *, read_only: bool, wait_s: int) -> duckdb.DuckDBPyConnection:
    con = None
    try:
        con = _connect(path, read_only=read_only, wait_s=wait_s)
        _prepare(con, path, read_only=read_only)
    except BaseException as error:
        if con is not None:
            disconnect(path, con)
        if type(error) in _DAMAGE:
            raise StoreVersionError(
                f"{path} cannot be read: it is damaged or was written by another DuckDB",
                hint="restore a copy, or ingest the raw files into a new workspace",
            ) from error
        raise
    return con


def _prepare(con: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    settle(con)
    found = schema_version(con, path)
    check_version(found, path, read_only=read_only)
    if found < SCHEMA_VERSION:
        with transaction(con):
            migrate(con, found)


@contextmanager
def _opened(path: Path, *, read_only: bool, wait_s: int) -> Iterator[duckdb.DuckDBPyConnection]:
    try:
        if not os.path.lexists(path):
            _create(path, read_only=read_only)
        con = _open(path, read_only=read_only, wait_s=wait_s)
    except OSError as error:
        raise trouble(path, error.strerror or str(error), error.errno) from error
    try:
        yield con
    finally:
        disconnect(path, con)


def _create(path: Path, *, read_only: bool) -> None:
    """Make a new store beside its name and link it there: it appears whole, or not at all."""
    if read_only:
        raise StoreError(
            f"There is no store at {path} yet", hint="run `wacost ingest` on your files first"
        )
    if not path.parent.is_dir():
        raise StoreError(
            f"The folder {path.parent} does not exist", hint="`wacost init` makes a workspace"
        )
    draft = path.with_name(f"{path.name}.new-{os.getpid()}-{time.monotonic_ns()}")
    try:
        with duckdb.connect(str(draft), config=CONFIG) as con:
            settle(con)
            with transaction(con):
                create_schema(con)
        _put(draft, path)
    finally:
        for left in (draft, draft.with_name(f"{draft.name}.wal")):
            left.unlink(missing_ok=True)


def _put(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:  # another process was first: its store is as good as ours
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            draft.rename(path)


def _check_magic(path: Path) -> None:
    """Look at the file before DuckDB does: for some foreign files it would ask the network."""
    with path.open("rb") as file:
        head = file.read(_MAGIC_AT + len(_MAGIC))
    if head[_MAGIC_AT:] != _MAGIC:
        raise StoreVersionError(
            f"{path} is no wacost store",
            hint="move it away, or name another folder with --workspace",
        )


def _connect(path: Path, *, read_only: bool, wait_s: int) -> duckdb.DuckDBPyConnection:
    began = time.monotonic()
    is_told = False
    open_ = partial(duckdb.connect, str(path), read_only=read_only, config=CONFIG)
    with turn(path, began + wait_s):
        while True:
            try:
                return connect(path, open_, _check_magic, read_only=read_only)
            except (duckdb.IOException, duckdb.ConnectionException) as error:
                if not _is_lock(error):
                    raise
                locked = _locked(path, str(error), wait_s)
                waited = time.monotonic() - began
                if waited >= wait_s:
                    raise locked from error
            if waited > _TOLD_S and not is_told:
                _LOG.warning("Waiting: %s", locked.message.partition(", still")[0])
                is_told = True
            time.sleep(POLL_S)


def _is_lock(error: duckdb.Error) -> bool:
    """Tell a held lock, also one held by this process in the other mode, from real trouble."""
    text = str(error)
    return "Could not set lock" in text or "different configuration" in text


def _locked(path: Path, text: str, wait_s: int) -> StoreLockedError:
    found = re.search(r"PID (\d+)", text)
    pid = int(found[1]) if found else os.getpid() if "configuration" in text else None
    holder = f"process {pid}" if pid else "another process"
    return StoreLockedError(
        f"{path} is in use by {holder}, still after {wait_s} s",
        hint="wait until it is done, or close the notebook or program that holds the store",
        pid=pid,
    )
