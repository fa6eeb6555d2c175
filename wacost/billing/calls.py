"""The single calls of a document, one after the other: what lists of calls are written from.

A draft's calls are the charges of its month, a final document's those that were frozen with it.
Whoever takes all of them has what the document adds up to, to the last unit, or an error.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.billing.figures import sql_of
from wacost.errors import RatingError
from wacost.rating.charge import FLAGS
from wacost.rating.explain import masked
from wacost.zones import local_datetime, zone_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from duckdb import DuckDBPyConnection

    from wacost.billing.invoice import Invoice
    from wacost.zones import Span

_PIECE: Final = 10_000
_REDACTED: Final = re.compile(r"([A-Z]{2}\.)?redacted\.[0-9a-f]+")
_COLUMNS: Final = (
    *("call_id", "call_key", "cause", "direction", "country", "market", "status", "at_s"),
    *("ended_s", "duration_s", "billed_seconds", "seconds", "tier_from_minutes", "rate_nanos"),
    *("fee_nanos", "units", "amount", "card", "card_checksum", "effective_from", "flag_bits"),
    "contact",
)
"""Of calls.sql."""


class BilledCall(NamedTuple):
    """One call as a document tells of it.

    Attributes:
        call_id: its id; `call_key` is the hash of it that redaction leaves.
        cause: why a correction tells of it; None on a first document.
        direction: "inbound", "outbound" or None.
        country: ISO 3166 alpha-2; None: not known.
        market: the card's own group of countries, or None.
        status: of its charge; "withdrawn": no longer a call of the month.
        at: when it is told to have been, on the clocks of the account; None: not known.
        ended_at: likewise its end.
        duration_s: as the records tell it, or None.
        billed_seconds: of the call, in whole increments, or None.
        seconds: billed seconds that this document bills: on a correction the difference.
        tier_from_minutes: None where it differs within the call.
        rate_nanos: price of one minute; None where it differs within the call.
        fee_nanos: sum of its fees.
        units: what this document bills for it, unrounded, in 1/60 nano-currency; None: no price.
        amount: the same to 12 places, or rounded where the card rounds each call.
        card: the card's name, or None; `card_checksum` is its content.
        effective_from: first local day of the rates used.
        flags: names of the choices that decided the price.
        contact: the other number or user id, its middle hidden; None: not known any more. What
            redaction made of it stays as it is.
    """

    call_id: str
    call_key: str
    cause: str | None
    direction: str | None
    country: str | None
    market: str | None
    status: str
    at: datetime | None
    ended_at: datetime | None
    duration_s: int | None
    billed_seconds: int | None
    seconds: int
    tier_from_minutes: int | None
    rate_nanos: int | None
    fee_nanos: int | None
    units: int | None
    amount: Decimal | None
    card: str | None
    card_checksum: str | None
    effective_from: date | None
    flags: tuple[str, ...]
    contact: str | None


def billed_calls(
    con: DuckDBPyConnection, invoice: Invoice, *, full_numbers: bool = False
) -> Iterator[BilledCall]:
    """Yield the calls of a document in the order of their times, a few thousand in memory.

    Args:
        con: the store that the document was made from.
        invoice: a draft, or a final document.
        full_numbers: tell the contacts in full.

    Raises:
        RatingError: at the end, where the calls are no longer those that the draft adds up.
    """
    number = units = 0
    if invoice.calls_from is not None:
        with con.cursor() as reader:
            sql = invoice.calls_from.put_into(sql_of("calls"))
            reader.execute(sql, dict(invoice.calls_from.values))
            while rows := reader.fetchmany(_PIECE):
                for row in rows:
                    call = _call(row, invoice.zones, full_numbers=full_numbers)
                    number += 1
                    units += call.units or 0
                    yield call
    if (number, units) != (invoice.calls, invoice.exact_units):
        raise RatingError(
            f"the calls of {invoice.account!r} in {invoice.month} are no longer those of its"
            f" document: {number} of {invoice.calls}",
            hint="the month was rated again meanwhile, or is no longer in the store: run again",
        )


def _call(row: Sequence[Any], zones: Sequence[Span], *, full_numbers: bool) -> BilledCall:
    told = dict(zip(_COLUMNS, row, strict=True))
    contact = told.pop("contact")
    units, bits = told.pop("units"), told.pop("flag_bits") or 0
    return BilledCall(
        at=_local(told.pop("at_s"), zones),
        ended_at=_local(told.pop("ended_s"), zones),
        units=None if units is None else int(units),
        flags=tuple(name for bit, name in FLAGS.items() if bits & bit),
        contact=contact if full_numbers or _is_redacted(contact) else masked(contact),
        **told,
    )


def _is_redacted(contact: str | None) -> bool:
    """Tell a contact that redaction left: it is nobody's.

    >>> _is_redacted("BR.redacted.00ff"), _is_redacted("5511987654321")
    (True, False)
    """
    return contact is not None and _REDACTED.fullmatch(contact) is not None


def _local(at_s: int | None, zones: Sequence[Span]) -> datetime | None:
    return None if at_s is None else local_datetime(zone_at(zones, at_s), at_s)
