"""The columns that a frame of calls must have, as Arrow columns of the types that rating wants.

A type that cannot be what the column means is refused with the column's name; values that cannot
be are refused with their row. What is null stays null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from wacost.errors import InputError
from wacost.names import nearest

if TYPE_CHECKING:
    from wacost.rating.framed.kinds import Taken

_LARGEST: Final = 40
_YEARS: Final = (datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001 - UTC, as all times here


class Kind(NamedTuple):
    """What a column holds.

    Attributes:
        arrow: the type that rating wants.
        expected: in words.
        hint: what to do where it is something else.
        fits: whether an Arrow type can be it.
        read: (column, name) -> the column in `arrow`.
    """

    arrow: Any
    expected: str
    hint: str
    fits: Callable[[Any], bool]
    read: Callable[[Any, str], Any]


def calls_of(frame: Taken) -> Any:
    """Return the columns of a frame that rating reads, all of them; those not given are null.

    Raises:
        InputError: a column is missing, twice there, of a wrong type, or holds what it cannot.
    """
    places = {name: _place(frame, name) for name in COLUMNS}
    _check_given(places, frame)
    made: dict[str, Any] = {"row_no": pa.array(range(frame.rows), pa.int64())}
    for name, kind in COLUMNS.items():
        place = places[name]
        made[name] = (
            pa.nulls(frame.rows, kind.arrow) if place is None else _read(frame, place, name, kind)
        )
    return pa.table(made)


def _place(frame: Taken, name: str) -> int | None:
    places = [n for n, held in enumerate(frame.names) if isinstance(held, str) and held == name]
    if len(places) > 1:
        raise InputError(
            f"column {name!r} is there {len(places)} times", hint="give each column its own name"
        )
    return places[0] if places else None


def _check_given(places: Mapping[str, int | None], frame: Taken) -> None:
    """Refuse a frame that lacks a column, or all of those of which one is needed."""
    for names, why in _NEEDED:
        if all(places[name] is None for name in names):
            raise InputError(_lacking(names, why), hint=_meant(names[0], frame))


def _lacking(names: tuple[str, ...], why: str) -> str:
    which = " or ".join(repr(name) for name in names)
    kinds = dict.fromkeys(COLUMNS[name].expected for name in names)
    return f"the frame has no column {which}: {why} ({'; '.join(kinds)})"


def _meant(name: str, frame: Taken) -> str:
    """Return a hint: the column that was probably meant, else what there is."""
    others = [held for held in frame.names if isinstance(held, str) and held not in COLUMNS]
    words = (name, *_ALSO.get(name, ()))
    known = next((held for held in others if held.strip().lower() in words), None)
    if known is not None:
        return f"is it {known!r}? rename it to {name!r}"
    return nearest(name, others, "column") if others else "wacost.rate.__doc__ tells what it needs"


def _read(frame: Taken, place: int, name: str, kind: Kind) -> Any:
    try:
        column = _decoded(frame.column(place))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as problem:
        told = str(problem).partition("\n")[0]
        raise InputError(
            f"column {name!r} holds values of several kinds, expected {kind.expected}: {told}",
            hint=kind.hint,
        ) from problem
    if pa.types.is_null(column.type) or (name in _IF_FITS and not kind.fits(column.type)):
        return pa.nulls(len(column), kind.arrow)
    if not kind.fits(column.type):
        raise InputError(
            f"column {name!r} has the type {column.type}, expected {kind.expected}", hint=kind.hint
        )
    return kind.read(column, name)


def _decoded(column: Any) -> Any:
    """Write out categories and runs: what a column says and not how it is kept."""
    if pa.types.is_run_end_encoded(column.type):
        column = pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks])
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _is_number(kind: Any) -> bool:
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_name(kind: Any) -> bool:
    return _is_text(kind) or _is_number(kind)


def _text(column: Any, _name: str) -> Any:
    return column.cast(pa.large_string())


def _name(column: Any, name: str) -> Any:
    """Read text, or whole numbers as text: a number that pandas made of digits, say."""
    return _text(column if _is_text(column.type) else _whole(column, name), name)


def _number(column: Any, name: str) -> Any:
    """Read phone numbers. One below 0 stands for none, and would be read as +1 in place of -1."""
    if _is_text(column.type):
        return _text(column, name)
    whole = _whole(column, name)
    row = pc.index(pc.less(whole, 0), True).as_py()
    if row >= 0:
        raise InputError(
            f"column {name!r}, row {row}: {whole[row]} is no phone number", hint=COLUMNS[name].hint
        )
    return _text(whole, name)


def _whole(column: Any, name: str) -> Any:
    """Read whole numbers. Floats are taken where they are whole: a gap made them floats."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        row, value = _first(column, lambda chunk: chunk.cast(pa.int64()))
        raise InputError(
            f"column {name!r}, row {row}: {value} is no whole number",
            hint=COLUMNS[name].hint,
        ) from None


def _moment(column: Any, name: str) -> Any:
    """Read times as UTC microseconds; without a zone they are UTC already."""
    zone = column.type.tz
    kind = pa.timestamp("us", zone)
    try:
        found = column.cast(kind, safe=column.type.unit != "ns").cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        row, value = _first(column, lambda chunk: chunk.cast(kind))
        raise _no_time(name, row, str(value)) from None
    first, after = (pa.scalar(year, pa.timestamp("us")) for year in _YEARS)
    inside = pc.and_(pc.greater_equal(found, first), pc.less(found, after))
    if pc.all(inside).as_py() is False:
        row = pc.index(inside, pa.scalar(False)).as_py()  # noqa: FBT003 - the value looked for
        raise _no_time(name, row, str(found[row]))
    return found


def _no_time(name: str, row: int, text: str) -> InputError:
    return InputError(
        f"column {name!r}, row {row}: {text} is no time of a call",
        hint="a year from 1900 to 2199; null where the time is not known",
    )


def _as_is(column: Any, _name: str) -> Any:
    return column


def _first(column: Any, read: Callable[[Any], Any]) -> tuple[int, Any]:
    """Return the row, and its value, at which reading fails."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            read(column.slice(low, middle - low))
        except pa.ArrowInvalid:
            high = middle
        else:
            low = middle
    value = str(column[low])
    return low, value if len(value) <= _LARGEST else f"{value[:_LARGEST]}…"


_TEXT_HINT: Final = "text; null where it is not known"
_TIME_HINT: Final = (
    "make times of it: pandas.to_datetime(column, utc=True), or str.to_datetime() in Polars;"
    " seconds since 1970 with unit='s' or polars.from_epoch"
)
_ID = Kind(pa.large_string(), "text", _TEXT_HINT, _is_name, _name)
_WORD = Kind(pa.large_string(), "text", _TEXT_HINT, _is_text, _text)
_TIME = Kind(pa.timestamp("us"), "times", _TIME_HINT, pa.types.is_timestamp, _moment)
COLUMNS: Final[Mapping[str, Kind]] = {
    "call_id": _ID,
    "account": _ID,
    "direction": _WORD._replace(expected='"inbound" or "outbound"'),
    "contact": _ID._replace(
        expected="phone numbers with their calling code, as text",
        hint='text like "+55 11 98765-4321"; null where there is no number',
        read=_number,
    ),
    "country": _WORD._replace(expected='ISO countries of two letters, like "BR"'),
    "answered_at": _TIME,
    "ended_at": _TIME,
    "duration_s": Kind(
        pa.int64(),
        "whole seconds",
        "whole seconds as integers: round up yourself if your source tells parts of a second, and"
        " null where it is not known",
        _is_number,
        _whole,
    ),
    "answered": Kind(
        pa.bool_(), "true or false", "booleans: column == 1, say", pa.types.is_boolean, _as_is
    ),
    "terminate_status": _WORD,
    "disposition": _WORD,
    "first_event_at": _TIME,
}
"""Every column that rating reads, and what it holds."""
_IF_FITS: Final = ("disposition", "first_event_at")
"""Read where they are of the type: nobody is asked for them, and others may mean something else."""
_NEEDED: Final = (
    (("call_id",), "each call has its own"),
    (("direction",), "who called decides the price"),
    (("duration_s",), "how long the call lasted"),
    (("contact", "country"), "where the other end is decides the price"),
    (("answered_at", "ended_at"), "the month and the rates in force are those of the call's time"),
    (("answered", "answered_at"), "only answered calls are charged"),
)
_ALSO: Final = {
    "answered_at": ("started_at", "start_time", "start"),
    "duration_s": ("duration", "seconds", "billsec"),
    "contact": ("number", "phone", "phone_number", "to", "wa_id"),
    "call_id": ("id", "callid"),
    "answered": ("is_answered", "connected"),
}
"""What others call a column, where the nearest spelling would not find it."""
