"""Rate cards: dated prices of one supplier in one currency, read strictly."""

from wacost.cards.model import RateCard
from wacost.cards.reader import card_names, load_card
from wacost.cards.stored import card_from_json

__all__ = ["RateCard", "card_from_json", "card_names", "load_card"]
