"""An invoice as a workbook for finance people: summary, lines, calls and what it rests on.

Numbers are numbers and dates are dates, so that lines and calls can be pivoted as they are; what a
spreadsheet's 15 digits would change stands beside them as text. No text is a formula: the only
formulas are the control sums of the summary, and they carry their value. Written row by row: the
store sorts the calls, on disk where it must, and they are never all here at once. The same figures
give the same bytes.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

from wacost.billing.documents.assumptions import assumption_tables
from wacost.billing.documents.page import page
from wacost.billing.documents.sheets import Column, Table, call_table, line_table
from wacost.billing.documents.summary import Sum, summary_rows
from wacost.language import Language
from wacost.money import minor_digits
from wacost.workbooks import cell_text, written_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wacost.billing.calls import BilledCall
    from wacost.billing.invoice import Invoice

MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its head: what the format has room for."""
_A4: Final = 9
_HIGH: Final = 32
_TEXTS: Final = {"text", "strong", "title", "head", "head_of_numbers"}
_HEAD_FILL: Final = "#EEF4F3"
_SORTS: Final = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "rate": "0.00#######",
    "exact": "#,##0.00##########",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
}


def invoice_xlsx(invoice: Invoice, calls: Iterable[BilledCall], file: BinaryIO) -> None:
    """Write an invoice as an XLSX workbook.

    Args:
        invoice: whose.
        calls: its calls, one after the other.
        file: where to.

    Raises:
        OSError: it cannot be written.
    """
    with written_workbook(file) as book:
        _Writer(book, invoice).write(calls)


class _Writer:
    """One workbook while it is written."""

    def __init__(self, book: Any, invoice: Invoice) -> None:
        self.book = book
        self.invoice = invoice
        self.language = Language.of(invoice.language)
        self.page = page(invoice)
        self.formats = _formats(book, _money_format(invoice))
        made_on = datetime.combine(invoice.issued_on or invoice.period_end, time())
        title = cell_text(f"{self.page['title']} · {self.page['month']}")
        book.set_properties({"title": title, "created": made_on})

    def write(self, calls: Iterable[BilledCall]) -> None:
        """Write every sheet; the summary stands first and is filled last: it tells of the rest."""
        summary = self.sheet(self.language.say("Summary"), pages=1)
        sums = self.table(line_table(self.invoice, self.language))
        sums += self.table(call_table(self.invoice, self.language, calls))
        self.assumptions()
        self.summary(summary, sums)

    def sheet(self, name: str, *, pages: int = 0) -> Any:
        """Add a sheet that prints on A4, as wide as the page; on so many pages, or as it needs."""
        made = self.book.add_worksheet(name)
        made.set_paper(_A4)
        if not pages:
            made.set_landscape()
        made.fit_to_pages(1, pages)
        made.set_footer("&L&A&R&P / &N")
        return made

    def table(self, table: Table) -> list[Sum]:
        """Write a table on as many sheets as it needs; return the sum of each."""
        rows = iter(table.rows)
        sums: list[Sum] = []
        while (piece := list(islice(rows, 1))) or not sums:
            name = f"{table.name} {len(sums) + 1}" if sums else table.name
            sheet = self.sheet(name)
            sheet.freeze_panes(1, 1)
            sheet.repeat_rows(0)
            sheet.set_row(0, _HIGH)
            for place, column in enumerate(table.columns):
                sheet.set_column(place, place, column.width)
            self.head(sheet, 0, table.columns)
            written = self.rows(sheet, table.columns, chain(piece, islice(rows, MOST_ROWS - 1)))
            last = max(written.rows, 1)
            sheet.autofilter(0, 0, last, len(table.columns) - 1)
            sums.append(Sum(name, written.place, last, written.rows, written.amount))
        return sums

    def head(self, sheet: Any, row: int, columns: Sequence[Column]) -> None:
        """Write the heads of columns."""
        for place, column in enumerate(columns):
            form = "head" if column.sort in _TEXTS else "head_of_numbers"
            sheet.write_string(row, place, column.title, self.formats[form])

    def rows(
        self, sheet: Any, columns: Sequence[Column], rows: Iterable[tuple[Any, ...]], first: int = 1
    ) -> _Written:
        """Write rows from row `first` on; return how many, and what they add up to."""
        sorts = [column.sort for column in columns]
        adds = next((n for n, sort in enumerate(sorts) if sort in {"money", "exact"}), 0)
        number, amount = 0, Decimal(0)
        for values in rows:
            for place, value in enumerate(values):
                if value is not None:
                    self.cell(sheet, first + number, place, sorts[place], value)
            if sorts[adds] != "text":
                amount += values[adds] or 0
            number += 1
        return _Written(number, adds, amount)

    def cell(self, sheet: Any, row: int, place: int, sort: str, value: Any) -> None:
        """Write one value as what it is: nothing that is a text becomes anything else."""
        form = self.formats[sort]
        if sort in _TEXTS:
            sheet.write_string(row, place, cell_text(str(value)), form)
        elif sort in {"day", "moment"}:
            sheet.write_datetime(row, place, value, form)
        else:
            sheet.write_number(row, place, value, form)

    def assumptions(self) -> None:
        """Write what the document rests on: its notes, then table under table."""
        sheet = self.sheet(self.language.say("Assumptions"))
        sheet.set_column(0, 0, 72)
        sheet.set_column(1, 5, 20)
        sheet.set_column(6, 8, 44)
        row = 0
        for row, note in enumerate(self.page["notes"], start=1):
            self.cell(sheet, row - 1, 0, "text", note)
        for table in assumption_tables(self.invoice, self.language):
            self.cell(sheet, row + 1, 0, "strong", table.name)
            self.head(sheet, row + 2, table.columns)
            row += 3 + self.rows(sheet, table.columns, table.rows, row + 3).rows

    def summary(self, sheet: Any, sums: Sequence[Sum]) -> None:
        """Write what it is, for whom, what it comes to, and the control sums."""
        sheet.set_column(0, 0, 40)
        sheet.set_row(0, _HIGH)
        sheet.set_column(1, 4, 24)
        for row, cells in enumerate(summary_rows(self.invoice, self.page, self.language, sums)):
            for place, (sort, value) in enumerate(cells):
                if isinstance(value, Sum):
                    formula, form = value.formula, self.formats[sort]
                    sheet.write_formula(row, place, formula, form, value.amount)
                elif value is not None:
                    self.cell(sheet, row, place, sort, value)


class _Written(NamedTuple):
    """What was written: how many rows, where their first amount stands, what it adds up to."""

    rows: int
    place: int
    amount: Decimal


def _money_format(invoice: Invoice) -> str:
    digits = minor_digits(invoice.currency) if invoice.currency else 2
    shown = max(digits, -int(invoice.subtotal.as_tuple().exponent))
    return "#,##0" + ("." + "0" * shown if shown else "")


def _formats(book: Any, money: str) -> dict[str, Any]:
    """Return the cell formats by the sort of value, and those of headings."""
    top = {"valign": "top"}
    text = {**top, "align": "left", "indent": 1}
    wrapped = {**top, "text_wrap": True}
    head = {**wrapped, "bold": True, "bg_color": _HEAD_FILL, "bottom": 1}
    told = {
        **{sort: {**top, "num_format": form} for sort, form in _SORTS.items()},
        "money": {**top, "num_format": money},
        "total": {"bold": True, "num_format": money, "top": 1, "bottom": 6},
        "text": text,
        "head": {**head, **text},
        "head_of_numbers": {**head, "align": "right"},
        "strong": {**text, "bold": True},
        "title": {**text, "bold": True, "font_size": 16},
    }
    return {name: book.add_format(form) for name, form in told.items()}
