"""What the calls of a document can have cost where that is not certain, and how it is kept.

The range is worked out by rating, from everything that is known when a document is made. A final
document keeps it in exact units: what becomes known later does not change it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wacost.billing.records import UNPRICED
from wacost.billing.terms import canonical
from wacost.billing.wording import DOUBT
from wacost.language import mark
from wacost.names import noun
from wacost.rating.ranges import CostRange, Doubt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from wacost.billing.invoice import Invoice
    from wacost.language import Language


def with_range(invoice: Invoice, ranges: Sequence[CostRange]) -> Invoice:
    """Return the document with what its calls can have cost, where that is not certain."""
    key = (invoice.account, invoice.month, invoice.side, invoice.currency)
    found = [one for one in ranges if (one.account, one.month, one.side, one.currency) == key]
    return replace(invoice, cost_range=found[0]) if found and found[0].doubts else invoice


def range_steps(told: CostRange) -> list[tuple[str, int | None, Decimal, Decimal | None]]:
    """Return what is known, each doubt, and all of it: a message, calls, the least, the most."""
    return [
        (mark("Known"), None, told.known, told.known),
        *((DOUBT[one.cause], one.calls, one.least, one.most) for one in told.doubts),
        (mark("In all"), None, told.least, told.most),
    ]


def range_rows(ranges: Sequence[CostRange], language: Language) -> list[dict[str, Any]]:
    """Return as rows for people what months that are not certain can have cost.

    Args:
        ranges: `log.cost_ranges(month)`; those without a doubt have no rows.
        language: of the reader.
    """
    return [
        {
            "account": one.account,
            "what": language.say(what),
            "calls": calls,
            "at least": least,
            "at most": language.say("no upper bound is known") if most is None else most,
            "currency": one.currency,
        }
        for one in ranges
        if one.doubts
        for what, calls, least, most in range_steps(one)
    ]


def range_as_json(told: CostRange | None) -> str | None:
    """Write a range as the store keeps it: canonical JSON, units as text."""
    if told is None:
        return None
    doubts = [
        [
            one.cause,
            one.calls,
            str(one.least_units),
            None if one.most_units is None else str(one.most_units),
        ]
        for one in told.doubts
    ]
    return canonical({"known_units": str(told.known_units), "doubts": doubts})


def range_from_json(text: str | None, of: Invoice) -> CostRange | None:
    """Return the range that `range_as_json` wrote of a document."""
    if text is None:
        return None
    read = json.loads(text)
    doubts = (
        Doubt(cause, calls, int(least), None if most is None else int(most))
        for cause, calls, least, most in read["doubts"]
    )
    head = (of.account, of.month, of.side, of.currency)
    return CostRange(*head, int(read["known_units"]), tuple(doubts))


def contradictions(told: CostRange | None, counted: Mapping[str, int]) -> Iterator[str]:
    """Say where a kept range tells of more calls in doubt than the document has.

    Args:
        told: the range.
        counted: calls of the document that have no price, by status.
    """
    for doubt in told.doubts if told else ():
        if doubt.most_units is not None and doubt.most_units < doubt.least_units:
            yield f"its range of {doubt.cause} ends below where it begins"
        if doubt.cause in UNPRICED and doubt.calls > counted.get(doubt.cause, 0):
            calls = f"{doubt.calls} {noun(doubt.calls, 'call')}"
            yield f"its range tells of {calls}: {doubt.cause}; it has fewer"
