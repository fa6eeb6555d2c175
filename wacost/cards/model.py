"""What a rate card is: dated prices of one supplier in one currency, as plain frozen values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from wacost.errors import RateCardError
from wacost.markup import Sheet, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
    """How volume lowers the price: see `model`, `scope` and `accrual` in the card format."""

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
        source: where they were found.
        retrieved: on which day, or None.
        timezone: "account" (dates and months are local to the account) or an IANA name.
        increments: (first, next) seconds; (6, 6) is Meta's six-second pulse.
        file: the folder it was read from as the user knows it, or "".
        published_every: on the first day of what the supplier may publish a new card: "week"
            (Monday), "month", "quarter", "year", or "" where that is not known. It changes no
            price and is not kept in the store.
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
        return hashlib.sha256(_canonical(content).encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Return the whole card as plain values (rates in nanos), as the store keeps it."""
        content: dict[str, Any] = {
            name: _plain(getattr(self, name))
            for name in _names(RateCard)
            if name not in {"rows", "markets", "file", "published_every"}
        }
        content["rates"] = _plain_rows(self.rows, RateRow)
        content["markets"] = _plain_rows(self.markets, MarketRow)
        return content

    def sheet(self) -> Sheet:
        """Show what the card says of itself, and its rows."""
        from wacost.cards.sheet import card_sheet  # noqa: PLC0415 - it imports the model

        return card_sheet(self)

    def as_json(self) -> str:
        """Return `as_dict` as canonical JSON."""
        return _canonical(self.as_dict())

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

        A frame is one of pandas, Polars or Arrow with these columns; a missing value is an empty
        cell. `markets` has the columns of `markets.csv`. Prices are text or Decimal, never
        float. The other arguments are the keys of `card.toml`; `rounding` is (at, places, mode),
        by default the currency's minor unit per line, half up.

        Raises:
            RateCardError: with the number of the row, the column and the text found.

        >>> card = RateCard.from_rows(
        ...     [{"direction": "outbound", "destination": "55", "rate_per_minute": "0.0108",
        ...       "effective_from": "2025-08-01"}], currency="USD")
        >>> card.rows[0].rate_nanos
        10800000
        """
        from wacost.cards.given import card_from_rows  # noqa: PLC0415 - it imports the model

        return card_from_rows(
            rows,
            {
                "name": name,
                "title": title or name,
                "currency": currency,
                "status": status,
                "source": source,
                "timezone": timezone,
                "increments": _keyed(("first", "next"), increments, "increments"),
                "tiers": {"model": tiers, "scope": scope, "accrual": accrual},
                "rounding": _keyed(("at", "places", "mode"), rounding, "rounding")
                if rounding is not None
                else {},
                "limits": {} if limits is None else limits,
                "policies": {} if policies is None else policies,
            },
            markets,
        )

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
        """Price one answered call. See `wacost.rating.quote.quote`."""
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
        """Return how long a call may last on a balance. See `wacost.rating.estimate`."""
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


def _keyed(keys: tuple[str, ...], values: Any, what: str) -> dict[str, Any]:
    """Name the parts of a tuple as `card.toml` does; another number of parts is refused."""
    if not isinstance(values, tuple | list) or len(values) != len(keys):
        raise RateCardError(
            f"expected ({', '.join(keys)})",
            file="settings",
            column=what,
            text=str(values),
            hint='for example rounding=("call", 4, "up") and increments=(6, 6)',
        )
    return dict(zip(keys, values, strict=True))


def _names(kind: type[RateCard | RateRow | MarketRow]) -> list[str]:
    return [field.name for field in fields(kind)]


def _plain_rows(rows: Sequence[Any], kind: type[RateRow | MarketRow]) -> list[dict[str, Any]]:
    """Return rows as plain values: `asdict` would copy every one of 200,000 rows deeply."""
    names = _names(kind)
    return [{name: _plain(getattr(row, name)) for name in names} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, (Tiers, Rounding, Policies, Limits)):
        return asdict(value)
    return value


def _canonical(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
