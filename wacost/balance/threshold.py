"""The threshold on the exact balance: 9.98 is below 10.00, whatever a display rounds it to.

A supplier may show a balance rounded (9.98 as "$10") and still refuse calls, because it tests what
is really there. So the test is one comparison of integers, and rounding is only for the quotation
marks. Calls are allowed from the minimum on: a balance equal to it is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from wacost.balance.book import fee_of, nanos_in
from wacost.language import ENGLISH, Language, mark
from wacost.money import (
    SECONDS,
    UNIT,
    amount_of,
    divide,
    format_money,
    minor_digits,
    plain,
    round_units,
)

if TYPE_CHECKING:
    from wacost.balance.fx import Rate
    from wacost.balance.moves import Terms


@dataclass(frozen=True, slots=True)
class TopUp:
    """A top-up, in units: what arrives on the balance, and the supplier's fee on top."""

    units: int
    fee_units: int

    def as_dict(self) -> dict[str, str]:
        """Return amounts as text: `amount` arrives, `fee` comes on top, `paid` is both."""
        told = {"amount": self.units, "fee": self.fee_units, "paid": self.units + self.fee_units}
        return {name: plain(amount_of(units)) for name, units in told.items()}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether calls are allowed on a balance.

    Attributes:
        state: "allowed", "refused", "no_minimum" (none is set), or "unknown": a rate is missing.
        units: the balance, exact, in units.
        currency: of the balance.
        minimum: {amount, currency} as it is set; {}: none.
        minimum_units: the least number of units that is enough, in the balance's currency.
        rate: by which the minimum was converted.
        shown: the balance as the supplier displays it.
        topup: the least one that allows calls, where they are refused.
        reason: why nothing can be said.
    """

    state: str
    units: int
    currency: str
    minimum: dict[str, str]
    minimum_units: int | None
    rate: Rate | None
    shown: str
    topup: TopUp | None
    reason: str = ""

    @property
    def is_problem(self) -> bool:
        """Whether calls are refused, or nobody can tell."""
        return self.state in {"refused", "unknown"}

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return self.said(ENGLISH)

    def said(self, language: Language) -> str:
        """Say it in one line of a language, with every place of the amounts."""
        told = {
            "amount": language.figure(exact_text(self.units, self.currency)),
            "currency": self.currency,
            "shown": language.say('(shown by the supplier as "{amount}")', amount=self.shown),
        }
        if self.state == "no_minimum":
            return language.say("{amount} {currency}: no minimum is set {shown}", **told)
        if self.minimum_units is None or self.state == "unknown":
            why = self.reason
            return language.say("{amount} {currency}: no verdict, {why} {shown}", **told, why=why)
        floor = self._floor(self.minimum_units, language)
        text = mark("{amount} >= {floor}: calls are allowed {shown}")
        if self.state == "refused":
            text = mark("{amount} < {floor}: calls are refused {shown}")
        return language.say(text, **told, floor=floor)

    def _floor(self, units: int, language: Language) -> str:
        """Write the minimum, and by which rate it was converted."""
        floor = language.figure(exact_text(units, self.currency))
        if self.rate is None or self.minimum["currency"] == self.currency:
            return floor
        return language.say(
            "{floor} ({amount} {currency} by the rate of {day}, {source})",
            floor=floor,
            amount=language.figure(self.minimum["amount"]),
            currency=self.minimum["currency"],
            day=language.stamp(self.rate.on),
            source=self.rate.source,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        floor = self.minimum_units
        return {
            "state": self.state,
            "balance": plain(amount_of(self.units)),
            "currency": self.currency,
            "minimum": self.minimum or None,
            "minimum_in_currency": None if floor is None else plain(amount_of(floor)),
            "rate_of": self.rate.on if self.rate and self.rate.base != self.rate.quote else None,
            "rate_source": self.rate.source if self.rate else None,
            "shown": self.shown,
            "least_topup": self.topup.as_dict() if self.topup else None,
            "reason": self.reason or None,
            "sentence": self.sentence,
        }


def exact_text(units: int, currency: str) -> str:
    """Write an amount with every place it has, and at least those of its currency.

    >>> exact_text(9_9800000000 * 60 // 10, "USD"), exact_text(10 * UNIT, "KWD")
    ('9.98', '10.000')
    >>> exact_text(99999 * UNIT // 10000, "JPY")
    '9.9999'
    """
    value, least = amount_of(units), minor_digits(currency)
    exponent = value.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return plain(value if places >= least else value.quantize(Decimal(1).scaleb(-least)))


def exact_column(amounts: Sequence[int | None], currency: str) -> list[str]:
    """Write amounts with the same number of places, those of the longest; None is "no rate".

    >>> exact_column([15 * UNIT, -UNIT // 8, None], "USD")
    ['15.000', '-0.125', 'no rate']
    """
    texts = [None if units is None else exact_text(units, currency) for units in amounts]
    places = max((len(text.partition(".")[2]) for text in texts if text), default=0)
    return ["no rate" if text is None else _padded(text, places) for text in texts]


def _padded(text: str, places: int) -> str:
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if places else whole


def judge(terms: Terms, units: int, on: date, *, gaps: str = "", locale: str = "en") -> Verdict:
    """Test a balance against its minimum, exactly.

    Args:
        terms: of the balance.
        units: what there is.
        on: the day whose rate converts a minimum in another currency.
        gaps: what is missing from the balance, so that nothing can be said of it; "": nothing.
        locale: for what the supplier displays.
    """
    told = terms.settings
    display = round_units(units, told.display_places, told.display_mode)
    shown = format_money(display, terms.currency, locale)
    minimum = dict(told.minimum)
    if not minimum:
        return Verdict("no_minimum", units, terms.currency, {}, None, None, shown, None)
    rate = terms.rates.at(minimum["currency"], terms.currency, on)
    if rate is None:
        gaps = f"fx.csv has no rate of {minimum['currency']} and {terms.currency} on {on} or before"
    if rate is None or gaps:
        floor = None if rate is None else floor_units(minimum["amount"], rate.worth)
        return Verdict("unknown", units, terms.currency, minimum, floor, rate, shown, None, gaps)
    floor = floor_units(minimum["amount"], rate.worth)
    state = "allowed" if units >= floor else "refused"
    topup = None if state == "allowed" else least_topup(terms, floor - units)
    return Verdict(state, units, terms.currency, minimum, floor, rate, shown, topup)


def floor_units(amount: str, worth: Fraction = Fraction(1)) -> int:
    """Return the least whole number of units that is no less than an amount.

    >>> floor_units("10.00") == 10 * UNIT
    True
    """
    exact = nanos_in(amount) * SECONDS * worth
    return -(-exact.numerator // exact.denominator)


def least_topup(terms: Terms, lacking: int) -> TopUp:
    """Return the least top-up that brings `lacking` units, in whole minor units, with its fee."""
    minor = UNIT // 10 ** minor_digits(terms.currency)
    units = max(divide(lacking, minor, "up") * minor, floor_units(terms.settings.topup_least))
    return TopUp(units, fee_of(units, terms.settings.topup_fee_percent, terms.currency))
