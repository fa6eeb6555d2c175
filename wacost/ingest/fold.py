"""Run an SQL file of this room; fold events into calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.dialplan import COUNTRIES, country_joins, load_sql_tables
from wacost.ingest.meta import statements

if TYPE_CHECKING:
    import duckdb


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables and macros that the SQL of this room reads."""
    load_sql_tables(con)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE countries AS SELECT unnest($1) AS code", [sorted(COUNTRIES)]
    )
    run_sql(con, "content.sql")


def run_sql(con: duckdb.DuckDBPyConnection, name: str, **marks: str) -> None:
    """Run the statements of a file, constant text put in the place of its {marks}."""
    for statement in statements(name):
        for mark, text in marks.items():
            statement = statement.replace(f"{{{mark}}}", text)  # noqa: PLW2901
        con.execute(statement)


def fold(con: duckdb.DuckDBPyConnection, events: str) -> int:
    """Make the calls of some events, which are all that these calls have; return how many.

    Args:
        con: the store, prepared.
        events: SQL that names the events, constant text.
    """
    (folded,) = statements("fold.sql")
    return write_calls(con, folded.replace("{events}", events))


def write_calls(con: duckdb.DuckDBPyConnection, folded: str) -> int:
    """Write calls that the store does not have; return how many.

    Args:
        con: the store, prepared.
        folded: SQL of the columns that fold.sql makes, constant text.
    """
    joins, country = country_joins("folded.number")
    (statement,) = statements("calls.sql")
    for mark, text in (
        ("{folded}", folded),
        ("{dial_joins}", joins),
        ("{number_country}", country),
    ):
        statement = statement.replace(mark, text)
    return int(con.execute(statement).fetchall()[0][0])


def fold_again(con: duckdb.DuckDBPyConnection, calls: str) -> int:
    """Fold the calls anew that a temporary table names; return how many.

    Args:
        con: the store, prepared.
        calls: the table's name, constant text; its column is `call_id`.
    """
    con.execute(f"DELETE FROM call_rows WHERE call_id IN (SELECT call_id FROM {calls})")  # noqa: S608
    return fold(con, f"events SEMI JOIN {calls} USING (call_id)")


def redacted_others(rows: str, column: str) -> str:
    """Return the SQL that redacts records beside the calls.

    Args:
        rows: SQL that names them, constant text.
        column: which of theirs is the id, constant text.
    """
    joins, country = country_joins("old.number")
    (text,) = statements("other.sql")
    for mark, put in (
        ("{rows}", rows),
        ("{id}", column),
        ("{dial_joins}", joins),
        ("{number_country}", country),
    ):
        text = text.replace(mark, put)
    return text.rstrip()
