"""Correct final documents: a new one bills the difference, call by call, with its cause.

What a month is billed by is what its first document and all corrections add up to. A correction
brings that to what the month comes to now, to the last cent, under the terms of the document that
it corrects: parties, taxes, fees and allowances stay, calls, cards and policies are those of now.
No document can take back more than was billed, for what a month comes to is never below zero.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from wacost.billing import wording
from wacost.billing.certainty import with_range
from wacost.billing.draft import Draft, build, currencies_of
from wacost.billing.exact import add, subtract, units_of
from wacost.billing.figures import cards_used, charged, frozen, read_figures, sql_of
from wacost.billing.frozen import Row, changed_calls, put, read_back, rows_of
from wacost.billing.invoice import Invoice, check
from wacost.billing.issue import Issued, last_in_series, numbered
from wacost.billing.records import CardUsed, Change, Item, TaxLine, Unpriced
from wacost.billing.refuse import (
    billed_elsewhere,
    charged_twice,
    find_excused,
    not_electronic,
    still_billed,
    wrong_day,
)
from wacost.billing.terms import Terms, canonical, terms_of, with_policies, without_extras
from wacost.errors import RefusedError
from wacost.money import amount_of, minor_digits, round_units, trimmed
from wacost.store import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.billing.refuse import Wanted
    from wacost.config.model import Account
    from wacost.rating.ranges import CostRange

KEEP: Final = """
    INSERT INTO invoice_call_rows BY NAME
    SELECT $number AS number, sha256(call_id) AS call_key, d.* EXCLUDE (old_checksum)
    FROM billing_differences AS d
"""
"""Freezes what `billing_differences` holds as the calls of a document."""
_PAIRS: Final = """
    SELECT d.old_checksum, d.card_checksum, o.content, n.content
    FROM (
        SELECT DISTINCT old_checksum, card_checksum FROM billing_differences
        WHERE cause = 'new_card'
    ) AS d
    JOIN cards AS o ON o.checksum = d.old_checksum
    JOIN cards AS n ON n.checksum = d.card_checksum
"""
_GONE: Final = """
    SELECT count(*) FROM billing_differences WHERE status = 'withdrawn' AND change_units <> 0
"""
_AGREED: Final = (
    *("seller", "buyer", "tax", "fees", "discounts", "included_minutes", "minimum_charge"),
    "payment_terms_days",
)
"""What a document is made under besides calls, cards and policies: its corrections keep it."""
_NO_PRICE: Final = ("policies", "name", "title", "status", "source", "retrieved")
"""What two cards may differ in while their figures are the same."""


def correct(
    con: DuckDBPyConnection,
    accounts: Sequence[Account],
    month: str,
    wanted: Wanted,
    ranges: Sequence[CostRange] = (),
) -> Issued:
    """Issue what corrects the final documents of a month: all of it, or nothing.

    Args:
        con: an open store, with `rate_month` run for this month and both sides.
        accounts: who is billed.
        month: "2026-10", in each account's time zone.
        wanted: how corrections are to be issued.
        ranges: what the month can have cost now, where that is not certain.

    Raises:
        RefusedError: there is nothing final, or a correction cannot be final; nothing is written.
    """
    new: list[Invoice] = []
    nothing: list[str] = []
    kept: list[str] = []
    reasons: list[str] = []
    with transaction(con):
        for account in accounts:
            rows, why_not = still_billed(con, account, month, wanted, "correct")
            reasons += why_not
            if rows:
                made, why = _correct_account(con, account, rows, wanted, ranges)
                new += made
                reasons += why
                kept += kept_terms(account, rows)
                if not made and not why:
                    nothing.append(f"{account.name}: there is nothing to correct in {month}")
        if reasons:
            raise RefusedError(reasons)
    return Issued(tuple(new), (), tuple(nothing), tuple(kept))


def kept_terms(account: Account, rows: Sequence[Row]) -> list[str]:
    """Say what corrections keep as it was agreed, though the settings tell it otherwise now.

    Args:
        account: as it is set now.
        rows: the final documents of a month, at least one.
    """
    held = [row.read_terms for row in rows]
    now = terms_of(
        account, rows[0].month, kind=rows[0].kind, side=rows[0].side, locale=held[0].language
    )
    other = [
        name
        for name in _AGREED
        if getattr(now, name) not in [getattr(terms, name) for terms in held]
    ]
    if not other:
        return []
    told = f"{account.name}: wacost.toml tells {', '.join(other)} otherwise than {rows[0].number}"
    return [f"{told}: a correction keeps what was issued, --cancel gives it back"]


def _correct_account(
    con: DuckDBPyConnection,
    account: Account,
    rows: Sequence[Row],
    wanted: Wanted,
    ranges: Sequence[CostRange],
) -> tuple[list[Invoice], list[str]]:
    first = rows[0]
    made: list[Invoice] = []
    reasons: list[str] = []
    billed = {row.currency for row in rows}
    now = currencies_of(con, first.account, first.side, first.month)
    currencies = sorted(billed | set(now))
    for place, currency in enumerate(currencies):
        chain = [row for row in rows if row.currency == currency]
        only = () if len(currencies) == 1 else (currency, *([] if place else [""]))
        corrected = (rows, chain, currency)
        document, why = _correct_one(con, account, corrected, only, wanted, ranges=ranges)
        made += [document] if document else []
        reasons += why
    return made, list(dict.fromkeys(reasons))


def _correct_one(
    con: DuckDBPyConnection,
    account: Account,
    corrected: tuple[Sequence[Row], Sequence[Row], str],
    only: tuple[str, ...],
    wanted: Wanted,
    *,
    ranges: Sequence[CostRange],
) -> tuple[Invoice | None, list[str]]:
    """Issue the correction in one currency, or say why not; None without a reason: none needed."""
    rows, chain, currency = corrected
    terms = _terms(account, rows, chain, currency, wanted)
    unsold = terms.sold_later and (not only or "" in only)
    source = charged(terms.account, terms.side, terms.month, only, unsold=unsold)
    figures = read_figures(con, source, terms.included_minutes)
    fresh = Draft(build(terms, figures), terms, source, figures)
    before = [read_back(con, row) for row in chain]
    _find_differences(con, fresh, chain, other_policies=_other_policies(chain, terms))
    if not _needed(con, fresh.invoice, before):
        return None, []
    excused, why = find_excused(fresh, _with_excuses(wanted, before))
    why += wrong_day(terms, wanted, last_in_series(con, terms, wanted)[1])
    why += charged_twice(con, fresh)
    why += billed_elsewhere(con, fresh, [row.number for row in rows])
    if why:
        return None, why
    blank = replace(fresh.invoice, excused=excused, corrects=rows[0].number)
    numbers, series = numbered(con, blank, terms, wanted)
    con.execute(KEEP, {"number": numbers.number})
    made = recompute_correction(con, terms, [row.number for row in chain], str(numbers.number))
    final = replace(
        with_range(made, ranges),
        **{
            name: getattr(numbers, name)
            for name in ("final", "number", "issued_on", "excused", "corrects")
        },
        due_on=None if made.type == "credit_note" else numbers.due_on,
    )
    if why := list(not_electronic(final, wanted)):
        return None, why
    return put(con, final, terms, series), []


def _terms(
    account: Account, rows: Sequence[Row], chain: Sequence[Row], currency: str, wanted: Wanted
) -> Terms:
    """Return the terms of a correction: those of what it corrects, with the policies of now."""
    held = (chain or rows)[-1].read_terms
    if not chain:  # what is agreed besides the calls is on the documents in the other currency
        held = without_extras(replace(held, currency=currency, one_of_several=True))
    return with_policies(
        replace(held, accept_cards=tuple(account.invoice.accept_cards)), wanted.policies
    )


def _other_policies(chain: Sequence[Row], terms: Terms) -> bool:
    return bool(chain) and canonical(chain[-1].read_terms.policies) != canonical(terms.policies)


def _with_excuses(wanted: Wanted, before: Iterable[Invoice]) -> Wanted:
    """Return the wish with what was let pass on the documents before: it need not be told again."""
    passed = [one for document in before for one in document.excused]
    cards = tuple(one.name for one in passed if one.what == "card")
    gaps = tuple(one.name for one in passed if one.what == "unpriced")
    return replace(
        wanted,
        accept_cards=(*wanted.accept_cards, *cards),
        excuse_unpriced=(*wanted.excuse_unpriced, *gaps),
    )


def _find_differences(
    con: DuckDBPyConnection, fresh: Draft, chain: Sequence[Row], *, other_policies: bool
) -> None:
    """Put the calls that came out differently into `billing_differences`, each with its cause."""
    state = frozen([row.number for row in chain])
    sql = fresh.source.put_into(sql_of("differences")).replace("{state}", state.sql)
    values = {**fresh.source.values, **state.values, "other_policies": other_policies}
    con.execute(sql, values)
    for old, new, *contents in con.execute(_PAIRS).fetchall():
        if _figures_of(contents[0]) == _figures_of(contents[1]):
            con.execute(
                "UPDATE billing_differences SET cause = 'price_policy'"
                " WHERE cause = 'new_card' AND old_checksum = ? AND card_checksum = ?",
                [old, new],
            )


def _figures_of(content: str) -> dict[str, Any]:
    """Return what a card says without its policies and its names.

    >>> _figures_of('{"currency": "USD", "policies": {}, "name": "x"}')
    {'currency': 'USD'}
    """
    card: dict[str, Any] = json.loads(content)
    return {name: value for name, value in card.items() if name not in _NO_PRICE}


def _needed(con: DuckDBPyConnection, fresh: Invoice, before: Sequence[Invoice]) -> bool:
    """Tell whether money is to be billed or given back, or a billed call left the month."""
    billed = add(document.subtotal for document in before)
    if fresh.subtotal != billed or any(tax.amount for tax in _tax_changes(fresh, before)):
        return True
    return bool(con.execute(_GONE).fetchall()[0][0])


def recompute_correction(
    con: DuckDBPyConnection, terms: Terms, chain: Sequence[str], number: str
) -> Invoice:
    """Make a correction of its frozen calls and the documents before it; it is not numbered.

    Args:
        con: the store, where the calls of the correction are frozen.
        terms: of the correction.
        chain: numbers of the documents of its month and currency before it, in their order.
        number: its own.
    """
    figures = read_figures(con, frozen([*chain, number]), terms.included_minutes)
    before = [read_back(con, row) for row in rows_of(con, numbers=chain)] if chain else []
    digits = minor_digits(terms.currency)
    after = build(terms, figures)
    places = max(digits, -int(after.subtotal.as_tuple().exponent))
    changes = tuple(
        _change(row, digits, places)
        for row in con.execute(sql_of("changes"), {"number": number}).fetchall()
    )
    used = frozen([number]).run(con, sql_of("used_cards"))
    made = difference(after, before, changes, cards_used(used))
    return replace(made, changed_calls=changed_calls(con, number, terms.zones))


def _change(row: Sequence[Any], digits: int, places: int) -> Change:
    """Return a line of a correction; what the cards rounded per call is not rounded again."""
    cause, direction, country, market, calls, seconds, units, rounded = row
    shown = trimmed(rounded)
    if -int(shown.as_tuple().exponent) > places:
        shown = round_units(int(units), digits, "half_up")
    amount = add([shown], digits)
    return Change(cause, direction, country, market, calls, seconds, int(units), amount)


def difference(
    after: Invoice,
    before: Sequence[Invoice],
    changes: Sequence[Change],
    cards: tuple[CardUsed, ...],
) -> Invoice:
    """Return the document that bills what a month comes to now less what was billed.

    Args:
        after: the month as it is now, under the same terms.
        before: the documents that were issued.
        changes: what calls came to cost more or less.
        cards: that priced them.
    """
    ordered = tuple(sorted(changes, key=lambda one: list(wording.CAUSES).index(one.cause)))
    subtotal = subtract(after.subtotal, add(document.subtotal for document in before))
    items = _item_changes(after, before)
    told = add([*(one.amount for one in ordered), *(item.amount for item in items)])
    if rest := subtract(subtotal, told):
        items.append(Item("remainder", "", rest))
    rounding = add(item.amount for item in items if item.part == "remainder")
    billed = add([*(one.amount for one in ordered), rounding])
    units = sum(one.exact_units for one in ordered)
    taxes = tuple(_tax_changes(after, before))
    total = add([subtotal, *(tax.amount for tax in taxes)])
    return check(
        replace(
            after,
            type="credit_note" if (total or subtotal) < 0 else "supplement",
            lines=(),
            items=tuple(items),
            changes=ordered,
            subtotal=subtotal,
            taxes=taxes,
            total=total,
            exact_units=units,
            rounding_drift=amount_of(units_of(billed) - units),
            calls=sum(one.calls for one in ordered),
            unanswered=0,
            billed_seconds=sum(one.billed_seconds for one in ordered),
            unpriced=Unpriced(),
            flags={},
            cards=cards,
        )
    )


def _item_changes(after: Invoice, before: Sequence[Invoice]) -> list[Item]:
    """Return what discounts, allowances, fixed costs and the minimum come to more or less."""
    sums: dict[tuple[str, str, str], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    for sign, documents in ((1, [after]), (-1, before)):
        for document in documents:
            for item in document.items:
                if item.part != "remainder":
                    key = (item.part, item.name, item.percent)
                    amount, seconds = sums[key]
                    sums[key] = (add([amount, sign * item.amount]), seconds + sign * item.seconds)
    return [
        Item(part, name, amount, seconds, percent)
        for (part, name, percent), (amount, seconds) in sums.items()
        if amount
    ]


_TaxKey = tuple[str, str, str, str]


def _by_tax(invoice: Invoice) -> dict[_TaxKey, tuple[Decimal, Decimal]]:
    sums: dict[_TaxKey, tuple[Decimal, Decimal]] = defaultdict(lambda: (Decimal(0), Decimal(0)))
    for tax in invoice.taxes:
        key = (tax.name, tax.category, tax.percent, tax.reason)
        base, amount = sums[key]
        sums[key] = (add([base, tax.base]), add([amount, tax.amount]))
    return sums


def _tax_changes(after: Invoice, before: Sequence[Invoice]) -> Iterable[TaxLine]:
    """Yield what each tax comes to more or less: over all documents the sum is that of `after`."""
    sums = _by_tax(after)
    for document in before:
        for key, (base, amount) in _by_tax(document).items():
            sums[key] = (subtract(sums[key][0], base), subtract(sums[key][1], amount))
    for key, (base, amount) in sums.items():
        yield TaxLine(*key, base=base, amount=amount)
