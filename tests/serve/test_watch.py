"""`wacost ingest --watch`: what is whole is loaded once, whatever is killed in between."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import takewhile

import pytest
from payloads.bodies import call_body, terminate
from serve.conftest import of, until

import wacost
from wacost.ingest import Watcher
from wacost.store import open_store


def posted(call):
    return of(call_body(terminate(call))) + b"\n"


class Watch:
    """One `wacost ingest --watch` process; a thread gathers what it prints."""

    def __init__(self, folder, *options):
        command = [sys.executable, "-m", "wacost", "ingest", "--watch", "--every", "1"]
        self.process = subprocess.Popen(
            [*command, "-w", str(folder), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={k: v for k, v in os.environ.items() if not k.startswith("WACOST_")},
        )
        self.said = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        self.said.extend(self.process.stdout)

    def records(self, kind="new"):
        return sum(int(n) for n in re.findall(rf"(\d+) {kind}", "".join(self.said)))

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self.reader.join(10)
        self.process.stdout.close()
        return code


@pytest.fixture
def watch(workspace):
    started = []

    def start(*options):
        started.append(Watch(workspace, *options))
        return started[-1]

    yield start
    for one in started:
        one.end(signal.SIGKILL)


def events(workspace):
    with open_store(workspace / "wacost.duckdb", read_only=True) as con:
        return Counter(row[0] for row in con.execute("SELECT call_id FROM events").fetchall())


def segment(workspace, number, *calls, ending=".jsonl"):
    path = workspace / "inbox" / f"webhooks-20261126T080000-{number}{ending}"
    path.write_bytes(b"".join(posted(call) for call in calls))
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_segments_are_loaded_as_they_are_closed_each_once(workspace, watch, number):
    segment(workspace, 1, "wacid.A")
    one = watch()
    assert until(lambda: one.records() == 1)
    segment(workspace, 2, "wacid.B", ending=".jsonl.new").rename(
        workspace / "inbox" / "webhooks-20261126T080000-2.jsonl"
    )
    segment(workspace, 3, "wacid.C", "wacid.D", ending=".jsonl.part")
    assert until(lambda: one.records() == 4)
    time.sleep(2.5)
    assert one.end(number) == 0
    assert len(one.said) == len([line for line in one.said if " records = " in line]) <= 3
    assert one.records("duplicate") == 0
    again = watch()
    time.sleep(3)
    assert again.end() == 0
    assert again.said == []


def test_what_is_received_is_watched_into_the_store(server, workspace, watch):
    receiver, one = server("--rotate-s", "1"), watch("--json")
    for number in range(20):
        assert receiver.post(posted(f"wacid.{number}").strip()) == (200, "ok")
    assert until(lambda: sum(line.count('"new": 20') for line in one.said) == 1)
    assert one.end() == 0
    assert len(events(workspace)) == 20


@pytest.mark.parametrize("points", [2, pytest.param(20, marks=pytest.mark.full)])
def test_kill_9_of_a_watch_loses_nothing_and_doubles_nothing(workspace, watch, points):
    expected, number = set(), 0
    for point in range(points):
        one = watch()
        end = time.monotonic() + 0.6 + random.Random(point).random() * 1.5  # noqa: S311
        while time.monotonic() < end:
            number += 1
            calls = [f"wacid.{number}.{n}" for n in range(50)]
            expected |= set(calls)
            part = segment(workspace, number, *calls, ending=".new")
            part.rename(part.with_suffix(".jsonl"))
            time.sleep(0.05)
        one.end(signal.SIGKILL)
    last = watch()
    assert until((workspace / "wacost.duckdb").exists)
    assert until(lambda: len(known(workspace)) == number)
    assert last.end() == 0
    found = events(workspace)
    assert set(found) == expected
    assert set(found.values()) == {1}
    assert wacost.open(workspace).ingest().new == 0
    command = [sys.executable, "-m", "wacost", "doctor", "-w", str(workspace)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def known(workspace):
    with open_store(workspace / "wacost.duckdb", read_only=True, wait_s=30) as con:
        return con.execute("SELECT source FROM sources").fetchall()


def test_a_store_in_use_is_waited_for(workspace, watch):
    with open_store(workspace / "wacost.duckdb"):
        segment(workspace, 1, "wacid.A")
        one = watch()
        assert until(lambda: "in use" in "".join(one.said), 30)
        assert one.process.poll() is None
    assert until(lambda: one.records() == 1)
    assert one.end() == 0


def look(watcher):
    """The report of one look, or None."""
    (report,) = watcher.look() or [None]
    return report


def test_a_file_is_loaded_when_two_looks_find_it_the_same(workspace):
    file = workspace / "inbox" / "copied.jsonl"
    watcher = Watcher(workspace / "wacost.duckdb", [workspace / "inbox"])
    whole = posted("wacid.A") + posted("wacid.B")
    for size in (5, 100, len(whole)):
        file.write_bytes(whole[:size])
        assert look(watcher) is None
    assert look(watcher).new == 2
    assert look(watcher) is None
    file.write_bytes(whole + posted("wacid.C"))
    assert look(watcher) is None
    report = look(watcher)
    assert (report.new, report.duplicate, report.quarantined) == (1, 2, 0)
    assert look(watcher) is None


def test_a_file_that_grows_while_it_is_loaded_is_loaded_again(workspace, monkeypatch):
    file = workspace / "inbox" / "growing.jsonl"
    file.write_bytes(posted("wacid.A"))
    from wacost.ingest import run

    parse_all = run._parse_all

    def growing(*args):
        parsed = parse_all(*args)
        with file.open("ab") as out:
            out.write(posted("wacid.B"))
        return parsed

    watcher = Watcher(workspace / "wacost.duckdb", [file])
    look(watcher)
    with monkeypatch.context() as patch:
        patch.setattr(run, "_parse_all", growing)
        assert look(watcher).new == 1
    again = Watcher(workspace / "wacost.duckdb", [file])
    look(again)
    assert look(again).new == 1
    look(again)
    assert look(again) is None


def test_a_file_that_is_refused_stops_no_other_and_is_told_once(workspace):
    watcher = Watcher(workspace / "wacost.duckdb", [workspace / "inbox"])
    (workspace / "inbox" / "table.csv").write_text("a,b\n1,2\n")  # no mapping fits it
    (workspace / "inbox" / "z.jsonl").write_bytes(posted("wacid.B"))
    segment(workspace, 1, "wacid.A")
    assert sum(report.new for _ in range(3) for report in watcher.look()) == 2
    assert watcher.look() == []
    assert watcher.refused == []
    segment(workspace, 2, "wacid.C")
    assert look(watcher).new == 1


def test_the_command_tells_of_a_refused_file_and_goes_on(workspace, watch):
    (workspace / "inbox" / "table.csv").write_text("a,b\n1,2\n")
    segment(workspace, 1, "wacid.A")
    one = watch()
    assert until(lambda: "table.csv" in "".join(one.said))
    assert until(lambda: one.records() == 1)
    segment(workspace, 2, "wacid.B")
    assert until(lambda: one.records() == 2)
    assert one.end() == 0
    assert "".join(one.said).count("wacost: inbox/table.csv") == 1


def test_watching_standard_input_is_wrong_usage(workspace, watch):
    one = watch("-")
    assert one.process.wait(20) == 2


def test_a_watched_load_decides_and_redacts_as_any_other(workspace):
    with (workspace / "wacost.toml").open("a") as file:
        file.write('[policies]\ncontradiction = "shortest"\nredact_after_days = 30\n')
    number = 5511987654321
    old = [call_body(terminate("wacid.old", duration=n, to=str(number))) for n in (61, 60)]
    (workspace / "inbox" / "webhooks-20261126T080000-1.jsonl").write_bytes(
        b"\n".join(of(one) for one in old)
    )
    log = wacost.open(workspace)
    (report,) = list(takewhile(lambda found: found is not None, log.watch()))
    assert report.records == 2
    with log.reading() as con:
        (call,) = con.execute("SELECT call_id, held, duration_s FROM call_rows").fetchall()
    assert call[0].startswith("redacted.")
    assert call[1:] == (None, 60)
    assert not [p for p in workspace.rglob("*") if p.is_file() and b"5511987" in p.read_bytes()]


def test_a_redaction_that_was_interrupted_is_finished_before_a_watch_loads(workspace):
    segment(workspace, 1, "wacid.1")
    log = wacost.open(workspace)
    log.ingest()
    note = {"before": "2026-11-01T00:00:00", "names": [], "key": ""}
    (workspace / ".wacost-redacting").write_text(json.dumps(note))
    list(takewhile(lambda found: found is not None, log.watch()))
    assert not (workspace / ".wacost-redacting").exists()
    assert all(name.startswith("redacted.") for name in events(workspace))
