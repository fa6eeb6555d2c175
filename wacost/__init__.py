"""wacost: an independent, exact second opinion on a WhatsApp Business calling bill.

The public names are loaded when they are first used, so that `import wacost` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from wacost.billing import Invoice as Invoice
    from wacost.cards import RateCard as RateCard
    from wacost.cards import card_names as card_names
    from wacost.cards import load_card as load_card
    from wacost.errors import ConfigError as ConfigError
    from wacost.errors import CurrencyMismatchError as CurrencyMismatchError
    from wacost.errors import InputError as InputError
    from wacost.errors import MissingExtraError as MissingExtraError
    from wacost.errors import PayloadError as PayloadError
    from wacost.errors import Problem as Problem
    from wacost.errors import RateCardError as RateCardError
    from wacost.errors import RatingError as RatingError
    from wacost.errors import StoreError as StoreError
    from wacost.errors import StoreLockedError as StoreLockedError
    from wacost.errors import StoreVersionError as StoreVersionError
    from wacost.errors import WacostError as WacostError
    from wacost.ingest import IngestReport as IngestReport
    from wacost.rating import Charge as Charge
    from wacost.rating import Explanation as Explanation
    from wacost.rating.framed import rate as rate
    from wacost.workspace import Workspace as Workspace
    from wacost.workspace import open_workspace

    open = open_workspace  # noqa: A001 - wacost.open is the way in

__all__ = [
    "Charge",
    "ConfigError",
    "CurrencyMismatchError",
    "Explanation",
    "IngestReport",
    "InputError",
    "Invoice",
    "MissingExtraError",
    "PayloadError",
    "Problem",
    "RateCard",
    "RateCardError",
    "RatingError",
    "StoreError",
    "StoreLockedError",
    "StoreVersionError",
    "WacostError",
    "Workspace",
    "card_names",
    "load_card",
    "open",
    "rate",
]

_HOMES: Final[dict[str, tuple[str, str]]] = {
    "Charge": ("wacost.rating", "Charge"),
    "Explanation": ("wacost.rating", "Explanation"),
    "IngestReport": ("wacost.ingest", "IngestReport"),
    "Invoice": ("wacost.billing", "Invoice"),
    "RateCard": ("wacost.cards", "RateCard"),
    "Workspace": ("wacost.workspace", "Workspace"),
    "card_names": ("wacost.cards", "card_names"),
    "load_card": ("wacost.cards", "load_card"),
    "open": ("wacost.workspace", "open_workspace"),
    "rate": ("wacost.rating.framed", "rate"),
}


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use."""
    if name not in __all__:
        raise AttributeError(f"module 'wacost' has no attribute {name!r}")
    module, attribute = _HOMES.get(name, ("wacost.errors", name))
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return list(__all__)
