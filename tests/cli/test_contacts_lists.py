"""`wacost windows`, `availability` and `settings`: what is open, and what should not have been."""

import json

import pytest
from cli.test_missed import ACME
from contacts.told import PNID, moment, put, put_call

import wacost as library
from wacost.contacts.history import ACCEPTED, CALL_IN, CALL_OUT, MESSAGE, Act
from wacost.store import open_store

H = 3600
DAY = 24 * H
AT = 1_791_288_000  # 2026-10-06 12:00 UTC, a Tuesday, 9:00 in Sao Paulo
ANA, BIA, CID = "971500000001", "5511900000002", "5511900000003"


def settle(con, at, **calling):
    con.execute(
        "INSERT INTO other_events (id, kind, word, event_at, waba_id, phone_number_id, detail)"
        " VALUES ('', 'settings', 'phone_number_settings', ?, '1', ?, ?)",
        [moment(at), PNID, json.dumps(calling)],
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    with open_store(library.open(tmp_path).store_path) as con:
        put(con, ANA, [Act(AT, CALL_IN), Act(AT + 20 * H, CALL_OUT, connected_at=AT + 20 * H)])
        put(con, BIA, [Act(AT, MESSAGE), Act(AT + 2 * DAY, CALL_IN)])
    return tmp_path


def test_windows_opened_by_calls_alone_have_their_share(wacost, folder):
    (row,) = wacost("windows", "--month", "2026-10", "-w", folder, "--json").json
    assert (row["windows"], row["by_calls_alone"], row["calls_alone"]) == (3, 2, "66.7")
    assert row["longest_s"] == 44 * H
    shown = wacost("windows", "--month", "2026-10", "-w", folder)
    assert (shown.code, "66.7 %" in shown.out, "20.8–93.9" in shown.out) == (0, True, True)


def test_windows_about_to_close_are_those_known_then(wacost, folder):
    args = ("windows", "--closing", "3", "-w", folder, "--at")
    rows = wacost(*args, "2026-10-07T07:00", "--json").json
    # Ana took a call five hours after 9:00 of that night: hers stays open for longer.
    assert [(row["contact"], row["left_s"]) for row in rows] == [(BIA, 2 * H)]
    shown = wacost(*args, "2026-10-07T07:00").out
    assert shown.startswith("Open on 2026-10-07 10:00 UTC")
    assert "\n  2026-10-07 09:00" in shown
    before = wacost(*args, "2026-10-07T04:59", "--json").json
    assert before == []
    assert "no service window closes within 3 h" in wacost(*args, "2026-10-07T04:59").err
    assert wacost(*args, "noon").code == 2
    assert wacost("windows", "-w", folder).code == 2
    assert (
        "no service window opened in 2026-09"
        in wacost("windows", "--month", "2026-09", "-w", folder).err
    )


def test_availability_of_a_country_needs_no_workspace(wacost, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = wacost("availability", "us", "--direction", "outbound", "--at", "2026-10-01")
    assert result.code == 0
    assert "outbound calls, numbers of US, on 2026-10-01: not offered" in result.out
    assert "outbound-2025-12, from 2025-12-01 (read)" in result.out
    told = wacost("availability", "BR", "--json").json
    assert {offer["verdict"] for offer in told} == {"offered"}
    assert wacost("availability", "XX").code == 2
    assert wacost("availability").code == 2


def test_calls_that_cannot_be_are_listed(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        act = Act(AT, CALL_OUT, connected_at=AT)
        put_call(con, CID, act, "wacid.us", pnid="7", business_number="12125550101")
    rows = wacost("availability", "--month", "2026-10", "-w", folder, "--json").json
    assert [(row["rule"], row["side"], row["country"], row["calls"]) for row in rows] == [
        ("outbound-2025-12", "business", "US", 1)
    ]
    assert "not offered" in wacost("availability", "--month", "2026-10", "-w", folder).out
    empty = wacost("availability", "--month", "2026-09", "-w", folder)
    assert "no call of 2026-09 contradicts" in empty.err


def test_a_phone_number_id_is_no_number_of_a_country(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        act = Act(AT, CALL_OUT, connected_at=AT)
        put_call(con, CID, act, "wacid.id", pnid="12125550101", business_number=None)
    assert wacost("availability", "--month", "2026-10", "-w", folder, "--json").json == []


def test_an_option_that_would_change_nothing_is_wrong_usage(wacost, folder):
    wrong = (
        ("availability", "BR", "--account", "acme"),
        ("availability", "--month", "2026-10", "--at", "2026-10-01"),
        ("permissions", ANA, "--account", "acme"),
        ("permissions", "--month", "2026-10", "--number", PNID),
        ("windows", "--month", "2026-10", "--at", "2026-10-01"),
    )
    assert {args: wacost(*args, "-w", folder).code for args in wrong} == dict.fromkeys(wrong, 2)


def test_settings_are_told_of_one_account(wacost, folder):
    with open_store(folder / "wacost.duckdb") as con:
        settle(con, AT, status="ENABLED")
    args = ("settings", "-w", folder, "--json")
    everybody = wacost(*args).json
    assert everybody
    names = {row["account"] for row in everybody}
    assert [wacost(*args, "--account", name).json for name in names] == [everybody]
    assert wacost(*args, "--account", "nobody").code == 1


def test_settings_are_told_over_time_without_what_repeats(wacost, folder):
    with open_store(library.open(folder).store_path) as con:
        settle(con, AT - DAY, status="ENABLED", callback_permission_status="ENABLED")
        settle(con, AT - H, status="ENABLED", callback_permission_status="ENABLED")
        settle(con, AT + DAY, status="DISABLED", callback_permission_status="DISABLED")
    rows = wacost("settings", "-w", folder, "--json").json
    assert [(row["calling"], row["from_at"], row["to_at"]) for row in rows] == [
        ("ENABLED", "2026-10-05T09:00:00-03:00", "2026-10-07T09:00:00-03:00"),
        ("DISABLED", "2026-10-07T09:00:00-03:00", None),
    ]
    assert "disabled" in wacost("settings", "-w", folder).out


def test_calls_against_the_settings_are_listed_by_what_they_break(wacost, folder):
    hours = {
        "status": "ENABLED",
        "timezone_id": "America/Sao_Paulo",
        "weekly_operating_hours": [
            {"day_of_week": "TUESDAY", "open_time": "0930", "close_time": "1800"}
        ],
    }
    with open_store(library.open(folder).store_path) as con:
        settle(con, AT - 9 * DAY, status="ENABLED", call_hours=hours)
        settle(con, AT + DAY, status="DISABLED", callback_permission_status="DISABLED")
        put(con, "5511900000009", [Act(AT + 9 * DAY, ACCEPTED, automatic=True)])
    rows = wacost("settings", "--month", "2026-10", "-w", folder, "--json").json
    told = {row["rule"]: (row["calls"], row["within_7_days"]) for row in rows}
    assert told == {
        "outside call hours": (1, 0),
        "calling is off": (1, 1),
        "callback permission is off": (1, 0),
    }
    assert "calling is off" in wacost("settings", "--month", "2026-10", "-w", folder).out


def test_settings_can_be_typed_in(wacost, folder):
    (folder / "channel_settings.csv").write_text(
        f"phone_number_id,from,calling,inbound\n{PNID},2026-10-05,on,off\n"
    )
    (row,) = wacost("settings", "-w", folder, "--json").json
    assert (row["calling"], row["inbound"]) == ("ENABLED", "DISABLED")
    assert row["from_at"] == "2026-10-05T00:00:00-03:00"
    (row,) = wacost("settings", "--month", "2026-10", "-w", folder, "--json").json
    assert (row["rule"], row["calls"]) == ("inbound calls are off", 2)
    (folder / "channel_settings.csv").write_text(
        f"phone_number_id,from,calling\n{PNID},2026-10-05,maybe\n"
    )
    wrong = wacost("settings", "-w", folder)
    assert (wrong.code, "line 2: 'maybe' is neither on nor off" in wrong.err) == (1, True)


def test_what_a_row_or_an_event_does_not_say_goes_on(wacost, folder):
    (folder / "channel_settings.csv").write_text(
        f"phone_number_id,from,calling,inbound,callback_permission\n"
        f"{PNID},2026-09-01,,off,\n{PNID},2026-10-06T10:00,,,off\n"
    )
    with open_store(library.open(folder).store_path) as con:
        settle(con, AT - H, status="ENABLED", call_icon_visibility="DEFAULT")
        settle(con, AT + DAY, status="DISABLED")
    rows = wacost("settings", "-w", folder, "--json").json
    names = ("calling", "inbound", "call_icon", "callback_permission")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (None, "DISABLED", None, None),
        ("ENABLED", "DISABLED", "DEFAULT", None),
        ("ENABLED", "DISABLED", "DEFAULT", "DISABLED"),
        ("DISABLED", "DISABLED", None, "DISABLED"),
    ]
    rows = wacost("settings", "--month", "2026-10", "-w", folder, "--json").json
    # Ana called five weeks after contacts were told not to: no phone was late to follow.
    told = {row["rule"]: (row["calls"], row["within_7_days"]) for row in rows}
    assert told == {"inbound calls are off": (1, 0), "calling is off": (1, 1)}
    shown = wacost("settings", "-w", folder).out
    assert ("inbound" in shown, "hours" in shown) == (True, False)


def test_a_store_without_settings_says_so(wacost, folder):
    assert "no webhook tells of any settings" in wacost("settings", "-w", folder).err
    month = wacost("settings", "--month", "2026-10", "-w", folder)
    assert (month.code, month.out) == (0, "")
    assert "no call of 2026-10 contradicts the settings" in month.err


def test_forgetting_names_the_tables_that_a_person_keeps(wacost, folder):
    (folder / "contacts.csv").write_text(f"contact,person\n{ANA},Ana\n")
    result = wacost("forget", ANA, "-w", folder)
    assert "contacts.csv is yours: take the contact out of it" in result.err
    assert "permission_requests.csv" not in result.err
