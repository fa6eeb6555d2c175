"""One thread that brings bodies to the disk: many of them share one fsync, each waits for it.

While one fsync runs, what arrives gathers; the next takes all of it. A body is acknowledged when
its line is on the disk, or refused when the disk does not take it: then the file is cut back to
its last good length, so that no line is there in half.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from wacost.ingest.inbox import close_segment, open_segment
from wacost.serve.metrics import Metrics
from wacost.serve.refused import Tally

_TICK_S: Final = 1
_PROBE: Final = b"\n" * 4096

Done = Callable[[Sequence["Entry"], bool], None]


@dataclass(slots=True, eq=False)
class Entry:
    """One line, and who waits for it."""

    line: bytes
    future: asyncio.Future[bool]


@dataclass(frozen=True, slots=True)
class State:
    """How the writer is.

    Attributes:
        segment: the name of the open file, or "".
        size: its bytes.
        fsync_age_s: seconds since the last fsync, or None before the first.
        problem: what the disk said last, or "" while it works.
    """

    segment: str
    size: int
    fsync_age_s: int | None
    problem: str


class Writer:
    """Appends lines to segments of an inbox.

    Args:
        inbox: the folder.
        rotate_bytes: a segment that has reached this size is closed.
        rotate_s: a segment that has lines for so long is closed.
        metrics: told of every fsync.
        done: called by the writer's thread with the entries of one fsync and whether they are on
            the disk.

    Raises:
        OSError: the inbox cannot be written to.
    """

    def __init__(
        self, inbox: Path, *, rotate_bytes: int, rotate_s: int, metrics: Metrics, done: Done
    ) -> None:
        self._inbox, self._rotate_bytes, self._rotate_s = inbox, rotate_bytes, rotate_s
        self._metrics, self._done = metrics, done
        self._tally = Tally(inbox)
        self._wake = threading.Condition()
        self._waiting: list[Entry] = []
        self._noted: list[str] = []
        self._stopping = False
        self._size = 0
        self._since = 0.0  # when the open segment got its first line
        self._synced: float | None = None
        self._problem = ""
        self._segment: tuple[Path, int] | None = open_segment(inbox)
        self._thread = threading.Thread(target=self._run, name="wacost-writer", daemon=True)
        self._thread.start()

    def put(self, entry: Entry) -> None:
        """Hand over a line; `done` tells what became of it."""
        with self._wake:
            self._waiting.append(entry)
            self._wake.notify()

    def note(self, reason: str) -> None:
        """Hand over a reason to be counted in the inbox."""
        with self._wake:
            self._noted.append(reason)

    def stop(self) -> None:
        """Write what waits, close the segment, and end the thread."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join()

    @property
    def state(self) -> State:
        """How it is now."""
        segment, synced = self._segment, self._synced
        return State(
            segment[0].name if segment else "",
            self._size,
            None if synced is None else int(time.monotonic() - synced),
            self._problem or ("" if self._thread.is_alive() else "the writer has stopped"),
        )

    # -- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        stopping = False
        while not stopping:
            with self._wake:
                if not self._waiting and not self._stopping:
                    self._wake.wait(_TICK_S)
                batch, self._waiting = self._waiting, []
                noted, self._noted = self._noted, []
                stopping = self._stopping and not batch
            self._tell(noted)
            if batch:
                self._done(batch, self._commit(batch))
            elif self._problem:
                self._try(lambda: self._append(_PROBE, keep=False))
            if self._is_due():
                self._try(self._rotate)
        self._tally.write()
        self._try(self._rotate)

    def _tell(self, noted: list[str]) -> None:
        now_s = int(time.time())
        for reason in noted:
            self._tally.add(reason, now_s)
        self._tally.write(now_s)

    def _commit(self, batch: Sequence[Entry]) -> bool:
        """Bring lines to the disk; tell whether they are there."""
        text = b"".join(entry.line for entry in batch)
        if self._try(lambda: self._append(text)):
            return True
        self._metrics.unwritten(len(batch))
        return False

    def _try(self, work: Callable[[], None]) -> bool:
        """Do something with the disk; what it says against it is kept for /healthz."""
        try:
            work()
        except OSError as error:
            self._problem = error.strerror or type(error).__name__
            self._retire()
            return False
        self._problem = ""
        return True

    def _append(self, text: bytes, *, keep: bool = True) -> None:
        if self._segment is None:
            self._segment, self._size = open_segment(self._inbox), 0
        began = time.monotonic()
        _, descriptor = self._segment
        _write(descriptor, text)
        os.fsync(descriptor)
        if not keep:
            os.ftruncate(descriptor, self._size)
            return
        self._synced = time.monotonic()
        self._since = self._since if self._size else self._synced
        self._size += len(text)
        self._metrics.written(text.count(b"\n"), len(text), self._synced - began)

    def _retire(self) -> None:
        """Give up a segment that the disk said no to: keep what was acknowledged, and no more.

        Where not even that can be done it stays as it is, unheld: `adopt` will settle it.
        """
        if self._segment is None:
            return
        (path, descriptor), self._segment = self._segment, None
        try:
            os.ftruncate(descriptor, self._size)
            os.fsync(descriptor)
        except OSError:
            os.close(descriptor)
            return
        self._close(path, descriptor)

    def _close(self, path: Path, descriptor: int) -> None:
        try:
            close_segment(path, descriptor)
        except OSError as error:
            self._problem = error.strerror or type(error).__name__

    def _is_due(self) -> bool:
        if self._segment is None or not self._size:
            return False
        age_s = time.monotonic() - self._since
        return self._size >= self._rotate_bytes or age_s >= self._rotate_s

    def _rotate(self) -> None:
        """Close the segment; the next line opens another."""
        if self._segment is not None:
            (path, descriptor), self._segment = self._segment, None
            self._size = 0
            close_segment(path, descriptor)


def _write(descriptor: int, text: bytes) -> None:
    with memoryview(text) as view:
        done = 0
        while done < len(view):
            done += os.write(descriptor, view[done:])
