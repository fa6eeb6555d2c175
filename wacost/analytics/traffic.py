"""A month's calls of some accounts, to be priced under any card without keeping it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wacost.rating.whatif import what_if

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.cards import RateCard
    from wacost.rating import BilledAccount
    from wacost.rating.elsewhere import External, Observed
    from wacost.rating.whatif import PricedGroup

_SPLIT = """
    CREATE OR REPLACE TEMP VIEW split_calls AS
    FROM ratable_calls AS c
    WHERE EXISTS (FROM split_countries AS s WHERE s.country IS NOT DISTINCT FROM c.country)
"""


@dataclass(frozen=True)
class Traffic:
    """The calls that are compared.

    Attributes:
        con: an open store; read-only will do.
        accounts: all who are billed by suppliers: portfolios accrue together.
        month: like "2026-10".
        only: the accounts told of.
        elsewhere: minutes used through others and tiers observed, as for `rate_month`.
    """

    con: DuckDBPyConnection
    accounts: Sequence[BilledAccount]
    month: str
    only: Sequence[str]
    elsewhere: Sequence[External | Observed] = ()

    def under(
        self, card: RateCard | None, calls: str = "ratable_calls", *, ranges: bool = True
    ) -> list[PricedGroup]:
        """Price calls under one card, or (None) each account's under its own."""
        groups = what_if(
            self.con,
            self.accounts,
            self.month,
            card,
            elsewhere=self.elsewhere,
            calls=calls,
            ranges=ranges,
        )
        return [group for group in groups if group.account in self.only]

    def split(
        self,
        cards: Mapping[str, RateCard],
        countries: Mapping[str | None, str],
        *,
        ranges: bool = False,
    ) -> dict[str, list[PricedGroup]]:
        """Price each country's calls under the card named for it; return what each card priced."""
        found = {}
        self.con.execute("CREATE OR REPLACE TEMP TABLE split_countries (country VARCHAR)")
        self.con.execute(_SPLIT)
        for name in dict.fromkeys(countries.values()):
            here = [country for country, card in countries.items() if card == name]
            self.con.execute("DELETE FROM split_countries")
            self.con.execute("INSERT INTO split_countries SELECT unnest(?::VARCHAR[])", [here])
            found[name] = self.under(cards[name], "split_calls", ranges=ranges)
        return found
