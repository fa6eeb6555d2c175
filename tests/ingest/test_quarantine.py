"""The quarantine: nothing is lost in it, decisions stand, and no order changes what they mean."""

import json
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    answered_outbound,
    body,
    call_body,
    connect,
    lines,
    terminate,
    value,
)

from wacost.errors import InputError
from wacost.ingest import Handling, Quarantine, apply_policy, ingest
from wacost.store import open_store, transaction

LAWS = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
TABLES = ("events", "call_rows", "quarantine")


def quarantine(load, policy="hold"):
    return Quarantine(load.path, policy)


def told(duration):
    return lines(call_body(terminate(duration=duration)))


def state(load):
    """Everything that decisions speak of, without where it was told."""
    return (
        load.calls(),
        load.query("SELECT * EXCLUDE (source, line, item) FROM events ORDER BY ALL"),
        load.query("SELECT call_id, reason, text, state FROM quarantine ORDER BY ALL"),
    )


def whole(load):
    return [load.query(f"FROM {table} ORDER BY ALL") for table in TABLES]


def loaded_durations(load, durations, policy="hold"):
    for number, duration in enumerate(durations):
        path = load.file(told(duration), f"d{number}-{duration}.jsonl")
        ingest(load.path, [path], handling=Handling(policy))


def refused_id(load, duration):
    (found,) = [
        record.id
        for record in quarantine(load).list(every=True)
        if json.loads(record.text)["duration_s"] == duration
    ]
    return found


def test_a_refused_record_has_a_short_id_that_is_the_same_in_every_store(load):
    load("{broken\n", "a.jsonl")
    (first,) = quarantine(load).list()
    load.clear()
    load("{broken\n", "a.jsonl")
    assert quarantine(load).list() == [first]
    assert quarantine(load).show(first.id[:5]) == first
    assert (first.source, first.line, first.reason, first.state) == (
        "a.jsonl", 1, "not_json", "open",
    )  # fmt: skip


@pytest.mark.parametrize("wrong", ["", "a", "zzzzzzzz", "%"])
def test_an_id_that_is_none_is_refused_with_the_way_to_find_one(load, wrong):
    load("{broken\n")
    with pytest.raises(InputError, match="begins with"):
        quarantine(load).show(wrong)


def test_the_list_is_chosen_by_reason_and_source(load):
    load("{broken\n" + lines(call_body(connect(id=""))), "a.jsonl")
    load("{broken\n", "b.jsonl")
    box = quarantine(load)
    assert [r.source for r in box.list(reason="not_json")] == ["a.jsonl", "b.jsonl"]
    assert [r.reason for r in box.list(source="a.jsonl")] == ["not_json", "no_id"]


def test_a_discarded_record_stays_counted_and_stays_discarded(load):
    file = load.file("{broken\n" + lines(*answered_outbound()), "a.jsonl")
    first = ingest(load.path, [file])
    box = quarantine(load)
    assert box.discard(box.list()[0].id) == 0
    assert box.list() == []
    before = whole(load)
    unread, again = ingest(load.path, [file]), ingest(load.path, [load.touched(file)])
    assert unread == again
    assert (again.records, again.quarantined) == (first.records, 1)
    assert whole(load) == before
    assert load.query("SELECT quarantined FROM sources") == [{"quarantined": 1}]


def test_of_a_contradiction_the_store_is_right_once_the_other_is_discarded(load):
    loaded_durations(load, [60, 61])
    kept = load.call()["duration_s"]
    other = {60: 61, 61: 60}[kept]
    assert load.call()["held"] == "contradiction"
    assert quarantine(load).discard(refused_id(load, other)) == 1
    assert (load.call()["held"], load.call()["duration_s"]) == (None, kept)


def test_of_a_contradiction_the_refused_one_can_be_taken(load):
    loaded_durations(load, [60, 61])
    kept = load.call()["duration_s"]
    other = {60: 61, 61: 60}[kept]
    assert quarantine(load).take(refused_id(load, other)) == 1
    assert (load.call()["held"], load.call()["duration_s"]) == (None, other)
    (event,) = load.query("FROM events")
    assert event["source"] == f"d{[60, 61].index(other)}-{other}.jsonl"
    (lost,) = quarantine(load).list(every=True)
    assert (lost.state, json.loads(lost.text)["duration_s"]) == ("discarded", kept)
    assert quarantine(load).take(refused_id(load, kept)) == 1  # and back again
    assert load.call()["duration_s"] == kept


def test_only_a_contradiction_can_be_taken_and_of_one_event_only_one(load):
    load("{broken\n")
    loaded_durations(load, [60, 61, 62])
    box = quarantine(load)
    with pytest.raises(InputError, match="contradicts nothing"):
        box.take(box.list(reason="not_json")[0].id)
    before = whole(load)
    with pytest.raises(InputError, match="the same event"):
        box.take(*(record.id for record in box.list(reason="contradiction")))
    assert whole(load) == before


@pytest.mark.parametrize("decision", ["discard", "take"])
def test_a_decision_survives_every_file_loaded_again(load, decision):
    loaded_durations(load, [60, 61, 62])
    refused = quarantine(load).list()[0]
    getattr(quarantine(load), decision)(refused.id)
    before = whole(load)
    reports = [ingest(load.path, [path]) for path in sorted(load.folder.glob("d*.jsonl"))]
    assert whole(load) == before
    assert [r.new for r in reports] == [0, 0, 0]
    assert sum(r.quarantined for r in reports) == len(quarantine(load).list(every=True)) == 2
    elsewhere = load(told(60) + told(61) + told(62), "elsewhere.jsonl")
    assert (elsewhere.records, elsewhere.duplicate) == (3, 3)
    assert whole(load) == before


@LAWS
@given(
    st.lists(st.sampled_from([59, 60, 61, 62]), min_size=2, max_size=6),
    st.sampled_from([59, 60, 61, 62]),
    st.randoms(use_true_random=False),
)
def test_what_was_discarded_stays_out_in_whatever_order_the_rest_comes(load, durations, bad, rng):
    """Decide early or late: the same contents and the same decisions give the same store."""
    outcomes = []
    for _ in range(2):
        load.clear()
        rng.shuffle(durations)
        loaded_durations(load, durations)
        refused = [r for r in quarantine(load).list() if json.loads(r.text)["duration_s"] == bad]
        if not refused:  # it is not there, or it is what the store has
            return
        quarantine(load).discard(refused[0].id)
        loaded_durations(load, durations[::-1])
        outcomes.append(state(load))
    late = outcomes[0]
    load.clear()
    others = [duration for duration in durations if duration != bad]
    first = [others[0], bad] if others else [bad]
    loaded_durations(load, first)
    refused = [r for r in quarantine(load).list() if json.loads(r.text)["duration_s"] == bad]
    if refused:
        quarantine(load).discard(refused[0].id)
        loaded_durations(load, durations)
        outcomes.append(state(load))
    assert all(outcome == late for outcome in outcomes)


@pytest.mark.parametrize(("policy", "seconds"), [("shortest", 58), ("longest", 66)])
def test_a_policy_takes_the_shortest_or_the_longest_in_any_order(load, policy, seconds):
    outcomes = []
    for order in permutations([60, 58, 66]):
        load.clear()
        loaded_durations(load, order, policy)
        assert (load.call()["duration_s"], load.call()["held"]) == (seconds, None)
        outcomes.append(state(load))
        before = whole(load)
        loaded_durations(load, order, policy)
        assert whole(load) == before
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_an_unanswered_record_is_the_shortest(load):
    ingest(
        load.path,
        [load.file(lines(call_body(terminate()), call_body(terminate(seconds=None))))],
        handling=Handling("shortest"),
    )
    assert load.call()["answered"] is False


def test_a_policy_can_be_changed_and_taken_back(load):
    loaded_durations(load, [60, 58, 66])
    held = whole(load)
    for policy, seconds in (("shortest", 58), ("longest", 66), ("shortest", 58)):
        with open_store(load.path) as con, transaction(con):
            apply_policy(con, policy)
        assert (load.call()["duration_s"], load.call()["held"]) == (seconds, None)
    with open_store(load.path) as con, transaction(con):
        apply_policy(con, "hold")
    assert whole(load) == held


def test_what_a_person_discarded_no_policy_takes(load):
    loaded_durations(load, [60, 58, 66])
    worst = next(n for n in (58, 66) if n != load.call()["duration_s"])
    policy = {58: "shortest", 66: "longest"}[worst]
    quarantine(load).discard(refused_id(load, worst))
    loaded_durations(load, [60, 58, 66], policy)
    assert load.call()["duration_s"] != worst
    assert load.call()["held"] is None


# -- retry --------------------------------------------------------------------------------------


def test_a_record_that_is_still_refused_is_in_the_quarantine_exactly_once(load):
    file = load.file("{broken\n" + lines(*answered_outbound()) + "[1\n", "a.jsonl")
    first = ingest(load.path, [file])
    before = whole(load)
    done = quarantine(load).retry(every=True)
    assert (done.records, done.refused, done.left) == (2, 2, ())
    assert done.report.records == first.records
    assert whole(load) == before
    assert load.query("SELECT records, quarantined FROM sources") == [
        {"records": first.records, "quarantined": 2}
    ]


def test_a_retried_contradiction_is_open_again_and_holds_its_call(load):
    loaded_durations(load, [60, 61])
    before = whole(load)
    done = quarantine(load).retry(every=True)
    assert (done.records, done.refused) == (1, 1)
    assert whole(load) == before
    refused = quarantine(load).list()[0]
    quarantine(load).discard(refused.id)
    assert load.call()["held"] is None
    quarantine(load).retry(refused.id)
    assert whole(load) == before


def test_a_newer_wacost_takes_what_an_older_one_refused(load):
    """An older one is played by a row of the quarantine that this one would not write."""
    load(lines(*answered_outbound()), "a.jsonl")
    with open_store(load.path) as con:
        con.execute("DELETE FROM events WHERE kind = 'terminate'")
        con.execute(
            "INSERT INTO quarantine"
            " SELECT source, 4, 1, 'bad_event', 'unheard of', 'x', '{}', 'open' FROM sources"
        )
    done = quarantine(load).retry(reason="bad_event")
    assert (done.records, done.refused, done.report.new) == (1, 0, 1)
    assert quarantine(load).list(every=True) == []
    assert load.call()["disposition"] == "answered"


def test_a_contradiction_that_a_newer_wacost_does_not_see_holds_nothing_back(load):
    load(lines(*answered_outbound()), "a.jsonl")
    loaded = load.calls()
    with open_store(load.path) as con:
        con.execute("UPDATE events SET conflict = true WHERE kind = 'terminate'")
        con.execute("UPDATE call_rows SET held = 'contradiction', conflict = true")
        con.execute(
            "INSERT INTO quarantine SELECT source, 4, 1, 'contradiction', '', call_id,"
            " to_json({'kind': kind, 'event_at': event_at, 'duration_s': 7}), 'open'"
            " FROM events WHERE kind = 'terminate'"
        )
    assert quarantine(load).retry(every=True).refused == 0
    assert load.calls() == loaded


def test_a_file_that_is_gone_or_has_changed_is_a_sentence_and_loses_nothing(load):
    gone, changed = (load.file("{broken\n", name) for name in ("gone.jsonl", "changed.jsonl"))
    fine = load.file("{broken\n", "fine.jsonl")
    ingest(load.path, [gone, changed, fine])
    gone.unlink()
    changed.write_text("{broken\n\n{more\n")
    before = whole(load)
    done = quarantine(load).retry(every=True)
    assert (done.records, done.refused) == (1, 1)
    assert [sentence.split()[0] for sentence in sorted(done.left)] == [
        "changed.jsonl",
        "gone.jsonl",
    ]
    assert whole(load) == before


def test_retry_wants_to_be_told_what(load):
    with pytest.raises(InputError, match="which records"):
        quarantine(load).retry()


# -- what is kept of a record -------------------------------------------------------------------

HOLDERS = ["text", "profile", "name", "sdp", "session", "entry", "contacts", "body", "changes"]
PEOPLE = ("SECRET-SDP", "SECRET-NAME", "Ana Maria", "Łucja", "v=0 o=- 1 IN IP4")
secret = st.sampled_from(PEOPLE)
odd_json = st.recursive(
    st.none() | st.booleans() | secret | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(secret | st.sampled_from(HOLDERS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(odd_json, min_size=1, max_size=12),
    st.sampled_from(["utf-8", "utf-16", "utf-16-le", "latin-1", "cut", "escaped", "huge"]),
)
def test_nothing_personal_is_kept_from_wherever_it_stood(load, values, encoding):
    """As whole bodies, in items, as keys, in broken JSON and in other encodings."""
    load.clear()
    bodies = [
        *values,
        body(value(calls=[{"id": "a", "event": "connect", "session": one} for one in values])),
        call_body(connect(timestamp="x", session=values[-1], profile=values[0], name="Łucja")),
        {"object": "x", "entry": [{"changes": values, "Ana Maria": values}]},
    ]
    text = "\n".join(json.dumps(one, ensure_ascii=encoding == "escaped") for one in bodies)
    if encoding == "cut":
        text = "\n".join(line[: max(1, len(line) - 3)] for line in text.split("\n"))
    if encoding == "huge":
        text += "\n" + '{"x":"SECRET-NAME ' * 1_000_000
    codec = encoding if encoding.startswith(("utf", "latin")) else "utf-8"
    load(text.encode(codec, "replace"))
    with open_store(load.path) as con:
        con.execute("CHECKPOINT")
        kept = str([con.execute(f"FROM {table}").fetchall() for table in (*TABLES, "sources")])
    kept += load.path.read_bytes().decode("utf-8", "replace")
    unescaped = kept.replace("\\\\u0141", "Ł")
    assert [word for word in PEOPLE if word in kept or word in unescaped] == []
    assert max(len(row["text"]) for row in load.quarantine()) <= 1000
