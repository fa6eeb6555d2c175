"""`wacost cards`: which rate cards there are, and what one says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wacost.cli.common import (
    PROBLEM,
    CountryType,
    debug_option,
    json_option,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
)
from wacost.errors import ConfigError, RateCardError
from wacost.money import decimal_of, plain

if TYPE_CHECKING:
    from wacost.cards import RateCard
    from wacost.cards.model import RateRow


@click.group()
def command() -> None:
    """List and show rate cards."""


@command.command("list")
@workspace_option
@json_option
@debug_option
def list_cards(*, workspace: Path | None, as_json: bool) -> int:
    """List the rate cards: the bundled ones and those of the workspace.

    A card that is wrong is told on stderr; then the exit code is 1.
    """
    cards, problems = [], []
    for name, where in names(workspace):
        try:
            cards.append((load(name, workspace), where))
        except RateCardError as problem:
            problems.append(str(problem))
    for problem_text in problems:
        say(problem_text)
    code = PROBLEM if problems else 0
    if as_json:
        write_json([summary(card, where) for card, where in cards])
        return code
    columns = ["card", "currency", "status", ">rows", "title"]
    rows = [
        [card.name, card.currency, card.status, str(len(card.rows)), card.title]
        for card, _ in cards
    ]
    click.echo(table(columns, rows))
    return code


@command.command("show")
@click.argument("name")
@click.option(
    "--country",
    type=CountryType(),
    metavar="CC",
    help="Only rows that could price a call to this ISO country.",
)
@workspace_option
@json_option
@debug_option
def show_card(*, name: str, country: str | None, workspace: Path | None, as_json: bool) -> None:
    """Show a rate card: what it says, row by row, with source and status."""
    card = load(name, workspace)
    kept = [row for row in card.rows if country is None or row.destination in reach(card, country)]
    if as_json:
        content = card.as_dict()
        content["checksum"] = card.checksum
        content["rates"] = [row_dict(row, card) for row in kept]
        write_json(content)
        return
    for line in head(card):
        write_line(line)
    columns = ["direction", "destination", ">rate", ">from minutes", "from date", "status"]
    click.echo(table(columns, [row_cells(row, card) for row in kept]))


def names(workspace: Path | None) -> list[tuple[str, str]]:
    """Return the names of all cards and where each is kept: "bundled" or "workspace"."""
    from wacost.cards import card_names

    rates = rates_folder(workspace)
    own = card_names(rates) if rates else []
    found = dict.fromkeys(card_names(), "bundled") | dict.fromkeys(own, "workspace")
    return sorted(found.items())


def rates_folder(workspace: Path | None) -> Path | None:
    """Return the `rates/` of the workspace, where there is a workspace."""
    from wacost.workspace import find_workspace

    try:
        return (workspace if workspace is not None else find_workspace(Path())) / "rates"
    except ConfigError:
        return None


def load(name: str, workspace: Path | None) -> RateCard:
    """Read a card of the workspace, a bundled one, or one at a path."""
    from wacost.cards import load_card

    return load_card(name, rates_dir=rates_folder(workspace))


def summary(card: RateCard, where: str) -> dict[str, Any]:
    """Return a card's line of the list as plain values."""
    return {
        "name": card.name,
        "title": card.title,
        "currency": card.currency,
        "status": card.status,
        "source": card.source,
        "retrieved": card.retrieved,
        "rows": len(card.rows),
        "checksum": card.checksum,
        "where": where,
    }


def reach(card: RateCard, country: str) -> set[str]:
    """Return the destinations that a call to a country can match: it, its markets, and `*`."""
    return {country, "*", *(row.market for row in card.markets if row.member == country)}


def head(card: RateCard) -> list[str]:
    """Write what holds for the whole card."""
    first, following = card.increments
    return [
        f"{card.name}: {card.title}",
        f"  currency   {card.currency}, per minute, billed {first}/{following} seconds",
        f"  status     {card.status}",
        f"  source     {card.source or '-'}"
        + (f", {card.retrieved.isoformat()}" if card.retrieved else ""),
        f"  tiers      {card.tiers.model} per {card.tiers.scope}",
        (
            f"  rounding   per {card.rounding.at}, {card.rounding.places} places,"
            f" {card.rounding.mode}"
        ),
        f"  checksum   {card.checksum}",
        "",
    ]


def rate_text(row: RateRow) -> str:
    """Write a row's rate as the card does: a decimal, n/a or unknown."""
    return row.kind if row.rate_nanos is None else plain(decimal_of(row.rate_nanos))


def row_cells(row: RateRow, card: RateCard) -> list[str]:
    """Return a row's cells for people."""
    return [
        row.direction,
        row.destination,
        rate_text(row),
        str(row.tier_from_minutes),
        row.effective_from.isoformat(),
        row.status or card.status,
    ]


def row_dict(row: RateRow, card: RateCard) -> dict[str, Any]:
    """Return a row as plain values; rates and fees are text."""
    return {
        "direction": row.direction,
        "destination": row.destination,
        "rate_per_minute": rate_text(row),
        "effective_from": row.effective_from,
        "effective_to": row.effective_to,
        "tier_from_minutes": row.tier_from_minutes,
        "from_second": row.from_second,
        "fee": plain(decimal_of(row.fee_nanos)),
        "status": row.status or card.status,
        "source": row.source or card.source,
        "note": row.note,
    }
