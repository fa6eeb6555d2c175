"""`wacost balance anomalies` and `budget`: what was unlike the past, and where a month ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.balance.anomalies import RATES
from wacost.balance.drivers import NAMES
from wacost.balance.threshold import exact_text
from wacost.cli.common import (
    PROBLEM,
    at_option,
    debug_option,
    json_option,
    open_at,
    table,
    workspace_option,
    write_json,
    write_line,
)
from wacost.money import minor_digits, plain, round_units

if TYPE_CHECKING:
    from fractions import Fraction

    from wacost.balance.anomalies import Anomaly, Found
    from wacost.balance.budget import BudgetReport

_PLURAL = {
    "day": "days",
    "country": "countries by day",
    "hour": "hours",
    "contact": "contacts by day",
}


@click.command()
@click.argument("account", required=False)
@at_option("The instant that is now; default: now.")
@click.option(
    "--days",
    type=click.IntRange(1, 366),
    default=28,
    show_default=True,
    help="How many days before it are judged.",
)
@workspace_option
@json_option
@debug_option
def anomalies_command(
    *, account: str | None, at: str | None, days: int, workspace: Path | None, as_json: bool
) -> None:
    """Name days, hours, countries and contacts whose cost is not like the time before.

    A figure is named where fewer than one in so many of those before it are as high, so that of
    usual ones about as many are named for nothing: the numbers are told. Each is explained by
    volume, duration, price, new destinations and mix, which add up to its difference.
    """
    found = open_at(workspace).anomalies(account, at=at, days=days)
    if as_json:
        write_json(found.as_dict())
        return
    for line in anomaly_lines(found):
        write_line(line)


def anomaly_lines(found: Found) -> list[str]:
    """Write what is unusual for people."""
    lines = []
    if found.anomalies:
        head = ["day", "what", "", f">{found.currency}", ">usual", ">more", "mostly"]
        cells = [_cells(one, found.currency or "USD") for one in found.anomalies]
        lines += [*table(head, cells).splitlines(), ""]
    elif any(found.looked.values()):
        lines += ["nothing is unlike the time before", ""]
    for what, rate in RATES.items():
        count = found.looked.get(what, 0)
        if not count:
            lines.append(f"{_PLURAL[what]}: too little is known before them, nothing is said")
            continue
        chance = f"{count / rate:.1f}".removesuffix(".0")
        lines.append(
            f"{_PLURAL[what]}: {count} judged; at most one in {rate} usual ones is named"
            f" for nothing: {chance} to be expected"
        )
    return lines


def _cells(one: Anomaly, currency: str) -> list[str]:
    more = one.causes[one.main_cause]
    return [
        *(str(one.day), one.what, one.name, exact_text(one.units, currency)),
        *(_rounded(one.usual, currency), _rounded(one.units - one.usual, currency)),
        f"{NAMES[one.main_cause]} ({_rounded(more, currency)})",
    ]


def _rounded(units: Fraction, currency: str) -> str:
    return plain(round_units(round(units), minor_digits(currency), "half_up"))


@click.command()
@click.argument("account", required=False)
@at_option("The instant that is now; default: now.")
@workspace_option
@json_option
@debug_option
def budget_command(
    *, account: str | None, at: str | None, workspace: Path | None, as_json: bool
) -> int:
    """Tell where a month stands against its budget, where it will end, and why.

    The days so far are compared with the same days of the month before: volume, duration, price,
    new destinations and mix add up to the difference. Exit code 1: the budget is used up, or will
    be by the middle of the forecast.
    """
    found = open_at(workspace).budget(account, at=at)
    if as_json:
        write_json(found.as_dict())
    else:
        for line in budget_lines(found):
            write_line(line)
    return PROBLEM if found.state in {"over", "likely_over"} else 0


_STATES = {
    "none": "no budget is set",
    "over": "the budget is used up",
    "likely_over": "it will be more than the budget, more likely than not",
    "may_be_over": "it may be more than the budget",
    "within": "it stays within the budget",
}


def budget_lines(found: BudgetReport) -> list[str]:
    """Write a budget for people."""
    currency = found.currency
    budget = "" if found.budget is None else f" of {exact_text(found.budget, currency)}"
    spent = f"{found.account}, {found.month}: {found.shown(found.spent)}{budget} {currency} spent"
    end = f"at the end {found.shown(found.end)}"
    if found.low is not None and found.high is not None:
        end += f" ({found.shown(found.low)} to {found.shown(found.high)} with 80 %)"
    else:
        end += " at the present rate (not enough data for a range)"
    lines = [spent, f"{end}: {_STATES[found.state]}"]
    lines += [f"CAUTION: {found.caution}"] * (found.caution is not None)
    if not found.days or not (found.spent or found.before):
        return lines
    more = found.spent - found.before
    days = f"{found.days} days" if found.days > 1 else "day"
    lines += ["", f"against the same {days} of the month before, {found.shown(found.before)}:"]
    cells = [[NAMES[name], _signed(found, units)] for name, units in found.causes.items()]
    cells.append(["difference", _signed(found, sum(found.causes.values()) if more else 0)])
    return [*lines, *table(["", f">{currency}"], cells, indent=2).splitlines()]


def _signed(found: BudgetReport, units: int) -> str:
    return f"{'+' if units > 0 else ''}{found.shown(units)}"
