"""What was acknowledged is there, once, whatever happened; what was not is not there in half."""

import http.client
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest
from payloads.bodies import AT, call_body, connect, terminate
from serve.conftest import hub, of, until

import wacost
from wacost.ingest.inbox import adopt, open_segment


def posted(call):
    return of(call_body(terminate(call)))


def test_an_acknowledged_body_survives_kill_9(server):
    one = server()
    assert one.post(posted("wacid.A")) == (200, "ok")
    one.kill()
    (part,) = one.inbox.glob("*.part")
    assert part.read_bytes().count(b"\n") == 1
    (closed,) = adopt(one.inbox)
    assert closed.suffix == ".jsonl"
    assert one.lines() == [posted("wacid.A")]


def test_every_answer_comes_after_an_fsync_of_its_own_or_a_shared_one(server):
    one = server()
    for number in range(1, 6):
        assert one.post(posted(f"wacid.{number}"))[0] == 200
        assert one.metric("fsync_seconds_count") == number
    assert one.health()[1]["last_fsync_age_s"] <= 5


class Load(threading.Thread):
    """Posts calls until the server is gone; keeps the ids that were acknowledged."""

    def __init__(self, server, name):
        super().__init__(daemon=True)
        self.server, self.label, self.acknowledged = server, name, []

    def run(self):
        connection = self.server.connect()
        number = 0
        try:
            while True:
                call = f"wacid.{self.label}.{number}"
                raw = posted(call)
                connection.request("POST", "/", raw, hub(raw))
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.acknowledged.append(call)
                number += 1
        except (OSError, http.client.HTTPException):  # the server is gone
            return
        finally:
            connection.close()


@pytest.mark.parametrize("points", [2, pytest.param(20, marks=pytest.mark.full)])
def test_every_acknowledged_body_is_there_once_after_kill_9_under_load(server, workspace, points):
    acknowledged = []
    for point in range(points):
        one = server("--rotate-s", "1")
        loads = [Load(one, f"{point}.{n}") for n in range(4)]
        for load in loads:
            load.start()
        time.sleep(0.3 + random.Random(point).random() * 1.2)  # noqa: S311
        one.kill()
        for load in loads:
            load.join(30)
            acknowledged += load.acknowledged
    log = wacost.open(workspace)
    report = log.ingest()
    assert len(acknowledged) > 20 * points
    assert report.quarantined == 0
    with log.reading() as con:
        found = Counter(row[0] for row in con.execute("SELECT call_id FROM events").fetchall())
    assert set(acknowledged) <= set(found)
    assert set(found.values()) == {1}
    assert log.ingest().new == 0
    assert doctor(workspace) == 0
    assert not list((workspace / "inbox").glob("*.part"))


def doctor(workspace):
    command = [sys.executable, "-m", "wacost", "doctor", "-w", str(workspace)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(server, number):
    one = server()
    load = Load(one, "a")
    load.start()
    assert until(lambda: len(load.acknowledged) > 10)
    assert one.stop(number) == 0
    load.join(30)
    names = [path.name for path in one.inbox.glob("webhooks-*")]
    assert len(names) == 1
    assert names[0].endswith(".jsonl")
    told = {
        json.loads(line)["entry"][0]["changes"][0]["value"]["calls"][0]["id"]
        for line in one.lines()
    }
    assert set(load.acknowledged) <= told


def test_segments_are_closed_by_age_though_nothing_comes(server):
    one = server("--rotate-s", "1")
    one.post(posted("wacid.A"))
    assert until(lambda: len(list(one.inbox.glob("*.jsonl"))) == 1)
    one.post(posted("wacid.B"))
    assert until(lambda: len(list(one.inbox.glob("*.jsonl"))) == 2)
    assert not list(one.inbox.glob("*.part"))
    one.stop()
    assert one.lines() == [posted("wacid.A"), posted("wacid.B")]


def test_segments_are_closed_by_size(server):
    one = server("--rotate-mb", "1")
    raw = b'{"a":"' + b"x" * 400_000 + b'"}'
    for _ in range(7):
        assert one.post(raw) == (200, "ok")
    assert until(lambda: len(list(one.inbox.glob("*.jsonl"))) == 2)
    one.stop()
    assert one.lines() == [raw] * 7


def test_a_server_that_received_nothing_leaves_nothing(server):
    one = server()
    one.stop()
    assert list(one.inbox.iterdir()) == []


def test_two_servers_of_one_workspace_do_not_disturb_each_other(server, workspace):
    one, two = server(), server()
    for number in range(10):
        assert (one, two)[number % 2].post(posted(f"wacid.{number}")) == (200, "ok")
    assert adopt(workspace / "inbox") == []
    one.kill()
    assert two.post(posted("wacid.10")) == (200, "ok")
    assert len(adopt(workspace / "inbox")) == 1
    assert two.stop() == 0
    assert sorted(one.lines()) == sorted(posted(f"wacid.{number}") for number in range(11))


def test_a_name_is_never_used_twice_though_the_clock_stands_still(tmp_path, monkeypatch):
    monkeypatch.setattr("time.gmtime", lambda: (2026, 11, 26, 8, 0, 0, 3, 330, 0))
    names = []
    for number in range(6):
        path, held = open_segment(tmp_path)
        os.write(held, b"%d\n" % number)
        os.close(held)  # as a killed server would
        if number % 2:
            adopt(tmp_path)
        names.append(path.name)
    assert len({name.removesuffix(".part") for name in names}) == 6
    adopt(tmp_path)
    assert sorted(path.read_text() for path in tmp_path.glob("*.jsonl")) == [
        f"{number}\n" for number in range(6)
    ]


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (b'{"a":1}\n{"b":', b'{"a":1}\n'),
        (b'{"a":1}\n', b'{"a":1}\n'),
        (b'{"a":1}\n' + b"x" * (3 << 20), b'{"a":1}\n'),
        (b'{"torn', None),
        (b"", None),
    ],
)
def test_what_a_killed_server_leaves_loses_its_torn_line_only(tmp_path, left, kept):
    (tmp_path / "webhooks-20261126T080000-1.jsonl.part").write_bytes(left)
    adopt(tmp_path)
    found = [path.read_bytes() for path in tmp_path.iterdir()]
    assert found == ([] if kept is None else [kept])
    assert adopt(tmp_path) == []


def test_ingest_leaves_alone_what_is_being_written(server, workspace):
    one = server()
    one.post(posted("wacid.A"))
    (workspace / "inbox" / "other.jsonl").write_bytes(of(call_body(connect("wacid.B"))))
    (part,) = one.inbox.glob("*.part")
    log = wacost.open(workspace)
    assert log.ingest().records == 1
    assert log.ingest(*one.inbox.iterdir()).records == 1
    with pytest.raises(wacost.PayloadError, match="still being written"):
        log.ingest(part)
    one.stop()
    assert log.ingest().new == 1


def limited():
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


def test_a_disk_that_takes_no_more_is_told_and_nothing_is_half_acknowledged(server):
    """A limit of file size stands for a full disk: the write fails in the middle of a line."""
    one = server(preexec_fn=limited)
    raw = [b'{"n":%d,"a":"%s"}' % (n, b"x" * 15_000) for n in range(9)]
    answers = [one.post(body)[0] for body in raw]
    taken = [body for body, status in zip(raw, answers, strict=True) if status == 200]
    assert 503 in answers
    assert len(taken) >= 4
    assert one.metric("unwritten_total") == answers.count(503)
    too_much = b'{"a":"' + b"x" * 50_000 + b'"}'
    assert one.post(too_much)[0] == 503
    assert one.health()[1]["problem"] or one.health()[0] == 200
    assert until(lambda: one.health()[0] == 200)
    assert one.post(b'{"last":1}') == (200, "ok")
    assert one.stop() == 0
    assert one.lines() == [*taken, b'{"last":1}']


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        yield None
        return
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_told_until_there_is_room_again(server, workspace, small_disk):
    if small_disk is None:  # no right to mount: the limit of file size above holds the same law
        return
    (workspace / "inbox").rmdir()
    (workspace / "inbox").symlink_to(small_disk)
    one = server()
    filler = small_disk / "filler"
    first = b'{"first":1}'
    assert one.post(first)[0] == 200
    large = b'{"a":"' + b"x" * 90_000 + b'"}'
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    assert one.post(large)[0] == 503
    assert until(lambda: one.health()[0] == 503)
    assert "space" in one.health()[1]["problem"]
    filler.unlink()
    assert until(lambda: one.health()[0] == 200)
    assert one.post(large)[0] == 200
    assert one.stop() == 0
    assert one.lines() == [first, large]


def test_what_one_workspace_received_becomes_its_calls(server, workspace):
    one = server()
    for body in (connect("wacid.A", AT), terminate("wacid.A")):
        assert one.post(of([call_body(body)])) == (200, "ok")
    one.stop()
    log = wacost.open(workspace)
    assert (log.ingest().new, log.ingest().duplicate) == (2, 2)
    with log.reading() as con:
        assert con.execute("SELECT call_id, duration_s FROM calls").fetchall() == [("wacid.A", 60)]
