"""Whose turn it is to open a store: readers that overlap would else keep a loader out for ever.

Whoever opens a store holds a lock on its folder until the store is open, so that nobody who comes
later gets in before. The folder is there in any case and nothing is left behind; it says nothing
about the store's own lock, which is DuckDB's.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from wacost.store.uses import is_used

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLL_S: Final = 0.02


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
        folder = None if is_used(path) else os.open(path.parent, os.O_RDONLY)
    except OSError:  # no such right: it is a matter of order only
        folder = None
    try:
        if folder is not None:
            _wait(folder, until)
        yield
    finally:
        if folder is not None:
            os.close(folder)


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
