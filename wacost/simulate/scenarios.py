"""What can happen to a call, and what its webhooks then say: the truth that a reader must find.

The outcomes are the dispositions of wacost, written here by hand for each story rather than
computed, so that the simulation shares no rule with the code that it tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of call.

    Attributes:
        name: what it is called in the counts.
        outcome: the disposition that wacost must find.
        events: what is posted, in order: c connect, r RINGING, a ACCEPTED, x REJECTED,
            t terminate.
        answered: the terminate tells start, end and duration.
        talked: somebody talked, whether or not the terminate tells it.
        failed: the terminate says FAILED.
        codes: error codes, one of which is told.
        duration_alone: the terminate tells a duration without a start.
        terse: the terminate of another app's call: ids, numbers, no more.
        nameless: nothing tells who the other party is.
    """

    name: str
    outcome: str
    events: str
    answered: bool = False
    talked: bool = False
    failed: bool = False
    codes: tuple[int, ...] = ()
    duration_alone: bool = False
    terse: bool = False
    nameless: bool = False


_SETUP: Final = (138001, 138004, 138007, 138019, 138020)
_MEDIA: Final = (138021, 138022)

ANSWERED: Final = Scenario("answered", "answered", "crat", answered=True, talked=True)

OUTBOUND: Final = (
    (ANSWERED, 606),
    (Scenario("zero_seconds", "answered", "crat", answered=True), 8),
    (Scenario("failed_after_pickup", "answered", "crat", answered=True, talked=True, failed=True,
              codes=_MEDIA), 12),
    (Scenario("nameless", "answered", "crat", answered=True, talked=True, nameless=True), 1),
    (Scenario("no_answer", "no_answer", "crt"), 212),
    (Scenario("rejected", "rejected", "crxt"), 80),
    (Scenario("rejected_open", "rejected", "crx"), 3),
    (Scenario("failed", "failed", "crt", failed=True, codes=_SETUP), 18),
    (Scenario("failed_at_once", "failed", "t", failed=True, codes=(*_SETUP, 131044, 138012)), 12),
    (Scenario("failed_untold", "failed", "crt", failed=True), 4),
    (Scenario("failed_completed", "failed", "crt", codes=_SETUP), 3),
    (Scenario("open_ringing", "open", "cr"), 4),
    (Scenario("open_talking", "open", "cra", talked=True), 5),
    (Scenario("incomplete_accepted", "incomplete", "crat", talked=True), 7),
    (Scenario("incomplete_duration", "incomplete", "crat", talked=True, duration_alone=True), 3),
    (Scenario("incomplete_failed", "incomplete", "crat", failed=True, codes=(138023,)), 4),
    (Scenario("terse", "no_answer", "t", terse=True), 16),
    (Scenario("blank", "unknown", "t", terse=True, nameless=True), 2),
)  # fmt: skip
"""Calls that the business makes, with their number in 1000."""

INBOUND: Final = (
    (Scenario("answered", "answered", "ct", answered=True, talked=True), 752),
    (Scenario("zero_seconds", "answered", "ct", answered=True), 6),
    (Scenario("failed_after_pickup", "answered", "ct", answered=True, talked=True, failed=True,
              codes=_MEDIA), 6),
    (Scenario("missed", "missed", "ct"), 188),
    (Scenario("failed", "failed", "ct", failed=True, codes=(*_SETUP, 131044)), 16),
    (Scenario("failed_untold", "failed", "ct", failed=True), 3),
    (Scenario("open", "open", "c"), 6),
    (Scenario("incomplete_duration", "incomplete", "ct", talked=True, duration_alone=True), 5),
    (Scenario("terse", "missed", "t", terse=True), 18),
)  # fmt: skip
"""Calls that a user makes, with their number in 1000."""
