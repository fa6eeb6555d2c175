"""Where the mistakes of a card go: the first is raised, or all are collected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from wacost.errors import RateCardError

T = TypeVar("T")
Report = Callable[[RateCardError], None]
"""Takes a mistake; returns where the reading may go on."""

FILL_IN: Final = "FILL-IN"
"""What stands in a template for everything that its user must fill in."""
FILL_IN_HINT: Final = "put what your contract says in the place of every FILL-IN"


def refuse(error: RateCardError) -> None:
    """Raise the first mistake."""
    raise error


def attempt(report: Report, read: Callable[[], T]) -> T | None:
    """Return what `read` returns; None where it is a mistake, which is reported.

    >>> found = []
    >>> attempt(found.append, lambda: refuse(RateCardError("no rate"))), len(found)
    (None, 1)
    """
    try:
        return read()
    except RateCardError as error:
        report(error)
        return None
