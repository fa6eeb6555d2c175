"""Bodies of other formats, written by hand from the documented shapes. All people are made up."""

import json
from datetime import UTC, datetime

from payloads.bodies import AT, BUSINESS, USER


def iso(at, fraction="000"):
    return datetime.fromtimestamp(at, UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{fraction}Z")


def ycloud(word="terminate", call="wacid.A", at=AT + 70, seconds=60, **more):
    """A YCloud call event from the user; `seconds` None: nobody answered."""
    key = {"connect": "callingConnect", "terminate": "callingTerminate"}.get(word, "callingOther")
    told = {
        "id": "65f0",
        "wacid": call,
        "phoneId": "436666719526789",
        "from": f"+{USER}",
        "to": f"+{BUSINESS}",
        "direction": "USER_INITIATED",
    }
    if word == "connect":
        told |= {"sdpType": "offer", "sdp": "v=0 SECRET-SDP", "dialTime": at * 1000}
    if word == "terminate":
        told["status"] = "COMPLETED"
        if seconds is not None:
            told |= {
                "startTime": (at - seconds) * 1000,
                "endTime": at * 1000 + 999,
                "duration": seconds,
            }
    told |= {"customerProfile": {"name": "SECRET-NAME"}, **more}
    return _ycloud_event(f"whatsapp.call.{word}", at, {key: told})


def ycloud_status(word, call="wacid.A", at=AT + 1, **more):
    told = {
        "wabaId": "102290129340398",
        "wacid": call,
        "status": word,
        "recipientPhone": f"+{USER}",
    }
    return _ycloud_event("whatsapp.call.status.updated", at, {"callingStatusUpdated": told | more})


def ycloud_message(at=AT, **more):
    """A message that a customer sent; without `wamid` nobody can tell it from another."""
    told = {"from": f"+{USER}", "text": {"body": "SECRET-TEXT"}, **more}
    return _ycloud_event("whatsapp.inbound_message.received", at, {"whatsappInboundMessage": told})


def _ycloud_event(kind, at, more):
    return {"id": "evt_1", "type": kind, "apiVersion": "v2", "createTime": iso(at, "822"), **more}


def doubletick(event="CALL_ENDED", call="call_01A", at=AT + 70, seconds=60, **more):
    """A DoubleTick call event of an incoming call."""
    status = {"CALL_REJECTED": "REJECT", "CALL_MISSED": "MISSED", "CALL_ACCEPTED": "IN_PROGRESS"}
    over = event in {"CALL_ENDED", "CALL_REJECTED", "CALL_MISSED"}
    picked = event in {"CALL_ENDED", "CALL_ACCEPTED"} and seconds is not None
    return {
        "event": event,
        "callId": call,
        "chatMessageId": "msg_1",
        "chatId": "",
        "wabaNumber": BUSINESS,
        "customerNumber": USER,
        "customerName": "SECRET-NAME",
        "callDirection": "INCOMING",
        "callStatus": status.get(event, "END" if over else "INITIATED"),
        "failedReason": "",
        "durationInSeconds": seconds if over and picked else 0,
        "callStartedAt": iso(at - seconds) if picked else "",
        "callEndedAt": iso(at) if over else "",
        "pickedBy": "SECRET-NAME",
        "recordingUrl": "https://recordings.example/SECRET-TEXT",
        **more,
    }


def doubletick_reply(response="accept", at=AT):
    return {
        "from": f"+{USER}",
        "to": f"+{BUSINESS}",
        "receivedAt": iso(at),
        "messageId": "wamid.1",
        "response": response,
        "responseSource": "user_initiated",
    }


def doubletick_message(at=AT, **more):
    """A message that a customer sent."""
    return {
        "to": BUSINESS,
        "from": USER,
        "messageId": "wamid.D",
        "dtMessageId": "dt_1",
        "pairedMessageId": None,
        "dtPairedMessageId": None,
        "receivedAt": iso(at),
        "integrationType": "WHATSAPP",
        "message": {"type": "TEXT", "text": "SECRET-TEXT"},
        "contact": {"name": "SECRET-NAME"},
        **more,
    }


def aws(meta_body, *, sns=True):
    """AWS's envelope around the entry of one of Meta's bodies."""
    (entry,) = meta_body["entry"]
    envelope = {
        "context": {"MetaWabaIds": [], "MetaPhoneNumberIds": []},
        "whatsAppWebhookEntry": json.dumps(entry),
        "aws_account_id": "123456789012",
        "message_timestamp": "2026-10-01T00:00:00.271279391Z",
        "messageId": "6d69f07a",
    }
    if not sns:
        return envelope
    topic = "arn:aws:sns:us-east-1:123456789012:calls"
    return {"Type": "Notification", "TopicArn": topic, "Message": json.dumps(envelope)}


def kapso_call(event, call="wacid.A", **more):
    return {
        "event": event,
        "wacid": call,
        "direction": "USER_INITIATED",
        "from": USER,
        "to": BUSINESS,
        **more,
    }


def kapso_list(*calls):
    return {"data": list(calls), "meta": {"page": 1}}
