"""Months that are priced and billed: drafts, final documents and what was issued."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wacost.accounts import why
from wacost.config.documents import NUMBERS
from wacost.config.look import Look, read_look
from wacost.errors import ConfigError, CurrencyMismatchError, InputError, RatingError, RefusedError
from wacost.months import checked_month
from wacost.workspace.pricing import Pricing

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

    from wacost.accounts import Ratable
    from wacost.billing import Checked, Invoice, Issued, Row, Wanted
    from wacost.config import Account
    from wacost.errors import WacostError
    from wacost.rating.ranges import CostRange


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of a month, and which accounts have none.

    Attributes:
        invoices: one for each account, or for each of its currencies.
        refused: why the other accounts have none, by their names.
    """

    invoices: list[Invoice]
    refused: Mapping[str, WacostError]


class Issuing(Pricing):
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
            ConfigError: an account is not there, or cannot be rated; see `drafts`.
            InputError: the month is none.
        """
        found = self.drafts(month, accounts=accounts, kind=kind)
        for error in found.refused.values():
            raise error
        return found.invoices

    def drafts(
        self, month: str, *, accounts: Sequence[str] = (), kind: str | None = None
    ) -> Drafts:
        """Do what `invoices` does; what is wrong with one account stops no other.

        An account whose card is missing or wrong is not rated: its charges stay as they were.

        Raises:
            ConfigError: an account is not there.
            InputError: the month is none.
        """
        chosen = self._chosen(month, accounts)
        ratable = self._ratable()
        refused = {one.name: error for one in chosen if (error := self._obstacle(one, ratable))}
        if len(refused) == len(chosen):
            return Drafts([], refused)
        invoices: list[Invoice] = []
        with self._priced(month, ratable) as (con, ranges):
            for account in chosen:
                if account.name not in refused:
                    try:
                        invoices += self._drafts_of(con, account, month, kind, ranges)
                    except (InputError, RatingError) as error:
                        refused[account.name] = error
        return Drafts(invoices, refused)

    def _drafts_of(
        self,
        con: DuckDBPyConnection,
        account: Account,
        month: str,
        kind: str | None,
        ranges: Sequence[CostRange],
    ) -> list[Invoice]:
        from wacost.billing import draft_invoices  # noqa: PLC0415

        return draft_invoices(
            con,
            account,
            month,
            kind=kind or account.invoice.kind,
            locale=account.invoice.language,
            ranges=ranges,
            policies=self._policies(),
        )

    def _obstacle(self, account: Account, ratable: Ratable) -> WacostError | None:
        """Return why an account has no documents, before anything is priced."""
        if account.name in ratable.refused:
            return ratable.refused[account.name]
        try:
            self._look(account.name)
        except ConfigError as error:
            return error
        return None

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
        `write` writes what this returns. Where no account is named, those that cannot be rated are
        left out and told in `refused`.

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
            ConfigError: an account that is named is not there, or cannot be rated.
            RefusedError: a document cannot be final, with every reason; nothing is written.
        """
        from wacost.billing import issue  # noqa: PLC0415

        wanted = self._wanted(kind, issued_on, accept_cards, excuse_unpriced, formats)
        return self._issue_those(
            month,
            accounts,
            lambda con, chosen, ranges: issue(con, chosen, month, wanted, ranges),
        )

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
            ConfigError: an account that is named is not there, or cannot be rated.
            RefusedError: a month is not final, or a correction cannot be; nothing is written.
        """
        from wacost.billing import cancel as give_back  # noqa: PLC0415
        from wacost.billing import correct  # noqa: PLC0415

        wanted = self._wanted(kind, issued_on, accept_cards, excuse_unpriced, formats)

        def change(
            con: DuckDBPyConnection, chosen: Sequence[Account], ranges: Sequence[CostRange]
        ) -> Issued:
            if cancel:
                return give_back(con, chosen, month, wanted)
            return correct(con, chosen, month, wanted, ranges)

        return self._issue_those(month, accounts, change)

    def _issue_those(
        self,
        month: str,
        accounts: Sequence[str],
        issue: Callable[[DuckDBPyConnection, Sequence[Account], Sequence[CostRange]], Issued],
    ) -> Issued:
        """Issue the documents of those who can be rated, and tell who cannot.

        Raises:
            ConfigError: one who cannot is named, or is the only one.
        """
        from wacost.billing import Issued  # noqa: PLC0415

        chosen, ratable = self._chosen(month, accounts), self._ratable()
        refused = {one.name: error for one in chosen if (error := self._obstacle(one, ratable))}
        for name in accounts or (refused if len(chosen) == 1 else ()):
            if name in refused:
                raise refused[name]
        chosen = [one for one in chosen if one.name not in refused]
        if not chosen:
            return Issued(refused=refused)
        try:
            with self._priced(month, ratable) as (con, ranges):
                return replace(issue(con, chosen, ranges), refused=refused)
        except RefusedError as error:
            others = [f"{name}: {why(name, problem)}" for name, problem in refused.items()]
            raise RefusedError([*error.reasons, *others]) from error

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

    def _chosen(self, month: str, accounts: Sequence[str]) -> list[Account]:
        """Return the accounts to bill."""
        checked_month(month)
        names = dict.fromkeys(accounts or self._all_accounts())
        return [self.config.account(name) for name in names]

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
