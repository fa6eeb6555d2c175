"""Days that stand far out of all days around them: a giant among dwarfs teaches no pattern.

One day that costs a thousand times the others would pull up every forecast after it, and as an
error in proportion to the small days before it, it would come back grown by the same thousand. So
such days are set apart before anything is learnt. They come back as what they were: as many dollars
as they cost, about as often as they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.balance.models import WEEK, numbers

if TYPE_CHECKING:
    from wacost.balance.models import Floats

_TIMES: Final = (
    10  # a campaign doubles or trebles a day, a week's season makes it five times another
)
_AROUND: Final = 4 * WEEK
_ALIKE: Final = 4  # so many large days within eight weeks are no exception, but how things are


def without_giants(values: Floats) -> tuple[Floats, Floats]:
    """Return the days with what is usual in the place of giants, and what giants cost beyond it.

    A giant cost over ten times the fourth largest of the days within four weeks of it (where only
    few of these cost anything: the middle one). The usual is the median of the same weekday there.

    >>> usual, beyond = without_giants(numbers().array([2.0] * 30 + [900.0] + [2.0] * 30))
    >>> usual.max().item(), beyond.max().item(), int((beyond > 0).sum())
    (2.0, 898.0, 1)
    """
    np = numbers()
    usual = values.copy()
    for n in np.flatnonzero(values > 0):
        around = np.delete(values[max(0, n - _AROUND) : n + _AROUND + 1], min(n, _AROUND))
        others = np.sort(around[around > 0])[::-1]
        if len(others) and values[n] > _TIMES * others[min(_ALIKE - 1, len(others) // 2)]:
            same = [values[m] for m in _same_weekday(int(n), len(values))]
            usual[n] = np.median(same) if same else 0
    return usual, values - usual


def _same_weekday(n: int, count: int) -> list[int]:
    """Return the places of the same weekday within four weeks of a day, without the day itself.

    >>> _same_weekday(8, 30)
    [1, 15, 22, 29]
    """
    return [m for m in range(n % WEEK, count, WEEK) if m != n and abs(m - n) <= _AROUND]
