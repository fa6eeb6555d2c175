"""`wacost agents`: who answered how many calls, for how long, and whether two at once."""

from __future__ import annotations

from pathlib import Path

import click

from wacost.analytics.rows import seconds_in_words
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
from wacost.cli.shares import count


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@workspace_option
@json_option
@debug_option
def command(*, month: str, account: str | None, workspace: Path | None, as_json: bool) -> None:
    """Agents: handled calls, talk time, occupancy, one call at a time checked.

    Who answered is told by `agents.csv` in the workspace (call_id or tracking, agent), else by a
    tracking text like agent=Ana. Occupancy is talk ÷ the time from the first to the last call of
    each day: nothing tells when somebody was there without a call.
    """
    rows = open_at(workspace).agents_report(month, account=account)
    if as_json:
        write_json(rows)
        return
    if not rows:
        say(f"no call of {month} was answered")
        return
    if all(row["agent"] is None for row in rows):
        say("nothing tells who answered: write agents.csv (call_id or tracking, agent)")
    head = ["agent", ">handled", ">in", ">out", ">talk", ">days", ">occupancy", ">two at once"]
    cells = [
        [
            row["agent"] or "not told",
            *(count(row[name]) for name in ("handled", "inbound", "outbound")),
            seconds_in_words(row["total_talk_s"]),
            count(row["active_days"]) if row["agent"] else "",
            "" if row["occupancy"] is None else f"{row['occupancy']} %",
            count(row["at_once"]) if row["agent"] else "",
            row["account"] or "?",
        ]
        for row in rows
    ]
    click.echo(table([*head, "account"], cells))
