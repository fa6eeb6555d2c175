"""A workspace's store with its months priced as wacost.toml says, and what is read from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from wacost.accounts import (
    Ratable,
    is_current,
    ratable_accounts,
    replace_claims,
    used_elsewhere,
)
from wacost.config import FILE_NAME
from wacost.errors import ConfigError
from wacost.workspace.terms import Terms

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.errors import WacostError
    from wacost.rating.ranges import CostRange
    from wacost.zones import Span

_ONE_AT_A_TIME: Final = threading.Lock()


class Pricing(Terms):
    """The part of a workspace that prices months and reads what was priced."""

    def refused_accounts(self) -> Mapping[str, WacostError]:
        """Tell which accounts cannot be rated, and why: a card that is missing or wrong.

        Their charges stay as they were last made, whatever is rated.
        """
        return self._ratable().refused

    def _ratable(self, needed: Sequence[str] = ()) -> Ratable:
        """Return who can be rated, cards read and checked; none of `needed` may be left out."""
        found = ratable_accounts(self.config, self.folder / "rates")
        for name in needed:
            if name in found.refused:
                raise found.refused[name]
        return found

    def _ratable_with(self, account: str | None) -> Ratable:
        """Return who can be rated; where one account is asked about it must be among them."""
        return self._ratable([] if account is None else [account])

    def stale_months(self) -> list[tuple[str, str | None, str]]:
        """Name the rated months that would come out differently now: late calls, other cards.

        Of accounts that cannot be rated nothing is told: see `refused_accounts`.

        Returns:
            (month, account, side): rate these months again.
        """
        from wacost.rating import stale_months  # noqa: PLC0415

        ratable = self._ratable()
        used = used_elsewhere(self.config, ratable.billed["cost"])
        found = []
        with self.reading() as con:
            for side, accounts in ratable.billed.items():
                stale = stale_months(
                    con,
                    accounts,
                    side=side,
                    elsewhere=used if side == "cost" else [],
                    untouched=list(ratable.refused),
                )
                found += [(month, account, side) for month, account in stale]
        return found

    @contextmanager
    def _priced(
        self, month: str, ratable: Ratable
    ) -> Iterator[tuple[DuckDBPyConnection, list[CostRange]]]:
        """Open the store with every side of a month priced as wacost.toml says now.

        With it goes what the month can have cost, where that is not certain. Processes take turns
        at a store, the threads of one process here: a document and the charges that it is made of
        may not come from two of them.
        """
        with _ONE_AT_A_TIME, self._priced_alone(month, ratable) as found:
            yield found

    @contextmanager
    def _priced_alone(
        self, month: str, ratable: Ratable
    ) -> Iterator[tuple[DuckDBPyConnection, list[CostRange]]]:
        from wacost.ingest import apply_policy  # noqa: PLC0415
        from wacost.rating import rate_month  # noqa: PLC0415
        from wacost.rating.ranges import cost_ranges  # noqa: PLC0415
        from wacost.store import open_store, transaction  # noqa: PLC0415

        used = used_elsewhere(self.config, ratable.billed["cost"])
        untouched = list(ratable.refused)
        ranges = []
        self._need_store()
        with open_store(self.store_path) as con:
            replace_claims(con, self.config)
            with transaction(con):
                apply_policy(con, self.config.policies.contradiction)
            for side, billed in ratable.billed.items():
                told = used if side == "cost" else []
                rate_month(con, billed, month, side=side, elsewhere=told, untouched=untouched)
                ranges += cost_ranges(con, billed, month, side=side, elsewhere=told)
            yield con, ranges

    # -- the store ---------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """Open the store read-only, with the accounts that wacost.toml names now."""
        from wacost.store import open_store  # noqa: PLC0415

        self._need_store()
        with open_store(self.store_path, read_only=True) as con:
            current = is_current(con, self.config)
            if current:
                yield con
        if not current:
            self._write_claims()
            with open_store(self.store_path, read_only=True) as con:
                yield con

    def _frame(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
        """Return what one query finds as the kind of frame that wacost.toml asks for."""
        from wacost.frames import frame, need  # noqa: PLC0415

        need(self.config.frames)
        with self.reading() as con:
            return frame(con, sql, values, self.config.frames)

    # -- accounts ----------------------------------------------------------------------------

    def _all_accounts(self) -> list[str]:
        if not self.config.accounts:
            raise ConfigError(
                f"{self.folder / FILE_NAME} names no account",
                hint="add [accounts.<name>] with a timezone and a card",
            )
        return list(self.config.accounts)

    def _named(self, account: str | None) -> str | None:
        """Return an account's name, checked; None stands for all of them."""
        return None if account is None else self.config.account(account).name

    def _zones(self) -> dict[str, list[Span]]:
        """Return the zones of each account, one after another in time."""
        return {one.name: one.zone_spans() for one in self.config.accounts.values()}

    def _only_account(self) -> str:
        names = self._all_accounts()
        if len(names) > 1:
            raise ConfigError("which account?", hint=f"name one of {', '.join(names)}")
        return names[0]
