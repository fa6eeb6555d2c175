"""What a workspace says of the time to come, and of what was unlike the time before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from wacost.errors import InputError
from wacost.money import UNIT
from wacost.prepaid import Prepaid

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance import Terms
    from wacost.balance.future import Forecast
    from wacost.balance.series import Series
    from wacost.balance.tiers import Tiered

_LEAST_PERCENT, _MOST_PERCENT, _MOST_DAYS = 50, 99, 366


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
        from wacost.balance.forecast import Asked, forecast  # noqa: PLC0415
        from wacost.balance.report import report  # noqa: PLC0415
        from wacost.balance.series import series, spent_in_month  # noqa: PLC0415

        terms = self.balance_terms(name)
        with self._moves(terms) as con:
            found = report(con, terms, self._moment(terms, at), self.quote)
            past = series(con, terms, found.at, found.starts_at or found.at)
            _check_asked(past, until, percent)
            spent = spent_in_month(con, terms, past)
            bands = self._bands(con, terms, past) if past.groups else None
        verdict = found.verdict
        asked = Asked(found.at, verdict.units, verdict.minimum_units, spent, until, percent)
        return forecast(terms, past, asked, bands)

    def _bands(self, con: DuckDBPyConnection, terms: Terms, past: Series) -> Tiered | None:
        """Return the groups of calls whose rate falls as minutes accrue, if there are any."""
        from wacost.balance.live import group_accrued  # noqa: PLC0415
        from wacost.balance.tiers import tiered  # noqa: PLC0415
        from wacost.rating.ladder import ladder  # noqa: PLC0415

        found = []
        for group in past.groups:
            billed, now = self._billed(group.account), past.now.replace(tzinfo=UTC)
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
