"""A file that the store has as it lies there is not read again; whatever could tell more is."""

import json
import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import answered_outbound, body, call_body, lines, terminate

from wacost.config import ImportMapping
from wacost.ingest import Handling, Quarantine, ingest
from wacost.ingest.run import Cutter

TABLES = ("events", "call_rows", "quarantine", "other_events", "words", "aliases")


@pytest.fixture
def readings(monkeypatch):
    """Every number of files that is cut into segments: what is really read."""
    found = []
    segments = Cutter.segments

    def noted(self, sources, readers=None):
        whole = list(sources)
        found.append(len(whole))
        return segments(self, whole, readers)

    monkeypatch.setattr(Cutter, "segments", noted)
    return found


def content():
    broken = "{broken\n" + lines(body({"x": 1}, field="account_update"))
    return broken + lines(*answered_outbound(), terminate_of(60), terminate_of(61))


def terminate_of(seconds):
    return call_body(terminate("c9", duration=seconds))


def tables(load):
    return [load.query(f"FROM {table} ORDER BY ALL") for table in TABLES]


def test_a_file_that_lies_there_as_it_was_is_not_read_and_the_store_not_touched(load, readings):
    file = load.file(content())
    first = ingest(load.path, [file])
    before = load.path.read_bytes(), load.path.stat().st_mtime_ns
    again = ingest(load.path, [file])
    assert readings == [1]
    assert (load.path.read_bytes(), load.path.stat().st_mtime_ns) == before
    assert (again.new, again.calls, again.duplicate) == (0, 0, first.new + first.duplicate)
    assert (again.quarantined, again.ignored) == (first.quarantined, first.ignored)
    assert (again.reasons, again.problems) == (first.reasons, first.problems)


def test_a_touched_file_is_read_again_with_the_same_result(load, readings):
    file = load.file(content())
    ingest(load.path, [file])
    before, unread = tables(load), ingest(load.path, [file])
    assert ingest(load.path, [load.touched(file)]) == unread
    assert readings == [1, 1]
    assert tables(load) == before
    assert ingest(load.path, [file]) == unread
    assert readings == [1, 1]


def test_other_bytes_under_an_old_time_and_size_are_read(load):
    file = load.file(lines(*answered_outbound("c1")))
    ingest(load.path, [file])
    stat = file.stat()
    file.write_text(file.read_text().replace('"c1"', '"c2"'))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert file.stat().st_size == stat.st_size
    assert ingest(load.path, [file]).new == 4


def test_only_the_new_files_of_a_folder_are_read(load, readings, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.jsonl").write_text(lines(*answered_outbound(name)))
    ingest(load.path, [folder])
    (folder / "c.jsonl").write_text(lines(*answered_outbound("c")))
    done = []
    report = ingest(load.path, [folder], progress=lambda *told: done.append(told))
    assert readings == [2, 1]
    assert (report.records, report.new, report.duplicate) == (12, 4, 8)
    assert done[-1][0] == done[-1][1] == sum(f.stat().st_size for f in folder.iterdir())


def test_another_forced_format_or_version_reads_again(load, readings, monkeypatch):
    file = load.file(lines(*answered_outbound()))
    ingest(load.path, [file])
    assert ingest(load.path, [file], format="ycloud").reasons == {"other_format": 4}
    assert readings == [1, 1]
    monkeypatch.setattr("wacost.ingest.seen.version", lambda _: "99")
    assert ingest(load.path, [file], format="ycloud").records == 4
    assert readings == [1, 1, 1]


def test_a_table_is_read_again_once_its_mapping_is_put_right(load, readings):
    file = load.file("begin,len,who\n2026-10-01 10:00:00,60,+5511987654321\n", "t.csv")
    columns = {"started": ("begin",), "duration": ("len",), "contact": ("who",)}
    old = ImportMapping("t", columns, timezone="UTC", direction="outbound", business_number="1")
    new = replace(old, timezone="America/Sao_Paulo")
    for by, times in ((old, 1), (old, 1), (new, 2), (new, 2)):
        ingest(load.path, [file], imports={"t": by})
        assert len(readings) == times
    assert load.call()["started_at"].hour == 13


def test_a_retry_reads_and_so_does_another_policy(load, readings):
    file = load.file(content())
    ingest(load.path, [file])
    Quarantine(load.path, "hold").retry(every=True)
    assert readings == [1, 1]
    assert {row["held"] for row in load.calls()} == {None, "contradiction"}
    ingest(load.path, [file], handling=Handling("shortest"))
    assert readings == [1, 1, 1]
    assert {row["held"] for row in load.calls()} == {None}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.permutations([60, 61, 62]), st.integers(0, 2))
def test_where_another_file_has_won_or_lost_the_counts_are_those_of_a_reading(load, told, which):
    load.clear()
    files = [load.file(lines(terminate_of(seconds))) for seconds in told]
    for file in files:
        ingest(load.path, [file])
    before = tables(load)
    unread = ingest(load.path, [files[which]])
    assert ingest(load.path, [load.touched(files[which])]) == unread
    assert tables(load) == before


def test_the_store_says_why_records_of_a_source_were_refused(load):
    load(content())
    (row,) = load.query("SELECT reasons, quarantined, ignored FROM sources")
    reasons = json.loads(row["reasons"])
    assert reasons["contradiction"] == reasons["not_json"] == 1
    assert sum(reasons.values()) == row["quarantined"] + row["ignored"]
