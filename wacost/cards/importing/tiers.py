"""Volume bands as suppliers print them: 50,001 for "above 50,000", -- for no upper bound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

from wacost.cards.importing.draft import Draft, Record
from wacost.cards.importing.numbers import ascii_digits, minutes_of
from wacost.cards.importing.words import NO_BOUND_WORDS

_ABOVE: Final = re.compile(
    r"(?:>|above|over|more than|acima de|mais de|más de|por encima de)\s*(.+)", re.IGNORECASE
)
_UP_TO: Final = re.compile(r"(?:<=|≤|up to|first|to|até|hasta)\s*(.+)", re.IGNORECASE)
_AND_UP: Final = re.compile(
    r"(.+?)\s*(?:\+|and (?:above|more|over|up)|or more|onwards|e mais|ou mais|y más|o más"
    r"|em diante|en adelante)",
    re.IGNORECASE,
)
_FROM_ON: Final = re.compile(r"(?:>=|≥|from|a partir de|desde)\s*(.+)", re.IGNORECASE)
_FROM_TO: Final = re.compile(
    r"(?:(?:from|de|desde)\s+)?(.+?)\s*(?:-|–|—|−|\b(?:to|a|até|hasta)\b)\s*(.+)", re.IGNORECASE
)
_UNIT: Final = re.compile(
    r"\s*(?:minutes?|mins?\.?|minutos?)(?:\s*(?:per|a|/|por|al|ao)\s*(?:month|mes|mês))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Band:
    """One band as it is printed.

    Attributes:
        lower: the first minute, or, where `exclusive`, the last one below.
        upper: the last minute, or None: no bound.
        exclusive: written as "above N".
    """

    record: Record
    lower: int
    upper: int | None
    exclusive: bool = False


def has_bands(draft: Draft) -> bool:
    """Tell whether the file has columns of bands."""
    return any(meaning in draft.head.columns for meaning in ("from", "to", "tier"))


def band_of(draft: Draft, record: Record) -> Band:
    """Read the band of a row.

    Raises:
        RateCardError: it is none.
    """
    if "tier" in draft.head.columns and "from" not in draft.head.columns:
        return _in_words(draft, record)
    lower, upper = record.text("from"), record.text("to")
    first = 0 if lower.casefold() in NO_BOUND_WORDS else _minutes(draft, record, "from", lower)
    if above := _ABOVE.fullmatch(lower.strip()):
        bound = _minutes(draft, record, "from", above[1])
        return Band(record, bound, _upper(draft, record, upper), exclusive=True)
    return Band(record, first, _upper(draft, record, upper))


def _upper(draft: Draft, record: Record, text: str) -> int | None:
    return None if text.casefold() in NO_BOUND_WORDS else _minutes(draft, record, "to", text)


def _in_words(draft: Draft, record: Record) -> Band:
    text = record.text("tier")
    if found := band_in_words(text):
        return Band(record, *found)
    bare = _bare(text)
    lower = 0 if bare.casefold() in NO_BOUND_WORDS else _minutes(draft, record, "tier", bare)
    return Band(record, lower, None)


def band_in_words(text: str) -> tuple[int, int | None, bool] | None:
    """Read a band from one text: (lower, upper, exclusive) of `Band`; None where it is none.

    A number alone is none: nothing tells that it is a bound.

    >>> [band_in_words(text) for text in ("0–50,000", "de 0 a 50.000 min", "> 2.5M", "50001+")]
    [(0, 50000, False), (0, 50000, False), (2500000, None, True), (50001, None, False)]
    """
    bare = _bare(text)
    if found := _FROM_TO.fullmatch(bare):
        lower, last = minutes_of(found[1]), found[2]
        upper = None if last.casefold() in NO_BOUND_WORDS else minutes_of(last)
        known = upper is not None or last.casefold() in NO_BOUND_WORDS
        if lower is not None and known and (upper is None or lower < upper):
            return lower, upper, False
    for pattern, exclusive in ((_FROM_ON, False), (_ABOVE, True), (_AND_UP, False)):
        found = pattern.fullmatch(bare)
        if found and (lower := minutes_of(found[1])) is not None:
            return lower, None, exclusive
    found = _UP_TO.fullmatch(bare)
    upper = minutes_of(found[1]) if found else None
    return None if upper is None else (0, upper, False)


def _bare(text: str) -> str:
    return _UNIT.sub("", " ".join(ascii_digits(text).split()))


def _minutes(draft: Draft, record: Record, meaning: str, text: str) -> int:
    if _ABOVE.fullmatch(text.strip()):
        return 0
    found = minutes_of(text)
    if found is None:
        draft.refuse(
            record.line,
            "expected whole minutes",
            column=draft.name_of(meaning),
            text=text,
            hint="like 0, 50,001 or 5000000; -- for no upper bound",
        )
    return found


def tiers_of(draft: Draft, bands: Sequence[Band]) -> list[tuple[int, Band]]:
    """Return the bands of one market with the minutes above which each begins.

    Raises:
        RateCardError: a gap, an overlap, or a first band that does not begin at 0.
    """
    ordered = sorted(bands, key=lambda band: (band.lower, band.record.line))
    first = ordered[0]
    if first.lower > 1 or (first.exclusive and first.lower):
        _refuse(draft, first, "the lowest band must begin at 0: a gap below it")
    found = [(0, first)]
    for below, band in pairwise(ordered):
        found.append((_bound(draft, below, band), band))
    for band, above in pairwise(ordered):
        if band.upper is None and "to" in draft.head.columns:
            _refuse(draft, above, f"{_named(band, above)} has no upper bound: overlap")
    for bound, band in found:
        column = draft.name_of("from" if "from" in draft.head.columns else "tier")
        told = band.record.text("from") or band.record.text("tier")
        if told:
            draft.change(
                band.record.line, column, told, str(bound), "minutes above which it begins"
            )
    return found


def _bound(draft: Draft, below: Band, band: Band) -> int:
    """Return the minutes above which a band begins."""
    if below.upper is not None:
        wanted = {below.upper} if band.exclusive else {below.upper, below.upper + 1}
        if band.lower not in wanted:
            word = "overlap" if band.lower <= below.upper else "gap"
            told = f"{word}: {_named(below, band)} ends at {below.upper}"
            _refuse(draft, band, told)
        return below.upper
    if band.exclusive or band.lower % 10 == 0:
        bound = band.lower
    elif band.lower % 10 == 1:
        bound = band.lower - 1
    else:
        _refuse(draft, band, "is this the first minute of the band, or the last one below it?")
    if bound <= below.lower and not (bound == below.lower == 0):
        _refuse(draft, band, f"overlap: {_named(below, band)} begins there too")
    return bound


def _named(band: Band, beside: Band) -> str:
    """Name a band by its row, or by its column where another stands in the same row."""
    if band.record.line != beside.record.line:
        return f"the band of row {band.record.line}"
    return f"the band {band.record.text('tier')!r}"


def _refuse(draft: Draft, band: Band, told: str) -> NoReturn:
    meaning = "from" if "from" in draft.head.columns else "tier"
    draft.refuse(
        band.record.line,
        told,
        column=draft.name_of(meaning),
        text=band.record.text(meaning),
        hint="give each market bands that follow one another: 0, 50,001, 250,001 …",
    )
