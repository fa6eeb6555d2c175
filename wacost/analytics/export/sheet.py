"""An export as an XLSX workbook, row by row: they are never all in memory."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.workbooks import cell_text, written_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its head: what the format has room for."""
_LONGEST: Final = 32_767
_PIECE: Final = 10_000
_MADE: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - the same rows give the same bytes


def write_sheet(
    con: DuckDBPyConnection, sql: str, values: Sequence[object], file: Path, title: str
) -> int:
    """Write what a query finds as a workbook, on as many sheets as it needs; return the rows.

    Args:
        con: an open store.
        sql: the query.
        values: its values.
        file: where to.
        title: the name of the sheets.

    Raises:
        OSError: it cannot be written.
    """
    with file.open("wb") as out, written_workbook(out) as book:
        book.set_properties({"title": f"wacost {title}", "created": _MADE})
        return _fill(book, con, sql, values, title)


def _fill(
    book: Any, con: DuckDBPyConnection, sql: str, values: Sequence[object], title: str
) -> int:
    forms = {
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        Decimal: book.add_format({"num_format": "0.00##########"}),
    }
    strong = book.add_format({"bold": True})
    con.execute(sql, values)  # a cursor of its own would not know the macros
    names = [str(column[0]) for column in con.description or []]
    number = -1
    for number, row in enumerate(_rows(con)):
        sheet_no, line = divmod(number, MOST_ROWS)
        if line == 0:
            name = f"{title} {sheet_no + 1}" if sheet_no else title
            sheet = _sheet(book, name, names, strong)
        for place, value in enumerate(row):
            if value is not None:
                _cell(sheet, line + 1, place, value, forms)
    if number < 0:
        _sheet(book, title, names, strong)
    return number + 1


def _rows(con: DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while piece := con.fetchmany(_PIECE):
        yield from piece


def _sheet(book: Any, title: str, names: Sequence[str], strong: Any) -> Any:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(names) - 1, 16)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, strong)
    return sheet


def _cell(sheet: Any, line: int, place: int, value: Any, forms: dict[type, Any]) -> None:
    """Write one value as what it is: nothing that is a text becomes anything else."""
    if isinstance(value, str):
        sheet.write_string(line, place, cell_text(value)[:_LONGEST])
    elif isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, forms[type(value)])
    else:
        sheet.write_number(line, place, value, forms.get(type(value)))
