"""What notebooks say between their figures, in the language of a report's reader.

The notebooks themselves are English. Each heading, paragraph and item of a list is one message of
the catalogues; what a user wrote or changed there stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BEGINS: Final = re.compile(r"(#+ |\* |)(.*)", re.DOTALL)
_NEXT: Final = re.compile(r"\n(?=#+ |\* )")


def messages_of(source: str) -> list[str]:
    r"""Return the messages of a cell of Markdown.

    >>> messages_of("# Costs\n\nWhere the\nmoney goes.\n\n* mix\n* price")
    ['Costs', 'Where the money goes.', 'mix', 'price']
    """
    return [text for block in source.split("\n\n") for _, _, text in _parts(block) if text]


def translated(source: str, say: Callable[[str], str | None]) -> str:
    r"""Return a cell of Markdown with what is known of it translated.

    Args:
        source: of the cell.
        say: gives the translation of a message, or the message where there is none.

    >>> translated("# Costs\n\nMy own\nwords", {"Costs": "Custos"}.get)
    '# Custos\n\nMy own\nwords'
    """
    blocks = source.split("\n\n")
    return "\n\n".join("\n".join(_lines(block, say)) for block in blocks)


def _lines(block: str, say: Callable[[str], str | None]) -> Iterator[str]:
    for raw, begin, text in _parts(block):
        told = say(text) if text else None
        yield raw if told in {None, text} else f"{begin}{told}"


def _parts(block: str) -> Iterator[tuple[str, str, str]]:
    """Yield the parts of a block: as it stands, what it begins with, and its text as one line."""
    for raw in _NEXT.split(block):
        found = _BEGINS.fullmatch(raw)
        if found:
            yield raw, found[1], " ".join(found[2].split())
