"""An invoice as one frozen value, from which every document is written.

Amounts are Decimals that keep the places they were rounded to; `*_units` are exact integers of
1/60 nano-currency. Nothing here reads a store, a file or a clock.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.exact import add, subtract, units_of
from wacost.billing.records import (
    CardUsed,
    Change,
    ChangedCall,
    Excused,
    Item,
    Line,
    TaxLine,
    Unpriced,
)
from wacost.config.look import Look
from wacost.errors import RatingError
from wacost.language import ENGLISH, Language
from wacost.markup import Sheet, Shown
from wacost.money import amount_of, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wacost.billing.figures import Source
    from wacost.config.model import Party
    from wacost.rating.ranges import CostRange
    from wacost.zones import Span


SCHEMA_ID: Final = "urn:wacost:invoice:1"
"""The name of `data/schemas/invoice.schema.json`, which describes `Invoice.as_dict`."""


@dataclass(frozen=True, slots=True)
class Invoice(Shown):
    """A month of one account: lines, sums, taxes and everything that is not certain.

    Attributes:
        kind: "expected", "chargeback" or "customer".
        side: "cost" (the supplier's card) or "sale".
        account: the account's name; `title` is its name for people.
        month: "2026-10"; `period_start` and `period_end` are its first and last local day.
        timezone: in which months, days and times are told.
        currency: ISO 4217; "" where the month has no call and no card is known.
        language: locale of the documents.
        seller, buyer: as printed; None: not known.
        payment_terms_days: or None.
        lines: sorted: outbound first, then by country, date, tier, rate.
        subtotal: sum of the lines; `total` is `subtotal` plus `taxes`.
        exact_units: what all priced calls cost, unrounded.
        rounding_drift: billed minus exact, to 12 places.
        calls: all calls of the month; those on lines, `unanswered` and `unpriced` together.
        billed_seconds: of the calls on lines.
        flags: calls per flag: where a documented choice decided the price.
        cards: the rate cards used.
        final: a frozen document; drafts are not. `number` is theirs alone.
        one_of_several: the month is billed in several currencies, each in its own document.
        items: lines that are about no single call: included minutes, discounts, fixed costs.
        changes: of a correction: what calls came to cost more or less, and why.
        changed_calls: the same, call by call.
        type: "invoice", "credit_note" or "supplement".
        issued_on: the day of issue of a final document; `due_on`: when it is to be paid.
        corrects: the number of the document that this one corrects.
        cancels: it gives back all that the document and its corrections bill.
        excused: what would have kept it from being final, and was let pass.
        terms_hash: of everything it was made under besides calls and cards.
        calls_hash: of its frozen calls.
        content_hash: of the whole document.
        cost_range: what its calls can have cost, where that is not certain.
        policies: what the workspace decides where sources leave it open.
        calls_from: where its calls stand one by one; `zones` tell their local times.
        look: colour and logo where it is printed. None of these three is part of the document.
    """

    kind: str
    side: str
    account: str
    title: str
    month: str
    period_start: date
    period_end: date
    timezone: str
    currency: str
    language: str
    seller: Party | None
    buyer: Party | None
    payment_terms_days: int | None
    lines: tuple[Line, ...]
    subtotal: Decimal
    taxes: tuple[TaxLine, ...]
    total: Decimal
    exact_units: int
    rounding_drift: Decimal
    calls: int
    unanswered: int
    billed_seconds: int
    unpriced: Unpriced
    flags: Mapping[str, int]
    cards: tuple[CardUsed, ...]
    final: bool = False
    number: str | None = None
    one_of_several: bool = False
    items: tuple[Item, ...] = ()
    changes: tuple[Change, ...] = ()
    changed_calls: tuple[ChangedCall, ...] = ()
    type: str = "invoice"
    issued_on: date | None = None
    due_on: date | None = None
    corrects: str | None = None
    cancels: bool = False
    excused: tuple[Excused, ...] = ()
    terms_hash: str = ""
    calls_hash: str = ""
    content_hash: str = ""
    cost_range: CostRange | None = None
    policies: Mapping[str, Any] = field(default_factory=dict)
    calls_from: Source | None = field(default=None, compare=False, repr=False)
    zones: tuple[Span, ...] = field(default=(), compare=False, repr=False)
    look: Look = field(default=Look(), compare=False, repr=False)

    @property
    def tax(self) -> Decimal:
        """The sum of all taxes."""
        return subtract(self.total, self.subtotal)

    @property
    def seller_name(self) -> str:
        """Who sells, or "" where that is not known."""
        return self.seller.name if self.seller else ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to bill."""
        return not (self.lines or self.items or self.changes)

    @property
    def told(self) -> tuple[Line | Change, ...]:
        """The lines that are about calls."""
        return (*self.lines, *self.changes)

    @property
    def billed_calls(self) -> Decimal:
        """What the calls are billed at: every rounding is in it, discounts and fees are not."""
        rounding = (item.amount for item in self.items if item.part == "remainder")
        return add([*(line.amount for line in self.told), *rounding])

    @property
    def exact(self) -> Decimal:
        """What all priced calls cost, unrounded, shown to 12 places."""
        return amount_of(self.exact_units)

    def summary(self, files: Sequence[object] = ()) -> dict[str, Any]:
        """Return the figures that `wacost rate --json` prints: amounts are text.

        Args:
            files: paths of the documents written.
        """
        return {
            "invoice": self.number,
            "kind": self.kind,
            "account": self.account,
            "month": self.month,
            "currency": self.currency,
            "calls": self.calls,
            "billed_seconds": self.billed_seconds,
            "subtotal": plain(self.subtotal),
            "tax": plain(self.tax),
            "total": plain(self.total),
            "rounding_drift": plain(self.rounding_drift),
            "unpriced": self.unpriced.count,
            "files": [str(file) for file in files],
            "final": self.final,
            **self._range(),
        }

    def _head(self) -> dict[str, Any]:
        """Return what a document is, from whom, to whom and of when."""
        return {
            "$schema": SCHEMA_ID,
            "format": "wacost-invoice-1",
            "type": self.type,
            "kind": self.kind,
            "side": self.side,
            "final": self.final,
            "number": self.number,
            "issued_on": self.issued_on and self.issued_on.isoformat(),
            "due_on": self.due_on and self.due_on.isoformat(),
            "corrects": self.corrects,
            **({"cancels": True} if self.cancels else {}),
            "account": {"name": self.account, "title": self.title},
            "month": self.month,
            "period": {
                "first_day": self.period_start.isoformat(),
                "last_day": self.period_end.isoformat(),
                "timezone": self.timezone,
            },
            "currency": self.currency,
            "language": self.language,
            "seller": _plain(asdict(self.seller)) if self.seller else None,
            "buyer": _plain(asdict(self.buyer)) if self.buyer else None,
            "payment_terms_days": self.payment_terms_days,
        }

    def _range(self) -> dict[str, Any]:
        return {} if self.cost_range is None else {"range": self.cost_range.as_dict()}

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Show the document: its sums, lines and gaps, in its own language's numbers."""
        from wacost.billing.sheet import invoice_sheet  # noqa: PLC0415 - it writes for people

        return invoice_sheet(self, language)

    def as_dict(self) -> dict[str, Any]:
        """Return the whole document as plain values: amounts are text, dates ISO 8601."""
        return {
            **self._head(),
            "calls": {
                "all": self.calls,
                "on_lines": sum(line.calls for line in self.told),
                "unanswered": self.unanswered,
                "unpriced": self.unpriced.count,
            },
            "billed_seconds": self.billed_seconds,
            "lines": [_line_dict(line) for line in self.lines],
            "changes": [
                {**_plain(asdict(one)), "exact_units": str(one.exact_units)} for one in self.changes
            ],
            "changed_calls": [_plain(asdict(call)) for call in self.changed_calls],
            "items": [_plain(asdict(item)) for item in self.items],
            "subtotal": plain(self.subtotal),
            "taxes": [_plain(asdict(tax)) for tax in self.taxes],
            "tax": plain(self.tax),
            "total": plain(self.total),
            "exact": plain(self.exact),
            "exact_units": str(self.exact_units),
            "rounding_drift": plain(self.rounding_drift),
            "unpriced": {
                "by_status": dict(self.unpriced.by_status),
                "calls": [asdict(call) for call in self.unpriced.calls],
            },
            "flags": dict(self.flags),
            **self._range(),
            "cards": [_plain(asdict(card)) for card in self.cards],
            "policies": dict(self.policies),
            "excused": [asdict(one) for one in self.excused],
            "one_of_several": self.one_of_several,
            "hashes": {
                "terms": self.terms_hash,
                "calls": self.calls_hash,
                "content": self.content_hash,
            }
            if self.final
            else None,
        }


def check(invoice: Invoice) -> Invoice:
    """Return the invoice if its sums agree.

    Exact calls + drift = lines of calls; all lines = subtotal; subtotal + taxes = total; every
    call of the month is on a line, unanswered or unpriced.

    Raises:
        RatingError: a sum does not agree; no document may be written from such figures.
    """
    drift = amount_of(units_of(invoice.billed_calls) - invoice.exact_units)
    others = [item.amount for item in invoice.items if item.part != "remainder"]
    counted = sum(line.calls for line in invoice.told) + invoice.unanswered + invoice.unpriced.count
    sums = (
        (
            "calls = lines (exact)",
            sum(line.exact_units for line in invoice.told),
            invoice.exact_units,
        ),
        ("calls + drift = lines", drift, invoice.rounding_drift),
        ("lines = subtotal", add([invoice.billed_calls, *others]), invoice.subtotal),
        (
            "subtotal + tax = total",
            add([invoice.subtotal, *(tax.amount for tax in invoice.taxes)]),
            invoice.total,
        ),
        ("every call in one place", counted, invoice.calls),
        ("seconds", sum(line.billed_seconds for line in invoice.told), invoice.billed_seconds),
    )
    broken = [law for law, one, other in sums if one != other]
    if broken:
        raise RatingError(
            f"the invoice of {invoice.account!r} for {invoice.month} does not add up: "
            + "; ".join(broken),
            hint="run `wacost rate` again; if it stays, run `wacost doctor` and report it",
        )
    return invoice


def _line_dict(line: Line) -> dict[str, Any]:
    rate = line.rate_per_minute
    return {
        **_plain(asdict(line)),
        "rate_per_minute": None if rate is None else plain(trimmed(rate)),
        "fee": None if line.fee is None else plain(trimmed(line.fee)),
        "exact_units": str(line.exact_units),
    }


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in record.items()}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
