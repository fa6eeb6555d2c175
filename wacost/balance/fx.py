"""`fx.csv`: dated rates between currencies, each with its source. A rate holds until the next one.

Head: `date,from,to,rate,source`. A rate says what one unit of `from` is worth in `to`. A
pair is used both ways, exactly: a rate is never rounded when it is turned round.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.errors import ConfigError, InputError
from wacost.money import NANO, minor_digits, parse_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILE_NAME: Final = "fx.csv"
_HEAD: Final = ["date", "from", "to", "rate", "source"]


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency was worth in another from a day on.

    Attributes:
        on: the day (UTC).
        source: where it was found.
        worth: exact.
    """

    on: date
    base: str
    quote: str
    worth: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of a workspace."""

    rows: tuple[Rate, ...] = ()

    def at(self, base: str, quote: str, on: date) -> Rate | None:
        """Return the rate that held on a day; None: there is none.

        >>> Rates().at("USD", "USD", date(2026, 10, 1)).worth
        Fraction(1, 1)
        >>> Rates().at("USD", "INR", date(2026, 10, 1)) is None
        True
        """
        if base == quote:
            return Rate(on, base, quote, Fraction(1), "the same currency")
        found = [one for one in self.between(base, quote) if one.on <= on]
        return found[-1] if found else None

    def between(self, base: str, quote: str) -> list[Rate]:
        """Return the rates of a pair, the oldest first, told either way round."""
        told = [one for one in self.rows if (one.base, one.quote) == (base, quote)]
        turned = [
            Rate(one.on, base, quote, 1 / one.worth, one.source)
            for one in self.rows
            if (one.base, one.quote) == (quote, base)
        ]
        return sorted([*turned, *told], key=lambda one: one.on)


def read_rates(folder: Path) -> Rates:
    """Read the `fx.csv` of a workspace; none is no rates.

    Raises:
        ConfigError: it is wrong, with its line.
    """
    file = folder / FILE_NAME
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            return _parse(list(csv.reader(text)), file)
    except FileNotFoundError:
        return Rates()
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(f"{file} is no CSV in UTF-8", hint="save it as CSV, UTF-8") from None


def _parse(lines: Sequence[Sequence[str]], file: Path) -> Rates:
    if not lines or [cell.strip() for cell in lines[0]] != _HEAD:
        raise ConfigError(f"{file}, line 1: the head is not {','.join(_HEAD)}")
    rows = [_rate(line, f"{file}, line {n}") for n, line in enumerate(lines[1:], 2) if any(line)]
    _check_once(rows, file)
    return Rates(tuple(rows))


def _rate(line: Sequence[str], where: str) -> Rate:
    if len(line) != len(_HEAD):
        raise ConfigError(f"{where}: {len(line)} cells, expected {len(_HEAD)}")
    on, base, quote, told, source = (cell.strip() for cell in line)
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise ConfigError(f"{where}: {on!r} is no date", hint="like 2026-10-01") from None
    try:
        minor_digits(base)
        minor_digits(quote)
        nanos = parse_nanos(told)
    except InputError as problem:
        raise ConfigError(f"{where}: {problem.message}", hint=problem.hint) from None
    if nanos <= 0 or base == quote:
        raise ConfigError(f"{where}: a rate is above 0, between two currencies")
    if not source:
        raise ConfigError(f"{where}: the source is missing", hint="say where the rate was found")
    return Rate(day, base, quote, Fraction(nanos, NANO), source)


def _check_once(rows: Iterable[Rate], file: Path) -> None:
    seen = set()
    for one in rows:
        key = (one.on, frozenset((one.base, one.quote)))
        if key in seen:
            raise ConfigError(f"{file}: two rates of {one.base} and {one.quote} on {one.on}")
        seen.add(key)
