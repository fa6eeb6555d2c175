"""Lists about contacts and numbers: service windows, settings, calls against the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wacost.analytics.rows import Row, local_times, rows_of
from wacost.analytics.stage import fill, sql_of
from wacost.dialplan import country_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.zones import Span

Zones = Mapping[str, Sequence["Span"]]
KeptOut = tuple[str, str, str, str, datetime, datetime, str, str]


def windows_opened(con: DuckDBPyConnection) -> list[Row]:
    """Return service windows that opened in the staged month, by account."""
    return rows_of(con, sql_of("windows"))


def windows_closing(
    con: DuckDBPyConnection, at: datetime, hours: int, account: str | None, zones: Zones
) -> list[Row]:
    """Return windows that are open at a moment and close within some hours, the first first.

    Args:
        con: an open store.
        at: the moment, UTC without an offset; what comes after it is not known.
        hours: how soon.
        account: only its own; None: all.
        zones: account -> its time zones, for the times of the rows.
    """
    values = {"at": at, "hours": hours, "account": account}
    return local_times(rows_of(con, sql_of("closing"), values), zones)


def stage_settings(con: DuckDBPyConnection, typed: Sequence[Sequence[Any]]) -> None:
    """Put settings that a person typed in beside those of events.

    Args:
        con: an open store.
        typed: (phone number id, from, calling, inbound, callback permission).
    """
    columns = "phone_number_id VARCHAR, event_at TIMESTAMP, calling VARCHAR, inbound VARCHAR"
    rows = [tuple(row) for row in typed]
    fill(con, "typed_settings", f"{columns}, callback_permission VARCHAR", rows)
    con.execute(sql_of("settings_staged"))


def settings_over_time(con: DuckDBPyConnection, zones: Zones) -> list[Row]:
    """Return what the settings of each number were, and from when until when."""
    return local_times(rows_of(con, sql_of("settings_told")), zones)


def agents(con: DuckDBPyConnection, typed: Sequence[tuple[str, str, str]]) -> list[Row]:
    """Return who answered the calls of the staged month, by account and agent.

    Args:
        con: an open store.
        typed: (call id, tracking, agent) that a person wrote down; "" where not told.
    """
    rows = [(call_id or None, tracking or None, agent) for call_id, tracking, agent in typed]
    fill(con, "typed_agents", "call_id VARCHAR, tracking VARCHAR, agent VARCHAR", rows)
    return rows_of(con, sql_of("agents"))


def against_settings(con: DuckDBPyConnection, zones: Zones) -> list[Row]:
    """Return calls of the staged month against settings; these and call hours are staged too."""
    return local_times(rows_of(con, sql_of("against_settings")), zones)


def against_availability(
    con: DuckDBPyConnection, kept_out: Sequence[KeptOut], zones: Zones
) -> list[Row]:
    """Return calls of the staged month that a rule of availability says cannot be.

    Args:
        con: an open store.
        kept_out: a row per rule, direction and country: name, side, direction, country, from,
            to, verdict, status.
        zones: account -> its time zones.
    """
    columns = "name VARCHAR, side VARCHAR, direction VARCHAR, country VARCHAR"
    columns += ", from_at TIMESTAMP, to_at TIMESTAMP, verdict VARCHAR, status VARCHAR"
    fill(con, "kept_out", columns, kept_out)
    query = "SELECT DISTINCT business_number FROM month_calls WHERE business_number IS NOT NULL"
    numbers: list[tuple[Any, ...]] = [
        (number, country_of(number)) for (number,) in con.execute(query).fetchall()
    ]
    fill(con, "number_countries", "number VARCHAR, country VARCHAR", numbers)
    return local_times(rows_of(con, sql_of("contradictions")), zones)
