"""The same call from a table and from webhooks counts once: settled from the stored calls alone.

A call of a table and one of webhooks are the same where contact (else the country, where the number
is masked), direction and pick-up agree to two seconds, or the first moments where one of them has
no pick-up, one to one, and neither outcome nor length speaks against it. The webhooks' call counts,
unless `policies.source_of_record` names the table. A pair that is merely near is doubtful: the
table's call is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.ingest.meta import statements
from wacost.ingest.reasons import HELD
from wacost.ingest.tables.choose import IMPORTED

if TYPE_CHECKING:
    import duckdb


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """Work out anew which calls count, inside the caller's transaction.

    Costs nothing where no table was ever loaded.
    """
    any_table = "SELECT 1 FROM sources WHERE starts_with(format, ?) LIMIT 1"
    if not con.execute(any_table, [IMPORTED]).fetchall():
        return
    for statement in statements("tables/settle.sql"):
        con.execute(statement.replace("{doubtful}", f"'{HELD['doubtful_match']}'"))
