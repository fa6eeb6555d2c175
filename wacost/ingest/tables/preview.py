"""What a load of a table would make of its first rows: nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from wacost.config import Config, ImportMapping
from wacost.config.imports import TIMES
from wacost.dialplan import country_of
from wacost.errors import PayloadError
from wacost.ingest.files import Source, find_sources
from wacost.ingest.reasons import sentence
from wacost.ingest.report import IngestReport
from wacost.ingest.run import trial
from wacost.ingest.tables.choose import is_table, likely_header, mapping_for
from wacost.ingest.tables.grid import Grid, UnreadableTableError, grids_of
from wacost.ingest.tables.guess import Guess, guess, toml_of
from wacost.ingest.tables.guess_summary import guess_summary
from wacost.ingest.tables.header import layout_of, named
from wacost.ingest.tables.read import reader_of
from wacost.ingest.tables.rows import Told

SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """A table before and after.

    Attributes:
        source: its name.
        mapping: how it is read.
        is_guessed: the mapping stands in no wacost.toml yet.
        columns: the names of the table.
        rows: (line, cells, what becomes of them) of the first rows.
        notes: what a person has to see to.
    """

    source: str
    mapping: ImportMapping
    is_guessed: bool
    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...], dict[str, str]], ...]
    notes: tuple[str, ...] = ()

    @property
    def toml(self) -> str:
        """The mapping as a block for wacost.toml."""
        return toml_of(self.mapping)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "source": self.source,
            "mapping": self.mapping.name,
            "guessed": self.is_guessed,
            "toml": self.toml if self.is_guessed else None,
            "notes": list(self.notes),
            "rows": [
                {
                    "line": line,
                    "before": dict(zip(self.columns, cells, strict=False)),
                    "after": made,
                }
                for line, cells, made in self.rows
            ],
        }


def previews(
    paths: Sequence[Path | Literal["-"]],
    config: Config,
    *,
    wanted: str | None = None,
    name: str = "mine",
) -> tuple[list[Preview], IngestReport]:
    """Show every table among some paths, and count what a load into an empty store would give.

    Args:
        paths: as in `ingest`; standard input is counted and not shown.
        config: of the workspace; its account's zone goes into a guess where it has one account.
        wanted: the name of a mapping or of a format.
        name: of a mapping that is guessed.
    """
    zones = {account.timezone for account in config.accounts.values()}
    zone = zones.pop() if len(zones) == 1 else "UTC"
    imports = dict(config.imports)
    by = wanted if wanted in imports else None
    shown = []
    for source in find_sources(paths, config.folder.absolute()):
        if source.path and is_table(source, source.path, forced=by is not None):
            with suppress(*(() if source.is_named else (PayloadError,))):  # counted, not shown
                shown.append(
                    preview(source, source.path, imports, wanted=by, name=name, timezone=zone)
                )
    imports |= {one.mapping.name: one.mapping for one in shown if one.is_guessed}
    return shown, trial(paths, imports=imports, format=wanted)


def preview(
    source: Source,
    path: Path,
    imports: Mapping[str, ImportMapping],
    *,
    wanted: str | None = None,
    name: str = "mine",
    timezone: str = "UTC",
) -> Preview:
    """Show what the first rows of a table become, by its mapping or by one that is guessed.

    Args:
        source: as the user named it.
        path: the file.
        imports: the mappings of wacost.toml.
        wanted: the name of one.
        name: of the mapping that is guessed.
        timezone: of the account.

    Raises:
        PayloadError: nothing in the file looks like a header of calls.
    """
    quiet = Source(source.name, source.path, is_named=wanted is not None)
    mapping = mapping_for(quiet, path, imports, wanted)
    try:
        grids = grids_of(path, mapping)
    except UnreadableTableError as error:
        raise PayloadError(f"{source.name}: {sentence(error.reason)}") from None
    layout = layout_of(mapping, grids) if mapping else None
    notes: tuple[str, ...] = ()
    if mapping is None or layout is None:
        guessed = _guessed(grids, name, timezone)
        if guessed is None:
            raise PayloadError(
                f"{source.name} has no row that looks like the header of a call log",
                hint=f"its columns: {', '.join(likely_header(grids)) or 'none'}",
            )
        mapping, layout, notes = guessed.mapping, guessed.layout, guessed.notes
    reader = reader_of(mapping, layout)
    below = (row for row in layout.grid.rows() if row.line > layout.header.line)
    first = list(islice(below, SHOWN + 1))
    rows = [
        (row.line, tuple(row.cells), _after(reader.told(row, is_last=at == len(first))))
        for at, row in enumerate(first[:SHOWN], start=1)
    ]
    columns = tuple(named(layout.header.cells))
    return Preview(source.name, mapping, mapping.name not in imports, columns, tuple(rows), notes)


def _guessed(grids: Sequence[Grid], name: str, timezone: str) -> Guess | None:
    """Guess how to read a table; a sheet of calls is worth more than one of sums beside it."""
    calls = guess(grids, name, timezone)
    told = calls.mapping.columns.keys() if calls else set()
    if told & set(TIMES) and told & {"contact", "caller"}:
        return calls
    return guess_summary(grids, name) or calls


def _after(told: Told) -> dict[str, str]:
    """Return what a person wants to know of a row: the call, or the reason against it."""
    if told.body is None:
        return {"quarantined": told.reason}
    change = told.body["entry"][0]["changes"][0]
    if change["field"] == "wacost_summary":
        return dict(change["value"]["wacost_summary"])
    if change["field"] != "calls":
        return {"ignored": change["field"].removeprefix("wacost_")}
    value = change["value"]
    (item,), (contact,) = value["calls"], value["contacts"]
    made = {
        "direction": "inbound" if item["direction"] == "USER_INITIATED" else "outbound",
        "contact": contact.get("wa_id") or contact.get("user_id") or "",
        "country": country_of(contact.get("wa_id", "")) or contact["profile"]["country_code"],
        "first": _utc(item["timestamp"]),
        "picked up": _utc(item.get("start_time")),
        "ended": _utc(item.get("end_time")),
        "seconds": item.get("duration", ""),
        "status": item["status"],
        "held": item.get("wacost_held", ""),
    }
    return {key: text for key, text in made.items() if text}


def _utc(seconds: str | None) -> str:
    if seconds is None:
        return ""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
