"""Whatever a file is, everything good in it is read and everything else has a name."""

import gzip
import json
import os
import random
import string
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payloads.bodies import (
    AT,
    answered_outbound,
    body,
    call_body,
    connect,
    contact,
    lines,
    terminate,
    value,
)

from wacost.errors import PayloadError
from wacost.ingest import cut, ingest
from wacost.ingest.files import find_sources

GOOD = lines(*answered_outbound())


def counts(report):
    return (report.new, report.duplicate, report.quarantined, report.ignored)


def reasons(load):
    return [(row["line"], row["item"], row["reason"]) for row in load.quarantine()]


def test_every_packing_and_layout_gives_the_same_calls(load):
    bodies = answered_outbound()
    load(GOOD)
    expected = load.calls()
    layouts = {
        "a.jsonl.gz": gzip.compress(GOOD.encode()),
        "a.ndjson.zst": zstandard.ZstdCompressor().compress(GOOD.encode()),
        "b.json.gz": gzip.compress(json.dumps(bodies[:2]).encode())
        + gzip.compress(json.dumps(bodies[2:]).encode()),
        "pretty.json": json.dumps(bodies, indent=2),
        "row.json": "\n".join(json.dumps(one, indent=1) for one in bodies),
        "lines.json": GOOD,
        "one-line.json": json.dumps(bodies),
        "list.jsonl": json.dumps(bodies) + "\n",
        "crlf.jsonl": GOOD.replace("\n", "\r\n"),
        "bom.jsonl": "\ufeff" + GOOD,
        "bom.json": "\ufeff" + json.dumps(bodies, indent=2),
        "no-end.jsonl": GOOD.rstrip("\n"),
        "blank.jsonl": "\n \n\r\n" + GOOD.replace("\n", "\n\n\t\n") + "\n\n",
        "name[1]*'?.jsonl": GOOD,
        "misnamed.gz.jsonl": gzip.compress(GOOD.encode()),
        "strange.log": GOOD,
    }
    for name, content in layouts.items():
        report = load(content, name)
        assert (name, counts(report)) == (name, (0, 4, 0, 0))
    assert load.calls() == expected


def test_lines_are_told_as_they_are_in_the_file(load):
    bad = json.dumps(call_body(connect(timestamp="x")))
    load("\n\n" + bad + "\n \n" + GOOD + "{broken\n\n" + bad + "\n", "blank.jsonl")
    pretty = json.dumps(call_body(connect(at=1)), indent=1)
    load(f"[\n{pretty},\n\n{pretty}]", "l.json")
    assert [(row["source"], row["line"]) for row in load.quarantine()] == [
        ("blank.jsonl", 3),
        ("blank.jsonl", 9),
        ("blank.jsonl", 11),
        ("l.json", 2),
        ("l.json", 2 + pretty.count("\n") + 2),
    ]


BAD_LINES = {
    "not_json": [
        b'{"object":"whatsapp_business_account","entry":[',
        b"Ana;+5511987654321",
        b'{"a":"\\x"}',
        b'{"a":"nul \0"}',
        b"{'a':1}",
        b'{"a":1} {"b":2}',
        b"\x00\x00\x00",
    ],
    "not_utf8": [b'{"object":"caf\xe9"}', b"\xff\xfe{\x00}\x00"],
    "no_entry": [
        b"{}",
        b"[]",
        b"null",
        b"5",
        b'"text"',
        b"[1]",
        b'{"entry":5}',
        b'{"object":"whatsapp_business_account"}',
        b'{"object":"whatsapp_business_account","entry":[]}',
        b'{"call_analytics":{"data":[]},"id":"1"}',
    ],
    "messenger": [
        b'{"object":"page","entry":[{"id":"1","calls":[{"id":"c","call_direction":"x"}]}]}',
        b'{"object":"whatsapp_business_account","entry":[{"id":"1","calls":[{"id":"c"}]}]}',
    ],
    "other_object": [b'{"object":"user","entry":[{"id":"1","changes":[]}]}'],
    "no_changes": [
        b'{"object":"whatsapp_business_account","entry":[{"id":"1"}]}',
        b'{"object":"whatsapp_business_account","entry":[null]}',
        b'{"object":"whatsapp_business_account","entry":["x"]}',
        b'{"object":"whatsapp_business_account","entry":[{"changes":{"field":"calls"}}]}',
    ],
    "no_items": [
        b'{"entry":[{"changes":[{"field":"calls","value":{"calls":{"id":"x"}}}]}]}',
        b'{"entry":[{"changes":[{"field":"calls","value":null}]}]}',
        b'{"entry":[{"changes":[{"field":"calls","value":"x"}]}]}',
        b'{"entry":[{"changes":[{"field":"calls"}]}]}',
        b'{"entry":[{"changes":[null]}]}',
        b'{"entry":[{"changes":[7]}]}',
        b'{"entry":[{"changes":[{"field":"calls","value":{"calls":[],"statuses":[]}}]}]}',
    ],
    "no_id": [b'{"entry":[{"changes":[{"field":"calls","value":{"calls":[5]}}]}]}'],
    "no_timestamp": [
        b'{"id":"evt_1","type":"whatsapp.call.terminate","callingTerminate":{"wacid":"wacid.1"}}',
    ],
    "too_deep": [b"[" * 200_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000],
}


def test_each_bad_line_is_one_record_with_its_reason_and_hurts_no_other(load):
    good = GOOD.encode().splitlines()
    told, content = [], []
    for reason, bad in BAD_LINES.items():
        for line in bad:
            content += [line, good[len(told) % 4]]
            told.append(reason)
    report = load(b"\n".join(content))
    found = [row["reason"] for row in load.quarantine()]
    deep = [n for n, reason in enumerate(told) if reason == "too_deep"]
    assert found[: deep[0]] == told[: deep[0]]
    assert set(found[deep[0] :]) <= {"too_deep", "not_json", "no_entry"}
    assert (report.new, report.quarantined) == (4, len(told))
    assert load.call()["duration_s"] == 60


REFUSED_VALUES = [
    ({"duration": "abc"}, "bad_duration"),
    ({"duration": -1}, "bad_duration"),
    ({"duration": 1.5}, "bad_duration"),
    ({"duration": 61.0000000001}, "bad_duration"),
    ({"duration": "61."}, "bad_duration"),
    ({"duration": -0.0}, "bad_duration"),
    ({"duration": "1e3"}, "bad_duration"),
    ({"duration": True}, "bad_duration"),
    ({"duration": [60]}, "bad_duration"),
    ({"duration": float("nan")}, "bad_duration"),
    ({"duration": float("inf")}, "bad_duration"),
    ({"duration": "٦٠"}, "bad_duration"),
    ({"duration": " 60"}, "bad_duration"),
    ({"timestamp": AT * 1000}, "bad_timestamp"),
    ({"timestamp": "1.7e9"}, "bad_timestamp"),
    ({"timestamp": 1.79e9}, "bad_timestamp"),
    ({"timestamp": "2026-10-01T00:00:00Z"}, "bad_timestamp"),
    ({"timestamp": None}, "no_timestamp"),
    ({"timestamp": "0"}, "no_timestamp"),
    ({"timestamp": {"a": 1}}, "bad_timestamp"),
    ({"start_time": "yesterday"}, "bad_start_time"),
    ({"start_time": str(AT * 1000)}, "bad_start_time"),
    ({"start_time": -5}, "bad_start_time"),
    ({"end_time": "1e999"}, "bad_end_time"),
    ({"id": ""}, "no_id"),
    ({"id": None}, "no_id"),
    ({"id": {"a": 1}}, "bad_id"),
    ({"id": "x" * 600}, "bad_id"),
    ({"event": None}, "no_event"),
    ({"event": ""}, "no_event"),
    ({"event": ["terminate"]}, "bad_event"),
    ({"status": {"a": "SECRET-TEXT"}}, "bad_status"),
]


def test_a_value_that_is_not_what_it_must_be_refuses_its_item_only(load):
    bodies = [
        call_body(connect(f"first{n}"), {**terminate("bad"), **change}, terminate(f"last{n}"))
        for n, (change, _) in enumerate(REFUSED_VALUES)
    ]
    report = load(lines(*bodies))
    assert counts(report) == (2 * len(REFUSED_VALUES), 0, len(REFUSED_VALUES), 0)
    assert reasons(load) == [
        (n, 2, reason) for n, (_, reason) in enumerate(REFUSED_VALUES, start=1)
    ]
    assert not [row for row in load.calls() if row["call_id"] == "bad"]


def test_odd_values_where_nothing_depends_on_them_refuse_nothing(load):
    item = terminate(
        direction="SIDEWAYS",
        session="x",
        errors="none",
        from_user_id=["a"],
        to={"number": 1},
        biz_opaque_callback_data={"a": 1},
    )
    told = body(value(calls=[item], contacts={"a": 1}, errors=7) | {"metadata": ["x"]})
    assert counts(load(lines(told))) == (1, 0, 0, 0)
    assert load.call()["disposition"] == "answered"


def test_a_lone_surrogate_costs_nothing_but_itself(load):
    text = lines(call_body(terminate(), contacts=[{"wa_id": "x", "profile": {"name": "N"}}]))
    assert counts(load(text.replace('"N"', '"\\ud800"'))) == (1, 0, 0, 0)


def test_of_two_equal_keys_the_first_is_read_wherever_it_is_read(load):
    text = lines(call_body(terminate())).replace('"duration": 60', '"duration": 60, "duration": 7')
    load(text, "a.jsonl")
    assert counts(load("[" + text + "]", "b.json")) == (0, 1, 0, 0)
    assert load.call()["duration_s"] == 60


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_a_packed_file_that_breaks_off_keeps_what_came_before(load, pack):
    calls = [call_body(connect(f"wacid.{n}.{random.Random(n).random()}")) for n in range(4000)]  # noqa: S311
    packed = pack(lines(*calls).encode())
    report = load(packed[: len(packed) * 2 // 3], "a.jsonl.xx")
    assert report.quarantined == 1
    assert 0 < report.new < 4000
    assert reasons(load) == [(report.new + 1, 0, "truncated")]
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    report = load(bytes(damaged), "b.jsonl")
    assert report.reasons.keys() & {"corrupt", "not_json", "not_utf8"}
    assert counts(load(packed, "c.jsonl"))[2] == 0
    assert len(load.calls()) >= 4000


def test_a_document_that_breaks_off_keeps_what_came_before(load):
    text = json.dumps(answered_outbound(), indent=2)
    report = load(text[: len(text) * 3 // 4], "a.json")
    assert (report.new, report.quarantined) == (3, 1)
    report = load(gzip.compress(text.encode())[:-300], "b.json.gz")
    assert report.reasons["truncated"] == 1


def test_a_line_of_50_megabytes_is_refused_and_the_others_are_read(load):
    good = GOOD.encode().splitlines(keepends=True)
    long = b'{"object":"whatsapp_business_account","x":"' + b"a" * (50 << 20) + b'"}\n'
    report = load(good[0] + long + b"".join(good[1:]))
    assert counts(report) == (4, 0, 1, 0)
    assert reasons(load) == [(2, 0, "too_long")]
    assert len(load.quarantine()[0]["text"]) < 2000
    assert counts(load(b"\n" + long + good[0])) == (0, 1, 1, 0)
    assert counts(load(long.rstrip())) == (0, 0, 1, 0)
    packed = zstandard.ZstdCompressor().compress(good[0] + long + good[1])
    assert counts(load(packed, "long.jsonl.zst")) == (0, 2, 1, 0)


def test_a_body_of_50_megabytes_in_a_document_is_refused_and_the_others_are_read(load):
    first, *others = answered_outbound()
    long = {"object": "whatsapp_business_account", "x": "a" * (50 << 20)}
    content = json.dumps([first, long, *others], indent=1)
    assert counts(load(content, "list.json")) == (4, 0, 1, 0)
    assert [row["reason"] for row in load.quarantine()] == ["too_long"]
    packed = gzip.compress(content.encode(), 1)
    assert counts(load(packed, "list.json.gz")) == (0, 4, 1, 0)
    lone = json.dumps(long) + "\n" + GOOD
    assert counts(load(lone, "first-line.json")) == (0, 4, 1, 0)


def test_a_document_beyond_the_bound_is_refused_for_what_it_is(load, monkeypatch):
    monkeypatch.setattr(cut, "MOST_DOCUMENT", 1000)
    assert counts(load(json.dumps(answered_outbound(), indent=1), "a.json")) == (0, 0, 1, 0)
    (refused,) = load.quarantine()
    assert (refused["reason"], "document" in refused["message"]) == ("too_large", True)


def test_an_empty_file_has_no_records(load):
    for name in ("a.jsonl", "a.json", "a.jsonl.gz", "a.zst"):
        assert load("", name).records == 0
    assert load("\n \r\n\n", "blank.jsonl").records == 0
    assert load(gzip.compress(b""), "b.jsonl.gz").records == 0
    assert load("[]", "list.json").records == 0


def test_folders_are_walked_for_the_known_endings(load, tmp_path):
    inbox = tmp_path / "inbox"
    for name in ("a.jsonl", "deep/er/b.json", "deep/x.json/c.ndjson"):
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(GOOD)
    for name in (".hidden.jsonl", ".git/d.jsonl", "truth.txt", "rates.xls"):
        (inbox / name).parent.mkdir(exist_ok=True)
        (inbox / name).write_text("{broken\n")
    report = ingest(load.path, [inbox, inbox / "a.jsonl", inbox / "deep" / "x.json"])
    assert counts(report) == (4, 8, 0, 0)
    assert [row["source"] for row in load.query("SELECT source FROM sources ORDER BY 1")] == [
        "inbox/a.jsonl",
        "inbox/deep/er/b.json",
        "inbox/deep/x.json/c.ndjson",
    ]


def test_what_cannot_be_read_at_all_is_one_sentence_with_a_hint(load, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n")
    (tmp_path / "nowhere.jsonl").symlink_to(tmp_path / "gone")
    for name in ("empty", "missing.jsonl", "table.csv", "nowhere.jsonl"):
        with pytest.raises(PayloadError) as caught:
            ingest(load.path, [tmp_path / name])
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.hint
    assert load.query("FROM sources") == []


def test_standard_input_is_read_like_a_file(load, monkeypatch, tmp_path):
    for content in (
        GOOD.encode(),
        gzip.compress(GOOD.encode()),
        json.dumps(answered_outbound(), indent=1).encode(),
    ):
        path = load.file(content)
        with path.open("rb") as file:
            monkeypatch.setattr("sys.stdin", type("In", (), {"buffer": file}))
            report = ingest(load.path, ["-"])
        assert report.records == 4
    assert len(load.calls()) == 1
    assert load.query("SELECT source, duplicate FROM sources") == [
        {"source": "<stdin>", "duplicate": 4}
    ]


def test_other_fields_are_ignored_with_a_reason(load):
    report = load(lines(body({"anything": [1]}, field="phone_number_quality_update")))
    assert counts(report) == (0, 0, 0, 1)
    assert report.reasons == {"other_field": 1}
    assert load.calls() == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "object",
                    "entry",
                    "changes",
                    "field",
                    "value",
                    "calls",
                    "statuses",
                    "contacts",
                    "id",
                ]
            )
            | st.text(string.ascii_lowercase, max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(JSON | st.builds(lambda x: body(value(calls=x)), JSON), max_size=20),
    st.lists(st.binary(max_size=30), max_size=10),
)
def test_no_input_breaks_the_counts(load, documents, noise):
    good = call_body(connect())
    raw = b"\n".join([*(json.dumps(one).encode() for one in documents), *noise])
    report = load(raw + b"\n" + json.dumps(good).encode())
    assert report.records == sum(counts(report))
    assert report.new + report.duplicate >= 1


@pytest.mark.parametrize("duration", [61.0, "61", "61.0", "61.000", 61])
def test_a_duration_that_is_whole_counts_however_it_is_written(load, duration):
    """Also in the form that is read by Python: two contacts are matched to their calls there."""
    load(lines(call_body(terminate(duration=duration))))
    assert load.call()["duration_s"] == 61
    people = [contact(), contact("447700900123")]
    again = load(lines(call_body(terminate(duration=61), contacts=people)), "b.jsonl")
    assert (again.new, again.duplicate) == (0, 1)
    again = load(lines(call_body(terminate(duration=duration), contacts=people)), "c.jsonl")
    assert (again.new, again.duplicate) == (0, 1)


def test_a_file_whose_name_is_no_text_is_refused_by_name(tmp_path):
    odd = os.fsencode(tmp_path) + b"/\xff.json"
    Path(os.fsdecode(odd)).write_text("{}")
    with pytest.raises(PayloadError, match="is not UTF-8"):
        find_sources([tmp_path], tmp_path)
    with pytest.raises(PayloadError, match="is not UTF-8"):
        find_sources([Path(os.fsdecode(odd))], tmp_path)
