"""Calls of contacts that nobody answered: how many, when, who still waits, who was called back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.rows import Row, clock_of, local_times, rows_of
from wacost.analytics.stage import Asked, fill, grouped, sql_of
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MISSED_BY: Final = ("hour", "weekday", "country", "number", "contact", "account")
FOLD_HOURS: Final = 24
SHARES: Final = ("80", "90", "95", "100")
"""Percent of callers that would find somebody free, for which agents are counted."""


@dataclass(frozen=True)
class Missed:
    """What a month's report on missed calls says. Times are on the clocks of their account.

    Attributes:
        month: like "2026-10".
        by: the columns that `rows` are told by.
        fold_hours: how long a further attempt is part of the same need, and an answer in time.
        as_of: up to when the store knows, UTC; None: it has no call.
        total: the counts over all.
        rows: the same by the columns asked for.
        outcomes: of the needs: called back, called again, later, waiting, nameless; with the
            median and the ninth decile of how long people waited.
        waiting: who has not been answered since, the oldest first.
        called_back: cost of the calls that answered a need, by currency.
        numbers: per number: most calls at once, calls missed meanwhile, agents for `SHARES`
            (`agents_for` in `as_dict`).
        accounts: agents for all numbers of an account together.
        hours: per number and hour of the day: the most calls at once.
        falling: numbers whose pickup rate fell.
        warned: what Meta said about low pickup in the month.
    """

    month: str
    by: tuple[str, ...]
    fold_hours: int
    as_of: datetime | None
    total: Row
    rows: list[Row]
    outcomes: list[Row] = field(default_factory=list)
    waiting: list[Row] = field(default_factory=list)
    called_back: list[Row] = field(default_factory=list)
    numbers: list[Row] = field(default_factory=list)
    accounts: list[Row] = field(default_factory=list)
    hours: list[Row] = field(default_factory=list)
    falling: list[Row] = field(default_factory=list)
    warned: list[Row] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON; amounts are text."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        told["agents_for"] = list(SHARES)
        told["called_back"] = [
            {**row, "amount": None if row["amount"] is None else plain(trimmed(row["amount"]))}
            for row in self.called_back
        ]
        return told


def missed(
    con: DuckDBPyConnection, asked: Asked, by: Sequence[str], fold_hours: int = FOLD_HOURS
) -> Missed:
    """Return the report on missed calls; `month_calls` and the call hours are staged already.

    Args:
        con: an open store.
        asked: whose calls of which month.
        by: some of `MISSED_BY`.
        fold_hours: see `Missed`.
    """
    as_of = prepare(con, fold_hours)
    con.execute(sql_of("busy"))
    clock = clock_of(asked.zones)
    spans = asked.zones

    def told(name: str) -> list[Row]:
        return local_times(rows_of(con, _NAMED[name]), spans)

    return Missed(
        month=asked.month,
        by=tuple(by),
        fold_hours=fold_hours,
        as_of=clock(asked.account, as_of),
        total=rows_of(con, missed_sql([]))[0],
        rows=rows_of(con, missed_sql(by)) if by else [],
        outcomes=told("outcomes"),
        waiting=local_times(rows_of(con, sql_of("waiting")), spans),
        called_back=rows_of(con, sql_of("called_back")),
        numbers=told("numbers"),
        accounts=told("accounts"),
        hours=told("hours"),
        falling=rows_of(con, sql_of("pickup")) if as_of else [],
        warned=local_times(rows_of(con, sql_of("warned")), spans),
    )


def stage_hours(con: DuckDBPyConnection, open_spans: Sequence[Any], known: Sequence[Any]) -> None:
    """Put the call hours beside the staged calls; `stage` comes before.

    Args:
        con: an open store.
        open_spans: (phone number id, UTC day, from, to).
        known: (phone number id, from, to): where hours are known at all.
    """
    columns = "phone_number_id VARCHAR, utc_day DATE, from_at TIMESTAMP, to_at TIMESTAMP"
    fill(con, "open_spans", columns, open_spans)
    columns = "phone_number_id VARCHAR, from_at TIMESTAMP, to_at TIMESTAMP"
    fill(con, "hours_known", columns, known)


def prepare(con: DuckDBPyConnection, fold_hours: int) -> datetime | None:
    """Make the tables `lost_calls` and `needs`; return up to when the store knows, in UTC."""
    newest = "SELECT max(greatest(first_event_at, ended_at)) FROM call_rows"
    as_of: datetime | None = con.execute(newest).fetchall()[0][0]
    talk = "SELECT coalesce(sum(talk_s) // nullif(count(talk_s), 0), 0) FROM month_calls"
    average = con.execute(f"{talk} WHERE answered AND direction = 'inbound'").fetchall()[0][0]
    con.execute("SET VARIABLE fold_s = $1::BIGINT", [fold_hours * 3600])
    con.execute("SET VARIABLE as_of = $1::TIMESTAMP", [as_of])
    con.execute("SET VARIABLE talk_s = $1::BIGINT", [average])
    con.execute(sql_of("missed"))
    return as_of


def missed_sql(by: Sequence[str]) -> str:
    """Return the query of missed calls by some columns; the tables are made by `prepare`.

    Raises:
        InputError: calls cannot be told by that.
    """
    in_time = {"hour", "weekday"}
    order = [f'"{column}"' for column in by if column in in_time]
    order += ["missed + declined + failed DESC", "calls DESC"]
    order += [f'"{column}"' for column in by if column not in in_time]
    return sql_of("missed_by").format(by=grouped(by), order=", ".join(order))


_NAMED: Final = {
    "outcomes": """
        SELECT
            outcome, count(*) AS needs, sum(attempts)::BIGINT AS attempts,
            quantile_disc(waited_s, 0.5) AS waited_s, quantile_disc(waited_s, 0.9) AS waited_most_s
        FROM needs
        GROUP BY outcome
        ORDER BY needs DESC, outcome
    """,
    "numbers": "SELECT * FROM number_load ORDER BY account NULLS LAST, number",
    "accounts": "SELECT * FROM account_load ORDER BY account NULLS LAST",
    "hours": "FROM hour_load",
}
