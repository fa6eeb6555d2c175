"""Kapso: Meta's envelope with calls told in another way, and the call list of its interface.

Kapso passes Meta's bodies on as they are (docs.kapso.ai, "Forward Meta webhooks"; the fixtures of
gokapso/whatsapp-voice-agent-starter): those need nothing. Two shapes differ:

* Events with `wacid` in the place of `id`, `event` CALL_CONNECT or CALL_STATUS, numeric epoch
  seconds, in the field `messages` (gokapso/whatsapp-cloud-api-js, tests/normalize-webhook.test.ts).
  Inferred: CALL_TERMINATE; that an event without `timestamp` happened at its `start_time`
  (before the end) or `end_time` (at the end). `start_time` of any event but the end is no
  pick-up: a connect comes while it rings.
* The call list, `{"data": [{"call_id", "direction", "status", "duration_seconds", "started_at",
  "ended_at", ...}]}` (docs.kapso.ai/api-reference/whatsapp-calls/list-whatsapp-calls), or one of
  its calls alone (get-whatsapp-call-details). Where Kapso stands in for Meta's interface, `id` is
  the call id (tests/calls.test.ts of the same). Whether `started_at` is the dialling or the
  pick-up is not printed, so it is not taken for the pick-up: a call that was talked through is
  held until another source tells when it was picked up.
"""

from __future__ import annotations

from typing import Any, Final

from wacost.ingest.formats.parts import enveloped, from_iso, told, told_by

NAME: Final = "kapso"
_EVENTS: Final = {
    "CALL_CONNECT": "connect",
    "CALL_TERMINATE": "terminate",
}
_DIRECTIONS: Final = {"inbound": "USER_INITIATED", "outbound": "BUSINESS_INITIATED"}
_OVER: Final = {"completed", "failed"}
_TALKED: Final = {"completed", "answered"}
_LISTED: Final = {"direction", "status"}


def is_mine(body: dict[str, Any]) -> bool:
    """Tell a body by a call with `wacid` and no `id`, or by its list of calls.

    >>> is_mine({"entry": [{"changes": [{"value": {"calls": [{"wacid": "wacid.A"}]}}]}]})
    True
    >>> is_mine({"entry": [{"changes": [{"value": {"calls": [{"id": "wacid.A"}]}}]}]})
    False
    """
    return _is_list(body) or (
        body.get("object") in ("whatsapp_business_account", "", None)
        and any(_is_own(call) for value in _values(body) for call in _objects(value.get("calls")))
    )


def to_meta(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the body with every call as Meta tells it.

    >>> call = {"event": "CALL_CONNECT", "wacid": "wacid.A", "start_time": 1790812800}
    >>> made = to_meta({"entry": [{"changes": [{"value": {"calls": [call]}}]}]})
    >>> made[0]["entry"][0]["changes"][0]["value"]["calls"]
    [{'id': 'wacid.A', 'event': 'connect:kapso', 'timestamp': 1790812800}]
    """
    if _is_list(body):
        return [_listed(call) for call in _data(body)]
    return [{**body, "entry": [_entry(entry) for entry in body["entry"]]}]


def _is_list(body: dict[str, Any]) -> bool:
    return any(_is_listed(one) for one in _objects(_data(body)))


def _is_listed(one: dict[str, Any]) -> bool:
    name = one.get("id")
    is_call = "call_id" in one or (isinstance(name, str) and name.startswith("wacid"))
    return is_call and one.keys() >= _LISTED


def _data(body: dict[str, Any]) -> list[Any]:
    """Return what an answer holds: a list, or one object."""
    data = body.get("data")
    return data if isinstance(data, list) else [data]


def _entry(entry: Any) -> Any:
    if not (isinstance(entry, dict) and isinstance(entry.get("changes"), list)):
        return entry
    return {**entry, "changes": [_change(change) for change in entry["changes"]]}


def _change(change: Any) -> Any:
    value = change.get("value") if isinstance(change, dict) else None
    if not (isinstance(value, dict) and isinstance(value.get("calls"), list)):
        return change
    calls = [_call(call) if _is_own(call) else call for call in value["calls"]]
    kept = [call for call in calls if not _is_status(call)]
    statuses = value.get("statuses") if isinstance(value.get("statuses"), list) else []
    more = [call for call in calls if _is_status(call)]
    return {**change, "value": {**value, "calls": kept, "statuses": [*(statuses or []), *more]}}


def _call(call: dict[str, Any]) -> dict[str, Any]:
    event, status = call.get("event"), call.get("status")
    if event == "CALL_STATUS":
        return _status(call)
    word = _EVENTS.get(event, event) if isinstance(event, str) else event
    ended = word == "terminate"
    item = {
        "id": call["wacid"],
        "event": told_by(word, NAME),
        "timestamp": call.get("timestamp") or call.get("end_time" if ended else "start_time"),
        "status": status if ended else None,
    }
    own = ("wacid", "event", "timestamp", "status", *(() if ended else ("start_time",)))
    return told({**item, **{key: told for key, told in call.items() if key not in own}})


def _status(call: dict[str, Any]) -> dict[str, Any]:
    item = {
        "id": call["wacid"],
        "type": "call",
        "status": told_by(call.get("status"), NAME),
        "timestamp": call.get("timestamp") or call.get("start_time"),
        "recipient_id": call.get("to"),
        "recipient_user_id": call.get("to_user_id"),
    }
    return told(item)


def _listed(call: Any) -> dict[str, Any]:
    """Return one call of the list; what is none becomes a call that lacks everything."""
    call = call if isinstance(call, dict) else {}
    status = call.get("status")
    status = status.lower() if isinstance(status, str) else status
    word = status if isinstance(status, str) else ""
    over = word in _OVER
    talked = word in _TALKED or str(call.get("duration_seconds")) not in ("None", "", "0")
    direction = call.get("direction")
    contact = call.get("user_wa_id")
    item = {
        "id": call.get("call_id") or call.get("id"),
        "event": told_by("terminate" if over else status, NAME),
        "timestamp": from_iso(call.get("ended_at") if over else call.get("started_at")),
        "direction": _DIRECTIONS.get(direction.lower(), direction)
        if isinstance(direction, str)
        else direction,
        "status": status if over else None,
        "duration": call.get("duration_seconds"),
        "wacost_held": "outcome_not_told" if talked else None,
    }
    value = {
        "metadata": told({"display_phone_number": call.get("config_display_phone_number")}),
        "contacts": [told({"wa_id": contact, "user_id": call.get("business_scoped_user_id")})],
        "calls": [told(item)],
    }
    return enveloped(value)


def _is_own(call: Any) -> bool:
    return isinstance(call, dict) and bool(call.get("wacid")) and not call.get("id")


def _is_status(call: Any) -> bool:
    return isinstance(call, dict) and call.get("type") == "call"


def _values(body: dict[str, Any]) -> list[dict[str, Any]]:
    entries = _objects(body.get("entry"))
    changes = [change for entry in entries for change in _objects(entry.get("changes"))]
    return _objects([change.get("value") for change in changes])


def _objects(found: Any) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
