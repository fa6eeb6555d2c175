"""What must be known of an XLSX workbook before a library reads it."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_PIECE: Final = 1 << 20
_LONGEST_TAG: Final = 1 << 10


def column_number(letters: str) -> int:
    """Return the number of a column, from 0.

    >>> column_number("A"), column_number("AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def check_room(data: bytes, most_cells: int) -> None:
    """Refuse a workbook with a cell so far out that the room before it fills the memory.

    A reader makes room for every cell up to the farthest one, empty or not: one cell at
    XFD1048576 asks for 17 billion.

    Args:
        data: the file. What is no zip archive passes: its reader will say so.
        most_cells: rows times columns that a sheet may span.

    Raises:
        ValueError: a sheet spans more.
    """
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in filter(_SHEET.fullmatch, book.namelist()):
            if _span(book, name) > most_cells:
                raise ValueError("it has a cell far out, and room for too many before it")


def _span(book: zipfile.ZipFile, name: str) -> int:
    """Return rows times columns up to the farthest cells of a sheet."""
    height = width = 0
    rest = b""
    with book.open(name) as part:
        while piece := part.read(_PIECE):
            text = rest + piece
            for letters, row in _CELL.findall(text):
                height = max(height, int(row))
                width = max(width, column_number(letters.decode()) + 1)
            rest = text[-_LONGEST_TAG:]
    return height * width
