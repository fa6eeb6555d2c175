"""How `wacost balance show` tells a balance: the verdict first, then what it is made of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.debits import not_booked
from wacost.cli.balance_forecast import clock, span
from wacost.cli.common import table
from wacost.money import amount_of, plain
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.balance import BalanceReport
    from wacost.workspace import Workspace

_NAMES: Final = {
    "opening": "opening balance",
    "topup": "top-ups",
    "call": "calls",
    "message": "messages",
    "fee": "fees",
    "refund": "refunds",
    "adjustment": "adjustments",
    "correction": "corrections",
    "observed": "unexplained",
}


def report_lines(found: BalanceReport, log: Workspace) -> list[str]:
    """Write a balance for people: the verdict first, then what it is made of."""
    lines = [found.verdict.sentence, *_while_refused(found, log), *_topup(found), ""]
    lines += table(["", ">entries", f">{found.verdict.currency}"], _total_cells(found)).splitlines()
    return [*lines, "", *_age(found), *_gaps(found), *_not_booked(found)]


def _not_booked(found: BalanceReport) -> list[str]:
    """Name the fixed costs that nobody booked, and whether they would change the verdict."""
    lines = list(found.notes)
    if found.not_booked:
        minimum, units = found.verdict.minimum_units, found.verdict.units
        left = units - sum(one.units for one in found.not_booked)
        lines.append(not_booked(found.not_booked, found.verdict.currency))
        if minimum is not None and left < minimum <= units:
            lines.append("CAUTION: with them taken off it is below the minimum")
    return lines


def worst_lines(found: BalanceReport) -> list[str]:
    """Say what calls in progress do to the balance."""
    worst = found.worst
    if not worst.calls:
        return []
    currency, count = found.verdict.currency, len(worst.calls)
    burn, left = plain(amount_of(worst.per_minute)), plain(amount_of(worst.units))
    told = (
        f"{count} call{'s' * (count != 1)} in progress: {burn} {currency} a minute;"
        f" at worst {left} is left now"
    )
    if worst.minimum_units is not None:
        told += f", below the minimum {_when(worst.until(worst.minimum_units))}"
    lines = [f"{told}, empty {_when(worst.until(0))}"]
    return lines + [f"in no sum: {worst.unpriced} of them without a price"] * bool(worst.unpriced)


def _when(length: timedelta | None) -> str:
    if length is None:
        return "never"
    return f"in {span(length)}" if length else "already"


def call_lines(asked: dict[str, Any]) -> list[str]:
    """Say how long a call may last."""
    if not asked:
        return []
    seconds = asked["max_seconds"]
    lasts = (
        "without end" if seconds is None else f"{seconds // 60}:{seconds % 60:02} min ({seconds} s)"
    )
    return [f"{asked['direction']} call with {asked['number']}: it may last {lasts}"]


def _while_refused(found: BalanceReport, log: Workspace) -> list[str]:
    if found.since is None:
        return []
    since, calls = found.since, found.since.calls
    told = f"since {clock(log, found.name, since.at)}, {span(found.at - since.at)}"
    came = f"; {calls} call{'s' * (calls != 1)} came meanwhile"
    missed = f", {since.missed} of them missed" if since.missed else ""
    return [f"{told}{came}{missed}"]


def _topup(found: BalanceReport) -> list[str]:
    topup = found.verdict.topup
    if topup is None:
        return []
    told = topup.as_dict()
    fee = f", and {told['fee']} of fee: {told['paid']} to pay" if topup.fee_units else ""
    return [f"the least top-up that allows calls: {told['amount']} {found.verdict.currency}{fee}"]


def _total_cells(found: BalanceReport) -> list[list[str]]:
    from wacost.balance.threshold import exact_column

    currency = found.verdict.currency
    sums = [units for _, units in found.totals.values()]
    *shown, left = exact_column([*sums, found.verdict.units], currency)
    cells = [
        [_NAMES[kind], str(count), amount]
        for (kind, (count, _)), amount in zip(found.totals.items(), shown, strict=True)
    ]
    return [*cells, ["balance", "", left]]


def _age(found: BalanceReport) -> list[str]:
    if found.as_of is None:
        return []
    seen = (
        f"observed last {span(found.at - found.last_observed)} ago"
        if found.last_observed
        else "not yet compared: `wacost balance add observed`"
    )
    return [f"as of {found.as_of} UTC, {span(found.at - found.as_of)} old; {seen}"]


def _gaps(found: BalanceReport) -> list[str]:
    lines = [
        f"in no sum: {count} {noun(count, 'call')} without a price ({status})"
        for status, count in found.unpriced.items()
    ]
    lines += [
        f"in no sum: {count} {noun(count, 'entry', 'entries')} of {plain(amount_of(units))}"
        f" {currency} without a rate"
        for currency, (count, units) in found.unconverted.items()
    ]
    return lines
