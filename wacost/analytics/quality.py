"""Service quality: how many calls were answered, how long they lasted, why others broke."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.rows import Row, rows_of
from wacost.analytics.stage import fill, grouped, sql_of
from wacost.bundled import bundled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUALITY_BY: Final = ("number", "country", "hour", "weekday", "direction", "account", "contact")
SHORT_S: Final = 10
_IN_TIME: Final = {"hour", "weekday"}


@dataclass(frozen=True)
class Quality:
    """What a month's report on service quality says.

    ASR is answered ÷ attempts, NER (answered + missed + no answer + rejected + declined) ÷
    attempts, ACD answered seconds ÷ answered calls. Shares are percent to one place, each with
    the bounds of its Wilson interval at 95 %.

    Attributes:
        month: like "2026-10".
        by: the columns that `rows` and `failures` are told by.
        short_s: an answered call shorter than this is a short one, in seconds.
        total: over all.
        rows: by the columns asked for.
        codes: error codes with their meaning, over all.
        failures: the same by the columns asked for.
    """

    month: str
    by: tuple[str, ...]
    short_s: int
    total: Row
    rows: list[Row]
    codes: list[Row]
    failures: list[Row]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def quality(con: DuckDBPyConnection, month: str, by: Sequence[str], short_s: int) -> Quality:
    """Return the report on quality; `month_calls` is staged already.

    Args:
        con: an open store.
        month: the one staged.
        by: some of `QUALITY_BY`.
        short_s: see `Quality`.
    """
    prepare(con, short_s)
    return Quality(
        month=month,
        by=tuple(by),
        short_s=short_s,
        total=next(iter(rows_of(con, quality_sql([]))), {}),
        rows=rows_of(con, quality_sql(by)) if by else [],
        codes=rows_of(con, failures_sql([])),
        failures=rows_of(con, failures_sql(by)) if by else [],
    )


def prepare(con: DuckDBPyConnection, short_s: int) -> None:
    """Make what the queries read beside `month_calls`: the meaning of codes, what is short."""
    con.execute("SET VARIABLE short_s = $1::BIGINT", [short_s])
    fill(con, "error_codes", "code INTEGER, meaning VARCHAR, http VARCHAR", error_codes())


def quality_sql(by: Sequence[str]) -> str:
    """Return the query of quality by some columns.

    Raises:
        InputError: calls cannot be told by that.
    """
    order = [f'"{column}"' for column in by if column in _IN_TIME]
    order += ["calls DESC", *(f'"{column}"' for column in by if column not in _IN_TIME)]
    return sql_of("quality").format(by=grouped(by), order=", ".join(order))


def failures_sql(by: Sequence[str]) -> str:
    """Return the query of error codes by some columns; raises as `quality_sql`."""
    order = ["calls DESC", *(f'"{column}"' for column in by), "code NULLS LAST"]
    return sql_of("failures").format(by=grouped(by), order=", ".join(order))


def error_codes() -> list[tuple[int, str, str | None]]:
    """Return the error codes of calls that are known: (code, meaning, HTTP status or None).

    >>> [code for code, _, http in error_codes() if http == "401"]
    [138000, 138006]
    """
    with (bundled("policies") / "error_codes.csv").open(encoding="utf-8", newline="") as file:
        return [(int(r["code"]), r["meaning"], r["http"] or None) for r in csv.DictReader(file)]
