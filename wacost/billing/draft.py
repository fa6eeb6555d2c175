"""Make the draft of an invoice from the charges of a month. Reads; never prices, never writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.billing.certainty import with_range
from wacost.billing.exact import add, units_of
from wacost.billing.extras import items_of
from wacost.billing.figures import Figures, Source, charged, read_figures
from wacost.billing.invoice import Invoice, check
from wacost.billing.lines import invoice_lines
from wacost.billing.records import CardUsed, Unpriced, UnpricedCall
from wacost.billing.tax import tax_lines
from wacost.billing.terms import Terms, in_force, period, terms_of, with_policies, without_extras
from wacost.config.model import Party
from wacost.errors import CurrencyMismatchError
from wacost.language import Language
from wacost.money import amount_of, minor_digits
from wacost.zones import local_datetime, zone_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.config.model import Account
    from wacost.rating.ranges import CostRange
    from wacost.zones import Span

_NO_CURRENCY_DIGITS: Final = 2
_NO_CURRENCY: Final = ""

_CURRENCIES: Final = """
    SELECT currency, bool_or(status IN ('rated', 'free')) FROM charges
    WHERE account = $account AND side = $side AND month = $month AND currency IS NOT NULL
    GROUP BY currency ORDER BY currency
"""


class Draft(NamedTuple):
    """An invoice, the terms it was made under, where its calls were read, and what they say."""

    invoice: Invoice
    terms: Terms
    source: Source
    figures: Figures


def draft_invoices(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    locale: str = "",
    ranges: Sequence[CostRange] = (),
    policies: Mapping[str, Any] | None = None,
) -> list[Invoice]:
    """Draft what an account is sent for a month: one document for each currency billed.

    Args:
        con: an open store, with `rate_month` run for this month and both sides.
        account: who is billed.
        month: "2026-10", in the account's time zone.
        kind: expected, chargeback or customer; by default the account's. A customer is told the
            sale side where a sell card is in force within the month, else the cost.
        locale: language of the documents; by default the account's, else English.
        ranges: what the month can have cost, where that is not certain.
        policies: what the workspace decides where sources leave it open.

    Fixed costs, discounts, included minutes and the minimum charge are on one of them: that in
    the currency of the card in force on the month's last day.
    """
    made = drafts(con, account, month, kind=kind, locale=locale, policies=policies)
    return [with_range(draft.invoice, ranges) for draft in made]


def drafts(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    locale: str = "",
    policies: Mapping[str, Any] | None = None,
) -> list[Draft]:
    """Draft what an account is sent for a month, with what each document was made of."""
    kind = kind or account.invoice.kind or "expected"
    _, last = period(month)
    sells = kind == "customer" and in_force(account, last)["sell_card"] is not None
    side = "sale" if sells else "cost"
    terms = terms_of(account, month, kind=kind, side=side, locale=locale)
    terms = with_policies(terms, policies or {})
    key = {"account": account.name, "side": side, "month": month}
    found = con.execute(_CURRENCIES, key).fetchall()
    if sum(billed for _, billed in found) < 2:  # noqa: PLR2004 - two make two documents
        return [_draft(con, terms)]
    shares: list[tuple[str, ...]] = [(code,) for code, _ in found]
    shares[0] += (_NO_CURRENCY,)
    bare = without_extras(terms)
    bears = _named_card(con, terms.card).currency
    if bears not in {only[0] for only in shares}:
        bears = shares[0][0]
    return [_draft(con, terms if only[0] == bears else bare, only) for only in shares]


def currencies_of(con: DuckDBPyConnection, account: str, side: str, month: str) -> list[str]:
    """Return the currencies in which calls of a month are billed now."""
    key = {"account": account, "side": side, "month": month}
    return [code for code, billed in con.execute(_CURRENCIES, key).fetchall() if billed]


def draft_invoice(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    side: str = "cost",
    locale: str = "",
    currency: str = "",
) -> Invoice:
    """Add up the charges of one account and month. A month without calls has no lines.

    Args:
        con: an open store, with `rate_month` run for this month and side.
        account: who is billed.
        month: "2026-10", in the account's time zone.
        kind: expected, chargeback or customer; by default the account's.
        side: "cost" (the supplier's card) or "sale".
        locale: language of the documents; by default the account's, else English.
        currency: shown where the month has no call that would tell; else the charges' own.

    Raises:
        InputError: an unknown kind, side or language, or a month that is none.
        CurrencyMismatchError: the month's charges are in two currencies.
        RatingError: the sums do not agree.
    """
    terms = terms_of(account, month, kind=kind, side=side, locale=locale)
    return _draft(con, replace(terms, currency=currency)).invoice


def _draft(con: DuckDBPyConnection, terms: Terms, only: tuple[str, ...] = ()) -> Draft:
    unsold = terms.sold_later and (not only or _NO_CURRENCY in only)
    source = charged(terms.account, terms.side, terms.month, only, unsold=unsold)
    figures = read_figures(con, source, terms.included_minutes)
    named = _named_card(con, terms.card)
    currency = _currency(terms, figures) or (only[0] if only else "") or terms.currency
    terms = replace(terms, currency=currency or named.currency, one_of_several=bool(only))
    made = replace(build(terms, figures, named), calls_from=source)
    return Draft(made, terms, source, figures)


def build(terms: Terms, figures: Figures, named: CardUsed | None = None) -> Invoice:
    """Make an invoice of what its calls add up to: the one place where that is done.

    Args:
        terms: everything but the calls, with the currency.
        figures: the calls.
        named: the card that the terms name, for a month in which no card priced.
    """
    currency = terms.currency
    digits = minor_digits(currency) if currency else _NO_CURRENCY_DIGITS
    lines = invoice_lines(figures.whole, figures.parted, figures.facts, digits)
    items = items_of(terms, figures, lines, digits)
    amounts = [*(line.amount for line in lines), *(item.amount for item in items)]
    subtotal = add(amounts, digits)
    tax = tax_lines(terms.tax, subtotal, digits)
    exact_units = figures.exact_units
    titles = figures.cards or ((named,) if named else ())
    return check(
        Invoice(
            kind=terms.kind,
            side=terms.side,
            account=terms.account,
            title=terms.title,
            month=terms.month,
            period_start=terms.first_on,
            period_end=terms.last_on,
            timezone=terms.timezone,
            currency=currency,
            language=terms.language,
            seller=_seller(terms, titles),
            buyer=terms.buyer,
            payment_terms_days=terms.payment_terms_days,
            lines=lines,
            items=items,
            subtotal=subtotal,
            taxes=tax,
            total=add([subtotal, *(one.amount for one in tax)]),
            exact_units=exact_units,
            rounding_drift=amount_of(units_of(add(line.amount for line in lines)) - exact_units),
            calls=sum(row[1] for row in figures.counts),
            unanswered=sum(row[1] for row in figures.counts if row[0] == "unanswered"),
            billed_seconds=sum(line.billed_seconds for line in lines),
            unpriced=unpriced_calls(figures.unpriced, terms.zones),
            flags=figures.flags,
            cards=figures.cards,
            one_of_several=terms.one_of_several,
            cancels=terms.cancels,
            policies=terms.policies,
            zones=terms.zones,
        )
    )


def _seller(terms: Terms, cards: Sequence[CardUsed]) -> Party | None:
    """Return who is printed as the seller: a supplier that is not named is known by its cards."""
    if terms.seller is None and terms.kind == "expected":
        name = Language.of(terms.language).name
        return Party(" / ".join(dict.fromkeys(name(card.title) for card in cards)))
    return terms.seller


def unpriced_calls(rows: Iterable[Sequence[Any]], zones: Sequence[Span]) -> Unpriced:
    """List the calls without an amount, with their times on the clocks of the zone in force."""
    calls = tuple(
        UnpricedCall(call_id, status, direction, country, local_time(at_s, zones))
        for call_id, status, direction, country, at_s in rows
    )
    by_status: dict[str, int] = {}
    for call in calls:
        by_status[call.status] = by_status.get(call.status, 0) + 1
    return Unpriced(by_status, calls)


def local_time(at_s: int | None, zones: Sequence[Span]) -> str:
    """Write an instant on the clocks of the zone in force at it."""
    return "" if at_s is None else local_datetime(zone_at(zones, at_s), at_s).isoformat()


def _currency(terms: Terms, figures: Figures) -> str:
    """Return the one currency of the month's lines, else of its other calls, else ""."""
    known = figures.currencies
    if len(known) > 1:
        raise CurrencyMismatchError(
            f"account {terms.account!r} has charges in {' and '.join(known)} in {terms.month}",
            hint="an invoice has one currency: begin the new card on the first day of a month",
        )
    return known[0] if known else next((row[3] for row in figures.counts if row[3]), "")


def _named_card(con: DuckDBPyConnection, name: str) -> CardUsed:
    """Return the card of this name as this store last knew it: for a month without calls."""
    sql = """
        SELECT name, coalesce(nullif(title, ''), name), status, checksum, coalesce(source, ''),
            retrieved, 0, currency
        FROM cards WHERE name = $card ORDER BY first_used_at DESC, checksum LIMIT 1
    """
    found = con.execute(sql, {"card": name}).fetchall()
    return CardUsed(*found[0]) if found else CardUsed(name, name, "", "", "", None, 0)
