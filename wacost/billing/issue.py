"""Issue final documents: numbered without gaps, frozen with their calls, in one transaction.

A number is SERIES-YEAR-SERIAL, as ACME-2026-000001: the year is that of the day of issue, local to
the account, and the serial counts from 1 within series and year. An account without a series has
INV for customers and CB for charges inside the company.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from wacost.billing.certainty import with_range
from wacost.billing.draft import drafts
from wacost.billing.figures import sql_of
from wacost.billing.frozen import put, read_back, rows_of, standing
from wacost.billing.refuse import (
    billed_elsewhere,
    charged_twice,
    find_excused,
    not_a_document,
    not_electronic,
    wrong_day,
)
from wacost.errors import RefusedError
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.billing.draft import Draft
    from wacost.billing.invoice import Invoice
    from wacost.billing.refuse import Wanted
    from wacost.billing.terms import Terms
    from wacost.config.model import Account
    from wacost.errors import WacostError
    from wacost.rating.ranges import CostRange

SERIES: Final = {"customer": "INV", "chargeback": "CB"}
"""The series of an account that names none, by kind."""
_LAST: Final = """
    SELECT coalesce(max(serial), 0), max(issued_on) FROM invoices WHERE series = ? AND year = ?
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of a wish for final documents.

    Attributes:
        new: documents issued just now.
        before: documents that were there already and bill still; nothing was added to them.
        nothing: accounts for which there is nothing to issue, and why, as sentences.
        kept: what corrections keep though the settings tell it otherwise now, as sentences.
        refused: accounts that were left out, and why: their cards are missing or wrong.
    """

    new: tuple[Invoice, ...] = ()
    before: tuple[Invoice, ...] = ()
    nothing: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    refused: Mapping[str, WacostError] = field(default_factory=dict)


def issue(
    con: DuckDBPyConnection,
    accounts: Sequence[Account],
    month: str,
    wanted: Wanted,
    ranges: Sequence[CostRange] = (),
) -> Issued:
    """Freeze the documents of a month: all of them, or none.

    Args:
        con: an open store, with `rate_month` run for this month and both sides.
        accounts: who is billed.
        month: "2026-10", in each account's time zone.
        wanted: how they are to be issued.
        ranges: what the month can have cost, where that is not certain; they are frozen too.

    Raises:
        RefusedError: a document cannot be final; nothing is written.
    """
    new: list[Invoice] = []
    before: list[Invoice] = []
    nothing: list[str] = []
    reasons: list[str] = []
    with transaction(con):
        for account in accounts:
            kind = wanted.kind or account.invoice.kind
            if kind == "expected":
                reasons.append(not_a_document(account.name))
            elif known := standing(rows_of(con, account=account.name, kind=kind, month=month)):
                before += [read_back(con, row) for row in known]
            else:
                told = replace(wanted, kind=kind)
                made, why = _issue_account(con, account, month, told, ranges)
                new += made
                reasons += why
                if not made and not why:
                    nothing.append(f"{account.name}: there is nothing to bill in {month}")
        if reasons:
            raise RefusedError(reasons)
    return Issued(tuple(new), tuple(before), tuple(nothing))


def _issue_account(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    wanted: Wanted,
    ranges: Sequence[CostRange],
) -> tuple[list[Invoice], list[str]]:
    """Issue the documents of one account, or say why not."""
    made: list[Invoice] = []
    reasons: list[str] = []
    for draft in drafts(
        con,
        account,
        month,
        kind=wanted.kind,
        locale=account.invoice.language,
        policies=wanted.policies,
    ):
        if draft.invoice.is_empty and not draft.invoice.unpriced.count:
            continue
        excused, why = find_excused(draft, wanted)
        why += wrong_day(draft.terms, wanted, last_in_series(con, draft.terms, wanted)[1])
        why += [*charged_twice(con, draft), *billed_elsewhere(con, draft)]
        why += not_electronic(draft.invoice, wanted)
        reasons += why
        if not why and not draft.invoice.is_empty:
            told = with_range(replace(draft.invoice, excused=excused), ranges)
            made.append(_freeze(con, draft._replace(invoice=told), wanted))
    return made, list(dict.fromkeys(reasons))


def _freeze(con: DuckDBPyConnection, draft: Draft, wanted: Wanted) -> Invoice:
    invoice, series = numbered(con, draft.invoice, draft.terms, wanted)
    values = {**draft.source.values, "number": invoice.number}
    con.execute(draft.source.put_into(sql_of("freeze")), values)
    return put(con, invoice, draft.terms, series)


def series_of(terms: Terms) -> str:
    """Return the series in which an account's documents of a kind are numbered."""
    return terms.series or SERIES[terms.kind]


def last_in_series(
    con: DuckDBPyConnection, terms: Terms, wanted: Wanted
) -> tuple[int, date | None]:
    """Return the last serial of the series in the year of issue, and its day."""
    year = wanted.day_for(terms).year
    serial, day = con.execute(_LAST, [series_of(terms), year]).fetchall()[0]
    return serial, day


def numbered(
    con: DuckDBPyConnection, invoice: Invoice, terms: Terms, wanted: Wanted
) -> tuple[Invoice, tuple[str, int]]:
    """Return the document with the next number of its series and its dates, and that number."""
    day, series = wanted.day_for(terms), series_of(terms)
    serial = last_in_series(con, terms, wanted)[0] + 1
    days = terms.payment_terms_days
    made = replace(
        invoice,
        final=True,
        number=f"{series}-{day.year}-{serial:06d}",
        issued_on=day,
        due_on=None if days is None else day + timedelta(days=days),
    )
    return made, (series, serial)
