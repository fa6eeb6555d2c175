"""How long a call may last before it costs more than there is: exact, and without trying seconds.

Where a call's slots, its volume bands and the card's version stay the same, its price never falls
as it grows longer. So only the few lengths at which one of them changes have to be found, and
between two of them the first second that is too dear is found by halving. What a call of some
length costs is asked of `parts.py`, as `quote.py` asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final

from wacost.errors import InputError, RatingError
from wacost.money import NANO, SECONDS, UNIT, parse_nanos
from wacost.rating.compiled import NEVER_S, compiled
from wacost.rating.parts import accrued, cuts_of, due, is_priced, limited, parts_of, slices_of
from wacost.rating.plans import instant_at, segment_at, segments
from wacost.rating.quote import asked_call, moment, seconds_of, told_time
from wacost.zones import FOREVER_S, first_instant, local_ordinal

if TYPE_CHECKING:
    from datetime import datetime

    from wacost.cards.model import RateCard
    from wacost.rating.charge import Call
    from wacost.rating.compiled import RateSet
    from wacost.rating.plans import BilledAccount

_LAST_DAY: Final = date(9999, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Lengths of the call, `low` <= seconds < `high`, that one set of rates of one card prices."""

    low: int
    high: int
    card: RateCard
    rates: RateSet | None


def max_seconds(
    card: RateCard,
    balance: str | int | Decimal,
    number: str | None = None,
    *,
    direction: str = "outbound",
    country: str | None = None,
    at: datetime | str | None = None,
    timezone: str = "UTC",
    minutes_before: int | str | Decimal = 0,
) -> int | None:
    """Return how many seconds a call may last: no call of that length or shorter costs more.

    The largest n for which the price of every length from 0 to n is at most the balance, each as
    `quote` prices it: a longer call can be cheaper again where a volume band begins, and that
    counts for nothing. Where no second can be afforded it is 0.

    Args:
        card: the rate card.
        balance: what there is, in the card's currency.
        number: the contact's number.
        direction: as for `quote`, like all that follow.
        country: where there is no number.
        at: start of the call; default: now.
        timezone: the account's zone.
        minutes_before: of the month.

    Returns:
        Whole seconds; None: unlimited, because the price stops rising below the balance.

    Raises:
        InputError: an argument is not what it must be.
        RatingError: no price is known for such a call.

    >>> from wacost.cards import load_card
    >>> max_seconds(load_card("meta-usd"), "0.10", "+5511987654321", at="2026-11-01T12:00Z")
    552
    """
    start = moment(at, timezone)
    call = asked_call(number, country=country, direction=direction, start=start, seconds=0)
    zone = card.zone_of(timezone)
    stretches = _versions(call, card, zone, start, 0, NEVER_S)
    return _longest(stretches, exact_balance(balance), seconds_of(minutes_before))


def max_seconds_of_account(
    account: BilledAccount,
    balance: str | int | Decimal,
    number: str | None = None,
    *,
    direction: str = "outbound",
    country: str | None = None,
    at: datetime | str | None = None,
    minutes_before: int | str | Decimal | Fraction = 0,
) -> int | None:
    """Return how long a call under an account's terms may last. See `max_seconds`.

    A call that lasts into another card is priced by the one that its `month_of` chooses.
    """
    start = instant_at(account, told_time(at))
    call = asked_call(number, country=country, direction=direction, start=start, seconds=0)
    stretches = (one for part in _terms(account, call, start) for one in part)
    return _longest(stretches, exact_balance(balance), seconds_of(minutes_before))


def exact_balance(balance: str | int | Decimal) -> Fraction:
    """Return a balance as it is told.

    >>> exact_balance("9.98")
    Fraction(499, 50)

    Raises:
        InputError: it is no amount; a float is none.
    """
    if isinstance(balance, str):
        return Fraction(parse_nanos(balance), NANO)
    if isinstance(balance, Decimal) and balance.is_finite():
        return Fraction(balance)
    if type(balance) is int:
        return Fraction(balance)
    raise InputError(f"{balance!r} is no balance", hint='text or a Decimal, like "9.98"')


def _terms(account: BilledAccount, call: Call, start: int) -> Iterator[Iterator[_Stretch]]:
    """Yield the stretches of each of the account's terms that the call can end in."""
    begun = segment_at(account, start)
    for ended in segments(account):
        low, high = max(0, ended.from_s - start), ended.to_s - start
        card = ended.card or begun.card
        if high <= low:
            continue
        if card is None:
            raise InputError(f"no card holds for the account {account.name} then")
        chosen = ended if card.policies.month_of == "end" else begun
        card = chosen.card or card
        zone = card.zone_of(chosen.timezone)
        yield _versions(call, card, zone, start, low, high if ended.to_s < FOREVER_S else NEVER_S)


def _versions(  # noqa: PLR0917 - one stretch of time
    call: Call, card: RateCard, zone: str, start: int, low: int, high: int
) -> Iterator[_Stretch]:
    """Cut lengths where the end of the call, if that decides, comes under another version."""
    table = compiled(card)
    node = table.node(call.contact)
    bounds = [low]
    if card.policies.month_of == "end":
        days = (date.fromordinal(day) for day in table.starts if day < _LAST_DAY)
        ends = (first_instant(zone, day) - start for day in days)
        bounds += [end for end in ends if low < end < high]
    for begin, after in zip(bounds, [*bounds[1:], high], strict=True):
        deciding = start + (begin if card.policies.month_of == "end" else 0)
        version = table.version_on(local_ordinal(zone, deciding))
        route = table.route(version, call.direction, node, call.country)
        yield _Stretch(begin, after, card, route.rates)


def _longest(stretches: Iterator[_Stretch], balance: Fraction, before: int) -> int | None:
    """Return the last second before the first that is too dear, or that has no price."""
    is_dear = False  # already at 0 seconds, where that alone is a stretch
    for stretch in stretches:
        if stretch.low <= 1 < stretch.high and _cost(stretch, 1, before) is None:
            raise RatingError(
                f"the card {stretch.card.name} has no price for such a call",
                hint="`wacost quote NUMBER --seconds 60` says which row is missing",
            )
        dear = 0 if is_dear else _first_dear(stretch, balance, before)
        if dear is not None and stretch.high > 1:
            return max(0, dear - 1)
        is_dear = dear is not None
    return 0 if is_dear else None


def _first_dear(stretch: _Stretch, balance: Fraction, before: int) -> int | None:
    """Return the first length of a stretch whose price is above the balance or not known."""

    def too_dear(seconds: int) -> bool:
        cost = _cost(stretch, seconds, before)
        return cost is None or cost > balance

    bounds = _bounds(stretch, before)
    for low, high in zip(bounds, [*bounds[1:], stretch.high], strict=True):
        if too_dear(low):
            return low
        last = high - 1 if high < NEVER_S else _far(stretch, low, balance, before)
        if last is not None and too_dear(last):
            return _first(low, last, too_dear)
    return None


def _bounds(stretch: _Stretch, before: int) -> list[int]:
    """Return the lengths from which on other slots or other volume bands price the call."""
    low, high, rates = stretch.low, stretch.high, stretch.rates
    if rates is None or not rates.slots or rates.free:
        return [low]
    tiers = stretch.card.tiers

    def after(seconds: int) -> int:
        return before + accrued(tiers, cuts_of(rates, seconds, free=False), seconds, free=False)

    found = {slot.from_second + 1 for slot in rates.slots}  # a call of no second may be free
    for bound in {bound for slot in rates.slots for bound in slot.bounds}:
        # A call accrues no less than it lasts, so that it is above the bound after so many seconds.
        furthest = max(low, bound - before) + 1
        if after(low) <= bound:
            found.add(_first(low, furthest, partial(_is_above, after, bound)))
    return [low, *sorted(n for n in found if low < n < high)]


def _is_above(after: Callable[[int], int], bound: int, seconds: int) -> bool:
    return after(seconds) > bound


def _far(stretch: _Stretch, low: int, balance: Fraction, before: int) -> int | None:
    """Return a length above which all is too dear, if there is one; None: the price ends rising."""
    rates = stretch.rates
    assert rates is not None  # noqa: S101 - what has no rates was too dear already
    most = stretch.card.limits.max_nanos
    if most is not None and Fraction(due(most * SECONDS, stretch.card.rounding), UNIT) <= balance:
        return None
    if rates.free or not rates.slots[-1].bands[-1].rate_nanos:
        return None
    last = low + 1
    while last < NEVER_S:
        cost = _cost(stretch, last, before)
        if cost is None or cost > balance:
            return last
        last *= 2
    return None


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """Return the first number above `low` that holds, where `high` does and none before it."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _cost(stretch: _Stretch, seconds: int, before: int) -> Fraction | None:
    """Return what a quote would: the amount as the card rounds it; None: no price is known."""
    rates, card = stretch.rates, stretch.card
    if rates is None or not rates.slots:
        return None
    if rates.free:
        return Fraction(0)
    free = seconds == 0 and card.policies.answered_zero_seconds == "free"
    cuts = cuts_of(rates, seconds, free=free)
    last = before + accrued(card.tiers, cuts, seconds, free=free)
    slices = slices_of(card.tiers, cuts, before, last, free=free)
    if not is_priced(slices):
        return None
    units = sum(part.units for part in parts_of(slices))
    units = units if free else limited(units, card.limits)
    return Fraction(due(units, card.rounding), UNIT)
