"""The summaries of a store -> the bounds of what they can have cost, country by country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.money import minor_digits, round_units
from wacost.rating.bounds import Bounds, Summary, account_bounds

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.rating.plans import BilledAccount

_QUERY: Final = """
SELECT account, month, direction, country, calls, talk_seconds
FROM summaries
WHERE calls IS NOT NULL AND talk_seconds IS NOT NULL
    AND ($1 IS NULL OR month = $1) AND ($2 IS NULL OR account = $2)
ORDER BY ALL
"""
_Key = tuple[str | None, str, str, str]


@dataclass(frozen=True, slots=True)
class SummaryBounds:
    """What the calls of one country and direction can have cost in a month; no call is known.

    Attributes:
        account: whose; None: no account claims them.
        month: like "2026-10".
        direction: "inbound" or "outbound".
        country: ISO country of the contacts.
        calls: how many were answered.
        talk_seconds: how long they were together, as it was told.
        bounds: the least and the most, with flags. Where several rows tell of the country
            (`several_rows`), one may be in another: the least is that of the greatest row, and
            the most, like calls and seconds, that of their sum.
    """

    account: str | None
    month: str
    direction: str
    country: str
    calls: int
    talk_seconds: Decimal
    bounds: Bounds

    @property
    def least(self) -> Decimal | None:
        """The least, down to the currency's minor unit."""
        return _shown(self.bounds.least_units, self.bounds.currency, "down")

    @property
    def most(self) -> Decimal | None:
        """The most, up to the currency's minor unit."""
        return _shown(self.bounds.most_units, self.bounds.currency, "up")

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; figures are text."""
        return {
            "account": self.account,
            "month": self.month,
            "direction": self.direction,
            "country": self.country,
            "calls": self.calls,
            "talk_seconds": f"{self.talk_seconds.normalize():f}",
            "currency": self.bounds.currency or None,
            "least": None if self.least is None else str(self.least),
            "most": None if self.most is None else str(self.most),
            "flags": list(self.bounds.flags),
        }


def summary_bounds(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    *,
    month: str | None = None,
    account: str | None = None,
) -> list[SummaryBounds]:
    """Return the bounds of every country of the stored summaries.

    Args:
        con: the store.
        accounts: those billed by the supplier's cards.
        month: only this one; None: all.
        account: only its summaries; None: all.
    """
    billed = {one.name: one for one in accounts}
    told: dict[_Key, list[Summary]] = defaultdict(list)
    for name, when, direction, country, calls, seconds in con.execute(
        _QUERY, [month, account]
    ).fetchall():
        told[name, when, direction, country].append(Summary(direction, country, calls, seconds))
    return [_bounded(key, rows, billed) for key, rows in told.items()]


def totals(rows: Sequence[SummaryBounds]) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the least and the most of all rows that have bounds, by currency."""
    units: dict[str, tuple[int, int]] = {}
    for row in rows:
        found = row.bounds
        if found.least_units is not None and found.most_units is not None:
            least, most = units.get(found.currency, (0, 0))
            units[found.currency] = (least + found.least_units, most + found.most_units)
    return {
        currency: (
            round_units(least, minor_digits(currency), "down"),
            round_units(most, minor_digits(currency), "up"),
        )
        for currency, (least, most) in units.items()
    }


def _bounded(key: _Key, rows: Sequence[Summary], billed: dict[str, BilledAccount]) -> SummaryBounds:
    name, month, _, _ = key
    holder = billed.get(name) if name is not None else None
    found = [
        account_bounds(holder, month, row) if holder else Bounds(flags=("no_account",))
        for row in rows
    ]
    calls = sum(row.calls for row in rows)
    seconds = sum((row.seconds for row in rows), Decimal(0))
    return SummaryBounds(*key, calls, seconds, found[0] if len(found) == 1 else _several(found))


def _several(found: Sequence[Bounds]) -> Bounds:
    """Return the bounds of rows that may overlap: all of the greatest, at most all of them."""
    flags = {"several_rows", *(flag for one in found for flag in one.flags)}
    told = [one for one in found if one.least_units is not None]
    if not told:
        return Bounds(found[0].currency, flags=tuple(sorted(flags)))
    return Bounds(
        told[0].currency,
        max(one.least_units or 0 for one in told),
        sum(one.most_units or 0 for one in told),
        max(one.least_billed_s or 0 for one in told),
        sum(one.most_billed_s or 0 for one in told),
        tuple(sorted(flags)),
    )


def _shown(units: int | None, currency: str, mode: str) -> Decimal | None:
    return None if units is None else round_units(units, minor_digits(currency), mode)
