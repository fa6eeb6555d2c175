"""What the formats share: Meta's envelope around an item, and times in Meta's unit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

LEFT_OUT: Final = "wacost/"
"""Before a reason code, in `field` of a change that holds no call; meta.sql reads it."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)", re.ASCII
)


def enveloped(
    value: dict[str, Any], *, waba_id: Any = None, field: str = "calls"
) -> dict[str, Any]:
    """Put the value of a change into Meta's envelope.

    >>> enveloped({"calls": []}, waba_id="1")["entry"][0]["id"]
    '1'
    """
    change = {"field": field, "value": value}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": waba_id, "changes": [change]}],
    }


def left_out(reason: str) -> dict[str, Any]:
    """Return a body that is one record with a reason: one that meta.sql knows by `LEFT_OUT`.

    >>> left_out("pstn")
    {'entry': [{'changes': [{'field': 'wacost/pstn'}]}]}
    """
    return {"entry": [{"changes": [{"field": LEFT_OUT + reason}]}]}


def told(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without the keys that say nothing.

    >>> told({"id": "1", "to": None, "from": ""})
    {'id': '1'}
    """
    return {key: value for key, value in item.items() if value not in (None, "")}


def told_by(word: Any, name: str) -> Any:
    """Mark an event of a provider, so that it is not taken for Meta's own of the same second.

    Two that tell of one call id see other parts of it: their events are no copies of each other,
    and no contradiction either. The fold reads the word before the colon.

    >>> told_by("terminate", "ycloud"), told_by(None, "ycloud")
    ('terminate:ycloud', None)
    """
    return f"{word}:{name}" if isinstance(word, str) and word.strip() else word


def from_ms(time: Any) -> Any:
    """Return epoch milliseconds as whole epoch seconds; what is none comes back as it was.

    A text that is no number of milliseconds is no valid number of seconds either, so that the
    record is refused where times are judged.

    >>> from_ms("1733734738999"), from_ms(1733734738000), from_ms("soon"), from_ms(None)
    ('1733734738', '1733734738', 'soon', None)
    """
    digits = str(time) if isinstance(time, int | str) and not isinstance(time, bool) else ""
    if not re.fullmatch(r"[0-9]+", digits):
        return time
    return digits[:-3] or digits


def from_iso(time: Any) -> Any:
    """Return an ISO 8601 moment as whole epoch seconds; what is none comes back as it was.

    A time without an offset is no moment. Fractions are cut off.

    >>> from_iso("2026-10-01T00:00:00.999Z"), from_iso("2026-10-01T05:30:00+05:30")
    ('1790812800', '1790812800')
    >>> from_iso("2026-10-01T00:00:00"), from_iso("2026-13-01T00:00:00Z"), from_iso("")
    ('2026-10-01T00:00:00', '2026-13-01T00:00:00Z', '')
    >>> from_iso("1790812800000")
    'not ISO 8601: 1790812800000'
    """
    if not isinstance(time, str):
        return time
    if not _MOMENT.fullmatch(time):
        # Digits alone would pass for epoch seconds, which this field never holds.
        return f"not ISO 8601: {time}" if time.isdigit() and time.strip("0") else time
    try:
        moment = datetime.fromisoformat(time.upper())
    except ValueError:
        return time
    return str((moment - _EPOCH) // timedelta(seconds=1))
