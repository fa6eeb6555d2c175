"""Meta's bodies: one segment of lines -> judged records as Parquet, and what was quarantined.

All segments of a batch are parsed in one DuckDB in memory, each by a cursor of its own with one
thread: counting rows makes a query nearly single-threaded, so segments are what runs side by side.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import duckdb

from wacost.ingest.cut import MOST_LINE
from wacost.ingest.formats import META, taken
from wacost.ingest.lines import with_lines
from wacost.ingest.reasons import QUARANTINED, sentence
from wacost.ingest.reshape import UnreadableError, read_line, records_of, reshaped
from wacost.ingest.scrub import scrubbed, scrubbed_text
from wacost.ingest.shape import CALLS_ENTRY, ENTRY, sql_type
from wacost.store.connection import CONFIG, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wacost.ingest.cut import Cutter, Segment

_HERE: Final = Path(__file__).resolve().parent
_FETCHED: Final = 10_000
_NOT_META: Final = ["no_entry", "other_object", "no_changes", "no_items", "no_id"]
"""Reasons that another format's body may have got where it was taken for Meta's."""
# Read once and soon: what packs well by a dictionary is packed, nothing more is worth the time.
_PARQUET: Final = "(FORMAT parquet, COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 5000)"
# Records that are no events, and bodies that have to be looked at again: few.
_STRANGE: Final = """
CREATE TEMP TABLE strange (
    row BIGINT, part INTEGER, item INTEGER, shape VARCHAR, reason VARCHAR, call_id VARCHAR,
    source INTEGER, line BIGINT
)
"""
_MANY_ROWS: Final = """
CREATE OR REPLACE TEMP TABLE many_rows AS
SELECT row, part FROM strange WHERE shape = 'many' AND (part > 0) = $1
"""
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
    """What became of a segment: files for the store to read."""

    records: list[Path]
    """Parquet: every record of a call, with its reason where it was not understood."""
    others: list[Path]
    """Parquet: every other record, likewise."""
    refused: Path
    """JSON lines: every quarantined record with its text."""
    formats: frozenset[tuple[int, str]] = frozenset()
    """(source number, name) of every format that was found."""


@contextmanager
def parser(spill: Path, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the DuckDB whose cursors `parse` segments, for the time of a `with` block.

    Args:
        spill: the folder for what does not fit into memory.
        memory: DuckDB's memory limit, as it writes it.
    """
    with duckdb.connect(config={**CONFIG, "threads": 1, "memory_limit": memory}) as con:
        con.execute("SET temp_directory = ?", [str(spill)])
        for macro in (*statements("events.sql")[:-1], *statements("others.sql")[:-1]):
            con.execute(macro)
        yield con


def parse(
    con: duckdb.DuckDBPyConnection,
    segment: Segment,
    cutter: Cutter,
    placeholder: str,
    wanted: str | None = None,
) -> Parsed:
    """Parse one segment.

    Args:
        con: a cursor of `parser`, for this segment alone.
        segment: whole lines.
        cutter: made the segment, and makes a copy with placeholders where it has blank lines.
        placeholder: the word in `object` of a line that is no body.
        wanted: the only format that may come; None: any that is known.
    """
    with con:
        settle(con)
        return _Parser(con, segment, placeholder, wanted).run(cutter)


class _Parser:
    """One segment on its way through DuckDB."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        segment: Segment,
        placeholder: str,
        wanted: str | None,
    ) -> None:
        self._con, self._segment, self._placeholder = con, segment, placeholder
        self._wanted = wanted
        self._formats: set[tuple[int, str]] = set()
        self._base = segment.base
        self._places = _Places(segment.runs)
        self._others: list[Path] = []
        self._is_meta = wanted in (None, META)
        con.execute(_STRANGE)

    def run(self, cutter: Cutter) -> Parsed:
        """Read the lines, then those among them that had to be put in order."""
        records = self._read(self._segment.path, "records", with_row=False)
        if self._rows(records[0]) != self._segment.rows:
            self._segment = cutter.filled(self._segment)
            self._forget()
            records = self._read(self._segment.path, "records", with_row=False)
        records = self._left_to_formats(records)
        refused, odd = self._path("refused.jsonl"), self._path("odd.jsonl")
        with refused.open("w", encoding="utf-8") as out:
            for one in self._segment.refused:
                _refuse(out, (one.source, one.line), 0, one.reason, one.text, detail=one.detail)
            self._note_meta([*records, *self._others])
            if self._reshape(out, odd):
                records += self._read(odd, "odd", with_row=True)
            self._refuse_items(out)
        cutter.take_back(self._segment)
        return Parsed(records, self._others, refused, frozenset(self._formats))

    def _forget(self) -> None:
        self._others.clear()
        self._con.execute("TRUNCATE strange")

    def _path(self, ending: str) -> Path:
        return self._base.with_name(f"{self._base.name}.{ending}")

    def _read(self, path: Path, name: str, *, with_row: bool) -> list[Path]:
        """Judge every record of a file of bodies; return the Parquet files of calls it makes."""
        simple, others = statements("meta.sql")
        simple = simple.replace("{bodies}", _reader(path, CALLS_ENTRY, with_row=with_row))
        simple = simple.replace("{placeholder}", self._placeholder)
        made = [self._copy("events.sql", simple, self._path(f"{name}.parquet"))]
        self._con.execute(_MANY_ROWS, [with_row])
        if self._con.execute("SELECT 1 FROM many_rows LIMIT 1").fetchall():
            self._con.execute(others.replace("{bodies}", _reader(path, ENTRY, with_row=with_row)))
            many = "SELECT * FROM many_items WHERE other IS NULL"
            made.append(self._copy("events.sql", many, self._path(f"{name}.many.parquet")))
            self._others.append(self._copy("others.sql", "", self._path(f"{name}.others.parquet")))
            self._con.execute("DROP TABLE many_items")
        return made

    def _copy(self, judge: str, records: str, path: Path) -> Path:
        """Write what a judging query makes of records, each with its place, to a file."""
        judged = statements(judge)[-1].replace("{records}", records)
        placed = f"SELECT checked.*, {self._places.columns} FROM ({judged}) AS checked"  # noqa: S608
        join = self._places.join(self._con)
        self._con.execute(f"COPY ({placed} {join}) TO {_quoted(path)} {_PARQUET}")
        self._con.execute(
            "INSERT INTO strange SELECT row, part, item, shape, reason, call_id, source, line"
            " FROM read_parquet($1) WHERE shape <> 'one' OR reason IS NOT NULL OR $2",
            [str(path), not self._is_meta],
        )
        return path

    def _rows(self, path: Path) -> int:
        found = self._con.execute("SELECT count(*) FROM read_parquet($1)", [str(path)]).fetchall()
        return int(found[0][0])

    def _left_to_formats(self, records: list[Path]) -> list[Path]:
        """Make odd what was read as Meta's and is not: `formats` reads those rows anew.

        Only rows that have no place among Meta's are looked at again, so that a file of Meta's
        bodies costs nothing more; all of them where another format was asked for.
        """
        if self._is_meta:
            rows = self._rows_of_others()
            if not rows:
                return records
            self._con.execute(
                "CREATE OR REPLACE TEMP TABLE others AS SELECT unnest($1)::BIGINT AS row", [rows]
            )
            is_other = "row IN (SELECT row FROM others)"
        else:
            is_other = "shape <> 'blank'"
        self._con.execute(f"UPDATE strange SET shape = 'odd' WHERE {is_other}")  # noqa: S608
        self._others = [self._made_odd(path, is_other) for path in self._others]
        return [self._made_odd(path, is_other) for path in records]

    def _made_odd(self, path: Path, is_other: str) -> Path:
        target = path.with_suffix(".left.parquet")
        shape = f"CASE WHEN {is_other} THEN 'odd' ELSE shape END AS shape"
        read = f"SELECT * REPLACE ({shape}) FROM read_parquet({_quoted(path)})"  # noqa: S608
        self._con.execute(f"COPY ({read}) TO {_quoted(target)} {_PARQUET}")
        path.unlink()
        return target

    def _rows_of_others(self) -> list[int]:
        """Return the rows among the refused ones whose body another format knows."""
        self._con.execute(
            "SELECT DISTINCT row FROM strange"
            " WHERE shape = 'one' AND list_contains($1, reason) ORDER BY row",
            [_NOT_META],
        )
        return [row for (row,), raw in self._with_lines() if _is_of_another(raw)]

    def _note_meta(self, records: list[Path]) -> None:
        """Note the sources in which Meta's bodies were found."""
        found = self._con.execute(
            "SELECT DISTINCT source FROM read_parquet($1)"
            " WHERE shape = 'one' AND (reason IS NULL OR NOT list_contains($2, reason))",
            [[str(path) for path in records], [*_NOT_META, "messenger"]],
        ).fetchall()
        self._formats |= {(source, META) for (source,) in found}

    def _reshape(self, out: IO[str], odd: Path) -> int:
        """Refuse the lines that are no JSON; write the others, put in order, to `odd`."""
        self._con.execute(
            "SELECT DISTINCT row, source, line FROM strange WHERE shape = 'odd' ORDER BY row"
        )
        written = 0
        with odd.open("w", encoding="utf-8", errors="replace") as file:
            for (row, *place), raw in self._with_lines():
                try:
                    bodies = taken(read_line(raw), self._wanted)
                except UnreadableError as error:
                    text = scrubbed_text(raw.decode("utf-8", "replace"))
                    _refuse(out, place, 0, error.reason, text, detail=error.detail)
                    continue
                self._formats |= {(place[0], one.format) for one in bodies if one.format}
                for part, body in reshaped(bodies):
                    whole = {"row": row, "part": part, **body}
                    file.write(json.dumps(whole, ensure_ascii=False) + "\n")
                    written += 1
        return written

    def _refuse_items(self, out: IO[str]) -> None:
        """Write down every record that is quarantined, with its text."""
        self._con.execute(
            "SELECT row, source, line, item, reason,"
            " CASE WHEN call_id <> '' AND is_word(call_id, 512) THEN call_id END"
            " FROM strange WHERE shape = 'one' AND list_contains($1, reason) ORDER BY row, item",
            [list(QUARANTINED)],
        )
        known_row, found = 0, list[Any]()
        for (row, source, line, item, reason, call_id), raw in self._with_lines():
            if row != known_row:
                known_row, found = row, self._records(raw)
            text = (
                scrubbed(found[item - 1])
                if item <= len(found)
                else scrubbed_text(raw.decode("utf-8", "replace"))
            )
            detail = self._wanted or "" if reason == "other_format" else ""
            _refuse(out, (source, line), item, reason, text, detail=detail, call_id=call_id)

    def _records(self, raw: bytes) -> list[Any]:
        try:
            return list(records_of(taken(read_line(raw), self._wanted)))
        except UnreadableError:  # DuckDB is more lenient than Python: a comma too many, for one
            return []

    def _with_lines(self) -> Iterator[tuple[tuple[Any, ...], bytes]]:
        """Yield each row of the open result, which begins with a line number, with that line."""
        fetched = iter(lambda: self._con.fetchmany(_FETCHED), [])
        return with_lines(self._segment.path, chain.from_iterable(fetched), self._segment.marks)


def _reader(path: Path, entry: Any, *, with_row: bool) -> str:
    """Return the SQL that reads bodies as far as `entry` says; the path is of our own making."""
    row = "row: 'BIGINT', part: 'INTEGER', " if with_row else ""
    columns = (
        f"{{{row}wacost_received_at: 'VARCHAR', object: 'VARCHAR', entry: '{sql_type(entry)}'}}"
    )
    read = (
        f"read_json({_quoted(path)}, format = 'newline_delimited', compression = 'none',"
        f" ignore_errors = true, maximum_object_size = {MOST_LINE + 1024}, columns = {columns})"
    )
    place = "" if with_row else "row_number() OVER () AS row, 0 AS part, "
    return f"(SELECT {place}* RENAME (wacost_received_at AS received_at) FROM {read}) AS bodies"  # noqa: S608


def statements(name: str) -> list[str]:
    """Return the statements of an SQL file of this folder.

    A statement ends at a semicolon that ends a line; whole-line comments are left out.
    """
    text = re.sub(r"^--.*\n", "", (_HERE / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [part for part in re.split(r";[ ]*$", text, flags=re.MULTILINE) if part.strip()]


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


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
            "CREATE OR REPLACE TEMP TABLE runs AS SELECT unnest($1)::BIGINT AS row,"
            " unnest($2)::INTEGER AS source, unnest($3)::BIGINT AS line",
            [list(column) for column in zip(*self._runs, strict=True)],
        )
        return "ASOF JOIN runs ON checked.row >= runs.row"


def _is_of_another(raw: bytes) -> bool:
    """Tell whether a line holds a body of a format that is not Meta's."""
    try:
        return any(one.format not in ("", META) for one in taken(read_line(raw)))
    except UnreadableError:
        return False


def _refuse(
    out: IO[str],
    place: Sequence[int],
    item: int,
    reason: str,
    text: str,
    *,
    detail: str = "",
    call_id: str | None = None,
) -> None:
    """Write one quarantined record; `place` is (source number, line)."""
    message = f"{sentence(reason)} ({detail})" if detail else sentence(reason)
    values = (*place, item, reason, message, call_id, text)
    out.write(json.dumps(dict(zip(REFUSED_COLUMNS, values, strict=True))) + "\n")
