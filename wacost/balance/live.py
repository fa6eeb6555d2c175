"""The worst case now: calls that still go on, what they have cost so far, what a minute costs.

A call in progress is in no charge yet. Each is priced by `rating` as if it ended now and as if it
ended a minute later; the difference is what it burns. A call that nobody answered yet counts as if
it were: that is the worst case. One without an end for a day is no longer taken to go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from wacost.balance.moves import rows
from wacost.money import UNIT, amount_of, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance.moves import Terms
    from wacost.balance.series import Group, Series
    from wacost.rating import Charge

MINUTE_S = 60
Quote = Callable[..., "Charge"]
"""`Workspace.quote`: (account, number, seconds=, direction=, country=, at=, minutes_before=)."""


@dataclass(frozen=True, slots=True)
class Live:
    """A call in progress.

    Attributes:
        seconds: since its pick-up, or since its first event where none was told.
        is_answered: whether a pick-up was told.
        units: what it has cost so far; None: it has no price.
        per_minute: what the next minute costs.
    """

    call_id: str
    account: str
    direction: str
    country: str | None
    seconds: int
    is_answered: bool
    units: int | None
    per_minute: int | None


@dataclass(frozen=True, slots=True)
class WorstCase:
    """What is left if every call in progress goes on.

    Attributes:
        calls: all of them.
        units: the balance less what they have cost so far.
        per_minute: what a minute of all of them costs, in units.
        minimum_units: below which calls are refused; None: no minimum, or no rate for it.
    """

    calls: tuple[Live, ...]
    units: int
    per_minute: int
    minimum_units: int | None

    @property
    def unpriced(self) -> int:
        """How many calls have no price: they are in no sum."""
        return sum(one.units is None for one in self.calls)

    def until(self, floor: int) -> timedelta | None:
        """Return how long it lasts until less than `floor` units are left; None: for good."""
        if self.units < floor:
            return timedelta(0)
        if not self.per_minute:
            return None
        return timedelta(seconds=int(Fraction((self.units - floor) * MINUTE_S, self.per_minute)))

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values; amounts are text, lengths whole seconds."""
        lasts = {"empty": self.until(0)}
        if self.minimum_units is not None:
            lasts["minimum"] = self.until(self.minimum_units)
        return {
            "calls": len(self.calls),
            "answered": sum(one.is_answered for one in self.calls),
            "without_price": self.unpriced,
            "amount": plain(amount_of(self.units)),
            "per_minute": plain(amount_of(self.per_minute)),
            "seconds_until": {
                name: None if span is None else int(span.total_seconds())
                for name, span in lasts.items()
            },
        }


def worst_case(  # noqa: PLR0917 - one moment of one balance
    con: DuckDBPyConnection,
    terms: Terms,
    at: datetime,
    units: int,
    minimum_units: int | None,
    quote: Quote,
) -> WorstCase:
    """Return what is left if every call in progress goes on."""
    found = tuple(
        _live(con, terms, at, quote, row)
        for row in rows(con, "open_calls", balance=terms.name, at=at)
    )
    spent = sum(one.units or 0 for one in found)
    burn = sum(one.per_minute or 0 for one in found)
    return WorstCase(found, units - spent, burn, minimum_units)


def _live(
    con: DuckDBPyConnection, terms: Terms, at: datetime, quote: Quote, row: tuple[Any, ...]
) -> Live:
    call_id, account, direction, contact, country, begun, is_answered = row
    seconds = max(0, int((at - begun).total_seconds()))
    number = contact if contact and contact.isdigit() else None
    asked = {"direction": direction or "outbound", "country": country, "at": f"{begun}+00:00"}
    now, later = None, None
    if number or country:
        first = quote(account, number, seconds=seconds, **asked)
        before = accrued(con, terms, first)
        now, later = (
            _cost(terms, quote(account, number, seconds=n, minutes_before=before, **asked), at)
            for n in (seconds, seconds + MINUTE_S)
        )
    per_minute = None if now is None or later is None else max(0, later - now)
    return Live(
        call_id, account, asked["direction"], country, seconds, is_answered, now, per_minute
    )


def accrued(con: DuckDBPyConnection, terms: Terms, charge: Charge) -> Fraction:
    """Return the minutes that the group of a call has accrued in its month, as charged so far."""
    found = rows(
        con,
        "accrued",
        accounts=list(terms.accounts),
        month=charge.month,
        card=charge.card,
        direction=charge.direction,
        scope=charge.rate_card.tiers.scope,
        market=charge.market,
        country=charge.country,
    )
    return Fraction(found[0][0], MINUTE_S)


def group_accrued(con: DuckDBPyConnection, terms: Terms, group: Group, past: Series) -> int:
    """Return the seconds that a group of calls has accrued in the month that goes on."""
    found = rows(
        con,
        "accrued_of",
        accounts=list(terms.accounts),
        month=f"{past.today:%Y-%m}",
        card=group.card,
        direction=group.direction,
        name=group.name,
    )
    return int(found[0][0])


def _cost(terms: Terms, charge: Charge, at: datetime) -> int | None:
    """Return what a charge takes off the balance, in units of its currency, rounded up."""
    rate = terms.rates.at(charge.currency, terms.currency, at.date())
    if charge.amount is None or charge.amount_units is None or rate is None:
        return None
    by_call = charge.rate_card.rounding.at == "call"
    told = Fraction(charge.amount) * UNIT if by_call else Fraction(charge.amount_units)
    return -(-(told * rate.worth).numerator // (told * rate.worth).denominator)
