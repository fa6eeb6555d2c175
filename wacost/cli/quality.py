"""`wacost quality`: how many calls were answered, how long they lasted, why others broke."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wacost.analytics.quality import QUALITY_BY, SHORT_S
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
    wrong_usage,
)
from wacost.cli.shares import count, more, parts, share, wide_share
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.analytics.quality import Quality
    from wacost.analytics.rows import Row

_ROWS: Final = 40
_CODES: Final = 20


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@by_option(QUALITY_BY, "number", "direction")
@click.option(
    "--short",
    "short_s",
    type=click.IntRange(1, 3600),
    default=SHORT_S,
    show_default=True,
    metavar="SECONDS",
    help="An answered call of fewer seconds is a short one.",
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    account: str | None,
    by: tuple[str, ...],
    short_s: int,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Service quality of a month: ASR, ACD, NER, error codes, one-way audio.

    Every share has the range that its count leaves open (Wilson, 95 %): 2 of 3 is no 67 %.
    Hours and weekdays are those of each account's clocks.
    """
    with wrong_usage():
        found = open_at(workspace).quality_report(month, by=by, account=account, short_s=short_s)
    if as_json:
        write_json(found.as_dict())
    elif not found.total.get("calls"):
        say(f"there is no call in {month}{f' of account {account}' if account else ''}")
    else:
        for part in _report(found):
            click.echo(part)


def _report(found: Quality) -> Iterator[str]:
    total = found.total
    lost = total["calls"] - total["answered"] - total["failed"] - total["unknown"]
    told = parts(
        {
            "answered": total["answered"],
            "not answered": lost,
            "failed": total["failed"],
            "not known": total["unknown"],
        }
    )
    yield f"Calls of {found.month}, both ways, on the clocks of each account"
    yield f"  {total['calls']:,} {noun(total['calls'], 'call')}: {told}"
    yield f"  ASR {_with_range(total, 'asr')}, NER {_with_range(total, 'ner')}"
    if total["answered"]:
        yield f"  ACD {_minutes(total['acd_s']) or 'not known'} over answered calls"
        yield (
            f"  shorter than {found.short_s} s: {total['short']:,} answered"
            f" {noun(total['short'], 'call')},"
            f" {_with_range(total, 'short_share')}"
        )
    yield (
        f"  one-way audio suspected (138021 to 138023): {total['one_way']:,}"
        f" {noun(total['one_way'], 'call')},"
        f" {_with_range(total, 'one_way_share')}"
    )
    if found.by:
        yield f"\nBy {', '.join(found.by)}"
        yield _by_table(found.rows, found.by)
    if found.codes:
        yield "\nWhy calls broke"
        yield _codes(found.codes, ())
    if found.by and found.failures:
        yield f"\nWhy calls broke, by {', '.join(found.by)}"
        yield _codes(found.failures, found.by)


def _with_range(row: Row, name: str) -> str:
    told, between = share(row, name)
    return f"{told} ({between})" if told else "of none"


def _minutes(seconds: int | None) -> str:
    """Write a length of talk as minutes and seconds.

    >>> _minutes(125), _minutes(None)
    ('2:05', '')
    """
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"


def _by_table(rows: Sequence[Row], by: Sequence[str]) -> str:
    head = [*by, ">calls", ">ASR", ">95 %", ">NER", ">95 %", ">ACD"]
    head += [">failed", ">short", ">one-way"]
    shown = rows if set(by) <= {"hour", "weekday"} else rows[:_ROWS]
    cells = [
        [
            *(in_words(column, row[column]) for column in by),
            count(row["calls"]),
            *wide_share(row, "asr"),
            *wide_share(row, "ner"),
            _minutes(row["acd_s"]),
            *(count(row[name]) for name in ("failed", "short", "one_way")),
        ]
        for row in shown
    ]
    return table(head, cells, indent=2) + more(rows, shown)


def _codes(rows: Sequence[Row], by: Sequence[str]) -> str:
    shown = rows[:_CODES]
    head = [*by, ">code", ">calls", ">of all", ">95 % range", "what it means"]
    cells = [
        [
            *(in_words(column, row[column]) for column in by),
            "" if row["code"] is None else str(row["code"]),
            count(row["calls"]),
            *share(row, "share"),
            _meaning(row),
        ]
        for row in shown
    ]
    return table(head, cells, indent=2) + more(rows, shown)


def _meaning(row: Row) -> str:
    if row["code"] is None:
        return "failed, no code told"
    meaning = row["meaning"] or "not known to wacost"
    return f"{meaning} ({row['answered']} answered)" if row["answered"] else meaning
