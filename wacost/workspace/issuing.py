"""Months that are priced and billed: drafts, final documents and what was issued."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.accounts import is_current, replace_claims, used_elsewhere
from wacost.config import FILE_NAME
from wacost.config.documents import NUMBERS
from wacost.config.look import Look, read_look
from wacost.errors import ConfigError, CurrencyMismatchError, InputError
from wacost.months import checked_month
from wacost.workspace.terms import Terms

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from wacost.billing import Checked, Invoice, Issued, Row, Wanted
    from wacost.config import Account
    from wacost.rating.ranges import CostRange
    from wacost.zones import Span

SIDES: Final = ("cost", "sale")
_ONE_AT_A_TIME: Final = threading.Lock()


class Issuing(Terms):
    """The part of a workspace that bills."""

    def rate(self, month: str, account: str | None = None, *, kind: str | None = None) -> Invoice:
        """Price a month and draft the invoice of one account.

        The whole month is priced again, so that late calls take their place; the same calls give
        the same charges.

        Args:
            month: like "2026-10", local to the account.
            account: may be left out where the workspace has one.
            kind: "expected", "chargeback" or "customer"; default: what the account says.

        Raises:
            CurrencyMismatchError: the month is billed in two currencies; see `invoices`.
        """
        name = account or self._only_account()
        drafts = self.invoices(month, accounts=[name], kind=kind)
        if len(drafts) > 1:
            found = " and ".join(draft.currency for draft in drafts)
            raise CurrencyMismatchError(
                f"account {name!r} is billed in {found} in {month}",
                hint="invoices(month, accounts=[name]) returns one document for each currency",
            )
        return drafts[0]

    def invoices(
        self, month: str, *, accounts: Sequence[str] = (), kind: str | None = None
    ) -> list[Invoice]:
        """Price a month and draft the invoices of the accounts named, by default of all.

        An account whose card changes to another currency within the month has one document for
        each currency.

        Raises:
            ConfigError: an account is not there, or wacost.toml sets what comes later.
            InputError: the month is none.
        """
        from wacost.billing import draft_invoices  # noqa: PLC0415

        chosen = self._chosen(month, accounts)
        with self._priced(month) as (con, ranges):
            return [
                draft
                for account in chosen
                for draft in draft_invoices(
                    con,
                    account,
                    month,
                    kind=kind or account.invoice.kind,
                    locale=account.invoice.language,
                    ranges=ranges,
                    policies=self._policies(),
                )
            ]

    def issue(
        self,
        month: str,
        *,
        accounts: Sequence[str] = (),
        kind: str | None = None,
        issued_on: date | None = None,
        accept_cards: Sequence[str] = (),
        excuse_unpriced: Sequence[str] = (),
        formats: Sequence[str] = (),
    ) -> Issued:
        """Price a month and issue its final documents: numbered, frozen, all of them or none.

        A month that is final already stays as it is: nothing is added. No file is written:
        `write` writes what this returns.

        Args:
            month: like "2026-10", local to each account.
            accounts: default: all.
            kind: "chargeback" or "customer"; default: what each account says.
            issued_on: the day of issue; default: today, local to the account.
            accept_cards: cards that documents may rest on although they are derived, reported or
                illustrative; beside those of the account's `accept_cards`.
            excuse_unpriced: statuses of calls, like "no_rate", that may stay without a price.
            formats: that the documents are to be written in: one that can never be an electronic
                invoice ("ubl") is not issued.

        Raises:
            RefusedError: a document cannot be final, with every reason; nothing is written.
        """
        from wacost.billing import issue  # noqa: PLC0415

        chosen = self._chosen(month, accounts)
        wanted = self._wanted(kind, issued_on, accept_cards, excuse_unpriced, formats)
        with self._priced(month) as (con, ranges):
            return issue(con, chosen, month, wanted, ranges)

    def correct(
        self,
        month: str,
        *,
        accounts: Sequence[str] = (),
        kind: str | None = None,
        issued_on: date | None = None,
        accept_cards: Sequence[str] = (),
        excuse_unpriced: Sequence[str] = (),
        formats: Sequence[str] = (),
        cancel: bool = False,
    ) -> Issued:
        """Price a final month again and issue the difference: a credit note or a supplement.

        Where nothing came out differently in money, nothing is issued. Arguments as for `issue`.
        With `cancel` all that the month was billed is given back; it may be issued anew.

        Raises:
            RefusedError: a month is not final, or a correction cannot be; nothing is written.
        """
        from wacost.billing import cancel as give_back  # noqa: PLC0415
        from wacost.billing import correct  # noqa: PLC0415

        chosen = self._chosen(month, accounts)
        wanted = self._wanted(kind, issued_on, accept_cards, excuse_unpriced, formats)
        with self._priced(month) as (con, ranges):
            if cancel:
                return give_back(con, chosen, month, wanted)
            return correct(con, chosen, month, wanted, ranges)

    def issued(
        self, *, month: str | None = None, account: str | None = None, kind: str | None = None
    ) -> list[Row]:
        """Return the rows of final documents, in the order of their issue."""
        from wacost.billing import rows_of  # noqa: PLC0415

        month = None if month is None else checked_month(month)
        with self.reading() as con:
            return rows_of(con, month=month, account=account, kind=kind)

    def documents(self, *numbers: str) -> list[Invoice]:
        """Return final documents as they were issued, by default all.

        Raises:
            InputError: a number that no document has.
        """
        from wacost.billing import read_back, rows_of  # noqa: PLC0415

        with self.reading() as con:
            return [read_back(con, row) for row in rows_of(con, numbers=numbers)]

    def write(
        self,
        invoices: Sequence[Invoice],
        out_dir: Path | None = None,
        formats: Sequence[str] = (),
        *,
        numbers: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[list[Path]]:
        """Write the documents of drafts or final invoices of this workspace.

        Args:
            invoices: as `invoices`, `issue`, `correct` or `documents` return them.
            out_dir: default: `invoices/` of the workspace.
            formats: as of `wacost.billing.FORMATS`; default: PDF, CSV and JSON.
            numbers: how lists of calls tell contacts: "masked" or "full"; default: what each
                account says, else masked.
            progress: told (documents done, documents in all).

        Returns:
            For each invoice the paths of its files.

        Raises:
            InputError: an unknown format, or a folder that cannot be written to.
            RatingError: the calls are no longer those of a draft.
        """
        from wacost.billing import DEFAULT_FORMATS, needs_store, write_invoices  # noqa: PLC0415

        looks = {name: self._look(name) for name in {one.account for one in invoices}}
        invoices = [replace(one, look=looks[one.account]) for one in invoices]
        folder = self.folder / "invoices" if out_dir is None else Path(out_dir)
        formats = formats or DEFAULT_FORMATS
        store = self.reading() if needs_store(formats) else nullcontext()
        with store as con:
            return write_invoices(
                invoices,
                folder,
                formats,
                con=con,
                full_numbers=self._full_numbers(numbers),
                progress=progress,
            )

    def _full_numbers(self, numbers: str | None) -> list[str]:
        """Return the accounts whose lists of calls tell contacts in full."""
        if numbers not in {None, *NUMBERS}:
            raise InputError(f"numbers={numbers!r}", hint=f"one of {', '.join(NUMBERS)}")
        return [
            account.name
            for account in self.config.accounts.values()
            if (numbers or account.annex.numbers) == "full"
        ]

    def verify(self, *numbers: str) -> list[Checked]:
        """Compute final documents again from what the store keeps of them; default: all.

        Raises:
            InputError: a number that no document has.
        """
        from wacost.billing import verify  # noqa: PLC0415

        with self.reading() as con:
            return verify(con, numbers)

    def stale_months(self) -> list[tuple[str, str | None, str]]:
        """Name the rated months that would come out differently now: late calls, other cards.

        Returns:
            (month, account, side): rate these months again.
        """
        from wacost.rating import stale_months  # noqa: PLC0415

        found = []
        with self.reading() as con:
            for side in SIDES:
                accounts = self.billed_accounts(side)
                used = used_elsewhere(self.config, accounts) if side == "cost" else []
                stale = stale_months(con, accounts, side=side, elsewhere=used)
                found += [(month, account, side) for month, account in stale]
        return found

    def _chosen(self, month: str, accounts: Sequence[str]) -> list[Account]:
        """Return the accounts to bill; what their documents would trip over is refused first."""
        checked_month(month)
        chosen = [self.config.account(name) for name in accounts or self._all_accounts()]
        for account in chosen:
            self._look(account.name)
        return chosen

    def _look(self, account: str) -> Look:
        """Return how an account's documents look now; one that is gone has the default."""
        known = self.config.accounts.get(account)
        return read_look(self.folder, known) if known else Look()

    def _wanted(
        self,
        kind: str | None,
        issued_on: date | None,
        accept_cards: Sequence[str],
        excuse_unpriced: Sequence[str],
        formats: Sequence[str],
    ) -> Wanted:
        from wacost.billing import Wanted  # noqa: PLC0415

        return Wanted(
            kind=kind,
            issued_on=issued_on,
            accept_cards=tuple(accept_cards),
            excuse_unpriced=tuple(excuse_unpriced),
            formats=tuple(formats),
            policies=self._policies(),
        )

    def _policies(self) -> dict[str, Any]:
        """Return what is decided where sources leave it open, as documents keep it."""
        policies = self.config.policies
        rules = [
            {"account": r.account, "source": r.source, "from": r.from_on, "to": r.to_on}
            for r in policies.source_of_record
        ]
        return {"contradiction": policies.contradiction, "source_of_record": rules}

    @contextmanager
    def _priced(self, month: str) -> Iterator[tuple[DuckDBPyConnection, list[CostRange]]]:
        """Open the store with every side of a month priced as wacost.toml says now.

        With it goes what the month can have cost, where that is not certain. Processes take turns
        at a store, the threads of one process here: a document and the charges that it is made of
        may not come from two of them.
        """
        with _ONE_AT_A_TIME, self._priced_alone(month) as found:
            yield found

    @contextmanager
    def _priced_alone(self, month: str) -> Iterator[tuple[DuckDBPyConnection, list[CostRange]]]:
        from wacost.ingest import apply_policy  # noqa: PLC0415
        from wacost.rating import rate_month  # noqa: PLC0415
        from wacost.rating.ranges import cost_ranges  # noqa: PLC0415
        from wacost.store import open_store, transaction  # noqa: PLC0415

        billed = {side: self.billed_accounts(side) for side in SIDES}
        elsewhere = used_elsewhere(self.config, billed["cost"])
        self._need_store()
        with open_store(self.store_path) as con:
            replace_claims(con, self.config)
            with transaction(con):
                apply_policy(con, self.config.policies.contradiction)
            rate_month(con, billed["cost"], month, side="cost", elsewhere=elsewhere)
            ranges = cost_ranges(con, billed["cost"], month, elsewhere=elsewhere)
            if billed["sale"]:
                rate_month(con, billed["sale"], month, side="sale")
                ranges += cost_ranges(con, billed["sale"], month, side="sale")
            else:  # a sell_card that was taken out again leaves nothing behind
                con.execute("DELETE FROM charge_rows WHERE side = 'sale' AND month = ?", [month])
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
            raise ConfigError("which account?", hint=f"account= one of {', '.join(names)}")
        return names[0]
