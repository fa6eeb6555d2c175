"""Cancel what was billed for a month: a credit note gives all of it back, call by call.

It is for what no correction mends, as a wrong buyer or tax: a correction keeps what was agreed. An
invoice and its corrections are cancelled together, to the last cent. They stay as they were issued,
but bill nothing any more, and the month may be issued anew under the next number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wacost.billing.correct import KEEP, recompute_correction
from wacost.billing.figures import frozen, nothing, sql_of
from wacost.billing.frozen import put, read_back
from wacost.billing.issue import Issued, last_in_series, numbered
from wacost.billing.refuse import not_electronic, still_billed, wrong_day
from wacost.billing.terms import without_extras
from wacost.errors import RefusedError
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from duckdb import DuckDBPyConnection

    from wacost.billing.frozen import Row
    from wacost.billing.invoice import Invoice
    from wacost.billing.refuse import Wanted
    from wacost.config.model import Account

_CAUSE: Final = "UPDATE billing_differences SET cause = 'cancelled'"


def cancel(
    con: DuckDBPyConnection, accounts: Sequence[Account], month: str, wanted: Wanted
) -> Issued:
    """Give back all that final documents of a month bill: all of it, or nothing is written.

    Args:
        con: an open store.
        accounts: who was billed.
        month: "2026-10", in each account's time zone.
        wanted: how the credit notes are to be issued.

    Raises:
        RefusedError: nothing is billed, or a credit note cannot be final; nothing is written.
    """
    new: list[Invoice] = []
    reasons: list[str] = []
    with transaction(con):
        for account in accounts:
            rows, why_not = still_billed(con, account, month, wanted, "cancel")
            reasons += why_not
            for currency in sorted({row.currency for row in rows}):
                chain = [row for row in rows if row.currency == currency]
                made, why = _give_back(con, chain, wanted)
                new.append(made)
                reasons += why
        if reasons:
            raise RefusedError(list(dict.fromkeys(reasons)))
    return Issued(tuple(new))


def _give_back(
    con: DuckDBPyConnection, chain: Sequence[Row], wanted: Wanted
) -> tuple[Invoice, list[str]]:
    """Issue the credit note of an invoice and its corrections, and say what is against it."""
    terms = replace(without_extras(chain[-1].read_terms), cancels=True)
    before = [row.number for row in chain]
    reasons = list(wrong_day(terms, wanted, last_in_series(con, terms, wanted)[1]))
    _withdraw_all(con, before)
    numbers, series = numbered(con, read_back(con, chain[0]), terms, wanted)
    con.execute(KEEP, {"number": numbers.number})
    made = replace(
        recompute_correction(con, terms, before, str(numbers.number)),
        type="credit_note",
        final=True,
        number=numbers.number,
        issued_on=numbers.issued_on,
        corrects=before[0],
    )
    reasons += not_electronic(made, wanted)
    return put(con, made, terms, series), reasons


def _withdraw_all(con: DuckDBPyConnection, numbers: Sequence[str]) -> None:
    """Put every call that documents bill into `billing_differences`, as one that is gone."""
    state = frozen(numbers)
    sql = nothing().put_into(sql_of("differences")).replace("{state}", state.sql)
    con.execute(sql, {**state.values, "other_policies": False})
    con.execute(_CAUSE)
