"""Draw by chance, reproducibly: the same seed gives the same draws on every machine.

Only whole numbers from `random.Random.randrange` and `getrandbits` are used, whose results for a
seed do not change between Python versions. No floats, no logarithms (they differ between C
libraries), no `shuffle` or `choices`, no order that depends on hashing.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

T = TypeVar("T")


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
        return self._values[bisect_right(self._sums, rng.randrange(self._sums[-1]))]


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


def one_in(rng: Random, size: int) -> Deck[bool]:
    """Return a deck that says True once in `size` draws."""
    return Deck(rng, [(True, 1), (False, size - 1)])


def shuffled(rng: Random, values: Sequence[T]) -> list[T]:
    """Return the values in another order (Fisher and Yates).

    >>> from random import Random
    >>> sorted(shuffled(Random(3), [1, 2, 3]))
    [1, 2, 3]
    """
    result = list(values)
    for last in range(len(result) - 1, 0, -1):
        other = rng.randrange(last + 1)
        result[last], result[other] = result[other], result[last]
    return result


def interpolated(rng: Random, quantiles: Sequence[tuple[int, int]]) -> int:
    """Draw a whole number from a distribution given by points (parts per 1000, value).

    >>> from random import Random
    >>> interpolated(Random(1), [(0, 5), (1000, 5)])
    5
    """
    at = rng.randrange(1_000_000)
    for (low, floor), (high, ceiling) in pairwise(quantiles):
        if at < high * 1000:
            return floor + (ceiling - floor) * (at - low * 1000) // ((high - low) * 1000)
    return quantiles[-1][1]
