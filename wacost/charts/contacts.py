"""Figures of missed calls and permissions: when, who was reached, how many people it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.charts.bars import left_out, name_rows
from wacost.charts.costs import name_of
from wacost.charts.look import (
    BLUE,
    GREY,
    ORANGE,
    canvas,
    count_axis,
    fill,
    graph_objects,
    nothing,
    number,
    rows_of,
    safe,
    theme,
)
from wacost.language import mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About
    from wacost.charts.look import Row

_SHOWN: Final = 20
_GROUPS: Final = 12
_THIN: Final = 18
_BAR: Final = 30
_NO_CALL: Final = mark("No contact called in this month")
_LOST: Final = ("missed", "declined", "failed")


def week(missed: Any, about: About) -> Figure:
    """Draw when calls of contacts were not answered: weekday by hour, on the account's clocks.

    Args:
        missed: a frame or rows of `log.missed(month, by=["weekday", "hour"])`.
        about: `log.about(month, account)`.
    """
    rows = rows_of(missed)
    title = about.say("Calls of contacts that nobody took, by weekday and hour")
    figure = canvas(title, about, heights=[280])
    if not rows:
        nothing(figure, 1, about.say(_NO_CALL))
        return figure
    told = {(row["weekday"], row["hour"]): row for row in rows}
    places = [(day + 1, hour) for day in range(7) for hour in range(24)]
    lost = {place: _lost(told[place]) if place in told else None for place in places}
    figure.add_trace(
        graph_objects().Heatmap(
            z=[[lost[day + 1, hour] for hour in range(24)] for day in range(7)],
            x=[f"{hour:02d}" for hour in range(24)],
            y=about.language.weekdays(),
            text=[
                [
                    "" if (one := lost[day + 1, hour]) is None else number(one, about)
                    for hour in range(24)
                ]
                for day in range(7)
            ],
            texttemplate="%{text}",
            textfont={"color": theme().text},
            hovertext=[
                [_hour(told.get((day + 1, hour)), day, hour, about) for hour in range(24)]
                for day in range(7)
            ],
            hoverinfo="text",
            colorscale=[[0, theme().land], [1, theme().peak]],
            zmin=0,
            zmax=max(1, *(one for one in lost.values() if one is not None)),
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(
        title={"text": about.say("hour of the day")}, type="category", showgrid=False
    )
    return figure


def _lost(row: Row) -> int:
    return sum(int(row[name]) for name in _LOST)


def _hour(row: Row | None, day: int, hour: int, about: About) -> str:
    span = about.say("{first} to {last}", first=f"{hour:02d}:00", last=f"{hour:02d}:59")
    head = f"<b>{about.language.weekdays()[day]}, {span}</b><br>"
    if row is None:
        return head + about.say("no call")
    lost = about.say("{count} not answered", count=number(_lost(row), about))
    taken = about.say(
        "{answered} of {all} calls answered",
        answered=number(row["answered"], about),
        all=number(row["calls"], about),
    )
    return f"{head}{lost}<br>{taken}"


def pickup(missed: Any, about: About, by: str = "number") -> Figure:
    """Draw which part of the calls was answered, with the range that the count leaves open.

    Args:
        missed: a frame or rows of `log.missed(month, by=[by])`.
        about: `log.about(month, account)`.
        by: the column that names a dot.
    """
    counted = [row for row in rows_of(missed) if row["pickup"] is not None]
    rows = counted[:_SHOWN]
    title = about.say(
        "Answered calls of contacts by {column}, with the {level} % range",
        column=about.word(by),
        level=95,
    )
    figure = canvas(title, about, heights=[_BAR * max(len(rows), 3)])
    if not rows:
        nothing(figure, 1, about.say(_NO_CALL))
        return figure
    figure.add_trace(
        graph_objects().Scatter(
            mode="markers",
            x=[row["pickup"] for row in rows],
            y=name_rows(figure, [name_of(row[by], by, about) for row in rows]),
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [row["pickup_high"] - row["pickup"] for row in rows],
                "arrayminus": [row["pickup"] - row["pickup_low"] for row in rows],
                "color": GREY,
                "thickness": 2,
                "width": 5,
            },
            marker={"size": 10, "color": BLUE},
            hovertext=[_rate(row, by, about) for row in rows],
            hoverinfo="text",
            showlegend=False,
        )
    )
    figure.update_xaxes(range=[0, 101], title={"text": about.say("% of calls answered")})
    left_out(figure, len(rows), len(counted), about)
    return figure


def _rate(row: Row, by: str, about: About) -> str:
    share = about.say(
        "{share} % answered, {level} % range {low} to {high} %",
        share=number(row["pickup"], about),
        level=95,
        low=number(row["pickup_low"], about),
        high=number(row["pickup_high"], about),
    )
    taken = about.say(
        "{answered} of {all} calls",
        answered=number(row["answered"], about),
        all=number(row["calls"], about),
    )
    return f"<b>{safe(row[by])}</b><br>{share}<br>{taken}"


def agents(load: Sequence[Row], about: About, shares: Sequence[str]) -> Figure:
    """Draw how many people it takes so that callers find somebody free.

    Args:
        load: `log.missed_report(month).numbers`.
        about: `log.about(month, account)`.
        shares: percent of the callers, as the counts in `agents` are for.
    """
    counted = [row for row in load if row["agents"]]
    rows = sorted(counted, key=lambda row: -row["agents"][-1])[:_GROUPS]
    heights = [_THIN * len(shares) * max(len(rows), 3)]
    title = about.say("People needed at once, so that callers find one free")
    figure = canvas(title, about, heights=heights)
    if not rows:
        nothing(figure, 1, about.say(_NO_CALL))
        return figure
    names = [name_of(row["number"], "number", about) for row in rows]
    places = name_rows(figure, names)
    for n, share in enumerate(shares):
        told = about.say("{share} % of callers", share=share)
        figure.add_trace(
            graph_objects().Bar(
                name=told,
                orientation="h",
                y=places,
                x=[row["agents"][n] for row in rows],
                text=[number(row["agents"][n], about) for row in rows],
                textposition="outside",
                constraintext="none",
                cliponaxis=False,
                marker=fill(n),
                hovertext=[f"{safe(name)}: {told}" for name in names],
                hoverinfo="text",
            )
        )
    figure.update_layout(barmode="group")
    figure.update_xaxes(count_axis(max(row["agents"][-1] for row in rows), about.say("people")))
    left_out(figure, len(rows), len(counted), about)
    return figure


STEPS: Final[Mapping[str, str]] = {
    "requested": mark("asked"),
    "delivered": mark("delivered"),
    "read": mark("read"),
    "granted": mark("granted"),
    "called": mark("called"),
    "reached": mark("reached"),
}
"""The steps of a funnel, in order, and what a reader reads."""


def funnel(counts: Mapping[str, Any], about: About) -> Figure:
    """Draw what became of requests for permission to call; granted has automatic ones in it.

    Args:
        counts: `log.permission_funnel(month).counts`.
        about: `log.about(month, account)`.
    """
    figure = canvas(about.say("From asking for permission to a call that was answered"), about)
    values = [int(counts.get(name) or 0) for name in STEPS]
    if not any(values):
        nothing(figure, 1, about.say("No permission was asked for or given in this month"))
        return figure
    given = list(STEPS).index("granted")
    figure.add_trace(
        graph_objects().Bar(
            orientation="h",
            y=[about.say(name) for name in STEPS.values()],
            x=values,
            text=[number(value, about) for value in values],
            textposition="outside",
            cliponaxis=False,
            marker={"color": [BLUE if n < given else ORANGE for n in range(len(values))]},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_xaxes(count_axis(max(values), about.say("contacts")))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure
