"""What a rate card is: dated prices of one supplier in one currency, as plain frozen values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from wacost.cards.content import canonical, names_of, plain_rows, plain_value
from wacost.language import ENGLISH, Language
from wacost.markup import Sheet, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from wacost.rating.charge import Charge

Status = Literal["published", "derived", "reported", "contract", "illustrative"]
"""How a figure is known: printed by the supplier, worked out from other figures, told by a third
party, agreed with the user, or made up to show something."""
STATUSES: Final[tuple[str, ...]] = get_args(Status)

DIRECTIONS: Final = ("inbound", "outbound")

RHYTHMS: Final = ("week", "month", "quarter", "year")
"""How often a supplier may publish a new card: on the first day of each."""

NOT_OFFERED: Final = "n/a"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class RateRow:
    """One row of `rates.csv`: the price of a minute to one destination, in one band, from a date.

    Attributes:
        direction: "inbound" or "outbound".
        destination: E.164 prefix digits, an ISO country, a market's name, or "*".
        rate_nanos: nanos of the currency per minute; None where `kind` is not "known".
        kind: "known", "n/a" (not offered) or "unknown" (there is a rate, not known to us).
        effective_from: first local day in force.
        effective_to: first local day no longer in force, or None.
        tier_from_minutes: the band begins above this many minutes of the month.
        from_second: the slot begins at this second of the call.
        increments: (first, next) seconds of this slot, or None for the card's.
        fee_nanos: charged once when the call reaches the slot.
        status: how the figure is known; "" means as the card.
        source: where it was found; "" means as the card.
        note: what a reader should know about it.
        line: line in `rates.csv` (the head is line 1), or the number of a row given in Python.
    """

    direction: str
    destination: str
    rate_nanos: int | None
    kind: str
    effective_from: date
    effective_to: date | None = None
    tier_from_minutes: int = 0
    from_second: int = 0
    increments: tuple[int, int] | None = None
    fee_nanos: int = 0
    status: str = ""
    source: str = ""
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class MarketRow:
    """One row of `markets.csv`: a country or prefix belongs to a market from a date.

    `member` is an ISO country or E.164 prefix digits; a member's later row ends its earlier one.
    """

    market: str
    member: str
    effective_from: date
    effective_to: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Tiers:
    """How volume lowers the price.

    Attributes:
        model: "whole_call" (the band of a call's last second prices all of it), "graduated" (each
            second in its own band) or "volume" (the band of the month's total prices every call).
        scope: whose minutes add up: of a "market" (a country that is in none: its own), a
            "country", or the whole "card".
        accrual: which seconds add up: "billed" or "actual".
    """

    model: str = "whole_call"
    scope: str = "market"
    accrual: str = "billed"


@dataclass(frozen=True, slots=True)
class Rounding:
    """The one declared rounding point: per invoice line or per call, to how many places, how."""

    at: str
    places: int
    mode: str


@dataclass(frozen=True, slots=True)
class Policies:
    """What suppliers leave open. Every default has its reason; every use is flagged on the charge.

    Attributes:
        month_of: which moment of a call decides month, band and card version. "end": the charge
            is known when the call ends. No supplier documents it.
        answered_zero_seconds: a call picked up for less than a second is billed its first
            increment: a started increment counts as one. "free": nothing at all is charged for it,
            neither minutes nor the connection fee nor the least per call, and it fills no tier.
        failed_with_duration: a call that failed after pick-up is billed: it was answered. "free":
            nothing at all, as above.
        duration_conflict: a call whose duration contradicts its two times by more than a second
            is held back until somebody decides ("times" or "field").
    """

    month_of: str = "end"
    answered_zero_seconds: str = "first_increment"
    failed_with_duration: str = "bill"
    duration_conflict: str = "hold"


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that a rated call costs, in nanos; None: no upper limit."""

    min_nanos: int = 0
    max_nanos: int | None = None


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "model": ("whole_call", "graduated", "volume"),
    "scope": ("market", "country", "card"),
    "accrual": ("billed", "actual"),
    "at": ("line", "call"),
    "month_of": ("end", "start"),
    "answered_zero_seconds": ("first_increment", "free"),
    "failed_with_duration": ("bill", "free"),
    "duration_conflict": ("hold", "times", "field"),
}
"""The words that a card may use for each choice; the first is the default."""


@dataclass(frozen=True)
class RateCard(Shown):
    """A checked rate card. Make one with `load_card` or `RateCard.from_rows`.

    Attributes:
        name: short name, as accounts refer to it.
        title: name for people.
        currency: ISO 4217 code; every rate and fee is in it.
        status: how its figures are known, unless a row says otherwise.
        source: where they were found; `retrieved`: on which day, or None.
        timezone: "account" (dates and months are local to the account) or an IANA name.
        increments: (first, next) seconds; (6, 6) is Meta's six-second pulse.
        file: the folder it was read from as the user knows it, or "".
        published_every: on the first day of what a new card may come: "week" (Monday), "month",
            "quarter", "year", or "": not known. It changes no price; the store does not keep it.
        given: its rows were given in Python: the line of a row is its number among them.
    """

    name: str
    title: str
    currency: str
    status: str
    source: str
    retrieved: date | None
    timezone: str
    increments: tuple[int, int]
    tiers: Tiers
    rounding: Rounding
    limits: Limits
    policies: Policies
    rows: tuple[RateRow, ...]
    markets: tuple[MarketRow, ...]
    file: str = ""
    published_every: str = ""
    given: bool = False

    def zone_of(self, account_zone: str) -> str:
        """Return the zone whose clock decides dates and months for an account of this zone."""
        return account_zone if self.timezone == "account" else self.timezone

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of everything that can change a price or what is said of it.

        Where the card was read from, the order of its rows and the layout of its files do not
        count: the same content has the same checksum.
        """
        content = self.as_dict()
        del content["given"]
        for part in ("rates", "markets"):
            bare = [{k: v for k, v in row.items() if k != "line"} for row in content[part]]
            content[part] = sorted(bare, key=json.JSONEncoder(sort_keys=True).encode)
        return hashlib.sha256(canonical(content).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the whole card as plain values (rates in nanos), as the store keeps it."""
        content: dict[str, Any] = {
            name: plain_value(getattr(self, name))
            for name in names_of(RateCard)
            if name not in {"rows", "markets", "file", "published_every"}
        }
        content["rates"] = plain_rows(self.rows, RateRow)
        content["markets"] = plain_rows(self.markets, MarketRow)
        return content

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Show what the card says of itself, and its rows."""
        from wacost.cards.sheet import card_sheet  # noqa: PLC0415 - it imports the model

        return card_sheet(self, language)

    def as_json(self) -> str:
        """Return `as_dict` as canonical JSON."""
        return canonical(self.as_dict())

    @classmethod
    def from_rows(
        cls,
        rows: Any,
        *,
        currency: str,
        increments: tuple[int, int] = (6, 6),
        tiers: str = "whole_call",
        scope: str = "market",
        accrual: str = "billed",
        markets: Any = (),
        rounding: tuple[str, int, str] | None = None,
        limits: Mapping[str, str] | None = None,
        policies: Mapping[str, str] | None = None,
        timezone: str = "account",
        name: str = "mine",
        title: str = "",
        status: str = "contract",
        source: str = "",
    ) -> RateCard:
        """Make a card from rows in Python: dicts with the columns of `rates.csv`, or a frame.

        What each column and setting means is told in data/rates/README.md, and by `RateRow`,
        `MarketRow`, `Tiers`, `Limits` and `Policies` of `wacost.cards.model`.

        Args:
            rows: dicts, or a frame of pandas, Polars or Arrow: `direction`, `destination` (prefix
                digits, ISO country, market or "*"), `rate_per_minute` (or "n/a", "unknown") and
                `effective_from` (text or a date); where needed `effective_to`,
                `tier_from_minutes`, `from_second`, `increment_seconds` ("60/6" or 6), `fee`,
                `status`, `source`, `note`. Prices are text or Decimal, never float.
            currency: ISO 4217 code of every price.
            increments: (first, next) seconds.
            tiers: "whole_call", "graduated" or "volume".
            scope: whose minutes fill a tier together: of a "market", a "country" or the "card".
            accrual: "billed" or "actual" seconds fill it.
            markets: rows with `market`, `country_or_prefix`, `effective_from`, `effective_to`.
            rounding: (at, places, mode): at "line" or "call"; "half_up", "half_even", "up" or
                "down". Default: the currency's minor unit, per line, half up.
            limits: `min_charge` and `max_charge` of a call, as text.
            policies: what suppliers leave open, by name: see `Policies`.
            timezone: whose clock decides days and months: "account", or an IANA zone.
            name: what charges are told to be priced by: small letters, digits and - . _
            title: name for people; default: `name`.
            status: how the figures are known: see `STATUSES`.
            source: where they were found.

        Raises:
            RateCardError: with the number of the row, the column and the text found.

        >>> card = RateCard.from_rows(
        ...     [{"direction": "outbound", "destination": "55", "rate_per_minute": "0.0108",
        ...       "effective_from": "2025-08-01"}], currency="USD")
        >>> card.rows[0].rate_nanos
        10800000
        """
        from wacost.cards.given import card_from_rows  # noqa: PLC0415 - it imports the model

        settings = {
            "name": name,
            "title": title or name,
            "currency": currency,
            "status": status,
            "source": source,
            "timezone": timezone,
            "increments": increments,
            "tiers": {"model": tiers, "scope": scope, "accrual": accrual},
            "rounding": rounding,
            "limits": limits,
            "policies": policies,
        }
        return card_from_rows(rows, settings, markets)

    def quote(
        self,
        number: str | None = None,
        *,
        seconds: int,
        direction: str = "outbound",
        country: str | None = None,
        at: datetime | str | None = None,
        timezone: str = "UTC",
        minutes_before: int | str = 0,
    ) -> Charge:
        """Price one answered call, exactly. It needs no store and any thread may ask.

        Args:
            number: the contact's, as text, in any usual writing with its calling code.
            seconds: how long the call lasted; whole seconds.
            direction: "outbound" (the business calls) or "inbound".
            country: ISO country of the contact, where there is no number.
            at: start of the call: a datetime or ISO text; without an offset a clock time of
                `timezone`. Default: now.
            timezone: the account's zone; it decides the month and the rates in force.
            minutes_before: minutes of the month that fill the tier before this call.

        Returns:
            The charge. A missing rate is no error: its `status` tells, and its `amount` is None.

        Raises:
            InputError: an argument is not what it must be.

        >>> card = RateCard.from_rows(
        ...     [{"direction": "outbound", "destination": "*", "rate_per_minute": "0.03",
        ...       "effective_from": "2025-08-01", "fee": "0.01"}],
        ...     currency="EUR", increments=(60, 1))
        >>> card.quote("+351 912 345 678", seconds=61).amount
        Decimal('0.0405')
        """
        from wacost.rating.quote import quote  # noqa: PLC0415 - cards know nothing of rating

        return quote(
            self,
            number,
            seconds=seconds,
            direction=direction,
            country=country,
            at=at,
            timezone=timezone,
            minutes_before=minutes_before,
        )

    def max_seconds(
        self,
        balance: str | int | Decimal,
        number: str | None = None,
        *,
        direction: str = "outbound",
        country: str | None = None,
        at: datetime | str | None = None,
        timezone: str = "UTC",
        minutes_before: int | str = 0,
    ) -> int | None:
        """Return how many seconds a call may last: none of that length or shorter costs more.

        Args:
            balance: what there is, in the card's currency: text, a Decimal or an int.
            number: as for `quote`, like all that follow.
            direction: "outbound" or "inbound".
            country: where there is no number.
            at: start of the call; default: now.
            timezone: the account's zone.
            minutes_before: of the month.

        Returns:
            Whole seconds; None: a call of any length, for its price stops rising before.

        Raises:
            InputError: an argument is not what it must be.
            RatingError: no price is known for such a call.

        >>> card = RateCard.from_rows(
        ...     [{"direction": "outbound", "destination": "*", "rate_per_minute": "0.03",
        ...       "effective_from": "2025-08-01"}], currency="EUR", increments=(60, 60))
        >>> card.max_seconds("1", country="PT")
        1980
        """
        from wacost.rating.estimate import max_seconds  # noqa: PLC0415 - as in `quote`

        return max_seconds(
            self,
            balance,
            number,
            direction=direction,
            country=country,
            at=at,
            timezone=timezone,
            minutes_before=minutes_before,
        )
