"""`wacost quote`: the price of one call, with or without a workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from wacost.cli.common import (
    PROBLEM,
    CountryType,
    debug_option,
    json_option,
    open_at,
    workspace_option,
    write_json,
    wrong_usage,
)
from wacost.errors import ConfigError
from wacost.money import plain

if TYPE_CHECKING:
    from wacost.cards import RateCard
    from wacost.rating import Charge
    from wacost.workspace import Workspace

DEFAULT_CARD = "meta-usd"


@click.command()
@click.argument("number", required=False)
@click.option("--seconds", type=click.IntRange(min=0), help="Length of the call.")
@click.option("--balance", metavar="AMOUNT", help="What there is: how long can a call last?")
@click.option(
    "--direction",
    type=click.Choice(["outbound", "inbound"]),
    default="outbound",
    show_default=True,
    help="Outbound: the business calls.",
)
@click.option("--card", help=f"Rate card; default: the account's, else {DEFAULT_CARD}.")
@click.option("--account", help="Account of the workspace: its card and its time zone.")
@click.option("--timezone", help="IANA zone; default: the account's, else UTC.")
@click.option(
    "--country",
    type=CountryType(),
    metavar="CC",
    help="ISO country, where no number tells it.",
)
@click.option("--at", help="Start of the call, ISO 8601; without an offset local; default: now.")
@click.option(
    "--minutes-before", default="0", show_default=True, help="Minutes of the month so far."
)
@workspace_option
@json_option
@debug_option
def command(
    *,
    number: str | None,
    seconds: int | None,
    balance: str | None,
    direction: str,
    card: str | None,
    account: str | None,
    timezone: str | None,
    country: str | None,
    at: str | None,
    minutes_before: str,
    workspace: Path | None,
    as_json: bool,
) -> int:
    """Price one call.

    NUMBER is the contact's, in any writing with its country code. --balance asks for the length up
    to which every call costs no more than that. Exit code 1: no price known.
    """
    if number is None and country is None:
        raise click.UsageError("give a NUMBER or --country")
    if seconds is None and balance is None:
        raise click.UsageError("give --seconds, or --balance to be told how many it lasts for")
    asked: dict[str, Any] = {
        "direction": direction,
        "country": country,
        "at": at,
        "minutes_before": minutes_before,
    }
    with wrong_usage():
        if account is not None and card is None and timezone is None:
            priced = _of_account(open_at(workspace), account, number, asked)
        else:
            chosen, zone = _terms(card, account, at, seconds or 0, workspace)
            priced = _of_card(chosen, number, {**asked, "timezone": timezone or zone})
        charge = priced.quote(seconds) if seconds is not None else None
        lasts = _lasts(priced, balance) if balance is not None else {}
    if as_json or charge is None:
        _say_what_is_not_used(priced)
    if as_json:
        write_json({**(charge.as_dict() if charge else {}), **lasts})
    else:
        click.echo("\n".join([*([charge.explain()] if charge else []), *_sentence(lasts)]))
    return 0 if charge is None or charge.amount is not None else PROBLEM


def _say_what_is_not_used(priced: _Priced) -> None:
    """Tell of a --country that the number overrules, where no explanation does."""
    from wacost.rating.wording import NOT_USED

    call = priced.quote(0).call
    if call.country_not_used:
        click.echo(NOT_USED.format(given=call.country_not_used, used=call.country), err=True)


class _Priced(NamedTuple):
    """The two questions about one kind of call: what a length costs, and what length a balance."""

    quote: Callable[[int], Charge]
    longest: Callable[[str], int | None]


def _of_account(log: Workspace, account: str, number: str | None, asked: dict[str, Any]) -> _Priced:
    return _Priced(
        lambda seconds: log.quote(account, number, seconds=seconds, **asked),
        lambda balance: log.max_seconds(account, balance, number, **asked),
    )


def _of_card(card: RateCard, number: str | None, asked: dict[str, Any]) -> _Priced:
    return _Priced(
        lambda seconds: card.quote(number, seconds=seconds, **asked),
        lambda balance: card.max_seconds(balance, number, **asked),
    )


def _lasts(priced: _Priced, balance: str) -> dict[str, Any]:
    """Return what the balance lasts for, and what that call costs."""
    longest = priced.longest(balance)
    charge = priced.quote(longest or 0)
    return {
        "balance": balance,
        "currency": charge.currency,
        "card": charge.card,
        "card_checksum": charge.card_checksum,
        "country": charge.country,
        "max_seconds": longest,
        "unlimited": longest is None,
        "max_seconds_amount": charge.amount if longest else None,
    }


def _sentence(lasts: dict[str, Any]) -> list[str]:
    """Say how long a balance lasts; nothing where none was told."""
    if not lasts:
        return []
    money = f"{lasts['balance']} {lasts['currency']}"
    longest = lasts["max_seconds"]
    if longest is None:
        return [f"{money} last for a call of any length: its price stops rising before"]
    if not longest:
        return [f"{money} do not last for one second"]
    minutes, rest = divmod(longest, 60)
    cost = plain(lasts["max_seconds_amount"])
    return [f"{money} last for {longest} s ({minutes} min {rest} s), which cost {cost}"]


def _terms(
    card: str | None, account: str | None, at: str | None, seconds: int, workspace: Path | None
) -> tuple[RateCard, str]:
    """Return the card and the time zone that hold for this call."""
    from wacost.cards import load_card

    if account is not None:
        log = open_at(workspace)
        agreed, zone = log.terms_at(account, at, seconds)
        return (log.card(card) if card else agreed), zone
    rates_dir = _rates_dir(workspace)
    return load_card(card or DEFAULT_CARD, rates_dir=rates_dir), "UTC"


def _rates_dir(workspace: Path | None) -> Path | None:
    """Return the cards of the workspace, where there is one; a quote needs none."""
    from wacost.workspace import find_workspace

    try:
        folder = workspace if workspace is not None else find_workspace(Path())
    except ConfigError:
        return None
    rates = folder / "rates"
    return rates if rates.is_dir() else None
