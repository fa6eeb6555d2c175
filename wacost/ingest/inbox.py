"""The files in which `wacost serve` keeps what it received: one body a line.

A segment that is being written is called `webhooks-20261126T081759-1.jsonl.part` and held with an
exclusive lock; closed, it has lost the `.part`. What a killed server leaves is a `.part` that
nobody holds: `adopt` cuts its torn last line, which was never acknowledged, and closes it. The
lock is what tells the two apart, so servers and loaders of one inbox need to know of no other.
"""

from __future__ import annotations

import os
import re
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PART: Final = ".part"
_NAME: Final = re.compile(r"webhooks-\d{8}T\d{6}-\d+\.jsonl\.part")
_PIECE: Final = 1 << 20
_APPEND: Final = os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)
"""A write goes to the end whatever was cut off before: no hole."""


def is_part(path: Path) -> bool:
    """Tell by its name whether a file is a segment that was not closed.

    >>> is_part(Path("inbox/webhooks-20261126T081759-1.jsonl.part")), is_part(Path("a.jsonl"))
    (True, False)
    """
    return _NAME.fullmatch(path.name) is not None


def is_closed(path: Path) -> bool:
    """Tell by its name whether a file is a closed segment, which never changes again.

    >>> is_closed(Path("inbox/webhooks-20261126T081759-1.jsonl")), is_closed(Path("a.jsonl"))
    (True, False)
    """
    return _NAME.fullmatch(f"{path.name}{PART}") is not None


def open_segment(inbox: Path) -> tuple[Path, int]:
    """Make a new segment and hold it; return its path and its descriptor.

    No name is used twice, whatever the clock says: a name that is taken gets the next number.
    """
    stamp = time.strftime("webhooks-%Y%m%dT%H%M%S", time.gmtime())
    for number in count(1):
        path = inbox / f"{stamp}-{number}.jsonl{PART}"
        try:
            held = os.open(path, os.O_CREAT | os.O_EXCL | _APPEND, 0o600)
        except FileExistsError:
            continue
        try:
            # Where a closed one has this name, or an adopter was quicker than our lock: the next.
            if hold(path, held) and not os.path.lexists(_closed(path)):
                sync_folder(inbox)
                return path, held
            _remove_own(path, held)
        except BaseException:
            _remove_own(path, held)
            os.close(held)
            raise
        os.close(held)
    raise AssertionError  # count() has no end


def hold(path: Path, descriptor: int) -> bool:
    """Take the lock of an open segment; tell whether it is ours and still has its name."""
    import fcntl  # noqa: PLC0415 - not on every system; where it is missing nothing can be served

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return _is_at(path, descriptor)


def close_segment(path: Path, descriptor: int) -> Path | None:
    """Close a segment whose content is on the disk; return what it is called now.

    An empty one is removed. The lock is let go last: nobody can adopt what has no `.part`.
    """
    try:
        if os.fstat(descriptor).st_size == 0:
            path.unlink()
            return None
        closed = _free(path)
        path.rename(closed)
        sync_folder(path.parent)
        return closed
    finally:
        os.close(descriptor)


def adopt(inbox: Path) -> list[Path]:
    """Close the segments of an inbox that nobody writes any more; return what they are called now.

    A torn last line is cut: its server was killed before it could acknowledge it. A segment that
    is held, or that we may not write to, is left alone.
    """
    try:
        paths = sorted(inbox.iterdir())
    except OSError:
        return []
    return _adopted(path for path in paths if is_part(path))


def settled(path: Path) -> Path | None:
    """Return what can be read of a path that was named: an orphan has another name once closed.

    A segment that is still being written is None. Orphans in a folder are closed on the way.
    """
    if path.is_dir():
        adopt(path)
    elif is_part(path) and path.exists():
        return next(iter(_adopted([path])), None)
    return path


def _adopted(parts: Iterable[Path]) -> list[Path]:
    found = (_adopt(part) for part in parts)
    return [path for path in found if path is not None]


def _adopt(path: Path) -> Path | None:
    try:
        descriptor = os.open(path, _APPEND | os.O_NOFOLLOW)
    except OSError:  # closed by its server meanwhile, or not ours to touch
        return None
    try:
        if not hold(path, descriptor):
            os.close(descriptor)
            return None
        os.ftruncate(descriptor, _whole_lines(descriptor))
        os.fsync(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return close_segment(path, descriptor)


def _whole_lines(descriptor: int) -> int:
    """Return how many bytes of a file are whole lines."""
    end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - _PIECE)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _closed(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(PART))


def _free(path: Path) -> Path:
    """Return the name of a segment once closed; never one that is taken."""
    closed = _closed(path)
    stem = closed.name.rpartition("-")[0]
    numbers = count(1)
    while os.path.lexists(closed):
        closed = path.with_name(f"{stem}-{next(numbers)}.jsonl")
    return closed


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _remove_own(path: Path, descriptor: int) -> None:
    if _is_at(path, descriptor):
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
