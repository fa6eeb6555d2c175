"""Write raw files anew without the persons that are gone: whole, or not at all.

Lines that nothing was taken out of stay as they are, byte for byte. Every body stays on its line,
so that a quarantined record is found where it was.
"""

from __future__ import annotations

import glob
import gzip
import json
import os
import re
import secrets
from itertools import groupby
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any, Final

import zstandard

from wacost.ingest.cut import MOST_LINE
from wacost.ingest.documents import MOST_DOCUMENT, bodies_of, is_one_per_line
from wacost.ingest.files import Source
from wacost.ingest.reshape import UnreadableError, read_line
from wacost.ingest.unpack import BrokenPackingError, packing_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from wacost.ingest.erase import Eraser

_PUNCTUATION: Final = re.compile(r"[\s()+/-]+")
_UNREADABLE: Final = {
    "not_json": b"{redacted",
    "not_utf8": b"\xff{redacted",
    "too_deep": b"[" * 100_000,
}
"""Stands for a line that nobody could read, by the reason: nobody can tell whom it names."""


def clear_drafts(path: Path) -> None:
    """Remove the drafts of a file that a killed redaction left."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.{'[0-9a-f]' * 8}"):
        draft.unlink(missing_ok=True)


def rewrite(
    path: Path, name: str, eraser: Eraser, changes: Callable[[str, Sequence[int]], None]
) -> bool:
    """Write one file anew; return whether anything was taken out of it.

    The new file is written beside the old one and takes its place once it is on the disk: after a
    crash there is the one or the other.

    Args:
        path: the file.
        name: as the store knows it.
        eraser: what to take out.
        changes: called with the name and the lines that something was taken out of, right before
            the new file takes the place of the old one.

    Raises:
        BrokenPackingError: the file is damaged; it stays as it is.
    """

    def write(draft: Path) -> bool:
        with path.open("rb") as old, draft.open("wb") as new:
            packing = packing_of(old.read(4))
            old.seek(0)
            with packed(new, packing) as out:
                lines = _copy(old, packing, out, Source(name, path), _line(eraser))
        if lines:
            changes(name, lines)
        return bool(lines)

    return put_in_place(path, write)


def put_in_place(path: Path, write: Callable[[Path], bool]) -> bool:
    """Let a draft take the place of a file once it is on the disk.

    Args:
        path: the file.
        write: writes the draft; tells whether it is to take the place.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        wanted = write(draft)
        if wanted:
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.chmod(path.stat().st_mode & 0o777)
            draft.replace(path)
            _sync_folder(path.parent)
        return wanted
    finally:
        draft.unlink(missing_ok=True)


def _copy(
    old: IO[bytes], packing: str, out: IO[bytes], source: Source, erased: Callable[[bytes], bytes]
) -> list[int]:
    """Write the new file; return the lines that something was taken out of."""
    changed, line = list[int](), 1
    document = source.is_document and not is_one_per_line(old, packing)
    old.seek(0)
    for raw in _document(old, packing) if document else _lines(unpacked(old, packing)):
        made = erased(raw)
        if made != raw:
            changed.append(line)
        line += raw.count(b"\n")
        out.write(made)
    return changed


def _line(eraser: Eraser) -> Callable[[bytes], bytes]:
    def erased(raw: bytes) -> bytes:
        text = raw.strip()
        if not text or text in _UNREADABLE.values():
            return raw
        ending = b"\n" if raw.endswith(b"\n") else b""
        try:
            body = read_line(text)
        except UnreadableError as error:
            told = _PUNCTUATION.sub("", text.decode("utf-8", "replace"))
            is_over = eraser.over or eraser.is_empty_over(told)
            return _UNREADABLE[error.reason] + ending if is_over else raw
        made = eraser.body(body)
        return raw if made == body else _json(made) + ending

    return erased


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield lines, each with its newline where it has one."""
    tail = b""
    for piece in pieces:
        *whole, tail = (tail + piece).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(tail) > MOST_LINE * 4:
            raise BrokenPackingError("too_long")
    if tail:
        yield tail


def _document(old: IO[bytes], packing: str) -> Iterator[bytes]:
    """Yield the bodies of a document, each on the line on which it began."""
    content = b"".join(unpacked(old, packing))
    if len(content) > MOST_DOCUMENT:
        raise BrokenPackingError("too_long")
    at, ending = 1, b""
    for line, found in groupby(bodies_of(content), key=itemgetter(0)):
        bodies = [_UNREADABLE[told[0]] if told else body for _, body, told in found]
        yield ending + b"\n" * (line - at - len(ending))
        yield bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"
        at, ending = line, b"\n"


def packed(file: IO[bytes], packing: str) -> Any:
    """Return a writer that packs into an open file, which stays open."""
    if packing == "gzip":
        return gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="")
    if packing == "zstd":
        return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return _Plain(file)


class _Plain:
    """A file that stays open after its `with` block, as packed ones do."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __enter__(self) -> IO[bytes]:
        return self._file

    def __exit__(self, *_: object) -> None:
        self._file.flush()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
