"""What was spent, day by day on the account's clocks: the past that a forecast learns from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from wacost.balance.days import day_begin, hand_over, local_day
from wacost.balance.moves import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.balance.moves import Terms
    from wacost.balance.spend import Spend

HOURS = 24


@dataclass(frozen=True, slots=True)
class Group:
    """Calls that share a ladder of bands.

    Attributes:
        account: one whose calls they are.
        country: the one that is called most.
        seconds: billed, by day.
        units: what they cost, by day.
    """

    card: str
    direction: str
    name: str
    account: str
    country: str
    seconds: tuple[int, ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Whole days of spend, without gaps, the last one being yesterday.

    Attributes:
        days: local dates.
        calls: what calls took off, in units.
        messages: what messages took off, in units.
        hours: by the end of each hour of a day, the part of its calls' cost that is spent.
        groups: of calls.
        now: the moment that follows: the instant asked for, or the last record before it.
        today: its local date.
    """

    days: tuple[date, ...]
    calls: tuple[int, ...]
    messages: tuple[int, ...]
    hours: tuple[float, ...]
    groups: tuple[Group, ...]
    now: datetime
    today: date

    @property
    def spend(self) -> list[int]:
        """What calls and messages took off, in units."""
        return [a + b for a, b in zip(self.calls, self.messages, strict=True)]


def series(con: DuckDBPyConnection, terms: Terms, at: datetime, starts_at: datetime) -> Series:
    """Return the whole days from the first on which something was spent.

    Where the last record of calls is more than a day old, days after it are not taken for days
    without calls: nobody knows of them yet.

    Args:
        con: the store, with the balance's moves made.
        terms: of the balance.
        at: the instant that is now.
        starts_at: the first entry.
    """
    now = now_of(con, at)
    today = local_day(terms.timezone, now)
    first = local_day(terms.timezone, starts_at) + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(max(0, (today - first).days))]
    hand_over(con, terms, days)
    found = rows(con, "daily") if days else []
    begun = next((n for n, (_, a, b) in enumerate(found) if a or b), len(found))
    kept = found[begun:]
    return Series(
        days=tuple(day for day, _, _ in kept),
        calls=tuple(int(a) for _, a, _ in kept),
        messages=tuple(int(b) for _, _, b in kept),
        hours=_hours(rows(con, "hourly") if kept else []),
        groups=_groups(rows(con, "groups") if kept else [], [day for day, _, _ in kept]),
        now=now,
        today=today,
    )


def series_of(spend: Spend, now: datetime) -> Series:
    """Return whole days of calls alone, from the first on which something was spent.

    Args:
        spend: the days; the last goes on.
        now: the moment that it is.
    """
    units = [spend.units_on(day) for day in spend.days[:-1]]
    begun = next((n for n, one in enumerate(units) if one), len(units))
    return Series(
        days=spend.days[begun:-1],
        calls=tuple(units[begun:]),
        messages=(0,) * (len(units) - begun),
        hours=_hours([]),
        groups=(),
        now=now,
        today=spend.days[-1],
    )


def now_of(con: DuckDBPyConnection, at: datetime) -> datetime:
    """Return a moment, or the last record of calls before it where that is over a day older."""
    last = rows(con, "last_record", at=at)[0][0] or at
    return at if at - last <= timedelta(days=1) else last


def spent_in_month(con: DuckDBPyConnection, terms: Terms, past: Series) -> int:
    """Return what calls and messages took off since the first of the month, in units."""
    begin = day_begin(terms.timezone, past.today.replace(day=1))
    return int(rows(con, "spent", begin=begin, at=past.now)[0][0])


def booked_in_month(con: DuckDBPyConnection, terms: Terms, past: Series) -> int:
    """Return what was taken off as fees since the first of the month, in units."""
    begin = day_begin(terms.timezone, past.today.replace(day=1))
    return int(rows(con, "booked", begin=begin, at=past.now)[0][0])


def _hours(found: Sequence[tuple[int, int]]) -> tuple[float, ...]:
    """Return which part of a day is spent by the end of each hour; evenly where nothing tells.

    >>> _hours([(0, 1), (23, 3)])[0], _hours([(0, 1), (23, 3)])[-1], _hours([])[11]
    (0.25, 1.0, 0.5)
    """
    spent = [0] * HOURS
    for hour, units in found:
        spent[min(hour, HOURS - 1)] += units
    total = sum(spent)
    if total <= 0:
        return tuple((n + 1) / HOURS for n in range(HOURS))
    return tuple(sum(spent[: n + 1]) / total for n in range(HOURS))


def _groups(found: Sequence[tuple[object, ...]], days: Sequence[date]) -> tuple[Group, ...]:
    place = {day: n for n, day in enumerate(days)}
    keyed: dict[tuple[object, ...], list[tuple[object, ...]]] = {}
    for row in found:
        if row[5] in place:
            keyed.setdefault(row[:3], []).append(row)
    groups = []
    for (card, direction, name), of_group in keyed.items():
        seconds, units = [0] * len(days), [0] * len(days)
        for row in of_group:
            at = place[row[5]]  # type: ignore[index]
            seconds[at], units[at] = int(row[6]), int(row[7])  # type: ignore[call-overload]
        account, country = of_group[-1][3:5]
        told = (str(card), str(direction), str(name), str(account), str(country))
        groups.append(Group(*told, tuple(seconds), tuple(units)))
    return tuple(groups)
