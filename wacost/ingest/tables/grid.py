"""A table file as rows of text cells: CSV in any separator and encoding, and XLSX.

Nothing is interpreted here. A row of a CSV knows the line it begins at, a row of a workbook its
number in the sheet; blank rows are left out.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from wacost.config import ImportMapping
from wacost.config.imports import DELIMITERS
from wacost.errors import MissingExtraError
from wacost.ingest.unpack import BrokenPackingError, packing_of, unpacked
from wacost.workbooks import check_room

HEAD_ROWS: Final = 30
"""Rows among which the header is looked for."""
MOST_CELL: Final = 1 << 20
_MOST_CELLS: Final = 64 << 20  # 2**20 rows, the most a sheet can have, of 64 columns
_SAMPLE: Final = 256 << 10
_ZIP: Final = b"PK\x03\x04"
_END: Final = "\ufdd0end"  # \ufdd0 is no character of any text
_WHOLE: Final = 2**53  # up to here a number of a workbook is exact


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins at, and its cells.

    Attributes:
        line: from 1.
        cells: without the space around them.
        broken: a code of `reasons.QUARANTINED` where the file breaks within this row, else "".
    """

    line: int
    cells: list[str]
    broken: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One way to see a file as rows: a separator of its text, or a sheet of a workbook.

    Attributes:
        name: the separator or the sheet.
        rows: reads them from the beginning.
        encoding: of the text; "" for a workbook.
    """

    name: str
    rows: Callable[[], Iterator[Row]]
    encoding: str = ""

    def head(self) -> list[Row]:
        """Return the first rows."""
        return list(islice(self.rows(), HEAD_ROWS))


class UnreadableTableError(Exception):
    """A file is no table at all; `reason` is a code of `reasons.QUARANTINED`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def grids_of(path: Path, mapping: ImportMapping | None = None) -> list[Grid]:
    """Return the ways to see a file; what a mapping says leaves one.

    Raises:
        MissingExtraError: it is a workbook, and their reader is not installed.
        UnreadableTableError: it is a damaged or locked workbook.
    """
    if _begin(path).startswith(_ZIP):
        return _sheets(path, mapping.sheet if mapping else None)
    encoding = (mapping and mapping.encoding) or _encoding(path)
    told = mapping.delimiter if mapping else None
    return [_text_grid(path, encoding, sign) for sign in ([told] if told else DELIMITERS)]


def bytes_of(path: Path) -> bytes:
    """Return the content of a file, unpacked.

    Raises:
        BrokenPackingError: it is damaged.
    """
    return b"".join(_pieces(path))


def _begin(path: Path) -> bytes:
    try:
        return next(_pieces(path), b"")[:8]
    except BrokenPackingError:
        return b""


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        packing = packing_of(file.read(4))
        file.seek(0)
        yield from unpacked(file, packing)


# -- text ---------------------------------------------------------------------------------------


def _encoding(path: Path) -> str:
    """Tell the encoding: by a mark at the beginning, by NULs, by being UTF-8; else Windows'."""
    pieces = _pieces(path)
    try:
        first = next(pieces, b"")
        if found := _marked(first):
            return found
        decoder = codecs.getincrementaldecoder("utf-8")()
        decoder.decode(first)
        for piece in pieces:
            decoder.decode(piece)
    except UnicodeDecodeError:
        return "cp1252"
    except BrokenPackingError:
        pass
    return "utf-8-sig"


def _marked(head: bytes) -> str:
    r"""Tell UTF-16 by its mark, or by the NULs that Latin letters have in it.

    >>> _marked("Data;Hora".encode("utf-16-le")), _marked(b"Data"), _marked(b"\xff\xfeD\x00")
    ('utf-16-le', '', 'utf-16')
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:1000]
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        part = sample[place::2]
        if part and part.count(0) * 2 > len(part):
            return name
    return ""


class _Text(io.RawIOBase):
    """The bytes of a packed or plain file as a stream; remembers how it broke."""

    def __init__(self, path: Path) -> None:
        self._pieces = _pieces(path)
        self._left = b""
        self.broken = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            try:
                piece = next(self._pieces, None)
            except BrokenPackingError as error:
                self.broken = error.reason
                return 0
            if piece is None:
                return 0
            self._left = piece
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:] if size < len(self._left) else b""
        return size


def _text_grid(path: Path, encoding: str, delimiter: str) -> Grid:
    codec = {"utf-8": "utf-8-sig", "cp1252": "cp1252"}.get(encoding, encoding)
    return Grid(delimiter, lambda: _text_rows(path, codec, delimiter), encoding)


def _text_rows(path: Path, encoding: str, delimiter: str) -> Iterator[Row]:
    raw = _Text(path)
    buffered = io.BufferedReader(raw, _SAMPLE)
    csv.field_size_limit(MOST_CELL)
    with io.TextIOWrapper(buffered, encoding, errors="replace", newline="") as text:
        held: Row | None = None
        for row in _read(csv.reader(chain(text, [_END]), delimiter=delimiter)):
            if held:
                yield held
            held = row
        if held:  # where the packing broke, nobody knows how the last row went on
            yield Row(held.line, held.cells, raw.broken or held.broken)


def _read(reader: Any) -> Iterator[Row]:
    """Yield the rows that are not blank; a cell without end ends the file.

    Behind the last line comes one of our own: where it is no row of its own, a quotation mark is
    open, and what followed it is inside a cell.
    """
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(line, [], "too_long")
            return
        if cells == [_END]:
            return
        is_cut = bool(cells) and cells[-1].endswith(_END)
        bare = [cell.strip().removesuffix(_END).strip("\ufeff\x00") for cell in cells]
        if any(bare) or is_cut:
            yield Row(line, bare, "cut_row" if is_cut else "")
        line = reader.line_num + 1


# -- workbooks ----------------------------------------------------------------------------------


def _sheets(path: Path, wanted: str | None) -> list[Grid]:
    try:
        import python_calamine as calamine  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError:
        raise MissingExtraError("frames", "python-calamine") from None
    data = b"".join(_pieces(path))
    try:
        check_room(data, _MOST_CELLS)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [name for name in book.sheet_names if wanted in {None, name}]
        tables = [(name, book.get_sheet_by_name(name)) for name in names]
    except (calamine.CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise UnreadableTableError("not_a_workbook") from error
    return [Grid(name, lambda sheet=sheet: _sheet_rows(sheet)) for name, sheet in tables]  # type: ignore[misc]


def _sheet_rows(sheet: Any) -> Iterator[Row]:
    for line, values in enumerate(sheet.to_python(skip_empty_area=False), start=1):
        cells = [_cell(value).strip() for value in values]
        if any(cells):
            yield Row(line, cells)


def _cell(value: Any) -> str:
    """Write the value of a workbook's cell as text.

    A workbook keeps times as fractions of a day, which are rarely exact: what lies within 10 ms
    of a whole second is that second.

    >>> _cell(5511987654321.0), _cell(timedelta(seconds=75)), _cell(datetime(2026, 10, 5, 13, 4))
    ('5511987654321', '0:01:15', '2026-10-05 13:04:00')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)
    if isinstance(value, datetime):
        return _near(value).isoformat(" ")
    if isinstance(value, time):
        return _length(
            timedelta(
                hours=value.hour,
                minutes=value.minute,
                seconds=value.second,
                microseconds=value.microsecond,
            )
        )
    if isinstance(value, timedelta):
        return _length(value)
    return value.isoformat() if isinstance(value, date) else str(value)


_SLACK_US: Final = 10_000
_SECOND: Final = timedelta(seconds=1)


def _near(at: datetime) -> datetime:
    if at.microsecond <= _SLACK_US:
        return at.replace(microsecond=0)
    if at.microsecond >= 1_000_000 - _SLACK_US:
        return at.replace(microsecond=0) + _SECOND
    return at


def _length(span: timedelta) -> str:
    us = span // timedelta(microseconds=1)
    seconds, part = divmod(us + _SLACK_US, 1_000_000)
    if us < 0 or part > 2 * _SLACK_US:
        return str(span)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
