"""A ledger as a Beancount journal: every entry adds up to zero, and the end is checked.

Call charges are one transaction for each account and local day. An amount in another currency has
its price in the balance's. What has no rate is a comment: it is in no sum, and it is not hidden.
https://beancount.github.io/docs/beancount_language_syntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wacost.balance.days import hand_over, local_day
from wacost.balance.moves import balance_at, rows
from wacost.money import amount_of, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from wacost.balance.moves import Terms

_OTHER: Final = {
    "opening": "Equity:Opening-Balances",
    "topup": "Assets:Paid",
    "message": "Expenses:Messages",
    "fee": "Expenses:Fees",
    "adjustment": "Expenses:Adjustments",
    "refund": "Income:Refunds",
    "correction": "Expenses:Corrections",
    "observed": "Expenses:Unexplained",
}
_TOPUP_FEES: Final = "Expenses:Topup-Fees"
_TOLERANCE: Final = "0.000000001"


def component(name: str) -> str:
    """Return a name as a part of a Beancount account: a capital first, then letters, digits, dash.

    >>> component("acme ltda."), component("_x"), component("çedilha"), component("9to5")
    ('Acme-ltda', 'X', 'Çedilha', '9to5')
    """
    bare = re.sub(r"[^\w]+|_+", "-", name).strip("-")
    first = bare[:1].upper()
    return f"{first}{bare[1:]}" if re.fullmatch(r"[^\W\d_]|[0-9]", first) else f"X{bare}"


def quoted(text: str) -> str:
    r"""Write a text as Beancount does.

    >>> print(quoted('a "b" \\ c'))
    "a \"b\" \\ c"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def journal(con: DuckDBPyConnection, terms: Terms, at: datetime) -> Iterator[str]:
    """Yield the lines of the journal of a balance up to an instant; its moves have been made."""
    told = rows(con, "told", balance=terms.name, at=at)
    first, last = local_day(terms.timezone, told[0][1]), local_day(terms.timezone, at)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    hand_over(con, terms, days)
    calls = rows(con, "calls_by_day", at=at)
    names = _call_accounts(terms.accounts)
    yield f'option "title" {quoted(f"Prepaid balance of {terms.name}")}'
    yield f'option "operating_currency" "{terms.currency}"'
    yield ""
    used = {_OTHER[row[2]] for row in told} | {names[row[1]] for row in calls}
    used |= {_TOPUP_FEES} if any(row[6] for row in told) else set()
    for account in (_prepaid(terms), *sorted(used)):
        yield f"{first} open {account}"
    blocks = [(local_day(terms.timezone, row[1]), 0, _told(terms, row)) for row in told]
    blocks += [(row[0], 1, _calls(terms, row, names[row[1]])) for row in calls]
    for _, _, lines in sorted(blocks, key=lambda block: block[:2]):
        yield ""
        yield from lines
    yield ""
    left = plain(amount_of(balance_at(con, at)))
    following = last + timedelta(days=1)
    yield f"{following} balance {_prepaid(terms)}  {left} ~ {_TOLERANCE} {terms.currency}"


def _prepaid(terms: Terms) -> str:
    return f"Assets:Prepaid:{component(terms.name)}"


def _call_accounts(accounts: Sequence[str]) -> dict[str, str]:
    """Return account -> its Beancount account, each another one."""
    found: dict[str, str] = {}
    for name in accounts:
        told = f"Expenses:Calls:{component(name)}"
        found[name] = told if told not in found.values() else f"{told}-{len(found) + 1}"
    return found


def _amount(units: int) -> str:
    return plain(amount_of(units))


def _count(calls: int) -> str:
    return f"{calls} call{'s' * (calls != 1)}"


def _told(terms: Terms, row: tuple[Any, ...]) -> list[str]:
    entry_id, moved_at, kind, currency, told_units, units, fee_units, note = row
    day: date = local_day(terms.timezone, moved_at)
    head = f"{day} * {quoted(kind)} {quoted(note or '')}"
    if units is None:
        return [f"; no rate for {kind} {_amount(told_units)} {currency} of {day}: {entry_id!r}"]
    price = "" if currency == terms.currency else f" @@ {_amount(abs(units))} {terms.currency}"
    lines = [head, f"  id: {quoted(entry_id)}"]
    lines.append(f"  {_prepaid(terms)}  {_amount(units)} {terms.currency}")
    lines.append(f"  {_OTHER[kind]}  {_amount(-told_units)} {currency}{price}")
    if fee_units:
        lines.append(f"  {_TOPUP_FEES}  {_amount(fee_units)} {currency}")
        lines.append(f"  {_OTHER[kind]}  {_amount(-fee_units)} {currency}")
    return lines


def _calls(terms: Terms, row: tuple[Any, ...], account: str) -> list[str]:
    day, name, currency, count, told_units, units = row
    if units is None:
        return [f"; no rate for {_count(count)} of {day}: {_amount(told_units)} {currency}"]
    price = "" if currency == terms.currency else f" @@ {_amount(units)} {terms.currency}"
    return [
        f"{day} * {quoted('calls')} {quoted(f'{_count(count)} of {name}')}",
        f"  {_prepaid(terms)}  {_amount(-units)} {terms.currency}",
        f"  {account}  {_amount(told_units)} {currency}{price}",
    ]
