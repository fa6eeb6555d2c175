"""The seam for webhook formats other than Meta's: a module each, two pure functions in each.

`is_mine` tells by the structure of a body whether it belongs to the format, never by the size of
a number; `to_meta` turns it into Meta's bodies as `ingest.shape` names their keys, times in epoch
seconds because the format says what its times are. Everything else (what may be missing, which
reason a record gets, duplicates, the fold) is one and the same for all formats.

Meta's own bodies need no module. 360dialog and Gupshup pass them on as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from wacost.errors import InputError
from wacost.ingest.formats import aws, doubletick, kapso, ycloud
from wacost.ingest.formats.parts import left_out
from wacost.names import nearest

META: Final = "meta"


@dataclass(frozen=True)
class Format:
    """A way to tell of calls.

    Attributes:
        name: as `--format` and `sources.format` call it.
        is_mine: tells whether a body, a JSON object, belongs to it.
        to_meta: returns Meta's bodies for one that does.
        one_record: a body is one record; else its records are those of Meta's bodies.
        passes_meta: the same source also sends Meta's bodies as they are.
    """

    name: str
    is_mine: Callable[[dict[str, Any]], bool]
    to_meta: Callable[[dict[str, Any]], list[dict[str, Any]]]
    one_record: bool = False
    passes_meta: bool = False


FORMATS: Final = (
    Format(ycloud.NAME, ycloud.is_mine, ycloud.to_meta, one_record=True),
    Format(doubletick.NAME, doubletick.is_mine, doubletick.to_meta, one_record=True),
    Format(aws.NAME, aws.is_mine, aws.to_meta),
    Format(kapso.NAME, kapso.is_mine, kapso.to_meta, passes_meta=True),
)
REWRITTEN: Final = "wacost_rewritten_from"
"""The key under which a redacted body, Meta's by then, tells in which format it had come."""
NAMES: Final = (META, *(one.name for one in FORMATS))


@dataclass(frozen=True)
class Taken:
    """One body of a line.

    Attributes:
        format: whose it is; "" where no format knows it.
        original: as it came.
        bodies: Meta's bodies for it.
        one_record: it is one record.
    """

    format: str
    original: Any
    bodies: tuple[Any, ...]
    one_record: bool = False


def checked_format(name: str, imports: Iterable[str] = ()) -> str:
    """Return the name of a known format, or of one of the mappings for tables.

    >>> checked_format("ycloud")
    'ycloud'

    Raises:
        InputError: there is none of that name; the nearest is told.
    """
    known = (*NAMES, *imports)
    if name not in known:
        raise InputError(f"There is no format {name!r}", hint=nearest(name, known, "format"))
    return name


def taken(document: Any, wanted: str | None = None) -> list[Taken]:
    """Return the bodies of a line, each as Meta's; an empty list counts as one body that is none.

    Args:
        document: what the line holds: a body, or a list of them.
        wanted: the only format there may be; None: each body is told by its structure.

    >>> [one.format for one in taken([{"entry": []}, {"callingTerminate": {}}, 5])]
    ['meta', 'ycloud', '']
    >>> taken({"callingTerminate": {}}, "meta")[0].bodies
    ({'entry': [{'changes': [{'field': 'wacost/other_format'}]}]},)
    """
    bodies = document if isinstance(document, list) else [document]
    return [_taken(body, wanted) for body in bodies or [None]]


def format_of(body: Any) -> str:
    """Return whose a body is: a name of `NAMES`, or "".

    >>> format_of({"callingTerminate": {}}), format_of({"entry": []}), format_of("x")
    ('ycloud', 'meta', '')
    """
    if not isinstance(body, dict):
        return ""
    if body.get(REWRITTEN) in NAMES:
        return str(body[REWRITTEN])
    found = next((one.name for one in FORMATS if one.is_mine(body)), None)
    return found or (META if isinstance(body.get("entry"), list) else "")


def _taken(body: Any, wanted: str | None) -> Taken:
    name = format_of(body)
    if wanted is not None and not _may_come(name, body, wanted):
        return Taken(name, body, (left_out("other_format"),), one_record=True)
    for one in FORMATS:
        if one.name == name and REWRITTEN not in body:
            return Taken(name, body, tuple(one.to_meta(body)), one.one_record)
    return Taken(name, body, (body,))


def _may_come(name: str, body: Any, wanted: str) -> bool:
    """Tell whether a body may come where one format is wanted, if only to get its own reason."""
    if isinstance(body, dict) and body.get("object") in ("page", "instagram"):
        return True  # Messenger's: refused as that, whatever was asked for
    if wanted == META or any(one.name == wanted and one.passes_meta for one in FORMATS):
        return name in (META, wanted) or (wanted == META and name == "")
    return name == wanted
