"""Figures of prepaid balances: what was there, what may come, and how good such forecasts were."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.debits import named
from wacost.charts.bars import left_out, name_rows
from wacost.charts.look import (
    BLUE,
    GREY,
    ORANGE,
    canvas,
    cut,
    date_axis,
    footnote,
    graph_objects,
    money,
    money_axis,
    nothing,
    safe,
    theme,
)
from wacost.language import mark
from wacost.money import amount_of, minor_digits, round_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About
    from wacost.balance.future import FanDay, Forecast
    from wacost.charts.look import Row

_PANELS: Final = 12
_NONE: Final = mark("No balance is kept here yet")
_SHADES: Final = {
    95: "rgba(47,111,181,0.2)",
    80: "rgba(47,111,181,0.4)",
    50: "rgba(47,111,181,0.6)",
}
"""The colour of each range. A wider one is drawn only where a narrower one is not, so that the
legend shows the colours that are seen."""


def ledger(days: Iterable[Row], about: About) -> Figure:
    """Draw what was there at the end of each day.

    Args:
        days: rows of `log.balance_days(name, at)`, of one balance or of several.
        about: `log.about(month, account)`.
    """
    groups: dict[str, list[Row]] = {}
    for row in days:
        groups.setdefault(row["balance"], []).append(row)
    names = list(groups)[:_PANELS] or [""]
    figure = canvas(about.say("The balance at the end of each day"), about, names, heights=[240])
    left_out(figure, len(names), len(groups), about)
    if not groups:
        nothing(figure, 1, about.say(_NONE))
    for panel, rows in enumerate(list(groups.values())[:_PANELS], start=1):
        figure.add_trace(_line(rows, about), row=panel, col=1)
        figure.update_yaxes(money_axis(rows[0]["currency"]), row=panel, col=1)
        figure.update_xaxes(date_axis([row["day"] for row in rows], about), row=panel, col=1)
    return figure


def _line(rows: Sequence[Row], about: About) -> Any:
    return graph_objects().Scatter(
        mode="lines" if len(rows) > 1 else "markers",
        line={"shape": "hv", "color": BLUE, "width": 2},
        x=[row["day"] for row in rows],
        y=[row["amount"] for row in rows],
        hovertext=[_left(row, about) for row in rows],
        hoverinfo="text",
        showlegend=False,
    )


def _left(row: Row, about: About) -> str:
    return f"{about.language.day(row['day'])}<br>{money(row['amount'], row['currency'], about)}"


def fan(forecast: Forecast, days: Sequence[Row], about: About) -> Figure:
    """Draw what may become of a balance: past days, the middle, and 50, 80 and 95 % ranges.

    All that lies ahead is an estimate. Where there are not enough days for ranges, the plain rate
    of the last weeks is drawn.

    Args:
        forecast: `log.forecast(name, at=...)`.
        days: `log.balance_days(name, at)`.
        about: `log.about(month, account)`.
    """
    currency = forecast.currency
    title = about.say("What may become of the balance of {name}", name=cut(forecast.name))
    figure = canvas(title, about, heights=[340])
    shown = [row for row in days if row["amount"] is not None][-_PAST:]
    if shown:
        figure.add_trace(_line(shown, about))
    ahead = list(_until_empty(forecast.fan))
    if ahead:
        for (level, colour), inner in zip(_SHADES.items(), (80, 50, None), strict=True):
            figure.add_trace(_range(ahead, (level, inner), colour, about))
        figure.add_trace(_middle(ahead, currency, about))
    elif forecast.plain_end:
        floor = amount_of(forecast.minimum_units or 0)
        figure.add_trace(
            graph_objects().Scatter(
                name=about.say("at the rate of the last weeks"),
                mode="lines",
                line={"dash": "dash", "color": BLUE},
                x=[forecast.now, forecast.plain_end],
                y=[amount_of(forecast.units), floor],
                hoverinfo="skip",
            )
        )
    floors = {about.say("empty"): 0}
    if forecast.minimum_units:
        floors[about.say("minimum")] = forecast.minimum_units
    for name, units in floors.items():
        figure.add_hline(
            y=amount_of(units),
            line={"color": ORANGE, "width": 1.5, "dash": "dot"},
            annotation={"text": name, "font": {"color": theme().text}},
            annotation_position="top right" if units else "top left",
        )
    figure.update_yaxes(money_axis(currency))
    figure.update_xaxes(date_axis([], about))
    figure.update_layout(hovermode="x")
    caution = forecast.warned(about.language)
    costs = named(forecast.debits, currency, about.language)
    footnote(
        figure,
        caution and caution.capitalize(),
        costs and about.say("Fixed costs of wacost.toml are in the forecast: {costs}", costs=costs),
    )
    return figure


_PAST: Final = 62
_BACKTEST: Final = 56


def _until_empty(found: Sequence[FanDay]) -> Iterator[FanDay]:
    """Yield the days until the balance is used up in nearly every case: nothing is told beyond."""
    for one in found:
        yield one
        if one.ranges[95][1] < 0:
            return


def _range(
    found: Sequence[FanDay], levels: tuple[int, int | None], colour: str, about: About
) -> Any:
    """Return a range as closed lines: one, or one above and one below a narrower range."""
    level, inner = levels

    def ends(of: int, side: int) -> list[Decimal]:
        return [amount_of(one.ranges[of][side]) for one in found]

    days = [one.day for one in found]
    around = [*days, *reversed(days)]
    if inner is None:
        x: list[Any] = around
        y: list[Any] = [*ends(level, 1), *reversed(ends(level, 0))]
    else:
        x = [*around, None, *around]
        y = [*ends(level, 1), *reversed(ends(inner, 1)), None]
        y += [*ends(inner, 0), *reversed(ends(level, 0))]
    return graph_objects().Scatter(
        name=about.say("{level} % range", level=level),
        mode="lines",
        x=x,
        y=y,
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        hoverinfo="skip",
    )


def _middle(found: Sequence[FanDay], currency: str, about: About) -> Any:
    places = minor_digits(currency)

    def shown(units: int) -> str:
        return money(round_units(units, places, "half_up"), currency, about)

    return graph_objects().Scatter(
        name=about.say("middle"),
        mode="lines",
        line={"color": theme().text, "width": 2, "dash": "dash"},
        x=[one.day for one in found],
        y=[amount_of(one.middle) for one in found],
        hovertext=[
            "<br>".join(
                (
                    about.say("{day}, an estimate", day=about.language.day(one.day)),
                    about.say("about {amount}", amount=shown(one.middle)),
                    about.say(
                        "{level} %: {low} to {high}",
                        level=80,
                        low=shown(one.ranges[80][0]),
                        high=shown(one.ranges[80][1]),
                    ),
                )
            )
            for one in found
        ],
        hoverinfo="text",
    )


def backtest(forecasts: Iterable[Forecast], about: About) -> Figure:
    """Draw how often the ranges of such forecasts held on the account's own past days.

    Args:
        forecasts: `log.forecast(name, at=...)`, of one balance or of several.
        about: `log.about(month, account)`.
    """
    tested = {one.name: one.tested for one in forecasts if one.tested is not None}
    title = about.say("How often the ranges held, on days of the past")
    figure = canvas(title, about, heights=[_BACKTEST * max(len(tested), 3)])
    if not tested:
        nothing(figure, 1, about.say("Not enough days yet to try a forecast on"))
        return figure
    places = name_rows(figure, list(tested))
    for level, colour in ((80, BLUE), (95, GREY)):
        held = [Decimal(int(100 * one.covered[level] + 0.5)) for one in tested.values()]
        figure.add_trace(
            graph_objects().Bar(
                name=about.say("{level} % range", level=level),
                orientation="h",
                y=places,
                x=held,
                text=[f"{share} %" for share in held],
                textposition="outside",
                marker={"color": colour},
                hovertext=[
                    about.say(
                        "{name}: the {level} % range held {share} %",
                        name=safe(name),
                        level=level,
                        share=share,
                    )
                    for name, share in zip(tested, held, strict=True)
                ],
                hoverinfo="text",
            )
        )
        figure.add_vline(x=level, line={"color": colour, "width": 1, "dash": "dot"})
    figure.update_layout(barmode="group")
    figure.update_xaxes(range=[0, 112], title={"text": about.say("% of the sums tried")})
    return figure
