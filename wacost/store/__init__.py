"""The only place that opens DuckDB: the store's file, its lock, its schema and its transactions.

Open late, close early: while one process holds the file for writing no other can even read it.
"""

from __future__ import annotations

from wacost.store.connection import open_store, scratch_store, transaction
from wacost.store.migrate import SCHEMA_VERSION

__all__ = ["SCHEMA_VERSION", "open_store", "scratch_store", "transaction"]
