"""Possible futures of a daily series: the forecast, plus errors that really happened, taken whole.

An error of the back-test is a row of days, so that what goes together stays together: a month that
ran high ran high on most of its days. Beyond the days that were tried another row follows, from
where the last one ended. Errors are in proportion to the size of a day; days that stand far out of
all others (`giants`) are not, and come back as many at a time, and as large, as they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.balance.models import WEEK, numbers

if TYPE_CHECKING:
    from wacost.balance.backtest import Backtest
    from wacost.balance.models import Floats

PATHS: Final = 2_000
_SEED: Final = 7  # the same data, the same answer


def possible_days(tried: Backtest, origin: int, days: int, *, count: int = PATHS) -> Floats:
    """Return `count` possible futures of the days from an origin on: one row each, none below 0.

    Args:
        tried: what the back-test says.
        origin: the place of the first day to come.
        days: how many.
        count: how many futures.
    """
    chance = seeded()
    errors = tried.size * drawn(tried.errors, tried.width, days, count, chance)
    futures = within(tried.points(origin, days), errors, tried.days, tried.most)
    return with_giants(futures, tried.giants, chance)


def seeded() -> Any:
    """Return a source of chance that is the same every time."""
    return numbers().random.default_rng(_SEED)


def drawn(errors: Floats, width: float, days: int, count: int, chance: Any) -> Floats:
    """Draw rows of errors, and make a few of them much larger: worse comes than what has come.

    The largest of some dozen errors is no bound of what 19 of 20 stay below. So each row is
    multiplied as a Student's t is made of a normal value, which leaves the 80 % range as wide as it
    is.

    Args:
        errors: of the back-test, one row for each origin.
        width: by which what the days of a row have in common is multiplied.
        days: how many days a drawn row has.
        count: how many rows are drawn.
        chance: a numpy generator.
    """
    np = numbers()
    usual = _usual(errors)
    wide, blocks = widened(errors, width) - usual, []
    scale = _AS_WIDE * np.sqrt(_FREEDOM / chance.chisquare(_FREEDOM, count))[:, None]
    level = np.zeros((count, 1))
    for _ in range(-(-days // errors.shape[1])):
        block = wide[chance.integers(0, len(errors), count)] * scale + level
        blocks.append(block)
        level = block[:, -WEEK:].mean(axis=1, keepdims=True)
    found: Floats = usual + np.concatenate(blocks, axis=1)[:, :days]
    return found


_FREEDOM: Final = 3  # the fewest degrees of freedom with a finite spread
_AS_WIDE: Final = 1.2816 / 1.6377  # where 90 % of normal values end, and of Student's t with 3


def widened(errors: Floats, width: float) -> Floats:
    """Multiply what the days of a row have in common, beyond what all rows have: it decides sums.

    >>> widened(numbers().array([[1.0, 3.0], [3.0, 5.0], [5.0, 7.0]]), 2).tolist()
    [[-1.0, 1.0], [3.0, 5.0], [7.0, 9.0]]
    """
    common: Floats = errors.mean(axis=1, keepdims=True)
    found: Floats = errors + (width - 1) * (common - _usual(errors))
    return found


def _usual(errors: Floats) -> Any:
    """Return what every forecast missed alike: no doubt, so neither widened nor carried on."""
    return numbers().median(errors.mean(axis=1))


def within(points: Floats, errors: Floats, days: int, most: float) -> Floats:
    """Add errors to a forecast, within what an account like this can spend.

    Nothing is below 0, and no block of days costs over twice the most that so many days in a row
    have cost, or twice what is forecast where that is more.

    Args:
        points: the forecast, one value for each day.
        errors: one row for each future, in the same unit.
        days: of a block.
        most: the largest sum of so many days in a row.

    >>> np = numbers()
    >>> within(np.array([1.0, 1.0]), np.array([[-2.0, 0.5], [9.0, 5.0]]), 2, 3.0).tolist()
    [[0.0, 1.5], [3.75, 2.25]]
    """
    np = numbers()
    futures: Floats = np.maximum(points + errors, 0)
    for begin in range(0, len(points), days):
        block = futures[:, begin : begin + days]
        bound = _DEAREST * max(most, points[begin : begin + days].sum())
        block *= np.minimum(1, bound / np.maximum(block.sum(axis=1, keepdims=True), bound or 1))
    return futures


_DEAREST: Final = 2


def with_giants(futures: Floats, giants: Floats, chance: Any) -> Floats:
    """Add giants as they followed one another from a day of the past on: each future another one.

    Args:
        futures: one row for each.
        giants: what every day of the past cost beyond the usual, mostly 0.
        chance: a numpy generator.
    """
    np = numbers()
    if not giants.any():
        return futures
    begin = chance.integers(0, len(giants), len(futures))[:, None]
    found: Floats = futures + giants[(begin + np.arange(futures.shape[1])) % len(giants)]
    return found
