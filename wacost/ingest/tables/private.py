"""Which tables of the inbox name somebody, with or without a mapping that reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from wacost.errors import MissingExtraError
from wacost.ingest.files import table_files
from wacost.ingest.tables.grid import UnreadableTableError, grids_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_NUMBER: Final = re.compile(r"\d[\d .()/\-\u00a0]{6,}\d", re.ASCII)
_LEAST: Final = 8
_WHOLE: Final = ("", "cut_row")  # of a row behind an open quotation mark all is there to look at


def tables_naming(home: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return the tables of the inbox that name somebody, or that cannot be read.

    Args:
        home: the workspace.
        names: numbers in digits, and user ids.
    """
    tables = table_files(home / "inbox")
    return tuple(p.relative_to(home).as_posix() for p in tables if _may_name(p, names))


def _may_name(path: Path, names: Sequence[str]) -> bool:
    try:
        grids = grids_of(path)
        grids = grids[:1] if grids and grids[0].encoding else grids  # separators do not matter here
        return any(
            is_named("\n".join(row.cells), names) or row.broken not in _WHOLE
            for grid in grids
            for row in grid.rows()
        )
    except (MissingExtraError, UnreadableTableError):
        return True


def is_named(text: str, names: Sequence[str]) -> bool:
    """Tell whether a text has one of some names in it, a number also without its country's code.

    >>> is_named("Ana;+55 (11) 98765-4321;1:15", ["5511987654321"])
    True
    >>> is_named("11 98765-4321", ["5511987654321"]), is_named("x,447700900123", ["5511987654321"])
    (True, False)
    """
    if any(name in text for name in names):
        return True
    told = {re.sub(r"\D", "", number).lstrip("0") for number in _NUMBER.findall(text)}
    return any(
        name in digits or (len(digits) >= _LEAST and name.endswith(digits))
        for digits in told
        for name in names
        if name.isdecimal()
    )
