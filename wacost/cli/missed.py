"""`wacost missed`: calls that nobody took, who still waits, and who would have been needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.analytics.missed import FOLD_HOURS, MISSED_BY, SHARES
from wacost.analytics.rows import seconds_in_words
from wacost.analytics.stage import in_words
from wacost.cli.common import (
    MonthType,
    by_option,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
    wrong_usage,
)
from wacost.cli.shares import clock, count, more, parts, share
from wacost.money import plain, trimmed
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.analytics.missed import Missed
    from wacost.analytics.rows import Row

SHOWN: Final = 10
"""How many of a long list are shown to people; JSON has all."""


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@by_option(MISSED_BY, "number")
@click.option(
    "--within",
    "within_hours",
    type=click.IntRange(1, 720),
    default=FOLD_HOURS,
    show_default=True,
    metavar="HOURS",
    help="A further attempt is the same need, and an answer in time, within so many hours.",
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    account: str | None,
    by: tuple[str, ...],
    within_hours: int,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Missed calls of a month: how many, who still waits, who was called back.

    Attempts of one person count as one need until somebody is reached; `contacts.csv` (contact,
    person) says which numbers are one person's. Times are those of each account's clocks.
    """
    with wrong_usage():
        found = open_at(workspace).missed_report(
            month, by=by, account=account, fold_hours=within_hours
        )
    if as_json:
        write_json(found.as_dict())
    elif not found.total.get("calls"):
        say(f"no contact called in {month}{_of(account)}: nothing was missed")
    else:
        for part in _report(found):
            click.echo(part)


def _of(account: str | None) -> str:
    return f" of account {account}" if account else ""


def _report(found: Missed) -> Iterator[str]:
    yield from _head(found)
    if found.by:
        yield f"\nBy {', '.join(found.by)}"
        yield _by_table(found)
    yield "\nWhat became of those who were not answered"
    yield _outcomes(found)
    yield from _waiting(found)
    yield "\nHow many calls at once, and how many people to answer this share of callers"
    yield _load(found)
    yield from _warnings(found)


def _head(found: Missed) -> Iterator[str]:
    total = found.total
    yield f"Calls of contacts in {found.month}, on the clocks of each account"
    yield f"  {total['calls']:,} {noun(total['calls'], 'call')}: {_went(total)}"
    pickup, between = share(total, "pickup")
    yield f"  pickup rate {pickup} (95 % range {between})"
    if total["ring_s"] is not None:
        yield f"  half of those who gave up did so within {seconds_in_words(total['ring_s'])}"
    inside, outside = total["lost_in_hours"], total["lost_out_of_hours"]
    if inside or outside:
        yield f"  not answered within call hours {inside:,}, outside of them {outside:,}"


def _went(total: Row) -> str:
    """Tell how calls went; what is lost in more than one way, in which.

    >>> _went({"answered": 5, "missed": 2, "declined": 0, "failed": 1, "unknown": 0})
    '5 answered, 3 lost (2 missed, 1 failed)'
    >>> _went({"answered": 0, "missed": 2, "declined": 0, "failed": 0, "unknown": 1})
    '2 missed, 1 unknown'
    """
    ways = {name: total[name] for name in ("missed", "declined", "failed") if total[name]}
    lost = {f"lost ({parts(ways)})": sum(ways.values())} if len(ways) > 1 else ways
    return parts({"answered": total["answered"], **lost, "unknown": total["unknown"]})


def _by_table(found: Missed) -> str:
    rows, by = found.rows, found.by
    at_once = _at_once(found) if by == ("hour",) else {}
    head = [*by, ">calls", ">answered", ">lost", ">pickup", ">95 % range", ">gave up"]
    head += [">needs", ">met", ">waiting", *([">at once"] if at_once else [])]
    shown = rows if set(by) <= {"hour", "weekday"} else rows[: 4 * SHOWN]
    cells = [
        [
            *(in_words(column, row[column]) for column in by),
            *(count(row[name]) for name in ("calls", "answered")),
            count(row["missed"] + row["declined"] + row["failed"]),
            *share(row, "pickup"),
            seconds_in_words(row["ring_s"]),
            *(count(row[name]) for name in ("needs", "met", "waiting")),
            *([count(at_once.get(row["hour"], 0))] if at_once else []),
        ]
        for row in shown
    ]
    return table(head, cells, indent=2) + more(rows, shown)


def _at_once(found: Missed) -> dict[int, int]:
    """Return the most talks that one number had at once, by hour of the day."""
    peaks: dict[int, int] = {}
    for row in found.hours:
        peaks[row["hour"]] = max(peaks.get(row["hour"], 0), row["peak"])
    return peaks


def _outcomes(found: Missed) -> str:
    words = {
        "called back": f"called back within {found.fold_hours} h",
        "called again": f"called again and answered within {found.fold_hours} h",
        "later": "reached later",
        "waiting": "still waiting",
        "nameless": "no number to call back",
    }
    cells = [
        [
            words[row["outcome"]],
            count(row["needs"]),
            count(row["attempts"]),
            seconds_in_words(row["waited_s"]),
            seconds_in_words(row["waited_most_s"]),
        ]
        for row in found.outcomes
    ]
    head = ["outcome", ">needs", ">attempts", ">half waited", ">nine in ten"]
    shown = table(head, cells, indent=2)
    return "\n".join([shown, *map(_call_back_cost, found.called_back)])


def _call_back_cost(row: Row) -> str:
    calls = f"{row['calls']:,} {noun(row['calls'], 'call')}"
    if row["currency"] is None or row["amount"] is None:
        return f"  calling back: {calls} without a price (rate their month first)"
    gaps = f", {row['unpriced']} of them without a price" if row["unpriced"] else ""
    cost = f"{plain(trimmed(row['amount']))} {row['currency']}"
    return f"  calling back cost {cost} for {calls}{gaps}"


def _waiting(found: Missed) -> Iterator[str]:
    if not found.waiting:
        return
    shown = found.waiting[:SHOWN]
    yield f"\nStill waiting: {len(found.waiting):,}, the oldest first (known up to {_known(found)})"
    cells = [
        [
            clock(row["first_at"]),
            seconds_in_words(row["age_s"]),
            count(row["attempts"]),
            _person(row),
            ", ".join(row["numbers"]),
            row["account"] or "?",
        ]
        for row in shown
    ]
    head = ["since", ">for", ">attempts", "who", "called", "account"]
    yield table(head, cells, indent=2) + more(found.waiting, shown)


def _known(found: Missed) -> str:
    at = found.as_of
    return "" if at is None else f"{clock(at)} {at.tzinfo}"


def _person(row: Row) -> str:
    numbers = ", ".join(row["contacts"])
    return numbers if row["person"] in row["contacts"] else f"{row['person']} ({numbers})"


def _load(found: Missed) -> str:
    cells = [
        [
            row["number"] or "?",
            count(row["peak"]),
            clock(row["peak_at"]),
            count(row["missed_while_busy"]),
            *map(count, row["agents"] or [None] * len(SHARES)),
        ]
        for row in found.numbers
    ]
    cells += [
        [f"all of {row['account'] or '?'}", "", "", "", *map(count, row["agents"])]
        for row in found.accounts
        if row["agents"]
    ]
    head = ["number", ">at once", "first on", ">missed meanwhile", *(f">{s} %" for s in SHARES)]
    return table(head, cells, indent=2)


def _warnings(found: Missed) -> Iterator[str]:
    if found.falling or found.warned:
        yield ""
    for row in found.falling:
        write_line(
            f"Pickup fell: {row['number']} answered {row['pickup']} % of"
            f" {row['calls']} {noun(row['calls'], 'call')} in the last 7 days,"
        )
        write_line(
            f"  {row['pickup_before']} % of {row['calls_before']} in the 28 before:"
            " Meta may hide its call button"
        )
    for row in found.warned:
        told = ", ".join([row["violation"] or "", *(row["restrictions"] or [])]).strip(", ")
        write_line(f"Meta on {clock(row['event_at'])} about {row['number']}: {told}")
