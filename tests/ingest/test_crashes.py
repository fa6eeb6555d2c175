"""What is killed, cut off, written while it is read or told by a wrong clock changes no figure."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from payloads import bodies

import wacost
from wacost.analytics.health import findings
from wacost.ingest import ingest

AT = bodies.AT
TOML = """
[accounts.acme]
timezone = "UTC"
card = "meta-usd"
[imports.panel]
timezone = "UTC"
columns = { contact = "Phone", country = "Country", direction = "Direction", outcome = "Status", \
dialled = "Dialled", started = "Answered", duration = "Length" }
"""
LOAD = """
import sys, wacost
from wacost.ingest import run
run.BATCH = 1  # every file in a transaction of its own
log = wacost.open(sys.argv[1])
print("go", flush=True)
log.ingest("inbox")
"""
FIGURES = {
    "calls": "SELECT * EXCLUDE (source, line) FROM call_rows ORDER BY ALL",
    "events": "SELECT * EXCLUDE (source, line, item) FROM events ORDER BY ALL",
    "others": "SELECT * EXCLUDE (source, line, item) FROM other_events ORDER BY ALL",
    "aliases": "FROM aliases ORDER BY ALL",
    "superseded": "FROM superseded ORDER BY ALL",
    "quarantine": "FROM quarantine ORDER BY ALL",
    "sources": "SELECT source, fingerprint, records FROM sources ORDER BY ALL",
}


def clock(at):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))


def calls(first, last):
    return [
        one for n in range(first, last) for one in bodies.answered_outbound(f"c{n}", AT + n * 90)
    ]


def messages(count):
    told = [{"id": f"wamid.{n}", "timestamp": AT + n, "type": "text"} for n in range(count)]
    told = [{"from": f"4477009{n % 90 + 10:02}123", **one} for n, one in enumerate(told)]
    return [bodies.body(bodies.value(messages=[one]), field="messages") for one in told]


def table(count):
    """Half of the calls are told by webhooks too."""
    rows = (
        f"{bodies.USER};BR;out;;{clock(AT + n * 90 * 2)};{clock(AT + n * 90 * 2 + 10)};60\n"
        for n in range(count)
    )
    return "Phone;Country;Direction;Status;Dialled;Answered;Length\n" + "".join(rows)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A workspace that has everything in its inbox and nothing in its store."""
    folder = tmp_path_factory.mktemp("filled")
    inbox = folder / "inbox"
    inbox.mkdir()
    (folder / "wacost.toml").write_text(TOML)
    (inbox / "a.jsonl").write_text(bodies.lines(*calls(0, 300)))
    (inbox / "b.jsonl").write_text(bodies.lines(*messages(300), *calls(250, 350)) + "{broken\n")
    (inbox / "c.csv").write_text(table(60))
    (inbox / "d.jsonl").write_text(bodies.lines(*calls(330, 500)) + '{"object": "x"}\n')
    return folder


def copy(folder, target):
    shutil.copytree(folder, target)
    return wacost.open(target)


def figures(log):
    with log.reading() as con:
        return {name: con.execute(sql).fetchall() for name, sql in FIGURES.items()}


def damage(log):
    with log.reading() as con:
        return [found for found in findings(con) if not found.ok]


@pytest.fixture(scope="module")
def expected(filled, tmp_path_factory):
    log = copy(filled, tmp_path_factory.mktemp("whole") / "w")
    log.ingest()
    found = figures(log)
    assert (len(found["calls"]), len(found["others"])) == (500 + 60, 300)
    assert len(found["quarantine"]) == 2
    assert found["superseded"]
    return found


def load_of(log):
    """Start a load in a process of its own; return it once it begins."""
    command = [sys.executable, "-c", LOAD, str(log.folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "go\n"
    return process


@pytest.mark.parametrize("points", [3, pytest.param(20, marks=pytest.mark.full)])
def test_kill_9_of_a_load_loses_nothing_and_doubles_nothing(filled, expected, tmp_path, points):
    log = copy(filled, tmp_path / "timed")
    process = load_of(log)
    began = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    lasts = time.monotonic() - began
    assert figures(log) == expected
    partly = 0
    for point in range(points):
        log = copy(filled, tmp_path / f"killed-{point}")
        process = load_of(log)
        # One in each part of the load, so that few points hit every part of it.
        time.sleep(lasts * (point + random.Random(point).random()) / points)  # noqa: S311
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if log.store_path.exists():
            assert damage(log) == []
            partly += 0 < len(figures(log)["sources"]) < len(expected["sources"])
        log.ingest()
        assert damage(log) == []
        assert figures(log) == expected
        assert [path for path in log.folder.iterdir() if ".load-" in path.name] == []
        shutil.rmtree(log.folder)
    assert partly or points < 20  # some were killed between two transactions


WRITER = """
import sys, time
lines = open(sys.argv[1], "rb").read()
print("go", flush=True)
with open(sys.argv[2], "ab", buffering=0) as out:
    for at in range(0, len(lines), 3001):  # never whole lines
        out.write(lines[at:at + 3001])
        time.sleep(0.002)
"""


@pytest.mark.parametrize("size", [5 << 20, pytest.param(0, marks=pytest.mark.full)])
def test_a_file_that_another_process_writes_while_it_is_read_ends_as_if_it_were_whole(
    load, tmp_path, size
):
    whole = bodies.lines(*calls(0, 1000))
    before = bodies.lines(*messages(size // 300))
    (tmp_path / "whole").write_text(whole)
    file = load.file(before, "growing.jsonl")
    command = [sys.executable, "-c", WRITER, str(tmp_path / "whole"), str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        loads = 0
        while writer.poll() is None:
            report = ingest(load.path, [file])
            kinds = (report.new, report.duplicate, report.quarantined, report.ignored)
            assert report.records == sum(kinds)
            loads += 1
    assert loads  # began while the file was being written
    last = ingest(load.path, [file])
    assert (last.records, last.quarantined) == (4000 + size // 300, 0)
    found = load.calls()
    load.clear()
    load(before + whole)
    assert load.calls() == found
    assert len(load.query("FROM events")) == 4000


def test_a_segment_cut_off_in_its_last_line_costs_that_line_only(load):
    whole = bodies.lines(*calls(0, 3)).encode()
    report = load(whole[:-20], "webhooks-20261126T081759-1.jsonl")
    assert (report.records, report.new, report.quarantined) == (12, 11, 1)
    assert [row["line"] for row in load.quarantine()] == [12]
    assert load(whole, "webhooks-20261126T081759-1.jsonl").new == 1
    assert len(load.calls()) == 3


def test_a_clock_that_was_set_back_changes_no_figure(load):
    told = calls(0, 60)
    load(bodies.lines(*told))
    expected = load.calls()
    load.clear()
    stamps = ("20261126T081759", "20261126T071759", "19700101T000000", "20991231T235959")
    for number, stamp in enumerate(stamps):
        arrived = [{"wacost_received_at": AT - 7200 * number, **one} for one in told[number::4]]
        file = load.file(bodies.lines(*arrived), f"webhooks-{stamp}-1.jsonl")
        os.utime(file, (number * 10**9, number * 10**9))
    files = sorted(load.folder.glob("webhooks-*"))
    assert ingest(load.path, files).new == len(told)
    assert load.calls() == expected
    assert ingest(load.path, files[::-1]).new == 0
