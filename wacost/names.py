"""Say what was probably meant, and show names so that a terminal obeys none of their letters."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def printable(text: str) -> str:
    r"""Return a text for one line of a terminal: control characters are written as escapes.

    >>> print(printable("a\x1b[2Jb\n\u202ec"), printable("São {x}"))
    a\x1b[2Jb\n\u202ec São {x}
    """
    return "".join(
        ascii(one)[1:-1] if unicodedata.category(one) in _OBEYED or one in _TURNS else one
        for one in text
    )


_OBEYED = ("Cc", "Cs", "Zl", "Zp")
_TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # print text backwards


def noun(number: int, one: str, many: str = "") -> str:
    """Return the word for a number of things; without `many` the plural has an s.

    >>> noun(1, "call"), noun(0, "call"), noun(2, "entry", "entries")
    ('call', 'calls', 'entries')
    """
    return one if number == 1 else many or f"{one}s"


def nearest(text: str, known: Iterable[str], what: str) -> str:
    """Return a hint that names the nearest known word, or lists a few.

    >>> nearest("curency", ["currency", "status"], "key")
    'did you mean currency?'
    >>> nearest("zzz", ["b", "a"], "key")
    'known: a, b'
    >>> nearest("zzz", [], "account")
    'there is no account yet'
    """
    words = sorted(known)
    if close := difflib.get_close_matches(text, words, n=1):
        return f"did you mean {close[0]}?"
    if not words:
        return f"there is no {what} yet"
    few = ", ".join(words[:_FEW])
    return f"known: {few}, … ({len(words)})" if len(words) > _FEW else f"known: {few}"


_FEW = 12
