"""Why a record is not an event: every reason code with its sentence. Codes never change."""

from __future__ import annotations

from typing import Final

IGNORED: Final[dict[str, str]] = {
    "other_field": "a change of a field that is not about calls, or of messages with none in it",
    "other_event": "an event of the provider that is not about a call",
    "untimed": "a step of a call that tells no time: its other events tell the call",
    "pstn": "a call over the telephone network, not over WhatsApp",
    "total_row": "a row of sums: its calls have rows of their own",
    "header_row": "the header of the table once more",
    "no_mapping": "a table of a folder that no [imports.NAME] of wacost.toml fits",
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
    "not_a_workbook": "the file is damaged, locked, no XLSX workbook, or has a cell far out",
    "no_header": "no row of the table has all the columns that the mapping names",
    "cut_row": "the file ends in the middle of this row",
    "short_row": "the row has fewer cells than the header",
    "long_row": "the row has more cells than the header: a separator stands inside a cell",
    "open_quote": "a quotation mark is not closed: rows that follow stand in a cell of this one",
    "lost_digits": "the number has lost its digits (5.51E+12, or masked): export it again with the"
    " column formatted as text; a masked one can be priced where a column tells the country",
    "bad_contact": "the contact is neither a number with its country code nor a user id",
    "no_direction": "nothing tells the direction of the call",
    "unknown_direction": "the word for the direction is not known: add it to the mapping's `words`",
    "no_time": "the row tells no time",
    "bad_time": "a time cannot be read",
    "zone_word": "a time ends in a word for its zone, which may mean several offsets: export it"
    " with the offset (-03:00), or without the word and set the mapping's `timezone`",
    "time_unit_not_told": "a time is a plain number, and the mapping has no `time_unit`",
    "day_first_not_told": "a date can be read in two ways, and the mapping has no `day_first`",
    "timezone_not_told": "a time has no offset, and the mapping has no `timezone`",
    "time_repeated": "the clock showed this time twice that day: nobody can say which is meant",
    "time_skipped": "the clock never showed this time: it was put forward over it",
    "bad_length": "the duration is not a whole number of seconds",
    "unknown_country": "the country is neither an ISO code nor a name in English, Portuguese or"
    " Spanish",
    "bad_count": "the number of calls is no whole number",
    "bad_minutes": "the minutes are no number, mm:ss or hh:mm:ss",
    "no_calls": "minutes are told and no call that they belong to",
    "no_month": "nothing tells the month",
    "bad_month": "the month is not written like 2026-10 or 10/2026",
    "decimal_not_told": "a number like 1,234 can be read in two ways, and the mapping has no"
    " `decimal`",
    "contradiction": "another record with the same call id, event and time says otherwise",
}
"""Records that are refused: nobody can say what they are worth."""

HELD: Final[dict[str, str]] = {
    "contradiction": "its records contradict each other",
    "outcome_not_told": "the table does not tell whether anybody picked up",
    "pickup_not_told": "the table says that it was answered, but not when the talk began",
    "length_not_told": "the table tells when the talk began, but neither its end nor its length",
    "doubtful_match": "it may be a call that another source tells of too, and may be another",
    "outcome_contradicts": "the table says that nobody picked up, and when somebody did",
    "no_length": "its records tell when the talk began, but neither its end nor its length",
    "duration_conflict": "its duration and its two times differ by more than a second",
}
"""Why a call is held: it is kept and counted, and not priced until that is settled."""


KNOWN_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "event": ("connect", "accepted", "terminate", "call_created"),
    "status": ("RINGING", "ACCEPTED", "REJECTED"),
    "outcome": ("COMPLETED", "FAILED", "REJECTED", "MISSED"),
    "message_status": ("SENT", "DELIVERED", "READ", "PLAYED", "FAILED", "DELETED"),
    "permission_reply": ("accept", "reject", "approve", "granted", "rejected", "revoked"),
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
    return QUARANTINED.get(reason) or IGNORED.get(reason) or HELD[reason]


def sql_list(codes: dict[str, str]) -> str:
    """Write reason codes as a list for `IN`; they are constants of this file.

    >>> sql_list({"no_id": "", "bad_id": ""})
    "('no_id', 'bad_id')"
    """
    return "(" + ", ".join(f"'{code}'" for code in codes) + ")"
