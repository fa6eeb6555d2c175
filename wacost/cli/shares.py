"""How reports on calls write shares, spans of time and moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import ceil, floor
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


def wide_share(row: Mapping[str, Any], name: str) -> list[str]:
    """Write a share as `share` does, its range in whole percent: the lower down, the higher up.

    >>> from decimal import Decimal
    >>> wide_share({"x": Decimal("66.7"), "x_low": Decimal("20.8"), "x_high": Decimal("93.9")}, "x")
    ['66.7 %', '20–94']
    """
    if row[name] is None:
        return ["", ""]
    return [f"{row[name]} %", f"{floor(row[f'{name}_low'])}–{ceil(row[f'{name}_high'])}"]


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


def more(rows: Sequence[Any], shown: Sequence[Any]) -> str:
    r"""Say how many rows of a list are not shown.

    >>> more([1, 2, 3], [1]), more([1], [1])
    ('\n  … and 2 more (--json has all)', '')
    """
    left = len(rows) - len(shown)
    return f"\n  … and {left:,} more (--json has all)" if left else ""
