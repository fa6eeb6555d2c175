"""Dated rule sets of call permissions, as kept in `data/policies/`: each rule with its source."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final

from wacost.bundled import bundled
from wacost.errors import ConfigError
from wacost.names import nearest

HOUR_S: Final = 3600
DAY_S: Final = 24 * HOUR_S
WINDOW_S: Final = DAY_S
"""How long a customer service window and an open conversation last (Meta, calling/pricing)."""
NOT_SETS: Final = ("availability",)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a set.

    Attributes:
        value: hours, a count, a word, or limits of the shape ((most, hours), …).
        status: read, inferred or open: how it is known.
        source: where it was found.
    """

    value: Any
    status: str
    source: str


NO_RULE: Final = Rule(None, "open", "no page says it")


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule set, in force from an instant on.

    Attributes:
        name: of its file.
        title: for people.
        from_at: first instant, epoch seconds: midnight UTC of its day.
        families: names in wacost.toml that mean "whichever of these is in force".
        rules: by key; a key that is not there is no rule.
    """

    name: str
    title: str
    from_at: int
    families: tuple[str, ...]
    rules: Mapping[str, Rule]

    def rule(self, key: str) -> Rule:
        """Return a rule; one without a value where the set has none of this key."""
        return self.rules.get(key, NO_RULE)

    def value(self, key: str) -> Any:
        """Return the value of a rule, or None."""
        return self.rule(key).value

    @property
    def request_limits(self) -> tuple[tuple[int, int], ...]:
        """The limits of requests: (most, seconds)."""
        limits = self.value("request_limits") or ()
        return tuple((limit["most"], limit["hours"] * HOUR_S) for limit in limits)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rule sets in the order of their days: which one holds depends on the moment asked.

    Attributes:
        name: as wacost.toml writes it.
        sets: at least one; the first holds for all time before it too.
    """

    name: str
    sets: tuple[Policy, ...]

    def at(self, instant: int) -> Policy:
        """Return the set in force at an instant, in epoch seconds.

        >>> rulebook("meta").at(1_760_000_000).name, rulebook("meta").at(1_800_000_000).name
        ('meta-2025-07', 'meta-2025-12')
        >>> rulebook("respond-io-2025-03").at(1_800_000_000).name
        'respond-io-2025-03'
        """
        begun = [each for each in self.sets if each.from_at <= instant]
        return begun[-1] if begun else self.sets[0]

    def changes(self) -> list[int]:
        """Return the instants at which another set comes into force."""
        return [each.from_at for each in self.sets[1:]]


def policy_names() -> list[str]:
    """Return the names of the rule sets that wacost ships.

    >>> policy_names()[0], len(policy_names())
    ('meta-2025-07', 6)
    """
    names = sorted(path.stem for path in bundled("policies").glob("*.toml"))
    return [name for name in names if name not in NOT_SETS]


@cache
def load_policy(name: str) -> Policy:
    """Return a rule set by its name.

    >>> load_policy("meta-2025-10").value("connected_calls_a_day")
    10
    """
    text = (bundled("policies") / f"{name}.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    rules = {
        key: Rule(rule["value"], rule["status"], rule["source"])
        for key, rule in told["rules"].items()
    }
    return Policy(
        told["name"], told["title"], first_second(told["from"]), tuple(told["families"]), rules
    )


@cache
def rulebook(name: str) -> Rulebook:
    """Return the rules that `[policies] permission` of wacost.toml names: a family or one set.

    Raises:
        ConfigError: there is neither; the nearest name is told.
    """
    sets = [load_policy(each) for each in policy_names()]
    family = sorted((each for each in sets if name in each.families), key=lambda s: s.from_at)
    chosen = family or [each for each in sets if each.name == name]
    if chosen:
        return Rulebook(name, tuple(chosen))
    known = {each.name for each in sets}.union(*(each.families for each in sets))
    raise ConfigError(
        f"policies.permission: {name!r} is no rule set", hint=nearest(name, known, "rule set")
    )


def first_second(day: date) -> int:
    """Return the first second of a day in UTC: no page names a zone for the days of changes.

    >>> first_second(date(1970, 1, 2))
    86400
    """
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
