"""What a workspace says of the time to come, and of what was unlike the time before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wacost.errors import InputError, MissingExtraError
from wacost.money import UNIT
from wacost.months import months_from
from wacost.workspace.prepaid import Prepaid

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance import Terms
    from wacost.balance.anomalies import Found
    from wacost.balance.budget import BudgetReport
    from wacost.balance.debits import Debit
    from wacost.balance.forecast import Asked
    from wacost.balance.future import Forecast
    from wacost.balance.series import Series
    from wacost.balance.spend import Spend
    from wacost.balance.tiers import Tiered

_LEAST_PERCENT, _MOST_PERCENT, _MOST_DAYS = 50, 99, 366
_MOST_MONTHS = 13  # what _MOST_DAYS can reach


class Outlook(Prepaid):
    """The part of a workspace that looks ahead."""

    def forecast(
        self,
        name: str | None = None,
        *,
        at: datetime | str | None = None,
        until: date | None = None,
        percent: int = 90,
    ) -> Forecast:
        """Return what may become of a balance: a range of dates, a range of amounts, a top-up.

        Args:
            name: an account, or a portfolio that shares a balance.
            at: the instant that is now; None: now.
            until: the last day that a top-up shall last; None: the last of the month.
            percent: with which probability, 50 to 99.

        Raises:
            InputError: the balance has no entry yet, or a value cannot be meant.
            MissingExtraError: there is enough data, and statsmodels is not installed.
        """
        from wacost.balance.forecast import forecast  # noqa: PLC0415

        with self._prospect(name, at, until, percent) as (con, terms, past, asked):
            bands = self._bands(con, terms, past)
        return forecast(terms, past, asked, bands)

    def run_out(
        self, name: str | None = None, *, at: datetime | str | None = None
    ) -> datetime | None:
        """Return from when on calls may be refused, for an alarm; None: not within the forecast.

        The early end of the forecast's 80 % range, UTC without an offset; with too little data,
        or without statsmodels, when the minimum is reached at the present rate.

        Raises:
            InputError: the balance has no entry yet.
        """
        from wacost.balance.forecast import at_burn_rate, forecast  # noqa: PLC0415

        with self._prospect(name, at, None, 90) as (con, terms, past, asked):
            try:
                return forecast(terms, past, asked, self._bands(con, terms, past)).early_end
            except MissingExtraError:
                return at_burn_rate(terms, past, asked).early_end

    @contextmanager
    def _prospect(
        self, name: str | None, at: datetime | str | None, until: date | None, percent: int
    ) -> Iterator[tuple[DuckDBPyConnection, Terms, Series, Asked]]:
        """Open the store with a balance's moves made, and what a forecast starts from."""
        from wacost.balance.debits import not_booked  # noqa: PLC0415
        from wacost.balance.forecast import Asked  # noqa: PLC0415
        from wacost.balance.report import report  # noqa: PLC0415
        from wacost.balance.series import (  # noqa: PLC0415
            booked_in_month,
            series,
            spent_in_month,
        )

        terms = self.balance_terms(name)
        with self._moves(terms) as con:
            found = report(con, terms, self._moment(terms, at), self._quotes())
            if found.starts_at is None:
                raise InputError(
                    f"the balance of {terms.name} has no entry up to {found.at} UTC",
                    hint="look at a later time: --at",
                )
            past = series(con, terms, found.at, found.starts_at)
            _check_asked(past, until, percent)
            spent = spent_in_month(con, terms, past)
            verdict = found.verdict
            debits, notes = self._debits(terms, past, booked_in_month(con, terms, past))
            left_out, _ = self._not_booked(con, terms, past.now)
            notes += (not_booked(left_out, terms.currency),) if left_out else ()
            asked = Asked(
                found.at, verdict.units, verdict.minimum_units, spent, until, percent, debits, notes
            )
            yield con, terms, past, asked

    def _debits(
        self, terms: Terms, past: Series, booked: int
    ) -> tuple[tuple[Debit, ...], tuple[str, ...]]:
        """Return the fixed costs of a year to come, and notes on those that have no rate."""
        from wacost.balance.debits import less_booked  # noqa: PLC0415

        found: list[Debit] = []
        missing: list[str] = []
        for n, month in enumerate(months_from(past.today, _MOST_MONTHS)):
            made, lacking = self._due_in(terms, month, past.today)
            found += made if n else less_booked(made, booked)
            missing += lacking
        return tuple(found), tuple(dict.fromkeys(missing))

    def anomalies(
        self,
        account: str | None = None,
        *,
        at: datetime | str | None = None,
        days: int = 28,
    ) -> Found:
        """Return the days, hours, countries and contacts whose cost is not like the time before.

        Args:
            account: whose calls; may be left out where there is one.
            at: the instant that is now; None: now.
            days: how many whole days before it are judged.

        Raises:
            CurrencyMismatchError: the calls were charged in two currencies.
        """
        from wacost.balance.anomalies import HISTORY_DAYS, find  # noqa: PLC0415

        if not 1 <= days <= _MOST_DAYS:
            raise InputError(f"{days} days cannot be judged", hint="1 to 366")
        with self._spending(account, at, HISTORY_DAYS + days) as (con, _, spend, _now):
            return find(con, spend, recent=days)

    def budget(
        self, account: str | None = None, *, at: datetime | str | None = None
    ) -> BudgetReport:
        """Return where the month that goes on stands against its budget, and why.

        Only calls count. Where statsmodels is not installed, or too few days are known, the end
        is told by the burn rate, without a range.

        Args:
            account: whose calls; may be left out where there is one.
            at: the instant that is now; None: now.
        """
        from wacost.balance.budget import budget_report  # noqa: PLC0415
        from wacost.balance.drivers import total  # noqa: PLC0415
        from wacost.balance.forecast import Asked, forecast  # noqa: PLC0415
        from wacost.balance.series import series_of  # noqa: PLC0415

        with self._spending(account, at, 2 * _MOST_DAYS) as (_, terms, spend, now):
            past = series_of(spend, now)
        month = [day for day in spend.days if day >= past.today.replace(day=1)]
        spent = int(total(spend.sum_of(month)).units)
        currency = spend.currency or terms.currency
        asked = Asked(now, 0, None, spent)
        try:
            found = forecast(replace(terms, currency=currency), past, asked)
        except MissingExtraError:
            found = None
        lately = past.calls[-28:]
        burn = sum(lately) // len(lately) if lately else 0
        amount = self.config.accounts[terms.accounts[0]].budget.get("month")
        end = found.month if found else None
        told = budget_report(terms.accounts[0], currency, amount, spend, end, burn)
        return replace(told, caution=found.caution if found else None)

    @contextmanager
    def _spending(
        self, account: str | None, at: datetime | str | None, days: int
    ) -> Iterator[tuple[DuckDBPyConnection, Terms, Spend, datetime]]:
        """Open the store with the calls of an account priced and handed over, day by day."""
        from wacost.balance import Terms  # noqa: PLC0415
        from wacost.balance.series import now_of  # noqa: PLC0415
        from wacost.balance.spend import spend_until  # noqa: PLC0415

        name = self.config.account(account).name if account else self._only_account()
        told = self.config.accounts[name]
        currency = self.card(told.card).currency
        terms = Terms(name, (name,), currency, told.timezone)
        self._price_due([name], None)
        with self.reading() as con:
            now = now_of(con, self._moment(terms, at))
            yield con, terms, spend_until(con, [name], told.timezone, now, days), now

    def kept_balances(
        self, account: str | None = None, at: datetime | str | None = None
    ) -> list[str]:
        """Return the balances that have entries; of an account, the one that pays for it.

        Args:
            account: None: all, but those that pay for an account that cannot be rated.
            at: only those that begin before it; None: whenever.
        """
        names = self._balances() if self.config.accounts else []
        if account is not None:
            names = [self.config.balance_of(account)]
        elif refused := {self.config.balance_of(one) for one in self.refused_accounts()}:
            names = [name for name in names if name not in refused]
        return [name for name in names if self._begun(name, at)]

    def _begun(self, name: str, at: datetime | str | None) -> bool:
        entries = self.balance_entries(name)
        if at is None or not entries:
            return bool(entries)
        return entries[0].at <= self._moment(self.balance_terms(name), at)

    def balance_days(
        self, name: str | None = None, at: datetime | str | None = None
    ) -> list[dict[str, Any]]:
        """Return what was there at the end of each local day, since the first entry.

        Args:
            name: an account, or a portfolio that shares a balance.
            at: up to when; None: now.

        Returns:
            Rows of balance, day, amount (exact) and currency.
        """
        from wacost.balance.days import hand_over, local_day  # noqa: PLC0415
        from wacost.balance.moves import rows  # noqa: PLC0415
        from wacost.money import amount_of  # noqa: PLC0415

        terms = self.balance_terms(name)
        with self._moves(terms) as con:
            begin = con.execute("SELECT min(moved_at) FROM balance_moves").fetchall()[0][0]
            first = local_day(terms.timezone, begin)
            count = (local_day(terms.timezone, self._moment(terms, at)) - first).days + 1
            hand_over(con, terms, [first + timedelta(days=n) for n in range(count)])
            found = rows(con, "left")
        told = {"balance": terms.name, "currency": terms.currency}
        return [{**told, "day": day, "amount": amount_of(int(units))} for day, units in found]

    def _bands(self, con: DuckDBPyConnection, terms: Terms, past: Series) -> Tiered | None:
        """Return the groups of calls whose rate falls as minutes accrue, if there are any."""
        from wacost.balance.forecast import has_enough  # noqa: PLC0415
        from wacost.balance.live import group_accrued  # noqa: PLC0415
        from wacost.balance.tiers import tiered  # noqa: PLC0415
        from wacost.rating.ladder import ladder  # noqa: PLC0415

        found = []
        accounts = {one.name: one for one in self._ratable().billed["cost"]}
        for group in past.groups if has_enough(past) else ():
            billed, now = accounts[group.account], past.now.replace(tzinfo=UTC)
            steps = ladder(billed, country=group.country, direction=group.direction, at=now)
            same = steps is not None and steps.currency == terms.currency
            if steps is not None and same and len(steps.steps) > 1:
                found.append((group, steps, group_accrued(con, terms, group, past)))
        if not found:
            return None
        from wacost.balance.models import numbers  # noqa: PLC0415

        spend = numbers().array([units / UNIT for units in past.spend])
        return tiered(spend, found, past.days)


def _check_asked(past: Series, until: date | None, percent: int) -> None:
    if not _LEAST_PERCENT <= percent <= _MOST_PERCENT:
        raise InputError(f"{percent} is no probability", hint="50 to 99 percent")
    if until is not None and not past.today <= until <= past.today + timedelta(days=_MOST_DAYS):
        raise InputError(
            f"{until} is not within the year after {past.today}",
            hint="the first day of a forecast is that of the last record of calls",
        )
