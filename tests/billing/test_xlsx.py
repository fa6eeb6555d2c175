"""A workbook has numbers as numbers, exact sums as text, and no formula but its control sums."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from billing.books import Account, Books, Party, Tax, new_books
from billing.test_correct import corrected, final
from billing.test_documents import CUSTOMER, NAMES, month

from wacost.billing import billed_calls, draft_invoice, read_back, rows_of, write_invoice
from wacost.billing.documents import xlsx
from wacost.billing.invoice import Invoice
from wacost.errors import InputError, RatingError

Rows = list[dict[str, object]]


@pytest.fixture(scope="module")
def full() -> Books:
    return month(new_books())


def written(books: Books, invoice: Invoice) -> bytes:
    out = io.BytesIO()
    xlsx.invoice_xlsx(invoice, billed_calls(books.con, invoice), out)
    return out.getvalue()


def sheets_of(document: bytes, *, values: bool = True) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(document), data_only=values)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def table(sheet: list[tuple[object, ...]]) -> Rows:
    head, *rows = sheet
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def test_the_sums_hold_in_the_workbook_as_written(full):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10")
    sheets = sheets_of(written(full, invoice))
    assert list(sheets) == ["Summary", "Lines", "Calls", "Assumptions"]
    lines, calls = table(sheets["Lines"]), table(sheets["Calls"])
    assert sum(Decimal(str(row["Amount"])) for row in lines) == invoice.subtotal
    assert len(calls) == invoice.calls
    units = [int(str(row["Units of 1/60 nano"])) for row in calls if row["Units of 1/60 nano"]]
    assert sum(units) == invoice.exact_units
    exact = sum(Decimal(str(row["Exact amount"])) for row in calls if row["Exact amount"])
    assert exact + invoice.rounding_drift == invoice.billed_calls
    assert sum(int(str(row["Billed seconds"])) for row in calls) == invoice.billed_seconds
    told = {str(row[0]): row[1:] for row in sheets["Summary"] if row[0]}
    assert Decimal(str(told["Total"][0])) == Decimal(str(told["Total"][1])) == invoice.total
    assert Decimal(str(told["Lines"][0])) == Decimal(str(told["Lines"][1])) == invoice.subtotal
    assert told["Calls"][0] in {"Number", float(exact)}


def test_dates_are_dates_numbers_are_numbers_and_gaps_are_empty(full):
    calls = table(sheets_of(written(full, draft_invoice(full.con, CUSTOMER, "2026-10")))["Calls"])
    held = next(row for row in calls if row["Status"] == "held")
    assert held["Local time"] == datetime(2026, 10, 9, 0, 0)
    assert held["Date"] == datetime(2026, 10, 9)
    assert (held["Amount"], held["Exact amount"], held["Currency"]) == (None, None, None)
    rated = next(row for row in calls if row["Status"] == "billed")
    for column in ("Amount", "Rate per minute", "Billed seconds", "Tier from, minutes"):
        assert isinstance(rated[column], int | float), column
    assert isinstance(rated["Exact amount"], str)
    assert rated["Rates since"] == datetime(2026, 10, 1)


@pytest.mark.parametrize("name", [*NAMES, "<r>x</r>", "_x0041_", "=HYPERLINK(1)", "a\ufffeb\uffff"])
def test_no_name_is_a_formula_or_breaks_the_workbook(tmp_path, name):
    books = new_books()
    books.card(title=name, source=name)
    books.call(account=name, market=name, at=datetime(2026, 10, 5))
    books.call(account=name, rate=None, status="no_rate", call_id=name)
    party = Party(name, name, (name, name), "BR", name)
    account = Account(name=name, title=name, seller=party, buyer=party, tax=(Tax(name, "S", "5"),))
    invoice = draft_invoice(books.con, account, "2026-10", kind="customer")
    document = written(books, invoice)
    found = openpyxl.load_workbook(io.BytesIO(document))
    cells = [cell for sheet in found for row in sheet.iter_rows() for cell in row]
    formulas = {str(cell.value) for cell in cells if cell.data_type == "f"}
    assert formulas == {"=SUM('Lines'!N2:N2)", "=SUM('Calls'!O2:O3)"}
    if name.isprintable() and not name.startswith(("<r>", "_x")):
        assert name in {cell.value for cell in cells}


@pytest.mark.parametrize(
    ("currency", "form"), [("JPY", "#,##0"), ("USD", "#,##0.00"), ("KWD", "#,##0.000")]
)
def test_amounts_have_the_places_of_their_currency(books, currency, form):
    books.card(currency=currency)
    books.call(rate="12.3456", seconds=600, currency=currency)
    invoice = draft_invoice(books.con, CUSTOMER, "2026-10")
    book = openpyxl.load_workbook(io.BytesIO(written(books, invoice)))
    assert book["Lines"]["N2"].number_format == form
    assert Decimal(str(book["Lines"]["N2"].value)) == invoice.subtotal


def test_calls_that_a_card_rounds_one_by_one_add_up_to_the_lines(books):
    books.card(rounding={"at": "call", "places": 2, "mode": "up"})
    for seconds in (66, 126, 186):
        books.call(seconds=seconds, amount=Decimal("0.04"))
    invoice = draft_invoice(books.con, Account(), "2026-10")
    calls = table(sheets_of(written(books, invoice))["Calls"])
    assert sum(Decimal(str(row["Amount"])) for row in calls) == invoice.subtotal
    exact = sum(Decimal(str(row["Exact amount"])) for row in calls)
    assert exact == invoice.exact != invoice.subtotal


@pytest.mark.parametrize("language", ["pt_BR", "es"])
def test_the_workbook_speaks_the_documents_language(full, language):
    english = sheets_of(written(full, draft_invoice(full.con, CUSTOMER, "2026-10")))
    told = sheets_of(written(full, draft_invoice(full.con, CUSTOMER, "2026-10", locale=language)))
    same = {"Base", "SHA-256"}
    for (name, sheet), (other, rows) in zip(english.items(), told.items(), strict=True):
        assert name != other
        if name in {"Lines", "Calls"}:
            assert not set(sheet[0]) & set(rows[0]) - same


def test_a_correction_lists_each_call_with_its_cause(books):
    final(books)
    books.call(seconds=600, call_id="late", at=datetime(2026, 10, 5, 20))
    made = corrected(books)
    sheets = sheets_of(written(books, made))
    (call,) = table(sheets["Calls"])
    assert (call["Call"], call["Cause"]) == ("late", "reported late")
    assert sum(Decimal(str(row["Amount"])) for row in table(sheets["Lines"])) == made.subtotal
    for row in rows_of(books.con):
        assert written(books, read_back(books.con, row))


def test_the_same_figures_give_the_same_workbook(full):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10")
    assert written(full, invoice) == written(full, invoice)


def test_a_month_without_calls_is_a_workbook_with_empty_tables(books):
    sheets = sheets_of(written(books, draft_invoice(books.con, Account(), "2026-09")))
    assert (len(sheets["Lines"]), len(sheets["Calls"])) == (1, 1)


def test_calls_that_do_not_fit_go_on_on_another_sheet_and_the_summary_says_so(full, monkeypatch):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10")
    monkeypatch.setattr(xlsx, "MOST_ROWS", 30)
    sheets = sheets_of(written(full, invoice))
    names = [name for name in sheets if name.startswith("Calls")]
    assert names == ["Calls", "Calls 2"]
    assert sum(len(table(sheets[name])) for name in names) == invoice.calls
    assert len(sheets["Calls"]) == 31
    assert [row[3] for row in sheets["Summary"] if row[0] in names and row[1] != "Number"] == [
        30,
        invoice.calls - 30,
    ]


def test_a_workbook_needs_the_store_and_is_whole_or_not_there(books, tmp_path):
    books.card()
    books.call()
    invoice = draft_invoice(books.con, Account(), "2026-10")
    with pytest.raises(InputError, match="lists single calls"):
        write_invoice(invoice, tmp_path, ["xlsx"])
    books.call()
    with pytest.raises(RatingError, match="no longer those"):
        write_invoice(invoice, tmp_path, ["xlsx"], con=books.con)
    assert list(tmp_path.iterdir()) == []


if shutil.which("soffice"):

    @pytest.mark.full
    def test_libreoffice_opens_it_and_its_own_sums_are_those_of_the_document(full, tmp_path):
        account = replace(CUSTOMER, title="=1+1")
        invoice = draft_invoice(full.con, account, "2026-10")
        (file,) = write_invoice(invoice, tmp_path, ["xlsx"], con=full.con)
        done = _csv_of(file, tmp_path)
        told = [line for line in done.stderr.splitlines() if "javaldx" not in line]
        assert told == []
        read = {
            path.stem.rpartition("-")[2]: list(
                csv.reader(path.read_text(encoding="utf-8").splitlines())
            )
            for path in tmp_path.glob("*.csv")
        }
        control = {row[0]: row for row in read["Summary"]}
        for sheet, exact in (("Lines", invoice.subtotal), ("Calls", invoice.exact)):
            assert Decimal(control[sheet][1]) == exact
        heads, *rows = read["Lines"]
        amounts = [Decimal(row[heads.index("Amount")]) for row in rows]
        assert sum(amounts) == invoice.subtotal
        assert len(read["Calls"]) == invoice.calls + 1
        assert "Err:" not in str(read)
        assert read["Summary"][0][0].startswith("Invoice")
        assert date.fromisoformat(read["Lines"][1][heads.index("Rates since")])


def _csv_of(file: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Let LibreOffice compute every formula anew and write each sheet as CSV."""
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", options, "--outdir", folder, file]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
