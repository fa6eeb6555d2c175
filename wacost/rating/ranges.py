"""What a rated month has cost at least and at most, where the supplier knows more than we do.

A rate that is unknown, calls of which it is not known whether they were billed and for how long,
minutes used elsewhere of which nobody knows when: each leaves a range. The month is priced twice
more by the same engine, at its cheapest and at its dearest, and nothing of it is kept. What no
figure bounds from above has no upper bound: none is invented.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.money import SHOWN_PLACES, UNIT, amount_of, plain, round_units, trimmed
from wacost.rating.bounds import cards_in_force
from wacost.rating.compiled import NEVER_S
from wacost.rating.doubts import DoubtfulCall, InForce, Moved, cost_of, seconds_moved
from wacost.rating.elsewhere import External, Observed
from wacost.rating.envelope import cheapest, dearest
from wacost.rating.whatif import priced_under, with_cards

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard
    from wacost.rating.plans import BilledAccount

_ANY_LENGTH_S: Final = 2**40  # beyond every band that a card can have
_ELSEWHERE: Final = "used_elsewhere"
_MOVED: Final = "tier_moved"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Calls in doubt for one cause, and what they come to.

    Attributes:
        cause: `tier_unknown` (the rate of their band is not known), `used_elsewhere` (their band
            depends on minutes used elsewhere), `tier_moved` (on calls that are in doubt
            themselves), or the status of calls without an amount: `open`, `incomplete`, `held`,
            `no_rate`, `no_country`.
        calls: how many.
        least_units: in units of `money`.
        most_units: likewise; None: nothing bounds it.
    """

    cause: str
    calls: int
    least_units: int
    most_units: int | None

    @property
    def least(self) -> Decimal:
        """The least that they come to."""
        return _least(self.least_units)

    @property
    def most(self) -> Decimal | None:
        """The most; None: nothing bounds it."""
        return None if self.most_units is None else _most(self.most_units)


@dataclass(frozen=True, slots=True)
class CostRange:
    """What a month of one account can have cost in one currency: known, and known + range.

    Exact sums of calls, before lines are rounded and before tax, to 12 places: the least down, the
    most up. What is known and the doubts add up to the least and the most in all.

    Attributes:
        account: whose.
        month: like "2026-10".
        side: "cost" or "sale".
        currency: of the cards.
        known_units: the sum of the calls that are not in doubt.
        doubts: causes in the order of their names; none where nothing is in doubt.
    """

    account: str
    month: str
    side: str
    currency: str
    known_units: int
    doubts: tuple[Doubt, ...]

    @property
    def known(self) -> Decimal:
        """What the calls that are not in doubt cost."""
        return amount_of(self.known_units)

    @property
    def least(self) -> Decimal:
        """The least that the month can have cost: what is known and the least of every doubt."""
        return _least(self.known_units + sum(doubt.least_units for doubt in self.doubts))

    @property
    def most(self) -> Decimal | None:
        """The most; None: nothing bounds it."""
        units = self.known_units
        for doubt in self.doubts:
            if doubt.most_units is None:
                return None
            units += doubt.most_units
        return _most(units)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; amounts are text, and null where there is no upper bound."""
        return {
            "account": self.account,
            "month": self.month,
            "side": self.side,
            "currency": self.currency,
            "known": plain(self.known),
            "least": plain(self.least),
            "most": _text(self.most),
            "doubts": [
                {
                    "cause": doubt.cause,
                    "calls": doubt.calls,
                    "least": plain(doubt.least),
                    "most": _text(doubt.most),
                }
                for doubt in self.doubts
            ],
        }


def _least(units: int) -> Decimal:
    return trimmed(round_units(units, SHOWN_PLACES, "down"))


def _most(units: int) -> Decimal:
    return trimmed(round_units(units, SHOWN_PLACES, "up"))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)


def cost_ranges(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    month: str,
    *,
    side: str = "cost",
    elsewhere: Sequence[External | Observed] = (),
) -> list[CostRange]:
    """Return what a rated month can have cost, for each account and currency.

    Args:
        con: an open store with `rate_month` run for the month and side; read-only will do.
        accounts: everybody who is billed on the side.
        month: like "2026-10", local to each account.
        side: "cost" or "sale".
        elsewhere: as for `rate_month`.
    """
    told = [one for one in elsewhere if one.month == month]
    asked = {"side": side, "month": month}
    month_of = _Month(con, accounts, month, asked)
    if month_of.needs_pricing(told):
        least = [*told, *month_of.moved(), *_unbounded(told)]
        most = [one for one in told if _counts_whole(one, accounts)]
        with (
            _priced(con, accounts, month, "range_least", cheapest, least),
            _priced(con, accounts, month, "range_most", dearest, most),
        ):
            sums = con.execute(_steps()["sums"], asked).fetchall()
    else:
        sums = con.execute(_steps()["plain_sums"], asked).fetchall()
    used = {one.portfolio for one in told}
    elsewhere_of = {one.name for one in accounts if one.portfolio in used}
    return _assembled(sums, month_of, elsewhere_of, side)


def _unbounded(told: Iterable[External | Observed]) -> Iterator[External]:
    """Yield what a tier that was observed may stand for: any number of minutes, at any time."""
    for one in told:
        if isinstance(one, Observed):
            yield External(
                one.portfolio, one.month, _ANY_LENGTH_S, one.market, one.country, one.direction
            )


def _counts_whole(one: External | Observed, accounts: Sequence[BilledAccount]) -> bool:
    """Tell whether it is certain: when minutes were used decides nothing under `volume`."""
    cards = [
        card for account in accounts if account.portfolio == one.portfolio for card in account.cards
    ]
    return isinstance(one, Observed) or all(card.tiers.model == "volume" for card in cards)


class _Month:
    """The calls of a month without an amount, and what holds for the accounts in it."""

    def __init__(
        self,
        con: DuckDBPyConnection,
        accounts: Sequence[BilledAccount],
        month: str,
        asked: dict[str, str],
    ) -> None:
        self.month = month
        self.accounts = {one.name: one for one in accounts}
        self.calls = [
            (DoubtfulCall(*row[:-2]), str(row[-2]), int(row[-1]))
            for row in con.execute(_steps()["doubtful"], asked).fetchall()
            if row[0] in self.accounts
        ]
        self._countries = [row[0] for row in con.execute(_steps()["countries"], asked).fetchall()]
        self._furthest = con.execute(_steps()["furthest"], asked).fetchall()
        self._in_force: dict[str, list[InForce]] = {}
        self._moved: list[Moved] | None = None

    def in_force(self, account: str) -> list[InForce]:
        """Return the cards and versions that hold for an account in the month."""
        if account not in self._in_force:
            found = cards_in_force(self.accounts[account], self.month)
            self._in_force[account] = [InForce(card, versions) for card, versions in found]
        return self._in_force[account]

    def moved(self) -> list[Moved]:
        """Return by how much the calls in doubt can move each group."""
        if self._moved is None:
            sums: dict[tuple[str, str, str], int] = defaultdict(int)
            for call, _, number in self.calls:
                holder = self.accounts[call.account]
                cards = self.in_force(call.account)
                moved = seconds_moved(call, cards, self._countries)
                for (direction, group), seconds in moved.items():
                    sums[holder.portfolio, direction, group] += seconds * number
            self._moved = [
                Moved(portfolio, self.month, seconds, direction=direction, name=group)
                for (portfolio, direction, group), seconds in sorted(sums.items())
            ]
        return self._moved

    def needs_pricing(self, told: Sequence[External | Observed]) -> bool:
        """Tell whether a call with a known place in a known band may be in another one."""
        if told or any(unknown for *_, unknown in self._furthest):
            return True
        if not self.calls:
            return False
        more: dict[str, int] = defaultdict(int)
        for one in self.moved():
            more[one.direction] += one.seconds
        cards = {
            card.checksum: card for account in self.accounts.values() for card in account.cards
        }
        return any(
            _first_bound(cards[checksum]) < (furthest or 0) + more[direction or ""]
            for checksum, direction, furthest, _ in self._furthest
            if checksum in cards
        )


def _first_bound(card: RateCard) -> int:
    """Return the seconds above which a second band of a card begins, the lowest of all."""
    bounds = (row.tier_from_minutes * 60 for row in card.rows if row.tier_from_minutes)
    return min(bounds, default=2 * NEVER_S)


@contextmanager
def _priced(  # noqa: PLR0917 - one run
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    month: str,
    table: str,
    variant: Callable[[RateCard], RateCard],
    elsewhere: Sequence[External | Observed],
) -> Iterator[None]:
    """Price the month under other cards into a temporary table, for the time of a `with` block."""
    others = with_cards(accounts, variant)
    with priced_under(con, others, month, None, elsewhere=elsewhere) as calls:
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS"  # noqa: S608 - two names of our own
            f" SELECT call_id, amount_units, amount FROM {calls}"
        )
    try:
        yield
    finally:
        con.execute(f"DROP TABLE {table}")


class _Sums:
    """What is known and what is in doubt, added up by account and currency."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], int] = defaultdict(int)
        self._doubts: dict[tuple[str, str], dict[str, Doubt]] = defaultdict(dict)

    def add(self, key: tuple[str, str], cause: str, calls: int, low: int, top: int | None) -> None:
        """Add calls; where both bounds are one nothing is in doubt."""
        self._known[key] += low if low == top else 0
        if low == top:
            return
        held = self._doubts[key].get(cause, Doubt(cause, 0, 0, 0))
        most = None if top is None or held.most_units is None else held.most_units + top
        self._doubts[key][cause] = Doubt(cause, held.calls + calls, held.least_units + low, most)

    def ranges(self, month: str, side: str) -> Iterator[CostRange]:
        """Yield the range of each account and currency."""
        for key in sorted(self._known):
            found = self._doubts.get(key, {})
            doubts = tuple(found[cause] for cause in sorted(found))
            yield CostRange(key[0], month, side, key[1], self._known[key], doubts)


def _assembled(
    sums: Iterable[Sequence[Any]], month: _Month, elsewhere: set[str], side: str
) -> list[CostRange]:
    """Add up the calls that are priced and those that are not."""
    cards = {card.checksum: card for one in month.accounts.values() for card in one.cards}
    found = _Sums()
    for account, checksum, currency, cause, calls, *told in sums:
        if account not in month.accounts:  # it cannot be rated now: its charges are older
            continue
        low_units, low_amount, top_units, top_amount = told
        if checksum in cards and cards[checksum].rounding.at == "call":
            low_units = _units(low_amount)
            top_units = None if top_amount is None else _units(top_amount)
        name = _ELSEWHERE if cause == _MOVED and account in elsewhere else cause
        found.add((account, currency), name, calls, low_units, top_units)
    for call, currency, number in month.calls:
        low, top = cost_of(call, month.in_force(call.account))
        most = None if top is None else top * number
        found.add((call.account, currency), call.status, number, low * number, most)
    return list(found.ranges(month.month, side))


def _units(amount: Decimal) -> int:
    """Return a sum of rounded amounts in units, exactly."""
    return int(Fraction(amount) * UNIT)


@cache
def _steps() -> dict[str, str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    named = (part.partition("\n") for part in text.split("-- step: ")[1:])
    return {name.strip(): sql for name, _, sql in named}
