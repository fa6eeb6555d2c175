"""Prices of a card that loads that were probably not meant: like a point in the wrong place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from fractions import Fraction
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.cards.check import ladders_of, row_sets
from wacost.cards.finding import Finding
from wacost.money import NANO, SECONDS, decimal_of, divide, minor_digits, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wacost.cards.model import RateCard, RateRow

_FAR: Final = 4
"""A rate this many times the middle one of a card whose rates lie close together is suspicious."""
_CLOSE: Final = 3
_LEAST_OTHERS: Final = 3
_JUMP: Final = 5
_DROP: Final = 8
"""No known ladder gives a band less than an eighth of the rate of the band below it."""
_TENTH: Final = (80, 125)
"""Two rates of which one may have its point in the wrong place: 8 to 12.5 times, in tenths."""
_UNIT: Final = 10
_TWO: Final = 2
_SAMPLE: Final = 100
"""Rates of other destinations among which the middle one is looked for."""
_REMAINS: Final = 5
_GRID: Final = 10_000


class _Priced(NamedTuple):
    """A row of the card's own file with a rate above 0."""

    row: RateRow
    nanos: int


def price_doubts(card: RateCard, file: str) -> Iterator[Finding]:
    """Yield what is suspicious about the rates and fees of a card's own rows."""
    own = [row for row in card.rows if row.line]
    priced = [_Priced(row, row.rate_nanos) for row in own if row.rate_nanos]
    yield from _floats(own, priced, file)
    told: dict[int | None, Finding] = {}
    for finding in _strangers(priced, file):
        told.setdefault(finding.line, finding)
    pattern = _Pattern(priced)
    for pair in (*_jumps(priced), *_ladders(own)):
        if told.keys().isdisjoint({pair.first.row.line, pair.second.row.line}):
            finding = _of_pair(pair, pattern, file)
            told[finding.line] = finding
    yield from told.values()
    yield from _coarse(card, priced, file)


def _floats(own: Sequence[RateRow], priced: Sequence[_Priced], file: str) -> Iterator[Finding]:
    long = sum(one.nanos % 1000 != 0 and not _remains_of(one.nanos) for one in priced)
    if long * 5 > len(priced) and long > 1:  # its prices do have many places
        return
    for row in own:
        for column, nanos in (("rate_per_minute", row.rate_nanos), ("fee", row.fee_nanos)):
            if nanos and (near := _remains_of(nanos)):
                yield _doubt(
                    "float_price",
                    row,
                    file,
                    f"{_price(nanos)} looks like the remains of a float",
                    f"was {_price(near)} meant?",
                    column,
                )


def _remains_of(nanos: int) -> int | None:
    """Return the short price that a float may have been; None where it looks like none.

    >>> _remains_of(9_999_999), _remains_of(10_000_000), _remains_of(10_800_123)
    (10000000, None, None)
    """
    near = divide(nanos, _GRID, "half_up") * _GRID
    return near if near and 0 < abs(nanos - near) <= _REMAINS else None


def _strangers(priced: Sequence[_Priced], file: str) -> Iterator[Finding]:
    """Yield rates that lie alone while the other destinations' lie close together."""
    groups: dict[tuple[str, int, int], list[_Priced]] = defaultdict(list)
    for one in priced:
        row = one.row
        groups[row.direction, row.from_second, row.tier_from_minutes].append(one)
    for members in groups.values():
        if len({one.row.destination for one in members}) <= _LEAST_OTHERS:
            yield from _stranger_of_few(members, file)
            continue
        latest = {one.row.destination: one.nanos for one in members}
        rates = sorted(latest.values())
        for one in members:
            middle = _middle_of_others(rates, latest[one.row.destination])
            if middle and not middle < one.nanos * _FAR < middle * _FAR * _FAR:
                yield _factor(one, middle, file, "the middle of the other destinations")


def _middle_of_others(rates: Sequence[int], own: int) -> int | None:
    """Return the middle rate but for one's own; None where they are few or lie far apart.

    >>> _middle_of_others([9, 10, 11, 12], 9), _middle_of_others([9, 10, 11, 12], 12)
    (11, 10)
    >>> _middle_of_others([1, 10, 11, 12], 12)  # a third of the others lies far away
    """
    count = len(rates) - 1
    if count < _LEAST_OTHERS:
        return None
    half = count // 2
    middle = rates[half + (bisect_left(rates, own) <= half)]
    low, high = bisect_left(rates, -(-middle // _CLOSE)), bisect_right(rates, middle * _CLOSE)
    close = high - low - (middle <= own * _CLOSE and own <= middle * _CLOSE)
    return middle if close * 5 >= count * 4 else None


def _stranger_of_few(members: Sequence[_Priced], file: str) -> Iterator[Finding]:
    """Yield the one of two or three destinations that is about ten times the others, or a tenth."""
    latest = {one.row.destination: one for one in members}
    ones = sorted(latest.values(), key=lambda one: one.nanos)
    if len(ones) == _TWO:  # which of them is wrong cannot be told: the row that was added last
        first, second = sorted(ones, key=lambda one: one.row.line)
        if _TENTH[0] * ones[0].nanos <= _UNIT * ones[1].nanos <= _TENTH[1] * ones[0].nanos:
            yield _factor(second, first.nanos, file, f"that of {_named(first)}")
    elif len(ones) > _TWO:
        low, middle, high = ones
        if middle.nanos <= low.nanos * _CLOSE and high.nanos >= middle.nanos * _DROP:
            yield _factor(high, middle.nanos, file, f"that of {_named(middle)}")
        elif high.nanos <= middle.nanos * _CLOSE and middle.nanos >= low.nanos * _DROP:
            yield _factor(low, middle.nanos, file, f"that of {_named(middle)}")


def _named(one: _Priced) -> str:
    return f"{one.row.destination} (line {one.row.line})"


# -- two rows of one destination ----------------------------------------------------------------


class _Pair(NamedTuple):
    """Two rates of one destination and slot that do not go together.

    Attributes:
        first: the earlier one, or that of the band below.
        second: the one that follows it.
        in_time: they follow one another in time, not in volume.
    """

    first: _Priced
    second: _Priced
    in_time: bool


class _Pattern:
    """What the other rates of a card say about which one of a pair is wrong."""

    def __init__(self, priced: Sequence[_Priced]) -> None:
        self._own: dict[tuple[str, str, int], list[_Priced]] = defaultdict(list)
        self._every: dict[tuple[str, int], list[_Priced]] = defaultdict(list)
        for one in priced:
            row = one.row
            self._own[row.direction, row.destination, row.from_second].append(one)
            self._every[row.direction, row.from_second].append(one)

    def wrong_of(self, pair: _Pair) -> _Priced:
        """Return the one that lies farther from the rest of its destination, else of the card."""
        row = pair.first.row
        own = self._own[row.direction, row.destination, row.from_second]
        every = self._every[row.direction, row.from_second][:_SAMPLE]
        rest = [one.nanos for one in own if one not in pair]
        rest = rest or [one.nanos for one in every if one.row.destination != row.destination]
        if not rest:
            return pair.second
        middle = sorted(rest)[len(rest) // 2]
        first, second = (_distance(one.nanos, middle) for one in pair[:2])
        return pair.first if first > second else pair.second


def _distance(one: int, other: int) -> Fraction:
    """Return how many times two rates are apart.

    >>> _distance(10, 20), _distance(20, 10)
    (Fraction(2, 1), Fraction(2, 1))
    """
    return Fraction(max(one, other), min(one, other))


def _of_pair(pair: _Pair, pattern: _Pattern, file: str) -> Finding:
    """Tell which one of a pair was probably not meant."""
    first, second, in_time = pair
    modest = first.nanos < second.nanos < first.nanos * _DROP
    if not first.nanos or (modest and not in_time):
        return _doubt(
            "rises_with_volume",
            second.row,
            file,
            f"{_price(second.nanos)} above {second.row.tier_from_minutes} minutes is more than"
            f" the {_price(first.nanos)} of the band below (line {first.row.line})",
            "are two bands or two rates mixed up?",
        )
    wrong = pattern.wrong_of(pair)
    other, behind = (second, True) if wrong is first else (first, False)
    if in_time:
        of_what = f"line {other.row.line} {'after' if behind else 'before'} it"
    else:
        of_what = f"the band {'above' if behind else 'below'} (line {other.row.line})"
    return _factor(wrong, other.nanos, file, of_what)


def _jumps(priced: Sequence[_Priced]) -> Iterator[_Pair]:
    """Yield rates that are many times those of the same key before them, or a small part."""

    def key(one: _Priced) -> tuple[object, ...]:
        row = one.row
        return (
            *(row.direction, row.destination, row.from_second, row.tier_from_minutes),
            row.effective_from,
        )

    for _, history in groupby(sorted(priced, key=key), key=lambda one: key(one)[:-1]):
        for earlier, later in pairwise(history):
            before, after = earlier.nanos, later.nanos
            if after >= before * _JUMP or after * _JUMP <= before:
                yield _Pair(earlier, later, in_time=True)


def _ladders(own: Sequence[RateRow]) -> Iterator[_Pair]:
    """Yield bands that cost more than the band below, or next to nothing beside it."""
    pairs: dict[tuple[int, int], _Pair] = {}
    for rows in ladders_of(own).values():
        for _, _, held in row_sets(rows) if len(rows) > 1 else ():
            known = [_Priced(row, row.rate_nanos) for row in held if row.rate_nanos is not None]
            for low, high in pairwise(known):
                if _follows(low.row, high.row):
                    pairs[low.row.line, high.row.line] = _Pair(low, high, in_time=False)
    for pair in pairs.values():
        below, above = pair.first.nanos, pair.second.nanos
        if above > below or 0 < above * _DROP <= below:
            yield pair


def _follows(low: RateRow, high: RateRow) -> bool:
    """Tell whether two rows are bands of one slot; two that overlap in time are one band."""
    return low.from_second == high.from_second and low.tier_from_minutes < high.tier_from_minutes


def _coarse(card: RateCard, priced: Iterable[_Priced], file: str) -> Iterator[Finding]:
    """Yield that amounts are rounded to more than the currency's or one increment's price."""
    rounding = card.rounding
    settings = file.replace("rates.csv", "card.toml")
    if rounding.places < minor_digits(card.currency):
        told = f"amounts are rounded to {rounding.places} places, and {card.currency} has more"
        hint = "leave places out: the card then rounds to the currency's minor unit"
        yield Finding("warning", "coarse_rounding", settings, None, "rounding.places", told, hint)
    step = NANO // 10**rounding.places
    if rounding.at != "call":
        return
    small = [
        (one.nanos * next_s, one.row)
        for one in priced
        for next_s in [(one.row.increments or card.increments)[1]]
        if one.nanos * next_s < step * SECONDS
    ]
    if not small:
        return
    units, row = min(small, key=lambda one: one[0])
    least = plain(decimal_of(divide(units, SECONDS, "half_up")))
    yield Finding(
        "warning",
        "coarse_rounding",
        settings,
        None,
        "rounding.places",
        f"each call is rounded to {rounding.places} places, and one increment of"
        f" {len(small)} {'row' if len(small) == 1 else 'rows'} costs less than that: {least} at"
        f" line {row.line}",
        "round to more places, or by the line of the invoice",
    )


def _factor(one: _Priced, other: int, file: str, of_what: str) -> Finding:
    more = one.nanos >= other
    times = divide(max(one.nanos, other) * 10, min(one.nanos, other), "half_up")
    size = f"{times // 10}.{times % 10}".removesuffix(".0")
    how = f"{size} times" if more else f"1/{size} of"
    meant = divide(one.nanos, 10, "half_up") if more else one.nanos * 10
    return _doubt(
        "factor_ten",
        one.row,
        file,
        f"{_price(one.nanos)} for {one.row.destination} is {how} {_price(other)}, {of_what}",
        f"is the point in the right place: {_price(meant)}?",
    )


def _doubt(  # noqa: PLR0917 - in the order of the sentence
    kind: str, row: RateRow, file: str, message: str, hint: str, column: str = "rate_per_minute"
) -> Finding:
    return Finding("warning", kind, file, row.line, column, message, hint)


def _price(nanos: int) -> str:
    return plain(decimal_of(nanos))
