"""Count every oddity in the files and in the calls, so that a test can ask for each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wacost.simulate.calls import month_edges
from wacost.simulate.delivery import month_of
from wacost.simulate.events import is_swapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from wacost.simulate.calls import Call
    from wacost.simulate.delivery import Body
    from wacost.simulate.events import Event

BROKEN: Final = ("cut_json", "html_page", "invalid_utf8")
"""The ways in which a line is unreadable."""

_AGAIN: Final = ("duplicate_items",)
_OTHER_AGAIN: Final = ("duplicate_other_items",)
_LARGE: Final = 100
_DAY_S: Final = 86_400


def count_calls(calls: Sequence[Call], firsts: Sequence[date]) -> Counter[str]:
    """Count what calls are like: by scenario, and by rarities that no scenario names.

    Args:
        calls: all calls.
        firsts: first days of the months and of the one after.
    """
    counts: Counter[str] = Counter()
    edges: dict[str, list[int]] = {}
    for call in calls:
        counts[f"scenario_{call.scenario.name}"] += 1
        contact = call.contact
        counts[f"country_from_{contact.country_source or 'nothing'}"] += 1
        counts["number_in_first_event_only"] += contact.first_only
        counts["swapped_numbers"] += is_swapped(call)
        if call.scenario.answered:
            waba_id = call.business.waba_id
            if waba_id not in edges:
                edges[waba_id] = month_edges(call.business, firsts)
            _count_answered(counts, call, edges[waba_id])
    return counts


def _count_answered(counts: Counter[str], call: Call, edges: Sequence[int]) -> None:
    counts["duration_off_by_one"] += call.duration_s != call.ended_at - call.picked_at
    for edge in edges:
        counts["across_month_end"] += call.picked_at < edge <= call.ended_at
        counts["ends_at_month_end"] += call.ended_at == edge
        counts["starts_at_month_end"] += call.picked_at == edge


def count_postings(files: Mapping[str, Sequence[Body]]) -> Counter[str]:
    """Count what is in the files as a reader meets it, second deliveries included.

    Args:
        files: file name -> bodies, in the order in which they are read.
    """
    names: list[str] = []
    order = _Order()
    for file, bodies in files.items():
        for body in bodies:
            if body.broken:
                names.append(body.broken)
                continue
            names += _of_body(body)
            for event in body.events:
                names += _of_event(event)
                if not order.is_new(event):
                    names += _AGAIN if event.call is not None else _OTHER_AGAIN
                elif event.call is not None:
                    names += _of_delivery(event, body, file)
            order.next_body()
    counts = Counter(dict.fromkeys(("items", "call_items", *_AGAIN, *_OTHER_AGAIN, *BROKEN), 0))
    counts.update(names)
    counts["out_of_order_calls"] = order.disordered()
    return counts


class _Order:
    """Follows the calls through the files: what was there before, and what came in disorder."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._latest: dict[str, int] = {}
        self._now: list[Event] = []
        self._disordered: set[str] = set()

    def is_new(self, event: Event) -> bool:
        """Take an event of the present body and say whether it is seen for the first time."""
        if id(event) in self._seen:
            return False
        self._seen.add(id(event))
        if event.call is not None:
            self._now.append(event)
        return True

    def next_body(self) -> None:
        """Compare what came with what came in earlier bodies."""
        for event in self._now:
            if event.at < self._latest.get(event.item["id"], 0):
                self._disordered.add(event.item["id"])
        for event in self._now:
            call_id = event.item["id"]
            self._latest[call_id] = max(event.at, self._latest.get(call_id, 0))
        self._now.clear()

    def disordered(self) -> int:
        """Return how many calls had an event in a body after a later event."""
        return len(self._disordered)


def _holding(*cases: tuple[str, object]) -> list[str]:
    return [name for name, holds in cases if holds]


def _of_body(body: Body) -> list[str]:
    several = len(body.events) > 1
    return _holding(
        ("bodies", True),
        ("batches", several),
        ("large_batches", len(body.events) >= _LARGE),
        ("several_entries", several and len({each.business.waba_id for each in body.events}) > 1),
        ("redelivered_bodies", body.again),
        ("pages", body.page),
    )


def _of_delivery(event: Event, body: Body, file: str) -> list[str]:
    """Name what is odd about the first delivery of an event in a file."""
    return _holding(
        ("delivered_in_later_month", month_of(event.at) < file[9:16]),
        ("late_items", body.at - event.at >= _DAY_S),
    )


def _of_event(event: Event) -> list[str]:
    item = event.item
    if event.call is None:
        return ["items", _other_kind(event)]
    names = _holding(
        ("items", True),
        ("call_items", True),
        ("call_statuses", event.items == "statuses"),
        ("integer_timestamps", isinstance(item["timestamp"], int)),
        ("formatted_display_numbers", event.formatted),
        ("value_errors", event.errors),
    )
    return names if event.items == "statuses" else names + _of_call_item(event)


def _of_call_item(event: Event) -> list[str]:
    item = event.item
    return _holding(
        ("profile_names", event.contact and "name" in event.contact.get("profile", {})),
        ("no_direction", "direction" not in item),
        ("title_case_status", item.get("status") in {"Completed", "Failed"}),
        ("item_errors", "errors" in item),
        ("sdp", "session" in item),
        ("legacy_connection", "connection" in item),
        ("empty_times", "start_time" in item and item["start_time"] in {None, "", 0, "0"}),
        ("empty_numbers", "" in {item.get("from"), item.get("to")}),
        ("omitted_numbers", "from" not in item or "to" not in item),
    )


def _other_kind(event: Event) -> str:
    if not event.items:
        return "account_changes"
    if event.items == "statuses":
        return "message_statuses"
    if event.field == "calls":
        return "recordings"
    reply = event.item.get("interactive", {}).get("type") == "call_permission_reply"
    return "permission_replies" if reply else "messages"
