"""What notebooks begin with: the workspace around them, a rated month, tables that stay exact."""

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost import notebook
from wacost.analytics.about import About
from wacost.analytics.comparison import Compared, Comparison, Sum
from wacost.bundled import bundled

AMOUNT = Decimal("1234.012345678912")
ABOUT = About("2026-10", None, None, ("UTC",), (), 0, 0, 0, "pt_BR")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "wacost.toml").write_text(ACME)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.delenv("WACOST_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path / "notebooks")
    return tmp_path


def test_a_notebook_finds_its_workspace_and_rates_the_month_of_the_newest_call(folder):
    put_calls(wacost.open(folder).store_path)
    log, about = notebook.start()
    assert (about.month, about.zones, about.calls) == ("2026-10", ("America/Sao_Paulo",), 5)
    assert about.caption.startswith("October 2026 · America/Sao_Paulo · meta-usd (derived)")
    assert not log.ensure_rated("2026-10")


def test_an_empty_workspace_has_this_month_and_nothing_in_it(folder):
    log, about = notebook.start()
    assert (about.calls, about.cards) == (0, ())
    assert log.newest_month() is None
    assert notebook.load(log).records == 0
    (folder / "inbox").mkdir()
    assert notebook.load(log).records == 0


def test_money_is_shown_in_the_locale_with_every_digit_and_stays_exact():
    rows = [
        {
            "country": "BR",
            "amount": Decimal("1234.012345678912"),
            "currency": "BRL",
            "waited_s": 90,
        },
        {"country": None, "amount": None, "currency": "BRL", "more": True},
    ]
    shown = notebook.table(rows, ABOUT, "T")
    text = str(shown)
    assert "R$\xa01.234,012345678912" in text
    assert "Brasil (BR)" in text
    assert "1 min 30 s" in text
    assert "sim" in text
    assert shown.frame is rows
    assert "outubro de 2026" in shown._repr_html_()


def test_heads_and_words_are_in_the_language_and_names_from_outside_stay():
    rows = [{"account": "free", "status": "free", "market": "Rest of Africa", "card": "(own)"}]
    assert str(notebook.table(rows, ABOUT, "T")).splitlines()[1:3] == [
        "  conta  situação  mercado          tabela de tarifas",
        "  free   grátis    Resto da África  (própria)",
    ]


def test_a_notebook_shows_cards_and_charges_in_the_language_of_its_workspace(folder):
    shell = pytest.importorskip("IPython.core.interactiveshell", reason="wacost[notebook]")
    (folder / "wacost.toml").write_text(f'locale = "es"\n{ACME}')
    try:
        html = shell.InteractiveShell.instance().display_formatter.formatters["text/html"]
        log, _ = notebook.start()
        card = log.card("meta-usd")
        assert ">tabla de tarifas<" in html(card.quote(country="BR", seconds=61))
        assert ">tarifa por minuto<" in html(card)
        assert "rate per minute" in str(card)
    finally:
        shell.InteractiveShell.clear_instance()


def test_what_is_no_amount_is_shown_as_it_is():
    rows = [{"amount": "much", "middle": dt.datetime(2026, 10, 1), "list": ["a", "b"]}]
    text = str(notebook.table(rows, ABOUT))
    assert "much" in text
    assert "01/10/2026 00:00:00" in text
    assert "a, b" in text
    assert "Nada a mostrar" in str(notebook.table([], ABOUT))
    assert str(notebook.table([], ABOUT, "By country")).startswith("By country\n  nada a mostrar")


def test_a_long_table_shows_its_first_rows_and_the_columns_asked_for():
    rows = [{"n": n, "m": -n} for n in range(30)]
    text = str(notebook.table(rows, ABOUT, columns=["m"], most=5))
    assert "e mais 25 linhas" in text
    assert "  n" not in text


def test_lists_that_are_all_empty_are_no_column():
    rows = [{"call": "a", "flags": [], "gap": None}, {"call": "b", "flags": [], "gap": None}]
    assert str(notebook.table(rows, ABOUT)).splitlines()[1].split() == ["call", "gap"]
    rows[1]["flags"] = ["tier_unknown"]
    text = str(notebook.table(rows, ABOUT))
    assert "observações" in text
    assert "b     tarifa da faixa desconhecida" in text
    assert "tarifa da faixa desconhecida: tier_unknown" in text


def test_amounts_of_a_column_have_their_points_in_line_and_lose_no_digit():
    rows = [
        {"amount": Decimal(amount), "currency": code}
        for amount, code in (("1.5", "USD"), ("0.38612", "USD"), ("7", "JPY"), ("1.25", "KWD"))
    ]
    cells = [line.split() for line in str(notebook.table(rows, ABOUT)).splitlines()[2:6]]
    assert [cell[-1] for cell in cells] == ["1,50000", "0,38612", "7", "1,250"]


def test_shares_have_their_unit():
    shown = str(notebook.table([{"calls": 3, "pickup": Decimal("78.6")}], ABOUT))
    assert "78,6\xa0%" in shown
    assert "3\xa0%" not in shown


def test_a_comparison_by_country_names_currencies_gaps_and_doubts():
    doubt = {"doubtful": Fraction(1), "doubtful_least": Fraction(0), "doubtful_most": Fraction(2)}
    usd = {
        "BR": Sum(3, 1, exact=Fraction(1, 4), lacking=1),
        None: Sum(2, exact=Fraction(3), **doubt),
        "MX": Sum(2, 1, exact=Fraction(1, 4), lacking=1, unbounded=1),
    }
    kwd = {"BR": Sum(3, exact=Fraction(1, 8)), "US": Sum(1, 1)}
    cards = (
        Compared("<b>", "USD", "derived", "c", usd, {}),
        Compared("kw", "KWD", "contract", "d", kwd, {}),
    )
    shown = notebook.by_country(Comparison("2026-10", (), cards, ()), ABOUT)
    by_name = {row["country"]: row for row in shown.frame}
    brazil, nowhere, states = (by_name[one] for one in ("BR", "não se conhece", "US"))
    assert by_name["MX"]["<b>"] == "US$\xa00,25 ou mais *"
    assert brazil["<b>"] == "US$\xa00,25 *"
    assert (brazil["mais barata em USD"], brazil["mais barata em KWD"]) == ("", "kw")
    assert nowhere["<b>"] == "de US$\xa02,00 a US$\xa04,00"
    assert (states["kw"], states["<b>"]) == ("sem preço", "")
    assert "<b>&lt;b&gt;" not in shown._repr_html_()
    assert "&lt;b&gt;</th>" in shown._repr_html_()


def test_months_come_in_their_order_and_not_dearest_first(folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    log = wacost.open(folder)
    put_calls(log.store_path)
    with wacost.store.open_store(log.store_path) as con:
        con.execute("""
            UPDATE call_rows SET started_at = '2026-09-05 12:00:00',
            ended_at = '2026-09-05 12:00:06', duration_s = 6 WHERE call_id = 'a4'
        """)
    for month in ("2026-09", "2026-10"):
        log.ensure_rated(month)
    months = notebook.rows_of(log.costs(["month"], account="acme"))
    assert [row["month"] for row in months] == ["2026-09", "2026-10"]
    assert months[0]["amount"] < months[1]["amount"]


def test_the_query_of_the_balance_notebook_adds_up_to_the_balance(folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    log = wacost.open(folder)
    put_calls(log.store_path)
    log.ensure_rated("2026-10")
    log.balance_add("opening", "5.00", at="2026-10-01")
    book = json.loads((bundled("notebooks") / "03_balance_forecast.ipynb").read_text("utf-8"))
    (query,) = ["".join(c["source"]) for c in book["cells"] if "log.sql" in "".join(c["source"])]
    rows = notebook.rows_of(log.sql(query.split('"""')[1]))
    assert {row["kind"] for row in rows} == {"opening", "call"}
    assert sum(row["amount"] for row in rows) == Decimal(log.balance("acme", "2026-12-01").amount)


def test_a_balance_is_kept_from_its_first_entry_on_and_told_by_its_account(folder):
    (folder / "wacost.toml").write_text(ACME + OTHER)
    log = wacost.open(folder)
    put_calls(log.store_path)
    log.balance_add("opening", "5.00", balance="acme", at="2026-10-15")
    assert log.kept_balances() == log.kept_balances(at="2026-10-31T23:59:59") == ["acme"]
    assert log.kept_balances(at="2026-09-30T23:59:59") == []
    assert log.kept_balances("other", at="2026-10-31T23:59:59") == []
    about = log.about("2026-10")
    assert len(about.zones) == 2
    assert notebook.about_balance(log, "acme", about).zones == ("America/Sao_Paulo",)


def test_a_table_goes_whole_into_a_workbook_with_numbers_as_numbers_and_no_formula(tmp_path):
    calamine = pytest.importorskip("python_calamine", reason="pip install 'wacost[frames]'")
    many = [{"day": dt.date(2026, 10, 1), "amount": "9.72054", "currency": "USD"}] * 30
    odd = {"day": "=1+1", "amount": Decimal("1.855862608696123"), "flags": ["a", "b"], "gap": None}
    path = notebook.table([*many, odd], ABOUT, most=2).to_excel(tmp_path / "x.xlsx")
    (sheet,) = calamine.CalamineWorkbook.from_path(path).sheet_names
    rows = calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    assert rows[0] == ["day", "amount", "currency", "flags", "gap"]
    assert rows[1] == rows[30] == [dt.date(2026, 10, 1), 9.72054, "USD", "", ""]
    assert rows[31] == ["=1+1", "1.855862608696123", "", "a, b", ""]
    assert rows[33][0] == ABOUT.caption
    with pytest.raises(wacost.InputError, match="no workbook"):
        notebook.table(many, ABOUT).to_excel("x.csv")


def test_an_empty_table_is_a_workbook_too(tmp_path):
    assert notebook.table([], ABOUT).to_excel(tmp_path / "x.XLSX").is_file()


def test_a_table_of_pandas_with_lists_is_shown_as_one_of_polars(folder):
    pytest.importorskip("pandas", reason="pip install 'wacost[frames]'")
    config = folder / "wacost.toml"
    shown = []
    for frames in ("polars", "pandas"):
        config.write_text(f'frames = "{frames}"\n{ACME}')
        log = wacost.open(folder)
        if not shown:
            put_calls(log.store_path)
            log.ensure_rated("2026-10")
        shown.append(str(notebook.table(log.dearest_calls("2026-10", "acme"), ABOUT)))
    assert shown[0] == shown[1]
    assert "a1" in shown[0]
