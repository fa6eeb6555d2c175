"""Bodies that DuckDB cannot take as they are: read one by one, put in order, given back.

These are lines that are no JSON (they get their reason here), a list of bodies on one line, text
with a byte order mark or a lone surrogate, changes in which several contacts have to be matched to
several calls, and bodies of another format than Meta's, which `formats` turns into Meta's. Whatever
is JSON goes through the same SQL as all others afterwards.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from wacost.ingest.decode import decoded
from wacost.ingest.formats import Taken
from wacost.ingest.shape import ENTRY, prune

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class UnreadableError(Exception):
    """A line is no JSON.

    Args:
        reason: a code of `reasons.QUARANTINED`.
        detail: where it broke, without any of its text.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def read_line(raw: bytes) -> Any:
    """Parse one line.

    >>> read_line(b'{"duration": 1.50}')
    {'duration': '1.50'}

    Raises:
        UnreadableError: it is not UTF-8, no JSON, or nested too deeply.
    """
    try:
        return decoded(raw.decode("utf-8-sig").strip())
    except UnicodeDecodeError as error:
        raise UnreadableError("not_utf8", f"at byte {error.start + 1}") from None
    except RecursionError:
        raise UnreadableError("too_deep") from None
    except ValueError as error:
        raise UnreadableError("not_json", where(error)) from None


def where(error: ValueError) -> str:
    """Say where JSON broke, without its text.

    >>> where(json.JSONDecodeError("Expecting value", "[Ana", 1))
    'Expecting value at character 2'
    >>> where(json.JSONDecodeError("Unterminated string starting at", "[", 0))
    'Unterminated string starting at character 1'
    """
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.pos + 1}"
    return ""


def reshaped(bodies: Iterable[Taken]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the bodies of one line, each pruned, each item beside its own contact.

    Before each stands the place, from 1, of its first record among those of the line.

    >>> from wacost.ingest.formats import taken
    >>> list(reshaped(taken([{"object": "o", "entry": [], "x": 1}, 5])))
    [(1, {'object': 'o', 'entry': []}), (2, {})]
    """
    place = 1
    for one in bodies:
        for body in one.bodies:
            yield place, _body(body) | _arrival(one.original)
            place += sum(1 for _ in _records_in(body))


def _body(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        return {}
    pruned: dict[str, Any] = prune(body, {"object": "text", "entry": ENTRY})
    for entry in pruned.get("entry") or []:
        if entry and entry.get("changes"):
            entry["changes"] = [one for change in entry["changes"] for one in _split(change)]
    return pruned


def _arrival(original: Any) -> dict[str, Any]:
    """Return when the receiver got a body, which stands beside what the body says itself."""
    told = original.get(ARRIVAL) if isinstance(original, dict) else None
    return {} if told is None else {ARRIVAL: told}


def _split(change: dict[str, Any] | None) -> list[dict[str, Any] | None]:
    """Give every item of a change with several contacts a change of its own."""
    value = (change or {}).get("value") or {}
    if change is None or len(value.get("contacts") or []) < 2:  # noqa: PLR2004
        return [change]
    contacts = _by_identity(value["contacts"])
    alone = sum(len(value.get(kind) or []) for kind in ITEMS[:2]) == 1
    split: list[dict[str, Any] | None] = [
        {**change, "value": _with_contact(value, kind, item, contacts, alone=alone)}
        for kind in ITEMS
        for item in value.get(kind) or []
    ]
    return split or [change]


def _with_contact(
    value: dict[str, Any],
    kind: str,
    item: dict[str, Any] | None,
    contacts: dict[str, dict[str, Any]],
    *,
    alone: bool,
) -> dict[str, Any]:
    found = [contacts[name] for name in _identities(item or {}) if name in contacts]
    failed = str((item or {}).get("status")).upper() == "FAILED"
    return {
        "metadata": value.get("metadata"),
        "contacts": found[:1],
        "errors": value.get("errors") if alone or failed else None,
        kind: [item],
    }


def _by_identity(contacts: list[dict[str, Any] | None]) -> dict[str, dict[str, Any]]:
    """Index contacts by user id and by number; of two with one identity the first counts."""
    found: dict[str, dict[str, Any]] = {}
    for contact in contacts:
        for name in _identities(contact or {}):
            found.setdefault(name, contact or {})
    return found


def _identities(item: dict[str, Any]) -> Iterator[str]:
    """Yield the user ids, then the numbers that an item or a contact tells."""
    for key in ("user_id", "from_user_id", "to_user_id", "recipient_user_id"):
        if item.get(key) and isinstance(item[key], str):
            yield item[key]
    for key in ("wa_id", "from", "to", "recipient_id"):
        if digits := _digits(item.get(key)):
            yield f"+{digits}"


def _digits(text: Any) -> str:
    return re.sub(r"\D", "", text) if isinstance(text, str) else ""


ARRIVAL: Final = "wacost_received_at"
"""The key under which `wacost serve` notes when a body came, in epoch seconds."""
ITEMS: Final = ("calls", "statuses", "messages")
"""The lists of a change that hold records, in the order in which they are counted."""
OBJECTS: Final = ("whatsapp_business_account", "")
"""What `object` of a body may be."""


def records_of(bodies: Iterable[Taken]) -> Iterator[Any]:
    """Yield what each record of a line was, in the order in which meta.sql counts them.

    >>> from wacost.ingest.formats import taken
    >>> list(records_of(taken({"object": {}, "entry": []})))
    [{'object': {}, 'entry': []}]
    >>> change = {"value": {"calls": [1], "statuses": [2]}}
    >>> list(records_of(taken({"entry": [{"changes": [change, 3]}]})))
    [1, 2, 3]
    >>> list(records_of(taken({"callingTerminate": {"to": 5}})))
    [{'callingTerminate': {'to': 5}}]
    """
    for one in bodies:
        if one.one_record:
            yield one.original
        else:
            for body in one.bodies:
                yield from _records_in(body)


def _records_in(body: Any) -> Iterator[Any]:
    entries = body.get("entry") if isinstance(body, dict) else None
    refused = isinstance(body, dict) and body.get("object") not in (*OBJECTS, None)
    if refused or not isinstance(entries, list) or not entries:
        yield body
        return
    for entry in entries:
        changes = entry.get("changes") if isinstance(entry, dict) else None
        for change in changes if isinstance(changes, list) and changes else [entry]:
            yield from _items_of(change)


def _items_of(change: Any) -> Iterator[Any]:
    value = change.get("value") if isinstance(change, dict) else None
    value = value if isinstance(value, dict) else {}
    found = [value.get(key) for key in ITEMS]
    items = [item for items in found if isinstance(items, list) for item in items]
    yield from items or [change]
