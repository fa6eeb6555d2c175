"""An invoice as it shows itself in a notebook or a console: every line, every sum, every gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.billing.wording import TITLES
from wacost.language import Language
from wacost.markup import Sheet
from wacost.money import trimmed

if TYPE_CHECKING:
    from decimal import Decimal

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Change, Item, Line

_COLUMNS = ("direction", "country", ">rate per minute", ">calls", ">billed seconds", ">amount")


def invoice_sheet(invoice: Invoice) -> Sheet:
    """Return what is shown of an invoice; numbers as its language writes them."""
    language = Language.of(invoice.language)

    def money(amount: Decimal) -> str:
        return language.money(amount, invoice.currency) if invoice.currency else str(amount)

    rows = [_line(line, language, money(line.amount)) for line in invoice.told]
    rows += [_item(item, language, money(item.amount)) for item in invoice.items]
    sums = [_sum("subtotal", money(invoice.subtotal))]
    sums += [_sum(f"{tax.name} {tax.percent} %", money(tax.amount)) for tax in invoice.taxes]
    gaps = [f"{count} {name}" for name, count in invoice.unpriced.by_status.items()]
    state = invoice.number or "draft"
    return Sheet(
        title=f"{TITLES[invoice.kind]}: {invoice.title}, {invoice.month} ({state})",
        facts=(
            ("days", f"{invoice.period_start} to {invoice.period_end}, {invoice.timezone}"),
            ("calls", language.decimal(invoice.calls)),
            ("cards", ", ".join(f"{card.name} ({card.status})" for card in invoice.cards)),
        ),
        columns=_COLUMNS,
        rows=tuple(rows),
        sums=(*sums, _sum("total", money(invoice.total))),
        notes=(f"without a price, in no amount: {', '.join(gaps)}",) if gaps else (),
    )


def _line(line: Line | Change, language: Language, amount: str) -> tuple[str, ...]:
    rate = getattr(line, "rate_per_minute", None)
    return (
        line.direction or "",
        language.country(line.country),
        "" if rate is None else language.decimal(trimmed(rate)),
        language.decimal(line.calls),
        language.decimal(line.billed_seconds),
        amount,
    )


def _item(item: Item, language: Language, amount: str) -> tuple[str, ...]:
    seconds = language.decimal(item.seconds) if item.seconds else ""
    return (item.part, item.name, "", "", seconds, amount)


def _sum(name: str, amount: str) -> tuple[str, ...]:
    return (name, "", "", "", "", amount)
