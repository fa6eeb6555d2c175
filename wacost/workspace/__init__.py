"""A workspace: a folder with wacost.toml, its store and its documents. Thin: it delegates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wacost.accounts import used_elsewhere
from wacost.config import FILE_NAME, read_config
from wacost.errors import ConfigError
from wacost.months import checked_month
from wacost.workspace.contacting import Contacts
from wacost.workspace.costing import Costing
from wacost.workspace.exporting import Exporting
from wacost.workspace.outlook import Outlook

if TYPE_CHECKING:
    from wacost.analytics.comparison import Comparison
    from wacost.analytics.margin import Margin
    from wacost.cards import RateCard
    from wacost.rating import Explanation
    from wacost.rating.ranges import CostRange
    from wacost.rating.summaries import SummaryBounds


def open_workspace(folder: str | Path = ".") -> Workspace:
    """Open a workspace: read its wacost.toml. The store is opened only while it is used.

    Raises:
        ConfigError: the folder has no wacost.toml, or it is wrong.
    """
    path = Path(folder)
    return Workspace(path, read_config(path))


def find_workspace(start: Path) -> Path:
    """Return the folder that holds the wacost.toml: `start` or its nearest parent.

    Raises:
        ConfigError: none of them has one.
    """
    for folder in (start, *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise ConfigError(
        f"there is no {FILE_NAME} in {start.resolve()} or above it",
        hint="make a workspace with `wacost init`, or name one with -w DIR",
    )


class Workspace(Costing, Contacts, Outlook, Exporting):
    """What `wacost.open` returns. Every method opens the store late and closes it early.

    Attributes:
        folder: where it is.
        config: what its wacost.toml says.
    """

    def __repr__(self) -> str:
        """Name the folder and its accounts."""
        return f"Workspace({str(self.folder)!r}, accounts={list(self.config.accounts)})"

    # -- prices ------------------------------------------------------------------------------

    def unclaimed_calls(self, month: str) -> int:
        """Count the calls of a rated month that no account of wacost.toml claims."""
        query = (
            "SELECT count(*) FROM charges WHERE month = ? AND status = 'no_account' AND side = ?"
        )
        with self.reading() as con:
            count: int = con.execute(query, [checked_month(month), "cost"]).fetchall()[0][0]
        return count

    def summary_bounds(
        self, month: str | None = None, account: str | None = None
    ) -> list[SummaryBounds]:
        """Return the least and the most that the calls of summaries can have cost.

        A summary (a table of countries, calls and minutes) tells of no single call: its bounds
        are never part of charges, costs or invoices.

        Args:
            month: like "2026-10"; None: all.
            account: only its summaries.
        """
        from wacost.rating.summaries import summary_bounds  # noqa: PLC0415

        name = self._named(account)
        accounts = self._ratable_with(name).billed["cost"]
        with self.reading() as con:
            return summary_bounds(con, accounts, month=_month_or_none(month), account=name)

    def cost_ranges(
        self, month: str, account: str | None = None, *, side: str = "cost"
    ) -> list[CostRange]:
        """Return what a rated month can have cost, where the supplier knows more than we do.

        A rate that is not known, calls without a start or an end, minutes used elsewhere: each
        account and currency has what is known, and for each cause the least and the most. Where
        nothing bounds a cost from above, `most` is None.

        Args:
            month: like "2026-10"; one that was not rated has no ranges.
            account: only its range.
            side: "cost" or "sale".
        """
        from wacost.rating.ranges import cost_ranges  # noqa: PLC0415

        name = self._named(account)
        accounts = self._ratable_with(name).billed.get(side, [])
        used = used_elsewhere(self.config, accounts) if side == "cost" else []
        with self.reading() as con:
            found = cost_ranges(con, accounts, checked_month(month), side=side, elsewhere=used)
        return [one for one in found if name in {None, one.account}]

    def explain(self, call_id: str, *, side: str = "cost") -> Explanation:
        """Tell step by step how the charge of a call came about."""
        from wacost.rating import explain  # noqa: PLC0415

        with self.reading() as con:
            return explain(con, call_id, side=side, zones=self._zones())

    def compare(
        self, month: str, cards: Sequence[str | RateCard], *, accounts: Sequence[str] = ()
    ) -> Comparison:
        """Price a month's calls under several cards, exactly, and keep nothing of it.

        Args:
            month: like "2026-10", local to each account.
            cards: names, paths or cards; each prices all calls.
            accounts: whose calls; default: all; those that cannot be rated are left out then,
                and told in `refused`.

        Raises:
            InputError: no card, one twice, or the month is none.
            ConfigError: an account that is named is not there or cannot be rated, or none can.
        """
        from wacost.analytics.compare import Traffic, compare  # noqa: PLC0415

        checked_month(month)
        names = dict.fromkeys(accounts or self._all_accounts())
        told = [self.config.account(name).name for name in names]
        rivals = [self.card(card) if isinstance(card, str) else card for card in cards]
        ratable = self._ratable(accounts)
        refused = {name: ratable.refused[name] for name in told if name in ratable.refused}
        left = [name for name in told if name not in refused]
        if not left:
            raise next(iter(refused.values()))
        billed = ratable.billed["cost"]
        elsewhere = used_elsewhere(self.config, billed)
        with self.reading() as con:
            found = compare(Traffic(con, billed, month, left, elsewhere), rivals)
        return replace(found, refused=refused)

    # -- out ---------------------------------------------------------------------------------

    def calls(self, month: str | None = None, account: str | None = None) -> Any:
        """Return the calls as a frame with the columns of the view `calls`.

        Args:
            month: of the call's end (of its first event where it was not answered), local to
                its account.
            account: only its calls.
        """
        from wacost.analytics import calls_query  # noqa: PLC0415

        of = self._named(account)
        return self._frame(
            *calls_query(month=_month_or_none(month), account=of, zones=self._zones())
        )

    def charges(
        self, month: str | None = None, account: str | None = None, side: str | None = None
    ) -> Any:
        """Return the charges as a frame with the columns of the view `charges`.

        Args:
            month: the month billed, local to the account.
            account: only its charges.
            side: "cost" or "sale".
        """
        from wacost.analytics import charges_query  # noqa: PLC0415

        return self._frame(
            *charges_query(month=_month_or_none(month), account=self._named(account), side=side)
        )

    def margin(
        self,
        by: Sequence[str] = ("country",),
        *,
        month: str | None = None,
        account: str | None = None,
    ) -> Any:
        """Return cost, sale and margin of calls that are sold on, by the columns named.

        Two currencies are never set off: where cost and sale differ in it, there is no margin.
        """
        from wacost.analytics.margin import margin_query  # noqa: PLC0415

        return self._frame(
            *margin_query(by=by, month=_month_or_none(month), account=self._named(account))
        )

    def margin_rows(
        self, *, month: str, by: Sequence[str] = ("country",), account: str | None = None
    ) -> list[Margin]:
        """Return what `margin` does as plain rows: no library for frames is needed."""
        from wacost.analytics.margin import margin_rows  # noqa: PLC0415

        with self.reading() as con:
            return margin_rows(
                con, by=by, month=_month_or_none(month), account=self._named(account)
            )

    def sql(self, query: str, **values: Any) -> Any:
        """Run one query on the store, opened read-only, and return a frame.

        Args:
            query: one SELECT; a value stands in it as `$name`.
            **values: the values by name.
        """
        return self._frame(query, values)


def _month_or_none(month: str | None) -> str | None:
    return None if month is None else checked_month(month)
