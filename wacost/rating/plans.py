"""Who is billed by which card, in which zone, when: accounts and a month → integer rows.

Accounts that share zone, cards and terms share a *plan*; plan 0 is that of calls without an
account (UTC, no card).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.errors import RatingError
from wacost.rating.compiled import compiled
from wacost.rating.elsewhere import External, Observed
from wacost.zones import DAY_S, FOREVER_S, day_spans, first_instant, instant_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wacost.cards.model import RateCard

_MARGIN_DAYS: Final = 1
_EPOCH: Final = date(1970, 1, 1).toordinal()

DayRow = tuple[int, int, int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Term:
    """What changes for an account from a local day on: its card, its zone, or both."""

    from_on: date
    card: RateCard | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class BilledAccount:
    """An account on one side: its zone and card, its portfolio, and what changes later.

    `card` is None where the account is not billed on this side until a term gives it a card.
    """

    name: str
    timezone: str
    card: RateCard | None
    portfolio: str
    terms: tuple[Term, ...] = ()

    @property
    def cards(self) -> list[RateCard]:
        """Every card that it has at some time."""
        return [card for card in (self.card, *(term.card for term in self.terms)) if card]


class Segment(NamedTuple):
    """From one instant to the next, one zone and one card (or none) hold."""

    from_s: int
    to_s: int
    timezone: str
    card: RateCard | None


class _Span(NamedTuple):
    from_s: int
    to_s: int
    month_no: int
    card_no: int
    version: int


class Plans:
    """The small tables that accounts and months make."""

    def __init__(
        self,
        accounts: Sequence[BilledAccount],
        months: Sequence[str],
        *,
        unclaimed: bool = True,
        elsewhere: Sequence[External | Observed] = (),
    ) -> None:
        """Arrange the accounts for some months, like ["2026-10"].

        Args:
            accounts: who is billed.
            months: local months, like "2026-10".
            unclaimed: whether calls without an account are listed, too.
            elsewhere: minutes used through others and tiers that the supplier told of.

        Raises:
            RatingError: an account's cards disagree on which moment decides the month.
        """
        self.months = tuple(sorted(months))
        self._month_numbers = {month: number for number, month in enumerate(self.months)}
        self._unclaimed = unclaimed
        self._elsewhere = [one for one in elsewhere if one.month in self._month_numbers]
        self.accounts = tuple(accounts)
        self.cards: list[RateCard] = []
        self._card_numbers: dict[str, int] = {}
        self._segments: list[list[Segment]] = []
        self._plan_numbers: dict[tuple[object, ...], int] = {}
        self._first, self._last = _days_around(self.months)
        self.window_from = datetime.combine(self._first, datetime.min.time())
        self.window_to = datetime.combine(self._last + timedelta(1), datetime.min.time())
        self._plan_of = {account.name: self._add(account) for account in accounts}

    def account_rows(self) -> Iterator[tuple[str | None, int, int, int, bool]]:
        """Yield (account, number, plan, portfolio, whether a call counts by its start)."""
        if self._unclaimed:
            yield None, 0, 0, 0, False
        portfolios = self._portfolios()
        for number, account in enumerate(self.accounts, start=1):
            portfolio = portfolios[account.portfolio]
            starts = month_of_policy(account) == "start"
            yield account.name, number, self._plan_of[account.name], portfolio, starts

    def account_card_rows(self) -> Iterator[tuple[str | None, int]]:
        """Yield (account, card) for every card that may price a call of the account."""
        yield None, 0
        for account in self.accounts:
            cards = {found.card.checksum for found in segments(account) if found.card}
            yield from ((account.name, self._card_numbers[checksum]) for checksum in sorted(cards))

    def _portfolios(self) -> dict[str, int]:
        names = dict.fromkeys(account.portfolio for account in self.accounts)
        return {name: number for number, name in enumerate(names, start=1)}

    def is_parted(self, card: RateCard) -> bool:
        """Return whether a card's calls are priced in parts, by `rate_parts.sql`."""
        return bool(self._elsewhere) or not compiled(card).plain

    def used_elsewhere(
        self, group_no: Callable[[int, str, str], int | None]
    ) -> tuple[list[tuple[int, int, int, int]], list[tuple[int, int, int, int, int]]]:
        """Return what was used elsewhere, and the tiers observed, by the numbers of their groups.

        Args:
            group_no: (card, direction, group's name) -> its number, or None where it has no call.

        Returns:
            (portfolio, group, month, seconds) rows and (portfolio, group, month, at, seconds) rows.
        """
        portfolios = self._portfolios()
        sums: dict[tuple[int, int, int], int] = {}
        floors = []
        for one in self._elsewhere:
            for card_no in self._card_numbers.values():
                group = group_no(card_no, one.direction, one.group)
                if group is None or one.portfolio not in portfolios:
                    continue
                key = (portfolios[one.portfolio], group, self._month_numbers[one.month])
                if isinstance(one, External):
                    sums[key] = sums.get(key, 0) + one.seconds
                else:
                    floors.append((*key, one.at_s, one.floor_s))
        return [(*key, seconds) for key, seconds in sums.items()], floors

    def day_rows(self) -> Iterator[DayRow]:
        """Yield (plan, UTC day, from, to, period's from, period's to, month, card, version).

        A row is a part of a UTC day that lies in one of the local months; a period is the longest
        stretch around it with one month, card and version.
        """
        yield from self._rows_of(0, self._utc_spans())
        for number, segments in enumerate(self._segments, start=1):
            yield from self._rows_of(number, self._spans(segments))

    def _add(self, account: BilledAccount) -> int:
        month_of_policy(account)
        found = [segment for segment in segments(account) if segment.card]
        key = tuple((s.from_s, s.timezone, s.card and s.card.checksum) for s in found)
        if key not in self._plan_numbers:
            self._plan_numbers[key] = len(self._plan_numbers) + 1
            self._segments.append(found)
        for segment in found:
            if segment.card:
                self._number_of(segment.card)
        return self._plan_numbers[key]

    def _number_of(self, card: RateCard) -> int:
        if card.checksum not in self._card_numbers:
            self.cards.append(card)
            self._card_numbers[card.checksum] = len(self.cards)
        return self._card_numbers[card.checksum]

    def _utc_days(self) -> range:
        return range(self._first.toordinal() - _EPOCH, self._last.toordinal() - _EPOCH + 1)

    def _utc_spans(self) -> Iterator[_Span]:
        for day in self._utc_days():
            month_no = self._month_numbers.get(_month_of(day + _EPOCH))
            if month_no is not None:
                yield _Span(day * DAY_S, (day + 1) * DAY_S, month_no, 0, 0)

    def _spans(self, segments: Sequence[Segment]) -> Iterator[_Span]:
        for day in self._utc_days():
            for segment in segments:
                yield from self._day_spans(day, segment)

    def _day_spans(self, day: int, segment: Segment) -> Iterator[_Span]:
        card = segment.card
        assert card is not None  # noqa: S101 - plans keep only segments with a card
        zone = card.zone_of(segment.timezone)
        spans = day_spans(zone, day)
        ends = [*(begin for begin, _ in spans[1:]), (day + 1) * DAY_S]
        for (begin, ordinal), end in zip(spans, ends, strict=True):
            from_s, to_s = max(begin, segment.from_s), min(end, segment.to_s)
            month_no = self._month_numbers.get(_month_of(ordinal))
            if from_s < to_s and month_no is not None:
                version = compiled(card).version_on(ordinal)
                yield _Span(from_s, to_s, month_no, self._number_of(card), version)

    def _rows_of(self, plan: int, spans: Iterator[_Span]) -> Iterator[DayRow]:
        periods: list[list[_Span]] = []
        for span in spans:
            last = periods[-1][-1] if periods else None
            if last and last.to_s == span.from_s and last[2:] == span[2:]:
                periods[-1].append(span)
            else:
                periods.append([span])
        for period in periods:
            bounds = period[0].from_s, period[-1].to_s
            for span in period:
                day = span.from_s // DAY_S
                yield plan, day, span.from_s, span.to_s, *bounds, *span[2:]


def segment_at(account: BilledAccount, instant: int) -> Segment:
    """Return what holds for an account at an instant."""
    return next(found for found in segments(account) if found.from_s <= instant < found.to_s)


def instant_at(account: BilledAccount, at: datetime) -> int:
    """Return the instant of a datetime; without an offset it is a clock time of the account.

    A clock time that its clocks skipped, because they moved to another zone, is read on those
    from before.
    """
    before = 0
    for found in segments(account):
        instant = instant_of(at, found.timezone)
        if instant < found.to_s:
            return instant if instant >= found.from_s else before
        before = instant
    return before  # pragma: no cover - the last segment never ends


def segments(account: BilledAccount) -> Iterator[Segment]:
    """Cut time where an account's terms change; a term's day is local to the zone before it."""
    from_s, zone, card = -FOREVER_S, account.timezone, account.card
    for term in sorted(account.terms, key=lambda term: term.from_on):
        at = first_instant(zone, term.from_on)
        yield Segment(from_s, at, zone, card)
        from_s, zone, card = at, term.timezone or zone, term.card or card
    yield Segment(from_s, FOREVER_S, zone, card)


def month_of_policy(account: BilledAccount) -> str:
    """Return which end of a call decides: one and the same for all cards of an account.

    Raises:
        RatingError: its cards disagree.
    """
    policies = {found.card.policies.month_of for found in segments(account) if found.card}
    if len(policies) > 1:
        raise RatingError(
            f"the cards of {account.name} disagree on month_of",
            hint="give the cards that follow each other on one account the same month_of",
        )
    return next(iter(policies), "end")


@lru_cache(maxsize=65_536)
def _month_of(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()[:7]


def _days_around(months: Sequence[str]) -> tuple[date, date]:
    """Return the first and last UTC day that can hold an instant of these local months."""
    first = date.fromisoformat(f"{months[0]}-01")
    after = (date.fromisoformat(f"{months[-1]}-01") + timedelta(31)).replace(day=1)
    return first - timedelta(_MARGIN_DAYS), after + timedelta(_MARGIN_DAYS - 1)
