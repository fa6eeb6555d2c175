"""Every text has its translation, with the same values in it."""

from __future__ import annotations

import ast
import io
import json
import re
import string
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po

import wacost
from wacost.bundled import bundled
from wacost.errors import InputError
from wacost.language import LOCALES, Language, languages
from wacost.report.prose import messages_of
from wacost.report.run import FOR_READERS, OMITTED

KEYWORDS = {"say": None, "say_n": (1, 2), "mark": None, "mark_n": (1, 2)}
REPORT = Path(wacost.__file__).parent / "cli" / "report.py"
TRANSLATED = [language for language in languages() if language != "en"]


def messages() -> set[str | tuple[str, str]]:
    """Every message; of the command line only those of files: what it says itself is English."""
    code = extract_from_dir(
        Path(wacost.__file__).parent,
        keywords=KEYWORDS,
        directory_filter=lambda folder: Path(folder).name != "cli",
    )
    found = {message for _, _, message, _, _ in code}
    for source in (*cells("code"), REPORT.read_text(encoding="utf-8")):
        told = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS)
        found |= {message for _, message, _, _ in told}
    return found | {message for source in cells("markdown") for message in messages_of(source)}


def cells(kind: str) -> Iterator[str]:
    """What the cells of a kind say in the notebooks of a report."""
    for path in bundled("notebooks").glob(FOR_READERS):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == kind and OMITTED not in cell["metadata"].get("tags", []):
                yield "".join(cell["source"])


def said() -> set[str]:
    """The first text of everything that is said or marked, as Python reads the code."""
    calls = (
        node
        for path in Path(wacost.__file__).parent.rglob("*.py")
        if path.parent.name != "cli" or path == REPORT
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
    )
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in KEYWORDS
    }


def catalogue(language: str):
    with (LOCALES / language / "LC_MESSAGES" / "wacost.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_brazilian_portuguese_and_spanish_are_there():
    assert {"en", "es", "pt_BR"} <= set(languages())


def test_no_message_hides_where_the_extractor_does_not_look():
    seen = {message[0] if isinstance(message, tuple) else message for message in messages()}
    assert said() <= seen, "a text in braces of an f-string is never found: say it before"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language):
    translated = {message.id for message in catalogue(language) if message.id}
    assert translated == messages()


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_empty_fuzzy_or_loses_a_value(language):
    for message in catalogue(language):
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, message.id
        assert all(texts), message.id
        for text in texts:
            assert fields(text) == fields(ids[-1]), text
            assert text == text.strip()
            assert text.endswith(".") == ids[-1].endswith("."), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_plurals_follow_the_language(language):
    words = Language.of(language)
    one = words.say_n("{number} day", "{number} days", 1)
    many = words.say_n("{number} day", "{number} days", 1200)
    assert one.rstrip("s") == one
    assert many.endswith("s")
    assert re.match(r"1\D?200 ", many)


@pytest.mark.parametrize("locale", ["xx", "", "de", "../es", "pt_BR.UTF-8", "tlh", "en\n"])
def test_a_language_without_a_catalogue_is_refused(locale):
    with pytest.raises(InputError, match="cannot be written in") as caught:
        Language.of(locale)
    assert "pt_BR" in caught.value.hint


def test_a_report_in_a_language_without_a_catalogue_is_english_with_its_own_numbers():
    words = Language.near("de")
    assert words.say("Total") == "Total"
    assert words.decimal(Decimal("1234.5")) == "1.234,5"


@pytest.mark.parametrize(
    ("locale", "number"),
    [("en", "1,234.5"), ("pt", "1.234,5"), ("pt-br", "1.234,5"), ("es_MX", "1,234.5")],
)
def test_numbers_are_written_as_in_the_country(locale, number):
    assert Language.of(locale).decimal(Decimal("1234.5")) == number


def test_a_country_has_its_name_in_the_language():
    assert Language.of("es").country("DE") == "Alemania"
    assert Language.of("en").country("XK") == "Kosovo"
    assert Language.of("pt_BR").country(None) == "País desconhecido"
    assert Language.of("en").country("QQ") == "QQ"


def test_the_fields_words_are_those_of_the_field():
    words = Language.of("pt_BR")
    assert words.say("Outbound calls") == "Chamadas de saída"
    assert words.say("Inbound calls") == "Chamadas de entrada"
    assert words.say("Rate per minute") == "Tarifa por minuto"


def test_a_bundled_card_says_where_its_figures_are_from_in_words_that_are_translated():
    known = {message.id for message in catalogue("es")}
    for name in ("demo-two-way", "highlevel-usd", "meta-inr", "meta-usd", "plivo-usd"):
        card = wacost.load_card(name)
        told = {card.source, *(text for row in card.rows for text in (row.source, row.note))}
        assert {text for text in told if text and not text.startswith("https:")} <= known
