"""The original text of a refused record, bounded and with everything personal taken out.

SDP, names and message texts must not enter the store, and a broken record may hold them anywhere.
So nothing is kept because it looks harmless: a text value stays only where its key and every key
above it are the envelope's own *and* it is short and made of the characters that ids, numbers and
words are made of. Below any other key nothing is kept, whatever the keys there are called.
Everything else becomes `…`. Of broken JSON only its beginning is looked at, as far as it is JSON.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
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
    callEndedAt channel receivedAt messageId response call_permission_reply context
"""
_KEPT_KEYS: Final = frozenset(_KEPT.split())
# These hold objects and lists: a text right in one of them is out of place, and may be a name.
_HOLDERS: Final = """
    entry changes value metadata contacts profile calls statuses errors session connection webrtc
    messages interactive call_permission_reply context
    callingConnect callingTerminate callingStatusUpdated
"""
_HOLDER_KEYS: Final = frozenset(_HOLDERS.split())
_PLAIN: Final = re.compile(r"[\w.+:=/<>-]{0,160}", re.ASCII)
_GONE: Final = "…"
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(?P<open>".*)|[{}\[\]]', re.DOTALL)
_CLOSERS: Final = {"{": "}", "[": "]"}
# What may be missing behind the beginning of a document: nothing, a value, or a colon and a value.
_ENDINGS: Final = ("", "null", ":null")
_MOST_DIGITS: Final = 32


def scrubbed(value: Any) -> str:
    """Write a JSON value without anything personal.

    >>> scrubbed({"id": "wacid.A", "session": {"sdp_type": "offer", "sdp": "v=0"}})
    '{"id":"wacid.A","session":{"sdp_type":"offer","…":"…"}}'
    >>> scrubbed({"status": "call Ana at home", "name": {"id": "Ana"}, "profile": "Ana"})
    '{"status":"…","…":"…","profile":"…"}'
    """
    return _bounded(json.dumps(_holder(value), ensure_ascii=False, separators=(",", ":")))


def scrubbed_text(text: str) -> str:
    r"""Do the same to a line that is no JSON, or broken JSON.

    >>> scrubbed_text('{"id":"wacid.A","profile":{"name":{"id":"Ana"}},"duration":12,"sdp":"v=0\\r')
    '{"id":"wacid.A","profile":{"…":"…"},"duration":12,"…":"…"}…'
    >>> scrubbed_text("Ana;+5511987654321")
    '…'
    """
    begun = text[: MOST * 8]
    try:
        return scrubbed(_parsed(begun))
    except json.JSONDecodeError as error:
        return _bounded(_beginning(begun[: error.pos]) + _GONE)
    except RecursionError:
        return _GONE


def _parsed(text: str) -> Any:
    return json.loads(text, parse_int=_number)


def _number(told: str) -> int | str:
    """Read a number; what is too long for one is a text."""
    return int(told) if len(told) <= _MOST_DIGITS else _GONE


def _beginning(text: str) -> str:
    """Write what a document begins with, its lists and objects closed; "" where it is none.

    The text right before the place where it stops to be JSON may be a key that was meant.

    >>> _beginning('{"id": "wacid.A", "errors": [{"code": 1}, {"code": "x" ')
    '{"id":"wacid.A","errors":[{"code":1},{"code":null}]}'
    """
    closers: list[str] = []
    end = len(text.rstrip())
    for token in _TOKEN.finditer(text):
        if token["open"] or (token[0].startswith('"') and token.end() == end):
            text = text[: token.start()]
        elif token[0] in _CLOSERS:
            closers.append(_CLOSERS[token[0]])
        elif token[0] in {"}", "]"} and closers:
            closers.pop()
    text = text.rstrip().removesuffix(",")
    for ending in _ENDINGS:
        with suppress(json.JSONDecodeError, RecursionError):
            found = _parsed(text + ending + "".join(reversed(closers)))
            return "" if found is None else scrubbed(found)
    return ""


def _holder(value: Any) -> Any:
    """Keep the structure; of what an object holds, what its keys allow."""
    if isinstance(value, dict):
        return dict(_member(key, inner) for key, inner in list(value.items())[:200])
    if isinstance(value, list):
        return [_holder(inner) for inner in value[:50]]
    return value if value is None or isinstance(value, bool) else _GONE


def _member(key: str, value: Any) -> tuple[str, Any]:
    if key in _HOLDER_KEYS:
        return key, _holder(value)
    return (key, _told(value)) if key in _KEPT_KEYS else (_GONE, _GONE)


def _told(value: Any) -> Any:
    """Keep a plain value, or a list of them; an object is out of place."""
    if isinstance(value, list):
        return [_told(inner) for inner in value[:50]]
    if value is None or isinstance(value, bool):
        return value
    is_plain = not isinstance(value, dict) and _PLAIN.fullmatch(str(value))
    return value if is_plain else _GONE


def _bounded(text: str) -> str:
    return text if len(text) <= MOST else text[: MOST - 1] + _GONE
