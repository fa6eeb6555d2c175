"""`wacost cards`: which rate cards there are, and what one says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from wacost.cli.cards_check import check_cards
from wacost.cli.cards_diff import diff_two
from wacost.cli.cards_import import import_file
from wacost.cli.common import (
    PROBLEM,
    CountryType,
    debug_option,
    json_option,
    rates_folder,
    say,
    table,
    workspace_option,
    write_json,
    write_line,
)
from wacost.errors import RateCardError
from wacost.money import decimal_of, plain
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.cards import RateCard
    from wacost.cards.model import RateRow


@click.group()
def command() -> None:
    """List, show, check, compare and import rate cards."""


command.add_command(check_cards)
command.add_command(diff_two)
command.add_command(import_file)


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


@command.command("template")
@click.argument("name", required=False)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="A new folder, as which the card is called; default: rates/NAME of the workspace.",
)
@workspace_option
@json_option
@debug_option
def copy_template_card(
    *, name: str | None, folder: Path | None, workspace: Path | None, as_json: bool
) -> None:
    """Copy a template of a card that you fill in; without NAME: list the templates."""
    from wacost.cards.templates import copy_template, template_names

    if name is None:
        known = template_names()
        write_json(known) if as_json else click.echo("\n".join(known))
        return
    rates = rates_folder(workspace)
    if folder is None and rates is None:
        raise click.UsageError("say --to FOLDER: where the card shall be")
    folder = folder or (rates or Path()) / name
    files = copy_template(name, folder)
    if as_json:
        write_json(files)
        return
    for file in files:
        write_line(str(file))
    say(f"fill in every FILL-IN, then run: wacost cards check {folder}")


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
    shown = {name: cell for name, cell in CELLS.items() if is_shown(name, kept)}
    columns = [*(f">{name}" if name in RIGHT else name for name in shown), "status"]
    rows = [[*(cell(row) for cell in shown.values()), row.status or card.status] for row in kept]
    click.echo(table(columns, rows))


def names(workspace: Path | None) -> list[tuple[str, str]]:
    """Return the names of all cards and where each is kept: "bundled" or "workspace"."""
    from wacost.cards import card_names

    rates = rates_folder(workspace)
    own = card_names(rates) if rates else []
    found = dict.fromkeys(card_names(), "bundled") | dict.fromkeys(own, "workspace")
    return sorted(found.items())


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
    """Return the destinations that a call to a country can match.

    They are the country, prefixes of its numbers, the markets that it or such a prefix is in, `*`.
    """
    from wacost.dialplan import country_of, prefixes_by_country

    known = prefixes_by_country().get(country, [])
    prefixes = {row.destination for row in card.rows} | {row.member for row in card.markets}
    own = {
        one
        for one in prefixes
        if one.isdecimal() and (country_of(one) == country or any(k.startswith(one) for k in known))
    }
    markets = {row.market for row in card.markets if row.member in {country, *own}}
    return {country, "*", *own, *markets}


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
            f"  rounding   per {card.rounding.at}, {card.rounding.places}"
            f" {noun(card.rounding.places, 'place')}, {card.rounding.mode}"
        ),
        f"  checksum   {card.checksum}",
        "",
    ]


def rate_text(row: RateRow) -> str:
    """Write a row's rate as the card does: a decimal, n/a or unknown."""
    return row.kind if row.rate_nanos is None else plain(decimal_of(row.rate_nanos))


def increments_text(row: RateRow) -> str:
    """Write the increments of a row's slot, or "" where they are the card's."""
    return "/".join(map(str, row.increments)) if row.increments else ""


CELLS: Final[dict[str, Callable[[RateRow], str]]] = {
    "direction": lambda row: row.direction,
    "destination": lambda row: row.destination,
    "rate": rate_text,
    "from minutes": lambda row: str(row.tier_from_minutes),
    "from second": lambda row: str(row.from_second),
    "increments": increments_text,
    "fee": lambda row: plain(decimal_of(row.fee_nanos)),
    "from date": lambda row: row.effective_from.isoformat(),
    "to date": lambda row: row.effective_to.isoformat() if row.effective_to else "",
}
"""The columns of a card for people, and what stands in them."""
RIGHT: Final = ("rate", "from minutes", "from second", "increments", "fee")
SOMETIMES: Final = ("from second", "increments", "fee", "to date")


def is_shown(name: str, rows: Sequence[RateRow]) -> bool:
    """Tell whether a column says anything: most cards have no slots, fees or ends."""
    return name not in SOMETIMES or any(CELLS[name](row) not in {"", "0"} for row in rows)


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
        "increment_seconds": increments_text(row),
        "fee": plain(decimal_of(row.fee_nanos)),
        "status": row.status or card.status,
        "source": row.source or card.source,
        "note": row.note,
    }
