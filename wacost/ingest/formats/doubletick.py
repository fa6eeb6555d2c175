"""DoubleTick: one event a body, flat, ISO 8601 times, call ids of its own.

Read at docs.doubletick.io/reference/call-webhooks (all 19 fields, which event fills which, all
words) and /reference/pstn-call-webhooks. `callStartedAt` is "when the call was picked up" and
empty until then, which makes it Meta's `start_time`. An event tells no time of its own: the
steps before a call is picked up or over tell none at all and are left out.

A customer's message (/reference/webhooks, "Message Received") is what one of Meta's is, for service
windows; a message without `from` (which may be null) is nobody's and left out.

Inferred: the ending of a FAILED call, whose event is not printed, is the one whose `callStatus`
says so; other events of the company are told by `dtMessageId`.

`callId` is no `wacid`: the same call told by Meta as well is a call of its own here. Neither the
WABA nor the phone number id is told, only `wabaNumber`: an account without ids takes the calls.
"""

from __future__ import annotations

from typing import Any, Final

from wacost.ingest.formats.parts import enveloped, from_iso, left_out, told

NAME: Final = "doubletick"
_FIELDS: Final = {
    *("callId", "chatMessageId", "wabaNumber", "customerNumber", "callDirection", "callStatus"),
    *("durationInSeconds", "callStartedAt", "callEndedAt", "pickedBy", "rejectedBy", "endedBy"),
}
_ENOUGH: Final = 4
_REPLY: Final = {"response", "responseSource", "receivedAt", "messageId"}
_MESSAGE: Final = ("dtMessageId", "messageId", "from", "to", "receivedAt")
_STEPS: Final = {"CALL_INCOMING_INITIATED", "CALL_OUTGOING_INITIATED", "CALL_NOT_PICKED"}
_ENDINGS: Final = {"CALL_ENDED", "CALL_REJECTED", "CALL_MISSED"}
_STATUSES: Final = {"END": "COMPLETED", "REJECT": "REJECTED"}
_DIRECTIONS: Final = {"INCOMING": "USER_INITIATED", "OUTGOING": "BUSINESS_INITIATED"}


def is_mine(body: dict[str, Any]) -> bool:
    """Tell an event by the names of its fields.

    >>> is_mine({"event": "CALL_ENDED", "callId": "c", "wabaNumber": "1", "callStatus": "END",
    ...          "callDirection": "INCOMING"})
    True
    >>> is_mine({"event": "call.ended", "id": "c"})
    False
    """
    return _is_call(body) or body.keys() >= _REPLY or "dtMessageId" in body


def to_meta(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return Meta's body for an event; one that tells no call, or no time, is left out.

    >>> event = {"event": "CALL_REJECTED", "callId": "c", "callDirection": "INCOMING",
    ...          "callStatus": "REJECT", "callEndedAt": "2026-10-01T00:00:00.000Z"}
    >>> to_meta(event)[0]["entry"][0]["changes"][0]["value"]["calls"]
    [{'id': 'c', 'event': 'terminate', 'timestamp': '1790812800', 'direction': 'USER_INITIATED', \
'status': 'REJECTED'}]
    """
    if body.get("channel") == "PSTN":
        return [left_out("pstn")]
    if not _is_call(body):
        return [_beside(body)]
    event = body.get("event") if isinstance(body.get("event"), str) else ""
    ended = event in _ENDINGS or body.get("callStatus") == "FAILED"
    if event in _STEPS and not ended:
        return [left_out("untimed")]
    item = _ending(body) if ended else _step(body)
    value = {
        "metadata": told({"display_phone_number": body.get("wabaNumber")}),
        "contacts": [told({"wa_id": body.get("customerNumber")})],
        "calls": [told({"id": body.get("callId"), **item})],
    }
    return [enveloped(value)]


def _is_call(body: dict[str, Any]) -> bool:
    return len(_FIELDS & body.keys()) >= _ENOUGH


def _ending(body: dict[str, Any]) -> dict[str, Any]:
    start = from_iso(body.get("callStartedAt"))
    duration = body.get("durationInSeconds")
    return {
        "event": "terminate",
        "timestamp": from_iso(body.get("callEndedAt")),
        **_parties(body),
        "status": _word(_STATUSES, body.get("callStatus")),
        "start_time": start,
        "end_time": from_iso(body.get("callEndedAt")) if start else None,
        # 0 is also what stands there before a call was picked up.
        "duration": duration if start or duration not in (0, "0") else None,
    }


def _step(body: dict[str, Any]) -> dict[str, Any]:
    """Return the item of any other event: the pick-up, or a word not known yet, kept as it is."""
    event = body.get("event")
    return {
        "event": "accepted" if event == "CALL_ACCEPTED" else event,
        "timestamp": from_iso(body.get("callEndedAt") or body.get("callStartedAt")),
        **_parties(body),
    }


def _beside(body: dict[str, Any]) -> dict[str, Any]:
    """Return what an event that is about no call tells."""
    if body.keys() >= _REPLY:
        return _reply(body)
    is_message = all(body.get(key) for key in _MESSAGE)
    return _message(body) if is_message else left_out("other_event")


def _parties(body: dict[str, Any]) -> dict[str, Any]:
    business, customer = body.get("wabaNumber"), body.get("customerNumber")
    direction = body.get("callDirection")
    known = isinstance(direction, str) and direction in _DIRECTIONS
    sender, callee = (customer, business) if direction == "INCOMING" else (business, customer)
    return {
        "direction": _word(_DIRECTIONS, direction),
        "from": sender if known else None,
        "to": callee if known else None,
    }


def _reply(body: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a permission request as Meta tells it."""
    reply = {
        "response": body.get("response"),
        "is_permanent": body.get("isPermanent"),
        "expiration_timestamp": body.get("expirationTimestamp"),
        "response_source": body.get("responseSource"),
    }
    message = {
        "id": body.get("messageId"),
        "from": body.get("from"),
        "timestamp": from_iso(body.get("receivedAt")),
        "type": "interactive",
        "context": told({"id": body.get("pairedMessageId")}),
        "interactive": {"type": "call_permission_reply", "call_permission_reply": told(reply)},
    }
    value = {
        "metadata": told({"display_phone_number": body.get("to")}),
        "contacts": [told({"wa_id": body.get("from")})],
        "messages": [told(message)],
    }
    return enveloped(value, field="messages")


def _message(body: dict[str, Any]) -> dict[str, Any]:
    """Return a message that a customer sent: whose, when and of which kind."""
    content = body.get("message")
    kind = content.get("type") if isinstance(content, dict) else None
    message = {
        "id": body.get("messageId"),
        "from": body.get("from"),
        "timestamp": from_iso(body.get("receivedAt")),
        "type": kind if isinstance(kind, str) else None,
    }
    value = {
        "metadata": told({"display_phone_number": body.get("to")}),
        "messages": [told(message)],
    }
    return enveloped(value, field="messages")


def _word(words: dict[str, str], word: Any) -> Any:
    return words.get(word, word) if isinstance(word, str) else word
