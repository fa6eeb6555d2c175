"""A million calls: every notebook runs in less than a minute, and no figure grows with them."""

import time
from pathlib import Path

import pytest
from report.test_report import PLOTLY_MIME, points
from small_world import ACME

import wacost
from wacost.report.run import chapters, run_chapters
from wacost.store import open_store

MOST_S = 60


@pytest.mark.full
def test_every_notebook_takes_less_than_a_minute_on_a_million_calls(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME.replace("meta-usd", "demo-two-way"))
    log = wacost.open(tmp_path)
    with open_store(log.store_path) as con:
        con.execute(Path(__file__).with_name("million.sql").read_text(encoding="utf-8"))
    assert log.ensure_rated("2026-10")
    found = chapters(tmp_path)
    seen = []
    run_chapters(
        found, tmp_path, month="2026-10", progress=lambda *_: seen.append(time.monotonic())
    )
    seen.append(time.monotonic())
    for chapter in found:
        took = seen[chapter.cells[-1] + 1] - seen[chapter.cells[0]]
        assert took < MOST_S, (chapter.name, took)
        for cell in chapter.node.cells:
            for output in cell.get("outputs", []):
                figure = output.get("data", {}).get(PLOTLY_MIME)
                assert figure is None or points(figure["data"]) <= 5_000
