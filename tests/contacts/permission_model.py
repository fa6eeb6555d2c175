"""A second model of permissions and windows, written from the published rules, not from the code.

It replays a history in the order of time and keeps a few variables, as a person with a calendar
would. Figures are written out here by hand: `FACTS` is not read from data/policies.
"""

from __future__ import annotations

from datetime import UTC, datetime

H = 3600
FACTS = {
    # first day, hours of a permission, needs, wait after a refusal, resets, calls a day, revoked at
    "respond-io-2025-03": ("2025-03-06", 72, "conversation", 24, False, None, None),
    "meta-2025-07": ("2025-07-15", 168, "window", None, True, 5, 4),
    "meta-2025-10": ("2025-10-13", 168, "window", None, True, 10, 4),
    "meta-2025-11": ("2025-11-03", 168, "window", None, True, 10, 4),
    "meta-2025-12": ("2025-12-19", 168, "window", None, True, 100, 4),
}
ONE_A_DAY, TWO_A_WEEK = 1, 2


def facts_at(book: str, at: int):
    """Return the facts in force: of one set, or of the newest one begun ("meta")."""
    if book in FACTS:
        return FACTS[book]
    today = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
    begun = [facts for facts in FACTS.values() if facts[0] <= today]
    return begun[-1] if begun else FACTS["respond-io-2025-03"]


class Calendar:
    """What a person would know of one contact at an instant, by replaying what happened."""

    def __init__(self, book: str, acts, at: int) -> None:
        self.book, self.at = book, at
        self.given_until: float | None = None  # None: no permission; infinity: permanent
        self.state = "none"
        self.missed_in_a_row = 0
        self.asked: list[int] = []
        self.connected_out: list[int] = []
        self.window_until = self.conversation_until = -1
        self.window_since = None
        self.refused_at: int | None = None
        for when, _, what, act in sorted(self._happenings(acts), key=lambda each: each[:2]):
            if when <= at:
                self._expire(when)
                what(when, act)
        self._expire(at)

    def _happenings(self, acts):
        """Yield (when, order within the second, what is done, the act)."""
        for act in acts:
            if act.kind in {"message", "template"}:
                yield act.at, (0,), self._wrote, act
            elif act.kind == "request":
                yield act.at, (1,), self._requested, act
            elif act.kind in {"inbound call", "outbound call"}:
                if act.kind == "inbound call":
                    yield act.at, (0,), self._rang_us, act
                if act.connected_at is not None:
                    yield act.connected_at, (2,), self._connected, act
                elif act.unanswered:
                    yield act.over_at, (3,), self._not_taken, act
            elif act.kind == "accepted":
                length = 10**12 if act.permanent else (act.expires_at or 0)
                yield act.at, (4, length), self._accepted, act
            else:
                yield act.at, (5, 10**13 + act.automatic), self._rejected, act

    def _open_window(self, when):
        if when > self.window_until:
            self.window_since = when
        self.window_until = when + 24 * H

    def _wrote(self, when, act):
        self.conversation_until = when + 24 * H
        if act.kind == "message":
            self._open_window(when)

    def _rang_us(self, when, act):
        self._open_window(when)

    def _requested(self, when, act):
        self.asked.append(when)

    def _connected(self, when, act):
        if act.kind == "outbound call":
            self._open_window(when)
            self.connected_out.append(when)
        self.missed_in_a_row = 0
        self.last_connected = when

    def _not_taken(self, when, act):
        self.missed_in_a_row += 1
        revoked_at = facts_at(self.book, when)[6]
        if self.given_until is not None and revoked_at and self.missed_in_a_row >= revoked_at:
            self.given_until, self.state = None, "revoked"

    def _accepted(self, when, act):
        if not act.automatic:
            self._open_window(when)
            self.conversation_until = when + 24 * H
        self.missed_in_a_row = 0
        self.refused_at = None
        if act.permanent:
            self.given_until, self.state = float("inf"), "permanent"
            return
        hours = facts_at(self.book, when)[1]
        self.given_until = act.expires_at if act.expires_at is not None else when + hours * H
        self.state = "temporary"

    def _rejected(self, when, act):
        if not act.automatic:
            self._open_window(when)
            self.conversation_until = when + 24 * H
        self.given_until = None
        self.state = "revoked" if act.automatic else "refused"
        self.refused_at = None if act.automatic else when

    def _expire(self, when):
        if self.given_until is not None and when >= self.given_until:
            self.given_until, self.state = None, "expired"

    # -- what the person would say ---------------------------------------------------------

    def may_call(self) -> bool:
        most = facts_at(self.book, self.at)[5]
        today = [when for when in self.connected_out if self.at - when < 24 * H]
        return self.given_until is not None and (most is None or len(today) < most)

    def may_request(self, form: str) -> bool:
        _, _, needs, wait, resets, _, _ = facts_at(self.book, self.at)
        if self.state == "permanent":
            return False
        is_open = self.conversation_until if needs == "conversation" else self.window_until
        if form == "free_form" and self.at >= is_open:
            return False
        if wait and self.refused_at is not None and self.at - self.refused_at < wait * H:
            return False
        reset = getattr(self, "last_connected", -1) if resets else -1
        asked = [when for when in self.asked if when > reset]
        day = sum(1 for when in asked if self.at - when < 24 * H)
        week = sum(1 for when in asked if self.at - when < 168 * H)
        return day < ONE_A_DAY and week < TWO_A_WEEK

    def window(self):
        """Return (opened, closes) or None."""
        return (self.window_since, self.window_until) if self.at < self.window_until else None


def first_yes(book: str, acts, at: int, say) -> int | None:
    """Return the first half hour after an instant at which `say` is yes if nothing else happens."""
    known = [act for act in acts if act.at <= at]
    for later in range(at // 1800 + 1, at // 1800 + 2 * 24 * 9):
        calendar = Calendar(book, _frozen(known, at), later * 1800)
        if say(calendar):
            return later * 1800
    return None


def _frozen(acts, at):
    """Leave out of calls what had not happened yet."""
    from dataclasses import replace

    for act in acts:
        later = act.connected_at is not None and act.connected_at > at
        undecided = act.over_at is not None and act.over_at > at
        if later or undecided:
            yield replace(act, connected_at=None, unanswered=False, over_at=None)
        else:
            yield act
