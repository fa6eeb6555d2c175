"""Contacts: who is at the other end, and how much of that a webhook shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wacost.simulate.chance import Deck, Weighted, below
from wacost.simulate.world import BUSINESSES, NAMES, draw_number

if TYPE_CHECKING:
    from random import Random

    from wacost.simulate.world import Business, PhoneNumber

_SHOWS: Final = (("number", 132), ("both", 40), ("partly", 8), ("profile", 14), ("user_id", 6))
_AGAIN: Final = 42  # of 100 calls go to or come from someone who has called before


@dataclass(frozen=True, slots=True)
class Contact:
    """A person.

    Attributes:
        number: E.164 digits, or "" where WhatsApp hides the number behind a username.
        first_only: the number is shown in the first event of a call only.
        omitted: a hidden number is left out rather than "".
        user_id: business-scoped user id, or "".
        parent_id: the id across a group of businesses, or "".
        profile_country: what the profile says, or "".
        name: profile name, or "" where it is not sent.
        country: the country that wacost must find, and
        country_source: from what.
    """

    number: str = ""
    first_only: bool = False
    omitted: bool = False
    user_id: str = ""
    parent_id: str = ""
    profile_country: str = ""
    name: str = ""
    country: str | None = None
    country_source: str | None = None

    def card(self) -> dict[str, Any]:
        """Return the person's element of `contacts`."""
        card: dict[str, Any] = {}
        profile: dict[str, str] = {}
        if self.name:
            profile["name"] = self.name
        if self.profile_country:
            profile["country_code"] = self.profile_country
        if profile:
            card["profile"] = profile
        if self.number and not self.first_only:
            card["wa_id"] = self.number
        if self.user_id:
            card["user_id"] = self.user_id
        return card


NOBODY: Final = Contact()
"""The other party of a call that says nothing about it."""


class People:
    """Everyone the businesses talk to: drawn when first needed, met again later."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._markets = {each.waba_id: Weighted(each.markets) for each in BUSINESSES}
        self._shows = Deck(rng, _SHOWS)
        self._known: dict[str, list[Contact]] = {}
        self._by_number: dict[str, Contact] = {}

    def meet(self, business: Business, number: PhoneNumber) -> Contact:
        """Return a contact of a business number: a known one or a new one."""
        known = self._known.setdefault(number.id, [])
        if known and below(self._rng, 100) < _AGAIN:
            return known[below(self._rng, len(known))]
        contact = self._new(business, self._shows.draw())
        known.append(contact)
        return contact

    def plain(self, business: Business) -> Contact:
        """Return a contact with a number that every event shows."""
        while True:
            contact = self._new(business, "number")
            if contact.number and not contact.first_only:
                return contact

    def _new(self, business: Business, shows: str) -> Contact:
        country = self._markets[business.waba_id].draw(self._rng)
        if shows in {"profile", "user_id"}:
            return self._hidden(country, business.country, in_profile=shows == "profile")
        number = draw_number(self._rng, country)
        if number not in self._by_number:
            self._by_number[number] = self._shown(number, country, shows)
        return self._by_number[number]

    def _shown(self, number: str, country: str, shows: str) -> Contact:
        user_id = "" if shows == "number" else self._user_id(country)
        return Contact(
            number=number,
            first_only=shows == "partly",
            user_id=user_id,
            parent_id=self._parent_id(country) if user_id else "",
            profile_country=country if user_id and below(self._rng, 2) else "",
            name=self._name(),
            country=country,
            country_source="number",
        )

    def _hidden(self, country: str, home: str, *, in_profile: bool) -> Contact:
        """Return a contact without a number; some profiles name another country than the id."""
        prefix = home if in_profile and below(self._rng, 5) == 0 else country
        return Contact(
            omitted=below(self._rng, 2) == 0,
            user_id=self._user_id(prefix),
            parent_id=self._parent_id(prefix),
            profile_country=country if in_profile else "",
            name=self._name(),
            country=country,
            country_source="profile" if in_profile else "user_id",
        )

    def _user_id(self, country: str) -> str:
        return f"{country}.{10**19 + below(self._rng, 9 * 10**19)}"

    def _parent_id(self, country: str) -> str:
        if below(self._rng, 5):
            return ""
        return f"{country}.ENT.{10**19 + below(self._rng, 9 * 10**19)}"

    def _name(self) -> str:
        return NAMES[below(self._rng, len(NAMES))] if below(self._rng, 2) else ""
