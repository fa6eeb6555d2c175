"""What a workspace says of prepaid balances: entries, the balance at any instant, what may come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.accounts import replace_claims
from wacost.config import Balance
from wacost.errors import ConfigError, InputError, PayloadError
from wacost.workspace.fixed import FixedCosts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance import Added, BalanceReport, Entry, Terms
    from wacost.balance.listing import CallLine, Line
    from wacost.balance.live import Quote
    from wacost.balance.messages import Point
    from wacost.balance.statements import Statement

MINUTE_S: Final = 60
_EVER: Final = datetime(2009, 1, 1)  # noqa: DTZ001 - as the store keeps times: UTC


class Prepaid(FixedCosts):
    """The part of a workspace that keeps balances."""

    def balance(self, name: str | None = None, at: datetime | str | None = None) -> BalanceReport:
        """Return a balance at an instant, exact, and whether calls are allowed on it.

        Months whose calls have no charges yet, or others than rating would make now, are rated
        first, so that no call is missing.

        Args:
            name: an account, or a portfolio that shares one; may be left out where there is one.
            at: the instant; without an offset on the account's clocks; None: now.

        Raises:
            InputError: the balance has no entry yet.
        """
        from wacost.balance.report import report  # noqa: PLC0415

        terms = self.balance_terms(name)
        moment = self._moment(terms, at)
        with self._moves(terms) as con:
            found = report(con, terms, moment, self._quotes(), locale=self.config.locale)
            debits, notes = self._not_booked(con, terms, moment)
        return replace(found, not_booked=debits, notes=notes)

    def balance_seconds(
        self,
        number: str,
        name: str | None = None,
        *,
        direction: str = "outbound",
        at: datetime | str | None = None,
    ) -> int | None:
        """Return how long a call that begins now may last until the balance is used up.

        The balance is that of the worst case, and the month's minutes so far decide the band.

        Args:
            number: the contact's.
            name: the account that calls, or a portfolio with one account.
            direction: "outbound" or "inbound".
            at: when it begins; None: now.

        Returns:
            Whole seconds; None: unlimited.

        Raises:
            RatingError: no price is known for such a call.
        """
        from wacost.balance.live import accrued  # noqa: PLC0415
        from wacost.money import amount_of  # noqa: PLC0415

        terms = self.balance_terms(name)
        account = name if name in terms.accounts else terms.accounts[0]
        worst = self.balance(name, at).worst
        when = self._moment(terms, at).replace(tzinfo=UTC)
        asked: dict[str, Any] = {"direction": direction, "at": when}
        charge = self.quote(account, number, seconds=MINUTE_S, **asked)
        rate = terms.rates.at(terms.currency, charge.currency, when.date())
        if rate is None:
            raise InputError(f"fx.csv has no rate of {terms.currency} and {charge.currency} then")
        with self._moves(terms) as con:
            before = accrued(con, terms, charge)
        have = Fraction(max(worst.units, 0)) * rate.worth
        spendable = amount_of(have.numerator // have.denominator)
        return self.max_seconds(account, spendable, number, minutes_before=before, **asked)

    def balance_add(
        self,
        kind: str,
        amount: str,
        *,
        balance: str | None = None,
        at: datetime | str | None = None,
        **told: Any,
    ) -> Added:
        """Add what was told of a balance; the same again adds nothing.

        Args:
            kind: opening, topup, message, fee, adjustment, refund, correction or observed.
            amount: decimal text; see `wacost.balance.make_entry`.
            balance: an account or a portfolio; may be left out where there is one.
            at: when; without an offset on the account's clocks; None: now.
            **told: fee, currency, entry_id, shown_places, note: as for `make_entry`.

        Raises:
            InputError: it cannot be meant, or its reference is taken by something else.
        """
        terms = self.balance_terms(balance)
        return self.balance_put(terms, [self.balance_entry(terms, kind, amount, at=at, **told)])

    def balance_entry(
        self, terms: Terms, kind: str, amount: str, *, at: datetime | str | None = None, **told: Any
    ) -> Entry:
        """Make an entry as `balance_add` adds it; nothing is kept.

        Raises:
            InputError: it cannot be meant.
        """
        from wacost.balance import make_entry  # noqa: PLC0415

        currency = told.pop("currency", None) or terms.currency
        percent = terms.settings.topup_fee_percent
        moment = self._moment(terms, at)
        return make_entry(terms.name, kind, amount, moment, currency, fee_percent=percent, **told)

    def balance_put(
        self, terms: Terms, entries: Sequence[Entry], points: Sequence[Point] = ()
    ) -> Added:
        """Add entries that were made already, all of them or none.

        Args:
            terms: of the balance.
            entries: to add.
            points: what messages of a sort cost, beside them.

        Raises:
            InputError: one is in a currency that there is no rate for, or a reference is taken.
        """
        from wacost.balance.book import add_entries  # noqa: PLC0415
        from wacost.balance.messages import keep_points  # noqa: PLC0415
        from wacost.store import open_store, transaction  # noqa: PLC0415

        self._check_currencies(terms, entries)
        with open_store(self.store_path) as con:
            replace_claims(con, self.config)
            with transaction(con):
                added = add_entries(con, entries)
                keep_points(con, points)
                self._keep(con, terms)
        return added

    def balance_lines(self, name: str | None = None, *, month: str | None = None) -> list[Line]:
        """Return the ledger line by line; the calls of an account and a day are one line.

        Args:
            name: an account, or a portfolio that shares a balance.
            month: only lines of its days; what is left after each counts all lines before.
        """
        from wacost.balance.listing import lines_of  # noqa: PLC0415

        terms = self.balance_terms(name)
        starts = min((one.at for one in self.balance_entries(terms.name)), default=_EVER)
        with self._moves(terms) as con:
            found = lines_of(con, terms, max(self._moment(terms, None), starts), starts)
        return [one for one in found if month is None or f"{one.day:%Y-%m}" == month]

    def balance_calls(self, day: date, name: str | None = None) -> list[CallLine]:
        """Return the calls of a day, local to the account, that a balance paid for."""
        from wacost.balance.listing import calls_on  # noqa: PLC0415

        terms = self.balance_terms(name)
        with self._moves(terms) as con:
            return calls_on(con, terms, day)

    def balance_import(
        self, path: str | Path, name: str | None = None, mapping: str | None = None
    ) -> tuple[Statement, Added]:
        """Add what a file tells of a balance: a statement as a table, or `pricing_analytics`.

        Args:
            path: .csv, .xlsx or .json, packed or not.
            name: an account, or a portfolio that shares a balance.
            mapping: one of `[statements]`; None: the first that fits.

        Returns:
            What the file tells, and what of it was new. What lies before the opening balance is
            left out and counted.

        Raises:
            PayloadError: it cannot be read, or no mapping fits.
        """
        terms, file = self.balance_terms(name), Path(path)
        kept = self.balance_entries(terms.name)
        opening = next((one.at for one in kept if one.kind == "opening"), None)
        told = self._statement(terms, file, mapping, kept).since(opening)
        return told, self.balance_put(terms, told.entries, told.points)

    def _statement(
        self, terms: Terms, file: Path, mapping: str | None, kept: Sequence[Entry]
    ) -> Statement:
        from wacost.balance.pricing import is_pricing, read_pricing  # noqa: PLC0415
        from wacost.balance.statements import choose, read_statement  # noqa: PLC0415
        from wacost.names import nearest  # noqa: PLC0415 - difflib is for errors only

        if not file.is_file():
            raise PayloadError(f"there is no file {file}", hint="check the path")
        if mapping is None and is_pricing(file):
            return read_pricing(file, terms.name, terms.currency, kept)
        known = self.config.statements
        if mapping is not None and mapping not in known:
            raise ConfigError(
                f"wacost.toml has no [statements.{mapping}]",
                hint=nearest(mapping, known, "mapping"),
            )
        chosen = [known[mapping]] if mapping else list(known.values())
        found, layout = choose(file, chosen)
        return read_statement(file, found, layout, terms)

    def balance_journal(self, name: str | None = None, at: datetime | str | None = None) -> str:
        """Return the ledger of a balance up to an instant as a Beancount journal."""
        from wacost.balance.journal import journal  # noqa: PLC0415

        terms = self.balance_terms(name)
        with self._moves(terms) as con:
            return "\n".join(journal(con, terms, self._moment(terms, at))) + "\n"

    def balance_entries(self, name: str | None = None) -> list[Entry]:
        """Return what was told of a balance, in the order of its times."""
        from wacost.balance.book import entries_of  # noqa: PLC0415

        terms = self.balance_terms(name)
        if not self.store_path.exists():
            return []
        with self.reading() as con:
            return entries_of(con, terms.name)

    def _quotes(self) -> Quote:
        """Return what `quote` does, with every card read once."""
        from wacost.rating.agreed import quote_account  # noqa: PLC0415

        billed = {one.name: one for one in self._ratable().billed["cost"]}
        return lambda account, *number, **asked: quote_account(billed[account], *number, **asked)

    # -- terms -------------------------------------------------------------------------------

    def balance_terms(self, name: str | None = None) -> Terms:
        """Return what holds for a balance.

        Raises:
            ConfigError: there is no such account, or its currency is not certain.
        """
        names = self._balances()
        if name is None and len(names) > 1:
            raise ConfigError("which balance?", hint=f"name one of {', '.join(names)}")
        chosen = self.config.balance_of(name or names[0])
        return self._terms_of(chosen)

    def _balances(self) -> list[str]:
        return list(dict.fromkeys(self.config.balance_of(a) for a in self._all_accounts()))

    def _payers(self) -> dict[str, tuple[str, ...]]:
        """Return every balance with the accounts that it pays for."""
        config = self.config
        return {
            name: tuple(one for one in config.accounts if config.balance_of(one) == name)
            for name in self._balances()
        }

    def _terms_of(self, name: str) -> Terms:
        from wacost.balance import Terms  # noqa: PLC0415
        from wacost.balance.fx import read_rates  # noqa: PLC0415

        accounts = self._payers()[name]
        holder = self.config.portfolios.get(name)
        told = holder.balance if holder and holder.balance else None
        settings = told or self.config.accounts[accounts[0]].balance or Balance()
        return Terms(
            name=name,
            accounts=accounts,
            currency=settings.currency or self._card_currency(name, accounts),
            timezone=self.config.accounts[accounts[0]].timezone,
            settings=settings,
            rates=read_rates(self.folder),
        )

    def _card_currency(self, name: str, accounts: Sequence[str]) -> str:
        found = sorted({self.card(self.config.accounts[one].card).currency for one in accounts})
        if len(found) > 1:
            raise ConfigError(
                f"the balance of {name} pays for cards in {' and '.join(found)}",
                hint=f'say which one it is kept in: balance = {{ currency = "{found[0]}" }}',
            )
        return found[0]

    def _check_currencies(self, terms: Terms, entries: Sequence[Entry]) -> None:
        for one in entries:
            if one.currency == terms.currency:
                continue
            if one.kind in {"opening", "observed"}:
                raise InputError(
                    f"the balance of {terms.name} is kept in {terms.currency}",
                    hint=f"tell an {one.kind} balance in {terms.currency}",
                )
            if terms.rates.at(one.currency, terms.currency, one.at.date()) is None:
                raise InputError(
                    f"fx.csv has no rate of {one.currency} and {terms.currency} on"
                    f" {one.at.date()} or before",
                    hint=f"add one: date,from,to,rate,source in {self.folder / 'fx.csv'}",
                )

    def _moment(self, terms: Terms, at: datetime | str | None) -> datetime:
        from wacost.rating.quote import told_time  # noqa: PLC0415
        from wacost.zones import instant_of  # noqa: PLC0415

        instant = instant_of(told_time(at), terms.timezone)
        return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)

    # -- the store ---------------------------------------------------------------------------

    @contextmanager
    def _moves(self, terms: Terms) -> Iterator[DuckDBPyConnection]:
        """Open the store with a balance's moves made, and all that follows from others as it is.

        What the store keeps of differences and shares is written anew where it says another thing.
        """
        from wacost.balance.moves import kept_differences, make_moves  # noqa: PLC0415

        if not self.balance_entries(terms.name):
            raise InputError(
                f"the balance of {terms.name} has no entry yet",
                hint="begin with what there was: wacost balance add opening --amount 50.00"
                " --at 2026-10-01",
            )
        self._price_due(terms.accounts, terms.name)
        with self.reading() as con:
            current = self._shares_are_current(con)
            if current:
                current = make_moves(con, terms) == kept_differences(con, terms.name)
            if current:
                yield con
        if not current:
            self.balance_put(terms, [])
            with self.reading() as con:
                make_moves(con, terms)
                yield con

    def _shares_are_current(self, con: DuckDBPyConnection) -> bool:
        from wacost.balance.moves import kept_shares, shares  # noqa: PLC0415

        return kept_shares(con) == shares(con, self._payers())

    def _keep(self, con: DuckDBPyConnection, terms: Terms) -> None:
        from wacost.balance.moves import keep, keep_differences, make_moves  # noqa: PLC0415

        keep(con, self._payers())
        keep_differences(con, terms.name, make_moves(con, terms))

    def _price_due(self, accounts: Sequence[str], balance: str | None) -> None:
        """Rate the months whose charges are not what rating would make.

        Args:
            accounts: whose calls.
            balance: only months since its first entry; None: all.
        """
        ratable = self._ratable(accounts)
        for month in self._months_due(accounts, balance):
            with self._priced(month, ratable):
                pass

    def _months_due(self, accounts: Sequence[str], balance: str | None) -> list[str]:
        from wacost.balance.moves import rows  # noqa: PLC0415

        query = "SELECT min(moved_at) FROM ledger_entries WHERE balance = ?"
        with self.reading() as con:
            since = con.execute(query, [balance]).fetchall()[0][0] if balance else _EVER
            found = rows(con, "uncharged", accounts=list(accounts), since=since)
        earliest = (since - timedelta(days=1)).strftime("%Y-%m")
        stale = {month for month, _, side in self.stale_months() if side == "cost"}
        return sorted(month for month in {m for (m,) in found} | stale if month >= earliest)
