"""What a document is made under besides its calls: parties, taxes, fees, zone and language.

A draft takes them from the settings of today; a final document keeps them, as plain values with
a hash, so that it can be computed again whatever the settings say later.
"""

from __future__ import annotations

import calendar
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wacost.billing.records import KINDS, SIDES
from wacost.config.model import Discount, Fee, IncludedMinutes, Party, Tax
from wacost.errors import ConfigError, InputError
from wacost.language import Language
from wacost.names import nearest
from wacost.zones import Span, zone_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wacost.config.model import Account

_D = TypeVar("_D", Discount, IncludedMinutes)
_MONTH: Final = re.compile(r"(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one document; the month's last day decides.

    Attributes:
        kind: expected, chargeback or customer.
        side: cost or sale.
        account: the account's name; `title` is its name for people.
        month: "2026-10"; `first_on` and `last_on` are its first and last local day.
        timezone: that of the last day; `zones` are the spans of time in which each zone holds.
        card: the card in force on the last day, on this side; "" where there is none.
        currency: of the document; "" until it is known.
        language: locale of the documents.
        seller: whoever `Account` names as the seller; None: not known.
        buyer: or None.
        payment_terms_days: or None.
        tax: the taxes in force on the last day.
        series: prefix of the numbers of final documents, "" where none is set.
        accept_cards: cards that a final document may rest on.
        policies: what the workspace decides where sources leave it open.
        resells: on the last day the account has a card of its own for its customer.
        sold_later: of the sale: a sell card came into force only at a term's date.
        fees: fixed costs in force on the last day.
        discounts: on the calls, in force on the last day.
        included_minutes: in force on the last day, in the order in which they are used up.
        minimum_charge: what the document comes to at least, before taxes.
        one_of_several: the month is billed in several currencies, each in its own document.
        cancels: the document gives back all that those before it bill.
    """

    kind: str
    side: str
    account: str
    title: str
    month: str
    first_on: date
    last_on: date
    timezone: str
    zones: tuple[Span, ...]
    card: str
    currency: str
    language: str
    seller: Party | None
    buyer: Party | None
    payment_terms_days: int | None
    tax: tuple[Tax, ...]
    series: str = ""
    accept_cards: tuple[str, ...] = ()
    policies: Mapping[str, Any] = field(default_factory=dict)
    resells: bool = False
    sold_later: bool = False
    fees: tuple[Fee, ...] = ()
    discounts: tuple[Discount, ...] = ()
    included_minutes: tuple[IncludedMinutes, ...] = ()
    minimum_charge: str = "0"
    one_of_several: bool = False
    cancels: bool = False

    def as_json(self) -> str:
        """Write the terms as canonical JSON; what cancels nothing does not speak of it."""
        told = asdict(self)
        if not self.cancels:
            del told["cancels"]
        return canonical(told)

    @property
    def checksum(self) -> str:
        """The hash of the terms: the same terms have the same one."""
        return digest(self.as_json())


def canonical(value: Any) -> str:
    """Write plain values as JSON in one way only: keys sorted, no spaces, dates ISO 8601.

    >>> canonical({"b": 1, "a": date(2026, 10, 1)})
    '{"a":"2026-10-01","b":1}'
    """
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=date.isoformat
    )


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal.

    >>> digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def terms_from_json(text: str) -> Terms:
    """Read what `Terms.as_json` wrote."""
    read: dict[str, Any] = json.loads(text)
    known = {name: read[name] for name in (one.name for one in fields(Terms)) if name in read}
    made = {
        "first_on": date.fromisoformat(read["first_on"]),
        "last_on": date.fromisoformat(read["last_on"]),
        "zones": tuple((begin, end, zone) for begin, end, zone in read["zones"]),
        "seller": party_of(read["seller"]),
        "buyer": party_of(read["buyer"]),
        "tax": tuple(Tax(**tax) for tax in read["tax"]),
        "accept_cards": tuple(read["accept_cards"]),
        "fees": tuple(Fee(**fee) for fee in read["fees"]),
        "discounts": tuple(Discount(**one) for one in read["discounts"]),
        "included_minutes": tuple(IncludedMinutes(**one) for one in read["included_minutes"]),
    }
    return Terms(**{**known, **made})


def party_of(read: Mapping[str, Any] | None) -> Party | None:
    """Return a party that was written as JSON."""
    return None if read is None else Party(**{**read, "address": tuple(read["address"])})


def terms_of(
    account: Account,
    month: str,
    *,
    kind: str | None = None,
    side: str = "cost",
    locale: str = "",
) -> Terms:
    """Return the terms of an account's document for a month, as the settings tell them now.

    Raises:
        InputError: an unknown kind, side or language, or a month that is none.
    """
    kind = _one_of(kind or account.invoice.kind or "expected", KINDS, "kind of invoice")
    side = _one_of(side, SIDES, "side")
    language = Language.of(locale or account.invoice.language or "en")
    first, last = period(month)
    held = in_force(account, last)
    resells = bool(held["sell_card"])
    seller, buyer = _parties(account, side, resells=resells)
    made = Terms(
        kind=kind,
        side=side,
        account=account.name,
        title=account.title or account.name,
        month=month,
        first_on=first,
        last_on=last,
        timezone=held["timezone"],
        zones=tuple(zone_spans(account.timezone, [(t.from_on, t.timezone) for t in account.terms])),
        card=held["sell_card" if side == "sale" else "card"] or "",
        currency="",
        language=language.code,
        seller=_party(seller),
        buyer=_party(buyer),
        payment_terms_days=account.invoice.payment_terms_days,
        tax=tuple(Tax(t.name, t.category, t.percent, t.reason) for t in held["tax"]),
        series=account.invoice.series if kind == account.invoice.kind else "",
        accept_cards=tuple(account.invoice.accept_cards),
        resells=resells,
        sold_later=side == "sale" and account.sell_card is None and bool(account.terms),
        fees=tuple(held["fees"]),
        discounts=_dateless(account.discounts, last),
        included_minutes=_dateless(account.included_minutes, last),
        minimum_charge=account.minimum_charge,
    )
    return without_extras(made) if side == "cost" and resells else made


def without_extras(terms: Terms) -> Terms:
    """Return the terms without what is agreed besides the price of calls.

    It is agreed with whoever is billed: where the account resells that is its customer, and its
    own supplier's bill has none of it. Of several documents of a month one has it.
    """
    return replace(terms, fees=(), discounts=(), included_minutes=(), minimum_charge="0")


def _dateless(told: Iterable[_D], day: date) -> tuple[_D, ...]:
    """Return what is in force on a day, without the days: they are no part of a document."""
    return tuple(
        replace(one, from_on=None, to_on=None)
        for one in told
        if (one.from_on is None or one.from_on <= day) and (one.to_on is None or day < one.to_on)
    )


def in_force(account: Account, day: date) -> dict[str, Any]:
    """Return what holds for an account on a local day: card, sell_card, timezone, tax, fees."""
    held = {part: getattr(account, part) for part in _CHANGING}
    for term in account.terms:
        if term.from_on <= day:
            told = {part: getattr(term, part) for part in _CHANGING}
            held |= {part: new for part, new in told.items() if new is not None}
    return held


_CHANGING: Final = ("card", "sell_card", "timezone", "tax", "fees")


def _parties(account: Account, side: str, *, resells: bool) -> tuple[Party | None, Party | None]:
    """Return who is printed as seller and buyer.

    `seller` and `buyer` of an account that resells are the two sides of the sale. What *its*
    supplier should bill is owed by the seller, and the supplier is known by its card alone.
    """
    seller, buyer = account.seller, account.buyer
    if side == "cost" and resells:
        seller, buyer = None, account.seller
    return seller, buyer or Party(account.title or account.name)


def _party(told: Party | None) -> Party | None:
    return told and Party(told.name, told.tax_id, tuple(told.address), told.country, told.email)


def with_policies(terms: Terms, policies: Mapping[str, Any]) -> Terms:
    """Return the terms with what the workspace decides where sources leave it open."""
    plain: dict[str, Any] = json.loads(canonical(policies))
    return replace(terms, policies=plain)


def period(month: str) -> tuple[date, date]:
    """Return the first and the last day of a month.

    >>> period("2026-02")[1]
    datetime.date(2026, 2, 28)

    Raises:
        InputError: the month is none.
    """
    if not _MONTH.fullmatch(month):
        raise InputError(f"{month!r} is no month", hint="write it as 2026-10")
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


def _one_of(word: str, known: Sequence[str], what: str) -> str:
    if word not in known:
        raise ConfigError(f"{word!r} is no {what}", hint=nearest(word, known, what))
    return word
