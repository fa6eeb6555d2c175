"""The same call from a table and from webhooks counts once: settled from the stored calls alone.

A call of a table and one of webhooks are the same where contact (else the country, where the number
is masked), direction and pick-up agree to two seconds, or the first moments where one of them has
no pick-up, one to one, and neither outcome nor length speaks against it. The webhooks' call counts,
unless `policies.source_of_record` names the table. A pair that is merely near is doubtful: the
table's call is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.ingest.meta import statements
from wacost.ingest.reasons import HELD
from wacost.ingest.tables.choose import IMPORTED

if TYPE_CHECKING:
    import duckdb


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Work out anew which calls count, inside the caller's transaction.

    Costs nothing where no table was ever loaded and nobody decided that two calls are one.
    """
    if not con.execute(_ANY, [IMPORTED]).fetchall():
        return
    for statement in statements("tables/settle.sql"):
        con.execute(statement.replace("{doubtful}", f"'{HELD['doubtful_match']}'"))


_ANY: Final = """
SELECT 1 FROM sources WHERE starts_with(format, $1)
UNION ALL SELECT 1 FROM superseded
UNION ALL SELECT 1 FROM decisions WHERE outcome = 'same'
LIMIT 1
"""
