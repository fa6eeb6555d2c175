"""What passed between a business number and a contact, told in order, with what held after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wacost.contacts.answer import Answer, told_at
from wacost.contacts.history import (
    ACCEPTED,
    CALL_IN,
    CALL_OUT,
    MESSAGE,
    REJECTED,
    REQUEST,
    TEMPLATE,
    Act,
    until,
)
from wacost.contacts.permission import (
    State,
    conversation_open,
    permission_at,
    window_open,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.contacts.policies import Rulebook
    from wacost.contacts.reading import Line


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, and the permission after it.

    Attributes:
        at: epoch seconds.
        what: in words.
        state: the permission from then on.
    """

    at: int
    what: str
    state: State


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds between a business number and a contact at an instant.

    Attributes:
        line: between whom, and what passed.
        at: the instant.
        state: the permission.
        window: the open service window as (opened, closes), or None.
        conversation: whether a conversation is open.
        call: may the business call?
        request: may it ask for permission with a message of its own words?
        template: may it ask with a template?
        steps: what led to it.
    """

    line: Line
    at: int
    state: State
    window: tuple[int, int] | None
    conversation: bool
    call: Answer
    request: Answer
    template: Answer
    steps: tuple[Step, ...]

    def as_dict(self, zone: str) -> dict[str, Any]:
        """Return it as plain values; times on the clocks of a zone."""
        return {
            "account": self.line.account,
            "phone_number_id": self.line.phone_number_id,
            "contact": self.line.contact,
            "timezone": zone,
            "at": told_at(self.at, zone),
            "permission": self.state.name,
            "since": told_at(self.state.since, zone),
            "until": told_at(self.state.until, zone),
            "unanswered_in_a_row": self.state.unanswered,
            "window": self.window and [told_at(at, zone) for at in self.window],
            "open_conversation": self.conversation,
            "may_call": self.call.as_dict(zone),
            "may_request": self.request.as_dict(zone),
            "may_request_by_template": self.template.as_dict(zone),
            "timeline": [
                {
                    "at": told_at(step.at, zone),
                    "what": step.what,
                    "permission": step.state.name,
                    "until": told_at(step.state.until, zone),
                }
                for step in self.steps
            ],
        }


def standing(line: Line, rules: Rulebook, at: int) -> Standing:
    """Return what holds on a line at an instant, and what led to it."""
    return Standing(
        line=line,
        at=at,
        state=permission_at(line.acts, rules, at),
        window=window_open(line.acts, at),
        conversation=conversation_open(line.acts, at),
        call=line.may_call(rules, at),
        request=line.may_request(rules, at),
        template=line.may_request(rules, at, "template"),
        steps=tuple(steps(line, rules, at)),
    )


def steps(line: Line, rules: Rulebook, at: int) -> Iterator[Step]:
    """Yield what happened up to an instant, and each end of a permission, in order of time."""
    acts = until(line.acts, at)
    last = State("none")
    for place, act in enumerate(acts, start=1):
        yield from _ended(last, act.at)
        last = permission_at(acts[:place], rules, act.at)  # of one second each in its turn
        yield Step(act.at, in_words(act), last)
    yield from _ended(last, at + 1)


def _ended(last: State, before: int) -> Iterator[Step]:
    """Yield the end of a permission that came before the next thing happened."""
    if last.in_force and last.until is not None and last.until < before:
        yield Step(last.until, "the permission ran out", State("expired", last.until, last.until))


def in_words(act: Act) -> str:
    """Tell an act in words.

    >>> in_words(Act(0, CALL_OUT, unanswered=True)), in_words(Act(0, REQUEST, form="template"))
    ('call to the contact: not taken', 'asked for permission to call, by a template')
    """
    if act.kind in {CALL_IN, CALL_OUT}:
        return _call_in_words(act)
    if act.kind == REQUEST:
        return _ASKED[act.form]
    if act.is_reply:
        return _REPLIED[act.kind, act.automatic, act.permanent and act.kind == ACCEPTED]
    return {MESSAGE: "message of the contact", TEMPLATE: "template message sent"}[act.kind]


_ASKED = {
    "": "asked for permission to call",
    "free_form": "asked for permission to call, in a conversation",
    "template": "asked for permission to call, by a template",
}
_REPLIED = {
    (ACCEPTED, False, False): "permission given",
    (ACCEPTED, False, True): "permanent permission given",
    (ACCEPTED, True, False): "permission by the contact's own call",
    (ACCEPTED, True, True): "permanent permission by the contact's own call",
    (REJECTED, False, False): "permission refused",
    (REJECTED, True, False): "permission revoked after calls that were not taken",
}


def _call_in_words(act: Act) -> str:
    who = "call of the contact" if act.kind == CALL_IN else "call to the contact"
    if act.connected_at is not None:
        return f"{who}: answered"
    if act.taken_at is not None:
        return f"{who}: taken"
    if act.kind == CALL_IN:
        return f"{who}: not answered"
    return f"{who}: {'not taken' if act.unanswered else 'did not connect'}"
