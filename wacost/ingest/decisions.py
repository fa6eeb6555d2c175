"""What people decide about held calls: answered and for how long, unanswered, or another's double.

A decision is a row beside the records, which stay as they are. The fold puts it in the place of
what they tell, so that it holds whatever is loaded before or after it.
"""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError
from wacost.ingest.fold import fold_again, run_sql
from wacost.ingest.meta import statements
from wacost.ingest.reasons import HELD
from wacost.ingest.tables.settle import settle

if TYPE_CHECKING:
    import duckdb

ANSWERED: Final = "answered"
UNANSWERED: Final = "unanswered"
SAME: Final = "same"
MOST_SECONDS: Final = 7 * 86_400
MOST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class HeldCall:
    """One call that is not priced until somebody decides.

    Attributes:
        call_id: of the call.
        account: who would pay.
        source: the first file that told of it.
        line: of that file.
        direction: "inbound", "outbound" or None.
        first_event_at: the first moment that is known of it, UTC.
        reason: why it is held: its code.
        seconds: the lengths that its records tell.
        other: the call that it may be, where that is the question.
    """

    call_id: str
    account: str | None
    source: str
    line: int
    direction: str | None
    first_event_at: datetime
    reason: str
    seconds: tuple[int, ...]
    other: str | None

    @property
    def message(self) -> str:
        """What the reason code means."""
        return HELD[self.reason]

    @property
    def commands(self) -> tuple[str, ...]:
        """The command lines that release it, one for each way."""
        told: tuple[object, ...] = self.seconds or ("SECONDS",)
        ways = [*(f"--answered {one}" for one in told), "--unanswered"]
        ways += [f"--same-as={shlex.quote(self.other)}"] if self.other else []
        called = shlex.quote(self.call_id)
        end = f"-- {called}" if called.startswith("-") else called
        return tuple(f"wacost quarantine release {way} {end}" for way in ways)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, with the keys of a refused record where both have one."""
        told = {**asdict(self), "seconds": list(self.seconds), "message": self.message}
        return {"id": None, "state": "held", **told, "commands": list(self.commands)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person says of one call.

    Attributes:
        outcome: "answered", "unanswered" or "same".
        seconds: of talk, where it was answered.
        started_at: when the talk began, UTC; None: as the records tell it.
        reason: why, in the person's own words; it is kept until the call is redacted.
        same_as: the call that it is, and that counts in its place.
    """

    outcome: str
    seconds: int | None = None
    started_at: datetime | None = None
    reason: str = ""
    same_as: str | None = None


def decision_of(
    *,
    answered: int | None,
    unanswered: bool,
    same_as: str | None,
    at: datetime | str | None,
    reason: str,
) -> Decision:
    """Return the one thing that is decided.

    Raises:
        InputError: nothing, or more than one, is decided; or a value is none.

    >>> decision_of(answered=61, unanswered=False, same_as=None, at=None, reason="").seconds
    61
    """
    if (answered is not None) + unanswered + (same_as is not None) != 1:
        raise InputError(
            "a call was answered, or it was not, or it is the same as another: say which",
            hint="--answered SECONDS, --unanswered or --same-as CALL_ID",
        )
    if answered is not None and not 0 <= answered <= MOST_SECONDS:
        raise InputError(f"{answered} s is no length of a call", hint="whole seconds, up to 7 days")
    if at is not None and answered is None:
        raise InputError("only an answered call has a start", hint="leave the start out")
    if len(reason) > MOST_REASON:
        raise InputError(f"the reason is longer than {MOST_REASON} characters")
    outcome = ANSWERED if answered is not None else UNANSWERED if unanswered else SAME
    return Decision(outcome, answered, None if at is None else _utc(at), reason.strip(), same_as)


def _utc(at: datetime | str) -> datetime:
    try:
        told = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise InputError(
            f"{at} is no moment that everybody understands",
            hint="write it with its offset, like 2026-10-12T10:00:00-03:00",
        )
    return told.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def held_calls(con: duckdb.DuckDBPyConnection) -> list[HeldCall]:
    """Return the calls that wait for a decision, by their first moment.

    A call that its card's policy holds (its length and its times differ) is among them once its
    month was rated.
    """
    run_sql(con, "content.sql")
    macro, query = statements("held.sql")
    con.execute(macro)
    rows = con.execute(query).fetchall()
    return [_held(*row) for row in rows]


def _held(*row: Any) -> HeldCall:
    told = dict(zip(HeldCall.__slots__, row, strict=True))
    return HeldCall(**{**told, "seconds": tuple(told["seconds"])})


def release(con: duckdb.DuckDBPyConnection, call_id: str, decision: Decision) -> None:
    """Let a decision stand in the place of what the records of a call tell.

    It takes the place of an earlier decision.

    Args:
        con: the store, prepared, in a transaction.
        call_id: a call that is held, open or incomplete, or that was decided before.
        decision: what to write down.

    Raises:
        InputError: there is no such call, or it counts as it is.
    """
    _check_call(con, call_id)
    if decision.same_as is not None:
        _check_same(con, call_id, decision.same_as)
    _write(con, call_id, decision)


def hold(con: duckdb.DuckDBPyConnection, call_id: str) -> None:
    """Take a decision back: the call is again what its records tell.

    Raises:
        InputError: nobody has decided about it.
    """
    if not con.execute("SELECT 1 FROM decisions WHERE call_id = $1", [call_id]).fetchall():
        raise InputError(
            f"nobody has decided about {call_id!r}",
            hint="give the whole id, as `wacost quarantine list` writes it",
        )
    _write(con, call_id, None)


def _check_call(con: duckdb.DuckDBPyConnection, call_id: str) -> None:
    con.execute(statements("held.sql")[0])
    found = con.execute(_DECIDABLE, [call_id]).fetchall()
    if not found:
        raise InputError(
            f"no call {call_id!r}",
            hint="give the whole id, as `wacost quarantine list` writes it",
        )
    disposition, by, decidable = found[0]
    if not decidable:
        counts = f"{by} counts in its place" if by else f"it counts as {disposition}"
        raise InputError(
            f"{call_id!r} is not held: {counts}", hint="only what is held can be released"
        )


# Held by a record, or by a card's policy because of its times; or not told to its end.
_DECIDABLE: Final = """
    SELECT
        c.disposition, s.by_call_id,
        d.call_id IS NOT NULL OR (s.call_id IS NULL AND (
            c.held IS NOT NULL OR c.disposition IN ('open', 'incomplete')
            OR held_by_times(c.started_at, c.ended_at, c.duration_s) IS NOT NULL
        ))
    FROM call_rows AS c
    LEFT JOIN superseded AS s ON s.call_id = c.call_id
    LEFT JOIN decisions AS d ON d.call_id = c.call_id
    WHERE c.call_id = $1
"""


def _check_same(con: duckdb.DuckDBPyConnection, call_id: str, same_as: str) -> None:
    """Refuse a call that is not there, and a ring of calls in which none would count."""
    if not con.execute("SELECT 1 FROM call_rows WHERE call_id = $1", [same_as]).fetchall():
        raise InputError(f"no call {same_as!r}", hint="name the call that counts, by its whole id")
    rows = con.execute("SELECT call_id, same_as FROM decisions WHERE outcome = 'same'").fetchall()
    leads = dict(rows)
    end: str | None = same_as
    while end is not None and end != call_id:
        end = leads.get(end)
    if end is not None:
        raise InputError(
            f"{same_as!r} is decided to be the same as {call_id!r}: none would count",
            hint="`wacost quarantine hold` takes that decision back",
        )


def _write(con: duckdb.DuckDBPyConnection, call_id: str, decision: Decision | None) -> None:
    con.execute("DELETE FROM decisions WHERE call_id = $1", [call_id])
    if decision is not None:
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        one = decision
        con.execute(
            "INSERT INTO decisions VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                *(call_id, one.outcome, one.seconds, one.started_at),
                *(now, one.reason or None, one.same_as),
            ],
        )
    con.execute("CREATE OR REPLACE TEMP TABLE decided_call AS SELECT $1 AS call_id", [call_id])
    fold_again(con, "decided_call")
    settle(con)
