"""`wacost missed` tells who was missed, who waits, and says so where there is nothing to tell."""

import pytest
from contacts.told import moment, put_call

import wacost as library
from wacost.contacts.history import CALL_IN, CALL_OUT, Act
from wacost.store import open_store

ACME = """
[accounts.acme]
waba_ids = ["1"]
timezone = "America/Sao_Paulo"
card = "meta-usd"
"""
AT = 1_791_288_000  # 2026-10-06 12:00 UTC, a Tuesday, 9:00 in Sao Paulo


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    with open_store(library.open(tmp_path).store_path) as con:
        put_call(con, "5511900000001", Act(AT, CALL_IN), "wacid.1")
        put_call(con, "5511900000002", Act(AT + 600, CALL_IN), "wacid.2")
        talk = {"ended_at": moment(AT + 4205), "duration_s": 600}
        act = Act(AT + 3600, CALL_OUT, connected_at=AT + 3605)
        put_call(con, "5511900000002", act, "wacid.3", **talk)
    return tmp_path


def test_who_was_missed_who_was_called_back_and_who_waits(wacost, folder):
    result = wacost("missed", "--month", "2026-10", "-w", folder, "--by", " hour, ")
    assert (result.code, result.err) == (0, "")
    assert "2 calls: 2 missed" in result.out
    assert "pickup rate 0.0 % (95 % range 0.0–65.8)" in result.out
    assert "\n  09:00" in result.out
    assert "called back within 24 h" in result.out
    assert "calling back: 1 call without a price" in result.out
    assert "2026-10-06 09:00" in result.out  # the account's clocks
    told = wacost("missed", "--month", "2026-10", "-w", folder, "--json").json
    assert [row["person"] for row in told["waiting"]] == ["5511900000001"]
    assert told["waiting"][0]["first_at"] == "2026-10-06T09:00:00-03:00"


def test_call_hours_and_people_come_from_the_workspace(wacost, folder):
    (folder / "wacost.toml").write_text(ACME + 'call_hours = { TUESDAY = ["09:05-18:00"] }\n')
    (folder / "contacts.csv").write_text(
        "contact,person\n+55 11 90000-0001,Ana\n5511900000002,Ana\n"
    )
    told = wacost("missed", "--month", "2026-10", "-w", folder, "--json").json
    assert (told["total"]["lost_in_hours"], told["total"]["lost_out_of_hours"]) == (1, 1)
    assert (told["total"]["needs"], told["total"]["met"], told["waiting"]) == (1, 1, [])


def test_what_the_call_back_cost_is_exact(wacost, folder):
    assert wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json").code == 0
    told = wacost("missed", "--month", "2026-10", "-w", folder, "--json").json
    # 600 s to Brazil at 0.0108 USD a minute
    assert told["called_back"] == [
        {"currency": "USD", "calls": 1, "unpriced": 0, "amount": "0.108"}
    ]
    assert "calling back cost 0.108 USD" in wacost("missed", "--month", "2026-10", "-w", folder).out


def test_a_call_back_that_meets_two_needs_is_paid_once(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        put_call(con, "5511900000002", Act(AT - 48 * 3600, CALL_IN), "wacid.0")
    assert wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json").code == 0
    told = wacost("missed", "--month", "2026-10", "-w", folder, "--json").json
    assert sum(row["needs"] for row in told["outcomes"] if row["outcome"] != "waiting") == 2
    assert [(row["calls"], row["amount"]) for row in told["called_back"]] == [(1, "0.108")]


def test_contacts_csv_may_have_any_name_of_a_contact(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        con.execute(
            "INSERT INTO aliases VALUES"
            " ('BR.1', '5511900000001'), ('5511900000001', '5511900000001')"
        )
    (folder / "contacts.csv").write_text("contact,person\nBR.1,Ana\n5511900000002,Ana\n")
    told = wacost("missed", "--month", "2026-10", "-w", folder, "--json").json
    assert (told["total"]["needs"], told["waiting"]) == (1, [])


def test_a_fall_of_the_pickup_rate_is_told_in_short_lines(wacost, folder):
    day = 86_400
    with open_store(library.open(folder).store_path) as con:
        for n in range(30):
            act = Act(AT - 9 * day + n, CALL_IN, connected_at=AT - 9 * day + n)
            put_call(con, "5511900000005", act, f"wacid.before{n}")
            put_call(con, "5511900000006", Act(AT + n, CALL_IN), f"wacid.after{n}")
    told = wacost("missed", "--month", "2026-10", "-w", folder).out
    assert "Pickup fell: 551140000000 answered 0.0 % of 32 calls in the last 7 days" in told
    assert "100.0 % of 30 in the 28 before" in told
    assert max(map(len, told.splitlines())) <= 100


def test_calls_lost_in_more_than_one_way_are_told_together(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        put_call(con, "5511900000004", Act(AT, CALL_IN), "wacid.4", disposition="failed")
    result = wacost("missed", "--month", "2026-10", "-w", folder)
    assert "3 calls: 3 lost (2 missed, 1 failed)" in result.out
    assert (
        wacost("missed", "--month", "2026-11", "-w", folder, "--json").json["total"]["calls"] == 0
    )


def test_nothing_to_tell_is_a_sentence_and_wrong_words_are_refused(wacost, folder):
    empty = wacost("missed", "--month", "2026-11", "-w", folder)
    assert (empty.code, empty.out) == (0, "")
    assert "no contact called in 2026-11: nothing was missed" in empty.err
    assert wacost("missed", "--month", "2026-10", "-w", folder, "--by", "colour").code == 2
    for month in ("0001-01", "9999-12"):
        early = wacost("missed", "--month", month, "-w", folder)
        assert (early.code, "is no month of calls; a year from 1900" in early.err) == (2, True)
    unknown = wacost("missed", "--month", "2026-10", "-w", folder, "--account", "acne")
    assert (unknown.code, "did you mean acme?" in unknown.err) == (1, True)


def test_a_wrong_row_of_contacts_csv_is_told_with_its_line(wacost, folder):
    (folder / "contacts.csv").write_text(
        "contact,person\n5511987654321,Ana\n+55 11 98765-4321,Bia\n"
    )
    result = wacost("missed", "--month", "2026-10", "-w", folder)
    assert result.code == 1
    assert "contacts.csv, line 3" in result.err


def test_the_library_returns_a_frame(folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    frame = library.open(folder).missed("2026-10", by=["country"])
    assert frame.select("country", "calls", "missed").rows() == [("BR", 2, 2)]
