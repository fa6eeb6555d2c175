"""A supplier's file as tables of text cells: CSV in any separator and encoding, and XLSX."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Self

from wacost.cards.importing.cells import Beside, beside_values
from wacost.errors import MissingExtraError, RateCardError
from wacost.money import plain

DELIMITERS: Final = (",", ";", "\t", "|")
_SEPARATOR_LINE: Final = re.compile(r"sep=.\r?\n", re.IGNORECASE)
_MOST_BYTES: Final = 200 << 20
_NO_TABLES: Final = {
    b"\xd0\xcf\x11\xe0": ("an old or locked workbook", "save it as .xlsx without a password"),
    b"%PDF": ("a PDF", "ask for the CSV, or copy the table into a spreadsheet and check it"),
    b"\x1f\x8b": ("packed with gzip", "unpack it first"),
    b"{": ("JSON", "write its prices as a table: one row for each country"),
    b"[": ("JSON", "write its prices as a table: one row for each country"),
    b"<": ("a web page or XML", "copy its table into a spreadsheet, or save it as CSV"),
}


class Exact(str):
    """The text of a workbook's number: there is no doubt about its decimal sign.

    Attributes:
        mark: the currency, or %, that its number format shows; "" where it shows none.
    """

    __slots__ = ("mark",)
    mark: str

    def __new__(cls, text: str, mark: str = "") -> Self:
        """Make it of a plain decimal."""
        made = super().__new__(cls, text)
        made.mark = mark
        return made


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line it begins at (of a workbook: its number), and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """One way to see a file.

    Attributes:
        name: of the sheet; "" in a text.
        rows: those that are not blank.
        formulas: (row, column from 0) of the cells that a workbook computes.
        across: names of the columns that were bands; of each row there is one for each of them.
    """

    name: str
    rows: list[Row]
    formulas: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    across: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was read.

    Attributes:
        file: as the user knows it.
        tables: the ways to see it: its sheets, or its text by each separator.
        encoding: of the text where it is not UTF-8, else "".
    """

    file: str
    tables: list[Table]
    encoding: str = ""


def read_source(path: Path) -> Source:
    """Read a file whole.

    Raises:
        RateCardError: it is empty or no table.
        MissingExtraError: it is a workbook, and their reader is not installed.
    """
    file = str(path)
    data = _data(path)
    if data.startswith(b"PK\x03\x04"):
        return Source(file, _sheets(file, data))
    bare = data.removeprefix(codecs.BOM_UTF8).lstrip()
    for mark, (what, hint) in _NO_TABLES.items():
        if bare.startswith(mark):
            raise RateCardError(f"this is {what}, not a table", file=file, hint=hint)
    text, encoding = _text(file, data)
    return Source(file, _text_tables(file, text), encoding)


def _data(path: Path) -> bytes:
    if path.is_dir():
        hint = "name one file: a CSV or an XLSX"
        raise RateCardError("this is a folder", file=str(path), hint=hint)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RateCardError("no price list is as large as this", file=str(path))
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RateCardError(f"cannot be read: {reason}", file=str(path)) from None
    if not data.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise RateCardError("the file is empty", file=str(path))
    return data


def _text(file: str, data: bytes) -> tuple[str, str]:
    """Decode a text; return the encoding where it is not UTF-8."""
    nulls = data[:2000].count(0)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif nulls * 4 > len(data[:2000]):
        tried = ["utf-16-le" if data[1:2] == b"\x00" else "utf-16-be"]
    else:
        tried = ["utf-8-sig", "cp1252"]
    for encoding in tried:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, "" if encoding == "utf-8-sig" else encoding
    raise RateCardError("this is no text and no workbook", file=file, hint="a CSV or an XLSX")


def _text_tables(file: str, text: str) -> list[Table]:
    tables, broken = [], None
    for delimiter in DELIMITERS:
        try:
            tables.append(Table("", list(_text_rows(text, delimiter))))
        except csv.Error as error:
            broken = broken or error
    if not tables:
        raise RateCardError(f"not valid CSV: {broken}", file=file, hint="check its quotes")
    return tables


def _text_rows(text: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(1 << 20)
    line = 1
    if hint := _SEPARATOR_LINE.match(text):  # Excel's own line, for itself
        text, line = text[hint.end() :], 2
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    first = line
    for cells in reader:
        bare = [_bare(cell) for cell in cells]
        if any(bare):
            yield Row(line, bare)
        line = reader.line_num + first


def _bare(cell: str) -> str:
    """Take off the space around a cell, and the marks that nobody sees.

    >>> _bare(" Bra\u00adzil\u200e ")
    'Brazil'
    """
    if cell.isascii():
        return cell.strip()
    return "".join(one for one in cell if unicodedata.category(one) != "Cf").strip()


def _sheets(file: str, data: bytes) -> list[Table]:
    try:
        import python_calamine as calamine  # noqa: PLC0415 - an extra, and only for workbooks
    except ImportError:
        raise MissingExtraError("frames", "python-calamine") from None
    try:
        beside = beside_values(data)
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = [(name, book.get_sheet_by_name(name)) for name in book.sheet_names]
        rows = {name: sheet.to_python(skip_empty_area=False) for name, sheet in found}
    except (calamine.CalamineError, OSError, ValueError, KeyError) as error:
        hint = "open it and save it as .xlsx again, without a password"
        told = f"the workbook cannot be read: {error}"
        raise RateCardError(told, file=file, hint=hint) from None
    return [_sheet(name, values, beside.get(name, Beside())) for name, values in rows.items()]


def _sheet(name: str, values: list[list[Any]], beside: Beside) -> Table:
    rows = []
    for line, row in enumerate(values, start=1):
        cells = [
            beside.errors.get((line, column)) or _cell(value, beside.marks.get((line, column), ""))
            for column, value in enumerate(row)
        ]
        if any(cells):
            rows.append(Row(line, cells))
    return Table(name, rows, frozenset(beside.formulas))


def _cell(value: Any, mark: str = "") -> str:
    """Write the value of a workbook's cell as text, a number with all its digits.

    >>> _cell(0.0108), _cell(1e-05), _cell(50001.0), _cell(date(2026, 10, 1)), _cell(" a ")
    ('0.0108', '0.00001', '50001', '2026-10-01', 'a')
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        number = Decimal(repr(value))
        if not number.is_finite():
            return str(value)
        whole = number == number.to_integral_value()
        return Exact(str(int(number)) if whole else plain(number), mark)
    if isinstance(value, datetime):
        midnight = value == datetime.combine(value, datetime.min.time())
        return value.date().isoformat() if midnight else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else _bare(str(value))
