"""The cells of a supplier's table → plain records, every change to them written down."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from wacost.cards.importing.heads import MONEY, PLACES, Head, meaning_of
from wacost.cards.importing.numbers import without_marks
from wacost.cards.importing.sheets import Row, Source
from wacost.cards.importing.words import country_named, plain_words
from wacost.errors import RateCardError

_FEW_FILLED: Final = 2
_ASIDE: Final = {"note", "vs", "region"}
"""Columns from which no price is made."""
_INCREMENTS: Final = re.compile(r"\d{1,3}\s*/\s*\d{1,3}", re.ASCII)
_ERROR: Final = re.compile(r"#[^\s\d]\S{0,20}")
"""What a spreadsheet shows for what it cannot compute, in any language: #N/A, #NV, #¡REF!."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was written otherwise in the supplier's file.

    Attributes:
        row: its line (of a workbook: row).
        column: the column's name there, or what it is about.
        found: what stood there.
        made: what was made of it.
        why: in a few words.
    """

    row: int
    column: str
    found: str
    made: str
    why: str


@dataclass
class Draft:
    """What is known of a file while it is read.

    Attributes:
        changes: every normalisation, in order.
        left_out: (row, text, why) of what is no price.
    """

    source: Source
    head: Head
    changes: list[Change] = field(default_factory=list)
    left_out: list[tuple[int, str, str]] = field(default_factory=list)

    def change(self, row: int, column: str, found: str, made: str, why: str) -> None:
        """Write a normalisation down; what stays as it was is none."""
        if found != made:
            self.changes.append(Change(row, column, found, made, why))

    def refuse(
        self,
        line: int | None,
        told: str,
        *,
        text: str | None = None,
        column: str = "",
        hint: str = "",
    ) -> NoReturn:
        """Refuse the file at a place."""
        raise RateCardError(
            told, file=self.source.file, line=line, column=column, text=text, hint=hint
        )

    def name_of(self, meaning: str) -> str:
        """Return the name of the column with a meaning."""
        column = self.head.columns.get(meaning)
        return self.head.names[column] if column is not None else meaning

    def rate_name(self, record: Record, direction: str) -> str:
        """Return the name of the column in which a row's price stands in the file."""
        if self.head.table.across:
            return record.text("tier")
        return self.head.names[self.head.rates[direction]]

    def labelled(self, meaning: str) -> Iterator[tuple[int, str, str]]:
        """Yield (row, label, value) from above the head: what stands beside a label or below it."""
        rows = self.head.above
        for row, below in zip(rows, [*rows[1:], None], strict=False):
            for column, cell in enumerate(row.cells):
                if cell and meaning_of(cell) == meaning:
                    beside = next(filter(None, row.cells[column + 1 :]), "")
                    under = below.cells[column : column + 1] if below else []
                    values = dict.fromkeys((beside, *under))
                    yield from ((row.line, cell, value) for value in values if value)


@dataclass(frozen=True, slots=True)
class Record:
    """One row: meaning -> text; prices by direction."""

    line: int
    cells: Mapping[str, str]
    rates: Mapping[str, str]

    def text(self, meaning: str) -> str:
        """Return a cell, "" where there is none."""
        return self.cells.get(meaning, "")


def records(draft: Draft) -> list[Record]:
    """Return the rows that have prices, places filled down into rows that only go on."""
    found: list[Record] = []
    held: dict[str, str] = {}
    rows = draft.head.table.rows[draft.head.at + 1 :]
    _check_unknown_columns(draft, rows)
    for number, row in enumerate(rows):
        record = _record(draft, row)
        if record is None:
            continue
        if not any(record.rates.values()):
            held = _without_price(draft, record, rows[number + 1 :], held)
            continue
        found.append(_filled_down(draft, record, held))
        held = {key: found[-1].text(key) for key in (*PLACES, "currency")}
    if not found:
        draft.refuse(draft.head.line, "there is no row with a rate below the head")
    return found


def _record(draft: Draft, row: Row) -> Record | None:
    """Read a row by the head; None where the head is repeated."""
    head = draft.head
    if [" ".join(cell.split()) for cell in row.cells[: len(head.names)]] == head.names:
        draft.left_out.append((row.line, " | ".join(row.cells)[:80], "the head again"))
        return None
    _check_shape(draft, row)
    padded = [*row.cells, *[""] * len(head.names)]
    for meaning, column in (*head.columns.items(), *head.rates.items()):
        if meaning not in _ASIDE:
            _check_computed(draft, row.line, column, padded[column])
    return Record(
        row.line,
        {meaning: padded[column] for meaning, column in head.columns.items()},
        {direction: padded[column] for direction, column in head.rates.items()},
    )


def _check_computed(draft: Draft, line: int, column: int, text: str) -> None:
    """Refuse what a spreadsheet could not compute, or may have computed long ago."""
    told, hint = "", "copy the column and paste its values, then save"
    if _ERROR.fullmatch(text):
        told, hint = "this is a spreadsheet's error, not a value", "put the value in its place"
    elif (line, column) in draft.head.table.formulas:
        told = "this cell is a formula, and its value may be old"
    if told:
        draft.refuse(line, told, column=draft.head.names[column], text=text, hint=hint)


def _check_shape(draft: Draft, row: Row) -> None:
    """Refuse a row that was torn: a comma in a price, or a cell under no name."""
    head = draft.head
    for column, cell in enumerate(row.cells):
        if cell and (column >= len(head.names) or not head.names[column]):
            draft.refuse(
                row.line,
                f"there is a cell beyond the {len(head.names)} columns of the head",
                text=cell,
                hint="is there a comma in a price or a name? Such a cell needs quotes",
            )
    if head.table.name:
        return
    for column in head.rates.values():
        pair = row.cells[column : column + 2]
        torn = len(pair) == _FEW_FILLED and re.fullmatch(r"\D{0,4}\d{1,3}", pair[0])
        if torn and re.fullmatch(r"\d{2,}", pair[1], re.ASCII):
            draft.refuse(
                row.line,
                "a price and whole digits beside it: is there a comma in the price?",
                column=head.names[column],
                text=",".join(pair),
                hint='write it in quotes, "0,0108", or with a point',
            )


def _check_unknown_columns(draft: Draft, rows: list[Row]) -> None:
    """Leave out columns that say nothing of prices; refuse those that do."""
    head = draft.head
    known = {*head.columns.values(), *head.rates.values()}
    for column, name in enumerate(head.names):
        filled = [row for row in rows if column < len(row.cells) and row.cells[column]]
        if column in known or not name or not filled:
            continue
        if all(_INCREMENTS.fullmatch(row.cells[column]) for row in filled):
            draft.refuse(
                filled[0].line,
                "are these increments? The column is not called so",
                column=name,
                text=filled[0].cells[column],
                hint="call it Billing increments, or take it out",
            )
        if MONEY.search(plain_words(name)):
            draft.refuse(
                filled[0].line,
                "this column changes what a call costs, and is not known here",
                column=name,
                text=filled[0].cells[column],
                hint="take it out and put what it says into the rates or the card",
            )
        draft.left_out.append((head.line, name, "a column without a meaning here"))


def _without_price(
    draft: Draft, record: Record, later: list[Row], held: dict[str, str]
) -> dict[str, str]:
    """Judge a row without a rate: a market above its bands, or a note; return what goes on."""
    filled = {key: text for key, text in record.cells.items() if text}
    places = {key: text for key, text in filled.items() if key in PLACES}
    text = " | ".join(filled.values())
    if not filled:
        return held
    following = _record(draft, later[0]) if later else None
    goes_on = following is not None and any(following.rates.values())
    heads_bands = goes_on and not any(following.text(key) for key in PLACES if following)
    if set(filled) == set(places) and heads_bands:
        return dict.fromkeys((*PLACES, "currency"), "") | places
    is_place = any(country_named(without_marks(one)) for one in places.values())
    if len(filled) >= _FEW_FILLED or is_place:
        draft.refuse(
            record.line,
            "this row has no rate",
            text=text[:120],
            hint="write unknown where a band's rate is not told, or n/a in all where calls are not"
            " offered"
            if draft.head.table.across
            else "write n/a where calls are not offered, or take the row out",
        )
    draft.left_out.append((record.line, text[:120], "a note"))
    return held if goes_on else {}


def _filled_down(draft: Draft, record: Record, held: Mapping[str, str]) -> Record:
    """Fill a place into a row that only goes on with the bands of the one above."""
    told = [key for key in PLACES if key in draft.head.columns and record.text(key)]
    if told:
        return record
    if not any(held.get(key) for key in PLACES):
        draft.refuse(record.line, "this row does not say where it is for", text=_shown(record))
    filled = {key: text for key, text in held.items() if text and not record.text(key)}
    for key, text in filled.items():
        draft.change(record.line, draft.name_of(key), "", text, "filled down")
    return Record(record.line, {**record.cells, **filled}, record.rates)


def _shown(record: Record) -> str:
    return " | ".join(text for text in (*record.cells.values(), *record.rates.values()) if text)[
        :120
    ]
