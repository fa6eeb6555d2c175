"""An invoice as it shows itself in a notebook or a console: every line, every sum, every gap."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Final

from wacost.billing.wording import ITEMS, PARTS, TITLES
from wacost.language import mark
from wacost.markup import Sheet
from wacost.money import trimmed

if TYPE_CHECKING:
    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Change, Item, Line
    from wacost.language import Language

_COLUMNS: Final = {
    mark("direction"): "",
    mark("country"): "",
    mark("rate per minute"): ">",
    mark("calls"): ">",
    mark("billed seconds"): ">",
    mark("amount"): ">",
}


def invoice_sheet(invoice: Invoice, reader: Language) -> Sheet:
    """Return what is shown of an invoice; numbers as its language writes them.

    Args:
        invoice: of any kind.
        reader: the language of words, numbers and days; the document has its own.
    """
    say, money = reader.say, partial(reader.money, currency=invoice.currency)

    rows = [_line(line, reader, money(line.amount)) for line in invoice.told]
    rows += [_item(item, reader, money(item.amount)) for item in invoice.items]
    sums = [_sum(say("subtotal"), money(invoice.subtotal))]
    sums += [
        _sum(f"{tax.name} {reader.percent(Decimal(tax.percent))}", money(tax.amount))
        for tax in invoice.taxes
    ]
    gaps = [
        say("{count} {status}", count=count, status=say(status).replace("_", " "))
        for status, count in invoice.unpriced.by_status.items()
    ]
    state = invoice.number or say("draft")
    days = reader.period(invoice.period_start, invoice.period_end)
    month = reader.month(invoice.period_start)
    return Sheet(
        title=f"{say(TITLES[invoice.kind])}: {invoice.title}, {month} ({state})",
        facts=(
            (say("days"), f"{days}, {invoice.timezone}"),
            (say("calls"), reader.decimal(invoice.calls)),
            (
                say("cards"),
                ", ".join(f"{card.name} ({say(card.status)})" for card in invoice.cards),
            ),
        ),
        columns=tuple(side + say(head) for head, side in _COLUMNS.items()),
        rows=tuple(rows),
        sums=(*sums, _sum(say("total"), money(invoice.total))),
        notes=(say("without a price, in no amount: {gaps}", gaps=", ".join(gaps)),) if gaps else (),
        language=reader,
    )


def _line(line: Line | Change, reader: Language, amount: str) -> tuple[str, ...]:
    part = getattr(line, "part", "call")
    rate = getattr(line, "rate_per_minute", None)
    figures = (
        "" if rate is None else reader.decimal(trimmed(rate)),
        reader.decimal(line.calls),
        reader.decimal(line.billed_seconds),
    )
    return (
        reader.say(line.direction) if line.direction else "",
        reader.country(line.country),
        *(figures if part == "call" else (reader.say(PARTS[part]), "", "")),
        amount,
    )


def _item(item: Item, reader: Language, amount: str) -> tuple[str, ...]:
    seconds = reader.decimal(item.seconds) if item.seconds else ""
    return (reader.say(ITEMS[item.part]), item.name, "", "", seconds, amount)


def _sum(name: str, amount: str) -> tuple[str, ...]:
    return (name, "", "", "", "", amount)
