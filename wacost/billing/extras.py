"""What stands on a document besides its calls, in the one order in which it is worked out.

Calls, less included minutes, less discounts; then fixed costs; then what a minimum charge adds;
then taxes on the sum. So a discount is never given on a fixed cost, and fixed costs count towards
the minimum.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.billing.exact import add, at_places, subtract
from wacost.billing.lines import Covered
from wacost.billing.records import Item
from wacost.billing.tax import percent_of
from wacost.errors import ConfigError
from wacost.money import NANO, SECONDS, decimal_of, parse_nanos

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wacost.billing.figures import Figures
    from wacost.billing.records import Line
    from wacost.billing.terms import Terms
    from wacost.config.model import Fee, IncludedMinutes

_MONTHS: Final = 12


def items_of(
    terms: Terms, figures: Figures, lines: Sequence[Line], digits: int
) -> tuple[Item, ...]:
    """Return the items of a document, in the order in which they are worked out.

    Args:
        terms: fees, discounts, included minutes and minimum charge in force.
        figures: with the calls that the allowances may cover.
        lines: of the calls.
        digits: of the currency's minor unit.

    Raises:
        ConfigError: an amount of the settings has more places than the currency.
    """
    items = list(_included(terms, figures, digits))
    calls = add([*(line.amount for line in lines), *(item.amount for item in items)], digits)
    items += _discounts(terms, calls, digits)
    items += fixed_costs(terms, digits)
    so_far = add([*(line.amount for line in lines), *(item.amount for item in items)], digits)
    least = _exact(terms.minimum_charge, digits, "the minimum charge")
    if so_far < least:
        items.append(Item("minimum", "", subtract(least, so_far)))
    return tuple(items)


def seconds_of(told: IncludedMinutes) -> int:
    """Return the seconds of an allowance.

    >>> from wacost.config.model import IncludedMinutes
    >>> seconds_of(IncludedMinutes("Plan S", "1000.5"))
    60030
    """
    return parse_nanos(told.minutes) * SECONDS // NANO


def _included(terms: Terms, figures: Figures, digits: int) -> Iterator[Item]:
    """Yield what each allowance takes off: its calls' minutes, rounded as their lines are."""
    covered = Covered(figures.facts, digits)
    for told, rows in zip(terms.included_minutes, figures.included, strict=True):
        before = covered.amount
        seconds = covered.take(rows, seconds_of(told))
        if seconds:
            yield Item("included", told.name, subtract(before, covered.amount), seconds)


def _discounts(terms: Terms, calls: Decimal, digits: int) -> Iterator[Item]:
    """Yield the discounts on the calls that are to be paid: never more than those."""
    left = calls
    for told in terms.discounts:
        if told.percent:
            amount = percent_of(calls, told.percent, digits)
        else:
            amount = _exact(told.amount, digits, f"the discount {told.name!r}")
        amount = min(amount, left)
        left = subtract(left, amount)
        if amount:
            yield Item("discount", told.name, -amount, percent=told.percent)


def fixed_costs(terms: Terms, digits: int) -> Iterator[Item]:
    """Yield the fixed costs of the month; a yearly one is spread so that twelve months make it."""
    for told in terms.fees:
        amount = _exact(told.amount, digits, f"the fee {told.name!r}")
        if told.per == "year":
            amount = _share_of_year(told, int(terms.month[-2:]), digits)
        if amount:
            yield Item("monthly", told.name, amount)


def _share_of_year(told: Fee, month: int, digits: int) -> Decimal:
    """Return what a month bears of a yearly cost: the twelve shares add up to it.

    >>> from wacost.config.model import Fee
    >>> [str(_share_of_year(Fee("x", "100.00", "year"), month, 2)) for month in (1, 2, 3)]
    ['8.33', '8.34', '8.33']
    """
    whole = parse_nanos(told.amount) * 10**digits // NANO
    cents = (2 * whole * month + _MONTHS) // (2 * _MONTHS)
    before = (2 * whole * (month - 1) + _MONTHS) // (2 * _MONTHS)
    return Decimal(cents - before).scaleb(-digits)


def _exact(text: str, digits: int, what: str) -> Decimal:
    """Return an amount of the settings with the places of the currency."""
    nanos = parse_nanos(text)
    if nanos * 10**digits % NANO:
        raise ConfigError(
            f"{what} is {text}, but the currency of the document has {digits} decimal places",
            hint="write it in whole units of the currency's smallest coin",
        )
    return at_places(decimal_of(nanos), digits)
