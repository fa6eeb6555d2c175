"""What Plotly itself writes in a report: names of months and days, tips of its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.language import SOURCE_LANGUAGE, mark

if TYPE_CHECKING:
    from wacost.language import Language

_TIPS: Final = (
    mark("Download plot as a PNG"),
    mark("Zoom"),
    mark("Pan"),
    mark("Reset axes"),
    mark("Double-click to zoom back out"),
)
"""Plotly's own words, as it looks them up."""
_SUNDAY: Final = 6
_DATES: Final = {
    "date": "%d/%m/%Y",
    "year": "%Y",
    "month": "%b %Y",
    "dayMonth": "%-d %b",
    "dayMonthYear": "%-d %b %Y",
}
"""Day before month, as in every language but English that there is a catalogue of."""


def plotly_locale(language: Language) -> dict[str, Any] | None:
    """Return what Plotly is told of a language; None: it speaks English by itself.

    >>> from wacost.language import Language
    >>> plotly_locale(Language.near("es"))["format"]["shortMonths"][:2]
    ['ene', 'feb']
    """
    if language.catalogue == SOURCE_LANGUAGE:
        return None
    from babel import Locale  # noqa: PLC0415 - slow to load

    names = Locale.parse(language.catalogue)
    days, months = names.days["stand-alone"], names.months["stand-alone"]
    week = [_SUNDAY, *range(_SUNDAY)]
    return {
        "moduleType": "locale",
        "name": language.catalogue.replace("_", "-"),
        "dictionary": {tip: language.say(tip) for tip in _TIPS},
        "format": {
            "days": [days["wide"][day] for day in week],
            "shortDays": [days["abbreviated"][day] for day in week],
            "months": [months["wide"][month] for month in range(1, 13)],
            "shortMonths": [months["abbreviated"][month].rstrip(".") for month in range(1, 13)],
            **_DATES,
        },
    }
