"""What a developer would write instead of wacost: a loop over calls, with Decimal and zoneinfo.

It knows as little as `by_pandas.py` and is as exact. `bench_rivals.py` runs it beside wacost.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Call = tuple[datetime, str, str, str, str, int]
Ladder = list[tuple[int, Decimal]]


def bill(
    calls: Iterable[Call], zones: dict[str, str], groups: dict[str, str], card: Path
) -> Decimal:
    """Return the sum of all amounts in the card's currency.

    Args:
        calls: (end in UTC, call id, account, country, direction, seconds) of answered calls, in
            that order.
        zones: time zone of each account.
        groups: the portfolio of each account, whose minutes are added up.
        card: a folder with rates.csv and markets.csv, every band of which has a rate.
    """
    ladders, markets = _ladders(card), _markets(card)
    used: dict[tuple[str, str, str, str], int] = defaultdict(int)
    total = Decimal(0)
    for ended, _, account, country, direction, seconds in calls:
        local = ended.replace(tzinfo=UTC).astimezone(ZoneInfo(zones[account]))
        market = _market(markets[country], local.date())
        if market is None:
            continue
        billed = -(-seconds // 6) * 6
        key = groups[account], direction, market, local.strftime("%Y-%m")
        used[key] += billed
        rate = next(
            price
            for minutes, price in reversed(ladders[direction, market])
            if used[key] > minutes * 60 or not minutes
        )
        total += rate * billed / 60
    return total


def _market(memberships: list[tuple[date, date, str]], day: date) -> str | None:
    return next((name for start, end, name in memberships if start <= day < end), None)


def _markets(card: Path) -> dict[str, list[tuple[date, date, str]]]:
    markets: dict[str, list[tuple[date, date, str]]] = defaultdict(list)
    with (card / "markets.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            start = date.fromisoformat(row["effective_from"])
            end = date.fromisoformat(row["effective_to"] or "9999-12-31")
            markets[row["country_or_prefix"]].append((start, end, row["market"]))
    return markets


def _ladders(card: Path) -> dict[tuple[str, str], Ladder]:
    ladders: dict[tuple[str, str], Ladder] = defaultdict(list)
    with (card / "rates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            band = int(row["tier_from_minutes"] or 0), Decimal(row["rate_per_minute"])
            ladders[row["direction"], row["destination"]].append(band)
    return {key: sorted(ladder) for key, ladder in ladders.items()}
