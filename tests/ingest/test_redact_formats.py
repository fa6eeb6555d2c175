"""Redaction of what providers tell: their lines become Meta's, and tell the same calls."""

import gzip
import json

import pytest
from payloads.bodies import BUSINESS, OUTBOUND, USER, lines, terminate
from payloads.bodies import call_body as meta_body
from payloads.people import (
    DAY,
    FIGURES,
    LATER,
    NOON,
    PEOPLE,
    a_call,
    in_order,
    put,
    query,
    rated,
    raw_names,
    workspace,
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

from wacost.ingest.secret import KEY_NAME

OLD_PERSON, NEW_PERSON = PEOPLE[0][0], PEOPLE[1][0]


@pytest.fixture
def log(tmp_path):
    return workspace(tmp_path / "w")


def of_another(bodies):
    """The same bodies, of somebody else."""
    return json.loads(json.dumps(bodies).replace(USER, NEW_PERSON))


def told(at, name):
    """One call through each provider, and what tells of none."""
    listed = {
        "call_id": f"raw.k.{name}2",
        "direction": "inbound",
        "status": "completed",
        "duration_seconds": 60,
        "started_at": iso(at - 60),
        "ended_at": iso(at),
        "user_wa_id": USER,
        "config_display_phone_number": BUSINESS,
        "contact_name": "SECRET-NAME",
    }
    envelope = {
        "object": "whatsapp_business_account",
        "entry": [
            {
                "id": "1",
                "changes": [
                    {
                        "field": "messages",
                        "value": {
                            "calls": [
                                kapso_call("CALL_CONNECT", f"raw.k.{name}1", timestamp=at - 70),
                                kapso_call(
                                    "CALL_TERMINATE",
                                    f"raw.k.{name}1",
                                    timestamp=at,
                                    start_time=at - 60,
                                    end_time=at,
                                    duration=60,
                                    status="COMPLETED",
                                ),
                            ]
                        },
                    }
                ],
            }
        ],
    }
    return [
        ycloud("connect", f"raw.y.{name}1", at - 70),
        ycloud_status("RINGING", f"raw.y.{name}1", at - 69),
        ycloud("terminate", f"raw.y.{name}1", at, 60),
        ycloud_message(at),
        doubletick("CALL_INCOMING_INITIATED", f"raw.d.{name}1", at),
        doubletick("CALL_ENDED", f"raw.d.{name}1", at, 60),
        doubletick("CALL_ENDED", f"raw.d.{name}2", at, 60, channel="PSTN"),
        {**doubletick_reply(at=at), "messageId": f"wamid.raw.{name}"},
        aws(meta_body(terminate(f"raw.a.{name}1", at, OUTBOUND, 60, to=USER))),
        aws(meta_body(terminate(f"raw.a.{name}2", at, OUTBOUND, 60, to=USER)), sns=False),
        envelope,
        kapso_list(listed, {**listed, "call_id": f"raw.k.{name}3"}),
        *a_call(f"raw.m.{name}1", at, 60, (USER, None, None)),
    ]


def test_no_line_of_a_provider_tells_of_an_old_call_any_more(log):
    old, new = told(NOON, "old"), of_another(told(LATER, "new"))
    put(log, lines(*old, *new))
    put(log, gzip.compress(lines(old, *new).encode()), "b.jsonl.gz")  # one line holds a list
    put(log, json.dumps([old[0], [5], *old[1:]], indent=1), "c.json")
    first = log.ingest()
    before, figures = rated(log), in_order(log, FIGURES)
    assert len(figures) == 16
    done = log.redact(DAY)
    assert (done.calls, set(done.files)) == (
        8, {"inbox/a.jsonl", "inbox/b.jsonl.gz", "inbox/c.json"},
    )  # fmt: skip
    left = raw_names(log)
    assert OLD_PERSON not in left
    assert not [name for name in left if "old" in name]
    assert NEW_PERSON in left
    new_lines = (log.folder / "inbox" / "a.jsonl").read_text().splitlines(keepends=True)
    assert "".join(new_lines[len(old) :]) == lines(*new)
    assert rated(log) == before
    # loaded again, and loaded anywhere else with the same key
    events, others = (query(log, f"FROM {t} ORDER BY ALL") for t in ("events", "other_events"))
    again = log.ingest()
    assert (again.new, again.records) == (0, first.records)
    assert (again.quarantined, again.ignored) == (first.quarantined, first.ignored)
    assert query(log, "FROM events ORDER BY ALL") == events
    assert query(log, "FROM other_events ORDER BY ALL") == others
    assert log.redact(DAY).files == ()
    fresh = workspace(log.folder.parent / "fresh")
    for path in (log.folder / "inbox").iterdir():
        put(fresh, path.read_bytes(), path.name)
    (fresh.folder / KEY_NAME).write_bytes((log.folder / KEY_NAME).read_bytes())
    report = fresh.ingest()
    assert (report.records, report.quarantined) == (first.records, first.quarantined)
    assert rated(fresh) == before
    assert in_order(fresh, FIGURES) == figures
    put(fresh, lines(*old, *new), "raw copy.jsonl")
    assert fresh.ingest().new == 0
    # later all of it is old
    log.redact(DAY.replace(month=11))
    assert raw_names(log) == set()


def test_a_file_of_nothing_but_messages_is_emptied_by_the_times_in_it(log):
    put(log, lines(ycloud_message(NOON), of_another(ycloud_message(LATER))))
    assert log.ingest().ignored == 2
    assert log.redact(DAY).files == ("inbox/a.jsonl",)
    assert raw_names(log) == {NEW_PERSON, "SECRET-TEXT"}
    report = log.ingest()
    assert (report.records, report.ignored) == (2, 2)


def test_a_message_that_a_provider_told_of_loses_its_contact_and_stays_a_message(log):
    messages = [
        ycloud_message(NOON, wamid="wamid.raw.old", type="text", to=BUSINESS),
        doubletick_message(NOON, messageId="wamid.raw.old2"),
    ]
    put(log, lines(*messages))
    assert log.ingest().new == 2
    assert log.redact(DAY).files == ("inbox/a.jsonl",)
    assert raw_names(log) == set()
    found = query(log, "SELECT event_at, type, contact FROM messages ORDER BY ALL")
    assert [kind for _, kind, _ in found] == ["text", "text"]
    assert {contact.split(".")[0] for _, _, contact in found} == {"BR"}
    again = log.ingest()
    assert (again.new, again.records) == (0, 2)
    put(log, lines(*messages), "copy.jsonl")
    assert log.ingest().new == 0


def test_a_redacted_line_still_passes_for_its_format(log):
    put(log, lines(ycloud("terminate", "raw.y.1", NOON, 60)))
    put(log, lines(*a_call("raw.m.1", NOON, 60, PEOPLE[0])), "m.jsonl")
    log.ingest()
    log.redact(DAY)
    assert log.ingest("inbox/a.jsonl", format="ycloud").duplicate == 1
    assert log.ingest("inbox/m.jsonl", format="ycloud").quarantined == 3


def test_a_contact_is_forgotten_in_the_lines_of_every_provider(log):
    put(log, lines(*told(NOON, "old"), *of_another(told(NOON, "new"))))
    log.ingest()
    before = rated(log)
    log.forget("+55 11 91234-5678")
    left = raw_names(log)
    assert NEW_PERSON not in left
    assert not [name for name in left if "new" in name]
    assert OLD_PERSON in left
    assert rated(log) == before
    assert log.ingest().new == 0
