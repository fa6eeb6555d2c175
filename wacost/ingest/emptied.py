"""Refused records of persons who are gone: their texts are emptied, and their files read again.

A text goes before the file takes its new form. The other way round a redaction that was killed in
between would find nothing to change in the file any more, and leave the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.ingest.decide import ID_SQL, policy_in_force
from wacost.ingest.files import webhook_files
from wacost.ingest.load import Handling
from wacost.ingest.run import ingest
from wacost.ingest.tables.private import is_named
from wacost.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    import duckdb

_TOLD: Final = "reason <> 'contradiction' AND text <> ''"
# An id can hold a number.
_EMPTY: Final = (
    "UPDATE quarantine SET text = '',"
    " call_id = CASE WHEN starts_with(call_id, 'redacted.') THEN call_id END"
)


def forget_refused(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> int:
    """Empty refused records that name somebody, the number written in whatever way."""
    rows = con.execute(f"SELECT rowid, text FROM quarantine WHERE {_TOLD}").fetchall()  # noqa: S608
    found = [row_id for row_id, text in rows if is_named(text, names)]
    con.execute(f"{_EMPTY} WHERE list_contains($1::BIGINT[], rowid)", [found])
    return len(found)


def emptier(
    con: duckdb.DuckDBPyConnection, store_path: Path
) -> Callable[[str, Sequence[int]], None]:
    """Return what empties the refused records of lines that are about to change, by their source.

    Args:
        con: the store as it is now; it may be closed after this.
        store_path: opened only where such a record is told.
    """
    rows = con.execute(f"SELECT DISTINCT source, line FROM quarantine WHERE {_TOLD}").fetchall()  # noqa: S608
    told = set(rows)

    def empty(source: str, lines: Sequence[int]) -> None:
        found = [line for line in lines if (source, line) in told]
        if not found:
            return
        with open_store(store_path) as open_con:
            open_con.execute(
                f"{_EMPTY} WHERE {_TOLD} AND source = $1 AND list_contains($2::BIGINT[], line)",
                [source, found],
            )

    return empty


def read_again(store_path: Path, files: Collection[str] | None) -> None:
    """Read files whose refused records were emptied again: which are left, and at what places.

    The messages of somebody who is forgotten are out of the files, the refused ones too, and those
    behind them have moved up. What a person has discarded stays discarded.

    Args:
        store_path: the DuckDB file.
        files: those that were written anew, relative to the workspace; None: any of the inbox.
    """
    home = store_path.absolute().parent
    paths = {path.relative_to(home).as_posix(): path for path in webhook_files(home / "inbox")}
    wanted = [name for name in paths if files is None or name in files]
    with open_store(store_path, read_only=True) as con:
        rows = con.execute(
            f"SELECT {ID_SQL}, source FROM quarantine WHERE text = '' AND state = 'open'"  # noqa: S608
            " AND reason <> 'contradiction' AND list_contains($1, source)",
            [wanted],
        ).fetchall()
        policy = policy_in_force(con)
    if rows:
        again = Handling(policy, tuple(row[0] for row in rows))
        ingest(store_path, [paths[name] for name in {row[1] for row in rows}], handling=again)
