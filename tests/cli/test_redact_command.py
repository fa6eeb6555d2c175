"""`wacost redact` and `wacost forget` say what they changed and what is kept."""

import gzip

import pytest
import xlsxwriter
from payloads.bodies import answered_outbound, lines
from small_world import ACME

from wacost.store import open_store


@pytest.fixture
def folder(tmp_path, wacost):
    (tmp_path / "wacost.toml").write_text(ACME.replace('"1"', '"102290129340398"'))
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.jsonl").write_text(lines(*answered_outbound()))
    assert wacost("ingest", "-w", tmp_path).code == 0
    return tmp_path


def test_a_dry_run_counts_and_the_real_one_names_the_files(wacost, folder):
    dry = wacost("redact", "--before", "2027-01-01", "--dry-run", "-w", folder)
    assert (dry.code, dry.out) == (0, "1 call and 0 other records would be redacted\n")
    done = wacost("redact", "--before", "2027-01-01", "-w", folder)
    assert done.out.splitlines() == [
        "1 call and 0 other records redacted",
        "  inbox/a.jsonl written anew",
    ]
    key = (folder / ".wacost-key").read_bytes()
    assert key.hex() not in done.out + done.err
    again = wacost("redact", "--before", "2027-01-01", "-w", folder, "--json").json
    assert again == {"calls": 0, "others": 0, "files": [], "left": [], "tables": []}
    assert wacost("doctor", "-w", folder).code == 0


def test_what_final_documents_keep_of_redacted_calls_is_said(wacost, folder):
    settings = folder / "wacost.toml"
    settings.write_text(settings.read_text() + 'invoice = { kind = "customer" }\n')
    with open_store(folder / "wacost.duckdb") as con:
        con.execute(
            "UPDATE call_rows SET started_at = started_at - INTERVAL 1 YEAR,"
            " ended_at = ended_at - INTERVAL 1 YEAR"
        )
        (month,) = con.execute("SELECT strftime(ended_at, '%Y-%m') FROM call_rows").fetchone()
    final = ("rate", "--month", month, "--final", "--accept-card", "meta-usd", "-w", folder)
    assert wacost(*final).code == 0
    done = wacost("redact", "--before", "2027-01-01", "-w", folder)
    assert "final documents keep 1 line of these calls" in done.err
    assert wacost("invoices", "verify", "-w", folder).code == 0
    listed = wacost("invoices", "write", "--annex", "--numbers", "full", "-w", folder)
    assert listed.code == 0
    (path,) = (folder / "invoices").glob("*-calls.csv")
    assert "BR.redacted." in path.read_text(encoding="utf-8")


def test_without_a_day_the_workspace_must_set_one(wacost, folder):
    done = wacost("redact", "-w", folder)
    assert done.code == 1
    assert "redact_after_days" in done.err
    assert wacost("redact", "--older-than", 1, "--before", "2026-01-01", "-w", folder).code == 2


def test_forget_says_what_is_kept_and_why(wacost, folder):
    done = wacost("forget", "+55 11 98765-4321", "-w", folder)
    assert done.code == 0
    assert "1 call and" in done.out
    assert done.err.count("kept: ") == 3
    assert wacost("forget", "+55 11 98765-4321", "-w", folder, "--json").json["calls"] == 0
    assert wacost("doctor", "-w", folder).code == 0


def test_what_is_no_contact_forgets_nobody(wacost, folder):
    text = "SELECT text FROM quarantine"
    with (folder / "inbox" / "a.jsonl").open("a") as file:
        file.write("{5511912345678\n")
    wacost("ingest", "-w", folder)
    before = (folder / "inbox" / "a.jsonl").read_bytes()
    with open_store(folder / "wacost.duckdb") as con:
        refused = con.execute(text).fetchall()
    for contact in ("", " ", "+", "{", "e", "2026", "011 98765-4321", "B.1", "a@b"):
        done = wacost("forget", "-w", folder, "--", contact)
        assert (done.code, done.out) == (2, "")
    assert (folder / "inbox" / "a.jsonl").read_bytes() == before
    with open_store(folder / "wacost.duckdb") as con:
        assert con.execute(text).fetchall() == refused != [("",)]


def test_the_doctor_counts_what_is_overdue(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write("[policies]\nredact_after_days = 1\n")
    assert "note  1 call older than redact_after_days" in wacost("doctor", "-w", folder).out
    wacost("redact", "-w", folder)
    assert "redact_after_days" not in wacost("doctor", "-w", folder).out


TABLE = """
[imports.panel]
timezone = "UTC"
[imports.panel.columns]
contact = "Phone"
direction = "Way"
outcome = "Status"
started = "From"
ended = "To"
"""
ROW = "{phone},outbound,answered,2026-10-0{day} 10:00:00,2026-10-0{day} 10:01:00\n"
HEAD = "Phone,Way,Status,From,To\n"


@pytest.fixture
def with_tables(wacost, folder):
    with (folder / "wacost.toml").open("a") as file:
        file.write(TABLE)
    inbox = folder / "inbox"
    (inbox / "old.csv").write_text(HEAD + ROW.format(phone="+55 11 91234-5678", day=1))
    (inbox / "new.csv.gz").write_bytes(
        gzip.compress((HEAD + ROW.format(phone="447700900123", day=9)).encode())
    )
    assert wacost("ingest", "-w", folder).code == 0
    return folder


def without_mapping(folder):
    toml = folder / "wacost.toml"
    toml.write_text(toml.read_text().split("[imports.panel]")[0])


def test_tables_of_redacted_calls_are_written_anew(wacost, with_tables):
    inbox = with_tables / "inbox"
    before = {p: p.read_bytes() for p in inbox.iterdir()}
    done = wacost("redact", "--before", "2026-10-05", "--dry-run", "-w", with_tables, "--json")
    assert (done.code, done.json["tables"]) == (0, [])
    done = wacost("redact", "--before", "2026-10-05", "-w", with_tables)
    assert done.code == 0
    assert "  inbox/old.csv written anew\n" in done.out
    changed = [p.name for p, content in before.items() if p.read_bytes() != content]
    assert sorted(changed) == ["a.jsonl", "old.csv"]
    assert "91234" not in (inbox / "old.csv").read_text()
    assert wacost("ingest", "-w", with_tables, "--json").json["new"] == 0
    assert wacost("doctor", "-w", with_tables).code == 0


def test_tables_that_nothing_reads_are_named_and_never_passed_over_in_silence(wacost, with_tables):
    without_mapping(with_tables)
    before = {p: p.read_bytes() for p in (with_tables / "inbox").iterdir()}
    for more in (["--dry-run"], [], ["--json"]):
        done = wacost("redact", "--before", "2026-10-05", *more, "-w", with_tables)
        assert done.code == 1
        assert "inbox/old.csv still tells of persons" in done.err
        assert "hint: delete it, or move it away" in done.err
        assert "new.csv" not in done.err
    assert done.json["tables"] == ["inbox/old.csv"]
    changed = [p.name for p, content in before.items() if p.read_bytes() != content]
    assert changed == ["a.jsonl"]
    (with_tables / "inbox" / "old.csv").unlink()
    assert wacost("redact", "--before", "2026-10-05", "-w", with_tables).code == 0


@pytest.mark.parametrize(
    ("contact", "table"),
    [("+447700900123", "inbox/new.csv.gz"), ("5511912345678", "inbox/old.csv")],
)
def test_forget_writes_the_tables_anew_that_tell_of_the_contact(
    wacost, with_tables, contact, table
):
    done = wacost("forget", contact, "-w", with_tables, "--json")
    assert (done.code, done.json["tables"]) == (0, [])
    assert table in done.json["files"]
    without_mapping(with_tables)
    assert wacost("forget", contact, "-w", with_tables).code == 0
    other = {"+447700900123": "5511912345678", "5511912345678": "+447700900123"}[contact]
    assert wacost("forget", other, "-w", with_tables).code == 1
    assert wacost("forget", "+15550001111", "-w", with_tables).code == 0


def test_a_redaction_that_is_due_and_cannot_be_is_a_warning_of_every_load(wacost, with_tables):
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    file = with_tables / "inbox" / "two.xlsx"
    with xlsxwriter.Workbook(file) as book:
        for name in ("Calls", "Notes"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEAD.strip().split(","))
            sheet.write_row(1, 0, ROW.format(phone="5511900000001", day=1).strip().split(","))
    with (with_tables / "wacost.toml").open("a") as toml:
        toml.write("[policies]\nredact_after_days = 1\n")
    for _ in range(2):
        done = wacost("ingest", "-w", with_tables)
        assert done.code == 0
        assert "warning: inbox/two.xlsx still tells of persons" in done.err
        assert "csv" not in done.err
        assert "note  1 table in inbox/" in wacost("doctor", "-w", with_tables).out


def test_a_card_by_prefix_is_a_warning_of_a_good_load_and_a_note_of_the_doctor(wacost, folder):
    card = folder / "rates" / "digits"
    card.mkdir(parents=True)
    (card / "card.toml").write_text(
        'name = "digits"\ntitle = "By digits"\ncurrency = "USD"\nstatus = "illustrative"\n'
        'source = "a test"\nretrieved = 2026-11-22\n[increments]\nfirst = 6\nnext = 6\n'
    )
    (card / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\noutbound,5511,0.5,2026-01-01\n"
    )
    toml = (folder / "wacost.toml").read_text()
    toml += '\n[accounts.other]\nwaba_ids = ["9"]\ntimezone = "UTC"\ncard = "digits"\n'
    (folder / "wacost.toml").write_text(toml + "[policies]\nredact_after_days = 1\n")
    done = wacost("ingest", "-w", folder)
    assert done.code == 0
    assert "warning: redact_after_days is not kept: account other: card digits" in done.err
    report = wacost("doctor", "-w", folder)
    assert report.code == 0
    assert "redact_after_days is not kept: account other: card digits" in report.out
    assert wacost("redact", "-w", folder).code == 1
