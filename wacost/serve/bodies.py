"""A body as it came -> one line of a segment file, with the moment it arrived in front."""

from __future__ import annotations

import json
from typing import Any, Final

from wacost.ingest.decode import MOST_DEPTH, is_deep
from wacost.ingest.documents import bodies_of

MOST_BODY: Final = 3 << 20
"""Bytes of the largest body that is taken; Meta sends up to 3 MB."""
_ONE_LINE: Final = bytes.maketrans(b"\r\n", b"  ")
_BOM: Final = b"\xef\xbb\xbf"


class RefusedError(Exception):
    """A body is not taken; `reason` is the word under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def as_line(raw: bytes, received_at_s: int) -> bytes:
    r"""Return a body as one line that ends with a newline.

    Not a byte is changed but newlines, which in JSON stand between tokens only; the moment of
    arrival is put in front as a first key, in a list in front of every object of it.

    >>> as_line(b'{\n "entry": [] }', 1790000000)
    b'{"wacost_received_at":1790000000,  "entry": [] }\n'
    >>> as_line(b" {} ", 5), as_line(b'[{"a": 1}, {}]', 5)
    (b'{"wacost_received_at":5}\n', b'[{"wacost_received_at":5,"a": 1},{"wacost_received_at":5}]\n')

    Raises:
        RefusedError: it is not UTF-8, no JSON, nested too deeply, or neither object nor list.
    """
    whole = raw.removeprefix(_BOM)
    value = _checked(whole)
    line = whole.translate(_ONE_LINE).strip()
    if isinstance(value, dict):
        return _stamped(line, received_at_s) + b"\n"
    bodies = (body for _, body, _ in bodies_of(line))
    return b"[" + b",".join(_stamped(body, received_at_s) for body in bodies) + b"]\n"


def _stamped(line: bytes, at_s: int) -> bytes:
    """Splice the arrival into an object; anything else stays what it is."""
    if not line.startswith(b"{"):
        return line
    rest = line[1:].lstrip(b" \t") if line[1:].strip() == b"}" else line[1:]
    comma = b"" if rest == b"}" else b","
    return b'{"wacost_received_at":%d%s%s' % (at_s, comma, rest)


def _checked(raw: bytes) -> Any:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_json, parse_int=str)
    except UnicodeDecodeError:
        raise RefusedError("not_utf8") from None
    except RecursionError:
        raise RefusedError("too_deep") from None
    except ValueError:
        raise RefusedError("not_json") from None
    if not isinstance(value, dict | list):
        raise RefusedError("no_body")
    if raw.count(b"{") + raw.count(b"[") > MOST_DEPTH and is_deep(value):
        raise RefusedError("too_deep")
    return value


def _no_json(word: str) -> Any:
    """NaN and Infinity are Python's JSON and nobody else's."""
    raise ValueError(word)
