"""Post the events: in batches, twice, late, in the wrong order, and some of them broken."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Final

from wacost.simulate.bodies import body_of, line_of, page_of
from wacost.simulate.chance import Deck, OneIn, below

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from wacost.simulate.events import Event

_DAY_S: Final = 86_400
_LATENCY_S: Final = 1
_MOST_IN_A_BODY: Final = 1000
_OUTAGE_DAY: Final = 13  # of each month: nothing is delivered between these seconds of it
_OUTAGE_BEGINS_S: Final = 8 * 3600
_OUTAGE_ENDS_S: Final = 20 * 3600
_SIZES: Final = ((1, 160), (2, 14), (3, 10), (5, 8), (8, 4), (20, 3), (60, 1))
_BROKEN: Final = {3: "cut_json", 17: "html_page", 31: "invalid_utf8"}
_HTML: Final = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><h1>502 Bad Gateway</h1></body></html>"
)


@dataclass(slots=True, eq=False)
class Body:
    """One line of a webhook file, or the whole of a pretty-printed one.

    Attributes:
        at: when it was delivered, epoch seconds.
        text: its bytes, without the line's end.
        events: the items in it, in order; none where it is broken.
        again: it was delivered before, byte for byte.
        broken: "", or how: "cut_json", "html_page", "invalid_utf8".
        page: it is a file of its own.
    """

    at: int
    text: bytes
    events: list[Event] = field(default_factory=list)
    again: bool = False
    broken: str = ""
    page: bool = False


Posting = tuple[int, int, "Event"]  # delivered at, order of drawing, what


def deliver(rng: Random, events: Sequence[Event], edges: Sequence[int]) -> list[Body]:
    """Post events and return the bodies in order of delivery.

    Args:
        rng: the source of chance.
        events: those of one call one after the other, in order of time.
        edges: instants (UTC midnight) at which the simulated months begin, and the last ends.
    """
    when = [event.at + _LATENCY_S for event in events]
    _disorder(rng, events, when)
    _delay(rng, events, when, edges)
    outages = [edge + (_OUTAGE_DAY - 1) * _DAY_S for edge in edges[:-1]]
    postings = _postings(rng, events, when, outages)
    bodies = list(_bodies(rng, postings, outages))
    bodies += list(_again(rng, bodies))
    bodies += list(_broken(rng, bodies))
    return sorted(bodies, key=lambda body: body.at)


def _disorder(rng: Random, events: Sequence[Event], when: list[int]) -> None:
    """Let the terminate of some calls arrive before the events that led to it."""
    chosen = OneIn(rng, 13)
    start = 0
    for _, group in groupby(events, key=lambda event: id(event.call) if event.call else 0):
        size = len(list(group))
        mine = range(start, start + size)
        start += size
        if size < 2 or events[mine[0]].call is None or not chosen.draw():  # noqa: PLR2004
            continue
        if events[mine[-1]].item.get("event") == "terminate":
            late = mine[below(rng, size - 1)]
            when[late] = when[mine[-1]] + 1 + below(rng, 30)


def _delay(rng: Random, events: Sequence[Event], when: list[int], edges: Sequence[int]) -> None:
    """Let some events arrive days later; the last one of each month arrives in the next."""
    chosen = OneIn(rng, 250)
    for at in range(len(events)):
        if chosen.draw():
            when[at] += _DAY_S + below(rng, 5 * _DAY_S)
    order = sorted((event.at, at) for at, event in enumerate(events) if event.items and event.call)
    for edge in edges[1:]:
        last = bisect_left(order, (edge, 0)) - 1
        if last >= 0:
            when[order[last][1]] = edge + 2 * _DAY_S


def _postings(
    rng: Random, events: Sequence[Event], when: Sequence[int], outages: Sequence[int]
) -> list[Posting]:
    """Return when each event is posted, in order; one in 100 is posted a second time."""
    twice = OneIn(rng, 100)
    postings: list[Posting] = []
    for at, event in zip(when, events, strict=True):
        postings.append((_after_outage(at, outages), len(postings), event))
        if event.call is not None and twice.draw():
            later = at + 30 + below(rng, 2 * _DAY_S)
            postings.append((_after_outage(later, outages), len(postings), event))
    postings.sort(key=lambda posting: posting[:2])
    return postings


def _after_outage(at: int, outages: Sequence[int]) -> int:
    for midnight in outages:
        if midnight + _OUTAGE_BEGINS_S <= at < midnight + _OUTAGE_ENDS_S:
            return midnight + _OUTAGE_ENDS_S
    return at


def _bodies(rng: Random, postings: Sequence[Posting], outages: Sequence[int]) -> Iterator[Body]:
    """Yield bodies of one item or more; what waited for an outage to end comes in large ones."""
    sizes = Deck(rng, _SIZES)
    ends = [midnight + _OUTAGE_ENDS_S for midnight in outages]
    paged = False
    at = 0
    while at < len(postings):
        posted = postings[at][0]
        size = _MOST_IN_A_BODY if posted in ends else sizes.draw()
        batch = postings[at : at + size]
        if posted in ends:
            batch = [posting for posting in batch if posting[0] == posted]
        at += len(batch)
        page = posted == ends[-1] and not paged
        paged = paged or page
        events = [event for _, _, event in batch]
        text = (page_of if page else line_of)(body_of(events))
        yield Body(batch[-1][0], text, events, page=page)


def _again(rng: Random, bodies: Sequence[Body]) -> Iterator[Body]:
    """Yield second deliveries of whole bodies, one in 100."""
    chosen = OneIn(rng, 100)
    for body in bodies:
        if not body.page and chosen.draw():
            at = body.at + 60 + below(rng, 3 * _DAY_S)
            yield Body(at, body.text, body.events, again=True)


def _broken(rng: Random, bodies: Sequence[Body]) -> Iterator[Body]:
    """Yield unreadable twins of some bodies: what was in them is delivered whole as well."""
    for place, body in enumerate(bodies):
        how = _BROKEN.get(place % 400, "")
        if how and not body.page:
            yield Body(body.at, _break(rng, body.text, how), broken=how)


def _break(rng: Random, text: bytes, how: str) -> bytes:
    if how == "cut_json":
        return text[: 40 + below(rng, len(text) - 40)]
    if how == "invalid_utf8":
        return text[:-1] + ',"sender":"José"}'.encode("latin-1")
    return _HTML


def month_of(at: int) -> str:
    """Return the month, in UTC, of an instant.

    >>> month_of(0)
    '1970-01'
    """
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.year:04}-{moment.month:02}"
