"""Final documents as the store keeps them: written once, read back as the very same value."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.certainty import range_as_json, range_from_json
from wacost.billing.draft import local_time, unpriced_calls
from wacost.billing.figures import frozen, sql_of, told_by
from wacost.billing.invoice import Invoice
from wacost.billing.records import (
    CardUsed,
    Change,
    ChangedCall,
    Excused,
    Item,
    Line,
    TaxLine,
    Unpriced,
)
from wacost.billing.terms import Terms, canonical, digest, party_of, terms_from_json
from wacost.errors import InputError
from wacost.money import amount_of
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.zones import Span

_COLUMNS: Final = (
    "number, seq, series, year, serial, type, kind, side, account, month, currency, issued_on,"
    " due_on, corrects, calls, billed_seconds, subtotal, tax, total, exact_units, excused, terms,"
    " terms_hash, calls_hash, content_hash, document, issued_at, made_by,"
    " cost_range"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of `invoices`."""

    number: str
    seq: int
    series: str
    year: int
    serial: int
    type: str
    kind: str
    side: str
    account: str
    month: str
    currency: str
    issued_on: date
    due_on: date | None
    corrects: str | None
    calls: int
    billed_seconds: int
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    exact_units: int
    excused: str
    terms: str
    terms_hash: str
    calls_hash: str
    content_hash: str
    document: str
    issued_at: datetime
    made_by: str
    cost_range: str | None

    @property
    def read_terms(self) -> Terms:
        """What the document was made under."""
        return terms_from_json(self.terms)

    def shown(self, sum_of: str) -> str:
        """Write the subtotal, tax or total with the places that it has on the document."""
        return str(json.loads(self.document)[sum_of])

    @property
    def cancels(self) -> bool:
        """Whether it gives back all that the documents before it billed."""
        return self.read_terms.cancels

    @property
    def let_pass(self) -> tuple[Excused, ...]:
        """What would have kept it from being final."""
        return tuple(Excused(**one) for one in json.loads(self.excused))


def rows_of(
    con: DuckDBPyConnection,
    *,
    numbers: Sequence[str] = (),
    account: str | None = None,
    kind: str | None = None,
    month: str | None = None,
) -> list[Row]:
    """Return the rows of final documents in the order of their issue.

    Raises:
        InputError: a number that no document has.
    """
    found = con.execute(
        f"SELECT {_COLUMNS} FROM invoices"  # noqa: S608 - our own names
        " WHERE (len($numbers) = 0 OR list_contains($numbers, number))"
        " AND ($account IS NULL OR account = $account) AND ($kind IS NULL OR kind = $kind)"
        " AND ($month IS NULL OR month = $month) ORDER BY seq",
        {"numbers": list(numbers), "account": account, "kind": kind, "month": month},
    ).fetchall()
    rows = [Row(*row) for row in found]
    for number in set(numbers) - {row.number for row in rows}:
        known = [one for (one,) in con.execute("SELECT number FROM invoices").fetchall()]
        raise InputError(
            f"there is no final document {number!r}", hint=nearest(number, known, "final document")
        )
    return rows


def standing(rows: Sequence[Row]) -> list[Row]:
    """Return the documents that still bill something: those that nothing after them cancels.

    Args:
        rows: all of some accounts and months, in the order of their issue.
    """

    def chain(row: Row) -> tuple[str, str, str, str]:
        return row.account, row.kind, row.month, row.currency

    cancelled = {chain(row): row.seq for row in rows if row.cancels}
    return [row for row in rows if row.seq > cancelled.get(chain(row), 0)]


def read_back(con: DuckDBPyConnection, row: Row) -> Invoice:
    """Return a final document as it was issued."""
    zones = row.read_terms.zones
    told = invoice_of(json.loads(row.document))
    made = replace(
        told,
        cost_range=range_from_json(row.cost_range, told),
        content_hash=row.content_hash,
        calls_from=told_by(row.number),
        zones=zones,
    )
    if row.corrects is not None:
        return replace(made, changed_calls=changed_calls(con, row.number, zones))
    found = unpriced_calls(frozen([row.number]).run(con, sql_of("unpriced")), zones)
    return replace(made, unpriced=Unpriced(made.unpriced.by_status, found.calls))


def changed_calls(
    con: DuckDBPyConnection, number: str, zones: Sequence[Span]
) -> tuple[ChangedCall, ...]:
    """Return the calls of a correction in the order of their times."""
    found = con.execute(
        "SELECT call_id, cause, direction, country, epoch_us(called_at) // 1000000 AS at_s,"
        " change_seconds, change_units FROM invoice_call_rows"
        " WHERE number = ? AND change_units <> 0 ORDER BY at_s NULLS LAST, call_id",
        [number],
    ).fetchall()
    return tuple(
        ChangedCall(
            call_id=call_id,
            cause=cause,
            direction=direction,
            country=country,
            at=local_time(at_s, zones),
            billed_seconds=seconds,
            amount=amount_of(int(units)),
        )
        for call_id, cause, direction, country, at_s, seconds, units in found
    )


def content_of(invoice: Invoice) -> str:
    """Return what a document's hash is over: all of it but the hash and ids that may be redacted.

    Calls that are told one by one are bound by `calls_hash`.
    """
    told = invoice.as_dict()
    told["hashes"] = {**(told["hashes"] or {}), "content": ""}
    told["unpriced"] = {**told["unpriced"], "calls": []}
    told["changed_calls"] = []
    return canonical(told)


def put(
    con: DuckDBPyConnection, invoice: Invoice, terms: Terms, series: tuple[str, int]
) -> Invoice:
    """Write a final document whose calls are frozen already; return it with its hashes.

    Args:
        con: the store, within the transaction of its issue.
        invoice: numbered and dated.
        terms: what it was made under.
        series: prefix and serial of its number.
    """
    assert invoice.issued_on is not None  # noqa: S101 - whoever numbers a document dates it
    hashed = replace(
        invoice, terms_hash=terms.checksum, calls_hash=calls_hash(con, str(invoice.number))
    )
    content = content_of(hashed)
    made = replace(hashed, content_hash=digest(content), calls_from=told_by(str(invoice.number)))
    row = {
        "number": made.number,
        "series": series[0],
        "year": invoice.issued_on.year,
        "serial": series[1],
        "type": made.type,
        "kind": made.kind,
        "side": made.side,
        "account": made.account,
        "month": made.month,
        "currency": made.currency,
        "issued_on": made.issued_on,
        "due_on": made.due_on,
        "corrects": made.corrects,
        "calls": made.calls,
        "billed_seconds": made.billed_seconds,
        "subtotal": made.subtotal,
        "tax": made.tax,
        "total": made.total,
        "exact_units": made.exact_units,
        "excused": canonical(made.as_dict()["excused"]),
        "terms": terms.as_json(),
        "terms_hash": made.terms_hash,
        "calls_hash": made.calls_hash,
        "content_hash": made.content_hash,
        "document": content,
        "issued_at": datetime.now(UTC).replace(tzinfo=None),
        "made_by": _version(),
        "cost_range": range_as_json(made.cost_range),
    }
    chosen = ", ".join(f"${name} AS {name}" for name in row)
    con.execute(
        f"INSERT INTO invoices BY NAME SELECT {chosen},"  # noqa: S608 - our own names
        " (SELECT coalesce(max(seq), 0) + 1 FROM invoices) AS seq",
        row,
    )
    _put_lines(con, made)
    return made


def calls_hash(con: DuckDBPyConnection, number: str) -> str:
    """Return the hash over everything that is kept of a document's calls."""
    found = con.execute(sql_of("calls_hash"), {"number": number}).fetchall()
    return str(found[0][0])


def line_rows(invoice: Invoice) -> list[tuple[Any, ...]]:
    """Return the rows of `invoice_lines` that a document has."""
    rows: list[tuple[Any, ...]] = [
        (
            *(line.part, None, None, line.direction, line.country, line.market, line.card),
            *(line.card_checksum, line.effective_from, line.from_second, line.tier_from_minutes),
            *(line.rate_per_minute, line.fee, line.calls, line.billed_seconds, line.exact_units),
            line.amount,
        )
        for line in invoice.lines
    ]
    rows += [
        (
            *("change", one.cause, None, one.direction, one.country, one.market),
            *(None,) * 7,
            *(one.calls, one.billed_seconds, one.exact_units, one.amount),
        )
        for one in invoice.changes
    ]
    rows += [
        (item.part, None, item.name, *(None,) * 10, 0, item.seconds, None, item.amount)
        for item in invoice.items
    ]
    return [
        (invoice.number, place, *row, invoice.currency) for place, row in enumerate(rows, start=1)
    ]


def _put_lines(con: DuckDBPyConnection, invoice: Invoice) -> None:
    rows = line_rows(invoice)
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        con.executemany(f"INSERT INTO invoice_lines VALUES ({marks})", rows)  # noqa: S608


def invoice_of(read: Mapping[str, Any]) -> Invoice:
    """Return the invoice that `Invoice.as_dict` told of, without the calls that are not kept."""
    return Invoice(
        **{name: read[name] for name in _SAME},
        account=read["account"]["name"],
        title=read["account"]["title"],
        period_start=date.fromisoformat(read["period"]["first_day"]),
        period_end=date.fromisoformat(read["period"]["last_day"]),
        timezone=read["period"]["timezone"],
        seller=party_of(read["seller"]),
        buyer=party_of(read["buyer"]),
        lines=tuple(Line(**_line(line)) for line in read["lines"]),
        changes=tuple(Change(**_line(one)) for one in read["changes"]),
        items=tuple(Item(**_line(item)) for item in read["items"]),
        subtotal=Decimal(read["subtotal"]),
        taxes=tuple(TaxLine(**_line(tax)) for tax in read["taxes"]),
        total=Decimal(read["total"]),
        exact_units=int(read["exact_units"]),
        rounding_drift=Decimal(read["rounding_drift"]),
        calls=read["calls"]["all"],
        unanswered=read["calls"]["unanswered"],
        unpriced=Unpriced(read["unpriced"]["by_status"]),
        flags=read["flags"],
        cards=tuple(CardUsed(**_line(card)) for card in read["cards"]),
        issued_on=_day(read["issued_on"]),
        due_on=_day(read["due_on"]),
        cancels=read.get("cancels", False),
        excused=tuple(Excused(**one) for one in read["excused"]),
        policies=read["policies"],
        terms_hash=read["hashes"]["terms"],
        calls_hash=read["hashes"]["calls"],
        content_hash=read["hashes"]["content"],
    )


_SAME: Final = (
    "type",
    "kind",
    "side",
    "final",
    "number",
    "corrects",
    "month",
    "currency",
    "language",
    "payment_terms_days",
    "billed_seconds",
    "one_of_several",
)
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "effective_from": date.fromisoformat,
    "retrieved": date.fromisoformat,
    "exact_units": int,
    "rate_per_minute": Decimal,
    "fee": Decimal,
    "amount": Decimal,
    "base": Decimal,
    "card_rows": tuple,
}


def _line(read: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or name not in _READERS else _READERS[name](value)
        for name, value in read.items()
    }


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@cache
def _version() -> str:
    return version("wacost")
