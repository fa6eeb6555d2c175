"""What a rated month costs, told in every way that the notebooks and `wacost costs` need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wacost.money import minor_digits
from wacost.months import checked_month
from wacost.workspace.issuing import Issuing
from wacost.zones import instant_of, local_datetime, zone_at

if TYPE_CHECKING:
    from wacost.analytics import AllIn, Change, Cost
    from wacost.analytics.about import About
    from wacost.analytics.tiers import TierProgress
    from wacost.workspace.reporting import Reported


class Costing(Issuing):
    """The part of a workspace that tells of costs. The months have to be rated first."""

    def costs(
        self,
        by: Sequence[str] = ("country",),
        *,
        month: str | None = None,
        account: str | None = None,
        side: str = "cost",
    ) -> Any:
        """Return calls, answered calls, billed seconds and amount by the columns named.

        Currencies are never added up: each has its own rows.

        Args:
            by: some of account, card, country, day, direction, market, month, status,
                tier_from_minutes; days need a month, and are local to the account.
            month: the month billed; None: all.
            account: None: all.
            side: "cost" or "sale".
        """
        from wacost.analytics import costs_query  # noqa: PLC0415
        from wacost.frames import frame, need  # noqa: PLC0415

        need(self.config.frames)
        asked = {"month": month and checked_month(month), "account": self._named(account)}
        with self.reading() as con:
            sql, values = costs_query(con, by=by, side=side, zones=self._zones(), **asked)
            return frame(con, sql, values, self.config.frames)

    def cost_rows(
        self,
        by: Sequence[str] = ("country",),
        *,
        month: str | None = None,
        account: str | None = None,
        side: str = "cost",
    ) -> list[Cost]:
        """Return what `costs` does as plain rows: no library for frames is needed."""
        from wacost.analytics import cost_rows  # noqa: PLC0415

        asked = {"month": month and checked_month(month), "account": self._named(account)}
        with self.reading() as con:
            return cost_rows(con, by=by, side=side, zones=self._zones(), **asked)

    def cost_changes(
        self, month: str, account: str | None = None, *, side: str = "cost"
    ) -> list[Change]:
        """Return what changed against the month before, exactly, one value for each currency."""
        from wacost.analytics import cost_changes  # noqa: PLC0415

        with self.reading() as con:
            return cost_changes(con, checked_month(month), account=self._named(account), side=side)

    def tiers(
        self, month: str, account: str | None = None, *, side: str = "cost"
    ) -> list[TierProgress]:
        """Return how far each market has come in its volume bands, the fullest first."""
        from wacost.analytics.tiers import Holder, tier_progress  # noqa: PLC0415

        holders = {
            name: Holder(self.config.portfolio_of(name), spans)
            for name, spans in self._zones().items()
        }
        with self.reading() as con:
            return tier_progress(
                con, checked_month(month), holders, account=self._named(account), side=side
            )

    def all_in(self, month: str, account: str | None = None) -> list[AllIn]:
        """Return the cost of an answered call with fixed costs in it, by account and currency.

        Accounts that cannot be rated are left out: their fixed costs are in no known currency.
        """
        from wacost.analytics import all_in_costs  # noqa: PLC0415

        month, name = checked_month(month), self._named(account)
        ratable = self._ratable()
        fixed = {one.name: self._fixed(one.name, month) for one in ratable.billed["cost"]}
        fees = {one: told for one, told in fixed.items() if told is not None}
        with self.reading() as con:
            found = all_in_costs(con, month, fees, account=name)
        return [one for one in found if one.account not in ratable.refused]

    def ensure_rated(self, month: str, account: str | None = None) -> bool:
        """Rate a month whose calls were not all rated yet; return whether that was needed.

        Cards or terms that changed since are not looked at: `stale_months` tells of them.

        Args:
            month: like "2026-10".
            account: whose calls have to be rated, whatever is wrong with another one; None: all
                that can be rated.

        Raises:
            ConfigError: the account is not there or cannot be rated, or none can.
        """
        unrated = self.count_unrated(month, account)
        if unrated and account is not None:
            self.invoices(month, accounts=[account])
        elif unrated:
            found = self.drafts(month)
            if not found.invoices:
                raise next(iter(found.refused.values()))
        return bool(unrated)

    def count_unrated(self, month: str, account: str | None = None) -> int:
        """Count the calls of a month that were never rated: costs know nothing of them."""
        from wacost.analytics import calls_query  # noqa: PLC0415

        month, name = checked_month(month), self._named(account)
        sql, values = calls_query(month=month, account=name, zones=self._zones())
        query = f"SELECT count(*) FROM ({sql}) ANTI JOIN charges USING (call_id)"  # noqa: S608
        with self.reading() as con:
            ((unrated,),) = con.execute(query, values).fetchall()
        return int(unrated)

    def reported(self, month: str, account: str | None = None) -> Reported | None:
        """Return what a rated month costs in `reporting_currency`; None where none is set.

        Raises:
            ConfigError: `fx.csv` is wrong.
        """
        from wacost.balance.fx import read_rates  # noqa: PLC0415
        from wacost.workspace.reporting import reported  # noqa: PLC0415

        currency = self.config.reporting_currency
        if currency is None:
            return None
        rows = self.cost_rows(("month",), month=month, account=account)
        sums = {row.currency: row.amount for row in rows if row.currency and row.amount is not None}
        return reported(checked_month(month), currency, sums, read_rates(self.folder))

    def count_calls(self, month: str, account: str) -> int:
        """Count the calls of an account's local month, whether they were rated or not."""
        from wacost.analytics import calls_query  # noqa: PLC0415

        month, name = checked_month(month), self._named(account)
        sql, values = calls_query(month=month, account=name, zones=self._zones())
        with self.reading() as con:
            ((count,),) = con.execute(f"SELECT count(*) FROM ({sql})", values).fetchall()  # noqa: S608
        return int(count)

    def newest_month(self) -> str | None:
        """Return the month in which the newest call began, local to its account; None: no call."""
        query = "SELECT account, max(first_event_at) FROM calls GROUP BY ALL"
        zones = self._zones()
        with self.reading() as con:
            rows = con.execute(query).fetchall()
        instants = [(name, instant_of(at.replace(tzinfo=UTC), "UTC")) for name, at in rows if at]
        return max(
            (
                f"{local_datetime(zone_at(zones[name], at) if name in zones else 'UTC', at):%Y-%m}"
                for name, at in instants
            ),
            default=None,
        )

    def dearest_calls(
        self,
        month: str,
        account: str | None = None,
        *,
        direction: str | None = None,
        country: str | None = None,
        limit: int = 20,
    ) -> Any:
        """Return the dearest charges of a rated month as a frame: from a line to its calls.

        Args:
            month: like "2026-10".
            account: None: all.
            direction: "inbound" or "outbound"; None: both.
            country: ISO 3166 alpha-2; None: all.
            limit: how many.
        """
        from wacost.analytics.listing import DEAREST  # noqa: PLC0415

        values = {
            "month": checked_month(month),
            "account": self._named(account),
            "direction": direction,
            "country": country,
            "most": limit,
        }
        return self._frame(DEAREST, values)

    def about(self, month: str, account: str | None = None) -> About:
        """Return what the figures of a month say of themselves: clocks, cards, gaps."""
        from wacost.analytics.about import about_month  # noqa: PLC0415

        accounts, name = self.config.accounts, self._named(account)
        told = [name] if name else list(accounts)
        zones = self._zones()
        last = instant_of(datetime.fromisoformat(f"{checked_month(month)}-28"), "UTC")
        with self.reading() as con:
            return about_month(
                con,
                month,
                name,
                title=accounts[name].title if name else None,
                zones=[zone_at(zones[one], last) for one in told],
                locale=self.config.locale,
                refused=[one for one in self.refused_accounts() if one in told],
            )

    def _fixed(self, account: str, month: str) -> tuple[str, Decimal] | None:
        """Return currency and sum of an account's fixed costs, as its document of the month has."""
        from wacost.billing.extras import fixed_costs  # noqa: PLC0415
        from wacost.billing.terms import terms_of  # noqa: PLC0415

        terms = terms_of(self.config.account(account), month)
        if not terms.fees:
            return None
        currency = self.card(terms.card).currency
        items = fixed_costs(terms, minor_digits(currency))
        return currency, sum((item.amount for item in items), Decimal(0))
