"""A table and the mapping that fits it -> bodies, one per row, for the pipeline of webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from wacost.config import ImportMapping
from wacost.ingest.cut import Record
from wacost.ingest.tables.grid import Row, UnreadableTableError, grids_of
from wacost.ingest.tables.header import Layout, layout_of
from wacost.ingest.tables.rows import RowReader, Told, ignored
from wacost.ingest.tables.summary import SummaryReader


def read_table(path: Path, mapping: ImportMapping | None) -> Iterator[Told]:
    """Yield what each row below the header tells; rows above it are titles.

    Args:
        path: the file; it may be packed.
        mapping: how to read it; None: no mapping fits, and the whole file is one ignored record.
    """
    if mapping is None:
        yield Told(1, ignored("no_mapping"))
        return
    try:
        layout = layout_of(mapping, grids_of(path, mapping))
    except UnreadableTableError as error:
        yield Told(1, None, error.reason)
        return
    if layout is None:
        yield Told(1, None, "no_header")
        return
    yield from rows_told(mapping, layout)


def rows_told(mapping: ImportMapping, layout: Layout) -> Iterator[Told]:
    """Yield what each row below a header tells."""
    reader = reader_of(mapping, layout)
    held: Row | None = None
    for row in layout.grid.rows():
        if row.line <= layout.header.line:
            continue
        if held:
            yield reader.told(held, is_last=False)
        held = row
    if held:
        yield reader.told(held, is_last=True)


def reader_of(mapping: ImportMapping, layout: Layout) -> RowReader:
    """Return what reads the rows of a table of the mapping's kind."""
    return (SummaryReader if mapping.kind == "summary" else RowReader)(mapping, layout)


def records_of(path: Path, mapping: ImportMapping | None) -> Iterator[Record]:
    """Yield the rows of a table as records of a segment."""
    for told in read_table(path, mapping):
        body = json.dumps(told.body, ensure_ascii=False).encode("utf-8", "replace")
        yield Record(told.line, body, told.reason, told.text)
