"""What changed against the month before: volume, duration, price and mix, exact to the last digit.

Calls are grouped by direction and country. With n calls, s billed seconds and an amount a per group
(0 before, 1 now) and N, A over all groups, the difference A1 - A0 is cut into

    volume    (N1 - N0) x A0/N0: more or fewer calls, at what a call cost on average before
    mix       sum n1 x a0/n0 - N1 x A0/N0: other countries and directions than before
    duration  sum (s1 - n1 x s0/n0) x a0/s0: longer or shorter calls, at the price of before
    price     sum a1 - s1 x a0/s0: another price of a second: rates, tiers, fees, pulses

A group that had no call before has no price of before: all its cost is mix. Where there was no call
at all before, all is volume. The four are fractions, and their sum is the difference exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.money import SHOWN_PLACES, minor_digits, plain, rounded, trimmed
from wacost.months import checked_month

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

PARTS: Final = ("volume", "mix", "duration", "price")
"""What a difference is made of, in the order in which it is shown."""
_MORE_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Group:
    """The priced, answered calls of one direction and country in two months."""

    calls_before: int
    calls_now: int
    seconds_before: int
    seconds_now: int
    amount_before: Decimal
    amount_now: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in one currency.

    Attributes:
        month: the month looked at; `before` is the month before it.
        currency: ISO 4217.
        amount_before: what the month before cost; `amount_now`: what this one costs.
        parts: volume, mix, duration and price: fractions of the currency whose sum is
            `amount_now` - `amount_before` exactly.
        calls_before: priced, answered calls of the month before; `calls_now`: of this one.
        unpriced_before: calls without a price, in no amount; `unpriced_now`: of this month.
    """

    month: str
    before: str
    currency: str
    amount_before: Decimal
    amount_now: Decimal
    parts: dict[str, Fraction]
    calls_before: int
    calls_now: int
    unpriced_before: int
    unpriced_now: int

    @property
    def places(self) -> int:
        """At how many decimal places the steps are shown: two more than the currency has."""
        return minor_digits(self.currency) + _MORE_PLACES

    def steps(self, places: int | None = None) -> list[tuple[str, Decimal]]:
        """Return the bars of a waterfall: rounded, and still adding up to the last digit.

        The running total is rounded, not the step: so the first amount plus the steps is the last
        amount, as printed.

        Args:
            places: decimal places; default: `self.places`.
        """
        places = self.places if places is None else places
        running = Fraction(self.amount_before)
        shown = rounded(running, places)
        found = [(self.before, shown)]
        for name in PARTS:
            running += self.parts[name]
            after = rounded(running, places)
            found.append((name, after - shown))
            shown = after
        return [*found, (self.month, shown)]

    def rows(self) -> list[dict[str, Any]]:
        """Return the steps as rows: to 12 places they add up from the first to the last."""
        return [
            {"step": name, "amount": amount, "currency": self.currency}
            for name, amount in self.steps(SHOWN_PLACES)
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return the change as plain values: amounts are text of 12 places that adds up."""
        steps = dict(self.steps(SHOWN_PLACES)[1:-1])
        return {
            "before": self.before,
            "currency": self.currency,
            "amount_before": plain(trimmed(self.amount_before)),
            "amount": plain(trimmed(self.amount_now)),
            **{name: plain(trimmed(steps[name])) for name in PARTS},
            "calls_before": self.calls_before,
            "calls": self.calls_now,
            "unpriced_before": self.unpriced_before,
            "unpriced": self.unpriced_now,
        }


def month_before(month: str) -> str:
    """Return the month before a month.

    >>> month_before("2026-01")
    '2025-12'
    """
    year, number = (int(part) for part in checked_month(month).split("-"))
    return f"{date(year, number, 1) - timedelta(days=1):%Y-%m}"


def split_change(groups: Iterable[Group]) -> dict[str, Fraction]:
    """Cut the difference between two months into volume, mix, duration and price.

    >>> one = Group(10, 20, 600, 1200, Decimal("1"), Decimal("3"))
    >>> {name: str(part) for name, part in split_change([one]).items()}
    {'volume': '1', 'mix': '0', 'duration': '0', 'price': '1'}
    """
    groups = list(groups)
    before = sum((Fraction(one.amount_before) for one in groups), Fraction())
    now = sum((Fraction(one.amount_now) for one in groups), Fraction())
    calls_before = sum(one.calls_before for one in groups)
    calls_now = sum(one.calls_now for one in groups)
    if not calls_before:
        return {
            "volume": now - before,
            "mix": Fraction(),
            "duration": Fraction(),
            "price": Fraction(),
        }
    average = before / calls_before
    at_old_calls = sum((_at_old_calls(one) for one in groups), Fraction())
    at_old_seconds = sum((_at_old_seconds(one) for one in groups), Fraction())
    return {
        "volume": (calls_now - calls_before) * average,
        "mix": at_old_calls - calls_now * average,
        "duration": at_old_seconds - at_old_calls,
        "price": now - at_old_seconds,
    }


def cost_changes(
    con: DuckDBPyConnection, month: str, *, account: str | None = None, side: str = "cost"
) -> list[Change]:
    """Return what changed against the month before, one value for each currency.

    Args:
        con: an open store with both months rated.
        month: like "2026-10".
        account: None: all.
        side: "cost" or "sale".
    """
    told = {"month": month, "before": month_before(month), "account": account, "side": side}
    rows = con.execute(_sql(), told).fetchall()
    currencies = dict.fromkeys(row[0] for row in rows if row[0] is not None)
    return [
        _change(told, currency, [r for r in rows if r[0] == currency]) for currency in currencies
    ]


def _change(told: dict[str, Any], currency: str, rows: Sequence[Sequence[Any]]) -> Change:
    groups = [Group(*row[3:9]) for row in rows]
    return Change(
        month=told["month"],
        before=told["before"],
        currency=currency,
        amount_before=sum((one.amount_before for one in groups), Decimal(0)),
        amount_now=sum((one.amount_now for one in groups), Decimal(0)),
        parts=split_change(groups),
        calls_before=sum(one.calls_before for one in groups),
        calls_now=sum(one.calls_now for one in groups),
        unpriced_before=sum(row[9] for row in rows),
        unpriced_now=sum(row[10] for row in rows),
    )


def _at_old_calls(one: Group) -> Fraction:
    """Return what this month's calls would cost at what a call of the group cost before."""
    if not one.calls_before:
        return Fraction(one.amount_now)
    return Fraction(one.amount_before) * one.calls_now / one.calls_before


def _at_old_seconds(one: Group) -> Fraction:
    """Return what this month's seconds would cost at what a second of the group cost before."""
    if not one.calls_before or not one.seconds_before:
        return _at_old_calls(one)
    return Fraction(one.amount_before) * one.seconds_now / one.seconds_before


@cache
def _sql() -> str:
    return Path(__file__).with_name("change.sql").read_text(encoding="utf-8")
