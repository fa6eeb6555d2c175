"""What the store has of calls that were redacted, and of those that are about to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.ingest.erase import Gone, is_new_id
from wacost.ingest.load import fingerprint
from wacost.ingest.meta import statements
from wacost.ingest.secret import keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from pathlib import Path

    import duckdb


def gone_calls(con: duckdb.DuckDBPyConnection) -> dict[str, Gone]:
    """Return every redacted call by the hash in its id."""
    for macro in statements("choose.sql")[:2]:
        con.execute(macro)
    rows = con.execute(
        "SELECT call_id, contact, business_number, contact IS NULL OR is_redacted_contact(contact)"
        " FROM call_rows WHERE is_redacted(call_id)"
    ).fetchall()
    return {row[0].rpartition(".")[2]: Gone(*row) for row in rows}


def forgotten_ranks(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the ranks in the ids of forgotten calls: they are those that the calls had before."""
    rows = con.execute(
        "SELECT DISTINCT split_part(call_id, '.', 2) FROM call_rows"
        " WHERE contact IN (SELECT name FROM redacted_names WHERE kind = 'forgotten')"
    ).fetchall()
    return frozenset(row[0] for row in rows)


def call_of(
    gone: Mapping[str, Gone], key: bytes, once: bytes = b"", ranks: Collection[str] = ()
) -> Callable[[str], Gone | None]:
    """Return what finds a redacted call by the id that it had, or that it has by now.

    Args:
        gone: as from `gone_calls`.
        key: the workspace's.
        once: the one that is thrown away, where somebody is forgotten.
        ranks: as from `forgotten_ranks`: who is forgotten may have been redacted before.
    """

    def call(told: str) -> Gone | None:
        found = gone.get(keyed(once, "call", told)) if once else None
        if found is None and is_new_id(told):  # its id went before its contact did
            same = gone.get(told.rpartition(".")[2])
            return same if same and same.call_id == told else None
        if found is None:
            home = keyed(key, "call", told)
            before = (keyed(once, "call", f"redacted.{rank}.{home}") for rank in ranks)
            found = gone.get(home) or next(filter(None, map(gone.get, before)), None)
        return found

    return call


def gone_others(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the hashes in the ids of redacted records beside the calls."""
    rows = con.execute(
        "SELECT DISTINCT right(id, 32) FROM other_events WHERE starts_with(id, 'redacted.')"
    ).fetchall()
    return frozenset(row[0] for row in rows)


def living_calls(con: duckdb.DuckDBPyConnection, before: datetime | None) -> frozenset[str]:
    """Return the calls that have begun before a moment and are not redacted."""
    rows = con.execute(
        "SELECT call_id FROM call_rows WHERE NOT is_redacted(call_id) AND first_event_at < $1",
        [before],
    ).fetchall()
    return frozenset(row[0] for row in rows)


def sources_over(
    con: duckdb.DuckDBPyConnection, home: Path, before: datetime | None
) -> frozenset[str]:
    """Return the sources that tell of nothing from a moment on, where they lie as they were loaded.

    What has come to a file since then is not in the store yet: nobody can say of it that it was
    refused.
    """
    rows = con.execute(
        "SELECT source, fingerprint FROM sources WHERE coalesce(last_event_at, loaded_at) < $1"
        " AND starts_with(source, 'inbox/')",
        [before],
    ).fetchall()
    return frozenset(
        name
        for name, loaded in rows
        if (home / name).is_file() and fingerprint(home / name) == loaded
    )
