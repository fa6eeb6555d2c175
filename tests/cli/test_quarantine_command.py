"""`wacost quarantine` shows what was refused and takes decisions that change what is billed."""

import re
import shlex

import pytest
from payloads.bodies import answered_outbound, call_body, lines, terminate
from small_world import ACME


@pytest.fixture
def folder(tmp_path, wacost):
    (tmp_path / "wacost.toml").write_text(ACME.replace('"1"', '"102290129340398"'))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.jsonl").write_text(lines(*answered_outbound()) + "{broken\n")
    (tmp_path / "inbox" / "b.jsonl").write_text(lines(call_body(terminate(seconds=30))))
    assert wacost("ingest", "-w", tmp_path).code == 0
    return tmp_path


def refused(wacost, folder, *options):
    return wacost("quarantine", "list", "-w", folder, "--json", *options).json


def test_the_list_prints_ids_that_show_takes(wacost, folder):
    listed = wacost("quarantine", "list", "-w", folder).out
    for record in refused(wacost, folder):
        assert record["id"] in listed
        shown = wacost("quarantine", "show", record["id"][:6], "-w", folder)
        assert shown.code == 0
        assert record["message"] in shown.out
        assert record["text"] in shown.out
    assert [r["reason"] for r in refused(wacost, folder, "--reason", "not_json")] == ["not_json"]
    assert [r["source"] for r in refused(wacost, folder, "--source", "inbox/a.jsonl")][:1] == [
        "inbox/a.jsonl"
    ]


def priced(wacost, folder):
    found = wacost("rate", "--month", "2026-09", "-w", folder, "--format", "json", "--json").json
    return found[0]["unpriced"]


def test_a_held_call_is_priced_once_its_contradiction_is_decided(wacost, folder):
    assert priced(wacost, folder) == 1
    (record,) = refused(wacost, folder, "--reason", "contradiction")
    done = wacost("quarantine", "take", record["id"], "-w", folder)
    assert (done.code, done.out) == (0, "1 taken; 1 call comes out differently\n")
    assert wacost("doctor", "-w", folder, "--json").json["stale"] != []
    assert priced(wacost, folder) == 0
    assert wacost("doctor", "-w", folder).code == 0
    assert refused(wacost, folder, "--reason", "contradiction") == []
    assert len(refused(wacost, folder, "--all")) == 2


def test_a_policy_in_the_workspace_prices_it_too(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write('[policies]\ncontradiction = "shortest"\n')
    assert priced(wacost, folder) == 0


def test_an_unknown_policy_names_the_nearest(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write('[policies]\ncontradiction = "shorter"\n')
    done = wacost("quarantine", "list", "-w", folder)
    assert done.code == 1
    assert "did you mean shortest?" in done.err


def test_discard_and_retry_say_what_they_did(wacost, folder):
    (record,) = refused(wacost, folder, "--reason", "not_json")
    done = wacost("quarantine", "discard", record["id"], "-w", folder, "--json").json
    assert done == {"discarded": 1, "calls": 0}
    again = wacost("quarantine", "retry", record["id"], "-w", folder, "--json").json
    assert (again["records"], again["refused"], again["left"]) == (1, 1, [])
    assert len(refused(wacost, folder)) == 2
    (folder / "inbox" / "a.jsonl").unlink()
    gone = wacost("quarantine", "retry", "--all", "-w", folder)
    assert gone.code == 1
    assert "inbox/a.jsonl is gone" in gone.err


def test_an_unknown_id_and_no_choice_are_sentences(wacost, folder):
    assert "begins with 'ffff'" in wacost("quarantine", "discard", "ffff", "-w", folder).err
    assert "which records?" in wacost("quarantine", "retry", "-w", folder).err


def test_a_held_call_is_released_by_the_command_that_the_list_prints(wacost, folder):
    listed = wacost("quarantine", "list", "-w", folder).out
    assert "held: wacid.A\n  contradiction: its records contradict each other" in listed
    (held,) = wacost("quarantine", "list", "--held", "-w", folder, "--json").json
    assert (held["state"], held["seconds"]) == ("held", [30, 60])
    assert all(f"  {command}\n" in listed for command in held["commands"])
    assert priced(wacost, folder) == 1
    command = next(one for one in held["commands"] if "--answered 30" in one)
    done = wacost(*shlex.split(command)[1:], "--reason", "seen in Ana's log", "-w", folder)
    assert (done.code, done.out) == (0, "released: wacid.A\n")
    assert wacost("doctor", "-w", folder, "--json").json["stale"] != []
    told = wacost("explain", "wacid.A", "-w", folder).out
    assert re.search(r"released by a decision on \d{4}-\d\d-\d\d: seen in Ana's log; rate", told)
    assert priced(wacost, folder) == 0
    assert "30 s (as decided)" in wacost("explain", "wacid.A", "-w", folder).out
    assert wacost("doctor", "-w", folder).code == 0
    assert wacost("quarantine", "list", "--held", "-w", folder).out == "nothing held\n"
    assert refused(wacost, folder, "--reason", "contradiction") == []
    assert wacost("quarantine", "hold", "wacid.A", "-w", folder, "--json").json == {
        "taken_back": "wacid.A"
    }
    assert priced(wacost, folder) == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 2),
        (["--answered", "1", "--unanswered"], 2),
        (["--answered", "1.5"], 2),
        (["--answered", "-1"], 1),
        (["--unanswered", "--at", "noon"], 1),
        (["--same-as", "wacid.none"], 1),
    ],
)
def test_a_release_that_says_nothing_clear_is_refused_with_a_hint(wacost, folder, options, code):
    done = wacost("quarantine", "release", "wacid.A", *options, "-w", folder)
    assert (done.code, done.out) == (code, "")
    assert "hint" in done.err or code == 2
    assert wacost("quarantine", "hold", "wacid.A", "-w", folder).code == 1
