"""The connections that this process has to each store, and what has to happen around them.

A process that closes a file loses all its locks on it, also that of a connection which DuckDB has
open, and another process could then write at the same time. So a store's file is looked at and
mended before the first connection to it, and what else opens it stays open until the last is gone.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from wacost.store.trouble import trouble
from wacost.store.undo import CAN_KEEP, Undo, mend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_GUARD: Final = threading.RLock()
_PATH: Final = "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"


@dataclass
class _Use:
    undo: Undo | None
    connections: int = 0

    def close(self) -> None:
        if self.undo is not None:
            self.undo.close()


_USES: Final[dict[Path, _Use]] = {}


def is_used(path: Path) -> bool:
    """Tell whether this process has a connection to a store."""
    return _real(path) in _USES


def connect(
    path: Path,
    open_: Callable[[], duckdb.DuckDBPyConnection],
    look: Callable[[Path], None],
    *,
    read_only: bool,
) -> duckdb.DuckDBPyConnection:
    """Connect to a store; before the first connection it is looked at, and mended after a crash.

    Args:
        path: the store.
        open_: how DuckDB opens it.
        look: raises where the file is no store.
        read_only: nothing will be written, so nothing needs to be kept.

    Raises:
        OSError: the file cannot be opened, or not be mended.
    """
    real = _real(path)
    with _GUARD:
        use = _USES.get(real)
        if use is None:
            look(path)
            mend(real)
            use = _Use(Undo(real) if CAN_KEEP and not read_only else None)
        try:
            con = open_()
        except BaseException:
            if not use.connections:
                use.close()
            raise
        use.connections += 1
        _USES[real] = use
    return con


def disconnect(path: Path, con: duckdb.DuckDBPyConnection) -> None:
    """Close a connection; with the last one DuckDB checkpoints, if what that may spoil is kept.

    Nothing is raised: what was committed stands in the log, and the next to open the store
    replays it.
    """
    real = _real(path)
    with _GUARD:
        use = _USES[real]
        with suppress(duckdb.Error):
            if use.undo is not None and use.connections == 1:
                _keep_or_leave(use.undo, path, con)
        with suppress(duckdb.Error):
            con.close()
        use.connections -= 1
        if not use.connections:
            del _USES[real]
            use.close()
            with suppress(OSError):  # whoever opens it next does it
                mend(real)


@contextmanager
def committing(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let a commit checkpoint: what that may spoil is kept, and no other thread disturbs it.

    Raises:
        StoreError: it cannot be kept, so nothing may be committed.
    """
    ((path,),) = con.execute(_PATH).fetchall()
    use = _USES.get(_real(Path(path))) if path else None
    if use is None or use.undo is None:
        yield
        return
    with _GUARD:
        try:
            use.undo.keep(con)
        except OSError as error:
            raise trouble(Path(path), error.strerror or str(error), error.errno) from error
        yield


def _keep_or_leave(undo: Undo, path: Path, con: duckdb.DuckDBPyConnection) -> None:
    if not path.with_name(f"{path.name}.wal").exists():  # nothing to checkpoint
        return
    try:
        undo.keep(con)
    except OSError:
        con.execute("PRAGMA disable_checkpoint_on_shutdown")


def _real(path: Path) -> Path:
    """Return where a path leads; one that leads round to itself is for whoever opens it."""
    return Path(os.path.realpath(path))
