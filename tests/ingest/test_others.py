"""Records beside the calls: every kind is kept in one form, without texts and names, once."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    AT,
    BUSINESS,
    SECRETS,
    USER,
    body,
    call_body,
    connect,
    contact,
    lines,
    terminate,
    value,
)

from wacost.ingest.aliases import classes

OTHER_USER = "5511912345678"


def utc(second):
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None)


def message(wamid="wamid.A", at=AT, sender=USER, kind="text", **more):
    text = {"text": {"body": "SECRET-TEXT"}} if kind == "text" else {}
    return {"from": sender, "id": wamid, "timestamp": str(at), "type": kind, **text, **more}


def messages(*items, **more):
    return body(value(messages=list(items), **{"contacts": [contact()], **more}), field="messages")


def reply(response="accept", wamid="wamid.R", about="wamid.Q", **more):
    return message(
        wamid,
        kind="interactive",
        context={"from": BUSINESS, "id": about},
        interactive={
            "type": "call_permission_reply",
            "call_permission_reply": {"response": response, **more},
        },
    )


def message_status(word="delivered", wamid="wamid.S", at=AT, **more):
    item = {"id": wamid, "status": word, "timestamp": str(at), "recipient_id": USER, **more}
    return body(value(statuses=[item]), field="messages")


def account(told, field="account_update", time=AT):
    made = body(told, field=field)
    made["entry"][0]["time"] = time
    return made


def counts(report):
    return (report.new, report.duplicate, report.quarantined, report.ignored)


def test_a_message_is_reduced_to_whose_which_way_and_when(load):
    report = load(lines(messages(message(), message("wamid.B", AT + 5, kind="audio"))))
    assert counts(report) == (2, 0, 0, 0)
    rows = load.query(
        "SELECT event_at, business_number, contact, direction, type, voicemail, message_id"
        " FROM messages ORDER BY event_at"
    )
    assert [tuple(row.values()) for row in rows] == [
        (utc(AT), BUSINESS, USER, "inbound", "text", False, "wamid.A"),
        (utc(AT + 5), BUSINESS, USER, "inbound", "audio", False, "wamid.B"),
    ]
    assert load.calls() == []
    stored = load.path.read_bytes()
    assert not [secret for secret in SECRETS if secret.encode() in stored]


def test_a_voicemail_is_a_message_that_names_its_call(load):
    load(lines(messages(message("wacid.A", kind="audio"))))
    assert load.query("SELECT voicemail, message_id FROM messages") == [
        {"voicemail": True, "message_id": "wacid.A"}
    ]


def test_an_echo_of_the_business_is_outbound_and_its_contact_the_receiver(load):
    load(lines(messages(message(sender=BUSINESS, to=USER), contacts=None)))
    assert load.query("SELECT contact, direction FROM messages") == [
        {"contact": USER, "direction": "outbound"}
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"response": "accept", "is_permanent": True}, ("accepted", True, None, False)),
        (
            {"response": "accept", "is_permanent": False, "expiration_timestamp": AT + 9},
            ("accepted", False, AT + 9, False),
        ),
        (
            {"response": "accept", "expiration_timestamp": str(AT + 9)},
            ("accepted", False, AT + 9, False),
        ),
        ({"response": "APPROVE", "expiration_time": AT + 7}, ("accepted", False, AT + 7, False)),
        ({"response": "GRANTED"}, ("accepted", False, None, False)),
        ({"response": "REJECTED"}, ("rejected", False, None, False)),
        ({"response": "REVOKED"}, ("rejected", False, None, False)),
        (
            {"response": "reject", "response_source": "user_action"},
            ("rejected", False, None, False),
        ),
        ({"response": "reject", "response_source": "automatic"}, ("rejected", False, None, True)),
        ({"response": "Later"}, ("later", False, None, False)),
    ],
)
def test_a_permission_reply_tells_answer_end_and_origin(load, told, expected):
    answer, permanent, expires, automatic = expected
    assert load(lines(messages(reply(**told)))).new == 1
    (row,) = load.query("SELECT * FROM permission_replies")
    assert (row["answer"], row["permanent"], row["automatic"]) == (answer, permanent, automatic)
    assert row["expires_at"] == (None if expires is None else utc(expires))
    assert (row["contact"], row["about"], row["message_id"]) == (USER, "wamid.Q", "wamid.R")


def test_a_permission_that_a_call_gave_points_at_the_call(load):
    load(lines(messages(reply(about="wacid.A", response_source="automatic"))))
    assert load.query("SELECT about FROM permission_replies") == [{"about": "wacid.A"}]


def test_an_end_in_another_unit_is_kept_as_text_and_not_guessed(load):
    load(lines(messages(reply(expiration_timestamp=(AT + 9) * 1000))))
    assert load.query("SELECT expires_at, expires_told FROM permission_replies") == [
        {"expires_at": None, "expires_told": str((AT + 9) * 1000)}
    ]


def test_a_message_status_keeps_how_it_is_billed(load):
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    load(
        lines(message_status(pricing=pricing), message_status("failed", errors=[{"code": 131026}]))
    )
    rows = load.query(
        "SELECT status, contact, billable, pricing_model, pricing_type, category, error_code"
        " FROM message_statuses ORDER BY status"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("DELIVERED", USER, True, "PMP", "regular", "utility", None),
        ("FAILED", USER, None, None, None, None, 131026),
    ]


@pytest.mark.parametrize(
    "event",
    ["call_recording_available", "call_transcription_available", "call_transcript_available"],
)
def test_a_recording_or_transcript_makes_no_call(load, event):
    item = {"id": "wacid.A", "event": event, "timestamp": str(AT), "call_recording": {"x": "y"}}
    assert counts(load(lines(call_body(item)))) == (1, 0, 0, 0)
    assert load.calls() == []
    assert load.query("SELECT id, word FROM other_events") == [{"id": "wacid.A", "word": event}]


def test_a_call_that_was_created_over_sip_is_a_call(load):
    load(lines(call_body({"id": "wacid.A", "event": "call_created", "timestamp": str(AT)})))
    assert load.call()["disposition"] == "open"


def test_settings_keep_calling_hours_and_callback_but_no_server(load):
    told = {
        "timestamp": str(AT),
        "type": "phone_number_settings",
        "phone_number_settings": {
            "phone_number_id": "1",
            "calling": {
                "status": "ENABLED",
                "call_icon_visibility": "DISABLE_ALL",
                "callback_permission_status": "DISABLED",
                "call_hours": {
                    "status": "ENABLED",
                    "timezone_id": "America/Sao_Paulo",
                    "weekly_operating_hours": [
                        {"day_of_week": "MONDAY", "open_time": "0400", "close_time": "1020"}
                    ],
                },
                "sip": {"status": "ENABLED", "servers": [{"hostname": "SECRET-TEXT"}]},
            },
        },
    }
    assert load(lines(body(told, field="account_settings_update"))).new == 1
    (row,) = load.query("SELECT * FROM settings")
    assert (row["phone_number_id"], row["calling"], row["sip"]) == ("1", "ENABLED", "ENABLED")
    assert (row["call_icon"], row["callback_permission"]) == ("DISABLE_ALL", "DISABLED")
    assert (row["call_hours_zone"], row["event_at"]) == ("America/Sao_Paulo", utc(AT))
    assert json.loads(row["call_hours"])["weekly_operating_hours"][0]["open_time"] == "0400"
    assert b"SECRET-TEXT" not in load.path.read_bytes()


def test_a_restriction_keeps_its_types_and_ends(load):
    told = {
        "phone_number": BUSINESS,
        "event": "ACCOUNT_RESTRICTION",
        "violation_info": {"violation_type": "LOW_CALLING_QUALITY"},
        "restriction_info": [
            {"restriction_type": "RESTRICTED_BUSINESS_INITIATED_CALLING", "expiration": AT + 60},
            {"restriction_type": "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN"},
        ],
    }
    load(lines(account(told)))
    (row,) = load.query("SELECT * FROM account_changes")
    assert (row["event"], row["violation"]) == ("ACCOUNT_RESTRICTION", "LOW_CALLING_QUALITY")
    assert len(row["restrictions"]) == 2
    assert utc(AT + 60) in row["restricted_until"]


def tier_update(region="Brazil", at=AT):
    tier = {
        "tier_update_time": at,
        "pricing_category": "CALLING",
        "tier": "50001:250000",
        "effective_month": "2026-10",
        "region": region,
    }
    return account({"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": tier})


def test_a_tier_update_that_is_told_twice_counts_once_from_its_earliest_time(load):
    load(lines(tier_update(at=AT + 30), tier_update(), tier_update()))
    (row,) = load.query("SELECT * FROM tier_updates")
    assert (row["updated_at"], row["told"], row["region"]) == (utc(AT), 2, "Brazil")


def test_tier_updates_of_two_regions_at_one_moment_are_two(load):
    regions = ["Rest of Africa", "Rest of Central & Eastern Europe", "Rest of Western Europe"]
    report = load(lines(*map(tier_update, regions)))
    assert (report.new, report.duplicate) == (3, 0)
    assert [row["region"] for row in load.query("FROM tier_updates ORDER BY region")] == regions


def test_a_changed_number_keeps_one_contact(load):
    changed = message(
        "wamid.X",
        kind="system",
        system={"type": "user_changed_number", "wa_id": OTHER_USER, "body": "SECRET-TEXT"},
    )
    renamed = message(
        "wamid.Y",
        kind="system",
        sender="",
        from_user_id="BR.1",
        system={"type": "user_changed_user_id", "user_id": "BR.2"},
    )
    known = call_body(connect(), contacts=[contact(user_id="BR.1")])
    load(lines(messages(changed), messages(renamed, contacts=None), known))
    rows = load.query("SELECT alias, contact FROM aliases ORDER BY alias")
    assert {row["alias"] for row in rows} == {USER, OTHER_USER, "BR.1", "BR.2"}
    assert {row["contact"] for row in rows} == {min(USER, OTHER_USER)}
    assert b"SECRET-TEXT" not in load.path.read_bytes()


@given(st.lists(st.tuples(st.sampled_from("ABCDEFGH"), st.sampled_from("ABCDEFGH"))), st.randoms())
def test_classes_do_not_depend_on_the_order_of_pairs(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    found = classes(pairs)
    assert classes(shuffled) == found
    assert classes(found.items()) == found
    assert all(found[one] == found[other] for one, other in pairs)


def test_words_that_nobody_knows_are_kept_and_counted(load):
    load(
        lines(
            call_body(connect(event="Ring_Back", direction="SIDEWAYS")),
            call_body(terminate("wacid.B", status="DROPPED")),
            messages(reply("perhaps")),
            message_status("pondering"),
            account({"event": "ACCOUNT_SURPRISE"}),
            body({"a": 1}, field="flows"),
        )
    )
    rows = load.query("SELECT field, word, records FROM words ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("account", "ACCOUNT_SURPRISE", 1),
        ("direction", "SIDEWAYS", 1),
        ("event", "ring_back", 1),
        ("field", "flows", 1),
        ("message_status", "PONDERING", 1),
        ("outcome", "DROPPED", 1),
        ("permission_reply", "perhaps", 1),
    ]


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (messages(message(wamid="")), "no_id"),
        (messages(message(wamid="two words")), "bad_id"),
        (messages(message(timestamp=None)), "no_timestamp"),
        (messages(message(timestamp="soon")), "bad_timestamp"),
        (messages(reply(response=None)), "no_event"),
        (messages(reply(response="no thanks")), "bad_event"),
        (account({"phone_number": BUSINESS}), "no_event"),
        (account({"event": "ACCOUNT_VIOLATION"}, time=None), "no_timestamp"),
    ],
)
def test_a_record_that_lacks_what_it_needs_is_quarantined_with_its_reason(load, made, reason):
    assert counts(load(lines(made))) == (0, 0, 1, 0)
    assert [row["reason"] for row in load.quarantine()] == [reason]


def test_each_message_of_a_batch_meets_its_own_contact(load):
    batch = messages(
        message("wamid.A", sender=""),
        message("wamid.B", sender=OTHER_USER),
        contacts=[contact(USER, user_id="BR.1"), contact(OTHER_USER, user_id="BR.2")],
    )
    batch["entry"][0]["changes"][0]["value"]["messages"][0]["from_user_id"] = "BR.1"
    assert load(lines(batch)).new == 2
    rows = load.query("SELECT message_id, contact, contact_user_id FROM messages ORDER BY ALL")
    assert [tuple(row.values()) for row in rows] == [
        ("wamid.A", USER, "BR.1"),
        ("wamid.B", OTHER_USER, "BR.2"),
    ]


MIXED = [
    messages(message(), reply(), contacts=[contact(user_id="BR.1")]),
    message_status(),
    message_status("read", at=AT + 4),
    call_body(connect(), contacts=[contact(user_id="BR.1")]),
    call_body(terminate(), {"id": "wacid.A", "event": "call_recording_available", "timestamp": AT}),
    account({"event": "ACCOUNT_VIOLATION"}),
    messages(message("wamid.C", sender=OTHER_USER), contacts=[contact(OTHER_USER, user_id="BR.3")]),
    messages(
        message(
            "wamid.X", kind="system", system={"type": "user_changed_number", "wa_id": OTHER_USER}
        )
    ),
]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(range(len(MIXED))), min_size=1, max_size=12), st.data())
def test_order_duplicates_and_splits_change_no_row(load, drawn, data):
    tables = (
        "SELECT * EXCLUDE (source, line, item) FROM other_events ORDER BY ALL",
        "SELECT * FROM aliases ORDER BY ALL",
        "SELECT * EXCLUDE (source, line) FROM call_rows ORDER BY ALL",
    )
    bodies = [MIXED[number] for number in drawn]
    load.clear()
    whole = load(lines(*bodies))
    first = [load.query(table) for table in tables]
    assert whole.records == sum(counts(whole))
    load.clear()
    again = [*bodies, data.draw(st.sampled_from(bodies))]
    shuffled = data.draw(st.permutations(again))
    cut = data.draw(st.integers(0, len(shuffled)))
    reports = [load(lines(*part)) for part in (shuffled[:cut], shuffled[cut:])]
    assert [load.query(table) for table in tables] == first
    assert sum(report.new for report in reports) == whole.new
