"""What a format makes of each column of a view, as SQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

CSV: Final = "csv"
PARQUET: Final = "parquet"
XLSX: Final = "xlsx"
_CONTACTS: Final = ("contact", "contact_user_id")
_ISO: Final = "'%Y-%m-%dT%H:%M:%SZ'"


def shown_sql(con: DuckDBPyConnection, what: str, form: str) -> str:
    """Return the list of a SELECT over a view, and make the macros that it is told with.

    It has a `?` for each column of contacts: the accounts whose contacts are told in full, among
    them "" for calls that no account claims.

    Args:
        con: an open store.
        what: the view: "calls" or "charges".
        form: the format.
    """
    con.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    columns = con.execute(f"SELECT * FROM {what} LIMIT 0").description or []  # noqa: S608 - checked
    return ", ".join(_columns([(name, str(kind)) for name, kind, *_ in columns], what, form))


def _columns(columns: list[tuple[str, str]], what: str, form: str) -> Iterator[str]:
    for name, kind in columns:
        value = f"{what}.{name}"
        if name in _CONTACTS:
            full = f"list_contains(?::VARCHAR[], coalesce({what}.account, ''))"
            value = f"CASE WHEN {full} THEN {value} ELSE export_hidden({value}) END"
        yield f"{_told(value, name, kind, form)} AS {name}"


def _told(value: str, name: str, kind: str, form: str) -> str:
    """Return the SQL of a value as a format has it."""
    if name == "amount_units":
        return f"{value}::DECIMAL(38, 0)" if form == PARQUET else f"{value}::VARCHAR"
    if form == PARQUET:
        return value
    if name == "flags":
        return f"nullif(array_to_string({value}, ' '), '')"
    if name == "parts":
        return f"export_parts({value})"
    return _of_csv(value, kind) if form == CSV else value


def _of_csv(value: str, kind: str) -> str:
    if kind == "VARCHAR":
        return f"export_harmless({value})"
    if kind.startswith("DECIMAL"):
        return f"export_plain({value})"
    return f"strftime({value}, {_ISO})" if kind.startswith("TIMESTAMP") else value
