"""What a workbook says of its cells beside their values, which its reader does not tell.

A computed value may be old, or never was; an error would be read as an empty cell; and a price
can have its currency in its number format alone.
"""

from __future__ import annotations

import html
import io
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from wacost.cards.importing.words import currency_of
from wacost.workbooks import check_room, column_number

_MOST_BYTES: Final = 1 << 28
_MOST_CELLS: Final = 5_000_000
_SHEET: Final = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_LINK: Final = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE: Final = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TAG: Final = re.compile(r"<(?:\w+:)?(row|c|f|v)\b([^<>]*)>([^<]*)")
_OF_CELL: Final = re.compile(r"\b([rst])\s*=\s*[\"']([^\"']*)[\"']")
_PLACE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_FORMAT: Final = re.compile(r"<(?:\w+:)?numFmt\b([^<>]*)>")
_STYLES: Final = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE: Final = re.compile(r"<(?:\w+:)?xf\b([^<>]*)>")
_PERCENTS: Final = ("9", "10")
"""The numbers of the formats 0% and 0.00%, which no workbook writes out."""
_LITERAL: Final = re.compile(
    r"\[\$([^\]-]*)(?:-([0-9A-Fa-f]{1,8}))?\]|\"([^\"]*)\"|(\[[^\]]*\])|[_*].|\\?([^\"\\])"
)
_DOLLARS: Final = {
    "0409": "USD",
    "0C09": "AUD",
    "1009": "CAD",
    "0C0C": "CAD",
    "1409": "NZD",
    "0C04": "HKD",
    "4809": "SGD",
    "1004": "SGD",
    "080A": "MXN",
    "340A": "CLP",
    "240A": "COP",
    "2C0A": "ARS",
}
"""Whose dollar or peso the sign $ is in a format made for a place (its LCID in hexadecimal)."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the values of a sheet, by (row from 1, column from 0).

    Attributes:
        formulas: the cells that are computed.
        errors: cell -> what it shows, like #N/A.
        marks: cell -> the currency, or %, of its number format.
    """

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    marks: dict[tuple[int, int], str] = field(default_factory=dict)


def beside_values(data: bytes) -> dict[str, Beside]:
    """Return what a workbook says beside its values, by sheet.

    Raises:
        ValueError, KeyError: this is no workbook of the XLSX kind.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            names = set(book.namelist())
            if sum(part.file_size for part in book.infolist()) > _MOST_BYTES:
                raise ValueError("it unpacks to more than a price list needs")
            check_room(data, _MOST_CELLS)
            if "xl/workbook.xml" not in names:
                raise ValueError("it is no .xlsx")
            links = _targets(_part(book, "xl/_rels/workbook.xml.rels"))
            marks = _marks(_part(book, "xl/styles.xml")) if "xl/styles.xml" in names else []
            found = {}
            for attributes in map(_attributes, _SHEET.findall(_part(book, "xl/workbook.xml"))):
                link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                part = links.get(link, "")
                if part in names:
                    found[attributes.get("name", "")] = _beside(_part(book, part), marks)
            return found
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def _beside(text: str, marks: Sequence[str]) -> Beside:
    """Read a sheet tag by tag; a cell may leave out where it is: then it is the next one."""
    found = Beside()
    row, column, kind = 0, -1, ""
    for tag, told, value in _TAG.findall(text):
        if tag in {"row", "c"}:
            own = dict(_OF_CELL.findall(told))
            at = own.get("r", "")
        if tag == "row":
            row, column = int(at) if at.isdecimal() else row + 1, -1
        elif tag == "c":
            place, kind = _PLACE.fullmatch(at), own.get("t", "")
            row, column = (int(place[2]), column_number(place[1])) if place else (row, column + 1)
            style = own.get("s", "")
            if style.isdecimal() and int(style) < len(marks) and marks[int(style)]:
                found.marks[row, column] = marks[int(style)]
        elif tag == "f":
            found.formulas.add((row, column))
        elif kind == "e":
            found.errors[row, column] = html.unescape(value).strip()
    return found


def _marks(text: str) -> list[str]:
    """Return the mark of each style of a workbook, "" where its number format has none."""
    formats = [_attributes(told) for told in _FORMAT.findall(text)]
    marks: dict[str, str] = {
        one.get("numFmtId", ""): mark_of(one.get("formatCode", "")) for one in formats
    }
    marks |= dict.fromkeys(_PERCENTS, "%")
    styles = _STYLES.search(text)
    found = _STYLE.findall(styles[0]) if styles else []
    return [marks.get(_attributes(told).get("numFmtId", ""), "") for told in found]


def mark_of(code: str) -> str:
    r"""Return the currency that a number format shows, as it writes it; or %, or "".

    >>> [mark_of(code) for code in ('"$"#,##0.00', "[$€-407]\\ 0.00", "[$$-409]0.00", "0.0%")]
    ['$', '€', 'USD', '%']
    >>> [mark_of(code) for code in ('0.00" per min"', "_-[$R$-416]* #,##0.00_-", "[Red]0.00")]
    ['', 'R$', '']
    """
    plain = ""
    symbol: str
    for symbol, place, quoted, _, sign in _LITERAL.findall(code.partition(";")[0]):
        if symbol == "$" and (whose := _DOLLARS.get(place[-4:].upper().zfill(4))):
            return str(whose)
        for word in (symbol.strip(), quoted.strip()):
            if word and (currency_of(word) or _has_sign(word)):
                return word
        plain += sign
    bare = re.sub(r"[0#?.,\s()/+-]", " ", plain).split()
    return next((word for word in bare if word == "%" or currency_of(word) or _has_sign(word)), "")


def _has_sign(text: str) -> bool:
    return any(unicodedata.category(one) == "Sc" for one in text)


def _part(book: zipfile.ZipFile, name: str) -> str:
    return book.read(name).decode("utf-8", "replace")


def _attributes(text: str) -> Mapping[str, str]:
    return {name: html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(text)}


def _targets(text: str) -> dict[str, str]:
    found = {}
    for attributes in map(_attributes, _LINK.findall(text)):
        target = attributes.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[attributes.get("Id", "")] = part
    return found
