"""`wacost availability`: where calls are offered, and which calls of the log contradict that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.cli.common import (
    CountryType,
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
from wacost.cli.shares import clock, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.analytics.rows import Row
    from wacost.contacts.availability import Offer


_WORDS: Final = {"no": "not offered", "doubtful": "doubtful", "offered": "offered"}


@click.command()
@click.argument("country", required=False, type=CountryType())
@click.option(
    "--direction",
    type=click.Choice(["inbound", "outbound"]),
    help="Who calls: the contact (inbound) or the business; default: both.",
)
@click.option("--at", help="At this moment, ISO 8601; without an offset UTC; default: now.")
@click.option("--month", type=MonthType(), metavar="YYYY-MM", help="Calls that contradict rules.")
@click.option("--account", help="Only this account, with --month.")
@workspace_option
@json_option
@debug_option
def command(
    *,
    country: str | None,
    direction: str | None,
    at: str | None,
    month: str | None,
    account: str | None,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Where calls are offered, and calls of a month that contradict it.

    Of a COUNTRY: whether calls are offered to business numbers of it, and with contacts in it;
    a moment without an offset is UTC.
    Every rule says from when it holds and how it is known.
    """
    if (country is None) == (month is None):
        raise click.UsageError("name a COUNTRY or a --month, one of them")
    if month is not None:
        only_with("a COUNTRY", at=at, direction=direction)
        rows = open_at(workspace).against_availability(month, account=account)
        _show_calls(rows, month, as_json=as_json)
        return
    only_with("--month", account=account)
    from wacost.contacts.availability import availability
    from wacost.rating.quote import told_time

    with wrong_usage():
        offers = [
            availability(country or "", way, side, told_time(at))
            for side in ("business", "contact")
            for way in ([direction] if direction else ["inbound", "outbound"])
        ]
    if as_json:
        write_json([offer.as_dict() for offer in offers])
    else:
        click.echo(_offers(offers))


def _offers(offers: Sequence[Offer]) -> str:
    of = {"business": "numbers of", "contact": "contacts in"}
    parts = []
    for offer in offers:
        parts.append(
            f"{offer.direction} calls, {of[offer.side]} {offer.country}, on {offer.on}:"
            f" {_WORDS[offer.verdict]}"
        )
        if not offer.rules:
            parts.append(f"  {'no source says otherwise' if offer else 'before the beta'}")
        for rule in offer.rules:
            end = f" to {rule.to_on}" if rule.to_on else ""
            parts.append(f"  {rule.name}, from {rule.from_on}{end} ({rule.status})")
            parts.append(f"    {rule.source}")
    return "\n".join(parts)


def _show_calls(rows: list[Row], month: str, *, as_json: bool) -> None:
    if as_json:
        write_json(rows)
        return
    if not rows:
        say(f"no call of {month} contradicts a rule of availability")
        return
    head = ["rule", "calls are", "by", "direction", "number", ">calls", ">answered", "last"]
    cells = [
        [
            row["rule"],
            _WORDS[row["verdict"]],
            f"{'number' if row['side'] == 'business' else 'contact'} of {row['country']}",
            row["direction"],
            row["number"] or "?",
            count(row["calls"]),
            count(row["answered"]),
            clock(row["last_at"])[:10],
        ]
        for row in rows
    ]
    click.echo(table(head, cells))
