"""Exported tables say what the store says: exact, harmless, and no number in full unasked."""

import csv
import io
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.billing.documents.csv import cell
from wacost.errors import InputError
from wacost.rating.explain import masked
from wacost.store import open_store

MONTH = "2026-10"
ODD = ["=1+1", "+55", "@x", "a;=1", "a\n-b", "\t=x", "＝1", 'Zoë, "q"', "<r>x</r>", "it's", ""]


@pytest.fixture
def log(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    log = wacost.open(tmp_path)
    put_calls(log.store_path)
    log.invoices(MONTH)
    return log


def rows(log, sql):
    with log.reading() as con:
        return con.execute(sql).fetchall()


def read_csv(log, what, **asked):
    file = log.folder / "out.csv"
    log.export(what, file, **asked)
    return list(csv.DictReader(io.StringIO(file.read_text())))


def test_csv_has_every_charge_to_the_last_unit(log):
    told = read_csv(log, "charges", month=MONTH)
    kept = rows(log, "SELECT call_id, amount, amount_units, rate_per_minute FROM charges")
    assert {(row["call_id"], row["amount"], row["amount_units"]) for row in told} == {
        (call_id, f"{amount.normalize():f}", str(units)) for call_id, amount, units, _ in kept
    }
    (first,) = [row for row in told if row["call_id"] == "a1"]
    assert (first["amount"], first["rate_per_minute"], first["billed_seconds"]) == (
        *("0.01188", "0.0108", "66"),
    )
    assert first["parts"] == (
        '[{"from_second":0,"tier_from_minutes":0,"billed_seconds":66,'
        '"rate_per_minute":"0.0108","fee":"0"}]'
    )


def test_the_columns_are_those_of_the_view_in_their_order(log):
    for what in ("calls", "charges"):
        with log.reading() as con:
            names = [column[0] for column in con.execute(f"FROM {what} LIMIT 0").description]
        for form in ("csv", "parquet"):
            file = log.folder / f"out.{form}"
            log.export(what, file, format=form)
            found = duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall()
            assert [row[0] for row in found] == names


def test_parquet_keeps_decimals_and_lists(log):
    file = log.folder / "out.parquet"
    assert log.export("charges", file, format="parquet") == 5
    kinds = dict(row[:2] for row in duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall())
    assert (kinds["amount"], kinds["amount_units"]) == ("DECIMAL(38,12)", "DECIMAL(38,0)")
    assert "DOUBLE" not in "".join(kinds.values())
    ((total,),) = duckdb.sql(f"SELECT sum(amount) FROM '{file}'").fetchall()
    assert [(total,)] == rows(log, "SELECT sum(amount) FROM charges")


def test_moments_are_utc_and_a_month_is_local_to_its_account(log):
    told = {row["call_id"]: row for row in read_csv(log, "calls", month=MONTH)}
    assert told["a4"]["ended_at"] == "2026-11-01T02:01:00Z"
    assert set(told) == {"a1", "a2", "a3", "a4", "b1"}
    assert {row["call_id"] for row in read_csv(log, "calls", account="other")} == {"b1"}


def test_contacts_are_hidden_unless_they_are_asked_for(log):
    number = "5511987654321"
    assert {row["contact"] for row in read_csv(log, "calls")} == {masked(number)}
    assert {row["contact"] for row in read_csv(log, "calls", numbers="full")} == {number}
    (log.folder / "wacost.toml").write_text(ACME)  # nobody claims the call of other now
    alone = wacost.open(log.folder)
    assert {row["contact"] for row in read_csv(alone, "calls")} == {masked(number)}
    assert {row["contact"] for row in read_csv(alone, "calls", numbers="full")} == {number}
    (log.folder / "wacost.toml").write_text(ACME + 'annex = { numbers = "full" }\n' + OTHER)
    told = read_csv(wacost.open(log.folder), "calls")
    assert {(row["account"], row["contact"]) for row in told} == {
        ("acme", number),
        ("other", masked(number)),
    }


def told_of(log, column, texts):
    """Return what CSV makes of texts in a column of calls."""
    with open_store(log.store_path) as con:
        for number, text in enumerate(texts):
            sql = f"SELECT * REPLACE (? AS call_id, ? AS {column}) FROM call_rows LIMIT 1"
            con.execute(f"INSERT INTO call_rows {sql}", [f"x{number}", text])
    told = {row["call_id"]: row[column] for row in read_csv(log, "calls")}
    return [told[f"x{number}"] for number in range(len(texts))]


def test_contacts_are_hidden_as_documents_hide_them(log):
    texts = ["BR.redacted.00ff", "redacted.ab", "BR.1234567890123", "123"]
    shown = [*texts[:2], *map(masked, texts[2:])]
    assert told_of(log, "contact_user_id", texts) == shown


def test_no_text_of_a_csv_becomes_a_formula(log):
    assert told_of(log, "tracking", ODD) == [cell(text) for text in ODD]


def test_a_workbook_has_numbers_dates_and_texts(log):
    calamine = pytest.importorskip("python_calamine", reason="pip install '.[frames]'")
    with open_store(log.store_path) as con:
        con.execute("UPDATE call_rows SET tracking = '=1+1'")
    file = log.folder / "out.xlsx"
    log.export("calls", file, format="xlsx")
    head, *lines = calamine.load_workbook(str(file)).get_sheet_by_name("calls").to_python()
    told = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert told["a1"]["ended_at"] == datetime(2026, 10, 5, 12, 1, 1)
    assert (told["a1"]["tracking"], told["a1"]["answered"]) == ("=1+1", True)
    log.export("charges", file, format="xlsx")
    head, *lines = calamine.load_workbook(str(file)).get_sheet_by_name("charges").to_python()
    told = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    assert (told["a1"]["amount"], told["a1"]["amount_units"]) == (0.01188, "712800000")


def test_a_sheet_that_is_full_goes_on_in_another(log, monkeypatch):
    calamine = pytest.importorskip("python_calamine", reason="pip install '.[frames]'")
    monkeypatch.setattr("wacost.analytics.export.sheet.MOST_ROWS", 2)
    log.export("calls", log.folder / "out.xlsx", format="xlsx")
    book = calamine.load_workbook(str(log.folder / "out.xlsx"))
    assert book.sheet_names == ["calls", "calls 2", "calls 3"]


def test_the_same_rows_give_the_same_bytes(log):
    first, second = log.folder / "1", log.folder / "2"
    for form in ("csv", "parquet", "xlsx"):
        log.export("charges", first, format=form)
        log.export("charges", second, format=form)
        assert first.read_bytes() == second.read_bytes()


def test_what_cannot_be_written_leaves_what_was_there(log):
    (log.folder / "taken").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        log.export("calls", log.folder / "taken")
    (log.folder / "file").write_text("old")
    with pytest.raises(InputError, match="cannot be written"):
        log.export("calls", log.folder / "file" / "x.csv")
    assert not list(log.folder.glob("**/*.part"))
    for wrong in ({"format": "ods"}, {"numbers": "some"}, {"month": "2026-13"}):
        with pytest.raises(InputError):
            log.export("calls", log.folder / "file", **wrong)
    assert (log.folder / "file").read_text() == "old"
    with pytest.raises(InputError, match="no table to export"):
        log.export("cards", log.folder / "file")


def test_what_a_killed_export_left_is_gone_after_the_next(log):
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    killed, living, other = (
        log.folder / name
        for name in (
            f".0123456789abcdef-{ended.pid}.part",
            f".0123456789abcdef-{os.getpid()}.part",
            ".of-mine.part",
        )
    )
    for draft in (killed, living, other):
        draft.write_text("half")
    log.export("calls", log.folder / "calls.csv")
    assert [path.exists() for path in (killed, living, other)] == [False, True, True]


def test_decimals_are_plain_text(log):
    assert all("E" not in row["amount"] for row in read_csv(log, "charges"))
    assert {type(row[0]) for row in rows(log, "SELECT amount FROM charges")} == {Decimal}
