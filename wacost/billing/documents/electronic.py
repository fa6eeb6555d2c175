"""The lines, allowances and charges of an electronic invoice, in the terms of EN 16931.

What is sold is a line: minutes at a rate, fees, fixed costs, and of a correction each change. What
is taken off the whole is an allowance: included minutes and discounts. A minimum charge is a
charge. A price is never below zero: where a line takes off, its quantity is. A credit note has all
signs turned round, for what it gives back is its own positive amount.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.billing import wording
from wacost.billing.documents.why import Why
from wacost.billing.exact import subtract
from wacost.billing.minutes import decimal_places, minutes
from wacost.money import SECONDS, minor_digits, round_units, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Change, Item, Line
    from wacost.language import Language

_PLACES: Final = 2
_DISCOUNT: Final = "95"
"""UNTDID 5189: discount."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: quantity times price, rounded, plus `adjustment` is `net`.

    Attributes:
        name: what is sold.
        detail: what else is to be known of it, or "".
        quantity: below zero where the line takes off.
        unit: UN/ECE Recommendation 20: MIN, SEC or C62 (one).
        price: of `per` units.
        per: 60 for the price of a minute beside a quantity of seconds, else 1.
        net: what the line comes to.
        adjustment: where the card rounds in another way than quantity times price does.
    """

    name: str
    detail: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: Decimal
    per: int = 1
    adjustment: Decimal = Decimal(0)

    @property
    def turned(self) -> Row:
        """The same with its signs turned round."""
        return replace(self, quantity=-self.quantity, net=-self.net, adjustment=-self.adjustment)


@dataclass(frozen=True, slots=True)
class Part:
    """An allowance (below zero) or a charge (above) on the whole document, and what it is for."""

    reason: str
    amount: Decimal
    code: str = ""

    @property
    def turned(self) -> Part:
        """The same with its sign turned round, and without a code that is only an allowance's."""
        return Part(self.reason, -self.amount)


def places_of(invoice: Invoice) -> int:
    """Return the decimals that amounts of an electronic invoice are written with."""
    return min(minor_digits(invoice.currency), _PLACES)


def rows(invoice: Invoice, language: Language) -> list[Row]:
    """Return the lines of a document."""
    words = _Words(invoice, language)
    digits = places_of(invoice)
    made = [
        *(_line(line, words, digits) for line in invoice.lines),
        *(_whole(*words.change(one), one.amount) for one in invoice.changes),
        *(_whole(words.item(item), "", item.amount) for item in _sold(invoice)),
    ]
    return [row.turned for row in made] if invoice.type == "credit_note" else made


def parts(invoice: Invoice, language: Language) -> list[Part]:
    """Return the allowances and charges of a document."""
    words, sold = _Words(invoice, language), _sold(invoice)
    made = [
        Part(words.item(item), item.amount, _DISCOUNT if item.part == "discount" else "")
        for item in invoice.items
        if item not in sold
    ]
    return [part.turned for part in made] if invoice.type == "credit_note" else made


def _sold(invoice: Invoice) -> list[Item]:
    """Return the items that are lines: fixed costs; all of them where there is no other line.

    EN 16931 asks for a line (BR-16), also in a month that is nothing but its minimum charge.
    """
    fixed = [item for item in invoice.items if item.part == "monthly"]
    return fixed or ([] if invoice.told else list(invoice.items))


def _line(line: Line, words: _Words, digits: int) -> Row:
    name, detail = words.line(line)
    if line.fee is not None:
        price, units = trimmed(line.fee), line.times * SECONDS
        return _at(Row(name, detail, Decimal(line.times), "C62", price, line.amount), units, digits)
    if line.rate_per_minute is None:
        return _whole(name, detail, line.amount)
    price, seconds = trimmed(line.rate_per_minute), line.billed_seconds
    places = decimal_places([seconds])
    if places is None:
        made = Row(name, detail, Decimal(seconds), "SEC", price, line.amount, per=SECONDS)
    else:
        made = Row(name, detail, minutes(seconds, places), "MIN", price, line.amount)
    return _at(made, seconds, digits)


def _at(row: Row, seconds: int, digits: int) -> Row:
    """Return a line with what its net amount has beside its price for so many seconds."""
    units = int(row.price.scaleb(9)) * seconds
    return replace(row, adjustment=subtract(row.net, round_units(units, digits, "half_up")))


def _whole(name: str, detail: str, amount: Decimal) -> Row:
    """Return a line of one piece: one at its amount, or less one."""
    sign = -1 if amount < 0 else 1
    return Row(name, detail, Decimal(sign), "C62", trimmed(abs(amount)), amount)


class _Words:
    """How lines are called in the document's language."""

    def __init__(self, invoice: Invoice, language: Language) -> None:
        self.language = language
        self.why = Why(invoice, language)

    def line(self, line: Line) -> tuple[str, str]:
        """Return the name of a line and what else is to be known of it."""
        name = [self._place(line), self._part(line)]
        market = line.market if line.market_is_shared else ""
        detail = [market, self._tier(line), self.why.full(line), self._calls(line.calls)]
        return _joined(name), _joined(detail)

    def change(self, one: Change) -> tuple[str, str]:
        """Return the name of a change and what else is to be known of it."""
        name = [self.language.say(wording.CAUSES[one.cause]), self._place(one)]
        return _joined(name), _joined([one.market, self._calls(one.calls)])

    def item(self, item: Item) -> str:
        """Return what an item is, with its own name."""
        percent = self.language.percent(Decimal(item.percent)) if item.percent else ""
        sort = self.language.say(wording.ITEMS[item.part])
        return _joined(
            [sort if item.part != "monthly" or not item.name else "", item.name, percent]
        )

    def _place(self, of: Line | Change) -> str:
        direction = wording.DIRECTIONS.get(of.direction or "")
        said = self.language.say(direction) if direction else ""
        return _joined([said, self.language.country(of.country)])

    def _part(self, line: Line) -> str:
        second = self.language.decimal(line.from_second)
        if line.part == "limit":
            return self.language.say("least and most charge per call")
        if line.part == "fee":
            times = self.language.say_n("{number} fee", "{number} fees", line.times)
            if not line.from_second:
                return self.language.say("connection: {times}", times=times)
            return self.language.say("from second {second}: {times}", second=second, times=times)
        return self.language.say("from second {second}", second=second) if line.from_second else ""

    def _tier(self, line: Line) -> str:
        if not line.tiered or line.tier_from_minutes is None:
            return ""
        begin = self.language.decimal(line.tier_from_minutes + bool(line.tier_from_minutes))
        end = line.tier_to_minutes
        band = f"{begin}+" if end is None else f"{begin} – {self.language.decimal(end)}"
        return f"{self.language.say('Tier, minutes a month')}: {band}"

    def _calls(self, number: int) -> str:
        return f"{self.language.say('Calls')}: {self.language.decimal(number)}" if number else ""


def _joined(texts: Iterable[str | None]) -> str:
    return " · ".join(text for text in texts if text)
