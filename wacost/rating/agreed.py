"""One call priced under the terms of an account: its card and its zone at that time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wacost.errors import InputError
from wacost.rating.compiled import compiled
from wacost.rating.plans import instant_at, segment_at
from wacost.rating.quote import asked_call, length, price, seconds_of, told_time

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal
    from fractions import Fraction

    from wacost.cards.model import RateCard
    from wacost.rating.charge import Charge
    from wacost.rating.plans import BilledAccount


@dataclass(frozen=True, slots=True)
class Agreed:
    """What holds for one call of an account.

    Attributes:
        start: the instant at which it begins.
        card: the card that prices it.
        timezone: the account's zone in force.
        other_card: the card at the end of the call that the card's `month_of` does not choose.
        other_timezone: the zone in force there.
    """

    start: int
    card: RateCard
    timezone: str
    other_card: RateCard
    other_timezone: str


def agreed(account: BilledAccount, at: datetime | str | None, seconds: int) -> Agreed:
    """Look up the terms of a call as rating does: at the end that the card's `month_of` chooses.

    Args:
        account: whose terms.
        at: start of the call; without an offset it is a clock time of the account then.
        seconds: how long it lasts.

    Raises:
        InputError: `at` is no time, or the account has no card then.
    """
    told = told_time(at)
    start = instant_at(account, told)
    begun = segment_at(account, start)
    ended = segment_at(account, start + length(seconds))
    card = ended.card or begun.card
    if card is None:
        raise InputError(f"no card holds for the account {account.name} at {told.isoformat()}")
    chosen, other = (ended, begun) if card.policies.month_of == "end" else (begun, ended)
    return Agreed(start, chosen.card or card, chosen.timezone, other.card or card, other.timezone)


def quote_account(
    account: BilledAccount,
    number: str | None = None,
    *,
    seconds: int,
    direction: str = "outbound",
    country: str | None = None,
    at: datetime | str | None = None,
    minutes_before: int | str | Decimal | Fraction = 0,
) -> Charge:
    """Price one answered call under an account's terms; the arguments are those of `quote`."""
    terms = agreed(account, at, seconds)
    return price(
        asked_call(
            number, country=country, direction=direction, start=terms.start, seconds=seconds
        ),
        compiled(terms.card),
        terms.timezone,
        seconds_before=seconds_of(minutes_before),
        other_end=(compiled(terms.other_card), terms.other_timezone),
    )
