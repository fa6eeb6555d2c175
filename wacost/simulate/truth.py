"""The truth: what happened in each call, what was injected, and what ingest must report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wacost.simulate.counts import BROKEN, count_calls, count_postings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from wacost.simulate.calls import Call
    from wacost.simulate.delivery import Body
    from wacost.simulate.events import Event


@dataclass(frozen=True, slots=True)
class CallTruth:
    """What a reader of the webhooks must find out about one call. Instants are epoch seconds.

    Attributes:
        call_id, waba_id, phone_number_id: which call of whom.
        direction: "inbound", "outbound", or None where nothing tells it.
        contact: E.164 digits, else the user id, else None.
        contact_user_id: the user id, or None.
        outcome: the disposition.
        answered: the call has a start.
        started_at, ended_at: as its terminate tells them, or None.
        first_event_at: the earliest timestamp of its events.
        duration_s: as its terminate tells it, or None.
        country, country_source: ISO 3166 code, and "number", "profile" or "user_id".
        failed: its terminate says FAILED.
        error_code: what its terminate gives as the cause, or None.
    """

    call_id: str
    waba_id: str
    phone_number_id: str
    direction: str | None
    contact: str | None
    contact_user_id: str | None
    outcome: str
    answered: bool
    started_at: int | None
    ended_at: int | None
    first_event_at: int
    duration_s: int | None
    country: str | None
    country_source: str | None
    failed: bool
    error_code: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return the call's element of truth.json."""
        return {
            name: getattr(self, name) for name in self.__slots__
        }  # asdict() takes 20 times as long


@dataclass(frozen=True, slots=True)
class Truth:
    """A simulation's own record of what it wrote.

    Attributes:
        arguments: seed, months, end, calls.
        files: names of the files written, in order.
        calls: one per call, in order of time.
        injected: name of an oddity -> how many are in the files.
        expected: the six figures of an ingest report over all files, into an empty store.
    """

    arguments: Mapping[str, int | str]
    files: tuple[str, ...]
    calls: tuple[CallTruth, ...]
    injected: Mapping[str, int]
    expected: Mapping[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return the content of truth.json."""
        return {
            "wacost_truth": 1,
            "arguments": dict(self.arguments),
            "files": list(self.files),
            "expected": dict(self.expected),
            "injected": dict(self.injected),
            "calls": [call.as_dict() for call in self.calls],
        }

    def as_json(self) -> bytes:
        """Return truth.json: the head over several lines, then one call a line."""
        whole = self.as_dict()
        calls = json.dumps(whole.pop("calls")).replace("}, {", "},\n{")
        head = json.dumps(whole, indent=1)
        return f'{head[:-2]},\n "calls": {calls}\n}}\n'.encode("ascii")


def truth_of(
    arguments: Mapping[str, int | str],
    told: Iterable[tuple[Call, Sequence[Event]]],
    files: Mapping[str, Sequence[Body]],
    firsts: Sequence[date],
) -> Truth:
    """Gather the truth.

    Args:
        arguments: of the simulation.
        told: each call with its events.
        files: file name -> bodies, in order.
        firsts: first days of the months and of the one after.
    """
    pairs = list(told)
    calls = tuple(_call_truth(call, events) for call, events in pairs)
    postings = count_postings(files)
    in_calls = count_calls([call for call, _ in pairs], firsts)
    return Truth(
        arguments=dict(arguments),
        files=tuple(files),
        calls=calls,
        injected=dict(sorted((postings | in_calls).items())),
        expected=_expected(postings, len(calls)),
    )


def _call_truth(call: Call, events: Sequence[Event]) -> CallTruth:
    contact, scenario = call.contact, call.scenario
    end = next((event.item for event in events if event.item.get("event") == "terminate"), {})
    return CallTruth(
        call_id=call.call_id,
        waba_id=call.business.waba_id,
        phone_number_id=call.number.id,
        direction=None if scenario.outcome == "unknown" else call.direction,
        contact=contact.number or contact.user_id or None,
        contact_user_id=contact.user_id or None,
        outcome=scenario.outcome,
        answered=scenario.answered,
        started_at=call.picked_at if scenario.answered else None,
        ended_at=call.ended_at if scenario.answered else None,
        first_event_at=min(event.at for event in events),
        duration_s=int(end["duration"]) if "duration" in end else None,
        country=contact.country,
        country_source=contact.country_source,
        failed=scenario.failed,
        error_code=call.error_code,
    )


def _expected(postings: Mapping[str, int], calls: int) -> dict[str, int]:
    quarantined = sum(postings[how] for how in BROKEN)
    duplicate = postings["duplicate_items"] + postings["duplicate_other_items"]
    return {
        "records": postings["items"] + quarantined,
        "new": postings["items"] - duplicate,
        "duplicate": duplicate,
        "quarantined": quarantined,
        "ignored": 0,
        "calls": calls,
    }
