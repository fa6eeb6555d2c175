"""What messages cost, as Meta's `pricing_analytics` tells it -> entries.

A point says what messages of one sort cost from one moment to another. Meta's figures firm up:
where a later answer tells another cost for a point, what is lacking is added as one more entry, so
that the ledger says what was told last and keeps what was told before. Costs are read as decimals.
The currency is that of the WABA, which the answer does not name.
https://developers.facebook.com/docs/whatsapp/business-management-api/analytics
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from wacost.balance.book import Entry, nanos_in
from wacost.balance.messages import Point
from wacost.balance.statements import Statement
from wacost.errors import InputError, PayloadError, Problem
from wacost.money import SECONDS, plain, short_decimal

_KEY: Final = (
    "start",
    "end",
    "country",
    "phone_number",
    "tier",
    "pricing_type",
    "pricing_category",
)
_LEAST, _MOST = -20, 20  # powers of ten: beyond them a cost is none, and long to write out
_MOST_MESSAGES: Final = 10**12
_YEARS: Final = (1_230_768_000, 4_102_444_799)


def is_pricing(path: Path) -> bool:
    """Tell whether a file may be such an answer, by its first sign."""
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}


def read_pricing(path: Path, balance: str, currency: str, kept: Sequence[Entry]) -> Statement:
    """Read the answer of a file.

    Args:
        path: the file.
        balance: the account or portfolio.
        currency: of the costs.
        kept: what the ledger has of the balance.

    Raises:
        PayloadError: the file is no JSON, or no such answer.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise PayloadError(f"{path} is no JSON", hint="save the answer as it came") from None
    points = list(_points(told))
    if not points:
        raise PayloadError(
            f"{path} has no data points of pricing_analytics",
            hint="ask for granularity DAILY, metrics COST and VOLUME, and save the answer",
        )
    return _read(points, path.name, balance, currency, kept)


def _points(told: Any) -> Iterator[Any]:
    """Yield every data point below an answer, however it is wrapped; those of calls are none."""
    if isinstance(told, list):
        for one in told:
            yield from _points(one)
    elif isinstance(told, dict):
        for key, one in told.items():
            if key == "data_points" and isinstance(one, list):
                yield from one
            elif key != "call_analytics":
                yield from _points(one)


def _read(
    points: Iterable[Any], source: str, balance: str, currency: str, kept: Sequence[Entry]
) -> Statement:
    had: dict[str, list[Entry]] = {}
    for entry in kept:
        had.setdefault(entry.entry_id.partition("#")[0], []).append(entry)
    entries: list[Entry] = []
    sorts: list[Point] = []
    refused: list[Problem] = []
    free = 0
    for line, point in enumerate(points, start=1):
        try:
            found = _entry(point, source, line, balance, currency)
        except (InputError, ArithmeticError, KeyError, TypeError, ValueError):
            why = "it lacks a start, an end or a cost that can be read"
            refused.append(Problem(source, line, "bad_point", why, str(point)[:200]))
            continue
        sorts += _sort(point, found)
        before = had.get(found.entry_id, [])
        if not found.units and not before:
            free += 1
            continue
        made = _lacking(found, before)
        entries.append(made)
        if made not in before:
            had.setdefault(found.entry_id, []).append(made)
    ignored = {"without a cost": free} if free else {}
    rows = len(entries) + len(refused) + free
    return Statement(rows, tuple(entries), ignored, tuple(refused), tuple(sorts))


def _entry(point: Any, source: str, line: int, balance: str, currency: str) -> Entry:
    begin, end = int(point["start"]), int(point["end"])
    cost = point.get("cost")
    if not _YEARS[0] <= begin < end <= _YEARS[1] or isinstance(cost, bool | str | None):
        raise ValueError
    nanos = _nanos(Decimal(cost))
    key = "\x1f".join(str(point.get(name, "")) for name in _KEY)
    words = [point.get(name) for name in ("pricing_category", "pricing_type", "country")]
    return Entry(
        balance=balance,
        entry_id=f"pricing:{hashlib.sha256(key.encode()).hexdigest()[:16]}",
        kind="message",
        at=_moment(end - 1),
        currency=currency,
        units=-nanos * SECONDS,
        note=" ".join(str(word) for word in words if word)[:200],
        source=source,
        line=line,
    )


def _sort(point: Any, found: Entry) -> Iterator[Point]:
    """Yield what the messages of a point cost, where it tells which they were, and how many.

    Messages that are free by their pricing type tell no price, nor does a cost that may yet come.
    """
    words = [point.get(name) for name in ("pricing_category", "country")]
    volume = point.get("volume")
    is_billed = point.get("pricing_type") == "REGULAR" and found.units < 0
    told = is_billed and all(isinstance(word, str) and word for word in words)
    if told and isinstance(volume, int) and 0 < volume < _MOST_MESSAGES:
        yield Point(
            balance=found.balance,
            point_id=found.entry_id,
            category=words[0].lower(),
            country=words[1].upper(),
            from_at=_moment(int(point["start"])),
            to_at=_moment(int(point["end"])),
            currency=found.currency,
            volume=volume,
            units=-found.units,
            source=found.source,
            line=found.line or 0,
        )


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC).replace(tzinfo=None)


def _nanos(cost: Decimal) -> int:
    """Return a cost of 0 or more; a program may have printed 0.3 as 0.30000000000000004."""
    if cost and not _LEAST <= cost.adjusted() <= _MOST:
        raise ValueError
    told = plain(cost)
    nanos = nanos_in(short_decimal(told) or told)
    if nanos < 0:
        raise ValueError
    return nanos


def _lacking(found: Entry, before: Sequence[Entry]) -> Entry:
    """Return what a point adds to what was told of it before; the first again where nothing."""
    if not before:
        return found
    lacking = found.units - sum(entry.units for entry in before)
    if not lacking:
        return before[0]
    return replace(found, entry_id=f"{found.entry_id}#{len(before) + 1}", units=lacking)
