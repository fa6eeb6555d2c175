"""How good a forecast would have been on the account's own days: rolling origin, against naive.

From each of many days of the past the following days are forecast by what was known then. The
errors say three things: which forecast is the best here (naive, where none beats it), how wide a
range has to be (the errors themselves, taken whole, are the possible futures), and how often such
ranges held. The ranges are widened until those of the past, made without the errors that overlap,
cover what they promise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.models import NAIVE, WEEK, forecasters, numbers

if TYPE_CHECKING:
    from wacost.balance.models import Floats

LEAST_DAYS: Final = 56
"""Eight weeks: with less there is no telling a trend or a season from chance."""
_MOST_DAYS: Final = 28
_LEAST_TRAIN: Final = 28
_LOOK_BACK: Final = 400
_MOST_ORIGINS: Final = 90
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
        errors: one row for each origin: (actual - forecast) / size, day by day.
        points: the forecast of the days to come, from the last day on.
        size: of a day, lately.
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
    points: Any
    size: float

    @property
    def is_naive(self) -> bool:
        """Whether nothing was better than repeating the last week."""
        return self.method == NAIVE


def backtest(values: Floats) -> Backtest:
    """Try the forecasts on the days of a series, at least `LEAST_DAYS` of them."""
    np = numbers()
    count = len(values)
    days = int(np.clip(count // 4, WEEK, _MOST_DAYS))
    first = max(_LEAST_TRAIN, count // 3, count - _LOOK_BACK)
    step = max(1, (count - days - first) // _MOST_ORIGINS + 1)
    origins = np.arange(count - days, first - 1, -step)[::-1]
    actual = np.array([values[o : o + days] for o in origins])
    sizes = np.array([_size(values, o) for o in origins])
    found = {
        name: actual - np.array([points(int(o), days) for o in origins])
        for name, points in forecasters(values, int(origins[0])).items()
    }
    misses = {name: abs(errors).mean() for name, errors in found.items()}
    best = min(misses, key=lambda name: (misses[name], name))
    method = best if misses[best] < _BETTER * misses[NAIVE] else NAIVE
    relative = found[method] / sizes[:, None]
    expected = (actual - found[method]) / sizes[:, None]
    width, covered, covered_days = _calibrated(relative, expected, origins, days)
    apart = (count - int(origins[0])) / days  # how many of the errors do not overlap
    width *= (1 + 1 / apart) ** 0.5  # and so few tell the width of a range but roughly
    last = forecasters(values, count)
    mean = values[origins[0] :].mean() or 1
    return Backtest(
        method=method,
        days=days,
        origins=len(origins),
        error=misses[method] / mean,
        naive_error=misses[NAIVE] / mean,
        covered=covered,
        covered_days=covered_days,
        width=width,
        errors=relative,
        points=last.get(method, last[NAIVE]),
        size=_size(values, count),
    )


def _size(values: Floats, origin: int) -> Any:
    """Return how large a day is around an origin: the mean of the four weeks before it."""
    past = values[max(0, origin - 4 * WEEK) : origin].mean()
    return past if past > 0 else (values[:origin].mean() or 1)


def widened(errors: Floats, width: float) -> Floats:
    """Multiply what the days of a row have in common: that decides their sum."""
    common: Floats = errors.mean(axis=1, keepdims=True)
    return errors + (width - 1) * common


def quantiles(paths: Floats, level: int) -> tuple[Floats, Floats]:
    """Return the range that holds `level` percent of some paths, day by day."""
    np = numbers()
    tail = (100 - level) / 200
    low, high = np.quantile(paths, [tail, 1 - tail], axis=0, method="weibull")
    return low, high


def _calibrated(
    errors: Floats, expected: Floats, origins: Any, days: int
) -> tuple[float, dict[int, float], dict[int, float]]:
    """Return the least width whose ranges of sums cover what they promise, and the coverage."""
    covered: dict[int, float] = {}
    single: dict[int, float] = {}
    for width in _WIDTHS:
        covered, single = _coverage(errors, expected, origins, days, width)
        if covered[80] >= 0.80 and covered[95] >= 0.93:  # noqa: PLR2004 - what 80 and 95 % promise
            break
    return width, covered, single


def _coverage(
    errors: Floats, expected: Floats, origins: Any, days: int, width: float
) -> tuple[dict[int, float], dict[int, float]]:
    """Return how often ranges made of the errors of other times held, for sums and single days."""
    np = numbers()
    hits: dict[str, dict[int, list[Any]]] = {"sum": {80: [], 95: []}, "day": {80: [], 95: []}}
    for n, origin in enumerate(origins):
        apart = abs(origins - origin) >= days
        others = errors[apart] if apart.sum() >= 2 else np.delete(errors, n, axis=0)  # noqa: PLR2004
        possible = np.maximum(widened(others, width), -expected[n])
        for name, paths, real in (
            ("sum", possible.cumsum(axis=1), errors[n].cumsum()),
            ("day", possible, errors[n]),
        ):
            for level in (80, 95):
                low, high = quantiles(paths, level)
                hits[name][level].append((low - 1e-9 <= real) & (real <= high + 1e-9))
    return tuple(  # type: ignore[return-value]
        {level: np.mean(told).item() for level, told in hits[name].items()}
        for name in ("sum", "day")
    )
