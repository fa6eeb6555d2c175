"""A name in any script is printed whole where the machine has a font for it, else named."""

from __future__ import annotations

import io
import struct
from dataclasses import replace

import pypdf
import pytest
from billing.test_documents import BUYER, CUSTOMER, pdf_text
from hypothesis import example, given
from hypothesis import strategies as st

from wacost.billing import draft_invoice
from wacost.billing.documents.fonts import fonts_for, letters_of, packages_for
from wacost.billing.documents.glyphs import lacking, printable
from wacost.billing.documents.pdf import fonts_lacking, invoice_pdf

HINDI = "आकाश इंडिया"
NOWHERE = "\ue000"  # a private letter: no font of a system has it


@pytest.fixture(scope="module")
def font():
    found = fonts_for(lacking(HINDI))
    if lacking(HINDI) - found.points:
        pytest.skip("apt-get install fonts-noto-core")
    return found.families[0]


def billed(books, name, *address):
    buyer = replace(BUYER, name=name, address=address)
    return draft_invoice(books.con, replace(CUSTOMER, buyer=buyer), "2026-10")


def fonts_of(document):
    page = pypdf.PdfReader(io.BytesIO(document)).pages[0]
    return " ".join(one.get_object()["/BaseFont"] for one in page["/Resources"]["/Font"].values())


def test_a_name_is_whole_where_a_font_is_installed(books, font):
    invoice = billed(books, f"{HINDI} Ltda")
    document = invoice_pdf(invoice)
    assert font.replace(" ", "") in fonts_of(document)
    assert "[" not in pdf_text(document)
    assert "named in brackets" not in pdf_text(document)
    assert fonts_lacking(invoice) == []
    assert invoice_pdf(invoice) == document


def test_a_letter_that_no_font_has_is_named_beside_those_that_one_has(books, font):
    invoice = billed(books, f"{HINDI} {NOWHERE}")
    text = pdf_text(invoice_pdf(invoice))
    assert ("[U+E000]" in text, "named in brackets" in text) == (True, True)
    assert "[Devanagari]" not in text
    assert fonts_lacking(invoice) == ["fonts-noto-core"]


def test_odd_sequences_of_such_letters_make_no_document_fail(books, font):
    odd = ("क्\u200dष", "आ\u0300\u200d\ufe0f", "\u200dआ", "ि", "👩\u200d💻 आ\u202eb")
    assert pdf_text(invoice_pdf(billed(books, font, *odd)))


def test_a_document_without_such_letters_looks_for_no_font(books):
    invoice = billed(books, "Acme Comércio Ltda")
    assert "Noto" not in fonts_of(invoice_pdf(invoice))
    assert fonts_lacking(invoice) == []


def test_letters_with_a_font_stay_and_keep_their_joiners():
    extra = frozenset(map(ord, "क्ष"))
    assert printable("क्\u200dष a\u200db 日", extra) == "क्\u200dष ab [CJK]"


def test_each_kind_of_letter_has_its_package():
    assert packages_for(map(ord, "日かア한")) == ["fonts-noto-cjk"]
    assert packages_for(map(ord, "🚀")) == ["fonts-noto-color-emoji"]
    assert packages_for(map(ord, "आไ")) == ["fonts-noto-core"]


def font_file(path, *tables):
    """Write a font of nothing but a cmap with some tables."""
    head = struct.pack(">HH", 0, len(tables))
    places, at = b"", 4 + 8 * len(tables)
    for table in tables:
        places += struct.pack(">HHI", 3, 10, at)
        at += len(table)
    cmap = head + places + b"".join(tables)
    record = struct.pack(">4sIII", b"cmap", 0, 28, len(cmap))
    path.write_bytes(struct.pack(">IHHHH", 0x10000, 1, 0, 0, 0) + record + cmap)
    return path


def test_the_letters_of_a_font_are_those_that_it_maps_to_a_glyph(tmp_path):
    ends, starts, deltas, offsets = (66, 0xFFFF), (65, 0xFFFF), (-64, 1), (0, 0)
    rows = struct.pack(">2HH2H", *ends, 0, *starts) + struct.pack(">2h2H", *deltas, *offsets)
    segments = struct.pack(">7H", 4, 14 + len(rows), 0, 4, 4, 1, 0) + rows
    groups = struct.pack(">HHIII3I3I", 12, 0, 40, 0, 2, 0x905, 0x907, 3, 0x1F680, 0x1F681, 0)
    file = font_file(tmp_path / "x.ttf", segments, groups)
    assert letters_of(file) == {65, 66, 0x905, 0x906, 0x907, 0x1F681}


@given(st.binary(max_size=200), st.integers(0, 3))
@example(b"ttcf" + b"\xff" * 40, 2)
def test_a_file_that_is_no_font_has_no_letters(tmp_path_factory, data, index):
    file = tmp_path_factory.getbasetemp() / "broken.ttf"
    file.write_bytes(data)
    assert letters_of(file, index) == frozenset()
    assert letters_of(file.with_suffix(".none")) == frozenset()
