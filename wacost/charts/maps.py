"""A map of costs. Nothing is fetched: the outlines come with wacost."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from wacost.bundled import bundled
from wacost.charts.costs import hover, name_of
from wacost.charts.look import BLUE, canvas, graph_objects, panels, rows_of, safe, theme

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


def cost_map(costs: Any, about: About) -> Figure:
    """Draw a map: the area of a circle is what the calls of its country cost.

    Nothing is fetched: the outlines come with wacost (Natural Earth, Equal Earth projection).

    Args:
        costs: a frame or rows of `log.costs(by=["country"], ...)`.
        about: `log.about(month, account)`.
    """
    groups = panels(rows_of(costs), about)
    figure = canvas("Where calls cost", about, list(groups), heights=[420])
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
        figure.update_xaxes(visible=False, range=[-345, 350], row=panel, col=1)
        figure.update_yaxes(
            visible=False, range=[-135, 172], scaleanchor=f"x{axis}", row=panel, col=1
        )
        placed = [row for row in rows if row["amount"] and row["country"] in _world()["centres"]]
        placed.sort(key=lambda row: row["amount"], reverse=True)
        figure.add_trace(_circles(placed, currency, about), row=panel, col=1)
        if not placed:
            figure.add_annotation(
                text="No priced call in this month",
                x=0,
                y=0,
                showarrow=False,
                font={"size": 15, "color": theme().faint},
                row=panel,
                col=1,
            )
    figure.update_layout(margin={"l": 10, "r": 10, "b": 10, "t": figure.layout.margin.t})
    return figure


def _circles(rows: Sequence[Row], currency: str, about: About) -> Any:
    centres = [_world()["centres"][row["country"]] for row in rows]
    largest = max((row["amount"] for row in rows), default=Decimal(1))
    names = [name_of(row["country"], "country", about) for row in rows]
    return graph_objects().Scatter(
        mode="markers+text" if rows else "markers",
        x=[x for x, _ in centres],
        y=[y for _, y in centres],
        text=[safe(name) if n in _named(centres) else "" for n, name in enumerate(names)],
        textposition="middle right",
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
