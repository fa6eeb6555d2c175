"""`wacost ingest` tells what became of every record; `wacost simulate` makes some."""

import io
import json

import pytest
from small_world import ACME

import wacost as library
from wacost.errors import PayloadError


@pytest.fixture
def folder(tmp_path, wacost):
    (tmp_path / "wacost.toml").write_text(ACME)
    result = wacost("simulate", tmp_path / "raw", "--calls", 40, "--months", 1, "--seed", 3)
    assert result.code == 0
    (tmp_path / "raw" / "truth.json").unlink()
    return tmp_path


def test_json_has_the_promised_keys_and_they_add_up(wacost, folder):
    report = wacost("ingest", folder / "raw", "-w", folder, "--json").json
    assert list(report) == ["records", "new", "duplicate", "quarantined", "ignored", "calls"]
    assert report["records"] == sum(
        report[key] for key in ("new", "duplicate", "quarantined", "ignored")
    )
    assert report["calls"] == 40


def test_the_conservation_line_is_printed(wacost, folder):
    result = wacost("ingest", folder / "raw", "-w", folder)
    report = wacost("ingest", folder / "raw", "-w", folder, "--json").json
    line = result.out.splitlines()[0]
    assert line.startswith(f"{report['records']} records = ")
    assert f" + {report['quarantined']} quarantined + {report['ignored']} ignored; 40 calls" in line


def test_a_second_time_adds_nothing(wacost, folder):
    first = wacost("ingest", folder / "raw", "-w", folder, "--json").json
    again = wacost("ingest", folder / "raw", "-w", folder, "--json").json
    assert again["new"] == again["calls"] == 0
    assert again["duplicate"] == first["new"] + first["duplicate"]


def test_a_relative_path_is_looked_for_in_the_workspace_too(wacost, folder, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert wacost("ingest", "raw", "-w", folder, "--json").json["calls"] == 40
    assert wacost("ingest", "raw/*.jsonl*", "-w", folder, "--json").code == 0


def test_standard_input_is_read(wacost, folder, monkeypatch):
    text = folder / "raw" / "webhooks-2026-10.jsonl"
    lines = text.read_bytes() if text.exists() else b"{}\n"

    class Stdin:
        buffer = io.BytesIO(lines)

    monkeypatch.setattr("sys.stdin", Stdin)
    assert wacost("ingest", "-", "-w", folder, "--json").json["records"] >= 1


def test_an_empty_path_is_not_this_folder(wacost, folder, monkeypatch):
    monkeypatch.chdir(folder / "raw")
    assert wacost("ingest", "", "-w", folder).code == 2
    assert wacost("ingest", "--watch", "--dry-run", "-w", folder).code == 2
    with pytest.raises(PayloadError, match="no path"):
        library.open(folder).ingest("")
    assert wacost("ingest", ".", "-w", folder, "--json").json["calls"] == 40


def test_strict_exits_with_1_on_a_quarantined_record(wacost, folder):
    (folder / "bad.jsonl").write_text("not json\n")
    assert wacost("ingest", folder / "bad.jsonl", "-w", folder).code == 0
    result = wacost("ingest", folder / "bad.jsonl", "-w", folder, "--strict")
    assert result.code == 1
    assert "bad.jsonl, line 1" in result.err


def test_files_of_a_folder_that_are_not_read_are_named(wacost, folder):
    inbox = folder / "box"
    (inbox / "more").mkdir(parents=True)
    (inbox / "a.jsonl").write_text("{}\n")
    names = ("a.log", "b.xls", "more/c.txt", "z.zip", "truth.json", ".hidden")
    for name in (*names, "webhooks-20261126T081759-1.jsonl.partly"):
        (inbox / name).write_text("")
    said = wacost("ingest", inbox, "-w", folder).err
    first = ", ".join(str(inbox / name) for name in names[:3])
    assert f"not read, by their names: {first} and 2 more" in said
    assert "not read" not in wacost("ingest", inbox / "a.jsonl", "-w", folder).err


@pytest.mark.parametrize("path", ["nowhere", "nowhere/*.jsonl", "empty"])
def test_what_is_not_there_is_a_sentence(wacost, folder, path, monkeypatch):
    (folder / "empty").mkdir()
    monkeypatch.chdir(folder)
    result = wacost("ingest", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("wacost: ")
    assert "hint: " in result.err
    assert not (folder / "wacost.duckdb").exists()


def test_the_same_arguments_simulate_the_same_bytes(wacost, tmp_path):
    for name in ("one", "two"):
        result = wacost("simulate", tmp_path / name, "--calls", 50, "--end", "2026-03", "--json")
        assert result.code == 0
        assert result.json["calls"] == 50
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two
    assert json.loads(one["truth.json"])
