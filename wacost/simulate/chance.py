"""Draw by chance, reproducibly: the same seed gives the same draws on every machine.

All chance comes from `random.Random.getrandbits`, whose results for a seed do not change between
Python versions. No floats, no logarithms (they differ between C libraries), no `shuffle` or
`choices`, no order that depends on hashing.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

T = TypeVar("T")


def below(rng: Random, limit: int) -> int:
    """Draw a whole number from 0 to limit - 1; three times as fast as `randrange`.

    The numbers are as even as 64 bits allow.

    >>> from random import Random
    >>> below(Random(1), 1)
    0
    """
    return (rng.getrandbits(64) * limit) >> 64


class Weighted(Generic[T]):
    """Values drawn in proportion to whole weights.

    >>> from random import Random
    >>> Weighted([("rare", 0), ("common", 3)]).draw(Random(1))
    'common'
    """

    def __init__(self, weights: Iterable[tuple[T, int]]) -> None:
        pairs = list(weights)
        self._values = [value for value, _ in pairs]
        self._sums = list(accumulate(weight for _, weight in pairs))

    def draw(self, rng: Random) -> T:
        """Return one value."""
        return self._values[bisect_right(self._sums, below(rng, self._sums[-1]))]


class Deck(Generic[T]):
    """Values drawn like cards: each deck holds every value exactly as often as told.

    Unlike independent draws, a rare value cannot fail to appear: after one whole deck each
    value was there. An empty deck is made anew and shuffled.

    >>> from random import Random
    >>> deck = Deck(Random(7), [("odd", 1), ("plain", 3)])
    >>> sorted(deck.draw() for _ in range(4))
    ['odd', 'plain', 'plain', 'plain']
    """

    def __init__(self, rng: Random, cards: Iterable[tuple[T, int]]) -> None:
        self._rng = rng
        self._cards = [value for value, count in cards for _ in range(count)]
        self._left: list[T] = []

    def draw(self) -> T:
        """Take the next value."""
        if not self._left:
            self._left = shuffled(self._rng, self._cards)
        return self._left.pop()


class OneIn:
    """Says True exactly once in each `size` draws, at a place by chance.

    >>> from random import Random
    >>> rare = OneIn(Random(1), 5)
    >>> sum(rare.draw() for _ in range(10))
    2
    """

    def __init__(self, rng: Random, size: int) -> None:
        self._rng = rng
        self._size = size
        self._drawn = 0
        self._chosen = -1

    def draw(self) -> bool:
        """Return whether this one is chosen."""
        place = self._drawn % self._size
        if place == 0:
            self._chosen = below(self._rng, self._size)
        self._drawn += 1
        return place == self._chosen


def shuffled(rng: Random, values: Sequence[T]) -> list[T]:
    """Return the values in another order (Fisher and Yates).

    >>> from random import Random
    >>> sorted(shuffled(Random(3), [1, 2, 3]))
    [1, 2, 3]
    """
    result = list(values)
    for last in range(len(result) - 1, 0, -1):
        other = below(rng, last + 1)
        result[last], result[other] = result[other], result[last]
    return result


def interpolated(rng: Random, quantiles: Sequence[tuple[int, int]]) -> int:
    """Draw a whole number from a distribution given by points (parts per 1000, value).

    >>> from random import Random
    >>> interpolated(Random(1), [(0, 5), (1000, 5)])
    5
    """
    at = below(rng, 1_000_000)
    for (low, floor), (high, ceiling) in pairwise(quantiles):
        if at < high * 1000:
            return floor + (ceiling - floor) * (at - low * 1000) // ((high - low) * 1000)
    return quantiles[-1][1]
