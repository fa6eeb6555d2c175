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
