"""An invoice as one web page: no other file, no script, readable by ear, in the dark and on paper.

The page says what the PDF says, from the same text, and of every line its card, row, date and
status in full; what the document rests on follows as tables. It is built as a tree and written by
the standard library, so that no name can be markup. Names from outside are isolated: one that is
written from right to left rearranges nothing beside it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from wacost.billing.documents.assumptions import assumption_tables
from wacost.billing.documents.glyphs import TEMPLATES
from wacost.billing.documents.page import page
from wacost.language import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wacost.billing.documents.sheets import Column, Table
    from wacost.billing.invoice import Invoice

_NO_TEXT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MIME: Final = {"svg": "image/svg+xml", "png": "image/png"}


def invoice_html(invoice: Invoice) -> bytes:
    """Write an invoice as one HTML page in UTF-8."""
    told = page(invoice)
    language = Language.of(invoice.language)
    locale = told["language"].replace("_", "-")
    html = ET.Element("html", lang=locale, dir=told["direction"])
    html.append(_head(told))
    body = _in(html, "body")
    _header(body, invoice, told)
    main = _in(body, "main")
    _particulars(main, told)
    _lines(main, told)
    _totals(main, told)
    _notes(main, told, language)
    for one in told["calls"]:
        _calls(main, one)
    for table in assumption_tables(invoice, language):
        _table(main, table, language)
    text = ET.tostring(html, encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{text}\n".encode()


def clean(text: str) -> str:
    r"""Return a text that a page can hold: what is no character there is a replacement mark.

    >>> clean("a\x1b<b>\ud800")
    'a\ufffd<b>\ufffd'
    """
    return _NO_TEXT.sub("\ufffd", text)


def _in(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """Add an element with a text; `class_` is the attribute class."""
    told = {name.rstrip("_"): clean(value) for name, value in attributes.items()}
    made = ET.SubElement(parent, tag, told)
    made.text = clean(text)
    return made


def _named(parent: ET.Element, tag: str, name: str, **attributes: str) -> ET.Element:
    """Add an element with a text from outside: its direction is its own."""
    made = _in(parent, tag, **attributes)
    _in(made, "bdi", name)
    return made


def _head(told: Mapping[str, Any]) -> ET.Element:
    head = ET.Element("head")
    _in(head, "meta", charset="utf-8")
    _in(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _in(head, "meta", name="robots", content="noindex")
    _in(head, "title", f"{told['title']} · {told['month']} · {told['running']}")
    colour = told["look"]["colour"]
    style = ET.SubElement(head, "style")
    style.text = f":root {{ --accent: {colour}; --given: {colour}; }}\n{_css()}"
    return head


@cache
def _css() -> str:
    return (TEMPLATES / "invoice.css").read_text(encoding="utf-8")


def _header(body: ET.Element, invoice: Invoice, told: Mapping[str, Any]) -> None:
    header = _in(body, "header")
    names = _in(header, "div")
    if invoice.look.logo:
        content = b64encode(invoice.look.logo).decode()
        source = f"data:{_MIME[invoice.look.kind]};base64,{content}"
        _in(names, "img", src=source, alt=invoice.seller_name, class_="logo")
    _in(names, "h1", told["title"])
    _in(names, "p", told["month"])
    if told["draft"]:
        _in(header, "div", told["draft"], class_="stamp")


def _particulars(main: ET.Element, told: Mapping[str, Any]) -> None:
    if told["face"]:
        _in(main, "p", told["face"], class_="face", role="note")
    parties = _in(main, "div", class_="parties")
    for party in told["parties"]:
        section = _in(parties, "section")
        _in(section, "h2", party["label"])
        _named(_in(section, "p"), "strong", party["name"])
        for line in party["lines"]:
            _named(section, "p", line)
    particulars = _in(main, "dl")
    for name, value in told["meta"]:
        _in(particulars, "dt", name)
        _named(particulars, "dd", value)


def _headed(parent: ET.Element, heads: Iterable[tuple[str, bool]], caption: str) -> ET.Element:
    """Add a table with its head and return it; a head is a text and whether of numbers.

    A table that is wider than a screen is moved with the keys too: its place takes the focus.
    """
    place = {"class_": "wide", "tabindex": "0", "role": "group", "aria-label": caption}
    table = _in(_in(parent, "div", **place), "table")
    _in(table, "caption", caption)
    row = _in(_in(table, "thead"), "tr")
    for text, numbers in heads:
        _in(row, "th", text, scope="col", **({"class_": "number"} if numbers else {}))
    return table


def _lines(main: ET.Element, told: Mapping[str, Any]) -> None:
    if not told["groups"]:
        _in(main, "p", told["empty"])
        return
    heads = [(name, place > 0) for place, name in enumerate(told["head"])]
    table = _headed(main, heads, told["lines_title"])
    for group in told["groups"]:
        body = _in(table, "tbody")
        width = len(heads) - len(group["figures"])
        row = _in(body, "tr", class_="sum")
        head = _in(row, "th", group["title"], scope="rowgroup", colspan=str(width))
        if group["note"]:
            _in(head, "small", f" {group['note']}")
        _figures(row, group["figures"])
        for line in group["rows"]:
            row = _in(body, "tr")
            cell = _named(row, "th", line["country"], scope="row")
            if line["detail"]:
                _in(cell, "small", f" {line['detail']}")
            if line["full"]:
                _in(cell, "span", line["full"], class_="why")
            _figures(row, line["figures"])


def _figures(row: ET.Element, figures: Iterable[str]) -> None:
    for figure in figures:
        _in(row, "td", figure, class_="number")


def _totals(main: ET.Element, told: Mapping[str, Any]) -> None:
    table = _in(main, "table", class_="totals")
    _in(table, "caption", told["totals_title"])
    body = _in(table, "tbody")
    for one in told["totals"]:
        row = _in(body, "tr", **({"class_": "total"} if one.get("strong") else {}))
        head = _in(row, "th", one["label"], scope="row")
        if one.get("note"):
            _in(head, "small", f" {one['note']}")
        _in(row, "td", one["value"], class_="number")


def _notes(main: ET.Element, told: Mapping[str, Any], language: Language) -> None:
    if told["notes"]:
        _in(main, "h2", language.say("Notes"))
        notes = _in(main, "ul")
        for note in told["notes"]:
            _in(notes, "li", note)


def _calls(main: ET.Element, told: Mapping[str, Any]) -> None:
    body = _in(_headed(main, [(name, False) for name in told["head"]], told["title"]), "tbody")
    for call, *facts in told["rows"]:
        row = _in(body, "tr")
        _named(row, "th", call, scope="row", class_="long")
        for fact in facts:
            _in(row, "td", fact)
    if told["first"]:
        _in(main, "p", told["first"])


def _table(main: ET.Element, table: Table, language: Language) -> None:
    heads = [(column.title, column.sort not in {"text", "day"}) for column in table.columns]
    body = _in(_headed(main, heads, table.name), "tbody")
    for values in table.rows:
        row = _in(body, "tr")
        for place, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            text = _shown(column, value, language)
            if not place:
                _named(row, "th", text, scope="row")
            elif column.sort in {"text", "day"}:
                _named(row, "td", text, class_="long")
            else:
                _in(row, "td", text, class_="number")


def _shown(column: Column, value: Any, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return language.day(value)
    if isinstance(value, Decimal | int) and column.sort != "text":
        return language.decimal(value)
    return str(value)
