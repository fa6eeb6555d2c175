"""Bodies of providers that tell of no call: what they name, and when they are from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from wacost.ingest.formats.parts import LEFT_OUT, from_iso

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST: Final = 200
_DIGITS: Final = re.compile(r"\D", re.ASCII)


def is_left_out(body: Any) -> bool:
    """Tell a body that a format has put in the place of one without a call.

    >>> from wacost.ingest.formats.parts import left_out
    >>> is_left_out(left_out("pstn")), is_left_out({"entry": []})
    (True, False)
    """
    try:
        field = body["entry"][0]["changes"][0]["field"]
    except (KeyError, IndexError, TypeError):
        return False
    return isinstance(field, str) and field.startswith(LEFT_OUT)


def words_of(body: Any) -> Iterator[str]:
    """Yield every short text of a body, whatever it stands under.

    >>> list(words_of({"a": ["x", {"b": "y"}], "c": None}))
    ['x', 'y']
    """
    if isinstance(body, str):
        if len(body) <= _LONGEST:
            yield body
    elif isinstance(body, dict | list):
        for inner in body.values() if isinstance(body, dict) else body:
            yield from words_of(inner)


def latest_second(body: Any) -> int | None:
    """Return the latest moment that a body tells in ISO 8601, in epoch seconds.

    Numbers are not taken for moments: a telephone number has as many digits.

    >>> latest_second({"at": "2026-10-01T00:00:00Z", "to": "5511987654321", "n": "0"})
    1790812800
    >>> latest_second({"to": "5511987654321"})
    """
    moments = [from_iso(word) for word in words_of(body) if not word.isdecimal()]
    return max((int(m) for m in moments if isinstance(m, str) and m.isdecimal()), default=None)


def names_one_of(body: Any, names: tuple[str, ...]) -> bool:
    """Tell whether a body has one of some names in it, in whatever text.

    >>> names_one_of({"to": "+55 11 98765-4321"}, ("5511987654321",))
    True
    >>> names_one_of({"to": "BR.7"}, ("BR.8",))
    False
    """
    whole = json.dumps(body, ensure_ascii=False)
    digits = {_DIGITS.sub("", word) for word in words_of(body)}
    return any(name in whole or name in digits for name in names)
