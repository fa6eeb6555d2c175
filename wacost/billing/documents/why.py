"""Say why each line costs what it costs: card, row of its file, since when, how it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.billing import wording
from wacost.billing.exact import add
from wacost.money import minor_digits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Line
    from wacost.language import Language


_SURE: Final = {"published", "contract", ""}


class Why:
    """What the lines of one document say of their prices; what all of them share is said once."""

    def __init__(self, invoice: Invoice, language: Language) -> None:
        self.language = language
        charged = [line for line in invoice.lines if line.status != "free"]
        self._cards = {line.card for line in charged}
        self._dates = {line.effective_from for line in charged}
        self._statuses = {line.rate_status for line in charged}
        self._rows = any(line.card_rows for line in charged)

    def short(self, line: Line) -> str:
        """Return what this line does not share with all others, as words with dots between."""
        parts = [
            line.card if len(self._cards) > 1 else "",
            self._row(line),
            self._since(line.effective_from) if len(self._dates) > 1 else "",
            self._status(line.rate_status) if len(self._statuses) > 1 else "",
        ]
        return " · ".join(part for part in parts if part)

    def full(self, line: Line) -> str:
        """Return everything of a line, as words with dots between."""
        parts = [
            line.card,
            self._row(line),
            self._since(line.effective_from),
            self._status(line.rate_status),
        ]
        return " · ".join(part for part in parts if part)

    def notes(self) -> list[str]:
        """Return the sentence about what all lines share, where there is something to say."""
        shared = " · ".join(self._shared())
        if not (shared or self._rows):
            return []
        if not self._rows:
            return [self.language.say("Every line: {shared}.", shared=shared)]
        if not shared:
            return [
                self.language.say(
                    "Beside each line: its rate card and the row of the card’s rates.csv."
                )
            ]
        return [
            self.language.say(
                "Every line: {shared}. The row beside each is that of the card’s rates.csv.",
                shared=shared,
            )
        ]

    def known(self, invoice: Invoice) -> list[str]:
        """Return how much of the lines rests on rates that are known in which way.

        Nothing is said where every rate is the supplier's own word or agreed with it.
        """
        charged = [line for line in invoice.lines if line.status != "free"]
        if not {line.rate_status for line in charged} - _SURE:
            return []
        parts = []
        for status in (*wording.CARD_STATUSES, ""):
            if lines := [line for line in charged if line.rate_status == status]:
                word = self._status(status) or self.language.say("no row of a rate card is named")
                amount = add((line.amount for line in lines), minor_digits(invoice.currency))
                told = self.language.money(amount, invoice.currency).replace("-", "−")
                parts.append(f"{word} {told}")
        return [
            self.language.say("Lines by how their rate is known: {parts}.", parts="; ".join(parts))
        ]

    def _shared(self) -> Iterator[str]:
        if len(self._cards) == 1:
            yield next(iter(self._cards))
        if len(self._dates) == 1 and (since := self._since(next(iter(self._dates)))):
            yield since
        if len(self._statuses) == 1 and (status := self._status(next(iter(self._statuses)))):
            yield status

    def _row(self, line: Line) -> str:
        rows = ", ".join(map(str, line.card_rows))
        if not rows:
            return ""
        return self.language.say_n("row {rows}", "rows {rows}", len(line.card_rows), rows=rows)

    def _since(self, day: date | None) -> str:
        if day is None:
            return ""
        return self.language.say("rates of {day}", day=self.language.day(day))

    def _status(self, status: str) -> str:
        known = wording.CARD_STATUSES.get(status)
        return self.language.say(known) if known else ""
