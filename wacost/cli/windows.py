"""`wacost windows`: customer service windows of a month, and those that are about to close."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.analytics.rows import seconds_in_words
from wacost.cli.common import (
    MonthType,
    debug_option,
    json_option,
    only_with,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
    wrong_usage,
)
from wacost.cli.shares import clock, count, more, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.analytics.rows import Row

_SHOWN = 40


@click.command()
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Windows opened in a month.")
@click.option(
    "--closing",
    type=click.IntRange(1, 24),
    metavar="HOURS",
    help="Windows that are open and close within so many hours.",
)
@click.option(
    "--at",
    help="The moment for --closing, ISO 8601; without an offset on the clocks of the account, of"
    " several accounts UTC; default: now.",
)
@click.option("--account", help="Only this account.")
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str | None,
    closing: int | None,
    at: str | None,
    account: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Customer service windows: of a month, or those about to close.

    A window is open for 24 hours after a contact's message, after his call whether or not it was
    answered, and after he took a call of the business. `wacost permissions CONTACT` tells of one.
    """
    if (month is None) == (closing is None):
        raise click.UsageError("name a --month or --closing HOURS, one of them")
    log = open_at(workspace)
    if month is not None:
        only_with("--closing", at=at)
        rows = log.windows_report(month, account=account)
        _show(rows, as_json, _opened, f"no service window opened in {month}")
        return
    from wacost.rating.quote import told_time

    with wrong_usage():
        moment = told_time(at)
    rows = log.windows_closing(closing or 1, moment, account=account)
    _show(rows, as_json, _closing, f"no service window closes within {closing} h")


def _show(rows: list[Row], as_json: bool, write: object, nothing: str) -> None:
    if as_json:
        write_json(rows)
    elif not rows:
        say(nothing)
    elif callable(write):
        click.echo(write(rows))


def _opened(rows: Sequence[Row]) -> str:
    head = ["account", ">windows", ">contacts", ">by calls alone", ">share", ">95 % range"]
    head += [">half open for", ">longest"]
    cells = [
        [
            row["account"] or "?",
            *(count(row[name]) for name in ("windows", "contacts", "by_calls_alone")),
            *share(row, "calls_alone"),
            seconds_in_words(row["open_s"]),
            seconds_in_words(row["longest_s"]),
        ]
        for row in rows
    ]
    return table(head, cells)


def _closing(rows: Sequence[Row]) -> str:
    """Lay out windows; each closes on the clocks of its account."""
    shown = rows[:_SHOWN]
    cells = [
        [
            clock(row["closes_at"]),
            seconds_in_words(row["left_s"]),
            row["contact"],
            row["phone_number_id"] or "?",
            row["account"] or "?",
        ]
        for row in shown
    ]
    head = ["closes", ">in", "contact", "phone number id", "account"]
    at = rows[0]["closes_at"].astimezone(UTC) - timedelta(seconds=rows[0]["left_s"])
    title = f"Open on {clock(at)} UTC, closing on the clocks of each account"
    return f"{title}\n{table(head, cells, indent=2)}{more(rows, shown)}"
