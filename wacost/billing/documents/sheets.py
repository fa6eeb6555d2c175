"""The tables of a workbook in plain values: lines, calls and what the document rests on.

Each column has one sort of value, so that a table can be pivoted as it is: a number is a number, a
date a date. Exact amounts stand beside them as text, because a spreadsheet counts in 15 digits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.billing import wording
from wacost.money import amount_of, decimal_of, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wacost.billing.calls import BilledCall
    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Change, Item, Line
    from wacost.language import Language

_MINUTE_S: Final = 60
_FINE: Final = 10


class Column(NamedTuple):
    """One column of a table.

    Attributes:
        title: its head, in the document's language.
        sort: of all its values: "text", "whole", "number", "rate", "money" (in the currency's minor
            unit), "exact" (unrounded), "day" or "moment".
        width: in characters.
    """

    title: str
    sort: str = "text"
    width: int = 12


class Table(NamedTuple):
    """A table: its name, its columns, and rows of plain values; None is an empty cell."""

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Any, ...]]


def line_table(invoice: Invoice, language: Language) -> Table:
    """Return everything that adds up to the subtotal, a row for each line, change and item."""
    say = language.say
    columns = (
        Column(say("What"), width=24),
        Column(say("Direction"), width=18),
        Column(say("Country"), width=20),
        Column(say("Country code"), width=9),
        Column(say("Market"), width=24),
        Column(say("Part of the call"), width=18),
        Column(say("Tier from, minutes"), "whole"),
        Column(say("Tier to, minutes"), "whole"),
        Column(say("Calls"), "whole", 9),
        Column(say("Billed seconds"), "whole"),
        Column(say("Minutes"), "number"),
        Column(say("Rate per minute"), "rate"),
        Column(say("Fee"), "rate", 9),
        Column(say("Amount"), "money", 14),
        Column(say("Exact amount"), width=20),
        Column(say("Currency"), width=9),
        Column(say("Rate card"), width=16),
        Column(say("Rows of the rate card"), width=12),
        Column(say("Status of the rate"), width=14),
        Column(say("Rates since"), "day"),
        Column(say("Calls at an unknown rate"), "whole", 12),
    )
    return Table(say("Lines"), columns, list(_lines(invoice, language)))


def _lines(invoice: Invoice, language: Language) -> Iterator[tuple[Any, ...]]:
    for line in invoice.lines:
        yield _line(line, invoice.currency, language)
    for change in invoice.changes:
        yield _change(change, invoice.currency, language)
    for item in invoice.items:
        yield _item(item, invoice.currency, language)


def _line(line: Line, currency: str, language: Language) -> tuple[Any, ...]:
    say = language.say
    free = line.status == "free"
    return (
        say("Free calls") if free else say(wording.DIRECTIONS[line.direction]),
        say(wording.DIRECTION[line.direction]),
        language.country(line.country),
        line.country,
        line.market and language.name(line.market),
        say(wording.PARTS[line.part]),
        line.tier_from_minutes,
        line.tier_to_minutes,
        line.calls,
        line.billed_seconds,
        Decimal(line.billed_seconds) / _MINUTE_S,
        line.rate_per_minute and trimmed(line.rate_per_minute),
        line.fee and trimmed(line.fee),
        line.amount,
        plain(amount_of(line.exact_units)),
        currency,
        line.card,
        " ".join(map(str, line.card_rows)),
        say(wording.CARD_STATUSES.get(line.rate_status, "–")),
        line.effective_from,
        line.tier_unknown,
    )


def _change(change: Change, currency: str, language: Language) -> tuple[Any, ...]:
    say = language.say
    return (
        say(wording.CAUSES[change.cause]),
        say(wording.DIRECTION.get(change.direction or "", "–")),
        language.country(change.country),
        change.country,
        change.market and language.name(change.market),
        *(None,) * 3,
        change.calls,
        change.billed_seconds,
        Decimal(change.billed_seconds) / _MINUTE_S,
        *(None,) * 2,
        change.amount,
        plain(amount_of(change.exact_units)),
        currency,
        *(None,) * 5,
    )


def _item(item: Item, currency: str, language: Language) -> tuple[Any, ...]:
    sort = language.say(wording.ITEMS[item.part])
    return (
        f"{sort}: {item.name}" if item.name else sort,
        *(None,) * 8,
        item.seconds or None,
        Decimal(item.seconds) / _MINUTE_S if item.seconds else None,
        *(None,) * 2,
        item.amount,
        plain(item.amount),
        currency,
        *(None,) * 5,
    )


def call_table(invoice: Invoice, language: Language, calls: Iterable[BilledCall]) -> Table:
    """Return the calls, a row for each; those without a price have no amount."""
    say = language.say
    columns = (
        Column(say("Call"), width=32),
        Column(say("Date"), "day"),
        Column(say("Local time"), "moment", 19),
        Column(say("Direction"), width=10),
        Column(say("Country"), width=20),
        Column(say("Country code"), width=9),
        Column(say("Market"), width=24),
        Column(say("Status"), width=12),
        Column(say("Cause"), width=16),
        Column(say("Seconds"), "whole", 9),
        Column(say("Billed seconds"), "whole", 9),
        Column(say("Tier from, minutes"), "whole"),
        Column(say("Rate per minute"), "rate"),
        Column(say("Fee"), "rate", 9),
        Column(say("Amount"), "exact", 16),
        Column(say("Exact amount"), width=18),
        Column(say("Units of 1/60 nano"), width=18),
        Column(say("Currency"), width=9),
        Column(say("Rate card"), width=16),
        Column(say("Rates since"), "day"),
        Column(say("Notes"), width=24),
    )
    rows = _Rows(invoice.currency, language)
    return Table(say("Calls"), columns, map(rows.call, calls))


class _Rows:
    """How the calls of one document are written; each word is said once."""

    def __init__(self, currency: str, language: Language) -> None:
        self.currency = currency
        self.language = language
        self.countries: dict[str | None, str] = {}
        self.markets: dict[str, str] = {}
        self.words: dict[str, str] = {}

    def call(self, call: BilledCall) -> tuple[Any, ...]:
        """Return the row of a call."""
        at = None if call.at is None else call.at.replace(tzinfo=None)
        priced = call.units is not None
        return (
            call.call_id,
            at and at.date(),
            at,
            self.word(wording.DIRECTION.get(call.direction or "", "–")),
            self.country(call.country),
            call.country,
            call.market and self.market(call.market),
            self.word(wording.CALL_STATUSES.get(call.status, call.status)),
            call.cause and self.word(wording.CAUSE[call.cause]),
            call.duration_s,
            call.seconds,
            call.tier_from_minutes,
            None if call.rate_nanos is None else trimmed(decimal_of(call.rate_nanos)),
            trimmed(decimal_of(call.fee_nanos)) if call.fee_nanos else None,
            call.amount if priced else None,
            plain(amount_of(call.units)) if call.units is not None else None,
            str(call.units) if priced else None,
            self.currency if priced else None,
            call.card,
            call.effective_from,
            ", ".join(self.word(wording.FLAG_NAMES[flag]) for flag in call.flags) or None,
        )

    def country(self, code: str | None) -> str:
        """Name a country."""
        if code not in self.countries:
            self.countries[code] = self.language.country(code)
        return self.countries[code]

    def market(self, name: str) -> str:
        """Name a market."""
        if name not in self.markets:
            self.markets[name] = self.language.name(name)
        return self.markets[name]

    def word(self, message: str) -> str:
        """Say a fixed word."""
        if message not in self.words:
            self.words[message] = self.language.say(message)
        return self.words[message]
