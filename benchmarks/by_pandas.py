"""What an analyst would write instead of wacost: one month's bills of tiered calls, in pandas.

It knows one tier model, one card, no unknown bands, no fees and no late changes of terms; it is
exact because money stays in integers. `bench_rivals.py` runs it beside wacost.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path


def bill(calls: pd.DataFrame, zones: dict[str, str], groups: dict[str, str], card: Path) -> int:
    """Return the sum of all amounts in 1/60 billionths of a dollar.

    Args:
        calls: account, country, direction, started_at, ended_at (UTC), duration_s and call_id of
            the calls that were answered.
        zones: time zone of each account.
        groups: the portfolio of each account, whose minutes are added up.
        card: a folder with rates.csv and markets.csv, every band of which has a rate.
    """
    calls = calls.copy()
    zone = calls["account"].map(zones)
    local = pd.Series(pd.NaT, index=calls.index, dtype="datetime64[us]")
    for name, part in calls.groupby(zone, observed=True):
        clock = part["ended_at"].dt.tz_localize("UTC").dt.tz_convert(name)
        local.loc[part.index] = clock.dt.tz_localize(None)
    calls["day"] = local.dt.normalize()
    calls["month"] = local.dt.to_period("M")
    calls["seconds"] = -(-calls["duration_s"] // 6) * 6

    markets = pd.read_csv(
        card / "markets.csv", keep_default_na=False, parse_dates=["effective_from"]
    )
    markets["until"] = pd.to_datetime(markets["effective_to"]).fillna(pd.Timestamp.max)
    found = calls.merge(markets, left_on="country", right_on="country_or_prefix")
    calls = found[(found["effective_from"] <= found["day"]) & (found["day"] < found["until"])]

    calls = calls.sort_values(["ended_at", "call_id"], kind="stable")
    calls["portfolio"] = calls["account"].map(groups)
    accrual = calls.groupby(["portfolio", "direction", "market", "month"])
    calls["to"] = accrual["seconds"].cumsum()
    total = 0
    for (direction, market), ladder in _ladders(card).items():
        part = calls[(calls["direction"] == direction) & (calls["market"] == market)]
        if part.empty:
            continue
        bounds = np.array([minutes * 60 for minutes, _ in ladder[1:]])
        rates = np.array([nanos for _, nanos in ladder])
        band = np.searchsorted(bounds, part["to"].to_numpy() - 1, side="right")
        total += int((rates[band] * part["seconds"].to_numpy()).sum())
    return total


def _ladders(card: Path) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return (band's first minute, nanos a minute) by direction and market."""
    ladders: dict[tuple[str, str], list[tuple[int, int]]] = {}
    with (card / "rates.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            whole, _, part = row["rate_per_minute"].partition(".")
            nanos = int(whole) * 10**9 + int(part.ljust(9, "0"))
            ladder = ladders.setdefault((row["direction"], row["destination"]), [])
            ladder.append((int(row["tier_from_minutes"] or 0), nanos))
    return {key: sorted(ladder) for key, ladder in ladders.items()}
