"""A batch of parsed segments -> the store: duplicates, contradictions, quarantine, calls."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import Problem, StoreError
from wacost.ingest.aliases import tie
from wacost.ingest.decide import HOLD, reopen, settle
from wacost.ingest.fold import fold, prepare, redacted_others, run_sql
from wacost.ingest.formats import META
from wacost.ingest.reasons import IGNORED, known_words, sentence, sql_list
from wacost.ingest.secret import prepare_keyed
from wacost.ingest.stage import stage, write_fresh
from wacost.ingest.tables.reread import take_back
from wacost.ingest.tables.settle import settle as settle_pairs
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from wacost.ingest.stage import Batch, Named


VERDICTS: Final = ("new", "duplicate", "quarantined", "ignored")
SHOWN: Final = 100
"""Quarantined records that a report carries along."""
_EDGE: Final = 1 << 20
_MARKS: Final = {
    "ignored": sql_list(IGNORED),
    "known_words": known_words(),
    "contradiction": f"'{sentence('contradiction')}'",
}


@dataclass(frozen=True)
class Handling:
    """How a load treats what was refused.

    Attributes:
        contradiction: the policy of wacost.toml: "hold", "shortest" or "longest".
        again: ids of quarantined records that this load reads again.
        key: the workspace's, where calls were redacted: told again they are found by it.
    """

    contradiction: str = HOLD
    again: tuple[str, ...] = ()
    key: bytes | None = None


@dataclass(frozen=True)
class Loaded:
    """The counts of one batch."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    problems: list[Problem] = field(default_factory=list)
    summary_months: frozenset[str] = frozenset()


def load(
    con: duckdb.DuckDBPyConnection,
    batch: Batch,
    sources: Sequence[Named],
    handling: Handling,
    tables: Mapping[int, str] | None = None,
) -> Loaded:
    """Write a batch in one transaction: all of it, or nothing.

    Args:
        con: the store.
        batch: what was found.
        sources: every source in the batch, whole.
        handling: what to do about contradictions, and which refused records to read again.
        tables: source number -> how the store names the mapping that read it.
    """
    prepare(con)
    if handling.key:  # an event may find its call by another id than that of its body
        batch = replace(batch, plain=batch.plain._replace(calls=None))
    stage(con, batch, sources)
    if handling.key:
        prepare_keyed(con, "home_keyed", handling.key)
        run_sql(con, "recall.sql")
        run_sql(con, "recall_others.sql", redacted=redacted_others(_RECALLED, "call_id"))
    with transaction(con):
        if handling.again:
            reopen(con, handling.again)
        calls = _take_back(con, sources, tables or {})
        _check_keys(con)
        run_sql(con, "fresh.sql", **_MARKS)
        calls += write_fresh(con, batch)
        run_sql(con, "load_others.sql", **_MARKS)
        tie(con)
        run_sql(con, "load.sql", **_MARKS)
        calls += fold(con, f"{_since(con)} SEMI JOIN touched USING (call_id)")
        settle(con, handling.contradiction)  # of calls that are counted already
        loaded = _count(con, _formats(batch), sources, calls)
        _note_tables(con, sources, tables or {})
        return loaded


def _check_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make the keys of the calls anew where another DuckDB made them, whose `hash` was another."""
    if con.execute(
        "SELECT 1 FROM (FROM call_rows LIMIT 1) WHERE call_key IS DISTINCT FROM hash(call_id)"
    ).fetchall():
        con.execute("UPDATE call_rows SET call_key = hash(call_id)")


def _since(con: duckdb.DuckDBPyConnection) -> str:
    """Return the SQL of the events from the first of the calls that the batch goes on with."""
    ((first,),) = con.execute(
        "SELECT least((SELECT min(first_event_at) FROM met_calls), min(event_at)) FROM unclear"
    ).fetchall()
    return f"(FROM events WHERE event_at >= TIMESTAMP '{first}')" if first else "events"


def _take_back(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Named], tables: Mapping[int, str]
) -> int:
    """Make room for tables that are read anew; return how many calls are told otherwise now."""
    again = {one.name: one.fingerprint for one in sources if one.number in tables}
    if not take_back(con, again):
        return 0
    con.execute("UPDATE sources SET mtime_ns = NULL")  # others may tell what was taken back
    return fold(con, "events SEMI JOIN outdated USING (call_id)")


def _note_tables(
    con: duckdb.DuckDBPyConnection, sources: Sequence[Named], tables: Mapping[int, str]
) -> None:
    """Write down what read each table, then let calls that are told twice count once."""
    for one in sources:
        if one.number in tables:
            con.execute(
                "UPDATE sources SET format = ? WHERE source = ?", [tables[one.number], one.name]
            )
    settle_pairs(con)


_RECALLED: Final = """
(
    SELECT parsed_others.*, r.* FROM parsed_others
    JOIN recalled_others AS r ON r.raw_id = parsed_others.call_id
    WHERE reason IS NULL
)
"""


def _count(
    con: duckdb.DuckDBPyConnection,
    formats: dict[int, str],
    sources: Sequence[Named],
    calls: int,
) -> Loaded:
    rows = con.execute("SELECT source, verdict, reason, records FROM verdicts").fetchall()
    by_source: dict[int, Counter[str]] = {one.number: Counter() for one in sources}
    reasons: dict[int, Counter[str]] = {one.number: Counter() for one in sources}
    for source, verdict, reason, records in rows:
        by_source[source][verdict] += records
        if reason is not None:
            reasons[source][reason] += records
    _check(con, by_source)
    _write_sources(con, by_source, reasons, sources, formats)
    total = sum(by_source.values(), Counter[str]())
    months = con.execute(
        "SELECT DISTINCT detail::JSON->>'$.month' FROM arrived_others WHERE kind = 'summary'"
    ).fetchall()
    told = frozenset(month for (month,) in months)
    return Loaded(total, sum(reasons.values(), Counter[str]()), calls, _problems(con), told)


def _problems(con: duckdb.DuckDBPyConnection) -> list[Problem]:
    rows = con.execute(
        """
        SELECT name, line, reason, message, text
        FROM refused_rows JOIN batch_sources ON batch_sources.number = refused_rows.source
        UNION ALL
        SELECT source, line, 'contradiction', $1, text FROM losers
        ORDER BY ALL LIMIT $2
        """,
        [sentence("contradiction"), SHOWN],
    ).fetchall()
    return [Problem(*row) for row in rows]


def _check(con: duckdb.DuckDBPyConnection, by_source: dict[int, Counter[str]]) -> None:
    """Count the records anew, another way: none may be lost or counted twice."""
    read = con.execute(
        "SELECT source, count(*) FROM (SELECT source FROM judged WHERE reason IS NULL OR"
        " list_contains($1, reason) UNION ALL SELECT source FROM judged_others WHERE reason IS NULL"
        " UNION ALL SELECT source FROM refused_rows) GROUP BY source",
        [list(IGNORED)],
    ).fetchall()
    told = {source: sum(counts.values()) for source, counts in by_source.items() if counts}
    negative = [n for counts in by_source.values() for n in counts.values() if n < 0]
    if negative or {s: n for s, n in told.items() if n} != dict(read):
        raise StoreError(
            "The counts of this load do not add up to the records read",
            hint="this is a bug in wacost: nothing was written; please report it",
        )


def _formats(batch: Batch) -> dict[int, str]:
    """Return the formats of each source, Meta's last."""
    found: dict[int, set[str]] = {source: {META} for source in batch.plain.sources}
    for source, name in {pair for part in batch.parsed for pair in part.formats}:
        found.setdefault(source, set()).add(name)
    return {
        source: ",".join(sorted(names, key=lambda name: (name == META, name)))
        for source, names in found.items()
    }


def _write_sources(
    con: duckdb.DuckDBPyConnection,
    by_source: dict[int, Counter[str]],
    reasons: dict[int, Counter[str]],
    sources: Sequence[Named],
    formats: dict[int, str],
) -> None:
    rows: list[list[Any]] = []
    for one in sources:
        counts = by_source[one.number]
        figures = [counts[verdict] for verdict in VERDICTS]
        rows.append(
            [
                *(one.number, one.name, one.size, one.fingerprint, sum(figures), *figures),
                formats.get(one.number, META),
                *(one.mtime_ns, one.reading, json.dumps(reasons[one.number], sort_keys=True)),
            ]
        )
    con.execute("DELETE FROM sources WHERE source IN (SELECT name FROM batch_sources)")
    columns = [list(column) for column in zip(*rows, strict=True)]
    con.execute(
        """
        INSERT INTO sources
        WITH told AS (
            SELECT unnest($1)::INTEGER AS number, unnest($2)::VARCHAR AS source,
                unnest($3)::BIGINT AS bytes, unnest($4)::VARCHAR AS fingerprint,
                unnest($5)::BIGINT AS records, unnest($6)::BIGINT AS new,
                unnest($7)::BIGINT AS duplicate, unnest($8)::BIGINT AS quarantined,
                unnest($9)::BIGINT AS ignored, unnest($10)::VARCHAR AS format,
                unnest($11)::BIGINT AS mtime_ns, unnest($12)::VARCHAR AS reading,
                unnest($13)::VARCHAR AS reasons
        ),
        times AS (
            SELECT source AS number, min(event_at) AS first_at, max(event_at) AS last_at,
                min(delay_s) AS least_delay_s, max(delay_s) AS most_delay_s
            FROM (
                SELECT source, event_at, delay_s FROM judged
                UNION ALL SELECT source, event_at, NULL FROM judged_others
            )
            GROUP BY source
        )
        SELECT told.* EXCLUDE (number, format, mtime_ns, reading, reasons), first_at, last_at,
            now() AT TIME ZONE 'UTC', format, least_delay_s, most_delay_s,
            mtime_ns, reading, reasons
        FROM told LEFT JOIN times USING (number)
        """,
        columns,
    )


def fingerprint(path: Path) -> str:
    """Return what tells a file from another without reading all of it: size, begin and end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        digest = hashlib.sha256(file.read(_EDGE))
        if size > _EDGE:
            file.seek(max(_EDGE, size - _EDGE))
            digest.update(file.read(_EDGE))
    return f"{size}-{digest.hexdigest()}"
