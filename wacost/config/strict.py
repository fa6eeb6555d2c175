"""Strict readers: each takes a value of TOML and its place, and returns it checked or raises.

A reader is any callable (value, place) -> checked value. `Table` and `Named` also know their
keys, so that a misspelt key can be answered with the nearest one of the whole tree.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from importlib.resources import files
from typing import Any, Final, TypeVar

from wacost import zones
from wacost.errors import ConfigError, InputError
from wacost.money import minor_digits, parse_nanos
from wacost.names import nearest, printable

Path_ = tuple[str | int, ...]
Reader = Callable[[Any, "Place"], Any]

_KEY_LINE: Final = re.compile(r"""\s*((?:[\w.\- ]|"[^"]*"|'[^']*')+?)\s*=""", re.ASCII)
_HEAD_LINE: Final = re.compile(r"\s*(\[\[?.+?\]\]?)\s*(?:#.*)?$")
_LONGEST_TEXT: Final = 500
_MOST_PLACES: Final = 8
_EXAMPLES: Final = {
    "card": 'what the supplier charges: card = "meta-usd"; `wacost cards list` names more',
    "timezone": 'where its months begin: timezone = "America/Sao_Paulo"',
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: the file, its text and the path of keys down to it."""

    file: str
    source: str
    path: Path_ = ()

    def at(self, key: str | int) -> Place:
        """Return the place of a key or an item below this one."""
        return Place(self.file, self.source, (*self.path, key))

    def error(self, message: str, hint: str = "") -> ConfigError:
        """Make the error that names this place: file, line where it can be told, and path."""
        line = line_of(self.source, self.path)
        where = f"{self.file}, line {line}" if line else self.file
        name = f"{dotted(self.path)}: " if self.path else ""
        return ConfigError(f"{where}: {name}{message}", hint=hint)


def dotted(path: Path_) -> str:
    """Write a path of keys as people write it.

    >>> dotted(("accounts", "acme", "tax", 0, "percent"))
    'accounts.acme.tax[0].percent'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def line_of(source: str, path: Path_) -> int | None:
    r"""Find the line at which the longest known part of a path is written.

    Good enough for a message: an inline table that spans lines is told by its first.

    >>> line_of('locale = "en"\n[accounts.acme]\ncard = "x"\n', ("accounts", "acme", "card"))
    3
    """
    best, depth = None, 0
    for number, written in _written_paths(source):
        same = _common(written, path)
        if same == len(written) and same > depth:
            best, depth = number, same
    return best


def _written_paths(source: str) -> Iterator[tuple[int, Path_]]:
    head: Path_ = ()
    seen: dict[Path_, int] = {}
    for number, line in enumerate(source.splitlines(), start=1):
        if match := _HEAD_LINE.match(line):
            head = _keys(match[1])
            if match[1].startswith("[["):
                seen[head] = seen.get(head, -1) + 1
                head = (*head, seen[head])
            yield number, head
        elif match := _KEY_LINE.match(line):
            yield number, (*head, *_keys(f"{match[1]} = 0"))


def _keys(toml: str) -> Path_:
    try:
        value: Any = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return ("",)
    keys: list[str] = []
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
        value = value[0] if isinstance(value, list) else value
    return tuple(keys)


def _common(one: Path_, other: Path_) -> int:
    pairs = zip(one, other, strict=False)
    return next(
        (n for n, (a, b) in enumerate(pairs) if a != b),
        min(len(one), len(other)),
    )


def _closest(word: str, known: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


@dataclass(frozen=True)
class Table:
    """A table with known keys, made into `make(**values)`.

    Attributes:
        make: what the checked values become.
        fields: key -> reader.
        required: keys that must be there.
        renamed: key -> the argument of `make`, where a key is a word of Python.
    """

    make: Callable[..., Any]
    fields: Mapping[str, Reader]
    required: Collection[str] = ()
    renamed: Mapping[str, str] | None = None

    def __call__(self, value: Any, place: Place, **more: Any) -> Any:
        """Check every key, read every value and make the record."""
        if not isinstance(value, dict):
            raise place.error(f"{value!r} is no table", hint="write { key = value }")
        for key in value:
            if key not in self.fields:
                raise self._unknown(key, place)
        for key in self.required:
            if key not in value:
                raise place.error(f"{key} is missing", hint=_EXAMPLES.get(key, f"add {key} = …"))
        names = self.renamed or {}
        read = {
            names.get(key, key): self.fields[key](item, place.at(key))
            for key, item in value.items()
        }
        return self.make(**{**more, **read})

    def _unknown(self, key: str, place: Place) -> ConfigError:
        here = _closest(key, self.fields)
        if here:
            near = dotted((*place.path, here))
        else:
            near = _nearest_path(key) or f"one of {', '.join(self.fields)}"
        return place.at(key).error("unknown key", hint=f"the nearest known one is {near}")


@dataclass(frozen=True)
class Named:
    """A table of tables whose keys are names that the user chose; read into a dict by name."""

    reader: Reader
    takes_name: bool = True

    def __call__(self, value: Any, place: Place) -> dict[str, Any]:
        """Check the names and read what they hold."""
        if not isinstance(value, dict):
            raise place.error(f"{value!r} is no table")
        return {key: self._read(key, item, place.at(key)) for key, item in value.items()}

    def _read(self, key: str, item: Any, place: Place) -> Any:
        if not re.fullmatch(r"\w[\w.\- ]{0,63}", key):
            raise place.error(
                f"{key!r} cannot be a name",
                hint="letters, digits, point, dash, underscore and space, at most 64",
            )
        if self.takes_name:
            return self.reader(item, place, name=key)  # type: ignore[call-arg]
        return self.reader(item, place)


def _nearest_path(key: str) -> str | None:
    from wacost.config.tree import ROOT  # noqa: PLC0415 - the tree is made of these readers

    # A mapping's keys have the names of accounts' own, and are seldom what is meant elsewhere.
    known = [
        path
        for path in known_paths(ROOT)
        if not path.startswith(("imports.<name>.", "statements.<name>."))
    ]
    paths = {path.rpartition(".")[2]: path for path in sorted(known, reverse=True)}
    near = _closest(key, paths)
    return paths[near] if near else None


def known_paths(reader: Reader, above: str = "") -> Iterator[str]:
    """List the path of every key below a reader; `<name>` stands for a name the user chose."""
    inner = getattr(reader, "reader", None)
    if isinstance(reader, Named):
        yield from known_paths(reader.reader, f"{above}.<name>")
    elif isinstance(reader, Table):
        for key, below in reader.fields.items():
            yield f"{above}.{key}".removeprefix(".")
            yield from known_paths(below, f"{above}.{key}")
    elif inner is not None:
        yield from known_paths(inner, above)


@dataclass(frozen=True)
class ListOf:
    """An array whose items all have one reader; read into a tuple."""

    reader: Reader

    def __call__(self, value: Any, place: Place) -> tuple[Any, ...]:
        """Read every item."""
        if not isinstance(value, list):
            raise place.error(f"{value!r} is no list", hint="write [ … ]")
        return tuple(self.reader(item, place.at(n)) for n, item in enumerate(value))


def text(value: Any, place: Place) -> str:
    """Read a text of one line."""
    if not isinstance(value, str):
        raise place.error(f"{value!r} is no text", hint=f'write "{value}"')
    if not value.strip() or len(value) > _LONGEST_TEXT or printable(value) != value:
        raise place.error("expected one line of text, at most 500 characters")
    return value


def digits(value: Any, place: Place) -> str:
    """Read an id of Meta: digits, as text (a number would lose its zeros)."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,40}", value):
        raise place.error(
            f"{value!r} is no id", hint='an id is digits in quotes: "102290129340398"'
        )
    return value


def decimal(value: Any, place: Place) -> str:
    """Read an amount or a percentage: text of a plain decimal, never a TOML number."""
    if isinstance(value, float | int):
        raise place.error(
            f"{value!r} is a number of TOML, which is kept in binary and is not exact",
            hint=f'write it as text: "{value}"',
        )
    try:
        if parse_nanos(value) < 0:
            raise place.error(f"{value!r} is below zero")
    except ConfigError:
        raise
    except InputError as problem:
        raise place.error(problem.message, hint=problem.hint) from None
    return str(value)


def percent(value: Any, place: Place) -> str:
    """Read a percentage from 0 to 100, as text."""
    checked = decimal(value, place)
    if parse_nanos(checked) > parse_nanos("100"):
        raise place.error(f"{value!r} is more than 100 percent")
    return checked


def whole(value: Any, place: Place) -> int:
    """Read a whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise place.error(f"{value!r} is no whole number from 0")
    return value


MOST_DAYS: Final = 36_500


def days(value: Any, place: Place) -> int:
    """Read a number of days: 0 to a hundred years."""
    checked = whole(value, place)
    if checked > MOST_DAYS:
        raise place.error(f"{value} days are more than {MOST_DAYS}")
    return checked


def places(value: Any, place: Place) -> int:
    """Read how many decimal places are meant: 0 to 8."""
    checked = whole(value, place)
    if checked > _MOST_PLACES:
        raise place.error(f"{value!r} are more than {_MOST_PLACES} decimal places")
    return checked


@dataclass(frozen=True)
class OneOf:
    """A word of a closed list."""

    words: tuple[str, ...]

    def __call__(self, value: Any, place: Place) -> str:
        """Check the word."""
        if value not in self.words:
            raise place.error(
                f"{value!r} is none of {', '.join(self.words)}",
                hint=nearest(str(value), self.words, "word"),
            )
        return str(value)


@dataclass(frozen=True)
class Shape:
    """A text of one shape, told by a pattern and an example."""

    pattern: str
    what: str

    def __call__(self, value: Any, place: Place) -> str:
        """Check the shape."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value, re.ASCII):
            raise place.error(f"{value!r} is not {self.what}")
        return value


def zone(value: Any, place: Place) -> str:
    """Read the name of an IANA time zone."""
    try:
        return zones.zone(str(value)).key
    except InputError as problem:
        raise place.error(
            problem.message, hint=nearest(str(value), _zone_names(), "time zone")
        ) from None


def _zone_names() -> list[str]:
    return files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()


def currency(value: Any, place: Place) -> str:
    """Read an ISO 4217 code."""
    try:
        minor_digits(value)
    except (InputError, TypeError):
        raise place.error(
            f"{value!r} is no ISO 4217 currency code", hint="three capital letters, like USD"
        ) from None
    return str(value)


def day(value: Any, place: Place) -> date:
    """Read a date of TOML, without a time and without quotes."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise place.error(f"{value!r} is no date", hint="write 2026-12-31, without quotes")
    return _in_reach(value, place)


def moment(value: Any, place: Place) -> datetime:
    """Read a date and time of TOML with its offset."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise place.error(f"{value!r} is no moment", hint="write 2026-10-12T00:00:00Z")
    return _in_reach(value, place)


_D = TypeVar("_D", date, datetime)


def _in_reach(value: _D, place: Place) -> _D:
    """Refuse what is beyond the years of calls: no clock could be told of it."""
    if not _YEARS[0] <= value.year < _YEARS[1]:
        raise place.error(f"{value} is no day of calls", hint="a year from 1900 to 2199")
    return value


_YEARS: Final = (1900, 2200)
