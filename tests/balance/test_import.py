"""A statement of any supplier comes in by its mapping, and what cannot be read is counted."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from balance.wallets import TOML, make
from hypothesis import given
from hypothesis import strategies as st

from wacost.balance.statements import _RefusedError, nanos_of
from wacost.config import parse_config
from wacost.errors import ConfigError, InputError, PayloadError
from wacost.money import UNIT

STATEMENT = (
    TOML
    + """
[statements.supplier]
columns = { at = "Data", amount = "Valor", kind = "Tipo", reference = "ID", note = "Texto" }
words = { topup = ["Recarga"], message = ["Modelo"], fee = ["Taxa"], call = ["Chamada"], \
ignore = ["Saldo"] }
timezone = "America/Sao_Paulo"
day_first = true
decimal = ","
"""
)
ROWS = """Data;Valor;Tipo;ID;Texto
01/10/2026 10:00;R$ 1.100,00;Recarga;r1;cartão
02/10/2026 10:00;0,25;Modelo;m1;utility
02/10/2026 11:00;0,60;Chamada;c1;x
03/10/2026 10:00;5;Taxa;;
03/10/2026 10:00;5;Taxa;;
03/10/2026 10:00;;Saldo;;
04/10/2026 10:00;abc;Taxa;;
05/10/2026 10:00;1;Outro;;
32/10/2026 10:00;1;Taxa;;
"""
PAYLOAD = {
    "start": 1_749_106_800,
    "end": 1_749_193_200,
    "country": "IN",
    "tier": "0:750000",
    "pricing_type": "REGULAR",
    "pricing_category": "AUTHENTICATION_INTERNATIONAL",
    "volume": 2,
}


@pytest.fixture
def log(tmp_path):
    return make(tmp_path, STATEMENT)


def write(log, text, name="statement.csv"):
    file = log.folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_every_row_is_an_entry_left_out_or_refused(log):
    told, added = log.balance_import(write(log, ROWS))
    assert told.rows == 9
    assert [(one.kind, one.at, one.units / 60e9) for one in added.new] == [
        ("topup", datetime(2026, 10, 1, 13), 1100),
        ("message", datetime(2026, 10, 2, 13), -0.25),
        ("fee", datetime(2026, 10, 3, 13), -5),
        ("fee", datetime(2026, 10, 3, 13), -5),
    ]
    assert told.ignored == {"call": 1, "ignore": 1}
    assert [(p.line, p.reason) for p in told.refused] == [
        (8, "bad_amount"),
        (9, "unknown_kind"),
        (10, "bad_time"),
    ]
    assert told.rows == len(added.new) + 2 + len(told.refused)


def test_the_same_statement_again_adds_nothing_and_a_longer_one_what_is_new(log):
    log.balance_import(write(log, ROWS))
    _, again = log.balance_import(write(log, ROWS, "again.csv"))
    assert (len(again.new), len(again.known)) == (0, 4)
    _, longer = log.balance_import(write(log, ROWS + "06/10/2026 10:00;7,5;Recarga;r2;\n"))
    assert [one.entry_id for one in longer.new] == ["supplier:r2"]


def test_a_row_that_repeats_another_with_its_reference_is_left_out(log):
    told, added = log.balance_import(write(log, ROWS + ROWS.splitlines()[1] + "\n"))
    assert [one.kind for one in added.new].count("topup") == 1
    assert told.ignored["repeated"] == 1
    assert told.rows == len(told.entries) + sum(told.ignored.values()) + len(told.refused)


def test_what_lies_before_the_opening_balance_is_left_out_and_counted(log):
    log.balance_add("opening", "100", at="2026-10-02T10:00")
    told, added = log.balance_import(write(log, ROWS))
    assert [one.kind for one in added.new] == ["message", "fee", "fee"]
    assert told.ignored["before the opening balance"] == 1
    assert told.rows == len(told.entries) + sum(told.ignored.values()) + len(told.refused)
    points = [PAYLOAD | {"cost": 1}]
    told, added = log.balance_import(write(log, json.dumps([{"data_points": points}]), "p.json"))
    assert (told.ignored, added.new) == ({"before the opening balance": 1}, ())


def test_a_date_without_a_time_is_the_first_moment_of_its_day(log):
    dates = ["02/10/2026", "04/11/2018", "31/02/2026"]
    rows = "".join(f"{one};7;Taxa;;\n" for one in dates)
    told, added = log.balance_import(write(log, "Data;Valor;Tipo;ID;Texto\n" + rows))
    # on 4 November 2018 the clocks of Sao Paulo went from 0:00 to 1:00
    assert [one.at for one in added.new] == [datetime(2026, 10, 2, 3), datetime(2018, 11, 4, 3)]
    assert [problem.line for problem in told.refused] == [4]


def test_lines_of_one_moment_have_each_what_is_left_after_it(log):
    rows = "".join(f"02/10/2026 10:00;5;Taxa;f{n};same words\n" for n in range(3))
    log.balance_import(write(log, "Data;Valor;Tipo;ID;Texto\n" + rows))
    assert [line.balance // UNIT for line in log.balance_lines()] == [-5, -10, -15]


@pytest.mark.parametrize("value", ['"start": 1e999', '"cost": 1e999999999', '"cost": NaN'])
def test_a_point_with_a_number_without_end_is_refused(log, value):
    point = json.dumps(PAYLOAD | {"cost": 1})[:-1] + f", {value}}}"
    told, added = log.balance_import(write(log, f'[{{"data_points": [{point}]}}]', "p.json"))
    assert (len(told.refused), added.new) == (1, ())


def test_a_cost_that_a_program_printed_from_a_binary_float_is_what_it_meant(log):
    points = [PAYLOAD | {"cost": 0.1 + 0.2}]
    _, added = log.balance_import(write(log, json.dumps([{"data_points": points}]), "p.json"))
    assert [-one.units * 10 // UNIT for one in added.new] == [3]


def test_a_reference_that_tells_another_thing_now_stops_the_whole_file(log):
    log.balance_import(write(log, ROWS))
    changed = ROWS.replace("0,25", "0,35") + "06/10/2026 10:00;7,5;Recarga;r2;\n"
    with pytest.raises(InputError, match=r"csv, line 3: the reference supplier:m1 is taken"):
        log.balance_import(write(log, changed))
    assert len(log.balance_entries("acme")) == 4


def test_credit_and_debit_have_their_own_columns_and_signs(tmp_path):
    toml = TOML + (
        '[statements.s]\ncolumns = { at = "When", credit = "In", debit = "Out", kind = "What" }\n'
    )
    log = make(tmp_path, toml)
    rows = (
        "When,In,Out,What\n2026-10-01T00:00:00Z,10.50,,topup\n2026-10-02T00:00:00Z,,0.25,message\n"
    )
    wrong = "2026-10-02T00:00:00Z,0.25,,message\n2026-10-03T00:00:00Z,,,fee\n"
    told, added = log.balance_import(write(log, rows + wrong))
    assert [one.units // 60_000_000 for one in added.new] == [10_500, -250]
    assert [p.reason for p in told.refused] == ["wrong_sign", "no_amount"]


def test_a_workbook_is_read_as_a_csv_is(log):
    pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    import xlsxwriter

    file = log.folder / "s.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        for n, line in enumerate(ROWS.splitlines()[:3]):
            sheet.write_row(n, 0, line.split(";"))
    _, added = log.balance_import(file)
    assert [one.entry_id for one in added.new] == ["supplier:r1", "supplier:m1"]


def test_a_file_that_no_mapping_fits_is_told_with_its_columns(log):
    with pytest.raises(PayloadError, match=r"no \[statements\] mapping") as raised:
        log.balance_import(write(log, "Date,Sum\n1,2\n"))
    assert "Date, Sum" in raised.value.hint
    with pytest.raises(PayloadError, match="there is no file"):
        log.balance_import(log.folder / "no.csv")
    with pytest.raises(ConfigError, match=r"no \[statements.supplir\]"):
        log.balance_import(write(log, ROWS), mapping="supplir")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('columns = { amount = "A" }\nkind = "fee"', "no column tells the time"),
        ('columns = { at = "A", credit = "C" }\nkind = "fee"', "no column tells the amount"),
        ('columns = { at = "A", amount = "C" }', "nothing tells what a row is"),
        ('columns = { at = "A", amount = "C" }\nkind = "call"', "none of topup"),
        (
            'columns = { at = "A", amount = "C" }\nkind = "fee"\nsigned = 1',
            "neither true nor false",
        ),
    ],
)
def test_a_mapping_that_cannot_read_a_row_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        parse_config(f"{TOML}[statements.s]\n{text}\n", Path("ws"))


@pytest.mark.parametrize(
    ("cell", "decimal", "cents"),
    [
        ("1,234.56", ".", 123456),
        ("1.234,56", ",", 123456),
        ("12,34,567.89", ".", 123456789),
        ("$9.98", None, 998),
        ("USD 9.98", None, 998),
        ("9,98 €", None, 998),
        ("1.234,56", None, 123456),
        ("-R$ 0,10", ",", -10),
        ("(0.10)", ".", -10),
        ("0.10-", ".", -10),
        ("−0.10", ".", -10),
        ("1 234,50", ",", 123450),
        ("007", None, 700),
        ("0.30000000000000004", None, 30),
    ],
)
def test_amounts_are_read_as_statements_write_them(cell, decimal, cents):
    assert nanos_of(cell, decimal) == cents * 10**7


@pytest.mark.parametrize(
    ("cell", "decimal", "reason"),
    [
        ("1.234", None, "decimal_not_told"),
        ("1,234", None, "decimal_not_told"),
        ("1,234,567", None, "decimal_not_told"),
        ("1e3", None, "bad_amount"),
        ("1.2.3", ".", "bad_amount"),
        ("12,3.4", ".", "bad_amount"),
        ("", None, "bad_amount"),
        ("=1+1", None, "bad_amount"),
        ("0.1234567891", ".", "bad_amount"),
    ],
)
def test_an_amount_that_can_be_read_in_two_ways_is_refused(cell, decimal, reason):
    with pytest.raises(_RefusedError) as raised:
        nanos_of(cell, decimal)
    assert raised.value.reason == reason


@given(st.integers(-(10**9), 10**9), st.sampled_from([".", ","]))
def test_an_amount_with_thousands_is_itself_again(cents, decimal):
    other = "," if decimal == "." else "."
    whole, part = divmod(abs(cents), 100)
    grouped = f"{whole:,}".replace(",", other)
    text = f"{'-' if cents < 0 else ''}{grouped}{decimal}{part:02}"
    assert nanos_of(text, decimal) == cents * 10**7


def pricing(log, *costs, wrap=True):
    points = [PAYLOAD | {"cost": cost, "country": f"C{n}"} for n, cost in enumerate(costs)]
    body = {"pricing_analytics": {"data": [{"data_points": points}]}} if wrap else points
    return write(log, json.dumps(body), "pricing.json")


def test_pricing_analytics_are_message_charges_of_their_day(log):
    told, added = log.balance_import(pricing(log, 4.6, 0, 2.3))
    assert (told.rows, told.ignored) == (3, {"without a cost": 1})
    assert [(one.kind, one.units) for one in added.new] == [
        ("message", -276_000_000_000),
        ("message", -138_000_000_000),
    ]
    assert {one.at for one in added.new} == {datetime(2025, 6, 6, 6, 59, 59)}
    assert added.new[0].note == "AUTHENTICATION_INTERNATIONAL REGULAR C0"
    _, again = log.balance_import(pricing(log, 4.6, 0, 2.3))
    assert again.new == ()


def test_a_cost_that_firms_up_adds_what_is_lacking_and_keeps_what_was_told(log):
    for costs in ((4.6, 0), (5.0, 0.1), (5.0, 0.1), (4.9, 0)):
        log.balance_import(pricing(log, *costs))
    units = {}
    for entry in log.balance_entries("acme"):
        key = entry.entry_id.partition("#")[0]
        units.setdefault(key, []).append(entry.units // 6_000_000_000)
    assert sorted(units.values()) == [[-46, -4, 1], [-1, 1]]


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"data": 1}', '{"call_analytics": {"data_points": [{}]}}']
)
def test_what_is_no_such_answer_is_a_sentence(log, text):
    with pytest.raises(PayloadError):
        log.balance_import(write(log, text, "x.json"))


@pytest.mark.parametrize(
    "point",
    [
        {},
        1,
        PAYLOAD,
        PAYLOAD | {"cost": "1"},
        PAYLOAD | {"cost": -1},
        PAYLOAD | {"cost": 1, "end": 0},
    ],
)
def test_a_point_that_lacks_something_is_refused_and_stops_nothing(log, point):
    body = json.dumps({"data_points": [point, PAYLOAD | {"cost": 1}]})
    told, added = log.balance_import(write(log, body, "x.json"))
    assert (len(told.refused), len(added.new), told.rows) == (1, 1, 2)
