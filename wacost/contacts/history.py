"""What passed between a business number and a contact, as plain facts in order of time.

Instants are whole epoch seconds. A history is a sorted tuple of acts without repetition, so that
order and redelivery of the records decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final

from wacost.contacts.policies import WINDOW_S

MESSAGE: Final = "message"
"""The contact wrote, or left a voicemail."""
TEMPLATE: Final = "template"
"""The business sent a template message."""
REQUEST: Final = "request"
"""The business asked for permission to call."""
ACCEPTED: Final = "accepted"
"""The contact gave permission, or it arose by itself (`automatic`)."""
REJECTED: Final = "rejected"
"""The contact refused, or the permission was revoked by itself (`automatic`)."""
CALL_IN: Final = "inbound call"
CALL_OUT: Final = "outbound call"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened.

    Attributes:
        at: when; of a call, when it began to ring.
        kind: one of the words above.
        connected_at: of a call, when it was answered; None: it was not.
        taken_at: of an outbound call, when the contact took it, where nothing tells (yet) that it
            connected.
        unanswered: of an outbound call: it rang and was not taken, or was refused.
        over_at: of an unanswered call, when that was certain.
        permanent: of a permission.
        expires_at: the end of a permission, where the reply tells it.
        automatic: of a reply: nobody gave it, it follows from a call or from calls not taken.
        form: of a request: "template" or "free_form"; "" where nothing tells.
        id: of the message or the call.
    """

    at: int
    kind: str
    connected_at: int | None = None
    unanswered: bool = False
    over_at: int | None = None
    permanent: bool = False
    expires_at: int | None = None
    automatic: bool = False
    form: str = ""
    id: str = ""
    taken_at: int | None = None

    @property
    def is_reply(self) -> bool:
        """Whether it is an answer to a request, or one in its place."""
        return self.kind in {ACCEPTED, REJECTED}

    @property
    def is_call(self) -> bool:
        """Whether it is a call, either way."""
        return self.kind in {CALL_IN, CALL_OUT}


History = tuple[Act, ...]


def history(acts: Iterable[Act]) -> History:
    """Put acts in order, each once.

    >>> [act.at for act in history([Act(2, MESSAGE), Act(1, MESSAGE), Act(2, MESSAGE)])]
    [1, 2]
    """
    return tuple(sorted(set(acts), key=_order))


def _order(act: Act) -> tuple[tuple[bool, str | int], ...]:
    """Sort by time; of one second what was asked before what was answered; then by all the rest."""
    values = (act.at, act.kind != REQUEST, *(getattr(act, field.name) for field in fields(act)))
    return tuple((value is not None, value if value is not None else 0) for value in values)


def until(acts: History, at: int) -> History:
    """Return what was known at an instant: acts that had begun, calls as far as they had gone.

    >>> until(history([Act(5, CALL_OUT, connected_at=9), Act(8, MESSAGE)]), 7)[0].connected_at
    """
    return tuple(_known(act, at) for act in acts if act.at <= at)


def _known(act: Act, at: int) -> Act:
    if act.connected_at is not None and act.connected_at > at:
        return replace(act, connected_at=None, unanswered=False)
    if act.over_at is not None and act.over_at > at:
        return replace(act, unanswered=False, over_at=None)
    if act.taken_at is not None and act.taken_at > at:
        return replace(act, taken_at=None)
    return act


def service_windows(acts: History) -> list[tuple[int, int]]:
    """Return the customer service windows: (opened, closed), merged, in order.

    Each act of the contact opens or refreshes 24 hours: a message, a reply of his own, a call to
    the business whether or not it is answered, and taking a call of the business (Meta,
    calling/pricing). An open window is one with opened <= instant < closed.

    >>> service_windows(history([Act(0, MESSAGE), Act(3600, CALL_IN)]))
    [(0, 90000)]
    """
    found: list[tuple[int, int]] = []
    for at in sorted(at for at in map(opens_window_at, acts) if at is not None):
        if found and at <= found[-1][1]:
            found[-1] = (found[-1][0], at + WINDOW_S)
        else:
            found.append((at, at + WINDOW_S))
    return found


def opens_window_at(act: Act) -> int | None:
    """Return the instant at which an act opens or refreshes a service window, or None.

    >>> opens_window_at(Act(5, CALL_OUT, connected_at=9)), opens_window_at(Act(5, CALL_OUT))
    (9, None)
    """
    if act.kind in {MESSAGE, CALL_IN} or (act.is_reply and not act.automatic):
        return act.at
    taken_at = act.taken_at if act.connected_at is None else act.connected_at
    return taken_at if act.kind == CALL_OUT else None


def opens_conversation(act: Act) -> bool:
    """Tell whether an act opens a conversation: what the contact wrote, or a template sent to him.

    A call opens none (respond.io, 6 March 2025, names messages alone).

    >>> opens_conversation(Act(0, TEMPLATE)), opens_conversation(Act(0, CALL_IN))
    (True, False)
    """
    return act.kind in {MESSAGE, TEMPLATE} or (act.is_reply and not act.automatic)
