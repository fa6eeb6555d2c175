"""Plain bodies, read by compiled code where the installation has it.

Nearly every line of a webhook file is a body with one event of one call, told the usual way. Code
in C makes their events, as `meta` would, and calls of these, as `fold` would, several times as
fast; every other line goes on to `meta` as if it had come alone, and every call that is not told
plainly to `fold`. An installation without a C compiler has no such code: all lines go on.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections import deque
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

COMPILED: Final = Path(__file__).with_name("plain.so")
"""Made from the sources beside it when the package is built."""
_TOGETHER: Final = 16 << 20
"""Bytes of lines that a thread sorts at once. Calls that are told in several such loads are left to
`fold`, so that a load holds what happens in some minutes of very many calls."""
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

    events: Rows | None = None
    """Columns as in the table `events`, as far as plain bodies tell them, with `delay_s` as
    events.sql makes it and the number of the source. None where there is none."""
    calls: Rows | None = None
    """Columns as fold.sql makes them of the events of a load; `kinds` has a bit for each kind of
    event (stage.py), `events` is how many there are. Of a call that is not told plainly no more
    means anything, and its id: there `is_whole` is 0."""
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
    """Return the compiled code, its functions declared; None where there is none.

    Code of other sources than those beside it does not count: a checkout goes on, and what was
    compiled of an earlier one would still take for plain what the SQL has learned to see.
    """
    try:
        code = ctypes.CDLL(str(COMPILED))
        made_of = code.wacost_made_of
    except (OSError, AttributeError):
        return None
    made_of.restype = ctypes.c_char_p
    if made_of() != _made_of(COMPILED.parent):
        return None
    pointer, size, text, truth = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p, ctypes.c_bool
    for name, result, arguments in (
        ("wacost_new", pointer, ()),
        ("wacost_free", None, (pointer,)),
        ("wacost_begin", None, (pointer,)),
        ("wacost_sieve", truth, (pointer, text, size, size, size)),
        ("wacost_left", size, (pointer, ctypes.POINTER(ctypes.POINTER(_Left)))),
        ("wacost_lines", size, (text, size)),
        ("wacost_fold", truth, (pointer,)),
        ("wacost_size", size, (pointer, truth)),
        ("wacost_write", ctypes.c_int, (pointer, truth, ctypes.c_int, size)),
        ("wacost_events", None, (pointer, size, pointer)),
        ("wacost_calls", None, (pointer, size, pointer)),
    ):
        function = getattr(code, name)
        function.restype, function.argtypes = result, arguments
    return code


def _made_of(folder: Path) -> bytes:
    """Return the hash that hatch_build.py gives to what it compiles."""
    sources = sorted(folder.glob("*.[ch]"))
    return sha256(b"".join(path.read_bytes() for path in sources)).hexdigest().encode()


def is_compiled() -> bool:
    """Tell whether this installation has the compiled code."""
    return _compiled() is not None


class Sieve:
    """Sorts lines: events and calls of plain bodies into files, all others handed back.

    Args:
        folder: for the files.
        pool: where lines are sorted beside each other.
        threads: of the pool.
    """

    def __init__(self, folder: Path, pool: ThreadPoolExecutor, threads: int) -> None:
        code = _compiled()
        assert code is not None  # noqa: S101 - is_compiled comes first
        self._code, self._pool, self._threads = code, pool, threads
        self._events, self._calls = (
            _Packed(folder / f"plain-{name}") for name in ("events", "calls")
        )
        self._held: list[Block] = []
        self._size = 0
        self._running: deque[Future[list[Block]]] = deque()
        self._sources: set[int] = set()
        self._idle: list[_Memory] = []

    def lines(self, content: bytes) -> int:
        """Count the lines of a block."""
        return int(self._code.wacost_lines(content, len(content)))

    def take(self, block: Block) -> Iterator[Block]:
        """Take a block; yield what is left of earlier ones, as far as that is known."""
        self._held.append(block)
        self._size += len(block.content)
        if self._size >= _TOGETHER:
            self._hand_on()
        while len(self._running) > self._threads * _WAITING or (
            self._running and self._running[0].done()
        ):
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
        try:
            memory = self._idle.pop()
        except IndexError:  # to ask first would let another thread take the last between
            memory = _Memory(self._code)
        sieve = memory.sieve
        self._code.wacost_begin(sieve)
        left = [rest for block in blocks for rest in self._left(sieve, block)]
        if not self._code.wacost_fold(sieve):
            raise MemoryError
        for is_calls, packed in enumerate((self._events, self._calls)):
            write = partial(self._code.wacost_write, sieve, is_calls)
            packed.append(self._code.wacost_size(sieve, is_calls), write)
        self._idle.append(memory)
        return left

    def _left(self, sieve: int | None, block: Block) -> list[Block]:
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

    def plain(self) -> Plain:
        """Return what was found in all. Nothing may be taken after this."""
        events, calls = self._events.mapped(), self._calls.mapped()
        if events is None or calls is None:
            return Plain()
        return Plain(
            Rows(self._code.wacost_events, events),
            Rows(self._code.wacost_calls, calls),
            frozenset(self._sources),
        )


class _Memory:
    """What a thread sorts in: to use it again costs less than to ask the system for new."""

    def __init__(self, code: ctypes.CDLL) -> None:
        self._free = code.wacost_free
        self.sieve: int | None = code.wacost_new()
        if not self.sieve:
            raise MemoryError

    def __del__(self) -> None:
        self._free(self.sieve)


class _Packed:
    """A file of packed blocks that several threads write; it is made."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(b"")
        self._path, self._end, self._lock = path, 0, Lock()

    def append(self, size: int, write: Callable[[int, int], int]) -> None:
        """Have so many bytes written: `write` takes the file's number and where they begin."""
        with self._lock:
            at, self._end = self._end, self._end + size
        with self._path.open("r+b") as file:  # whoever breaks off leaves none open
            if error := write(file.fileno(), at):
                raise OSError(error, os.strerror(error))

    def mapped(self) -> mmap.mmap | None:
        """Return what was written, as memory, without the file; None where that is nothing."""
        with self._path.open("r+b") as file:
            self._path.unlink()  # the next of that name must not write over what is mapped
            if not self._end:
                return None
            file.truncate(self._end)
            return mmap.mmap(file.fileno(), self._end, access=mmap.ACCESS_COPY)


class Rows:
    """Rows that DuckDB can scan as often as it likes: they have Arrow's C stream interface.

    What it hands over lies in memory of its own: whoever reads that has to hold it, as DuckDB does.

    Args:
        stream: the function that begins a stream of them.
        packed: they themselves.
    """

    def __init__(self, stream: Callable[..., None], packed: mmap.mmap) -> None:
        self._stream, self._packed = stream, packed
        self._streams: list[Any] = []

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return a new stream of all rows, in the capsule that the interface asks for."""
        stream = (ctypes.c_void_p * _STREAM_POINTERS)()
        at = ctypes.addressof(ctypes.c_char.from_buffer(self._packed))
        self._stream(at, len(self._packed), stream)
        self._streams.append(stream)
        return _capsule(ctypes.addressof(stream), _STREAM, None)


_STREAM_POINTERS: Final = 8
"""The size of `Stream` in arrow.c."""
_STREAM: Final = b"arrow_array_stream"
"""The name that such a capsule has to have; a capsule keeps no copy of it."""
_capsule: Final = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
