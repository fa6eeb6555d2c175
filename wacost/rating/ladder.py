"""What a minute costs as the month's minutes accrue, one band after the other.

Each band is asked of the kernel itself, by pricing one minute that begins where the band does. For
those that look ahead: what a call costs is never computed from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from wacost.money import SECONDS
from wacost.rating.agreed import quote_account
from wacost.rating.compiled import compiled
from wacost.zones import local_ordinal

if TYPE_CHECKING:
    from datetime import datetime

    from wacost.rating.charge import Charge
    from wacost.rating.plans import BilledAccount

_FAR: Final = 2**50


@dataclass(frozen=True, slots=True)
class Step:
    """A band: from how many accrued seconds on, and what a minute costs there, in nanos."""

    from_s: int
    rate_nanos: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The bands of one group of calls.

    Attributes:
        currency: of the rates.
        model: how the card's bands price: whole_call, graduated or volume.
        steps: the first begins at 0.
    """

    currency: str
    model: str
    steps: tuple[Step, ...]


def ladder(account: BilledAccount, *, country: str, direction: str, at: datetime) -> Ladder | None:
    """Return what a minute with a country costs, band by band; None where it has no price.

    Args:
        account: whose terms.
        country: ISO country of the contacts.
        direction: "inbound" or "outbound".
        at: when the calls begin; it decides the card's version.
    """
    first = _minute(account, country, direction, at, 0)
    if first.rate_nanos is None:
        return None
    steps = [Step(0, first.rate_nanos)]
    for bound in _bounds(first):
        rate = _minute(account, country, direction, at, bound).rate_nanos
        if rate is not None and rate != steps[-1].rate_nanos:
            steps.append(Step(bound, rate))
    return Ladder(first.currency, first.rate_card.tiers.model, tuple(steps))


def _minute(
    account: BilledAccount, country: str, direction: str, at: datetime, before_s: int
) -> Charge:
    return quote_account(
        account,
        seconds=SECONDS,
        direction=direction,
        country=country,
        at=at,
        minutes_before=Fraction(before_s, SECONDS),
    )


def _bounds(charge: Charge) -> list[int]:
    """Return the accrued seconds at which a band of the call's rates begins, but for the first."""
    table, call = compiled(charge.rate_card), charge.call
    version = table.version_on(local_ordinal(charge.timezone, call.ended_at or 0))
    rates = table.route(version, call.direction, table.node(call.contact), call.country).rates
    if rates is None or not rates.slots:
        return []
    return sorted(bound for bound in rates.slots[0].bounds if 0 < bound < _FAR)
