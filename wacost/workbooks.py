"""XLSX workbooks: what must be known of one before a library reads it, and a table as one."""

from __future__ import annotations

import io
import re
import zipfile
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from wacost.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL: Final = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_NOT_XML: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_DIGITS: Final = 15
"""How many digits a spreadsheet keeps of a number."""
_WIDTH: Final = 18
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


def cell_text(text: str) -> str:
    r"""Return a text that a cell can hold and that stays a text.

    What XML has no place for becomes a replacement character. A text in the library's own markup
    for rich text would be taken for that: it begins with a space.

    >>> cell_text("a\ud800"), cell_text("<r>x</r>"), cell_text("=1+1")
    ('a\ufffd', ' <r>x</r>', '=1+1')
    """
    clean = _NOT_XML.sub("\ufffd", text)
    return f" {clean}" if clean.startswith("<r>") else clean


def write_table(
    path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], note: str
) -> None:
    """Write rows as a workbook of one sheet, to be filtered and pivoted.

    Numbers are numbers, days are days; an amount of more digits than a spreadsheet keeps stands as
    text, whole. No text is a formula.

    Args:
        path: the file; one that is there is replaced.
        columns: which values, in which order: the heads.
        rows: the values; a gap is an empty cell.
        note: a sentence below the rows: what they are about.

    Raises:
        OSError: it cannot be written.
    """
    file = io.BytesIO()
    with written_workbook(file) as book:
        sheet = book.add_worksheet()
        head = book.add_format({"bold": True, "bottom": 1})
        day, moment = (
            book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
        )
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), max(len(columns) - 1, 0))
        sheet.set_column(0, max(len(columns) - 1, 0), _WIDTH)
        for place, name in enumerate(columns):
            sheet.write_string(0, place, cell_text(name), head)
        for n, row in enumerate(rows, start=1):
            for place, name in enumerate(columns):
                value = row.get(name)
                if isinstance(value, datetime):
                    sheet.write_datetime(n, place, value.replace(tzinfo=None), moment)
                elif isinstance(value, date):
                    sheet.write_datetime(n, place, value, day)
                elif is_exact(value):
                    sheet.write_number(n, place, value)
                elif value not in (None, []):
                    sheet.write_string(n, place, cell_text(_words(value)))
        sheet.write_string(len(rows) + 2, 0, cell_text(note))
    write_whole(path, file.getvalue())


def is_exact(value: Any) -> bool:
    """Tell whether a spreadsheet keeps every digit of a number.

    >>> is_exact(Decimal("9.72054")), is_exact(Decimal("1.855862608696123")), is_exact(True)
    (True, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    digits = Decimal(value).normalize().as_tuple()
    return (
        isinstance(digits.exponent, int) and len(digits.digits) + max(digits.exponent, 0) <= _DIGITS
    )


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@contextmanager
def written_workbook(file: BinaryIO) -> Iterator[Any]:
    """Yield a workbook that is written row by row, and closed at the end of the block.

    Args:
        file: where it goes.

    Raises:
        OSError: it cannot be written.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415 - only here
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    patient = _Patient(file)
    with TemporaryDirectory(prefix="wacost-") as folder:
        book = Workbook(patient, {"constant_memory": True, "use_zip64": True, "tmpdir": folder})
        try:
            yield book
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None
        finally:
            for sheet in book.worksheets():
                with suppress(OSError):  # told already
                    sheet._opt_close()  # noqa: SLF001 - else an error leaves its files open
    if patient.error is not None:
        raise patient.error


class _Patient:
    """A file that keeps its first error and takes all that follows.

    A zip archive that meets one tries to write its end once more when it is thrown away, and
    nobody can catch what that raises.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.error: OSError | None = None
        self._file = file
        self._at = 0

    def write(self, data: bytes) -> int:
        self._try(lambda: self._file.write(data))
        self._at += len(data)
        return len(data)

    def seek(self, at: int) -> int:
        self._try(lambda: self._file.seek(at))
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._try(self._file.flush)

    def _try(self, do: Callable[[], object]) -> None:
        if self.error is None:
            try:
                do()
            except OSError as error:
                self.error = error
