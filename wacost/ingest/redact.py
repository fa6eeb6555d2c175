"""Redact calls that are old enough, and forget one contact: in the store and in the raw files.

What is to be done is written down first (`.wacost-redacting`), so that it is finished after a crash
before anything else is loaded. Both steps can run again: what is done already stays as it is.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wacost.ingest.bystanders import latest_second, names_one_of, words_of
from wacost.ingest.decide import policy_in_force, settle
from wacost.ingest.emptied import emptier, forget_refused, read_again
from wacost.ingest.erase import Eraser, Gone, is_new_id, name_of
from wacost.ingest.files import webhook_files
from wacost.ingest.fold import fold_again, prepare, redacted_others, run_sql
from wacost.ingest.gone import (
    call_of,
    forgotten_ranks,
    gone_calls,
    gone_others,
    living_calls,
    sources_over,
)
from wacost.ingest.load import fingerprint
from wacost.ingest.meta import statements
from wacost.ingest.rewrite import clear_drafts, rewrite
from wacost.ingest.secret import KEY_NAME, keyed, make_key, prepare_keyed, read_key, write_private
from wacost.ingest.tables.erase import RowEraser
from wacost.ingest.tables.inbox import rewrite_tables, tables_of, tables_telling
from wacost.ingest.tables.private import tables_naming
from wacost.ingest.tables.settle import likeness_kept
from wacost.ingest.tables.settle import settle as settle_pairs
from wacost.ingest.unpack import BrokenPackingError
from wacost.names import noun
from wacost.store import open_store, transaction
from wacost.store.compact import compact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from wacost.config import ImportMapping

NOTE_NAME: Final = ".wacost-redacting"
_REDACTED: Final = "is_redacted(call_id) AND (contact IS NULL OR is_redacted_contact(contact))"


@dataclass(frozen=True, slots=True)
class Redaction:
    """What a redaction changed, or would change.

    Attributes:
        calls: how many lost their contact and their id.
        others: records beside the calls that lost their contact, or were deleted.
        files: raw files written anew, relative to the workspace.
        left: a sentence for everything that was not redacted, and why.
        tables: tables of the inbox that still tell of such persons: they could not be written anew.
    """

    calls: int
    others: int
    files: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Task:
    """What to redact: calls that ended before a moment, or all calls of some names."""

    before: datetime | None = None
    names: tuple[str, ...] = ()
    once: bytes = b""

    def note(self) -> bytes:
        before = self.before.isoformat() if self.before else None
        told = {"before": before, "names": self.names, "key": self.once.hex()}
        return json.dumps(told).encode()

    @classmethod
    def of_note(cls, note: bytes) -> _Task:
        told = json.loads(note)
        before = datetime.fromisoformat(told["before"]) if told["before"] else None
        return cls(before, tuple(told["names"]), bytes.fromhex(told["key"]))


def redact(
    store_path: Path,
    before: datetime,
    imports: Mapping[str, ImportMapping] | None = None,
    *,
    dry_run: bool = False,
) -> Redaction:
    """Redact everything of calls that ended before a moment.

    Args:
        store_path: the DuckDB file; raw files are those in `inbox` beside it.
        before: UTC.
        imports: how tables are read, by name: those that none of them read are left.
        dry_run: only count.
    """
    task = _Task(before=before.replace(tzinfo=None))
    if dry_run:
        return _count(store_path, before.replace(tzinfo=None), imports or {})
    return _run(store_path, task, imports or {})


def forget(
    store_path: Path, contact: str, imports: Mapping[str, ImportMapping] | None = None
) -> Redaction:
    """Redact everything of one contact at once, with a key that is thrown away.

    Args:
        store_path: the DuckDB file.
        contact: a number in any format, or a user id; all its aliases are meant with it.
        imports: how tables are read, by name.
    """
    finish(store_path, imports)
    names = _all_names(store_path, name_of(contact.strip()))
    return _run(store_path, _Task(names=names, once=secrets.token_bytes(32)), imports or {})


def finish(
    store_path: Path, imports: Mapping[str, ImportMapping] | None = None
) -> Redaction | None:
    """Finish a redaction that was interrupted; None where there is none."""
    note = store_path.absolute().parent / NOTE_NAME
    for name in (NOTE_NAME, KEY_NAME):  # drafts of one that was killed while it wrote them
        for draft in note.parent.glob(f"{name}.*"):
            draft.unlink(missing_ok=True)
    if not note.exists():
        return None
    return _carry_out(store_path, _Task.of_note(note.read_bytes()), imports or {}, again=True)


def due(con: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Count the calls that ended before a moment and are not redacted."""
    _choose(con, f"{_ended_before(before)} AND NOT ({_REDACTED})")
    return int(con.execute("SELECT count(*) FROM chosen WHERE whole").fetchall()[0][0])


def _count(store_path: Path, before: datetime, imports: Mapping[str, ImportMapping]) -> Redaction:
    with open_store(store_path, read_only=True) as con:
        calls = due(con, before)
        others = con.execute(statements("due.sql")[0], [before]).fetchall()
        tables = tables_telling(con, store_path.absolute().parent, before, imports)
    return Redaction(calls, int(others[0][0]), tables=tables)


def _run(store_path: Path, task: _Task, imports: Mapping[str, ImportMapping]) -> Redaction:
    finish(store_path, imports)
    write_private(store_path.absolute().parent / NOTE_NAME, task.note())
    return _carry_out(store_path, task, imports)


def _carry_out(
    store_path: Path, task: _Task, imports: Mapping[str, ImportMapping], *, again: bool = False
) -> Redaction:
    home = store_path.absolute().parent
    key = make_key(home)
    with open_store(store_path) as con:
        prepare(con)
        prepare_keyed(con, "home_keyed", key)
        prepare_keyed(con, "keyed", task.once or key)
        with transaction(con):
            calls, others = _redact_store(con, task)
            billed = _on_documents(con)
        living = living_calls(con, task.before)
        call = call_of(gone_calls(con), key, task.once, forgotten_ranks(con) if task.once else ())
        eraser = _eraser(task, key, call, gone_others(con), living)
        over, loaded = sources_over(con, home, task.before), tables_of(con, home, imports)
        empty = emptier(con, store_path)
    files, left = _rewrite_all(home, eraser, over, empty)
    rows = RowEraser(eraser.call, _seconds(task), eraser.stays, task.names)
    tables, told = rewrite_tables(loaded, rows, over, empty)
    with open_store(store_path) as con:
        _note_files(con, home, [*files, *tables])
        left += [*_elsewhere(con), *billed]
    if task.names:  # also where no mapping says what a table tells
        read_again(store_path, None if again else files)
        told = tuple(name for name in tables_naming(home, task.names))
    if calls or others or again:
        compact(store_path)  # what was deleted stays in free blocks of the file until then
    (home / NOTE_NAME).unlink()
    return Redaction(calls, others, (*files, *tables), tuple(left), told)


def _seconds(task: _Task) -> float | None:
    return task.before.replace(tzinfo=UTC).timestamp() if task.before else None


# -- the store ----------------------------------------------------------------------------------


def _ended_before(before: datetime) -> str:
    return f"end_at < TIMESTAMP '{before.replace(tzinfo=None).isoformat(sep=' ')}'"


def _choose(con: duckdb.DuckDBPyConnection, which: str) -> None:
    run_sql(con, "choose.sql", which=which)


def _redact_store(con: duckdb.DuckDBPyConnection, task: _Task) -> tuple[int, int]:
    if task.before:
        _choose(con, f"{_ended_before(task.before)} AND NOT ({_REDACTED})")
    else:
        con.execute(
            "CREATE OR REPLACE TEMP TABLE names AS SELECT unnest($1) AS name", [list(task.names)]
        )
        _choose(con, _OF_NAMES)
    with likeness_kept(con):
        run_sql(con, "redact.sql", again="true" if task.names else "false")
        fold_again(con, "redacted_calls")
        settle(con, policy_in_force(con))  # contents without a contact have other hashes
    settle_pairs(con)
    calls = int(con.execute("SELECT count(*) FROM renamed WHERE whole").fetchall()[0][0])
    others = _redact_others(con, task)
    run_sql(con, "redact_names.sql")
    if task.before:
        con.execute(
            "UPDATE quarantine SET text = '', call_id = CASE WHEN is_redacted(call_id) THEN call_id"
            " ELSE 'redacted.' || keyed('call', call_id) END"
            " WHERE reason <> 'contradiction' AND text <> ''"
            " AND source IN (SELECT source FROM sources"
            "  WHERE coalesce(last_event_at, loaded_at) < $1)",
            [task.before],
        )
    return calls, others


_OF_NAMES: Final = (
    "call_id IN (SELECT call_id FROM events WHERE contact::VARCHAR IN (SELECT name FROM names)"
    " OR contact_user_id IN (SELECT name FROM names))"
)


def _redact_others(con: duckdb.DuckDBPyConnection, task: _Task) -> int:
    if task.before is None:
        con.execute("UPDATE sources SET mtime_ns = NULL")  # what is gone is no duplicate
        deleted = con.execute(
            "DELETE FROM other_events WHERE contact::VARCHAR IN (SELECT name FROM names)"
            " OR contact_user_id IN (SELECT name FROM names)"
        ).fetchall()
        con.execute(
            "DELETE FROM aliases WHERE alias IN (SELECT name FROM names)"
            " OR contact IN (SELECT name FROM names)"
        )
        return int(deleted[0][0]) + forget_refused(con, task.names)
    before = f"TIMESTAMP '{task.before.isoformat(sep=' ')}'"
    run_sql(con, "redact_others.sql", before=before, redacted=redacted_others("over", "id"))
    return int(con.execute("SELECT count(*) FROM over").fetchall()[0][0])


def _on_documents(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Say what final documents keep of calls that were redacted just now.

    Accounts must be provable for years, so a document keeps its calls, and the hash over them may
    not change. It is over a plain hash of each id as it was: a call's id has enough chance in it
    that nobody finds it by trying, so whoever has not the id has no way from the hash to a person.
    """
    found = con.execute(
        "SELECT count(*) FROM invoice_call_rows AS r SEMI JOIN renamed ON r.call_id = new_id"
    ).fetchall()
    if not found[0][0]:
        return []
    lines = f"{found[0][0]} {noun(found[0][0], 'line')} of these calls, as the law asks of accounts"
    kept = "time, country, seconds and price, and a hash of the call's id; the contact is in none"
    return [f"final documents keep {lines}: {kept}"]


def _note_files(con: duckdb.DuckDBPyConnection, home: Path, files: Iterable[str]) -> None:
    """Note what files look like now, so that `retry` finds them as they were loaded."""
    for name in files:
        path = home / name
        con.execute(
            "UPDATE sources SET fingerprint = $2, bytes = $3 WHERE source = $1",
            [name, fingerprint(path), path.stat().st_size],
        )


def _elsewhere(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute(
        "SELECT source, count(*) OVER () FROM sources WHERE NOT starts_with(source, 'inbox/')"
        " ORDER BY source LIMIT $1",
        [_NAMED],
    ).fetchall()
    if not rows:
        return []
    names, count = [row[0] for row in rows], rows[0][1]
    more = f" and {count - len(names)} more" if count > len(names) else ""
    sources = noun(count, "source outside inbox/ is", "sources outside inbox/ are")
    return [f"{count} {sources} not touched: {', '.join(names)}{more}"]


_NAMED: Final = 5


def _all_names(store_path: Path, name: str) -> tuple[str, ...]:
    """Return a contact's every name: by the aliases, by events that tell two, and by the key."""
    key = read_key(store_path.absolute().parent)
    found, new = {name}, {name}
    if not store_path.exists():
        return (name,)
    with open_store(store_path, read_only=True) as con:
        while new:
            rows = con.execute(_TIES, [list(new)]).fetchall()
            new = {row[0] for row in rows if row[0]} - found
            found |= new
        if key:
            prepare_keyed(con, "home_keyed", key)
            rows = con.execute(
                "SELECT DISTINCT contact FROM call_rows WHERE right(contact, 32) IN"
                " (SELECT home_keyed('contact', unnest($1::VARCHAR[])))",
                [list(found)],
            ).fetchall()
            found |= {row[0] for row in rows}
    return tuple(sorted(found))


# A parent's user id is a company's: it ties nobody to anybody.
_TIES: Final = """
    WITH pairs AS (
        SELECT alias AS one, contact AS other FROM aliases
        UNION ALL SELECT contact::VARCHAR, contact_user_id FROM events
        UNION ALL SELECT contact::VARCHAR, contact_user_id FROM other_events
    ),
    both_ways AS (SELECT one, other FROM pairs UNION ALL SELECT other, one FROM pairs)
    SELECT DISTINCT other FROM both_ways
    WHERE list_contains($1, one) AND other NOT LIKE '%.ENT.%'
"""


# -- the raw files ------------------------------------------------------------------------------


def _eraser(
    task: _Task,
    key: bytes,
    call: Callable[[str], Gone | None],
    others_gone: frozenset[str],
    living: frozenset[str],
) -> Eraser:
    def is_over(item: Mapping[str, Any], names: frozenset[str]) -> bool:
        told = item.get("id")
        if task.names:
            return not names.isdisjoint(task.names)
        return isinstance(told, str) and keyed(key, "call", told) in others_gone

    def rename(kind: str, text: str) -> str:
        return keyed(task.once or key, kind, text)

    def is_empty_over(body: Any) -> bool:
        if task.names:
            return names_one_of(body, task.names)
        told = (call(word) for word in words_of(body) if not is_new_id(word))
        if any(found and found.whole for found in told):
            return True
        at, before = latest_second(body), _seconds(task)
        return at is not None and before is not None and at < before

    return Eraser(call, is_over, None if task.names else rename, rename, is_empty_over, living)


def _rewrite_all(
    home: Path,
    eraser: Eraser,
    over: frozenset[str],
    empty: Callable[[str, Sequence[int]], None],
) -> tuple[list[str], list[str]]:
    """Write the raw files anew.

    Returns:
        Those that changed, and a sentence for each that could not be read.
    """
    files, left = list[str](), list[str]()
    for path in webhook_files(home / "inbox"):
        name = path.relative_to(home).as_posix()
        clear_drafts(path)
        try:
            if rewrite(path, name, eraser.where_over(over=name in over), empty):
                files.append(name)
        except BrokenPackingError:
            left.append(f"{name} is damaged and stays as it is: delete it")
    return files, left
