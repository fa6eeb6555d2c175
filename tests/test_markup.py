"""Values show themselves in notebooks: the same figures as HTML and as text, nothing unescaped."""

import re
from html import unescape

import pytest

import wacost
from wacost.errors import Problem
from wacost.markup import Sheet

EVIL = "<script>alert(1)</script>\x1b[2J"


def words(html):
    return re.findall(r">([^<]+)<", html)


def test_html_and_text_show_the_same_cells():
    sheet = Sheet("t", (("a", "1"),), ("name", ">n"), (("x", "10"),), (("all", "10"),), ("note",))
    shown = [unescape(word) for word in words(sheet.html())]
    assert shown == ["t", "a", "1", "name", "n", "x", "10", "all", "10", "note"]
    assert sheet.text().split() == ["t", "a:", *shown[2:]]


def test_nothing_from_outside_becomes_html_or_moves_a_terminal():
    sheet = Sheet(EVIL, ((EVIL, EVIL),), (EVIL,), ((EVIL,),), ((EVIL,),), (EVIL,))
    assert "<script" not in sheet.html()
    assert "\x1b" not in sheet.text()


def test_a_long_table_says_how_much_is_not_shown():
    sheet = Sheet("t", columns=(">n",), rows=tuple((str(n),) for n in range(70)))
    assert "and 20 more rows" in sheet.text()
    assert sheet.html().count("<tr>") == 51
    summed = Sheet("t", columns=("n",), rows=sheet.rows[:51], sums=(("all",),), notes=("note",))
    assert summed.text().splitlines()[-3:] == ["  and 1 more row", "  all", "  note"]


def test_a_card_a_charge_and_an_explanation_show_themselves():
    card = wacost.load_card("meta-usd")
    charge = card.quote("+5511987654321", seconds=61, at="2026-11-01T12:00:00")
    for value in (card, charge):
        assert "meta-usd" in value._repr_html_()
        assert "meta-usd" in str(value)
    assert "0.01188 USD: rated" in str(charge)
    assert " rates are not known" in card._repr_html_()
    assert "from second" not in str(card)
    assert re.search("from second +fee\n", str(wacost.load_card("botmaker-usd")))
    nowhere = card.quote(country="BR", direction="inbound", seconds=1, at="2020-01-01T00:00:00")
    assert "no price" in str(nowhere)


def test_an_ingest_report_shows_its_counts_and_what_was_refused():
    problem = Problem("a.jsonl", 3, "not_json", EVIL)
    report = wacost.IngestReport(
        records=2, new=1, quarantined=1, problems=(problem,), reasons={"not_json": 1}
    )
    html = report._repr_html_()
    assert "not_json" in html
    assert "<script" not in html
    assert "a.jsonl, line 3" in str(report)


def test_a_notebook_and_a_console_are_served():
    console = pytest.importorskip("IPython.lib.pretty", reason="pip install 'wacost[notebook]'")
    report = wacost.IngestReport(records=1, new=1)
    assert console.pretty(report) == str(report)
