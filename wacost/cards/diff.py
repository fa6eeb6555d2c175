"""Two cards beside one another: what is new, gone, dearer or cheaper, where and from which day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.check import PREFIX, ladders_of, row_sets
from wacost.cards.model import DIRECTIONS, NOT_OFFERED, UNKNOWN
from wacost.dialplan import COUNTRIES, prefixes_by_country
from wacost.errors import CurrencyMismatchError
from wacost.money import decimal_of, divide, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wacost.cards.model import RateCard, RateRow
    from wacost.rating.compiled import Compiled

Set = tuple[date, date | None, list["RateRow"]]
Ladders = dict[tuple[str, str], list[Set]]
Levels = tuple[tuple[int, int], tuple[int, int]]
"""The increments of the old card and of the new one."""
CHANGES: Final = ("new", "gone", "dearer", "cheaper", "offered", "not_offered", "known",
                  "unknown", "increments")  # fmt: skip
"""What can become of a price."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a card asks in one band and slot.

    Attributes:
        kind: "known", "n/a" or "unknown".
        rate_nanos: per minute; None where it is not known.
        fee_nanos: charged when a call reaches the slot.
        increments: (first, next) seconds where the row has its own; None: the card's.
    """

    kind: str
    rate_nanos: int | None
    fee_nanos: int
    increments: tuple[int, int] | None

    @property
    def rate(self) -> str:
        """The rate as a card writes it."""
        return self.kind if self.rate_nanos is None else plain(decimal_of(self.rate_nanos))

    @property
    def text(self) -> str:
        """The rate with its fee and increments, as far as there are any."""
        fee = f" + {plain(decimal_of(self.fee_nanos))}" if self.fee_nanos else ""
        own = f" by {'/'.join(map(str, self.increments))} s" if self.increments else ""
        return f"{self.rate}{fee}{own}"


@dataclass(frozen=True, slots=True)
class Difference:
    """One price that is not the same in both cards.

    Attributes:
        direction, destination: whose.
        from_on: the first day on which it differs so.
        to_on: the first day on which it no longer does, or None.
        tier_from_minutes, from_second: the band and the slot.
        change: one of `CHANGES`.
        old, new: the prices; None where a card has none.
        percent: from the old rate to the new one, as text; None where there is no such figure.
    """

    direction: str
    destination: str
    from_on: date
    to_on: date | None
    tier_from_minutes: int
    from_second: int
    change: str
    old: Price | None
    new: Price | None
    percent: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON and CSV."""
        sides = {"old": self.old, "new": self.new}
        told: dict[str, Any] = {
            "direction": self.direction,
            "destination": self.destination,
            "from": self.from_on,
            "to": self.to_on,
            "tier_from_minutes": self.tier_from_minutes,
            "from_second": self.from_second,
            "change": self.change,
        }
        for name, price in sides.items():
            told[f"{name}_rate"] = price and price.rate
            told[f"{name}_fee"] = price and plain(decimal_of(price.fee_nanos))
            told[f"{name}_increments"] = price and "/".join(map(str, price.increments or ()))
        return told | {"percent": self.percent}


@dataclass(frozen=True, slots=True)
class Diff:
    """All that differs between two cards.

    Attributes:
        since: the first day on which both are in force; nothing before it is compared.
        by: "destination" or "country".
        differences: in order of direction, destination, day, slot and band.
        settings: (key, old, new) of what holds for a whole card.
        markets: (country or prefix, from, old market or "", new market or "").
    """

    since: date
    by: str
    differences: list[Difference]
    settings: list[tuple[str, str, str]]
    markets: list[tuple[str, date, str, str]]


def diff_cards(
    old: RateCard, new: RateCard, *, by: str | None = None, on: date | None = None, places: int = 2
) -> Diff:
    """Compare two cards of one currency.

    Args:
        old: a card.
        new: another one, or a later edition of it.
        by: "destination", or "country": by what calls to each country, and to each prefix of
            either card, cost in both; None: by destination where they share one, else by country.
        on: only what is in force on that day; None: all from the day on which both are.
        places: decimals of a percentage, rounded half up.

    Raises:
        CurrencyMismatchError: they are in two currencies.
    """
    if old.currency != new.currency:
        raise CurrencyMismatchError(
            f"{old.name} is in {old.currency} and {new.name} in {new.currency}",
            hint="suppliers' cards in two currencies are not conversions of one another",
        )
    since = on or max(min(row.effective_from for row in card.rows) for card in (old, new))
    chosen = by or ("destination" if _share(old, new) else "country")
    before, after = (
        _by_country(old, new) if chosen == "country" else map(_by_destination, (old, new))
    )
    levels = old.increments, new.increments
    found = [
        difference
        for key in sorted({*before, *after})
        for difference in _compare(key, (before.get(key, []), after.get(key, [])), since, levels)
    ]
    if on is not None:
        found = [one for one in found if one.from_on <= on < (one.to_on or date.max)]
    rounded = [_with_percent(one, places) for one in found]
    markets = [] if chosen == "country" else list(_market_changes(old, new, since))
    return Diff(since, chosen, rounded, list(_setting_changes(old, new)), markets)


def percent_of(old: int, new: int, places: int) -> str | None:
    """Return by how many percent a number changed, rounded half up once; None from 0.

    >>> percent_of(10_100_000, 10_600_000, 2), percent_of(3, 2, 0), percent_of(0, 5, 2)
    ('+4.95', '-33', None)
    """
    if old == 0:
        return None
    scaled = divide((new - old) * 100 * 10**places, old, "half_up")
    whole, part = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else "+" * (scaled > 0)
    return f"{sign}{whole}.{part:0{places}}" if places else f"{sign}{whole}"


def _share(old: RateCard, new: RateCard) -> bool:
    """Tell whether two cards name at least one place alike."""
    names = ({row.destination for row in card.rows} - {"*"} for card in (old, new))
    first, second = names
    return bool(first & second) or not (first and second)


def _by_destination(card: RateCard) -> Ladders:
    return {key: row_sets(rows) for key, rows in ladders_of(card.rows).items()}


def _by_country(*cards: RateCard) -> list[Ladders]:
    """Return what calls to each country cost in each card, and to each prefix of any of them."""
    from wacost.rating.compiled import compiled  # noqa: PLC0415 - only where it is asked for

    own = {dials[0] for dials in prefixes_by_country().values() if len(dials) == 1}
    named = {(row.direction, row.destination) for card in cards for row in card.rows}
    members = {(way, row.member) for way in DIRECTIONS for card in cards for row in card.markets}
    asked = {key for key in named | members if PREFIX.fullmatch(key[1]) and key[1] not in own}
    asked |= {(way, country) for way in DIRECTIONS for country in COUNTRIES}
    return [_at_places(compiled(card), sorted(asked)) for card in cards]


def _at_places(made: Compiled, asked: Sequence[tuple[str, str]]) -> Ladders:
    found: Ladders = defaultdict(list)
    starts = [date.fromordinal(day) for day in made.starts]
    for version, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True), start=1):
        for direction, place in asked:
            rows = made.rows_to(version, direction, place)
            if not rows:
                continue
            sets = found[direction, place]
            if sets and sets[-1][1] == start and sets[-1][2] == rows:
                sets[-1] = (sets[-1][0], end, rows)
            else:
                sets.append((start, end, rows))
    return found


def _compare(
    key: tuple[str, str],
    sides: tuple[Sequence[Set], Sequence[Set]],
    since: date,
    levels: Levels,
) -> Iterator[Difference]:
    """Yield the differences of one direction and destination, versions lined up by date."""
    before, after = sides
    days = {day for start, end, _ in (*before, *after) for day in (start, end) if day}
    ordered = sorted({max(day, since) for day in days})
    going: dict[tuple[int, int], Difference] = {}
    for day, following in zip(ordered, [*ordered[1:], None], strict=True):
        held = _held(before, day), _held(after, day)
        told = dict(_differences(key, held, (day, following), levels))
        for place, one in going.items():
            if place not in told or not _goes_on(one, told[place]):
                yield one
        going = {
            place: _joined(going[place], one) if _goes_on(going.get(place), one) else one
            for place, one in told.items()
        }
    yield from going.values()


def _held(sets: Sequence[Set], day: date) -> list[RateRow]:
    return next((rows for start, end, rows in sets if start <= day and (not end or day < end)), [])


def _goes_on(earlier: Difference | None, later: Difference) -> bool:
    return earlier is not None and (earlier.to_on, earlier.old, earlier.new) == (
        later.from_on,
        later.old,
        later.new,
    )


def _joined(earlier: Difference, later: Difference) -> Difference:
    return replace(later, from_on=earlier.from_on)


def _differences(
    key: tuple[str, str],
    held: tuple[list[RateRow], list[RateRow]],
    days: tuple[date, date | None],
    levels: Levels,
) -> Iterator[tuple[tuple[int, int], Difference]]:
    """Yield what differs on one day, in every slot and band that either card has."""
    slots = sorted({row.from_second for rows in held for row in rows})
    for second in slots:
        tiers = {row.tier_from_minutes for rows in held for row in _slot(rows, second)}
        for tier in sorted(tiers):
            before, after = (_price_at(rows, second, tier) for rows in held)
            old, new = _with_increments(before, after, levels, second)
            change = _change(old, new)
            if change:
                place = second, tier
                yield place, Difference(*key, *days, tier, second, change, old, new, None)


def _slot(rows: Sequence[RateRow], second: int) -> list[RateRow]:
    """Return the rows of the slot in which a second lies."""
    start = max((row.from_second for row in rows if row.from_second <= second), default=0)
    return [row for row in rows if row.from_second == start]


def _price_at(rows: Sequence[RateRow], second: int, tier: int) -> Price | None:
    slot = _slot(rows, second)
    bands = [row for row in slot if row.tier_from_minutes <= tier]
    if not bands:
        return None
    row = max(bands, key=lambda one: one.tier_from_minutes)
    fee = row.fee_nanos if row.from_second == second else 0
    return Price(row.kind, row.rate_nanos, fee, row.increments)


def _with_increments(
    old: Price | None, new: Price | None, levels: Levels, second: int
) -> tuple[Price | None, Price | None]:
    """Write the card's increments beside a price where the other one has increments of its own."""
    if old is None or new is None or old.increments == new.increments:
        return old, new
    cards = [(following if second else first, following) for first, following in levels]
    made = [
        replace(one, increments=one.increments or level)
        for one, level in zip((old, new), cards, strict=True)
    ]
    return made[0], made[1]


def _change(old: Price | None, new: Price | None) -> str:
    """Name what became of a price; "" where it stayed."""
    if old == new:
        return ""
    if old is None or new is None:
        return "new" if old is None else "gone"
    if old.kind != new.kind:
        words = {NOT_OFFERED: "not_offered", UNKNOWN: "unknown"}
        return words.get(new.kind) or ("offered" if old.kind == NOT_OFFERED else "known")
    before, after = ((one.rate_nanos or 0, one.fee_nanos) for one in (old, new))
    if before == after:
        return "increments"
    if after[0] == before[0]:
        return "dearer" if after[1] > before[1] else "cheaper"
    return "dearer" if after[0] > before[0] else "cheaper"


def _with_percent(one: Difference, places: int) -> Difference:
    if not (one.old and one.new) or one.old.rate_nanos is None or one.new.rate_nanos is None:
        return one
    return replace(one, percent=percent_of(one.old.rate_nanos, one.new.rate_nanos, places))


def _setting_changes(old: RateCard, new: RateCard) -> Iterator[tuple[str, str, str]]:
    before, after = _settings(old), _settings(new)
    for key, value in before.items():
        if value != after[key]:
            yield key, value, after[key]


def _settings(card: RateCard) -> dict[str, str]:
    found = {"status": card.status, "timezone": card.timezone}
    found["increments"] = "/".join(map(str, card.increments))
    content = card.as_dict()
    for section in ("tiers", "rounding", "policies"):
        found |= {f"{section}.{key}": str(value) for key, value in content[section].items()}
    least, most = card.limits.min_nanos, card.limits.max_nanos
    found["limits.min_charge"] = plain(decimal_of(least))
    found["limits.max_charge"] = "none" if most is None else plain(decimal_of(most))
    return found


def _market_changes(
    old: RateCard, new: RateCard, since: date
) -> Iterator[tuple[str, date, str, str]]:
    """Yield who is in another market, where both cards have markets."""
    if not (old.markets and new.markets):
        return
    days = {row.effective_from for card in (old, new) for row in card.markets}
    days |= {row.effective_to for card in (old, new) for row in card.markets if row.effective_to}
    told: Mapping[str, tuple[str, str]] = {}
    for day in sorted({max(day, since) for day in days}):
        before, after = _members(old, day), _members(new, day)
        now = {
            member: (before.get(member, ""), after.get(member, ""))
            for member in sorted({*before, *after})
            if before.get(member) != after.get(member)
        }
        for member, pair in now.items():
            if told.get(member) != pair:
                yield member, day, *pair
        told = now


def _members(card: RateCard, day: date) -> dict[str, str]:
    rows: Iterable[Any] = sorted(card.markets, key=lambda row: row.effective_from)
    return {
        row.member: row.market
        for row in rows
        if row.effective_from <= day and (row.effective_to is None or day < row.effective_to)
    }
