"""Guess that a table is a summary: countries, how many calls, how many minutes, and no call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from wacost.config import ImportMapping
from wacost.ingest.tables.grid import Grid, Row
from wacost.ingest.tables.guess import Guess, rows_below, tells_calls
from wacost.ingest.tables.header import Layout, headers_of, named, places_of
from wacost.ingest.tables.words import plain

_HEADERS: Final = {
    "country": "country country_code country_name pais destination_country pais_de_destino"
    " destination destino",
    "calls": "answered_calls calls_answered connected_calls calls total_calls number_of_calls"
    " call_count num_calls chamadas_atendidas chamadas total_de_chamadas ligacoes"
    " numero_de_chamadas qtd_chamadas llamadas_contestadas llamadas total_de_llamadas"
    " numero_de_llamadas",
    "minutes": "minutes total_minutes talk_minutes call_minutes duration_min duration_minutes"
    " total_duration_minutes mins min minutos total_de_minutos minutos_totales duracao_min"
    " duracion_min",
    "direction": "direction call_direction direcao sentido direccion",
    "month": "month billing_month period mes periodo",
}
_MEANINGS: Final = {word: key for key, words in _HEADERS.items() for word in words.split()}
_RANKS: Final = {word: n for words in _HEADERS.values() for n, word in enumerate(words.split())}
_NEEDED: Final = {"country", "calls", "minutes"}
_GROUPED: Final = {sign: re.compile(rf"\d{{1,3}}[{sign}]\d{{3}}", re.ASCII) for sign in ",."}


def guess_summary(grids: Sequence[Grid], name: str) -> Guess | None:
    """Guess how to read a table of countries, calls and minutes; None where it is none.

    Args:
        grids: the ways to see it.
        name: of the mapping.
    """
    for grid in grids:
        for header in headers_of(grid):
            columns = _columns(header)
            if columns.keys() >= _NEEDED:
                rows = rows_below(grid, header)
                return (
                    None
                    if tells_calls(header, rows)
                    else _guessed(header, grid, rows, columns, name)
                )
    return None


def _columns(header: Row) -> dict[str, tuple[str, ...]]:
    """Return meaning -> header: of several with one meaning, the plainest."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in named(header.cells):
        word = plain(name)
        if key := _MEANINGS.get(word):
            found.setdefault(key, []).append((_RANKS[word], name))
    return {key: (min(names)[1],) for key, names in found.items()}


def _guessed(
    header: Row, grid: Grid, rows: Sequence[Row], columns: dict[str, tuple[str, ...]], name: str
) -> Guess:
    mapping = ImportMapping(name, columns, kind="summary")
    layout = Layout(grid, header, places_of(mapping, header.cells) or {})
    return Guess(mapping, layout, tuple(_notes(mapping, layout, rows)))


def _notes(mapping: ImportMapping, layout: Layout, rows: Sequence[Row]) -> list[str]:
    notes = [
        f'Nothing tells the {key}: add {key} = "{example}".'
        for key, example in (("direction", "outbound"), ("month", "2026-10"))
        if key not in mapping.columns
    ]
    figures = [
        row.cells[at]
        for key in ("calls", "minutes")
        for at in layout.places[key]
        for row in rows
        if at < len(row.cells)
    ]
    for sign, shape in _GROUPED.items():
        if any(shape.fullmatch(cell) for cell in figures):
            notes.append(
                f'Figures like 1{sign}234 can be read in two ways: add decimal = "," or ".".'
            )
    notes.append("A row is many calls: it gives bounds of their cost, and no charge.")
    return notes
