"""What a document says in the terms of EN 16931, the European standard for electronic invoices.

The standard has one value added tax (VAT) category on each line. A document of ours has taxes on
the sum of its lines: one tax, or several taxes of the standard rate, are the rate that they come to
together, and a note names each. Where a document says what the standard cannot, or keeps silent
about what it asks for, `why_not` says so, one sentence for each reason; nothing is made up.

Rules are named as in the official Schematron: BR-DEC-23, BR-CO-17.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from wacost.billing.exact import add, subtract
from wacost.billing.records import TaxLine
from wacost.billing.tax import percent_of
from wacost.dialplan import checked_country
from wacost.errors import InputError
from wacost.money import decimal_of, parse_nanos, plain, trimmed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wacost.billing.invoice import Invoice
    from wacost.config.model import Party

FORMAT: Final = "ubl"
"""What the format is called that is written by these rules."""
PLACES: Final = 2
"""Decimals that an amount may have: BR-DEC-01 to 28."""
TAXED: Final = ("S", "L", "M")
"""Categories with a rate: standard, Canary Islands (IGIC), Ceuta and Melilla (IPSI)."""
REASONED: Final = ("E", "AE", "K", "G", "O")
"""Categories that say why nothing is charged: BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10."""
_BESIDE: Final = ("E", "Z")
"""What may stand beside a taxed category: of that other tax nothing is due, and a note says so."""
_VAT_ID_OF_SELLER: Final = ("K", "G")
_ID_OF_BUYER: Final = ("K", "AE")
_OTHER_PREFIX: Final = {"GR": "EL", "GB": "XI"}


@dataclass(frozen=True, slots=True)
class TaxCategory:
    """The one category of a document's lines.

    Attributes:
        code: S, Z, E, AE, K, G, O, L or M.
        percent: its rate, or the sum of several; None: outside the scope of tax.
        reason: why nothing is charged; "" where something is.
    """

    code: str
    percent: Decimal | None
    reason: str = ""


def why_not(invoice: Invoice, *, final: bool = True) -> list[str]:
    """Say why a document cannot be written as an electronic invoice: one sentence a reason.

    Args:
        invoice: a draft, or a final document.
        final: a draft is refused because it has no number; False: it is about to get one.
    """
    if invoice.kind != "customer":
        return [_NOT_SOLD[invoice.kind]]
    key = f"accounts.{invoice.account}"
    return [
        *(["a draft has no number"] if final and not invoice.number else []),
        *([] if invoice.currency else ["its currency is not known"]),
        *(["it has no line"] if invoice.is_empty else []),
        *_why_not_parties(invoice, key),
        *_why_not_taxes(invoice, key),
        *_why_not_amounts(invoice),
        *_why_not_payment(invoice, key),
    ]


_NOT_SOLD: Final = {
    "expected": "an expected bill tells what the supplier should bill: nothing is sold with it",
    "chargeback": "an internal charge divides costs inside a company: nothing is sold with it",
}


def refuse(invoice: Invoice) -> None:
    """Refuse a document that cannot be written as an electronic invoice.

    Raises:
        InputError: with every reason.
    """
    if reasons := why_not(invoice):
        name = invoice.number or f"{invoice.account} for {invoice.month}"
        raise InputError(
            f"{name} cannot be an electronic invoice (EN 16931): {'; '.join(reasons)}",
            hint=_hint(invoice),
        )


def _hint(invoice: Invoice) -> str:
    if invoice.kind != "customer":
        return "documents for a customer can: --kind customer; write this one as pdf, csv or json"
    if not invoice.final:
        return "issue it with --final --format pdf,ubl; until then write pdf, csv or json"
    return "what is final keeps its parties, taxes and amounts: write it as pdf, csv or json"


# -- parties ---------------------------------------------------------------------------------


def _why_not_parties(invoice: Invoice, key: str) -> Iterator[str]:
    for role, party in (("seller", invoice.seller), ("buyer", invoice.buyer)):
        if party is None or not party.name.strip():
            yield f"{key}.{role} has no name"
        elif not party.country:
            yield f"{key}.{role} has no country"
        elif not _is_country(party.country):
            yield f"{key}.{role}.country {party.country} is no country of ISO 3166 (BR-CL-14)"
    codes = {tax.category for tax in invoice.taxes}
    seller, buyer = invoice.seller, invoice.buyer
    if seller and not seller.tax_id.strip():
        yield f"{key}.seller has no tax_id"
    elif seller and codes.intersection(_VAT_ID_OF_SELLER) and not is_vat_id(seller):
        yield f"{key}.seller.tax_id is no VAT number: it would begin with {prefix_of(seller)}"
    if buyer and codes.intersection(_ID_OF_BUYER) and not buyer.tax_id.strip():
        yield f"{key}.buyer has no tax_id"
    elif buyer and "K" in codes and not is_vat_id(buyer):
        yield f"{key}.buyer.tax_id is no VAT number: it would begin with {prefix_of(buyer)}"


def _is_country(code: str) -> bool:
    try:
        checked_country(code)
    except InputError:
        return False
    return True


def prefix_of(party: Party) -> str:
    """Return what a party's VAT number begins with: BR-CO-09."""
    return _OTHER_PREFIX.get(party.country, party.country)


def is_vat_id(party: Party) -> bool:
    """Tell a VAT number: it begins with the country, as DE123456789.

    >>> from wacost.config.model import Party
    >>> is_vat_id(Party("A", "ATU12345678", (), "AT")), is_vat_id(Party("A", "U123", (), "AT"))
    (True, False)
    """
    return bool(party.country) and party.tax_id.strip().upper().startswith(
        (prefix_of(party), party.country)
    )


# -- taxes -----------------------------------------------------------------------------------


def category_of(taxes: Sequence[TaxLine]) -> TaxCategory:
    """Return the category of a document that `why_not` has nothing against.

    >>> one = TaxLine("CGST", "S", "9.00", "", Decimal(100), Decimal(9))
    >>> category_of([one, one]).percent
    Decimal('18')
    """
    taxed = [tax for tax in taxes if tax.category in TAXED]
    told = taxed or list(taxes)
    code = told[0].category
    percent = None if code == "O" else _sum_of(tax.percent for tax in told)
    reasons = dict.fromkeys(tax.reason.strip() for tax in told if tax.reason.strip())
    return TaxCategory(code, percent, "; ".join(reasons) if code in REASONED else "")


def _sum_of(percents: Iterable[str]) -> Decimal:
    return trimmed(add(decimal_of(parse_nanos(one)) for one in percents))


def _why_not_taxes(invoice: Invoice, key: str) -> Iterator[str]:
    taxes = invoice.taxes
    if not taxes:
        yield f'{key}.tax is not set: where none is due, say so with category "Z", "E" or "O"'
        return
    codes = list(dict.fromkeys(tax.category for tax in taxes))
    taxed = [code for code in codes if code in TAXED]
    apart = [code for code in codes if code not in _BESIDE] if taxed else codes
    if len(apart) > 1:
        told = " and ".join(apart)
        yield f"{key}.tax has categories {told}: EN 16931 has one category on a line"
        return
    yield from (
        f"{key}.tax {tax.name!r} has category {tax.category} and no reason"
        for tax in taxes
        if tax.category in REASONED and not tax.reason.strip()
    )
    category = category_of(taxes)
    if category.code == "S" and not category.percent:
        yield f'{key}.tax has category "S" and 0 %: a sum at a rate of zero is category "Z"'
    elif taxed and not _is_near(invoice, category):
        percent = plain(category.percent or _ZERO)
        yield (
            f"the taxes come to {plain(invoice.tax)} and not to {percent} % of"
            f" {plain(invoice.subtotal)}: too far apart for BR-CO-17"
        )


_ZERO: Final = Decimal(0)
_TAKEN_FOR_NONE: Final = Decimal("0.5")


def _is_near(invoice: Invoice, category: TaxCategory) -> bool:
    """Return whether the tax is what its rate makes, as BR-CO-17 and BR-S-09 reckon it.

    They allow less than one unit of the currency either way, and take a rate below 0.5 for none.
    """
    percent = category.percent or _ZERO
    if percent < _TAKEN_FOR_NONE:
        return abs(invoice.tax) < _TAKEN_FOR_NONE
    made = percent_of(abs(invoice.subtotal), plain(percent), PLACES)
    return abs(subtract(made, abs(invoice.tax))) < 1


# -- amounts ---------------------------------------------------------------------------------


def _why_not_amounts(invoice: Invoice) -> Iterator[str]:
    told = [
        *(line.amount for line in invoice.told),
        *(item.amount for item in invoice.items),
        *(tax.amount for tax in invoice.taxes),
        *(invoice.subtotal, invoice.total),
    ]
    fine = [amount for amount in told if -int(trimmed(amount).as_tuple().exponent) > PLACES]
    if fine:
        yield (
            f"{plain(trimmed(fine[0]))} {invoice.currency} has more than two decimals, which"
            " EN 16931 does not allow (BR-DEC-23)"
        )


def _why_not_payment(invoice: Invoice, key: str) -> Iterator[str]:
    if invoice.total > 0 and invoice.payment_terms_days is None:
        yield f"{key}.invoice.payment_terms_days is not set: a sum to be paid has its day"
