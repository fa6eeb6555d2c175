"""One look for every figure: colours that a colour-blind reader tells apart, light and dark.

Figures are drawn from rows that are ready: nothing is counted here but what a picture itself needs.
Amounts stay Decimals until Plotly writes them as positions; what a reader reads is exact text.
"""

from __future__ import annotations

import os
import re
import textwrap
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, Final

from wacost.errors import InputError, MissingExtraError
from wacost.language import mark
from wacost.money import format_decimal, format_money, minor_digits, rounded, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from plotly.graph_objects import Figure

    from wacost.analytics.about import About

Row = dict[str, Any]

BLUE: Final = "#2f6fb5"
ORANGE: Final = "#d55e00"
GREEN: Final = "#00866b"
PURPLE: Final = "#a0559c"
OCHRE: Final = "#a87400"
GREY: Final = "#767676"
COLOURS: Final = (BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY)
"""At least 3 to 1 against white and against black, and apart for every kind of colour blindness."""

_FONT: Final = "system-ui, 'DejaVu Sans', sans-serif"
_BUTTONS: Final = ("lasso2d", "select2d", "zoomIn2d", "zoomOut2d", "autoScale2d")
_MORE_PLACES: Final = 2
_PANEL: Final = 300
_HEAD: Final = 96
FOOT: Final = 60
"""Pixels below the panels: for what an axis says, and a note."""
_LINE: Final = 96
_LINE_HEIGHT: Final = 16
_TITLE: Final = 68
_TITLE_HEIGHT: Final = 22
_GAP: Final = 90
NAME: Final = 48
"""How many signs of a name a figure has room for."""
_PANEL_NAME: Final = 60
_ONE_BY_ONE: Final = 8
_SILENT: Final = 60
_CLDR: Final = re.compile("'[^']*'|[a-zA-Z]+")
_DATES: Final = {"d": "%-d", "dd": "%d", "M": "%-m", "MM": "%m", "MMM": "%b", "y": "%Y"}
"""How Plotly writes what CLDR calls so."""
ROOM: Final = Decimal("1.18")
_HATCHES: Final = ("", "/", "\\", "x", "-", "|")
NO_PRICE: Final = mark("No priced call in this month")
FREE: Final = mark("No call of this month cost anything")


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours that a light and a dark page need apart; text can be read on all others."""

    paper: str
    text: str
    faint: str
    grid: str
    land: str
    peak: str


THEMES: Final[Mapping[str, Theme]] = {
    "light": Theme("#ffffff", "#262626", "#5c5c5c", "#e3e3e3", "#dfe3e6", "#6fa3dc"),
    "dark": Theme("#111111", "#ededed", "#b0b0b0", "#333333", "#34393d", "#2a66a8"),
}
_chosen: dict[str, str] = {}


def use(theme: str) -> None:
    """Draw for a "light" or a "dark" page from now on.

    Without it the environment decides: WACOST_THEME, as `wacost lab --theme` sets it; else light.
    """
    if theme not in THEMES:
        raise InputError(f"{theme!r} is no theme", hint=f"one of {', '.join(THEMES)}")
    _chosen["theme"] = theme


def theme() -> Theme:
    """Return the colours in use."""
    name = _chosen.get("theme") or os.environ.get("WACOST_THEME", "")
    return THEMES.get(name, THEMES["light"])


def graph_objects() -> Any:
    """Return `plotly.graph_objects`.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    try:
        import plotly.graph_objects as go  # noqa: PLC0415 - heavy, and only for those who draw
    except ImportError:
        raise MissingExtraError("notebook", "plotly") from None
    return go


def fill(n: int) -> dict[str, Any]:
    """Return how the bars of the n-th kind are filled: hatched too, for a print without colours."""
    hatch = {"shape": _HATCHES[n % len(_HATCHES)], "fgcolor": theme().paper, "size": 6}
    pattern = {**hatch, "solidity": 0.15, "fillmode": "overlay"}
    return {"color": COLOURS[n % len(COLOURS)], "pattern": pattern}


def rows_of(table: Any) -> list[Row]:
    """Return the rows of a Polars or pandas frame, or of records, as dicts; a gap is None.

    >>> rows_of([{"country": "BR", "amount": Decimal("1")}])
    [{'country': 'BR', 'amount': Decimal('1')}]
    """
    if hasattr(table, "to_dicts"):
        return list(table.to_dicts())
    if hasattr(table, "to_dict") and hasattr(table, "isna"):
        cells = table.astype(object).where(table.notna(), None)
        return [{name: _plain(v) for name, v in row.items()} for row in cells.to_dict("records")]
    return [dict(row) if isinstance(row, dict) else row.as_dict() for row in table]


def _plain(value: Any) -> Any:
    """Return a list for an array: pandas keeps lists so."""
    return value.tolist() if hasattr(value, "tolist") else value


def panels(rows: Iterable[Row], about: About) -> dict[str, list[Row]]:
    """Group rows by currency, one panel each; without any there is one empty panel.

    Rows without a currency have no amount: the caption counts them.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("currency"):
            found.setdefault(str(row["currency"]), []).append(row)
    return found or {"": []} if about else found


def money(amount: Decimal | str, currency: str, about: About) -> str:
    """Write an exact amount for hovering: every digit that it has."""
    return format_money(trimmed(Decimal(amount)), currency, about.locale)


def short(amount: Decimal, currency: str, about: About, beside: Iterable[Decimal] = ()) -> str:
    """Write an amount beside its bar: rounded to the currency.

    Where all bars are below one unit there are two places more; what would be shown as nothing is
    told to be less than the least that is shown.

    Args:
        amount: exact.
        currency: ISO 4217.
        about: of the figure.
        beside: the amounts of all bars: they are written with the same number of places.
    """
    largest = max((abs(one) for one in (amount, *beside)), default=amount)
    places = minor_digits(currency) + (_MORE_PLACES if 0 < largest < 1 else 0)
    least = Decimal(1).scaleb(-places)
    if 0 < abs(amount) < least / 2:
        return f"< {format_money(least, currency, about.locale)}"
    return format_money(rounded(amount, places), currency, about.locale)


def printed(amount: Decimal, currency: str, about: About, *, sign: bool = False) -> str:
    """Write an amount with the places that it has: sums of such amounts add up as printed."""
    text = format_money(amount, currency, about.locale)
    return f"+{text}" if sign and amount > 0 else text


def number(value: Decimal | int, about: About) -> str:
    """Write a number for a reader of the locale."""
    return format_decimal(value, about.locale)


def minutes(seconds: int, about: About) -> str:
    """Write seconds as minutes with one place: a tenth is one increment of six seconds."""
    return f"{format_decimal(rounded(Decimal(seconds) / 60, 1), about.locale)} min"


def safe(value: Any) -> str:
    """Escape a name for a figure: Plotly reads some HTML in texts; a gap is a question mark."""
    return "?" if value is None else escape(str(value), quote=False)


def cut(text: str, most: int = NAME) -> str:
    """Leave out the middle of a long name, so that a figure has room for what it shows.

    >>> cut("Atlântico"), cut("a" * 30 + "b" + "c" * 30, 20)
    ('Atlântico', 'aaaaaaaaaaaaa…cccccc')
    """
    end = most // 3
    return text if len(text) <= most else f"{text[: most - end - 1]}…{text[-end:]}"


def label(value: Any, most: int = NAME) -> str:
    """Escape a name for an axis or above a panel; a long one is cut, a gap is a question mark.

    >>> label("<b>")
    '&lt;b&gt;'
    """
    return safe(None if value is None else cut(str(value), most))


def date_axis(days: Sequence[date], about: About) -> dict[str, Any]:
    """Return what an axis of days says: dates as in tables, a single day with room around it."""
    pattern = about.language.day_pattern
    written = _CLDR.sub(lambda word: _DATES.get(word[0], word[0].strip("'")), pattern)
    axis: dict[str, Any] = {"type": "date", "tickformat": written, "nticks": 7}
    if len(set(days)) == 1:
        axis["range"] = [str(days[0] - timedelta(days=1)), str(days[0] + timedelta(days=1))]
        axis["dtick"] = 86_400_000
    return axis


def count_axis(most: int, title: str) -> dict[str, Any]:
    """Return what an axis of counts says: whole numbers, one by one only where there are few."""
    step = {"dtick": 1} if most <= _ONE_BY_ONE else {}
    return {"title": {"text": title}, "tickformat": ",d", "range": [0, 1.12 * (most or 1)], **step}


def canvas(
    title: str,
    about: About,
    names: Sequence[str] = ("",),
    *,
    heights: Sequence[int] = (_PANEL,),
) -> Figure:
    """Return an empty figure with one panel below the other, in the look of all.

    Args:
        title: what the figure shows.
        about: what it says of itself, below the title.
        names: of the panels, as currencies.
        heights: of the panels, in pixels; one for all, or one of each.
    """
    graph_objects()
    from plotly.subplots import make_subplots  # noqa: PLC0415

    each = list(heights) if len(heights) == len(names) else list(heights) * len(names)
    inner = sum(each) + _GAP * (len(names) - 1)
    caption = textwrap.wrap(about.caption, _LINE)
    titles = textwrap.wrap(title, _TITLE)
    head = _HEAD + _LINE_HEIGHT * (len(caption) - 1) + _TITLE_HEIGHT * (len(titles) - 1)
    figure = make_subplots(
        rows=len(names),
        cols=1,
        subplot_titles=[label(name, _PANEL_NAME) for name in names] if len(names) > 1 else None,
        row_heights=each,
        vertical_spacing=_GAP / inner if len(names) > 1 else None,
    )
    figure.update_annotations(x=0, xanchor="left")  # the legend is on the right
    figure.update_layout(_layout(_lines(titles), _lines(caption), about.locale))
    figure.update_layout(height=head + FOOT + inner, margin={"t": head})
    figure.update_xaxes(_axis())
    figure.update_yaxes(_axis())
    return figure


def footnote(figure: Figure, *texts: str | None) -> None:
    """Write sentences below a figure that must not be overlooked; None is no sentence."""
    lines = [line for text in texts if text for line in textwrap.wrap(text, _LINE)]
    if not lines:
        return
    room = _LINE_HEIGHT * (len(lines) + 1)
    below = figure.layout.margin.b + room
    figure.update_layout(height=figure.layout.height + room, margin={"b": below})
    figure.add_annotation(
        text="<br>".join(map(safe, lines)),
        x=0,
        xref="paper",
        xanchor="left",
        y=0,
        yref="paper",
        yanchor="top",
        yshift=-FOOT + _LINE_HEIGHT,
        align="left",
        showarrow=False,
        font={"size": 12, "color": theme().text},
    )


def _lines(found: Sequence[str]) -> str:
    return "<br>".join(map(safe, found))


def _layout(title: str, caption: str, locale: str) -> dict[str, Any]:
    colours = theme()
    decimal, group = separators(locale)
    return {
        "template": "none",
        "colorway": COLOURS,
        "paper_bgcolor": colours.paper,
        "plot_bgcolor": colours.paper,
        "separators": decimal + group,
        "font": {"family": _FONT, "size": 13, "color": colours.text},
        "title": {
            "text": f"<b>{title}</b>",
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 16 + _TITLE_HEIGHT // 2 * title.count("<br>"), "l": 12},
            "font": {"size": 17},
            "subtitle": {"text": caption, "font": {"size": 12, "color": colours.faint}},
        },
        "margin": {"l": 70, "r": 24, "b": FOOT},
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "hoverlabel": {"align": "left"},
        "modebar": {"remove": _BUTTONS, "bgcolor": "rgba(0,0,0,0)", "color": colours.faint},
        "barcornerradius": 2,
        "bargap": 0.25,
    }


def _axis() -> dict[str, Any]:
    colours = theme()
    return {
        "automargin": True,
        "gridcolor": colours.grid,
        "linecolor": colours.grid,
        "zerolinecolor": colours.faint,
        "zerolinewidth": 1,
        "ticks": "",
        "title": {"font": {"size": 12, "color": colours.faint}, "standoff": 8},
    }


def separators(locale: str) -> tuple[str, str]:
    """Return the signs of a locale between whole and fraction and between thousands.

    >>> separators("pt_BR"), separators("en")
    ((',', '.'), ('.', ','))
    """
    text = format_decimal(Decimal("1234567.5"), locale)
    return text[-2], text[1] if not text[1].isdigit() else "\N{NARROW NO-BREAK SPACE}"


def money_axis(
    currency: str, amounts: Iterable[Decimal] = (), room: Decimal = ROOM
) -> dict[str, Any]:
    """Return what an axis of money says: its unit, and numbers as the locale writes them.

    Args:
        currency: the unit.
        amounts: of bars with a text at their end: the axis leaves room for it.
        room: how long the axis is, as a multiple of the longest bar.
    """
    axis: dict[str, Any] = {"title": {"text": currency}, "tickformat": ",~f", "rangemode": "tozero"}
    found = [Decimal(0), *(amount for amount in amounts if amount)]
    if len(found) > 1:
        axis["range"] = [min(found) * room, max(found) * room]
    return axis


def why_empty(rows: Iterable[Row], about: About) -> str:
    """Say why nothing is drawn of rows of costs: no call has a price, or all are free."""
    free = any(row["amount"] is not None for row in rows)
    return about.say(FREE if free else NO_PRICE)


def nothing(figure: Figure, row: int, text: str) -> None:
    """Say in a panel why there is nothing to draw; alone in its figure it is low."""
    if len(list(figure.select_yaxes())) == 1:
        figure.update_layout(height=figure.layout.margin.t + _SILENT + figure.layout.margin.b)
    figure.update_xaxes(visible=False, range=[0, 1], row=row, col=1)
    figure.update_yaxes(visible=False, range=[0, 1], row=row, col=1)
    figure.add_annotation(
        text=text,
        x=0.5,
        y=0.5,
        showarrow=False,
        font={"size": 15, "color": theme().faint},
        row=row,
        col=1,
    )
