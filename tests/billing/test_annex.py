"""The list of all calls adds up to the document, and hides the middle of numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pypdf
import pytest
from billing.books import Account, Books
from billing.sold import WANTED
from billing.test_issue import CUSTOMER

from wacost.billing import billed_calls, cancel, correct, draft_invoice, issue, write_invoice
from wacost.billing.documents import formats
from wacost.billing.documents.annex_csv import COLUMNS, annex_csv
from wacost.billing.documents.annex_pdf import annex_page
from wacost.money import UNIT, plain

AT = datetime(2026, 10, 5, 12)
NUMBER = "5511987654321"


def listed(books: Books, invoice, **how) -> list[dict[str, str]]:
    file = io.BytesIO()
    annex_csv(invoice, billed_calls(books.con, invoice, **how), file)
    return list(csv.DictReader(io.StringIO(file.getvalue().decode())))


def check(invoice, rows: list[dict[str, str]]) -> None:
    """Law 3, read back: calls = exact; exact + drift = lines of calls."""
    calls = [row for row in rows if row["record"] == "call"]
    foot = {row["record"]: Decimal(row["amount"]) for row in rows if row["record"] != "call"}
    assert len(calls) == invoice.calls
    units = sum(int(row["exact_units"] or 0) for row in calls)
    assert Decimal(units) / UNIT == foot["exact"] == invoice.exact
    assert foot["exact"] + foot["drift"] == foot["lines"] == invoice.billed_calls
    assert sum(int(row["billed_seconds"]) for row in calls) == invoice.billed_seconds


def month(books: Books) -> Books:
    books.real_card("meta-usd")
    for number, seconds in enumerate((60, 66, 126)):
        books.call(seconds=seconds, at=AT + timedelta(hours=number), flags=["month_of"])
    books.call(rate=None, status="unanswered", at=AT)
    books.call(rate=None, status="no_rate", at=AT)
    books.call(seconds=30, rate="0", direction="inbound", country=None, at=AT)
    books.con.execute(f"UPDATE call_rows SET contact = '{NUMBER}'")
    return books


def test_every_call_of_a_draft_is_listed_with_its_price_or_why_it_has_none(books):
    invoice = draft_invoice(month(books).con, Account(), "2026-10")
    rows = listed(books, invoice)
    check(invoice, rows)
    assert tuple(rows[0]) == COLUMNS
    told = {row["status"]: row for row in rows if row["record"] == "call"}
    assert set(told) == {"rated", "unanswered", "no_rate", "free"}
    assert (told["no_rate"]["amount"], told["unanswered"]["amount"]) == ("", "0")
    assert told["rated"]["at"] == "2026-10-05T11:00:00-03:00"
    assert told["rated"]["flags"] == "month_of"
    assert told["rated"]["rate_per_minute"] == "0.0108"


def test_the_middle_of_a_number_is_hidden_unless_it_is_wanted(books):
    invoice = draft_invoice(month(books).con, Account(), "2026-10")
    hidden = {row["number"] for row in listed(books, invoice) if row["record"] == "call"}
    assert hidden == {"551198•••••21"}
    full = {row["number"] for row in listed(books, invoice, full_numbers=True)}
    assert full == {NUMBER, ""}
    books.con.execute("UPDATE call_rows SET contact = 'BR.redacted.0123456789abcdef'")
    gone = {row["number"] for row in listed(books, invoice) if row["record"] == "call"}
    assert gone == {"BR.redacted.0123456789abcdef"}


def test_a_name_that_a_spreadsheet_would_run_is_guarded(books):
    month(books).con.execute("UPDATE call_rows SET contact = '=1+1'")
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert {row["number"] for row in listed(books, invoice)} == {"'=1+1", ""}


def test_the_calls_of_a_correction_are_told_with_their_difference_and_cause(books):
    issue(month(books).con, [CUSTOMER], "2026-10", replace(WANTED, excuse_unpriced=("no_rate",)))
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'wacid.000001'")
    books.call(seconds=600, rate="0.0108", at=AT)
    (made,) = correct(books.con, [CUSTOMER], "2026-10", WANTED).new
    rows = listed(books, made)
    check(made, rows)
    causes = sorted((row["cause"], row["amount"]) for row in rows if row["record"] == "call")
    assert causes == [("changed_call", "-0.0108"), ("late_call", "0.108")]
    page = annex_page(made, list(billed_calls(books.con, made)))
    assert page["pages"][0][7] == ["reported\xa0late", "records\xa0changed"]
    assert "−0.0108" in page["pages"][0][9]


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
def test_the_printed_list_has_the_sums_and_runs_on_every_page(books, language, tmp_path):
    month(books)
    for number in range(150):
        books.call(seconds=6 * number + 6, at=AT + timedelta(minutes=number), country="AE")
    account = replace(Account(), invoice=replace(CUSTOMER.invoice, language=language))
    draft = draft_invoice(books.con, account, "2026-10")
    (path,) = write_invoice(draft, tmp_path, ["annex-pdf"], con=books.con)
    assert path.name == "acme-2026-10-customer-calls.pdf"
    pages = [text(one) for one in pypdf.PdfReader(path).pages]
    assert len(pages) == 3
    for place, page in enumerate(pages, start=1):
        assert re.search(rf"\b{place} (of|de) 3", page)
    words = annex_page(draft, list(billed_calls(books.con, draft)))
    for name, value in [*words["sums"], words["total"]]:
        assert text_of(name) in pages[-1]
        assert text_of(value) in pages[-1]
    assert plain(draft.exact).rstrip("0")[-3:] in pages[-1]
    assert "551198" in pages[0]
    assert NUMBER not in "".join(pages)


def test_the_list_of_a_correction_begins_on_its_first_page(books, tmp_path):
    books.real_card("meta-usd")
    for number in range(90):
        books.call(seconds=6, at=AT + timedelta(minutes=number), country="AE")
    wanted = replace(WANTED, accept_cards=("meta-usd",))
    issue(books.con, [CUSTOMER], "2026-10", wanted)
    (made,) = cancel(books.con, [CUSTOMER], "2026-10", wanted).new
    (path,) = write_invoice(made, tmp_path, ["annex-pdf"], con=books.con)
    first, second = (text(one) for one in pypdf.PdfReader(path).pages)
    assert "Cancels" in first
    assert (first.count("cancelled"), second.count("cancelled")) == (67, 23)


def text(page: pypdf.PageObject) -> str:
    return text_of(page.extract_text())


def text_of(shown: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", " ", shown)


def test_amounts_as_printed_add_up_to_the_sum_as_printed(books):
    draft = draft_invoice(month(books).con, Account(), "2026-10")
    page = annex_page(draft, list(billed_calls(books.con, draft)))
    amounts = [one for columns in page["pages"] for one in columns[9] if one != "–"]
    assert sum(Decimal(one) for one in amounts) == draft.exact
    assert page["sums"][0][1] == "$0.04536"


def test_no_text_of_a_printed_list_can_break_its_line(books):
    month(books).con.execute(
        "UPDATE call_rows SET contact = E'a b-c\\nd\\t\\u2028 x आ 🚀 ' || repeat('w ', 99)"
    )
    draft = draft_invoice(books.con, Account(), "2026-10")
    (columns,) = annex_page(draft, list(billed_calls(books.con, draft)))["pages"]
    assert {len(column) for column in columns} == {draft.calls}
    for column in columns:
        for one in column:
            assert one
            assert not re.search(r"[\s-]", one.replace("\u00a0", ""))
            assert len(one) <= 28


def test_a_list_that_is_too_long_to_print_is_left_to_the_csv(books, tmp_path, monkeypatch):
    short = formats.TABLE["annex-pdf"]._replace(most_calls=5)
    monkeypatch.setitem(formats.TABLE, "annex-pdf", short)
    draft = draft_invoice(month(books).con, Account(), "2026-10")
    files = write_invoice(draft, tmp_path, ["annex-pdf", "annex-csv"], con=books.con)
    assert [file.name for file in files] == ["acme-2026-10-expected-calls.csv"]


@pytest.mark.full
def test_forty_pages_of_calls_are_set(books, tmp_path):
    month(books)
    for table in ("call_rows", "charge_rows"):
        again = f"{table}.* REPLACE (call_id || '.' || copy AS call_id)"
        books.con.execute(f"INSERT INTO {table} SELECT {again} FROM {table}, range(517) AS r(copy)")
    draft = draft_invoice(books.con, Account(), "2026-10")
    (path,) = write_invoice(draft, tmp_path, ["annex-pdf"], con=books.con)
    pages = pypdf.PdfReader(path).pages
    assert len(pages) == 40
    assert "3,108" in pages[39].extract_text()
