"""Reports on contacts are the same however often, in what order and files records came."""

from __future__ import annotations

import random

import wacost as library
from wacost.simulate import simulate

TOML = """
[accounts.aurora]
waba_ids = ["104920731165840", "104920731165977"]
timezone = "America/Sao_Paulo"
card = "meta-usd"
call_hours = { MONDAY = ["09:00-18:00"], TUESDAY = ["09:00-18:00"] }
[accounts.rest]
timezone = "Europe/Lisbon"
card = "meta-usd"
"""


def reports(folder, files):
    folder.mkdir()
    (folder / "wacost.toml").write_text(TOML)
    log = library.open(folder)
    for file in files:
        log.ingest(file)
    month = "2026-10"
    return {
        "missed": log.missed_report(month, by=["hour", "number"]).as_dict(),
        "quality": log.quality_report(month, by=["country", "direction"]).as_dict(),
        "funnel": log.permission_funnel(month).as_dict(),
        "windows": log.windows_report(month),
        "settings": log.settings_over_time(),
        "against": log.against_settings(month) + log.against_availability(month),
        "agents": log.agents_report(month),
    }


def test_order_duplicates_and_files_change_no_report(tmp_path):
    truth = simulate(tmp_path / "out", seed=5, months=1, end="2026-10", calls=500)
    (name,) = [each for each in truth.files if each.endswith(".jsonl")]
    lines = (tmp_path / "out" / name).read_bytes().splitlines(keepends=True)
    shuffled = [*lines, *lines[:200]]
    random.Random(7).shuffle(shuffled)  # noqa: S311
    half = len(shuffled) // 2
    parts = [tmp_path / "b.jsonl", tmp_path / "a.jsonl"]
    for part, of in zip(parts, (shuffled[:half], shuffled[half:]), strict=True):
        part.write_bytes(b"".join(of))
    first = reports(tmp_path / "one", [tmp_path / "out" / name])
    second = reports(tmp_path / "two", parts)
    assert first["missed"]["total"]["calls"] > 100
    assert first["funnel"]["granted"] > 5
    for report, told in first.items():
        assert second[report] == told, report
