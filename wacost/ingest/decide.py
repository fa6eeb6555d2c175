"""Decide between contradictory records: by a person, or by the policy of wacost.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.ingest.fold import fold_again, prepare, run_sql
from wacost.ingest.reasons import sentence
from wacost.ingest.tables.settle import settle as settle_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

HOLD: Final = "hold"
POLICIES: Final[dict[str, str]] = {HOLD: "0", "shortest": "seconds", "longest": "-seconds"}
"""Policy -> the order in which contradictory contents stand; the first stays."""

ID_SQL: Final = "left(md5(concat_ws(chr(31), source, line, item, reason, text)), 12)"
"""The short id of a quarantined record, from what it is: the same in every store."""


def settle(con: duckdb.DuckDBPyConnection, policy: str) -> int:
    """Let every contradiction stand as people and a policy decide; return how many calls changed.

    Args:
        con: the store, prepared, in a transaction.
        policy: "hold" holds such calls back; "shortest" and "longest" take the record that bills
            the fewest or the most seconds. What a person discarded stays out in any case.
    """
    if not con.execute(
        "SELECT 1 FROM quarantine WHERE reason = 'contradiction' LIMIT 1"
    ).fetchall():
        return 0
    held, state = ("true", "open") if policy == HOLD else ("false", policy)
    marks = {"order": POLICIES[policy], "held": held, "state": state}
    run_sql(con, "decide.sql", contradiction=f"'{sentence('contradiction')}'", **marks)
    changed = fold_again(con, "decided_calls")
    settle_pairs(con)  # what was held as doubtful was folded anew
    return changed


def apply_policy(con: duckdb.DuckDBPyConnection, policy: str) -> int:
    """Let the contradictions of a store stand as wacost.toml says now.

    Does nothing where they do already. The caller holds a transaction.
    """
    if stands(con, policy):
        return 0
    prepare(con)
    return settle(con, policy)


def stands(con: duckdb.DuckDBPyConnection, policy: str) -> bool:
    """Tell whether all contradictions of a store stand as a policy decides."""
    state = "open" if policy == HOLD else policy
    return not con.execute(
        "SELECT 1 FROM quarantine WHERE reason = 'contradiction' AND state NOT IN ('discarded', $1)"
        " LIMIT 1",
        [state],
    ).fetchall()


def policy_in_force(con: duckdb.DuckDBPyConnection) -> str:
    """Return the policy by which the contradictions of a store stand now."""
    rows = con.execute(
        "SELECT max(state) FROM quarantine"
        " WHERE reason = 'contradiction' AND state NOT IN ('open', 'discarded')"
    ).fetchall()
    return str(rows[0][0] or HOLD)


def discard(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> None:
    """Set records aside for good; where one contradicts, what the store has is right."""
    con.execute(
        f"UPDATE quarantine SET state = 'discarded' WHERE list_contains($1, {ID_SQL})",  # noqa: S608
        [list(ids)],
    )


def take(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> None:
    """Let contradictory records be the right ones: all others of their keys are discarded.

    Args:
        con: the store, prepared, in a transaction.
        ids: at most one record of a key.
    """
    said = f"'{sentence('contradiction')}'"
    run_sql(con, "take.sql", ids=_list(ids), id=ID_SQL, contradiction=said)


def reopen(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> None:
    """Forget that records of this batch's sources were refused; they are about to be read again.

    Args:
        con: the store, prepared and staged for a load, in its transaction.
        ids: of the records.
    """
    run_sql(con, "reopen.sql", ids=_list(ids), id=ID_SQL)
    fold_again(con, "reopened_calls")


def _list(ids: Sequence[str]) -> str:
    """Write ids as a list of SQL; they are hashes that this file has made."""
    return "[" + ", ".join(f"'{int(one, 16):012x}'" for one in ids) + "]::VARCHAR[]"
