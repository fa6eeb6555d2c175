"""Bodies of other formats become the same events; what is not told is not made up."""

import json

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    AT,
    BUSINESS,
    INBOUND,
    SECRETS,
    USER,
    answered_outbound,
    body,
    call_body,
    connect,
    lines,
    terminate,
    value,
)
from payloads.providers import (
    aws,
    doubletick,
    doubletick_message,
    doubletick_reply,
    iso,
    kapso_call,
    kapso_list,
    ycloud,
    ycloud_message,
    ycloud_status,
)

from wacost.cli.ingest import command
from wacost.errors import InputError
from wacost.ingest import ingest
from wacost.ingest.formats import FORMATS, NAMES, taken
from wacost.ingest.reshape import records_of, reshaped


def seen(call):
    keys = ("call_id", "contact", "direction", "disposition", "duration_s", "held")
    return tuple(call[key] for key in keys)


def test_a_ycloud_call_is_what_meta_would_have_told(load):
    load(lines(ycloud("connect", at=AT), ycloud()))
    call = load.call()
    assert seen(call) == ("wacid.A", USER, "inbound", "answered", 60, None)
    assert call["started_at"].isoformat() == iso(AT + 10)[:-5]
    assert call["ended_at"].isoformat() == iso(AT + 70)[:-5]
    assert (call["terminate_status"], call["phone_number_id"]) == ("COMPLETED", "436666719526789")


@pytest.mark.parametrize(
    ("bodies", "disposition"),
    [
        ([ycloud(seconds=None)], "missed"),
        ([ycloud("connect", at=AT)], "open"),
        ([ycloud(seconds=None, status="FAILED", errorCode="131000")], "failed"),
        (
            [ycloud_status("REJECTED"), ycloud(seconds=None, direction="BUSINESS_INITIATED")],
            "rejected",
        ),
        (
            [ycloud_status("RINGING"), ycloud(seconds=None, direction="BUSINESS_INITIATED")],
            "no_answer",
        ),
        (
            [ycloud_status("ACCEPTED"), ycloud(seconds=None, direction="BUSINESS_INITIATED")],
            "incomplete",
        ),
        ([doubletick()], "answered"),
        ([doubletick(seconds=None)], "missed"),
        ([doubletick(seconds=None, callDirection="OUTGOING")], "no_answer"),
        ([doubletick("CALL_MISSED")], "missed"),
        ([doubletick("CALL_REJECTED")], "declined"),
        ([doubletick("CALL_REJECTED", callDirection="OUTGOING")], "rejected"),
        ([doubletick("CALL_ACCEPTED")], "open"),
        ([doubletick("CALL_ACCEPTED"), doubletick(callStartedAt="")], "incomplete"),
        ([doubletick(seconds=None, callStatus="FAILED")], "failed"),
    ],
)
def test_the_disposition_is_that_of_the_contract_in_any_order(load, bodies, disposition):
    for order in (bodies, bodies[::-1], [*bodies, *bodies]):
        load.clear()
        assert load(lines(*order)).quarantined == 0
        assert load.call()["disposition"] == disposition
        assert load.query("SELECT field, word FROM words") == []  # the provider documents them


def test_a_doubletick_call_has_both_parties_and_its_seconds(load):
    load(lines(doubletick("CALL_ACCEPTED"), doubletick()))
    call = load.call()
    assert seen(call) == ("call_01A", USER, "inbound", "answered", 60, None)
    assert call["accepted_at"] == call["started_at"]


def test_steps_without_a_time_and_calls_over_the_telephone_network_are_ignored_with_a_reason(load):
    report = load(
        lines(
            doubletick("CALL_INCOMING_INITIATED"),
            doubletick("CALL_NOT_PICKED"),
            doubletick(channel="PSTN"),
            doubletick_reply(),
            ycloud_message(),
            {"dtMessageId": "1", "message": {"text": "SECRET-TEXT"}},
        )
    )
    assert report.reasons == {"untimed": 2, "pstn": 1, "other_event": 2}
    assert report.new == 1  # the permission reply
    assert (report.ignored, report.records) == (5, 6)


SENT = AT - 1000
YCLOUD_MESSAGE = {
    "wamid": "wamid.Y",
    "wabaId": "102290129340398",
    "to": f"+{BUSINESS}",
    "fromUserId": "BR.123",
    "sendTime": iso(SENT),
    "type": "text",
    "customerProfile": {"name": "SECRET-NAME"},
}


def test_a_message_of_a_customer_opens_a_window_whoever_told_of_it(load):
    """The same columns that a message of Meta's fills, and nothing of what it says."""
    report = load(
        lines(ycloud_message(**YCLOUD_MESSAGE), doubletick_message(AT + 9), ycloud_message())
    )
    assert (report.new, report.ignored) == (2, 1)
    found = load.query(
        "SELECT epoch(event_at)::BIGINT AS at, business_number, contact, contact_user_id,"
        " direction, type, message_id, voicemail FROM messages ORDER BY 1"
    )
    same = {"business_number": BUSINESS, "contact": USER, "direction": "inbound", "type": "text"}
    assert found == [
        {
            "at": SENT,
            **same,
            "contact_user_id": "BR.123",
            "message_id": "wamid.Y",
            "voicemail": False,
        },
        {
            "at": AT + 9,
            **same,
            "contact_user_id": None,
            "message_id": "wamid.D",
            "voicemail": False,
        },
    ]
    kept = str([load.query(f"FROM {name}") for name in ("other_events", "quarantine")])
    assert "SECRET" not in kept


@pytest.mark.parametrize(
    "body",
    [
        ycloud_message(**{**YCLOUD_MESSAGE, "type": "system"}),
        ycloud_message(**{**YCLOUD_MESSAGE, "from": None, "fromUserId": None}),
        doubletick_message(**{"from": None}),
        {"dtMessageId": "dt_1", "messageId": "wamid.D", "status": "READ", "to": USER},
    ],
)
def test_what_is_no_customer_s_message_opens_no_window(load, body):
    report = load(lines(body))
    assert (report.new, report.reasons) == (0, {"other_event": 1})


@pytest.mark.parametrize(
    "body",
    [
        ycloud_message(**{**YCLOUD_MESSAGE, "sendTime": "soon"}),
        doubletick_message(receivedAt="2026-10-01"),
    ],
)
def test_a_message_without_a_readable_time_is_refused(load, body):
    assert load(lines(body)).reasons == {"bad_timestamp": 1}


def test_the_envelope_of_aws_holds_the_very_same_event(load):
    bodies = answered_outbound("wacid.A")
    load(lines(*bodies))
    before = load.calls()
    for wrapped in (
        [aws(one) for one in bodies],
        [aws(one, sns=False) for one in bodies],
        [{"Records": [{"Sns": aws(one)} for one in bodies]}],
        [{"Records": [{"messageId": "1", "body": json.dumps(aws(one))} for one in bodies]}],
    ):
        report = load(lines(*wrapped))
        assert (report.duplicate, report.new, report.quarantined) == (report.records, 0, 0)
        assert report.records >= len(bodies)
    assert load.calls() == before


def test_an_envelope_that_cannot_be_read_is_refused_and_one_without_a_call_left_out(load):
    topic = {"Type": "SubscriptionConfirmation", "TopicArn": "arn", "Token": "SECRET-TEXT"}
    report = load(lines({"whatsAppWebhookEntry": '{"id":'}, topic, {"Records": [{"Sns": 5}]}))
    assert report.reasons == {"no_entry": 2, "other_event": 1}


def test_messenger_calls_are_refused_as_that_in_every_format(load):
    page = {"object": "page", "entry": [{"id": "1", "calls": [{"id": "c"}]}]}
    assert load(lines(aws(page), page)).reasons == {"messenger": 2}
    for name in NAMES:
        assert ingest(load.path, [load.file(lines(page))], format=name).reasons == {"messenger": 1}


def test_a_kapso_connect_is_no_pick_up(load):
    load(
        lines(
            body(
                value(
                    calls=[
                        kapso_call("CALL_CONNECT", status="CONNECTED", start_time=AT),
                        kapso_call("CALL_TERMINATE", end_time=AT + 40, status="COMPLETED"),
                    ]
                ),
                field="messages",
            )
        )
    )
    assert seen(load.call()) == ("wacid.A", USER, "inbound", "missed", None, None)


def test_a_kapso_call_is_answered_by_what_its_end_tells(load):
    status = kapso_call("CALL_STATUS", direction=None, status="RINGING", timestamp=AT, to=USER)
    end = kapso_call("CALL_TERMINATE", start_time=AT + 9, end_time=AT + 40, duration=31)
    report = load(lines(body(value(calls=[status, end, kapso_call("CALL_TERMINATE", "wacid.B")]))))
    assert (report.new, report.reasons) == (2, {"no_timestamp": 1})
    call = load.call()
    assert seen(call) == ("wacid.A", USER, "inbound", "answered", 31, None)
    assert call["ringing_at"] is not None
    (refused,) = load.quarantine()
    assert (refused["item"], "wacid.B" in refused["text"]) == (2, True)


def test_a_listed_call_is_held_until_another_source_tells_its_pick_up(load):
    listed = {
        "call_id": "wacid.A",
        "direction": "inbound",
        "status": "completed",
        "duration_seconds": 60,
        "started_at": iso(AT),
        "ended_at": iso(AT + 70),
        "user_wa_id": USER,
    }
    load(lines(kapso_list(listed)))
    assert seen(load.call()) == ("wacid.A", USER, "inbound", "incomplete", 60, "outcome_not_told")
    load(lines(call_body(terminate(direction=INBOUND))))
    assert seen(load.call()) == ("wacid.A", USER, "inbound", "answered", 60, None)


def test_a_call_list_of_kapsos_proxy_names_its_calls_by_wacid(load):
    told = {"direction": "OUTBOUND", "ended_at": iso(AT + 9), "user_wa_id": USER}
    listed = {"id": "wacid.B", "status": "FAILED", **told}
    assert load(lines(kapso_list(listed))).new == 1
    assert seen(load.call()) == ("wacid.B", USER, "outbound", "failed", None, None)
    load.clear()
    untimed = {key: listed[key] for key in ("id", "direction", "status")}
    somebody_elses = {**listed, "id": "42"}
    report = load(lines({"data": [untimed], "paging": {}}, kapso_list(somebody_elses)))
    assert report.reasons == {"no_timestamp": 1, "no_entry": 1}


def test_one_call_that_was_asked_of_kapso_is_what_it_is_in_the_list(load):
    one = {
        "id": "uuid",
        "call_id": "wacid.A",
        "direction": "inbound",
        "status": "failed",
        "ended_at": iso(AT + 70),
        "user_wa_id": USER,
    }
    assert load(lines({"data": one})).new == 1
    assert seen(load.call()) == ("wacid.A", USER, "inbound", "failed", None, None)
    assert load(lines(kapso_list(one))).duplicate == 1


def test_the_same_call_through_meta_and_a_provider_is_one_call_and_no_contradiction(load):
    bodies = [
        call_body(connect(direction=INBOUND)),
        call_body(terminate(direction=INBOUND)),
        ycloud("connect", at=AT),
        ycloud(at=AT + 70),
    ]
    load(lines(*bodies))
    assert seen(load.call()) == ("wacid.A", USER, "inbound", "answered", 60, None)
    first = load.calls()
    load.clear()
    for one in reversed(bodies):
        load(lines(one))
    assert load.calls() == first
    assert load.quarantine() == []


def test_sources_that_disagree_about_the_pick_up_hold_the_call_back(load):
    load(lines(call_body(terminate(direction=INBOUND)), ycloud(seconds=50)))
    assert load.call()["held"] == "contradiction"


def test_milliseconds_are_read_by_format_and_never_guessed(load):
    report = load(
        lines(
            ycloud(startTime=AT),
            ycloud(call="wacid.B", createTime=None) | {"createTime": AT},
            call_body(terminate("wacid.C", start_time=str(AT * 1000))),
        )
    )
    assert report.reasons == {"bad_start_time": 2, "bad_timestamp": 1}


def test_user_ids_stand_in_for_numbers(load):
    load(lines(ycloud(**{"from": "", "fromUserId": "BR.1", "fromParentUserId": "BR.ENT.2"})))
    call = load.call()
    assert (call["contact"], call["country"], call["country_source"]) == ("BR.1", "BR", "user_id")


def test_a_body_that_lacks_what_it_must_have_gets_the_ordinary_reason_and_its_text(load):
    report = load(
        lines(
            ycloud(wacid=None),
            doubletick(callId=""),
            doubletick(callEndedAt="soon"),
            ycloud(duration="x"),
        )
    )
    assert report.reasons == {"no_id": 2, "bad_timestamp": 1, "bad_duration": 1}
    first, second, *_ = load.quarantine()
    assert '"callingTerminate"' in first["text"]
    assert '"callStatus":"END"' in second["text"]
    assert not any(secret in row["text"] for row in load.quarantine() for secret in SECRETS)


def test_words_never_seen_before_are_kept(load):
    assert load(lines(ycloud("transferred"), doubletick("CALL_PARKED", callStatus="HOLD"))).new == 1
    assert load.query("SELECT kind FROM events") == [{"kind": "transferred:ycloud"}]


def test_a_file_may_mix_formats_line_by_line_and_its_source_tells_them(load):
    mixed = [call_body(terminate("wacid.M")), ycloud(), doubletick(), b"not json", ycloud_message()]
    text = b"\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in mixed)
    report = load(text, "mixed.jsonl")
    assert (report.new, report.reasons) == (3, {"not_json": 1, "other_event": 1})
    load(lines(ycloud()), "y.jsonl")
    load(lines(call_body(connect())), "m.jsonl")
    load(b"nothing\n", "n.jsonl")
    told = {
        row["source"]: row["format"] for row in load.query("SELECT source, format FROM sources")
    }
    assert told == {
        "mixed.jsonl": "doubletick,ycloud,meta",
        "y.jsonl": "ycloud",
        "m.jsonl": "meta",
        "n.jsonl": "meta",
    }


def test_a_body_with_keys_of_metas_own_is_still_told_by_its_structure(load):
    report = load(lines({**ycloud(), "object": "event"}, {**doubletick(), "entry": []}))
    assert (report.new, report.quarantined) == (2, 0)


def test_documents_of_any_layout_are_read(load):
    bodies = [ycloud(), doubletick(), aws(call_body(connect("wacid.Z")))]
    assert load(json.dumps(bodies, indent=2), "pretty.json").new == 3
    broken = "\n".join(
        [json.dumps(ycloud("connect", "wacid.N")), "{", json.dumps(ycloud(call="wacid.N"))]
    )
    assert load(broken, "lines.json").new == 2


def test_items_of_a_list_on_one_line_are_numbered_through_and_keep_their_own_texts(load):
    whole = call_body(connect("wacid.1"), connect("wacid.2", timestamp="x"))
    load(json.dumps([whole, call_body(connect("wacid.3", timestamp="y")), ycloud(wacid="")]) + "\n")
    told = [(row["item"], row["reason"]) for row in load.quarantine()]
    assert told == [(2, "bad_timestamp"), (3, "bad_timestamp"), (4, "no_id")]
    texts = [row["text"] for row in load.quarantine()]
    assert ["wacid.2" in texts[0], "wacid.3" in texts[1], "callingTerminate" in texts[2]] == [
        True
    ] * 3


@pytest.mark.parametrize("name", NAMES)
def test_a_forced_format_refuses_every_other(load, name):
    bodies = {
        "meta": call_body(terminate("wacid.1")),
        "ycloud": ycloud(call="wacid.2"),
        "doubletick": doubletick(),
        "aws": aws(call_body(terminate("wacid.3"))),
        "kapso": body(value(calls=[kapso_call("CALL_TERMINATE", "wacid.4", end_time=AT)])),
    }
    path = load.file(lines(*bodies.values()))
    report = ingest(load.path, [path], format=name)
    taken_too = 1 + (name == "kapso")  # Kapso passes Meta's own bodies on
    assert (report.new, report.reasons) == (taken_too, {"other_format": 5 - taken_too})
    assert all(name in row["message"] for row in load.quarantine())


def test_an_unknown_format_names_the_nearest(load):
    with pytest.raises(InputError, match="no format 'yclod'") as caught:
        ingest(load.path, [load.file("")], format="yclod")
    assert "ycloud" in caught.value.hint


SAMPLES = [
    ycloud(),
    ycloud("connect"),
    ycloud_status("ACCEPTED"),
    doubletick(),
    doubletick("CALL_ACCEPTED"),
    doubletick_reply(),
    aws(call_body(terminate(), connect())),
    {"Records": [{"Sns": aws(call_body(connect()))}, 5]},
    body(value(calls=[kapso_call("CALL_STATUS", status="RINGING"), kapso_call("CALL_TERMINATE")])),
    kapso_list({"call_id": "wacid.L", "direction": "inbound", "status": "completed"}, 7),
]
junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.sampled_from(["", "0", [], {}, [None], {"a": 1}, "9" * 30, iso(AT), AT * 1000]),
)


def mutated(draw, found):
    """Return a JSON value with some of its parts put out of place."""
    if draw(st.integers(0, 11)) == 0:
        return draw(junk)
    if isinstance(found, dict):
        return {key: mutated(draw, one) for key, one in found.items() if draw(st.integers(0, 14))}
    return [mutated(draw, one) for one in found] if isinstance(found, list) else found


@st.composite
def mutants(draw):
    return mutated(draw, draw(st.sampled_from(SAMPLES)))


@settings(max_examples=400, deadline=None)
@given(mutants())
def test_the_records_of_a_mutated_body_are_counted_alike_in_both_ways(found):
    bodies = taken(found)
    places = [place for place, _ in reshaped(bodies)]
    assert places == sorted(set(places))
    assert places[-1] <= len(list(records_of(bodies)))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(mutants(), min_size=10, max_size=40), st.sampled_from([None, *NAMES]))
def test_no_mutated_body_breaks_the_counts_and_a_second_load_adds_nothing(load, found, name):
    load.clear()
    path = load.file(lines(*found))
    first = ingest(load.path, [path], format=name)
    unread = ingest(load.path, [path], format=name)
    again = ingest(load.path, [load.touched(path)], format=name)
    assert unread == again
    assert first.records == again.records >= len(found)
    assert (again.new, again.quarantined) == (0, first.quarantined)
    for row in load.quarantine():
        assert not any(secret in row["text"] for secret in SECRETS)


def test_the_command_line_forces_a_format_and_refuses_an_unknown_one_as_wrong_usage(tmp_path):
    (tmp_path / "wacost.toml").write_text("")
    (tmp_path / "y.jsonl").write_text(lines(ycloud()))
    run = CliRunner().invoke
    place = [str(tmp_path / "y.jsonl"), "-w", str(tmp_path)]
    wrong = run(command, ["--format", "yclod", *place])
    assert (wrong.exit_code, "did you mean ycloud?" in wrong.output) == (2, True)
    assert "1 quarantined" in run(command, ["--format", "kapso", *place]).output
    assert "1 new" in run(command, ["--format", "ycloud", *place]).output


def test_every_sample_is_claimed_by_exactly_one_format():
    for sample in SAMPLES:
        assert sum(one.is_mine(sample) for one in FORMATS) == 1
