"""Held calls that a person released: the decision stands in every order, and no record changes."""

from contextlib import suppress
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads import bodies
from payloads.bodies import AT, call_body, connect, lines, status, status_body, terminate
from payloads.people import DAY, NOON, PEOPLE, a_call, put, query, raw_names, workspace

from wacost.config import ImportMapping
from wacost.errors import InputError
from wacost.ingest import Quarantine, ingest

LAWS = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
BY = ImportMapping(
    "panel",
    {
        "contact": ("Phone",),
        "direction": ("Direction",),
        "outcome": ("Status",),
        "dialled": ("Dialled",),
        "started": ("Answered",),
        "duration": ("Length",),
    },
    timezone="UTC",
)
HEAD = "Phone;Direction;Status;Dialled;Answered;Length\n"
REASON = "told by the call log of SECRET-NAME"

CONTRADICTION = [
    call_body(connect("wacid.A", AT)),
    call_body(terminate("wacid.A", AT + 70, seconds=60)),
    call_body(terminate("wacid.A", AT + 90, seconds=75)),
]
OPEN = [call_body(connect("wacid.A", AT))]
INCOMPLETE = [
    call_body(connect("wacid.A", AT)),
    status_body(status("ACCEPTED", "wacid.A", AT + 9)),
    call_body(terminate("wacid.A", AT + 70, seconds=None)),
]


def row(dialled=AT, answered=AT + 10, seconds=60, *, status=""):
    def clock(at):
        return "" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")

    length = "" if answered is None else seconds
    return f"{bodies.USER};out;{status};{clock(dialled)};{clock(answered)};{length}\n"


def webhooks():
    return lines(*bodies.answered_outbound())


TABLE_CALL = HEAD + row(answered=None, status="Completed")


@pytest.fixture
def box(load):
    return Quarantine(load.path, "hold", {BY.name: BY})


def table(load, text, name="t.csv"):
    return ingest(load.path, [load.file(text, name)], imports={BY.name: BY})


def outcome(load, call_id="wacid.A"):
    (call,) = [one for one in load.calls() if one["call_id"] == call_id]
    told = ("disposition", "answered", "duration_s", "held", "conflict")
    return tuple(call[key] for key in told)


@pytest.mark.parametrize("told", [CONTRADICTION, OPEN, INCOMPLETE])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"answered": 0}, ("answered", True, 0, None, False)),
        ({"unanswered": True}, ("no_answer", False, None, None, False)),
    ],
)
def test_a_decision_stands_in_the_place_of_what_the_records_tell(load, box, told, said, expected):
    load(lines(*told))
    events = load.query("FROM events ORDER BY ALL")
    before = load.calls()
    box.release("wacid.A", **said)
    assert outcome(load) == expected
    assert load.query("FROM events ORDER BY ALL") == events
    box.hold("wacid.A")
    assert load.calls() == before


def test_an_answered_call_lasts_as_long_as_was_said_from_where_the_records_say(load, box):
    span = "SELECT epoch(started_at)::BIGINT AS a, epoch(ended_at)::BIGINT AS b FROM call_rows"
    load(lines(*CONTRADICTION))
    box.release("wacid.A", answered=70)
    assert load.query(span) == [{"a": AT + 10, "b": AT + 80}]
    box.release("wacid.A", answered=70, at="2026-09-20T10:00:00-03:00")
    assert load.query(
        "SELECT started_at::VARCHAR AS at, ended_at::VARCHAR AS e FROM call_rows"
    ) == [{"at": "2026-09-20 13:00:00", "e": "2026-09-20 13:01:10"}]


@pytest.mark.parametrize("said", [{"answered": 61}, {"unanswered": True}])
@pytest.mark.parametrize("told", [CONTRADICTION, INCOMPLETE])
def test_no_order_of_records_and_the_decision_changes_a_figure(load, box, told, said):
    found = set()
    for turn, order in enumerate(permutations(range(len(told)))):
        load.clear()
        for number, one in enumerate(order):
            load(lines(told[one]), f"n{one}.jsonl")
            if number == turn % len(told):
                _released_if_held(box, said)
        _released_if_held(box, said)
        found.add(repr(load.calls()))
    assert len(found) == 1
    assert outcome(load)[2:] == (said.get("answered"), None, False)


def _released_if_held(box, said):
    """Release the call once; while it counts as it is nobody can, and so it is done later."""
    with suppress(InputError):
        box.release("wacid.A", **said)


@LAWS
@given(seconds=st.integers(0, 4000), again=st.sampled_from(["same file", "touched", "other copy"]))
def test_loading_again_leaves_the_decision_as_it_is(load, box, seconds, again):
    load.clear()
    file = load.file(lines(*CONTRADICTION), "a.jsonl")
    ingest(load.path, [file])
    box.release("wacid.A", answered=seconds)
    before = load.calls(), load.query("FROM decisions")
    if again == "other copy":
        load(lines(*CONTRADICTION), "b.jsonl")
    else:
        ingest(load.path, [load.touched(file) if again == "touched" else file])
    assert (load.calls(), load.query("FROM decisions")) == before
    assert outcome(load)[2] == seconds


def test_a_call_of_a_table_that_tells_no_outcome_is_released(load, box):
    table(load, TABLE_CALL)
    (held,) = box.held()
    assert (held.reason, held.source, held.line) == ("outcome_not_told", "t.csv", 2)
    assert held.commands[-1] == f"wacost quarantine release --unanswered {held.call_id}"
    box.release(held.call_id, answered=45)
    assert box.held() == []
    assert outcome(load, held.call_id)[:3] == ("answered", True, 45)
    table(load, TABLE_CALL + row(dialled=AT + 9000, answered=AT + 9010), "t.csv")
    assert outcome(load, held.call_id)[:3] == ("answered", True, 45)


def doubtful(load, box):
    load(webhooks())
    table(load, HEAD + row(seconds=70))
    (held,) = box.held()
    assert (held.reason, held.other, held.seconds) == ("doubtful_match", "wacid.A", (70,))
    return held.call_id


def counted(load):
    query = "SELECT call_id, held FROM call_rows ANTI JOIN superseded USING (call_id) ORDER BY 1"
    return [(one["call_id"], one["held"]) for one in load.query(query)]


def test_a_doubtful_call_is_one_of_its_own_or_the_same_as_another(load, box):
    call_id = doubtful(load, box)
    box.release(call_id, answered=70)
    assert counted(load) == sorted([(call_id, None), ("wacid.A", None)])
    assert box.list(reason="doubtful_match") == []
    box.release(call_id, same_as="wacid.A")
    assert counted(load) == [("wacid.A", None)]
    table(load, HEAD + row(dialled=AT + 9000, answered=None, status="missed"), "later.csv")
    assert ("wacid.A", None) in counted(load)
    assert call_id not in dict(counted(load))
    box.hold(call_id)
    assert dict(counted(load))[call_id] == "doubtful_match"


def test_the_call_of_the_table_may_be_the_one_that_counts(load, box):
    call_id = doubtful(load, box)
    with pytest.raises(InputError, match="it counts as answered"):
        box.release("wacid.A", same_as=call_id)
    box.release(call_id, answered=70)
    load(lines(call_body(terminate("wacid.A", AT + 99, seconds=80))))
    box.release("wacid.A", same_as=call_id)
    assert counted(load) == [(call_id, None)]


def test_calls_cannot_each_be_the_same_as_the_other(load, box):
    for call in ("wacid.A", "wacid.B"):
        load(lines(call_body(connect(call, AT))))
    box.release("wacid.A", same_as="wacid.B")
    for other in ("wacid.A", "wacid.B"):
        with pytest.raises(InputError, match="none would count"):
            box.release("wacid.B", same_as=other)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "say which"),
        ({"answered": 1, "unanswered": True}, "say which"),
        ({"answered": -1}, "no length"),
        ({"answered": 10**9}, "no length"),
        ({"unanswered": True, "at": "2026-10-01T00:00:00Z"}, "has a start"),
        ({"answered": 1, "at": "2026-10-01 00:00"}, "everybody understands"),
        ({"answered": 1, "at": "noon"}, "everybody understands"),
        ({"answered": 1, "reason": "x" * 501}, "longer"),
        ({"same_as": "wacid.none"}, "no call"),
        ({"same_as": "wacid.A"}, "none would count"),
    ],
)
def test_what_decides_nothing_is_refused_and_changes_nothing(load, box, said, why):
    load(lines(*OPEN))
    before = load.calls()
    with pytest.raises(InputError, match=why):
        box.release("wacid.A", **said)
    assert load.calls() == before
    assert load.query("FROM decisions") == []


def test_a_call_that_counts_or_is_not_there_is_not_released(load, box):
    load(webhooks())
    with pytest.raises(InputError, match="it counts as answered"):
        box.release("wacid.A", unanswered=True)
    with pytest.raises(InputError, match="no call"):
        box.release("wacid.none", unanswered=True)
    with pytest.raises(InputError, match="nobody has decided"):
        box.hold("wacid.A")


def test_a_discarded_contradiction_of_another_call_keeps_a_doubt(load, box):
    call_id = doubtful(load, box)
    load(lines(*[call_body(terminate("wacid.Z", AT, duration=n)) for n in (60, 61)]))
    (record,) = box.list(reason="contradiction")
    box.discard(record.id)
    assert dict(counted(load))[call_id] == "doubtful_match"


@pytest.fixture
def log(tmp_path):
    return workspace(tmp_path / "w")


def test_a_decision_outlives_redaction_and_its_reason_does_not(log):
    put(log, lines(*a_call("wacid.X", NOON, None, PEOPLE[0])[:1]))
    log.ingest()
    log.quarantine.release("wacid.X", answered=61, reason=REASON)
    total = log.rate("2026-10").total
    assert total > 0
    log.redact(DAY)
    ((call_id, seconds, reason),) = query(log, "SELECT call_id, seconds, reason FROM decisions")
    assert (call_id.startswith("redacted."), seconds, reason) == (True, 61, None)
    assert raw_names(log) == set()
    assert log.rate("2026-10").total == total
    log.ingest()
    assert log.rate("2026-10").total == total
    log.quarantine.hold(call_id)
    assert log.rate("2026-10").total == 0


def test_a_decision_outlives_that_its_contact_is_forgotten(log):
    put(log, lines(*a_call("wacid.X", NOON, None, PEOPLE[0])[:1]))
    log.ingest()
    log.quarantine.release("wacid.X", answered=61, reason=REASON)
    total = log.rate("2026-10").total
    log.forget(PEOPLE[0][0])
    assert raw_names(log) == set()
    assert log.rate("2026-10").total == total
    assert query(log, "SELECT count(*) FROM decisions WHERE reason IS NULL") == [(1,)]


def test_a_released_call_makes_its_rated_month_stale_until_it_is_rated_again(log):
    put(
        log,
        lines(
            *a_call("wacid.X", NOON, None, PEOPLE[0])[:1], *a_call("wacid.Y", NOON, 60, PEOPLE[1])
        ),
    )
    log.ingest()
    before = log.rate("2026-10").total
    assert log.stale_months() == []
    log.quarantine.release("wacid.X", answered=600, reason="the log of the switchboard")
    assert [month for month, _, side in log.stale_months() if side == "cost"] == ["2026-10"]
    assert log.rate("2026-10").total > before
    assert log.stale_months() == []
    steps = dict(log.explain("wacid.X").steps)
    assert steps["decision"].startswith("released by a decision on 20")
    assert steps["decision"].endswith(": the log of the switchboard")
    assert "600 s (as decided)" in steps["seconds"]
    log.quarantine.release("wacid.X", same_as="wacid.Y")
    assert log.rate("2026-10").total == before
    with pytest.raises(InputError, match=r"same call as wacid\.Y,"):
        log.explain("wacid.X")
