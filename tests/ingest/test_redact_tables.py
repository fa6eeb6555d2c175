"""Tables of the inbox lose their persons with the store: they tell the same calls after it."""

import gzip
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import HealthCheck, settings
from payloads.bodies import lines
from payloads.people import DAY, FIGURES, LATER, NOON, PEOPLE, in_order, put, query, workspace
from payloads.people import a_call as webhooks_of

import wacost

LAWS = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
OWN = "16315550001"
ANA, BIA, OUR_ID = "+55 11 98765-4321", "447700900123", "IN.99988877"
NAMES = ("98765-4321", "5511987654321", BIA, OUR_ID, "Ana", "Müller", "agent7", "wacid.", "memo7")
PANEL = """
[imports.panel]
timezone = "UTC"
business_number = "16315550001"
{more}
[imports.panel.columns]
direction = "Way"
outcome = "Status"
started = "From"
duration = "Length"
{columns}
"""
BY_CONTACT = {"Phone": 'contact = "Phone"'}
BY_PARTS = {"Code": 'contact = ["Code", "Phone"]', "Phone": ""}
BY_ENDS = {"Caller": 'caller = "Caller"', "Callee": 'callee = "Callee"'}
WITH_ID = {"Id": 'call_id = "Id"', **BY_CONTACT}
WITH_COUNTRY = {"Land": 'country = "Land"', **BY_CONTACT, "Tag": 'tracking = "Tag"'}
LAYOUTS = [BY_CONTACT, BY_PARTS, BY_ENDS, WITH_ID, WITH_COUNTRY]


def clock(at):
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def a_call(number, at, phone=ANA, way="outbound", *, seconds=61, status="answered"):
    """One row, by the names of all columns there may be; some of them no mapping names."""
    code, rest = ("+55", phone.removeprefix("+55 ")) if phone.startswith("+55 ") else ("", phone)
    ends = (OWN, phone) if way == "outbound" else (phone, OWN)
    return {
        "Phone": phone,
        "Way": way,
        "Status": status,
        "From": clock(at),
        "Length": str(seconds),
        "Code": code,
        "Rest": rest,
        "Caller": ends[0],
        "Callee": ends[1],
        "Id": f"wacid.{number}",
        "Land": {"+": "BR", "4": "GB", "I": "IN"}[phone[0]],
        "Tag": f"memo7 {number}",
        "Name": "Ana Müller",
        "Agent": 'agent7 "the\nbest"',
    }


def header(layout):
    return ["Name", *layout, "Way", "Status", "From", "Length", "Agent"]


def cells(call, layout):
    told = {**call, "Phone": call["Rest"]} if layout is BY_PARTS else call
    return [told[name] for name in header(layout)]


def csv_text(rows, delimiter=";", quoted=False, end="\r\n"):
    def one(cell):
        special = quoted or any(c in cell for c in (delimiter, '"', "\n"))
        doubled = cell.replace('"', '""')
        return f'"{doubled}"' if special else cell

    return "".join(delimiter.join(map(one, row)) + end for row in rows)


def mapped(folder, layout, more=""):
    columns = "\n".join(line for line in layout.values() if line)
    return workspace(folder, more=PANEL.format(columns=columns, more=more))


def table(log, calls, layout, name="t.csv", encoding="utf-8", **how):
    text = csv_text([header(layout), *(cells(one, layout) for one in calls)], **how)
    content = text.encode(encoding)
    put(log, gzip.compress(content) if name.endswith(".gz") else content, name)


def content(log, name="t.csv"):
    told = (log.folder / "inbox" / name).read_bytes()
    return gzip.decompress(told) if name.endswith(".gz") else told


def names_in(log, text):
    tables = query(log, "SELECT table_name FROM duckdb_tables()")
    whole = text + str([query(log, f"FROM {name}") for (name,) in tables])
    return [name for name in NAMES if name in whole]


CALLS = [
    a_call(1, NOON),
    a_call(2, NOON, BIA, "inbound", seconds=30),
    a_call(3, NOON + 400, OUR_ID),
    a_call(4, NOON + 800, ANA, "inbound", seconds=0, status="missed"),
]
LATE = {**a_call(9, LATER, "+49 30 901820"), "Id": "later", "Tag": "later", "Land": "DE"}


@pytest.mark.parametrize(
    ("layout", "name", "how"),
    [
        (BY_CONTACT, "t.csv", {}),
        (BY_PARTS, "t.tsv.gz", {"delimiter": "\t", "end": "\n"}),
        (BY_ENDS, "t.csv", {"quoted": True, "encoding": "utf-8-sig", "delimiter": ","}),
        (WITH_ID, "t.csv", {"encoding": "utf-16"}),
        (WITH_COUNTRY, "t.csv", {"encoding": "cp1252", "end": "\n"}),
    ],
)
def test_a_table_tells_the_same_calls_and_nobody(tmp_path, layout, name, how):
    log = mapped(tmp_path / "w", layout)
    table(log, [*CALLS, LATE], layout, name, **how)
    first = log.ingest()
    assert (first.new, first.quarantined) == (5, 0)
    total, figures = log.rate("2026-10").total, in_order(log, FIGURES)
    before = content(log, name)
    done = log.redact(DAY)
    assert (done.tables, done.files) == ((), (f"inbox/{name}",))
    text = content(log, name).decode(how.get("encoding", "utf-8"))
    late_row = csv_text([cells(LATE, layout)], **{k: v for k, v in how.items() if k != "encoding"})
    assert text.endswith(late_row)
    assert text.count("\n") == before.decode(how.get("encoding", "utf-8")).count("\n")
    assert names_in(log, text.removesuffix(late_row).split("Agent", 1)[1]) == []
    again = log.ingest()
    assert (again.new, again.duplicate, again.quarantined) == (0, 5, 0)
    assert in_order(log, FIGURES) == figures
    assert log.rate("2026-10").total == total
    content_after = content(log, name)
    assert log.redact(DAY).files == ()
    assert content(log, name) == content_after


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("redacted_before", [False, True])
def test_a_contact_is_forgotten_in_a_table_too(tmp_path, layout, redacted_before):
    log = mapped(tmp_path / "w", layout)
    table(log, [*CALLS, LATE], layout)
    log.ingest()
    total = log.rate("2026-10").total
    if redacted_before:
        log.redact(DAY)
    done = log.forget(ANA)
    assert done.tables == ()
    text = content(log).decode()
    assert "98765-4321" not in text
    assert ("447700900123" in text) is not redacted_before
    again = log.ingest()
    assert (again.new, again.quarantined) == (0, 0)
    assert log.rate("2026-10").total == total


def test_a_doubtful_call_stays_doubtful_or_decided_when_it_is_redacted(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    put(log, lines(*webhooks_of("wacid.W", NOON, 60, PEOPLE[0])), "a.jsonl")
    table(log, [a_call(1, NOON - 60, seconds=70)], BY_CONTACT)
    log.ingest()
    (held,) = log.quarantine.held()
    assert (held.reason, held.other) == ("doubtful_match", "wacid.W")
    log.redact(DAY)
    (held,) = log.quarantine.held()
    assert (held.reason, "wacid" in str(held)) == ("doubtful_match", False)
    assert "wacid" not in str(query(log, "FROM quarantine"))
    log.quarantine.release(held.call_id, same_as=held.other)
    total = log.rate("2026-10").total
    log.ingest()
    assert log.quarantine.held() == []
    assert query(log, "SELECT count(*) FROM calls") == [(1,)]
    assert log.rate("2026-10").total == total


def test_rows_that_do_not_change_stay_byte_for_byte(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    odd = ' Zoë ; +49 30 901820 ;outbound;"answered";2026-10-15 10:00:00;"6";\xff x'.encode(
        "latin-1"
    )
    old = csv_text([cells(CALLS[0], BY_CONTACT)]).encode()
    head = b"\n" + csv_text([header(BY_CONTACT)]).encode()
    put(log, head + odd + b"\r\n" + old + b"\n" + odd.replace(b"15 10", b"16 10"), "t.csv")
    assert log.ingest().new == 3
    assert log.redact(DAY).tables == ()
    told = content(log)
    assert told.startswith(head + odd + b"\r\n;BR.redacted.")
    assert told.endswith(b"\n" + odd.replace(b"15 10", b"16 10"))


def test_refused_rows_of_an_old_table_are_refused_for_the_same_reason_and_tell_nobody(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    wrong = [
        {**CALLS[0], "From": "soon"},
        {**CALLS[0], "Phone": "Ana 98765-4321"},
        {**CALLS[0], "Phone": "5,51E+12"},
        {**CALLS[0], "Phone": "+55 11 98765-4*2*"},
        {**CALLS[0], "Length": "long", "Phone": BIA},
        {**CALLS[0], "Way": "aside"},
    ]
    table(log, [*CALLS, *wrong], BY_CONTACT)
    first = log.ingest()
    assert first.quarantined == 6
    reasons = first.reasons
    assert log.redact(DAY).tables == ()
    assert names_in(log, content(log).decode().split("Agent", 1)[1]) == []
    again = log.ingest()
    assert (again.new, again.reasons) == (0, reasons)
    assert log.redact(DAY).files == ()


def test_a_refused_row_of_somebody_who_is_forgotten_tells_nobody_in_the_store_either(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    table(log, [{**CALLS[0], "From": "soon"}, LATE], BY_CONTACT)
    log.ingest()
    assert "98765-4321" in query(log, "SELECT text FROM quarantine")[0][0]
    done = log.forget("5511987654321")
    assert (done.others, done.tables) == (1, ())
    assert query(log, "SELECT text FROM quarantine") == [("",)]
    assert b"98765-4321" not in log.store_path.read_bytes()
    assert log.ingest().quarantined == 1
    assert "98765-4321" not in str(query(log, "FROM quarantine"))


def test_a_person_seen_only_in_a_column_that_nothing_reads_leaves_one_refused_row(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    table(log, [{**CALLS[1], "From": "soon", "Name": ANA}, LATE], BY_CONTACT)
    log.ingest()
    assert log.forget(ANA).files == ("inbox/t.csv",)
    assert log.ingest().quarantined == 1
    assert query(log, "SELECT line, text FROM quarantine") == [(2, "")]


SWALLOWING = {  # a quotation mark that another row closes, or none
    "closed": ('"', 'Ana"', ";", "utf-8", "open_quote"),
    "never closed": ('"', "Ana", ",", "utf-16", "open_quote"),
    "in the last row": ("", '"Ana', ";", "utf-8", "cut_row"),
}


@pytest.mark.parametrize(
    ("how", "forgets"), [("closed", True), ("never closed", False), ("in the last row", True)]
)
def test_rows_that_a_quotation_mark_swallowed_keep_their_structure_and_tell_nobody(
    tmp_path, how, forgets
):
    first, last, delimiter, encoding, reason = SWALLOWING[how]
    log = mapped(tmp_path / "w", BY_CONTACT)
    told = [("", BIA), (f"{first}Ana Müller", ANA), ("Ana", ANA), (last, ANA)]
    rows = [
        [name, phone, "outbound", "answered", clock(NOON + n * 99), "61", ""]
        for n, (name, phone) in enumerate(told)
    ]
    text = csv_text([header(BY_CONTACT)], delimiter) + "".join(
        delimiter.join(row) + "\r\n" for row in rows
    )
    put(log, text.encode(encoding), "t.csv")
    loaded = log.ingest()
    assert loaded.reasons == {reason: 1}
    done = log.forget(ANA) if forgets else log.redact(DAY)
    assert (done.tables, done.files) == ((), ("inbox/t.csv",))
    told = content(log).decode(encoding)
    assert set(names_in(log, told.split("Agent", 1)[1])) == ({BIA} if forgets else set())
    assert told.count("\r\n") == text.count("\r\n")
    again = log.ingest()
    assert (again.records, again.new, again.reasons) == (loaded.records, 0, loaded.reasons)
    assert query(log, "SELECT count(*) FROM quarantine") == [(1,)]
    log.forget(ANA) if forgets else log.redact(DAY)
    assert content(log).decode(encoding) == told


@pytest.mark.parametrize("what", ["no mapping", "other mapping", "new rows", "damaged"])
def test_a_table_that_cannot_be_written_anew_is_named_and_stays(tmp_path, what):
    log = mapped(tmp_path / "w", BY_CONTACT)
    name = "t.csv.gz" if what == "damaged" else "t.csv"
    table(log, CALLS, BY_CONTACT, name)
    log.ingest()
    toml = log.folder / "wacost.toml"
    file = log.folder / "inbox" / name
    if what == "no mapping":
        toml.write_text(toml.read_text().replace("imports.panel", "imports.other"))
    if what == "other mapping":
        toml.write_text(
            toml.read_text().replace('timezone = "UTC"\nbus', 'timezone = "Asia/Tokyo"\nbus')
        )
    if what == "new rows":
        with file.open("a") as more:
            more.write(csv_text([cells(a_call(7, NOON + 5, "+351 912 345 678"), BY_CONTACT)]))
    if what == "damaged":
        file.write_bytes(file.read_bytes()[:-20])
    before = file.read_bytes()
    done = wacost.open(log.folder).redact(DAY)
    assert done.tables == (f"inbox/{name}",)
    assert file.read_bytes() == before


def test_a_redaction_that_was_interrupted_is_finished_with_the_tables(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    table(log, CALLS, BY_CONTACT)
    log.ingest()
    before = content(log)
    log.redact(DAY)
    note = '{"before": "2026-10-10T00:00:00", "names": [], "key": ""}'
    (log.folder / "inbox" / "t.csv").write_bytes(before)
    (log.folder / ".wacost-redacting").write_text(note)
    assert log.ingest().new == 0
    assert names_in(log, content(log).decode().split("Agent", 1)[1]) == []


# -- workbooks ----------------------------------------------------------------------------------


def workbook(log, calls, layout, sheets=("Calls",)):
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title in sheets:
        sheet = book.create_sheet(title)
        sheet.append(["Export of Monday"])
        sheet.append(header(layout))
        for call in calls:
            sheet.append(cells(call, layout))
        sheet["A1"].font = openpyxl.styles.Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    put(log, out.getvalue(), "t.xlsx")


def values(log):
    book = openpyxl.load_workbook(log.folder / "inbox" / "t.xlsx")
    return book.worksheets[0]


@pytest.mark.parametrize("layout", [BY_PARTS, BY_ENDS, WITH_ID])
def test_a_workbook_tells_the_same_calls_and_nobody(tmp_path, layout):
    log = mapped(tmp_path / "w", layout)
    workbook(log, [*CALLS, LATE], layout)
    assert log.ingest().new == 5
    total, figures = log.rate("2026-10").total, in_order(log, FIGURES)
    done = log.redact(DAY)
    assert (done.tables, done.files) == ((), ("inbox/t.xlsx",))
    sheet = values(log)
    assert sheet["A1"].font.bold
    rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[-1] == cells(LATE, layout)
    assert names_in(log, str(rows[2:-1])) == []
    assert log.ingest().new == 0
    assert in_order(log, FIGURES) == figures
    assert log.rate("2026-10").total == total
    assert log.forget("+49 30 901820").tables == ()
    assert log.ingest().new == 0


def test_a_workbook_with_a_sheet_that_nothing_reads_is_named(tmp_path):
    log = mapped(tmp_path / "w", BY_CONTACT)
    workbook(log, CALLS, BY_CONTACT, sheets=("Calls", "Notes"))
    log.ingest()
    assert log.redact(DAY).tables == ("inbox/t.xlsx",)
