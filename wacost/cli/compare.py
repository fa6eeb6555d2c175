"""`wacost compare`: the same calls under several rate cards."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wacost.cli.common import (
    MonthType,
    debug_option,
    json_option,
    open_at,
    say,
    table,
    workspace_option,
    write_json,
)
from wacost.cli.leftout import tell_left_out
from wacost.money import divide, plain
from wacost.names import noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.analytics.comparison import Blend, Comparison, Sum


@click.command()
@click.option("--month", required=True, type=MonthType(), metavar="YYYY-MM", help="Which month.")
@click.option(
    "--card", "cards", multiple=True, required=True, help="A card's name or path; may be repeated."
)
@click.option("--account", "accounts", multiple=True, help="Only this account; may be repeated.")
@workspace_option
@json_option
@debug_option
def command(
    *,
    month: str,
    cards: tuple[str, ...],
    accounts: tuple[str, ...],
    workspace: Path | None,
    as_json: bool,
) -> int:
    """The same calls under several rate cards.

    Totals, cost by country, the cheapest card of each country, and the split of countries among the
    cards that would be cheapest, priced as it would then be. Calls alone: no tax, no fixed fee.
    Nothing is kept. An account whose own card is missing or wrong is left out and named, and the
    exit code is 1.
    """
    found = open_at(workspace).compare(month, cards, accounts=accounts)
    if as_json:
        write_json(found.as_dict())
    else:
        tell(found)
    return tell_left_out(found.refused, "is left out")


def tell(found: Comparison) -> None:
    """Write it for people."""
    click.echo(card_table(found))
    click.echo()
    click.echo(country_table(found))
    for blend in found.blends:
        click.echo()
        for line in blend_lines(blend, found):
            click.echo(line)
    for line in doubts(found):
        say(line)


def card_table(found: Comparison) -> str:
    """One line a card: what it would charge for all calls."""
    columns = ["card", "status", ">calls", ">unpriced", ">tier unknown", ">amount", "currency"]
    rows = [
        [
            one.card,
            one.status,
            str(one.total.calls),
            str(one.total.unpriced),
            str(one.total.tier_unknown),
            amount_text(one.total),
            one.currency,
        ]
        for one in found.cards
    ]
    return table(columns, rows)


def account_table(found: Comparison) -> str:
    """One line an account: what its own cards charge, what another would, and the difference."""
    from wacost.analytics.comparison import OWN, Sum

    what_if = found.cards[-1]
    own = found.cards[0] if found.cards[0].card == OWN else None
    columns = ["account", ">calls", f">{OWN}", f">{what_if.card}", ">difference", "currency"]
    rows = []
    for name in found.accounts:
        there = what_if.accounts.get(name, Sum())
        here = own.accounts.get(name, Sum()) if own else None
        same = own is not None and own.currency == what_if.currency
        rows.append(
            [
                name,
                str(there.calls),
                f"{amount_text(here)}{'' if same or not own else ' ' + own.currency}"
                if here
                else "-",
                amount_text(there),
                difference_text(here, there) if here and same else "-",
                what_if.currency,
            ]
        )
    return table(columns, rows)


def difference_text(here: Sum, there: Sum) -> str:
    """Write what a card charges more or less for the same calls; "-" where it prices others."""
    from wacost.analytics.comparison import shown

    if not here.prices_as(there):
        return "-"
    if here.is_range or there.is_range:
        return range_text(*change_bounds(here, there), signed=True) or "-"
    more = there.exact - here.exact
    sign = "+" if more > 0 else ""
    share = f" ({sign}{percent(more / here.exact)})" if here.exact else ""
    return f"{sign}{plain(shown(more))}{share}"


def change_bounds(here: Sum, there: Sum) -> tuple[Fraction | None, Fraction | None]:
    """Return by how much more the same calls cost there, at least and at most; None: no bound."""
    least = None if here.most is None else there.least - here.most
    return least, None if there.most is None else there.most - here.least


def range_text(least: Fraction | None, most: Fraction | None, *, signed: bool = False) -> str:
    """Write between what an amount lies; "" where neither bound is known.

    >>> range_text(Fraction(1, 2), Fraction(2)), range_text(Fraction(1, 2), None)
    ('0.5 to 2', '0.5 or more')
    >>> range_text(None, Fraction(-1), signed=True), range_text(None, None)
    ('-1 or less', '')
    """
    from wacost.analytics.comparison import shown

    low, high = (
        None if one is None else f"{'+' if signed and one > 0 else ''}{plain(shown(one))}"
        for one in (least, most)
    )
    if low is None:
        return f"{high} or less" if high else ""
    return f"{low} to {high}" if high else f"{low} or more"


def no_difference(found: Comparison) -> bool:
    """Tell whether an account has calls of one currency but no difference of its two amounts."""
    from wacost.analytics.comparison import OWN, Sum

    own, what_if = found.cards[0], found.cards[-1]
    if own.card != OWN or own.currency != what_if.currency:
        return False
    pairs = ((here, what_if.accounts.get(name, Sum())) for name, here in own.accounts.items())
    return any(not here.prices_as(there) for here, there in pairs)


def country_table(found: Comparison) -> str:
    """One line a country: its calls, what each card would charge, and which is cheapest.

    A card that was named alone in its currency has no rival: it is not called the cheapest.
    """
    from wacost.analytics.comparison import OWN, Sum

    names = [one.card for one in found.cards]
    currencies = list(dict.fromkeys(one.currency for one in found.cards if one.card != OWN))
    several = [code for code in currencies if len(found.others(code)) > 1]
    heads = [f"cheapest {code}" if len(currencies) > 1 else "cheapest" for code in several]
    rows = []
    for country in found.countries:
        sums = [one.countries.get(country, Sum()) for one in found.cards]
        calls = max(one.calls for one in sums)
        best = [cheapest_text(found, country, code) for code in several]
        rows.append([country or "(unknown)", str(calls), *map(amount_text, sums), *best])
    return table(["country", ">calls", *(f">{name}" for name in names), *heads], rows)


def cheapest_text(found: Comparison, country: str | None, currency: str) -> str:
    """Name the cheapest card, with "?" where rates that are not known may make it another."""
    doubt = "" if found.is_certain(country, currency) else "?"
    return f"{found.cheapest(country, currency) or '-'}{doubt}"


def amount_text(told: Sum) -> str:
    """Write an amount, exactly, or between what it lies; a star tells of calls that are not in it.

    A call without a price whose band has a rate that is not known is: with the least it can cost.
    """
    star = "*" if told.unpriced > told.unbounded else ""
    if told.is_range:
        return f"{range_text(told.least, told.most)}{star}"
    return "-" if told.amount is None else f"{plain(told.amount)}{star}"


def blend_lines(blend: Blend, found: Comparison) -> Iterator[str]:
    """Say which split is cheapest, what it saves, and whether that is proven."""
    by_card: dict[str, list[str]] = {}
    for country, card in blend.cards.items():
        by_card.setdefault(card, []).append(country or "(unknown)")
    gap = (
        f", {blend.total.unpriced} {noun(blend.total.unpriced, 'call')} without a price"
        if blend.total.unpriced
        else ""
    )
    yield f"Cheapest split of countries: {amount_text(blend.total)} {blend.currency}{gap}"
    for card, countries in by_card.items():
        yield f"  {card}: {', '.join(countries)}"
    alone = min(found.others(blend.currency), key=lambda one: one.total.rank)
    saved = alone.total.exact - blend.total.exact
    if len(by_card) == 1:
        yield "  one card is best for every country"
    elif alone.total.exact:
        yield f"  {percent(saved / alone.total.exact)} less than {alone.card} for all"
    known = "" if blend.certain else ", by the rates that are known"
    if blend.proven and blend.total.unpriced:
        yield f"  no other split that prices as many calls is cheaper{known}"
    elif blend.proven:
        yield f"  no other split is cheaper{known}"
    elif blend.least is not None:
        from wacost.analytics.comparison import shown

        yield f"  the best split tried; none can go below {plain(shown(blend.least))}"
    else:
        yield "  the best split tried: a rate rises with volume, so no bound is known"


def percent(share: Fraction) -> str:
    """Write a share with one decimal place.

    >>> percent(Fraction(1, 8)), percent(Fraction(-1, 2000))
    ('12.5 %', '-0.1 %')
    """
    tenths = divide(share.numerator * 1000, share.denominator, "half_up")
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10} %"


def doubt_text(told: Sum) -> str:
    """Say what calls come to whose band's rate is not known, beside what is known."""
    from wacost.analytics.comparison import shown

    calls = f"{_calls(told.tier_unknown, 'lie')} in a band whose rate is not known"
    known, low, high = (
        plain(shown(one)) for one in (told.known, told.doubtful_least, told.doubtful_most)
    )
    if told.unbounded:
        of = "" if told.unbounded == told.tier_unknown else f" for {told.unbounded} of them"
        return (
            f"{calls}: {known} is known, they come to {low} at least, and nothing tells the most:"
            f" no lower band's rate is known{of} either"
        )
    if not told.is_range:
        return f"{calls}: bounded by the bands around it, they come to {low} in any case"
    return f"{calls}: {known} is known, they come to {low} at least and {high} at most"


def _calls(number: int, verb: str) -> str:
    """Write a number of calls and what they do.

    >>> _calls(2, "lie"), _calls(1, "lie"), _calls(1, "have")
    ('2 calls lie', '1 call lies', '1 call has')
    """
    if number != 1:
        return f"{number} calls {verb}"
    return f"1 call {'has' if verb == 'have' else verb + 's'}"


def doubts(found: Comparison) -> list[str]:
    """Say what the figures leave out."""
    lines = []
    for one in found.cards:
        if gaps := one.total.unpriced - one.total.unbounded:
            lines.append(f"{one.card}: {_calls(gaps, 'have')} no price (*): not in its amounts")
        if one.total.tier_unknown:
            lines.append(f"{one.card}: {doubt_text(one.total)}")
    if not any(one.total.calls for one in found.cards):
        lines.append(f"no calls in {found.month}")
    return lines
