"""Make any text printable with the fonts that a document can use.

The fonts have Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian and Georgian letters and many
signs. What they lack a font of the machine may have (`fonts`). What that lacks too is named in
brackets, in English: an emoji by its name ("[rocket]"), a run of letters by its script
("[Devanagari]"). Figures never need it; a name may. JSON and CSV carry every text unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "templates"

_LONGEST_WORD: Final = 16
_LONG: Final = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")
_JOINERS: Final = "\u200c\u200d\ufe0e\ufe0f"
_TWICE: Final = re.compile(r"(\[[^\]]+\])(?: *\1)+")
_BLANK: Final = ("Cc", "Zl", "Zp")
_INITIALS: Final = {"Cjk": "CJK"}


def printable(text: str, extra: frozenset[int] = frozenset()) -> str:
    r"""Return `text` with nothing in it that the fonts have no glyph for.

    Control characters become spaces; marks that turn the direction of writing are dropped, so
    that no name can rearrange what stands beside it.

    Args:
        text: to print.
        extra: code points that other fonts have a glyph for.

    >>> printable("Café ☎ 🚀"), printable("आकाश Ltd"), printable("日本 KK")
    ('Café ☎ [rocket]', '[Devanagari] Ltd', '[CJK] KK')
    >>> printable("a\u202eb\x00c")
    'ab c'
    """
    kept = _kept(composed(text), extra)
    labelled = [
        ("" if ord(char) in extra or char in _JOINERS else _label(char), char) for char in kept
    ]
    parts = []
    for label, run in groupby(labelled, key=lambda pair: pair[0]):
        parts.append(f"[{label}]" if label else "".join(char for _, char in run))
    return _TWICE.sub(r"\1", "".join(parts))


def lacking(text: str) -> frozenset[int]:
    """Return the code points of a text that the fonts of a document have no glyph for.

    >>> sorted(map(chr, lacking("Café \N{ROCKET}\u200d")))
    ['🚀']
    """
    kept = _kept(composed(text), frozenset())
    return frozenset(ord(char) for char in kept if ord(char) not in _covered())


def composed(text: str) -> str:
    r"""Return `text` with its accents joined to their letters, and controls as spaces.

    >>> composed("e\u0301\n") == "é "
    True
    """
    joined = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(c) in _BLANK else c for c in joined)


def breakable(text: str) -> str:
    r"""Let a word that is longer than a column break, by zero-width spaces.

    >>> breakable("x" * 30) == "x" * 16 + "\u200b" + "x" * 14
    True
    """
    return _LONG.sub(lambda word: f"{word[0]}\u200b", text)


def _label(char: str) -> str:
    """Return "" for a character that can be printed, else what to call it."""
    if ord(char) in _covered():
        return ""
    name = unicodedata.name(char, "")
    if not name:
        return f"U+{ord(char):04X}"
    if unicodedata.category(char)[0] in "LMN":
        script = name.split()[0].title()
        return _INITIALS.get(script, script)
    return name.lower()


def _kept(text: str, extra: frozenset[int]) -> Iterator[str]:
    """Yield the characters that are printed or named; a joiner counts within such letters only."""
    before = ""
    for char in text:
        if char in _JOINERS:
            if before and ord(before) in extra:
                yield char
        elif unicodedata.category(char) != "Cf" or ord(char) in _covered():
            yield char
            before = char


@cache
def _covered() -> frozenset[int]:
    found = {0x200B}
    for line in (TEMPLATES / "glyphs.txt").read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        for part in line.split():
            first, _, last = part.partition("-")
            found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
