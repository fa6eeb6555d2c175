"""Which mapping reads a table: the one that was asked for, or the only one that fits."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from wacost.config import ImportMapping
from wacost.errors import PayloadError
from wacost.ingest.files import Source
from wacost.ingest.tables.grid import Grid, UnreadableTableError, grids_of
from wacost.ingest.tables.header import layout_of, named
from wacost.names import nearest

IMPORTED: Final = "imports."
"""How the `format` of a source begins that a mapping has read."""


def table_format(mapping: ImportMapping | None) -> str:
    """Return how the store names a mapping in `sources.format`.

    >>> table_format(ImportMapping("acme", {})), table_format(None)
    ('imports.acme', 'imports.')
    """
    return IMPORTED + (mapping.name if mapping else "")


def tables_among(
    files: Sequence[tuple[int, Source, Path]],
    imports: Mapping[str, ImportMapping],
    wanted: str | None = None,
) -> dict[int, ImportMapping | None]:
    """Return the mapping of every table among some files, by the number of the file.

    Raises:
        PayloadError: as in `mapping_for`.
    """
    return {
        number: mapping_for(source, path, imports, wanted)
        for number, source, path in files
        if is_table(source, path, forced=wanted in imports)
    }


def is_table(source: Source, path: Path, *, forced: bool) -> bool:
    """Tell a table by its name, by what was asked for, and a .txt by being no JSON."""
    if source.is_table or (forced and source.is_named):
        return True
    if not source.name.lower().endswith(".txt"):
        return False
    with path.open("rb") as file:
        return file.read(100).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in {b"{", b"[", b""}


def mapping_for(
    source: Source, path: Path, imports: Mapping[str, ImportMapping], wanted: str | None = None
) -> ImportMapping | None:
    """Return the mapping that reads a table.

    Args:
        source: what the user named.
        path: the file to read.
        imports: the mappings of wacost.toml.
        wanted: the name of one; None: found by the columns.

    Returns:
        None for a table of a folder that none fits.

    Raises:
        PayloadError: none fits a table that was named, or several do.
    """
    if wanted is not None:
        if wanted not in imports:
            raise PayloadError(
                f"there is no [imports.{wanted}] in wacost.toml",
                hint=nearest(wanted, imports, "mapping"),
            )
        if source.is_named and not _fits(imports[wanted], path):
            raise _unfitting(source, path, imports[wanted])
        return imports[wanted]
    fitting = [mapping for mapping in imports.values() if _fits(mapping, path)]
    if len(fitting) == 1:
        return fitting[0]
    if len(fitting) > 1:
        names = ", ".join(mapping.name for mapping in fitting)
        raise PayloadError(
            f"{source.name} can be read by several mappings: {names}",
            hint=f"choose one: wacost ingest {source.name} --format {fitting[0].name}",
        )
    if source.is_named:
        raise _without_mapping(source, path)
    return None


def _fits(mapping: ImportMapping, path: Path) -> bool:
    try:
        return layout_of(mapping, grids_of(path, mapping)) is not None
    except UnreadableTableError:
        return False


def _unfitting(source: Source, path: Path, mapping: ImportMapping) -> PayloadError:
    """Say which columns of a mapping a table has not."""
    names = [name for names in mapping.columns.values() for name in names]
    try:
        found = likely_header(grids_of(path, mapping))
    except UnreadableTableError:
        found = []
    known = {name.casefold() for name in found}
    lacking = ", ".join(name for name in names if name.casefold() not in known) or "a header row"
    return PayloadError(
        f"{source.name} is not of [imports.{mapping.name}]: it lacks {lacking}",
        hint=f"its columns: {', '.join(found) or 'none'}",
    )


def _without_mapping(source: Source, path: Path) -> PayloadError:
    try:
        columns = likely_header(grids_of(path))
    except UnreadableTableError:
        return PayloadError(
            f"{source.name} is damaged, locked or no XLSX workbook", hint="save it anew"
        )
    told = ", ".join(columns) or "none"
    return PayloadError(
        f"{source.name} is a table that no [imports.NAME] of wacost.toml fits; its columns: {told}",
        hint=f"`wacost ingest {shlex.quote(source.name)} --dry-run` guesses a mapping and shows"
        " what it makes",
    )


def likely_header(grids: list[Grid]) -> list[str]:
    """Return the names in the first of the widest rows, in whichever way it is widest."""
    rows = [row.cells for grid in grids for row in grid.head()]
    widest = max(rows, key=lambda cells: sum(bool(cell) for cell in cells), default=[])
    return [name for name in named(widest) if name]
