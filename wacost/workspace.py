"""A workspace: a folder with wacost.toml, its store and its documents. Thin: it delegates."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from wacost.accounts import billed_accounts, replace_claims, stored_claims, terms_at
from wacost.config import FILE_NAME, Config, read_config, refuse_unpriced_settings
from wacost.errors import ConfigError, InputError, PayloadError, StoreError, StoreVersionError
from wacost.months import checked_month

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.billing import Invoice
    from wacost.cards import RateCard
    from wacost.config import Account
    from wacost.errors import WacostError
    from wacost.ingest import IngestReport
    from wacost.rating import BilledAccount, Explanation

STORE_NAME: Final = "wacost.duckdb"
SIDES: Final = ("cost", "sale")


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


class Workspace:
    """What `wacost.open` returns. Every method opens the store late and closes it early.

    Attributes:
        folder: where it is.
        config: what its wacost.toml says.
    """

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder = folder
        self.config = config

    def __repr__(self) -> str:
        """Name the folder and its accounts."""
        return f"Workspace({str(self.folder)!r}, accounts={list(self.config.accounts)})"

    @property
    def store_path(self) -> Path:
        """The DuckDB file."""
        return self.folder / STORE_NAME

    # -- in ----------------------------------------------------------------------------------

    def ingest(
        self,
        *paths: str | Path,
        format: str | None = None,  # noqa: A002 - as the command line's --format
        progress: Callable[[int, int], None] | None = None,
    ) -> IngestReport:
        """Read webhook files into the store; a second time adds nothing.

        Args:
            paths: files, folders, patterns, or "-" for standard input; a relative one is looked
                for in the current folder, then in the workspace. Default: the inbox.
            format: the only format that they hold: meta, ycloud, doubletick, aws, kapso; bodies of
                another are quarantined. Default: each body is told by its structure.
            progress: called with (bytes done, bytes in all).

        Returns:
            The counts: records = new + duplicate + quarantined + ignored.
        """
        from wacost.ingest import ingest  # noqa: PLC0415

        found = [file for path in paths or ("inbox",) for file in self._located(path)]
        report = ingest(self.store_path, found, format=format, progress=progress)
        self._write_claims()
        return report

    def watch(
        self,
        *paths: str | Path,
        format: str | None = None,  # noqa: A002 - the option's name
    ) -> Iterator[IngestReport | WacostError | None]:
        """Look for new files again and again, and load them; the caller decides how often.

        Segments that a killed receiver left are closed first. What the store has is not read
        again; a load is one short transaction, as in `ingest`.

        Args:
            paths: files, folders and patterns, which are looked up once. Default: the inbox.
            format: the only format there may be, as in `ingest`.

        Yields:
            The counts of what a look loaded; errors that another look may find gone (a store in
            use, a full disk, a file that cannot be read); None where a look is over.

        Raises:
            StoreVersionError: the store is newer than this wacost, or none.
        """
        from wacost.ingest import Watcher  # noqa: PLC0415

        named = paths or (self.folder / "inbox",)
        found = [Path(file) for path in named for file in self._located(path)]
        watcher = Watcher(self.store_path, found, format)
        while True:
            try:
                report = watcher.look()
                if report is not None:
                    yield report
                    self._write_claims()
            except StoreVersionError:
                raise
            except (StoreError, InputError) as error:
                yield error
            yield from watcher.refused
            yield None

    def _located(self, path: str | Path) -> list[Path | Literal["-"]]:
        """Return the path here, else in the workspace, else what it matches as a pattern."""
        if path == "-":
            return ["-"]
        for found in (Path(path), self.folder / path):
            if os.path.lexists(found):
                return [found]
        for pattern in (str(path), str(self.folder / path)):
            if matches := sorted(glob.iglob(pattern, recursive=True)):  # noqa: PTH207 - may be absolute
                return [Path(match) for match in matches]
        if glob.has_magic(str(path)):
            raise PayloadError(f"no file matches {path}", hint="check the pattern and the folder")
        return [Path(path)]

    # -- priced ------------------------------------------------------------------------------

    def rate(self, month: str, account: str | None = None, *, kind: str | None = None) -> Invoice:
        """Price a month and draft the invoice of one account.

        The whole month is priced again, so that late calls take their place; the same calls give
        the same charges.

        Args:
            month: like "2026-10", local to the account.
            account: may be left out where the workspace has one.
            kind: "expected", "chargeback" or "customer"; default: what the account says.
        """
        name = account or self._only_account()
        return self.invoices(month, accounts=[name], kind=kind)[0]

    def invoices(
        self, month: str, *, accounts: Sequence[str] = (), kind: str | None = None
    ) -> list[Invoice]:
        """Price a month and draft the invoices of the accounts named, by default of all.

        Raises:
            ConfigError: an account is not there, or wacost.toml sets what comes later.
            InputError: the month is none.
        """
        from wacost.billing import draft_invoice  # noqa: PLC0415

        checked_month(month)
        chosen = [self.config.account(name) for name in accounts or self._all_accounts()]
        with self._priced(month) as con:
            return [
                draft_invoice(
                    con,
                    account,
                    month,
                    kind=kind or account.invoice.kind,
                    side=_side(account, kind or account.invoice.kind),
                    locale=account.invoice.language,
                )
                for account in chosen
            ]

    @contextmanager
    def _priced(self, month: str) -> Iterator[DuckDBPyConnection]:
        """Open the store with every side of a month priced as wacost.toml says now."""
        from wacost.rating import rate_month  # noqa: PLC0415
        from wacost.store import open_store  # noqa: PLC0415

        refuse_unpriced_settings(self.config)
        billed = {side: self.billed_accounts(side) for side in SIDES}
        self._need_store()
        with open_store(self.store_path) as con:
            replace_claims(con, self.config)
            rate_month(con, billed["cost"], month, side="cost")
            if billed["sale"]:
                rate_month(con, billed["sale"], month, side="sale")
            else:  # a sell_card that was taken out again leaves nothing behind
                con.execute("DELETE FROM charge_rows WHERE side = 'sale' AND month = ?", [month])
            yield con

    def billed_accounts(self, side: str = "cost") -> list[BilledAccount]:
        """Return the accounts billed on a side, their cards read and checked."""
        return billed_accounts(self.config, self.folder / "rates", side)

    def card(self, name: str) -> RateCard:
        """Return a rate card: one of the workspace's `rates/`, a bundled one, or a path."""
        from wacost.cards import load_card  # noqa: PLC0415

        return load_card(name, rates_dir=self.folder / "rates")

    def terms_at(self, account: str, at: datetime | str | None) -> tuple[RateCard, str]:
        """Return the supplier's card and the time zone of an account at a moment."""
        card, timezone = terms_at(self.config.account(account), at)
        return self.card(card), timezone

    def unclaimed_calls(self, month: str) -> int:
        """Count the calls of a rated month that no account of wacost.toml claims."""
        query = (
            "SELECT count(*) FROM charges WHERE month = ? AND status = 'no_account' AND side = ?"
        )
        with self.reading() as con:
            count: int = con.execute(query, [checked_month(month), "cost"]).fetchall()[0][0]
        return count

    def stale_months(self) -> list[tuple[str, str | None, str]]:
        """Name the rated months that would come out differently now: late calls, other cards.

        Returns:
            (month, account, side): rate these months again.
        """
        from wacost.rating import stale_months  # noqa: PLC0415

        found = []
        with self.reading() as con:
            for side in SIDES:
                stale = stale_months(con, self.billed_accounts(side), side=side)
                found += [(month, account, side) for month, account in stale]
        return found

    def explain(self, call_id: str, *, side: str = "cost") -> Explanation:
        """Tell step by step how the charge of a call came about."""
        from wacost.rating import explain  # noqa: PLC0415

        zones = {account.name: account.timezone for account in self.config.accounts.values()}
        with self.reading() as con:
            return explain(con, call_id, side=side, timezones=zones)

    # -- out ---------------------------------------------------------------------------------

    def calls(self, month: str | None = None, account: str | None = None) -> Any:
        """Return the calls as a frame with the columns of the view `calls`.

        Args:
            month: of the call's end (of its first event where it was not answered), local to
                its account.
            account: only its calls.
        """
        from wacost.analytics import calls_query  # noqa: PLC0415

        zones = {a.name: a.timezone for a in self.config.accounts.values()}
        return self._frame(
            *calls_query(month=_month_or_none(month), account=self._account(account), zones=zones)
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
            *charges_query(month=_month_or_none(month), account=self._account(account), side=side)
        )

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
        """
        from wacost.analytics import costs_query  # noqa: PLC0415

        return self._frame(
            *costs_query(
                by=by, month=_month_or_none(month), account=self._account(account), side=side
            )
        )

    def sql(self, query: str) -> Any:
        """Run one query on the store, opened read-only, and return a frame."""
        return self._frame(query, [])

    def _frame(self, sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Any:
        from wacost.frames import frame, need  # noqa: PLC0415

        need(self.config.frames)
        with self.reading() as con:
            return frame(con, sql, values, self.config.frames)

    # -- the store ---------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[DuckDBPyConnection]:
        """Open the store read-only, with the accounts that wacost.toml names now."""
        from wacost.store import open_store  # noqa: PLC0415

        self._need_store()
        with open_store(self.store_path, read_only=True) as con:
            current = stored_claims(con) == self.config.claims()
            if current:
                yield con
        if not current:
            self._write_claims()
            with open_store(self.store_path, read_only=True) as con:
                yield con

    def _write_claims(self) -> None:
        from wacost.store import open_store  # noqa: PLC0415

        with open_store(self.store_path) as con:
            replace_claims(con, self.config)

    def _need_store(self) -> None:
        if not self.store_path.exists():
            raise StoreError(
                f"{self.folder} has no calls yet", hint="load webhook files with `wacost ingest`"
            )

    # -- accounts ----------------------------------------------------------------------------

    def _account(self, name: str | None) -> str | None:
        return None if name is None else self.config.account(name).name

    def _all_accounts(self) -> list[str]:
        if not self.config.accounts:
            raise ConfigError(
                f"{self.folder / FILE_NAME} names no account",
                hint="add [accounts.<name>] with a timezone and a card",
            )
        return list(self.config.accounts)

    def _only_account(self) -> str:
        names = self._all_accounts()
        if len(names) > 1:
            raise ConfigError("which account?", hint=f"account= one of {', '.join(names)}")
        return names[0]


def _side(account: Account, kind: str) -> str:
    """Return what a document tells: the customer's price where there is one, else the cost."""
    return "sale" if kind == "customer" and account.sell_card else "cost"


def _month_or_none(month: str | None) -> str | None:
    return None if month is None else checked_month(month)
