"""Prices of a card that loads that were probably not meant: like a point in the wrong place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
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
    told: set[int] = set()
    for finding in (*_strangers(priced, file), *_jumps(priced, file), *_ladders(own, file)):
        if finding.line not in told or finding.kind != "factor_ten":
            yield finding
        told.add(finding.line or 0)
    yield from _coarse(card, priced, file)


def _floats(own: Sequence[RateRow], priced: Sequence[_Priced], file: str) -> Iterator[Finding]:
    long = sum(one.nanos % 1000 != 0 for one in priced)
    if long * 5 > len(priced) and long > 1:  # its prices do have many places
        return
    for row in own:
        for column, nanos in (("rate_per_minute", row.rate_nanos), ("fee", row.fee_nanos)):
            near = divide(nanos or 0, _GRID, "half_up") * _GRID
            if nanos and near and 0 < abs(nanos - near) <= _REMAINS:
                yield _doubt(
                    "float_price",
                    row,
                    file,
                    f"{_price(nanos)} looks like the remains of a float",
                    f"was {_price(near)} meant?",
                    column,
                )


def _strangers(priced: Sequence[_Priced], file: str) -> Iterator[Finding]:
    """Yield rates that lie alone while the other destinations' lie close together."""
    groups: dict[tuple[str, int, int], list[_Priced]] = defaultdict(list)
    for one in priced:
        row = one.row
        groups[row.direction, row.from_second, row.tier_from_minutes].append(one)
    for members in groups.values():
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


def _jumps(priced: Sequence[_Priced], file: str) -> Iterator[Finding]:
    """Yield rates that are many times those of the same key before them."""

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
                yield _factor(later, before, file, f"line {earlier.row.line} before it")


def _ladders(own: Sequence[RateRow], file: str) -> Iterator[Finding]:
    """Yield bands that cost more than the band below, or next to nothing beside it."""
    pairs: dict[tuple[int, int], tuple[_Priced, _Priced]] = {}
    for rows in ladders_of(own).values():
        for _, _, held in row_sets(rows) if len(rows) > 1 else ():
            known = [_Priced(row, row.rate_nanos) for row in held if row.rate_nanos is not None]
            for low, high in pairwise(known):
                if low.row.from_second == high.row.from_second:
                    pairs[low.row.line, high.row.line] = low, high
    for low, high in pairs.values():
        if high.nanos > low.nanos:
            yield _doubt(
                "rises_with_volume",
                high.row,
                file,
                f"{_price(high.nanos)} above {high.row.tier_from_minutes} minutes is more than"
                f" the {_price(low.nanos)} of the band below (line {low.row.line})",
                "are two bands or two rates mixed up?",
            )
        elif 0 < high.nanos * _DROP <= low.nanos:
            yield _factor(high, low.nanos, file, f"the band below (line {low.row.line})")


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
        f"each call is rounded to {rounding.places} places, and one increment of {len(small)}"
        f" rows costs less than that: {least} at line {row.line}",
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
