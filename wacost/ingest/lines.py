"""Lines of a segment: how many there are, and those of some numbers."""

from __future__ import annotations

import os
import sys
from bisect import bisect_right
from operator import itemgetter
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_BLOCK: Final = 64 << 10


def with_lines(
    path: Path, rows: Iterable[tuple[Any, ...]], marks: Sequence[tuple[int, int]] = ()
) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Yield each row with the line that it begins with the number of, from 1.

    Args:
        path: the file.
        rows: their numbers never fall.
        marks: (number of a line, byte that it begins at), rising: what lies before is not read.
    """
    with path.open("rb") as file:
        passed, raw = 0, b""
        for row in rows:
            if row[0] > passed:
                near = bisect_right(marks, row[0], key=itemgetter(0)) - 1
                if near >= 0 and marks[near][0] > passed:
                    line, at = marks[near]
                    passed = line - 1
                    file.seek(at)
                _skip(file, row[0] - passed - 1)
                passed, raw = row[0], file.readline()
            yield row, raw


def _skip(file: IO[bytes], lines: int) -> None:
    r"""Pass over so many lines; whole blocks are only counted.

    >>> from io import BytesIO
    >>> file = BytesIO(b"a\nb\n" + b"c" * 100_000 + b"\nd\n")
    >>> _skip(file, 3)
    >>> file.readline()
    b'd\n'
    """
    while lines and (block := file.read(_BLOCK)):
        found, end = ended_lines(block, lines)
        if found == lines:
            file.seek(end - len(block), os.SEEK_CUR)
        lines -= found


def ended_lines(block: bytes, most: int = sys.maxsize) -> tuple[int, int]:
    r"""Count the lines that end in a block, `most` at most; also return where the last one ends.

    `bytes.count` of Python 3.11 looks at one byte after the other; `find` leaps from line to line.

    >>> ended_lines(b"a\nb\nc"), ended_lines(b"a\nb\nc", 1), ended_lines(b"")
    ((2, 4), (1, 2), (0, 0))
    """
    find, lines, end = block.find, 0, 0
    while lines < most and (at := find(b"\n", end)) >= 0:
        lines, end = lines + 1, at + 1
    return lines, end
