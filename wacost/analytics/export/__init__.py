r"""Calls and charges as files for other tools: CSV, Parquet, XLSX.

The columns are those of the views `calls` and `charges`, in their order, and the rows in the order
of `Workspace.calls` and `Workspace.charges`. What each format makes of a value:

* CSV: UTF-8, `\n` line ends, decimal points; moments in UTC as `2026-10-05T12:00:00Z`; amounts and
  rates as exact decimals without trailing zeros; `flags` with spaces between, `parts` as JSON whose
  amounts are texts. A text that a spreadsheet would run as a formula has an apostrophe before it.
* Parquet: amounts and rates are decimals, moments are timestamps in UTC, `flags` and `parts` are
  lists; `amount_units`, an integer of 38 digits, is a decimal without places.
* XLSX: amounts are numbers, which a spreadsheet cuts to 15 digits: `amount_units` stands beside
  them as text, exact. No text is a formula.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.analytics.export.shown import CSV, PARQUET, XLSX, shown_sql
from wacost.analytics.listing import calls_query, charges_query
from wacost.errors import InputError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.zones import Span

_ERRNO: Final = re.compile(r'"errno":\s*"?([0-9]+)')
FORMATS: Final = (CSV, PARQUET, XLSX)
WHATS: Final = ("calls", "charges")
_NUMBERS: Final = {"calls": 2, "charges": 0}
"""Columns that tell of the other party, which the query takes one value for each."""


def checked_export(what: str, format: str) -> None:  # noqa: A002 - as the command line's --format
    """Refuse what cannot be exported.

    Raises:
        InputError: neither calls nor charges, or an unknown format.
    """
    for word, known, kind in ((what, WHATS, "table"), (format, FORMATS, "format")):
        if word not in known:
            raise InputError(f"{word!r} is no {kind} to export", hint=nearest(word, known, kind))


def export_file(
    con: DuckDBPyConnection,
    file: Path,
    *,
    what: str,
    format: str,  # noqa: A002 - as the command line's --format
    month: str | None = None,
    account: str | None = None,
    side: str | None = None,
    zones: Mapping[str, Sequence[Span]],
    full_numbers: Collection[str] = (),
) -> int:
    """Write one file and return its rows.

    Args:
        con: an open store.
        file: where to; what it held is gone. A fault leaves it half-written.
        what: "calls" or "charges".
        format: "csv", "parquet" or "xlsx".
        month: as of `Workspace.calls` and `Workspace.charges`; None: all.
        account: only its rows; None: all.
        side: of charges: "cost" or "sale"; None: both.
        zones: account -> its time zones.
        full_numbers: accounts whose contacts are told in full, "" for calls of none; the middle of
            all others is hidden.

    Raises:
        OSError: the file cannot be written.
    """
    shown = shown_sql(con, what, format)
    if what == "calls":
        sql, values = calls_query(month=month, account=account, zones=zones, shown=shown)
    else:
        sql, values = charges_query(month=month, account=account, side=side, shown=shown)
    values = [*[list(full_numbers)] * _NUMBERS[what], *values]
    if format == XLSX:
        from wacost.analytics.export.sheet import write_sheet  # noqa: PLC0415 - a library

        return write_sheet(con, sql, values, file, what)
    return _write(con, sql, values, file, format)


def _write(
    con: DuckDBPyConnection, sql: str, values: Sequence[object], file: Path, form: str
) -> int:
    import duckdb  # noqa: PLC0415

    ((rows,),) = con.execute(f"SELECT count(*) FROM ({sql})", values).fetchall()  # noqa: S608
    found = con.sql(sql, params=values)
    try:
        if form == CSV:
            found.write_csv(str(file), header=True)
        else:
            found.write_parquet(str(file), compression="zstd")
    except duckdb.IOException as error:
        raise _system_error(str(error)) from error
    return int(rows)


def _system_error(text: str) -> OSError:
    """Return the error of the system that DuckDB tells of, which gives its number or its words.

    >>> _system_error('Could not write: No space left on device","errno":"28"}').strerror
    'No space left on device'
    >>> str(_system_error('Cannot open file "x": Not a directory'))
    'Not a directory'
    """
    number = _ERRNO.search(text)
    if number:
        return OSError(int(number[1]), os.strerror(int(number[1])))
    return OSError(text.partition("\n")[0].rpartition(": ")[2])
