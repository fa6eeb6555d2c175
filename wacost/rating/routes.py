"""The answers of compiled cards as numbered rows: routes, rate sets and bands for `rate.sql`."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from wacost.rating.compiled import NEVER_S

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wacost.rating.compiled import Band, Compiled, RateSet, Route

STATUSES: Final = (
    "no_account",
    "held",
    "open",
    "incomplete",
    "unanswered",
    "no_country",
    "no_rate",
    "free",
    "rated",
)
"""Statuses by number, from 1 on; the first five are the gates of `rate.sql`."""
_NO: Final = {status: number for number, status in enumerate(STATUSES, start=1)}
UNANSWERED_NO: Final = _NO["unanswered"]
RATED_NO: Final = _NO["rated"]
NO_RATE_NO: Final = _NO["no_rate"]


class Routes:
    """Numbered rows for the tables rate_route, rate_set, rate_band, rate_slot, rate_slot_band."""

    def __init__(self, cards: Sequence[Compiled], parted: Sequence[bool]) -> None:
        """Begin empty. Card 1 is `cards[0]`; card 0 is that of calls without an account.

        Args:
            cards: compiled, in the order of their numbers.
            parted: of each, whether its calls are priced in parts.
        """
        self._parted = parted
        self.rows: list[tuple[Any, ...]] = []
        self.sets: list[tuple[Any, ...]] = []
        self.bands: list[tuple[Any, ...]] = []
        self.slots: list[tuple[Any, ...]] = []
        self.slot_bands: list[tuple[Any, ...]] = []
        self._cards = cards
        self._set_numbers: dict[tuple[int, int], int] = {}
        self._group_numbers: dict[tuple[int, str, str], int] = {}

    @property
    def groups(self) -> int:
        """How many accrual groups there are."""
        return len(self._group_numbers)

    def add(
        self,
        versions: Iterable[tuple[int, int]],
        combinations: Iterable[tuple[int, str | None, str | None, str]],
    ) -> None:
        """Look up what occurs: (card, version) x (card, direction, country, node)."""
        of_card: dict[int, list[int]] = defaultdict(list)
        for card_no, version in sorted(versions):
            of_card[card_no].append(version)
        for card_no, direction, country, node in combinations:
            for version in of_card[card_no]:
                self._add(card_no, version, direction, country, node)

    def _add(
        self, card_no: int, version: int, direction: str | None, country: str | None, node: str
    ) -> None:
        found: tuple[Any, ...] = (_NO["no_account"], False, None, None, None, None, None)
        if card_no:
            route = self._cards[card_no - 1].route(version, direction, node, country)
            found = self._found(card_no, route, country)
        key = (direction, direction or "", country, country or "", node)
        self.rows.append((len(self.rows), card_no, version, *key, *found))

    def _found(self, card_no: int, route: Route, country: str | None) -> tuple[Any, ...]:
        """Return (status, unknown, market, group, set, rates, effective_from) of a route."""
        rates = route.rates
        if rates is None:
            return _NO["no_rate" if country else "no_country"], False, route.market, *[None] * 4
        where = (rates.number, rates.effective_from)
        if not rates.slots:
            return _NO["no_rate"], rates.unknown, route.market, None, None, *where
        key = (card_no, rates.direction, route.group or "")
        group_no = self._group_numbers.setdefault(key, len(self._group_numbers))
        status = _NO["free" if rates.free else "rated"]
        return status, False, route.market, group_no, self._set_no(card_no, rates), *where

    def _set_no(self, card_no: int, rates: RateSet) -> int:
        key = (card_no, rates.number)
        number = self._set_numbers.get(key)
        if number is None:
            number = self._set_numbers[key] = len(self._set_numbers)
            add = self._add_slots if self._parted[card_no - 1] else self._add_plain
            add(number, rates)
        return number

    def _add_plain(self, number: int, rates: RateSet) -> None:
        slot = rates.slots[0]
        first, *others = slot.bands
        first_bound = slot.bounds[0] if slot.bounds else None
        self.sets.append((number, first.from_minutes, first.rate_nanos, first_bound))
        ends = (*slot.bounds[1:], NEVER_S)
        self.bands += [
            (number, band.from_minutes, band.from_s, end, band.rate_nanos, band.unknown)
            for band, end in zip(others, ends, strict=False)
        ]

    def _add_slots(self, number: int, rates: RateSet) -> None:
        for slot_no, slot in enumerate(rates.slots):
            known_from = NEVER_S if slot.known_from_s is None else slot.known_from_s
            head = (number, slot_no, slot.from_second, slot.to_second)
            self.slots.append((*head, slot.first_s, slot.next_s, known_from))
            begins, ends = (-1, *slot.bounds), (*slot.bounds, NEVER_S)
            self.slot_bands += [
                (number, slot_no, band.from_minutes, begin, end, *_priced(band))
                for band, begin, end in zip(slot.bands, begins, ends, strict=True)
            ]

    def group_no(self, card_no: int, direction: str, group: str) -> int | None:
        """Return the number of an accrual group, or None where no call falls into it."""
        return self._group_numbers.get((card_no, direction, group))


def _priced(band: Band) -> tuple[int | None, int, bool]:
    return band.rate_nanos, band.fee_nanos, band.unknown
