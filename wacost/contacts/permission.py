"""Call permissions as a state machine: what holds at an instant, and what may be done then.

Pure functions of a history (see history.py) and a rulebook (see policies.py). Limits are those of
the set in force at the moment asked; how long a permission lasts is told by the reply, else by the
set in force when it was given. What pages leave open is decided in `data/policies/README.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from wacost.contacts.answer import Answer, no, yes
from wacost.contacts.history import (
    ACCEPTED,
    CALL_OUT,
    REJECTED,
    REQUEST,
    Act,
    History,
    opens_conversation,
    service_windows,
    until,
)
from wacost.contacts.policies import DAY_S, HOUR_S, WINDOW_S, Policy, Rulebook
from wacost.names import noun

NO_PERMISSION: Final = 138006
REQUEST_LIMIT: Final = 138009
NO_CONVERSATION: Final = 138011
CALL_LIMIT: Final = 138012
ALREADY_PERMANENT: Final = 138017

CONVERSATION_REMEDIES: Final = (
    "the contact writes first: a request may follow within 24 hours",
    "send a template message first, then the request",
)
"""The two remedies of the article of 6 March 2025."""
WINDOW_REMEDIES: Final = (
    "send a template that asks for permission to call",
    "wait until the contact writes or calls",
)
Decide = Callable[[History, Rulebook, int], Answer]


@dataclass(frozen=True, slots=True)
class State:
    """The permission of a contact at an instant.

    Attributes:
        name: none, temporary, permanent, refused, expired or revoked.
        since: when it became so; None for none.
        until: the end of a temporary permission, exclusive.
        automatic: it was given, or taken away, by no act of the contact's own.
        unanswered: calls in a row that he did not take, since the permission was given.
    """

    name: str
    since: int | None = None
    until: int | None = None
    automatic: bool = False
    unanswered: int = 0

    @property
    def in_force(self) -> bool:
        """Whether the business may call by it."""
        return self.name in {"temporary", "permanent"}


def permission_at(acts: History, rules: Rulebook, at: int) -> State:
    """Return the permission at an instant.

    >>> from wacost.contacts.policies import rulebook
    >>> given = (Act(1_750_000_000, ACCEPTED),)
    >>> permission_at(given, rulebook("respond-io-2025-03"), 1_750_000_000 + 72 * 3600 - 1).name
    'temporary'
    >>> permission_at(given, rulebook("respond-io-2025-03"), 1_750_000_000 + 72 * 3600).name
    'expired'
    """
    return _permission(until(acts, at), rules, at)


def may_call(acts: History, rules: Rulebook, at: int) -> Answer:
    """Tell whether the business may call the contact at an instant.

    Returns:
        With a permission in force, the count of connected calls in 24 hours and its limit;
        without one, how to get it.
    """
    return _with_next(_may_call, acts, rules, at)


def may_request(acts: History, rules: Rulebook, at: int, form: str = "free_form") -> Answer:
    """Tell whether the business may ask the contact for permission at an instant.

    Args:
        acts: what passed between both.
        rules: the rule sets.
        at: epoch seconds.
        form: "free_form": what a conversation or a window must be open for; "template": a
            template message that asks by itself.
    """

    def decide(acts: History, rules: Rulebook, at: int) -> Answer:
        return _may_request(acts, rules, at, form)

    answer = _with_next(decide, acts, rules, at)
    missing = _OPEN_TOO.get(rules.at(at).value("request_needs"))
    if answer or answer.possible_at is not None or answer.rule not in _COUNTED or missing is None:
        return answer
    return replace(answer, notes=(missing,))


def conversation_open(acts: History, at: int) -> bool:
    """Tell whether a conversation is open: a message of the contact's, or a template, in 24 hours.

    >>> from wacost.contacts.history import TEMPLATE
    >>> conversation_open((Act(0, TEMPLATE),), 86399), conversation_open((Act(0, TEMPLATE),), 86400)
    (True, False)
    """
    return any(opens_conversation(act) and act.at <= at < act.at + WINDOW_S for act in acts)


def window_open(acts: History, at: int) -> tuple[int, int] | None:
    """Return the service window that is open at an instant as (opened, closes), or None.

    What comes after the instant does not count: the close is the one foreseen then.
    """
    windows = service_windows(until(acts, at))
    return next((w for w in windows if w[0] <= at < w[1]), None)


def newest_reply(acts: History) -> Act | None:
    """Return the reply that counts: the newest by its own time; of one second the refusal."""
    replies = (act for act in acts if act.is_reply)
    return max(replies, key=_newness, default=None)


def _newness(act: Act) -> tuple[int, bool, bool, int, bool]:
    return act.at, act.kind == REJECTED, act.permanent, act.expires_at or 0, act.automatic


def _permission(acts: History, rules: Rulebook, at: int) -> State:
    last = newest_reply(acts)
    if last is None:
        return State("none")
    if last.kind == REJECTED:
        return State("revoked" if last.automatic else "refused", last.at, None, last.automatic)
    end = _end_of(last, rules)
    row, revoked_at = _unanswered(acts, rules, last.at)
    if end is not None and at >= end and (revoked_at is None or revoked_at >= end):
        return State("expired", end, end, last.automatic, row)
    if revoked_at is not None:
        return State("revoked", revoked_at, end, automatic=True, unanswered=row)
    name = "permanent" if last.permanent else "temporary"
    return State(name, last.at, end, last.automatic, row)


def _end_of(reply: Act, rules: Rulebook) -> int | None:
    if reply.permanent:
        return None
    if reply.expires_at is not None:
        return reply.expires_at
    hours = rules.at(reply.at).value("temporary_hours")
    return None if hours is None else int(reply.at + hours * HOUR_S)


def _unanswered(acts: History, rules: Rulebook, since: int) -> tuple[int, int | None]:
    """Count calls in a row that were not taken since an instant, and find the one that revokes.

    Of a call that connects and one that does not, in the same second, the first goes first.
    """
    row = 0
    for at, taken in sorted(_outcomes(acts), key=lambda each: (each[0], not each[1])):
        if at <= since:
            continue
        row = 0 if taken else row + 1
        limit = rules.at(at).value("unanswered_revoke")
        if limit is not None and row >= limit:
            return row, at
    return row, None


def _outcomes(acts: History) -> Iterator[tuple[int, bool]]:
    for act in acts:
        if act.connected_at is not None:
            yield act.connected_at, True
        elif act.unanswered:
            yield act.at if act.over_at is None else act.over_at, False


def _with_next(decide: Decide, acts: History, rules: Rulebook, at: int) -> Answer:
    """Decide, and where it is no find the first instant of a yes if nothing else happens."""
    known = until(acts, at)
    answer = decide(known, rules, at)
    if answer:
        return replace(answer, possible_at=at)
    later = sorted({t for t in _turns(known, rules) if t > at})
    return replace(answer, possible_at=next((t for t in later if decide(known, rules, t)), None))


def _turns(acts: History, rules: Rulebook) -> Iterator[int]:
    """Yield the instants at which a count falls, a wait is over or another set comes in force."""
    spans = {DAY_S, *(span for each in rules.sets for _, span in each.request_limits)}
    waits = {each.value("request_after_refusal_hours") for each in rules.sets} - {None}
    spans |= {hours * HOUR_S for hours in waits}
    yield from rules.changes()
    for act in acts:
        for span in spans:
            yield act.at + span
            if act.connected_at is not None:
                yield act.connected_at + span
        if act.kind == ACCEPTED and (end := _end_of(act, rules)) is not None:
            yield end


def _may_call(acts: History, rules: Rulebook, at: int) -> Answer:
    policy = rules.at(at)
    state = _permission(acts, rules, at)
    if not state.in_force:
        key = _ENDED_BY.get(state.name, "permission")
        return no(
            policy, key, at, _WHY[state.name], error_code=NO_PERMISSION, remedies=(ASK_FIRST,)
        )
    limit = policy.value("connected_calls_a_day")
    used = sum(1 for act in acts if act.kind == CALL_OUT and _within(act.connected_at, at, DAY_S))
    if limit is not None and used >= limit:
        calls = noun(used, "call")
        reason = f"{used} {calls} of the business connected within 24 hours; the limit is {limit}"
        key = "connected_calls_a_day"
        return no(policy, key, at, reason, used=used, limit=limit, error_code=CALL_LIMIT)
    return yes(
        policy,
        "permanent" if state.name == "permanent" else "temporary_hours",
        at,
        f"the permission is {state.name}",
        used=used,
        limit=limit,
        until=state.until,
        notes=_warnings(state, policy),
    )


ASK_FIRST: Final = "ask the contact for permission"
_WHY: Final = {
    "none": "the contact has given no permission",
    "refused": "the contact refused",
    "expired": "the permission is over",
    "revoked": "the permission was revoked after calls in a row that were not taken",
}
_ENDED_BY: Final = {"expired": "temporary_hours", "revoked": "unanswered_revoke"}


def _warnings(state: State, policy: Policy) -> tuple[str, ...]:
    prompt, revoke = policy.value("unanswered_prompt"), policy.value("unanswered_revoke")
    if prompt is None or state.unanswered < prompt:
        return ()
    told = f"{state.unanswered} calls in a row were not taken: the contact was asked to reconsider"
    return (f"{told}, and at {revoke} the permission is gone",)


def _may_request(acts: History, rules: Rulebook, at: int, form: str) -> Answer:
    policy = rules.at(at)
    if _permission(acts, rules, at).name == "permanent":
        reason = "the contact has given a permanent permission already"
        remedies = ("call: no request is needed",)
        return no(policy, "permanent", at, reason, error_code=ALREADY_PERMANENT, remedies=remedies)
    if (unmet := _unmet_need(acts, policy, at, form)) is not None:  # a no is false
        return unmet
    if (early := _too_soon_after_refusal(acts, policy, at)) is not None:
        return early
    return _within_limits(acts, policy, at)


def _unmet_need(acts: History, policy: Policy, at: int, form: str) -> Answer | None:
    needs = policy.value("request_needs")
    if form == "template" or needs is None:
        return None
    is_open = conversation_open(acts, at) if needs == "open_conversation" else window_open(acts, at)
    if is_open:
        return None
    reason, remedies = _NEEDS[needs]
    return no(
        policy, "request_needs", at, reason, rule=needs, error_code=NO_CONVERSATION,
        remedies=remedies,
    )  # fmt: skip


_COUNTED: Final = ("request_limits", "request_after_refusal_hours")
_OPEN_TOO: Final = {
    "open_conversation": "by then the conversation is over: another has to be open as well",
    "service_window": "by then the service window is closed: another has to be open as well",
}
_NEEDS: Final = {
    "open_conversation": (
        "a request for permission to call needs an open conversation",
        CONVERSATION_REMEDIES,
    ),
    "service_window": (
        "a free-form request needs an open customer service window",
        WINDOW_REMEDIES,
    ),
}


def _too_soon_after_refusal(acts: History, policy: Policy, at: int) -> Answer | None:
    key = "request_after_refusal_hours"
    hours, last = policy.value(key), newest_reply(acts)
    if hours is None or last is None or last.kind != REJECTED or last.automatic:
        return None
    if at >= last.at + hours * HOUR_S:
        return None
    return no(policy, key, at, f"the contact refused less than {hours} hours ago")


def _within_limits(acts: History, policy: Policy, at: int) -> Answer:
    """Compare the counts of requests with their limits: the first that is full says no."""
    reset_at = _last_connected(acts) if policy.value("connected_call_resets") else None
    asked = [
        act.at for act in acts if act.kind == REQUEST and (reset_at is None or act.at > reset_at)
    ]
    counts = [
        (sum(1 for each in asked if _within(each, at, span)), most, span)
        for most, span in policy.request_limits
    ]
    key = "request_limits"
    for used, most, span in counts:
        if used >= most:
            reason = _of_limit(used, most, span)
            return no(policy, key, at, reason, used=used, limit=most, error_code=REQUEST_LIMIT)
    used, most, span = min(counts, key=lambda each: each[1] - each[0])
    reason = _of_limit(used, most, span)
    return yes(policy, key, at, reason, used=used, limit=most)


def _of_limit(used: int, most: int, span: int) -> str:
    """Write a count of requests beside its limit.

    >>> _of_limit(1, 2, 604800), _of_limit(0, 1, 86400)
    ('1 request within 7 days; the limit is 2', '0 requests within 24 hours; the limit is 1')
    """
    return f"{used} request{'' if used == 1 else 's'} within {_span(span)}; the limit is {most}"


def _span(seconds: int) -> str:
    """Write a span of whole days or hours.

    >>> _span(86400), _span(604800)
    ('24 hours', '7 days')
    """
    days = seconds // DAY_S
    return f"{days} days" if days > 1 else f"{seconds // HOUR_S} hours"


def _last_connected(acts: History) -> int | None:
    found = [act.connected_at for act in acts if act.is_call and act.connected_at is not None]
    return max(found, default=None)


def _within(instant: int | None, at: int, span: int) -> bool:
    return instant is not None and at - span < instant <= at
