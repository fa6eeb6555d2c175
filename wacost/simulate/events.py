"""Turn calls into events: what is posted about each, with its own time and odd manners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.simulate.chance import Deck, OneIn, below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from wacost.simulate.calls import Call
    from wacost.simulate.world import Business, PhoneNumber

Item = dict[str, Any]

_SDP: Final = (
    "v=0\r\no=- {session} 2 IN IP4 192.0.2.17\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio\r\n"
    "m=audio 3480 UDP/TLS/RTP/SAVPF 111 126\r\nc=IN IP4 192.0.2.17\r\na=rtpmap:111 opus/48000/2\r\n"
)
_ERRORS: Final = {
    131044: "Business eligibility payment issue",
    138001: "Receiver uncallable",
    138004: "Call connection error",
    138007: "Connect timeout",
    138012: "Business call limit reached",
    138019: "Call setup failed",
    138020: "Call relay failed",
    138021: "No media received for long",
    138022: "Media transmit timeout",
    138023: "Call accepted without media",
}
_NO_TIMES: Final[tuple[tuple[Item, int], ...]] = (
    ({}, 34),
    ({"duration": 0}, 2),
    ({"start_time": "", "end_time": ""}, 1),
    ({"start_time": None, "end_time": None, "duration": 0}, 1),
    ({"start_time": 0, "end_time": 0, "duration": 0}, 1),
    ({"start_time": "0", "end_time": "0"}, 1),
)


@dataclass(slots=True, eq=False)
class Event:
    """One item of a webhook body, before it is posted.

    Attributes:
        business, number: whose webhook it is.
        field: field of the change: "calls", "messages", "account_update", …
        items: name of the list that holds the item, or "" where the item is the whole value.
        at: its own timestamp, epoch seconds.
        item: the item.
        call: the call it tells of, or None.
        contact: the element of `contacts` that goes with it, or {}.
        errors: the `errors` of its value: such an item has a change of its own.
        formatted: the display number is written for people.
    """

    business: Business
    number: PhoneNumber
    field: str
    items: str
    at: int
    item: Item
    call: Call | None = None
    contact: Item | None = None
    errors: list[Item] | None = None
    formatted: bool = False


class Reporter:
    """Tells of calls as Meta does, each call in its own manner."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._no_times = Deck(rng, _NO_TIMES)
        self._errors_at = Deck(rng, [("value", 5), ("item", 3), ("both", 2)])
        self._legacy = OneIn(rng, 100)
        self._write: dict[str, Callable[[Call, bool], Event]] = {
            "c": self._connect,
            "r": self._ringing,
            "a": self._accepted,
            "x": self._rejected,
            "t": self._terminate,
        }

    def events(self, call: Call) -> list[Event]:
        """Return everything that is posted about a call, in order of time."""
        events = [
            self._write[letter](call, not place)
            for place, letter in enumerate(call.scenario.events)
        ]
        if call.direction == "outbound" and not call.scenario.terse and below(self._rng, 3) == 0:
            data = f"lead-{below(self._rng, 10**6)}"
            for event in events:
                event.item["biz_opaque_callback_data"] = data
        events.sort(key=lambda event: event.at)
        return events

    def _connect(self, call: Call, first: bool) -> Event:
        event = self._call_item(call, "connect", call.dialled_at + 1, show=first)
        kind = "answer" if call.direction == "outbound" else "offer"
        sdp = _SDP.format(session=below(self._rng, 10**12))
        if call.told_direction and self._legacy.draw():
            event.item["connection"] = {"webrtc": {"sdp": sdp}}
        else:
            event.item["session"] = {"sdp_type": kind, "sdp": sdp}
        if call.direction == "inbound" and below(self._rng, 30) == 0:
            event.item["deeplink_payload"] = f"campaign-{below(self._rng, 100)}"
        return event

    def _ringing(self, call: Call, first: bool) -> Event:
        return _status(call, "RINGING", call.dialled_at + 1 + below(self._rng, 2), show=first)

    def _accepted(self, call: Call, first: bool) -> Event:
        return _status(call, "ACCEPTED", call.picked_at + below(self._rng, 3), show=first)

    def _rejected(self, call: Call, first: bool) -> Event:
        return _status(call, "REJECTED", call.picked_at, show=first)

    def _terminate(self, call: Call, first: bool) -> Event:
        event = self._call_item(
            call, "terminate", call.ended_at + 1 + below(self._rng, 2), show=first
        )
        if call.scenario.outcome != "unknown":
            word = "FAILED" if call.scenario.failed else "COMPLETED"
            event.item["status"] = word.title() if call.style == "title" else word
            event.item |= self._times(call)
        if call.error_code is not None:
            self._tell_error(event, call.error_code)
        return event

    def _times(self, call: Call) -> Item:
        whole = call.style == "integer"
        told: Item = str(call.duration_s) if whole else call.duration_s  # type: ignore[assignment]
        if call.scenario.answered:
            start, end = call.picked_at, call.ended_at
            return {
                "start_time": start if whole else str(start),
                "end_time": end if whole else str(end),
                "duration": told,
            }
        if call.scenario.duration_alone:
            return {"duration": told}
        return {} if call.scenario.terse else self._no_times.draw()

    def _tell_error(self, event: Event, code: int) -> None:
        title = _ERRORS[code]
        error = {
            "code": code,
            "title": title,
            "message": title,
            "error_data": {"details": f"{title}. Simulated."},
        }
        place = self._errors_at.draw()
        if place != "value":
            event.item["errors"] = [error]
        if place != "item":
            event.errors = [error]

    def _call_item(self, call: Call, word: str, at: int, *, show: bool) -> Event:
        item: Item = {"id": call.call_id}
        if call.scenario.outcome != "unknown":
            item |= _parties(call, show=show)
        item["event"] = word
        item["timestamp"] = at if call.style == "integer" else str(at)
        if call.told_direction:
            item["direction"] = (
                "BUSINESS_INITIATED" if call.direction == "outbound" else "USER_INITIATED"
            )
        event = _event(call, "calls", at, item)
        if call.contact.user_id or (call.contact.name and not call.scenario.terse):
            event.contact = call.contact.card()
        return event


def _event(call: Call, items: str, at: int, item: Item) -> Event:
    return Event(
        business=call.business,
        number=call.number,
        field="calls",
        items=items,
        at=at,
        item=item,
        call=call,
        formatted=call.style == "formatted",
    )


def _status(call: Call, word: str, at: int, *, show: bool) -> Event:
    item: Item = {
        "id": call.call_id,
        "timestamp": at if call.style == "integer" else str(at),
        "type": "call",
        "status": word,
        **dict(_names(call, "recipient", "recipient_id", show=show)),
    }
    return _event(call, "statuses", at, item)


def _parties(call: Call, *, show: bool) -> Item:
    """Return from and to with the user ids; a few bodies have the numbers the wrong way round."""
    theirs, ours = ("to", "from") if call.direction == "outbound" else ("from", "to")
    number: str | int = int(call.number.digits) if call.style == "integer" else call.number.digits
    item = {ours: number, **dict(_names(call, theirs, theirs, show=show))}
    if is_swapped(call):
        item["from"], item["to"] = item["to"], item["from"]
    return item


def is_swapped(call: Call) -> bool:
    """Say whether a call's bodies have from and to the wrong way round (the direction tells)."""
    return (
        call.style == "swapped"
        and call.direction == "outbound"
        and call.told_direction
        and bool(call.contact.number)
        and not call.contact.user_id
    )


def _names(call: Call, role: str, key: str, *, show: bool) -> Iterator[tuple[str, str | int]]:
    """Yield what names the contact in an item: the number where it is shown, the user ids."""
    contact = call.contact
    if contact.number and (show or not contact.first_only):
        whole = call.style == "integer" and key != "recipient_id"
        yield key, int(contact.number) if whole else contact.number
    elif not contact.omitted:
        yield key, ""
    if contact.user_id:
        yield f"{role}_user_id", contact.user_id
    if contact.parent_id:
        yield f"{role}_parent_user_id", contact.parent_id
