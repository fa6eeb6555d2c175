"""Fonts of this machine for letters that the fonts of a document lack: Hindi, Chinese, emoji.

What a document is set in comes with typst. A name in another script needs a font that has it;
where one is installed it is taken, and only for such letters. The document itself does not depend
on it: its figures, its hash and all other text are the same on a machine without it.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory
from typing import Any, Final

_NORMAL, _BOLD = 400, 700
_NO_LETTERS: Final = ("last resort", "lastresort", "adobe blank", "unifont", "mono", "ui")
"""In names of fonts that show a box, a blank or pixels for everything, or are another's variant."""
_KANA_HANGUL: Final = (("JP", (0x3040, 0x30FF)), ("KR", (0xAC00, 0xD7A3)))
"""Letters that tell in which country's shapes Chinese characters are meant; else China's."""
_PICTURES: Final = 0x1F000  # most signs from here on are emoji
_COLLECTION: Final = b"ttcf"
_SEGMENTS, _GROUPS = 4, 12  # the two formats in which a font tells which letters it has
_UNICODE: Final = ((0, 3), (0, 4), (0, 6), (3, 1), (3, 10))


@dataclass(frozen=True, slots=True)
class Extra:
    """Fonts of this machine.

    Attributes:
        families: their names, in the order in which they are asked for a letter.
        files: what is read of each.
        points: the letters that one of them has, of those that were needed.
    """

    families: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    points: frozenset[int] = frozenset()

    @contextmanager
    def folder(self) -> Iterator[list[str]]:
        """Yield the folders that typst reads fonts from: one with these files alone."""
        if not self.files:
            yield []
            return
        with TemporaryDirectory(prefix="wacost-fonts-") as folder:
            for number, file in enumerate(self.files):
                copy(file, Path(folder) / f"{number}{file.suffix}")
            yield [folder]


def packages_for(points: Iterable[int]) -> list[str]:
    """Return the packages of Debian and Ubuntu whose fonts have some letters.

    >>> packages_for(map(ord, "日本आ"))
    ['fonts-noto-cjk', 'fonts-noto-core']
    """
    return sorted({_package(chr(point)) for point in points})


def _package(char: str) -> str:
    name = unicodedata.name(char, "")
    if name.startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "BOPOMOFO")):
        return "fonts-noto-cjk"
    is_sign = unicodedata.category(char) in {"So", "Sk"} and ord(char) >= _PICTURES
    return "fonts-noto-color-emoji" if is_sign else "fonts-noto-core"


@cache
def fonts_for(needed: frozenset[int]) -> Extra:
    """Return the fewest fonts of this machine that have the most of some letters.

    Args:
        needed: code points.
    """
    families: list[str] = []
    files: list[Path] = []
    left = set(needed)
    while left:
        has = {name: len(left & points) for name, (points, _) in _families().items()}
        best = max(has, key=lambda name: (has[name], *_liked(name, needed), name), default="")
        if not best or not has[best]:
            break
        points, of_family = _families()[best]
        left -= points
        families.append(best)
        files += of_family
    return Extra(tuple(families), tuple(dict.fromkeys(files)), frozenset(needed - left))


@cache
def _families() -> dict[str, tuple[frozenset[int], tuple[Path, ...]]]:
    """Return name -> (letters, files) of every family that is installed, upright, plain or bold."""
    import typst  # noqa: PLC0415 - 30 MB that only a PDF needs

    found: dict[str, dict[int, Any]] = {}
    for font in typst.Fonts(include_embedded_fonts=False).fonts():
        is_plain = font.style == "normal" and font.stretch == 1 and font.weight in {_NORMAL, _BOLD}
        if font.path and is_plain and not _is_odd(font.family):
            found.setdefault(font.family, {}).setdefault(font.weight, font)
    return {
        name: (letters_of(Path(weights[_NORMAL].path), weights[_NORMAL].index),
               tuple(Path(font.path) for font in weights.values()))
        for name, weights in sorted(found.items())
        if _NORMAL in weights
    }  # fmt: skip


def _liked(family: str, needed: frozenset[int]) -> tuple[bool, bool]:
    """Tell what decides between families that have the same letters.

    >>> _liked("Noto Sans CJK JP", frozenset(map(ord, "東京タワー"))), _liked("Arial", frozenset())
    ((True, True), (False, False))
    """
    place = next(
        (place for place, (low, high) in _KANA_HANGUL if any(low <= n <= high for n in needed)),
        "SC",
    )
    return family.startswith("Noto Sans"), family.endswith(f" {place}")


def _is_odd(family: str) -> bool:
    words = family.lower()
    return any(f" {odd}" in f" {words}" for odd in _NO_LETTERS)


def letters_of(file: Path, index: int = 0) -> frozenset[int]:
    """Return the code points that a font has a glyph for; none where it cannot be read.

    https://learn.microsoft.com/en-us/typography/opentype/spec/cmap

    Args:
        file: .ttf, .otf, or a collection of them.
        index: which of a collection.
    """
    try:
        return frozenset(_letters(file.read_bytes(), index))
    except (OSError, struct.error, IndexError):
        return frozenset()


def _letters(data: bytes, index: int) -> Iterator[int]:
    begin = _u32(data, 12 + 4 * index) if data[:4] == _COLLECTION else 0
    for n in range(_u16(data, begin + 4)):
        entry = begin + 12 + 16 * n
        if data[entry : entry + 4] == b"cmap":
            yield from _mapped(data, _u32(data, entry + 8))


def _mapped(data: bytes, table: int) -> Iterator[int]:
    for n in range(_u16(data, table + 2)):
        entry = table + 4 + 8 * n
        if (_u16(data, entry), _u16(data, entry + 2)) in _UNICODE:
            at = table + _u32(data, entry + 4)
            if _u16(data, at) == _SEGMENTS:
                yield from _in_segments(data, at)
            elif _u16(data, at) == _GROUPS:
                yield from _in_groups(data, at)


def _in_segments(data: bytes, at: int) -> Iterator[int]:
    """Yield the letters of a table of format 4; glyph 0 is the box of a missing one."""
    size = _u16(data, at + 6)  # twice the count of segments
    ends, starts = at + 14, at + 16 + size
    for n in range(0, size, 2):
        start, end = _u16(data, starts + n), _u16(data, ends + n)
        delta, offset = _u16(data, starts + size + n), _u16(data, starts + 2 * size + n)
        for point in range(start, min(end, 0xFFFE) + 1):
            place = starts + 2 * size + n + offset + 2 * (point - start)
            glyph = _u16(data, place) if offset else (point + delta) & 0xFFFF
            if glyph:
                yield point


def _in_groups(data: bytes, at: int) -> Iterator[int]:
    """Yield the letters of a table of format 12."""
    for n in range(_u32(data, at + 12)):
        start, end, glyph = struct.unpack_from(">III", data, at + 16 + 12 * n)
        yield from range(start if glyph else start + 1, min(end, 0x10FFFF) + 1)


def _u16(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", data, at)[0])


def _u32(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])
