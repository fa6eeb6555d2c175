"""The report is one file that needs nothing else, and its figures are those of the command line."""

import json
import re
import shutil
import signal
import subprocess
import sys
from decimal import Decimal
from html import escape
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from browser import browser, needs_chromium
from report.conftest import run_cli
from small_world import ACME, put_calls

import wacost
from wacost import charts
from wacost.analytics.about import About
from wacost.language import Language
from wacost.report.page import write_page
from wacost.report.pdf import find_chromium, write_pdf
from wacost.report.prose import messages_of, translated
from wacost.report.run import Chapter, ChapterError, chapters, run_chapters

pytest.importorskip("plotly", reason="pip install 'wacost[notebook]'")
pytest.importorskip("nbconvert", reason="pip install 'wacost[notebook]'")
nbformat = pytest.importorskip("nbformat", reason="pip install 'wacost[notebook]'")

PLOTLY_MIME = "application/vnd.plotly.v1+json"
FLAT = "flat-offer (flat-offer, ad966f022e1b)"
CARDS = ("meta-usd", "highlevel-usd", "plivo-usd")
MOST_BYTES = 8_000_000
DRAWN = """
    (() => {
        const places = [...document.querySelectorAll(".chart")];
        return places.length > 0 && places.every(place => place.querySelector(".main-svg"));
    })()
"""


def points(traces):
    """Count what a figure carries."""
    return sum(
        max(len(trace.get("x") or ()), sum(map(len, trace["z"])) if "z" in trace else 0)
        for trace in traces
    )


class Tables(HTMLParser):
    """Every table of a page as rows of texts."""

    def __init__(self, html):
        super().__init__()
        self.tables, self._in_cell = [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data):
        if self._in_cell:
            self.tables[-1][-1][-1] += data


def table_with(html, *heads):
    """Return the rows of the first table with these heads, as dicts."""
    for table in Tables(html).tables:
        if table and set(heads) <= set(table[0]):
            return [dict(zip(table[0], row, strict=True)) for row in table[1:]]
    raise AssertionError(heads)


def plain(text):
    """Take the locale's signs out of an amount: `-$1,234.50` is -1234.50."""
    return re.sub(r"[^0-9.-]", "", text)


@pytest.mark.parametrize("locale", ["pt_BR", "es"])
def test_a_report_says_what_stands_around_its_figures_in_the_language_of_its_reader(
    locale, tmp_path
):
    words = Language.of(locale)
    told = [
        message
        for chapter in chapters(tmp_path)
        for cell in chapter.node.cells
        if cell.cell_type == "markdown"
        for message in messages_of(cell.source)
    ]
    page = write_page(
        chapters(tmp_path), tmp_path / "page.html", title="t", about="a", language=words
    )
    html = page.read_text(encoding="utf-8")
    text = re.sub("<(script|style).*?</\\1>|<[^>]*>", "", html, flags=re.DOTALL)
    text = re.sub(r"[ \n]+", " ", text)
    bare = [message for message in told if not re.search("[*`]", message)]
    assert len(bare) > 50
    for message in bare:
        assert escape(words.say(message).replace("*", ""), quote=False) in text
        assert escape(message, quote=False) not in text
    assert f'<html lang="{locale.replace("_", "-")}">' in html
    assert "Plotly.register" in html


@pytest.mark.full
def test_no_head_of_a_table_and_no_title_is_left_in_english(demo, report, tmp_path):
    own = shutil.copytree(demo, tmp_path / "own", ignore=shutil.ignore_patterns("reports"))
    settings = own / "wacost.toml"
    settings.write_text(settings.read_text().replace('locale = "en"', 'locale = "pt_BR"'))
    run_cli("report", "--month", "2026-10", "-w", own)
    shown = [
        set(
            re.findall(
                r"<(?:th|b|title|h1|h2|h3)\b[^>]*>([^<]+)</", page.read_text(encoding="utf-8")
            )
        )
        for page in (report, own / "reports" / report.name)
    ]
    assert len(shown[1]) > 100
    assert shown[0] & shown[1] == {"total", *CARDS, "plotly-logomark", FLAT}


def test_what_a_user_wrote_in_a_notebook_stays_as_it_is():
    own = "# Volume bands\n\nOurs are\nnot so.\n\n* `x`\n* volume"
    assert translated(own, Language.of("es").say) == own.replace(
        "Volume bands", "Tramos de volumen"
    ).replace("* volume", "* volumen")


def test_the_figures_are_those_of_the_command_line_to_the_last_digit(demo, report):
    html = report.read_text(encoding="utf-8")
    told = json.loads(run_cli("costs", "--month", "2026-10", "-w", demo, "--json"))
    shown = table_with(html, "country", "calls", "amount")
    assert len(shown) == 20
    for row, line in zip(told["rows"], shown, strict=False):
        assert line["country"].endswith(f"({row['country']})")
        assert Decimal(plain(line["amount"])) == Decimal(row["amount"])
        assert plain(line["billed seconds"]) == str(row["billed_seconds"])
    for row, line in zip(told["all_in"], table_with(html, "account", "fees"), strict=True):
        assert Decimal(plain(line["total"])) == Decimal(row["total"])
        assert plain(line["per answered call"]) == row["per_answered_call"]
    (change,) = told["changes"]
    lines = table_with(html, "step", "amount")
    steps = {line["step"]: Decimal(plain(line["amount"])) for line in lines}
    assert steps["Oct 2026"] == Decimal(change["amount"])
    for part in ("volume", "mix", "duration", "price"):
        assert steps[part] == Decimal(change[part])
    assert told["tiers"][0]["destination"] == table_with(html, "destination")[0]["destination"]


def test_missed_calls_and_invoices_are_those_of_the_command_line(demo, report):
    html = report.read_text(encoding="utf-8")
    told = json.loads(run_cli("missed", "--month", "2026-10", "-w", demo, "--json"))["total"]
    (line,) = table_with(html, "calls", "pickup low", "waiting")[:1]
    for name in ("calls", "answered", "missed", "needs", "waiting", "pickup", "pickup_high"):
        assert plain(line[name.replace("_", " ")]) == str(told[name])
    compared = ("compare", "--month", "2026-10", "--card", "meta-usd", "-w", demo, "--json")
    (card,) = [one for one in json.loads(run_cli(*compared))["cards"] if one["card"] == "meta-usd"]
    shown = {line["card"]: line for line in table_with(html, "card", "unpriced")}
    assert Decimal(plain(shown["meta-usd"]["amount"])) == Decimal(card["amount"])
    countries = {line["country"]: line for line in table_with(html, "country", "cheapest")}
    told = next(one for one in card["by_country"] if one["country"] == "BR")
    assert Decimal(plain(countries["Brazil (BR)"]["meta-usd"])) == Decimal(told["amount"])
    assert countries["United States (US)"]["highlevel-usd"] == "$0.00000 *"
    drafts = json.loads(run_cli("rate", "--month", "2026-10", "-w", demo, "--json"))
    totals = [row[-1] for rows in Tables(html).tables for row in rows if row and row[0] == "total"]
    assert [re.sub(r"[^0-9]", "", total) for total in totals] == [
        one["total"].replace(".", "") for one in drafts
    ]


def test_it_is_one_small_file_without_code_that_fetches_nothing(report):
    html = report.read_text(encoding="utf-8")
    assert report.stat().st_size < MOST_BYTES
    assert html.count("plotly.js v") == 1
    assert "from wacost.notebook import" not in html
    assert "default-src 'none'" in html
    assert not re.search(r'<(?:link|img|script|iframe)[^>]+(?:src|href)="https?:', html)


def test_the_contents_lead_to_every_section(report):
    html = report.read_text(encoding="utf-8")
    head, _, body = html.partition("</nav>")
    places = re.findall(r'href="#([^"]+)"', head.partition("<nav")[2])
    assert len(places) > 15
    assert all(f'id="{place}"' in body for place in places)


def test_those_who_hear_a_page_are_told_its_levels_its_charts_and_what_a_head_is_of(report):
    html = report.read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", html)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    charts_shown = re.findall(r'<div class="chart"[^>]*>', html)
    assert all(re.search('role="figure".* aria-label="[^"]{10,}"', one) for one in charts_shown)
    heads = re.findall(r"<th\b[^>]*>", html)
    assert len(heads) > 100
    assert all('scope="' in head for head in heads)


def test_every_figure_is_small(report):
    html = report.read_text(encoding="utf-8")
    figures = re.findall(r"<script[^>]*data-chart=[^>]*>(.*?)</script>", html, re.DOTALL)
    assert len(figures) >= 9
    for text in figures:
        assert points(json.loads(text)["data"]) <= 5_000


def test_a_notebook_that_fails_is_named_with_its_cell_and_the_cause(demo, tmp_path):
    copy = tmp_path / "demo"
    shutil.copytree(demo, copy)
    own = copy / "notebooks" / "01_costs.ipynb"
    own.write_text(own.read_text().replace("log.all_in(**asked)", "log.nonsense(**asked)"))
    found = chapters(copy)[:1]
    with pytest.raises(ChapterError) as caught:
        run_chapters(found, copy, month="2026-10")
    assert re.search(r"01_costs, cell 5 \(all_in = .*\) failed: AttributeError", str(caught.value))
    own.write_text("no notebook")
    with pytest.raises(ChapterError, match="is no notebook"):
        chapters(copy)


@pytest.mark.full
def test_an_interrupted_report_says_so_and_leaves_nothing(demo, tmp_path):
    command = [sys.executable, "-m", "wacost", "report", "--month", "2026-10", "--out", tmp_path]
    with subprocess.Popen([*command, "-w", demo], stderr=subprocess.PIPE, text=True) as report:
        with pytest.raises(subprocess.TimeoutExpired):
            report.wait(2.5)
        report.send_signal(signal.SIGINT)
        assert report.wait(30) == 130
        said = report.stderr.read()
    assert said.splitlines()[-1] == "wacost: interrupted"
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_without_a_browser_a_pdf_is_refused_in_a_sentence(demo, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(wacost.WacostError, match="A PDF needs Chromium") as caught:
        find_chromium()
    assert "--format html" in caught.value.hint
    with pytest.raises(wacost.WacostError, match="wrote no PDF"):
        write_pdf(demo / "wacost.toml", tmp_path / "x.pdf", str(tmp_path / "chromium"))


@pytest.mark.full
@pytest.mark.parametrize("calls", ["none", "one"])
def test_a_workspace_without_or_with_one_call_has_a_report(tmp_path, calls):
    if calls == "none":
        run_cli("init", tmp_path / "w")
    else:
        (tmp_path / "w").mkdir()
        (tmp_path / "w" / "wacost.toml").write_text(ACME)
        log = wacost.open(tmp_path / "w")
        put_calls(log.store_path)
        with log.reading():
            pass
        with wacost.store.open_store(log.store_path) as con:
            con.execute("DELETE FROM call_rows WHERE call_id <> 'a1'")
    run_cli("report", "--month", "2026-10", "-w", tmp_path / "w")
    html = (tmp_path / "w" / "reports" / "2026-10.html").read_text(encoding="utf-8")
    assert ("No priced call in this month" in html) == (calls == "none")


@pytest.mark.full
@needs_chromium
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_browser_without_a_network_draws_every_chart(report, tmp_path, dark):
    with browser(tmp_path, dark=dark) as page:
        page.ask(
            "Network.emulateNetworkConditions",
            offline=True, latency=0, downloadThroughput=0, uploadThroughput=0,
        )  # fmt: skip
        page.go(report.as_uri())
        page.until(DRAWN)
        assert page.errors == []
        assert {url.partition(":")[0] for url in page.fetched} <= {"file", "data", "blob"}
        colours = page.run(
            "[getComputedStyle(document.body).color,"
            " getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('.gtitle')).fill]"
        )
    text, paper, title = (brightness(colour) for colour in colours)
    for colour in (text, title):
        light, deep = max(colour, paper), min(colour, paper)
        assert (light + 0.05) / (deep + 0.05) > 7
    assert (paper < 0.1) == dark


@pytest.mark.full
@needs_chromium
def test_the_pdf_holds_every_chart_and_the_contents(report, tmp_path):
    pypdf = pytest.importorskip("pypdf")
    made = write_pdf(report, tmp_path / "report.pdf", find_chromium())
    document = pypdf.PdfReader(made)
    pages = [page.extract_text() for page in document.pages]
    text = " ".join(pages)
    for words in ("What the month costs", "What calls cost by day", "Invoices"):
        assert words in text
    assert "Missed calls" in str(document.outline)
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page
        assert "WhatsApp calls, October 2026" in page


@pytest.mark.full
@needs_chromium
def test_no_table_is_wider_than_paper_so_that_the_browser_prints_in_full_size(report, tmp_path):
    with browser(tmp_path, size=(688, 900)) as page:  # A4 without its margins
        page.ask("Emulation.setEmulatedMedia", media="print")
        page.go(report.as_uri())
        page.until(DRAWN)
        assert page.run("document.documentElement.scrollWidth") <= 688


@pytest.mark.full
@needs_chromium
def test_a_chart_that_is_taller_than_paper_is_printed_smaller_and_shown_in_full(tmp_path):
    figure = charts.backtest([], About("2026-10", None, None, ("UTC",), (), 0, 0, 0, "en"))
    figure.update_layout(height=2_000)
    cell = nbformat.v4.new_code_cell(
        outputs=[nbformat.v4.new_output("display_data", {PLOTLY_MIME: figure.to_plotly_json()})]
    )
    chapter = Chapter("tall", nbformat.v4.new_notebook(cells=[cell]))
    made = write_page([chapter], tmp_path / "tall.html", title="Tall", about="x")
    high = "document.querySelector('.chart').getBoundingClientRect().height"
    with browser(tmp_path) as page:
        page.go(made.as_uri())
        page.until(DRAWN)
        page.run("window.dispatchEvent(new Event('beforeprint'))")
        assert page.run(high) <= 860
        page.run("window.dispatchEvent(new Event('afterprint'))")
        assert page.run(high) == 2_000


def test_what_the_page_is_about_stands_once_in_a_chapter_and_in_charts(report):
    html = report.read_text(encoding="utf-8")
    about = re.search(r'<p class="about">(.*?)</p>', html)[1]
    assert html.count(f">{about}</p>") == 1 + len(re.findall("<section", html))
    assert re.search(r"Made \w+ \d+, 20\d\d \d\d:\d\d UTC by wacost ", html)


def test_a_title_cannot_leave_the_style_sheet(tmp_path):
    page = write_page([], tmp_path / "x.html", title='a"</style><script>', about="b")
    html = page.read_text(encoding="utf-8")
    assert 'content: "a\\22 \\3c \\2f style' in html
    assert html.count("</style>") == 1


def brightness(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
