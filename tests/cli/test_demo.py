"""`wacost demo`: the same screen everywhere, and nobody's folder is touched."""

import contextlib
import subprocess
import sys
import time

import pytest

import wacost as library
from wacost.cli import demo
from wacost.store import open_store


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with the demo in it, what it printed, and how long it took."""
    import io

    from wacost.cli import main

    folder = tmp_path_factory.mktemp("demo")
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        started = time.process_time()
        code = main(["demo"])
        spent = time.process_time() - started
    assert code == 0
    return folder / "wacost-demo", out.getvalue(), spent


def test_the_demo_takes_a_few_seconds(made):
    assert made[2] < 10  # of one processor; a quiet machine needs three


def test_the_demo_makes_a_workspace_that_is_sound(made, wacost):
    result = wacost("doctor", "-w", made[0])
    assert result.code == 0, result.out


def test_the_demo_writes_all_documents(made):
    names = sorted(path.name for path in (made[0] / "invoices").iterdir())
    assert names == [
        f"{name}.{kind}"
        for name in ("atlantico-2026-10-expected", "aurora-2026-10-customer")
        for kind in ("csv", "json", "pdf")
    ]


def test_every_command_that_the_demo_suggests_works(made, wacost, monkeypatch):
    import shlex

    monkeypatch.chdir(made[0].parent)
    after = made[1].partition("What to type next")[2]
    commands = [line.strip().split("  ")[0] for line in after.splitlines() if "wacost " in line]
    assert len(commands) >= 5
    for command in commands:
        if " lab " in command:  # runs until Ctrl-C: tests/cli/test_lab.py
            continue
        _, *arguments = shlex.split(command)
        assert wacost(*arguments).code == 0, command


def test_the_demo_prints_the_same_again(made, wacost, monkeypatch):
    monkeypatch.chdir(made[0].parent)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("COLUMNS", "40")
    assert wacost("demo").out == made[1]


def test_the_months_of_the_demo_are_all_rated(made):
    with library.open(made[0]).reading() as con:
        rated = con.execute("SELECT DISTINCT month FROM charges ORDER BY month").fetchall()
    assert rated == [("2026-08",), ("2026-09",), ("2026-10",)]


def test_a_folder_with_something_else_is_left_alone(wacost, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = wacost("demo", tmp_path)
    assert result.code == 1
    assert "holds something else" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_workspace_that_is_not_the_demos_is_left_alone(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text('locale = "en"')
    assert wacost("demo", tmp_path).code == 1
    assert (tmp_path / "wacost.toml").read_text() == 'locale = "en"'


def test_what_an_interrupted_demo_left_is_cleared(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "wacost.toml").write_text(demo.configuration())
    (tmp_path / "wacost.duckdb").write_text("half a store")
    (tmp_path / "inbox" / "webhooks-2026-08.jsonl").write_text("half a li")
    (tmp_path / "notes.txt").write_text("mine")
    log = demo.prepare(tmp_path)
    assert list(log.config.accounts) == ["aurora", "atlantico"]
    files = (path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    left = {path.name for path in files if path.parts[0] != "notebooks"}
    assert left == {"wacost.toml", "notes.txt"}


def everything(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("wacost.toml", demo.configuration() + "# mine", "was changed since"),
        ("inbox/mine.jsonl", "{}", "mine.jsonl is not of the demo"),
        ("rates", "a file", "is no folder"),
    ],
)
def test_a_demo_that_somebody_has_worked_in_is_left_whole(wacost, tmp_path, name, content, said):
    demo.prepare(tmp_path)
    with open_store(tmp_path / "wacost.duckdb"):
        pass
    if (tmp_path / name).is_dir():
        (tmp_path / name).rmdir()
    (tmp_path / name).write_text(content)
    before = everything(tmp_path)
    result = wacost("demo", tmp_path)
    assert (result.code, said in result.err) == (1, True)
    assert everything(tmp_path) == before


def test_a_demo_store_with_other_records_is_left_whole(wacost, tmp_path):
    log = demo.prepare(tmp_path)
    other = tmp_path / "other.jsonl"
    other.write_text("{}\n")
    log.ingest(other)
    before = everything(tmp_path)
    result = wacost("demo", tmp_path)
    assert (result.code, "holds records of other.jsonl" in result.err) == (1, True)
    assert everything(tmp_path) == before


def test_a_demo_store_that_another_process_holds_is_left_whole(wacost, tmp_path):
    log = demo.prepare(tmp_path)
    with open_store(log.store_path):
        pass
    before = everything(tmp_path)
    code = (
        "import sys\nfrom pathlib import Path\nfrom wacost.store import open_store\n"
        "with open_store(Path(sys.argv[1]), read_only=True):\n"
        "    print('held', flush=True)\n    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, log.store_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout.readline() == b"held\n"
        result = wacost("demo", tmp_path)
    assert (result.code, "is in use by process" in result.err) == (1, True)
    assert everything(tmp_path) == before
