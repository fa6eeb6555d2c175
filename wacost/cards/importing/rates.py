"""The records of a supplier's file → rows of `rates.csv`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from wacost.cards.importing.draft import Draft, Record
from wacost.cards.importing.places import Places
from wacost.cards.importing.prices import fee_of, price_of
from wacost.cards.importing.tiers import Band, band_of, has_bands, tiers_of
from wacost.cards.importing.types import check_percentages, check_types
from wacost.cards.importing.words import dates_in, plain_words
from wacost.cards.model import NOT_OFFERED, UNKNOWN
from wacost.cards.rows import RawRow

_DIRECTIONS: Final = {
    **dict.fromkeys(("inbound", "in", "incoming", "user initiated", "uic"), "inbound"),
    **dict.fromkeys(("outbound", "out", "outgoing", "business initiated", "bic"), "outbound"),
}
_INCREMENTS: Final = re.compile(r"([1-9]\d{0,4})(?:\s*[/+]\s*([1-9]\d{0,4}))?\s*(?:s|sec|seconds)?")
_OURS: Final = "effective_to"
"""A column called so is of our own format: the first day no longer in force."""
_RISKY: Final = "=+-@\t\r"

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all rows: the currency, the decimal sign, the day or None."""

    currency: str
    sign: str
    day: date | None


def rate_rows(
    draft: Draft, found: Sequence[Record], places: Places, terms: Terms, notes: list[str]
) -> list[RawRow]:
    """Return the rows of a card, each with the line of the supplier's file.

    Raises:
        RateCardError: something is not understood.
    """
    ladders: dict[_Key, list[tuple[Band, str, str]]] = defaultdict(list)
    for record in found:
        place = places.place_of(record)
        days = _days(draft, record, terms.day)
        for told in record.rates:
            if not record.rates[told]:
                what = draft.rate_name(record, told)
                draft.left_out.append((record.line, what, "no price: such calls have none here"))
                continue
            direction = place.direction or _direction(draft, record, told)
            price = price_of(draft, record, told, terms.sign, terms.currency)
            key = (direction, place.destination, *days)
            band = band_of(draft, record) if has_bands(draft) else Band(record, 0, None)
            ladders[key].append((band, price, place.note))
    if "direction" not in draft.head.columns and "" in draft.head.rates:
        notes.append("the file names no direction: its prices are taken to be of outbound calls")
    return [
        raw for key in sorted(ladders) for raw in _ladder(draft, key, ladders[key], terms, notes)
    ]


def _ladder(
    draft: Draft,
    key: _Key,
    members: Sequence[tuple[Band, str, str]],
    terms: Terms,
    notes: list[str],
) -> list[RawRow]:
    priced = [(band, price) for band, price, _ in members]
    check_types(draft, priced)
    members = _without_twins(draft, members)
    check_percentages(draft, priced)
    prices = {id(band): (price, note) for band, price, note in members}
    if {price for _, price, _ in members} == {NOT_OFFERED}:
        return [_row(draft, key, 0, members[0][0], *prices[id(members[0][0])], terms)]
    tiers = tiers_of(draft, [band for band, _, _ in members])
    raws = [_row(draft, key, bound, band, *prices[id(band)], terms) for bound, band in tiers]
    last = tiers[-1][1]
    if last.upper is not None:
        raws.append(_row(draft, key, last.upper, last, UNKNOWN, "the file tells no rate", terms))
        notes.append(f"{key[1]}: no rate is told above {last.upper} minutes; it is unknown there")
    return raws


def _without_twins(
    draft: Draft, members: Sequence[tuple[Band, str, str]]
) -> list[tuple[Band, str, str]]:
    """Leave out rows that say the same again; refuse those that say something else."""
    seen: dict[tuple[int, int | None], tuple[Band, str, str]] = {}
    for member in members:
        band, price, _ = member
        other, first, _ = seen.setdefault((band.lower, band.upper), member)
        if other is band:
            continue
        text = " | ".join(filter(None, band.record.cells.values()))[:120]
        if (price, band.record.text("fee")) != (first, other.record.text("fee")):
            draft.refuse(
                band.record.line,
                f"two rates for one key: row {other.record.line} is for the same",
                text=text,
                hint="take one of the rows out",
            )
        draft.left_out.append((band.record.line, text, f"the same as row {other.record.line}"))
    return list(seen.values())


def _row(  # noqa: PLR0917
    draft: Draft, key: _Key, bound: int, band: Band, price: str, note: str, terms: Terms
) -> RawRow:
    direction, destination, start, end = key
    record = band.record
    cells = {
        "direction": direction,
        "destination": destination,
        "rate_per_minute": price,
        "effective_from": start,
        "effective_to": end,
        "tier_from_minutes": str(bound) if bound else "",
        "increment_seconds": _increments(draft, record),
        "fee": fee_of(draft, record, terms.sign, terms.currency),
        "note": " ".join((record.text("note") or note).split()).lstrip(_RISKY),
    }
    return RawRow(cells, draft.source.file, record.line)


def _direction(draft: Draft, record: Record, told: str) -> str:
    """Return the direction: of the price's column, else of the row, else outbound."""
    text = record.text("direction")
    if not text:
        return told or "outbound"
    found = _DIRECTIONS.get(plain_words(text).removesuffix(" calls").removesuffix(" call"))
    if found is None or (told and told != found):
        draft.refuse(
            record.line,
            "expected inbound or outbound",
            column=draft.name_of("direction"),
            text=text,
        )
    draft.change(record.line, draft.name_of("direction"), text, found, "the card's word")
    return found


def _days(draft: Draft, record: Record, day: date | None) -> tuple[str, str]:
    """Return the first day in force, and the first no longer or ""."""
    own = _day(draft, record, "effective_from") if record.text("effective_from") else None
    if day and own and own != day:
        draft.refuse(
            record.line,
            f"the file says from which day this price holds, and it is not {day}",
            column=draft.name_of("effective_from"),
            text=record.text("effective_from"),
            hint="leave --from out: each price holds from its own day",
        )
    start = day or own
    if start is None:
        draft.refuse(
            record.line,
            "this row does not say from which day it holds",
            column=draft.name_of("effective_from"),
            hint="fill in the date, or say --from for all rows",
        )
    column = draft.name_of("effective_to")
    if column == _OURS and not day:
        end = _day(draft, record, "effective_to")
        return start.isoformat(), end.isoformat() if end else ""
    if not day and record.text("effective_to"):
        draft.refuse(
            record.line,
            "nobody can tell whether this is the last day in force or the first one after",
            column=column,
            text=record.text("effective_to"),
            hint="take the column out, and give the card effective_to where a price ends",
        )
    return start.isoformat(), ""


def _day(draft: Draft, record: Record, meaning: str) -> date | None:
    text = record.text(meaning)
    if not text:
        return None
    days = dates_in(text)
    if len(days) != 1:
        draft.refuse(
            record.line,
            "this is no date that can be read in one way only",
            column=draft.name_of(meaning),
            text=text,
            hint="like 2026-10-01 or 1 October 2026",
        )
    draft.change(record.line, draft.name_of(meaning), text, days[0].isoformat(), "ISO 8601")
    return days[0]


def _increments(draft: Draft, record: Record) -> str:
    text = record.text("increments")
    if not text:
        return ""
    found = _INCREMENTS.fullmatch(text)
    if found is None:
        draft.refuse(
            record.line,
            "expected first/next seconds",
            column=draft.name_of("increments"),
            text=text,
            hint="like 60/6, or 60 for both",
        )
    made = f"{found[1]}/{found[2] or found[1]}"
    draft.change(record.line, draft.name_of("increments"), text, made, "first/next seconds")
    return made
