"""How JSON is read in this room where DuckDB does not read it."""

from __future__ import annotations

import json
from typing import Any, Final


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found.update(reversed(pairs))  # as in DuckDB: of two equal keys the first is read
    return found


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_first_wins,
    parse_float=str,  # 0.1, 1e999 and forty digits stay the text they were
    parse_int=str,
    parse_constant=str,
)
"""Numbers as text, the first of two equal keys."""
MOST_DEPTH: Final = 100
"""Levels of objects and lists in a body; Meta's have fewer than 20."""


def is_deep(value: Any) -> bool:
    """Tell whether a JSON value has more than `MOST_DEPTH` levels of objects and lists.

    >>> is_deep(DECODER.decode("[" * 100 + "]" * 100)), is_deep({"a": [{}]})
    (False, False)
    >>> is_deep(DECODER.decode("[" * 101 + "]" * 101))
    True
    """
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(MOST_DEPTH):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def decoded(text: str) -> Any:
    """Parse JSON, and no deeper than is safe to walk: how deep that is depends on no stack.

    >>> decoded('{"a": 1.50}')
    {'a': '1.50'}

    Raises:
        RecursionError: it has more than `MOST_DEPTH` levels.
        ValueError: it is no JSON.
    """
    value = DECODER.decode(text)
    if text.count("{") + text.count("[") > MOST_DEPTH and is_deep(value):
        raise RecursionError
    return value
