"""What stands beside the rates of a file: of which type they are, how far below the list rate.

Neither makes a price. But two types of rate for the same calls are a question, and a percentage
that does not lead from the list rate to the rate tells of a mistake in one of the three.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from wacost.cards.diff import percent_of
from wacost.cards.importing.draft import Draft, Record
from wacost.cards.importing.heads import MONEY, is_wrong_unit
from wacost.cards.importing.numbers import ascii_digits, without_marks
from wacost.cards.importing.sheets import Exact
from wacost.cards.importing.tiers import Band
from wacost.cards.importing.words import NO_BOUND_WORDS, plain_words
from wacost.money import NANO
from wacost.names import nearest

_LIST: Final = frozenset({"list", "list rate", "list price", "base", "base rate"})
_PERCENT: Final = re.compile(
    r"([+-]?)\s*(\d{1,6})(?:[.,](\d{1,12}))?\s*(?:%|percent)?\s*(off|less|lower|discount)?",
    re.IGNORECASE | re.ASCII,
)
_DASHES: Final = str.maketrans("–—", "--")
_POINT: Final = Fraction(1, 100)

Priced = tuple[Band, str]
"""A band and its price as the card writes it."""


def of_types(draft: Draft, found: Sequence[Record], wanted: Sequence[str]) -> list[Record]:
    """Return the rows of the rate types that the user wants; without a wish all.

    Raises:
        RateCardError: there is none of a type, or a type is no price of minutes.
    """
    types = {plain_words(record.text("rate_type")): record.text("rate_type") for record in found}
    for wish in wanted:
        if plain_words(wish) not in types:
            draft.refuse(
                None, f"no row has the rate type {wish!r}", hint=nearest(wish, types.values(), "")
            )
    kept = {plain_words(wish) for wish in wanted}
    rows = []
    for record in found:
        told = record.text("rate_type")
        if kept and plain_words(told) not in kept:
            draft.left_out.append((record.line, told or "(no rate type)", "another rate type"))
            continue
        _check_type(draft, record, told)
        rows.append(record)
    return rows


def _check_type(draft: Draft, record: Record, told: str) -> None:
    if told and (is_wrong_unit(told) or MONEY.search(plain_words(told))):
        draft.refuse(
            record.line,
            "this is no price of a minute",
            column=draft.name_of("rate_type"),
            text=told,
            hint="take the row out, or choose others with --rate-type",
        )


def check_types(draft: Draft, ladder: Sequence[Priced]) -> None:
    """Ask which type is meant where two of them have different rates for the first minutes."""
    lowest = [(band, price) for band, price in ladder if band.lower <= 1 and not band.exclusive]
    types = {band.record.text("rate_type"): band.record.line for band, _ in lowest}
    if len(types) > 1 and len({price for _, price in lowest}) > 1:
        told = " and ".join(f"{text or '(empty)'!r} (row {line})" for text, line in types.items())
        draft.refuse(
            max(types.values()),
            f"there are rates of two types for the same calls: {told}",
            column=draft.name_of("rate_type"),
            hint="choose with --rate-type; it can be given more than once",
        )


def check_percentages(draft: Draft, ladder: Sequence[Priced]) -> None:
    """Refuse a percentage against the list rate that does not lead from that one to the rate."""
    if "vs" not in draft.head.columns or not ladder:
        return
    first, rate = min(ladder, key=lambda one: one[0].lower)
    has_list = _is_list(first.record) and re.fullmatch(r"[\d.]+", rate) and Fraction(rate)
    places = max(len(price.partition(".")[2].rstrip("0")) for _, price in ladder)
    for band, price in ladder:
        change = _told(band.record.text("vs"))
        if change is None or not re.fullmatch(r"[\d.]+", price):
            continue
        if has_list:
            _compare(draft, band, (rate, price), change, places)
        elif "discount" in plain_words(draft.name_of("vs")):
            _refuse(draft, band, "is this discount in the rate already? The list rate is not here")


def _is_list(record: Record) -> bool:
    """Tell whether a row has the list rate: its type says so, or no percentage beside it."""
    told = _told(record.text("vs"))
    return plain_words(record.text("rate_type")) in _LIST or told is None or not any(told)


def _told(text: str) -> tuple[Fraction, ...] | None:
    """Return what a percentage can mean as a part of the list rate; None where it says nothing.

    >>> _told("-5%"), _told("20% off"), _told("--")
    ((Fraction(-1, 20),), (Fraction(-1, 5),), None)
    """
    if isinstance(text, Exact):
        value = Fraction(text)
        return (value if text.mark == "%" or abs(value) < 1 else value / 100,)
    bare = without_marks(ascii_digits(text)).translate(_DASHES)
    found = _PERCENT.fullmatch(bare)
    if bare.casefold() in NO_BOUND_WORDS or plain_words(bare) in _LIST or found is None:
        return None
    value = Fraction(f"{found[2]}.{found[3] or 0}") / 100
    if found[1] == "-" or found[4]:
        return (-value,)
    return (value,) if found[1] else (-value, value)


def _compare(
    draft: Draft, band: Band, rates: tuple[str, str], told: tuple[Fraction, ...], places: int
) -> None:
    """Compare within what rounding to some places may do; a percentage is right to one point."""
    listed, rate = map(Fraction, rates)
    half = Fraction(1, 2 * 10**places)
    low = max(rate - half, Fraction(0)) / (listed + half) - 1 - _POINT
    high = (rate + half) / max(listed - half, half) - 1 + _POINT
    changes_nothing = rate == listed and all(abs(one) > _POINT for one in told)
    if changes_nothing or not any(low <= one <= high for one in told):
        percent = percent_of(int(listed * NANO), int(rate * NANO), 1)
        _refuse(draft, band, f"{rates[1]} is {percent} % against the list rate {rates[0]}")


def _refuse(draft: Draft, band: Band, told: str) -> None:
    draft.refuse(
        band.record.line,
        told,
        column=draft.name_of("vs"),
        text=band.record.text("vs"),
        hint="which of them is right? Take the column out once the rates are",
    )
