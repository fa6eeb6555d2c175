"""Order, duplicates, cuts and restarts change no figure; every record is counted once."""

import json
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    AT,
    INBOUND,
    OUTBOUND,
    SECRETS,
    USER,
    answered_outbound,
    body,
    call_body,
    connect,
    contact,
    lines,
    status,
    terminate,
    value,
)

from wacost.errors import StoreLockedError
from wacost.ingest import ingest
from wacost.store import open_store

LAWS = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
CALLS = ["wacid.1", "wacid.2", "wacid.3"]

call_items = st.one_of(
    st.builds(
        connect,
        st.sampled_from(CALLS),
        st.integers(AT, AT + 2),
        st.sampled_from([INBOUND, OUTBOUND]),
        to_user_id=st.sampled_from([None, "BR.1"]),
    ),
    st.builds(
        terminate,
        st.sampled_from(CALLS),
        st.integers(AT + 60, AT + 61),
        st.just(OUTBOUND),
        st.sampled_from([None, 0, 30, 31]),
        status=st.sampled_from(["COMPLETED", "completed", "FAILED"]),
        duration=st.sampled_from([None, 30, "x"]),
    ),
)
status_items = st.builds(
    status,
    st.sampled_from(["RINGING", "ACCEPTED"]),
    st.sampled_from(CALLS),
    st.integers(AT, AT + 1),
)
items = st.lists(
    st.tuples(st.just("calls"), call_items) | st.tuples(st.just("statuses"), status_items),
    min_size=1,
    max_size=14,
)
GENERAL = "SELECT * EXCLUDE (source, line, item) FROM events ORDER BY ALL"


def single(item):
    kind, told = item
    return body(value(**{kind: [told]}))


def as_batches(told, sizes):
    """Bodies with several entries, changes and items each."""
    told, bodies = list(told), []
    while told:
        size, told_now = sizes[len(bodies) % len(sizes)], []
        told_now, told = told[:size], told[size:]
        half = told_now[: size // 2]
        values = [
            value(
                calls=[t for k, t in part if k == "calls"],
                statuses=[t for k, t in part if k != "calls"],
            )
            for part in (half, told_now[len(half) :])
            if part
        ]
        bodies.append(body(*values))
    return bodies


def figures(load):
    """Everything that law 1 speaks of."""
    lost = load.query(
        "SELECT reason, call_id, text FROM quarantine WHERE reason = 'contradiction' ORDER BY ALL"
    )
    return load.calls(), load.query(GENERAL), lost


@LAWS
@given(
    items, st.randoms(use_true_random=False), st.lists(st.integers(1, 6), min_size=1, max_size=3)
)
def test_order_duplicates_files_and_batches_change_no_figure(load, told, rng, sizes):
    load.clear()
    first = load(lines(*map(single, told)))
    expected = figures(load)
    assert first.records == len(told)

    load.clear()
    shuffled = told * 2
    rng.shuffle(shuffled)
    load(lines(*as_batches(shuffled, sizes)))
    assert figures(load) == expected

    load.clear()
    rng.shuffle(shuffled)
    cut = len(shuffled) // 2
    reports = [load(lines(*map(single, part))) for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert figures(load) == expected
    assert sum(r.new for r in reports) == first.new == len(expected[1])
    for report in reports:
        assert report.records == (
            report.new + report.duplicate + report.quarantined + report.ignored
        )


@LAWS
@given(items)
def test_a_second_run_adds_nothing(load, told):
    load.clear()
    content = (
        lines(*map(single, told)) + "{broken\n" + lines(body({"x": 1}, field="account_update"))
    )
    file = load.file(content)
    first = ingest(load.path, [file])
    before = [
        load.query(f"FROM {table} ORDER BY ALL") for table in ("events", "call_rows", "quarantine")
    ]
    unread, read = ingest(load.path, [file]), ingest(load.path, [load.touched(file)])
    after = [
        load.query(f"FROM {table} ORDER BY ALL") for table in ("events", "call_rows", "quarantine")
    ]
    assert after == before
    for second in (unread, read):
        assert (second.new, second.calls) == (0, 0)
        assert second.records == first.records
        assert (second.quarantined, second.ignored) == (first.quarantined, first.ignored)
        assert second.reasons == first.reasons


def test_the_same_event_told_another_way_is_a_duplicate(load):
    item = terminate(duration=60)
    load(lines(call_body(item)))
    keys_turned = dict(reversed(item.items()))
    report = load(
        json.dumps(call_body({**keys_turned, "duration": "60", "status": "completed"}), indent=3)
        + lines(body(value(calls=[connect("other"), item], display="+1 631-555-0001"))),
        "again.json",
    )
    assert (report.new, report.duplicate, report.quarantined) == (1, 1 + 1, 0)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_of_contradicting_records_the_same_one_stays_in_any_order(load, order):
    variants = [call_body(terminate(duration=n)) for n in (60, 61, 59)]
    reports = [load(lines(variants[n])) for n in order]
    assert [r.new for r in reports] == [1, 0, 0]
    assert [r.quarantined for r in reports] == [0, 1, 1]
    assert len(load.query("FROM events")) == 1
    assert len(load.quarantine()) == 2
    assert load.call()["conflict"] is True
    kept = load.call()["duration_s"]
    load.clear()
    load(lines(*variants))
    assert load.call()["duration_s"] == kept
    assert load.call()["conflict"] is True


def test_counts_hold_per_source_and_name_their_reasons(load):
    one = load.file(lines(*answered_outbound()) + "{broken\n", "one.jsonl")
    two = load.file(
        lines(*answered_outbound()[:2], call_body(terminate(duration=1)), body({}, field="x")),
        "two.jsonl",
    )
    report = ingest(load.path, [one, two])
    assert report.as_dict() == {
        "records": 9,
        "new": 4,
        "duplicate": 2,
        "quarantined": 2,
        "ignored": 1,
        "calls": 1,
    }
    assert report.reasons == {"contradiction": 1, "not_json": 1, "other_field": 1}
    assert {p.reason for p in report.problems} == {"contradiction", "not_json"}
    rows = load.query("SELECT * FROM sources ORDER BY source")
    assert [(r["source"], r["records"]) for r in rows] == [("one.jsonl", 5), ("two.jsonl", 4)]
    for row in rows:
        assert row["records"] == row["new"] + row["duplicate"] + row["quarantined"] + row["ignored"]
        assert row["first_event_at"] <= row["last_event_at"] <= row["loaded_at"]


def test_a_late_event_changes_its_call_only(load):
    load(lines(*answered_outbound("a")[:3], *answered_outbound("b")))
    report = load(lines(answered_outbound("a")[3]))
    assert (report.new, report.calls) == (1, 1)
    assert [row["disposition"] for row in load.calls()] == ["answered", "answered"]


def test_a_body_of_a_thousand_items_is_read_whole(load):
    told = [connect(f"c{n}", from_user_id=f"BR.{n}") for n in range(1000)]
    contacts = [contact("", user_id=f"BR.{n}", profile={"country_code": "PT"}) for n in range(1000)]
    plain = body(*(value(calls=[terminate(f"c{n}")]) for n in range(1000)))
    report = load(lines(call_body(*told, contacts=contacts), plain, call_body(*told)))
    assert (report.records, report.new, report.calls) == (3000, 2000, 1000)


def test_secrets_never_reach_the_store(load, tmp_path):
    told = [
        body(
            value(
                calls=[connect(), terminate(duration="x", session={"sdp": "SECRET-SDP"})],
                contacts=[contact(), contact("447700900123")],
                errors=[{"code": 1, "message": "SECRET-TEXT"}],
            )
        ),
        call_body(connect("b", timestamp="SECRET-TEXT is here", status={"a": "SECRET-TEXT"})),
        call_body(connect("c"), contacts=[contact()], messages=[{"text": {"body": "SECRET-TEXT"}}]),
        body(value(messages=[{"type": "text", "text": {"body": "SECRET-TEXT"}}]), field="messages"),
        {"object": "page", "entry": [{"messaging": [{"message": {"text": "SECRET-TEXT"}}]}]},
        {
            "name": "SECRET-NAME",
            "SECRET-TEXT": 1,
            "id": "SECRET-NAME Ana",
            "entry": ["SECRET-TEXT"],
        },
        ["SECRET-TEXT", {"SECRET-NAME": {}}],
    ]
    whole = lines(*told)
    broken = "".join(line[:-7] + "\n" for line in whole.splitlines())
    cut = "".join(line[: line.find("SECRET") + 10] + "\n" for line in whole.splitlines())
    raw = 'SECRET-TEXT\n{"name": "SECRET-NAME" "SECRET-TEXT\\" }\n'
    raw += 'SECRET-TEXT,"status":"SECRET TEXT"\n'
    load(whole + broken + cut + raw + "\n" + "{" + '"sdp":"SECRET-SDP"' * 1_500_000 + "}\n")
    load(json.dumps(told, indent=1)[:-20], "a.json")
    assert len(load.quarantine()) > 15
    for path in tmp_path.glob("s.duckdb*"):
        content = path.read_bytes()
        assert [secret for secret in SECRETS if secret.encode() in content] == []
    with open_store(load.path, read_only=True) as con:  # the file packs texts: look at them too
        tables = [
            name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        ]
        whole = str([con.execute(f"FROM {name}").fetchall() for name in tables])
    assert [secret for secret in SECRETS if secret in whole] == []
    shown = str(load.quarantine())
    assert "wacid.A" in shown
    assert USER in shown


# -- other processes ----------------------------------------------------------------------------


def start(store, *paths):
    code = (
        "import sys; from pathlib import Path; from wacost.ingest import ingest;"
        "print(ingest(Path(sys.argv[1]), [Path(p) for p in sys.argv[2:]]).as_dict())"
    )
    command = [sys.executable, "-c", code, str(store), *map(str, paths)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def many(count, prefix="c"):
    return lines(*(one for n in range(count) for one in answered_outbound(f"{prefix}{n}", AT + n)))


def test_two_loads_at_once_wait_for_each_other(load):
    files = [load.file(many(300, "a")), load.file(many(300, "b") + many(100, "a"))]
    processes = [start(load.path, file) for file in files]
    for process in processes:
        out, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
        assert "'quarantined': 0" in out
    assert len(load.calls()) == 600
    assert len(load.query("FROM events")) == 2400


def test_a_load_that_cannot_get_the_store_writes_nothing_and_says_who_has_it(load):
    load(many(1))
    file = load.file(many(3, "x"))
    code = (
        "import sys, time; from pathlib import Path; from wacost.store import open_store\n"
        "with open_store(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(load.path)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        holder.stdout.readline()
        with pytest.raises(StoreLockedError) as caught:
            ingest(load.path, [file], wait_s=0)
        assert caught.value.pid == holder.pid
    finally:
        holder.kill()
        holder.communicate()
    assert len(load.calls()) == 1
    assert [path for path in load.folder.iterdir() if ".load-" in path.name] == []


@pytest.mark.parametrize("limit", [10, 200, 900])
def test_a_full_disk_is_one_sentence_and_leaves_all_or_nothing(load, limit):
    """Writes beyond `limit` KB fail, while parsing, while cutting or in the store."""
    load(lines(*answered_outbound("before")))
    file = load.file(many(4000), "much.jsonl")
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from wacost.errors import StoreError; from wacost.ingest import ingest\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]) * 1024,) * 2)\n"
        "try: ingest(Path(sys.argv[1]), [Path(sys.argv[2])])\n"
        "except StoreError as error: print(error, error.hint)\n"
    )
    command = [sys.executable, "-c", code, str(load.path), str(file), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "is full" in done.stdout
    assert len(load.calls()) == 1
    assert ingest(load.path, [file]).new == 16000


def test_large_files_in_many_transactions_are_loaded_like_any(load, monkeypatch):
    """Plain files from 4 MB on are not copied; here each of them is a batch of its own."""
    monkeypatch.setattr("wacost.ingest.run.BATCH", 1)
    files = [load.file(many(100, f"{n}-") + f'{{"x":"{"x" * (4 << 20)}"}}\n') for n in range(3)]
    report = ingest(load.path, files)
    assert (report.records, report.new, report.calls) == (3 * 401, 3 * 400, 300)
    assert all(file.exists() for file in files)
