"""Figures of rate cards beside each other, and of the lines of an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.analytics.comparison import OWN, shown
from wacost.billing.wording import PARTS
from wacost.charts.bars import Bar, bars, bars_height
from wacost.charts.costs import name_of
from wacost.charts.look import (
    BLUE,
    GREY,
    canvas,
    cut,
    footnote,
    minutes,
    money,
    number,
    printed,
    safe,
    short,
)
from wacost.language import mark
from wacost.money import trimmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About
    from wacost.analytics.comparison import Compared, Comparison, Sum
    from wacost.billing import Invoice, Line

_SHOWN: Final = 15
_TITLES: Final = {
    "expected": mark("Lines of the expected invoice of {account} ({number})"),
    "chargeback": mark("Lines of the chargeback invoice of {account} ({number})"),
    "customer": mark("Lines of the customer invoice of {account} ({number})"),
}


def cards(comparison: Comparison, about: About) -> Figure:
    """Draw what each card would charge for the same calls; the account's own is grey.

    Where rates are not known, a whisker and two amounts tell the least and the most.

    Args:
        comparison: `log.compare(month, [card, ...])`.
        about: `log.about(month)`.
    """
    groups: dict[str, list[Bar]] = {}
    for one in comparison.cards:
        if one.total.amount is not None:
            groups.setdefault(one.currency, []).append(_card(one, about))
    silent = ", ".join(one.card for one in comparison.cards if one.total.amount is None)
    names = list(groups) or [""]
    heights = [bars_height(len(found)) for found in groups.values()] or [bars_height(0)]
    title = about.say("The same calls under several cards")
    figure = canvas(title, about, names, heights=heights)
    for panel, name in enumerate(names, start=1):
        bars(figure, panel, groups.get(name, []), name, about)
    footnote(figure, silent and about.say("No call has a price under {cards}", cards=silent))
    return figure


def _card(one: Compared, about: About) -> Bar:
    total = one.total
    amount = total.amount or Decimal(0)
    name = about.say(OWN) if one.card == OWN else one.card
    lines = [
        f"<b>{safe(name)}</b> ({safe(about.word(one.status))})",
        money(amount, one.currency, about),
        about.say_n(
            "{number} call, {unpriced} without a price",
            "{number} calls, {unpriced} without a price",
            total.calls,
            unpriced=number(total.unpriced, about),
        ),
    ]
    if total.tier_unknown:
        unknown = number(total.tier_unknown, about)
        lines.append(about.say("{count} in a band whose rate is not known", count=unknown))
    known = f" ({about.word(one.status)})" if one.status else ""
    gap = " *" if total.unpriced else ""
    colour = GREY if one.checksum == "" else BLUE
    if not total.is_range:
        return Bar(f"{name}{known}{gap}", amount, "<br>".join(lines), colour)
    lines[1] = between(total, about, lambda end: money(end, one.currency, about))
    text = between(total, about, lambda end: short(end, one.currency, about))
    least = shown(total.least)
    most = least if total.most is None else shown(total.most)
    return Bar(f"{name}{known}{gap}", most, "<br>".join(lines), colour, text, least)


def between(told: Sum, about: About, write: Callable[[Decimal], str]) -> str:
    """Write between which amounts a sum lies: one where the two are written alike.

    Args:
        told: what calls come to under a card.
        about: of the figure or table.
        write: an amount for a reader.
    """
    least = write(shown(told.least))
    if told.most is None:
        return about.say("{amount} or more", amount=least)
    most = write(shown(told.most))
    return least if most == least else about.say("{least} to {most}", least=least, most=most)


def lines(invoice: Invoice, about: About) -> Figure:
    """Draw the lines of an invoice as they are billed, the dearest first.

    Args:
        invoice: a draft or a final document.
        about: `log.about(month, account)`.
    """
    ordered = sorted(invoice.lines, key=lambda line: -line.amount)
    found = [_line(line, invoice.currency, about) for line in ordered[:_SHOWN]]
    if others := ordered[_SHOWN:]:
        amount = sum((line.amount for line in others), Decimal(0))
        name = about.say_n("{number} other line", "{number} other lines", len(others))
        told = f"{name}<br>{money(amount, invoice.currency, about)}"
        text = printed(amount, invoice.currency, about)
        found.append(Bar(name, amount, told, GREY, text))
    state = invoice.number or about.say("draft")
    title = about.say(_TITLES[invoice.kind], account=cut(invoice.title), number=state)
    figure = canvas(title, about, heights=[bars_height(len(found))])
    bars(figure, 1, found, invoice.currency, about)
    return figure


def _line(line: Line, currency: str, about: About) -> Bar:
    where = name_of(line.country, "country", about)
    rate = "" if line.rate_per_minute is None else number(trimmed(line.rate_per_minute), about)
    direction = about.word(line.direction)
    what = f"{rate}/min" if rate else ""
    if line.part != "call":
        what = about.say(PARTS[line.part])
    told = [
        f"<b>{safe(where)}, {safe(direction)}</b> {safe(line.market or '')}",
        money(line.amount, currency, about),
        about.say_n(
            "{number} call, {minutes}",
            "{number} calls, {minutes}",
            line.calls,
            minutes=minutes(line.billed_seconds, about),
        ),
        f"{safe(what)} ({safe(line.card)})",
    ]
    return Bar(
        f"{where}, {direction}, {what}",
        line.amount,
        "<br>".join(told),
        text=printed(line.amount, currency, about),
    )
