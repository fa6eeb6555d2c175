"""Why a document cannot be final: one sentence for each reason, and what is let pass by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.documents.en16931 import FORMAT as ELECTRONIC
from wacost.billing.documents.en16931 import why_not
from wacost.billing.figures import sql_of
from wacost.billing.frozen import rows_of, standing
from wacost.billing.records import Excused
from wacost.zones import zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.billing.cardfacts import CardFacts
    from wacost.billing.draft import Draft
    from wacost.billing.frozen import Row
    from wacost.billing.invoice import Invoice
    from wacost.billing.records import CardUsed, Line
    from wacost.billing.terms import Terms
    from wacost.config import Account

DOUBTFUL: Final = ("derived", "reported", "illustrative")
"""Statuses of a card whose figures are not the supplier's own word."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How final documents are to be issued.

    Attributes:
        kind: chargeback or customer; None: what each account says.
        issued_on: the day of issue; None: today, local to the account.
        accept_cards: cards that documents may rest on although their figures are doubtful.
        excuse_unpriced: statuses of calls that may stay without a price.
        formats: that the documents are to be written in: what can never be is no reason to issue.
        policies: what the workspace decides where sources leave it open; kept with the document.
        now: the moment of issue.
    """

    kind: str | None = None
    issued_on: date | None = None
    accept_cards: tuple[str, ...] = ()
    excuse_unpriced: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    policies: Mapping[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def day_for(self, terms: Terms) -> date:
        """Return the day of issue: as told, else today on the account's clocks."""
        return self.issued_on or self.today_in(terms.timezone)

    def today_in(self, timezone: str) -> date:
        """Return the day that it is in a zone."""
        return self.now.astimezone(zone(timezone)).date()


def not_a_document(account: str) -> str:
    """Say why the computation of a supplier's bill is never final."""
    return (
        f"{account}: an expected bill tells what the supplier should bill: it has no number and is"
        " never final; name --kind chargeback or customer"
    )


def nothing_stands(account: str, month: str, issued: Sequence[Row], deed: str) -> str:
    """Say why a month has no document to correct or to cancel.

    Args:
        account: whose.
        month: like "2026-10".
        issued: its final documents, none of which bills anything any more.
        deed: "correct" or "cancel".
    """
    if issued:
        return f"{account}: {month} is cancelled by {issued[-1].number}; --final issues it anew"
    return f"{account}: {month} has no final document to {deed}"


def still_billed(
    con: DuckDBPyConnection, account: Account, month: str, wanted: Wanted, deed: str
) -> tuple[list[Row], list[str]]:
    """Return the documents that bill a month of an account still, or why none can be changed.

    Args:
        con: an open store.
        account: who was billed.
        month: "2026-10", in its time zone.
        wanted: of which kind.
        deed: "correct" or "cancel".
    """
    kind = wanted.kind or account.invoice.kind
    if kind == "expected":
        return [], [not_a_document(account.name)]
    issued = rows_of(con, account=account.name, kind=kind, month=month)
    rows = standing(issued)
    return rows, [] if rows else [nothing_stands(account.name, month, issued, deed)]


def wrong_day(terms: Terms, wanted: Wanted, last_issued: date | None) -> Iterator[str]:
    """Say why a document cannot be issued on the day wanted."""
    day, today = wanted.day_for(terms), wanted.today_in(terms.timezone)
    if today <= terms.last_on:
        yield f"{terms.account}: {terms.month} is not over yet in {terms.timezone}"
    elif day <= terms.last_on:
        yield f"{terms.account}: {day} is not after {terms.month}, the month that is billed"
    if day > today:
        yield f"{terms.account}: {day} is yet to come in {terms.timezone}"
    if wanted.issued_on and last_issued and day < last_issued:
        yield f"{terms.account}: the last document of its series was issued on {last_issued}"


def find_excused(draft: Draft, wanted: Wanted) -> tuple[tuple[Excused, ...], list[str]]:
    """Return what is let pass on a document, and a sentence for everything that is not."""
    found = [*_doubts(draft, wanted), *_gaps(draft, wanted)]
    passed = tuple(one for one in found if one.by)
    return passed, [_reason(draft.terms, one) for one in found if not one.by]


def _doubts(draft: Draft, wanted: Wanted) -> Iterator[Excused]:
    for card in draft.invoice.cards:
        used = [line for line in draft.invoice.lines if line.card_checksum == card.checksum]
        doubtful = _worst(card, draft.figures.facts[card.checksum], used)
        if not doubtful:
            continue
        by = "accept_cards" if card.name in draft.terms.accept_cards else ""
        if not by and card.name in wanted.accept_cards:
            by = "option"
        yield Excused("card", card.name, doubtful, by, card.calls)


def _worst(card: CardUsed, facts: CardFacts, lines: Sequence[Line]) -> str:
    """Return the most doubtful status of a card or of one of its rows that priced; "": none."""
    told = {card.status, *(str(row["status"]) for row in _rows_of(facts, lines))}
    return next((status for status in reversed(DOUBTFUL) if status in told), "")


def _rows_of(facts: CardFacts, lines: Sequence[Line]) -> Iterator[Mapping[str, Any]]:
    """Yield the card's rows that have a status of their own and may have priced a line."""
    keys = {
        (line.direction, str(line.effective_from), line.from_second, line.tier_from_minutes)
        for line in lines
    }
    places = {name for line in lines for name in (line.country, line.market, "*")}
    for row in facts.rates:
        begins = (row["direction"], str(row["effective_from"]), int(row.get("from_second") or 0))
        known = (*begins, int(row["tier_from_minutes"])) in keys or (*begins, None) in keys
        near = row["destination"] in places or row["destination"].isdigit()
        if row.get("status") and known and near:
            yield row


def _gaps(draft: Draft, wanted: Wanted) -> Iterator[Excused]:
    for status, calls in draft.invoice.unpriced.by_status.items():
        by = "option" if status in wanted.excuse_unpriced else ""
        yield Excused("unpriced", status, "", by, calls)


def _reason(terms: Terms, found: Excused) -> str:
    if found.what == "card":
        return (
            f"{terms.account}: the rate card {found.name} is {found.status}, not the supplier's own"
            f" word; name it in accept_cards or with --accept-card {found.name}"
        )
    calls = "1 call has" if found.calls == 1 else f"{found.calls} calls have"
    return (
        f"{terms.account}: {calls} no price in {terms.month}: {found.name}; settle them, or let"
        f" them pass with --excuse-unpriced {found.name}"
    )


def not_electronic(invoice: Invoice, wanted: Wanted) -> Iterator[str]:
    """Say why a document can never be the electronic invoice that is wanted of it."""
    if ELECTRONIC in wanted.formats and not invoice.is_empty:
        for reason in why_not(invoice, final=False):
            yield f"{invoice.account}: no electronic invoice (EN 16931): {reason}"


def charged_twice(con: DuckDBPyConnection, draft: Draft) -> Iterator[str]:
    """Say how many calls have more than one charge: no document may rest on such a store."""
    found = draft.source.run(con, "SELECT count(*) - count(DISTINCT call_id) FROM {rows} AS h")
    if found[0][0]:
        yield (
            f"{draft.terms.account}: {found[0][0]} of the charges of {draft.terms.month} are there"
            " twice; rate the month again, and run wacost doctor if it stays"
        )


def billed_elsewhere(
    con: DuckDBPyConnection, draft: Draft, own: Iterable[str] = ()
) -> Iterator[str]:
    """Say which calls are on final documents of the kind already, other than its `own`."""
    found = draft.source.run(con, sql_of("elsewhere"), kind=draft.terms.kind, own=list(own))
    for number, month, calls in found:
        told = "1 call is" if calls == 1 else f"{calls} calls are"
        yield (
            f"{draft.terms.account}: {told} on {number} already; correct that first:"
            f" wacost rate --month {month} --correct"
        )
