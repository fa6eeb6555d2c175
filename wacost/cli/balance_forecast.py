"""`wacost balance forecast`: when a balance falls, what the month costs, which top-up lasts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.balance.debits import named
from wacost.balance.future import LEVELS, percent
from wacost.balance.threshold import exact_text
from wacost.cli.common import (
    DateType,
    at_option,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
)
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.balance.backtest import Backtest
    from wacost.balance.future import Crossing, Forecast, Plan
    from wacost.workspace import Workspace


@click.command()
@click.argument("name", required=False)
@at_option("The instant that is now; default: now.")
@click.option(
    "--until", type=DateType(), metavar="YYYY-MM-DD", help="The day that a top-up shall last."
)
@click.option(
    "--percent",
    "chance",
    type=click.IntRange(50, 99),
    default=90,
    show_default=True,
    help="With which probability it shall last.",
)
@workspace_option
@json_option
@debug_option
def forecast_command(
    *,
    name: str | None,
    at: str | None,
    until: date | None,
    chance: int,
    workspace: Path | None,
    as_json: bool,
) -> None:
    """Tell when a balance may be too low, what the month may cost, and which top-up lasts.

    Everything is an estimate with its range: the middle is as likely too early as too late, and
    the 80 % range holds four of five cases. How often such ranges held on the days of this
    account is told with them. With less than eight weeks of days there is the burn rate alone.
    """
    log = open_at(workspace)
    found = log.forecast(name, at=at, until=until, percent=chance)
    if as_json:
        write_json(found.as_dict())
        return
    for line in forecast_lines(found, log):
        write_line(line)
    for note in found.notes:
        say(f"note: {note}")


def forecast_lines(found: Forecast, log: Workspace) -> list[str]:
    """Write a forecast for people."""
    have = exact_text(found.units, found.currency)
    days = min(found.history, 28)
    burn = (
        f"{found.shown(found.burn)} {found.currency} a day in the last {days} {noun(days, 'day')}"
    )
    lines = [f"{found.name}: {have} {found.currency}" + (f", {burn}" if days else "")]
    if found.tested is None:
        return [*lines, *_without_data(found, log), *_fixed_costs(found)]
    lines += ["", *table(_HEAD, _cells(found, log)).splitlines(), ""]
    lines += [f"CAUTION: {found.caution}", ""] * (found.caution is not None)
    lines += [*_plan_lines(found, log), *_recharges(found), *_fixed_costs(found)]
    return [*lines, *tested_lines(found.tested, has_tiers=found.has_tiers)]


_HEAD = ["", "middle", *(f"{level} % range" for level in LEVELS)]


def _without_data(found: Forecast, log: Workspace) -> list[str]:
    days = f"{found.history} day{'s' * (found.history != 1)}"
    lines = [f"not enough data for a range: {days} with calls, and it takes 56"]
    end = found.plain_end
    floor = "the minimum" if found.minimum_units is not None else "nothing"
    if end is None:
        return [*lines, "nothing is taken off lately"]
    if found.units < (found.minimum_units or 0):
        return [*lines, "the balance is below the minimum already"]
    return [*lines, f"at this rate {floor} is left by {clock(log, found.name, end)}"]


def _cells(found: Forecast, log: Workspace) -> list[list[str]]:
    cells = []
    if found.minimum is not None and found.minimum_units is not None:
        floor = exact_text(found.minimum_units, found.currency)
        cells.append([f"below {floor}", *_crossing_cells(found.minimum, found, log)])
    if found.zero is not None:
        cells.append(["empty", *_crossing_cells(found.zero, found, log)])
    if found.month is not None:
        ranges = (found.month.ranges[level] for level in LEVELS)
        cells.append(
            [
                f"{found.month.month} costs, {found.currency}",
                found.shown(found.month.middle),
                *(f"{found.shown(low)} to {found.shown(high)}" for low, high in ranges),
            ]
        )
    return cells


def _crossing_cells(crossing: Crossing, found: Forecast, log: Workspace) -> list[str]:
    def day(at: datetime | None) -> str:
        if at is None:
            return f"after {found.horizon:%d %b}"
        return f"{date.fromisoformat(clock(log, found.name, at)[:10]):%d %b}"

    middle = crossing.middle
    cells = [clock(log, found.name, middle)[:10] if middle else day(None)]
    for level in LEVELS:
        low, high = (day(at) for at in crossing.ranges[level])
        cells.append(low if low == high else f"{low} to {high}")
    return cells


def _plan_lines(found: Forecast, log: Workspace) -> list[str]:
    plan = found.plan
    if plan is None:
        return []
    lasts = f"last until {plan.until} with {plan.percent} %"
    if not plan.topup.units:
        return [f"no top-up is needed to {lasts}"]
    told = plan.topup.as_dict()
    fee = f" (and {told['fee']} of fee: {told['paid']} to pay)" if plan.topup.fee_units else ""
    amount = f"top up {told['amount']} {found.currency}{fee}"
    return [f"{amount}{_before(plan, found, log)} to {lasts}"]


def _before(plan: Plan, found: Forecast, log: Workspace) -> str:
    if plan.before is None:
        return ""
    if plan.before <= found.now:
        return " now"
    told = clock(log, found.name, plan.before)
    day = date.fromisoformat(told[:10])
    return f" by {day:%A} {told}"


def _recharges(found: Forecast) -> list[str]:
    if not found.recharges:
        return []
    times = f"{found.recharges} automatic top-up{'s' * (found.recharges != 1)}"
    return [f"{times} until {found.horizon} are in the dates above, none in the top-up"]


def _fixed_costs(found: Forecast) -> list[str]:
    """Name the fixed costs, and say in which figures they are."""
    if not found.debits:
        return []
    costs = named(found.debits, found.currency)
    where = "in the dates and the top-up above, not in what the month costs"
    return [f"fixed costs of wacost.toml are {where if found.month else 'in that'}: {costs}"]


def tested_lines(tested: Backtest, *, has_tiers: bool) -> list[str]:
    """Say how good the forecast was on the days of the past."""
    error, naive = percent(tested.error), percent(tested.naive_error)
    tried = f"tried from {tested.origins} {noun(tested.origins, 'day')} of the past, up to"
    tried += f" {tested.days} {noun(tested.days, 'day')} ahead"
    if tested.is_naive:
        way = f"as last week (nothing was better); {tried}: off by {error} % of a mean day"
    else:
        way = (
            f"by {tested.method}; {tried}: off by {error} % of a mean day, last week's by {naive} %"
        )
    held = ", ".join(f"the {n} % range held {percent(p)} %" for n, p in tested.covered.items())
    bands = ["the card's bands are followed as minutes accrue"] * has_tiers
    return [way, f"of the sums of those days {held}", *bands]


def clock(log: Workspace, name: str, at: datetime) -> str:
    """Write a moment on the clocks of the balance's account."""
    from wacost.zones import local_datetime

    zone = log.balance_terms(name).timezone
    instant = int((at - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001 - both are UTC
    return f"{local_datetime(zone, instant):%Y-%m-%d %H:%M} {zone}"


def span(length: timedelta) -> str:
    """Write a length of time in the largest units that say it.

    >>> span(timedelta(days=2, hours=3)), span(timedelta(minutes=5)), span(timedelta(seconds=9))
    ('2 days 3 h', '5 min', '9 s')
    """
    seconds = int(length.total_seconds())
    days, rest = divmod(max(seconds, 0), 86_400)
    hours, rest = divmod(rest, 3_600)
    if days:
        return f"{days} day{'s' * (days != 1)}" + (f" {hours} h" if hours else "")
    minutes = rest // 60
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{rest} s"
