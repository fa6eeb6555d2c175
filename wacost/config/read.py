"""Read wacost.toml: parse, check every key, then what several keys say together."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from wacost.config.model import (
    Account,
    Config,
    Discount,
    IncludedMinutes,
    SourceRule,
    Tax,
)
from wacost.config.strict import Place
from wacost.config.tree import ROOT
from wacost.errors import ConfigError
from wacost.money import NANO, SECONDS, parse_nanos

FILE_NAME: Final = "wacost.toml"
_NEEDS_REASON: Final = ("E", "AE", "O")
_CHARGES_NOTHING: Final = (*_NEEDS_REASON, "Z", "K", "G")


def read_config(folder: Path) -> Config:
    """Read the wacost.toml of a workspace.

    Raises:
        ConfigError: there is none, or it is wrong: with its line, the path of the key, and what
            was expected.
    """
    file = folder / FILE_NAME
    try:
        source = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"there is no {FILE_NAME} in {folder}",
            hint="make a workspace with `wacost init`, or name one with -w DIR",
        ) from None
    except NotADirectoryError:
        raise ConfigError(f"{folder} is a file", hint="name the folder it is in") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is no UTF-8 text", hint="save it as UTF-8") from None
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise ConfigError(f"{file} cannot be read: {reason}", hint="check its rights") from None
    return parse_config(source, folder)


def parse_config(source: str, folder: Path) -> Config:
    """Check the text of a wacost.toml and return what it says.

    >>> parse_config('locale = "pt_BR"', Path("acme")).locale
    'pt_BR'

    Raises:
        ConfigError: as in `read_config`.
    """
    place = Place(str(folder / FILE_NAME), source)
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as problem:
        raise ConfigError(
            f"{place.file} is no TOML: {problem}", hint="text stands in quotes, dates do not"
        ) from None
    config: Config = ROOT(_with_titles(values), place, folder=folder)
    for check in _CHECKS:
        check(config, place)
    return _with_languages(config)


def _with_titles(values: dict[str, Any]) -> dict[str, Any]:
    accounts = values.get("accounts")
    for name, account in accounts.items() if isinstance(accounts, dict) else ():
        if isinstance(account, dict):
            account.setdefault("title", name)
    return values


def _with_languages(config: Config) -> Config:
    return replace(
        config,
        accounts={
            name: replace(
                account,
                invoice=replace(
                    account.invoice, language=account.invoice.language or config.locale
                ),
            )
            for name, account in config.accounts.items()
        },
    )


def _check_claims(config: Config, place: Place) -> None:
    holders: dict[tuple[str, str], str] = {}
    for account in config.accounts.values():
        for kind, claimed, name in account.claims():
            other = holders.setdefault((kind, claimed), name)
            if other is not account.name:
                raise _claimed_twice(kind, claimed, (other, name), place)
        _check_repeats(account, place)


def _claimed_twice(kind: str, claimed: str, names: tuple[str, str], place: Place) -> ConfigError:
    where = place.at("accounts").at(names[1])
    if kind == "rest":
        return where.error(
            f"{names[0]} and {names[1]} name neither waba_ids nor phone_number_ids",
            hint="one account may take what no other claims: give the other its ids",
        )
    return where.at(f"{kind}s").error(
        f"{claimed} is claimed by {names[0]} and by {names[1]}",
        hint="a call has one payer: leave it in one account",
    )


def _check_repeats(account: Account, place: Place) -> None:
    for key in ("waba_ids", "phone_number_ids"):
        ids = getattr(account, key)
        if len(set(ids)) < len(ids):
            raise place.at("accounts").at(account.name).at(key).error("an id stands there twice")


def _check_terms(config: Config, place: Place) -> None:
    for account in config.accounts.values():
        where = place.at("accounts").at(account.name).at("terms")
        days = [term.from_on for term in account.terms]
        if sorted(set(days)) != days:
            raise where.error("the dates do not rise", hint="oldest first, each date once")
        for n, term in enumerate(account.terms):
            if term == replace(term, card=None, sell_card=None, timezone=None, tax=None, fees=None):
                raise where.at(n).error(
                    "nothing changes", hint="one of card, sell_card, timezone, tax, fees"
                )


def _check_tax(config: Config, place: Place) -> None:
    for account in config.accounts.values():
        where = place.at("accounts").at(account.name)
        _check_taxes(account.tax, where.at("tax"))
        for n, term in enumerate(account.terms):
            _check_taxes(term.tax or (), where.at("terms").at(n).at("tax"))


def _check_taxes(taxes: Sequence[Tax], place: Place) -> None:
    for n, tax in enumerate(taxes):
        if tax.category in _NEEDS_REASON and not tax.reason:
            raise place.at(n).error(
                f"category {tax.category} needs a reason",
                hint='why nothing is charged: reason = "…"',
            )
        if tax.category in _CHARGES_NOTHING and parse_nanos(tax.percent):
            raise place.at(n).error(
                f"category {tax.category} charges nothing, but percent is {tax.percent}",
                hint='percent = "0", or category = "S"',
            )


def _check_extras(config: Config, place: Place) -> None:
    """Refuse discounts and included minutes that cannot be meant."""
    for account in config.accounts.values():
        where = place.at("accounts").at(account.name)
        for n, discount in enumerate(account.discounts):
            if bool(discount.percent) == bool(discount.amount):
                raise (
                    where.at("discounts")
                    .at(n)
                    .error("a discount is a percentage or an amount", hint="one of percent, amount")
                )
            _check_days(discount, where.at("discounts").at(n))
        for n, told in enumerate(account.included_minutes):
            if parse_nanos(told.minutes) * SECONDS % NANO:
                raise (
                    where.at("included_minutes")
                    .at(n)
                    .at("minutes")
                    .error(f"{told.minutes} are no minutes of whole seconds", hint='like "1000"')
                )
            _check_days(told, where.at("included_minutes").at(n))


def _check_days(told: Discount | IncludedMinutes, place: Place) -> None:
    if told.from_on and told.to_on and told.to_on <= told.from_on:
        raise place.error("it ends before it begins", hint="`to` is the day after the last")


def _check_portfolios(config: Config, place: Place) -> None:
    holders: dict[str, str] = {}
    for portfolio in config.portfolios.values():
        where = place.at("portfolios").at(portfolio.name).at("accounts")
        for name in portfolio.accounts:
            if name not in config.accounts:
                raise where.error(
                    f"there is no account {name!r}",
                    hint=f"accounts: {', '.join(config.accounts) or 'none'}",
                )
            other = holders.setdefault(name, portfolio.name)
            if other is not portfolio.name:
                raise where.error(f"{name} is in {other} already", hint="minutes accrue once")


def _check_balances(config: Config, place: Place) -> None:
    """Refuse two balances for one account, and a recharge that would not end."""
    for portfolio in config.portfolios.values():
        where = place.at("portfolios").at(portfolio.name).at("balance")
        if portfolio.balance is None:
            continue
        if portfolio.name in config.accounts and portfolio.accounts != (portfolio.name,):
            raise where.error(
                f"an account is called {portfolio.name} too",
                hint="a balance is asked for by its name: rename the portfolio",
            )
        for name in portfolio.accounts:
            if config.accounts[name].balance is not None:
                raise where.error(
                    f"the account {name} has a balance of its own",
                    hint="an account is paid from one balance: leave it in one place",
                )
    told = [("accounts", a.name, a.balance) for a in config.accounts.values()]
    told += [("portfolios", p.name, p.balance) for p in config.portfolios.values()]
    for table, name, balance in told:
        if balance and balance.auto_recharge and not parse_nanos(balance.auto_recharge["amount"]):
            where = place.at(table).at(name).at("balance").at("auto_recharge")
            raise where.at("amount").error("a recharge of nothing never ends")


def _check_source_rules(config: Config, place: Place) -> None:
    """Refuse a rule about an account or a source that is not there, and two for one day."""
    rules = config.policies.source_of_record
    where = place.at("policies").at("source_of_record")
    known = ("webhooks", *config.imports)
    for n, rule in enumerate(rules):
        if rule.account not in config.accounts:
            hint = f"accounts: {', '.join(config.accounts) or 'none'}"
            raise where.at(n).error(f"there is no account {rule.account!r}", hint=hint)
        if rule.source not in known:
            hint = f"one of {', '.join(known)}"
            raise where.at(n).error(f"there is no source {rule.source!r}", hint=hint)
        if rule.to_on is not None and rule.to_on <= rule.from_on:
            raise where.at(n).error("it ends before it begins", hint="`to` is the day after")
        if any(_share_a_day(rule, other) for other in rules[:n]):
            raise where.at(n).error("another rule of this account is about the same days")


def _share_a_day(one: SourceRule, other: SourceRule) -> bool:
    return (
        one.account == other.account
        and one.from_on < (other.to_on or date.max)
        and other.from_on < (one.to_on or date.max)
    )


_CHECKS: Final[tuple[Callable[[Config, Place], None], ...]] = (
    _check_claims,
    _check_terms,
    _check_tax,
    _check_extras,
    _check_portfolios,
    _check_balances,
    _check_source_rules,
)
