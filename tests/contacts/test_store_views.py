"""What the store's views tell of permissions and windows is what the plain functions tell."""

from __future__ import annotations

import pytest
from contacts.test_permission import stories
from contacts.told import PNID, empty, moment, put, put_call
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.contacts.history import ACCEPTED, CALL_OUT, REQUEST, Act, history, service_windows
from wacost.contacts.permission import permission_at, window_open
from wacost.contacts.policies import load_policy, rulebook
from wacost.contacts.reading import lines_of
from wacost.contacts.timeline import in_words
from wacost.contacts.typed import Asked
from wacost.errors import InputError
from wacost.store import scratch_store


@pytest.fixture(scope="module")
def con():
    with scratch_store() as made:
        yield made


def plain(acts):
    """Return acts as a store can tell them: no requests (a status says of none that it is one)."""
    told = {act for act in acts if act.kind != REQUEST}
    return [act if act.over_at is None else during(act) for act in sorted(told, key=repr)]


def during(act):
    """The store does not tell when an unanswered call was over: it is counted as it begins."""
    from dataclasses import replace

    return replace(act, over_at=act.at)


def agrees(con, drawn):
    empty(con)
    told = {f"55119{n:08}": plain(acts) for n, (_, acts, _) in enumerate(drawn)}
    for contact, acts in told.items():
        put(con, contact, [*acts, *acts[:1]] if acts[0].kind == "message" else acts)
    windows = con.execute("SELECT contact, opened_at, closes_at FROM service_windows").fetchall()
    assert sorted(windows) == sorted(
        (contact, *map(moment, window))
        for contact, acts in told.items()
        for window in service_windows(history(acts))
    )
    since = moment(drawn[0][2])
    columns = "SELECT contact, opened_at, closes_at FROM windows_from($1)"
    cut = con.execute(columns, [since]).fetchall()
    assert sorted(cut) == sorted(window for window in windows if window[1] >= since)
    given_to = con.execute(
        "SELECT contact, given_at, ended_at, permission FROM permissions"
    ).fetchall()
    for (contact, acts), (_, _, asked) in zip(told.items(), drawn, strict=True):
        at = moment(asked)
        state = permission_at(history(acts), rulebook("meta"), asked)
        in_force = [
            name
            for one, begun, ended, name in given_to
            if one == contact and begun <= at and (ended is None or ended > at)
        ]
        assert in_force == ([state.name] if state.in_force else [])
    contact, acts = next(iter(told.items()))
    (line,) = lines_of(con, contact)
    assert set(map(facts, line.acts)) == set(map(facts, history(acts)))


def facts(act):
    return act.at, act.kind, act.connected_at, act.unanswered, act.expires_at, act.automatic


@settings(max_examples=6)
@given(st.lists(stories(), min_size=6, max_size=10))
def test_the_views_agree_with_the_plain_functions(con, drawn):
    agrees(con, drawn)


@pytest.mark.full
@settings(max_examples=30)
@given(st.lists(stories(), min_size=8, max_size=12))
def test_the_views_agree_with_the_plain_functions_at_length(con, drawn):
    agrees(con, drawn)


def test_the_rules_in_the_view_are_those_of_the_data(con):
    text = con.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'permissions'").fetchall()[
        0
    ][0]
    book = rulebook("meta")
    spans = [(each.value("temporary_hours"), each.value("unanswered_revoke")) for each in book.sets]
    assert spans == [(72, None)] + [(168, 4)] * 4
    assert load_policy("meta-2025-07").from_at == 1_752_537_600
    assert all(piece in text for piece in ("2025-07-15", "72", "168", "4"))


def test_the_fourth_call_in_a_row_that_nobody_takes_ends_a_permission(con):
    given_at = 1_790_000_000
    calls = [Act(given_at + n * 3600, CALL_OUT, unanswered=True) for n in range(1, 5)]
    taken = Act(given_at + 9000, CALL_OUT, connected_at=given_at + 9000)
    ends = "SELECT ended_at, ended_by FROM permissions"
    for told, end in (
        (calls[:3], (None, None)),
        (calls, (moment(calls[3].at), "revoked")),
        ([*calls, taken], (None, None)),
    ):
        empty(con)
        put(con, "5511900000001", [Act(given_at, ACCEPTED, permanent=True), *told])
        assert con.execute(ends).fetchall() == [end]


def test_a_call_that_the_contact_took_opens_a_window_before_anything_tells_its_start(con):
    at = 1_790_000_000
    for disposition in ("open", "incomplete"):
        empty(con)
        taken = {"disposition": disposition, "accepted_at": moment(at + 9)}
        put_call(con, "5511900000001", Act(at, CALL_OUT), "wacid.1", **taken)
        windows = con.execute("SELECT opened_at, outbound_calls FROM service_windows").fetchall()
        assert windows == [(moment(at + 9), 1)]
        (line,) = lines_of(con, "5511900000001")
        assert window_open(line.acts, at + 8) is None
        assert window_open(line.acts, at + 9) == (at + 9, at + 9 + 86_400)
        assert in_words(line.acts[0]) == "call to the contact: taken"


def test_a_contact_is_found_under_any_of_its_names(con):
    empty(con)
    put(con, "5511900000001", [Act(1_790_000_000, "message")])
    con.execute("INSERT INTO aliases VALUES ('BR.7', '5511900000001')")
    for name in ("+55 11 90000-0001", "5511900000001", "BR.7"):
        assert lines_of(con, name)[0].contact == "5511900000001"
    with pytest.raises(InputError, match="nothing is known"):
        lines_of(con, "BR.8")
    with pytest.raises(InputError, match="has not dealt with the business number 7"):
        lines_of(con, "BR.7", number="7")


def test_a_typed_request_is_counted_once_and_with_its_own_number(con):
    empty(con)
    put(con, "5511900000001", [Act(1_790_000_000, "message")])
    asked = Asked(moment(1_790_000_100), "5511900000001", "", "w1", "template")
    (line,) = lines_of(con, "5511900000001", [asked, asked])
    assert [act.kind for act in line.acts] == ["message", "request"]
    assert line.phone_number_id == PNID
