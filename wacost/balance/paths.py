"""Possible futures of a daily series: the forecast, plus errors that really happened, taken whole.

An error of the back-test is a row of days, so that what goes together stays together: a month that
ran high ran high on most of its days. Beyond the days that were tried another row follows, from
where the last one ended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.balance.backtest import widened
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
    np = numbers()
    chance = np.random.default_rng(_SEED)
    rows, width = len(tried.errors), tried.days
    wide, blocks = widened(tried.errors, tried.width), []
    level = np.zeros((count, 1))
    for _ in range(-(-days // width)):
        block = wide[chance.integers(0, rows, count)] + level
        blocks.append(block)
        level = block[:, -WEEK:].mean(axis=1, keepdims=True)
    errors = np.concatenate(blocks, axis=1)[:, :days]
    futures: Floats = np.maximum(tried.points(origin, days) + tried.size * errors, 0)
    return futures
