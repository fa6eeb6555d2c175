"""Prices and minutes as suppliers write them: signs, thousands and digits of every locale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wacost.cards.importing.sheets import Exact

_SPACES: Final = "\u00a0\u202f\u2009\u2007\u2002\u2003 "
_MARKS: Final = "*\u2020\u2021\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079"
"""Footnotes: NFKC would make digits of some of them."""
_SAME: Final = str.maketrans(
    {
        "\uff0e": ".",
        "\uff0c": ",",
        "\u2212": "-",
        "\u2018": "'",
        "\u2019": "'",
        **dict.fromkeys(_SPACES, " "),
    }
)
_ARABIC_POINT, _ARABIC_THOUSANDS = "\u066b", "\u066c"
_PLAIN: Final = re.compile(r"-?\d+", re.ASCII)
_SEPARATED: Final = re.compile(r"(-?\d*)([.,])(\d+)", re.ASCII)
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:([.,' ])\d{3})(?:\1\d{3})*", re.ASCII)
_MIXED: Final = re.compile(r"(-?\d{1,3}(?:([.,' ])\d{3})+)([.,])(\d+)", re.ASCII)
_TIMES: Final = {"k": 1000, "m": 1_000_000}
_SHORT: Final = re.compile(r"(\d+)(?:[.,](\d{1,2}))?\s*([km])", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """How one text can be read as a number.

    Attributes:
        by_point: the plain decimal if "." is the decimal sign; None where it is none.
        by_comma: the plain decimal if "," is.
    """

    by_point: str | None
    by_comma: str | None

    @property
    def sign(self) -> str:
        """The decimal sign that this text proves, or ""."""
        if self.by_point is not None and self.by_comma is None:
            return "."
        return "," if self.by_point is None and self.by_comma is not None else ""

    @property
    def told(self) -> str | None:
        """The number where the decimal sign does not matter."""
        return self.by_point if self.by_point == self.by_comma else None


def ascii_digits(text: str) -> str:
    """Write the digits, spaces and signs of any script as ASCII has them.

    >>> ascii_digits("\u0660\u066b\u0660\u0661"), ascii_digits("１\u00a0000")
    ('0\u066b01', '1 000')
    """
    if text.isascii():
        return text.strip()
    made = "".join(
        str(unicodedata.decimal(one)) if unicodedata.decimal(one, None) is not None else one
        for one in text
    )
    return made.translate(_SAME).strip()


def without_marks(text: str) -> str:
    """Take footnote marks off the end of a text."""
    return text.strip().rstrip(_MARKS).strip()


def without_any_marks(text: str) -> str:
    """Take footnote marks out of a text, wherever they stand.

    >>> without_any_marks("Rate² (USD)*")
    'Rate (USD)'
    """
    return "".join(one for one in text if one not in _MARKS)


def reading_of(text: str) -> Reading:
    """Return how a number can be read, by either decimal sign.

    >>> reading_of("0,0108"), reading_of("1,234")
    (Reading(by_point=None, by_comma='0.0108'), Reading(by_point='1234', by_comma='1.234'))
    >>> reading_of(".0095").told, reading_of(".0095").by_point
    (None, '0.0095')
    >>> reading_of("1,940.13").sign, reading_of("12").told, reading_of("ten").told
    ('.', '12', None)
    """
    if isinstance(text, Exact):
        return Reading(str(text), str(text))
    bare = ascii_digits(text)
    if _ARABIC_POINT in bare or _ARABIC_THOUSANDS in bare:
        arabic = bare.replace(_ARABIC_THOUSANDS, "").replace(_ARABIC_POINT, ".")
        found = _decimal(arabic, ".")
        return Reading(found, found)
    return Reading(_decimal(bare, "."), _decimal(bare, ","))


def _decimal(text: str, sign: str) -> str | None:
    """Read a number by one decimal sign, strictly: thousands in groups of three or not at all."""
    if _PLAIN.fullmatch(text):
        return _canonical(text, "")
    found = _SEPARATED.fullmatch(text)
    if found and found[2] == sign:
        return _canonical(found[1], found[3])
    grouped = _GROUPED.fullmatch(text)
    if grouped and grouped[1] != sign and not text.lstrip("-").startswith("0"):
        return _canonical(text.replace(grouped[1], ""), "")
    mixed = _MIXED.fullmatch(text)
    if mixed and mixed[3] == sign and mixed[2] != sign and not text.startswith(("0", "-0")):
        return _canonical(mixed[1].replace(mixed[2], ""), mixed[4])
    return None


def _canonical(whole: str, fraction: str) -> str:
    """Write a number as the card format does: no needless zeros in front."""
    minus, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    bare = digits.lstrip("0") or "0"
    return f"{minus}{bare}.{fraction}" if fraction else f"{minus}{bare}"


def signs_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the decimal signs that some texts prove, each with the first text that does."""
    found: dict[str, str] = {}
    for text in texts:
        if sign := reading_of(text).sign:
            found.setdefault(sign, text)
    return found


def minutes_of(text: str) -> int | None:
    """Read whole minutes; None where it is none.

    >>> [minutes_of(text) for text in ("50,001", "50.001", "50 001", "5000001", "50K", "0.5")]
    [50001, 50001, 50001, 5000001, 50000, None]
    >>> minutes_of("2.5M")
    2500000
    """
    bare = re.sub(r"\s*(?:minutes?|mins?\.?)$", "", ascii_digits(text), flags=re.IGNORECASE)
    if short := _SHORT.fullmatch(bare):
        hundredths = int(short[1]) * 100 + int((short[2] or "").ljust(2, "0"))
        return hundredths * _TIMES[short[3].casefold()] // 100
    bare = bare.replace(_ARABIC_THOUSANDS, ",")
    grouped = _GROUPED.fullmatch(bare)
    if grouped and not bare.startswith(("0", "-")):
        return int(bare.replace(grouped[1], ""))
    return int(bare) if re.fullmatch(r"\d{1,12}", bare, re.ASCII) else None
