"""A month's calls priced under another card, by the same kernel, and nothing of it kept."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.rating.month import SetKernel
from wacost.rating.plans import BilledAccount, Plans, Term
from wacost.rating.routes import UNANSWERED_NO

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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
CALLS: Final = "what_if_calls"
"""The view that `priced_under` makes: call_id, account, direction, country, market, status,
flag_bits, billed_seconds, amount_units, amount."""


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
) -> list[PricedGroup]:
    """Return what a month's calls come to under a card; the arguments are `priced_under`'s."""
    if not accounts:
        return []
    with priced_under(con, accounts, month, card, elsewhere=elsewhere, calls=calls):
        return [PricedGroup(*row) for row in con.execute(_STEPS["groups"]).fetchall()]
