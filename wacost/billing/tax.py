"""Tax on the sum of the lines, rounded once per category (the order of EN 16931)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.billing.exact import units_of
from wacost.billing.records import TaxLine
from wacost.errors import InputError
from wacost.money import NANO, UNIT, divide, parse_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wacost.config.model import Tax

UNTAXED: Final = ("Z", "E", "AE", "K", "G", "O")
"""EN 16931 categories with nothing to pay: zero-rated, exempt, reverse charge, intra-community,
export, outside the scope of tax."""
NEEDS_REASON: Final = ("E", "AE", "O")

_HUNDRED: Final = 100


def tax_lines(taxes: Iterable[Tax], base: Decimal, digits: int) -> tuple[TaxLine, ...]:
    """Return what each tax makes of `base`.

    Args:
        taxes: each with name, category, percent (decimal text) and reason.
        base: the sum of the lines.
        digits: of the currency's minor unit; every tax is rounded to it once, half up.

    Raises:
        InputError: a percentage that is no plain decimal, or negative; an untaxed category with
            a percentage, or without the reason that it needs.

    >>> from decimal import Decimal
    >>> from types import SimpleNamespace as Tax
    >>> iss = Tax(name="ISS", category="S", percent="5.00", reason="")
    >>> [str(line.amount) for line in tax_lines([iss], Decimal("10.10"), 2)]
    ['0.51']
    """
    return tuple(_tax_line(tax, base, digits) for tax in taxes)


def _tax_line(tax: Tax, base: Decimal, digits: int) -> TaxLine:
    nanos = parse_nanos(tax.percent)
    if nanos < 0:
        raise InputError(
            f"tax {tax.name!r} is negative ({tax.percent} %)",
            hint="write a withheld tax when you pay, not as a tax of the invoice",
        )
    if nanos and tax.category in UNTAXED:
        raise InputError(
            f"tax {tax.name!r} has category {tax.category} and {tax.percent} %",
            hint=f"categories {', '.join(UNTAXED)} have 0 %; a taxed sum is category S",
        )
    if tax.category in NEEDS_REASON and not tax.reason:
        raise InputError(
            f"tax {tax.name!r} of category {tax.category} has no reason",
            hint='add reason = "…": an invoice must say why no tax is charged',
        )
    amount = percent_of(base, tax.percent, digits)
    return TaxLine(tax.name, tax.category, tax.percent, tax.reason, base, amount)


def percent_of(base: Decimal, percent: str, digits: int) -> Decimal:
    """Return a percentage of an amount, rounded once, half up, to the currency's minor unit.

    >>> percent_of(Decimal("10.10"), "5.00", 2)
    Decimal('0.51')
    """
    share = units_of(base) * parse_nanos(percent) * 10**digits
    return Decimal(divide(share, UNIT * NANO * _HUNDRED, "half_up")).scaleb(-digits)
