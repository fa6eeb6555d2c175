"""A batch as the store reads it: what was found, where it lies, and the plain part of it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wacost.ingest.fold import fold, write_calls
from wacost.ingest.meta import REFUSED_COLUMNS, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from wacost.ingest.meta import Parsed
    from wacost.ingest.plain import Plain

_SMALL: Final = 4 * 122_880  # rows: of four of DuckDB's groups
# The kinds and the number of a call's events, in one row or several. A kind without a bit makes a
# call one that needs a closer look. plain/fold.c has the same bits. `parts` come to 1 where plain
# bodies tell a call alone and whole, to more where they do not; where nothing is plain, to 0.
_TOLD_BY_EVENTS: Final = """
SELECT
    call_id,
    CASE kind
        WHEN 'connect' THEN 1 WHEN 'terminate' THEN 2
        WHEN 'RINGING' THEN 4 WHEN 'ACCEPTED' THEN 8 WHEN 'REJECTED' THEN 16
        ELSE 0
    END AS kinds,
    1 AS events,
    {parts} AS parts
FROM {records} WHERE reason IS NULL
"""
_TOLD_BY_CALLS: Final = (
    " UNION ALL SELECT call_id, kinds, events, 2 - is_whole AS parts FROM plain_calls"
)
_PLAIN: Final = """
UNION ALL BY NAME
SELECT * REPLACE (direction::UTINYINT AS direction, source::INTEGER AS source),
    1 AS item, false AS failed, 'one' AS shape
FROM plain_events
"""
_NO_OTHERS: Final = """
SELECT id AS call_id, * EXCLUDE (id, source), 0 AS source, NULL::VARCHAR AS reason
FROM other_events WHERE false
"""


@dataclass(frozen=True)
class Batch:
    """What was found in the sources of a batch."""

    parsed: Sequence[Parsed]
    """What `meta.parse` made of its segments."""
    plain: Plain
    """What was told in the usual way, which no segment holds."""


@dataclass(frozen=True)
class Named:
    """A whole source of a batch: its number there, its name, what tells its content and reading."""

    number: int
    name: str
    size: int
    fingerprint: str
    mtime_ns: int
    reading: str


def stage(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    sources: Sequence[Named],
) -> None:
    """Make the temporary views and tables that the SQL of a load reads.

    Args:
        con: the store.
        batch: what was found.
        sources: every source in the batch, whole.
    """
    records = [str(path) for part in batch.parsed for path in part.records]
    others = [str(path) for part in batch.parsed for path in part.others]
    refused = [str(part.refused) for part in batch.parsed]
    con.execute(
        "CREATE OR REPLACE TEMP TABLE batch_sources AS"
        " SELECT unnest($1)::INTEGER AS number, unnest($2)::VARCHAR AS name",
        [[one.number for one in sources], [one.name for one in sources]],
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW parsed_left AS FROM"
        f" read_parquet({_literal(records)}) WHERE shape = 'one'"
    )
    for name, rows in (("plain_events", batch.plain.events), ("plain_calls", batch.plain.calls)):
        if rows:
            con.register(name, rows)
    con.execute(
        "CREATE OR REPLACE TEMP VIEW parsed_records AS FROM parsed_left"
        + (_PLAIN if batch.plain.events else "")
    )
    con.execute("CREATE OR REPLACE TEMP VIEW judged AS FROM parsed_records")
    con.execute(
        "CREATE OR REPLACE TEMP VIEW told_calls AS "
        + (
            _TOLD_BY_EVENTS.format(records="parsed_left", parts=2) + _TOLD_BY_CALLS
            if batch.plain.calls
            else _TOLD_BY_EVENTS.format(records="judged", parts=0)
        )
    )
    con.execute(
        "CREATE OR REPLACE TEMP VIEW parsed_others AS"
        + (f" FROM read_parquet({_literal(others)}) WHERE shape = 'one'" if others else _NO_OTHERS)
    )
    con.execute("CREATE OR REPLACE TEMP VIEW judged_others AS FROM parsed_others")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE refused_rows AS FROM read_json("
        f"{_literal(refused)}, format = 'newline_delimited', columns = {REFUSED_COLUMNS})"
    )


def _literal(paths: Sequence[str]) -> str:
    return "[" + ", ".join("'" + path.replace("'", "''") + "'" for path in paths) + "]"


def write_fresh(con: duckdb.DuckDBPyConnection, batch: Batch) -> int:
    """Write the calls that need no closer look, with their events; return how many.

    Args:
        con: the store, after fresh.sql.
        batch: what was staged.
    """
    with _sparing(con), _as_written(con):
        con.execute("INSERT INTO events FROM fresh")
        if batch.plain.calls is None:
            return fold(con, "fresh")
        (folded,) = statements("plain.sql")
        return write_calls(con, folded) + fold(con, "fresh SEMI JOIN open_calls USING (call_id)")


@contextmanager
def _sparing(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Write a small batch with one thread.

    Several would each compress a part that is soon compressed again with the others: three times
    the work, and a larger file.
    """
    ((rows, threads),) = con.execute(
        "SELECT count(*), current_setting('threads') FROM judged"
    ).fetchall()
    if rows > _SMALL:
        yield
        return
    con.execute("SET threads = 1")
    yield
    con.execute(f"SET threads = {threads:d}")


@contextmanager
def _as_written(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Have joins hash the side that stands on the right of them.

    DuckDB cannot know how many rows a stream has; it takes it for one, and would hash all calls of
    a batch to look a few countries up: twice the time, and ten times the memory.
    """
    con.execute("SET disabled_optimizers = 'build_side_probe_side'")
    yield
    con.execute("RESET disabled_optimizers")
