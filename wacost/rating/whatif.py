"""A month's calls priced under another card, by the same kernel, and nothing of it kept."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.rating.envelope import cheapest, dearest
from wacost.rating.month import SetKernel
from wacost.rating.plans import BilledAccount, Plans, Term
from wacost.rating.routes import UNANSWERED_NO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal

    from duckdb import DuckDBPyConnection

    from wacost.cards.model import RateCard
    from wacost.rating.elsewhere import External, Observed

_STEPS: Final = dict(
    part.split("\n", 1)
    for part in Path(__file__)
    .with_name("whatif.sql")
    .read_text(encoding="utf-8")
    .split("-- step: ")[1:]
)
_Key = tuple[str | None, ...]
_Bound = tuple[int, "Decimal", int]
CALLS: Final = "what_if_calls"
"""The view that `priced_under` makes: call_id, account, direction, country, market, status,
flag_bits, billed_seconds, amount_units, amount."""


class Doubtful(NamedTuple):
    """What calls come to of whose band no rate is known: (exact units, sum of amounts) each.

    `unbounded` of them are not in `most`: no rate of a lower band is known, so nothing bounds
    what they cost. `shown` leaves them out too: they have no price.
    """

    shown: tuple[int, Decimal]
    least: tuple[int, Decimal]
    most: tuple[int, Decimal]
    unbounded: int = 0


@dataclass(frozen=True, slots=True)
class PricedGroup:
    """What the calls of one account, direction, country, market and status come to.

    Attributes:
        account: whose calls.
        direction: "inbound", "outbound" or None.
        country: ISO country of the contacts, or None.
        market: the card's group of countries, or None.
        status: as of a charge; unpriced ones have no amount.
        calls: how many.
        tier_unknown: how many of them lie in a band whose rate is not known.
        billed_seconds: of all of them.
        amount_units: exact, in 1/60 nano; None where the status is unpriced.
        amount: the sum of `Charge.amount`: rounded by the call where the card rounds there.
        doubt: what those whose band's rate is not known come to: as they are in the sums, at
            least, and at most. None where there are none.
    """

    account: str
    direction: str | None
    country: str | None
    market: str | None
    status: str
    calls: int
    tier_unknown: int
    billed_seconds: int
    amount_units: int | None
    amount: Decimal | None
    doubt: Doubtful | None = None


def under(card: RateCard, accounts: Sequence[BilledAccount]) -> list[BilledAccount]:
    """Return the accounts as if `card` had always been theirs; zones change as they do."""
    return [
        replace(
            one,
            card=card,
            terms=tuple(
                Term(term.from_on, None, term.timezone) for term in one.terms if term.timezone
            ),
        )
        for one in accounts
    ]


def with_cards(
    accounts: Sequence[BilledAccount], variant: Callable[[RateCard], RateCard]
) -> list[BilledAccount]:
    """Return the accounts as if each of their cards were another one."""
    return [
        replace(
            one,
            card=one.card and variant(one.card),
            terms=tuple(replace(term, card=term.card and variant(term.card)) for term in one.terms),
        )
        for one in accounts
    ]


@contextmanager
def priced_under(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    month: str,
    card: RateCard | None,
    *,
    elsewhere: Sequence[External | Observed] = (),
    calls: str = "ratable_calls",
) -> Iterator[str]:
    """Price a month's calls under a card, for the time of a `with` block.

    Args:
        con: an open store; read-only will do. Only temporary tables are made.
        accounts: all who are billed on the side, for portfolios accrue together: pick after.
        month: like "2026-10", local to each account (or to the card's own zone).
        card: the one card for all of them; None: each by its own cards.
        elsewhere: as for `rate_month`; what another supplier's card has no group for is left out.
        calls: a view with the columns of `ratable_calls`, where not all calls are meant.

    Yields:
        The name of a view with one row per call: `CALLS`.
    """
    billed = accounts if card is None else under(card, accounts)
    kernel = SetKernel(con, Plans(billed, [month], unclaimed=False, elsewhere=elsewhere))
    kernel.price(calls, ordered=False)
    unanswered = str(UNANSWERED_NO)
    sql = _STEPS["calls"].replace("{unanswered}", unanswered)
    con.execute(sql.replace("{amount}", kernel.amount_sql()))
    try:
        yield CALLS
    finally:
        con.execute(f"DROP VIEW {CALLS}")
        kernel.drop()


def what_if(
    con: DuckDBPyConnection,
    accounts: Sequence[BilledAccount],
    month: str,
    card: RateCard | None,
    *,
    elsewhere: Sequence[External | Observed] = (),
    calls: str = "ratable_calls",
    ranges: bool = True,
) -> list[PricedGroup]:
    """Return what a month's calls come to under a card; the arguments are `priced_under`'s.

    With `ranges` it is told between what those lie whose band's rate is not known: the month is
    priced twice more where there are any.
    """
    if not accounts:
        return []
    with priced_under(con, accounts, month, card, elsewhere=elsewhere, calls=calls):
        groups = [PricedGroup(*row) for row in con.execute(_STEPS["groups"]).fetchall()]
        doubtful = ranges and any(one.tier_unknown for one in groups)
        if doubtful:
            con.execute(_STEPS["doubtful"])
    if not doubtful:
        return groups
    billed = accounts if card is None else under(card, accounts)
    found = [_sums_of(con, "what_if_doubtful")]
    for variant in (cheapest, dearest):
        others = with_cards(billed, variant)
        with priced_under(con, others, month, None, elsewhere=elsewhere, calls=calls) as priced:
            found.append(_sums_of(con, priced))
    con.execute("DROP TABLE what_if_doubtful")
    return [
        replace(one, doubt=_doubt(*(sums[key] for sums in found))) if key in found[0] else one
        for one in groups
        for key in [(one.account, one.direction, one.country, one.market, one.status)]
    ]


def _sums_of(con: DuckDBPyConnection, priced: str) -> dict[_Key, _Bound]:
    """Return what the doubtful calls come to as a view prices them, by the groups they are in."""
    rows = con.execute(_STEPS["bounds"].replace("{priced}", priced)).fetchall()
    return {tuple(row[:5]): tuple(row[5:]) for row in rows}


def _doubt(shown: _Bound, least: _Bound, most: _Bound) -> Doubtful:
    return Doubtful(shown[:2], least[:2], most[:2], most[2])
