"""Numbers stay gapless and unique, whoever is killed and however many issue at once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from small_world import put_calls

import wacost as library
from wacost.store import open_store

ACCOUNTS = 5
ACCOUNT = """
[accounts.a{number}]
waba_ids = ["{number}"]
timezone = "UTC"
card = "meta-usd"
invoice = {{ kind = "customer", series = "S", accept_cards = ["meta-usd"] }}
"""
COMMAND = ("rate", "--month", "2025-10", "--final", "--format", "json", "--json")


@pytest.fixture
def folder(tmp_path):
    """A workspace with the same calls for each of its accounts."""
    (tmp_path / "wacost.toml").write_text(
        "".join(ACCOUNT.format(number=number) for number in range(1, ACCOUNTS + 1))
    )
    store = library.open(tmp_path).store_path
    put_calls(store)
    with open_store(store) as con:
        con.execute("DELETE FROM call_rows WHERE waba_id <> '1'")
        for name in ("started_at", "ended_at", "first_event_at"):
            con.execute(f"UPDATE call_rows SET {name} = {name} - INTERVAL 1 YEAR")
        con.execute(
            "INSERT INTO call_rows SELECT c.* REPLACE (n::VARCHAR AS waba_id,"
            " n || c.call_id AS call_id) FROM call_rows AS c, range(2, ?) AS r(n)",
            [ACCOUNTS + 1],
        )
    return tmp_path


def start(folder, *more):
    return subprocess.Popen(
        [sys.executable, "-m", "wacost", *COMMAND, "-w", str(folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def numbers(folder):
    """Return the numbers in the order of their issue; whatever is there must be sound."""
    log = library.open(folder)
    assert [one for one in log.verify() if one.problems] == []
    return [row.number.rpartition("-")[2] for row in log.issued()]


def gapless(count):
    return [f"{number:06d}" for number in range(1, count + 1)]


def kill_at_random_points(folder, kills, seed):
    """Start, kill after a random part of the time that a run takes, and look; tell how many hit."""
    luck = random.Random(seed)  # noqa: S311
    begun = time.monotonic()
    first = start(folder, "--account", "a1")
    first.communicate()
    assert first.returncode == 0
    took = time.monotonic() - begun
    hit = 0
    for number in range(kills):
        process = start(folder, "--account", f"a{2 + number % (ACCOUNTS - 1)}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(luck.uniform(0.4, 1.1) * took)
        process.kill()
        process.communicate()
        hit += process.returncode == -signal.SIGKILL
        found = numbers(folder)
        assert found == gapless(len(found))
    return hit


def check_kills(folder, kills, seed):
    assert kill_at_random_points(folder, kills, seed)
    process = start(folder)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert numbers(folder) == gapless(ACCOUNTS)
    assert len({one["account"] for one in json.loads(out)}) == ACCOUNTS
    written = {path.stem.rpartition("-")[2] for path in (folder / "invoices").glob("S-*.json")}
    assert sorted(written) == gapless(ACCOUNTS)


def test_numbers_stay_gapless_over_kills_at_random_points(folder):
    check_kills(folder, kills=5, seed=1)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 6))
def test_numbers_stay_gapless_over_many_kills(folder, seed):
    check_kills(folder, kills=25, seed=seed)


def test_two_processes_that_issue_at_once_issue_each_document_once(folder):
    both = [start(folder), start(folder)]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    found = [[one["invoice"] for one in json.loads(out)] for out, _ in told]
    assert found[0] == found[1]
    assert numbers(folder) == gapless(ACCOUNTS)
    assert sum(err.count("is final already") for _, err in told) == ACCOUNTS


def test_two_threads_of_one_process_issue_each_document_once(folder):
    done = []

    def issue():
        done.append(library.open(folder).issue("2025-10"))

    threads = [threading.Thread(target=issue) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 2
    assert sum(len(issued.new) for issued in done) == ACCOUNTS
    assert numbers(folder) == gapless(ACCOUNTS)
