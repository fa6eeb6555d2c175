"""`wacost quality` shows shares with their ranges, and the meaning of codes."""

import pytest
from cli.test_missed import ACME, AT
from contacts.told import moment, put_call

import wacost as library
from wacost.contacts.history import CALL_OUT, Act
from wacost.store import open_store


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    with open_store(library.open(tmp_path).store_path) as con:
        for n in range(2):
            act = Act(AT + n, CALL_OUT, connected_at=AT + n)
            talk = {"ended_at": moment(AT + n + 90), "duration_s": 90}
            put_call(con, "5511900000001", act, f"wacid.{n}", **talk)
        failed = {"disposition": "failed", "error_code": 138001}
        put_call(con, "5511900000002", Act(AT, CALL_OUT), "wacid.x", **failed)
    return tmp_path


def test_two_of_three_does_not_look_like_67_percent(wacost, folder):
    result = wacost("quality", "--month", "2026-10", "-w", folder)
    assert (result.code, result.err) == (0, "")
    assert "ASR 66.7 % (20.8–93.9)" in result.out
    assert "ACD 1:30" in result.out
    assert "138001" in result.out
    assert "receiver cannot be called" in result.out


def test_json_has_counts_and_bounds(wacost, folder):
    told = wacost("quality", "--month", "2026-10", "-w", folder, "--by", "country", "--json").json
    assert told["rows"][0]["country"] == "BR"
    assert (told["total"]["calls"], told["total"]["asr_low"]) == (3, "20.8")


def test_nothing_is_said_of_talks_where_there_was_none(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        con.execute("DELETE FROM call_rows WHERE answered")
    result = wacost("quality", "--month", "2026-10", "-w", folder)
    assert "ASR 0.0 % (0.0–79.3)" in result.out
    assert "over answered calls" not in result.out


def test_an_empty_month_is_a_sentence(wacost, folder):
    result = wacost("quality", "--month", "2026-09", "-w", folder)
    assert (result.code, result.out) == (0, "")
    assert "there is no call in 2026-09" in result.err


def test_the_library_returns_a_frame(folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    frame = library.open(folder).quality("2026-10", by=["direction"])
    assert frame.select("direction", "calls", "answered").rows() == [("outbound", 3, 2)]
