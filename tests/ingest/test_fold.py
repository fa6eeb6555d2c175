"""One row per call, folded from what its events tell (the words of the contract)."""

import json
from datetime import UTC, datetime

from payloads.bodies import (
    AT,
    BUSINESS,
    INBOUND,
    OUTBOUND,
    USER,
    answered_outbound,
    body,
    call_body,
    connect,
    contact,
    lines,
    status,
    status_body,
    terminate,
    value,
)


def utc(second):
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None)


def test_an_answered_call_has_every_column(load):
    report = load(lines(*answered_outbound(seconds=61)))
    assert report.as_dict() == {
        "records": 4,
        "new": 4,
        "duplicate": 0,
        "quarantined": 0,
        "ignored": 0,
        "calls": 1,
    }
    assert load.call() == {
        "call_id": "wacid.A",
        "waba_id": "102290129340398",
        "phone_number_id": "436666719526789",
        "business_number": BUSINESS,
        "contact": USER,
        "contact_user_id": None,
        "direction": "outbound",
        "disposition": "answered",
        "answered": True,
        "terminate_status": "COMPLETED",
        "first_event_at": utc(AT),
        "ringing_at": utc(AT + 1),
        "accepted_at": utc(AT + 9),
        "started_at": utc(AT + 10),
        "ended_at": utc(AT + 71),
        "duration_s": 61,
        "country": "BR",
        "country_source": "number",
        "error_code": None,
        "tracking": None,
        "source": "in-0001.jsonl",
        "line": 1,
        "conflict": False,
        "held": None,
    }


ERROR = [{"code": 138021, "message": "m", "error_data": {"details": "d"}}]


DISPOSITIONS = [
    ([call_body(terminate(seconds=0))], "answered"),
    ([call_body(terminate(status="FAILED"), errors=ERROR)], "answered"),
    ([call_body(terminate(end_time=None, duration=None))], "answered"),
    ([status_body(status("REJECTED")), call_body(terminate(seconds=None))], "rejected"),
    ([status_body(status("REJECTED"))], "rejected"),
    ([call_body(connect())], "open"),
    ([status_body(status("RINGING"))], "open"),
    (
        [status_body(status("ACCEPTED")), call_body(terminate(seconds=None))],
        "incomplete",
    ),
    ([call_body(terminate(seconds=None, duration=5))], "incomplete"),
    ([call_body(terminate(seconds=None, duration=0))], "no_answer"),
    ([call_body(terminate(seconds=None, status="FAILED"))], "failed"),
    ([call_body(terminate(seconds=None, status="Failed"))], "failed"),
    ([call_body(terminate(seconds=None), errors=ERROR)], "failed"),
    ([call_body(terminate(seconds=None, errors=ERROR))], "failed"),
    ([call_body(terminate(seconds=None, direction=INBOUND))], "missed"),
    ([call_body(terminate(seconds=None))], "no_answer"),
    (
        [call_body({"id": "wacid.A", "event": "terminate", "timestamp": str(AT)})],
        "unknown",
    ),
]


def of_call(bodies, call):
    """The same bodies, told of another call."""
    return json.loads(json.dumps(bodies).replace('"wacid.A"', json.dumps(call)))


def load_all(load, cases, column):
    """Load every case as a call of its own in one file; return (found, wanted) of one column."""
    load(lines(*(one for n, (told, _) in enumerate(cases) for one in of_call(told, f"c{n:03}"))))
    found = load.query(f"SELECT {column} AS found FROM call_rows ORDER BY call_id")
    return [row["found"] for row in found], [wanted for _, wanted in cases]


def test_the_disposition_is_the_first_that_holds(load):
    found, wanted = load_all(load, DISPOSITIONS, "disposition")
    assert found == wanted


def test_no_start_is_not_answered(load):
    nothings = ({"start_time": x, "end_time": x, "duration": None} for x in (None, "", 0, "0"))
    cases = [([call_body(terminate(seconds=None) | nothing)], False) for nothing in nothings]
    found, wanted = load_all(load, cases, "answered OR started_at IS NOT NULL")
    assert found == wanted


DIRECTIONS = [
    ([call_body(connect(direction=INBOUND))], "inbound"),
    ([call_body(connect(direction=OUTBOUND))], "outbound"),
    # told wins over the sdp type
    ([call_body(connect(direction=INBOUND, session={"sdp_type": "answer"}))], "inbound"),
    # by sdp type
    ([call_body(connect() | {"direction": None})], "outbound"),
    ([call_body(connect(direction=INBOUND) | {"direction": None})], "inbound"),
    # by a status
    ([status_body(status("RINGING"))], "outbound"),
    # by the call's other events, whichever tells it best
    (
        [
            call_body(terminate() | {"direction": None, "from": USER, "to": BUSINESS}),
            status_body(status("RINGING")),
        ],
        "outbound",
    ),
    # last by the two numbers
    ([call_body(terminate() | {"direction": None})], "outbound"),
    ([call_body(terminate(direction=INBOUND) | {"direction": None})], "inbound"),
    ([call_body(terminate(to="", **{"from": ""}) | {"direction": None})], None),
]


def test_direction_falls_back_step_by_step(load):
    found, wanted = load_all(load, DIRECTIONS, "direction")
    assert found == wanted


CONTACTS = [
    ({"from": BUSINESS, "to": USER}, BUSINESS),
    ({"from": USER, "to": BUSINESS}, BUSINESS),  # swapped, as in the documentation
    ({"from": f"+{BUSINESS}", "to": "+55 (11) 98765-4321"}, "+1 631-555-0001"),
    ({"from": int(BUSINESS), "to": int(USER)}, BUSINESS),
    ({"from": "16319999999", "to": USER}, BUSINESS),  # neither is the display number
    ({"from": "", "to": USER}, BUSINESS),
    ({"to": USER}, BUSINESS),
    ({"from": BUSINESS, "to": USER}, None),
]


def test_the_contact_is_the_number_that_is_not_the_business(load):
    item = {key: one for key, one in connect().items() if key not in {"to", "from"}}
    cases = [([call_body(item | told, display=display)], USER) for told, display in CONTACTS]
    found, wanted = load_all(load, cases, "contact")
    assert found == wanted


def test_the_contact_of_a_call_without_numbers_is_in_contacts(load):
    load(lines(call_body(connect(to="", **{"from": ""}), contacts=[contact()])))
    assert load.call()["contact"] == USER


def test_a_sign_or_a_lone_calling_code_is_no_number_and_tells_no_country(load):
    told = ["-1", "1", "55", "- 55 11 98765-4321", "\u20115511987654321"]
    cases = [([call_body(terminate(direction=INBOUND, **{"from": one}))], None) for one in told]
    found, wanted = load_all(load, cases, "contact")
    assert found == wanted
    assert {call["country"] for call in load.calls()} == {None}


def test_a_username_user_is_known_by_id_and_profile(load):
    item = terminate(direction=INBOUND, from_user_id="US.13491208655302741918", **{"from": ""})
    load(lines(call_body(item, contacts=[contact("", profile={"country_code": "br"})])))
    call = load.call()
    assert (call["contact"], call["contact_user_id"]) == ("US.13491208655302741918",) * 2
    assert (call["country"], call["country_source"]) == ("BR", "profile")


USER_IDS = [
    ("to_user_id", "US.13491208655302741918", "US"),
    ("to_parent_user_id", "US.ENT.11815799212886844830", "US"),
    ("to_user_id", "US.ENT.11815799212886844830", "US"),
    ("to_user_id", "", None),
    ("to_user_id", "12345", None),
    ("to_user_id", "ZZ.123", None),
    ("to_user_id", "us.123", None),
    ("to_user_id", "USA.12", None),
]


def test_the_user_id_tells_the_country_last_and_none_is_made_up(load):
    told = contact("", profile={"country_code": "<COUNTRY>"})
    cases = [
        ([call_body(connect(to="", **{key: user_id}), contacts=[told])], country)
        for key, user_id, country in USER_IDS
    ]
    found, wanted = load_all(load, cases, "country")
    assert found == wanted
    sources = load.query("SELECT DISTINCT country, country_source FROM call_rows ORDER BY ALL")
    assert [tuple(row.values()) for row in sources] == [("US", "user_id"), (None, None)]


def test_contacts_of_a_batch_are_matched_to_their_calls(load):
    users = {"wacid.1": ("", "IN.1"), "wacid.2": ("447700900123", ""), "wacid.3": ("", "MX.3")}
    items = [
        connect(call, direction=INBOUND, from_user_id=user_id or None, **{"from": number})
        for call, (number, user_id) in users.items()
    ]
    contacts = [
        contact("", user_id="MX.3", profile={"country_code": "MX"}),
        contact("447700900123", user_id="GB.2", profile={"country_code": "US"}),
        contact("", user_id="IN.1", profile={"country_code": "PT"}),
    ]
    load(lines(call_body(*items, contacts=contacts)))
    found = load.query(
        "SELECT call_id, contact, contact_user_id, country FROM call_rows ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [
        ("wacid.1", "IN.1", "IN.1", "PT"),
        ("wacid.2", "447700900123", "GB.2", "GB"),
        ("wacid.3", "MX.3", "MX.3", "MX"),
    ]


def test_the_only_contact_of_a_batch_is_not_given_to_strangers(load):
    items = [
        connect("wacid.1", direction=INBOUND),
        connect("wacid.2", direction=INBOUND, from_user_id="IN.5", **{"from": ""}),
    ]
    told = contact(USER, user_id="BR.7", profile={"country_code": "BR"})
    load(lines(call_body(*items, contacts=[told])))
    found = load.query("SELECT contact, contact_user_id, country FROM call_rows ORDER BY call_id")
    assert [tuple(row.values()) for row in found] == [
        (USER, "BR.7", "BR"),
        ("IN.5", "IN.5", "IN"),
    ]


def test_an_error_beside_several_calls_belongs_to_those_that_failed(load):
    items = [
        terminate("wacid.1", seconds=None),
        terminate("wacid.2", seconds=None, status="FAILED"),
    ]
    load(lines(call_body(*items, errors=ERROR)))
    found = load.query("SELECT disposition, error_code FROM call_rows ORDER BY call_id")
    assert [tuple(row.values()) for row in found] == [("no_answer", None), ("failed", 138021)]


def test_numbers_may_be_text_or_integers(load):
    text = terminate("wacid.1", duration="60")
    number = {
        key: int(one) if key in {"timestamp", "start_time", "end_time", "duration"} else one
        for key, one in terminate("wacid.2").items()
    }
    load(lines(call_body(text), call_body(number)))
    first, second = load.calls()
    assert {**first, "call_id": ""} == {**second, "call_id": ""}


def test_all_entries_changes_and_items_are_read(load):
    one = body(
        value(calls=[connect("c1"), connect("c2")], statuses=[status("RINGING", "c3")]),
        value(calls=[connect("c4")]),
    )
    one["entry"] += body(value(calls=[connect("c5")]), waba="7")["entry"]
    report = load(lines(one))
    assert (report.records, report.new, report.calls) == (5, 5, 5)
    assert load.query("SELECT waba_id FROM call_rows WHERE call_id = 'c5'") == [{"waba_id": "7"}]


def test_words_never_seen_before_are_kept_as_text(load):
    report = load(
        lines(
            status_body(status("ON_HOLD")),
            call_body(connect(event="transferred", at=AT + 3)),
            call_body(terminate(status="Cancelled")),
        )
    )
    assert report.new == 3
    assert load.call()["terminate_status"] == "CANCELLED"
    kinds = load.query("SELECT kind FROM events ORDER BY event_at")
    assert [row["kind"] for row in kinds] == ["ON_HOLD", "transferred", "terminate"]


def test_the_source_and_line_are_the_smallest_that_told(load):
    load(lines(call_body(connect("wacid.B")), *answered_outbound()), "b.jsonl")
    assert load.query("SELECT source, line FROM calls WHERE call_id = 'wacid.A'") == [
        {"source": "b.jsonl", "line": 2}
    ]


def test_a_call_told_with_two_directions_or_durations_is_held_back(load):
    load(lines(call_body(connect("a")), call_body(terminate("a", direction=INBOUND, seconds=None))))
    load(lines(call_body(terminate("b")), call_body(terminate("b", at=AT + 99, seconds=50))))
    load(lines(*answered_outbound("c")))
    found = load.query("SELECT call_id FROM call_rows WHERE conflict ORDER BY 1")
    assert [row["call_id"] for row in found] == ["a", "b"]
