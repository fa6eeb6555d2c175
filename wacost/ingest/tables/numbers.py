"""The number of a contact, as tables write it, or why it is none.

What a spreadsheet did to a number cannot be undone: `5,51E+12` has lost its last digits for good,
also where it was written out afterwards (5510000000000), and a masked number (`+55 11 9****-4321`)
never had them.
"""

from __future__ import annotations

import re
from typing import Final

from wacost.dialplan import is_below_zero

_EXPONENT: Final = re.compile(r"\+?\d+(?:[.,]\d+)?\s*[eE]\s*\+?\d+", re.ASCII)
_ROUNDED: Final = re.compile(r"[1-9]\d{0,2}0{9,}", re.ASCII)  # what 5,51E+12 is when written out
_MASKED: Final = re.compile(r"[\d\s()+.\-]*(?:[*•●#…]|\.{3}|[xX]{2})[\d\s()+.\-*•●#…xX]*", re.ASCII)
_USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,120}", re.ASCII)
_PUNCTUATION: Final = re.compile(
    "[\\s().\\-/\u2010-\u2015\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00a0]+"
)
_E164: Final = re.compile(r"[1-9][0-9]{5,14}", re.ASCII)
_KEEPS_ZERO: Final = ("39",)  # Italy dials its leading zero from abroad too
_NONE: Final = (
    "",
    "-",
    "—",
    "null",
    "none",
    "n/a",
    "unknown",
    "anonymous",
    "private",
    "restricted",
)


class BadNumberError(Exception):
    """A cell tells no number; `reason` is a code of `reasons.QUARANTINED`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def number_of(cell: str, calling_code: str | None = None) -> str:
    """Return E.164 digits, a business-scoped user id, or "" where the cell names nobody.

    Args:
        cell: as the table has it.
        calling_code: every number without + or 00 is national and gets these digits.

    >>> number_of("+55 (11) 98765-4321"), number_of("011 98765-4321", "55"), number_of("US.1349")
    ('5511987654321', '5511987654321', 'US.1349')

    Raises:
        BadNumberError: digits were lost, are masked, or there is no number.
    """
    told = _bare(cell)
    if told.casefold() in _NONE:
        return ""
    if _EXPONENT.fullmatch(told) or _ROUNDED.fullmatch(told):
        raise BadNumberError("lost_digits")
    if _MASKED.fullmatch(told):
        raise BadNumberError("masked_number")
    if _USER_ID.fullmatch(told):
        return told
    digits = _digits(_PUNCTUATION.sub("", told), calling_code)
    if not _E164.fullmatch(digits) or is_below_zero(told):
        raise BadNumberError("bad_contact")
    return digits


def _bare(cell: str) -> str:
    """Take off what spreadsheets and providers put around a number.

    >>> _bare('="5511"'), _bare("'+5511"), _bare("whatsapp:+5511"), _bare("5511987654321.0")
    ('5511', '+5511', '+5511', '5511987654321')
    """
    told = cell.strip()
    if told.startswith('="') and told.endswith('"'):
        told = told[2:-1]
    told = re.sub(r"^(?:whatsapp|tel):", "", told.removeprefix("'"), flags=re.IGNORECASE).strip()
    return re.sub(r"^(\d{6,15})[.,]0$", r"\1", told, flags=re.ASCII)


def _digits(told: str, calling_code: str | None) -> str:
    if told.startswith(("+", "00")):
        return told.removeprefix("+").removeprefix("00")
    if calling_code is None:
        return told
    return calling_code + (told if calling_code in _KEEPS_ZERO else told.removeprefix("0"))
