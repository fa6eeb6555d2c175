"""A map of costs. Nothing is fetched: the outlines come with wacost."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wacost.bundled import bundled
from wacost.charts.costs import hover, name_of
from wacost.charts.look import (
    BLUE,
    canvas,
    graph_objects,
    panels,
    rows_of,
    safe,
    short,
    theme,
    why_empty,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About
    from wacost.charts.look import Row

_LARGEST: Final = 44
"""Pixels across the largest circle."""
_NAMED: Final = 3
_APART: Final = 90
_LINE: Final = 14
"""How far names have to be apart, in steps of the map: across and down."""
_ACROSS: Final = (-345, 350)
_DOWN: Final = (-135, 172)
_EAST: Final = 230
"""From here on a name stands to the left of its circle: to the right it would leave the map."""
_MARGIN: Final = 10


def cost_map(costs: Any, about: About) -> Figure:
    """Draw a map: the area of a circle is what the calls of its country cost.

    Nothing is fetched: the outlines come with wacost (Natural Earth, Equal Earth projection).

    Args:
        costs: a frame or rows of `log.costs(by=["country"], ...)`.
        about: `log.about(month, account)`.
    """
    groups = panels(rows_of(costs), about)
    figure = canvas(about.say("Where calls cost"), about, list(groups), heights=[420])
    for panel, (currency, rows) in enumerate(groups.items(), start=1):
        axis = "" if panel == 1 else str(panel)
        figure.add_shape(
            type="path",
            path=_world()["outlines"],
            xref=f"x{axis}",
            yref=f"y{axis}",
            layer="below",
            fillcolor=theme().land,
            line={"color": theme().paper, "width": 0.6},
        )
        figure.update_xaxes(visible=False, range=_ACROSS, row=panel, col=1)
        figure.update_yaxes(visible=False, range=_DOWN, scaleanchor=f"x{axis}", row=panel, col=1)
        priced = sorted(
            (row for row in rows if row["amount"]), key=lambda row: row["amount"], reverse=True
        )
        placed = [row for row in priced if row["country"] in _world()["centres"]]
        figure.add_trace(_circles(placed, currency, about), row=panel, col=1)
        if not priced:
            _say(figure, panel, why_empty(rows, about))
        elif len(placed) < len(priced):
            missing = sum((row["amount"] for row in priced if row not in placed), Decimal(0))
            amount = short(missing, currency, about)
            text = about.say("Not on the map: {amount}", amount=amount)
            _say(figure, panel, text, below=True)
    top = figure.layout.margin.t
    figure.update_layout(
        margin={"l": _MARGIN, "r": _MARGIN, "b": _MARGIN, "t": top},
        meta=_proportions(len(groups), figure),
    )
    return figure


def _say(figure: Figure, panel: int, text: str, *, below: bool = False) -> None:
    """Say something in the middle of a map, or below its left end."""
    figure.add_annotation(
        text=text,
        x=_ACROSS[0] if below else 0,
        y=_DOWN[0] if below else 0,
        xanchor="left" if below else "center",
        showarrow=False,
        font={"size": 12 if below else 15, "color": theme().faint},
        row=panel,
        col=1,
    )


def _proportions(count: int, figure: Figure) -> dict[str, float]:
    """Tell a page of another width how high it has to be: `rest` pixels and width by `ratio`."""
    ratio = (_ACROSS[1] - _ACROSS[0]) / (_DOWN[1] - _DOWN[0])
    return {"ratio": ratio / count, "rest": figure.layout.margin.t + _MARGIN + 60 * (count - 1)}


def _circles(rows: Sequence[Row], currency: str, about: About) -> Any:
    centres = [_world()["centres"][row["country"]] for row in rows]
    largest = max((row["amount"] for row in rows), default=Decimal(1))
    names = [name_of(row["country"], "country", about) for row in rows]
    return graph_objects().Scatter(
        mode="markers+text" if rows else "markers",
        x=[x for x, _ in centres],
        y=[y for _, y in centres],
        text=[safe(name) if n in _named(centres) else "" for n, name in enumerate(names)],
        textposition=[_side(place, centres) for place in centres],
        marker={
            "size": [row["amount"] for row in rows],
            "sizemode": "area",
            "sizeref": 2 * largest / _LARGEST**2,
            "sizemin": 3,
            "color": BLUE,
            "opacity": 0.75,
            "line": {"color": theme().paper, "width": 1},
        },
        hovertext=[
            hover(name, row, currency, about) for name, row in zip(names, rows, strict=True)
        ],
        hoverinfo="text",
        showlegend=False,
    )


def _side(place: tuple[int, int], centres: Sequence[tuple[int, int]]) -> str:
    """Return where the name of a circle stands: to the left where another is on its right.

    >>> [_side((0, 0), others) for others in ([(0, 0)], [(0, 0), (9, 2)], [(-9, 2)])]
    ['middle right', 'middle left', 'middle right']
    """
    x, y = place
    taken = any(0 < other - x < _APART / 2 and abs(up - y) < _LINE / 2 for other, up in centres)
    return "middle left" if x > _EAST or taken else "middle right"


def _named(centres: Sequence[tuple[int, int]]) -> list[int]:
    """Return which circles are named: the largest ones whose names do not lie upon each other.

    >>> _named([(0, 0), (3, 3), (200, 0), (0, 90), (300, 50)])
    [0, 2, 3]
    """
    found: list[int] = []
    for n, (x, y) in enumerate(centres):
        near = any(
            abs(x - centres[other][0]) < _APART and abs(y - centres[other][1]) < _LINE
            for other in found
        )
        if not near and len(found) < _NAMED:
            found.append(n)
    return found


@cache
def _world() -> dict[str, Any]:
    text = (bundled("map") / "world.json").read_text(encoding="utf-8")
    world: dict[str, Any] = json.loads(text)
    return world
