"""Draw the calls: when, between whom, how they went. No webhook yet."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wacost.simulate.chance import Deck, OneIn, Weighted, below, interpolated
from wacost.simulate.people import NOBODY, People
from wacost.simulate.scenarios import ANSWERED, INBOUND, OUTBOUND
from wacost.simulate.world import BUSINESSES, DURATIONS, GROUPS, HOURS, MONTH_GROWTH, WEEKDAYS
from wacost.zones import instant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

    from wacost.simulate.people import Contact
    from wacost.simulate.scenarios import Scenario
    from wacost.simulate.world import Business, PhoneNumber

STYLES: Final = (("", 162), ("title", 12), ("integer", 12), ("formatted", 12), ("swapped", 2))
"""Manners of writing, in 200: `Completed` for COMPLETED; whole numbers where text is usual and the
reverse; a display number as people write it; from and to the wrong way round."""

_SPECIAL_SHARE: Final = 3  # at most a third of the calls are placed at a month's end by hand


@dataclass(slots=True)
class Call:
    """A call as it happened. Instants are epoch seconds.

    Attributes:
        call_id: unique.
        business, number, contact, scenario: who and what.
        direction: inbound or outbound.
        dialled_at: when it began to be set up.
        picked_at: when it was answered, or the other side refused, or nothing more happened.
        ended_at: its end.
        duration_s: seconds talked, as the terminate tells them where it tells them.
        error_code: what a failed call tells.
        style: how its bodies are written, one of `STYLES`.
        told_direction: the bodies name the direction.
    """

    call_id: str
    business: Business
    number: PhoneNumber
    contact: Contact
    scenario: Scenario
    direction: str
    dialled_at: int
    picked_at: int
    ended_at: int
    duration_s: int
    error_code: int | None
    style: str
    told_direction: bool


@dataclass(frozen=True, slots=True)
class Special:
    """A call that must lie at a certain place in time.

    Attributes:
        number: the business number that makes it.
        started_at: its start.
        duration_s: its length in seconds.
    """

    number: PhoneNumber
    started_at: int
    duration_s: int


def month_firsts(months: int, end: str) -> list[date]:
    """Return the first days of the months that end with `end`, and of the one after.

    >>> [str(day) for day in month_firsts(2, "2026-01")]
    ['2025-12-01', '2026-01-01', '2026-02-01']
    """
    last = int(end[:4]) * 12 + int(end[5:]) - 1
    return [date(at // 12, at % 12 + 1, 1) for at in range(last - months + 1, last + 2)]


def midnight(day: date, timezone: str) -> int:
    """Return the instant at which a day begins in a zone.

    >>> midnight(date(1970, 1, 1), "Asia/Kolkata")
    -19800
    """
    return instant_of(datetime(day.year, day.month, day.day), timezone)  # noqa: DTZ001 - local


def account_zone(business: Business) -> str:
    """Return the zone of the account that a business belongs to."""
    return next(group.timezone for group in GROUPS if business.waba_id in group.waba_ids)


def month_edges(business: Business, firsts: Sequence[date]) -> list[int]:
    """Return the instants at which the simulated months end, in the account's zone."""
    return [midnight(day, account_zone(business)) for day in firsts[1:]]


def draw_calls(
    rng: Random, firsts: Sequence[date], count: int, progress: Callable[[int, int], None] | None
) -> list[Call]:
    """Draw calls over the months, in order of their beginning.

    Args:
        rng: the source of chance.
        firsts: first days of the months and of the one after.
        count: how many calls.
        progress: told (calls drawn, count) from time to time.
    """
    artist = _Artist(rng, firsts)
    calls = [artist.special(each) for each in specials(firsts)[: count // _SPECIAL_SHARE]]
    while len(calls) < count:
        calls.append(artist.any())
        if progress is not None and len(calls) % 1000 == 0:
            progress(len(calls), count)
    calls.sort(key=lambda call: (call.dialled_at, call.call_id))
    return calls


def specials(firsts: Sequence[date]) -> list[Special]:
    """Return the calls at each month's end: over local midnight, ending at it, beginning at it.

    Those over midnight come first, so that a small simulation has them before the others.
    """
    kinds = ((-95, 240), (-61, 61), (0, 125))
    return [
        Special(business.numbers[0], edge + before, duration_s)
        for before, duration_s in kinds
        for at in range(len(firsts) - 1, 0, -1)
        for business in BUSINESSES
        for edge in month_edges(business, firsts)[at - 1 : at]
    ]


def _days(firsts: Sequence[date]) -> Iterator[tuple[date, int]]:
    """Yield each day of the months with its weight."""
    growth = 1_000_000
    for first, after in pairwise(firsts):
        days = [first + timedelta(days=at) for at in range((after - first).days)]
        whole = sum(WEEKDAYS[day.weekday()] for day in days)
        yield from ((day, growth * WEEKDAYS[day.weekday()] // whole) for day in days)
        growth = growth * (100 + MONTH_GROWTH) // 100


class _Artist:
    """Draws calls one by one from shuffled decks, so that every rarity has its share."""

    def __init__(self, rng: Random, firsts: Sequence[date]) -> None:
        self._rng = rng
        self._people = People(rng)
        self._days = Weighted(_days(firsts))
        self._numbers = Weighted(
            ((business, number), number.share)
            for business in BUSINESSES
            for number in business.numbers
        )
        self._outbound = Deck(rng, OUTBOUND)
        self._inbound = Deck(rng, INBOUND)
        self._styles = Deck(rng, STYLES)
        self._untold = OneIn(rng, 25)
        self._terse_untold = OneIn(rng, 3)
        self._off_by_one = OneIn(rng, 40)
        self._owners = {
            number.id: business for business in BUSINESSES for number in business.numbers
        }

    def any(self) -> Call:
        """Draw a call."""
        rng = self._rng
        business, number = self._numbers.draw(rng)
        outbound = below(rng, 100) < number.outbound
        scenario = (self._outbound if outbound else self._inbound).draw()
        contact = NOBODY if scenario.nameless else self._people.meet(business, number)
        dialled_at = self._moment(business)
        picked_at = dialled_at + self._ring(scenario)
        ended_at, duration_s = self._talk(scenario, picked_at)
        return Call(
            call_id=self._call_id(),
            business=business,
            number=number,
            contact=contact,
            scenario=scenario,
            direction="outbound" if outbound else "inbound",
            dialled_at=dialled_at,
            picked_at=picked_at,
            ended_at=ended_at,
            duration_s=duration_s,
            error_code=scenario.codes[below(rng, len(scenario.codes))] if scenario.codes else None,
            style=self._styles.draw(),
            told_direction=self._told(scenario, contact),
        )

    def special(self, special: Special) -> Call:
        """Draw an answered outbound call at a given place in time."""
        business = self._owners[special.number.id]
        return Call(
            call_id=self._call_id(),
            business=business,
            number=special.number,
            contact=self._people.plain(business),
            scenario=ANSWERED,
            direction="outbound",
            dialled_at=special.started_at - 5 - below(self._rng, 20),
            picked_at=special.started_at,
            ended_at=special.started_at + special.duration_s,
            duration_s=special.duration_s,
            error_code=None,
            style="",
            told_direction=True,
        )

    def _moment(self, business: Business) -> int:
        day = self._days.draw(self._rng)
        minutes, second = divmod(below(self._rng, 3600), 60)
        hour = HOURS.draw(self._rng)
        at = datetime(day.year, day.month, day.day, hour, minutes, second)  # noqa: DTZ001 - local
        return instant_of(at, business.timezone)

    def _ring(self, scenario: Scenario) -> int:
        """Return the seconds until the call is answered, refused, given up or broken."""
        rng = self._rng
        if scenario.answered or scenario.talked or "a" in scenario.events:
            return 3 + below(rng, 28)
        if scenario.outcome == "rejected":
            return 4 + below(rng, 20)
        return 3 + below(rng, 12) if scenario.outcome == "failed" else 30 + below(rng, 31)

    def _talk(self, scenario: Scenario, picked_at: int) -> tuple[int, int]:
        """Return the end and the seconds told, which may be one apart where clocks were cut."""
        if not scenario.talked:
            return picked_at, 0
        seconds = interpolated(self._rng, DURATIONS)
        told = seconds - 1 if seconds > 1 and self._off_by_one.draw() else seconds
        return picked_at + seconds, told

    def _told(self, scenario: Scenario, contact: Contact) -> bool:
        """Say whether the bodies name the direction; some leave it to be found."""
        if scenario.outcome == "unknown":
            return False
        if "c" in scenario.events:
            return not self._untold.draw()
        return not (scenario.terse and contact.number and self._terse_untold.draw())

    def _call_id(self) -> str:
        text = base64.urlsafe_b64encode(self._rng.getrandbits(168).to_bytes(21, "big"))
        return f"wacid.HBgL{text.decode()}"
