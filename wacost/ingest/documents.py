"""JSON documents that are not one body a line: pretty-printed bodies, lists, bodies in a row."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import IO, TYPE_CHECKING, Final

from wacost.ingest.decode import DECODER
from wacost.ingest.formats import format_of
from wacost.ingest.reshape import where
from wacost.ingest.unpack import BrokenPackingError, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DOCUMENT: Final = 256 << 20
"""Bytes of the largest document; what is larger comes as one body a line."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LOOK: Final = 64 << 10
_TRIED_LINES: Final = 20


def is_one_per_line(file: IO[bytes], packing: str) -> bool:
    """Tell whether a file holds one JSON value a line, by its first lines.

    A line that is a whole value decides it. A pretty-printed document has none that is an object.
    """
    try:
        head = next(unpacked(file, packing), b"")
    except BrokenPackingError:
        return True
    lines = (line.strip() for line in head[: _LOOK * 64].removeprefix(b"\xef\xbb\xbf").split(b"\n"))
    told = list(islice((line for line in lines if line), _TRIED_LINES))
    return not told or any(_is_value(line) for line in told)


def _is_value(line: bytes) -> bool:
    if not (line[:1] + line[-1:] in {b"{}", b"[]"} and len(line) > 2):  # noqa: PLR2004
        return False
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if line.startswith((b'{"object"', b'{"entry"', b"[{")) or b'"entry"' in line:
        return True
    return bool(format_of(value))


def bodies_of(
    data: bytes, *, cut_short: bool = False
) -> Iterator[tuple[int, bytes, tuple[str, str] | None]]:
    r"""Yield (line, body on one line, problem) for every body of a document, in order.

    The last one may carry a problem (reason, detail) instead: where the document breaks, all that
    came before it counts.

    Args:
        data: the document.
        cut_short: it is known to end in the middle, so an end without a break is a break too.

    >>> list(bodies_of(b'[\n {"a":\n1.0}, 5]'))
    [(2, b'{"a": 1.0}', None), (3, b'5', None)]
    >>> [(line, problem and problem[0]) for line, _, problem in bodies_of(b'{"a":1}\n{"a"')]
    [(1, None), (2, 'not_json')]
    """
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    at, line, seen, inside = 0, 1, 0, False
    while True:
        at = _skip(text, at)
        line, seen = line + text.count("\n", seen, at), at
        if at < len(text) and _is_mark(text[at], inside=inside):
            inside = text[at] != "]"
            at += 1
            continue
        if at >= len(text):
            break
        try:
            _, end = DECODER.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            yield line, _bytes(text[at : at + 4000]), _problem(error, text[at:])
            return
        body = text[at:end]
        if _is_utf8(body):
            yield line, body.replace("\n", " ").replace("\r", " ").encode(), None
        else:
            yield line, _bytes(body[:4000]), ("not_utf8", "")
        at = end
    if inside or cut_short:
        yield line, b"", ("not_json", "the document ends in the middle")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _is_mark(mark: str, *, inside: bool) -> bool:
    """Tell a bracket or comma of the outermost list, which holds the bodies."""
    return mark == "[" if not inside else mark in ",]"


def _problem(error: Exception, rest: str) -> tuple[str, str]:
    if isinstance(error, RecursionError):
        return "too_deep", ""
    if not _is_utf8(rest[:100_000]):
        return "not_utf8", ""
    return "not_json", where(error) if isinstance(error, ValueError) else ""


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes that were no UTF-8 came in as surrogates
        return False
    return True


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
