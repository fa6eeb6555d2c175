"""Compute final documents again from what the store keeps of them, and compare hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.certainty import contradictions, range_from_json
from wacost.billing.correct import recompute_correction
from wacost.billing.draft import build
from wacost.billing.figures import frozen, read_figures, sql_of
from wacost.billing.frozen import calls_hash, content_of, line_rows, read_back, rows_of, standing
from wacost.billing.terms import digest
from wacost.cards.stored import card_from_json
from wacost.errors import WacostError
from wacost.names import noun

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.billing.frozen import Row
    from wacost.billing.invoice import Invoice

_SERIES: Final = """
    SELECT series, year, count(*), max(serial) FROM invoices GROUP BY ALL
    HAVING count(*) <> max(serial) OR min(serial) <> 1 ORDER BY ALL
"""
_CARDS: Final = """
    SELECT used.card, used.card_checksum, cards.content
    FROM (
        SELECT DISTINCT card, card_checksum FROM invoice_call_rows
        WHERE number = ? AND card_checksum IS NOT NULL
    ) AS used
    LEFT JOIN cards ON cards.checksum = used.card_checksum
    ORDER BY used.card, used.card_checksum
"""
_LINES: Final = "SELECT * FROM invoice_lines WHERE number = ? ORDER BY line"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found about one final document, or about a series: no problem is sound.

    Attributes:
        name: the document's number, or the series and year.
        problems: sentences.
    """

    name: str
    problems: tuple[str, ...]


def verify(con: DuckDBPyConnection, numbers: Sequence[str] = ()) -> list[Checked]:
    """Check final documents, by default all of them and their series.

    Each is computed again from its frozen calls, cards and terms; what comes out must have the
    hash that was kept when it was issued. Tables beside it must say the same.

    Raises:
        InputError: a number that no document has.
    """
    found = [
        Checked(row.number, tuple(_problems(con, row))) for row in rows_of(con, numbers=numbers)
    ]
    if numbers:
        return found
    return [*found, *(Checked(*one) for one in _across(con))]


def _across(con: DuckDBPyConnection) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Check what several documents say together: gapless series, each call billed once."""
    for series, year, count, last in con.execute(_SERIES).fetchall():
        told = f"{count} {noun(count, 'document')}, but the last has number {last}"
        yield f"{series}-{year}", (f"the series has a gap: {told}",)
    for number, other, calls in con.execute(sql_of("billed_twice")).fetchall():
        yield number, (f"{calls} of its calls {noun(calls, 'is', 'are')} on {other} too",)
    orphans = "SELECT DISTINCT number FROM {} ANTI JOIN invoices USING (number) ORDER BY ALL"
    for table in ("invoice_lines", "invoice_call_rows"):
        for (number,) in con.execute(orphans.format(table)).fetchall():
            yield str(number), (f"it is in {table}, but there is no such document",)


def _problems(con: DuckDBPyConnection, row: Row) -> Iterator[str]:
    if digest(row.document) != row.content_hash:
        yield "the document that is kept is not the one that was issued"
    if digest(row.terms) != row.terms_hash:
        yield "the terms that are kept are not those it was made under"
    hashed = calls_hash(con, row.number)
    if hashed != row.calls_hash:
        yield "the calls that are kept are not those that were billed"
    if count := _renamed(con, row.number):
        yield f"{count} of its call ids are not those that were billed"
    yield from _wrong_cards(con, row.number)
    try:
        made = recompute(con, row, hashed)
        kept = con.execute(_LINES, [row.number]).fetchall()
        if digest(content_of(made)) != row.content_hash:
            yield "computed again it comes out differently"
        if kept != line_rows(read_back(con, row)):
            yield "its lines in invoice_lines are not those of the document"
        if row.corrects is None:
            yield from contradictions(made.cost_range, made.unpriced.by_status)
    except (WacostError, LookupError, TypeError, ValueError) as error:
        yield f"it cannot be computed again: {error}"
    yield from _wrong_columns(row)


def recompute(con: DuckDBPyConnection, row: Row, hashed: str) -> Invoice:
    """Make a final document anew of its frozen calls, cards and terms, and what numbers it.

    Args:
        con: the store.
        row: the document.
        hashed: the hash over its calls as they are kept now.
    """
    terms = row.read_terms
    if row.corrects is None:
        made = build(terms, read_figures(con, frozen([row.number]), terms.included_minutes))
    else:
        same = rows_of(con, account=row.account, kind=row.kind, month=row.month)
        before = standing([one for one in same if one.seq < row.seq])
        chain = [one.number for one in before if one.currency == row.currency]
        made = recompute_correction(con, terms, chain, row.number)
    return replace(
        made,
        type=row.type,
        final=True,
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        corrects=row.corrects,
        excused=row.let_pass,
        cost_range=range_from_json(row.cost_range, made),
        terms_hash=digest(row.terms),
        calls_hash=hashed,
    )


def _renamed(con: DuckDBPyConnection, number: str) -> int:
    """Count call ids that are neither what they were nor what redaction makes of them."""
    found = con.execute(
        "SELECT count(*) FROM invoice_call_rows WHERE number = ? AND call_key <> sha256(call_id)"
        r" AND NOT regexp_full_match(call_id, 'redacted\.[0-9]{8}\.[0-9a-f]{32}')",
        [number],
    ).fetchall()
    return int(found[0][0])


def _wrong_cards(con: DuckDBPyConnection, number: str) -> Iterator[str]:
    """Name the cards of a document that are not kept, or no longer what their hash says."""
    used = con.execute(_CARDS, [number]).fetchall()
    for name, checksum, content in used:
        if content is None or _checksum(content) != checksum:
            yield f"the rate card {name} that is kept is not the one that priced its calls"


def _checksum(content: str) -> str:
    try:
        return card_from_json(content).checksum
    except (ValueError, TypeError, LookupError):
        return ""


def _wrong_columns(row: Row) -> Iterator[str]:
    """Name the columns of `invoices` that say something else than the document."""
    told: dict[str, Any] = json.loads(row.document)
    pairs = {
        "number": told["number"],
        "type": told["type"],
        "kind": told["kind"],
        "side": told["side"],
        "account": told["account"]["name"],
        "month": told["month"],
        "currency": told["currency"],
        "issued_on": told["issued_on"],
        "due_on": told["due_on"],
        "corrects": told["corrects"],
        "calls": told["calls"]["all"],
        "billed_seconds": told["billed_seconds"],
        "exact_units": told["exact_units"],
        "year": told["issued_on"][:4],
    }
    wrong = [name for name, value in pairs.items() if _text(getattr(row, name)) != _text(value)]
    sums = {name: told[name] for name in ("subtotal", "tax", "total")}
    wrong += [name for name, value in sums.items() if getattr(row, name) != type(row.tax)(value)]
    if f"{row.series}-{row.year}-{row.serial:06d}" != row.number:
        wrong.append("serial")
    for name in wrong:
        yield f"{name} in the table of invoices is not what the document says"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
