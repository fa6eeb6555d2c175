"""Meta's bodies: one segment of lines -> judged records as Parquet, and what was quarantined.

Each segment is parsed by a DuckDB of its own with one thread: counting rows makes a query nearly
single-threaded, so segments are what runs side by side.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import duckdb

from wacost.ingest.cut import MOST_LINE, Refused, Segment
from wacost.ingest.reasons import QUARANTINED, sentence, sql_list
from wacost.ingest.reshape import UnreadableError, read_line, records_of, reshaped
from wacost.ingest.scrub import scrubbed, scrubbed_text
from wacost.ingest.shape import ENTRY, sql_type
from wacost.store.connection import CONFIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.ingest.cut import Cutter

_HERE: Final = Path(__file__).resolve().parent
_FETCHED: Final = 10_000
REFUSED_COLUMNS: Final = {
    "source": "INTEGER",
    "line": "BIGINT",
    "item": "INTEGER",
    "reason": "VARCHAR",
    "message": "VARCHAR",
    "call_id": "VARCHAR",
    "text": "VARCHAR",
}
"""What a quarantined record is on its way into the store."""


@dataclass(frozen=True)
class Parsed:
    """What became of a segment: two files for the store to read."""

    records: list[Path]
    """Parquet: every record that DuckDB could take apart, with its reason where it has one."""
    refused: Path
    """JSON lines: every quarantined record with its text."""


def parse(segment: Segment, cutter: Cutter, placeholder: str, memory: str) -> Parsed:
    """Parse one segment.

    Args:
        segment: whole lines.
        cutter: makes a copy with placeholders where the segment has blank lines.
        placeholder: the word in `object` of a line that is no body.
        memory: DuckDB's memory limit, as it writes it.
    """
    with duckdb.connect(config={**CONFIG, "threads": 1, "memory_limit": memory}) as con:
        con.execute("SET temp_directory = ?", [str(segment.path.parent / "spill")])
        rows = _read(con, _reader(segment.path, with_row=False), placeholder)
        if rows != segment.rows:
            segment = cutter.filled(segment)
            _read(con, _reader(segment.path, with_row=False), placeholder)
        return _write(con, segment, placeholder)


def _write(con: duckdb.DuckDBPyConnection, segment: Segment, placeholder: str) -> Parsed:
    base = segment.path.with_suffix("")
    places = _Places(segment.runs)
    refused, odd = base.with_suffix(".refused.jsonl"), base.with_suffix(".odd.jsonl")
    records = [base.with_suffix(".parquet")]
    with refused.open("w", encoding="utf-8") as out:
        for one in segment.refused:
            _refuse(out, one.source, one.line, 0, one.reason, one.detail, None, one.text)
        odd_rows = _reshape(con, segment, places, out, odd)
        _judge(con)
        _refuse_items(con, segment.path, places, out)
        _copy(con, places, records[0])
        if odd_rows:
            _read(con, _reader(odd, with_row=True), placeholder)
            _judge(con)
            _refuse_items(con, segment.path, places, out)
            records.append(base.with_suffix(".odd.parquet"))
            _copy(con, places, records[1])
    return Parsed(records, refused)


def _reader(path: Path, *, with_row: bool) -> str:
    """Return the SQL that reads bodies; the path is one of our own making."""
    row = "row: 'BIGINT', part: 'INTEGER', " if with_row else ""
    columns = f"{{{row}object: 'VARCHAR', entry: '{sql_type(ENTRY)}'}}"
    name = str(path).replace("'", "''")
    read = (
        f"read_json('{name}', format = 'newline_delimited', compression = 'none',"
        f" ignore_errors = true, maximum_object_size = {MOST_LINE + 1024}, columns = {columns})"
    )
    if with_row:
        return f"{read} AS bodies"
    return f"(SELECT row_number() OVER () AS row, 0 AS part, * FROM {read}) AS bodies"


def _read(con: duckdb.DuckDBPyConnection, bodies: str, placeholder: str) -> int:
    """Make `records` from a reader; return the number of rows that it gave."""
    first, *others = statements("meta.sql")
    con.execute(first.replace("{bodies}", bodies).replace("{placeholder}", placeholder))
    rows = con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    if con.execute("SELECT 1 FROM records WHERE shape = 'many' LIMIT 1").fetchall():
        for statement in others:
            con.execute(statement.replace("{bodies}", bodies))
    return int(rows)


def _judge(con: duckdb.DuckDBPyConnection) -> None:
    for statement in statements("events.sql"):
        con.execute(statement)


def statements(name: str) -> list[str]:
    """Return the statements of an SQL file of this folder.

    A statement ends at a semicolon that ends a line; whole-line comments are left out.
    """
    text = re.sub(r"^--.*\n", "", (_HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [part for part in re.split(r";[ ]*$", text, flags=re.MULTILINE) if part.strip()]


def _copy(con: duckdb.DuckDBPyConnection, places: _Places, path: Path) -> None:
    name = str(path).replace("'", "''")
    con.execute(
        f"COPY (SELECT checked.* EXCLUDE (row), {places.columns} FROM checked {places.join(con)})"
        f" TO '{name}' (FORMAT parquet, COMPRESSION lz4)"
    )


class _Places:
    """Where the rows of a segment come from."""

    def __init__(self, runs: list[tuple[int, int, int]]) -> None:
        self._runs = runs
        first, source, line = runs[0] if runs else (1, 0, 1)
        self.columns = (
            f"{source:d}::INTEGER AS source, row + {line - first:d} AS line"
            if len(runs) < 2  # noqa: PLR2004
            else "runs.source AS source, runs.line + checked.row - runs.row AS line"
        )

    def join(self, con: duckdb.DuckDBPyConnection) -> str:
        """Return the join that `columns` needs, having made its table."""
        if len(self._runs) < 2:  # noqa: PLR2004
            return ""
        con.execute(
            "CREATE OR REPLACE TABLE runs AS SELECT unnest($1)::BIGINT AS row,"
            " unnest($2)::INTEGER AS source, unnest($3)::BIGINT AS line",
            [list(column) for column in zip(*self._runs, strict=True)],
        )
        return "ASOF JOIN runs ON checked.row >= runs.row"

    def forward(self) -> _Walk:
        """Return a way to look places up in the order of rows."""
        return _Walk(self._runs)


class _Walk:
    def __init__(self, runs: list[tuple[int, int, int]]) -> None:
        self._runs = runs
        self._at = 0

    def place(self, row: int) -> tuple[int, int]:
        """Return (source, line) of a row; rows are asked for in ascending order."""
        while self._at + 1 < len(self._runs) and self._runs[self._at + 1][0] <= row:
            self._at += 1
        first, source, line = self._runs[self._at]
        return source, line + row - first


# -- what needs the line's own text --------------------------------------------------------------


def _reshape(
    con: duckdb.DuckDBPyConnection, segment: Segment, places: _Places, out: IO[str], odd: Path
) -> int:
    """Refuse the lines that are no JSON; write the others, put in order, to `odd`."""
    con.execute("SELECT DISTINCT row FROM records WHERE shape = 'odd' ORDER BY row")
    walk, written = places.forward(), 0
    with odd.open("w", encoding="utf-8", errors="replace") as file:
        for (row,), raw in _with_lines(con, segment.path):
            try:
                bodies = reshaped(read_line(raw))
            except UnreadableError as error:
                text = scrubbed_text(raw.decode("utf-8", "replace"))
                _refuse(out, *walk.place(row), 0, error.reason, error.detail, None, text)
                continue
            for part, body in enumerate(bodies, start=1):
                file.write(
                    json.dumps({"row": row, "part": part, **body}, ensure_ascii=False) + "\n"
                )
                written += 1
    return written


def _refuse_items(
    con: duckdb.DuckDBPyConnection, path: Path, places: _Places, out: IO[str]
) -> None:
    con.execute(
        "SELECT row, item, reason, CASE WHEN length(call_id) <= 512 THEN call_id END"
        f" FROM checked WHERE reason IN {sql_list(QUARANTINED)} ORDER BY row, item"
    )
    walk = places.forward()
    known_row, found = 0, list[Any]()
    for (row, item, reason, call_id), raw in _with_lines(con, path):
        if row != known_row:
            known_row, found = row, _records(raw)
        text = scrubbed(found[item - 1]) if item <= len(found) else scrubbed_text(_text(raw))
        _refuse(out, *walk.place(row), item, reason, "", call_id, text)


def _records(raw: bytes) -> list[Any]:
    try:
        return list(records_of(read_line(raw)))
    except UnreadableError:  # DuckDB is more lenient than Python, with a comma too many for one
        return []


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _with_lines(
    con: duckdb.DuckDBPyConnection, path: Path
) -> Iterator[tuple[tuple[Any, ...], bytes]]:
    """Yield each row of the open result, which begins with a line number, with that line."""
    with path.open("rb") as file:
        at, raw = 0, b""
        while rows := con.fetchmany(_FETCHED):
            for row in rows:
                while at < row[0]:
                    raw = file.readline()
                    at += 1
                yield row, raw


def _refuse(
    out: IO[str],
    source: int,
    line: int,
    item: int,
    reason: str,
    detail: str,
    call_id: str | None,
    text: str,
) -> None:
    message = f"{sentence(reason)} ({detail})" if detail else sentence(reason)
    values = (source, line, item, reason, message, call_id, text)
    out.write(json.dumps(dict(zip(REFUSED_COLUMNS, values, strict=True))) + "\n")


__all__ = ["Parsed", "Refused", "parse"]
