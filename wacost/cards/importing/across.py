"""A table whose volume bands stand in columns → the same table with a row for each band.

`Market, 0-50k, 50k-250k, 250k+` says what `Market, Volume band, Rate` does in three times the
rows. It is read where the heads tell the bands without doubt: two columns or more beside one
another, each with its bounds, in minutes of a month. All else stays as it was, or is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NoReturn

from wacost.cards.importing.heads import HEAD_ROWS, PLACES, direction_of, meaning_of
from wacost.cards.importing.numbers import without_any_marks
from wacost.cards.importing.sheets import Row, Source, Table
from wacost.cards.importing.tiers import band_in_words
from wacost.cards.importing.words import currency_of, plain_words
from wacost.errors import RateCardError

_LEAST: Final = 2
_SHORT_MINUTES: Final = 1000
"""Bands that begin with fewer minutes may be of one call: who talks for that long?"""
_STEP: Final = re.compile(
    r"(?:tier|band|step|level|faixa|tramo|nivel)\s*\d{1,2}\s*(?::\s*(.+)|\((.+)\))", re.IGNORECASE
)
_MONTH: Final = re.compile(r"\b(?:months?|monthly|mes|mensal|mensual|mensuales|mensais)\b")
_OTHER_UNIT: Final = re.compile(
    r"\b(?:number|volume|count) of (?:calls?|messages?|conversations?|pulses?|seconds?|hours?)\b|"
    r"\b(?:calls?|messages?|conversations?|pulses?|seconds?|hours?|chamadas?|ligacoes|llamadas?) "
    r"(?:(?:per|a|por) (?:month|mes)|monthly)\b"
)
_MONEY: Final = re.compile(
    r"(.+?)\s*\(\s*(?:in )?([^()\d/\s]{1,5})(?:\s*(?:/|per)\s*min\w*\.?)?\s*\)"
)
_TORN: Final = re.compile(r"0\d+", re.ASCII)
_WAY_OUT: Final = (
    "heads like 0-50000, 50001-250000, 250001+, each with its bounds in minutes per month;"
    " or one row for each band: Market, From, To, Rate"
)
_TIER_NAME: Final = "Volume band"

_Band = tuple[int, int | None, bool]


@dataclass(frozen=True, slots=True)
class _Across:
    """Where the bands of a table stand.

    Attributes:
        at: the place of their head among the rows.
        bands: column -> its band.
    """

    file: str
    table: Table
    at: int
    bands: Mapping[int, _Band]

    @property
    def first(self) -> int:
        return min(self.bands)

    @property
    def behind(self) -> int:
        return max(self.bands) + 1

    def refuse(self, told: str, *, at: int | None = None, text: str = "") -> NoReturn:
        row = self.table.rows[self.at if at is None else at]
        shown = text or " | ".join(row.cells)[:120]
        raise RateCardError(told, file=self.file, line=row.line, text=shown, hint=_WAY_OUT)


def in_rows(source: Source) -> Source:
    """Return a file with one row for each band, where its bands stand in columns.

    Raises:
        RateCardError: they do, and something about them is in doubt.
    """
    return replace(source, tables=[_in_rows(source.file, table) for table in source.tables])


def _in_rows(file: str, table: Table) -> Table:
    found = _find(file, table)
    if found is None:
        return table
    found = _with_names(found)
    _check_columns(found)
    _check_unit(found)
    _check_torn(found)
    return _turned(found)


def _find(file: str, table: Table) -> _Across | None:
    """Return the first row with two bands or more, if a column beside them is of places."""
    for at, row in enumerate(table.rows[:HEAD_ROWS]):
        bands = {column: band for column, cell in enumerate(row.cells) if (band := _band_of(cell))}
        if len(bands) < _LEAST:
            continue
        found = _Across(file, table, at, bands)
        return (
            found if any(_meaning(found, column) in PLACES for column in _beside(found)) else None
        )
    return None


def _band_of(cell: str) -> _Band | None:
    """Read the band that a column is called after.

    >>> _band_of("Tier 2 (50,001 - 250,000)"), _band_of("50k+ (USD)"), _band_of("50001")
    ((50001, 250000, False), (50000, None, False), None)
    """
    return band_in_words(_spelling(cell))


def _spelling(cell: str) -> str:
    """Return the band alone, as the file spells it.

    >>> _spelling("Tier 2: 50k-250k (USD/min)")
    '50k-250k'
    """
    bare = _without_money(cell)[0]
    step = _STEP.fullmatch(bare)
    return (step[1] or step[2]) if step else bare


def _without_money(cell: str) -> tuple[str, str]:
    """Return what a column is called, and the currency that stands behind it, or ""."""
    bare = " ".join(without_any_marks(cell).split())
    found = _MONEY.fullmatch(bare)
    code = currency_of(found[2]) if found else None
    return (found[1], code) if found and code else (bare, "")


def _beside(found: _Across) -> list[int]:
    """Return the columns that are no bands, those above the head included."""
    rows = found.table.rows[: found.at + 1]
    return [n for n in range(max(len(row.cells) for row in rows)) if n not in found.bands]


def _meaning(found: _Across, column: int) -> str:
    """Return what a column beside the bands means; its name may stand in the row above."""
    for row in found.table.rows[max(0, found.at - 1) : found.at + 1][::-1]:
        if column < len(row.cells) and row.cells[column]:
            return meaning_of(row.cells[column])
    return ""


def _with_names(found: _Across) -> _Across:
    """Take names that stand a row higher, merged with the head, down into it."""
    rows = list(found.table.rows)
    at = found.at
    if not at:
        return found
    width = max(len(rows[at].cells), len(rows[at - 1].cells))
    above, head = ([*row.cells, *[""] * (width - len(row.cells))] for row in rows[at - 1 : at + 1])
    for column in _beside(found):
        if column < width and not head[column] and meaning_of(above[column]):
            head[column], above[column] = above[column], ""
    rows[at - 1 : at + 1] = [Row(rows[at - 1].line, above), Row(rows[at].line, head)]
    return replace(found, table=replace(found.table, rows=rows))


def _check_columns(found: _Across) -> None:
    if found.behind - found.first != len(found.bands):
        between = set(range(found.first, found.behind)) - set(found.bands)
        cells = found.table.rows[found.at].cells
        named = ", ".join(repr(cells[column]) for column in sorted(between))
        found.refuse(f"between the columns of bands stands what is none: {named}")
    if len(set(found.bands.values())) != len(found.bands):
        found.refuse("two columns are of the same band: which is meant?")
    told = {_meaning(found, column) for column in _beside(found)}
    if told & {"from", "to", "tier"}:
        found.refuse("bands stand in columns, and in rows as well: which is meant?")


def _check_unit(found: _Across) -> None:
    """Refuse bands of anything but minutes of a month."""
    above = [cell for row in found.table.rows[: found.at] for cell in row.cells]
    said = plain_words(" ".join([*above, *found.table.rows[found.at].cells]))
    if other := _OTHER_UNIT.search(said):
        found.refuse(f"these bands are not of minutes: {other[0]!r}")
    lowest = min(
        bound
        for lower, upper, _ in found.bands.values()
        for bound in (lower, upper)
        if bound is not None and bound > 1
    )
    if lowest < _SHORT_MINUTES and not _MONTH.search(said):
        found.refuse("are these minutes of a month, or of one call? The heads do not say")


def _check_torn(found: _Across) -> None:
    """Refuse a text in which a comma tore a price: 0,0108 is no 0 beside 0108."""
    if found.table.name:
        return
    for at, row in enumerate(found.table.rows[found.at + 1 :], found.at + 1):
        for one, other in pairwise(row.cells[found.first : found.behind]):
            if _TORN.fullmatch(other) or (one == "0" and other.isdecimal() and len(other) > 1):
                told = "a price and whole digits beside it: is there a comma in the price?"
                found.refuse(told, at=at, text=f"{one},{other}")


def _turned(found: _Across) -> Table:
    table, head = found.table, found.table.rows[found.at].cells
    rate = found.first + 1
    names = tuple(_spelling(head[column]) for column in sorted(found.bands))
    rows = [
        *(
            _split(found, row, "", " ".join(_of_bands(found, row)))
            for row in table.rows[: found.at]
        ),
        _split(found, table.rows[found.at], _TIER_NAME, _rate_name(found)),
        *(turned for row in table.rows[found.at + 1 :] for turned in _by_band(found, row, names)),
    ]
    shift = len(found.bands) - 2
    formulas = frozenset(
        (line, rate if column in found.bands else column - shift * (column >= found.behind))
        for line, column in table.formulas
    )
    return Table(table.name, rows, formulas, names)


def _by_band(found: _Across, row: Row, names: Sequence[str]) -> list[Row]:
    """Return a row for each band; a row without any price, a note or a heading, stays one."""
    prices = row.cells[found.first : found.behind]
    if not any(prices):
        return [_split(found, row, "", "")]
    prices += [""] * (len(names) - len(prices))
    return [_split(found, row, name, price) for name, price in zip(names, prices, strict=True)]


def _split(found: _Across, row: Row, tier: str, rate: str) -> Row:
    """Return a row with two cells in place of those under the bands."""
    before = [*row.cells, *[""] * found.first][: found.first]
    return Row(row.line, [*before, tier, rate, *row.cells[found.behind :]])


def _of_bands(found: _Across, row: Row) -> list[str]:
    """Return what stands above the bands, each text once."""
    return list(dict.fromkeys(filter(None, row.cells[found.first : found.behind])))


def _rate_name(found: _Across) -> str:
    """Return a name for the column of prices: with direction and currency, where they are told."""
    head = found.table.rows[found.at].cells
    codes = {_without_money(head[column])[1] for column in found.bands}
    if len(codes) > 1:
        found.refuse("the columns of bands name more than one currency, or not each the same")
    code = codes.pop()
    return f"{_direction(found)}rate {f'({code})' if code else ''}".strip()


def _direction(found: _Across) -> str:
    """Return the direction that stands above the bands; "" where none does."""
    above = [text for row in found.table.rows[: found.at] for text in _of_bands(found, row)]
    told = {direction_of(text) for text in above} - {""}
    if len(told) > 1:
        found.refuse("there are bands for calls in both directions: import each for itself")
    return "".join(f"{one} " for one in told)
