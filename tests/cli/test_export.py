"""`wacost export` writes to stdout or to files, and says what goes where."""

import subprocess
import sys

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


def test_csv_goes_to_stdout(wacost, folder):
    library.open(folder).invoices("2026-10")
    result = wacost("export", "charges", "--month", "2026-10", "-w", folder)
    assert result.code == 0
    assert result.out.startswith("call_id,account,side,")
    assert len(result.out.splitlines()) == 6


def test_files_go_where_out_says(wacost, folder, tmp_path):
    args = ("export", "calls", "-w", folder, "--account", "acme", "--month", "2026-10")
    result = wacost(*args, "--out", tmp_path / "o", "--format", "parquet,csv", "--json")
    assert [(one["format"], one["rows"]) for one in result.json] == [("parquet", 4), ("csv", 4)]
    assert result.json[1]["file"].endswith("o/calls-acme-2026-10.csv")
    assert wacost(*args, "--out", tmp_path / "mine.PARQUET").out.endswith("mine.PARQUET\n")
    assert (tmp_path / "mine.PARQUET").read_bytes()[:4] == b"PAR1"


@pytest.mark.parametrize(
    "args",
    [
        ("cards",),
        ("calls", "--side", "cost"),
        ("calls", "--format", "csv,xlsx"),
        ("calls", "--format", "ods"),
        ("calls", "--json"),
        ("calls", "--out", "x.csv", "--format", "parquet"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(wacost, folder, args):
    assert wacost("export", *args, "-w", folder).code == 2


def test_a_month_without_charges_says_so(wacost, folder):
    result = wacost("export", "charges", "--month", "2025-01", "-w", folder)
    assert result.code == 0
    assert "there are no charges of 2025-01; charges are made by wacost rate" in result.err


def test_a_workbook_goes_through_a_pipe(folder):
    args = ("export", "calls", "--format", "xlsx", "-w", str(folder))
    made = subprocess.run([sys.executable, "-m", "wacost", *args], capture_output=True, check=True)
    assert made.stdout[:2] == b"PK"
