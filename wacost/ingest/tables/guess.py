"""Guess a mapping from the header and the first cells of a table, for a person to look over.

A guess is never used to load. A header like "Start time" or "Início" is taken for dialling: only
words that say so ("Answered at", "Atendida em") are taken for the pick-up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from wacost.config import ImportMapping
from wacost.config.imports import TIMES
from wacost.ingest.tables.grid import Grid, Row
from wacost.ingest.tables.header import Layout, headers_of, named, places_of
from wacost.ingest.tables.numbers import BadNumberError, number_of
from wacost.ingest.tables.words import Words, is_total, plain

_HEADERS: Final = {
    "started": "answered_at answered_on answer_time answered_time time_answered connected_at"
    " connect_time connected_time pick_up pick_up_time pickup pickup_time picked_up_at"
    " atendida_em atendido_em hora_atendimento hora_do_atendimento data_atendimento atendeu"
    " contestada_a_las contestada_en contestado_en hora_de_respuesta respondida_em",
    "ended": "end ended ended_at end_time call_end call_end_time end_date finished_at hangup_time"
    " fim hora_fim hora_final data_fim termino encerrada_em finalizada_em fin hora_fin fecha_fin"
    " hora_de_fin",
    "dialled": "dialled_at dialed_at start started started_at start_time start_date call_start"
    " call_start_time date_time datetime date_and_time call_time call_date date data_hora"
    " data_e_hora data data_da_chamada data_da_ligacao inicio hora_inicio hora_de_inicio"
    " inicio_da_chamada data_inicio"
    " fecha fecha_hora fecha_y_hora fecha_inicio created created_at timestamp"
    " time hora ligou",
    "duration": "duration call_duration duration_s duration_sec duration_secs duration_seconds"
    " duration_in_seconds duration_ms duration_min duration_minutes talk_time talk_duration billsec"
    " duracao duracao_s duracao_seg duracao_min duracao_da_chamada tempo tempo_de_conversa duracion"
    " duracion_s duracion_seg duracion_min duracion_de_la_llamada tiempo",
    "contact": "contact_number contact_phone customer_number customer_phone client_phone phone"
    " phone_number mobile mobile_number number whatsapp whatsapp_number wa_id contact customer"
    " telefone telefone_do_contato telefone_do_cliente celular numero numero_do_contato contato"
    " cliente telefono telefono_del_cliente movil contacto",
    "direction": "direction call_direction direcao sentido direccion type call_type tipo"
    " tipo_de_chamada tipo_de_llamada",
    "outcome": "status call_status outcome result disposition call_result situacao estado resultado"
    " estado_de_la_llamada status_da_chamada",
    "country": "country country_code pais",
    "caller": "from caller from_number caller_number origem de origen",
    "callee": "to callee to_number called_number destination destino para",
    "call_id": "call_id id call_uuid uuid wacid id_da_chamada id_chamada id_de_llamada id_llamada",
    "business_number": "business_number business_phone our_number linha linea",
    "phone_number_id": "phone_number_id",
    "waba_id": "waba_id",
}
_MEANINGS: Final = {word: key for key, words in _HEADERS.items() for word in words.split()}
_RANKS: Final = {word: n for words in _HEADERS.values() for n, word in enumerate(words.split())}
_NUMBERISH: Final = re.compile(r"[=\"'+(]*\d[\d\s().+\-*•xX#…,eE\"]{4,}|[A-Z]{2}\.\w+", re.ASCII)
_INTERNATIONAL: Final = re.compile(r"\W*(?:whatsapp:|tel:)?\W*(?:\+|00)|[A-Z]{2}\.", re.IGNORECASE)
_CLOCK_ONLY: Final = re.compile(r"\d{1,2}[:h]\d{2}(:\d{2})?\s*([ap]\.?\s?m\.?)?", re.IGNORECASE)
_DATE_ONLY: Final = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_PARTED: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}")
_EXCEL: Final = re.compile(r"4\d{4}[.,]\d+")
_LATIN: Final = ("data", "hora", "telefone", "duracao", "sentido", "fecha", "telefono", "duracion")
_LOOKED_AT: Final = 200


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to be looked over.

    Attributes:
        mapping: as far as it could be told; it may lack what nothing tells.
        layout: where its columns stand.
        notes: what a person has to see to, one sentence each.
    """

    mapping: ImportMapping
    layout: Layout
    notes: tuple[str, ...]


def guess(grids: Sequence[Grid], name: str, timezone: str) -> Guess | None:
    """Guess how to read a table; None where no row looks like a header of calls.

    Args:
        grids: the ways to see it.
        name: of the mapping.
        timezone: of the account, for want of anything better.
    """
    scored = [
        (len(_columns(row, [])), -at, row, grid)
        for grid in grids
        for at, row in enumerate(headers_of(grid))
    ]
    best = max(scored, key=lambda one: one[:2], default=(0, 0, None, None))
    if best[0] < 2 or best[2] is None or best[3] is None:  # noqa: PLR2004 - one word is no header
        return None
    return _guessed(best[2], best[3], name, timezone)


def _guessed(header: Row, grid: Grid, name: str, timezone: str) -> Guess:
    rows = rows_below(grid, header)
    columns = _columns(header, rows)
    bare = ImportMapping(name, columns)
    layout = Layout(grid, header, places_of(bare, header.cells) or {})
    cells = {key: _cells(layout, rows, key) for key in columns}
    times = [cell for key in TIMES for cell in cells.get(key, [])]
    latin = any(plain(cell) in _LATIN for cell in header.cells)
    unit = _time_unit(times)
    day_first, sure = _day_first(times, default=latin or grid.name == ";")
    mapping = replace(
        bare,
        timezone=None if unit in {"seconds", "milliseconds"} else timezone,
        day_first=day_first,
        time_unit=unit,
        duration_unit=_duration_unit(columns.get("duration", ())),
        business_number=_own_number(cells) if "direction" not in columns else None,
    )
    notes = _notes(mapping, cells)
    if not sure:
        notes.append("No date tells whether the day or the month comes first: check day_first.")
    return Guess(mapping, layout, tuple(notes))


def rows_below(grid: Grid, header: Row) -> list[Row]:
    """Return the first rows below a header, without rows of sums and the header once more."""
    rows = []
    for row in grid.rows():
        is_call = row.cells != header.cells and not any(is_total(cell) for cell in row.cells)
        if row.line > header.line and is_call:
            rows.append(row)
        if len(rows) == _LOOKED_AT:
            break
    return rows


def _cells(layout: Layout, rows: Iterable[Row], key: str) -> list[str]:
    places = layout.places.get(key, ())
    found = (" ".join(row.cells[at] for at in places if at < len(row.cells)) for row in rows)
    return [cell for cell in found if cell.strip()]


def _columns(header: Row, rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return meaning -> headers: of several headers with one meaning, the plainest."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for at, name in enumerate(named(header.cells)):
        word = plain(re.sub(r"\(\d+\)$", "", name))
        key = _MEANINGS.get(word)
        if key and _is_likely(key, [row.cells[at] for row in rows if at < len(row.cells)]):
            found.setdefault(key, []).append((_RANKS[word], at, name))
    columns: dict[str, tuple[str, ...]] = {}
    for key, names in found.items():
        columns[key] = (min(names)[2],)
    if pair := _date_and_time(found.get("dialled", []), rows):
        columns["dialled"] = pair
    if "contact" in columns or not {"caller", "callee"} <= columns.keys():
        columns.pop("caller", None)
        columns.pop("callee", None)
    return columns


def tells_calls(header: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a header has a contact or a time: then a row is one call."""
    return not _columns(header, rows).keys().isdisjoint({*TIMES, "contact", "caller", "callee"})


def _is_likely(key: str, cells: Sequence[str]) -> bool:
    """Tell a column of numbers from one of names under the same header."""
    told = [cell for cell in cells if cell]
    if key not in {"contact", "caller", "callee", "business_number"} or not told:
        return True
    return sum(bool(_NUMBERISH.fullmatch(cell)) for cell in told) * 2 >= len(told)


def _date_and_time(
    found: Sequence[tuple[int, int, str]], rows: Sequence[Row]
) -> tuple[str, ...] | None:
    """Return two headers that only together tell when a call was made."""

    def first(shape: re.Pattern[str]) -> str | None:
        fits: Callable[[int], bool] = lambda at: any(  # noqa: E731 - one use, beside it
            shape.fullmatch(row.cells[at]) for row in rows if at < len(row.cells)
        )
        return next((name for _, at, name in sorted(found) if fits(at)), None)

    date, clock = first(_DATE_ONLY), first(_CLOCK_ONLY)
    return (date, clock) if date and clock else None


def _time_unit(cells: Sequence[str]) -> str | None:
    for unit, shape in (
        ("seconds", r"\d{10}(\.\d+)?"),
        ("milliseconds", r"\d{13}"),
        ("excel", _EXCEL.pattern),
    ):
        if cells and all(re.fullmatch(shape, cell) for cell in cells):
            return unit
    return None


def _day_first(cells: Sequence[str], *, default: bool) -> tuple[bool | None, bool]:
    """Return (day first, whether a cell proves it)."""
    pairs = [(int(m[1]), int(m[2])) for cell in cells if (m := _PARTED.match(cell))]
    if not pairs:
        return None, True
    if any(a > 12 for a, _ in pairs):  # noqa: PLR2004 - there is no thirteenth month
        return True, True
    if any(b > 12 for _, b in pairs):  # noqa: PLR2004
        return False, True
    return default, False


def _own_number(cells: dict[str, list[str]]) -> str | None:
    """Return the only number that is caller or callee in every row."""
    callers, callees = (
        [_e164(cell) for cell in cells.get(key, [])] for key in ("caller", "callee")
    )
    if len(callers) != len(callees) or len(callers) < 2:  # noqa: PLR2004 - of one row, either is
        return None
    common = set.intersection(*map(set, zip(callers, callees, strict=True))) - {""}
    return common.pop() if len(common) == 1 else None


def _e164(cell: str) -> str:
    try:
        found = number_of(cell)
    except BadNumberError:
        return ""
    return found if found.isdigit() else ""


def _duration_unit(names: Sequence[str]) -> str:
    words = plain(names[0]).split("_") if names else []
    if {"ms", "milliseconds"} & set(words):
        return "ms"
    return "min" if {"min", "minutes", "minutos"} & set(words) else "s"


def _notes(mapping: ImportMapping, cells: dict[str, list[str]]) -> list[str]:
    words = Words(mapping)
    notes = []
    for key, known in (("outcome", words.outcome), ("direction", words.direction)):
        strange = sorted({cell for cell in cells.get(key, []) if known(cell) is None})[:8]
        if strange:
            told = ", ".join(json.dumps(word, ensure_ascii=False) for word in strange)
            notes.append(f"Words of {key} that are not known, for `words`: {told}.")
    has = mapping.columns.keys()
    if not has & {"direction", "caller"}:
        notes.append('Nothing tells the direction: add direction = "outbound" or "inbound".')
    elif "direction" not in has:
        notes.append(_who_is_ours(mapping.business_number))
    if "started" not in has:
        notes.append(
            "No column tells the pick-up: calls that nothing else tells of as answered are held."
        )
    if not has & set(TIMES):
        notes.append("No column tells a time: name one of dialled, started, ended.")
    if not has & {"contact", "country", "caller"}:
        notes.append("No column tells the contact: name one of contact, country.")
    numbers = [cell for key in ("contact", "caller", "callee") for cell in cells.get(key, [])]
    if numbers and not any(_INTERNATIONAL.match(cell) for cell in numbers):
        notes.append(
            "No number begins with + or 00: they are taken to begin with a country's code. If they"
            ' do not, add calling_code = "55", or the code of your country.'
        )
    if mapping.timezone:
        notes.append(f"Clock times are taken to be of {mapping.timezone}: check timezone.")
    return notes


def _who_is_ours(own: str | None) -> str:
    if own:
        return f"{own} is caller or callee in every row: check that business_number is yours."
    return "Caller or callee is your own number: add business_number, which tells the direction."


def toml_of(mapping: ImportMapping) -> str:
    """Write a mapping as a block for wacost.toml.

    >>> print(toml_of(ImportMapping("a b", {"contact": ("Phone",)}, direction="inbound")))
    [imports."a b"]
    columns = { contact = "Phone" }
    direction = "inbound"
    """
    columns = ", ".join(
        f"{key} = {_toml(names[0] if len(names) == 1 else list(names))}"
        for key, names in mapping.columns.items()
    )
    lines = [f"[imports.{_key(mapping.name)}]", f"columns = {{ {columns} }}"]
    if mapping.kind != "calls":
        lines.append(f"kind = {_toml(mapping.kind)}")
    keys = (
        "timezone",
        "day_first",
        "time_unit",
        "direction",
        "business_number",
        "month",
        "decimal",
    )
    for key in keys:
        value = getattr(mapping, key)
        if value is not None:
            lines.append(f"{key} = {_toml(value)}")
    if mapping.duration_unit != "s":
        lines.append(f"duration_unit = {_toml(mapping.duration_unit)}")
    return "\n".join(lines)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else _toml(name)


def _toml(value: Any) -> str:
    """Write text, a truth or a list of texts; JSON's form of them is TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
