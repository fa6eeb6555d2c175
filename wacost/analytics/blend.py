"""Each country's calls through one of several cards: the split that costs least.

Tiers make the countries of a market depend on each other: calls that go elsewhere bring nobody to
a lower band. So no split is told by adding up: its calls are priced again, card by card.

Where no rate rises with volume, no call is cheaper than with all calls on its card. What every
country costs least in that way is a bound that no split can go below; a split that reaches it is
proven. Where the countries' own best cards miss it, those that lost and their neighbours are tried
on the other cards too.
"""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

from wacost.analytics.comparison import Blend, Country, Sum, ranked, rounding_accounts, sums
from wacost.cards.check import ladders_of, row_sets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wacost.analytics.traffic import Traffic
    from wacost.cards import RateCard
    from wacost.rating.whatif import PricedGroup

    Split = Mapping[Country, str]
    Alone = Mapping[str, Mapping[Country, Sum]]

_TRIES: Final = 64


def cheapest_blend(
    traffic: Traffic, cards: Sequence[RateCard], groups: Sequence[Sequence[PricedGroup]]
) -> Blend:
    """Find the cheapest split of countries among cards of one currency.

    Args:
        traffic: the calls.
        cards: two or more.
        groups: for each card, what all calls come to under it.
    """
    named = {card.name: card for card in cards}
    alone = {
        card.name: sums(told, lambda group: group.country, rounding_accounts(card, told))
        for card, told in zip(cards, groups, strict=True)
    }
    best = _best_cards(alone)
    bound = _total({country: alone[card][country] for country, card in best.items()})
    split: Split = best
    one = set(best.values())
    priced: Mapping[Country, Sum] = (
        alone[one.pop()] if len(one) == 1 else _priced(traffic, named, best)
    )
    if _total(priced).rank != bound.rank:
        lost = {c for c, card in best.items() if priced[c].exact != alone[card][c].exact}
        tried = ((one, _priced(traffic, named, one)) for one in _others(best, lost, groups, alone))
        split, priced = min(
            [(split, priced), *tried, *(_one_card(name, told) for name, told in alone.items())],
            key=lambda found: _total(found[1]).rank,
        )
    if _total(priced).tier_unknown and not any(priced is told for told in alone.values()):
        priced = _priced(traffic, named, split, ranges=True)
    least = bound.exact if all(_never_rises(card) for card in cards) else None
    certain = not any(one.tier_unknown for told in alone.values() for one in told.values())
    return Blend(cards[0].currency, split, _total(priced), least, certain)


def _best_cards(alone: Alone) -> dict[Country, str]:
    countries = {country for told in alone.values() for country in told}
    return {
        country: ranked({name: told[country] for name, told in alone.items() if country in told})[0]
        for country in sorted(countries, key=lambda country: country or "~")
    }


def _one_card(name: str, told: Mapping[Country, Sum]) -> tuple[Split, Mapping[Country, Sum]]:
    return dict.fromkeys(told, name), told


def _others(
    best: Split, lost: set[Country], groups: Sequence[Sequence[PricedGroup]], alone: Alone
) -> Iterator[Split]:
    """Yield the splits that move countries which lost, or share a market with one that did."""
    near = set(lost)
    for told in groups:
        markets = {group.market for group in told if group.country in lost and group.market}
        near |= {group.country for group in told if group.market in markets}
    choices = {country: [n for n, told in alone.items() if country in told] for country in near}
    moved = sorted(near, key=lambda c: (-alone[best[c]][c].exact, c or "~"))
    while _ways(choices, moved) > _TRIES:  # the dearest countries matter most
        moved.pop()
    for chosen in product(*(choices[country] for country in moved)):
        yield {**best, **dict(zip(moved, chosen, strict=True))}


def _ways(choices: Mapping[Country, Sequence[str]], moved: Sequence[Country]) -> int:
    ways = 1
    for country in moved:
        ways *= len(choices[country])
    return ways


def _priced(
    traffic: Traffic, cards: Mapping[str, RateCard], split: Split, *, ranges: bool = False
) -> dict[Country, Sum]:
    """Price the calls of a split, by country."""
    found: dict[Country, Sum] = {}
    for name, groups in traffic.split(cards, split, ranges=ranges).items():
        rounded = rounding_accounts(cards[name], groups)
        found |= sums(groups, lambda group: group.country, rounded)
    return found


def _total(priced: Mapping[Country, Sum]) -> Sum:
    return sum(priced.values(), Sum())


def _never_rises(card: RateCard) -> bool:
    """Tell whether more volume never makes a call of this card dearer."""
    return all(
        (later[1] or 0) <= (earlier[1] or 0) and later[2] <= earlier[2]
        for ladder in ladders_of(card.rows).values()
        for _, _, held in row_sets(ladder)
        for earlier, later in pairwise(
            (row.from_second, row.rate_nanos, row.fee_nanos) for row in held if row.kind == "known"
        )
        if later[0] == earlier[0]
    )
