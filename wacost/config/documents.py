"""How the documents of an account look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class InvoiceSettings:
    """How the documents of an account look.

    Attributes:
        kind: expected (what the supplier should bill), chargeback or customer.
        series: prefix of the numbers of final documents.
        language: locale of the document; "" until read, then the workspace's.
        payment_terms_days: days until due, or None.
        accept_cards: derived or reported cards that a final document may rest on.
        logo: path of a picture, from the folder of the wacost.toml on; "": none.
        colour: of headings, "#rrggbb"; "": the default.
    """

    kind: str = "expected"
    series: str = ""
    language: str = ""
    payment_terms_days: int | None = None
    accept_cards: tuple[str, ...] = ()
    logo: str = ""
    colour: str = ""


NUMBERS: Final = ("masked", "full")
"""How a list of calls tells the contacts: with their middle hidden, or whole."""


@dataclass(frozen=True, slots=True)
class Annex:
    """How the lists of calls of an account look; `numbers` is one of `NUMBERS`."""

    numbers: str = "masked"
