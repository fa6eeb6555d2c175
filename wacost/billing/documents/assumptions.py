"""What a document rests on, as tables: doubts in money, gaps, cards, how prices are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wacost.billing import cardwording, wording
from wacost.billing.certainty import range_steps
from wacost.billing.documents.issued import excuse
from wacost.billing.documents.sheets import Column, Table
from wacost.billing.exact import add
from wacost.money import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.billing.invoice import Invoice
    from wacost.language import Language

_WIDE: Final = 44


def assumption_tables(invoice: Invoice, language: Language) -> list[Table]:
    """Return the tables that have something to say, the most important first."""
    made = (
        _range(invoice, language),
        _gaps(invoice, language),
        _excused(invoice, language),
        _flags(invoice, language),
        _cards(invoice, language),
        _known(invoice, language),
        _rules(invoice, language),
        _policies(invoice, language),
        _hashes(invoice, language),
    )
    return [table for table in made if table.rows]


def _range(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("What is not certain"), width=_WIDE),
        Column(say("Calls"), "whole"),
        Column(say("At least"), "exact", 16),
        Column(say("At most"), "exact", 16),
        Column(say("At least, exact"), width=20),
        Column(say("At most, exact"), width=20),
    )
    name = say("Cost of the calls where it is not certain, before tax")
    told = invoice.cost_range
    if told is None:
        return Table(name, columns, [])
    rows = [
        (
            *(say(what), calls, least, most, plain(least)),
            say("no upper bound is known") if most is None else plain(most),
        )
        for what, calls, least, most in range_steps(told)
    ]
    return Table(name, columns, rows)


def _gaps(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("Status"), width=_WIDE),
        Column(say("Calls"), "whole"),
        Column(say("Why"), width=_WIDE),
    )
    rows = [
        (
            say(wording.STATUSES.get(status, status)),
            number,
            say(wording.UNPRICED.get(status, "–")),
        )
        for status, number in invoice.unpriced.by_status.items()
    ]
    return Table(say("Calls without a price, not included in the total"), columns, rows)


def _excused(invoice: Invoice, language: Language) -> Table:
    columns = (Column(language.say("What was let pass"), width=_WIDE),)
    rows = [(excuse(one, language),) for one in invoice.excused]
    return Table(language.say("Issued although"), columns, rows)


def _flags(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("Choice"), width=_WIDE),
        Column(say("Calls"), "whole"),
        Column(say("What it means"), width=_WIDE),
    )
    rows = [
        (
            say(wording.FLAG_NAMES.get(flag, flag)),
            number,
            language.say_n(*wording.FLAGS[flag], number) if flag in wording.FLAGS else flag,
        )
        for flag, number in invoice.flags.items()
    ]
    return Table(say("Where a documented choice decided a price"), columns, rows)


def _cards(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("Rate card"), width=_WIDE),
        Column(say("Calls"), "whole"),
        Column(say("Name"), width=16),
        Column(say("Status"), width=16),
        Column(say("Currency"), width=9),
        Column(say("Seen on"), "day"),
        Column(say("What it means"), width=_WIDE),
        Column(say("Checksum"), width=66),
        Column(say("Source"), width=20),
    )
    rows = [
        (
            *(language.name(card.title), card.calls, card.name),
            say(wording.CARD_STATUSES.get(card.status, card.status)),
            *(card.currency, card.retrieved),
            say(wording.CARD_MEANINGS.get(card.status, "–")),
            *(card.checksum, card.source or None),
        )
        for card in invoice.cards
    ]
    return Table(say("Rate cards used"), columns, rows)


def _known(invoice: Invoice, language: Language) -> Table:
    """How the prices of lines are known: what is estimated, and how much it comes to."""
    say = language.say
    columns = (
        Column(say("Status of the rate"), width=_WIDE),
        Column(say("Calls"), "whole"),
        Column(say("Lines"), "whole"),
        Column(say("Amount"), "money", 16),
        Column(say("What it means"), width=_WIDE),
    )
    rows: list[tuple[Any, ...]] = []
    for status in (*wording.CARD_STATUSES, ""):
        lines = [line for line in invoice.lines if line.rate_status == status]
        if lines:
            rows.append(
                (
                    say(wording.CARD_STATUSES.get(status, "–")),
                    sum(line.calls for line in lines),
                    len(lines),
                    add(line.amount for line in lines),
                    say(wording.CARD_MEANINGS.get(status, "no row of a rate card is named")),
                )
            )
    return Table(say("How the prices are known"), columns, rows)


def _rules(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("Rule"), width=_WIDE),
        Column(say("Rate card"), width=16),
        Column(say("Value"), width=20),
        Column(say("Key"), width=20),
    )
    rows = [
        (say(cardwording.RULES.get(name, name)), card.name, value, name)
        for card in invoice.cards
        for name, value in card.rules.items()
    ]
    return Table(say("Rules of the rate cards"), columns, rows)


def _policies(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (
        Column(say("Rule"), width=_WIDE),
        Column(say("Value"), width=20),
        Column(say("Key"), width=20),
    )
    rows = [
        (say(cardwording.RULES.get(name, name)), value, name)
        for name, value in _flat(invoice.policies)
    ]
    return Table(say("Policies of the workspace"), columns, rows)


def _flat(policies: Any) -> Iterator[tuple[str, str]]:
    for name, value in policies.items():
        for told in value if isinstance(value, list) else [value]:
            text = (
                " · ".join(str(part) for part in told.values() if part is not None)
                if isinstance(told, dict)
                else str(told)
            )
            yield f"policies.{name}", text


def _hashes(invoice: Invoice, language: Language) -> Table:
    say = language.say
    columns = (Column(say("Hash"), width=_WIDE), Column(say("SHA-256"), width=20))
    told = (
        (say("Content of the document"), invoice.content_hash),
        (say("Its calls"), invoice.calls_hash),
        (say("Its terms"), invoice.terms_hash),
    )
    return Table(say("Proof"), columns, [row for row in told if row[1]])
