"""Why a record is not an event: every reason code with its sentence. Codes never change."""

from __future__ import annotations

from typing import Final

IGNORED: Final[dict[str, str]] = {
    "other_field": "a change of a field that is not about calls",
    "other_event": "an event of the provider that is not about a call",
    "untimed": "a step of a call that tells no time: its other events tell the call",
    "pstn": "a call over the telephone network, not over WhatsApp",
}
"""Records that are understood and rightly left out."""

QUARANTINED: Final[dict[str, str]] = {
    "not_json": "the line is not JSON",
    "not_utf8": "the text is not UTF-8",
    "too_deep": "the JSON is nested too deeply",
    "too_long": "the line or body is longer than 16 MiB; Meta sends 3 MB at most",
    "too_large": "the document is larger than 256 MiB: write it with one body a line",
    "truncated": "the compressed file ends in the middle; what came before it was read",
    "corrupt": "the compressed file is damaged from here on; what came before it was read",
    "messenger": "a Messenger or Instagram body: its calls are not WhatsApp's",
    "other_object": "the body is not of a WhatsApp Business account",
    "other_format": "the body is not of the format that was asked for",
    "no_entry": "the body has no `entry`: it is no WhatsApp webhook",
    "no_changes": "the entry has no `changes`",
    "no_items": "the change has neither `calls` nor `statuses` nor `messages`",
    "no_id": "the record has no `id`",
    "bad_id": "`id` is not an id",
    "no_event": "the record tells neither an `event` nor a `status` nor a `response`",
    "bad_event": "`event`, `status` or `response` is not a word",
    "no_timestamp": "the record has no `timestamp`",
    "bad_timestamp": "`timestamp` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_start_time": "`start_time` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_end_time": "`end_time` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_duration": "`duration` is not a whole number of seconds",
    "bad_status": "`status` is not a word",
    "contradiction": "another record with the same call id, event and time says otherwise",
}
"""Records that are refused: nobody can say what they are worth."""


KNOWN_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "event": ("connect", "accepted", "terminate", "call_created"),
    "status": ("RINGING", "ACCEPTED", "REJECTED"),
    "outcome": ("COMPLETED", "FAILED", "REJECTED"),
    "message_status": ("SENT", "DELIVERED", "READ", "PLAYED", "FAILED", "DELETED"),
    "permission_reply": ("accept", "reject", "approve"),
    "settings": ("phone_number_settings",),
    "account": (
        "ACCOUNT_VIOLATION",
        "ACCOUNT_RESTRICTION",
        "VOLUME_BASED_PRICING_TIER_UPDATE",
        "PARTNER_ADDED",
        "PARTNER_REMOVED",
        "ACCOUNT_OFFBOARDED",
        "ACCOUNT_RECONNECTED",
    ),
}
"""What records say in words that wacost knows; any other word is kept as told, and counted."""


def known_words() -> str:
    """Write the known words as pairs for `IN`; they are constants of this file."""
    pairs = ((field, word) for field, words in KNOWN_WORDS.items() for word in words)
    return "(" + ", ".join(f"('{field}', '{word}')" for field, word in pairs) + ")"


def sentence(reason: str) -> str:
    """Return what a reason code means.

    >>> sentence("no_id")
    'the record has no `id`'
    """
    return QUARANTINED.get(reason) or IGNORED[reason]


def sql_list(codes: dict[str, str]) -> str:
    """Write reason codes as a list for `IN`; they are constants of this file.

    >>> sql_list({"no_id": "", "bad_id": ""})
    "('no_id', 'bad_id')"
    """
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"
