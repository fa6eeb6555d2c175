"""The simulation: the same bytes every time, and a truth that the files bear out."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import zstandard

from wacost.errors import InputError
from wacost.simulate import BUSINESSES, GROUPS, simulate
from wacost.zones import local_datetime

GOLDEN = "c774885a8e4b8df867d07a992ca31862636b0166f4d31c192c74fad57e96ae04"
DISPOSITIONS = {
    "answered", "rejected", "open", "incomplete", "failed", "missed", "no_answer", "unknown",
}  # fmt: skip
NO_CALLING = {"US", "CA", "EG", "VN", "NG"}  # business numbers of these countries may not call
RUN = """
import sys
from pathlib import Path
from wacost.simulate import simulate
simulate(Path(sys.argv[1]), seed=5, months=2, end="2026-03", calls=300)
"""


def digest(folder: Path) -> str:
    """Hash the names and bytes of all files of a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(f"{path.name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def lines_of(path: Path) -> list[bytes]:
    """Read a file with other tools than those that wrote it."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".zst":
        data = zstandard.ZstdDecompressor().stream_reader(data).read()
    return [data] if path.suffix == ".json" else data.removesuffix(b"\n").split(b"\n")


class Reader:
    """A little reader of the files that shares nothing with what wrote them."""

    def __init__(self, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.calls: dict[str, list[dict]] = {}
        self._seen: dict[tuple, str] = {}
        self._latest: dict[str, int] = {}
        self._late: set[str] = set()
        for path in sorted(folder.glob("webhooks-*")):
            self.month = path.name[9:16]
            for line in lines_of(path):
                self._line(line)
        self.counts["out_of_order_calls"] = len(self._late)
        self.counts["calls"] = len(self.calls)

    def _line(self, line: bytes) -> None:
        try:
            body = json.loads(line.decode())
        except (UnicodeDecodeError, json.JSONDecodeError):
            self.counts["quarantined"] += 1
            self.counts["records"] += 1
            return
        assert body["object"] == "whatsapp_business_account"
        self.counts["bodies"] += 1
        before = self.counts["records"]
        self._now: list[tuple[str, int]] = []
        for entry in body["entry"]:
            for change in entry["changes"]:
                self._change(entry, change)
        self.counts["several_entries"] += len(body["entry"]) > 1
        self.counts["batches"] += self.counts["records"] - before > 1
        self.counts["large_batches"] += self.counts["records"] - before >= 100
        for call_id, at in self._now:
            if at < self._latest.get(call_id, 0):
                self._late.add(call_id)
        for call_id, at in self._now:
            self._latest[call_id] = max(at, self._latest.get(call_id, 0))

    def _change(self, entry: dict, change: dict) -> None:
        value = change["value"]
        if change["field"] != "calls":
            items = value.get("messages", []) + value.get("statuses", [])
            self.counts["records"] += len(items) or 1
            for item in items or [value]:
                self._other(change["field"], item)
            self.counts["account_changes"] += not items
            self.counts["message_statuses"] += len(value.get("statuses", []))
            self.counts["permission_replies"] += sum(
                "call_permission_reply" in json.dumps(item) for item in items
            )
            return
        for kind in ("calls", "statuses"):
            for item in value.get(kind, []):
                self._item(entry, value, kind, item)

    def _other(self, field: str, item: dict) -> None:
        """A record beside the calls is known by its whole content."""
        content = field + json.dumps(item, sort_keys=True)
        again = self._seen.get(content) is not None
        self._seen[content] = content
        self.counts["duplicate" if again else "new"] += 1

    def _item(self, entry: dict, value: dict, kind: str, item: dict) -> None:
        self.counts["records"] += 1
        if item.get("event") == "call_recording_available":
            self.counts["recordings"] += 1
            self._other("calls", item)
            return
        self._count_manners(value, kind, item)
        key = (item["id"], item.get("event", item.get("status")), int(item["timestamp"]))
        content = json.dumps(item, sort_keys=True)
        if key in self._seen:
            assert self._seen[key] == content, "no two items contradict each other"
            self.counts["duplicate"] += 1
            return
        self._seen[key] = content
        self.counts["new"] += 1
        moment = local_datetime("UTC", key[2])
        self.counts["delivered_in_later_month"] += f"{moment:%Y-%m}" < self.month
        self._now.append((item["id"], key[2]))
        self.calls.setdefault(item["id"], []).append(
            {
                **item,
                "waba_id": entry["id"],
                "phone_number_id": value["metadata"]["phone_number_id"],
                "errors": item.get("errors") or value.get("errors"),
            }
        )

    def _count_manners(self, value: dict, kind: str, item: dict) -> None:
        count = self.counts
        count["formatted_display_numbers"] += "+" in value["metadata"]["display_phone_number"]
        count["integer_timestamps"] += isinstance(item["timestamp"], int)
        count["value_errors"] += "errors" in value
        count["call_statuses"] += kind == "statuses"
        if kind == "calls":
            count["no_direction"] += "direction" not in item
            count["title_case_status"] += item.get("status") in {"Completed", "Failed"}
            count["item_errors"] += "errors" in item
            count["sdp"] += "session" in item
            count["legacy_connection"] += "connection" in item
            count["empty_times"] += not item.get("start_time", "absent") or (
                item.get("start_time") == "0"
            )
            count["empty_numbers"] += item.get("from") == "" or item.get("to") == ""
            count["omitted_numbers"] += not {"from", "to"} <= item.keys()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    out = tmp_path_factory.mktemp("large") / "out"
    begin = time.perf_counter()
    truth = simulate(out, seed=11, calls=10_000)
    return out, truth, time.perf_counter() - begin


def test_the_same_arguments_give_the_same_bytes_in_any_process(tmp_path):
    digests = []
    for hash_seed, zone, language in (("0", "UTC", "C"), ("4711", "Asia/Tokyo", "C.UTF-8")):
        out = tmp_path / hash_seed
        env = os.environ | {"PYTHONHASHSEED": hash_seed, "TZ": zone, "LC_ALL": language}
        subprocess.run([sys.executable, "-c", RUN, str(out)], check=True, env=env)
        digests.append(digest(out))
    assert digests[0] == digests[1]


def test_the_bytes_of_a_seed_change_only_on_purpose(tmp_path):
    simulate(tmp_path / "out", seed=1, months=2, end="2026-10", calls=200)
    assert digest(tmp_path / "out") == GOLDEN


def test_another_seed_is_another_simulation(tmp_path):
    one, two = (simulate(tmp_path / str(seed), seed=seed, calls=50) for seed in (1, 2))
    assert not {call.call_id for call in one.calls} & {call.call_id for call in two.calls}


@pytest.mark.parametrize("seed", range(6))
def test_a_recount_of_the_files_gives_the_figures_of_the_truth(tmp_path, seed):
    truth = simulate(
        tmp_path / "out", seed=seed, months=1 + seed % 3, calls=(0, 7, 300, 900)[seed % 4]
    )
    assert_counts(truth, Reader(tmp_path / "out"))


def test_a_recount_of_ten_thousand_calls_gives_the_figures_of_the_truth(large):
    out, truth, _ = large
    assert_counts(truth, Reader(out))


def assert_counts(truth, reader):
    for name, count in truth.expected.items():
        assert reader.counts[name] == count, name
    shared = set(truth.injected) & set(reader.counts)
    assert {name: truth.injected[name] for name in shared} == {
        name: reader.counts[name] for name in shared
    }
    assert len(shared) > 12 or truth.expected["calls"] < 300


@pytest.mark.parametrize("seed", [3, 4])
def test_each_call_is_as_its_own_events_tell(tmp_path, seed):
    truth = simulate(tmp_path / "out", seed=seed, calls=1500)
    told = Reader(tmp_path / "out").calls
    for call in truth.calls:
        events = told[call.call_id]
        end = next((event for event in events if event.get("event") == "terminate"), {})
        started = int(end.get("start_time") or 0)
        assert (started or None) == call.started_at
        assert call.answered == bool(started)
        assert {event["waba_id"] for event in events} == {call.waba_id}
        assert {event["phone_number_id"] for event in events} == {call.phone_number_id}
        assert min(int(event["timestamp"]) for event in events) == call.first_event_at
        assert call.failed == (end.get("status", "").upper() == "FAILED")
        assert call.error_code == ((end.get("errors") or [{}])[0].get("code"))
        assert (call.outcome in {"open", "rejected"}) or end
        if call.answered:
            assert int(end["end_time"]) == call.ended_at
            assert int(end["duration"]) == call.duration_s
            assert abs(call.ended_at - call.started_at - call.duration_s) <= 1


def test_ten_thousand_calls_have_every_oddity(large, record_property):
    _, truth, seconds = large
    record_property("seconds for 10,000 calls", round(seconds, 2))
    assert len(truth.calls) == len({call.call_id for call in truth.calls}) == 10_000
    assert {call.outcome for call in truth.calls} == DISPOSITIONS
    assert [name for name, count in truth.injected.items() if not count] == []
    for name in (
        "cut_json", "html_page", "invalid_utf8", "pages", "large_batches", "several_entries",
        "redelivered_bodies", "duplicate_items", "out_of_order_calls", "late_items",
        "delivered_in_later_month", "permission_replies", "messages", "message_statuses",
        "recordings", "account_changes", "value_errors", "item_errors", "title_case_status",
        "no_direction",
        "integer_timestamps", "formatted_display_numbers", "profile_names", "sdp",
        "legacy_connection", "empty_times", "empty_numbers", "omitted_numbers", "swapped_numbers",
        "number_in_first_event_only", "duration_off_by_one", "country_from_profile",
        "country_from_user_id", "country_from_nothing", "across_month_end", "ends_at_month_end",
        "starts_at_month_end", "scenario_terse", "scenario_blank", "scenario_zero_seconds",
        "scenario_failed_after_pickup", "scenario_open", "scenario_incomplete_accepted",
    ):  # fmt: skip
        assert truth.injected.get(name), name
    assert 0.015 < truth.injected["duplicate_items"] / truth.injected["call_items"] < 0.025
    assert 0.04 < truth.injected["out_of_order_calls"] / 10_000 < 0.06


def test_the_traffic_is_that_of_a_business(large):
    _, truth, _ = large
    talked = sorted(call.duration_s for call in truth.calls if call.answered and call.duration_s)
    assert 60 <= talked[len(talked) // 2] <= 80
    assert sum(seconds >= 1200 for seconds in talked) > 50
    countries = Counter(call.country for call in truth.calls)
    assert len(countries) >= 30
    assert countries["BR"] > 50 * countries["JP"]
    zones = {each.waba_id: each.timezone for each in BUSINESSES}
    begun = [local_datetime(zones[call.waba_id], call.first_event_at) for call in truth.calls]
    weekdays = Counter(moment.weekday() for moment in begun)
    assert min(weekdays[day] for day in range(5)) > 2 * max(weekdays[5], weekdays[6])
    hours = Counter(moment.hour for moment in begun)
    assert hours[10] > 20 * hours[3]


@pytest.mark.parametrize("months", [1, 3])
def test_each_month_ends_with_calls_over_midnight_of_each_account(tmp_path, months):
    truth = simulate(tmp_path / "out", seed=8, months=months, calls=500)
    for group in GROUPS:
        calls = [call for call in truth.calls if call.waba_id in group.waba_ids and call.answered]
        spans = [
            (
                local_datetime(group.timezone, call.started_at),
                local_datetime(group.timezone, call.ended_at),
            )
            for call in calls
        ]
        over = {f"{begin:%Y-%m}" for begin, end in spans if begin.month != end.month}
        assert {f"2026-{month:02}" for month in range(11 - months, 11)} <= over
        for place in (0, 1):
            exact = {
                f"{span[place]:%m}"
                for span in spans
                if f"{span[place]:%d %H:%M:%S}" == "01 00:00:00"
            }
            assert {f"{month:02}" for month in range(12 - months, 12)} <= exact


def test_businesses_are_where_calling_is_allowed_and_in_one_account_each():
    assert not NO_CALLING & {business.country for business in BUSINESSES}
    claimed = [waba_id for group in GROUPS for waba_id in group.waba_ids]
    assert sorted(claimed) == sorted(business.waba_id for business in BUSINESSES)
    ids = [number.id for business in BUSINESSES for number in business.numbers]
    assert len(ids) == len(set(ids))


def test_truth_json_is_the_truth(tmp_path):
    truth = simulate(tmp_path / "out", seed=2, calls=120)
    told = json.loads((tmp_path / "out" / "truth.json").read_bytes())
    assert told == json.loads(json.dumps(truth.as_dict()))
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {*truth.files, "truth.json"}


def test_the_files_are_of_every_format(large):
    out, truth, _ = large
    assert {"".join(Path(name).suffixes) for name in truth.files} >= {
        ".jsonl",
        ".jsonl.gz",
        ".jsonl.zst",
    }
    pages = [name for name in truth.files if name.endswith(".json")]
    assert len(pages) == 1
    assert (out / pages[0]).read_bytes().count(b"\n") > 1000


def test_progress_is_told(tmp_path):
    told = []
    simulate(tmp_path / "out", calls=2500, progress=lambda done, of: told.append((done, of)))
    assert told == [(1000, 2500), (2000, 2500)]


def test_an_earlier_simulation_is_replaced_and_other_files_are_not_touched(tmp_path):
    out = tmp_path / "out"
    simulate(out, months=3, calls=60)
    truth = simulate(out, months=1, calls=60)
    assert {path.name for path in out.iterdir()} == {*truth.files, "truth.json"}
    (out / "notes.txt").write_text("mine")
    before = digest(out)
    with pytest.raises(InputError, match="holds other files"):
        simulate(out, months=1, calls=10)
    assert digest(out) == before


def test_real_webhook_files_are_never_replaced(tmp_path):
    for name in ("webhooks-2026-10.jsonl", "truth.json"):
        (tmp_path / name).write_text('{"object": "whatsapp_business_account"}')
        with pytest.raises(InputError, match="holds other files"):
            simulate(tmp_path, calls=10)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"end": "2026-13"}, "no month"),
        ({"end": "2026-1"}, "no month"),
        ({"months": 0}, "0 months"),
        ({"months": 121}, "121 months"),
        ({"calls": -1}, "-1 calls"),
    ],
)
def test_arguments_without_sense_are_refused_before_anything_is_written(
    tmp_path, arguments, sentence
):
    with pytest.raises(InputError, match=sentence):
        simulate(tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_a_sentence(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        simulate(tmp_path / "out", calls=10)
