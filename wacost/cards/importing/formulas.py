"""Which cells of a workbook are computed: the value beside a formula may be old, or never was."""

from __future__ import annotations

import html
import io
import re
import zipfile
from typing import Final

from wacost.workbooks import check_room, column_number

_MOST_BYTES: Final = 1 << 28
_MOST_CELLS: Final = 5_000_000
_SHEET: Final = re.compile(r"<(?:\w+:)?sheet\b([^>]*)>")
_LINK: Final = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)>")
_ATTRIBUTE: Final = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FORMULA: Final = re.compile(
    r"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d+)[\"'][^>]*>\s*<(?:\w+:)?f\b"
)


def formula_cells(data: bytes) -> dict[str, frozenset[tuple[int, int]]]:
    """Return the cells with a formula by sheet: (row from 1, column from 0).

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
            found = {}
            for attributes in map(_attributes, _SHEET.findall(_part(book, "xl/workbook.xml"))):
                link = next((v for k, v in attributes.items() if k.endswith(":id")), "")
                part = links.get(link, "")
                if part in names:
                    cells = _FORMULA.findall(_part(book, part))
                    found[attributes.get("name", "")] = frozenset(
                        (int(row), column_number(letters)) for letters, row in cells
                    )
            return found
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def _part(book: zipfile.ZipFile, name: str) -> str:
    return book.read(name).decode("utf-8", "replace")


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(one or other) for name, one, other in _ATTRIBUTE.findall(text)}


def _targets(text: str) -> dict[str, str]:
    found = {}
    for attributes in map(_attributes, _LINK.findall(text)):
        target = attributes.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        found[attributes.get("Id", "")] = part
    return found
