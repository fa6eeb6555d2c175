"""Figures of costs: ranked bars and days."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.charts.bars import Bar, bars, bars_height
from wacost.charts.look import (
    BLUE,
    GREY,
    canvas,
    fill,
    graph_objects,
    minutes,
    money,
    money_axis,
    nothing,
    number,
    panels,
    rows_of,
    safe,
    why_empty,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About
    from wacost.charts.look import Row

SHOWN: Final = 15
"""How many bars stand by themselves; the others are one bar together."""
_WORDED: Final = ("direction", "status")
_SUMS: Final = ("calls", "answered", "unpriced", "billed_seconds")


def ranked(costs: Any, about: About, by: str = "country") -> Figure:
    """Draw what each country, market or whatever costs, the dearest first.

    Args:
        costs: a frame or rows of `log.costs(by=[by], ...)`.
        about: `log.about(month, account)`.
        by: the column that names a bar.
    """
    groups = {
        currency: _shortened(rows, by, about)
        for currency, rows in panels(rows_of(costs), about).items()
    }
    heights = [bars_height(len(rows)) for rows in groups.values()]
    title = about.say("What calls cost by {column}", column=about.word(by.replace("_", " ")))
    figure = canvas(title, about, list(groups), heights=heights)
    for panel, (currency, rows) in enumerate(groups.items(), start=1):
        found = [_bar(row, by, currency, about) for row in rows]
        bars(figure, panel, found, currency, about)
    return figure


def _bar(row: Row, by: str, currency: str, about: About) -> Bar:
    name = name_of(row[by], by, about)
    told = hover(name, row, currency, about)
    return Bar(name, row["amount"], told, GREY if row.get("others") else BLUE)


def _shortened(rows: Sequence[Row], by: str, about: About) -> list[Row]:
    """Return the dearest rows, and all others as one: a picture of 200 bars tells nothing."""
    priced = [row for row in rows if row["amount"] is not None]
    priced.sort(key=lambda row: (-row["amount"], str(row[by])))
    if len(priced) <= SHOWN + 1:
        return priced
    others = priced[SHOWN:]
    merged: Row = {name: sum(row[name] for row in others) for name in _SUMS}
    merged["amount"] = sum((row["amount"] for row in others), Decimal(0))
    name = about.say("{count} others", count=len(others))
    return [*priced[:SHOWN], {**merged, by: name, "others": True}]


def hover(name: str, row: Row, currency: str, about: About) -> str:
    """Tell a row exactly."""
    lines = [
        f"<b>{safe(name)}</b>",
        money(row["amount"], currency, about),
        about.say_n(
            "{number} call, {answered} answered",
            "{number} calls, {answered} answered",
            row["calls"],
            answered=number(row["answered"], about),
        ),
        minutes(row["billed_seconds"], about),
    ]
    if row["unpriced"]:
        lines.append(about.say("{count} without a price", count=number(row["unpriced"], about)))
    return "<br>".join(lines)


def by_day(costs: Any, about: About) -> Figure:
    """Draw what each local day costs, by direction where the rows tell it.

    Args:
        costs: a frame or rows of `log.costs(by=["day", "direction"], month=...)`.
        about: `log.about(month, account)`.
    """
    groups = panels(rows_of(costs), about)
    figure = canvas(about.say("What calls cost by day"), about, list(groups))
    ways = sorted({_way(row, about) for rows in groups.values() for row in rows if row["amount"]})
    told: set[str] = set()
    for panel, (currency, rows) in enumerate(groups.items(), start=1):
        priced = [row for row in rows if row["amount"]]
        if not priced:
            nothing(figure, panel, why_empty(rows, about))
            continue
        for n, direction in enumerate(ways):
            if own := [row for row in priced if _way(row, about) == direction]:
                bars_ = _days(own, direction, n, currency, about)
                figure.add_trace(bars_.update(showlegend=direction not in told), row=panel, col=1)
                told.add(direction)
        figure.update_yaxes(money_axis(currency), row=panel, col=1)
        first, last = about.days[0], about.days[-1]
        figure.update_xaxes(
            type="date",
            range=[f"{first}T00:00:00", f"{last}T23:59:59"],
            tickformat="%-d",
            dtick=86_400_000 * 2,
            tick0=str(first),
            ticklabelmode="period",
            showgrid=False,
            title={"text": about.month_text},
            row=panel,
            col=1,
        )
    figure.update_layout(barmode="stack")
    return figure


def _way(row: Row, about: About) -> str:
    """Name the direction of a row; where rows do not tell any, all calls are together."""
    if direction := row.get("direction"):
        return about.word(str(direction))
    return about.say("not known") if "direction" in row else about.say("all calls")


def _days(rows: Sequence[Row], direction: str, n: int, currency: str, about: About) -> Any:
    return graph_objects().Bar(
        name=safe(direction),
        legendgroup=direction,
        x=[f"{row['day']}T12:00:00" for row in rows],
        width=86_400_000 * 4 // 5,
        y=[row["amount"] for row in rows],
        marker=fill(n),
        hovertext=[
            hover(f"{about.language.cell(row['day'])}, {direction}", row, currency, about)
            for row in rows
        ],
        hoverinfo="text",
    )


def name_of(value: Any, by: str, about: About) -> str:
    """Name a bar for a reader: countries and words of the field in the locale's language."""
    if value is None:
        return about.say("not known")
    if by != "country":
        return about.word(str(value)) if by in _WORDED else str(value)
    from babel import Locale  # noqa: PLC0415

    return str(Locale.parse(about.locale).territories.get(value, value))
