"""The content of a card as plain values: what is hashed, and what the store keeps."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def names_of(kind: type[Any]) -> list[str]:
    """Return the names of a dataclass's fields."""
    return [field.name for field in fields(kind)]


def plain_rows(rows: Sequence[Any], kind: type[Any]) -> list[dict[str, Any]]:
    """Return rows as plain values: `asdict` would copy every one of 200,000 rows deeply."""
    names = names_of(kind)
    return [{name: plain_value(getattr(row, name)) for name in names} for row in rows]


def plain_value(value: Any) -> Any:
    """Return a value as JSON knows it.

    >>> plain_value(date(2026, 10, 1)), plain_value((6, 6))
    ('2026-10-01', [6, 6])
    """
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain_value(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value


def canonical(content: Mapping[str, Any]) -> str:
    """Write content as the JSON that is hashed: the same content gives the same text.

    >>> canonical({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
