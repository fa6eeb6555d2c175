"""`wacost redact` and `wacost forget` say what they changed and what is kept."""

import pytest
from payloads.bodies import answered_outbound, lines
from small_world import ACME


@pytest.fixture
def folder(tmp_path, wacost):
    (tmp_path / "wacost.toml").write_text(ACME.replace('"1"', '"102290129340398"'))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.jsonl").write_text(lines(*answered_outbound()))
    assert wacost("ingest", "-w", tmp_path).code == 0
    return tmp_path


def test_a_dry_run_counts_and_the_real_one_names_the_files(wacost, folder):
    dry = wacost("redact", "--before", "2027-01-01", "--dry-run", "-w", folder)
    assert (dry.code, dry.out) == (0, "1 calls and 0 other records would be redacted\n")
    done = wacost("redact", "--before", "2027-01-01", "-w", folder)
    assert done.out.splitlines() == [
        "1 calls and 0 other records redacted",
        "  inbox/a.jsonl written anew",
    ]
    key = (folder / ".wacost-key").read_bytes()
    assert key.hex() not in done.out + done.err
    again = wacost("redact", "--before", "2027-01-01", "-w", folder, "--json").json
    assert again == {"calls": 0, "others": 0, "files": [], "left": []}
    assert wacost("doctor", "-w", folder).code == 0


def test_without_a_day_the_workspace_must_set_one(wacost, folder):
    done = wacost("redact", "-w", folder)
    assert done.code == 1
    assert "redact_after_days" in done.err
    assert wacost("redact", "--older-than", 1, "--before", "2026-01-01", "-w", folder).code == 2


def test_forget_says_what_is_kept_and_why(wacost, folder):
    done = wacost("forget", "+55 11 98765-4321", "-w", folder)
    assert done.code == 0
    assert "1 calls" in done.out
    assert done.err.count("kept: ") == 3
    assert wacost("forget", "+55 11 98765-4321", "-w", folder, "--json").json["calls"] == 0
    assert wacost("doctor", "-w", folder).code == 0


def test_the_doctor_counts_what_is_overdue(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write("[policies]\nredact_after_days = 1\n")
    assert "note  1 calls older than redact_after_days" in wacost("doctor", "-w", folder).out
    wacost("redact", "-w", folder)
    assert "redact_after_days" not in wacost("doctor", "-w", folder).out
