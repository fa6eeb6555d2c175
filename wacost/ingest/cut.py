"""Cut sources into segments: files of whole lines, one body a line, small enough to parse at once.

Large and packed files are cut at newlines; many small files share a segment. Every row of a segment
leads back to its source and line by `runs`. Rows that are no body (a blank line, a line that is too
long) hold a placeholder, so that counting rows counts lines.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final

from wacost.errors import PayloadError
from wacost.ingest.documents import MOST_DOCUMENT, bodies_of, is_one_per_line
from wacost.ingest.lines import ended_lines
from wacost.ingest.plain import Block
from wacost.ingest.scrub import scrubbed_text
from wacost.ingest.unpack import BrokenPackingError, packing_of, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from wacost.ingest.plain import Sieve

    Reader = Callable[[Path], Iterator["Record"]]

SEGMENT: Final = 64 << 20
"""Bytes of one segment, about."""
MOST_LINE: Final = 16 << 20
"""Bytes of the longest line that is read. Meta sends 3 MB at most."""
_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = re.compile(rb"^[ \t\r]*\n", re.MULTILINE)


@dataclass(frozen=True)
class Record:
    """One record of a source that is no file of bodies: a body of Meta's shape, or a refusal."""

    line: int
    body: bytes = b""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True)
class Refused:
    """A record that is quarantined before any parser sees it."""

    source: int
    line: int
    reason: str
    text: str
    detail: str = ""


@dataclass
class Segment:
    """Whole lines to parse at once.

    Attributes:
        path: a file of our own; given back to the cutter it holds another segment.
        base: what the names of the files begin with that are made of it.
        rows: how many lines it has.
        size: in bytes.
        runs: (first row, source number, line of that row), rows from 1.
        marks: (row, byte that it begins at) of every block, to find a row again.
        refused: what was quarantined while cutting.
    """

    path: Path
    base: Path
    rows: int = 0
    size: int = 0
    runs: list[tuple[int, int, int]] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


class Cutter:
    """Turns sources into segments.

    Args:
        work: the folder for copies.
        placeholder: the body that stands for a line that is none, without its newline.
        sieve: takes the plain bodies out; None: every line comes into a segment.
    """

    def __init__(self, work: Path, placeholder: bytes, sieve: Sieve | None = None) -> None:
        self._work = work
        self._placeholder = placeholder
        self._sieve = sieve
        self._number = 0
        self._free: deque[Path] = deque()
        self._open: Segment | None = None
        self._file: IO[bytes] | None = None

    def segments(
        self,
        sources: Iterable[tuple[int, Path, bool]],
        readers: Mapping[int, Reader] | None = None,
    ) -> Iterator[Segment]:
        """Yield the segments of (source number, file, whether it may be one document).

        Args:
            sources: what to read.
            readers: source number -> what reads its records, where it is no file of bodies.
        """
        for number, path, is_document in sources:
            if readers and number in readers:
                yield from self._records(number, readers[number](path))
            else:
                yield from self._source(number, path, is_document=is_document)
        if self._sieve:
            yield from self._append_all(self._sieve.finish())
        if self._number == 0:
            self._writing()  # nothing but empty files: an empty segment stands for them
        yield from self._close()

    def _source(self, number: int, path: Path, *, is_document: bool) -> Iterator[Segment]:
        try:
            file = path.open("rb")
        except OSError as error:
            raise PayloadError(
                f"{path} cannot be read: {error.strerror or error}",
                hint="check the file and its rights",
            ) from error
        with file:
            packing = packing_of(file.read(4))
            file.seek(0)
            if is_document and not is_one_per_line(file, packing):
                file.seek(0)
                yield from self._document(number, file, packing)
                return
            file.seek(0)
            yield from self._lines(number, unpacked(file, packing))

    def _records(self, number: int, records: Iterator[Record]) -> Iterator[Segment]:
        for record in records:
            if record.reason:
                refused = Refused(number, record.line, record.reason, record.text)
                yield from self._refuse(refused)
            else:
                yield from self._append(Block(number, record.line, record.body + b"\n", 1))

    def _document(self, number: int, file: IO[bytes], packing: str) -> Iterator[Segment]:
        held, size, broken = [], 0, ""
        try:
            for piece in unpacked(file, packing):
                size += len(piece)
                if size > MOST_DOCUMENT:
                    broken = "too_large"
                    break
                held.append(piece)
        except BrokenPackingError as error:
            broken = error.reason
        if broken == "too_large":
            yield from self._refuse(Refused(number, 1, broken, ""))
            return
        for line, body, problem in bodies_of(b"".join(held), cut_short=bool(broken)):
            if problem:
                reason, detail = problem
                text = scrubbed_text(body.decode("utf-8", "replace"))
                yield from self._refuse(Refused(number, line, broken or reason, text, detail))
            elif len(body) > MOST_LINE:
                text = scrubbed_text(body[:1000].decode("utf-8", "replace"))
                yield from self._refuse(Refused(number, line, "too_long", text))
            else:
                yield from self._append(Block(number, line, body + b"\n", 1))

    def _lines(self, number: int, pieces: Iterator[bytes]) -> Iterator[Segment]:
        """Hand on whole lines; a line that is too long is replaced by a placeholder."""
        line = 1
        for kind, block in _blocks(pieces):
            if kind == "lines":
                whole = block.removeprefix(_BOM) if line == 1 else block
                rows = self._sieve.lines(whole) if self._sieve else ended_lines(whole)[0]
                taken = Block(number, line, whole, rows)
                yield from self._append_all(self._sieve.take(taken) if self._sieve else [taken])
                line += rows
            elif kind == "too_long":
                yield from self._too_long(number, line, block)
                line += 1
            else:  # the file breaks off here
                text = scrubbed_text(block.decode("utf-8", "replace"))
                yield from self._refuse(Refused(number, line, kind, text))

    def _too_long(self, number: int, line: int, head: bytes) -> Iterator[Segment]:
        text = scrubbed_text(head[:1000].decode("utf-8", "replace"))
        yield from self._append(Block(number, line, self._placeholder + b"\n", 1))
        yield from self._refuse(Refused(number, line, "too_long", text))

    # -- the segment that is being written ----------------------------------------------------

    def _append_all(self, blocks: Iterable[Block]) -> Iterator[Segment]:
        for block in blocks:
            yield from self._append(block)

    def _append(self, block: Block) -> Iterator[Segment]:
        size = len(block.content)
        if self._open is not None and self._open.size + size > SEGMENT:
            yield from self._close()
        segment = self._writing()
        assert self._file is not None  # noqa: S101 - _writing has opened it
        _add_run(segment.runs, segment.rows + 1, block.source, block.line)
        segment.marks.append((segment.rows + 1, segment.size))
        self._file.write(block.content)
        segment.rows += block.lines
        segment.size += size

    def _refuse(self, refused: Refused) -> Iterator[Segment]:
        self._writing().refused.append(refused)
        yield from ()

    def _writing(self) -> Segment:
        if self._open is None:
            self._number += 1
            base = self._work / f"segment-{self._number:05}"
            path = self._free.popleft() if self._free else base.with_suffix(".jsonl")
            self._open = Segment(path, base)
            self._file = path.open("r+b" if path.exists() else "wb")
        return self._open

    def _close(self) -> Iterator[Segment]:
        if self._open is not None and self._file is not None:
            self._file.truncate()
            self._file.close()
            done, self._open, self._file = self._open, None, None
            yield done

    def take_back(self, segment: Segment) -> None:
        """Let the file of a segment that is done with hold another: any thread may call it.

        To write over a file costs a tenth of writing a new one.
        """
        self._free.append(segment.path)

    def filled(self, segment: Segment) -> Segment:
        """Return the same segment with every blank line as a placeholder.

        Lines are taken without looking at each; where the rows turn out to be fewer than the
        lines, this is how they are counted right.
        """
        path = segment.base.with_suffix(".filled.jsonl")
        rows = 0
        with segment.path.open("rb") as old, path.open("wb") as new:
            for line in old:
                rows += 1
                whole = line if line.endswith(b"\n") else line + b"\n"
                new.write(_BLANK.sub(self._placeholder + b"\n", whole))
        self.take_back(segment)
        runs, refused = segment.runs, segment.refused
        return Segment(path, segment.base, rows, segment.size, runs, refused=refused)


def _blocks(pieces: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield ("lines", whole lines), ("too_long", its beginning) or (what broke, what was left)."""
    tail, skipping = b"", False
    try:
        for one in pieces:
            piece = one
            if skipping:
                end = piece.find(b"\n")
                if end < 0:
                    continue
                piece, skipping = piece[end + 1 :], False
            end = piece.find(b"\n")
            if len(tail) + (len(piece) if end < 0 else end) > MOST_LINE:
                yield "too_long", tail + piece[:1000]
                tail, skipping = b"", end < 0
                piece = piece[end + 1 :] if end >= 0 else b""
            cut = piece.rfind(b"\n") + 1
            if cut:
                yield "lines", tail + piece[:cut]
            tail = piece[cut:] if cut else tail + piece
    except BrokenPackingError as error:
        yield error.reason, tail
        return
    if tail:
        yield "lines", tail + b"\n"


def _add_run(runs: list[tuple[int, int, int]], row: int, number: int, line: int) -> None:
    """Add where a block begins, unless the last run leads there by itself."""
    if runs:
        first, source, at = runs[-1]
        if source == number and at + row - first == line:
            return
    runs.append((row, number, line))
