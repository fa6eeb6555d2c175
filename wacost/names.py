"""Say what was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
