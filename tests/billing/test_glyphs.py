"""What is called printable can be printed: PDF/A refuses a character without a glyph."""

from __future__ import annotations

import json

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.billing.documents.glyphs import TEMPLATES, _covered, breakable, printable

FONTS = 'font: ("Libertinus Serif", "DejaVu Sans Mono", "New Computer Modern"'
SOURCE = f"""
#set text({FONTS}), fallback: false)
#set page(height: auto)
#for one in json(bytes(sys.inputs.x)) [#one #strong(one)]
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("typst") / "text.typ"
    path.write_text(SOURCE)
    return path


def compiles(source, texts) -> bool:
    typst.compile(
        source,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards="a-3b",
        sys_inputs={"x": json.dumps(texts)},
    )
    return True


def test_the_fonts_are_those_of_the_template():
    assert FONTS in (TEMPLATES / "invoice.typ").read_text()


def test_every_listed_character_has_a_glyph(source):
    assert compiles(source, [chr(point) for point in sorted(_covered())])


def test_a_character_without_a_glyph_is_refused_by_the_standard(source):
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        compiles(source, ["🚀"])


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_made_printable(source, text):
    assert compiles(source, [breakable(printable(text))])


def test_latin_greek_cyrillic_arabic_and_hebrew_stay_as_they_are():
    for text in ("São Ğ ș ﬁ", "Ελλάδα", "Київ", "شركة", "עברית", "₹ € £ ¥ ₽ ₺"):
        assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("आकाश इंडिया", "[Devanagari]"),
        ("🚀🚀 go", "[rocket] go"),
        ("한국 전력", "[Hangul]"),
        ("\ud800", "[U+D800]"),
        ("e\u0301", "é"),
        ("👩\u200d💻", "[woman][personal computer]"),
        ("a\u202egnp.exe", "agnp.exe"),
    ],
)
def test_the_rest_is_named(text, shown):
    assert printable(text) == shown
