"""The result of rating one call, with everything it was derived from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.language import ENGLISH, Language, mark
from wacost.markup import Sheet, Shown
from wacost.money import amount_of, decimal_of, plain, round_units
from wacost.rating.wording import flag_text

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from wacost.cards.model import RateCard, RateRow

CONFLICT_S: Final = 1
"""A duration may differ from its two times by this many seconds: each is rounded by itself."""

TIER_UNKNOWN: Final = 1
MONTH_OF: Final = 2
ANSWERED_ZERO_SECONDS: Final = 4
FAILED_WITH_DURATION: Final = 8
DURATION_CONFLICT: Final = 16
FLAGS: Final[dict[int, str]] = {
    TIER_UNKNOWN: "tier_unknown",
    MONTH_OF: "month_of",
    ANSWERED_ZERO_SECONDS: "answered_zero_seconds",
    FAILED_WITH_DURATION: "failed_with_duration",
    DURATION_CONFLICT: "duration_conflict",
}
"""Bit -> name of a flag. `tier_unknown` says that the card does not know the band's rate, the
others that the policy of this name decided the charge."""

UNPRICED: Final = ("no_account", "held", "open", "incomplete", "no_country", "no_rate")
"""Statuses without an amount. Unpriced is never zero."""
STATUSES: Final = (*UNPRICED, "unanswered", "free", "rated")


@dataclass(frozen=True, slots=True)
class Call:
    """What a kernel needs to know of a call. Times are instants: seconds since 1970, UTC.

    Attributes:
        call_id: the call's id; decides the order of calls that end in the same second.
        contact: the contact's E.164 digits, or a user id, or None.
        country: ISO country of the contact, or None.
        duration_s: seconds as the record tells them, or None.
        disposition: how the call went; only "open" and "incomplete" matter here.
        conflict: two records with one key contradict each other: the call is held back.
        country_not_used: what was given beside a number that tells another country, or None.
    """

    call_id: str
    direction: str | None
    contact: str | None
    country: str | None
    first_event_at: int | None
    started_at: int | None
    ended_at: int | None
    duration_s: int | None
    disposition: str = "answered"
    terminate_status: str | None = None
    conflict: bool = False
    account: str | None = None
    country_not_used: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One product of the charge: rate x billed seconds / 60, plus a fee."""

    from_second: int
    tier_from_minutes: int
    billed_seconds: int
    rate_nanos: int
    fee_nanos: int

    @property
    def units(self) -> int:
        """What the part costs, in amount units (1/60 nano)."""
        return self.rate_nanos * self.billed_seconds + 60 * self.fee_nanos

    def as_dict(self) -> dict[str, Any]:
        """Return the part as plain values; rate and fee as text."""
        return {
            "from_second": self.from_second,
            "tier_from_minutes": self.tier_from_minutes,
            "billed_seconds": self.billed_seconds,
            "rate_per_minute": plain(decimal_of(self.rate_nanos)),
            "fee": plain(decimal_of(self.fee_nanos)),
        }


_SHOWN: Final = {
    "country": mark("country"),
    "market": mark("market"),
    "billed_seconds": mark("billed seconds"),
    "rate_per_minute": mark("rate per minute"),
    "tier_from_minutes": mark("tier from minutes"),
    "card": mark("card"),
    "card_status": mark("card status"),
    "effective_from": mark("effective from"),
}


@dataclass(frozen=True, slots=True)
class Accrual:
    """What moves a call through the bands beside the calls before it, in seconds.

    Attributes:
        external_s: used through others, from the start of the month.
        lifted_s: what lacked at this call up to a tier that was observed.
        total_s: all that its group had when the month was over, which prices it under `volume`.
    """

    external_s: int = 0
    lifted_s: int = 0
    total_s: int | None = None


@dataclass(frozen=True, slots=True)
class Charge(Shown):
    """What one call costs, and why. Every amount is exact; None means unpriced, never zero.

    Attributes:
        status: one of `STATUSES`.
        flag_bits: see `FLAGS`; `flags` has the names.
        month: the local month it counts to, as "2026-10".
        billed_seconds: seconds after rounding up to whole increments.
        pulses: how many increments that is; the first counts as one.
        tier_from_minutes: the volume band that holds the call's last billed second.
        seconds_before: what its group had accrued in the month before this call.
        rate_nanos: nanos of the currency per minute; `rate_per_minute` as Decimal.
        amount_units: exact amount in 1/60 nano; `amount` as Decimal.
        effective_from: since when the rates are in force.
        parts: the products whose sum is the amount.
        rate_card: the card it was priced from.
        row: the card's row whose rate applied.
        call: the call as it was priced.
        timezone: the zone whose clock decided month and version.
        total_seconds: under `volume` what its group has when the month is over, else None.
    """

    call_id: str
    account: str | None
    side: str
    month: str | None
    direction: str | None
    country: str | None
    market: str | None
    status: str
    flag_bits: int
    billed_seconds: int | None
    pulses: int | None
    tier_from_minutes: int | None
    seconds_before: int | None
    rate_nanos: int | None
    fee_nanos: int | None
    amount_units: int | None
    effective_from: date | None
    parts: tuple[Part, ...]
    rate_card: RateCard
    row: RateRow | None
    call: Call
    timezone: str
    total_seconds: int | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """The names of the flags, in a fixed order."""
        return tuple(name for bit, name in FLAGS.items() if self.flag_bits & bit)

    @property
    def card(self) -> str:
        """The card's name."""
        return self.rate_card.name

    @property
    def card_checksum(self) -> str:
        """The card's content hash."""
        return self.rate_card.checksum

    @property
    def card_status(self) -> str:
        """How the applied rate is known: the row's own status, else the card's."""
        return (self.row.status if self.row else "") or self.rate_card.status

    @property
    def currency(self) -> str:
        """ISO 4217 code of rate and amount."""
        return self.rate_card.currency

    @property
    def rate_per_minute(self) -> Decimal | None:
        """The price of one minute, exact."""
        return None if self.rate_nanos is None else decimal_of(self.rate_nanos)

    @property
    def fee(self) -> Decimal | None:
        """The sum of the fees, exact."""
        return None if self.fee_nanos is None else decimal_of(self.fee_nanos)

    @property
    def amount(self) -> Decimal | None:
        """What the call costs: exact to 12 places, or rounded where the card rounds each call."""
        if self.amount_units is None:
            return None
        rounding = self.rate_card.rounding
        if rounding.at == "call":
            return round_units(self.amount_units, rounding.places, rounding.mode)
        return amount_of(self.amount_units)

    def as_dict(self) -> dict[str, Any]:
        """Return the charge as `wacost quote --json` prints it; amounts and rates are text."""
        return {
            "status": self.status,
            "amount": _text(self.amount),
            "currency": self.currency,
            "billed_seconds": self.billed_seconds,
            "pulses": self.pulses,
            "rate_per_minute": _text(self.rate_per_minute),
            "country": self.country,
            "market": self.market,
            "tier_from_minutes": self.tier_from_minutes,
            "card": self.card,
            "card_status": self.card_status,
            "card_checksum": self.card_checksum,
            "effective_from": self.effective_from.isoformat() if self.effective_from else None,
            "flags": list(self.flags),
            "parts": [part.as_dict() for part in self.parts],
        }

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Show what the call costs and what decided it; figures as `as_dict` has them."""
        told = self.as_dict()
        for name in ("amount", "rate_per_minute"):
            told[name] = told[name] and language.figure(told[name])
        told["market"] = language.name(self.market or "") or None
        told["card_status"] = language.say(self.card_status) if self.card_status else None
        if self.country:
            told["country"] = f"{language.country(self.country)} ({self.country})"
        for name in ("billed_seconds", "tier_from_minutes"):
            told[name] = told[name] if told[name] is None else language.decimal(told[name])
        told["effective_from"] = self.effective_from and language.cell(self.effective_from)
        names = [name for name in _SHOWN if told[name] is not None]
        amount = f"{told['amount']} {self.currency}"
        if self.amount is None:
            amount = language.say("no price")
        return Sheet(
            title=f"{amount}: {language.say(self.status)}",
            facts=tuple((language.say(_SHOWN[name]), str(told[name])) for name in names),
            notes=tuple(
                language.say("flagged: {flag}", flag=flag_text(flag, self.status, language))
                for flag in self.flags
            ),
        )

    def explain(self) -> str:
        """Tell step by step how the amount came about."""
        from wacost.rating.explain import explain_charge  # noqa: PLC0415 - it imports the charge

        return explain_charge(self).text()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
