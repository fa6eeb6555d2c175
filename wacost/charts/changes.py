"""Figures of a month as a whole: what changed, its bands, what an answered call costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.charts.look import (
    BLUE,
    COLOURS,
    GREEN,
    ORANGE,
    canvas,
    graph_objects,
    money,
    money_axis,
    nothing,
    number,
    printed,
    safe,
    theme,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics import AllIn, Change
    from wacost.analytics.about import About
    from wacost.analytics.tiers import TierProgress

_SHOWN: Final = 15
_BAR: Final = 36
_LONG: Final = Decimal("1.5")


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
        figure.update_yaxes(money_axis(currency), row=panel, col=1)
        figure.update_xaxes(type="category", showgrid=False, row=panel, col=1)
    if not found:
        nothing(figure, 1)
    return figure


def _steps(change: Change, about: About) -> Any:
    steps, currency = change.steps(), change.currency
    last = len(steps) - 1
    return graph_objects().Waterfall(
        x=[safe(name) for name, _ in steps],
        y=[amount for _, amount in steps],
        measure=["absolute", *["relative"] * (last - 1), "total"],
        text=[
            printed(amount, currency, about, sign=0 < n < last)
            for n, (_, amount) in enumerate(steps)
        ],
        textposition="outside",
        cliponaxis=False,
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
    rows = [one for one in found if one.next_from_minutes is not None][:_SHOWN]
    figure = canvas("On the way to the next volume band", about, heights=[30 * max(len(rows), 4)])
    if not rows:
        nothing(figure, 1, "No market has a further band")
        return figure
    figure.add_trace(
        graph_objects().Bar(
            orientation="h",
            y=[safe(f"{one.destination or 'all'}, {one.direction} ({one.card})") for one in rows],
            x=[Decimal(one.used_seconds) / (60 * (one.next_from_minutes or 1)) for one in rows],
            text=[_way(one, about) for one in rows],
            textposition="outside",
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
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


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
        groups.setdefault(one.currency or "", []).append(one)
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
        for one in rows:
            figure.add_annotation(_each(one, currency, about), row=panel, col=1)
        totals = [one.total for one in rows]
        figure.update_xaxes(money_axis(currency, totals, _LONG), row=panel, col=1)
        figure.update_yaxes(
            type="category", range=[-0.5, max(len(rows), 2) - 0.5], showgrid=False, row=panel, col=1
        )
    figure.update_layout(barmode="stack")
    return figure


def _paid(rows: Sequence[AllIn], part: str, currency: str, about: About) -> Any:
    amounts = [getattr(one, part) for one in rows]
    return graph_objects().Bar(
        name=_PAID[part],
        legendgroup=part,
        orientation="h",
        y=[safe(one.account or "(no account)") for one in rows],
        x=amounts,
        hovertext=[f"{_PAID[part]}: {money(amount, currency, about)}" for amount in amounts],
        hoverinfo="text",
    )


def _each(one: AllIn, currency: str, about: About) -> dict[str, Any]:
    each = one.per_answered_call
    return {
        "text": "" if each is None else f"{money(each, currency, about)} per answered call",
        "x": one.total,
        "y": safe(one.account or "(no account)"),
        "xanchor": "left",
        "xshift": 4,
        "showarrow": False,
    }


_PAID: Final = {"cost": "calls", "fees": "fixed costs"}
