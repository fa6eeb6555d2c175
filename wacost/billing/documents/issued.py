"""Say what only final documents have: number, dates, what they correct, and what was let pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.billing import wording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Excused
    from wacost.language import Language

_BY: Final = {"accept_cards": wording.BY_SETTINGS, "option": wording.BY_OPTION}


def title(invoice: Invoice, language: Language) -> str:
    """Return what a document is called."""
    if invoice.type == "invoice":
        return language.say(wording.TITLES[invoice.kind])
    return language.say(wording.CORRECTIONS[invoice.kind][invoice.type])


def face(invoice: Invoice, language: Language) -> str:
    """Return what a document must say on its face; "": nothing."""
    if invoice.final and invoice.kind == "customer":
        return ""
    return language.say(wording.FACES[invoice.kind])


def particulars(invoice: Invoice, language: Language) -> list[list[str]]:
    """Return number and dates, as rows of name and value."""
    rows = [[language.say("Number"), invoice.number or language.say("none: draft")]]
    if invoice.corrects:
        word = language.say("Cancels") if invoice.cancels else language.say("Corrects")
        rows.append([word, invoice.corrects])
    if invoice.issued_on:
        rows.append([language.say("Issued on"), language.day(invoice.issued_on)])
    if invoice.due_on:
        rows.append([language.say("Due on"), language.day(invoice.due_on)])
    return rows


def issue_notes(invoice: Invoice, language: Language) -> Iterator[str]:
    """Yield the notes about a document's standing, as sentences."""
    if invoice.cancels:
        yield language.say(
            "This document cancels {number} and its corrections: it gives back all that they"
            " billed.",
            number=invoice.corrects,
        )
    for one in invoice.excused:
        yield excuse(one, language)
    country = invoice.seller.country if invoice.seller else ""
    if invoice.kind == "customer" and country in wording.LOCAL_LAW:
        yield language.say(wording.LOCAL_LAW[country])
    if invoice.final:
        yield language.say("Hash of the content: {hash}.", hash=invoice.content_hash)


def excuse(one: Excused, language: Language) -> str:
    """Say what was let pass when a document was issued."""
    if one.what == "card":
        return language.say(
            "Issued on the rate card {card} although its figures are {status}: {by}.",
            card=one.name,
            status=language.say(wording.CARD_STATUSES.get(one.status, one.status)),
            by=language.say(_BY[one.by]),
        )
    return language.say_n(
        "Issued although {number} call has no price ({status}): excused by name when it was"
        " issued.",
        "Issued although {number} calls have no price ({status}): excused by name when it was"
        " issued.",
        one.calls,
        status=language.say(wording.STATUSES.get(one.name, one.name)),
    )
