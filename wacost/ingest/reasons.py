"""Why a record is not an event: every reason code with its sentence. Codes never change."""

from __future__ import annotations

from typing import Final

IGNORED: Final[dict[str, str]] = {
    "message": "a message: it is no call",
    "message_status": "the status of a message: it is no call",
    "permission_reply": "a call permission reply: not kept yet",
    "recording": "a call recording is available: it is no event of the call's bill",
    "transcript": "a call transcript is available: it is no event of the call's bill",
    "call_created": "a call was created over SIP: its other events tell the call",
    "account_update": "a change of the account: not kept yet",
    "account_settings_update": "a change of settings: not kept yet",
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
    "too_long": "the line is longer than 16 MiB; Meta sends 3 MB at most",
    "truncated": "the compressed file ends in the middle; what came before it was read",
    "corrupt": "the compressed file is damaged from here on; what came before it was read",
    "messenger": "a Messenger or Instagram body: its calls are not WhatsApp's",
    "other_object": "the body is not of a WhatsApp Business account",
    "other_format": "the body is not of the format that was asked for",
    "no_entry": "the body has no `entry`: it is no WhatsApp webhook",
    "no_changes": "the entry has no `changes`",
    "no_items": "the change has neither `calls` nor `statuses`",
    "no_id": "the call has no `id`",
    "bad_id": "`id` is not a call id",
    "no_event": "the item tells neither an `event` nor a `status`",
    "bad_event": "`event` or `status` is not a word",
    "no_timestamp": "the item has no `timestamp`",
    "bad_timestamp": "`timestamp` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_start_time": "`start_time` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_end_time": "`end_time` is not a time in whole epoch seconds (2009 to 2100)",
    "bad_duration": "`duration` is not a whole number of seconds",
    "bad_status": "`status` is not a word",
    "contradiction": "another record with the same call id, event and time says otherwise",
}
"""Records that are refused: nobody can say what they are worth."""


def sentence(reason: str) -> str:
    """Return what a reason code means.

    >>> sentence("no_id")
    'the call has no `id`'
    """
    return QUARANTINED.get(reason) or IGNORED[reason]


def sql_list(codes: dict[str, str]) -> str:
    """Write reason codes as a list for `IN`; they are constants of this file.

    >>> sql_list({"no_id": "", "bad_id": ""})
    "('no_id', 'bad_id')"
    """
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"
