"""What a row tells about the outcome of its call, and what it must not be taken to tell.

A dialling time is never a pick-up time. A call counts as answered where the row gives the moment
of the pick-up, or says "answered" beside an end and a length (the pick-up is the end less the
length). What is left open is held: the call is kept, counted, and not priced.
"""

from __future__ import annotations

from dataclasses import dataclass

from wacost.ingest.tables.moments import SECOND_US, Times


@dataclass(frozen=True, slots=True)
class Outcome:
    """A call as it goes on its way: epoch seconds, a word of Meta's, a reason to hold it.

    Attributes:
        first_s: the first moment that is known of it.
        status: COMPLETED, FAILED or REJECTED.
        started_s: the pick-up; None where there was none or it is not known.
        ended_s: the end.
        seconds: the length; None where it is not told or tells only how long it rang.
        held: a code of `reasons.HELD`, or "".
    """

    first_s: int
    status: str
    started_s: int | None = None
    ended_s: int | None = None
    seconds: int | None = None
    held: str = ""


_STATUS = {"failed": "FAILED", "rejected": "REJECTED"}


def outcome_of(
    word: str | None, times: Times, seconds: int | None, *, is_told: bool, has_pickups: bool
) -> Outcome:
    """Judge a row that has at least one time.

    Args:
        word: answered, missed, rejected or failed; None where the row's word is not known.
        times: what it tells, in microseconds.
        seconds: the length it tells.
        is_told: whether the row has a word at all, known or not.
        has_pickups: whether the table has a column of pick-ups. There, an empty cell in a row
            without a word and without a length says that nobody picked up.

    >>> times = Times(dialled=100_000_000, started=None, ended=None)
    >>> outcome_of(None, times, 60, is_told=False, has_pickups=False).held
    'outcome_not_told'
    >>> outcome_of("missed", times, 60, is_told=True, has_pickups=False).seconds is None
    True
    """
    if times.started is not None:
        return _answered(word, times, seconds)
    first = (times.first or 0) // SECOND_US
    ended = None if times.ended is None else times.ended // SECOND_US
    status = _STATUS.get(word or "", "COMPLETED")
    if word in {"missed", "rejected"}:
        return Outcome(first, status)
    if word == "failed":  # with a length it may have failed in the middle: incomplete, not free
        return Outcome(first, status, seconds=seconds)
    if has_pickups and not is_told and not seconds:
        return Outcome(first, status)
    if word == "answered" and ended is not None and seconds is not None:
        started = ended - seconds
        return Outcome(min(first, started), status, started, ended, seconds)
    held = "pickup_not_told" if word == "answered" else "outcome_not_told"
    return Outcome(first, status, None, ended, seconds, held)


def _answered(word: str | None, times: Times, seconds: int | None) -> Outcome:
    """Take the moment of the pick-up; fractions of a second are cut off.

    Without a length of its own the call lasts from the exact start to the exact end, rounded up to
    the next second as a source in milliseconds is.
    """
    assert times.started is not None  # noqa: S101 - the caller has seen it
    started = times.started // SECOND_US
    ended, length = None, seconds
    if times.ended is not None:
        ended = times.ended // SECOND_US
        exact = times.ended - times.started
        if seconds is None and exact >= 0 and exact % SECOND_US:
            length = -(-exact // SECOND_US)
    elif seconds is not None:
        ended = started + seconds
    held = ""
    if word in {"missed", "rejected"}:
        held = "outcome_contradicts"
    elif ended is None:
        held = "length_not_told"
    status = "FAILED" if word == "failed" else "COMPLETED"
    return Outcome((times.first or 0) // SECOND_US, status, started, ended, length, held)
