"""`wacost rate --final` and `wacost invoices`: issued once, and found again as it was."""

import json
import re
from pathlib import Path

import pytest
from small_world import ACME, put_calls

import wacost as library
from wacost.store import open_store

SETTINGS = """
invoice = { kind = "customer", series = "ACME", language = "pt_BR", payment_terms_days = 15 }
seller = { name = "Voz", country = "BR" }
tax = [{ name = "ISS", category = "S", percent = "5.00" }]
"""
EXPECTED = """
[accounts.other]
timezone = "UTC"
card = "meta-usd"
"""
FINAL = ("rate", "--month", "2025-10", "--final")
TIMES = ("started_at", "ended_at", "first_event_at")


@pytest.fixture
def folder(tmp_path):
    """A workspace whose calls are long past, whatever the clock of the machine says."""
    (tmp_path / "wacost.toml").write_text(ACME + SETTINGS)
    store = library.open(tmp_path).store_path
    put_calls(store)
    with open_store(store) as con:
        earlier = ", ".join(f"{name} = {name} - INTERVAL 1 YEAR" for name in TIMES)
        con.execute(f"UPDATE call_rows SET {earlier}")
    return tmp_path


def test_a_refused_document_exits_with_1_and_writes_nothing(wacost, folder):
    result = wacost(*FINAL, "-w", folder)
    assert (result.code, result.out) == (1, "")
    assert "the rate card meta-usd is derived" in result.err
    assert not (folder / "invoices").exists()
    assert wacost("invoices", "list", "-w", folder, "--json").json == []


def test_a_month_that_was_billed_to_the_wrong_buyer_is_cancelled_and_issued_anew(wacost, folder):
    accept = ("--accept-card", "meta-usd", "--format", "json", "-w", folder)
    cancel = ("rate", "--month", "2025-10", "--cancel", "--format", "json", "-w", folder)
    assert wacost(*cancel).code == 2
    assert wacost(*cancel, "--account", "acme").code == 1
    (first,) = wacost(*FINAL, *accept, "--json").json
    (back,) = wacost(*cancel, "--account", "acme", "--json").json
    assert back["total"] == f"-{first['total']}"
    draft = wacost("rate", "--month", "2025-10", "--format", "json", "-w", folder)
    assert "is final" not in draft.err
    with (folder / "wacost.toml").open("a") as settings:
        settings.write('buyer = { name = "The right one" }\n')
    (anew,) = wacost(*FINAL, *accept, "--json").json
    assert anew["total"] == first["total"]
    told = json.loads(Path(anew["files"][0]).read_text())
    assert (told["number"][-6:], told["buyer"]["name"]) == ("000003", "The right one")
    assert wacost("invoices", "verify", "-w", folder).code == 0
    listed = wacost("invoices", "list", "-w", folder, "--json").json
    assert [row["cancels"] for row in listed] == [False, True, False]
    lines = wacost("invoices", "list", "-w", folder).out.splitlines()
    assert [line.split()[1] for line in lines[1:]] == ["invoice", "cancellation", "invoice"]
    shown = wacost("invoices", "show", back["invoice"], "-w", folder).out
    assert f"\ncancels {first['invoice']}\n" in shown


def test_a_document_whose_files_were_never_written_says_how_to_have_them(wacost, folder):
    accept = ("--accept-card", "meta-usd", "--format", "json", "-w", folder)
    cancel = ("rate", "--month", "2025-10", "--cancel", "--account", "acme", *accept)
    assert "has no file" not in wacost(*FINAL, *accept).err
    (back,) = wacost(*cancel, "--json").json
    Path(back["files"][0]).unlink()  # as after a kill between the commit and the files
    again = wacost(*cancel)
    assert again.code == 1
    told = f"{back['invoice']} has no file in {folder / 'invoices'}: `wacost invoices write"
    assert told in again.err
    assert wacost("invoices", "write", back["invoice"], *accept[2:]).code == 0
    assert "has no file" not in wacost(*cancel).err


def test_a_logo_that_is_not_there_is_told_before_a_number_is_taken(wacost, folder):
    settings = (folder / "wacost.toml").read_text()
    (folder / "wacost.toml").write_text(settings.replace("{ kind", '{ logo = "gone.svg", kind'))
    result = wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd")
    assert (result.code, result.out) == (1, "")
    assert "gone.svg' cannot be read" in result.err
    assert "Traceback" not in result.err
    assert wacost("invoices", "list", "-w", folder, "--json").json == []


def test_every_format_of_a_final_document_is_written_and_written_again_as_it_was(wacost, folder):
    formats = ("--format", "xlsx,html,json")
    args = ("-w", folder, *formats, "--json")
    files = wacost(*FINAL, *args, "--accept-card", "meta-usd").json[0]["files"]
    assert [Path(file).suffix for file in files] == [".xlsx", ".html", ".json"]
    first = [Path(file).read_bytes() for file in files]
    told = json.loads(first[2])
    assert told["policies"]["contradiction"] == "hold"
    assert all(line["card_rows"] for line in told["lines"])
    with open_store(folder / "wacost.duckdb") as con:
        con.execute("DELETE FROM charge_rows")
    assert wacost("invoices", "write", *args).json[0]["files"] == files
    assert [Path(file).read_bytes() for file in files] == first
    assert wacost("invoices", "verify", "-w", folder).code == 0


def test_every_reason_is_a_sentence_of_its_own(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write(EXPECTED)
    with open_store(folder / "wacost.duckdb") as con:
        con.execute("UPDATE call_rows SET conflict = true, held = 'x' WHERE call_id = 'a1'")
    result = wacost(*FINAL, "-w", folder)
    told = [line for line in result.err.splitlines() if line.startswith("wacost: ")]
    assert len(told) == 3
    assert "other: an expected bill" in result.err
    assert "acme: 1 call has no price in 2025-10: held" in result.err


def test_a_final_document_is_numbered_once(wacost, folder):
    args = (*FINAL, "-w", folder, "--accept-card", "meta-usd", "--json")
    first = wacost(*args)
    (told,) = first.json
    assert (first.code, told["final"]) == (0, True)
    assert told["invoice"].startswith("ACME-")
    assert [path.rpartition("/")[2] for path in told["files"]] == [
        f"{told['invoice']}.{ending}" for ending in ("pdf", "csv", "json")
    ]
    again = wacost(*args)
    assert (again.code, again.json) == (0, first.json)
    assert "is final already" in again.err
    (listed,) = wacost("invoices", "list", "-w", folder, "--json").json
    sums = ("invoice", "subtotal", "tax", "total", "calls", "billed_seconds")
    assert [listed[name] for name in sums] == [told[name] for name in sums]


def test_what_is_not_there_is_said_in_words_that_are_true(wacost, folder):
    assert "nothing was issued yet" in wacost("invoices", "write", "-w", folder).err
    wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd")
    other = wacost("invoices", "list", "--account", "nobody", "-w", folder)
    assert (other.code, other.out) == (0, "nothing that fits was issued\n")


def test_an_electronic_invoice_is_written_or_nothing_is_issued(wacost, folder):
    args = (*FINAL, "-w", folder, "--accept-card", "meta-usd", "--format", "pdf,ubl")
    refused = wacost(*args)
    assert (refused.code, refused.out) == (1, "")
    assert "accounts.acme.seller has no tax_id" in refused.err
    assert "accounts.acme.buyer has no country" in refused.err
    assert wacost("invoices", "list", "-w", folder, "--json").json == []
    settings = folder / "wacost.toml"
    text = settings.read_text().replace('"Voz", ', '"Voz", tax_id = "1", ')
    settings.write_text(text + 'buyer = { name = "Acme", country = "PT" }\n')
    assert wacost(*args).code == 0
    assert {path.suffix for path in (folder / "invoices").iterdir()} == {".pdf", ".xml"}


def test_drafts_beside_a_final_document_are_named_as_superseded(wacost, folder):
    wacost("rate", "--month", "2025-10", "--annex", "-w", folder)
    drafts = sorted(path.name for path in (folder / "invoices").iterdir())
    told = wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd").err
    (line,) = (line for line in told.splitlines() if line.startswith("superseded by ACME-"))
    assert sorted(path.rpartition("/")[2] for path in line.partition(": ")[2].split(", ")) == drafts
    for path in (folder / "invoices").glob("acme-*"):
        path.unlink()
    assert "superseded" not in wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd").err


def test_a_document_whose_files_are_gone_is_written_again(wacost, folder):
    wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd")
    before = {path.name: path.read_bytes() for path in (folder / "invoices").iterdir()}
    for path in (folder / "invoices").iterdir():
        path.unlink()
    (number,) = (one["invoice"] for one in wacost("invoices", "list", "-w", folder, "--json").json)
    assert wacost("invoices", "write", number, "-w", folder).code == 0
    assert {path.name: path.read_bytes() for path in (folder / "invoices").iterdir()} == before
    shown = wacost("invoices", "show", number, "-w", folder, "--json").json
    assert shown == json.loads(before[f"{number}.json"])
    assert "content hash" in wacost("invoices", "show", number, "-w", folder).out


def test_verify_tells_what_was_tampered_with(wacost, folder):
    wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd")
    sound = wacost("invoices", "verify", "-w", folder)
    assert (sound.code, sound.out.count("sound")) == (0, 1)
    with open_store(folder / "wacost.duckdb") as con:
        con.execute("UPDATE invoice_call_rows SET billed_seconds = 1 WHERE call_id = 'a1'")
    result = wacost("invoices", "verify", "-w", folder, "--json")
    assert result.code == 1
    assert "the calls that are kept are not those that were billed" in result.json[0]["problems"]


def test_a_draft_of_a_final_month_is_still_a_draft(wacost, folder):
    wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd")
    result = wacost("rate", "--month", "2025-10", "-w", folder, "--json")
    draft, *_ = result.json
    assert "acme: 2025-10 is final: ACME-" in result.err
    assert (draft["invoice"], draft["final"]) == (None, False)


def test_options_of_final_documents_need_final(wacost, folder):
    result = wacost("rate", "--month", "2025-10", "-w", folder, "--accept-card", "meta-usd")
    assert result.code == 2
    assert "need --final" in result.err


def test_an_unknown_number_names_the_nearest(wacost, folder):
    wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd", "--issued-on", "2025-11-03")
    result = wacost("invoices", "show", "ACME-2025-00001", "-w", folder)
    assert result.code == 1
    assert "did you mean ACME-2025-000001?" in result.err


def put_late_call(folder):
    with open_store(folder / "wacost.duckdb") as con:
        con.execute(
            "INSERT INTO call_rows SELECT * REPLACE ('late' AS call_id, 60000 AS duration_s,"
            " started_at + INTERVAL 60000 SECOND AS ended_at) FROM call_rows WHERE call_id = 'a1'"
        )


def test_a_late_call_is_billed_by_a_correction_once(wacost, folder):
    (first,) = wacost(*FINAL, "-w", folder, "--accept-card", "meta-usd", "--json").json
    args = ("rate", "--month", "2025-10", "--correct", "-w", folder, "--json")
    nothing = wacost(*args)
    assert (nothing.code, nothing.json) == (0, [])
    assert "acme: there is nothing to correct in 2025-10" in nothing.err
    put_late_call(folder)
    (made,) = wacost(*args).json
    assert (made["total"], made["calls"]) == ("11.34", 1)  # 1000 minutes at 0.0108, and 5 %
    document = json.loads(next((folder / "invoices").glob(f"{made['invoice']}.json")).read_text())
    assert (document["type"], document["corrects"]) == ("supplement", first["invoice"])
    assert document["changes"][0]["cause"] == "late_call"
    assert wacost(*args).json == []
    assert wacost("invoices", "verify", "-w", folder).code == 0
    assert "late_call" in wacost("invoices", "show", made["invoice"], "-w", folder).out
    again = wacost(*FINAL, "-w", folder, "--json")
    assert [one["invoice"] for one in again.json] == [first["invoice"], made["invoice"]]


def test_a_month_that_was_corrected_is_told_to_be_final_once(wacost, folder):
    month = ("rate", "--month", "2025-10", "--format", "csv", "-w", folder)
    wacost(*month, "--final", "--accept-card", "meta-usd")
    put_late_call(folder)
    wacost(*month, "--correct")
    both = r"acme: 2025-10 is final{}: ACME-\d+-000001, corrected by ACME-\d+-000002;"
    for told, already in ((wacost(*month), ""), (wacost(*month, "--final"), " already")):
        assert told.err.count("is final") == 1
        assert re.search(both.format(already), told.err)


def test_a_month_that_is_not_final_cannot_be_corrected(wacost, folder):
    result = wacost("rate", "--month", "2025-10", "--correct", "-w", folder)
    assert (result.code, result.out) == (1, "")
    assert "acme: 2025-10 has no final document to correct" in result.err
    assert wacost("rate", "--month", "2025-10", "--final", "--correct", "-w", folder).code == 2
