"""How good a forecast would have been on the account's own days: rolling origin, against naive.

From each of many days of the past the following days are forecast by what was known then. The
errors say three things: which forecast is the best here (naive, where none beats it), how wide a
range has to be (the errors themselves, taken whole, are the possible futures), and how often such
ranges held. The ranges are widened until those of the past, made without the errors that overlap,
cover what they promise; how often they held is then told of the ranges as they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.giants import without_giants
from wacost.balance.models import NAIVE, WEEK, forecasters, numbers
from wacost.balance.paths import drawn, seeded, widened, with_giants, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from wacost.balance.models import Floats

    Possible = Callable[[int, Floats], Floats]

LEAST_DAYS: Final = 56
"""Eight weeks: with less there is no telling a trend or a season from chance."""
_MOST_DAYS: Final = 28
_LEAST_TRAIN: Final = 28
_LOOK_BACK: Final = 400
_MOST_ORIGINS: Final = 90
_MOST_GROWTH: Final = 4  # an error of days that were smaller than this comes back no larger
_CLOSE: Final = 2
_TRIED_PATHS: Final = 400
_BETTER: Final = 0.97  # of naive's error: less is no reason to leave it
_WIDTHS: Final = (0.9, 1.0, 1.1, 1.2, 1.3, 1.45, 1.6, 1.8, 2.0, 2.3)


@dataclass(frozen=True, slots=True)
class Backtest:
    """What the past says of a forecast.

    Attributes:
        method: the forecast that is used.
        days: how many days ahead were tried.
        origins: from how many days.
        error: its mean absolute error of a day, as part of the mean day.
        naive_error: that of seasonal naive.
        covered: 80 and 95 -> the part of sums (of the next 1 to `days` days) in the range.
        covered_days: the same of single days.
        width: by which what the errors of a row have in common is multiplied.
        errors: one row for each origin: (actual - forecast) / size, day by day, without giants.
        giants: what each day of the past cost beyond the usual where it stood far out, else 0.
        points: the forecast of the days to come, from the last day on.
        size: of a day, lately.
        most: the largest sum of so many days in a row, without giants.
    """

    method: str
    days: int
    origins: int
    error: float
    naive_error: float
    covered: dict[int, float]
    covered_days: dict[int, float]
    width: float
    errors: Floats
    giants: Floats
    points: Any
    size: float
    most: float

    @property
    def is_naive(self) -> bool:
        """Whether nothing was better than repeating the last week."""
        return self.method == NAIVE

    @property
    def short(self) -> tuple[int, ...]:
        """The levels whose ranges of sums held less than they promise, by over two in a hundred."""
        return tuple(level for level, part in self.covered.items() if 100 * part < level - _CLOSE)


def backtest(values: Floats) -> Backtest:
    """Try the forecasts on the days of a series, at least `LEAST_DAYS` of them."""
    np = numbers()
    count = len(values)
    usual, giants = without_giants(values)
    origins, days = _origins(count)
    actual = _windows(usual, origins, days)
    tried = {
        name: np.array([points(int(o), days) for o in origins])
        for name, points in forecasters(usual, int(origins[0])).items()
    }
    misses = {name: abs(actual - points).mean() for name, points in tried.items()}
    best = min(misses, key=lambda name: (misses[name], name))
    method = best if misses[best] < _BETTER * misses[NAIVE] else NAIVE
    size = _size(usual, count)
    sizes = np.maximum([_size(usual, o) for o in origins], size / _MOST_GROWTH)[:, None]
    past = _Past(origins, days, tried[method], sizes, (actual - tried[method]) / sizes)
    independent = (count - int(origins[0])) / days  # so many of the errors do not overlap
    width = _calibrated(past, actual) * (1 + 1 / independent) ** 0.5  # and tell a width roughly
    most = np.convolve(usual, np.ones(days), "valid").max()
    real = _windows(values, origins, days)
    covered, covered_days = _coverage(real, past, _as_shown(past, width, giants, most))
    last = forecasters(usual, count)
    mean = values[origins[0] :].mean() or 1
    naive = np.array([np.resize(values[o - WEEK : o], days) for o in origins])
    return Backtest(
        method=method,
        days=days,
        origins=len(origins),
        error=abs(real - past.points).mean() / mean,
        naive_error=abs(real - naive).mean() / mean,
        covered=covered,
        covered_days=covered_days,
        width=width,
        errors=past.errors,
        giants=giants,
        points=last.get(method, last[NAIVE]),
        size=size,
        most=most,
    )


@dataclass(frozen=True, slots=True)
class _Past:
    """What was forecast from each origin, and what came: one row for each origin.

    Attributes:
        origins: the places of the first days.
        days: how many days ahead.
        points: what was forecast.
        sizes: of a day, then.
        errors: (actual - points) / sizes, of the days without giants.
    """

    origins: Any
    days: int
    points: Floats
    sizes: Floats
    errors: Floats


def _origins(count: int) -> tuple[Any, int]:
    """Return the places to forecast from, and how many days ahead."""
    np = numbers()
    days = int(np.clip(count // 4, WEEK, _MOST_DAYS))
    first = max(_LEAST_TRAIN, count // 3, count - _LOOK_BACK)
    step = max(1, (count - days - first) // _MOST_ORIGINS + 1)
    return np.arange(count - days, first - 1, -step)[::-1], days


def _windows(values: Floats, origins: Any, days: int) -> Floats:
    found: Floats = numbers().array([values[o : o + days] for o in origins])
    return found


def _size(values: Floats, origin: int) -> Any:
    """Return how large a day is around an origin: the mean of the four weeks before it."""
    past = values[max(0, origin - 4 * WEEK) : origin].mean()
    return past if past > 0 else (values[:origin].mean() or 1)


def quantiles(paths: Floats, level: int) -> tuple[Floats, Floats]:
    """Return the range that holds `level` percent of some paths, day by day."""
    np = numbers()
    tail = (100 - level) / 200
    low, high = np.quantile(paths, [tail, 1 - tail], axis=0, method="weibull")
    return low, high


def _calibrated(past: _Past, actual: Floats) -> float:
    """Return the least width whose ranges of sums cover what they promise."""
    for width in _WIDTHS:
        covered, _ = _coverage(actual, past, _only_wider(past, width))
        if covered[80] >= 0.80 and covered[95] >= 0.93:  # noqa: PLR2004 - what 80 and 95 % promise
            break
    return width


def _only_wider(past: _Past, width: float) -> Possible:
    def possible(n: int, others: Floats) -> Floats:
        found: Floats = numbers().maximum(
            past.points[n] + past.sizes[n] * widened(others, width), 0
        )
        return found

    return possible


def _as_shown(past: _Past, width: float, giants: Floats, most: float) -> Possible:
    """Make futures as those of a forecast are made; giants are those of other days."""

    def possible(n: int, others: Floats) -> Floats:
        chance = seeded()
        errors = drawn(others, width, past.days, _TRIED_PATHS, chance)
        elsewhere = giants.copy()
        elsewhere[past.origins[n] : past.origins[n] + past.days] = 0
        futures = within(past.points[n], past.sizes[n] * errors, past.days, most)
        return with_giants(futures, elsewhere, chance)

    return possible


def _coverage(
    actual: Floats, past: _Past, possible: Possible
) -> tuple[dict[int, float], dict[int, float]]:
    """Return how often ranges made of the errors of other times held, for sums and single days."""
    np = numbers()
    hits: dict[str, dict[int, list[Any]]] = {"sum": {80: [], 95: []}, "day": {80: [], 95: []}}
    for n, origin in enumerate(past.origins):
        apart = abs(past.origins - origin) >= past.days
        others = past.errors[apart] if apart.sum() > 1 else np.delete(past.errors, n, axis=0)
        paths = possible(n, others)
        for name, futures, real in (
            ("sum", paths.cumsum(axis=1), actual[n].cumsum()),
            ("day", paths, actual[n]),
        ):
            near = 1e-9 * past.sizes[n] * past.days
            for level in (80, 95):
                low, high = quantiles(futures, level)
                hits[name][level].append((low - near <= real) & (real <= high + near))
    return tuple(  # type: ignore[return-value]
        {level: np.mean(told).item() for level, told in hits[name].items()}
        for name in ("sum", "day")
    )
