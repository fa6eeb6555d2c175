"""Whatever becomes of a body on its way: it is counted, crashes nothing and tells no secret."""

import json

import pytest
from payloads import bodies as meta
from payloads import providers
from payloads.damage import damaged

from wacost.ingest import ingest
from wacost.ingest.formats import taken
from wacost.ingest.reshape import UnreadableError, read_line, records_of
from wacost.simulate import simulate
from wacost.store import open_store

PART = 2000
REPLY = {"response": "accept", "is_permanent": False, "expiration_timestamp": meta.AT + 9}
MESSAGES = [
    {"id": "wamid.1", "from": meta.USER, "type": "text", "text": {"body": "SECRET-TEXT"}},
    {"id": "wamid.2", "type": "system", "system": {"type": "user_changed_number", "wa_id": "44"}},
    {
        "id": "wamid.3",
        "from": meta.USER,
        "type": "interactive",
        "context": {"from": meta.BUSINESS, "id": "wamid.0"},
        "interactive": {"type": "call_permission_reply", "call_permission_reply": REPLY},
    },
]
SETTINGS = {
    "phone_number_id": "436666719526789",
    "calling": {
        "status": "ENABLED",
        "restrict_to_user_countries": ["BR"],
        "call_hours": {
            "status": "ENABLED",
            "timezone_id": "America/Sao_Paulo",
            "weekly_operating_hours": [{"day_of_week": "MONDAY", "open_time": "0400"}],
        },
        "sip": {"status": "ENABLED", "servers": [{"hostname": "SECRET-TEXT"}]},
    },
}
TIER = {"tier_update_time": meta.AT, "pricing_category": "CALLING", "tier": "0:9", "region": "BR"}
ACCOUNTS = [
    {"type": "phone_number_settings", "timestamp": meta.AT, "phone_number_settings": SETTINGS},
    {"event": "VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info": TIER},
    {
        "event": "ACCOUNT_RESTRICTION",
        "violation_info": {"violation_type": "LOW_CALLING_QUALITY"},
        "restriction_info": [{"restriction_type": "X", "expiration": meta.AT}],
    },
]


def undamaged():
    """Return bodies of every kind and every format."""
    told = [{"timestamp": str(meta.AT), **one} for one in MESSAGES]
    people = [meta.contact(user_id="BR.1"), meta.contact("447700900123")]
    pricing = {"billable": True, "pricing_model": "PMP", "category": "utility"}
    sent = {"id": "wamid.4", "status": "read", "timestamp": meta.AT, "pricing": pricing}
    failed = meta.terminate(seconds=None, status="FAILED", errors=[{"code": 138000}])
    plain = [
        *meta.answered_outbound(),
        meta.call_body(meta.connect(direction=None), failed, contacts=people),
        meta.call_body(meta.terminate(), messages=[told[0]], contacts=people),
        meta.body(meta.value(messages=told, contacts=people), field="messages"),
        meta.body(meta.value(statuses=[sent]), field="messages"),
        *(meta.body(one, field="account_update") for one in ACCOUNTS),
        {"object": "page", "entry": [{"messaging": [{"message": {"text": "SECRET-TEXT"}}]}]},
    ]
    events = ("CALL_ENDED", "CALL_REJECTED", "CALL_ACCEPTED", "CALL_INCOMING_INITIATED")
    kapso = [providers.kapso_call("CALL_CONNECT"), providers.kapso_call("CALL_STATUS", status="x")]
    listed = {"call_id": "c", "direction": "inbound", "status": "completed", "duration_seconds": 9}
    others = [
        *(providers.ycloud(word) for word in ("connect", "terminate", "reject")),
        *(providers.ycloud_status("RINGING"), providers.ycloud_message()),
        *(providers.doubletick(event) for event in events),
        providers.doubletick_reply(),
        *(providers.aws(plain[0], sns=sns) for sns in (True, False)),
        {"Records": [{"Sns": providers.aws(plain[1])}, {"body": "{}", "messageId": "1"}]},
        meta.body(meta.value(calls=kapso), field="messages"),
        providers.kapso_list({**listed, "started_at": providers.iso(meta.AT)}),
    ]
    return [*plain, *others, plain[:2], [others[0], plain[0]]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, seed=3, months=1, calls=100)
    lines = [
        line for file in sorted(folder.rglob("*.jsonl")) for line in file.read_bytes().split(b"\n")
    ]
    simulated = [line for line in lines if is_object(line)][:400]
    return [json.dumps(one) for one in undamaged()] * 8 + simulated


def is_object(line):
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


@pytest.mark.parametrize("count", [1500, pytest.param(20_000, marks=pytest.mark.full)])
def test_damaged_bodies_are_counted_crash_nothing_and_tell_no_secret(load, sound, count, request):
    seed = request.config.getoption("--fuzz-seed")
    count = request.config.getoption("--fuzz-bodies") or count
    files, records = [], 0
    for first in range(0, count, PART):
        made = [damaged(sound, seed, n) for n in range(first, min(first + PART, count))]
        for lines, are_read in sorted_out(b"\n".join(made).split(b"\n")):
            files.append(load.file(b"\n".join(lines) + b"\n"))
            report = ingest(load.path, files[-1:])
            counted = report.new + report.duplicate + report.quarantined + report.ignored
            assert report.records == counted, files[-1]
            if are_read:
                assert report.records == records_in(lines), files[-1]
            else:  # what Python does not read DuckDB may, and find several records
                assert report.records >= len(lines), files[-1]
            records += report.records
    again = ingest(load.path, files)
    assert (again.records, again.new, again.calls) == (records, 0, 0)
    assert tells_no_secret(load.path)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({**providers.doubletick(), "event": []}, None),
        ({**providers.doubletick(), "event": {"a": 1}}, None),
        (providers.kapso_list({"call_id": "c", "direction": "inbound", "status": ["x"]}), None),
        (meta.call_body({"id": json.loads("[" * 200 + "]" * 200)}), None),
        (json.loads("[" * 800 + "{}" + "]" * 800), "too_deep"),
        (json.loads('{"a":' * 800 + "{}" + "}" * 800), None),
    ],
)
def test_a_word_that_is_none_and_a_body_without_end_are_refused(load, told, reason):
    report = load(meta.lines(told))
    assert (report.records, report.quarantined) == (1, 1)
    assert reason is None or reason in report.reasons


def sorted_out(lines):
    """Return the lines that Python reads as JSON, and the others."""
    told = [(line, records_in([line]) is not None) for line in lines]
    parts = [([line for line, told in told if told is which], which) for which in (True, False)]
    return [part for part in parts if part[0]]


def records_in(lines):
    """Count records without DuckDB; None where a line is no JSON."""
    try:
        return sum(1 for line in lines for _ in records_of(taken(read_line(line))))
    except UnreadableError:
        return None


def tells_no_secret(store):
    with open_store(store, read_only=True) as con:
        tables = con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        kept = str([con.execute(f"FROM {name}").fetchall() for (name,) in tables])
    raw = store.read_bytes()
    return not any(secret in kept or secret.encode() in raw for secret in meta.SECRETS)
