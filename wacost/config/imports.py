"""`[imports.NAME]`: how the columns, times, units and words of one provider's table are read.

What a file can tell by itself (separator, encoding) is optional; what only its maker knows (which
column means what, the zone of its clocks, day or month first) is never guessed while loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from wacost.config.strict import (
    ListOf,
    OneOf,
    Place,
    Shape,
    Table,
    digits,
    text,
    zone,
)

COLUMNS: Final = (
    "call_id",
    "contact",
    "business_number",
    "caller",
    "callee",
    "phone_number_id",
    "waba_id",
    "direction",
    "outcome",
    "dialled",
    "started",
    "ended",
    "duration",
    "country",
    "tracking",
)
"""What a column of a call log can mean."""
SUMMARY_COLUMNS: Final = ("country", "calls", "minutes", "direction", "month")
"""What a column of a summary can mean."""
_SUMMARY_KEYS: Final = ("month",)
_CALL_KEYS: Final = (
    "timezone",
    "day_first",
    "time_unit",
    "duration_unit",
    "business_number",
    "calling_code",
)
TIMES: Final = ("dialled", "started", "ended")
WORDS: Final = ("inbound", "outbound", "answered", "missed", "rejected", "failed")
_RESERVED: Final = ("webhooks", "meta")


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """How to read one provider's call log.

    Attributes:
        name: its key in wacost.toml; part of the ids of calls that have none of their own.
        columns: meaning (one of `COLUMNS`) -> the header of the column. `started` is the moment
            of the pick-up and nothing else; `dialled` is when the call was made or began to
            ring. Several headers ("Date", "Time") make one text, in that order. Of a header
            that stands there twice, "Name (2)" is the second.
        delimiter: between the cells; None: found by itself.
        encoding: of the text; None: found by itself.
        decimal: "," or "."; None: either, where a number has only one such sign.
        timezone: IANA zone of times that carry no offset; None: such times are refused.
        day_first: whether 05/10/2026 is the fifth of October; None: such dates are refused.
        time_unit: times are numbers: "seconds" or "milliseconds" since 1970, or "excel" days.
        duration_unit: of durations that are plain numbers: "s", "ms" or "min".
        words: one of `WORDS` -> words of the file, beside those known in English, Portuguese and
            Spanish; what stands here wins.
        direction: of every row: "inbound" or "outbound".
        phone_number_id: of every row.
        waba_id: of every row.
        business_number: of every row, digits.
        calling_code: every number without + or 00 is national and gets these digits in front.
        sheet: name of the sheet of a workbook; None: the first that fits.
        kind: "calls": a row is a call; "summary": a row is a country's answered calls of a month,
            how many and how many minutes in all (columns: `SUMMARY_COLUMNS`). A summary prices
            no call: it gives bounds.
        month: of every row of a summary, like "2026-10".
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    timezone: str | None = None
    day_first: bool | None = None
    time_unit: str | None = None
    duration_unit: str = "s"
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    direction: str | None = None
    phone_number_id: str | None = None
    waba_id: str | None = None
    business_number: str | None = None
    calling_code: str | None = None
    sheet: str | None = None
    kind: str = "calls"
    month: str | None = None


def _as_dict(**values: Any) -> dict[str, Any]:
    return values


def _headers(value: Any, place: Place) -> tuple[str, ...]:
    """Read the header of a column, or of several that make one."""
    return ListOf(text)(value, place) if isinstance(value, list) else (text(value, place),)


def _yes_or_no(value: Any, place: Place) -> bool:
    if not isinstance(value, bool):
        raise place.error(f"{value!r} is neither true nor false")
    return value


def _delimiter(value: Any, place: Place) -> str:
    if value not in DELIMITERS:
        raise place.error(f"{value!r} is no separator", hint='one of "," ";" "|" "\\t"')
    return str(value)


DELIMITERS: Final = (",", ";", "\t", "|")
ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "latin-1")

_ONLY_SUMMARY: Final = tuple(key for key in SUMMARY_COLUMNS if key not in COLUMNS)

_READER: Final = Table(
    ImportMapping,
    {
        "columns": Table(_as_dict, dict.fromkeys((*COLUMNS, *_ONLY_SUMMARY), _headers)),
        "delimiter": _delimiter,
        "encoding": OneOf(ENCODINGS),
        "decimal": OneOf((",", ".")),
        "timezone": zone,
        "day_first": _yes_or_no,
        "time_unit": OneOf(("seconds", "milliseconds", "excel")),
        "duration_unit": OneOf(("s", "ms", "min")),
        "words": Table(_as_dict, dict.fromkeys(WORDS, ListOf(text))),
        "direction": OneOf(("inbound", "outbound")),
        "phone_number_id": digits,
        "waba_id": digits,
        "business_number": Shape(
            r"[1-9][0-9]{6,14}", "a number with its country code, digits only"
        ),
        "calling_code": Shape(r"[1-9][0-9]{0,3}", "a calling code, like 55"),
        "sheet": text,
        "kind": OneOf(("calls", "summary")),
        "month": Shape(r"[0-9]{4}-(0[1-9]|1[0-2])", "a month, like 2026-10"),
    },
    required=("columns",),
)


@dataclass(frozen=True)
class _Import:
    """The reader of one mapping: its keys, then whether they are enough to read a call by."""

    reader: Table = _READER

    def __call__(self, value: Any, place: Place, name: str = "") -> ImportMapping:
        """Read and check it."""
        mapping: ImportMapping = self.reader(value, place, name=name)
        if name in _RESERVED:
            raise place.error(f"{name!r} is the name of a format of its own")
        _check_kind(mapping, value, place)
        for what, hint in _lacking(mapping):
            raise place.at("columns").error(what, hint=hint)
        _check_words(mapping, place.at("words"))
        return mapping


IMPORT: Final = _Import()
"""Reads one `[imports.NAME]`."""


def _lacking(mapping: ImportMapping) -> list[tuple[str, str]]:
    """Say what a call cannot be read without."""
    if mapping.kind == "summary":
        return _lacking_in_summary(mapping)
    has = mapping.columns.keys()
    both = {"caller", "callee"} <= has
    found = []
    if not has & set(TIMES):
        found.append(("no column tells a time", "name one of dialled, started, ended"))
    if not (both or has & {"contact", "country"}):
        found.append(
            ("no column tells who was called or called", "contact, country, or caller and callee")
        )
    if not (both or "direction" in has or mapping.direction):
        found.append(
            (
                "nothing tells the direction",
                'a column direction, caller and callee, or direction = "outbound" for all rows',
            )
        )
    return found


def _lacking_in_summary(mapping: ImportMapping) -> list[tuple[str, str]]:
    """Say what a row of a summary cannot be read without."""
    has = mapping.columns.keys()
    found = [
        (f"no column tells the {key}", "a summary has the columns country, calls and minutes")
        for key in SUMMARY_COLUMNS[:3]
        if key not in has
    ]
    for key, example in (("direction", "outbound"), ("month", "2026-10")):
        if key not in has and not getattr(mapping, key):
            hint = f'a column {key}, or {key} = "{example}" for all rows'
            found.append((f"nothing tells the {key}", hint))
    return found


def _check_kind(mapping: ImportMapping, told: Mapping[str, Any], place: Place) -> None:
    """Refuse columns and keys that mean nothing in a table of this kind."""
    is_summary = mapping.kind == "summary"
    columns, keys = (SUMMARY_COLUMNS, _CALL_KEYS) if is_summary else (COLUMNS, _SUMMARY_KEYS)
    hint = (
        "leave it out: a row is many calls"
        if is_summary
        else 'kind = "summary" if a row is many calls'
    )
    for column in mapping.columns:
        if column not in columns:
            raise place.at("columns").at(column).error(f"no column of kind {mapping.kind}", hint)
    for key in keys:
        if key in told:
            raise place.at(key).error(f"means nothing for kind {mapping.kind}", hint)


def _check_words(mapping: ImportMapping, place: Place) -> None:
    """Refuse a word with two meanings of one kind."""
    for kinds in (WORDS[:2], WORDS[2:]):
        seen: dict[str, str] = {}
        for kind in kinds:
            for word in mapping.words.get(kind, ()):
                other = seen.setdefault(word.casefold().strip(), kind)
                if other != kind:
                    raise place.at(kind).error(f"{word!r} stands under {other} too")
