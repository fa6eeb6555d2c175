"""`wacost agents`: who answered, for how long, and whether two at once."""

import pytest
from cli.test_missed import ACME
from contacts.told import moment, put_call

import wacost as library
from wacost.contacts.history import CALL_IN, CALL_OUT, Act
from wacost.store import open_store

AT = 1_791_288_000


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    calls = [
        # call id, kind, starts, seconds, tracking
        ("wacid.1", CALL_IN, 0, 600, "agent=Ana"),
        ("wacid.2", CALL_OUT, 500, 300, "agent: Ana"),
        ("wacid.3", CALL_IN, 1000, 200, "desk-7"),
        ("wacid.4", CALL_IN, 2000, 100, None),
        ("wacid.5", CALL_IN, 3000, 400, "lead-1"),
    ]
    with open_store(library.open(tmp_path).store_path) as con:
        for call_id, kind, begins, seconds, tracking in calls:
            start = AT + begins
            more = {"ended_at": moment(start + seconds), "duration_s": seconds}
            act = Act(start, kind, connected_at=start)
            put_call(con, "5511900000001", act, call_id, tracking=tracking, **more)
    return tmp_path


def test_who_answered_is_told_by_tracking_or_by_a_table(wacost, folder):
    (folder / "agents.csv").write_text("tracking,call_id,agent\ndesk-7,,Bia\n,wacid.4,Ana\n")
    rows = wacost("agents", "--month", "2026-10", "-w", folder, "--json").json
    told = {row["agent"]: (row["handled"], row["total_talk_s"], row["at_once"]) for row in rows}
    assert told == {"Ana": (3, 1000, 1), "Bia": (1, 200, 0), None: (1, 400, 0)}
    ana = rows[0]
    assert (ana["total_span_s"], ana["occupancy"], ana["at_once_example"]) == (
        2100,
        "47.6",
        "wacid.2",
    )
    assert "47.6 %" in wacost("agents", "--month", "2026-10", "-w", folder).out


def test_a_wrong_table_is_told_with_its_line(wacost, folder):
    for text in (
        "call_id,tracking,agent\na,b,Ana\n",
        "call_id,agent\na,Ana\na,Bia\n",
        "call_id\na\n",
    ):
        (folder / "agents.csv").write_text(text)
        result = wacost("agents", "--month", "2026-10", "-w", folder)
        assert (result.code, "agents.csv, line " in result.err) == (1, True)


def test_where_nothing_tells_it_says_what_to_write(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        con.execute("UPDATE call_rows SET tracking = NULL")
    result = wacost("agents", "--month", "2026-10", "-w", folder)
    assert "write agents.csv" in result.err
    assert "not told" in result.out
    assert (
        "no call of 2026-09 was answered"
        in wacost("agents", "--month", "2026-09", "-w", folder).err
    )
