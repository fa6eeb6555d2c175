"""`wacost costs`: what a rated month costs, what changed, and how far its volume bands are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wacost.accounts import why
from wacost.analytics import month_before
from wacost.analytics.costs import COST_COLUMNS, totals
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
)
from wacost.dialplan import country_name
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal

    from wacost.analytics import AllIn, Change, Cost
    from wacost.analytics.tiers import TierProgress
    from wacost.workspace.reporting import Reported


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option("--account", help="Only this account.")
@by_option(COST_COLUMNS, "country")
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    account: str | None,
    by: tuple[str, ...],
    workspace: Path | None,
    as_json: bool,
) -> None:
    """What a rated month costs.

    Costs by country or whatever is asked for; the cost of an answered call with fixed costs in it;
    what changed against the month before; how far the volume bands are. Rate the month first.
    Currencies are never added up, and a call without a price is counted, never taken as zero. With
    reporting_currency in wacost.toml and rates in fx.csv the month is told in that currency too.
    """
    log = open_at(workspace)
    rows = log.cost_rows(by, month=month, account=account)
    reported = log.reported(month, account)
    told: dict[str, list[Any]] = {
        "all_in": log.all_in(month, account),
        "changes": log.cost_changes(month, account),
        "tiers": log.tiers(month, account),
    }
    if as_json:
        write_json(
            {
                "month": month,
                "by": list(by),
                "rows": [row.as_dict(by) for row in rows],
                **{name: [one.as_dict() for one in found] for name, found in told.items()},
                "reported": reported and reported.as_dict(),
            }
        )
    elif rows:
        told_blocks = blocks(rows, by, log.config.locale, **told)
        click.echo("\n\n".join([*told_blocks, *reported_block(reported)]))
    if not rows:
        say(f"no call of {month} is priced: rate the month first")
    if gaps := sum(row.unpriced for row in rows):
        say(f"without a price, in no amount: {gaps}")
    before = month_before(month)
    if rows and (unrated := log.count_unrated(before, account)):
        say(f"not rated in {before}, so not in the comparison: {unrated}")
    if reported and reported.missing:
        say(
            f"no total in {reported.currency}: fx.csv has no rate of"
            f" {', '.join(reported.missing)} to it on"
            f" {reported.on} or before (date,from,to,rate,source)"
        )
    for name, error in log.refused_accounts().items():
        if account in {None, name}:
            say(f"{name} cannot be rated now; what it was charged stays: {why(name, error)}")


def blocks(
    rows: Sequence[Cost],
    by: Sequence[str],
    locale: str,
    *,
    all_in: Sequence[AllIn],
    changes: Sequence[Change],
    tiers: Sequence[TierProgress],
) -> Iterator[str]:
    """Yield the tables, each with what it is about; those without a row are left out."""
    yield cost_table(rows, by, locale)
    if all_in:
        yield f"An answered call, fixed costs included\n{all_in_table(all_in)}"
    for one in changes:
        yield f"Against {one.before}, in {one.currency}\n{change_table(one)}"
    if tiers:
        yield f"Volume bands\n{tier_table(tiers)}"


def cost_table(rows: Sequence[Cost], by: Sequence[str], locale: str = "en") -> str:
    """List costs, dearest first, and below them what those of each currency come to."""
    blank = [""] * (len(by) - 1)
    cells = [
        [*(_named(*pair, locale) for pair in zip(by, row.by, strict=True)), *_figures(row)]
        for row in rows
    ]
    cells += [["total", *blank, *_figures(row)] for row in totals(rows)]
    heads = [">calls", ">answered", ">unpriced", ">billed s", ">amount", ""]
    return table([*by, *heads], cells)


def _named(column: str, value: object, locale: str) -> str:
    """Write a value; a country has its name before its code.

    >>> _named("country", "BR", "pt_BR"), _named("country", None, "en"), _named("month", 9, "en")
    ('Brasil BR', '?', '9')
    """
    if column == "country" and isinstance(value, str):
        name = country_name(value, locale)
        return f"{name} {value}" if name != value else value
    return "?" if value is None else str(value)


def _figures(row: Cost) -> list[str]:
    counts = (row.calls, row.answered, row.unpriced, row.billed_seconds)
    return [*map(str, counts), _amount(row.amount), row.currency or ""]


def all_in_table(rows: Sequence[AllIn]) -> str:
    """List what an answered call costs, account by account."""
    cells = [
        [
            row.account or "(no account)",
            *(str(row.answered), _amount(row.cost), _amount(row.fees), _amount(row.total)),
            *("" if (each := row.per_answered_call) is None else plain(each), row.currency or ""),
        ]
        for row in rows
    ]
    heads = ["account", ">answered", ">calls", ">fixed", ">together", ">per answered call", ""]
    return table(heads, cells)


def reported_block(reported: Reported | None) -> Iterator[str]:
    """Yield what the month comes to in the currency of reports, with the rates and their sources.

    Their total stands in the last line, where every currency has a rate.
    """
    from wacost.workspace.reporting import rate_text

    if reported is None or len(reported.missing) == len(reported.rows):
        return
    cells = [
        [
            one.currency,
            plain(trimmed(one.amount)),
            *(rate_text(one.rate.worth), str(one.rate.on), one.rate.source),
            plain(one.converted),
        ]
        for one in reported.rows
        if one.rate and one.converted is not None
    ]
    if len(cells) > 1 and reported.total is not None:
        cells.append(["all", "", "", "", "", plain(reported.total)])
    heads = ["currency", ">amount", ">rate", "since", "source", f">{reported.currency}"]
    yield f"In {reported.currency}, by the rates of fx.csv on {reported.on}\n{table(heads, cells)}"


def change_table(change: Change) -> str:
    """List the steps from one month to the next; they add up as printed."""
    first, *steps, last = change.steps()
    cells = [[first[0], plain(first[1])]]
    cells += [[name, f"{amount:+f}"] for name, amount in steps]
    return table(["", ">"], [*cells, [last[0], plain(last[1])]]).lstrip("\n")


def tier_table(tiers: Sequence[TierProgress]) -> str:
    """List how far each group is; a band whose rate is not known says so."""
    cells = [
        [
            one.destination or "all",
            one.direction,
            one.card,
            f"{one.used_seconds // 60}:{one.used_seconds % 60:02d}",
            str(one.tier_from_minutes),
            "?" if one.rate_unknown else _amount(one.rate_per_minute),
            "" if one.next_from_minutes is None else str(one.next_from_minutes),
            str(one.next_on or ""),
        ]
        for one in tiers
    ]
    heads = [">minutes", ">band above", ">rate", ">next above", "at this pace on"]
    return table(["market", "direction", "card", *heads], cells)


def _amount(value: Decimal | None) -> str:
    return "" if value is None else plain(trimmed(value))
