"""How reports on calls write shares, spans of time and moments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def share(row: Mapping[str, Any], name: str) -> list[str]:
    """Write a share in percent and the range that its count leaves open, as two cells.

    >>> from decimal import Decimal
    >>> share({"x": Decimal("66.7"), "x_low": Decimal("20.8"), "x_high": Decimal("93.9")}, "x")
    ['66.7 %', '20.8–93.9']
    >>> share({"x": None, "x_low": None, "x_high": None}, "x")
    ['', '']
    """
    if row[name] is None:
        return ["", ""]
    return [f"{row[name]} %", f"{row[f'{name}_low']}–{row[f'{name}_high']}"]


def clock(at: datetime | None) -> str:
    """Write a moment to the minute, as its account's clocks show it.

    >>> clock(datetime(2026, 10, 5, 9, 3))
    '2026-10-05 09:03'
    """
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"


def count(number: int | None) -> str:
    """Write a count.

    >>> count(12345), count(None)
    ('12,345', '')
    """
    return "" if number is None else f"{number:,}"


def parts(counts: Mapping[str, int]) -> str:
    """Write counts with their names; those that are zero are left out.

    >>> parts({"answered": 2, "failed": 0, "missed": 1})
    '2 answered, 1 missed'
    """
    return ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
