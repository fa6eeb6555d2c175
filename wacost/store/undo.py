"""What a checkpoint may spoil, kept beside the store until the checkpoint is over.

DuckDB writes no row over another, but it does write over the blocks of its book-keeping: parts
that count and parts that are free share a block and its checksum. A process that is killed amid
such a write, or a machine that loses power, leaves a file that nobody can open. So these blocks
are kept before anything may checkpoint, as a rollback journal does.

DuckDB writes the header that makes a new state count when all else is on the disk. Where the
headers are still those that were kept, the kept blocks are put back: every commit since is in the
log beside the store. Where they are others, the checkpoint got through, and nothing is to be done.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_HEADERS: Final = 3 * 4096
"""Bytes before the first block; they have the file's own random name, so no other file's match."""
_NUMBER: Final = 8
CAN_KEEP: Final = hasattr(os, "pread")
"""False on a system where a file that DuckDB has open cannot be read beside it: nothing is kept."""
_BLOCKS: Final = "SELECT block_id FROM pragma_metadata_info() WHERE free_blocks < total_blocks"
_SIZE: Final = "SELECT block_size FROM pragma_database_size()"


class Undo:
    """A store that this process has open for writing, and what was kept of it last.

    The file stays open as long as DuckDB has it: a process that closes a file loses all its locks
    on it, also DuckDB's.
    """

    def __init__(self, path: Path) -> None:
        """Open the store's file.

        Args:
            path: the store, as `os.path.realpath` has it.
        """
        self._path = path
        self._file = path.open("rb")
        self._kept = b""

    def keep(self, con: duckdb.DuckDBPyConnection) -> None:
        """Keep what the next checkpoint may spoil; once is enough until one got through.

        Args:
            con: a connection to the store. Nobody else may commit or close it meanwhile.

        Raises:
            OSError: it cannot be written; nothing may checkpoint then.
        """
        headers = self._read(0, _HEADERS)
        if headers == self._kept:
            return
        ((size,),) = con.execute(_SIZE).fetchall()
        parts = [headers, size.to_bytes(_NUMBER)]
        for (block,) in con.execute(_BLOCKS).fetchall():
            at = _HEADERS + block * size
            data = self._read(at, size)
            if len(data) == size:  # else it never was on the disk
                parts += at.to_bytes(_NUMBER), data
        _write(undo_of(self._path), b"".join(parts))
        self._kept = headers

    def close(self) -> None:
        """Close the file: no connection of this process may be open."""
        self._file.close()

    def _read(self, at: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, at)


def undo_of(path: Path) -> Path:
    """Return where the blocks of a store are kept."""
    return path.with_name(f"{path.name}.undo")


def mend(path: Path) -> None:
    """Put back what a checkpoint that did not get through has spoiled; no more is kept then.

    Does nothing while another process has the store open, or where the file cannot be written.

    Args:
        path: the store, as `os.path.realpath` has it. This process may have no connection to it.

    Raises:
        OSError: a block cannot be put back.
    """
    undo = undo_of(path)
    if not undo.exists():
        return
    try:
        file = path.open("r+b")
    except OSError:  # whoever opens the store next says what is in the way
        return
    with file:
        if not _is_ours(file.fileno()):
            return
        with suppress(FileNotFoundError):  # another process was faster
            _put_back(file.fileno(), undo.read_bytes())
            undo.unlink()


def _put_back(number: int, kept: bytes) -> None:
    headers, rest = kept[:_HEADERS], memoryview(kept)[_HEADERS:]
    if os.pread(number, _HEADERS, 0) != headers:
        return
    size = int.from_bytes(rest[:_NUMBER])
    for start in range(_NUMBER, len(rest), _NUMBER + size):
        at = int.from_bytes(rest[start : start + _NUMBER])
        os.pwrite(number, rest[start + _NUMBER : start + _NUMBER + size], at)
    os.fsync(number)


def _is_ours(number: int) -> bool:
    """Take the lock that DuckDB takes for writing, until the file is closed."""
    try:
        import fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return False
    try:
        fcntl.lockf(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    """Write a file so that it is on the disk, whole, before anything is that comes after it."""
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
