"""Fixed costs that wacost.toml declares, and the balances that may pay them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from wacost.money import SECONDS, minor_digits, parse_nanos, plain
from wacost.months import months_from
from wacost.workspace.issuing import Issuing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance import Terms
    from wacost.balance.debits import Debit

_MONTHS: Final = 12


class FixedCosts(Issuing):
    """The part of a workspace that knows which fixed costs leave a balance."""

    def _declared(self, account: str, month: str) -> Iterator[tuple[Debit, str]]:
        """Yield the fixed costs of an account's month as its supplier bills them, with a currency.

        Where the account resells they are on its customer's documents, and leave no balance.
        """
        from wacost.balance.debits import Debit  # noqa: PLC0415
        from wacost.billing.extras import fixed_costs  # noqa: PLC0415
        from wacost.billing.terms import terms_of  # noqa: PLC0415

        agreed = terms_of(self.config.account(account), month)
        if agreed.fees:
            currency = self.card(agreed.card).currency
            for item in fixed_costs(agreed, minor_digits(currency)):
                units = parse_nanos(plain(item.amount)) * SECONDS
                yield Debit(account, item.name, agreed.last_on, units), currency

    def _due_in(
        self, terms: Terms, month: str, on: date | None = None
    ) -> tuple[list[Debit], list[str]]:
        """Return the fixed costs of a month in a balance's currency, and notes on those without.

        Args:
            terms: of the balance.
            month: like "2026-10".
            on: the day whose rates of `fx.csv` count; None: that of each cost.
        """
        from wacost.balance.debits import in_currency  # noqa: PLC0415

        made, missing = [], []
        for one, code in (pair for name in terms.accounts for pair in self._declared(name, month)):
            rate = terms.rates.at(code, terms.currency, on or one.on)
            if rate:
                made.append(in_currency(one, rate))
            else:
                missing.append(
                    f"the fixed cost {one.name} of {one.account} is in no figure: fx.csv has no"
                    f" rate from {code} to {terms.currency}"
                )
        return made, missing

    def _not_booked(
        self, con: DuckDBPyConnection, terms: Terms, at: datetime
    ) -> tuple[tuple[Debit, ...], tuple[str, ...]]:
        """Return the fixed costs of months that are over and are no fees in the ledger, and notes.

        Whether they left this balance nobody told: they are named, and not taken off. What came
        before a balance that was observed is in the difference that was booked then.
        """
        from wacost.balance.days import day_begin, local_day  # noqa: PLC0415
        from wacost.balance.debits import less_booked  # noqa: PLC0415
        from wacost.balance.moves import rows  # noqa: PLC0415

        _, _, observed, starts = rows(con, "last", at=at)[0]
        since = observed or starts
        if since is None:
            return (), ()
        first, today = (local_day(terms.timezone, one) for one in (since, at))
        count = (today.year - first.year) * _MONTHS + today.month - first.month + 1
        due: list[Debit] = []
        notes: list[str] = []
        for month in months_from(first, count):
            made, missing = self._due_in(terms, month)
            due += made
            notes += missing
        over = [
            one
            for one in due
            if since < day_begin(terms.timezone, one.on + timedelta(days=1)) <= at
        ]
        booked = int(rows(con, "booked", begin=since, at=at)[0][0])
        return tuple(less_booked(over, booked)), tuple(dict.fromkeys(notes))
