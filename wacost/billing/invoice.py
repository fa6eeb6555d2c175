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
from wacost.errors import RatingError
from wacost.money import amount_of, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wacost.config.model import Party
    from wacost.rating.ranges import CostRange

KINDS: Final = ("expected", "chargeback", "customer")
"""What the supplier should bill; what a cost centre is charged; what a customer is sent."""
SIDES: Final = ("cost", "sale")
NO_SELL_CARD: Final = "no_sell_card"
"""Told of a call on the sale side that has no charge there: no sell card held at its time."""
UNPRICED: Final = (
    "held",
    "open",
    "incomplete",
    "no_country",
    "no_rate",
    "no_account",
    NO_SELL_CARD,
)
"""Statuses of a call whose price is not known. Never 0: listed, and left out of the total."""


@dataclass(frozen=True, slots=True)
class Line:
    """Calls of one direction, country, market, card version, tier and slot rate; or one fee.

    A call whose charge has several parts is on several lines, and is counted on the first of them.

    Attributes:
        direction: "inbound" or "outbound".
        country: ISO 3166 alpha-2; None: not known.
        market: the card's own group of countries, or None.
        market_is_shared: whether the market has other countries too.
        card: the card's name.
        card_checksum: which content of that card priced the calls.
        effective_from: first local day of the rates used.
        status: "rated" or "free".
        tier_from_minutes: the band's lower bound, exclusive; None where it differs within a call.
        tier_to_minutes: its upper bound, inclusive; None: open, or not known.
        tiered: whether the destination has more than one band.
        rate_per_minute: price of one minute; None where it differs within a call.
        calls: how many.
        billed_seconds: their seconds, in whole increments.
        tier_unknown: calls among them that are priced at the next lower known band.
        exact_units: what they cost, unrounded, in 1/60 nano-currency.
        amount: the same, rounded once.
        part: "call" (minutes at a rate), "fee" (per call), or "limit": what the card's least and
            most charge per call change.
        from_second: the slot of the call that the line is about.
        fee: what the fee is, per call.
        times: how many calls have this part.
    """

    direction: str
    country: str | None
    market: str | None
    market_is_shared: bool
    card: str
    card_checksum: str
    effective_from: date | None
    status: str
    tier_from_minutes: int | None
    tier_to_minutes: int | None
    tiered: bool
    rate_per_minute: Decimal | None
    calls: int
    billed_seconds: int
    tier_unknown: int
    exact_units: int
    amount: Decimal
    part: str = "call"
    from_second: int = 0
    fee: Decimal | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One tax: `amount` is `percent` of `base`, rounded once to the currency's minor unit."""

    name: str
    category: str
    percent: str
    reason: str
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UnpricedCall:
    """A call that no amount is known for; `at` is its local time, ISO 8601, or "" if unknown."""

    call_id: str
    status: str
    direction: str | None
    country: str | None
    at: str


@dataclass(frozen=True, slots=True)
class Unpriced:
    """The calls left out of the total: how many per status, and every one of them."""

    by_status: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[UnpricedCall, ...] = ()

    @property
    def count(self) -> int:
        """How many calls are left out."""
        return sum(self.by_status.values())


@dataclass(frozen=True, slots=True)
class CardUsed:
    """A rate card that priced calls of this invoice, and how its figures are known."""

    name: str
    title: str
    status: str
    checksum: str
    source: str
    retrieved: date | None
    calls: int
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Invoice:
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
        cost_range: what the calls can have cost, where the supplier knows more than we do.
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
    cost_range: CostRange | None = None

    @property
    def tax(self) -> Decimal:
        """The sum of all taxes."""
        return subtract(self.total, self.subtotal)

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

    def _range(self) -> dict[str, Any]:
        return {} if self.cost_range is None else {"range": self.cost_range.as_dict()}

    def as_dict(self) -> dict[str, Any]:
        """Return the whole document as plain values: amounts are text, dates ISO 8601."""
        return {
            "format": "wacost-invoice-1",
            "kind": self.kind,
            "side": self.side,
            "final": self.final,
            "number": self.number,
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
            "calls": {
                "all": self.calls,
                "on_lines": sum(line.calls for line in self.lines),
                "unanswered": self.unanswered,
                "unpriced": self.unpriced.count,
            },
            "billed_seconds": self.billed_seconds,
            "lines": [_line_dict(line) for line in self.lines],
            "subtotal": plain(self.subtotal),
            "taxes": [_plain(asdict(tax)) for tax in self.taxes],
            "tax": plain(self.tax),
            "total": plain(self.total),
            "exact": plain(self.exact),
            "rounding_drift": plain(self.rounding_drift),
            "unpriced": {
                "by_status": dict(self.unpriced.by_status),
                "calls": [asdict(call) for call in self.unpriced.calls],
            },
            "flags": dict(self.flags),
            **self._range(),
            "cards": [_plain(asdict(card)) for card in self.cards],
        }


def check(invoice: Invoice) -> Invoice:
    """Return the invoice if its sums agree.

    Exact calls + drift = lines; lines = subtotal; subtotal + taxes = total; every call of the
    month is on a line, unanswered or unpriced.

    Raises:
        RatingError: a sum does not agree; no document may be written from such figures.
    """
    billed = add(line.amount for line in invoice.lines)
    drift = amount_of(units_of(billed) - invoice.exact_units)
    on_lines = sum(line.calls for line in invoice.lines)
    broken = [
        law
        for law, holds in (
            (
                "calls = lines (exact)",
                sum(line.exact_units for line in invoice.lines) == invoice.exact_units,
            ),
            ("calls + drift = lines", drift == invoice.rounding_drift),
            ("lines = subtotal", billed == invoice.subtotal),
            (
                "subtotal + tax = total",
                add([invoice.subtotal, *(tax.amount for tax in invoice.taxes)]) == invoice.total,
            ),
            (
                "every call in one place",
                on_lines + invoice.unanswered + invoice.unpriced.count == invoice.calls,
            ),
            (
                "seconds",
                sum(line.billed_seconds for line in invoice.lines) == invoice.billed_seconds,
            ),
        )
        if not holds
    ]
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
