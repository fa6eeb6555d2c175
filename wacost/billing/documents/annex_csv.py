r"""All calls of a document as one CSV table. A row's first cell says what it is.

`record` is one of:

* `call`: one call, in the order of their times: `at` is local to the account, with its offset;
  `amount` is exact to 12 places, `exact_units` to the last (1/60 of a billionth of the currency);
  of a correction both are the difference, with its `cause`. A call without a price has no amount;
* `exact`: all calls, which is the sum of the rows above;
* `drift`: what rounding added; `lines`: what the document bills for calls, which is both together.

`number` is the other party's, its middle hidden unless the account says otherwise; what redaction
made of it stays as it is. Layout and guards as in `documents.csv`.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from wacost.billing.documents.csv import cell
from wacost.money import amount_of, decimal_of, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from wacost.billing.calls import BilledCall
    from wacost.billing.invoice import Invoice

COLUMNS: Final = (
    "record",
    "invoice",
    "at",
    "direction",
    "country",
    "market",
    "number",
    "status",
    "seconds",
    "billed_seconds",
    "tier_from_minutes",
    "rate_per_minute",
    "fee",
    "amount",
    "currency",
    "exact_units",
    "flags",
    "cause",
    "card",
    "card_checksum",
    "effective_from",
    "call_id",
)
"""The columns, in order. Those that do not concern a record are empty."""


def annex_csv(invoice: Invoice, calls: Iterable[BilledCall], file: BinaryIO) -> None:
    """Write all calls of a document as CSV (see the module for its layout).

    Args:
        invoice: whose.
        calls: all of them, in the order in which they are written.
        file: where to.
    """
    out = io.TextIOWrapper(file, "utf-8", "backslashreplace", newline="", write_through=True)
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in _rows(invoice, calls):
        told = {"invoice": invoice.number, "currency": invoice.currency, **row}
        table.writerow([cell(told.get(name)) for name in COLUMNS])
    out.detach()


def _rows(invoice: Invoice, calls: Iterable[BilledCall]) -> Iterator[dict[str, Any]]:
    yield from (_call(call) for call in calls)
    units, exact = invoice.exact_units, plain(invoice.exact)
    yield {"record": "exact", "amount": exact, "exact_units": units}
    yield {"record": "drift", "amount": plain(invoice.rounding_drift)}
    yield {"record": "lines", "amount": plain(invoice.billed_calls)}


def _call(call: BilledCall) -> dict[str, Any]:
    return {
        "record": "call",
        "at": call.at and call.at.isoformat(),
        "direction": call.direction,
        "country": call.country,
        "market": call.market,
        "number": call.contact,
        "status": call.status,
        "seconds": call.duration_s,
        "billed_seconds": call.seconds,
        "tier_from_minutes": call.tier_from_minutes,
        "rate_per_minute": _nanos(call.rate_nanos),
        "fee": _nanos(call.fee_nanos),
        "amount": None if call.units is None else plain(amount_of(call.units)),
        "exact_units": call.units,
        "flags": " ".join(call.flags),
        "cause": call.cause,
        "card": call.card,
        "card_checksum": call.card_checksum,
        "effective_from": call.effective_from,
        "call_id": call.call_id,
    }


def _nanos(nanos: int | None) -> str | None:
    return None if nanos is None else plain(trimmed(decimal_of(nanos)))
