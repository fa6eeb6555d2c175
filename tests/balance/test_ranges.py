"""Ranges of a forecast hold about as often as they say, on accounts that it never saw."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("statsmodels", reason="pip install 'wacost[forecast]'")
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "forecast_ranges.py"


@pytest.mark.full
def test_ranges_hold_as_often_as_they_say_and_naive_is_seldom_better():
    bench = runpy.run_path(str(SCRIPT), run_name="bench")
    kinds = [(kind, seed) for kind in bench["KINDS"] for seed in (11, 12)]
    scores = [bench["score"](kind, bench["make"](kind, seed), cuts=3) for kind, seed in kinds]
    for part in ("sums80", "days80"):
        assert 0.72 <= sum(getattr(one, part) for one in scores) / len(scores) <= 0.88
    assert sum(one.ratio <= 1 for one in scores) >= 0.9 * len(scores)
