"""Point forecasts of a daily series: what the next days look like if things go on.

Three of them, each of numbers only (statistics may use floats; no amount is made of them here):
`naive` repeats the last week, `weeks` weighs the last eight weeks by their age, and `ets` is
exponential smoothing with a damped trend and a season of seven days, fitted by statsmodels. What is
forecast at an origin uses nothing that came after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Points = Callable[[int, int], Floats]

WEEK: Final = 7
_WEEKS: Final = 8
_FADE: Final = 0.75  # what a week counts for, of the week after it
_LONGEST_FIT: Final = 365
NAIVE: Final = "seasonal naive"
NAMES: Final = (NAIVE, "weighted weeks", "exponential smoothing", "smoothing and weeks")


def numbers() -> Any:
    """Return numpy.

    Raises:
        MissingExtraError: the extra `forecast` is not installed.
    """
    try:
        import numpy  # noqa: ICN001, PLC0415 - comes with the extra
        import statsmodels  # noqa: F401, PLC0415 - what is missing where the extra is
    except ImportError:
        raise MissingExtraError("forecast", "statsmodels") from None
    return numpy


def forecasters(values: Floats, first: int) -> dict[str, Points]:
    """Return name -> (origin, days) -> forecast of the days from an origin on.

    Args:
        values: the daily series, without gaps.
        first: what is fitted is fitted on what lies before this place, so that every origin from
            it on is honest.
    """
    naive, weeks, smooth = _naive(values), _weeks(values), _ets(values, first)
    found = {NAIVE: naive, NAMES[1]: weeks}
    if smooth is not None:
        found[NAMES[2]] = smooth
        found[NAMES[3]] = lambda origin, days: (smooth(origin, days) + weeks(origin, days)) / 2
    return found


def _naive(values: Floats) -> Points:
    np = numbers()
    return lambda origin, days: np.resize(values[origin - WEEK : origin], days)


def _weeks(values: Floats) -> Points:
    np = numbers()

    def points(origin: int, days: int) -> Floats:
        count = min(_WEEKS, origin // WEEK)
        past = values[origin - count * WEEK : origin].reshape(count, WEEK)
        shares = _FADE ** np.arange(count - 1, -1, -1)
        found: Floats = np.resize(shares @ past / shares.sum(), days)
        return found

    return points


def _ets(values: Floats, first: int) -> Points | None:
    """Fit the smoothing before `first` and run it over all values; None where it does not fit."""
    np = numbers()
    begin = max(0, first - _LONGEST_FIT)
    scale = float_scale(values[begin:first])
    if scale == 0:
        return None
    states = _states((values[begin:] / scale).tolist(), first - begin)
    if states is None:
        return None
    level, slope, season, damping = states

    def points(origin: int, days: int) -> Floats:
        at = origin - begin - 1
        steps = np.cumsum(damping ** np.arange(1, days + 1))
        found: Floats = level[at] + steps * slope[at]
        found = found + np.resize(season[at - WEEK + 1 : at + 1], days)
        return np.clip(found, 0, None) * scale  # type: ignore[no-any-return]

    return points


def float_scale(values: Floats) -> Any:
    """Return the mean size of a series."""
    return abs(values).mean() if len(values) else 0


def _states(values: Sequence[Any], fitted: int) -> tuple[Any, Any, Any, Any] | None:
    """Fit on the first values and return level, slope, season at every day, and the damping."""
    import warnings  # noqa: PLC0415 - with the library that warns

    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: PLC0415

    np = numbers()
    shape = {
        "error": "add", "trend": "add", "damped_trend": True, "seasonal": "add",
        "seasonal_periods": WEEK, "initialization_method": "heuristic",
    }  # fmt: skip
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of a fit that did not converge: the back-test judges it
        try:
            model = ETSModel(np.array(values[:fitted]), **shape)
            parameters = model.fit(disp=False, maxiter=200).params
            ran = ETSModel(np.array(values), **shape).smooth(parameters)
        except (ValueError, np.linalg.LinAlgError):
            return None
    found = ran.level, ran.slope, ran.season, ran.damping_trend
    return found if all(np.isfinite(one).all() for one in found) else None
