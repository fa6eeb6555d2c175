"""What `cards check` finds: a value with its place, how grave it is, a sentence and a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wacost.errors import RateCardError

SEVERITIES: Final = ("error", "warning", "info")
"""error: the card is refused. warning: something that is probably not meant. info: a known gap."""

_TOML_LINE: Final = re.compile(r"at line (\d+)")
_FEW: Final = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that somebody should look at.

    Attributes:
        severity: one of `SEVERITIES`.
        kind: a short code that never changes, e.g. "factor_ten".
        file: the file, as the user knows it.
        line: its line, or None where it is about the whole file.
        column: the column or key, or "".
        message: a sentence.
        hint: what to do.
    """

    severity: str
    kind: str
    file: str
    line: int | None
    column: str
    message: str
    hint: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def refused(error: RateCardError, texts: dict[str, str]) -> Finding:
    """Make a finding of a mistake for which the card is refused.

    Args:
        error: the mistake.
        texts: the card.toml that it may be about, by file name, to find the key's line in.
    """
    line = error.line
    if line is None and error.file in texts:
        line = line_of(texts[error.file], error.column)
        if told := _TOML_LINE.search(error.sentence):
            line = int(told[1])
    return Finding("error", "refused", error.file, line, error.column, error.sentence, error.hint)


def line_of(text: str, key: str) -> int | None:
    r"""Return the line of a card.toml that sets a key, or begins a table; None where none does.

    >>> line_of('name = "a"\n[rounding]\nplaces = 2\n', "rounding.places")
    3
    """
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.strip()
        if bare.startswith("["):
            section = bare.strip("[] ").partition("]")[0].strip()
            if section == key:
                return number
        name = bare.partition("=")[0].strip()
        if "=" in bare and key == (f"{section}.{name}" if section else name):
            return number
    return None


def few(words: Iterable[str]) -> str:
    """List a few words, and how many there are.

    >>> few(["b", "a"])
    'a, b'
    """
    found = sorted(words)
    shown = ", ".join(found[:_FEW])
    return f"{shown}, … ({len(found)})" if len(found) > _FEW else shown


def file_text(path: Path) -> str:
    """Return the text of a file as far as it is text."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""
