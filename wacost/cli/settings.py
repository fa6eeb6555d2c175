"""`wacost settings`: what calling settings numbers had, and which calls contradict them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.cli.common import (
    MonthType,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
)
from wacost.cli.shares import clock, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.analytics.rows import Row


@click.command()
@click.option(
    "--month", type=MonthType(), metavar="YYYY-MM", help="Calls of a month that contradict them."
)
@click.option("--account", help="Only this account.")
@workspace_option
@json_option
@debug_option
def command(
    *, month: str | None, account: str | None, workspace: Path | None, as_json: bool
) -> None:
    """Calling settings of each number over time, and calls that contradict them.

    They come from settings events, from `channel_settings.csv` (phone_number_id, from, calling,
    inbound, callback_permission: on or off), call hours also from `call_hours` in wacost.toml.
    Phones may take up to 7 days to follow a change: calls that came so soon are told apart.
    """
    log = open_at(workspace)
    if month is None:
        rows = log.settings_over_time(account)
        nothing = "no webhook tells of any settings" + (f" of {account}" if account else "")
    else:
        rows = log.against_settings(month, account=account)
        nothing = f"no call of {month} contradicts the settings that are known"
    if as_json:
        write_json(rows)
    elif not rows:
        say(nothing)
    else:
        click.echo(_over_time(rows) if month is None else _against(rows))


def _over_time(rows: Sequence[Row]) -> str:
    """Lay the settings out; what is told of no number has no column."""
    head = ["number", "from", "to", "calling", "inbound", "icon", "callback", "hours", "account"]
    cells = [
        [
            row["number"] or row["phone_number_id"],
            clock(row["from_at"]),
            clock(row["to_at"]),
            *((row[name] or "").lower() for name in ("calling", "inbound", "call_icon")),
            (row["callback_permission"] or "").lower(),
            " ".join(
                filter(None, [(row["call_hours_status"] or "").lower(), row["call_hours_zone"]])
            ),
            row["account"] or "?",
        ]
        for row in rows
    ]
    told = [place for place in range(len(head)) if any(row[place] for row in cells)]
    return table([head[place] for place in told], [[row[place] for place in told] for row in cells])


def _against(rows: Sequence[Row]) -> str:
    head = ["what", "number", "direction", ">calls", ">answered", ">in 7 days", "last"]
    cells = [
        [
            row["rule"],
            row["number"] or "?",
            row["direction"],
            *(count(row[name]) for name in ("calls", "answered", "within_7_days")),
            clock(row["last_at"]),
        ]
        for row in rows
    ]
    return table(head, cells)
