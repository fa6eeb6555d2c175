"""An answer to "may I?": yes or no, by which rule, how much of it is used, and when again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wacost.zones import local_datetime

if TYPE_CHECKING:
    from wacost.contacts.policies import Policy


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something is allowed at an instant.

    Attributes:
        allowed: yes or no.
        at: the instant asked, epoch seconds.
        rule: the rule that decides: permission, request_limits, service_window, …
        reason: one sentence.
        policy: name of the rule set.
        status: how the rule is known: read, inferred or open.
        source: where it was found.
        used: how much of a limit is used, counted at the instant; None: it is no limit.
        limit: how much there is; None: it is no limit.
        possible_at: the first instant at which it will be allowed if nothing else happens; the
            instant itself where it is allowed; None: something has to happen first.
        until: allowed until just before this instant; None: no end is known.
        error_code: what Meta answers where it is not allowed; None where that is not known.
        remedies: what can be done, one sentence each.
        notes: what is worth knowing beside.
    """

    allowed: bool
    at: int
    rule: str
    reason: str
    policy: str
    status: str
    source: str
    used: int | None = None
    limit: int | None = None
    possible_at: int | None = None
    until: int | None = None
    error_code: int | None = None
    remedies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Be true where it is allowed."""
        return self.allowed

    def as_dict(self, zone: str) -> dict[str, Any]:
        """Return the answer as plain values; times are ISO 8601 on the clocks of a zone."""
        return {
            "allowed": self.allowed,
            "at": told_at(self.at, zone),
            "rule": self.rule,
            "reason": self.reason,
            "used": self.used,
            "limit": self.limit,
            "possible_at": told_at(self.possible_at, zone),
            "until": told_at(self.until, zone),
            "error_code": self.error_code,
            "remedies": list(self.remedies),
            "notes": list(self.notes),
            "policy": self.policy,
            "status": self.status,
            "source": self.source,
            "timezone": zone,
        }


def no(policy: Policy, key: str, at: int, reason: str, **more: Any) -> Answer:
    """Say no by a rule of a set.

    Args:
        policy: the set in force.
        key: of the rule that decides.
        at: the instant asked.
        reason: one sentence.
        **more: fields of the answer.
    """
    return _by(policy, key, at, reason, {"allowed": False, **more})


def yes(policy: Policy, key: str, at: int, reason: str, **more: Any) -> Answer:
    """Say yes by a rule of a set. Arguments as for `no`."""
    return _by(policy, key, at, reason, {"allowed": True, **more})


def _by(policy: Policy, key: str, at: int, reason: str, more: dict[str, Any]) -> Answer:
    rule = policy.rule(key)
    told = {"rule": key, "status": rule.status, "source": rule.source, **more}
    return Answer(at=at, reason=reason, policy=policy.name, **told)


def told_at(instant: int | None, zone: str) -> str | None:
    """Write an instant on the clocks of a zone, with its offset.

    >>> told_at(0, "Asia/Kolkata")
    '1970-01-01T05:30:00+05:30'
    """
    return None if instant is None else local_datetime(zone, instant).isoformat()
