"""Put events into webhook bodies: one entry per WABA, one change per number and field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.simulate.events import Event

_COMPACT: Final = json.JSONEncoder(separators=(",", ":"))


def body_of(events: Sequence[Event]) -> dict[str, Any]:
    """Return the body that posts these events together.

    An event with errors of its value, or that is a value of its own, has its own change; the
    others share one where business number, field, list and display number are the same.
    """
    entries: dict[str, dict[str, Any]] = {}
    values: dict[tuple[str, str, str, bool], dict[str, Any]] = {}
    seen: set[tuple[int, str]] = set()  # contacts that a value already names
    for event in events:
        waba_id = event.business.waba_id
        entry = entries.setdefault(waba_id, {"id": waba_id, "changes": []})
        if not event.items:
            entry["time"] = event.at
            entry["changes"].append({"value": event.item, "field": event.field})
            continue
        key = (event.number.id, event.field, event.items, event.formatted)
        value = None if event.errors else values.get(key)
        if value is None:
            value = _value(event)
            entry["changes"].append({"value": value, "field": event.field})
            if not event.errors:
                values[key] = value
        _add(value, event, seen)
    return {"object": "whatsapp_business_account", "entry": list(entries.values())}


def _value(event: Event) -> dict[str, Any]:
    number = event.number
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number.display if event.formatted else number.digits,
            "phone_number_id": number.id,
        },
    }


def _add(value: dict[str, Any], event: Event, seen: set[tuple[int, str]]) -> None:
    if event.contact:
        name = event.contact.get("user_id") or event.contact["wa_id"]
        if (id(value), name) not in seen:
            seen.add((id(value), name))
            value.setdefault("contacts", []).append(event.contact)
    value.setdefault(event.items, []).append(event.item)
    if event.errors:
        value["errors"] = event.errors


def line_of(body: dict[str, Any]) -> bytes:
    r"""Write a body as one line, everything beyond ASCII escaped, as Meta posts it.

    >>> line_of({"object": "é", "entry": []})
    b'{"object":"\\u00e9","entry":[]}'
    """
    return _COMPACT.encode(body).encode("ascii")


def page_of(body: dict[str, Any]) -> bytes:
    """Write a body over many lines, in plain UTF-8, as a person saves it."""
    return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode()
