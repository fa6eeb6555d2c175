"""Write a table anew without the persons that are gone: whole, or not at all.

Separator, encoding, quotes, line ends and packing stay, and so does every byte of a row that does
not change. The draft is read again before it takes the place of the file: it must tell just what it
should.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from wacost.config import ImportMapping
from wacost.errors import MissingExtraError
from wacost.ingest.rewrite import clear_drafts, packed, put_in_place
from wacost.ingest.tables.erase import RowEraser, StillTellingError, structure
from wacost.ingest.tables.grid import Grid, Row, UnreadableTableError, bytes_of, grids_of
from wacost.ingest.tables.header import Layout, layout_of
from wacost.ingest.tables.read import reader_of
from wacost.ingest.unpack import BrokenPackingError, packing_of

_ENDING: Final = re.compile(r"[\r\n]*\Z")
_NEWLINES: Final = re.compile(r"[\r\n]+")


def rewrite_table(
    path: Path,
    mapping: ImportMapping | None,
    eraser: RowEraser,
    changes: Callable[[Sequence[int]], None] | None = None,
) -> bool:
    """Write one table anew; return whether anything was taken out of it.

    Args:
        path: the file.
        mapping: what read it into the store; None: nothing did.
        eraser: what to take out.
        changes: called with the lines that change, right before the new file takes the place of
            the old one; None: only tell.

    Raises:
        StillTellingError: it stays as it is, and tells of persons or may do so.
    """
    if changes:
        clear_drafts(path)
    if mapping is None:
        raise StillTellingError
    try:
        return _rewrite(path, mapping, eraser, changes)
    except (
        *(MissingExtraError, UnreadableTableError, BrokenPackingError),
        *(UnicodeError, ValueError, csv.Error),
    ) as error:
        raise StillTellingError from error


def _rewrite(
    path: Path,
    mapping: ImportMapping,
    eraser: RowEraser,
    changes: Callable[[Sequence[int]], None] | None,
) -> bool:
    grids = grids_of(path, mapping)
    layout = layout_of(mapping, grids)
    if layout is None:
        raise StillTellingError
    if mapping.kind == "summary":  # countries and sums: nobody is in it
        return False
    if not layout.grid.encoding:
        _refuse_other_sheets(layout.grid, path)
    made = eraser.changes(reader_of(mapping, layout), layout)
    if changes is None or not made:
        return bool(made)
    write = _text if layout.grid.encoding else _workbook
    content = write(bytes_of(path), layout, made)
    rows = [Row(row.line, made.get(row.line, row.cells), row.broken) for row in layout.grid.rows()]
    _put(path, content, mapping, list(filter(_told, rows)), partial(changes, list(made)))
    return True


def _told(row: Row) -> bool:
    return any(row.cells) or bool(row.broken)


def _refuse_other_sheets(grid: Grid, path: Path) -> None:
    """Refuse a workbook with other sheets: the mapping does not say what stands there."""
    if any(other.name != grid.name and other.head() for other in grids_of(path)):
        raise StillTellingError


def _put(
    path: Path,
    content: bytes,
    mapping: ImportMapping,
    expected: list[Row],
    before: Callable[[], None],
) -> None:
    with path.open("rb") as file:
        packing = packing_of(file.read(4))

    def holds(draft: Path) -> bool:
        layout = layout_of(mapping, grids_of(draft, mapping))
        return layout is not None and list(_trimmed(layout.grid.rows())) == list(
            _trimmed(iter(expected))
        )

    def write(draft: Path) -> bool:
        with draft.open("wb") as new, packed(new, packing) as out:
            out.write(content)
        if is_right := holds(draft):
            before()
        return is_right

    if not put_in_place(path, write):
        raise StillTellingError


def _trimmed(rows: Iterator[Row]) -> Iterator[tuple[int, list[str], str]]:
    """Yield rows without the empty cells at their ends: a workbook may be narrower now."""
    for row in rows:
        width = max((at for at, cell in enumerate(row.cells, start=1) if cell), default=0)
        yield row.line, row.cells[:width], row.broken


# -- text ---------------------------------------------------------------------------------------


def _text(content: bytes, layout: Layout, changes: Mapping[int, list[str]]) -> bytes:
    codec = _codec(content, layout.grid.encoding)
    errors = "strict" if codec.startswith("utf-16") else "surrogateescape"
    text = content.decode(codec, errors)
    delimiter = layout.grid.name
    made = (
        _row(raw, cells, changes[line], delimiter) if line in changes else raw
        for line, raw, cells in _rows(text, delimiter)
    )
    return "".join(made).encode(codec, errors)


def _codec(content: bytes, encoding: str) -> str:
    """Return the codec that keeps the mark at the beginning as a character."""
    if encoding == "utf-16":
        return "utf-16-be" if content.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    return {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """Yield (line, the row as it stands there with its line end, its cells)."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    at = 1
    for cells in reader:
        yield at, "".join(taken), cells
        taken.clear()
        at = reader.line_num + 1


def _row(raw: str, cells: list[str], new: list[str], delimiter: str) -> str:
    ending = _ENDING.search(raw)
    assert ending is not None  # noqa: S101 - it matches nothing at least
    if [_bare(one) for one in new] == [structure(_bare(cell)) for cell in cells]:
        return structure(raw)
    told = _raw_cells(raw[: ending.start()], delimiter)
    if len(told) != len(cells):
        raise StillTellingError
    made = [
        one if _bare(cell) == wanted else _quoted_as(one, wanted)
        for one, cell, wanted in zip(told, cells, new, strict=True)
    ]
    return delimiter.join(made) + ending[0]


def _bare(cell: str) -> str:
    return cell.strip().strip("\ufeff\x00")


def _raw_cells(row: str, delimiter: str) -> list[str]:
    """Return the cells of a row with their quotes.

    >>> _raw_cells('a,"b, c",', ",")
    ['a', '"b, c"', '']
    """
    plain = rf"[^{re.escape(delimiter)}\r\n]*"
    cell = re.compile(rf'"(?:[^"]|"")*"{plain}|{plain}')
    found, at = [], 0
    while match := cell.match(row, at):
        found.append(match[0])
        at = match.end() + 1
        if match.end() == len(row):
            return found
        if row[match.end()] != delimiter:
            break
    raise StillTellingError


def _quoted_as(raw: str, cell: str) -> str:
    """Write a cell with quotes where it had some; it takes up as many lines as before.

    >>> _quoted_as('"Ana"', "x"), _quoted_as("Ana", "x")
    ('"x"', 'x')
    """
    if not raw.startswith('"'):
        return cell
    return f'"{cell}{"".join(_NEWLINES.findall(raw))}"'


# -- workbooks ----------------------------------------------------------------------------------


def _workbook(content: bytes, layout: Layout, changes: Mapping[int, list[str]]) -> bytes:
    try:
        import openpyxl  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError:
        raise MissingExtraError("frames", "openpyxl") from None
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[layout.grid.name]
    old = {row.line: row.cells for row in layout.grid.rows() if row.line in changes}
    for line, cells in changes.items():
        for at, (was, cell) in enumerate(zip(old[line], cells, strict=True), start=1):
            if was != cell:
                sheet.cell(line, at).value = cell or None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
