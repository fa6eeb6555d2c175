"""The original text of a refused record, bounded and with everything personal taken out.

SDP, names and message texts must not enter the store, and a broken record may hold them anywhere.
So nothing is kept because it looks harmless: a text value stays only where its key is one of the
envelope's own *and* it is short and made of the characters that ids, numbers and words are made
of. Everything else becomes `…`, in JSON that could be read and in a line that could not.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

MOST: Final = 1000
"""Characters kept of one record."""

_KEPT: Final = """
    object entry id time changes field value messaging_product metadata display_phone_number
    phone_number_id contacts wa_id user_id country_code profile calls statuses errors code event
    timestamp direction call_direction status start_time end_time duration session sdp_type
    connection webrtc to from type recipient_id recipient_user_id from_user_id to_user_id
    from_parent_user_id to_parent_user_id recipient_parent_user_id messages interactive
    apiVersion createTime callingConnect callingTerminate callingStatusUpdated wacid phoneId wabaId
    startTime endTime dialTime fromUserId fromParentUserId toUserId toParentUserId sdpType errorCode
    recipientPhone recipientUserId parentRecipientUserId
    callId wabaNumber customerNumber callDirection callStatus durationInSeconds callStartedAt
    callEndedAt channel receivedAt messageId response
"""
_KEPT_KEYS: Final = frozenset(_KEPT.split())
# These hold objects and lists: a text right in one of them is out of place, and may be a name.
_HOLDERS: Final = """
    entry changes value metadata contacts profile calls statuses errors session connection webrtc
    messages interactive
"""
_TOLD_KEYS: Final = _KEPT_KEYS.difference(_HOLDERS.split())
_PLAIN: Final = re.compile(r"[\w.+:=/<>-]{0,160}", re.ASCII)
_GONE: Final = "…"
# A string with its end, a string that never ends, a number or word of JSON, or anything else.
_TOKEN: Final = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?P<colon>\s*:)?|(?P<open>".*)|(?P<mark>[{}\[\],:\s])'
    r"|(?P<number>-?\d[\d.eE+-]{0,30}(?=[\s,}\]]|$)|true\b|false\b|null\b)|(?P<other>[^\"{}\[\],:\s]+)",
    re.DOTALL,
)


def scrubbed(value: Any) -> str:
    """Write a JSON value without anything personal.

    >>> scrubbed({"id": "wacid.A", "session": {"sdp_type": "offer", "sdp": "v=0"}})
    '{"id":"wacid.A","session":{"sdp_type":"offer","…":"…"}}'
    >>> scrubbed({"status": "call Ana at home", "name": "Ana", "profile": "Ana"})
    '{"status":"…","…":"…","profile":"…"}'
    """
    return _bounded(
        json.dumps(_clean(value, kept=False), ensure_ascii=False, separators=(",", ":"))
    )


def scrubbed_text(text: str) -> str:
    r"""Do the same to a line that is no JSON, or broken JSON.

    >>> scrubbed_text('{"id":"wacid.A","profile":{"name":"Ana B"},"duration":12,"sdp":"v=0\\r')
    '{"id":"wacid.A","profile":{"…":"…"},"duration":12,"…":…'
    >>> scrubbed_text("Ana;+5511987654321")
    '…'
    """
    pieces: list[str] = []
    key = ""
    for token in _TOKEN.finditer(text[: MOST * 8]):
        kind = token.lastgroup
        if kind == "colon":
            name = token["string"][1:-1]
            key = name if name in _KEPT_KEYS else _GONE
            pieces.append(f'"{key}"{token["colon"]}')
        elif kind == "string":
            kept = key in _TOLD_KEYS and _PLAIN.fullmatch(token["string"][1:-1])
            pieces.append(token["string"] if kept else f'"{_GONE}"')
        elif kind in {"mark", "number"}:
            pieces.append(token[0] if kind == "mark" or key in _TOLD_KEYS else _GONE)
        elif not pieces or pieces[-1] != _GONE:
            pieces.append(_GONE)
        if kind != "colon" and not token[0].isspace():
            key = key if token[0] == ":" else ""
    return _bounded("".join(pieces))


def _clean(value: Any, *, kept: bool) -> Any:
    if isinstance(value, dict):
        return {
            (key if key in _KEPT_KEYS else _GONE): _clean(inner, kept=key in _TOLD_KEYS)
            for key, inner in list(value.items())[:200]
        }
    if isinstance(value, list):
        return [_clean(inner, kept=kept) for inner in value[:50]]
    if value is None or isinstance(value, bool):
        return value
    return value if kept and _PLAIN.fullmatch(str(value)) else _GONE


def _bounded(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1] + _GONE
