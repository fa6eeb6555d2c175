"""The first sheet of a workbook: what the document is, what it comes to, and control sums."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from wacost.billing import wording
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wacost.billing.invoice import Invoice
    from wacost.language import Language

Cell = tuple[str, Any]
"""How a cell looks (a sort of `xlsx.py`) and its value; None: it is empty."""


class Sum(NamedTuple):
    """What one column of a sheet adds up to.

    Attributes:
        sheet: its name.
        place: of the column, from 0.
        last: the last row of the sheet that counts, from 0; row 0 is the head.
        rows: how many rows the sheet has.
        amount: the sum, as it was written.
    """

    sheet: str
    place: int
    last: int
    rows: int
    amount: Decimal

    @property
    def formula(self) -> str:
        """The sum as a formula, for a spreadsheet to check.

        >>> Sum("Calls", 1, 20, 20, Decimal(0)).formula
        "=SUM('Calls'!B2:B21)"
        """
        column = chr(ord("A") + self.place)
        name = self.sheet.replace("'", "''")
        return f"=SUM('{name}'!{column}2:{column}{self.last + 1})"


def summary_rows(
    invoice: Invoice, told: Mapping[str, Any], language: Language, sums: Sequence[Sum]
) -> Iterator[list[Cell]]:
    """Yield the rows of the summary.

    Args:
        invoice: whose.
        told: its printed text, as `page` returns it.
        language: of the document.
        sums: of the sheets with lines and calls.
    """
    yield [("title", f"{told['title']} · {told['month']}")]
    yield [("strong", told["label"])]
    yield [("text", told["face"] or None)]
    yield []
    for party in told["parties"]:
        yield [("strong", party["label"]), ("text", party["name"])]
        yield from ([("text", None), ("text", line)] for line in party["lines"])
    yield []
    yield from ([("text", name), ("text", value)] for name, value in told["meta"])
    yield []
    yield from _totals(invoice, language)
    yield []
    yield from _counts(invoice, language)
    yield []
    yield from _control(invoice, language, sums)


def _totals(invoice: Invoice, language: Language) -> Iterator[list[Cell]]:
    say = language.say
    yield [
        ("head", ""),
        ("head_of_numbers", say("Amount")),
        ("head", say("Exact amount")),
        ("head_of_numbers", say("Base")),
        ("head_of_numbers", say("Percent")),
    ]
    yield [("text", say("Subtotal")), *_amount(invoice.subtotal)]
    for tax in invoice.taxes:
        percent = ("rate", Decimal(tax.percent))
        yield [("text", tax.name), *_amount(tax.amount), ("money", tax.base), percent]
        if tax.reason:
            yield [("text", None), ("text", tax.reason)]
    yield [("strong", say("Total")), ("total", invoice.total), ("text", plain(invoice.total))]


def _counts(invoice: Invoice, language: Language) -> Iterator[list[Cell]]:
    say = language.say
    yield [("head", say("Calls")), ("head_of_numbers", say("Number"))]
    yield [("text", say("Calls in the document")), ("whole", invoice.calls)]
    on_lines = sum(line.calls for line in invoice.told)
    yield [("text", say("Billed or free")), ("whole", on_lines)]
    if not invoice.changes:
        yield [("text", say("Not answered, at no cost")), ("whole", invoice.unanswered)]
    for status, number in invoice.unpriced.by_status.items():
        word = say(wording.STATUSES.get(status, status))
        yield [("text", say("Without a price: {status}", status=word)), ("whole", number)]
    yield [("text", say("Billed seconds")), ("whole", invoice.billed_seconds)]


def _control(invoice: Invoice, language: Language, sums: Sequence[Sum]) -> Iterator[list[Cell]]:
    say = language.say
    yield [
        ("head", say("Control sums")),
        ("head_of_numbers", say("Sum of the sheet")),
        ("head", say("Exact amount")),
        ("head_of_numbers", say("Rows")),
    ]
    for one in sums:
        rows = ("whole", one.rows)
        yield [("text", one.sheet), ("exact", one), ("text", plain(trimmed(one.amount))), rows]
    yield [("text", say("All calls, unrounded")), *_exact(invoice.exact)]
    yield [("text", say("What rounding adds")), *_exact(invoice.rounding_drift)]


def _amount(amount: Decimal) -> list[Cell]:
    return [("money", amount), ("text", plain(amount))]


def _exact(amount: Decimal) -> list[Cell]:
    return [("exact", amount), ("text", plain(amount))]
