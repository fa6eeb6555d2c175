"""What a workspace can be told, as frozen records. Amounts and percentages stay text."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from wacost.config.documents import Annex, InvoiceSettings
from wacost.config.imports import ImportMapping
from wacost.config.statements import StatementMapping
from wacost.errors import ConfigError
from wacost.zones import zone_spans


@dataclass(frozen=True, slots=True)
class Party:
    """Who sells or buys, as printed on an invoice.

    Attributes:
        name: the legal name.
        tax_id: tax number as printed, or "".
        address: the lines of the postal address.
        country: ISO 3166 alpha-2, or "".
        email: or "".
    """

    name: str
    tax_id: str = ""
    address: tuple[str, ...] = ()
    country: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Tax:
    """One tax on an invoice.

    Attributes:
        name: as printed, for example "ISS".
        category: code of EN 16931: S, Z, E, AE, K, G, O, L or M.
        percent: decimal text, for example "5.00".
        reason: why nothing is charged; required for E, AE and O.
    """

    name: str
    category: str = "S"
    percent: str = "0"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fee:
    """A fixed cost beside the calls, `amount` (decimal text) per month or year.

    A yearly one is spread over the months so that January to December add up to it.
    """

    name: str
    amount: str
    per: str = "month"


@dataclass(frozen=True, slots=True)
class Discount:
    """What is taken off the calls of a month, after included minutes and before fixed costs.

    Attributes:
        name: as printed.
        percent: of the calls, decimal text; or
        amount: decimal text, never more than the calls.
        from_on: it holds for months whose last day is this one or later; None: always did.
        to_on: it no longer holds for months whose last day is this one or later.
    """

    name: str
    percent: str = ""
    amount: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class IncludedMinutes:
    """Billed minutes of a month that cost nothing more, used up in the order of the calls' ends.

    Attributes:
        name: as printed.
        minutes: decimal text, of whole seconds.
        direction: only calls of this one; "": both.
        country: only calls of this one; "": all.
        market: only calls of this one; "": all.
        from_on: as of a discount.
        to_on: as of a discount.
    """

    name: str
    minutes: str
    direction: str = ""
    country: str = ""
    market: str = ""
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class TermChange:
    """What changes in an account from a local date on; None: stays as it was."""

    from_on: date
    card: str | None = None
    sell_card: str | None = None
    timezone: str | None = None
    tax: tuple[Tax, ...] | None = None
    fees: tuple[Fee, ...] | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """A prepaid balance: its threshold, how the supplier shows it, what a top-up costs.

    Attributes:
        minimum: {amount, currency} below which the supplier refuses calls; {}: none.
        currency: ISO 4217 code that it is kept in; "": that of the account's card.
        display_places: decimals that the supplier shows.
        display_mode: how it rounds them.
        topup_fee_percent: on top of what arrives, decimal text.
        topup_least: the least that can be topped up, decimal text.
        auto_recharge: {below, amount}: a top-up that comes by itself; {}: none.
    """

    minimum: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    display_places: int = 2
    display_mode: str = "half_up"
    topup_fee_percent: str = "0"
    topup_least: str = "0"
    auto_recharge: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """Who is billed: some WABAs or phone number ids, one time zone and one currency at a time.

    Attributes:
        name: its key in wacost.toml.
        title: the name for people; the key where none is given.
        waba_ids: WhatsApp Business Accounts that belong to it.
        phone_number_ids: single numbers that belong to it; they win over a WABA.
        timezone: IANA zone in which months, days and effective dates are told.
        card: rate card of the supplier.
        sell_card: rate card of the customer, or None.
        terms: what changes from a date on, in order.
        invoice: how its documents look.
        annex: how its lists of calls do.
        seller: who sends a customer invoice.
        buyer: who receives it.
        tax: taxes on a customer invoice.
        fees: fixed costs beside the calls; with `discounts`, `included_minutes` and
            `minimum_charge` they are on what the account is billed: on its customer's documents
            where it has a `sell_card`.
        discounts: on the calls.
        included_minutes: used up in this order.
        minimum_charge: what a month comes to at least, before taxes.
    """

    name: str
    title: str
    timezone: str
    card: str
    waba_ids: tuple[str, ...] = ()
    phone_number_ids: tuple[str, ...] = ()
    sell_card: str | None = None
    terms: tuple[TermChange, ...] = ()
    invoice: InvoiceSettings = field(default_factory=InvoiceSettings)
    annex: Annex = field(default_factory=Annex)
    seller: Party | None = None
    buyer: Party | None = None
    tax: tuple[Tax, ...] = ()
    fees: tuple[Fee, ...] = ()
    discounts: tuple[Discount, ...] = ()
    included_minutes: tuple[IncludedMinutes, ...] = ()
    minimum_charge: str = "0"
    budget: Mapping[str, str] = field(default_factory=dict)
    balance: Balance | None = None
    call_hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def zone_spans(self) -> list[tuple[int, int, str]]:
        """Return its time zones: (first instant, first instant no longer, zone), in order."""
        return zone_spans(self.timezone, [(t.from_on, t.timezone) for t in self.terms])

    @property
    def is_rest(self) -> bool:
        """Whether it takes the calls that no other account claims."""
        return not self.waba_ids and not self.phone_number_ids

    def claims(self) -> list[tuple[str, str, str]]:
        """Return the rows of the store's `claims` table: (kind, id, account).

        >>> Account("acme", "Acme", "UTC", "meta-usd", waba_ids=("1",)).claims()
        [('waba_id', '1', 'acme')]
        >>> Account("acme", "Acme", "UTC", "meta-usd").claims()
        [('rest', '', 'acme')]
        """
        if self.is_rest:
            return [("rest", "", self.name)]
        numbers = [("phone_number_id", number, self.name) for number in self.phone_number_ids]
        return numbers + [("waba_id", waba, self.name) for waba in self.waba_ids]


@dataclass(frozen=True, slots=True)
class ExternalMinutes:
    """Minutes of a month used through other partners, per market or country, or for the card."""

    month: str
    minutes: str
    market: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class ObservedTier:
    """A tier that the supplier said was reached at a moment: the floor from then on."""

    month: str
    tier_from_minutes: str
    at: datetime
    market: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Accounts whose minutes accrue together; with `balance`, they are paid from one balance."""

    name: str
    accounts: tuple[str, ...]
    external_minutes: tuple[ExternalMinutes, ...] = ()
    observed_tier: tuple[ObservedTier, ...] = ()
    balance: Balance | None = None


@dataclass(frozen=True, slots=True)
class SourceRule:
    """Whose calls count where two sources tell of the same: of an account, in a period.

    Attributes:
        account: whose calls.
        source: "webhooks", or the name of a mapping in `imports`.
        from_on: the first day, local to the account.
        to_on: the day after the last; None: no end.
    """

    account: str
    source: str
    from_on: date = date(2009, 1, 1)
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """What the workspace decides where sources leave it open."""

    permission: str = "meta"
    source_of_record: tuple[SourceRule, ...] = ()
    redact_after_days: int = 0
    contradiction: str = "hold"

    def redacted_before(self, today: date) -> date:
        """Return the day before which calls are to be redacted.

        >>> Policies(redact_after_days=90).redacted_before(date(2026, 11, 26))
        datetime.date(2026, 8, 28)

        Raises:
            ConfigError: `redact_after_days` is not set.
        """
        if not self.redact_after_days:
            raise ConfigError(
                "wacost.toml sets no policies.redact_after_days",
                hint="set it, or name --older-than DAYS or --before DATE",
            )
        return today - timedelta(days=self.redact_after_days)


@dataclass(frozen=True, slots=True)
class Config:
    """A whole wacost.toml.

    Attributes:
        folder: the workspace.
        locale: language of invoices and reports.
        frames: "polars" or "pandas": what the Python methods return.
        reporting_currency: ISO 4217, in which costs are told too; None: in their own only.
        accounts: by name, in the order of the file.
        portfolios: by name; an account in none is its own.
        imports: how the tables of providers are read, by name.
        statements: how statements of prepaid balances are read, by name.
        policies: what the workspace decides where sources leave it open.
    """

    folder: Path
    locale: str = "en"
    frames: str = "polars"
    reporting_currency: str | None = None
    accounts: Mapping[str, Account] = field(default_factory=dict)
    portfolios: Mapping[str, Portfolio] = field(default_factory=dict)
    imports: Mapping[str, ImportMapping] = field(default_factory=dict)
    statements: Mapping[str, StatementMapping] = field(default_factory=dict)
    policies: Policies = Policies()

    def account(self, name: str) -> Account:
        """Return the account called `name`.

        Raises:
            ConfigError: there is none; the nearest name is told.
        """
        from wacost.names import nearest  # noqa: PLC0415 - difflib is for errors only

        if name in self.accounts:
            return self.accounts[name]
        raise ConfigError(
            f"there is no account {name!r} in {self.folder / 'wacost.toml'}",
            hint=nearest(name, self.accounts, "account"),
        )

    def portfolio_of(self, account: str) -> str:
        """Return the portfolio that an account accrues in: its own name where none claims it."""
        holders = (p.name for p in self.portfolios.values() if account in p.accounts)
        return next(holders, account)

    def balance_of(self, name: str) -> str:
        """Return whose balance pays for an account: its portfolio's, where that has one.

        Args:
            name: an account, or a portfolio that has a balance.

        Raises:
            ConfigError: there is no such account.
        """
        if name in self.portfolios and self.portfolios[name].balance is not None:
            return name
        holder = self.portfolio_of(self.account(name).name)
        shared = self.portfolios.get(holder)
        return holder if shared is not None and shared.balance is not None else name

    def card_names(self, account: str | None = None, *, without: Container[str] = ()) -> list[str]:
        """Return the cards that accounts name, each once, in the order of the file.

        Args:
            account: only its cards; None: those of all.
            without: accounts whose cards are left out.
        """
        names: list[str | None] = []
        told = self.accounts.values() if account is None else [self.account(account)]
        for one in (one for one in told if one.name not in without):
            names += [one.card, one.sell_card]
            names += [name for term in one.terms for name in (term.card, term.sell_card)]
        return [name for name in dict.fromkeys(names) if name is not None]

    def claims(self) -> list[tuple[str, str, str]]:
        """Return all rows of the store's `claims` table, sorted."""
        return sorted(row for account in self.accounts.values() for row in account.claims())

    def source_rules(self) -> list[tuple[str, datetime, datetime, str]]:
        """Return the rows of the store's `source_rules` table, sorted; times are UTC, zoneless."""
        return sorted(
            (
                rule.account,
                self._midnight(rule.account, rule.from_on),
                self._midnight(rule.account, rule.to_on or date(2100, 1, 1)),
                rule.source,
            )
            for rule in self.policies.source_of_record
        )

    def _midnight(self, account: str, on: date) -> datetime:
        from wacost.zones import instant_of  # noqa: PLC0415 - zones are read for rules only

        at = instant_of(datetime(on.year, on.month, on.day), self.accounts[account].timezone)  # noqa: DTZ001
        return datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
