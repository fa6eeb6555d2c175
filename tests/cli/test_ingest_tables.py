"""`wacost ingest` of tables: a dry run shows and keeps a mapping, and writes no call."""

import json

import pytest
from payloads import bodies

import wacost as library
from wacost.errors import ConfigError, PayloadError
from wacost.ingest import Watcher

WHOLE = """[accounts.acme]
timezone = "America/Sao_Paulo"
card = "meta-usd"
"""

PANEL = (
    "Data;Hora;Telefone;Sentido;Situação;Atendida em;Duração\n"
    "13/10/2026;10:04:00;+55 11 98765-4321;Realizada;Atendida;13/10/2026 10:04:10;01:15\n"
    "13/10/2026;10:06:00;5,51E+12;Recebida;Perdida;;\n"
    "Total;;;;;;75\n"
)


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "w"
    folder.mkdir()
    (folder / "wacost.toml").write_text(WHOLE)
    (folder / "panel.csv").write_text(PANEL, encoding="cp1252")
    return folder


def test_a_dry_run_writes_nothing_and_what_it_keeps_loads_the_file(wacost, workspace):
    result = wacost("ingest", "panel.csv", "--dry-run", "-w", workspace)
    assert result.code == 0, result.err
    assert "3 records = 1 new + 0 duplicate + 1 quarantined + 1 ignored; 1 call" in result.out
    assert "[imports.mine]" in result.out
    assert "13:04:10       75  a call" in result.out
    assert sorted(path.name for path in workspace.iterdir()) == ["panel.csv", "wacost.toml"]
    assert (workspace / "wacost.toml").read_text() == WHOLE

    refused = wacost("ingest", "panel.csv", "-w", workspace)
    assert refused.code == 1
    assert "Telefone" in refused.err
    assert "--dry-run" in refused.err

    assert wacost("ingest", "panel.csv", "--dry-run", "--keep", "p", "-w", workspace).code == 0
    loaded = wacost("ingest", "panel.csv", "--json", "-w", workspace)
    assert json.loads(loaded.out)["new"] == 1
    again = wacost("ingest", "panel.csv", "--format", "p", "--json", "-w", workspace)
    assert json.loads(again.out)["duplicate"] == 1


def test_a_dry_run_as_json_holds_rows_before_and_after(wacost, workspace):
    result = wacost("ingest", "panel.csv", "--dry-run", "--json", "-w", workspace)
    (table,) = json.loads(result.out)["tables"]
    assert table["guessed"] is True
    assert table["rows"][0]["before"]["Telefone"] == "+55 11 98765-4321"
    assert table["rows"][0]["after"]["picked up"] == "2026-10-13T13:04:10Z"
    assert table["rows"][1]["after"] == {"quarantined": "lost_digits"}
    assert table["rows"][2]["after"] == {"ignored": "total_row"}


def test_the_last_row_of_a_dry_run_is_judged_as_a_load_judges_it(wacost, workspace):
    (workspace / "panel.csv").write_text(PANEL[: PANEL.index(";Recebida")], encoding="cp1252")
    result = wacost("ingest", "panel.csv", "--dry-run", "--json", "-w", workspace)
    table = json.loads(result.out)
    assert table["tables"][0]["rows"][-1]["after"] == {"quarantined": "cut_row"}
    assert table["tables"][0]["rows"][0]["after"]["country"] == "BR"  # by the number


def test_a_sheet_of_calls_is_read_and_not_the_sums_before_it(workspace):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    sums = [["Country", "Calls", "Minutes"], ["Brazil", 1, 1.5]]
    calls = [["Date", "Phone", "Status"], ["2026-10-05 10:00", "+5511987654321", "Missed"]]
    with xlsxwriter.Workbook(workspace / "both.xlsx") as book:
        for rows in (sums, calls):
            sheet = book.add_worksheet()
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    (shown,), _ = library.open(workspace).preview("both.xlsx")
    assert shown.mapping.kind == "calls"
    assert shown.columns == ("Date", "Phone", "Status")


def test_a_name_that_is_taken_is_not_kept_twice(workspace):
    log = library.open(workspace)
    (shown,), _ = log.preview("panel.csv", name="p")
    log.keep_import("p", shown.toml)
    with pytest.raises(ConfigError, match="stands in"):
        log.keep_import("p", shown.toml)


def test_a_guess_that_is_not_whole_is_not_kept_and_says_what_it_lacks(wacost, workspace):
    (workspace / "sums.csv").write_text("Country,Calls,Minutes\nBrazil,3,4.5\n")
    result = wacost("ingest", "sums.csv", "--dry-run", "--keep", "s", "-w", workspace)
    assert result.code == 1
    assert "the mapping is not whole and not kept: nothing tells the direction" in result.err
    assert 'add a column direction, or direction = "outbound" for all rows' in result.err
    assert (workspace / "wacost.toml").read_text() == WHOLE


def test_a_file_without_a_header_of_calls_is_refused(workspace):
    (workspace / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PayloadError, match="no row that looks like the header"):
        library.open(workspace).preview("x.csv")


def test_a_folder_is_shown_without_the_tables_that_hold_no_calls(wacost, workspace):
    folder = workspace / "in"
    folder.mkdir()
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    (workspace / "panel.csv").rename(folder / "panel.csv")
    result = wacost("ingest", "in", "--dry-run", "-w", workspace)
    assert result.code == 0, result.err
    assert "[imports.mine]" in result.out
    assert "no_mapping" in result.out


def test_a_table_that_nothing_reads_holds_up_no_other_file_under_watch(tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "notes.csv").write_text("a,b\n1,2\n")
    (inbox / "a.jsonl").write_text(bodies.lines(*bodies.answered_outbound()))
    watcher = Watcher(tmp_path / "s.duckdb", [inbox])
    assert watcher.look() == []
    assert [report.calls for report in watcher.look()] == [1]
    assert [type(error) for error in watcher.refused] == [PayloadError]
