"""Where calls are offered: dated rules by country of the business number and of the contact."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final

from wacost.bundled import bundled
from wacost.dialplan import COUNTRIES, checked_country
from wacost.errors import InputError

DIRECTIONS: Final = ("inbound", "outbound")
SIDES: Final = ("business", "contact")
OFFERED: Final = "offered"
_BEFORE: Final = date(2025, 3, 6)
"""The first day that a source tells of: the beta."""


@dataclass(frozen=True, slots=True)
class CountryRule:
    """One dated rule.

    Attributes:
        name: short, for people.
        of: business or contact: whose country decides.
        directions: of calls.
        not_offered: the countries that it keeps out.
        from_on: first day.
        to_on: first day on which it no longer holds; None: no end is known.
        verdict: "no" or "doubtful".
        status: read, inferred or open: how it is known.
        source: where it was found.
    """

    name: str
    of: str
    directions: tuple[str, ...]
    not_offered: frozenset[str]
    from_on: date
    to_on: date | None
    verdict: str
    status: str
    source: str

    def holds(self, country: str, side: str, direction: str, on: date) -> bool:
        """Tell whether the rule says something about a country on a day."""
        return (
            self.of == side
            and direction in self.directions
            and country in self.not_offered
            and self.from_on <= on
            and (self.to_on is None or on < self.to_on)
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether calls of a direction are offered in a country.

    Attributes:
        country: ISO 3166 alpha-2.
        side: business: to business numbers of the country; contact: with contacts there.
        direction: inbound or outbound.
        on: the day, UTC.
        verdict: "offered", "no" or "doubtful"; before the beta "no".
        rules: the rules that decide, the strictest first; none: no source keeps it out.
    """

    country: str
    side: str
    direction: str
    on: date
    verdict: str
    rules: tuple[CountryRule, ...]

    def __bool__(self) -> bool:
        """Be true unless a source says that it is not offered."""
        return self.verdict != "no"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "country": self.country,
            "side": self.side,
            "direction": self.direction,
            "on": self.on,
            "verdict": self.verdict,
            "rules": [
                {
                    "name": rule.name,
                    "from": rule.from_on,
                    "to": rule.to_on,
                    "verdict": rule.verdict,
                    "status": rule.status,
                    "source": rule.source,
                }
                for rule in self.rules
            ],
        }


def availability(country: str, direction: str, side: str, at: datetime | date) -> Offer:
    """Tell whether calls are offered in a country at a time.

    Args:
        country: ISO 3166 alpha-2, in any case.
        direction: inbound (the contact calls) or outbound.
        side: "business": of numbers of that country; "contact": with people there.
        at: a day, or a moment; without an offset it is UTC.

    >>> availability("US", "outbound", "business", date(2026, 10, 1)).verdict
    'no'
    >>> availability("TR", "outbound", "business", date(2026, 10, 1)).verdict
    'offered'

    Raises:
        InputError: no such country, direction or side.
    """
    code = checked_country(country)
    for word, known in ((direction, DIRECTIONS), (side, SIDES)):
        if word not in known:
            raise InputError(f"{word!r} is none of {', '.join(known)}")
    on = at if not isinstance(at, datetime) else at.date() if at.tzinfo is None else _in_utc(at)
    if on < _BEFORE:
        return Offer(code, side, direction, on, "no", ())
    found = [rule for rule in country_rules() if rule.holds(code, side, direction, on)]
    found.sort(key=lambda rule: rule.verdict != "no")
    return Offer(code, side, direction, on, found[0].verdict if found else OFFERED, tuple(found))


def kept_out() -> list[tuple[str, str, str, str, datetime, datetime, str, str]]:
    """Return a row per rule, direction and country: what a bulk report joins calls with.

    Returns:
        name, side, direction, country, first moment, first moment no longer (UTC without an
        offset), verdict, status.
    """
    return [
        (rule.name, rule.of, direction, country, _begin(rule.from_on), _begin(rule.to_on),
         rule.verdict, rule.status)
        for rule in country_rules()
        for direction in rule.directions
        for country in sorted(rule.not_offered)
    ]  # fmt: skip


def _in_utc(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _begin(day: date | None) -> datetime:
    return datetime.combine(day or date(9999, 1, 1), time())


@cache
def country_rules() -> tuple[CountryRule, ...]:
    """Return all rules, in the order of the file."""
    text = (bundled("policies") / "availability.toml").read_text(encoding="utf-8")
    return tuple(_rule(told) for told in tomllib.loads(text)["rules"])


def _rule(told: dict[str, Any]) -> CountryRule:
    kept_out = told.get("not_offered") or COUNTRIES - set(told["offered"])
    return CountryRule(
        told["name"],
        told["of"],
        tuple(told["directions"]),
        frozenset(kept_out),
        told["from"],
        told.get("to"),
        told["verdict"],
        told["status"],
        told["source"],
    )
