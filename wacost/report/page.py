"""Notebooks that were run, as one HTML file: no code, no network, charts that can be used.

The page holds one copy of Plotly and each figure as JSON; a content security policy forbids it to
fetch anything.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import escape, unescape
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.charts.look import THEMES
from wacost.errors import MissingExtraError
from wacost.language import ENGLISH, Language, mark
from wacost.markup import note
from wacost.report.locale import plotly_locale
from wacost.report.prose import translated
from wacost.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.report.run import Chapter

PLOTLY: Final = "application/vnd.plotly.v1+json"
_HEADING: Final = re.compile(
    r'<h([1-5]) id="[^"]*">(.*?)(?:<a class="anchor-link".*?</a>)?</h\1>', re.DOTALL
)
_LINK: Final = re.compile(r'href="(\w+)\.ipynb"')
_TAG: Final = re.compile(r"<[^>]*>")
_FOOT: Final = mark(
    "Made by wacost from the records of your own webhooks; nothing in this file is fetched."
)


def write_page(
    chapters: Sequence[Chapter],
    target: Path,
    *,
    title: str,
    about: str,
    language: Language = ENGLISH,
) -> Path:
    """Write notebooks that were run as one HTML file, and return its path.

    Args:
        chapters: with their outputs.
        target: the file; one that is there is replaced as a whole.
        title: of the page.
        about: one line: period, clocks, cards, gaps.
        language: of what stands around the figures, which have their own already.

    Raises:
        MissingExtraError: the libraries of the notebooks are not installed.
    """
    names = {chapter.name for chapter in chapters}
    repeated = note(about)  # each chapter begins with it, and each chart has it
    sections = [
        (name, html.replace(repeated, ""))
        for name, html in (_section(chapter, names, language) for chapter in chapters)
    ]
    locale, now = plotly_locale(language), datetime.now(UTC)
    text = (
        Path(__file__)
        .with_name("page.html")
        .read_text(encoding="utf-8")
        .format(
            language=language.catalogue.replace("_", "-"),
            contents_label=escape(language.say("Contents")),
            title=escape(title),
            running=_css(title),
            about=escape(about),
            made=language.say(
                "Made {moment} UTC by wacost {version}",
                moment=f"{language.cell(now.date())} {now:%H:%M}",
                version=version("wacost"),
            ),
            contents="".join(_contents(name, html) for name, html in sections),
            sections="".join(f'<section id="{name}">{html}</section>' for name, html in sections),
            foot=escape(language.say(_FOOT), quote=False),
            light=json.dumps(_colours("light")),
            dark=json.dumps(_colours("dark")),
            plotly=_plotly(),
            register=f"Plotly.register({json.dumps(locale)});\n" if locale else "",
            locale=f", locale: {json.dumps(locale['name'])}" if locale else "",
        )
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text.encode())
    return target


def _section(chapter: Chapter, names: set[str], language: Language) -> tuple[str, str]:
    """Write one notebook: headings get addresses of their own, links to others stay in the page."""
    try:
        from nbconvert import HTMLExporter  # noqa: PLC0415 - with the extra
    except ImportError:
        raise MissingExtraError("notebook", "nbconvert") from None
    for n, cell in enumerate(chapter.node.cells):
        for m, output in enumerate(cell.get("outputs", [])):
            _draw(output, f"{chapter.name}-{n}-{m}")
        if cell.cell_type == "markdown":
            cell.source = translated(cell.source, language.say)
    chapter.node.cells = [
        cell for cell in chapter.node.cells if cell.cell_type != "code" or cell.outputs
    ]  # a silent cell would part a heading from what it heads, on paper
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    html, _ = exporter.from_notebook_node(chapter.node)
    places = iter(range(1_000))
    html = _HEADING.sub(lambda found: _heading(found, f"{chapter.name}-{next(places)}"), html)
    return chapter.name, _LINK.sub(
        lambda found: f'href="#{found[1]}"' if found[1] in names else "", html
    )


def _heading(found: re.Match[str], place: str) -> str:
    """Write a heading of a notebook one level lower: the page has a title of its own."""
    level = int(found[1]) + 1
    return f'<h{level} id="{place}">{found[2]}</h{level}>'


def _css(text: str) -> str:
    r"""Write a text as the inside of a string in a style sheet.

    >>> _css('a"b<c')
    'a\\22 b\\3c c'
    """
    return "".join(
        sign if sign.isalnum() or sign in " ,.-" else f"\\{ord(sign):x} " for sign in text
    )


def _draw(output: Any, place: str) -> None:
    """Turn a figure of Plotly into a place on the page and its JSON."""
    figure = output.get("data", {}).get(PLOTLY)
    if figure is None:
        return
    told = {"data": figure["data"], "layout": figure["layout"]}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    height = figure["layout"].get("height", 450)
    title = figure["layout"].get("title", {}).get("text", "").replace("<br>", " ")
    output["data"] = {
        "text/html": f'<div class="chart" id="{place}" role="figure" style="height:{int(height)}px"'
        f' aria-label="{escape(_plain(title))}"></div>'
        f'<script type="application/json" data-chart="{place}">{text}</script>'
    }


def _contents(name: str, html: str) -> str:
    """List a notebook and its sections."""
    found = re.findall(r'<h([23]) id="([^"]+)">(.*?)</h\1>', html, re.DOTALL)
    title = next((_plain(text) for level, _, text in found if level == "2"), name)
    items = "".join(
        f'<li><a href="#{place}">{escape(_plain(text))}</a></li>'
        for level, place, text in found
        if level == "3"
    )
    return f'<li><a href="#{name}">{escape(title)}</a><ul>{items}</ul></li>'


def _plain(html: str) -> str:
    return unescape(_TAG.sub("", html)).strip()


def _colours(name: str) -> list[str]:
    theme = THEMES[name]
    return [theme.paper, theme.text, theme.faint, theme.grid, theme.land, theme.peak]


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs  # noqa: PLC0415 - with the extra
    except ImportError:
        raise MissingExtraError("notebook", "plotly") from None
    return str(get_plotlyjs())
