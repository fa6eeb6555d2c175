"""The quarantine: what was refused, and what people do about it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError
from wacost.ingest.decide import ID_SQL, discard, settle, take
from wacost.ingest.decisions import decision_of, held_calls, hold, release
from wacost.ingest.fold import prepare
from wacost.ingest.load import Handling, fingerprint
from wacost.ingest.report import IngestReport
from wacost.ingest.run import ingest
from wacost.store import open_store, transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    import duckdb

    from wacost.config import ImportMapping
    from wacost.ingest.decisions import HeldCall

_COLUMNS: Final = "source, line, item, reason, message, call_id, text, state"
_LEAST_ID: Final = 4


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused record.

    Attributes:
        id: short, from what the record is: the same in every store.
        source: the file, relative to the workspace.
        line: of the file.
        item: place among the records of the line's body, from 1; 0: the whole line.
        reason: its code.
        message: what the code means.
        call_id: of the call, where the record tells it.
        text: the original, bounded and with everything personal taken out; of a contradiction
            what it says.
        state: "open"; "discarded" by a person; or the policy that decided against it.
    """

    id: str
    source: str
    line: int
    item: int
    reason: str
    message: str
    call_id: str | None
    text: str
    state: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Retried:
    """What became of records that were read again.

    Attributes:
        report: the counts of the sources, read as a whole: all else in them is a duplicate.
        records: how many were read again.
        refused: how many of them are refused again.
        left: a sentence for every source that could not be read again.
    """

    report: IngestReport
    records: int
    refused: int
    left: tuple[str, ...]


class Quarantine:
    """The refused records of one workspace; the store is opened only while it is used.

    Args:
        store_path: the DuckDB file.
        contradiction: what wacost.toml decides where records contradict each other.
        imports: how tables are read, by name.
    """

    def __init__(
        self,
        store_path: Path,
        contradiction: str,
        imports: Mapping[str, ImportMapping] | None = None,
    ) -> None:
        self._path, self._policy, self._imports = store_path, contradiction, imports

    def list(
        self, *, reason: str | None = None, source: str | None = None, every: bool = False
    ) -> list[Quarantined]:
        """Return the open records, by source and line.

        Contradictions and doubts about a call that was released are not open any more.

        Args:
            reason: only this code.
            source: only this file, as the store names it.
            every: also what is decided.
        """
        if not self._path.exists():
            return []
        with open_store(self._path, read_only=True) as con:
            return _list(con, reason=reason, source=source, every=every)

    def show(self, record: str) -> Quarantined:
        """Return one record by its id, or by the beginning of it.

        Raises:
            InputError: there is none, or several begin like that.
        """
        return self._chosen([record])[0]

    def discard(self, *ids: str) -> int:
        """Set records aside; they stay counted. Return how many calls come out differently.

        Where the record contradicts what the store has, the store is right: the call counts.
        """
        chosen = self._chosen(ids)
        with self._deciding() as con:
            discard(con, [record.id for record in chosen])
            return settle(con, self._policy)

    def take(self, *ids: str) -> int:
        """Let contradictory records be right in the place of what the store has.

        Returns:
            How many calls come out differently.

        Raises:
            InputError: a record is no contradiction, or two are of one event.
        """
        chosen = self._chosen(ids)
        for record in chosen:
            if record.reason != "contradiction":
                raise InputError(
                    f"{record.id} contradicts nothing: {record.message}",
                    hint="only a contradiction can be taken; others are read again with retry",
                )
        with self._deciding() as con:
            _check_apart(con, chosen)
            take(con, [record.id for record in chosen])
            return settle(con, self._policy)

    def retry(
        self,
        *ids: str,
        reason: str | None = None,
        source: str | None = None,
        every: bool = False,
    ) -> Retried:
        """Read refused records again from their files, which a newer wacost may understand.

        Whole files are read: everything else in them is a duplicate. A record that is refused
        again is in the quarantine once, as before; one that was decided is open again.

        Args:
            ids: the records; without any, all open ones that the rest chooses.
            reason: only this code.
            source: only of this file.
            every: of all files.

        Raises:
            InputError: neither ids nor a choice.
        """
        if not (ids or reason or source or every):
            raise InputError(
                "which records?", hint="name ids, or choose with reason, source or all"
            )
        chosen = self._chosen(ids) if ids else self.list(reason=reason, source=source)
        home = self._path.absolute().parent
        left = {s: why for s in _sources(chosen) if (why := self._unreadable(home, s))}
        wanted = [record for record in chosen if record.source not in left]
        if not wanted:
            return Retried(IngestReport(), 0, 0, tuple(left.values()))
        report = ingest(
            self._path,
            [home / name for name in _sources(wanted)],
            imports=self._imports,
            handling=Handling(self._policy, tuple(record.id for record in wanted)),
        )
        still = {_place(record) for record in self.list(every=True)}
        refused = sum(_place(record) in still for record in wanted)
        return Retried(report, len(wanted), refused, tuple(left.values()))

    def held(self) -> Sequence[HeldCall]:
        """Return the calls that are not priced until somebody decides, by their first moment."""
        if not self._path.exists():
            return []
        with open_store(self._path, read_only=True) as con:
            return held_calls(con)

    def release(
        self,
        call_id: str,
        *,
        answered: int | None = None,
        unanswered: bool = False,
        same_as: str | None = None,
        at: datetime | str | None = None,
        reason: str = "",
    ) -> None:
        """Decide about a held call; give one of `answered`, `unanswered` and `same_as`.

        The decision holds whatever is loaded later, and `hold` takes it back. It lives in the
        store alone: it is no record of a file. The call is priced when its month is rated again.

        Args:
            call_id: a call that is held, open or incomplete, or was decided before.
            answered: the seconds of talk.
            unanswered: nobody picked up.
            same_as: the call that it is, and that counts in its place.
            at: when the talk began, with an offset; default: as the records tell it, else the
                told end less `answered`, else the first moment that is known of the call.
            reason: why, in a few words; it is kept until the call is redacted.

        Raises:
            InputError: there is no such call, or it counts as it is; or not one thing is decided.
        """
        decision = decision_of(
            answered=answered, unanswered=unanswered, same_as=same_as, at=at, reason=reason
        )
        with self._deciding() as con:
            release(con, call_id, decision)

    def hold(self, call_id: str) -> None:
        """Take a decision back: the call is again what its records tell.

        Raises:
            InputError: nobody has decided about it.
        """
        with self._deciding() as con:
            hold(con, call_id)

    def _unreadable(self, home: Path, source: str) -> str:
        """Say why a source cannot be read again; "" where it can."""
        path = home / source
        if not path.is_file():
            return f"{source} is gone: its records stay as they are"
        with open_store(self._path, read_only=True) as con:
            known = con.execute(
                "SELECT fingerprint FROM sources WHERE source = $1", [source]
            ).fetchall()
        if known != [(fingerprint(path),)]:
            return f"{source} has changed since it was loaded: ingest it first"
        return ""

    def _chosen(self, ids: Iterable[str]) -> Sequence[Quarantined]:
        records = self.list(every=True)
        return [_find(records, one) for one in dict.fromkeys(ids)]

    @contextmanager
    def _deciding(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if not self._path.exists():
            raise InputError("the store has no calls yet", hint="load some with `wacost ingest`")
        with open_store(self._path) as con:
            prepare(con)
            with transaction(con):
                yield con


def _list(
    con: duckdb.DuckDBPyConnection, *, reason: str | None, source: str | None, every: bool
) -> list[Quarantined]:
    rows = con.execute(
        f"SELECT {ID_SQL} AS id, {_COLUMNS} FROM quarantine"  # noqa: S608
        " WHERE ($1 IS NULL OR reason = $1) AND ($2 IS NULL OR source = $2)"
        " AND ($3 OR (state = 'open' AND NOT (reason IN ('contradiction', 'doubtful_match')"
        "  AND call_id IN (SELECT call_id FROM decisions))))"
        " ORDER BY source, line, item, reason, text",
        [reason, source, every],
    ).fetchall()
    return [Quarantined(*row) for row in rows]


def _find(records: Sequence[Quarantined], start: str) -> Quarantined:
    found = [record for record in records if record.id.startswith(start)]
    if len(found) == 1 and len(start) >= _LEAST_ID:
        return found[0]
    raise InputError(
        f"{len(found) or 'no'} refused records have an id that begins with {start!r}",
        hint="`wacost quarantine list --all` prints the ids; four characters of one are enough",
    )


def _place(record: Quarantined) -> tuple[str, int, int]:
    return record.source, record.line, record.item


def _sources(records: Iterable[Quarantined]) -> list[str]:
    return list(dict.fromkeys(record.source for record in records))


def _check_apart(con: duckdb.DuckDBPyConnection, chosen: Sequence[Quarantined]) -> None:
    """Refuse two records of one event: only one of them can be right."""
    twice = con.execute(
        f"SELECT call_id FROM quarantine WHERE list_contains($1, {ID_SQL})"  # noqa: S608
        " GROUP BY call_id, event_of(text).kind, event_of(text).event_at HAVING count(*) > 1",
        [[record.id for record in chosen]],
    ).fetchall()
    if twice:
        raise InputError(
            f"two of these records tell of the same event of {twice[0][0]}",
            hint="take the one that is right: the others are discarded by that",
        )
