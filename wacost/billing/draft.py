"""Make the draft of an invoice from the charges of a month. Reads; never prices, never writes."""

from __future__ import annotations

import calendar
import re
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wacost.billing.cardfacts import CardFacts
from wacost.billing.exact import add, units_of
from wacost.billing.invoice import (
    KINDS,
    NO_SELL_CARD,
    SIDES,
    CardUsed,
    Invoice,
    Unpriced,
    UnpricedCall,
    check,
)
from wacost.billing.lines import invoice_lines
from wacost.billing.tax import tax_lines
from wacost.billing.text import Language
from wacost.config.model import Party
from wacost.errors import ConfigError, CurrencyMismatchError, InputError
from wacost.money import amount_of, minor_digits
from wacost.names import nearest
from wacost.zones import local_datetime, zone_at, zone_spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.config.model import Account, Tax
    from wacost.rating.ranges import CostRange
    from wacost.zones import Span

_MONTH: Final = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_NO_CURRENCY_DIGITS: Final = 2
_NO_CURRENCY: Final = ""

_COUNTS: Final = """
    SELECT status, count(*)::BIGINT, coalesce(sum(amount_units), 0)::HUGEINT, max(currency)
    FROM charges WHERE account = $account AND side = $side AND month = $month
        AND (len($only) = 0 OR list_contains($only, coalesce(currency, '')))
    GROUP BY status ORDER BY status
"""
_FLAGS: Final = """
    SELECT flag, count(*)::BIGINT
    FROM (
        SELECT unnest(flags) AS flag FROM charges
        WHERE account = $account AND side = $side AND month = $month AND amount_units IS NOT NULL
            AND (len($only) = 0 OR list_contains($only, coalesce(currency, '')))
    ) GROUP BY flag ORDER BY flag
"""
_CARDS: Final = """
    SELECT cards.name, coalesce(nullif(cards.title, ''), cards.name), cards.status,
        cards.checksum, coalesce(cards.source, ''), cards.retrieved,
        used.calls, cards.currency, cards.content
    FROM (
        SELECT card_checksum, count(*)::BIGINT AS calls FROM charges
        WHERE account = $account AND side = $side AND month = $month
            AND status IN ('rated', 'free')
            AND (len($only) = 0 OR list_contains($only, coalesce(currency, '')))
        GROUP BY card_checksum
    ) AS used JOIN cards ON cards.checksum = used.card_checksum
    ORDER BY cards.name, cards.first_used_at, cards.checksum
"""


_CURRENCIES: Final = """
    SELECT currency, bool_or(status IN ('rated', 'free')) FROM charges
    WHERE account = $account AND side = $side AND month = $month AND currency IS NOT NULL
    GROUP BY currency ORDER BY currency
"""


def draft_invoices(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    locale: str = "",
    ranges: Sequence[CostRange] = (),
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
    """
    kind = kind or account.invoice.kind or "expected"
    _, last = _period(month)
    sells = kind == "customer" and _on(account, last).sell_card is not None
    side = "sale" if sells else "cost"
    key = {"account": account.name, "side": side, "month": month}
    found = _fetch(con, _CURRENCIES, key)
    if sum(billed for _, billed in found) < 2:  # noqa: PLR2004 - two make two documents
        draft = draft_invoice(con, account, month, kind=kind, side=side, locale=locale)
        return [_with_range(draft, ranges)]
    shares: list[tuple[str, ...]] = [(code,) for code, _ in found]
    shares[0] += (_NO_CURRENCY,)
    drafts = (
        draft_invoice(
            con, account, month, kind=kind, side=side, locale=locale, currency=only[0], only=only
        )
        for only in shares
    )
    return [_with_range(draft, ranges) for draft in drafts]


def _with_range(draft: Invoice, ranges: Sequence[CostRange]) -> Invoice:
    """Return the draft with what its calls can have cost, where that is not certain."""
    key = (draft.account, draft.month, draft.side, draft.currency)
    found = [one for one in ranges if (one.account, one.month, one.side, one.currency) == key]
    return replace(draft, cost_range=found[0]) if found and found[0].doubts else draft


def draft_invoice(
    con: DuckDBPyConnection,
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    side: str = "cost",
    locale: str = "",
    currency: str = "",
    only: tuple[str, ...] = (),
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
        only: leave out the charges of other currencies than these; "" stands for charges without
            one, which belong on the first document of several.

    Raises:
        InputError: an unknown kind, side or language, or a month that is none.
        CurrencyMismatchError: the month's charges are in two currencies.
        RatingError: the sums do not agree.
    """
    kind = _one_of(kind or account.invoice.kind or "expected", KINDS, "kind of invoice")
    side = _one_of(side, SIDES, "side")
    language = Language.of(locale or account.invoice.language or "en")
    first, last = _period(month)
    terms = _on(account, last)
    key = {"account": account.name, "side": side, "month": month, "only": list(only)}

    counts = _fetch(con, _COUNTS, key)
    card_rows = _fetch(con, _CARDS, key)
    cards = {row[3]: CardFacts.read(row[8]) for row in card_rows}
    line_rows, part_rows = _fetch(con, _sql("lines"), key), _fetch(con, _sql("parts"), key)
    named = _named_card(con, terms.sell_card if side == "sale" else terms.card)
    currency = (
        _currency(
            account, month, {row[9] for row in line_rows} | {row[7] for row in part_rows}, counts
        )
        or currency
        or named.currency
    )
    digits = minor_digits(currency) if currency else _NO_CURRENCY_DIGITS
    lines = invoice_lines(line_rows, part_rows, cards, digits)

    subtotal = add((line.amount for line in lines), digits)
    exact_units = sum(int(row[2]) for row in counts)
    tax = tax_lines(terms.tax, subtotal, digits)
    unpriced = _unpriced(con, account, key)
    used = tuple(CardUsed(*row[:8]) for row in card_rows)
    seller, buyer = _parties(terms, kind, side, used or (named,))
    return check(
        Invoice(
            kind=kind,
            side=side,
            account=account.name,
            title=account.title or account.name,
            month=month,
            period_start=first,
            period_end=last,
            timezone=terms.timezone,
            currency=currency,
            language=language.code,
            seller=seller,
            buyer=buyer,
            payment_terms_days=account.invoice.payment_terms_days,
            lines=lines,
            subtotal=subtotal,
            taxes=tax,
            total=add([subtotal, *(one.amount for one in tax)]),
            exact_units=exact_units,
            rounding_drift=amount_of(units_of(subtotal) - exact_units),
            calls=sum(row[1] for row in counts) + unpriced.by_status.get(NO_SELL_CARD, 0),
            unanswered=sum(row[1] for row in counts if row[0] == "unanswered"),
            billed_seconds=sum(line.billed_seconds for line in lines),
            unpriced=unpriced,
            flags=dict(_fetch(con, _FLAGS, key)),
            cards=used,
            one_of_several=bool(only),
        )
    )


def _unpriced(con: DuckDBPyConnection, account: Account, key: Mapping[str, Any]) -> Unpriced:
    """List the calls without an amount; on the sale side also those that no sell card prices."""
    spans = zone_spans(account.timezone, [(t.from_on, t.timezone) for t in account.terms])
    rows = _fetch(con, _sql("unpriced"), key)
    told_here = not key["only"] or _NO_CURRENCY in key["only"]
    if told_here and key["side"] == "sale" and account.sell_card is None and account.terms:
        rows += _fetch(con, _sql("unsold"), {name: key[name] for name in ("account", "month")})
    calls = tuple(
        UnpricedCall(call_id, status, direction, country, _local(at_s, spans))
        for call_id, status, direction, country, at_s in rows
    )
    by_status: dict[str, int] = {}
    for call in calls:
        by_status[call.status] = by_status.get(call.status, 0) + 1
    return Unpriced(by_status, calls)


def _local(at_s: int | None, spans: Sequence[Span]) -> str:
    """Write an instant on the clocks of the zone in force at it."""
    return "" if at_s is None else local_datetime(zone_at(spans, at_s), at_s).isoformat()


def _currency(
    account: Account, month: str, billed: set[str | None], counts: Sequence[Sequence[Any]]
) -> str:
    """Return the one currency of the month's lines, else of its other calls, else ""."""
    known = sorted(code for code in billed if code)
    if len(known) > 1:
        raise CurrencyMismatchError(
            f"account {account.name!r} has charges in {' and '.join(known)} in {month}",
            hint="an invoice has one currency: begin the new card on the first day of a month",
        )
    return known[0] if known else next((row[3] for row in counts if row[3]), "")


def _named_card(con: DuckDBPyConnection, name: str | None) -> CardUsed:
    """Return the card of this name as this store last knew it: for a month without calls."""
    sql = """
        SELECT name, coalesce(nullif(title, ''), name), status, checksum, coalesce(source, ''),
            retrieved, 0, currency
        FROM cards WHERE name = $card ORDER BY first_used_at DESC, checksum LIMIT 1
    """
    found = _fetch(con, sql, {"card": name or ""})
    return CardUsed(*found[0]) if found else CardUsed(name or "", name or "", "", "", "", None, 0)


def _parties(
    account: _Terms, kind: str, side: str, cards: Sequence[CardUsed]
) -> tuple[Party | None, Party | None]:
    """Return who is printed as seller and buyer.

    `seller` and `buyer` of an account that resells are the two sides of the sale. What *its*
    supplier should bill is owed by the seller, and the supplier is known by its card alone.
    """
    seller, buyer = account.seller, account.buyer
    if side == "cost" and account.sell_card:
        seller, buyer = None, account.seller
    if kind == "expected" and seller is None:
        seller = Party(" / ".join(dict.fromkeys(card.title for card in cards)))
    return seller, buyer or Party(account.title or account.name)


class _Terms(NamedTuple):
    """What holds for an account on a day."""

    name: str
    title: str
    card: str
    sell_card: str | None
    timezone: str
    tax: tuple[Tax, ...]
    seller: Party | None
    buyer: Party | None


def _on(account: Account, day: date) -> _Terms:
    """Return the terms in force on a day: the month's last decides for the month."""
    held = _Terms(
        account.name,
        account.title,
        account.card,
        account.sell_card,
        account.timezone,
        tuple(account.tax),
        account.seller,
        account.buyer,
    )
    for term in account.terms:
        if term.from_on <= day:
            told = {part: getattr(term, part) for part in ("card", "sell_card", "timezone", "tax")}
            held = held._replace(**{part: new for part, new in told.items() if new is not None})
    return held


def _period(month: str) -> tuple[date, date]:
    if not _MONTH.fullmatch(month):
        raise InputError(f"{month!r} is no month", hint="write it as 2026-10")
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def _one_of(word: str, known: Sequence[str], what: str) -> str:
    if word not in known:
        raise ConfigError(f"{word!r} is no {what}", hint=nearest(word, known, what))
    return word


def _fetch(con: DuckDBPyConnection, sql: str, key: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    return con.execute(sql, dict(key)).fetchall()


@cache
def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
