"""`--annex`: all calls of a document beside it, drafts and final ones."""

import csv

import pytest
from cli.test_final import FINAL, folder  # noqa: F401 - a fixture

from wacost.config import read_config


def lists(where, name="invoices"):
    return sorted(path.name for path in (where / name).iterdir() if "-calls." in path.name)


def numbers(path):
    with path.open(encoding="utf-8", newline="") as file:
        return {row["number"] for row in csv.DictReader(file) if row["record"] == "call"}


def test_the_list_of_calls_is_written_in_the_formats_of_the_document(wacost, folder):  # noqa: F811
    draft = ("rate", "--month", "2025-10", "--annex", "-w", folder)
    assert wacost(*draft).code == 0
    assert lists(folder) == ["acme-2025-10-customer-calls.csv", "acme-2025-10-customer-calls.pdf"]
    assert wacost(*draft, "--format", "json", "--out", folder / "j").code == 0
    assert lists(folder, "j") == ["acme-2025-10-customer-calls.csv"]


def test_final_documents_have_their_list_of_calls_too(wacost, folder):  # noqa: F811
    result = wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd", "--annex", "--json")
    (told,) = result.json
    written = [path.rpartition("/")[2] for path in told["files"]]
    assert [f"{told['invoice']}-calls.{ending}" for ending in ("pdf", "csv")] == written[3:]
    before = (folder / "invoices" / written[4]).read_bytes()
    wacost("invoices", "write", told["invoice"], "--annex", "-w", folder)
    assert (folder / "invoices" / written[4]).read_bytes() == before


def test_numbers_are_told_in_full_where_an_option_or_the_account_says_so(wacost, folder):  # noqa: F811
    args = ("rate", "--month", "2025-10", "--annex", "--format", "csv", "-w", folder)
    path = folder / "invoices" / "acme-2025-10-customer-calls.csv"
    wacost(*args)
    assert all("•" in number for number in numbers(path) if len(number) > 8)
    wacost(*args, "--numbers", "full")
    full = numbers(path)
    assert any(number.isdigit() and len(number) > 8 for number in full)
    settings = folder / "wacost.toml"
    settings.write_text(settings.read_text() + 'annex = { numbers = "full" }\n')
    assert read_config(folder).account("acme").annex.numbers == "full"
    wacost(*args)
    assert numbers(path) == full
    wacost(*args, "--numbers", "masked")
    assert numbers(path) != full


@pytest.mark.parametrize("command", [("rate", "--month", "2025-10"), ("invoices", "write")])
def test_numbers_without_a_list_are_a_wrong_usage(wacost, folder, command):  # noqa: F811
    result = wacost(*command, "--numbers", "full", "-w", folder)
    assert result.code == 2
    assert "--annex" in result.err


def test_what_would_be_writes_no_list_and_says_so(wacost, folder):  # noqa: F811
    result = wacost("rate", "--month", "2025-10", "--what-if", "meta-usd", "--annex", "-w", folder)
    assert result.code == 2
    assert "--what-if writes nothing" in result.err
