"""Plain bodies, read by compiled code where the installation has it.

Nearly every line of a webhook file is a body with one event of one call, told the usual way. Code
in C makes the rows of those, as `meta` would, several times as fast; every other line goes on to
`meta` as if it had come alone. An installation without a C compiler has no such code: all lines go
on. `walk.c` finds what a line tells, `judge.c` makes a row of it, `columns.c` hands rows to DuckDB.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections import deque
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

COMPILED: Final = Path(__file__).with_name("plain.so")
"""Made from the sources beside it when the package is built."""
_TOGETHER: Final = 4 << 20
"""Bytes of lines that a thread sorts at once."""
_WAITING: Final = 2
"""Such loads, per thread, that are under way or waiting."""


class Block(NamedTuple):
    """Whole lines of one source, one behind the other."""

    source: int
    line: int
    """The number of the first."""
    content: bytes
    lines: int
    """How many there are."""


class Plain(NamedTuple):
    """What a load found of plain bodies."""

    rows: Rows | None = None
    """For DuckDB to scan; None where there is none."""
    sources: frozenset[int] = frozenset()
    """The numbers of the sources that they are from."""


class _Left(ctypes.Structure):
    _fields_ = (
        ("at", ctypes.c_int64),
        ("size", ctypes.c_int64),
        ("line", ctypes.c_int64),
        ("lines", ctypes.c_int64),
    )


@cache
def _compiled() -> ctypes.CDLL | None:
    """Return the compiled code, its functions declared; None where there is none."""
    try:
        code = ctypes.CDLL(str(COMPILED))
    except OSError:
        return None
    pointer, size, text = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
    for name, result, arguments in (
        ("wacost_new", pointer, ()),
        ("wacost_free", None, (pointer,)),
        ("wacost_sieve", ctypes.c_bool, (pointer, text, size, size, size)),
        ("wacost_left", size, (pointer, ctypes.POINTER(ctypes.POINTER(_Left)))),
        ("wacost_lines", size, (text, size)),
        ("wacost_size", size, (pointer,)),
        ("wacost_write", ctypes.c_int, (pointer, ctypes.c_int, size)),
        ("wacost_stream", ctypes.c_bool, (pointer, size, pointer)),
    ):
        function = getattr(code, name)
        function.restype, function.argtypes = result, arguments
    return code


def is_compiled() -> bool:
    """Tell whether this installation has the compiled code."""
    return _compiled() is not None


class Sieve:
    """Sorts lines: the rows of plain bodies into a file, all others handed back.

    Args:
        path: the file for the rows; it is made.
        pool: where lines are sorted beside each other.
        threads: of the pool.
    """

    def __init__(self, path: Path, pool: ThreadPoolExecutor, threads: int) -> None:
        code = _compiled()
        assert code is not None  # noqa: S101 - is_compiled comes first
        self._code, self._pool, self._most = code, pool, threads * _WAITING
        self._file = path.open("w+b", buffering=0)
        self._end, self._lock = 0, Lock()
        self._held: list[Block] = []
        self._size = 0
        self._running: deque[Future[list[Block]]] = deque()
        self._sources: set[int] = set()

    def lines(self, content: bytes) -> int:
        """Count the lines of a block."""
        return int(self._code.wacost_lines(content, len(content)))

    def take(self, block: Block) -> Iterator[Block]:
        """Take a block; yield what is left of earlier ones, as far as that is known."""
        self._held.append(block)
        self._size += len(block.content)
        if self._size >= _TOGETHER:
            self._hand_on()
        while len(self._running) > self._most or (self._running and self._running[0].done()):
            yield from self._running.popleft().result()

    def finish(self) -> Iterator[Block]:
        """Yield what is left of all blocks that are still under way."""
        self._hand_on()
        while self._running:
            yield from self._running.popleft().result()

    def _hand_on(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held:
            self._running.append(self._pool.submit(self._sort, held))

    def _sort(self, blocks: list[Block]) -> list[Block]:
        """Sort some blocks; write the rows, return the rest."""
        sieve = self._code.wacost_new()
        if not sieve:
            raise MemoryError
        try:
            left = [rest for block in blocks for rest in self._left(sieve, block)]
            self._write(sieve)
        finally:
            self._code.wacost_free(sieve)
        return left

    def _left(self, sieve: int, block: Block) -> list[Block]:
        source, line, content, lines = block
        if not self._code.wacost_sieve(sieve, content, len(content), source, line):
            raise MemoryError
        found = ctypes.POINTER(_Left)()
        count = self._code.wacost_left(sieve, ctypes.byref(found))
        left = [
            Block(source, line + one.line, content[one.at : one.at + one.size], one.lines)
            for one in found[:count]
        ]
        if sum(one.lines for one in left) < lines:
            self._sources.add(source)
        return left

    def _write(self, sieve: int) -> None:
        size = self._code.wacost_size(sieve)
        with self._lock:
            at, self._end = self._end, self._end + size
        if error := size and self._code.wacost_write(sieve, self._file.fileno(), at):
            raise OSError(error, os.strerror(error))

    def plain(self) -> Plain:
        """Return what was found in all. Nothing may be taken after this."""
        with self._file:
            if not self._end:
                return Plain()
            self._file.truncate(self._end)
            packed = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_COPY)
            return Plain(Rows(self._code, packed), frozenset(self._sources))


class Rows:
    """Rows that DuckDB can scan as often as it likes: an object with Arrow's C stream interface.

    Columns are named as those of `events`; `delay_s` is as events.sql makes it, `source` a number.
    """

    def __init__(self, code: ctypes.CDLL, packed: mmap.mmap) -> None:
        self._code, self._packed = code, packed
        self._at = ctypes.addressof(ctypes.c_char.from_buffer(packed))
        self._streams: list[Any] = []

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a new stream of all rows, in the capsule that the interface asks for."""
        stream = (ctypes.c_void_p * 5)()
        if not self._code.wacost_stream(self._at, len(self._packed), stream):
            raise MemoryError
        self._streams.append(stream)
        return _capsule(ctypes.addressof(stream), b"arrow_array_stream", None)


_capsule: Final = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
