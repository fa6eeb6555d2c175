"""`wacost demo`: the same screen everywhere, and nobody's folder is touched."""

import contextlib
import time

import pytest

import wacost as library
from wacost.cli import demo


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
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"wacost.toml", "notes.txt"}
