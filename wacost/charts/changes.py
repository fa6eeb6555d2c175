"""Figures of a month as a whole: what changed, its bands, what an answered call costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

from wacost.charts.bars import left_out, name_rows
from wacost.charts.look import (
    BLUE,
    FREE,
    GREEN,
    NO_PRICE,
    ORANGE,
    canvas,
    fill,
    graph_objects,
    label,
    money,
    money_axis,
    nothing,
    number,
    printed,
    safe,
    short,
    theme,
)
from wacost.language import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics import AllIn, Change
    from wacost.analytics.about import About
    from wacost.analytics.tiers import TierProgress

_SHOWN: Final = 15
_SMALL: Final = 11
"""Amounts of more signs than this are written small, so that they stand apart on paper."""
_LONG: Final = 60
"""Signs of a market, a direction and a card together, in the longest of the languages."""
_FULL: Final = Decimal("0.5")
"""From here on a text stands in its bar: beside it there is no room for it."""
_BAR: Final = 40


def waterfall(changes: Iterable[Change], about: About) -> Figure:
    """Draw what changed against the month before; the bars add up as printed.

    Args:
        changes: `log.cost_changes(month, account)`.
        about: `log.about(month, account)`.
    """
    found = {one.currency: one for one in changes}
    figure = canvas(about.say("What changed against the month before"), about, list(found) or [""])
    for panel, (currency, change) in enumerate(found.items(), start=1):
        if not (change.amount_before or change.amount_now):
            nothing(figure, panel, about.say(FREE))
            continue
        figure.add_trace(_steps(change, about), row=panel, col=1)
        reach = _reach(change)
        figure.add_trace(_amounts(change, list(map(max, reach)), about), row=panel, col=1)
        levels = [level for pair in reach for level in pair]
        figure.update_yaxes(money_axis(currency, levels), row=panel, col=1)
        figure.update_xaxes(type="category", showgrid=False, row=panel, col=1)
    if not found:
        nothing(figure, 1, about.say(NO_PRICE))
    return figure


def _steps(change: Change, about: About) -> Any:
    steps, currency = change.steps(), change.currency
    return graph_objects().Waterfall(
        x=[safe(about.word(name)) for name, _ in steps],
        y=[amount for _, amount in steps],
        measure=["absolute", *["relative"] * (len(steps) - 2), "total"],
        hovertext=[
            f"<b>{safe(about.word(name))}</b><br>{money(amount, currency, about)}<br>"
            f"{about.say(_MEANS[name]) if name in _MEANS else ''}"
            for name, amount in steps
        ],
        hoverinfo="text",
        connector={"line": {"color": theme().faint, "width": 1}},
        increasing={"marker": {"color": ORANGE}},
        decreasing={"marker": {"color": GREEN}},
        totals={"marker": {"color": BLUE}},
        showlegend=False,
    )


def _reach(change: Change) -> list[tuple[Decimal, Decimal]]:
    """Return from where to where each bar goes: a step hangs between what was before and after."""
    (_, first), *steps, (_, last) = change.steps()
    levels = accumulate((amount for _, amount in steps), initial=first)
    return [(Decimal(0), first), *pairwise(levels), (Decimal(0), last)]


def _amounts(change: Change, tops: Sequence[Decimal], about: About) -> Any:
    """Write each amount above its bar, never below: there is the axis with its names."""
    steps = change.steps()
    last = len(steps) - 1
    texts = [
        printed(amount, change.currency, about, sign=0 < n < last)
        for n, (_, amount) in enumerate(steps)
    ]
    return graph_objects().Scatter(
        mode="text",
        x=[safe(about.word(name)) for name, _ in steps],
        y=tops,
        text=texts,
        textfont={"size": 10 if max(map(len, texts)) > _SMALL else 13},
        textposition="top center",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


_MEANS: Final = {
    "volume": mark("more or fewer answered calls"),
    "mix": mark("other countries and directions"),
    "duration": mark("longer or shorter calls"),
    "price": mark("another price of a second: rates, bands, fees, pulses"),
}


def tiers(found: Iterable[TierProgress], about: About) -> Figure:
    """Draw how much of the way to its next volume band each market has gone.

    Args:
        found: `log.tiers(month, account)`.
        about: `log.about(month, account)`.
    """
    ahead = [one for one in found if one.next_from_minutes is not None]
    rows = ahead[:_SHOWN]
    title = about.say("On the way to the next volume band")
    figure = canvas(title, about, heights=[30 * max(len(rows), 4)])
    if not rows:
        nothing(figure, 1, about.say("No market has a further band"))
        return figure
    shares = [Decimal(one.used_seconds) / (60 * (one.next_from_minutes or 1)) for one in rows]
    figure.add_trace(
        graph_objects().Bar(
            orientation="h",
            y=name_rows(figure, _groups(rows, about), most=_LONG),
            x=shares,
            text=[_way(one, about) for one in rows],
            textposition=["inside" if share > _FULL else "outside" for share in shares],
            insidetextanchor="end",
            cliponaxis=False,
            marker={"color": BLUE},
            hovertext=[_band(one, about) for one in rows],
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.update_xaxes(
        range=[0, 1],
        tickformat=".0%",
        title={"text": about.say("of the minutes where the next band begins")},
    )
    left_out(figure, len(rows), len(ahead), about)
    return figure


def _groups(rows: Sequence[TierProgress], about: About) -> list[str]:
    """Name what accrues together, and whose it is where that is told of two portfolios."""
    names = [f"{_market(one, about)} ({one.card})" for one in rows]
    return [
        f"{one.portfolio}: {name}" if names.count(name) > 1 else name
        for one, name in zip(rows, names, strict=True)
    ]


def _market(one: TierProgress, about: About) -> str:
    where = about.language.name(one.destination or "") or about.say("all")
    return f"{where}, {about.word(one.direction)}"


def _way(one: TierProgress, about: About) -> str:
    used, of = one.used_seconds // 60, one.next_from_minutes or 0
    told = about.say("{used} of {all} min", used=number(used, about), all=number(of, about))
    if not one.next_on:
        return told
    return about.say(
        "{minutes}, on {day} at this pace", minutes=told, day=about.language.cell(one.next_on)
    )


def _band(one: TierProgress, about: About) -> str:
    told = {
        "minutes": number(one.tier_from_minutes, about),
        "day": one.reached_on and about.language.cell(one.reached_on),
        "rate": about.say("rate not known")
        if one.rate_unknown or one.rate_per_minute is None
        else money(one.rate_per_minute, one.currency, about),
    }
    following = (
        about.say("not known")
        if one.next_rate is None
        else money(one.next_rate, one.currency, about)
    )
    here = (
        about.say("above {minutes} min since {day}: {rate} a minute", **told)
        if one.reached_on
        else about.say("above {minutes} min: {rate} a minute", **told)
    )
    beyond = about.say(
        "above {minutes} min: {rate}",
        minutes=number(one.next_from_minutes or 0, about),
        rate=following,
    )
    whose = f"<b>{safe(_market(one, about))}</b><br>{safe(one.portfolio)}, {safe(one.card)}"
    return f"{whose}<br>{here}<br>{beyond}"


def all_in(found: Iterable[AllIn], about: About) -> Figure:
    """Draw what each account pays, calls and fixed costs, with the cost of an answered call.

    Args:
        found: `log.all_in(month, account)`.
        about: `log.about(month, account)`.
    """
    groups: dict[str, list[AllIn]] = {}
    for one in found:
        if one.currency:
            groups.setdefault(one.currency, []).append(one)
    groups = {currency: _merged(rows, about) for currency, rows in groups.items()}
    heights = [_BAR * max(len(rows), 2) for rows in groups.values()] or [_BAR * 3]
    title = about.say("What an answered call costs, all in")
    figure = canvas(title, about, list(groups) or [""], heights=heights)
    if not groups:
        nothing(figure, 1, about.say(NO_PRICE))
    for panel, (currency, rows) in enumerate(groups.items(), start=1):
        for n, part in enumerate(_PAID):
            bars = _paid(rows, part, currency, about)
            bars.update(marker=fill(n), showlegend=panel == 1)
            figure.add_trace(bars, row=panel, col=1)
        name_rows(figure, [_account(one, about) for one in rows], panel)
        told = [_each(one, currency, about) for one in rows]
        figure.update_yaxes(ticktext=told, row=panel, col=1)
        totals = [one.total for one in rows]
        figure.add_trace(_ends(totals, currency, about), row=panel, col=1)
        figure.update_xaxes(money_axis(currency, totals), row=panel, col=1)
    figure.update_layout(barmode="stack")
    return figure


def _account(one: AllIn, about: About) -> str:
    return one.account or about.say("(no account)")


def _merged(rows: list[AllIn], about: About) -> list[AllIn]:
    """Return the accounts that pay most, and all others as one."""
    if len(rows) <= _SHOWN + 1:
        return rows
    ordered = sorted(rows, key=lambda one: -one.total)
    others = ordered[_SHOWN:]
    merged = replace(
        others[0],
        account=about.say("{count} others", count=len(others)),
        answered=sum(one.answered for one in others),
        unpriced=sum(one.unpriced for one in others),
        cost=sum((one.cost for one in others), Decimal(0)),
        fees=sum((one.fees for one in others), Decimal(0)),
    )
    return [*ordered[:_SHOWN], merged]


def _paid(rows: Sequence[AllIn], part: str, currency: str, about: About) -> Any:
    amounts = [getattr(one, part) for one in rows]
    name = about.say(_PAID[part])
    return graph_objects().Bar(
        name=name,
        legendgroup=part,
        orientation="h",
        y=list(range(len(rows))),
        x=amounts,
        hovertext=[
            f"<b>{safe(_account(one, about))}</b><br>{name}: {money(amount, currency, about)}"
            for one, amount in zip(rows, amounts, strict=True)
        ],
        hoverinfo="text",
    )


def _ends(totals: Sequence[Decimal], currency: str, about: About) -> Any:
    """Write what was paid in all at the end of each bar."""
    return graph_objects().Scatter(
        mode="text",
        x=totals,
        y=list(range(len(totals))),
        text=[f"\N{NO-BREAK SPACE}{short(total, currency, about, totals)}" for total in totals],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _each(one: AllIn, currency: str, about: About) -> str:
    """Name an account, and below it what an answered call of it costs."""
    name, each = label(_account(one, about)), one.per_answered_call
    if each is None:
        return name
    told = about.say("{amount} per answered call", amount=printed(each, currency, about))
    return f"{name}<br><span style='font-size:11px'>{told}</span>"


_PAID: Final = {"cost": mark("calls"), "fees": mark("fixed costs")}
