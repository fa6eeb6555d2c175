"""Take back what a table told under a mapping that has since been put right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.ingest.meta import statements

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb


def take_back(con: duckdb.DuckDBPyConnection, fingerprints: Mapping[str, str]) -> bool:
    """Remove what earlier loads of the very same tables told and this one does not.

    A file of the same name with other bytes (next month's export) takes nothing back.

    Args:
        con: the store, with a batch staged, inside a transaction.
        fingerprints: of the tables in the batch, by the name of the source.

    Returns:
        Whether calls have to be folded anew: those in `outdated`.
    """
    if not fingerprints:
        return False
    con.execute(
        "CREATE OR REPLACE TEMP TABLE reread AS SELECT source FROM sources JOIN"
        " (SELECT unnest($1) AS source, unnest($2) AS fingerprint) USING (source, fingerprint)",
        [list(fingerprints), list(fingerprints.values())],
    )
    for statement in statements("tables/reread.sql"):
        con.execute(statement)
    return bool(con.execute("SELECT 1 FROM outdated LIMIT 1").fetchall())
