"""Figures of a month as a whole: what changed, its bands, what an answered call costs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final

from wacost.charts.bars import left_out, name_rows
from wacost.charts.look import (
    BLUE,
    COLOURS,
    GREEN,
    ORANGE,
    canvas,
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics import AllIn, Change
    from wacost.analytics.about import About
    from wacost.analytics.tiers import TierProgress

_SHOWN: Final = 15
_SMALL: Final = 11
"""Amounts of more signs than this are written small, so that they stand apart on paper."""
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
    figure = canvas("What changed against the month before", about, list(found) or [""])
    for panel, (currency, change) in enumerate(found.items(), start=1):
        figure.add_trace(_steps(change, about), row=panel, col=1)
        reach = _reach(change)
        figure.add_trace(_amounts(change, list(map(max, reach)), about), row=panel, col=1)
        levels = [level for pair in reach for level in pair]
        figure.update_yaxes(money_axis(currency, levels), row=panel, col=1)
        figure.update_xaxes(type="category", showgrid=False, row=panel, col=1)
    if not found:
        nothing(figure, 1)
    return figure


def _steps(change: Change, about: About) -> Any:
    steps, currency = change.steps(), change.currency
    return graph_objects().Waterfall(
        x=[safe(name) for name, _ in steps],
        y=[amount for _, amount in steps],
        measure=["absolute", *["relative"] * (len(steps) - 2), "total"],
        hovertext=[
            f"<b>{safe(name)}</b><br>{money(amount, currency, about)}<br>{_MEANS.get(name, '')}"
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
        x=[safe(name) for name, _ in steps],
        y=tops,
        text=texts,
        textfont={"size": 10 if max(map(len, texts)) > _SMALL else 13},
        textposition="top center",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


_MEANS: Final = {
    "volume": "more or fewer answered calls",
    "mix": "other countries and directions",
    "duration": "longer or shorter calls",
    "price": "another price of a second: rates, bands, fees, pulses",
}


def tiers(found: Iterable[TierProgress], about: About) -> Figure:
    """Draw how much of the way to its next volume band each market has gone.

    Args:
        found: `log.tiers(month, account)`.
        about: `log.about(month, account)`.
    """
    ahead = [one for one in found if one.next_from_minutes is not None]
    rows = ahead[:_SHOWN]
    figure = canvas("On the way to the next volume band", about, heights=[30 * max(len(rows), 4)])
    if not rows:
        nothing(figure, 1, "No market has a further band")
        return figure
    shares = [Decimal(one.used_seconds) / (60 * (one.next_from_minutes or 1)) for one in rows]
    figure.add_trace(
        graph_objects().Bar(
            orientation="h",
            y=name_rows(figure, _groups(rows)),
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
        range=[0, 1], tickformat=".0%", title={"text": "of the minutes where the next band begins"}
    )
    left_out(figure, len(rows), len(ahead), about)
    return figure


def _groups(rows: Sequence[TierProgress]) -> list[str]:
    """Name what accrues together, and whose it is where that is told of two portfolios."""
    names = [f"{one.destination or 'all'}, {one.direction} ({one.card})" for one in rows]
    return [
        f"{one.portfolio}: {name}" if names.count(name) > 1 else name
        for one, name in zip(rows, names, strict=True)
    ]


def _way(one: TierProgress, about: About) -> str:
    of = number(one.next_from_minutes or 0, about)
    due = f", on {one.next_on} at this pace" if one.next_on else ""
    return f"{number(one.used_seconds // 60, about)} of {of} min{due}"


def _band(one: TierProgress, about: About) -> str:
    rate = (
        "rate not known"
        if one.rate_unknown or one.rate_per_minute is None
        else (money(one.rate_per_minute, one.currency, about))
    )
    following = "not known" if one.next_rate is None else money(one.next_rate, one.currency, about)
    since = f" since {one.reached_on}" if one.reached_on else ""
    return (
        f"<b>{safe(one.destination or 'all')}, {safe(one.direction)}</b><br>"
        f"{safe(one.portfolio)}, {safe(one.card)}<br>"
        f"above {number(one.tier_from_minutes, about)} min{since}: {rate} a minute<br>"
        f"above {number(one.next_from_minutes or 0, about)} min: {following}"
    )


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
    groups = {currency: _merged(rows) for currency, rows in groups.items()}
    heights = [_BAR * max(len(rows), 2) for rows in groups.values()] or [_BAR * 3]
    title = "What an answered call costs, all in"
    figure = canvas(title, about, list(groups) or [""], heights=heights)
    if not groups:
        nothing(figure, 1)
    for panel, (currency, rows) in enumerate(groups.items(), start=1):
        for n, part in enumerate(_PAID):
            bars = _paid(rows, part, currency, about)
            bars.update(marker_color=COLOURS[n], showlegend=panel == 1)
            figure.add_trace(bars, row=panel, col=1)
        name_rows(figure, [one.account or "(no account)" for one in rows], panel)
        told = [_each(one, currency, about) for one in rows]
        figure.update_yaxes(ticktext=told, row=panel, col=1)
        totals = [one.total for one in rows]
        figure.add_trace(_ends(totals, currency, about), row=panel, col=1)
        figure.update_xaxes(money_axis(currency, totals), row=panel, col=1)
    figure.update_layout(barmode="stack")
    return figure


def _merged(rows: list[AllIn]) -> list[AllIn]:
    """Return the accounts that pay most, and all others as one."""
    if len(rows) <= _SHOWN + 1:
        return rows
    ordered = sorted(rows, key=lambda one: -one.total)
    others = ordered[_SHOWN:]
    merged = replace(
        others[0],
        account=f"{len(others)} others",
        answered=sum(one.answered for one in others),
        unpriced=sum(one.unpriced for one in others),
        cost=sum((one.cost for one in others), Decimal(0)),
        fees=sum((one.fees for one in others), Decimal(0)),
    )
    return [*ordered[:_SHOWN], merged]


def _paid(rows: Sequence[AllIn], part: str, currency: str, about: About) -> Any:
    amounts = [getattr(one, part) for one in rows]
    return graph_objects().Bar(
        name=_PAID[part],
        legendgroup=part,
        orientation="h",
        y=list(range(len(rows))),
        x=amounts,
        hovertext=[
            f"<b>{safe(one.account or '(no account)')}</b><br>"
            f"{_PAID[part]}: {money(amount, currency, about)}"
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
    name, each = label(one.account or "(no account)"), one.per_answered_call
    if each is None:
        return name
    told = f"{printed(each, currency, about)} per answered call"
    return f"{name}<br><span style='font-size:11px'>{told}</span>"


_PAID: Final = {"cost": "calls", "fees": "fixed costs"}
