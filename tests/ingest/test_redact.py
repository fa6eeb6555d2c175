"""Redaction takes the person and leaves the bill: order, tiers, amounts and counts stay."""

import gzip
import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    BUSINESS,
    INBOUND,
    OUTBOUND,
    body,
    call_body,
    connect,
    contact,
    lines,
    terminate,
    value,
)
from payloads.people import (
    CHARGES,
    DAY,
    FIGURES,
    LATER,
    NOON,
    PEOPLE,
    RATES,
    a_call,
    bodies_of,
    in_order,
    put,
    query,
    rated,
    raw_names,
    workspace,
)

from wacost.errors import ConfigError, StoreError
from wacost.ingest.secret import KEY_NAME
from wacost.store import open_store

TIMES = (NOON, LATER)
LAWS = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
def log(tmp_path):
    return workspace(tmp_path / "w")


def again(log):
    """The same workspace, empty."""
    shutil.rmtree(log.folder)
    return workspace(log.folder)


drawn_calls = st.lists(
    st.tuples(
        st.sampled_from([NOON, NOON + 1, NOON + 2]),
        st.sampled_from([0, 7, 59, 60, 61, 130, None]),
        st.sampled_from(PEOPLE),
        st.sampled_from([OUTBOUND, INBOUND]),
        st.sampled_from(["raw.a", "raw.z", "zzz", "wacid.", "AAA", "redacte", "~"]),
    ),
    min_size=2,
    max_size=14,
)


@LAWS
@given(drawn_calls, drawn_calls, st.randoms(use_true_random=False))
def test_the_bill_stays_when_the_persons_go(log, old, new, rng):
    """Ties and tier crossings among them, old and new calls in one file, loaded anywhere again."""
    log = again(log)
    new = [(end - NOON + LATER, *rest) for end, *rest in new]
    told = bodies_of(old) + bodies_of(new, 100)
    rng.shuffle(told)
    raw = lines(*told)
    put(log, raw)
    log.ingest()
    before, figures = rated(log), in_order(log, FIGURES)
    done = log.redact(DAY)
    assert done.calls == len(old)
    assert in_order(log, CHARGES) == before
    assert rated(log) == before
    assert in_order(log, FIGURES) == figures
    # the raw copy and the rewritten file bring nothing new
    events = query(log, "FROM events ORDER BY ALL")
    put(log, raw, "copy.jsonl")
    report = log.ingest()
    assert (report.new, report.calls, report.quarantined) == (0, 0, 0)
    assert query(log, "FROM events ORDER BY ALL") == events
    # nothing is left to do but the copy
    redone = log.redact(DAY)
    assert (redone.calls, redone.files) == (0, ("inbox/copy.jsonl",))
    assert log.redact(DAY).files == ()
    # a fresh workspace with the same key, and with a raw copy after that
    key = (log.folder / KEY_NAME).read_bytes()
    rewritten = (log.folder / "inbox" / "a.jsonl").read_bytes()
    fresh = again(log)
    put(fresh, rewritten)
    (fresh.folder / KEY_NAME).write_bytes(key)
    fresh.ingest()
    assert rated(fresh) == before
    assert in_order(fresh, FIGURES) == figures
    put(fresh, raw, "copy.jsonl")
    assert fresh.ingest().new == 0
    assert rated(fresh) == before


@LAWS
@given(drawn_calls)
def test_no_file_of_the_workspace_tells_a_person_any_more(log, old):
    log = again(log)
    put(log, lines(*bodies_of(old)) + "{broken SECRET-NAME 5511987654321\n")
    log.ingest()
    log.rate("2026-10")
    log.redact(DAY)
    assert raw_names(log) == set()
    wacost_files = [
        p.name for p in log.folder.iterdir() if p.name.startswith(("wacost.duckdb", "."))
    ]
    assert sorted(wacost_files) == [KEY_NAME, "wacost.duckdb"]


def test_a_call_that_lost_its_id_beside_a_forgotten_one_loses_its_contact_when_it_is_due(log):
    ana, bia = PEOPLE[0], PEOPLE[3]
    put(log, lines(*a_call("raw.a.1", NOON, 60, ana), *a_call("raw.a.2", NOON, 61, bia)))
    log.ingest()
    log.forget(ana[0])
    copy = (log.folder / "inbox" / "a.jsonl").read_bytes()
    assert bia[0].encode() in copy
    log.redact(DAY)
    assert raw_names(log) == set()
    figures = in_order(log, FIGURES)
    put(log, copy, "copy.jsonl")
    assert log.ingest().new == 0
    assert in_order(log, FIGURES) == figures
    assert log.redact(DAY).files == ("inbox/copy.jsonl",)
    assert log.redact(DAY).files == ()
    assert raw_names(log) == set()


def test_a_redacted_call_that_a_copy_tells_again_is_forgotten_in_the_copy_too(log):
    told = lines(*a_call("raw.a.1", NOON, 60, PEOPLE[0]), *a_call("raw.a.2", NOON, 61, PEOPLE[0]))
    put(log, told)
    log.ingest()
    log.redact(DAY)
    put(log, told, "copy.jsonl")
    log.ingest()
    figures = in_order(log, FIGURES)
    log.forget(PEOPLE[0][0])
    assert raw_names(log) == set()
    assert log.ingest().new == 0
    assert in_order(log, FIGURES) == figures


def test_the_quarantine_keeps_counting_and_tells_nobody(log):
    refused = [
        call_body(terminate("raw.a.1", NOON, duration="5511987654321 x")),
        call_body(connect("", NOON, timestamp=None)),
        {"object": "page", "entry": [{"messaging": [{"text": "SECRET-TEXT"}]}]},
        {"object": "whatsapp_business_account", "name": "SECRET-NAME"},
        *(call_body(terminate(f"wacid.{c}", NOON, duration=n)) for c in "BCDEFG" for n in (50, 51)),
        *a_call("wacid.X", NOON, 60, PEOPLE[0]),
    ]
    put(
        log,
        lines(*refused).encode()
        + b'{"name":"SECRET-NAME\n\xff\xfe 5511987654321\n'
        + b"[" * 5000
        + b"\n",
    )
    first = log.ingest()
    log.redact(DAY)
    assert raw_names(log) == set()
    before = query(log, "SELECT * EXCLUDE (message) FROM quarantine ORDER BY ALL")
    assert len(before) == first.quarantined == 13
    second = log.ingest()
    assert (second.records, second.new, second.quarantined) == (first.records, 0, first.quarantined)
    assert query(log, "SELECT * EXCLUDE (message) FROM quarantine ORDER BY ALL") == before
    assert log.quarantine.retry(every=True).left == ()
    assert query(log, "SELECT count(*) FROM quarantine") == [(13,)]
    still = log.quarantine.list(reason="contradiction")
    assert log.quarantine.discard(*(record.id for record in still)) == 6


NUMBER = PEOPLE[0][0]
REFUSED = (
    {"id": "call Ana 5511987654321"}, {"id": 'wacid."q"'}, {"id": "né"}, {"id": "x" * 600},
    {"id": ["x"]}, {"id": ""}, {"event": "call Ana at home"}, {"event": "né"}, {"event": "x" * 70},
    {"event": ["terminate"]}, {"status": "Ana is not here"}, {"status": "né"}, {"status": {"a": 1}},
    {"timestamp": "soon"}, {"timestamp": "at 1:00 pm"}, {"timestamp": None},
    {"start_time": "1783036800000"}, {"end_time": "1:00 pm"}, {"duration": "1m 18s"},
    {"duration": -1}, {"duration": 61.5},
)  # fmt: skip


def refused_message(**more):
    one = {"id": "wamid.M", "from": NUMBER, "timestamp": str(NOON), "type": "text"} | more
    return body(value(messages=[one]), field="messages")


def refused_reply(**told):
    inner = {"type": "call_permission_reply", "call_permission_reply": told}
    return refused_message(type="interactive", interactive=inner)


def test_what_was_refused_is_refused_for_the_same_reason_once_it_is_redacted(log):
    calls = [call_body(terminate(f"wacid.{n}", NOON) | told) for n, told in enumerate(REFUSED)]
    status = {"id": "bad id", "type": "call", "status": "RINGING", "timestamp": str(NOON)}
    others = [
        body(value(statuses=[status, {**status, "id": "wacid.S", "status": "Ana is away"}])),
        refused_message(id="bad id"),
        refused_message(timestamp="soon"),
        refused_message(type="a b"),
        refused_reply(response="Ana says yes"),
        refused_reply(),
    ]
    put(log, lines(*calls, *others, *a_call("wacid.X", NOON, 60, PEOPLE[0])))
    first = log.ingest()
    assert first.quarantined == len(REFUSED) + 7
    log.redact(DAY)
    file = log.folder / "inbox" / "a.jsonl"
    assert not [word for word in ("Ana", "5511987654321", "bad id") if word in file.read_text()]
    again = log.ingest()
    assert (again.new, again.calls, again.reasons) == (0, 0, first.reasons)
    redacted = file.read_bytes()
    log.redact(DAY)
    assert file.read_bytes() == redacted


def test_who_is_forgotten_is_in_no_refused_call_either(log):
    parties = {"from": NUMBER, "to": BUSINESS}
    told = [terminate(f"wacid.{n}", NOON) | parties | more for n, more in enumerate(REFUSED)]
    other = terminate("wacid.O", NOON, duration="x y") | {"from": PEOPLE[1][0], "to": BUSINESS}
    unnamed = terminate("wacid.U", NOON, duration="x y") | {"from": "", "to": BUSINESS}
    by_contact = body(value(calls=[unnamed], contacts=[contact(wa_id=NUMBER)]))
    put(
        log,
        lines(
            *map(call_body, told),
            call_body(other),
            by_contact,
            *a_call("wacid.X", NOON, 60, PEOPLE[0]),
        ),
    )
    first = log.ingest()
    for _ in range(2):
        log.forget(NUMBER)
        file = (log.folder / "inbox" / "a.jsonl").read_text()
        assert NUMBER not in file
        assert PEOPLE[1][0] in file
        again = log.ingest()
        assert (again.new, again.calls, again.reasons) == (0, 0, first.reasons)
        assert query(log, "SELECT count(*) FROM quarantine") == [(first.quarantined,)]


WITHOUT_ITEMS = (
    (
        "smb_message_echoes",
        {"message_echoes": [{"to": NUMBER, "text": {"body": "SECRET-TEXT"}}]},
    ),
    ("user_preferences", {"contacts": [{"wa_id": NUMBER, "profile": {"name": "SECRET-NAME"}}]}),
    ("calls", {"contacts": [{"wa_id": NUMBER, "profile": {"name": "SECRET-NAME"}}]}),
    ("messages", {"errors": [{"code": 1, "message": f"SECRET-TEXT {NUMBER}"}]}),
    ("account_update", {"event": f"SECRET-NAME {NUMBER}"}),
    ("account_update", {"event": "ACCOUNT_VIOLATION", "note": f"SECRET-TEXT {NUMBER}"}),
)


@pytest.mark.parametrize("forgets", [False, True])
def test_what_holds_no_item_and_what_nobody_can_read_tells_nobody_either(log, forgets):
    changes = [body(one, field=field) for field, one in WITHOUT_ITEMS]
    for one in changes:
        one["entry"][0]["time"] = NOON
    named = {"wa_id": f"+{NUMBER}", "name": "SECRET-NAME"}
    others = [
        {"object": "whatsapp_business_account", "entry": [{"id": "1", **named}]},
        {"object": "somebody_else", "entry": [named]},
        {"to": NUMBER, "text": "SECRET-TEXT"},
    ]
    torn = '{"to":"+55 (11) 98765-4321","text":"SECRET-TEXT\n'
    put(log, lines(*changes, *others, *a_call("wacid.X", NOON, 60, PEOPLE[0])) + torn)
    first = log.ingest()
    assert first.reasons == {
        "other_field": 3, "no_items": 1, "bad_event": 1, "no_changes": 1, "other_object": 1,
        "no_entry": 1, "not_json": 1,
    }  # fmt: skip
    for _ in range(2):
        log.forget(NUMBER) if forgets else log.redact(DAY)
        told = (log.folder / "inbox" / "a.jsonl").read_text()
        assert not [word for word in ("SECRET", "5511987654321", "98765-4321") if word in told]
        again = log.ingest()
        assert (again.new, again.calls, again.reasons) == (0, 0, first.reasons)
        assert query(log, "SELECT count(*) FROM quarantine") == [(first.quarantined,)]


@pytest.mark.parametrize("form", ["gz", "zst", "pretty", "list", "one line"])
def test_a_file_stays_packed_and_laid_out_so_that_it_reads_the_same(log, form):
    told = bodies_of(
        [(NOON, 60, PEOPLE[1], OUTBOUND, "raw.a"), (LATER, 60, PEOPLE[0], INBOUND, "raw.z")]
    )
    plain = lines(*told).encode()
    name, content = {
        "gz": ("a.jsonl.gz", gzip.compress(plain)),
        "zst": ("a.jsonl.zst", zstandard.ZstdCompressor().compress(plain)),
        "pretty": ("a.json", json.dumps(told, indent=2).encode()),
        "list": ("a.json", (json.dumps(told) + "\n").encode()),
        "one line": ("a.json", b"".join(line + b" " for line in plain.splitlines())),
    }[form]
    put(log, content, name)
    log.ingest()
    before = rated(log)
    assert log.redact(DAY).files == (f"inbox/{name}",)
    rewritten = (log.folder / "inbox" / name).read_bytes()
    assert rewritten[:2] == content[:2] or form in {"pretty", "one line"}
    assert log.ingest().new == 0
    assert rated(log) == before
    assert "5511912345678" not in raw_names(log)
    assert "5511987654321" in raw_names(log)  # of a call that is not old enough


def test_lines_that_tell_of_nobody_stay_byte_for_byte(log):
    odd = '  {"object" : "whatsapp_business_account", "entry": []}  \n\n'
    new = lines(*bodies_of([(LATER, 60, PEOPLE[0], OUTBOUND, "raw.z")]))
    put(log, odd + new + lines(*bodies_of([(NOON, 60, PEOPLE[1], OUTBOUND, "raw.a")], 5)))
    log.ingest()
    log.redact(DAY)
    assert (log.folder / "inbox" / "a.jsonl").read_text().startswith(odd + new)


def test_what_has_come_to_a_file_since_it_was_loaded_keeps_its_contacts(log):
    old, new = (lines(*bodies_of([(at, 60, PEOPLE[0], OUTBOUND, "raw.a")], at)) for at in TIMES)
    put(log, old)
    log.ingest()
    put(log, old + new)
    log.redact(DAY)
    assert (log.folder / "inbox" / "a.jsonl").read_text().endswith(new)
    assert log.ingest().calls == 1
    log.rate("2026-10")
    assert query(log, "SELECT status, count(*) FROM charges GROUP BY ALL") == [("rated", 2)]


def test_a_call_that_was_not_loaded_when_its_contact_was_forgotten_has_its_price(log):
    put(
        log, lines(*bodies_of([(NOON, 60, PEOPLE[0], way, "raw.a") for way in (INBOUND, OUTBOUND)]))
    )
    with open_store(log.store_path):  # others may have been loaded, these were not
        pass
    log.forget(PEOPLE[0][0])
    assert raw_names(log) == set()
    log.ingest()
    log.rate("2026-10")
    told = query(log, "SELECT country, status, count(*) FROM charges GROUP BY ALL")
    assert told == [("BR", "rated", 2)]


def test_a_late_call_takes_its_place_among_redacted_ones_and_keeps_it(log):
    """Before them or after them as its id has it, also when it is redacted itself."""
    put(log, lines(*bodies_of([(NOON, 61, PEOPLE[n % 4], OUTBOUND, "raw.m") for n in range(5)])))
    log.ingest()
    log.redact(DAY)
    put(
        log,
        lines(*bodies_of([(NOON, 61, PEOPLE[0], OUTBOUND, h) for h in ("AAA", "zzz")], 50)),
        "late.jsonl",
    )
    assert log.ingest().new == 6
    before = rated(log)
    assert log.redact(DAY).calls == 2
    assert rated(log) == before


def test_an_event_that_comes_after_the_redaction_joins_its_call(log):
    first, last, ringing = a_call("raw.a.1", NOON, 61, PEOPLE[0])
    put(log, lines(first))
    log.ingest()
    log.redact(DAY)
    put(log, lines(last, ringing), "late.jsonl")
    assert log.ingest().new == 2
    assert query(log, "SELECT count(*), max(disposition), max(country) FROM call_rows") == [
        (1, "answered", "BR")
    ]
    log.redact(DAY)
    assert raw_names(log) == set()


def test_records_beside_the_calls_lose_their_contact_and_keep_its_country(log):
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    with open_store(log.store_path) as con:
        for at in ("2026-10-01", "2026-10-20"):
            con.execute(
                "INSERT INTO other_events BY NAME SELECT 'wamid.' || $1 AS id, 'message' AS kind,"
                " $1::TIMESTAMP AS event_at, 5511987654321 AS contact, 'a.jsonl' AS source",
                [at],
            )
        con.execute("INSERT INTO aliases VALUES ('BR.77712345', '5511987654321')")
    assert log.redact(DAY, dry_run=True).others == 1
    assert log.redact(DAY).others == 1
    (old, new) = query(
        log, "SELECT id, contact, contact_user_id FROM other_events ORDER BY event_at"
    )
    assert new == ("wamid.2026-10-20", 5511987654321, None)
    assert old[0].startswith("redacted.")
    (same,) = query(log, "SELECT contact FROM call_rows")
    assert old[1:] == (None, same[0])


def said(number, user_id, at, name, **item):
    """A message of somebody."""
    told = {"from": number or "", "from_user_id": user_id, "timestamp": str(at), "id": name}
    who = [contact(number or "", user_id=user_id)]
    return body(value(messages=[{**told, **item}], contacts=who), field="messages")


def delivered(number, user_id, at):
    """The status of a message to somebody."""
    item = {"status": "delivered", "id": f"wamid.s{user_id}", "timestamp": str(at)}
    item |= {"recipient_id": number or "", "recipient_user_id": user_id}
    return body(value(statuses=[item]), field="messages")


def chatter():
    """Messages, statuses, replies and changes of number, old and new."""
    told = []
    for n, at in enumerate((NOON, LATER)):
        reply = {"response": "accept", "expiration_timestamp": at + 600}
        items = [
            {"type": "text", "text": {"body": "SECRET-TEXT"}},
            {"type": "audio", "context": {"id": "wamid.before", "from": "5511987654321"}},
            {
                "type": "interactive",
                "context": {"id": f"raw.a.{n}"},
                "interactive": {"type": "call_permission_reply", "call_permission_reply": reply},
            },
            {"type": "system", "system": {"type": "user_changed_number", "wa_id": "551198765"}},
        ]
        for number, user_id, _ in PEOPLE[:3]:
            told += [
                said(number, user_id, at, f"wamid.{n}.{user_id}.{k}", **item)
                for k, item in enumerate(items)
            ]
            told.append(delivered(number, user_id, at))
        ready = {"id": f"raw.a.{n}", "event": "call_recording_available", "timestamp": str(at)}
        told.append(call_body(ready))
    return told


def test_messages_in_redacted_files_and_in_old_copies_are_known(log):
    calls = bodies_of(
        [(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a"), (LATER, 60, PEOPLE[0], OUTBOUND, "raw.a")]
    )
    raw = lines(*calls, *chatter())
    put(log, raw)
    assert log.ingest().quarantined == 0
    count = query(log, "SELECT kind, count(*) FROM other_events GROUP BY ALL ORDER BY ALL")
    would = log.redact(DAY, dry_run=True)
    done = log.redact(DAY)
    assert (would.calls, would.others) == (done.calls, done.others)
    assert done.others > 10
    assert log.redact(DAY, dry_run=True).others == 0
    rows = query(log, "FROM other_events ORDER BY ALL")
    assert log.ingest().new == 0
    assert query(log, "FROM other_events ORDER BY ALL") == rows
    put(log, raw, "copy.jsonl")
    assert log.ingest().new == 0
    assert query(log, "FROM other_events ORDER BY ALL") == rows
    assert query(log, "SELECT kind, count(*) FROM other_events GROUP BY ALL ORDER BY ALL") == count
    old = str([row for row in rows if row[3] < datetime.combine(DAY, datetime.min.time())])
    assert not [n for person in PEOPLE for n in person[:2] if n and n in old]
    assert "wamid" not in old
    assert "raw.a" not in old
    log.redact(DAY + timedelta(days=30))
    assert raw_names(log) == set()


def test_a_dry_run_changes_nothing_and_makes_no_key(log):
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    before = {p: p.read_bytes() for p in log.folder.rglob("*") if p.is_file()}
    assert log.redact(DAY, dry_run=True).calls == 1
    assert {p: p.read_bytes() for p in log.folder.rglob("*") if p.is_file()} == before


def test_the_key_is_made_once_for_its_owner_only(log):
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    log.redact(DAY)
    path = log.folder / KEY_NAME
    key = path.read_bytes()
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    log.redact(DAY)
    assert path.read_bytes() == key
    path.write_bytes(key[:-1])
    with pytest.raises(StoreError, match="is not a key"):
        log.ingest()


def test_a_card_by_prefix_is_a_refusal(log):
    rates = log.folder / "rates" / "steps" / "rates.csv"
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    rates.write_text(RATES + "outbound,5511,0.5,2026-01-01,0\n")
    with pytest.raises(ConfigError, match="prices by prefix"):
        log.redact(DAY)
    assert not (log.folder / KEY_NAME).exists()


def test_a_card_that_cannot_be_read_is_a_refusal_that_says_why(log):
    rates = log.folder / "rates" / "steps" / "rates.csv"
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    rates.write_text(RATES + "outbound,*,0.5x,2026-01-01,0\n")
    with pytest.raises(ConfigError, match=r"may price by prefix: .*'0\.5x'") as caught:
        log.redact(DAY)
    assert "digits with a point" in caught.value.hint
    assert not (log.folder / KEY_NAME).exists()


@pytest.mark.parametrize(
    ("rate", "why"), [("5511,0.5", r"prices by prefix \(5511\)"), ("*,0.5x", r"'0\.5x'")]
)
def test_nobody_waits_for_a_rate_card_to_be_forgotten(log, rate, why):
    rates = log.folder / "rates" / "steps" / "rates.csv"
    put(log, lines(*bodies_of([(NOON, 60, PEOPLE[0], OUTBOUND, "raw.a")])))
    log.ingest()
    rates.write_text(RATES + f"outbound,{rate},2026-01-01,0\n")
    done = log.forget("5511987654321")
    assert done.calls == 1
    (told,) = [one for one in done.left if "may come out differently" in one]
    assert re.search(why, told)
    with log.reading() as con:
        ((contact,),) = con.execute("SELECT contact FROM calls").fetchall()
    assert contact.startswith("BR.redacted.")
    assert log.forget("351912345678").left == ()


def test_the_workspace_redacts_by_itself_after_a_load(tmp_path):
    log = workspace(tmp_path / "w", more="[policies]\nredact_after_days = 30\n")
    now = int(datetime.now(UTC).timestamp())
    calls = [
        (now - 86_400 * 40, 60, PEOPLE[0], OUTBOUND, "raw.a"),
        (now, 60, PEOPLE[1], OUTBOUND, "raw.z"),
    ]
    put(log, lines(*bodies_of(calls)))
    log.ingest()
    assert query(log, "SELECT contact LIKE 'BR.redacted.%' FROM call_rows ORDER BY ended_at") == [
        (True,),
        (False,),
    ]
    assert raw_names(log) >= {"5511912345678"}
    assert "5511987654321" not in raw_names(log)


# -- forget -------------------------------------------------------------------------------------


def crowd():
    """Calls of several people that end in one second, so that the order of ids matters."""
    return bodies_of(
        [(NOON, 61, PEOPLE[n % 4], OUTBOUND, "raw.a") for n in range(8)]
        + [(LATER, 61, PEOPLE[n % 4], INBOUND, "raw.z") for n in range(4)]
    )


@pytest.mark.parametrize("name", ["+55 (11) 91234-5678", "005511912345678", "BR.77712345"])
@pytest.mark.parametrize("redacted_before", [False, True])
def test_a_contact_is_forgotten_under_every_name_and_the_bill_stays(log, name, redacted_before):
    put(log, lines(*crowd()))
    log.ingest()
    before, figures = rated(log), in_order(log, FIGURES)
    if redacted_before:
        log.redact(DAY)
        old_names = {row[0] for row in query(log, "SELECT contact FROM call_rows")}
    done = log.forget(name)
    assert done.calls == 3
    left = raw_names(log)
    assert not left & {"5511912345678", "BR.77712345"}
    assert left >= {"5511987654321", "447700900123"}  # of others, that are not meant
    assert rated(log) == before
    assert in_order(log, FIGURES) == figures
    assert log.ingest().new == 0
    assert rated(log) == before
    assert sorted(p.name for p in log.folder.iterdir() if p.name.startswith(".")) == [KEY_NAME]
    if redacted_before:  # nothing leads from the old names to the new one
        gone = [row[0] for row in query(log, "SELECT DISTINCT contact FROM call_rows")]
        assert len(old_names - set(gone)) == (2 if name else 0)


def test_neighbours_of_a_forgotten_call_keep_their_contact_and_are_recognised(log):
    raw = lines(*[b for b in crowd() if "5511912345678" not in json.dumps(b)])
    put(log, lines(*crowd()))
    log.ingest()
    log.forget("5511912345678")
    assert query(log, "SELECT count(*) FROM call_rows WHERE contact = '5511987654321'") == [(3,)]
    put(log, raw, "copy.jsonl")
    report = log.ingest()
    assert (report.new, report.quarantined) == (0, 0)


def test_messages_of_a_forgotten_contact_are_deleted(log):
    message = {
        "from": "5511912345678",
        "id": "wamid.1",
        "timestamp": str(NOON),
        "text": {"body": "SECRET-TEXT"},
    }
    put(
        log,
        lines(
            *crowd(),
            body(value(messages=[message], contacts=[contact("5511912345678")]), field="messages"),
        ),
    )
    log.ingest()
    with open_store(log.store_path) as con:
        con.execute(
            "INSERT INTO other_events BY NAME SELECT 'wamid.1' AS id, 5511912345678 AS contact"
        )
        con.execute("INSERT INTO aliases VALUES ('BR.77712345', '5511912345678')")
    assert log.forget("BR.77712345").others == 2
    assert query(log, "FROM aliases") == []
    assert "wamid.1" not in (log.folder / "inbox" / "a.jsonl").read_text()


# -- crashes ------------------------------------------------------------------------------------

RUN = (
    "import sys, wacost; from datetime import date; log = wacost.open(sys.argv[1])\n"
    "print('go', flush=True)\n"
    "log.forget('5511912345678') if sys.argv[2] == 'forget' else log.redact(date(2026, 10, 10))"
)


def test_a_note_that_was_killed_while_it_was_written_tells_nobody_for_long(log):
    put(log, lines(*crowd()))
    log.ingest()
    draft = log.folder / ".wacost-redacting.0a1b2c3d"
    draft.write_text('{"names": ["5511912345678"]}')
    assert log.ingest().new == 0
    assert not draft.exists()


@pytest.mark.parametrize("what", ["redact", "forget"])
def test_a_killed_redaction_is_finished_by_the_next_load(log, what):
    raw = lines(*crowd())
    for n in range(6):
        calls = [(NOON + n * 60, 61, PEOPLE[k % 4], OUTBOUND, f"raw.b{n}") for k in range(60)]
        put(log, lines(*bodies_of(calls, n * 100)), f"more-{n}.jsonl")
    put(log, raw)
    log.ingest()
    before, figures = rated(log), in_order(log, FIGURES)
    whole = shutil.copytree(log.folder, log.folder.with_name("whole"))
    rng = random.Random(7)  # noqa: S311 - where to kill, no secret
    note, took, interrupted = log.folder / ".wacost-redacting", None, 0
    for _ in range(7):
        shutil.rmtree(log.folder)
        shutil.copytree(whole, log.folder)
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(log.folder), what], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        began = time.monotonic()
        if took is None:  # the first is killed once it works, the others at any time of the whole
            while not note.exists() and process.poll() is None:
                time.sleep(0.001)
            took = 3 * (time.monotonic() - began) + 0.3
        else:
            time.sleep(rng.uniform(0, took))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        interrupted += note.exists()
        assert log.ingest().new == 0
        getattr(log, what)(*(["5511912345678"] if what == "forget" else [DAY]))
        assert log.ingest().new == 0
        assert rated(log) == before
        assert in_order(log, FIGURES) == figures
        assert not raw_names(log) & {"5511912345678", "BR.77712345"} or what == "redact"
        assert [p.name for p in log.folder.rglob(".*")] == [KEY_NAME]
        assert [p.name for p in log.folder.glob("wacost.duckdb*")] == ["wacost.duckdb"]
    assert interrupted


def test_what_is_due_is_counted_for_the_doctor(log):
    from wacost.ingest.redact import due

    put(log, lines(*crowd()))
    log.ingest()
    horizon = datetime.combine(DAY, datetime.min.time())
    with log.reading() as con:
        assert due(con, horizon) == 8
        assert due(con, horizon + timedelta(days=30)) == 12
    log.redact(DAY)
    with log.reading() as con:
        assert due(con, horizon) == 0


def test_our_own_number_is_kept(log):
    put(log, lines(*crowd()))
    log.ingest()
    log.redact(DAY)
    assert query(log, "SELECT DISTINCT business_number FROM call_rows") == [(BUSINESS,)]
