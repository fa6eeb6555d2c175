"""After somebody is forgotten the quarantine has what the files still hold, each record once."""

import signal
import subprocess
import sys

import pytest
from payloads.bodies import BUSINESS, body, contact, lines, terminate, value
from payloads.people import NOON, PEOPLE, a_call, put, query, workspace

NUMBER, OTHER = PEOPLE[0][0], PEOPLE[1][0]
PLACES = "SELECT line, item, reason, state FROM quarantine ORDER BY ALL"
COUNTED = "SELECT records, new + duplicate + quarantined + ignored, quarantined FROM sources"
KILLED = """
import os, sys, wacost, wacost.ingest
module = sys.modules["wacost.ingest.redact"]
module._note_files = lambda *_: os.kill(os.getpid(), 9)  # the files are written anew by then
wacost.open(sys.argv[1]).forget(sys.argv[2])
"""


@pytest.fixture
def log(tmp_path):
    return workspace(tmp_path / "w")


def said(*messages):
    """One body with messages, each (who, id, type)."""
    items = [
        {"from": who, "id": name, "timestamp": str(NOON), "type": kind}
        for who, name, kind in messages
    ]
    return body(value(messages=items), field="messages")


def test_refused_messages_of_somebody_who_is_forgotten_are_in_no_count_any_more(log):
    """Those of others in the same body have moved up, and what was discarded stays so."""
    alone = said((NUMBER, "bad id", "text"))
    among = said(
        (NUMBER, "bad id", "text"), (OTHER, "wamid.O", "text"), (OTHER, "worse id", "text")
    )
    discarded = said((OTHER, "wamid.P", "text"), (NUMBER, "wamid.Q", "a b"))
    put(log, lines(alone, among, discarded, *a_call("wacid.X", NOON, 60, PEOPLE[0])))
    assert log.ingest().quarantined == 4
    log.quarantine.discard(*(one.id for one in log.quarantine.list(reason="bad_event")))
    log.forget(NUMBER)
    (left,) = log.quarantine.list()
    assert (left.line, left.item, left.reason, OTHER in left.text) == (2, 2, "bad_id", True)
    told = query(log, PLACES)
    assert told == [(2, 2, "bad_id", "open"), (3, 2, "bad_event", "discarded")]
    ((records, parts, quarantined),) = query(log, COUNTED)
    assert (records, quarantined) == (parts, 1)
    again = log.ingest()
    assert (again.records, again.new, again.quarantined) == (records, 0, 1)
    log.forget(NUMBER)
    assert query(log, PLACES) == told


def test_a_refused_record_is_there_once_after_a_forgetting_was_killed(log):
    """Its text names nobody: it goes because the line in the file does."""
    refused = terminate("wacid.U", NOON, duration="x y") | {"from": "", "to": BUSINESS}
    by_contact = body(value(calls=[refused], contacts=[contact(wa_id=NUMBER)]))
    put(log, lines(by_contact, said((NUMBER, "bad id", "text")), *a_call("X", NOON, 9, PEOPLE[0])))
    assert log.ingest().quarantined == 2
    run = [sys.executable, "-c", KILLED, str(log.folder), NUMBER]
    assert subprocess.run(run, check=False, timeout=60).returncode == -signal.SIGKILL
    assert NUMBER not in (log.folder / "inbox" / "a.jsonl").read_text()
    assert (log.folder / ".wacost-redacting").exists()
    again = log.ingest()
    assert (again.new, again.quarantined) == (0, 1)
    assert query(log, PLACES) == [(1, 1, "bad_duration", "open")]
    assert "wacid.U" not in str(query(log, "FROM quarantine"))


@pytest.mark.parametrize("is_discarded", [False, True])
def test_the_id_of_a_refused_record_goes_with_it(log, is_discarded):
    """A number stands in it; what a person has discarded is not read again and gets no new one."""
    refused = terminate("wacid.U", NOON, duration="x y") | {"from": NUMBER, "to": BUSINESS}
    put(log, lines(body(value(calls=[refused])), *a_call("X", NOON, 9, PEOPLE[0])))
    log.ingest()
    if is_discarded:
        log.quarantine.discard(*(one.id for one in log.quarantine.list()))
    log.forget(NUMBER)
    state = "discarded" if is_discarded else "open"
    assert query(log, PLACES) == [(1, 1, "bad_duration", state)]
    assert "wacid.U" not in str(query(log, "FROM quarantine"))
