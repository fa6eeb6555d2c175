"""Say the lines of a document that are about no single call, and those of a correction."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wacost.billing import wording
from wacost.billing.exact import add

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Change, Item
    from wacost.language import Language


def item_groups(
    invoice: Invoice,
    language: Language,
    places: int,
    blanks: int,
    minutes: Callable[[int], str],
) -> list[dict[str, Any]]:
    """Return the changes by cause, then the items, as groups of rows.

    Args:
        invoice: whose.
        language: of its words.
        places: decimals of every amount.
        blanks: columns between the name and the calls.
        minutes: writes seconds as the document does.
    """
    rows = _Rows(language, places, blanks, minutes)
    groups = [
        rows.cause(cause, told)
        for cause in wording.CAUSES
        if (told := [one for one in invoice.changes if one.cause == cause])
    ]
    return [*groups, *([rows.items(invoice.items)] if invoice.items else [])]


class _Rows:
    """How rows of one document are written."""

    def __init__(
        self, language: Language, places: int, blanks: int, minutes: Callable[[int], str]
    ) -> None:
        self.minutes = minutes
        self.language = language
        self.places = places
        self.blanks = blanks

    def cause(self, cause: str, changes: Sequence[Change]) -> dict[str, Any]:
        """Return the changes of one cause: a heading with sums, and a row for each."""
        amount = add((one.amount for one in changes), self.places)
        return {
            "title": self.language.say(wording.CAUSES[cause]),
            "note": "",
            "figures": [
                self.language.decimal(sum(one.calls for one in changes)),
                self.minutes(sum(one.billed_seconds for one in changes)),
                "",
                self.decimal(amount),
            ],
            "rows": [self.change(one) for one in changes],
        }

    def change(self, one: Change) -> dict[str, Any]:
        """Return what some calls came to cost more or less."""
        direction = wording.DIRECTIONS.get(one.direction or "")
        return {
            "country": self.language.country(one.country),
            "again": False,
            "detail": self.language.say(direction) if direction else "",
            "why": "",
            "full": "",
            "figures": [
                *[""] * self.blanks,
                self.language.decimal(one.calls),
                self.minutes(one.billed_seconds),
                "",
                self.decimal(add([one.amount], self.places)),
            ],
        }

    def items(self, items: Sequence[Item]) -> dict[str, Any]:
        """Return everything that is about no single call."""
        amount = add((item.amount for item in items), self.places)
        return {
            "title": self.language.say("Other items"),
            "note": "",
            "figures": ["", "", "", self.decimal(amount)],
            "rows": [self.item(item) for item in items],
        }

    def item(self, item: Item) -> dict[str, Any]:
        """Return one item; what it is stands beside its own name."""
        sort = self.language.say(wording.ITEMS[item.part])
        percent = self.language.percent(Decimal(item.percent)) if item.percent else ""
        detail = [sort if item.name else "", percent]
        return {
            "country": item.name or sort,
            "again": False,
            "detail": " · ".join(text for text in detail if text),
            "why": "",
            "full": "",
            "figures": [
                *[""] * self.blanks,
                "",
                self.minutes(item.seconds) if item.seconds else "",
                "",
                self.decimal(add([item.amount], self.places)),
            ],
        }

    def decimal(self, amount: Decimal) -> str:
        """Write an amount; below zero with a real minus sign."""
        return self.language.decimal(amount).replace("-", "−")
