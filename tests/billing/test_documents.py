"""What was drafted can be read back from every document, and no name does harm in any."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import resource
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest
from billing.books import Account, Books, Party, Settings, Tax, new_books
from hypothesis import given
from hypothesis import strategies as st
from test_look import png

from wacost.billing import DEFAULT_FORMATS, FORMATS, draft_invoice, write_invoice
from wacost.billing.documents import file_name, slug
from wacost.billing.documents.csv import COLUMNS, cell, invoice_csv
from wacost.billing.documents.html import invoice_html
from wacost.billing.documents.json import invoice_json
from wacost.billing.documents.notes import PRINTED_CALLS, unpriced_table
from wacost.billing.documents.page import page
from wacost.billing.documents.pdf import invoice_pages, invoice_pdf
from wacost.billing.wording import DOUBTS
from wacost.cli import issuing
from wacost.cli.rate import CAUSES
from wacost.config.look import Look
from wacost.errors import InputError
from wacost.language import Language
from wacost.money import format_decimal, format_money
from wacost.rating.ranges import CostRange, Doubt

GOLDEN = Path(__file__).parent.parent / "golden" / "billing"
SELLER = Party(
    "Voz Cloud S.A.",
    "12.345.678/0001-90",
    ("Av. Paulista 1578", "São Paulo"),
    "BR",
    "a@voz.example",
)
BUYER = Party("Acme Comércio Ltda", "98.765.432/0001-10", ("Rua das Laranjeiras 45",), "BR")
TAXES = (Tax("ISS", "S", "5.00"), Tax("PIS", "S", "3.65"), Tax("ICMS", "E", "0", "Exempt, art. 7"))
CUSTOMER = Account(
    seller=SELLER, buyer=BUYER, tax=TAXES, invoice=Settings("customer", payment_terms_days=15)
)

WRITERS = {"csv": invoice_csv, "html": invoice_html, "json": invoice_json}
"""Formats whose golden documents are text; what the PDF says is what the HTML says."""

NAMES = [
    "<b>x</b>",
    '"; drop table charges; --',
    "=1+1",
    "@SUM(A1)",
    "../../etc/x",
    '#import "x"',
    "$x$ \\ _a_ *b* `c` @d //e",
    "شركة الاتصالات",
    "आकाश इंडिया",
    "🚀 café 日本",
    "a\u202eb\x00\x1b[31m\nc",
    "X" * 300,
]


def month(books: Books) -> Books:
    """One month with something of everything."""
    books.card()
    books.card("d2" * 32, name="demo-two-way", title="Demo card", status="illustrative", source="")
    for seconds in range(60, 300, 6):
        books.call(seconds=seconds)
    for _ in range(9):
        books.call(seconds=126, tier=50_000, rate="0.0085", flags=["tier_unknown"])
    for country in ("PT", "JM", None):
        books.call(seconds=66, country=country, market="Rest", rate="0.0259", flags=["month_of"])
        books.call(seconds=180, direction="inbound", rate="0", country=country, market=None)
    books.call(direction="inbound", rate="0.004", card="demo-two-way", checksum="d2" * 32)
    books.call(rate=None, status="unanswered")
    for status in ("held", "no_rate", "no_country"):
        books.call(rate=None, status=status, call_id=f"+{status}", at=datetime(2026, 10, 9, 3))
    return books


@pytest.fixture(scope="module")
def full() -> Books:
    return month(new_books())


def pdf_text(document: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return "\n".join(page.extract_text() for page in pages)


def rows_of(document: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document.decode())))


@pytest.mark.parametrize("name", ["expected", "customer", "chargeback", "empty"])
@pytest.mark.parametrize("form", ["csv", "html", "json"])
def test_the_documents_are_as_they_were(full, name, form):
    account = Account() if name in {"expected", "empty"} else CUSTOMER
    told = {"locale": "pt_BR"} if name == "customer" and form == "html" else {}
    told |= {"kind": name, "locale": "es"} if name == "chargeback" else {}
    month_of = "2026-09" if name == "empty" else "2026-10"
    invoice = draft_invoice(full.con, account, month_of, **told)
    document = WRITERS[form](invoice)
    golden = GOLDEN / f"{name}.{form}"
    if os.environ.get("WACOST_GOLDEN") == "write":
        golden.write_bytes(document)
    assert document == golden.read_bytes(), "if it is meant: WACOST_GOLDEN=write pytest, and look"


def test_the_sums_hold_in_the_json_as_written(full):
    read = json.loads(invoice_json(draft_invoice(full.con, CUSTOMER, "2026-10")))
    lines = [Decimal(line["amount"]) for line in read["lines"]]
    assert sum(lines) == Decimal(read["subtotal"])
    assert Decimal(read["exact"]) + Decimal(read["rounding_drift"]) == sum(lines)
    taxes = sum(Decimal(tax["amount"]) for tax in read["taxes"])
    assert taxes == Decimal(read["tax"])
    assert Decimal(read["subtotal"]) + taxes == Decimal(read["total"])
    assert sum(int(line["exact_units"]) for line in read["lines"]) == sum(full.added) * 60 * 10**9
    assert sum(read["unpriced"]["by_status"].values()) == len(read["unpriced"]["calls"]) == 3
    counts = read["calls"]
    assert counts["all"] == counts["on_lines"] + counts["unanswered"] + counts["unpriced"]


def test_the_sums_hold_in_the_csv_as_written(full):
    rows = rows_of(invoice_csv(draft_invoice(full.con, CUSTOMER, "2026-10")))

    def added(record: str) -> Decimal:
        return sum((Decimal(row["amount"]) for row in rows if row["record"] == record), Decimal(0))

    assert added("line") == added("subtotal") == added("exact") + added("drift")
    assert added("subtotal") + added("tax") == added("total")
    lines = [row for row in rows if row["record"] == "line"]
    (subtotal,) = (row for row in rows if row["record"] == "subtotal")
    for column in ("calls", "billed_seconds"):
        assert sum(int(row[column]) for row in lines) == int(subtotal[column])
    for row in lines:
        assert Decimal(row["minutes"]) * 60 == int(row["billed_seconds"])
    assert [row["status"] for row in rows if row["record"] == "unpriced"] == [
        "held",
        "no_country",
        "no_rate",
    ]


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
@pytest.mark.parametrize("kind", ["expected", "chargeback", "customer"])
def test_the_sums_hold_in_the_pdf_as_printed(full, kind, language):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10", kind=kind, locale=language)
    text = re.sub(r"[\s\u00a0\u202f]+", " ", pdf_text(invoice_pdf(invoice)))

    def printed(shown: str) -> bool:
        return re.sub(r"[\s\u00a0\u202f]+", " ", shown) in text

    assert printed(format_money(invoice.total, "USD", language))
    assert printed(format_money(invoice.subtotal, "USD", language))
    for tax in invoice.taxes:
        assert printed(format_money(tax.amount, "USD", language))
        assert printed(tax.name)
    for line in invoice.lines:
        assert printed(format_decimal(line.amount, language))
        assert printed(format_decimal(line.calls, language))
    assert printed(format_money(invoice.exact, "USD", language))
    for call in invoice.unpriced.calls:
        assert printed(call.call_id)


def test_amounts_printed_in_the_rows_add_up_to_the_subtotal(full):
    invoice = draft_invoice(full.con, Account(), "2026-10")
    text = pdf_text(invoice_pdf(invoice))
    table = text[text.index("Amount (USD)") : text.index("Subtotal")]
    amounts = [Decimal(one) for one in re.findall(r"(?<![\d.])\d+\.\d{2}(?!\d)", table)]
    groups = 2  # each direction prints its sum as well
    assert sum(amounts) == groups * invoice.subtotal


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["DRAFT", "This is not an invoice", "Meta WhatsApp calling, USD", "Page 1 of 1"]),
        ("pt_BR", ["RASCUNHO", "Isto não é uma fatura", "Chamadas de saída", "tarifa"]),
        ("es", ["BORRADOR", "Esto no es una factura", "Llamadas salientes", "tarifa"]),
    ],
)
def test_an_expected_bill_says_on_its_face_that_it_is_no_invoice(full, language, words):
    invoice = draft_invoice(full.con, Account(), "2026-10", kind="expected", locale=language)
    text = pdf_text(invoice_pdf(invoice))
    assert [word for word in words if word not in text] == []


def test_a_customer_document_names_both_sides_and_its_terms(full):
    text = pdf_text(invoice_pdf(draft_invoice(full.con, CUSTOMER, "2026-10")))
    for word in (
        *("Invoice", "DRAFT", "15 days", SELLER.name, SELLER.tax_id, "Av. Paulista 1578"),
        *(BUYER.name, BUYER.tax_id, "Exempt, art. 7", "5.00%", "50,001 – 250,000"),
    ):
        assert word in text


def test_a_month_without_calls_says_so_in_every_format(books):
    invoice = draft_invoice(books.con, Account(), "2026-09")
    assert "No calls to bill in September 2026." in pdf_text(invoice_pdf(invoice))
    assert json.loads(invoice_json(invoice))["lines"] == []
    assert [row["record"] for row in rows_of(invoice_csv(invoice))] == [
        *("subtotal", "total", "exact", "drift")
    ]


def test_only_some_unpriced_calls_are_printed_but_all_are_in_csv_and_json(books):
    for number in range(PRINTED_CALLS + 5):
        books.call(rate=None, status="open", call_id=f"wacid.open{number:03d}")
    invoice = draft_invoice(books.con, Account(), "2026-10")
    text = pdf_text(invoice_pdf(invoice))
    assert text.count("wacid.open") == PRINTED_CALLS
    assert "The first 20 of 25;" in text
    assert len(rows_of(invoice_csv(invoice))) == PRINTED_CALLS + 5 + 4
    assert len(json.loads(invoice_json(invoice))["unpriced"]["calls"]) == PRINTED_CALLS + 5


@pytest.mark.parametrize("locale", ["es_419", "pt", "en_IN"])
def test_a_country_without_a_catalogue_of_its_own_has_its_language(books, locale):
    invoice = draft_invoice(books.con, Account(), "2026-10", locale=locale)
    assert invoice.language == locale
    assert pdf_text(invoice_pdf(invoice))


def test_a_small_account_has_one_page_and_its_call_ids_can_be_copied(books):
    books.real_card("meta-usd")
    call_id = "wacid.HBgLNTUxMTk4NzY1NDMyMRUCABEYEjAwRTY5RkM4MzA4RkM5RDkzAA=="
    long = "wacid." + "Z" * 90
    for country in ("BR", "AR", "CL"):
        books.call(country=country, market=None)
    for one in (call_id, long):
        books.call(rate=None, status="no_rate", call_id=one, at=datetime(2026, 10, 9))
    pdf = invoice_pdf(draft_invoice(books.con, CUSTOMER, "2026-10"))
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    text = pdf_text(pdf)
    assert call_id in text
    assert long in text.replace("\n", "")
    assert "\u200b" not in text


def test_a_long_table_repeats_its_head_and_counts_its_pages(books):
    books.card()
    for number in range(80):
        books.call(rate=f"0.{number + 1:04d}", seconds=6)
    pages = pypdf.PdfReader(
        io.BytesIO(invoice_pdf(draft_invoice(books.con, Account(), "2026-10")))
    ).pages
    texts = [page.extract_text() for page in pages]
    assert len(texts) >= 2
    assert all("Rate per minute" in " ".join(text.split()) for text in texts[:2])
    assert f"Page 2 of {len(texts)}" in texts[1]
    assert "Draft" in texts[1]


def test_the_same_figures_give_the_same_bytes(full):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10")
    again = draft_invoice(full.con, CUSTOMER, "2026-10")
    assert invoice_json(invoice) == invoice_json(again)
    assert invoice_csv(invoice) == invoice_csv(again)
    assert invoice_pages(invoice, 30) == invoice_pages(again, 30)
    assert invoice_pdf(invoice) == invoice_pdf(again)


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_a_currency_has_its_own_places_everywhere(books, currency):
    books.card(currency=currency)
    books.call(rate="12.3456", seconds=600, currency=currency)
    account = replace(CUSTOMER, tax=(Tax("VAT", "S", "10"),))
    invoice = draft_invoice(books.con, account, "2026-10")
    total = {"JPY": "135", "KWD": "135.802"}[currency]
    assert str(invoice.total) == total
    assert total in pdf_text(invoice_pdf(invoice))


@pytest.mark.parametrize("name", NAMES)
def test_no_name_does_harm_in_any_document(tmp_path, name):
    books = new_books()
    books.card(title=name, source=name)
    books.call(account=name, market=name)
    books.call(account=name, rate=None, status="no_rate", call_id=name)
    party = Party(name, name, (name, name), "BR", name)
    account = Account(name=name, title=name, seller=party, buyer=party, tax=(Tax(name, "S", "5"),))
    out = tmp_path / "out"
    files = write_invoice(draft_invoice(books.con, account, "2026-10", kind="customer"), out)
    assert sorted(out.iterdir()) == sorted(files)
    assert {file.parent for file in files} == {out}
    assert not [file for file in files if set(file.name) & set('/\\:*?"<>|\x00\n\x1b ')]
    pdf, table, document = (
        next(f for f in files if f.suffix == f".{form}") for form in DEFAULT_FORMATS
    )
    assert "Invoice" in pdf_text(pdf.read_bytes())
    for row in csv.reader(io.StringIO(table.read_text(encoding="utf-8"))):
        for one in row:
            assert not one.startswith(("=", "+", "-", "@", "\t", "\r")) or Decimal(one) < 0
    assert json.loads(document.read_bytes())["seller"]["name"] == name
    assert books.con.execute("SELECT count(*) FROM charges").fetchall() == [(2,)]


def test_markup_in_a_name_is_printed_as_it_is(books):
    for name in ('<b>x</b> #import "x"', "$x$ *b* =1+1", "شركة"):
        account = Account(seller=Party(name))
        text = pdf_text(invoice_pdf(draft_invoice(books.con, account, "2026-10", kind="customer")))
        assert name in text or name[::-1] in text


@given(st.text(), st.text())
def test_no_two_accounts_share_a_file(first, second):
    names = {slug(name) for name in {first, second}}
    assert len(names) == len({first, second})
    for name in names:
        assert re.fullmatch(r"(?:[A-Za-z0-9_%][A-Za-z0-9_.%~-]*)?", name)
        assert len(name) < 200


def test_a_file_is_called_by_account_month_and_kind(books):
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert file_name(invoice, ".pdf") == "acme-2026-10-expected.pdf"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-0.5", "-0.5"),
        ("-5", "-5"),
        ("-5+1", "'-5+1"),
        ("+49", "'+49"),
        ("\t=1", "'\t'=1"),
        ("Acme;=1+1", "Acme;'=1+1"),
        ("Acme; @x", "Acme; '@x"),
        ("Acme\t-1", "Acme\t'-1"),
        ("Acme; Co", "Acme; Co"),
        ("\r", "'\r"),
        ("'=1", "'=1"),
        ("-", "'-"),
        ("-٥", "'-٥"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_text(text, shown):
    assert cell(text) == shown


def test_every_csv_row_has_the_columns_of_the_head(full):
    rows = list(
        csv.reader(io.StringIO(invoice_csv(draft_invoice(full.con, CUSTOMER, "2026-10")).decode()))
    )
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}


@pytest.mark.parametrize(("at", "words"), [("call", "each call is"), ("line", "each line is")])
def test_a_document_says_whether_calls_or_lines_were_rounded(books, at, words):
    books.card(rounding={"at": at, "places": 2, "mode": "up"})
    for _ in range(3):
        books.call(rate="0.0333", seconds=66, amount=Decimal("0.04") if at == "call" else None)
    found = [
        note
        for note in page(draft_invoice(books.con, Account(), "2026-10"))["notes"]
        if words in note
    ]
    assert len(found) == 1


def test_an_unknown_format_is_refused_before_anything_is_written(books, tmp_path):
    invoice = draft_invoice(books.con, Account(), "2026-10")
    with pytest.raises(InputError, match="'pfd' is no format") as caught:
        write_invoice(invoice, tmp_path / "out", ["json", "pfd"])
    assert "pdf" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(books, tmp_path):
    (tmp_path / "file").write_text("x")
    invoice = draft_invoice(books.con, Account(), "2026-10")
    with pytest.raises(InputError, match="cannot be written to") as caught:
        write_invoice(invoice, tmp_path / "file" / "out", ["json"])
    assert "--out" in caught.value.hint


def test_a_disk_that_is_full_leaves_what_was_there(books, tmp_path):
    invoice = draft_invoice(books.con, Account(), "2026-10")
    (before,) = write_invoice(invoice, tmp_path, ["json"])
    old = before.read_bytes()
    books.card()
    books.call()
    fuller = draft_invoice(books.con, Account(), "2026-10")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, limits[1]))
    try:
        with pytest.raises(InputError, match="cannot be written"):
            write_invoice(fuller, tmp_path, ["csv", "json"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path.name for path in tmp_path.iterdir()] == [before.name]
    assert before.read_bytes() == old


def test_what_a_killed_run_left_half_written_is_swept_up_a_day_later(books, tmp_path):
    names = (f".{'a' * 16}.part", f".{'b' * 16}.part", ".mine.part")
    for name in names:
        (tmp_path / name).touch()
    for name in (names[0], names[2]):
        os.utime(tmp_path / name, (0, 0))
    write_invoice(draft_invoice(books.con, Account(), "2026-10"), tmp_path, ["json"])
    assert {path.name for path in tmp_path.glob(".*")} == set(names[1:])


def test_writing_again_replaces(books, tmp_path):
    invoice = draft_invoice(books.con, Account(), "2026-10")
    assert write_invoice(invoice, tmp_path) == write_invoice(invoice, tmp_path)
    assert len(list(tmp_path.iterdir())) == len(DEFAULT_FORMATS)


@pytest.mark.parametrize(
    ("language", "status", "moment"),
    [
        ("pt_BR", "retida", r"\d+ de out\. de 2026,? \d\d:\d\d:\d\d"),
        ("es", "retenida", r"\d+ oct 2026, \d+:\d\d:\d\d"),
    ],
)
def test_unpriced_calls_are_told_in_the_documents_language(full, language, status, moment):
    invoice = draft_invoice(full.con, Account(), "2026-10", locale=language)
    table = unpriced_table(invoice, Language.of(language))
    assert status in {row[3] for row in table["rows"]}
    assert not {row[3] for row in table["rows"]} & {"incomplete", "open", "no_country", "held"}
    assert all(re.fullmatch(moment, row[1]) for row in table["rows"])


def test_a_document_without_taxes_says_so_between_subtotal_and_total(full):
    invoice = draft_invoice(full.con, Account(), "2026-10")
    assert not invoice.taxes
    sums = page(invoice)["totals"]
    assert [row["label"] for row in sums] == ["Subtotal", "Tax", "Total"]
    assert sums[1]["value"] == "$0.00"


@pytest.mark.parametrize(
    ("language", "whole", "span", "endless"),
    [
        ("en", "between $0.10 and $0.86 before tax", "from $0.00 to $0.76.", "at least $0.00, and"),
        (
            "es",
            "entre 0,10\xa0US$ y 0,86\xa0US$ antes",
            "de 0,00\xa0US$ a 0,76\xa0US$.",
            "al menos",
        ),
        ("pt_BR", "entre US$\xa00,10 e US$\xa00,86 antes", "de US$\xa00,00 a", "ao menos"),
    ],
)
def test_what_the_records_do_not_tell_is_noted_in_the_documents_language(
    full, language, whole, span, endless
):
    minute, known = 60 * 10**9, 6 * 10**9
    bounded = Doubt("incomplete", 2, 0, minute * 76 // 100)
    told = CostRange("acme", "2026-10", "cost", "USD", known, (bounded,))
    draft = draft_invoice(full.con, Account(), "2026-10", locale=language)
    (first, second) = page(replace(draft, cost_range=told))["notes"][2:4]
    assert whole in first
    assert second.startswith("2 ")
    assert second.endswith(span) or span in second
    causes = tuple(Doubt(cause, 1, 0, None) for cause in DOUBTS)
    found = page(replace(draft, cost_range=replace(told, doubts=causes)))["notes"][2:]
    assert all(endless in note for note in found[1 : 1 + len(DOUBTS)])
    assert str(told.most).replace(".", ",") not in found[0]
    assert "range" not in draft.as_dict()
    assert replace(draft, cost_range=told).as_dict()["range"]["most"] == "0.86"


def test_every_doubt_has_its_sentence_and_its_line():
    assert set(DOUBTS) == set(CAUSES)


def test_a_printed_draft_tells_its_range(full):
    draft = draft_invoice(full.con, Account(), "2026-10")
    told = CostRange("acme", "2026-10", "cost", "USD", 0, (Doubt("open", 3, 0, None),))
    text = " ".join(pdf_text(invoice_pdf(replace(draft, cost_range=told))).split())
    assert "3 calls whose end was never reported: at least $0.00" in text


def test_the_command_line_knows_the_formats_of_the_table():
    assert issuing.FORMATS == FORMATS
    assert issuing.DEFAULT_FORMATS == DEFAULT_FORMATS
    assert list(FORMATS) == sorted(FORMATS)


def test_a_logo_and_a_colour_change_the_picture_and_no_word(full):
    plain = draft_invoice(full.con, CUSTOMER, "2026-10")
    picture = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="4" height="1"/></svg>'
    for look in (Look("#7a1f5c", picture, "svg"), Look("#7a1f5c", png(), "png")):
        pdf = invoice_pdf(replace(plain, look=look))
        words = set(pdf_text(invoice_pdf(plain)).split()) - {"1", "2"}
        assert words <= set(pdf_text(pdf).split())
        assert pdf != invoice_pdf(plain)
    assert replace(plain, look=Look("#7a1f5c", picture, "svg")) == plain
