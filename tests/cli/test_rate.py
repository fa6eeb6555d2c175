"""`wacost rate` writes documents, says what is missing, and refuses in a sentence."""

import subprocess
import sys

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library
from wacost.store import open_store

KEYS = [
    "invoice",
    "kind",
    "account",
    "month",
    "currency",
    "calls",
    "billed_seconds",
    "subtotal",
    "tax",
    "total",
    "rounding_drift",
    "unpriced",
    "files",
    "final",
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


def test_json_has_the_promised_keys(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--json")
    assert result.code == 0
    first, second = result.json
    assert list(first) == KEYS
    assert (first["account"], second["account"]) == ("acme", "other")
    assert first["invoice"] is None
    assert first["final"] is False
    assert first["total"] == "0.02"
    assert first["files"] == [
        str(folder / "invoices" / f"acme-2026-10-expected.{kind}")
        for kind in ("pdf", "csv", "json")
    ]
    assert (folder / "invoices" / "acme-2026-10-expected.pdf").read_bytes()[:5] == b"%PDF-"


def test_formats_folder_account_and_kind_are_chosen(wacost, folder, tmp_path):
    result = wacost(
        *("rate", "--month", "2026-10", "-w", folder, "--account", "other"),
        *("--format", "csv,json", "--out", tmp_path / "out", "--kind", "expected"),
    )
    assert result.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "other-2026-10-expected.csv",
        "other-2026-10-expected.json",
    ]


def test_a_month_without_calls_says_so(wacost, folder):
    result = wacost("rate", "--month", "2025-01", "-w", folder, "--format", "json")
    assert result.code == 0
    assert "acme: no calls in 2025-01" in result.err


def test_calls_of_no_account_are_told(wacost, folder):
    (folder / "wacost.toml").write_text(ACME)
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    assert "calls that no account of wacost.toml claims: 1, not priced" in result.err


def test_calls_of_no_account_have_a_place_in_the_list_and_no_money(wacost, folder):
    (folder / "wacost.toml").write_text(ACME)
    args = ("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    acme, unclaimed = wacost(*args, "--json").json
    assert acme["account"] == "acme"
    assert list(unclaimed) == KEYS
    assert (unclaimed["account"], unclaimed["calls"], unclaimed["unpriced"]) == (None, 1, 1)
    assert (unclaimed["total"], unclaimed["currency"], unclaimed["files"]) == ("0", "", [])
    assert "(no account)" in wacost(*args).out
    only = wacost(*args, "--account", "acme", "--json")
    assert [one["account"] for one in only.json] == ["acme"]


def test_an_unknown_account_names_the_nearest(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--account", "acmee")
    assert (result.code, result.out) == (1, "")
    assert "there is no account 'acmee'" in result.err
    assert "hint: did you mean acme?" in result.err


def test_an_expected_bill_is_never_final(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--final")
    assert result.code == 1
    assert "acme: an expected bill tells what the supplier should bill" in result.err
    assert not (folder / "invoices").exists()


def test_an_unknown_format_is_wrong_usage(wacost, folder):
    assert wacost("rate", "--month", "2026-10", "-w", folder, "--format", "doc").code == 2


def test_a_folder_that_nobody_may_write_to_is_a_sentence(wacost, folder):
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--out", "/proc")
    assert result.code == 1
    assert result.err.startswith("wacost: the documents cannot be written to '/proc'")
    assert "Traceback" not in result.err


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(folder):
    """A limit on the size of files stands for a disk without room: writes fail the same way."""
    code = (
        "import resource, sys\n"
        "from wacost.cli import main\n"
        "from wacost.billing import write_invoice\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, -1))\n"
        f"args = ['rate', '--month', '2026-10', '-w', {str(folder)!r}]\n"
        "main([*args, '--format', 'json', '--out', 'first'])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, -1))\n"
        "sys.exit(main(args))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("wacost: ")
    assert not list(folder.glob("invoices/*"))


def test_a_fault_in_one_account_changes_no_document_of_another(wacost, folder):
    out = folder / "invoices"
    (out / "other-2026-10-expected.json").mkdir(parents=True)
    (out / "acme-2026-10-expected.json").write_text("before")
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--format", "csv,json")
    assert (result.code, result.out) == (1, "")
    assert "other-2026-10-expected.json is a folder; what was begun is removed" in result.err
    assert {path.name for path in out.iterdir()} == {
        "acme-2026-10-expected.json",
        "other-2026-10-expected.json",
    }
    assert (out / "acme-2026-10-expected.json").read_text() == "before"


def test_a_file_in_the_way_of_the_folder_is_a_sentence(wacost, folder, tmp_path):
    (tmp_path / "file").write_text("")
    result = wacost("rate", "--month", "2026-10", "-w", folder, "--out", tmp_path / "file" / "x")
    assert result.code == 1
    assert result.err.startswith("wacost: ")
    assert "Traceback" not in result.err


def put_incomplete(folder, seconds):
    with open_store(library.open(folder).store_path) as con:
        con.execute(
            """
            INSERT INTO call_rows BY NAME SELECT
                'x' || ? AS call_id, '1' AS waba_id, '5511987654321' AS contact, 'BR' AS country,
                'outbound' AS direction, false AS answered, 'incomplete' AS disposition,
                '2026-10-09 12:00:00'::TIMESTAMP AS first_event_at, ?::BIGINT AS duration_s,
                false AS conflict, 'COMPLETED' AS terminate_status
            """,
            [seconds or "", seconds],
        )


def test_where_only_the_supplier_knows_a_range_is_told_and_printed(wacost, folder):
    put_incomplete(folder, 600)
    result = wacost("rate", "--month", "2026-10", "-w", folder)
    lines = [line.split() for line in result.err.splitlines()]
    assert ["acme", "known", "0.02268", "0.02268", "USD"] in lines
    told = ["acme", "incomplete:", "the", "start", "was", "never", "reported"]
    assert [*told, "1", "0", "0.108", "USD"] in lines
    assert ["acme", "in", "all", "0.02268", "0.13068", "USD"] in lines
    first, second = wacost("rate", "--month", "2026-10", "-w", folder, "--json").json
    assert first["range"] | {"doubts": []} == {
        "account": "acme",
        "month": "2026-10",
        "side": "cost",
        "currency": "USD",
        "known": "0.02268",
        "least": "0.02268",
        "most": "0.13068",
        "doubts": [],
    }
    assert first["range"]["doubts"] == [
        {"cause": "incomplete", "calls": 1, "least": "0", "most": "0.108"}
    ]
    assert list(second) == KEYS  # nothing is in doubt there


def test_where_nothing_bounds_a_cost_no_bound_is_invented(wacost, folder):
    put_incomplete(folder, None)
    result = wacost("rate", "--month", "2026-10", "-w", folder)
    assert "no bound" in result.err
    found = library.open(folder).cost_ranges("2026-10", "acme")
    assert [(str(one.least), one.most) for one in found] == [("0.02268", None)]
    assert library.open(folder).cost_ranges("2026-10", "other")[0].doubts == ()
