"""The page is whole in itself, says what the document says, and reads without a mouse or eyes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from billing.books import Account, Books, Party, Tax, new_books
from billing.test_correct import corrected, final
from billing.test_documents import CUSTOMER, NAMES, month

from wacost.billing import draft_invoice
from wacost.billing.documents.glyphs import TEMPLATES
from wacost.billing.documents.html import invoice_html
from wacost.billing.documents.page import page
from wacost.config.look import Look, contrast
from wacost.money import format_decimal, format_money

VOID = {"meta", "img"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "div", "p"),
    *("h1", "h2", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul"),
    *("li", "bdi", "strong", "small", "span", "img"),
}


class Page(HTMLParser):
    """What a browser would see."""

    def __init__(self, document: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(document.decode())
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def full() -> Books:
    return month(new_books())


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
@pytest.mark.parametrize("kind", ["expected", "chargeback", "customer"])
def test_the_sums_hold_in_the_page_as_written(full, kind, language):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10", kind=kind, locale=language)
    text = Page(invoice_html(invoice)).text
    for amount in (invoice.total, invoice.subtotal, *(tax.amount for tax in invoice.taxes)):
        assert format_money(amount, "USD", language) in text
    for line in invoice.lines:
        assert format_decimal(line.amount, language) in text
    for told in page(invoice)["notes"]:
        assert told in text
    for call in invoice.unpriced.calls:
        assert call.call_id in text


def test_the_page_reads_by_ear_and_loads_nothing(full):
    invoice = draft_invoice(full.con, CUSTOMER, "2026-10", locale="pt_BR")
    picture = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    document = invoice_html(replace(invoice, look=Look("#7a1f5c", picture, "svg")))
    found = Page(document)
    assert document.startswith(b"<!DOCTYPE html>\n")
    assert found.open == []
    assert {tag for tag, _ in found.tags} <= TAGS
    assert found.all("html") == [{"lang": "pt-BR", "dir": "ltr"}]
    assert len(found.all("h1")) == len(found.all("main")) == len(found.all("title")) == 1
    assert len(found.all("caption")) == len(found.all("table"))
    assert {attrs["scope"] for attrs in found.all("th")} == {"col", "row", "rowgroup"}
    regions = [attrs for attrs in found.all("div") if attrs.get("tabindex")]
    assert all(attrs["role"] == "group" and attrs["aria-label"] for attrs in regions)
    (image,) = found.all("img")
    assert image["alt"] == CUSTOMER.seller.name
    links = [value for _, attrs in found.tags for name, value in attrs.items() if name == "src"]
    assert [link[:5] for link in links] == ["data:"]
    assert not re.search(r"url\(|@import|<script|<link", document.decode())


@pytest.mark.parametrize("name", [*NAMES, "</style><script>x</script>", "&amp;", "<!--", "]]>"])
def test_no_name_is_markup(name):
    books = new_books()
    books.card(title=name, source=name)
    books.call(account=name, market=name)
    books.call(account=name, rate=None, status="no_rate", call_id=name)
    party = Party(name, name, (name, name), "BR", name)
    account = Account(name=name, title=name, seller=party, buyer=party, tax=(Tax(name, "S", "5"),))
    found = Page(invoice_html(draft_invoice(books.con, account, "2026-10", kind="customer")))
    assert {tag for tag, _ in found.tags} <= TAGS
    assert found.open == []
    if name.isprintable():
        assert found.text.count(name) >= 5


def test_a_name_that_is_written_from_the_right_turns_nothing_beside_it(books):
    account = Account(seller=Party("شركة", address=("شارع 1",)))
    document = invoice_html(draft_invoice(books.con, account, "2026-10", kind="customer")).decode()
    assert "<bdi>شارع 1</bdi>" in document
    assert "<strong><bdi>شركة</bdi></strong>" in document


def test_each_line_says_in_full_why_it_costs_what_it_costs(books):
    books.real_card("meta-usd")
    books.call(rate="0.0108")
    text = Page(invoice_html(draft_invoice(books.con, Account(), "2026-10"))).text
    assert re.search(r"meta-usd · row \d+ · rates of Oct 1, 2026 · derived", text)


def test_a_correction_and_an_empty_month_are_pages_too(books):
    empty = Page(invoice_html(draft_invoice(books.con, Account(), "2026-09")))
    assert "No calls to bill in September 2026." in empty.text
    final(books)
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'wacid.000001'")
    assert "Credit note" in Page(invoice_html(corrected(books))).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read_on_its_paper(scheme):
    css = (TEMPLATES / "invoice.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{[^}]*\}", css)
    chosen = "".join(blocks[:1] if scheme == "light" else blocks[1:3])
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", chosen))
    light = contrast(colours.pop("paper"))
    colours.pop("hair")
    assert len(colours) == (2 if scheme == "light" else 3)
    for name, colour in colours.items():
        ratio = contrast(colour) / light
        assert max(ratio, 1 / ratio) >= 4.5, name
