"""Sums of decimals that never round: what the standard context would do at 28 digits."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact
from functools import reduce
from typing import TYPE_CHECKING, Final

from wacost.money import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXACT: Final = Context(prec=200, traps=[Inexact])


def add(amounts: Iterable[Decimal], places: int = 0) -> Decimal:
    """Add amounts; the sum shows the most places of any of them, and at least `places`.

    >>> add([Decimal("0.10"), Decimal("0.205")])
    Decimal('0.305')
    >>> add([], 2)
    Decimal('0.00')
    """
    return reduce(_EXACT.add, amounts, Decimal(0).scaleb(-places))


def subtract(amount: Decimal, other: Decimal) -> Decimal:
    """Subtract exactly.

    >>> subtract(Decimal("1.00"), Decimal("0.999"))
    Decimal('0.001')
    """
    return _EXACT.subtract(amount, other)


def units_of(amount: Decimal) -> int:
    """Turn a rounded amount into amount units (1/60 nano); it has at most nine places.

    >>> units_of(Decimal("0.01"))
    600000000
    """
    return int(_EXACT.to_integral_exact(_EXACT.multiply(amount, Decimal(UNIT))))


def at_places(amount: Decimal, places: int) -> Decimal:
    """Show an amount with exactly `places` decimals; nothing but zeros may be dropped.

    >>> at_places(Decimal("1.500000000000"), 2)
    Decimal('1.50')

    Raises:
        decimal.Inexact: the amount has more digits than that.
    """
    return amount.quantize(Decimal(1).scaleb(-places), context=_EXACT)
