"""Missed calls: a plain second account of needs, busy numbers and agents agrees with the SQL."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

import pytest
from contacts.told import empty, moment, put_call
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.analytics.missed import missed, stage_hours
from wacost.analytics.stage import Asked, stage
from wacost.contacts.history import CALL_IN, CALL_OUT, Act
from wacost.errors import InputError
from wacost.store import scratch_store
from wacost.zones import FOREVER_S

H = 3600
MARCH = 1_772_323_200  # 2026-03-01 00:00 UTC
ZONES = {"acme": [(-FOREVER_S, FOREVER_S, "UTC")]}
ASKED = Asked("2026-03", ZONES)


@pytest.fixture(scope="module")
def con():
    with scratch_store() as made:
        yield made


def report(con, calls, *, by=(), asked=ASKED, spans=(), known=(), fold_hours=24):
    """Put calls into the store, each as (contact, kind, at, answered after or None, seconds)."""
    empty(con)
    con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
    for place, (contact, kind, at, answered, seconds) in enumerate(calls):
        taken = None if answered is None else at + answered
        act = Act(at, kind, connected_at=taken, unanswered=kind == CALL_OUT and taken is None)
        more = {} if taken is None else {"ended_at": moment(taken + seconds), "duration_s": seconds}
        put_call(con, contact, act, f"wacid.{place:04}", **more)
    stage(con, asked)
    stage_hours(con, spans, known)
    return missed(con, asked, by, fold_hours)


# -- by hand -------------------------------------------------------------------------------------


def lost(contact, at):
    return (contact, CALL_IN, MARCH + at, None, 0)


def taken(contact, at, kind=CALL_IN, seconds=60):
    return (contact, kind, MARCH + at, 5, seconds)


def outcomes(found):
    return {row["outcome"]: (row["needs"], row["attempts"]) for row in found.outcomes}


def test_attempts_until_somebody_answers_are_one_need(con):
    calls = [lost("1", 0), lost("1", 600), lost("1", 1200), taken("1", 2 * H, CALL_OUT)]
    found = report(con, calls)
    assert outcomes(found) == {"called back": (1, 3)}
    assert found.outcomes[0]["waited_s"] == 2 * H + 5
    assert found.waiting == []


def test_an_attempt_long_after_the_last_one_is_another_need_and_the_person_waits_once(con):
    found = report(con, [lost("1", 0), lost("1", 30 * H), taken("2", 40 * H)])
    assert outcomes(found) == {"waiting": (2, 2)}
    (row,) = found.waiting
    assert (row["attempts"], row["age_s"]) == (2, 40 * H + 5 + 60)


def test_an_attempt_exactly_so_long_after_the_last_one_is_still_the_same_need(con):
    assert outcomes(report(con, [lost("1", 0), lost("1", 24 * H)])) == {"waiting": (1, 2)}
    assert outcomes(report(con, [lost("1", 0), lost("1", 24 * H + 1)])) == {"waiting": (2, 2)}


def test_an_answer_after_the_window_came_later_and_a_new_call_answered_is_not_a_call_back(con):
    late = [lost("1", 0), taken("1", 25 * H, CALL_OUT)]
    again = [lost("2", 0), taken("2", H)]
    assert outcomes(report(con, [*late, *again])) == {"later": (1, 1), "called again": (1, 1)}


def test_a_person_with_two_numbers_is_one_person(con):
    asked = Asked("2026-03", ZONES, people=[("1", "Ana"), ("2", "Ana")])
    found = report(con, [lost("1", 0), lost("2", 600), taken("2", H, CALL_OUT)], asked=asked)
    assert outcomes(found) == {"called back": (1, 2)}


def test_a_need_of_the_month_before_is_not_counted_again(con):
    found = report(con, [lost("1", -H), lost("1", H)])
    assert found.total["missed"] == 1
    assert outcomes(found) == {}


def test_calls_missed_while_another_ran_and_the_people_it_would_have_taken(con):
    calls = [
        taken("1", 0, seconds=600),
        taken("2", 60, seconds=600),
        lost("3", 120),
        lost("4", 5000),
    ]
    (row,) = report(con, calls).numbers
    assert (row["peak"], row["missed_while_busy"]) == (2, 1)
    # Of four callers two met nobody busy, one met one call, one met two.
    assert row["agents"] == [3, 3, 3, 3]
    assert row["peak_at"] == moment(MARCH + 65).replace(tzinfo=row["peak_at"].tzinfo)


def test_a_month_without_calls_and_one_with_a_single_call(con):
    assert report(con, []).total["calls"] == 0
    found = report(con, [lost("1", 0)], by=["number"])
    assert (found.total["calls"], str(found.total["pickup"])) == (1, "0.0")
    assert (str(found.total["pickup_low"]), str(found.total["pickup_high"])) == ("0.0", "79.3")
    assert found.numbers[0]["agents"] == [1, 1, 1, 1]
    assert len(found.rows) == 1


def test_call_hours_tell_lost_calls_apart_where_they_are_known(con):
    day = moment(MARCH)
    spans = [("106540352242922", day.date(), day + timedelta(hours=9), day + timedelta(hours=18))]
    known = [("106540352242922", day, day + timedelta(days=1))]
    calls = [lost("1", 9 * H), lost("2", 18 * H), lost("3", 26 * H)]
    total = report(con, calls, spans=spans, known=known).total
    assert (total["lost_in_hours"], total["lost_out_of_hours"]) == (1, 1)


def test_hours_and_weekdays_are_those_of_the_account(con):
    asked = Asked("2026-03", {"acme": [(-FOREVER_S, FOREVER_S, "America/Sao_Paulo")]})
    found = report(con, [lost("1", 27 * H)], by=["hour", "weekday"], asked=asked)
    assert (found.rows[0]["hour"], found.rows[0]["weekday"]) == (0, 1)  # Monday 2 March
    with pytest.raises(InputError, match="told by"):
        report(con, [], by=["colour"])


def test_a_pickup_rate_that_fell_beyond_chance_is_told(con):
    before = [taken(str(n), n * H) for n in range(40)]
    after = [lost(str(100 + n), 25 * 24 * H + n * H) for n in range(20)]
    (row,) = report(con, [*before, *after]).falling
    assert (str(row["pickup"]), str(row["pickup_before"])) == ("0.0", "100.0")
    assert report(con, [*before, *after[:9]]).falling == []


# -- a second account ----------------------------------------------------------------------------


@st.composite
def logs(draw):
    count = draw(st.integers(1, 25))
    found = {}
    for _ in range(count):
        at = MARCH + 600 * draw(st.integers(-60, 400))
        contact = draw(st.sampled_from("123"))
        kind = draw(st.sampled_from([CALL_IN, CALL_IN, CALL_OUT]))
        answered = draw(st.sampled_from([None, None, 0, 7]))
        found[at, contact] = (contact, kind, at, answered, 300 * draw(st.integers(0, 5)))
    return list(found.values())


def needs_by_hand(calls, fold_s):
    """Fold each contact's lost calls by walking through them in order of time."""
    found = []
    for contact in sorted({call[0] for call in calls}):
        mine = [c for c in calls if c[0] == contact and (c[3] is not None or c[1] == CALL_IN)]
        mine.sort(key=lambda c: (c[2] + (c[3] or 0), calls.index(c)))
        run = []
        for call in mine:
            at = call[2] + (call[3] or 0)
            if run and (call[3] is not None or at > run[-1] + fold_s):
                found.append((contact, run))
                run = []
            if call[3] is None:
                run.append(at)
        if run:
            found.append((contact, run))
    result = {}
    for contact, run in found:
        if run[0] < MARCH:
            continue
        answers = [(c[2] + c[3], c[1]) for c in calls if c[0] == contact and c[3] is not None]
        later = sorted(a for a in answers if a[0] > run[-1])
        if not later:
            outcome = "waiting"
        elif later[0][0] > run[-1] + fold_s:
            outcome = "later"
        else:
            outcome = "called back" if later[0][1] == CALL_OUT else "called again"
        needs, attempts = result.get(outcome, (0, 0))
        result[outcome] = (needs + 1, attempts + len(run))
    return result


def load_by_hand(calls, average):
    """Count for every moment that matters who is talking, by looking at every call."""
    month = [c for c in calls if c[2] + (0 if c[3] is None else c[3] + c[4]) >= MARCH]
    talks = [(c[2] + c[3], c[2] + c[3] + c[4]) for c in month if c[3] is not None]
    running = [sum(1 for b, e in talks if b <= at < e) for at, end in talks if end > at]
    missed_at = [c[2] for c in month if c[3] is None and c[1] == CALL_IN]
    busy = sum(1 for at in missed_at if any(b < at < e for b, e in talks))
    return max(running, default=0), busy, month, average


@settings(max_examples=20)
@given(logs())
def test_a_second_account_agrees(con, calls):
    found = report(con, calls)
    # A second of two things at once is settled by the call id: let nothing meet exactly.
    moments = [(c[0], c[2] + (c[3] or 0)) for c in calls]
    if len(set(moments)) == len(moments):
        assert outcomes(found) == needs_by_hand(calls, 24 * H)
    peak, busy, month, _ = load_by_hand(calls, 0)
    if month:
        (row,) = found.numbers or [{"peak": 0, "missed_while_busy": 0}]
        assert row["peak"] >= peak
        assert row["missed_while_busy"] == busy
    inbound = [c for c in month if c[1] == CALL_IN]
    assert found.total.get("calls", 0) == len(inbound)
    assert found.total.get("answered", 0) == sum(1 for c in inbound if c[3] is not None)


@settings(max_examples=20)
@given(logs())
def test_the_agents_are_those_that_a_walk_through_all_callers_finds(con, calls):
    found = report(con, calls)
    month = [c for c in calls if c[2] + (0 if c[3] is None else c[3] + c[4]) >= MARCH]
    answered = [c for c in month if c[3] is not None]
    talk = [c[4] for c in answered if c[1] == CALL_IN]
    average = sum(talk) // len(talk) if talk else 0
    firsts = {
        (row[0], row[1])
        for row in con.execute(
            "SELECT l.contact, l.first_event_at FROM lost_calls l"
            " JOIN needs ON first_call_id = l.call_id"
        ).fetchall()
    }
    wanted = [(c[2], c[2] + c[3] + c[4], c[1]) for c in answered]
    wanted += [
        (c[2], c[2] + average, c[1])
        for c in month
        if c[3] is None and c[1] == CALL_IN and (c[0], moment(c[2])) in firsts
    ]
    met = sorted(
        1 + sum(1 for b, e, _ in wanted if b < at < e) for at, _, kind in wanted if kind == CALL_IN
    )
    if not met:
        return
    shares = [met[max(0, ceil(len(met) * share / 100) - 1)] for share in (80, 90, 95, 100)]
    assert found.numbers[0]["agents"] == shares
