"""AWS End User Messaging Social: Meta's entry as JSON text, in an AWS envelope, mostly in SNS.

Read at docs.aws.amazon.com/social-messaging/latest/userguide/managing-event-destination-dlrs.html
(`context, whatsAppWebhookEntry, aws_account_id, message_timestamp, messageId`; the text is one of
Meta's entries) and whatsapp-calling.html (calls are passed on as Meta tells them). Around it may
stand an SNS notification (`Type, TopicArn, Message`), or the `Records` that SNS and SQS hand to a
function: docs.aws.amazon.com/sns/latest/dg and /lambda/latest/dg.

Inferred: that a text which has an `entry` of its own is a whole body. Events that AWS makes itself
(EventBridge: `source` aws.social-messaging) and SNS's own letters tell of no call.
"""

from __future__ import annotations

from typing import Any, Final

from wacost.ingest.decode import decoded
from wacost.ingest.formats.parts import left_out

NAME: Final = "aws"
_ENTRY: Final = "whatsAppWebhookEntry"
_DEPTH: Final = 4  # records, notification, envelope, entry


def is_mine(body: dict[str, Any]) -> bool:
    """Tell an envelope of AWS.

    >>> is_mine({"whatsAppWebhookEntry": "{}"}), is_mine({"Message": "x"})
    (True, False)
    """
    return (
        _ENTRY in body
        or {"Type", "TopicArn"} <= body.keys()
        or body.get("source") == "aws.social-messaging"
        or any(_is_record(one) for one in _list(body.get("Records")))
    )


def to_meta(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what the envelope wraps; an empty body where it cannot be read.

    >>> to_meta({"whatsAppWebhookEntry": '{"id": "1", "changes": []}'})
    [{'object': 'whatsapp_business_account', 'entry': [{'id': '1', 'changes': []}]}]
    >>> to_meta({"whatsAppWebhookEntry": '{"id": '})
    [{}]
    """
    return _unwrapped(body, _DEPTH)


def _unwrapped(body: Any, depth: int) -> list[dict[str, Any]]:
    found = _read(body)
    if depth == 0 or not isinstance(found, dict):
        return [{}]
    if _ENTRY in found:
        return [_entry(_read(found[_ENTRY]))]
    if _is_letter(found):
        return [left_out("other_event")]
    if "Message" in found:
        return _unwrapped(found["Message"], depth - 1)
    records = _list(found.get("Records"))
    return [one for record in records for one in _record(record, depth - 1)] or [{}]


def _is_letter(found: dict[str, Any]) -> bool:
    """Tell what AWS says in its own name: a subscription to confirm, an event of EventBridge."""
    kind = found.get("Type", "Notification")
    return found.get("source") == "aws.social-messaging" or kind != "Notification"


def _record(record: Any, depth: int) -> list[dict[str, Any]]:
    if not _is_record(record):
        return [{}]
    notification = record.get("Sns")
    if isinstance(notification, dict):
        return _unwrapped(notification.get("Message"), depth)
    return _unwrapped(record.get("body"), depth)


def _entry(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict):
        return {}
    if "entry" in entry:
        return entry
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _is_record(record: Any) -> bool:
    return isinstance(record, dict) and ("Sns" in record or {"body", "messageId"} <= record.keys())


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _read(text: Any) -> Any:
    """Parse what may be JSON text; what is parsed already stays as it is."""
    if not isinstance(text, str):
        return text
    try:
        return decoded(text)
    except (ValueError, RecursionError):
        return None
