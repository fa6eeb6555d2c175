"""What calls can have cost of which only number and total length are told: the least and the most.

Every call is billed in whole increments, and nobody knows how the talk was spread over the calls or
which volume band was reached: so a summary has bounds and no amount. They hold for any calls that
make it up; they are no estimate, and never part of a charge or an invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from wacost.dialplan import may_begin
from wacost.money import NANO, SECONDS, UNIT
from wacost.months import month_span
from wacost.rating.compiled import compiled
from wacost.rating.plans import segments
from wacost.zones import local_ordinal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from wacost.cards.model import RateCard
    from wacost.rating.compiled import Compiled, RateSet, Slot
    from wacost.rating.plans import BilledAccount

_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Summary:
    """So many answered calls of so long in all.

    Attributes:
        direction: "inbound" or "outbound".
        country: ISO country of the contacts.
        calls: how many were answered (and did not fail later).
        seconds: how long they were together, exactly as it was told. Where it is no whole number
            (rounded minutes) the bounds take the whole seconds below and above it.
    """

    direction: str
    country: str
    calls: int
    seconds: Decimal

    @property
    def least_s(self) -> int:
        """The whole seconds that it cannot be below."""
        return int(self.seconds.to_integral_value(ROUND_FLOOR))

    @property
    def most_s(self) -> int:
        """The whole seconds that it cannot be above."""
        return int(self.seconds.to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the most that a summary can have cost.

    Attributes:
        currency: of the card; "" where no card holds.
        least_units: in units of `money`; None: nothing can be said.
        most_units: likewise.
        least_billed_s: billed seconds.
        most_billed_s: likewise.
        flags: `tier_unknown` (a band has no known rate: the bounds are of the known ones),
            `no_rate` (some of the calls may have none), `currency_changes`, `no_account`.
    """

    currency: str = ""
    least_units: int | None = None
    most_units: int | None = None
    least_billed_s: int | None = None
    most_billed_s: int | None = None
    flags: tuple[str, ...] = ()

    @property
    def least(self) -> Decimal | None:
        """The least amount, exactly."""
        return _exact(self.least_units)

    @property
    def most(self) -> Decimal | None:
        """The most, to the next nano above."""
        return None if self.most_units is None else -_floor_nanos(-self.most_units)


def _exact(units: int | None) -> Decimal | None:
    return None if units is None else _floor_nanos(units)


def _floor_nanos(units: int) -> Decimal:
    return Decimal(units // SECONDS) / NANO


def account_bounds(account: BilledAccount, month: str, summary: Summary) -> Bounds:
    """Return the bounds of a summary of one month of an account.

    Args:
        account: whose; every card and version that holds on a day of the month counts.
        month: like "2026-10", local to the account.
        summary: of that month.
    """
    cards = list(cards_in_force(account, month))
    if len({card.currency for card, _ in cards}) > 1:
        return Bounds(flags=("currency_changes",))
    return _widest([bounds(compiled(card), versions, summary) for card, versions in cards])


def bounds(table: Compiled, versions: Iterable[int], summary: Summary) -> Bounds:
    """Return the bounds of a summary under some versions of one compiled card.

    >>> from wacost.cards import load_card
    >>> table = compiled(load_card("meta-usd"))
    >>> found = bounds(table, [table.version_on(date(2026, 11, 1).toordinal())],
    ...                Summary("outbound", "BR", calls=1, seconds=Decimal(61)))
    >>> found.least_billed_s, found.most_billed_s, found.most
    (66, 66, Decimal('0.01188'))
    """
    currency = table.card.currency
    sets: dict[int, RateSet | None] = {}
    for version in versions:
        for node in ("", *(one for one in table.prefixes if may_begin(one, summary.country))):
            rates = table.route(version, summary.direction, node, summary.country).rates
            sets[rates.number if rates else -1] = rates
    priced = [_of_rates(table.card, rates, summary) for rates in sets.values() if rates]
    lacking = None in sets.values() or any(one.least_units is None for one in priced)
    found = _widest([one for one in priced if one.least_units is not None])
    flags = {*found.flags, *(flag for one in priced for flag in one.flags)}
    flags |= {"no_rate"} if lacking or not priced else set()
    return Bounds(
        currency,
        found.least_units,
        found.most_units,
        found.least_billed_s,
        found.most_billed_s,
        tuple(sorted(flags)),
    )


def _of_rates(card: RateCard, rates: RateSet, summary: Summary) -> Bounds:
    """Return the bounds under one set of rates."""
    if not rates.slots:
        return Bounds(card.currency, flags=("tier_unknown",) if rates.unknown else ())
    free_at_zero = card.policies.answered_zero_seconds == "free"
    least_s = _least_billed(rates.slots[0], summary, free_at_zero=free_at_zero)
    most_s = _most_billed(rates.slots, summary, free_at_zero=free_at_zero)
    known = [
        band.rate_nanos
        for slot in rates.slots
        for band in slot.bands
        if band.rate_nanos is not None
    ]
    unknown = any(band.unknown for slot in rates.slots for band in slot.bands)
    if rates.free:
        least = most = 0
    else:
        billed = summary.calls if not free_at_zero else min(summary.calls, int(summary.least_s > 0))
        least = min(known) * least_s + _least_fee(rates.slots[0]) * SECONDS * billed
        most = max(known) * most_s + _most_fees(rates.slots, summary) * SECONDS
        least, most = _within_limits(card, summary.calls, billed, least, most)
        least, most = _rounded(card, summary.calls, least, most)
    flags = ("tier_unknown",) if unknown else ()
    return Bounds(card.currency, least, most, least_s, most_s, flags)


def _least_billed(slot: Slot, summary: Summary, *, free_at_zero: bool) -> int:
    """Count the seconds that are billed however the talk is spread.

    A call bills no less than it lasts; where no call goes free, none less than `first` either.
    """
    if free_at_zero or slot.to_second <= summary.most_s:
        floor = 0 if free_at_zero else summary.calls * slot.first_s
        return max(summary.least_s, floor)
    start = summary.calls * slot.first_s  # n calls bill n x first and some nexts, all whole
    more = -(-max(0, summary.least_s - start) // slot.next_s)
    return start + more * slot.next_s


def _most_billed(slots: tuple[Slot, ...], summary: Summary, *, free_at_zero: bool) -> int:
    """Count the seconds that no way to spread the talk goes above: rounding adds to every slot."""
    most = summary.most_s + sum(
        _reaching(slot, summary) * max(slot.first_s - 1, slot.next_s - 1) for slot in slots
    )
    if free_at_zero or not summary.calls:
        return most
    first = slots[0]
    if first.first_s >= first.next_s:  # a call of 0 seconds is rounded up by all of `first`
        most += summary.calls - (summary.least_s > 0)
    if len(slots) > 1:
        return most
    start = summary.calls * first.first_s
    return start + (most - start) // first.next_s * first.next_s


def _reaching(slot: Slot, summary: Summary) -> int:
    """Count how many of the calls can be so long that they reach a slot."""
    if slot.from_second == 0:
        return summary.calls
    return min(summary.calls, summary.most_s // (slot.from_second + 1))


def _least_fee(slot: Slot) -> int:
    return min(band.fee_nanos for band in slot.bands)


def _most_fees(slots: Iterable[Slot], summary: Summary) -> int:
    return sum(max(b.fee_nanos for b in slot.bands) * _reaching(slot, summary) for slot in slots)


def _within_limits(
    card: RateCard, calls: int, billed: int, least: int, most: int
) -> tuple[int, int]:
    """Apply the least and the most that one call costs; `billed` calls certainly cost something."""
    low, high = card.limits.min_nanos * SECONDS, card.limits.max_nanos
    most += low * calls
    if high is None:
        return max(least, low * billed), most
    cap = high * SECONDS
    return max(min(least, cap), min(low, cap) * billed), min(most, cap * calls)


def _rounded(card: RateCard, calls: int, least: int, most: int) -> tuple[int, int]:
    """Allow for a card that rounds every call: by less than one step each."""
    if card.rounding.at != "call":
        return least, most
    step = -(-UNIT // 10**card.rounding.places) * calls
    down, up = card.rounding.mode != "up", card.rounding.mode != "down"
    return max(0, least - step * down), most + step * up


def _widest(found: list[Bounds]) -> Bounds:
    """Return the bounds that hold whichever of these holds."""
    flags = tuple(sorted({flag for one in found for flag in one.flags}))
    told = [one for one in found if one.least_units is not None]
    if not told:
        return Bounds(found[0].currency if found else "", flags=flags or ("no_rate",) * (not found))
    return Bounds(
        told[0].currency,
        min(one.least_units or 0 for one in told),
        max(one.most_units or 0 for one in told),
        min(one.least_billed_s or 0 for one in told),
        max(one.most_billed_s or 0 for one in told),
        flags,
    )


def cards_in_force(account: BilledAccount, month: str) -> Iterator[tuple[RateCard, list[int]]]:
    """Yield the cards that hold in a month of an account, each with the versions in force."""
    for found in segments(account):
        if found.card is None:
            continue
        zone = found.card.zone_of(found.timezone)
        first, after = (_instant(at) for at in month_span(month, zone))
        begin, end = max(first, found.from_s), min(after, found.to_s)
        if begin < end:
            table = compiled(found.card)
            days = range(local_ordinal(zone, begin), local_ordinal(zone, end - 1) + 1)
            yield found.card, sorted({table.version_on(day) for day in days})


def _instant(at: datetime) -> int:
    return (at.toordinal() - _EPOCH) * _DAY + at.hour * 3600 + at.minute * 60 + at.second
