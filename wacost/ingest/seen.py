"""Files that the store has just as they lie there: known by size, time and edges, and not read.

Reading one again would find a duplicate in every record that counts, and refuse the others anew.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from wacost.errors import Problem, StoreError
from wacost.ingest.decide import stands
from wacost.ingest.load import SHOWN, Handling, Loaded, fingerprint
from wacost.store import SCHEMA_VERSION, open_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb

    from wacost.config import ImportMapping

Seen = dict[str, Loaded]
"""Name of a source -> what reading it again would find."""

_KNOWN: Final = """
SELECT source, bytes, mtime_ns, fingerprint, reading, new, duplicate, quarantined, ignored, reasons
FROM sources
WHERE list_contains($1, source) AND mtime_ns IS NOT NULL
    -- Another event has won or lost since, or a person has decided: its counts are others now.
    AND coalesce((reasons::JSON->>'$.contradiction')::BIGINT, 0) = (
        SELECT count(*) FROM quarantine
        WHERE quarantine.source = sources.source AND reason = 'contradiction'
    )
"""
_SUMMARY_MONTHS: Final = "SELECT DISTINCT month FROM summaries WHERE source = $1"
_REFUSED: Final = """
SELECT source, line, reason, message, text FROM quarantine
WHERE source = $1 AND list_contains($2, reason) ORDER BY ALL LIMIT $3
"""


def reading_of(wanted: str | None, mapping: ImportMapping | None = None) -> str:
    """Return a short text of what decides how a file is read, beside its bytes.

    Args:
        wanted: the only format that may come.
        mapping: of a table.
    """
    told = [version("wacost"), str(SCHEMA_VERSION), wanted or ""]
    if mapping is not None:
        zones = version("tzdata")
        told.append(hashlib.sha256(f"{mapping!r} {zones}".encode()).hexdigest()[:16])
    return " ".join(told).rstrip()


def seen(
    store_path: Path, files: Mapping[str, tuple[Path, str]], handling: Handling, left: int = SHOWN
) -> Seen:
    """Return those among some files that need not be read. Writes nothing.

    A store that is not there, is locked or is of another version knows none: the load itself says
    what is in the way.

    Args:
        store_path: the DuckDB file.
        files: name of the source -> the file, and how it would be read (`reading_of`).
        handling: of the load; one that reads refused records again knows no file.
        left: how many quarantined records the report carries along.
    """
    if handling.again or not files or not store_path.exists():
        return {}
    with (
        suppress(StoreError),
        open_store(store_path, read_only=True, wait_s=0) as con,
    ):
        if stands(con, handling.contradiction):
            return _seen(con, files, left)
    return {}


def _seen(con: duckdb.DuckDBPyConnection, files: Mapping[str, tuple[Path, str]], left: int) -> Seen:
    found: Seen = {}
    for name, size, mtime_ns, edges, told, *counts in con.execute(_KNOWN, [list(files)]).fetchall():
        path, reading = files[name]
        if (size, mtime_ns, told) != (*stamp(path), reading) or edges != fingerprint(path):
            continue
        reasons = Counter(json.loads(counts.pop()))
        problems = _problems(con, name, list(reasons), left)
        left -= len(problems)
        months = con.execute(_SUMMARY_MONTHS, [name]).fetchall()
        told_months = frozenset(month for (month,) in months)
        found[name] = Loaded(_counts(*counts), reasons, 0, problems, told_months)
    return found


def stamp(path: Path) -> tuple[int, int]:
    """Return the size of a file and when it was written last, in nanoseconds."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _counts(new: int, duplicate: int, quarantined: int, ignored: int) -> Counter[str]:
    return Counter(duplicate=new + duplicate, quarantined=quarantined, ignored=ignored)


def _problems(
    con: duckdb.DuckDBPyConnection, source: str, reasons: Sequence[str], most: int
) -> list[Problem]:
    if not reasons or most <= 0:
        return []
    return [Problem(*row) for row in con.execute(_REFUSED, [source, reasons, most]).fetchall()]
