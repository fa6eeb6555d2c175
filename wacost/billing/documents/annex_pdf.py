"""All calls of a document as PDF: one line a call, with what they come to at the foot.

Set in columns of text, eighty calls a page: hundreds of pages take seconds, where a table of cells
would take minutes and several gigabytes. What has too many calls even so is for the CSV alone: see
`formats.MOST_PRINTED`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from wacost.billing import wording
from wacost.billing.documents.glyphs import lacking, printable
from wacost.billing.documents.issued import title
from wacost.billing.documents.typeset import typeset
from wacost.billing.exact import at_places
from wacost.errors import InputError
from wacost.language import Language
from wacost.money import amount_of, decimal_of, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from decimal import Decimal
    from typing import BinaryIO

    from wacost.billing.calls import BilledCall
    from wacost.billing.invoice import Invoice

_FIRST_PAGE: Final = 69
_CORRECTS: Final = 2
"""Calls that fit less on the first page where a line says what is corrected."""
_PAGE: Final = 79
_LONGEST: Final = 28
_LONGEST_CONTACT: Final = 18
_HIDDEN: Final = re.compile("•{5,}")
_HASH: Final = re.compile(r"(redacted\.[0-9a-f]{4})[0-9a-f]+")
_RIGHT: Final = (True, False, False, False, False, True, True, True, True, True, False)
_WIDTHS: Final = (0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
"""Columns as wide as their text, but for the country's, which takes what is left."""


def annex_pdf(invoice: Invoice, calls: Iterable[BilledCall], file: BinaryIO) -> None:
    """Set all calls of a document as PDF/A-3b.

    Args:
        invoice: whose.
        calls: all of them, in the order in which they are printed.
        file: where to.
    """
    import typst  # noqa: PLC0415 - 30 MB that only a PDF needs

    try:
        told = list(calls)
        made = typeset(
            "annex.typ",
            lambda extra: annex_page(invoice, told, extra),
            lacking(f"{invoice.account} {invoice.title}"),
            format="pdf",
            timestamp=datetime.combine(invoice.issued_on or invoice.period_end, time(), UTC),
            pdf_standards="a-3b",
            pdf_tags=False,  # a tag for each text would be most of the file
        )
    except typst.TypstError as error:
        raise InputError(
            f"the annex of {invoice.account!r} for {invoice.month} cannot be set: {error}",
            hint="write annex-csv instead, and report this",
        ) from error
    file.write(made)


def annex_page(
    invoice: Invoice, calls: Sequence[BilledCall], extra: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """Return all text of an annex, in the invoice's language, ready to set.

    Args:
        invoice: whose.
        calls: in the order in which they are printed.
        extra: code points that can be printed beside those of our fonts.
    """
    return _Annex(invoice, calls, extra).page()


class _Annex:
    """How the calls of one document are written."""

    def __init__(
        self, invoice: Invoice, calls: Sequence[BilledCall], extra: frozenset[int]
    ) -> None:
        self.invoice = invoice
        self.extra = extra
        self.calls = calls
        self.language = Language.of(invoice.language)
        self.whole = cache(lambda number: self.language.decimal(int(number)).replace("-", "−"))
        self.country = cache(lambda code: _line(self.language.country(code)))
        self.rate = self._column(decimal_of(one) for one in {c.rate_nanos for c in calls} if one)
        self.amount = self._column(amount_of(call.units) for call in calls if call.units)

    def page(self) -> dict[str, Any]:
        """Return everything that is printed."""
        invoice, say = self.invoice, self.language.say
        label = invoice.number or say("Draft")
        return {
            "language": self.language.code,
            "title": say("List of calls"),
            "subject": f"{title(invoice, self.language)} · {label} · {self.month}",
            "label": label,
            "running": _line(printable(invoice.title, self.extra), 60),
            "month": self.month,
            "meta": self.meta(),
            "head": self.head(),
            "right": _RIGHT,
            "widths": _WIDTHS,
            "pages": self.pages(),
            "sums": self.sums(),
            "total": [say("Lines of calls"), self.money(invoice.billed_calls)],
            "notes": self.notes(),
            "page": say("Page {page} of {pages}", page="\x00", pages="\x00").split("\x00"),
        }

    @cached_property
    def month(self) -> str:
        """The month's name."""
        return self.language.month(self.invoice.period_start)

    def meta(self) -> list[list[str]]:
        """Return what the list is about, as rows of name and value."""
        say, invoice = self.language.say, self.invoice
        word = say("Cancels") if invoice.cancels else say("Corrects")
        name = f"{invoice.account} · {invoice.title}"
        corrects = [[word, invoice.corrects]] if invoice.corrects else []
        return [
            [say("Account"), _line(printable(name, self.extra), 80)],
            *corrects,
            [say("Calls"), self.whole(len(self.calls))],
            [say("Time zone"), invoice.timezone],
            [say("Currency"), invoice.currency or "–"],
        ]

    def head(self) -> list[str]:
        """Return the heads of the columns."""
        say = self.language.say
        return [
            "",
            say("Local time"),
            say("Direction"),
            say("Country"),
            say("Contact"),
            say("Seconds"),
            say("Billed"),
            say("Cause") if self.invoice.changes else say("Tier"),
            say("Per minute"),
            say("Unrounded"),
            say("Note"),
        ]

    def pages(self) -> list[list[list[str]]]:
        """Return the columns of each page: lists of one text a call."""
        rows = [self.row(place, call) for place, call in enumerate(self.calls, start=1)]
        first = _FIRST_PAGE - (_CORRECTS if self.invoice.corrects else 0)
        cuts = [0, *range(first, len(rows), _PAGE), len(rows)]
        return [
            [list(column) for column in zip(*rows[begin:end], strict=True)]
            for begin, end in pairwise(cuts)
            if begin < end
        ]

    def row(self, place: int, call: BilledCall) -> tuple[str, ...]:
        """Return one call, a text for each column."""
        say = self.language.say
        direction = wording.DIRECTION.get(call.direction or "")
        texts = (
            self.whole(place),
            f"{call.at:%Y-%m-%d %H:%M:%S}" if call.at else "–",
            say(direction) if direction else "–",
            self.country(call.country),
            _contact(call.contact),
            "–" if call.duration_s is None else self.whole(call.duration_s),
            self.whole(call.seconds),
            self.why(call),
            self.price(call),
            "–" if call.units is None else self.amount(amount_of(call.units)),
            " ".join(str(self.marks[flag]) for flag in call.flags if flag in self.marks),
        )
        return tuple(_unbroken(text) for text in texts)

    def why(self, call: BilledCall) -> str:
        """Return the band that a call was priced in; of a correction, why it is told of."""
        if call.cause:
            return self.language.say(wording.CAUSE[call.cause])
        if call.tier_from_minutes is None:
            return "–"
        return f"{self.whole(call.tier_from_minutes + bool(call.tier_from_minutes))}+"

    def price(self, call: BilledCall) -> str:
        """Return the rate, or why there is none."""
        say = self.language.say
        if call.status != "rated":
            return say(wording.CALL_STATUSES.get(call.status, call.status))
        if call.rate_nanos is None:
            return say("varies")
        rate = self.rate(decimal_of(call.rate_nanos))
        return f"{rate} +" if call.fee_nanos else rate

    @cached_property
    def marks(self) -> dict[str, int]:
        """The flags that calls of the list have -> their number in the notes."""
        there = {flag for call in self.calls for flag in call.flags if call.units is not None}
        return {
            flag: number for number, flag in enumerate((f for f in wording.FLAGS if f in there), 1)
        }

    def sums(self) -> list[list[str]]:
        """Return what leads from the calls to the lines of the document."""
        say, invoice = self.language.say, self.invoice
        drift = self.language.decimal(invoice.rounding_drift).replace("-", "−")
        return [
            [say("All calls, unrounded"), self.money(trimmed(invoice.exact))],
            [say("Rounding"), f"+{drift}" if invoice.rounding_drift > 0 else drift],
        ]

    def notes(self) -> list[str]:
        """Return what there is to know of the figures, as sentences."""
        say = self.language.say
        found = [
            say(
                "The calls add up to the lines of calls on the document, to the last unit. Included"
                " minutes, discounts, fixed costs and taxes stand there."
            )
        ]
        if self.invoice.changes:
            found.append(
                say("Billed seconds and amounts are the difference to what was billed before.")
            )
        if any(call.fee_nanos for call in self.calls):
            found.append(say("A plus sign after the rate: a fee per call is in the amount too."))
        for flag, mark in self.marks.items():
            number = sum(flag in call.flags for call in self.calls)
            found.append(f"({mark}) {self.language.say_n(*wording.FLAGS[flag], number)}.")
        return found

    def money(self, amount: Decimal) -> str:
        """Write an amount with its currency; below zero with a real minus sign."""
        return self.language.money(amount, self.invoice.currency).replace("-", "−")

    def _column(self, amounts: Iterable[Decimal]) -> Callable[[Decimal], str]:
        """Return how amounts of one column are written: all with the same places."""
        places = max((-int(trimmed(one).as_tuple().exponent) for one in amounts), default=0)
        places = max(places, 2)

        def written(one: Decimal) -> str:
            return self.language.decimal(at_places(one, places)).replace("-", "−") if one else "0"

        return cache(written)


def _contact(contact: str | None) -> str:
    """Return the other party as it fits its column; a hash is long enough with four digits.

    >>> _contact("551198•••••21"), _contact("BR.redacted.00ff00ff00ff"), _contact(None)
    ('551198••••21', 'BR.redacted.00ff', '–')
    """
    short = _HASH.sub(r"\1", _HIDDEN.sub("••••", contact or "–"))
    return _line(printable(short), _LONGEST_CONTACT)


def _unbroken(text: str) -> str:
    r"""Return a text that stays on one line: a second one would move its column out of step.

    >>> _unbroken("United Kingdom"), _unbroken("")
    ('United\xa0Kingdom', '\xa0')
    """
    return text.replace(" ", "\u00a0").replace("-", "\u2011") or "\u00a0"


def _line(text: str, longest: int = _LONGEST) -> str:
    """Cut a text to what stands on one line of its column.

    >>> _line("Bosnia and Herzegovina", 10)
    'Bosnia an…'
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
