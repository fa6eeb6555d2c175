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
_VALUE: Final = {
    "metadata": {"display_phone_number": TEXT, "phone_number_id": TEXT},
    "contacts": [{"wa_id": TEXT, "user_id": TEXT, "profile": {"country_code": TEXT}}],
    "calls": [_CALL],
    "statuses": [_STATUS],
    "messages": [{"interactive": {"type": TEXT}}],
    "errors": _ERRORS,
}
ENTRY: Final = [
    {"id": TEXT, "calls": [{"id": TEXT}], "changes": [{"field": TEXT, "value": _VALUE}]}
]
"""`entry` of a body. `calls` right in an entry is Messenger's."""


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
