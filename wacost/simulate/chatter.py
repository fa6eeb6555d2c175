"""What else comes to the same webhook: permission replies, messages, recordings, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.simulate.chance import Deck, below
from wacost.simulate.events import Event
from wacost.simulate.world import BUSINESSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from wacost.simulate.calls import Call
    from wacost.simulate.world import Business

_DAY_S: Final = 86_400
_KINDS: Final = (
    ("", 872),
    ("permanent", 18),
    ("temporary", 38),
    ("rejected", 14),
    ("text", 18),
    ("voicemail", 6),
    ("status", 26),
    ("recording", 8),
)


def chatter(rng: Random, calls: Sequence[Call], edges: Sequence[int]) -> Iterator[Event]:
    """Yield the other items of the months.

    Args:
        rng: the source of chance.
        calls: the calls; some have a reply or a message beside them.
        edges: instants at which months begin; each has its change of settings.
    """
    kinds = Deck(rng, _KINDS)
    for call in calls:
        kind = kinds.draw()
        if kind == "recording" and call.scenario.answered:
            yield _recording(rng, call)
        elif kind not in {"", "recording"} and call.contact.number:
            yield _message(rng, call, kind)
    for edge in edges if calls else ():
        for at, business in enumerate(BUSINESSES):
            yield _settings(business, edge - (10 + at) * _DAY_S // 2)
    if calls:
        yield _restriction(edges[-1] - 5 * _DAY_S)


def _message(rng: Random, call: Call, kind: str) -> Event:
    at = call.dialled_at + 60 if kind in {"voicemail", "status"} else call.dialled_at - 900
    wamid = f"wamid.HBgM{rng.getrandbits(96):024X}"
    if kind == "status":
        return _event(call, at, "statuses", _message_status(call, at, wamid))
    item: dict[str, Any] = {"from": call.contact.number, "id": wamid, "timestamp": str(at)}
    if kind == "text":
        item |= {"type": "text", "text": {"body": "Pode me ligar às 15h? 📞"}}
    elif kind == "voicemail":
        item |= {
            "id": call.call_id,
            "type": "audio",
            "audio": {"id": str(below(rng, 10**15)), "mime_type": "audio/ogg; codecs=opus"},
        }
    else:
        item |= _permission_reply(rng, call, kind, at)
    return _event(call, at, "messages", item)


def _event(call: Call, at: int, items: str, item: dict[str, Any]) -> Event:
    contact = {
        "profile": {"name": call.contact.name or "Cliente"},
        "wa_id": call.contact.number,
    }
    return Event(
        business=call.business,
        number=call.number,
        field="messages",
        items=items,
        at=at,
        item=item,
        contact=contact if items == "messages" else None,
    )


def _message_status(call: Call, at: int, wamid: str) -> dict[str, Any]:
    return {
        "id": wamid,
        "status": "delivered",
        "timestamp": str(at),
        "recipient_id": call.contact.number,
        "pricing": {
            "billable": True,
            "pricing_model": "PMP",
            "type": "regular",
            "category": "utility",
        },
    }


def _permission_reply(rng: Random, call: Call, kind: str, at: int) -> dict[str, Any]:
    """Return a reply to a call permission request, or the permission that a user's call gives."""
    automatic = call.direction == "inbound" and kind == "temporary"
    until = at + 7 * _DAY_S
    reply: dict[str, Any] = {
        "response": "reject" if kind == "rejected" else "accept",
        "response_source": "automatic" if automatic else "user_action",
    }
    if kind == "permanent":
        reply["is_permanent"] = True
    elif kind == "temporary":
        reply["is_permanent"] = False
        reply["expiration_timestamp"] = until if below(rng, 2) else str(until)
    asked = call.call_id if automatic else f"wamid.HBgM{rng.getrandbits(96):024X}"
    return {
        "context": {"from": call.number.digits, "id": asked},
        "type": "interactive",
        "interactive": {"type": "call_permission_reply", "call_permission_reply": reply},
    }


def _recording(rng: Random, call: Call) -> Event:
    """Return the news that a call's recording can be fetched: in field calls, and no event."""
    at = call.ended_at + 20
    audio = {
        "id": str(10**15 + below(rng, 9 * 10**15)),
        "mime_type": "audio/ogg",
        "url": "https://lookaside.example.invalid/recording",
    }
    item = {
        "id": call.call_id,
        "event": "call_recording_available",
        "timestamp": str(at),
        "call_recording": {"type": "audio", "audio": audio},
    }
    return Event(call.business, call.number, "calls", "calls", at, item)


def _settings(business: Business, at: int) -> Event:
    number = business.numbers[0]
    value = {
        "messaging_product": "whatsapp",
        "timestamp": str(at),
        "type": "phone_number_settings",
        "phone_number_settings": {
            "phone_number_id": number.id,
            "calling": {
                "status": "ENABLED",
                "call_icon_visibility": "DEFAULT",
                "callback_permission_status": "ENABLED",
            },
        },
    }
    return Event(business, number, "account_settings_update", "", at, value)


def _restriction(at: int) -> Event:
    business = BUSINESSES[-1]
    value = {
        "phone_number": business.numbers[0].digits,
        "event": "ACCOUNT_VIOLATION",
        "violation_info": {"violation_type": "USER_INITIATED_CALLS_LOW_PICKUP_RATE"},
    }
    return Event(business, business.numbers[0], "account_update", "", at, value)
