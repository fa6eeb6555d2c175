"""What stays of bodies, entries and changes that hold no item, and of single values.

They are counted and refused, or left out, for the same reason as before, and tell of nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wacost.ingest.shape import ENTRY, prune

MOST_ID: Final = 512
"""Characters of the longest id that is taken for one."""
_NOT_IN_WORDS: Final = frozenset(' \n\r\t\x1b"{[')
_NO_WORD: Final = "x x"  # in the place of a text: refused as that was
_VALUE_KEYS: Final = (
    "metadata", "timestamp", "type", "event", "phone_number", "phone_number_settings",
    "violation_info", "restriction_info", "volume_tier_info",
)  # fmt: skip
_ACCOUNT: Final = {key: ENTRY[0]["changes"][0]["value"][key] for key in _VALUE_KEYS}
_ACCOUNT_FIELDS: Final = ("account_update", "account_settings_update")


def refused(body: Any) -> Any:
    """Keep of a body that is no WhatsApp webhook only what it is refused for."""
    if not isinstance(body, dict):
        return plain(body) if not isinstance(body, str) else ""
    made = {"object": plain(body["object"])} if "object" in body else {}
    if isinstance(body.get("entry"), list):
        made["entry"] = [{}] if body["entry"] else []
    return made if made != body else body


def bare_entry(entry: Any) -> Any:
    """Keep of an entry without changes what it is refused for: Messenger's calls, or nothing."""
    is_messenger = isinstance(entry, dict) and listed(entry, "calls")
    made: dict[str, Any] = {"calls": [{}]} if is_messenger else {}
    return entry if made == entry else made


def bare_change(change: Any) -> Any:
    """Keep of a change without items what is read of it: what Meta says of an account.

    >>> bare_change({"field": "smb_message_echoes", "value": {"message_echoes": ["Ana"]}})
    {'field': 'smb_message_echoes', 'value': {}}
    """
    if not isinstance(change, dict):
        return None
    value = change.get("value")
    made: dict[str, Any] = {"field": plain(change["field"])} if "field" in change else {}
    if made.get("field") in _ACCOUNT_FIELDS and isinstance(value, dict):
        told = prune(value, _ACCOUNT)
        made["value"] = told | {key: plain(told[key]) for key in ("type", "event") if key in told}
    else:
        made["value"] = {}
    return change if made == change else made


def listed(value: Mapping[str, Any], key: str) -> bool:
    """Tell whether a value has a list of something under a key."""
    return isinstance(value.get(key), list) and bool(value[key])


def plain(told: Any) -> Any:
    """Keep a word, a number or nothing; of all else its kind only.

    >>> plain("COMPLETED"), plain(" "), plain("call Ana at home"), plain({"name": "Ana"})
    ('COMPLETED', ' ', 'x x', {})
    """
    if told is None or isinstance(told, bool | int | float):
        return told
    if isinstance(told, str):
        return told if is_word(told.strip()) else _NO_WORD
    return {} if isinstance(told, dict) else []


def is_word(told: str, most: int = 64) -> bool:
    """Tell what events.sql takes for a word, or for an id."""
    return len(told) <= most and told.isascii() and _NOT_IN_WORDS.isdisjoint(told)
