"""What a comparison of cards says: sums, cards, and the split of countries that is cheapest."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wacost.language import ENGLISH, mark
from wacost.money import SHOWN_PLACES, UNIT, divide, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping

    from wacost.cards import RateCard
    from wacost.errors import WacostError
    from wacost.language import Language
    from wacost.rating.whatif import PricedGroup

OWN: Final = mark("(own)")
"""Stands for the cards that the accounts have; no card can be called so."""

Key = TypeVar("Key")
_LACKING: Final = ("no_rate", "no_country")
Country = str | None
"""ISO country of the contacts; None: none is known."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What calls come to under a card.

    Attributes:
        calls: all of them.
        unpriced: those without an amount: never part of `exact`.
        tier_unknown: those priced in a band whose own rate is not known.
        billed_seconds: of those priced.
        exact: what the others cost, in the card's currency.
        lacking: those of the unpriced for which the card has no rate: another card may price them.
        doubtful: what of `exact` is at the next lower known rate, for that of the band is not
            known; `doubtful_least` and `doubtful_most` are the bounds of it.
        unbounded: those of `lacking` whose rate the supplier has and the card does not know, nor
            that of a lower band: `doubtful_least` holds for them too, and nothing bounds the most.
    """

    calls: int = 0
    unpriced: int = 0
    tier_unknown: int = 0
    billed_seconds: int = 0
    exact: Fraction = Fraction(0)
    lacking: int = 0
    doubtful: Fraction = Fraction(0)
    doubtful_least: Fraction = Fraction(0)
    doubtful_most: Fraction = Fraction(0)
    unbounded: int = 0

    def __add__(self, other: Sum) -> Sum:
        """Add calls of the same currency.

        >>> (Sum(2, exact=Fraction(1, 3)) + Sum(1, 1)).exact
        Fraction(1, 3)
        """
        return Sum(
            self.calls + other.calls,
            self.unpriced + other.unpriced,
            self.tier_unknown + other.tier_unknown,
            self.billed_seconds + other.billed_seconds,
            self.exact + other.exact,
            self.lacking + other.lacking,
            self.doubtful + other.doubtful,
            self.doubtful_least + other.doubtful_least,
            self.doubtful_most + other.doubtful_most,
            self.unbounded + other.unbounded,
        )

    @property
    def known(self) -> Fraction:
        """What those cost whose rate is known."""
        return self.exact - self.doubtful

    @property
    def least(self) -> Fraction:
        """The least that the calls cost of which the card knows that they have a rate."""
        return self.known + self.doubtful_least

    @property
    def most(self) -> Fraction | None:
        """The most that they cost, if volume makes no call dearer; None: nothing bounds it."""
        return None if self.unbounded else self.known + self.doubtful_most

    @property
    def is_range(self) -> bool:
        """Whether it makes a difference that some rates are not known."""
        return self.least != self.most

    @property
    def bounded_below(self) -> int:
        """How many calls `least` is about: those with a price, and those with an unknown rate."""
        return self.calls - self.unpriced + self.unbounded

    def prices_as(self, other: Sum) -> bool:
        """Tell whether both have a rate, known or not, for the very same calls.

        Only then their difference means something, or the range in which it lies.
        """
        same = (self.calls, self.bounded_below) == (other.calls, other.bounded_below)
        return same and all(one.lacking == one.unbounded for one in (self, other))

    @property
    def rank(self) -> tuple[int, Fraction]:
        """Order sums of the same calls, best first: a gap is not cheap, more priced calls win."""
        return self.unpriced - self.calls, self.exact

    @property
    def amount(self) -> Decimal | None:
        """The cost to 12 places, half up; None where no call has a price."""
        return None if self.calls and self.calls == self.unpriced else shown(self.exact)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; the amount is text, or None."""
        amount = self.amount
        bounded = bool(self.bounded_below) or not self.calls
        sums = {
            "known": None if amount is None else self.known,
            "at_least": self.least if bounded else None,
            "at_most": self.most if bounded else None,
        }
        return {
            "calls": self.calls,
            "unpriced": self.unpriced,
            "tier_unknown": self.tier_unknown,
            "billed_seconds": self.billed_seconds,
            "amount": None if amount is None else plain(amount),
            **{
                name: None if exact is None else plain(shown(exact)) for name, exact in sums.items()
            },
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """A month under one card.

    Attributes:
        card: its name; `OWN`: each account's own.
        currency: of every amount.
        status: how its figures are known; "" for `OWN`.
        checksum: of the card; "" for `OWN`.
        countries: the calls of each country.
        accounts: the calls of each account.
    """

    card: str
    currency: str
    status: str
    checksum: str
    countries: Mapping[Country, Sum]
    accounts: Mapping[str, Sum]

    @property
    def total(self) -> Sum:
        """All calls."""
        return sum(self.countries.values(), Sum())

    def as_row(self, language: Language = ENGLISH) -> dict[str, Any]:
        """Return the card as a row for people: two amounts more where rates are not known."""
        total = self.total
        row = {
            "card": self.card,
            "status": self.status,
            "calls": total.calls,
            "unpriced": total.unpriced,
            "amount": total.amount,
            "currency": self.currency,
        }
        if not total.is_range:
            return row
        most = language.say("no upper bound is known") if total.most is None else shown(total.most)
        return {**row, "at least": shown(total.least), "at most": most}


@dataclass(frozen=True, slots=True)
class Blend:
    """Every country's calls through one card of several, priced exactly as they would then be.

    Attributes:
        currency: of the cards.
        cards: the card of each country.
        total: all calls.
        least: no split of countries among these cards can cost less; None: not known.
        certain: the rate of every band is known in which these cards price the calls.
    """

    currency: str
    cards: Mapping[Country, str]
    total: Sum
    least: Fraction | None
    certain: bool = True

    @property
    def proven(self) -> bool:
        """Whether no other split of countries can be cheaper at the rates that are used."""
        return self.least == self.total.exact

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; amounts are text."""
        return {
            "currency": self.currency,
            "cards": [{"country": c, "card": card} for c, card in self.cards.items()],
            **self.total.as_dict(),
            "least": None if self.least is None else plain(shown(self.least)),
            "proven": self.proven,
            "certain": self.certain,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """A month under several cards.

    Attributes:
        month: like "2026-10", local to each account (or to a card's own zone).
        accounts: whose calls.
        cards: in the order asked for; `OWN` first, where the accounts' cards share a currency.
        blends: the cheapest split of countries, for each currency that has two cards.
        refused: accounts that were left out, and why: their own cards are missing or wrong.
    """

    month: str
    accounts: tuple[str, ...]
    cards: tuple[Compared, ...]
    blends: tuple[Blend, ...]
    refused: Mapping[str, WacostError] = field(default_factory=dict)

    @property
    def countries(self) -> list[Country]:
        """Every country called, those with most calls first."""
        calls: dict[Country, int] = {}
        for one in self.cards:
            for country, told in one.countries.items():
                calls[country] = max(calls.get(country, 0), told.calls)
        return sorted(calls, key=lambda country: (-calls[country], country or "~"))

    def cheapest(self, country: Country, currency: str) -> str | None:
        """Return the cheapest card of a country, `OWN` apart.

        None: no card prices its calls, or each lacks rates for some that another card of the
        comparison, in whatever currency, prices: what a gap leaves out makes no card cheap.
        """
        rivals = {c.card: c.countries.get(country, Sum()) for c in self.others(currency)}
        best = next(iter(ranked(rivals)), None)
        if best is None or rivals[best].amount is None:
            return None
        fewest = min(one.countries.get(country, Sum()).lacking for one in self.cards)
        return best if rivals[best].lacking <= fewest else None

    def is_certain(self, country: Country, currency: str) -> bool:
        """Tell whether no rate that is not known can make another card than `cheapest` so."""
        best = self.cheapest(country, currency)
        rivals = {c.card: c.countries.get(country, Sum()) for c in self.others(currency)}
        if best is None:
            return not any(one.unbounded for one in rivals.values())
        told = rivals.pop(best)
        as_many = [one for one in rivals.values() if one.bounded_below >= told.bounded_below]
        return not any(told.most is None or one.least < told.most for one in as_many)

    def others(self, currency: str) -> list[Compared]:
        """Return the cards of a currency that were named."""
        return [one for one in self.cards if one.card != OWN and one.currency == currency]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values; amounts are text."""
        currencies = dict.fromkeys(one.currency for one in self.cards if one.card != OWN)
        return {
            "month": self.month,
            "accounts": list(self.accounts),
            "not_rated": [
                {"account": name, "reason": str(error)} for name, error in self.refused.items()
            ],
            "cards": [
                {
                    "card": one.card,
                    "currency": one.currency,
                    "card_status": one.status,
                    "card_checksum": one.checksum,
                    **one.total.as_dict(),
                    "by_account": [
                        {"account": name, **told.as_dict()} for name, told in one.accounts.items()
                    ],
                    "by_country": [
                        {"country": country, **one.countries.get(country, Sum()).as_dict()}
                        for country in self.countries
                    ],
                }
                for one in self.cards
            ],
            "cheapest": [
                {
                    "country": country,
                    "currency": code,
                    "card": self.cheapest(country, code),
                    "certain": self.is_certain(country, code),
                }
                for code in currencies
                for country in self.countries
            ],
            "blends": [one.as_dict() for one in self.blends],
        }


def ranked(rivals: Mapping[str, Sum]) -> list[str]:
    """Return names, cheapest first. A gap is not cheap: first comes who prices most calls.

    >>> ranked({"a": Sum(2, exact=Fraction(3)), "b": Sum(2, exact=Fraction(2)), "c": Sum(2, 1)})
    ['b', 'a', 'c']
    """
    return sorted(rivals, key=lambda name: rivals[name].rank)


def shown(exact: Fraction) -> Decimal:
    """Write an amount to 12 places, half up, without trailing zeros.

    >>> shown(Fraction(1, 3))
    Decimal('0.333333333333')
    """
    whole = divide(exact.numerator * 10**SHOWN_PLACES, exact.denominator, "half_up")
    return trimmed(Decimal(f"{whole}E-{SHOWN_PLACES}"))


def sums(
    groups: Iterable[PricedGroup], key: Callable[[PricedGroup], Key], rounded: Container[str]
) -> dict[Key, Sum]:
    """Add up what was priced, by a key.

    Args:
        groups: from `what_if`, of one currency.
        key: what a group is told by.
        rounded: the accounts whose cards round each call: there the rounded amounts count.
    """
    found: dict[Key, Sum] = {}
    for group in groups:
        one = Sum(
            calls=group.calls,
            unpriced=group.calls if group.amount_units is None else 0,
            tier_unknown=group.tier_unknown,
            billed_seconds=group.billed_seconds,
            exact=Fraction(group.amount or 0)
            if group.account in rounded
            else Fraction(group.amount_units or 0, UNIT),
            lacking=group.calls if group.status in _LACKING else 0,
            unbounded=group.doubt.unbounded if group.doubt else 0,
            **_doubt(group, rounded=group.account in rounded),
        )
        found[key(group)] = found.get(key(group), Sum()) + one
    return found


def _doubt(group: PricedGroup, *, rounded: bool) -> dict[str, Fraction]:
    if group.doubt is None:
        return {}
    bounds = {
        "doubtful": group.doubt.shown,
        "doubtful_least": group.doubt.least,
        "doubtful_most": group.doubt.most,
    }
    return {
        name: Fraction(amount) if rounded else Fraction(units, UNIT)
        for name, (units, amount) in bounds.items()
    }


def rounding_accounts(card: RateCard, groups: Iterable[PricedGroup]) -> set[str]:
    """Return the accounts of the groups, where their one card rounds each call."""
    return {group.account for group in groups} if card.rounding.at == "call" else set()
