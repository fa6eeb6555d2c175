"""Take the person out of the rows of a table: they tell the same call, under its new names.

A row that was redacted has the new contact and the new id of its call in the place of the contact,
from where they are read again. Columns that the mapping does not name may tell anything of a
person: they are emptied with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from wacost.ingest.erase import Gone, is_new_id
from wacost.ingest.tables.grid import Row
from wacost.ingest.tables.header import Layout
from wacost.ingest.tables.private import is_named
from wacost.ingest.tables.rows import LOST, RowReader, Told, gone_cell

_PEOPLE: Final = ("contact", "caller", "callee")
_LETTER: Final = re.compile(r"[^\W\d_xX]")  # an x may mask a digit
_FIGURE: Final = re.compile(r"\d")
_SIGN: Final = re.compile(r"[A-Za-z]|[^\x00-\x7f\s]")
_OPEN: Final = ("open_quote", "cut_row")


class StillTellingError(Exception):
    """A table tells of persons in a way that cannot be taken out."""


@dataclass(frozen=True)
class RowEraser:
    """What to take out of rows.

    Attributes:
        call: an id as it was told -> what has become of the call; None: it is as it was.
        before: calls that began before this second must be known, or nobody can say whose a row
            is; None: somebody is forgotten.
        living: ids of the calls before that moment that are not over.
        names: of somebody who is forgotten.
        over: refused rows lose their person too.
    """

    call: Callable[[str], Gone | None]
    before: float | None
    living: Collection[str]
    names: Sequence[str]
    over: bool = False

    def where_over(self, *, over: bool) -> RowEraser:
        """Return the same for a file in which everything is to be redacted, or not."""
        return replace(self, over=over)

    def changes(self, reader: RowReader, layout: Layout) -> dict[int, list[str]]:
        """Return the new cells of the rows that change, by their lines.

        Raises:
            StillTellingError: a row may tell of somebody, and nobody can say of whom.
        """
        rows = [row for row in layout.grid.rows() if row.line > layout.header.line]
        made = {}
        for row in rows:
            one = _Erased(reader, layout, row, is_last=row is rows[-1])
            if (cells := self._row(one)) and cells != row.cells:
                made[row.line] = cells
        return made

    def _row(self, one: _Erased) -> list[str] | None:
        if one.told.body is None:
            named = any(is_named(cell, self.names) for cell in one.row.cells)
            return one.refused() if self.over or named else None
        item = one.item
        if item is None:
            return None
        found = self.call(item["id"])
        if found and found.whole:
            return one.without(found)
        known = found is not None or is_new_id(item["id"]) or item["id"] in self.living
        if not known and self.before is not None and int(item["timestamp"]) < self.before:
            raise StillTellingError
        return None


class _Erased:
    """One row on its way."""

    def __init__(self, reader: RowReader, layout: Layout, row: Row, *, is_last: bool) -> None:
        self._reader, self._is_last = reader, is_last
        self._places = layout.places
        self._meanings = {at: m for m, places in layout.places.items() for at in places}
        self.row, self.told = row, reader.told(row, is_last=is_last)
        self.item = _item(self.told)

    def without(self, gone: Gone) -> list[str]:
        """Return the cells of a call that lost its contact; the row tells the same call."""
        cells = self._cells(self._new_cells(gone))
        item = _item(self._again(cells)) or {}
        expected = {k: v for k, v in (self.item or {}).items() if k != "biz_opaque_callback_data"}
        if item != {**expected, "id": gone.call_id}:
            raise StillTellingError
        return cells

    def refused(self) -> list[str]:
        """Return the cells of a refused row without a person; it is refused for the same reason."""
        if self.row.broken and self.told.reason not in _OPEN:
            raise StillTellingError
        for cells in self._refused():
            again = self._again(cells)
            if (again.body, again.reason) == (None, self.told.reason):
                return cells
        raise StillTellingError

    def _refused(self) -> Iterator[list[str]]:
        """Yield what may stand for a refused row; of what a quotation mark swallowed the structure.

        Whole rows stand in a cell of such a row, so no column says what is a person's.
        """
        if self.told.reason == "open_quote" or self.row.broken:
            yield [structure(cell) for cell in self.row.cells]
            return
        for stand_in in (_same_shape, _somebody):
            yield self._cells(self._stand_ins(stand_in))

    def _again(self, cells: list[str]) -> Told:
        row = Row(self.row.line, cells, self.row.broken)
        return self._reader.told(row, is_last=self._is_last)

    def _cells(self, new: Mapping[int, str]) -> list[str]:
        return [
            new.get(at, cell) if at in self._meanings else ""
            for at, cell in enumerate(self.row.cells)
        ]

    def _new_cells(self, gone: Gone) -> dict[int, str]:
        cells = {"tracking": "", "call_id": gone.call_id}
        person = gone_cell(gone.contact or "", gone.call_id)
        theirs = [m for m in _PEOPLE if m in self._places and not self._is_ours(m, gone)]
        cells |= dict.fromkeys(theirs, person)
        return dict(self._spread(cells))

    def _is_ours(self, meaning: str, gone: Gone) -> bool:
        return bool(gone.business) and self._reader.number(self.row, meaning) == gone.business

    def _stand_ins(self, stand_in: Callable[[str], str]) -> dict[int, str]:
        people = {at for m in (*_PEOPLE, "call_id") for at in self._places.get(m, ())}
        cells = {at: stand_in(cell) for at, cell in enumerate(self.row.cells) if at in people}
        return {**cells, **dict(self._spread({"tracking": ""}))}

    def _spread(self, cells: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        """Yield what each column gets: of several that make one, the last has it all."""
        for meaning, cell in cells.items():
            *first, last = self._places.get(meaning, (-1,))
            yield from ((at, "") for at in first)
            yield last, cell


def structure(text: str) -> str:
    """Keep only the structure of a text: its separators, quotes, lines and lengths.

    >>> structure('"Ana Müller;+55 11 98765-4321')
    '"qqq qqqqqq;+00 00 00000-0000'
    """
    return _FIGURE.sub("0", _SIGN.sub(lambda sign: sign[0] if sign[0].isdigit() else "q", text))


def _same_shape(cell: str) -> str:
    """Keep of a cell what it looks like.

    >>> _same_shape("+55 11 9****-4321"), _same_shape("Ana 5511"), _same_shape("5,51E+12")
    ('+00 00 0****-0000', 'qqq 0000', '0,00E+00')
    """
    return _FIGURE.sub("0", cell if LOST.fullmatch(cell) else _LETTER.sub("q", cell))


def _somebody(cell: str) -> str:
    """Return a contact that nobody is, where there is one."""
    return "ZZ.redacted" if cell else ""


def _item(told: Told) -> dict[str, Any] | None:
    """Return the call that a row tells; None where it tells none."""
    if told.body is None:
        return None
    value = told.body["entry"][0]["changes"][0]["value"]
    calls = value.get("calls")
    return calls[0] if calls else None
