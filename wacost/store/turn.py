"""Whose turn it is to open a store: readers that overlap would else keep a loader out for ever.

Whoever opens a store holds a lock on its folder until the store is open, so that nobody who comes
later gets in before. The folder is there in any case and nothing is left behind; it says nothing
about the store's own lock, which is DuckDB's.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

POLL_S: Final = 0.02
_GUARD: Final = threading.Lock()
_USED: Final[Counter[Path]] = Counter()


@contextmanager
def turn(path: Path, until: float) -> Iterator[None]:
    """Hold the turn at a store for the time of a `with` block, or go without it after `until`.

    A process that uses the store already is let in at once: whoever has the turn may be waiting
    for just that process.

    Args:
        path: the store.
        until: on the monotonic clock.
    """
    try:
        folder = None if _USED[_real(path)] > 1 else os.open(path.parent, os.O_RDONLY)
    except OSError:  # no such right: it is a matter of order only
        folder = None
    try:
        if folder is not None:
            _wait(folder, until)
        yield
    finally:
        if folder is not None:
            os.close(folder)


def _real(path: Path) -> Path:
    """Return where a path leads; one that leads round to itself is for whoever opens it."""
    return Path(os.path.realpath(path))


def _wait(folder: int, until: float) -> None:
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= until:
            return
        time.sleep(POLL_S)


@contextmanager
def counted(path: Path, look: Callable[[Path], None]) -> Iterator[None]:
    """Count a store as in use by this process; who is the first has a look at the file.

    Nobody else may: a process that closes a file loses all its locks on it, also that of a
    connection which DuckDB has open, and another process could then write at the same time.
    """
    real = _real(path)
    with _GUARD:
        if not _USED[real]:
            look(path)
        _USED[real] += 1
    try:
        yield
    finally:
        with _GUARD:
            _USED[real] -= 1
