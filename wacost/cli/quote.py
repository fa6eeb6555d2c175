"""`wacost quote`: the price of one call, with or without a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from wacost.cards import RateCard

DEFAULT_CARD = "meta-usd"


@click.command()
@click.argument("number", required=False)
@click.option("--seconds", required=True, type=click.IntRange(min=0), help="Length of the call.")
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
    help="ISO country, where the number is not known.",
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
    seconds: int,
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

    NUMBER is the contact's, in any writing with its country code. Exit code 1: no price known.
    """
    if number is None and country is None:
        raise click.UsageError("give a NUMBER or --country")
    asked: dict[str, Any] = {
        "seconds": seconds,
        "direction": direction,
        "country": country,
        "at": at,
        "minutes_before": minutes_before,
    }
    with wrong_usage():
        if account is not None and card is None and timezone is None:
            charge = open_at(workspace).quote(account, number, **asked)
        else:
            chosen, zone = _terms(card, account, at, seconds, workspace)
            charge = chosen.quote(number, timezone=timezone or zone, **asked)
    if as_json:
        write_json(charge.as_dict())
    else:
        click.echo(charge.explain())
    return 0 if charge.amount is not None else PROBLEM


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
