"""Rows that lie one below the other: their names, bars with amounts, what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.charts.look import (
    BLUE,
    FOOT,
    FREE,
    NAME,
    NO_PRICE,
    ROOM,
    graph_objects,
    label,
    money_axis,
    nothing,
    number,
    short,
    theme,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About

_BAR: Final = 24
_FEWEST: Final = 2
_NOTE: Final = 20
_TWO: Final = Decimal("0.6")
"""How much more room there is at the end of bars for two amounts."""


def name_rows(figure: Figure, names: Sequence[str], panel: int = 1, most: int = NAME) -> list[int]:
    """Name rows that lie one below the other; return where each is.

    Rows stand at numbers, not at their names: two of the same name stay two.
    """
    places = list(range(len(names)))
    figure.update_yaxes(
        range=[max(len(names), _FEWEST) - 0.5, -0.5],
        tickvals=places,
        ticktext=[label(name, most) for name in names],
        showgrid=False,
        zeroline=False,
        row=panel,
        col=1,
    )
    return places


def left_out(figure: Figure, shown: int, found: int, about: About) -> None:
    """Say below a figure how many rows it does not show."""
    if found > shown:
        layout = figure.layout
        figure.update_layout(height=layout.height + _NOTE, margin={"b": layout.margin.b + _NOTE})
        figure.add_annotation(
            text=about.say(
                "{shown} of {all} are shown", shown=number(shown, about), all=number(found, about)
            ),
            xref="paper",
            yref="paper",
            x=1,
            y=0,
            yshift=-FOOT,
            xanchor="right",
            yanchor="top",
            showarrow=False,
            font={"size": 12, "color": theme().faint},
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a ranking: its name, its exact amount, what hovering tells, its colour.

    At its end stands its amount as `short` writes it, or a text of its own. A whisker from `least`
    to its end says that it may be less.
    """

    name: str
    amount: Decimal
    hover: str
    colour: str = BLUE
    text: str = ""
    least: Decimal | None = None


def bars_height(count: int) -> int:
    """Return the height of a panel of bars, in pixels: a bar is as thick in every figure."""
    return _BAR * max(count, _FEWEST)


def bars(figure: Figure, panel: int, found: Sequence[Bar], currency: str, about: About) -> None:
    """Draw bars that lie, in the order given, each with its amount at its end."""
    if not any(one.amount for one in found):
        nothing(figure, panel, about.say(FREE if found else NO_PRICE))
        return
    amounts = [one.amount for one in found]
    less = [0 if one.least is None else one.amount - one.least for one in found]
    trace = graph_objects().Bar(
        orientation="h",
        y=name_rows(figure, [one.name for one in found], panel),
        x=amounts,
        text=[one.text or short(one.amount, currency, about, amounts) for one in found],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [one.colour for one in found]},
        hovertext=[one.hover for one in found],
        hoverinfo="text",
        showlegend=False,
    )
    room = ROOM
    if any(less):
        none, colour = [0] * len(less), theme().text
        trace.error_x = {"symmetric": False, "array": none, "arrayminus": less, "color": colour}
        room += _TWO
    figure.add_trace(trace, row=panel, col=1)
    figure.update_xaxes(money_axis(currency, amounts, room), row=panel, col=1)
