"""YCloud: one event a body, its call in an object of its own, times in milliseconds.

Read at docs.ycloud.com: reference-link/whatsapp-calling-{connect,status-update,terminate}-
webhook-examples and api-reference/webhook-reference (the envelope `id, type, apiVersion,
createTime` is in every event). `startTime` and `endTime` are epoch milliseconds, `duration`
seconds, `createTime` ISO 8601.

A customer's message (webhook-reference/whatsapp-inbound-message-received) is what one of Meta's is,
for service windows: `wamid`, `wabaId`, `from`, `fromUserId`, `to`, `sendTime` and `type` are read.
Changes of a user (`type: system`) and messages without an id are left out.

Inferred: that `startTime` is the pick-up, as Meta's `start_time` (the printed call lasts exactly
`duration`); that `createTime`, when YCloud made the event, is its time, for no other is told;
`toUserId` and `toParentUserId`, by analogy with the printed `from…`. `dialTime` is when it was
dialled and starts no charge. What `customerProfile` holds is not printed and not read.
"""

from __future__ import annotations

from typing import Any, Final

from wacost.ingest.formats.parts import (
    enveloped,
    from_iso,
    from_ms,
    left_out,
    told,
    told_by,
)

NAME: Final = "ycloud"
_ENVELOPE: Final = {"type", "apiVersion", "createTime"}
_CALL: Final = "whatsapp.call."
_MESSAGE: Final = "whatsapp.inbound_message.received"
_STATUS: Final = "callingStatusUpdated"


def is_mine(body: dict[str, Any]) -> bool:
    """Tell a YCloud event by its envelope, or by the object that holds its call.

    >>> is_mine({"type": "whatsapp.call.terminate", "callingTerminate": {}})
    True
    >>> is_mine({"object": "whatsapp_business_account", "entry": []})
    False
    """
    return body.keys() >= _ENVELOPE or any(_is_call_key(key) for key in body)


def to_meta(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return Meta's body for an event; one that is about no call is left out.

    >>> event = {"type": "whatsapp.call.terminate", "createTime": "2026-10-01T00:00:09.5Z",
    ...          "callingTerminate": {"wacid": "wacid.A", "startTime": 1790812800000}}
    >>> to_meta(event)[0]["entry"][0]["changes"][0]["value"]["calls"]
    [{'id': 'wacid.A', 'event': 'terminate:ycloud', 'timestamp': '1790812809', \
'start_time': '1790812800'}]
    """
    kind = body.get("type")
    word = kind.removeprefix(_CALL) if isinstance(kind, str) else kind
    key = next((key for key in body if _is_call_key(key)), None)
    if key is None and word == kind:
        return [_message(body)]
    found = body.get(key) if key else None
    call = found if isinstance(found, dict) else {}
    at = from_iso(body.get("createTime"))
    items = (
        {"statuses": [_status(call, at)]}
        if key == _STATUS or word == "status.updated"
        else {"calls": [_call(call, word, at)]}
    )
    value = {"metadata": told({"phone_number_id": call.get("phoneId")}), **items}
    return [enveloped(value, waba_id=call.get("wabaId"))]


def _message(body: dict[str, Any]) -> dict[str, Any]:
    """Return a message that a customer sent: whose, when and of which kind."""
    found = body.get("whatsappInboundMessage")
    one = found if isinstance(found, dict) else {}
    sender = one.get("from") or one.get("fromUserId")
    if body.get("type") != _MESSAGE or not (one.get("wamid") and sender):
        return left_out("other_event")
    if one.get("type") == "system":
        return left_out("other_event")
    message = {
        "id": one["wamid"],
        "from": one.get("from"),
        "from_user_id": one.get("fromUserId"),
        "from_parent_user_id": one.get("fromParentUserId"),
        "timestamp": from_iso(one.get("sendTime") or body.get("createTime")),
        "type": one.get("type"),
    }
    value = {"metadata": told({"display_phone_number": one.get("to")}), "messages": [told(message)]}
    return enveloped(value, waba_id=one.get("wabaId"), field="messages")


def _is_call_key(key: str) -> bool:
    return key.startswith("calling")


def _call(call: dict[str, Any], word: Any, at: Any) -> dict[str, Any]:
    code = call.get("errorCode")
    item = {
        "id": call.get("wacid"),
        "event": told_by(word, NAME),
        "timestamp": at,
        "direction": call.get("direction"),
        "from": call.get("from"),
        "to": call.get("to"),
        "from_user_id": call.get("fromUserId"),
        "from_parent_user_id": call.get("fromParentUserId"),
        "to_user_id": call.get("toUserId"),
        "to_parent_user_id": call.get("toParentUserId"),
        "session": {"sdp_type": call["sdpType"]} if call.get("sdpType") else None,
        "status": call.get("status"),
        "start_time": from_ms(call.get("startTime")),
        "end_time": from_ms(call.get("endTime")),
        "duration": call.get("duration"),
        "errors": [{"code": code}] if code not in (None, "", "0", 0) else None,
    }
    return told(item)


def _status(call: dict[str, Any], at: Any) -> dict[str, Any]:
    item = {
        "id": call.get("wacid"),
        "type": "call",
        "status": told_by(call.get("status"), NAME),
        "timestamp": at,
        "recipient_id": call.get("recipientPhone"),
        "recipient_user_id": call.get("recipientUserId"),
        "recipient_parent_user_id": call.get("parentRecipientUserId"),
    }
    return told(item)
