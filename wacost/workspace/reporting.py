"""What a month comes to in `reporting_currency`, beside its own currencies, never in their place.

The rate of each pair is the one of `fx.csv` that held on the month's last day, named with its own
day and source. An amount is rounded once, half up, to the minor unit, and what is printed adds up.
Where a rate is missing there is no total. Nothing that is billed is converted.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from wacost.money import minor_digits, plain, rounded, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wacost.balance.fx import Rate, Rates


@dataclass(frozen=True, slots=True)
class Converted:
    """What calls cost in their own currency, and in the one of the report.

    Attributes:
        amount: exact.
        rate: None: `fx.csv` has none for that day.
        converted: None where there is no rate.
    """

    currency: str
    amount: Decimal
    rate: Rate | None
    converted: Decimal | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; amounts and the rate are text."""
        return {
            "currency": self.currency,
            "amount": plain(trimmed(self.amount)),
            "rate": self.rate and rate_text(self.rate.worth),
            "rate_on": self.rate and self.rate.on.isoformat(),
            "source": self.rate and self.rate.source,
            "converted": None if self.converted is None else plain(self.converted),
        }


@dataclass(frozen=True, slots=True)
class Reported:
    """A month in one currency.

    Attributes:
        currency: of the report.
        on: the day whose rates count.
        rows: one for each currency of the month's cards.
    """

    currency: str
    on: date
    rows: tuple[Converted, ...]

    @property
    def missing(self) -> list[str]:
        """The currencies without a rate."""
        return [one.currency for one in self.rows if one.converted is None]

    @property
    def total(self) -> Decimal | None:
        """What the rows add up to as printed; None where one of them lacks a rate."""
        if self.missing:
            return None
        places = Decimal(1).scaleb(-minor_digits(self.currency))
        return sum((one.converted or Decimal(0) for one in self.rows), Decimal(0) * places)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; amounts are text."""
        return {
            "currency": self.currency,
            "rates_of": self.on.isoformat(),
            "rows": [one.as_dict() for one in self.rows],
            "without_rate": self.missing,
            "total": None if self.total is None else plain(self.total),
        }


def reported(month: str, currency: str, sums: Mapping[str, Decimal], rates: Rates) -> Reported:
    """Return what sums of a month come to in one currency.

    Args:
        month: like "2026-10".
        currency: ISO 4217, of the report.
        sums: currency -> exact amount.
        rates: of `fx.csv`.

    >>> from wacost.balance.fx import Rate, Rates
    >>> fx = Rates((Rate(date(2026, 10, 1), "USD", "BRL", Fraction("5.4"), "bank"),))
    >>> told = reported("2026-10", "BRL", {"USD": Decimal("0.03")}, fx)
    >>> told.total, reported("2026-09", "BRL", {"USD": Decimal("0.03")}, fx).total
    (Decimal('0.16'), None)
    """
    year, number = (int(part) for part in month.split("-"))
    on = date(year, number, monthrange(year, number)[1])
    rows = []
    for code, amount in sorted(sums.items()):
        rate = rates.at(code, currency, on)
        places = minor_digits(currency)
        there = rounded(Fraction(amount) * rate.worth, places) if rate else None
        rows.append(Converted(code, amount, rate, there))
    return Reported(currency, on, tuple(rows))


def rate_text(worth: Fraction) -> str:
    """Write a rate exactly: as a decimal, or as 1 ÷ the one that was turned round.

    >>> rate_text(Fraction("5.4")), rate_text(1 / Fraction("5.4"))
    ('5.4', '1 ÷ 5.4')
    """
    digits = Decimal(worth.numerator) / Decimal(worth.denominator)
    if Fraction(digits) == worth:
        return plain(trimmed(digits))
    turned = Decimal(worth.denominator) / Decimal(worth.numerator)
    return f"1 ÷ {plain(trimmed(turned))}"
