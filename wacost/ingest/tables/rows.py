"""One row of a call log -> a body of Meta's shape with one call, or why it is refused.

A row's call has the id of its own column, else `import.NAME.` and a hash of all it tells: the same
row in two exports that overlap, or twice in one, is one call. Two calls that a table tells in the
very same words cannot be told apart and count once; where that happens (two missed calls of one
contact within a minute, told without seconds), map a column of ids.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, Final

from wacost.config import ImportMapping
from wacost.config.imports import TIMES
from wacost.ingest.tables.grid import Row
from wacost.ingest.tables.header import Layout, named
from wacost.ingest.tables.lengths import BadLengthError, seconds_of
from wacost.ingest.tables.moments import BadTimeError, Times, moment_us
from wacost.ingest.tables.numbers import BadNumberError, number_of
from wacost.ingest.tables.outcome import Outcome, outcome_of
from wacost.ingest.tables.words import Words, country_of, is_total

LOST: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+", re.ASCII)
"""A number that a spreadsheet has rounded."""
_FIGURES: Final = re.compile(r"[\d\s.,:;/+*()TZ'\"hms-]{1,60}|[\d.,]+[eE]\+?\d{1,3}", re.ASCII)
_GONE: Final = "…"
_REDACTED: Final = re.compile(
    r"(?P<contact>(?:(?:[A-Z]{2}\.)?redacted\.[0-9a-f]{32} )?)(?P<id>redacted\.\d{8}\.[0-9a-f]{32})"
)
_META: Final = {"inbound": "USER_INITIATED", "outbound": "BUSINESS_INITIATED"}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a row.

    Attributes:
        line: where it stands.
        body: a body of Meta's shape; None where the row is refused.
        reason: a code of `reasons.QUARANTINED`, or "".
        text: the row as it may be kept.
    """

    line: int
    body: dict[str, Any] | None
    reason: str = ""
    text: str = ""


class RefusedRowError(Exception):
    """A row tells too little; `reason` is a code of `reasons.QUARANTINED`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def gone_cell(contact: str, call_id: str) -> str:
    """Return what stands for a contact whose call was redacted: it names the call as well.

    Args:
        contact: the new one; "" where there never was one.
        call_id: the new one.
    """
    return f"{contact} {call_id}".strip()


def ignored(reason: str) -> dict[str, Any]:
    """Return a body that is counted and left out, with a code of `reasons.IGNORED`."""
    return enveloped("", f"wacost_{reason}", {})


def enveloped(waba_id: str, field: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a body of Meta's shape with one change."""
    entry = {"id": waba_id, "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


@dataclass(frozen=True, slots=True)
class _Parties:
    """Who talked with whom: digits or a user id, and "" for what is not told."""

    direction: str
    contact: str = ""
    business: str = ""
    country: str = ""
    masked: str = ""


class RowReader:
    """Reads the rows of one table."""

    def __init__(self, mapping: ImportMapping, layout: Layout) -> None:
        self._mapping, self._layout = mapping, layout
        self._words = Words(mapping)

    def told(self, row: Row, *, is_last: bool) -> Told:
        """Read one row."""
        reason = self._misshapen(row, is_last=is_last)
        if reason:
            return self._refused(row, reason)
        if self._is_total(row):
            return Told(row.line, ignored("total_row"))
        if named(row.cells) == named(self._layout.header.cells):
            return Told(row.line, ignored("header_row"))
        try:
            return Told(row.line, self._body(row))
        except (RefusedRowError, BadTimeError, BadNumberError) as error:
            return self._refused(row, error.reason)
        except BadLengthError:
            return self._refused(row, "bad_length")

    def _misshapen(self, row: Row, *, is_last: bool) -> str:
        if any(self._is_swallowed(cell, at) for at, cell in enumerate(row.cells)):
            return "open_quote"
        if row.broken:
            return row.broken
        if any(row.cells[self._layout.width :]):
            return "long_row"
        if len(row.cells) < self._layout.needed and not self._is_total(row):
            return "cut_row" if is_last else "short_row"
        return ""

    def _is_swallowed(self, cell: str, column: int) -> bool:
        """Tell a cell that whole rows stand in, because a quotation mark was not closed.

        Its first line begins at its own column, those that follow at the first.
        """
        if "\n" not in cell.rstrip():
            return False
        places = [at for time in TIMES for at in self._layout.places.get(time, ())]
        lines = [line.split(self._layout.grid.name) for line in cell.splitlines()]
        lines[0] = [""] * column + lines[0]
        return any(
            len(cells) >= self._layout.width and any(re.search(r"\d", cells[at]) for at in places)
            for cells in lines
        )

    def _is_total(self, row: Row) -> bool:
        """Tell a row of sums: it says so, and tells no time of a call."""
        if not any(is_total(cell) for cell in row.cells):
            return False
        return not any(re.search(r"\d", self._cell(row, time)) for time in TIMES)

    def _cell(self, row: Row, meaning: str) -> str:
        places = self._layout.places.get(meaning, ())
        return " ".join(row.cells[at] for at in places if at < len(row.cells)).strip()

    def number(self, row: Row, meaning: str) -> str:
        """Return the digits in a cell that is a number of the business's or of a contact's."""
        return self._number(self._cell(row, meaning))

    def _gone(self, row: Row) -> re.Match[str] | None:
        """Return what a row says of a call that was redacted, where it does."""
        cells = (self._cell(row, meaning) for meaning in ("contact", "caller", "callee"))
        return next(filter(None, map(_REDACTED.fullmatch, cells)), None)

    def _refused(self, row: Row, reason: str) -> Told:
        cells = {meaning: self._kept(row, meaning) for meaning in self._layout.places}
        text = json.dumps({key: cell for key, cell in cells.items() if cell}, ensure_ascii=False)
        return Told(row.line, None, reason, text[:1000])

    def _kept(self, row: Row, meaning: str) -> str:
        """Return a cell without anything personal: figures, and words that mean something."""
        cell = self._cell(row, meaning)
        if meaning == "tracking" or not cell:
            return ""
        known = {
            "direction": self._words.direction,
            "outcome": self._words.outcome,
            "country": country_of,
        }.get(meaning)
        kept = (known and known(cell)) or _FIGURES.fullmatch(cell)
        return cell if kept else _GONE

    # -- a call -------------------------------------------------------------------------------

    def _body(self, row: Row) -> dict[str, Any]:
        times = Times(*(moment_us(self._cell(row, time), self._mapping) for time in TIMES))
        if times.first is None:
            raise RefusedRowError("no_time")
        parties = self._parties(row)
        outcome = self._outcome(row, times)
        item = _item(parties, outcome, self._cell(row, "tracking"))
        value = {
            "metadata": {
                "display_phone_number": parties.business,
                "phone_number_id": self._cell(row, "phone_number_id")
                or self._mapping.phone_number_id,
            },
            "contacts": [_contact(parties)],
            "calls": [item],
        }
        waba_id = self._cell(row, "waba_id") or self._mapping.waba_id or ""
        body = enveloped(waba_id, "calls", value)
        item["id"] = self._call_id(row, body, parties)
        if outcome.held:
            item["wacost_held"] = outcome.held
        return body

    def _call_id(self, row: Row, body: dict[str, Any], parties: _Parties) -> str:
        gone = self._gone(row)
        told = gone["id"] if gone else self._cell(row, "call_id")
        if LOST.fullmatch(told):
            raise RefusedRowError("lost_digits")
        if told:
            return told
        content = json.dumps([body, parties.masked], sort_keys=True)
        digest = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        return f"import.{self._mapping.name}.{digest[:24]}"

    def _outcome(self, row: Row, times: Times) -> Outcome:
        word = self._cell(row, "outcome")
        return outcome_of(
            self._words.outcome(word),
            times,
            seconds_of(self._cell(row, "duration"), self._mapping),
            is_told=bool(word),
            has_pickups="started" in self._layout.places,
        )

    def _parties(self, row: Row) -> _Parties:
        word = self._cell(row, "direction")
        direction = self._words.direction(word) if word else self._mapping.direction
        if word and direction is None:
            raise RefusedRowError("unknown_direction")
        contact, business = self._cell(row, "contact"), self._cell(row, "business_number")
        if "caller" in self._layout.places:
            caller, callee = self._cell(row, "caller"), self._cell(row, "callee")
            direction = direction or self._direction_between(caller, callee)
            ends = (callee, caller) if direction == "outbound" else (caller, callee)
            contact, business = contact or ends[0], business or ends[1]
        if direction is None:
            raise RefusedRowError("no_direction")
        return self._placed(row, direction, contact, business)

    def _direction_between(self, caller: str, callee: str) -> str | None:
        """Tell the direction by which of the two is the business."""
        own = self._mapping.business_number
        if own and self._number(caller) == own:
            return "outbound"
        return "inbound" if own and self._number(callee) == own else None

    def _placed(self, row: Row, direction: str, contact: str, business: str) -> _Parties:
        country = country_of(self._cell(row, "country"))
        own = self._number(business) or self._mapping.business_number or ""
        if gone := self._gone(row):  # a contact's new name tells its country
            number = gone["contact"].rstrip()
            return _Parties(direction, number, own, "" if number else country)
        try:
            number, masked = number_of(contact, self._mapping.calling_code), ""
        except BadNumberError as error:
            if error.reason != "masked_number":
                raise
            if not country:  # the country is enough to price a call by
                raise RefusedRowError("lost_digits") from None
            number, masked = "", contact
        return _Parties(direction, number, own, country, masked)

    def _number(self, cell: str) -> str:
        """Return the digits of the business's own number; it prices nothing, so none will do."""
        try:
            found = number_of(cell, self._mapping.calling_code)
        except BadNumberError:
            return ""
        return found if found.isdigit() else ""


def _item(parties: _Parties, outcome: Outcome, tracking: str) -> dict[str, Any]:
    told = {
        "event": "terminate",
        "timestamp": outcome.first_s,
        "direction": _META[parties.direction],
        "status": outcome.status,
        "start_time": outcome.started_s,
        "end_time": outcome.ended_s,
        "duration": outcome.seconds,
        "biz_opaque_callback_data": tracking[:512] or None,
    }
    return {key: str(value) for key, value in told.items() if value is not None}


def _contact(parties: _Parties) -> dict[str, Any]:
    key = "wa_id" if parties.contact.isdigit() else "user_id"
    named_by = {key: parties.contact} if parties.contact else {}
    return {**named_by, "profile": {"country_code": parties.country}}
