"""The same call from a table and from webhooks counts once: settled from the stored calls alone.

A call of a table and one of webhooks are the same where contact (else the country, where the number
is masked), direction and pick-up agree to two seconds, or the first moments where one of them has
no pick-up, one to one, and neither outcome nor length speaks against it. The webhooks' call counts,
unless `policies.source_of_record` names the table. A pair that is merely near is doubtful: the
table's call is held.

A redacted contact is compared by its keyed hash. What two stored calls had of each other before one
of them lost its contact is kept, where it cannot be told any more. A call that comes after that may
be of the forgotten contact, and nobody can say: such a pair is doubtful. So is a call that is told
again by the same source after its contact was forgotten: its id is not known any more either.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.ingest.meta import statements
from wacost.ingest.reasons import HELD
from wacost.ingest.secret import prepare_keyed, read_key
from wacost.ingest.tables.choose import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Work out anew which calls count, inside the caller's transaction.

    Costs nothing where no table was ever loaded, nobody decided that two calls are one, and nobody
    was forgotten.
    """
    if not con.execute(_ANY, [IMPORTED]).fetchall():
        return
    _pair(con)
    for statement in statements("tables/settle.sql"):
        con.execute(statement.replace("{doubtful}", f"'{HELD['doubtful_match']}'"))


@contextmanager
def likeness_kept(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Redact calls in the block without losing what could be told of them and of those near them.

    Args:
        con: the store, in the caller's transaction. `chosen` has the calls that the block redacts,
            which makes `renamed` of it; the caller settles after it.
    """
    before, after = statements("tables/kept.sql")
    _pair(con)
    con.execute(before)
    yield
    _pair(con)
    con.execute(after)


def _pair(con: duckdb.DuckDBPyConnection) -> None:
    """Make the pairs of calls that may be one."""
    key = _key_in_use(con)
    if key:
        prepare_keyed(con, "home_keyed", key)
    token = "home_keyed('contact', name)" if key else "name"
    con.execute(f"CREATE OR REPLACE TEMP MACRO token(name) AS {token}")
    for statement in statements("tables/pairs.sql"):
        con.execute(statement)


def _key_in_use(con: duckdb.DuckDBPyConnection) -> bytes | None:
    """Return the key of the workspace that the store lies in, where calls were redacted by it."""
    rows = con.execute(
        "SELECT path FROM duckdb_databases() WHERE database_name = current_database()"
        " AND EXISTS (FROM call_rows WHERE starts_with(call_id, 'redacted.'))"
    ).fetchall()
    return read_key(Path(rows[0][0]).parent) if rows and rows[0][0] else None


_ANY: Final = """
SELECT 1 FROM sources WHERE starts_with(format, $1)
UNION ALL SELECT 1 FROM superseded
UNION ALL SELECT 1 FROM redacted_names WHERE kind = 'forgotten'
UNION ALL SELECT 1 FROM decisions WHERE outcome = 'same'
LIMIT 1
"""
