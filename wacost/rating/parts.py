"""The arithmetic of one call in plain integers: slots, increments, bands, slices, limits.

`rate_parts.sql` is the same arithmetic for any number of calls.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wacost.money import UNIT, divide
from wacost.rating.charge import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wacost.cards.model import Limits, Rounding, Tiers
    from wacost.rating.compiled import Band, RateSet, Slot


class Cut(NamedTuple):
    """The part of a call that lies in one slot.

    Attributes:
        slot: which.
        seconds: its length before rounding.
        billed: its length in whole increments.
        pulses: how many increments that is.
    """

    slot: Slot
    seconds: int
    billed: int
    pulses: int


class Slice(NamedTuple):
    """The seconds of one slot that one volume band prices, and the slot's fee where it begins."""

    slot: Slot
    band: Band
    billed: int
    fee_nanos: int


def cuts_of(rates: RateSet, seconds: int, *, free: bool) -> list[Cut]:
    """Cut a call at the slots that it reaches: a later one is reached above its `from_second`.

    Args:
        rates: the rates in force.
        seconds: the call's length before any rounding.
        free: a policy lets the call go free: nothing is billed.
    """
    if free:
        return [Cut(rates.slots[0], seconds, 0, 0)]
    return [
        _cut(slot, min(seconds, slot.to_second) - slot.from_second)
        for slot in rates.slots
        if slot.from_second == 0 or seconds > slot.from_second
    ]


def _cut(slot: Slot, seconds: int) -> Cut:
    more = -(-max(0, seconds - slot.first_s) // slot.next_s)
    return Cut(slot, seconds, slot.first_s + more * slot.next_s, 1 + more)


def slices_of(
    tiers: Tiers, cuts: list[Cut], before: int, last_second: int, *, free: bool
) -> list[Slice]:
    """Put a call into its volume bands, as the card's tier model says.

    Args:
        tiers: of the card.
        cuts: the call's parts.
        before: seconds that its group accrued before, where its slices begin if `graduated`.
        last_second: the second of the month that prices all of it otherwise: with this call, or
            under `volume` when the month is over.
        free: a policy lets the call go free.
    """
    if tiers.model == "graduated":
        return graduated(cuts, before, accrual=tiers.accrual, free=free)
    return at_one_band(cuts, last_second, free=free)


def accrued(tiers: Tiers, cuts: Iterable[Cut], seconds: int, *, free: bool) -> int:
    """Return the seconds with which a call moves its group through the bands."""
    if tiers.accrual == "actual" and not free:
        return seconds
    return sum(cut.billed for cut in cuts)


def at_one_band(cuts: Iterable[Cut], last_second: int, *, free: bool) -> list[Slice]:
    """Price every slot in the band that holds one second of the month."""
    return [
        Slice(cut.slot, band, cut.billed, 0 if free else band.fee_nanos)
        for cut in cuts
        for band in [cut.slot.band_at(last_second)]
    ]


def graduated(cuts: Iterable[Cut], before: int, *, accrual: str, free: bool) -> list[Slice]:
    """Price each second in its own band; what rounding adds belongs to a slot's last second.

    Args:
        cuts: the call's parts.
        before: seconds that the group accrued before.
        accrual: "billed" or "actual": which seconds move through the bands.
        free: a policy lets the call go free.
    """
    found: list[Slice] = []
    low = before
    for cut in cuts:
        high = low + (cut.billed if accrual == "billed" else cut.seconds)
        if free or high == low:
            found += at_one_band([cut], low, free=free)
        else:
            found += _slices(cut, low, high)
        low = high
    return found


def _slices(cut: Cut, low: int, high: int) -> list[Slice]:
    bounds = [low, *(bound for bound in cut.slot.bounds if low < bound < high), high]
    rounding = cut.billed - (high - low)
    slices = []
    for begin, end in pairwise(bounds):
        band = cut.slot.band_at(end)
        fee = band.fee_nanos if begin == low else 0
        slices.append(Slice(cut.slot, band, end - begin + (rounding if end == high else 0), fee))
    return slices


def is_priced(slices: Sequence[Slice]) -> bool:
    """Return whether a rate is known for every slice."""
    return all(one.band.rate_nanos is not None for one in slices)


def parts_of(slices: Iterable[Slice]) -> tuple[Part, ...]:
    """Return the products that a charge is the sum of."""
    return tuple(
        Part(
            one.slot.from_second,
            one.band.from_minutes,
            one.billed,
            one.band.rate_nanos or 0,
            one.fee_nanos,
        )
        for one in slices
    )


def limited(units: int, limits: Limits) -> int:
    """Bring an amount (in units) within the card's limits per call.

    >>> from wacost.cards.model import Limits
    >>> [limited(units, Limits(1, 2)) for units in (0, 60, 90, 200)]
    [60, 60, 90, 120]
    """
    low = max(units, limits.min_nanos * 60)
    return low if limits.max_nanos is None else min(low, limits.max_nanos * 60)


def due(units: int, rounding: Rounding) -> int:
    """Return what is due for one call, in units: rounded where the card rounds each call.

    >>> from wacost.cards.model import Rounding
    >>> due(712_800_000, Rounding("call", 2, "up")), due(712_800_000, Rounding("line", 2, "up"))
    (1200000000, 712800000)
    """
    if rounding.at != "call":
        return units
    steps: int = 10**rounding.places
    return divide(units * steps, UNIT, rounding.mode) * UNIT // steps
