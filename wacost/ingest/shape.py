"""The part of Meta's body that wacost reads, in one place: as DuckDB types and as a Python filter.

Keys that are not named here are skipped while parsing: SDP, names and message texts never leave
the parser. Every leaf is text, because text can come anywhere: a number column would turn a user
id into NULL without a word.
"""

from __future__ import annotations

from typing import Any, Final

TEXT: Final = "text"

_ERRORS: Final = [{"code": TEXT}]
_CALL: Final = {
    "id": TEXT,
    "to": TEXT,
    "from": TEXT,
    "event": TEXT,
    "timestamp": TEXT,
    "direction": TEXT,
    "status": TEXT,
    "start_time": TEXT,
    "end_time": TEXT,
    "duration": TEXT,
    "biz_opaque_callback_data": TEXT,
    "cta_payload": TEXT,
    "deeplink_payload": TEXT,
    "session": {"sdp_type": TEXT},
    "errors": _ERRORS,
    "from_user_id": TEXT,
    "from_parent_user_id": TEXT,
    "to_user_id": TEXT,
    "to_parent_user_id": TEXT,
    "wacost_held": TEXT,  # set by a format that cannot tell whether a call may be priced
}
_STATUS: Final = {
    "id": TEXT,
    "timestamp": TEXT,
    "type": TEXT,
    "status": TEXT,
    "recipient_id": TEXT,
    "recipient_user_id": TEXT,
    "recipient_parent_user_id": TEXT,
    "biz_opaque_callback_data": TEXT,
    "errors": _ERRORS,
}
_CONTACTS: Final = [{"wa_id": TEXT, "user_id": TEXT, "profile": {"country_code": TEXT}}]
_METADATA: Final = {"display_phone_number": TEXT, "phone_number_id": TEXT}
_CALLS_VALUE: Final = {
    "metadata": _METADATA,
    "contacts": _CONTACTS,
    "calls": [_CALL],
    "statuses": [_STATUS],
    "messages": [{"id": TEXT}],
    "errors": _ERRORS,
}
_MESSAGE: Final = {
    "id": TEXT,
    "from": TEXT,
    "to": TEXT,
    "from_user_id": TEXT,
    "from_parent_user_id": TEXT,
    "timestamp": TEXT,
    "type": TEXT,
    "context": {"id": TEXT},
    "interactive": {
        "type": TEXT,
        "call_permission_reply": {
            "response": TEXT,
            "is_permanent": TEXT,
            "expiration_timestamp": TEXT,
            "expiration_time": TEXT,  # Gupshup's word
            "response_source": TEXT,
        },
    },
    "system": {
        "type": TEXT,
        "wa_id": TEXT,
        "new_wa_id": TEXT,
        "user_id": TEXT,
        "previous_user_id": TEXT,
    },
}
_PRICING: Final = {"billable": TEXT, "pricing_model": TEXT, "type": TEXT, "category": TEXT}
_HOURS: Final = {
    "status": TEXT,
    "timezone_id": TEXT,
    "weekly_operating_hours": [{"day_of_week": TEXT, "open_time": TEXT, "close_time": TEXT}],
    "holiday_schedule": [{"date": TEXT, "start_time": TEXT, "end_time": TEXT}],
}
_SETTINGS: Final = {
    "phone_number_id": TEXT,
    "calling": {
        "status": TEXT,
        "call_icon_visibility": TEXT,
        "callback_permission_status": TEXT,
        "restrict_to_user_countries": [TEXT],
        "call_hours": _HOURS,
        "sip": {"status": TEXT},
    },
}
_TIER: Final = {
    "tier_update_time": TEXT,
    "pricing_category": TEXT,
    "tier": TEXT,
    "effective_month": TEXT,
    "region": TEXT,
}
_SUMMARY: Final = dict.fromkeys(("month", "direction", "country", "calls", "seconds"), TEXT)
_VALUE: Final = {
    **_CALLS_VALUE,
    "statuses": [{**_STATUS, "pricing": _PRICING}],
    "messages": [_MESSAGE],
    "timestamp": TEXT,
    "type": TEXT,
    "event": TEXT,
    "phone_number": TEXT,
    "phone_number_settings": _SETTINGS,
    "violation_info": {"violation_type": TEXT},
    "restriction_info": [{"restriction_type": TEXT, "expiration": TEXT}],
    "volume_tier_info": _TIER,
    "wacost_summary": _SUMMARY,  # a row of a summary (tables/summary.py)
}


def _entry(value: Any) -> Any:
    return [
        {
            "id": TEXT,
            "time": TEXT,
            "calls": [{"id": TEXT}],
            "changes": [{"field": TEXT, "value": value}],
        }
    ]


ENTRY: Final = _entry(_VALUE)
"""`entry` of a body, all that is read of it. `calls` right in an entry is Messenger's."""
CALLS_ENTRY: Final = _entry(_CALLS_VALUE)
"""The same as far as a call needs it: nearly every body holds one item of a call."""


def sql_type(shape: Any) -> str:
    """Return the DuckDB type of a shape.

    >>> sql_type([{"id": TEXT, "profile": {"to": TEXT}}])
    'STRUCT("id" VARCHAR, "profile" STRUCT("to" VARCHAR))[]'
    """
    if isinstance(shape, list):
        return sql_type(shape[0]) + "[]"
    if isinstance(shape, dict):
        return "STRUCT(" + ", ".join(f'"{k}" {sql_type(v)}' for k, v in shape.items()) + ")"
    return "VARCHAR"


def prune(value: Any, shape: Any) -> Any:
    """Return a JSON value with nothing in it but what a shape names, as DuckDB would read it.

    A list in the place of an object becomes an empty object, anything in the place of a list
    nothing; the record then lacks what it must have, and is judged by that.

    >>> prune({"id": "1", "name": "Ana", "to": "x"}, {"id": TEXT, "list": [TEXT]})
    {'id': '1'}
    >>> prune([5, {"id": "a", "sdp": "v=0"}, None], [{"id": TEXT}])
    [{}, {'id': 'a'}, None]
    """
    if value is None or shape == TEXT:
        return value
    if isinstance(shape, list):
        return [prune(one, shape[0]) for one in value] if isinstance(value, list) else None
    if not isinstance(value, dict):
        return {}
    return {key: prune(value[key], inner) for key, inner in shape.items() if key in value}
