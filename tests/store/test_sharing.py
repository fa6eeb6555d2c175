"""Many use one store at once: each gets in, none sees half of a load, none waits for ever."""

import json
import subprocess
import sys
import threading

import pytest
from payloads import bodies

import wacost
from wacost.errors import StoreLockedError
from wacost.store import open_store

AT = bodies.AT
FILE_CALLS = 150
LOAD = """
import sys, wacost
from wacost.ingest import run
run.BATCH = 1  # every file in a transaction of its own
print("go", flush=True)
print(wacost.open(sys.argv[1]).ingest(*sys.argv[2:]).as_dict())
"""
NOTEBOOK = """
import sys, json, wacost
log = wacost.open(sys.argv[1])
print("go", flush=True)
seen = []
while not (log.folder / "stop").exists():
    ((calls, events),) = log.sql(
        "SELECT (SELECT count(*) FROM call_rows), (SELECT count(*) FROM events)"
    ).rows()
    seen.append((calls, events))
    log.calls()
print(json.dumps(seen))
"""
LONG = """
import sys, time, wacost
log = wacost.open(sys.argv[1])
print("go", flush=True)
while not (log.folder / "stop").exists():
    with log.reading() as con:
        con.execute("SELECT count(*) FROM calls").fetchall()
        time.sleep(0.5)
"""
OTHER_PROCESS = "import duckdb, sys; duckdb.connect(sys.argv[1]); print('in')"


@pytest.fixture
def log(tmp_path):
    (tmp_path / "wacost.toml").write_text('[accounts.acme]\ntimezone = "UTC"\ncard = "meta-usd"\n')
    (tmp_path / "inbox").mkdir()
    file(tmp_path, 0)
    log = wacost.open(tmp_path)
    log.ingest()
    return log


def file(folder, number):
    path = folder / "inbox" / f"{number:02}.jsonl"
    told = (f"{number}.{n}" for n in range(FILE_CALLS))
    path.write_text(bodies.lines(*(one for c in told for one in bodies.answered_outbound(c, AT))))
    return path


def start(code, *args):
    """Start a process; return it once it is about to begin."""
    command = [sys.executable, "-c", code, *map(str, args)]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
    assert process.stdout.readline() == "go\n", process.communicate()[1]
    return process


def said(process):
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return out


def test_notebooks_and_commands_work_while_a_load_runs(log):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    files = [file(log.folder, number) for number in range(1, 9)]
    notebook = start(NOTEBOOK, log.folder)
    loader = start(LOAD, log.folder, *files)
    commands = 0
    while loader.poll() is None:
        command = [sys.executable, "-m", "wacost", "doctor", "-w", str(log.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        commands += 1
    assert f"'new': {FILE_CALLS * 4 * len(files)}" in said(loader)
    (log.folder / "stop").touch()
    seen = json.loads(said(notebook))
    assert commands > 0
    assert len({tuple(one) for one in seen}) > 1  # it looked on while files came in
    for calls, events in seen:  # a file is there with all its calls, or not at all
        assert events == calls * 4
        assert calls % FILE_CALLS == 0


def test_a_load_gets_in_though_somebody_is_always_reading(log):
    readers = [start(LONG, log.folder) for _ in range(3)]
    files = [file(log.folder, number) for number in range(1, 3)]
    loader = start(LOAD, log.folder, *files)
    out, error = loader.communicate(timeout=120)
    (log.folder / "stop").touch()
    for reader in readers:
        said(reader)
    assert loader.returncode == 0, error
    assert f"'new': {FILE_CALLS * 8}" in out


def test_loads_at_once_give_what_they_give_one_after_the_other(log):
    files = [file(log.folder, number) for number in range(1, 5)]
    loaders = [start(LOAD, log.folder, *files), start(LOAD, log.folder, *files[::-1])]
    counts = [json.loads(said(one).replace("'", '"')) for one in loaders]
    assert sum(one["new"] for one in counts) == FILE_CALLS * 4 * len(files)
    assert [one["records"] for one in counts] == [FILE_CALLS * 4 * len(files)] * 2
    with log.reading() as con:
        assert con.execute("SELECT count(*) FROM call_rows").fetchall() == [(FILE_CALLS * 5,)]


def test_a_second_look_of_the_same_process_gives_the_store_to_nobody_else(tmp_path):
    path = tmp_path / "s.duckdb"
    command = [sys.executable, "-c", OTHER_PROCESS, str(path)]

    def gets_in():
        return "in" in subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def look():
        with pytest.raises(StoreLockedError), open_store(path, read_only=True, wait_s=0):
            pass

    with open_store(path):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert not gets_in()
    assert gets_in()


def test_a_process_that_reads_is_let_in_again_while_a_load_waits_for_it(log):
    with log.reading():
        loader = start(LOAD, log.folder, file(log.folder, 1))
        with pytest.raises(subprocess.TimeoutExpired):
            loader.wait(3)
        with open_store(log.store_path, read_only=True, wait_s=1) as con:
            assert con.execute("SELECT count(*) FROM call_rows").fetchall() == [(FILE_CALLS,)]
    _, error = loader.communicate(timeout=120)
    assert loader.returncode == 0
    assert "in use by process" in error  # said after two seconds, once
    assert error.count("\n") == 1
