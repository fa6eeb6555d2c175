"""Call logs as tables: every layout tells the same calls, and no time is taken for another."""

import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wacost.config import ImportMapping
from wacost.errors import MissingExtraError, PayloadError
from wacost.ingest import ingest
from wacost.ingest.tables.lengths import BadLengthError, seconds_of
from wacost.ingest.tables.moments import BadTimeError, moment_us
from wacost.ingest.tables.numbers import BadNumberError, number_of
from wacost.ingest.tables.read import read_table

COLUMNS = {
    "contact": ("Telefone",),
    "direction": ("Sentido",),
    "outcome": ("Status",),
    "dialled": ("Data", "Hora"),
    "started": ("Atendida em",),
    "ended": ("Fim",),
    "duration": ("Duração",),
    "country": ("País",),
    "tracking": ("Campanha",),
}
HEAD = "Data;Hora;Telefone;Sentido;Status;Atendida em;Fim;Duração;País;Campanha;Agente"
NAMES = HEAD.split(";")


def mapping(**more):
    told = {"columns": COLUMNS, "timezone": "America/Sao_Paulo", "day_first": True, **more}
    return ImportMapping("painel", **told)


def row(**cells):
    """A row of the Brazilian panel: an answered outbound call unless told otherwise."""
    told = {
        "Data": "05/10/2026",
        "Hora": "10:04:00",
        "Telefone": "+55 11 98765-4321",
        "Sentido": "Realizada",
        "Status": "Atendida",
        "Atendida em": "05/10/2026 10:04:10",
        "Duração": "01:15",
        "Agente": "SECRET-NAME",
        **cells,
    }
    return ";".join(told.get(name, "") for name in NAMES)


@pytest.fixture
def table(load):
    """Loads a table and returns the report."""

    def read(*rows, head=HEAD, name=None, by=None, raw=None, end="\n"):
        content = raw if raw is not None else ("\n".join((head, *rows)) + end).encode()
        load.number += 1
        file = load.file(content, name or f"panel-{load.number}.csv")
        by = by or mapping()
        return ingest(load.path, [file], imports={by.name: by})

    return read


def only(load):
    return load.call()


def test_an_answered_row_is_the_call_that_a_webhook_would_tell(table, load):
    report = table(row())
    assert report.as_dict() == {
        "records": 1, "new": 1, "duplicate": 0, "quarantined": 0, "ignored": 0, "calls": 1,
    }  # fmt: skip
    call = only(load)
    assert (call["disposition"], call["direction"], call["contact"]) == (
        "answered",
        "outbound",
        "5511987654321",
    )
    assert call["first_event_at"] == datetime(2026, 10, 5, 13, 4)
    assert call["started_at"] == datetime(2026, 10, 5, 13, 4, 10)
    assert call["ended_at"] == datetime(2026, 10, 5, 13, 5, 25)
    assert (call["duration_s"], call["country"], call["held"]) == (75, "BR", None)
    assert call["line"] == 2


def test_names_that_no_mapping_asked_for_are_kept_nowhere(table, load):
    table(row(), row(Telefone="Ana SECRET-NAME"), row(Sentido="SECRET-NAME"))
    assert b"SECRET-NAME" not in load.path.read_bytes()
    assert "SECRET" not in str(load.quarantine())


@pytest.mark.parametrize(
    ("cells", "disposition", "held"),
    [
        ({"Atendida em": "", "Fim": "05/10/2026 10:05:25"}, "answered", None),
        ({"Atendida em": ""}, "incomplete", "pickup_not_told"),
        ({"Atendida em": "", "Status": ""}, "incomplete", "outcome_not_told"),
        ({"Atendida em": "", "Status": "COMPLETED"}, "incomplete", "outcome_not_told"),
        ({"Atendida em": "", "Status": "", "Duração": ""}, "no_answer", None),
        ({"Atendida em": "", "Status": "Não atendida"}, "no_answer", None),
        ({"Atendida em": "", "Status": "perdida", "Sentido": "Recebida"}, "missed", None),
        ({"Atendida em": "", "Status": "Recusada"}, "rejected", None),
        ({"Atendida em": "", "Status": "Recusada", "Sentido": "Recebida"}, "declined", None),
        ({"Atendida em": "", "Status": "Falhou", "Duração": ""}, "failed", None),
        ({"Atendida em": "", "Status": "Falhou"}, "incomplete", None),
        ({"Status": "Perdida"}, "answered", "outcome_contradicts"),
        ({"Duração": ""}, "answered", "length_not_told"),
        ({"Status": ""}, "answered", None),
    ],
)
def test_a_row_counts_as_answered_only_where_it_tells_the_pick_up(
    table, load, cells, disposition, held
):
    table(row(**cells))
    call = only(load)
    assert (call["disposition"], call["held"], call["conflict"]) == (
        disposition,
        held,
        held is not None,
    )


def test_a_dialling_time_is_never_a_pick_up_time(table, load):
    by = ImportMapping(
        "dials",
        {"contact": ("To",), "dialled": ("Start",), "duration": ("Seconds",)},
        direction="outbound",
        timezone="UTC",
    )
    table("+5511987654321;2026-10-05 10:00;60", head="To;Start;Seconds", by=by)
    call = only(load)
    assert (call["answered"], call["started_at"], call["held"]) == (False, None, "outcome_not_told")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Telefone": "5,51E+12"}, "lost_digits"),
        ({"Telefone": "5.51E+12", "País": "Brasil"}, "lost_digits"),
        ({"Telefone": "+55 11 9****-4321"}, "lost_digits"),
        ({"Telefone": "Ana"}, "bad_contact"),
        ({"Telefone": "-5511987654321"}, "bad_contact"),
        ({"Sentido": "diagonal"}, "unknown_direction"),
        ({"Sentido": ""}, "no_direction"),
        ({"Data": "31/02/2026"}, "bad_time"),
        ({"Data": "", "Hora": "", "Atendida em": ""}, "no_time"),
        ({"Duração": "75,5"}, "bad_length"),
        ({"Duração": "long"}, "bad_length"),
        ({"Agente": "a;b"}, "long_row"),
    ],
)
def test_what_cannot_be_told_is_quarantined_with_its_reason(table, load, cells, reason):
    report = table(row(**cells), row(Telefone="+55 11 90000-0001"))
    assert (report.records, report.new, report.quarantined) == (2, 1, 1)
    (bad,) = load.quarantine()
    assert (bad["reason"], bad["line"]) == (reason, 2)


def test_a_masked_number_is_priced_by_its_country(table, load):
    table(row(Telefone="+55 11 9****-4321", País="Brasil"))
    call = only(load)
    assert (call["contact"], call["country"], call["country_source"]) == (None, "BR", "profile")


def test_sums_blank_rows_and_titles_are_no_calls(table, load):
    report = table(raw=f"Relatório\n\n{HEAD}\n{row()}\n\n{HEAD}\nTotal;;;;;;;123\n".encode())
    assert dict(report.reasons) == {"header_row": 1, "total_row": 1}
    assert (report.records, report.new, report.ignored) == (3, 1, 2)
    assert only(load)["line"] == 4


def test_a_file_cut_off_in_the_middle_loses_its_last_row_by_name(table):
    report = table(row(), "06/10/2026;10:0", end="")
    assert dict(report.reasons) == {"cut_row": 1}
    assert report.new == 1


OPEN = row(Agente='"SECRET-NAME')
NOTE = row(Agente='"two lines;\nof a note; with 1; 2; 3"')


@pytest.mark.parametrize(
    ("rows", "counted", "reason"),
    [
        ((row(), OPEN, row(Hora="11:00:00")), (2, 1), "open_quote"),
        ((row(), OPEN, row(Hora="11:00:00"), row(Agente='"Ana"'), NOTE), (3, 2), "open_quote"),
        ((row(), f'"{row()}', row(Hora="11:00:00").replace(";", '";', 1)), (2, 1), "open_quote"),
        ((row(), OPEN), (2, 1), "cut_row"),
        ((NOTE, row(Hora="11:00:00")), (2, 2), None),
    ],
)
def test_a_quotation_mark_that_is_not_closed_hides_no_row(table, load, rows, counted, reason):
    report = table(*rows)
    assert (report.records, report.new + report.duplicate) == counted
    assert dict(report.reasons) == ({reason: 1} if reason else {})
    assert "SECRET-NAME" not in str(load.quarantine())


def test_the_same_row_again_is_the_same_call(table):
    assert table(row(), row()).as_dict()["duplicate"] == 1
    again = table(row(), row(Hora="10:03:59"))
    assert (again.new, again.duplicate) == (1, 1)


def test_a_column_of_ids_names_the_calls(table, load):
    by = mapping(columns={**COLUMNS, "call_id": ("Agente",)})
    table(row(Agente="id-1"), row(Agente="id-2"), row(Agente="1,7E+18"), by=by)
    assert [call["call_id"] for call in load.calls()] == ["id-1", "id-2"]
    assert load.quarantine()[0]["reason"] == "lost_digits"


def test_caller_and_callee_tell_the_direction(table, load):
    by = ImportMapping(
        "log",
        {"caller": ("From",), "callee": ("To",), "started": ("Answered",), "duration": ("S",)},
        timezone="UTC",
        business_number="16315550001",
    )
    head = "From,To,Answered,S"
    ours, theirs = "+1 631 555 0001", "+5511987654321"
    table(f"{ours},{theirs},2026-10-05 10:00,1", f"{theirs},{ours},2026-10-05 11:00,1",
          f"{theirs},{theirs},2026-10-05 12:00,1", head=head, by=by)  # fmt: skip
    assert [(c["direction"], c["contact"]) for c in load.query(
        "SELECT direction, contact FROM call_rows ORDER BY started_at"
    )] == [("outbound", "5511987654321"), ("inbound", "5511987654321")]  # fmt: skip
    assert load.quarantine()[0]["reason"] == "no_direction"


def test_a_table_that_no_mapping_fits_is_refused_with_its_columns(load, tmp_path):
    file = load.file("A;B;C\n1;2;3\n", "x.csv")
    with pytest.raises(PayloadError, match="its columns: A, B, C") as caught:
        ingest(load.path, [file])
    assert "--dry-run" in caught.value.hint
    folder = tmp_path / "in"
    folder.mkdir()
    file.rename(folder / "x.csv")
    assert dict(ingest(load.path, [folder]).reasons) == {"no_mapping": 1}


def test_two_mappings_that_fit_leave_the_choice_to_the_user(load):
    file = load.file(f"{HEAD}\n{row()}\n", "x.csv")
    imports = {name: ImportMapping(name, COLUMNS, timezone="UTC", day_first=True) for name in "ab"}
    with pytest.raises(PayloadError, match="several mappings: a, b"):
        ingest(load.path, [file], imports=imports)
    assert ingest(load.path, [file], imports=imports, format="b").new == 1


@pytest.mark.parametrize(
    ("cell", "more", "seen"),
    [
        ("2026-10-05T13:04:05Z", {}, "2026-10-05T13:04:05"),
        ("2026-10-05 13:04:05.900+02:00", {}, "2026-10-05T11:04:05.900000"),
        ("05/10/2026 13:04", {"day_first": True, "timezone": "UTC"}, "2026-10-05T13:04:00"),
        ("10/05/2026 1:04 PM", {"day_first": False, "timezone": "UTC"}, "2026-10-05T13:04:00"),
        ("5.10.26 13:04", {"timezone": "UTC"}, "2026-10-05T13:04:00"),
        ("Oct 5, 2026, 12:04 AM", {"timezone": "UTC"}, "2026-10-05T00:04:00"),
        ("5 de out de 2026 às 13:04", {"timezone": "UTC"}, "2026-10-05T13:04:00"),
        ("1790000000", {"time_unit": "seconds"}, "2026-09-21T14:13:20"),
        ("1790000000123", {"time_unit": "milliseconds"}, "2026-09-21T14:13:20.123000"),
        ("46300,5446180556", {"time_unit": "excel", "timezone": "UTC"}, "2026-10-05T13:04:15"),
        ("2026-10-05 13:04 GMT-3", {}, "2026-10-05T16:04:00"),
        ("2026-10-05 13:04 UTC+5:30", {}, "2026-10-05T07:34:00"),
        ("2026-10-05 13:04-03", {}, "2026-10-05T16:04:00"),
        ("2026-10-05 13:04+9900", {}, "bad_time"),
        ("2026-10-05 13:04 BRT", {"timezone": "UTC"}, "zone_word"),
        ("10/05/2026 1:04 PM (CST)", {"timezone": "UTC", "day_first": False}, "zone_word"),
        ("05/10/2026 13:04", {"timezone": "UTC"}, "day_first_not_told"),
        ("2026-10-05 13:04", {}, "timezone_not_told"),
        ("1790000000", {"timezone": "UTC"}, "time_unit_not_told"),
        ("46300,5446", {"time_unit": "excel", "timezone": "UTC"}, "bad_time"),
        ("2026-10-25 02:30", {"timezone": "Europe/Berlin"}, "time_repeated"),
        ("2026-03-29 02:30", {"timezone": "Europe/Berlin"}, "time_skipped"),
        ("2026-10-05", {"timezone": "UTC"}, "bad_time"),
        ("1990-10-05 10:00", {"timezone": "UTC"}, "bad_time"),
    ],
)
def test_a_time_is_read_as_its_source_says_or_refused(cell, more, seen):
    by = ImportMapping("x", {}, **more)
    if seen[0] != "2":
        with pytest.raises(BadTimeError) as caught:
            moment_us(cell, by)
        assert caught.value.reason == seen
        return
    us = moment_us(cell, by)
    assert us is not None
    found = datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)
    assert found.replace(tzinfo=None).isoformat() == seen


@pytest.mark.parametrize(
    ("cell", "more", "seconds"),
    [
        ("75", {}, 75), ("75.0", {}, 75), ("75,00", {}, 75), ("01:15", {}, 75),
        ("0:01:15", {}, 75), ("1m 15s", {}, 75), ("1 min 15 s", {}, 75), ("75s", {}, 75),
        ("1h 2m 3s", {}, 3723), ("2:00:00", {}, 7200), ("90:05", {}, 5405), ("", {}, None),
        ("0", {}, 0), ("1,5", {"duration_unit": "min"}, 90), ("74001", {"duration_unit": "ms"}, 75),
        ("1.234", {"decimal": ","}, 1234), ("1.234", {}, "bad"), ("75,5", {}, "bad"),
        ("1:75", {}, "bad"), ("-5", {}, "bad"), ("1.234,5", {}, "bad"), ("1e3", {}, "bad"),
        ("0,001", {"duration_unit": "ms"}, "bad"),
    ],
)  # fmt: skip
def test_a_length_is_whole_seconds_or_refused(cell, more, seconds):
    by = ImportMapping("x", {}, **more)
    if seconds == "bad":
        with pytest.raises(BadLengthError):
            seconds_of(cell, by)
    else:
        assert seconds_of(cell, by) == seconds


@pytest.mark.parametrize(
    "cell", ["5,51E+12", "5.51e+12", "+5.51E12", "55E11", "5510000000000", "351000000000"]
)
def test_a_number_in_powers_of_ten_has_lost_its_digits(cell):
    with pytest.raises(BadNumberError) as caught:
        number_of(cell)
    assert caught.value.reason == "lost_digits"


CALL = st.fixed_dictionaries(
    {
        "at": st.integers(1_760_000_000, 1_800_000_000),
        "ring": st.integers(0, 60),
        "seconds": st.integers(0, 20_000),
        "answered": st.booleans(),
        "inbound": st.booleans(),
        "contact": st.integers(10_000_000_000, 599_999_999_999_999).map(str),
    }
)
ZONES = ("UTC", "America/Sao_Paulo", "Asia/Kolkata", "Europe/Berlin")
LENGTHS = (
    str,
    lambda s: f"{s},0",
    lambda s: f"{s // 60:02}:{s % 60:02}",
    lambda s: f"{s // 3600}:{s // 60 % 60:02}:{s % 60:02}",
    lambda s: f"{s // 60}m {s % 60}s",
)
DATES = ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d/%m/%Y %I:%M:%S %p")


def written(calls, layout):
    """Write calls in a layout: (delimiter, encoding, zone, date, length, XLSX or not)."""
    delimiter, encoding, zone, shape, length = layout
    quote = lambda text: f'"{text}"' if delimiter in text else text  # noqa: E731
    clock = lambda s: datetime.fromtimestamp(s, ZoneInfo(zone)).strftime(shape)  # noqa: E731
    lines = [delimiter.join(("Nº", "Dir", "Resultado", "Ligou", "Atendeu", "Duração"))]
    for call in calls:
        picked = call["at"] + call["ring"]
        cells = (
            f"+{call['contact']}",
            "Recebida" if call["inbound"] else "Realizada",
            "Atendida" if call["answered"] else "Não atendida",
            clock(call["at"]),
            clock(picked) if call["answered"] else "",
            length(call["seconds"]) if call["answered"] else "",
        )
        lines.append(delimiter.join(quote(cell) for cell in cells))
    return "\r\n".join(lines).encode(encoding)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(CALL, min_size=1, max_size=8),
    st.tuples(
        st.sampled_from(",;\t|"),
        st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")),
        st.sampled_from(ZONES),
        st.sampled_from(DATES),
        st.sampled_from(LENGTHS),
    ),
)
def test_calls_written_in_any_layout_are_read_back_as_they_were(calls, layout):
    zone = layout[2]
    by = ImportMapping(
        "x",
        {
            "contact": ("Nº",),
            "direction": ("Dir",),
            "outcome": ("Resultado",),
            "dialled": ("Ligou",),
            "started": ("Atendeu",),
            "duration": ("Duração",),
        },
        timezone=zone,
        day_first=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.csv")
        file.write_bytes(written(calls, layout))
        told = list(read_table(file, by))
    assert [one.line for one in told] == list(range(2, len(calls) + 2))
    for call, one in zip(calls, told, strict=True):
        if one.reason in {"time_repeated", "time_skipped"}:
            assert _is_doubtful(call, zone)
            continue
        assert one.reason == ""
        value = one.body["entry"][0]["changes"][0]["value"]
        (item,) = value["calls"]
        assert value["contacts"][0]["wa_id"] == call["contact"]
        assert item["direction"] == ("USER_INITIATED" if call["inbound"] else "BUSINESS_INITIATED")
        assert item["timestamp"] == str(call["at"])
        picked = str(call["at"] + call["ring"]) if call["answered"] else None
        assert item.get("start_time") == picked
        assert item.get("duration") == (str(call["seconds"]) if call["answered"] else None)


def _is_doubtful(call, zone):
    clocks = [
        datetime.fromtimestamp(at, ZoneInfo(zone)).replace(tzinfo=None)
        for at in (call["at"], call["at"] + call["ring"])
    ]
    both = [c.replace(tzinfo=ZoneInfo(zone)) for c in clocks]
    return any(one.utcoffset() != one.replace(fold=1).utcoffset() for one in both)


def workbook(rows, formats=True):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Calls")
    date = book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
    length = book.add_format({"num_format": "[h]:mm:ss"})
    for at, cells in enumerate(rows, start=2):
        for place, cell in enumerate(cells):
            if isinstance(cell, datetime):
                sheet.write_datetime(at, place, cell, date)
            elif isinstance(cell, float):
                sheet.write_number(at, place, cell, length)
            else:
                sheet.write(at, place, cell)
    book.close()
    return out.getvalue()


def test_a_workbook_tells_the_same_call_as_text(table, load):
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    by = ImportMapping(
        "x",
        {"contact": ("Phone",), "started": ("Answered",), "duration": ("Length",)},
        direction="outbound",
        timezone="America/Sao_Paulo",
        day_first=True,
    )
    at = datetime(2026, 10, 5, 13, 4, 7)
    rows = [["Phone", "Answered", "Length"], [5511987654321, at, 75 / 86400]]
    table(raw=workbook(rows), name="x.xlsx", by=by)
    call = only(load)
    assert call["started_at"] == datetime(2026, 10, 5, 16, 4, 7)
    assert (call["contact"], call["duration_s"], call["line"]) == ("5511987654321", 75, 4)
    again = table(
        "+55 11 98765-4321;05/10/2026 13:04:07;1m15s", head="Phone;Answered;Length", by=by
    )
    assert again.as_dict()["duplicate"] == 1


def far_out() -> bytes:
    """Make a workbook with a cell at the far corner: a reader would make room for 17 billion."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.add_worksheet().write(2**20 - 1, 2**14 - 1, "far")
    book.close()
    return out.getvalue()


@pytest.mark.parametrize("made", [lambda: b"PK\x03\x04 nothing", far_out], ids=["cut", "far_out"])
def test_a_workbook_that_cannot_be_read_is_one_quarantined_record(load, tmp_path, made):
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "x.xlsx").write_bytes(made())
    report = ingest(load.path, [folder], imports={"painel": mapping()}, format="painel")
    assert dict(report.reasons) == {"not_a_workbook": 1}


def test_a_workbook_without_its_reader_names_the_extra(load, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "python_calamine", None)
    file = load.file(b"PK\x03\x04", "x.xlsx")
    with pytest.raises(MissingExtraError) as caught:
        ingest(load.path, [file], imports={"painel": mapping()})
    assert caught.value.hint == "pip install 'wacost[frames]'"


def test_the_text_of_a_refused_row_is_json_without_words(table, load):
    table(row(Telefone="Ana", Campanha="to Bruno"))
    kept = json.loads(load.quarantine()[0]["text"])
    assert kept["contact"] == "…"
    assert "tracking" not in kept


def test_a_mapping_that_was_put_right_replaces_what_the_wrong_one_told(table, load):
    rows = (row(), row(Telefone="+55 11 90000-0001", Status="Concluída", **{"Atendida em": ""}))
    table(*rows, name="x.csv", by=mapping(timezone="UTC"))
    words = {"missed": ("Concluída",)}
    report = table(*rows, row(Sentido="x"), name="x.csv", by=mapping(words=words))
    assert len(load.calls()) == 4, "other bytes under the same name take nothing back"
    load.clear()

    table(*rows, row(Sentido="x"), name="x.csv", by=mapping(timezone="UTC"))
    right = mapping(words={**words, "outbound": ("x",)})
    report = table(*rows, row(Sentido="x"), name="x.csv", by=right)
    assert (report.new, report.duplicate) == (2, 1), report
    calls = load.calls()
    assert [call["first_event_at"].hour for call in calls] == [13, 13]
    assert {call["disposition"] for call in calls} == {"answered", "no_answer"}
    assert load.quarantine() == []
    before = load.query("FROM events ORDER BY ALL")
    assert table(*rows, row(Sentido="x"), name="x.csv", by=right).as_dict()["new"] == 0
    assert load.query("FROM events ORDER BY ALL") == before


def test_ids_of_their_own_do_not_contradict_a_mapping_that_was_put_right(table, load):
    columns = {**COLUMNS, "call_id": ("Agente",)}
    table(row(Agente="a"), name="x.csv", by=mapping(columns=columns, duration_unit="s"))
    table(row(Agente="a"), name="x.csv", by=mapping(columns={**columns, "ended": ("Atendida em",)}))
    assert load.call()["held"] is None
    assert load.quarantine() == []


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(
            st.lists(st.text(max_size=12), max_size=12).map(";".join), max_size=6
        ).map(lambda rows: "\n".join((HEAD, *rows)).encode("utf-8", "replace")),
        st.lists(
            st.lists(
                st.sampled_from(
                    ("05/10/2026", "10:04", "5,51E+12", "Total", "", '"', "1" * 400, "²", "0", "-1",
                     "31/12/9999 23:59", "01/01/0001 00:00", "1:99", "٣", "out", "\x00", "BR")
                ),
                min_size=8, max_size=12,
            ).map(";".join),
            max_size=6,
        ).map(lambda rows: "\n".join((HEAD, *rows)).encode()),
    )
)  # fmt: skip
def test_no_bytes_crash_the_reader_and_every_row_is_told_once(content):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "x.csv")
        file.write_bytes(content)
        told = list(read_table(file, mapping()))
    lines = [one.line for one in told]
    assert lines == sorted(set(lines))
    assert all((one.body is None) == bool(one.reason) for one in told)
