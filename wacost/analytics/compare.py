"""The same month under several cards: what each would charge, and which is cheapest where.

Every figure is made by the one engine from the same calls, and nothing is kept. Amounts are those
of the calls alone: no tax, no fixed fee, no rounding of invoice lines (a card that rounds each
call is followed).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from wacost.analytics.blend import cheapest_blend
from wacost.analytics.comparison import OWN, Compared, Comparison, rounding_accounts, sums
from wacost.analytics.traffic import Traffic
from wacost.errors import InputError

__all__ = ["Traffic", "compare"]

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.cards import RateCard
    from wacost.rating.whatif import PricedGroup


def compare(traffic: Traffic, cards: Sequence[RateCard]) -> Comparison:
    """Price a month's calls under the accounts' own cards and under each of some others.

    Args:
        traffic: the calls.
        cards: each for all accounts and all calls.

    Raises:
        InputError: no card, or one twice.
    """
    names = [card.name for card in cards]
    if not names or len(set(names)) < len(names):
        raise InputError(
            "each card to compare is named once, and one is needed",
            hint="like --card meta-usd --card highlevel-usd",
        )
    rivals: dict[str, list[tuple[RateCard, list[PricedGroup]]]] = defaultdict(list)
    compared = own_cards(traffic)
    for card in cards:
        groups = traffic.under(card)
        compared.append(_named(card, groups))
        rivals[card.currency].append((card, groups))
    blends = [
        cheapest_blend(traffic, [card for card, _ in several], [groups for _, groups in several])
        for several in rivals.values()
        if len(several) > 1
    ]
    return Comparison(traffic.month, tuple(traffic.only), tuple(compared), tuple(blends))


def own_cards(traffic: Traffic) -> list[Compared]:
    """Price the calls as the accounts have agreed; [] where that is in several currencies."""
    mine = [one for one in traffic.accounts if one.name in traffic.only]
    currencies = {card.currency for one in mine for card in one.cards}
    if len(currencies) != 1:
        return []
    rounded = {one.name for one in mine if all(card.rounding.at == "call" for card in one.cards)}
    return [_compared((OWN, currencies.pop(), "", ""), traffic.under(None), rounded)]


def _named(card: RateCard, groups: Sequence[PricedGroup]) -> Compared:
    told = (card.name, card.currency, card.status, card.checksum)
    return _compared(told, groups, rounding_accounts(card, groups))


def _compared(
    told: tuple[str, str, str, str], groups: Sequence[PricedGroup], rounded: set[str]
) -> Compared:
    return Compared(
        *told,
        countries=sums(groups, lambda group: group.country, rounded),
        accounts=sums(groups, lambda group: group.account, rounded),
    )
