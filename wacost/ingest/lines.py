"""Lines of a segment by their numbers, without looking at each line before them."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_BLOCK: Final = 64 << 10


def with_lines(
    path: Path, rows: Iterable[tuple[Any, ...]]
) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Yield each row with the line that it begins with the number of, from 1.

    Args:
        path: the file.
        rows: their numbers never fall.
    """
    with path.open("rb") as file:
        passed, raw = 0, b""
        for row in rows:
            if row[0] > passed:
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
        found = block.count(b"\n")
        if found < lines:
            lines -= found
            continue
        end = 0
        for _ in range(lines):
            end = block.find(b"\n", end) + 1
        file.seek(end - len(block), os.SEEK_CUR)
        return
