"""Read a supplier's file, make a card of it, write its folder: all of it or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.finding import few
from wacost.cards.folder import card_name, new_folder
from wacost.cards.importing.across import in_rows
from wacost.cards.importing.draft import Change, Draft, records
from wacost.cards.importing.heads import find_head
from wacost.cards.importing.places import Places
from wacost.cards.importing.prices import decimal_sign, note_currencies, the_currency
from wacost.cards.importing.rates import Terms, rate_rows
from wacost.cards.importing.sheets import read_source
from wacost.cards.importing.types import of_types
from wacost.cards.importing.words import dates_in, plain_words
from wacost.cards.reader import read_card
from wacost.cards.rows import RawRow, build_card
from wacost.cards.write import write_card
from wacost.errors import RateCardError
from wacost.names import noun

if TYPE_CHECKING:
    from wacost.cards.model import RateCard

_SAYS_WHEN: Final = ("effective", "valid", "in force", "as of", "as at", "starting", "from")
_PULSES: Final = (6, 6)
_RHYTHM: Final = "quarter"
_TITLE: Final = 100


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says that the file does not.

    Attributes:
        currency: ISO 4217 code.
        effective_from: the first day on which the prices hold.
        increments: (first, next) seconds.
        title, source, status, retrieved: as in card.toml.
        sheet: of a workbook: the one with the prices.
        group: words of the heading over the columns that are meant.
        decimal: "." or ",".
        inbound_free: add a row that makes inbound calls free.
        published_every: how often the supplier publishes, one of `RHYTHMS`.
        rate_types: only rows whose rate type is one of these.
    """

    currency: str | None = None
    effective_from: date | None = None
    increments: tuple[int, int] | None = None
    title: str = ""
    source: str = ""
    status: str = "published"
    retrieved: date | None = None
    sheet: str | None = None
    group: str | None = None
    decimal: str | None = None
    inbound_free: bool = False
    rate_types: tuple[str, ...] = ()
    published_every: str | None = None


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        card: as it was written, and read again.
        folder: where it is.
        layout: "markets", "countries" or "prefixes": how the file names its places.
        changes: every normalisation.
        left_out: (row, text, why) of what is no price.
        notes: what was taken to hold, and what the card lacks.
    """

    card: RateCard
    folder: Path
    layout: str
    changes: list[Change]
    left_out: list[tuple[int, str, str]]
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "card": self.card.name,
            "folder": str(self.folder),
            "layout": self.layout,
            "currency": self.card.currency,
            "increments": list(self.card.increments),
            "rates": len(self.card.rows),
            "markets": len(self.card.markets),
            "checksum": self.card.checksum,
            "changes": [
                {"row": one.row, "column": one.column, "from": one.found, "to": one.made,
                 "why": one.why}
                for one in self.changes
            ],
            "left_out": [
                {"row": row, "text": text, "why": why} for row, text, why in self.left_out
            ],
            "notes": self.notes,
        }  # fmt: skip


def import_card(file: Path, folder: Path, wishes: Wishes | None = None) -> Imported:
    """Make a card of a supplier's file, in a new folder as which it is called.

    Args:
        file: CSV or XLSX.
        folder: where the card shall be; must not exist yet, or be empty.
        wishes: what the file does not say.

    Raises:
        RateCardError: what is not understood, with file, row, column, the text found and what to
            do. Then no folder is made.
        MissingExtraError: it is a workbook, and their reader is not installed.
    """
    wishes = wishes or Wishes()
    name = card_name(folder)
    with new_folder(folder) as place:
        draft, card, layout, notes = _read(file, name, wishes)
        write_card(card, place, comment=_comment(file, notes))
        again = read_card(place)
        if again.checksum != card.checksum:
            told = "the card that was written is not the card that was read"
            raise RateCardError(told, file=str(file), hint="please report this file's layout")
    changes = list(dict.fromkeys(draft.changes))  # of a row in bands, each once
    return Imported(again, folder, layout, changes, draft.left_out, notes)


def _read(file: Path, name: str, wishes: Wishes) -> tuple[Draft, RateCard, str, list[str]]:
    source = in_rows(read_source(file))
    draft = Draft(source, find_head(source, sheet=wishes.sheet, group=wishes.group))
    if source.encoding:
        draft.change(1, "encoding", source.encoding, "utf-8", "the text of a card is UTF-8")
    found = of_types(draft, records(draft), wishes.rate_types)
    places = Places(draft, found)
    currency = the_currency(draft, found, wishes.currency)
    note_currencies(draft, found, currency)
    sign = decimal_sign(draft, found, wishes.decimal)
    day = _effective(draft, wishes)
    notes: list[str] = []
    if draft.head.table.across:
        told = ", ".join(draft.head.table.across)
        notes.append(f"the bands stand in columns, and are minutes of a month: {told}")
    raws = rate_rows(draft, found, places, Terms(currency, sign, day), notes)
    if wishes.inbound_free and not any(raw.cells["direction"] == "inbound" for raw in raws):
        raws.append(_free_inbound(raws, source.file))
    settings = _settings(draft, name, currency, wishes) | {
        "increments": _increments(draft, raws, places.layout, wishes, notes),
        "published_every": _rhythm(places.layout, wishes, notes),
    }
    card = _built(draft, settings, raws, places)
    _note_gaps(card, places, raws, notes)
    return draft, card, places.layout, notes


def _effective(draft: Draft, wishes: Wishes) -> date | None:
    """Return the day from which all prices hold; None where a column tells it row by row."""
    wish = wishes.effective_from
    if "effective_from" in draft.head.columns:
        return wish
    told = [
        (row.line, cell, day)
        for row in draft.head.above
        for cell in row.cells
        if any(word in cell.casefold() for word in _SAYS_WHEN)
        for day in dates_in(cell)
    ]
    told += [
        (line, f"{label} {value}", day)
        for line, label, value in draft.labelled("effective_from")
        for day in dates_in(value)
        if plain_words(label) != "date"  # on which it was printed, as often as not
    ]
    days = {day for _, _, day in told}
    if wish is not None:
        for line, cell, day in told:
            if day != wish:
                draft.change(line, "effective_from", cell[:100], wish.isoformat(), "said by --from")
        return wish
    if len(days) != 1:
        draft.refuse(
            None,
            "the file does not say from which day its prices hold",
            hint="say it with --from, like 2026-10-01",
        )
    line, cell, day = told[0]
    draft.change(line, "effective_from", cell[:100], day.isoformat(), "the day in the text above")
    return day


def _increments(
    draft: Draft, raws: Sequence[RawRow], layout: str, wishes: Wishes, notes: list[str]
) -> dict[str, int]:
    """Return the card's increments: as told, those of the first row, or Meta's in its layout."""
    own = next(
        (raw.cells["increment_seconds"] for raw in raws if raw.text("increment_seconds")), ""
    )
    if wishes.increments is not None:
        pair = wishes.increments
    elif own:
        first, following = own.split("/")
        pair = int(first), int(following)
    elif layout == "markets":
        pair = _PULSES
        notes.append("increments: 6/6 seconds, Meta's pulses; the file does not tell them")
    else:
        draft.refuse(
            None,
            "the file does not say in which increments calls are billed",
            hint="say --increments 6/6 for six-second pulses, 60/60 for whole minutes",
        )
    return dict(zip(("first", "next"), pair, strict=True))


def _rhythm(layout: str, wishes: Wishes, notes: list[str]) -> str:
    """Return how often the supplier publishes: as told, or as Meta does in its layout."""
    if wishes.published_every:
        return wishes.published_every
    if layout == "markets":
        notes.append(
            "published_every: quarter, as Meta's cards are; --published-every sets another"
        )
        return _RHYTHM
    notes.append(
        "how often the supplier publishes is not known: say it with --published-every,"
        " and `wacost cards check` tells when the card is old"
    )
    return ""


def _settings(draft: Draft, name: str, currency: str, wishes: Wishes) -> dict[str, Any]:
    above = [cell for row in draft.head.above for cell in row.cells if cell]
    title = " ".join(above[0].split()) if above else name
    settings: dict[str, Any] = {
        "name": name,
        "title": wishes.title or title[:_TITLE],
        "currency": currency,
        "status": wishes.status,
        "source": wishes.source or Path(draft.source.file).name,
    }
    return settings | ({"retrieved": wishes.retrieved} if wishes.retrieved else {})


def _free_inbound(raws: Sequence[RawRow], file: str) -> RawRow:
    day = min(raw.cells["effective_from"] for raw in raws)
    cells = {"direction": "inbound", "destination": "*", "rate_per_minute": "0"}
    note = "inbound calls are free, as the user said when this was imported"
    return RawRow(cells | {"effective_from": day, "note": note}, file, 0)


def _built(
    draft: Draft, settings: dict[str, Any], raws: Sequence[RawRow], places: Places
) -> RateCard:
    """Check the card as a whole; a mistake is told with the row of the supplier's file."""
    file = draft.source.file
    destinations = [raw.cells["destination"] for raw in raws]
    first = min(date.fromisoformat(raw.cells["effective_from"]) for raw in raws)
    members = places.members(destinations, first) if places.layout == "markets" else []
    markets = [
        RawRow(
            {
                "market": row.market,
                "country_or_prefix": row.member,
                "effective_from": row.effective_from.isoformat(),
            },
            file,
            0,
        )
        for row in members
    ]
    try:
        return build_card(settings, raws, markets, file="", settings_file=file)
    except RateCardError as error:
        told = error.sentence.replace("line ", "row ")
        hint = error.hint.replace("line ", "row ")
        raise RateCardError(told, file=file, line=error.line or None, hint=hint) from None


def _note_gaps(card: RateCard, places: Places, raws: Sequence[RawRow], notes: list[str]) -> None:
    if not any(row.direction == "inbound" for row in card.rows):
        notes.append(
            "there are no inbound prices: such calls will have no price;"
            " where they are free, import with --inbound-free"
        )
    first = min(row.effective_from for row in card.rows)
    lacking = places.without_rate((raw.cells["destination"] for raw in raws), first)
    if lacking and not any(row.destination == "*" for row in card.rows):
        countries = f"{len(lacking)} {noun(len(lacking), 'country', 'countries')}"
        notes.append(f"no rate for {countries} of Meta's list: {few(lacking)}")


def _comment(file: Path, notes: Sequence[str]) -> str:
    return "\n".join([f"Imported from {file.name}.", *notes])
