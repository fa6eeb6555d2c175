"""Summaries: rows of many calls are kept as they were told, counted, and never taken for a call."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wacost.config import ImportMapping, parse_config
from wacost.errors import ConfigError
from wacost.ingest import ingest
from wacost.ingest.tables.grid import grids_of
from wacost.ingest.tables.guess import toml_of
from wacost.ingest.tables.guess_summary import guess_summary
from wacost.ingest.tables.rows import RefusedRowError
from wacost.ingest.tables.summary import count_of, month_of, talk_seconds
from wacost.store import open_store

HEAD = "Country,Calls,Minutes,Way,Month"
COLUMNS = {
    "country": ("Country",),
    "calls": ("Calls",),
    "minutes": ("Minutes",),
    "direction": ("Way",),
    "month": ("Month",),
}
TOLD = "SELECT month, direction, country, calls, talk_seconds, line FROM summaries ORDER BY ALL"


def mapping(**more):
    return ImportMapping("coarse", **{"columns": COLUMNS, "kind": "summary", **more})


@pytest.fixture
def table(load):
    """Loads a summary and returns the report."""

    def read(*rows, head=HEAD, name="s.csv", **more):
        file = load.file("\n".join((head, *rows)) + "\n", name)
        by = mapping(**more)
        return ingest(load.path, [file], imports={by.name: by})

    return read


def test_a_row_is_kept_as_it_was_told_and_makes_no_call(table, load):
    report = table("Brasil,100,340.5,Outbound,2026-10", "in,10,12:30,recebida,10/2026")
    assert report.as_dict() == {
        "records": 2, "new": 2, "duplicate": 0, "quarantined": 0, "ignored": 0, "calls": 0,
    }  # fmt: skip
    assert [tuple(row.values()) for row in load.query(TOLD)] == [
        ("2026-10", "inbound", "IN", 10, Decimal(750), 3),
        ("2026-10", "outbound", "BR", 100, Decimal(20430), 2),
    ]
    assert load.calls() == []


def test_told_again_it_is_a_duplicate_whatever_the_name_of_the_file(table, load):
    assert table("BR,1,2,outbound,2026-10").new == 1
    again = table("BR,1,2.0,outbound,2026-10", "BR,2,2,outbound,2026-10", name="t.csv")
    assert (again.new, again.duplicate) == (1, 1)
    assert len(load.query(TOLD)) == 2


def test_a_direction_and_a_month_may_hold_for_every_row(table, load):
    columns = {key: COLUMNS[key] for key in ("country", "calls", "minutes")}
    table(
        "BR,1,2",
        head="Country,Calls,Minutes",
        columns=columns,
        direction="inbound",
        month="2026-09",
        phone_number_id="77",
    )
    (told,) = load.query("SELECT * FROM summaries")
    assert (told["direction"], told["month"], told["phone_number_id"]) == (
        "inbound",
        "2026-09",
        "77",
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Atlantis,1,2,outbound,2026-10", "unknown_country"),
        (",1,2,outbound,2026-10", "unknown_country"),
        ("BR,1.5,2,outbound,2026-10", "bad_count"),
        ("BR,-1,2,outbound,2026-10", "bad_count"),
        ("BR,,2,outbound,2026-10", "bad_count"),
        ("BR,1,long,outbound,2026-10", "bad_minutes"),
        ("BR,1,,outbound,2026-10", "bad_minutes"),
        ("BR,0,2,outbound,2026-10", "no_calls"),
        ('BR,"1,234",2,outbound,2026-10', "decimal_not_told"),
        ("BR,1,1.234,outbound,2026-10", "decimal_not_told"),
        ("BR,1,2,sideways,2026-10", "unknown_direction"),
        ("BR,1,2,,2026-10", "no_direction"),
        ("BR,1,2,outbound,", "no_month"),
        ("BR,1,2,outbound,October", "bad_month"),
        ("BR,1,2,outbound,2026-13", "bad_month"),
        ("BR,1,2,outbound,2026-10-02", "bad_month"),
    ],
)
def test_what_cannot_be_read_for_certain_is_quarantined_with_its_reason(table, load, row, reason):
    report = table(row, "BR,1,2,outbound,2026-10", "Total,2,4,,")
    assert (report.new, report.quarantined, report.ignored) == (1, 1, 1)
    assert report.reasons == {reason: 1, "total_row": 1}
    (refused,) = load.quarantine()
    assert (refused["reason"], refused["line"]) == (reason, 2)
    assert "Atlantis" not in refused["text"]


@given(
    st.permutations(range(5)),
    st.integers(0, 5),
)
@settings(
    deadline=None, max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_neither_order_nor_split_changes_what_is_known(tmp_path_factory, order, cut):
    rows = [f"{country},{n},{n}.5,outbound,2026-10" for n, country in enumerate(("BR", "IN"), 1)]
    rows += ["MX,3,3,outbound,2026-10", "MX,4,3,outbound,2026-10", "BR,1,1.50,outbound,2026-10"]
    folder = tmp_path_factory.mktemp("split")
    shuffled = [rows[n] for n in order]
    by = mapping()
    for n, part in enumerate((shuffled[:cut], shuffled[cut:])):
        file = folder / f"{n}.csv"
        file.write_text("\n".join((HEAD, *part)) + "\n")
        ingest(folder / "s.duckdb", [file], imports={by.name: by})
    with open_store(folder / "s.duckdb", read_only=True) as con:
        told = con.execute(
            "SELECT country, calls, talk_seconds::VARCHAR FROM summaries ORDER BY ALL"
        )
        assert [(c, n, Decimal(s)) for c, n, s in told.fetchall()] == [
            ("BR", 1, 90), ("IN", 2, 150), ("MX", 3, 180), ("MX", 4, 180),
        ]  # fmt: skip


def test_a_mapping_put_right_takes_back_what_the_wrong_one_told(load):
    file = load.file('Country,Calls,Minutes\nBR,12,"1234,5"\n', "s.csv")
    columns = {key: COLUMNS[key] for key in ("country", "calls", "minutes")}
    wrong = mapping(columns=columns, direction="inbound", month="2026-10")
    right = mapping(columns=columns, direction="outbound", month="2026-10")
    for by in (wrong, right, right):
        ingest(load.path, [file], imports={by.name: by})
    assert [row["direction"] for row in load.query(TOLD)] == ["outbound"]


def test_the_account_is_that_of_the_number_its_mapping_names(table, load):
    table("BR,1,2,outbound,2026-10", phone_number_id="77")
    with open_store(load.path) as con:
        con.execute("INSERT INTO claims VALUES ('phone_number_id', '77', 'acme')")
    assert load.query("SELECT account FROM summaries") == [{"account": "acme"}]


def test_figures_are_exact():
    by = ImportMapping("x", {}, decimal=",")
    assert talk_seconds("1.234,55", by) == Decimal("74073.00")
    assert (count_of("1.234", ","), count_of("7", None)) == (1234, 7)
    assert month_of("2026/1") == "2026-01"
    with pytest.raises(RefusedRowError):
        month_of("1999-01")


@pytest.mark.parametrize(
    ("head", "row", "lacking"),
    [
        ("Country;Calls;Minutes;Direction;Month", "BR;1;2,5;outbound;2026-10", ()),
        ("País\tChamadas\tMinutos", "Brasil\t1\t2,5", ("direction", "month")),
        ("País,Llamadas,Duración (min)", "Brasil,1,2", ("direction", "month")),
    ],
)
def test_a_summary_is_guessed_and_its_block_read_back(tmp_path, head, row, lacking):
    file = tmp_path / "x.csv"
    file.write_text(f"{head}\n{row}\n", encoding="utf-8")
    found = guess_summary(grids_of(file), "mine")
    assert found is not None
    assert {"country", "calls", "minutes"} <= found.mapping.columns.keys()
    for key in lacking:
        assert f"Nothing tells the {key}" in " ".join(found.notes)
    block = toml_of(found.mapping) + "".join(
        f'\n{key} = "{value}"'
        for key, value in (("direction", "outbound"), ("month", "2026-10"))
        if key in lacking
    )
    read = parse_config(block, tmp_path).imports["mine"]
    assert (read.kind, read.columns) == ("summary", found.mapping.columns)


@pytest.mark.parametrize("column", ["Phone", "Date", "Start time"])
def test_a_table_with_a_contact_or_a_time_is_no_summary(tmp_path, column):
    file = tmp_path / "x.csv"
    file.write_text(f"Country,Calls,Minutes,{column}\nBR,1,2,5511987654321\n")
    assert guess_summary(grids_of(file), "mine") is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('columns = { country = "C", calls = "N" }', "no column tells the minutes"),
        ('columns = { country = "C", calls = "N", minutes = "M" }', "nothing tells the direction"),
        (
            'columns = { country = "C", calls = "N", minutes = "M" }\ndirection = "inbound"',
            "nothing tells the month",
        ),
        (
            'columns = { country = "C", calls = "N", minutes = "M", contact = "P" }',
            "no column of kind summary",
        ),
        (
            'columns = { country = "C", calls = "N", minutes = "M" }\ntimezone = "UTC"',
            "means nothing for kind summary",
        ),
    ],
)
def test_a_mapping_that_cannot_read_a_summary_is_refused(tmp_path, lines, message):
    with pytest.raises(ConfigError, match=message):
        parse_config(f'[imports.x]\nkind = "summary"\n{lines}\n', tmp_path)


def test_a_call_log_has_no_month_for_all_rows(tmp_path):
    told = '[imports.x]\ncolumns = { contact = "P", dialled = "D" }\ndirection = "inbound"\n'
    with pytest.raises(ConfigError, match="means nothing for kind calls"):
        parse_config(f'{told}month = "2026-10"\n', tmp_path)
