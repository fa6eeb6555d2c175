"""What an invoice is made of: lines, items, changes, taxes, and what is not certain.

Amounts are Decimals that keep the places they were rounded to; `*_units` are exact integers of
1/60 nano-currency.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        card_rows: lines of the card's rates.csv that have this price for it; none where the card
            was made without a file.
        rate_status: how that price is known: "published", "derived", …; the most doubtful word of
            those rows; "" where no row is found.
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
    card_rows: tuple[int, ...] = ()
    rate_status: str = ""


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
    """A rate card that priced calls of this invoice, and how its figures are known.

    Attributes:
        name: as accounts call it; `title` is its name for people.
        status: how its figures are known, unless a row says otherwise.
        checksum: of its content.
        source: where it was found, or "".
        retrieved: on which day, or None.
        calls: how many it priced.
        currency: of its rates.
        rules: how it counts, tiers, rounds and decides: "increments.first" -> "6", and so on.
    """

    name: str
    title: str
    status: str
    checksum: str
    source: str
    retrieved: date | None
    calls: int
    currency: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """A line that is about no single call.

    Attributes:
        part: "included" (minutes that cost nothing), "discount", "monthly" (a fixed cost),
            "minimum" (what a minimum charge adds), or "remainder" (what rounding leaves over
            between a document and its correction).
        name: as the account's settings call it; "" where they do not.
        amount: rounded once to the currency's minor unit; below zero where it takes off.
        seconds: billed seconds that are included.
        percent: of a discount, as it was told; "" where it is an amount.
    """

    part: str
    name: str
    amount: Decimal
    seconds: int = 0
    percent: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Calls of a correction that came to cost something else: the difference, and why.

    Attributes:
        cause: "late_call", "changed_call", "new_card", "price_policy", "tier_shift" or "cancelled".
        direction: as of a line; None: not known.
        country: ISO 3166 alpha-2; None: not known.
        market: the card's own group of countries, or None.
        calls: how many.
        billed_seconds: how many more (or, below zero, fewer) than were billed before.
        exact_units: the difference, unrounded.
        amount: the same, rounded once.
    """

    cause: str
    direction: str | None
    country: str | None
    market: str | None
    calls: int
    billed_seconds: int
    exact_units: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """One call of a correction: what it came to cost more or, below zero, less, and why.

    Attributes:
        call_id: whose.
        cause: as of a `Change`.
        direction: "inbound", "outbound" or None.
        country: ISO 3166 alpha-2; None: not known.
        at: its local time, ISO 8601, or "" if unknown.
        billed_seconds: the difference.
        amount: the difference, unrounded, to 12 places.
    """

    call_id: str
    cause: str
    direction: str | None
    country: str | None
    at: str
    billed_seconds: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Excused:
    """What would have kept a document from being final, and was let pass.

    Attributes:
        what: "card" (its figures are not the supplier's own) or "unpriced" (calls).
        name: the card's name, or the status of the calls.
        status: how the card's figures are known; "" of calls.
        by: "accept_cards" of the account's settings, or "option": by name, when it was issued.
        calls: how many it is about.
    """

    what: str
    name: str
    status: str
    by: str
    calls: int


TYPES: Final = ("invoice", "credit_note", "supplement")
"""What a final document is: the first of its month, or one that corrects it down or up."""
