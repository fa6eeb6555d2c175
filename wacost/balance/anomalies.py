"""Days, hours, countries and contacts whose cost is not like the time before, and why.

One rule for all, and it can be checked by hand. A figure (of a day: how far it is from the mean of
the same weekday in up to eight weeks before; of the others: the cost itself) is put among the
figures of the time before. Where fewer than one in `rate` of them are as high, it is named. So of
usual figures at most about one in `rate` is named for nothing, and with fewer than `rate` figures
before it nothing is said at all; a day has to be a tenth away from its measure, too. What is named
is explained against its own past by `drivers`; a named day is no measure for the days after it,
unless there are more than two in eight weeks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.drivers import PARTS, Cell, split
from wacost.balance.spend import Spend, steps
from wacost.money import amount_of, plain
from wacost.rating.explain import masked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HISTORY_DAYS: Final = 400
RECENT_DAYS: Final = 28
_WEEKS: Final = 8
_LEAST_WEEKS: Final = 4
_MOST_LEFT_OUT: Final = 2
_LEAST_DISTANCE: Final = Fraction(1, 10)
_WEEK: Final = 7
RATES: Final = {"day": 50, "country": 200, "hour": 1000, "contact": 2000}
"""What is looked at -> of how many usual figures about one is named for nothing."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One figure that is not like the time before.

    Attributes:
        what: day, country, hour or contact.
        name: which one, as people say it; a contact is masked.
        day: local date.
        units: what it cost.
        usual: what was to be expected: the mean of the same time before.
        causes: of the difference, in units; see `drivers.split`. They add up to it.
    """

    what: str
    name: str
    day: date
    units: int
    usual: Fraction
    causes: dict[str, Fraction]

    @property
    def main_cause(self) -> str:
        """The cause that did most in the direction of the difference."""
        sign = 1 if self.units >= self.usual else -1
        return max(PARTS, key=lambda name: sign * self.causes[name])


@dataclass(frozen=True, slots=True)
class Found:
    """What was unusual, and how much was looked at.

    Attributes:
        anomalies: the latest first, the dearest first within a day.
        looked: what -> how many figures were judged; 0: too little is known before them.
        currency: of the amounts.
    """

    anomalies: tuple[Anomaly, ...]
    looked: dict[str, int]
    currency: str | None

    @property
    def expected_false(self) -> dict[str, Fraction]:
        """How many of the figures would be named if all of them were usual."""
        return {what: Fraction(count, RATES[what]) for what, count in self.looked.items()}

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text."""
        return {
            "currency": self.currency,
            "looked_at": dict(self.looked),
            "false_alarm_one_in": dict(RATES),
            "anomalies": [
                {
                    "what": one.what,
                    "name": one.name,
                    "day": one.day,
                    "amount": plain(amount_of(one.units)),
                    "usual": plain(amount_of(round(one.usual))),
                    "main_cause": one.main_cause,
                    "causes": {
                        name: plain(amount_of(round(units))) for name, units in one.causes.items()
                    },
                }
                for one in self.anomalies
            ],
        }


def is_unusual(figure: Any, before: Sequence[Any], rate: int) -> bool:
    """Tell whether a figure is higher than all but one in `rate` of those before it.

    Args:
        figure: any that can be ordered.
        before: sorted.
        rate: with fewer than `rate` - 1 figures before, nothing is unusual.

    >>> is_unusual(9, [1, 2, 3], 4), is_unusual(3, [1, 2, 3], 4), is_unusual(9, [1, 2], 4)
    (True, False, False)
    """
    as_high = len(before) - bisect_left(before, figure)
    return (1 + as_high) * rate <= len(before) + 1


def find(con: DuckDBPyConnection, spend: Spend, *, recent: int = RECENT_DAYS) -> Found:
    """Look at the whole days of the recent past.

    Args:
        con: the store, with `spend_until` done.
        spend: what that returned.
        recent: how many days are judged; those before them are the time before.
    """
    whole = spend.days[:-1]  # today goes on
    judged = whole[-recent:]
    found = {
        "day": _days(spend, whole, judged),
        "country": _countries(spend, whole, judged),
        "hour": _hours(con, whole, judged),
        "contact": _contacts(con, judged),
    }
    all_of = [one for list_, _ in found.values() for one in list_]
    all_of.sort(key=lambda one: (one.day, abs(one.units - one.usual)), reverse=True)
    return Found(tuple(all_of), {what: count for what, (_, count) in found.items()}, spend.currency)


def _weeks_before(day: date, known: set[date]) -> list[date]:
    days = [day - timedelta(days=_WEEK * n) for n in range(1, _WEEKS + 1)]
    return [one for one in days if one in known]


def _days(spend: Spend, whole: Sequence[date], judged: Sequence[date]) -> tuple[list[Anomaly], int]:
    known = set(whole)
    scores: list[Fraction] = []
    found: list[Anomaly] = []
    count = 0
    for day in whole:
        past = _measures(_weeks_before(day, known), {one.day for one in found})
        if len(past) < _LEAST_WEEKS:
            continue
        usual = Fraction(sum(spend.units_on(one) for one in past), len(past))
        score = _distance(spend.units_on(day), usual)
        if day in judged and len(scores) + 1 >= RATES["day"]:
            count += 1
            if score >= _LEAST_DISTANCE and is_unusual(score, sorted(scores), RATES["day"]):
                causes = split(spend.sum_of(past, len(past)), spend.sum_of([day]))
                name = f"{day:%A}"
                found.append(Anomaly("day", name, day, spend.units_on(day), usual, causes))
        scores.append(score)
    return found, count


def _measures(past: list[date], named: set[date]) -> list[date]:
    """Leave out days that were named themselves, but for a change that lasts."""
    usual = [day for day in past if day not in named]
    return usual if len(usual) + _MOST_LEFT_OUT >= len(past) else past


def _distance(units: int, usual: Fraction) -> Fraction:
    """Return how far a figure is from the usual one: of twice as much and of half it is 1.

    >>> _distance(4, Fraction(2)), _distance(1, Fraction(2)), _distance(0, Fraction(0))
    (Fraction(1, 1), Fraction(1, 1), Fraction(0, 1))
    """
    low, high = sorted((Fraction(units), usual))
    if low == high:
        return Fraction(0)
    return (high - low) / low if low > 0 else Fraction(10**9) + high


def _countries(
    spend: Spend, whole: Sequence[date], judged: Sequence[date]
) -> tuple[list[Anomaly], int]:
    """Judge the cost of each country and direction on each day among those of all days before."""
    figures: dict[tuple[str, str], list[int]] = {}
    found, count = [], 0
    for n, day in enumerate(whole):
        for group, (_, _, units) in spend.cells.get(day, {}).items():
            before = figures.setdefault(group, [])
            zeros = [0] * (n - len(before))  # days without a call of the group are figures too
            if day in judged and n + 1 >= RATES["country"]:
                count += 1
                if is_unusual(units, sorted([*zeros, *before]), RATES["country"]):
                    found.append(_of_country(spend, whole[:n], day, group, units))
            before.append(units)
    return found, count


def _of_country(
    spend: Spend, before: Sequence[date], day: date, group: tuple[str, str], units: int
) -> Anomaly:
    past = before[-_WEEKS * _WEEK :]
    usual = {g: cell for g, cell in spend.sum_of(past, len(past)).items() if g == group}
    now = {g: cell for g, cell in spend.sum_of([day]).items() if g == group}
    mean = usual[group].units if usual else Fraction(0)
    return Anomaly("country", f"{group[1]}, {group[0]}", day, units, mean, split(usual, now))


def _hours(
    con: DuckDBPyConnection, whole: Sequence[date], judged: Sequence[date]
) -> tuple[list[Anomaly], int]:
    """Judge the cost of each hour among those of all hours before the recent days."""
    told = {(day, hour): int(units) for day, hour, units in steps(con, "hourly")}
    first = judged[0] if judged else date.max
    before = [told.get((day, hour), 0) for day in whole if day < first for hour in range(24)]
    before.sort()
    recent = [(at, units) for at, units in told.items() if at[0] in judged]
    if len(before) + 1 < RATES["hour"]:
        return [], 0
    found = [
        _of_hour(con, whole, *at, units)
        for at, units in recent
        if is_unusual(units, before, RATES["hour"])
    ]
    return found, 24 * len(judged)


def _of_hour(
    con: DuckDBPyConnection, whole: Sequence[date], day: date, hour: int, units: int
) -> Anomaly:
    past = _weeks_before(day, set(whole))
    usual = _cells(steps(con, "hour_cells", days=past, hour=hour) if past else [], len(past) or 1)
    now = _cells(steps(con, "hour_cells", days=[day], hour=hour), 1)
    mean = sum((cell.units for cell in usual.values()), Fraction(0))
    return Anomaly("hour", f"{hour:02}:00", day, units, mean, split(usual, now))


def _cells(rows: Sequence[tuple[Any, ...]], share: int) -> dict[tuple[str, str], Cell]:
    return {(d, c): Cell.of(n, s, int(u), share) for d, c, n, s, u in rows}


def _contacts(con: DuckDBPyConnection, judged: Sequence[date]) -> tuple[list[Anomaly], int]:
    """Judge what each contact cost on a day among all that contacts cost on days before."""
    first = judged[0] if judged else date.max
    told = steps(con, "contacts")
    before = sorted(int(row[5]) for row in told if row[0] < first)
    recent = [row for row in told if row[0] in set(judged)]
    if len(before) + 1 < RATES["contact"]:
        return [], 0
    mean = Fraction(sum(before), len(before))
    past = [row for row in told if row[0] < first]
    found = [
        _of_contact(row, past, mean)
        for row in recent
        if is_unusual(int(row[5]), before, RATES["contact"])
    ]
    return found, len(recent)


def _of_contact(row: tuple[Any, ...], past: Sequence[tuple[Any, ...]], mean: Fraction) -> Anomaly:
    """Explain a contact by the mean contact of a day: its own past, as a rule, is none."""
    day, contact, _, calls, seconds, units = row
    key = ("contact", "mean")
    usual = {
        key: Cell.of(sum(r[3] for r in past), sum(r[4] for r in past), sum(int(r[5]) for r in past),
                     len(past))
    }  # fmt: skip
    now = {key: Cell.of(calls, seconds, int(units))}
    return Anomaly("contact", str(masked(contact)), day, int(units), mean, split(usual, now))
