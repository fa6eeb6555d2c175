r"""An invoice as one CSV table, for machines first. A row's first cell says what it is.

`record` is one of:

* `line`: calls of one direction, country, market, card, tier and rate, or one part of them
  (`part`, `from_second`): a later slot, a `fee`, what the card's limits change; a call of several
  parts counts on the first; `card_rows` are the lines of the card's rates.csv that have its price,
  `rate_status` is how that is known;
* `change`: of a correction: what calls came to cost more or less, and why (`cause`);
* `item`: what is about no single call (`part`): included minutes, a discount, a fixed cost, what a
  minimum charge adds, a remainder of rounding;
* `excused`: what would have kept a final document from being final, and was let pass;
* `subtotal`, `tax` (one row per tax), `total`: the sums;
* `exact`: what all calls cost unrounded; `drift`: what rounding added;
* `changed_call`: of a correction, one row per call: its difference, unrounded;
* `unpriced`: one row per call that is in no sum.

UTF-8 without a byte order mark, `\n` line ends, decimal points, no thousands signs: what
`read_csv` of DuckDB, pandas and Polars takes as it is. A text that a spreadsheet would run as a
formula has an apostrophe before it, also after a semicolon or tab, where one may begin a new cell.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.minutes import minutes_text
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.billing.invoice import Invoice
    from wacost.billing.records import Line

COLUMNS: Final = (
    "record",
    "account",
    "month",
    "kind",
    "direction",
    "country",
    "market",
    "card",
    "card_checksum",
    "effective_from",
    "tier_from_minutes",
    "tier_to_minutes",
    "tier_unknown",
    "status",
    "calls",
    "billed_seconds",
    "minutes",
    "rate_per_minute",
    "amount",
    "currency",
    "name",
    "percent",
    "call_id",
    "at",
    "part",
    "from_second",
    "fee",
    "times",
    "number",
    "type",
    "issued_on",
    "due_on",
    "corrects",
    "cause",
    "card_rows",
    "rate_status",
)
"""The columns, in order. Those that do not concern a record are empty."""

_NUMBER: Final = re.compile(r"-[0-9]+(?:\.[0-9]+)?", re.ASCII)
_AFTER_SEPARATOR: Final = re.compile(r"([;\t\r\n]\s*)(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet that cuts at semicolons or tabs, quoted or not, would begin a formula."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def invoice_csv(invoice: Invoice) -> bytes:
    """Write an invoice as CSV (see the module for its layout)."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    head = {
        "account": invoice.account,
        "month": invoice.month,
        "kind": invoice.kind,
        "currency": invoice.currency,
        "number": invoice.number,
        "type": invoice.type,
        "issued_on": invoice.issued_on,
        "due_on": invoice.due_on,
        "corrects": invoice.corrects,
    }
    for row in _rows(invoice):
        table.writerow({name: cell(value) for name, value in {**head, **row}.items()})
    return out.getvalue().encode("utf-8", "backslashreplace")


def cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would run begins with an apostrophe.

    A plain negative number stays a number.

    >>> cell("Acme;=1+1"), cell("Acme; Co")
    ("Acme;'=1+1", 'Acme; Co')
    >>> cell("=1+1"), cell("+5511987654321"), cell("-0.25"), cell("-1+2"), cell(None)
    ("'=1+1", "'+5511987654321", '-0.25', "'-1+2", '')
    """
    text = "" if value is None else str(value)
    text = _AFTER_SEPARATOR.sub(r"\1'", text)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _rows(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for line in invoice.lines:
        yield _line(line)
    yield from _changes(invoice)
    yield from _items(invoice)
    calls = sum(line.calls for line in invoice.told)
    seconds = {
        "calls": calls,
        "billed_seconds": invoice.billed_seconds,
        "minutes": minutes_text(invoice.billed_seconds),
    }
    yield {"record": "subtotal", **seconds, "amount": plain(invoice.subtotal)}
    for tax in invoice.taxes:
        yield {
            "record": "tax",
            "name": tax.name,
            "status": tax.category,
            "percent": tax.percent,
            "amount": plain(tax.amount),
        }
    yield {"record": "total", "amount": plain(invoice.total)}
    yield {"record": "exact", "amount": plain(invoice.exact)}
    yield {"record": "drift", "amount": plain(invoice.rounding_drift)}
    yield from _changed_calls(invoice)
    for call in invoice.unpriced.calls:
        yield {
            "record": "unpriced",
            "direction": call.direction,
            "country": call.country,
            "status": call.status,
            "calls": 1,
            "currency": "",
            "call_id": call.call_id,
            "at": call.at,
        }


def _changes(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for one in invoice.changes:
        yield {
            "record": "change",
            "cause": one.cause,
            "direction": one.direction,
            "country": one.country,
            "market": one.market,
            "calls": one.calls,
            "billed_seconds": one.billed_seconds,
            "minutes": minutes_text(one.billed_seconds),
            "amount": plain(one.amount),
        }


def _changed_calls(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for call in invoice.changed_calls:
        yield {
            "record": "changed_call",
            "cause": call.cause,
            "direction": call.direction,
            "country": call.country,
            "calls": 1,
            "billed_seconds": call.billed_seconds,
            "amount": plain(call.amount),
            "call_id": call.call_id,
            "at": call.at,
        }


def _items(invoice: Invoice) -> Iterator[dict[str, Any]]:
    for item in invoice.items:
        yield {
            "record": "item",
            "part": item.part,
            "name": item.name,
            "percent": item.percent,
            "billed_seconds": item.seconds or None,
            "minutes": minutes_text(item.seconds) if item.seconds else None,
            "amount": plain(item.amount),
        }
    for one in invoice.excused:
        yield {
            "record": "excused",
            "part": one.what,
            "name": one.name,
            "status": one.status,
            "calls": one.calls,
            "currency": "",
        }


def _line(line: Line) -> dict[str, Any]:
    rate = line.rate_per_minute
    return {
        "record": "line",
        "direction": line.direction,
        "country": line.country,
        "market": line.market,
        "card": line.card,
        "card_checksum": line.card_checksum,
        "effective_from": line.effective_from,
        "tier_from_minutes": line.tier_from_minutes,
        "tier_to_minutes": line.tier_to_minutes,
        "tier_unknown": line.tier_unknown,
        "status": line.status,
        "calls": line.calls,
        "billed_seconds": line.billed_seconds,
        "minutes": minutes_text(line.billed_seconds),
        "rate_per_minute": None if rate is None else plain(trimmed(rate)),
        "amount": plain(line.amount),
        "part": line.part,
        "from_second": line.from_second,
        "fee": None if line.fee is None else plain(trimmed(line.fee)),
        "times": line.times,
        "card_rows": " ".join(map(str, line.card_rows)),
        "rate_status": line.rate_status,
    }
