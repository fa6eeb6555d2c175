"""Say what is not certain about an invoice: rounding, flags, unpriced calls, rate cards."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.billing import wording
from wacost.billing.documents.issued import issue_notes
from wacost.billing.exact import add
from wacost.money import minor_digits

if TYPE_CHECKING:
    from wacost.billing.invoice import Invoice
    from wacost.billing.records import CardUsed
    from wacost.language import Language
    from wacost.rating.ranges import CostRange

PRINTED_CALLS: Final = 20
"""Unpriced calls that are printed one by one; JSON and CSV have all of them."""
_CHECKSUM: Final = 12


def notes(invoice: Invoice, language: Language) -> list[str]:
    """Return the notes as sentences, the most important first."""
    found = list(issue_notes(invoice, language))
    found += [_counts(invoice, language)] if invoice.calls else []
    if invoice.told:
        found.append(_rounding(invoice, language))
    found += _range(invoice, language)
    for flag, number in invoice.flags.items():
        if flag in wording.FLAGS:
            found.append(language.say_n(*wording.FLAGS[flag], number) + _star(flag) + ".")
        else:
            found.append(language.say_n("{number} call: {word}", "{number} calls: {word}", number,
                                        word=flag) + ".")  # fmt: skip
    if {line.tiered for line in invoice.lines if line.status == "rated"} == {True, False}:
        found.append(language.say("A dash in the tier column: one rate for all minutes."))
    return found


def _star(flag: str) -> str:
    return " (*)" if flag == "tier_unknown" else ""


def _counts(invoice: Invoice, language: Language) -> str:
    if invoice.cancels:
        return language.say_n(
            "{number} call is given back.", "{number} calls are given back.", invoice.calls
        )
    if invoice.changes:
        return language.say_n(
            "{number} call came to cost something else than was billed.",
            "{number} calls came to cost something else than was billed.",
            invoice.calls,
        )
    on_lines = sum(line.calls for line in invoice.lines)
    parts = [
        language.say_n("{number} call billed or free", "{number} calls billed or free", on_lines)
    ]
    if invoice.unanswered:
        parts.append(
            language.say_n(
                "{number} not answered, at no cost",
                "{number} not answered, at no cost",
                invoice.unanswered,
            )
        )
    if invoice.unpriced.count:
        parts.append(
            language.say_n(
                "{number} without a price, not included in the total",
                "{number} without a price, not included in the total",
                invoice.unpriced.count,
            )
        )
    return language.say_n(
        "{number} call in the month: {parts}.",
        "{number} calls in the month: {parts}.",
        invoice.calls,
        parts="; ".join(parts),
    )


def _rounding(invoice: Invoice, language: Language) -> str:
    digits = minor_digits(invoice.currency) if invoice.currency else 0
    exact = language.money(add([invoice.exact], digits), invoice.currency).replace("-", "−")
    if not invoice.rounding_drift:
        return language.say(
            "Rounding: the calls add up to {exact} exactly; no line had to be rounded.",
            exact=exact,
        )
    sign = "+" if invoice.rounding_drift > 0 else ""
    drift = sign + language.decimal(invoice.rounding_drift).replace("-", "−")
    if any(card.rules.get("rounding.at") == "call" for card in invoice.cards):
        return language.say(
            "Rounding: the calls add up to {exact} exactly; each call is rounded as its rate card"
            " says, which changes the sum by {drift}.",
            exact=exact,
            drift=drift,
        )
    return language.say(
        "Rounding: the calls add up to {exact} exactly; each line is rounded once, which changes"
        " the sum by {drift}.",
        exact=exact,
        drift=drift,
    )


def _range(invoice: Invoice, language: Language) -> list[str]:
    """Say between what the month lies, and why, where that is not certain."""
    told = invoice.cost_range
    if told is None:
        return []
    found = [_between(told, language)]
    for doubt in told.doubts:
        least, most = _outward(doubt.least, doubt.most, told.currency, language)
        span = (
            language.say("at least {least}, and no upper bound is known", least=least)
            if most is None
            else language.say("from {least} to {most}", least=least, most=most)
        )
        found.append(language.say_n(*wording.DOUBTS[doubt.cause], doubt.calls, range=span))
    return found


def _between(told: CostRange, language: Language) -> str:
    least, most = _outward(told.least, told.most, told.currency, language)
    if most is None:
        return language.say(
            "Not certain: the calls of this month cost at least {least} before tax, and no upper"
            " bound is known. The rest cannot be told from the records.",
            least=least,
        )
    return language.say(
        "Not certain: the calls of this month cost between {least} and {most} before tax. The rest"
        " cannot be told from the records.",
        least=least,
        most=most,
    )


def _outward(
    least: Decimal, most: Decimal | None, currency: str, language: Language
) -> tuple[str, str | None]:
    """Write bounds in the currency's minor unit: the least rounded down, the most up."""
    unit = Decimal(1).scaleb(-minor_digits(currency))
    return (
        language.money(least.quantize(unit, ROUND_FLOOR), currency),
        None if most is None else language.money(most.quantize(unit, ROUND_CEILING), currency),
    )


def unpriced_table(invoice: Invoice, language: Language) -> dict[str, Any] | None:
    """Return the calls that are in no sum: how many and why, and the first of them."""
    unpriced = invoice.unpriced
    if not unpriced.count:
        return None
    shown = unpriced.calls[:PRINTED_CALLS]
    return {
        "title": language.say("Calls without a price, not included in the total"),
        "reasons": [
            [
                language.decimal(number),
                _status(status, language),
                language.say(wording.UNPRICED.get(status, "–")),
            ]
            for status, number in unpriced.by_status.items()
        ],
        "head": [
            language.say("Call"),
            language.say("Local time"),
            language.say("Country"),
            language.say("Status"),
        ],
        "rows": [
            [
                call.call_id,
                language.moment(datetime.fromisoformat(call.at)) if call.at else "",
                language.country(call.country),
                _status(call.status, language),
            ]
            for call in shown
        ],
        "first": language.say(
            "The first {shown} of {all}; the CSV and JSON documents list every one.",
            shown=language.decimal(len(shown)),
            all=language.decimal(unpriced.count),
        )
        if len(shown) < unpriced.count
        else "",
    }


def changed_table(invoice: Invoice, language: Language) -> dict[str, Any] | None:
    """Return the calls of a correction, each with its difference and cause: the first of them."""
    calls = invoice.changed_calls
    if not calls:
        return None
    shown = calls[:PRINTED_CALLS]
    return {
        "title": language.say("The difference, call by call"),
        "reasons": [],
        "head": [
            language.say("Call"),
            language.say("Local time"),
            language.say("Cause"),
            language.say("Unrounded"),
        ],
        "rows": [
            [
                call.call_id,
                language.moment(datetime.fromisoformat(call.at)) if call.at else "",
                language.say(wording.CAUSE[call.cause]),
                language.decimal(call.amount).replace("-", "−"),
            ]
            for call in shown
        ],
        "first": language.say(
            "The first {shown} of {all}; the CSV and JSON documents list every one.",
            shown=language.decimal(len(shown)),
            all=language.decimal(len(calls)),
        )
        if len(shown) < len(calls)
        else "",
    }


def _status(status: str, language: Language) -> str:
    return language.say(wording.STATUSES.get(status, status))


def card_rows(invoice: Invoice, language: Language) -> dict[str, Any] | None:
    """Return the rate cards used, each with how its figures are known."""
    if not invoice.cards:
        return None
    return {
        "title": language.say("Rate cards used"),
        "rows": [_card(card, language) for card in invoice.cards],
    }


def _card(card: CardUsed, language: Language) -> dict[str, str]:
    status = language.say(wording.CARD_STATUSES.get(card.status, card.status))
    meaning = (
        language.say(wording.CARD_MEANINGS[card.status])
        if card.status in wording.CARD_MEANINGS
        else ""
    )
    origin = [language.name(card.source)] if card.source else []
    if card.retrieved:
        origin.append(language.say("seen on {day}", day=language.day(card.retrieved)))
    return {
        "title": language.name(card.title),
        "name": f"{card.name} · {card.checksum[:_CHECKSUM]}",
        "status": status,
        "meaning": meaning,
        "origin": " · ".join(origin),
    }
