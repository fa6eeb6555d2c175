"""Webhook bodies for tests, written by hand from the documented shapes. All people are made up."""

import json

BUSINESS = "16315550001"
USER = "5511987654321"
AT = 1_790_000_000
INBOUND, OUTBOUND = "USER_INITIATED", "BUSINESS_INITIATED"
SECRETS = ("SECRET-SDP", "SECRET-NAME", "SECRET-TEXT", "SECRET-USERNAME")


def body(*values, waba="102290129340398", field="calls"):
    """A body with one entry and a change for each value."""
    changes = [{"value": value, "field": field} for value in values]
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": changes}]}


def value(*, calls=None, statuses=None, contacts=None, errors=None, display=BUSINESS, **more):
    """The value of a change; what is None is left out."""
    told = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display, "phone_number_id": "436666719526789"},
        "contacts": contacts,
        "calls": calls,
        "statuses": statuses,
        "errors": errors,
        **more,
    }
    return {key: one for key, one in told.items() if one is not None}


def connect(call="wacid.A", at=AT, direction=OUTBOUND, **more):
    """A connect event."""
    to, sender = (USER, BUSINESS) if direction == OUTBOUND else (BUSINESS, USER)
    item = {
        "id": call,
        "to": to,
        "from": sender,
        "event": "connect",
        "timestamp": str(at),
        "direction": direction,
        "session": {
            "sdp_type": "answer" if direction == OUTBOUND else "offer",
            "sdp": "v=0\r\no=- SECRET-SDP 2 IN IP4 127.0.0.1\r\n",
        },
    }
    return without_none({**item, **more})


def terminate(call="wacid.A", at=AT + 70, direction=OUTBOUND, seconds=60, **more):
    """A terminate event; `seconds` None is a call that nobody answered."""
    to, sender = (USER, BUSINESS) if direction == OUTBOUND else (BUSINESS, USER)
    item = {
        "id": call,
        "to": to,
        "from": sender,
        "event": "terminate",
        "timestamp": str(at),
        "direction": direction,
        "status": "COMPLETED",
    }
    if seconds is not None:
        item |= {
            "start_time": str(at - seconds),
            "end_time": str(at),
            "duration": seconds,
        }
    return without_none({**item, **more})


def status(word, call="wacid.A", at=AT + 1, **more):
    """A call status."""
    item = {
        "id": call,
        "timestamp": str(at),
        "type": "call",
        "status": word,
        "recipient_id": USER,
    }
    return without_none({**item, **more})


def contact(wa_id=USER, **more):
    """A contact with a name that must never be kept."""
    profile = {"name": "SECRET-NAME", "username": "SECRET-USERNAME", **more.pop("profile", {})}
    return without_none({"wa_id": wa_id, "profile": profile, **more})


def without_none(item):
    return {key: one for key, one in item.items() if one is not None}


def call_body(*items, **more):
    return body(value(calls=list(items), **more))


def status_body(*items, **more):
    return body(value(statuses=list(items), **more))


def answered_outbound(call="wacid.A", at=AT, seconds=60):
    """The four bodies of a call that the user answered."""
    return [
        call_body(connect(call, at), contacts=[contact()]),
        status_body(status("RINGING", call, at + 1)),
        status_body(status("ACCEPTED", call, at + 9)),
        call_body(terminate(call, at + 10 + seconds, seconds=seconds), contacts=[contact()]),
    ]


def plain_bodies():
    """One event of one call each, told the usual way: what the compiled reader takes."""
    return [
        call_body(connect(direction=None)),
        call_body(connect(from_user_id="BR.12"), contacts=[contact(user_id="BR.1")]),
        call_body(connect(), contacts=[{"profile": {"country_code": "BR"}}]),
        call_body(terminate(biz_opaque_callback_data="campaign 7, (A)")),
        call_body(terminate(direction=INBOUND, seconds=None, status="FAILED")),
        body(value(statuses=[status("REJECTED", recipient_user_id="US.9")])),
        {"wacost_received_at": AT + 3, **call_body(terminate())},
    ]


def lines(*bodies):
    return "".join(json.dumps(one) + "\n" for one in bodies)
