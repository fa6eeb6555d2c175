"""A document for a customer as an electronic invoice: EN 16931 in the syntax of UBL 2.1.

An invoice and a supplement are an `Invoice` (380), a credit note is a `CreditNote` (381) that names
the document it corrects. Amounts have the currency's minor unit, at most two decimals. What cannot
be said in EN 16931 is refused, with the reasons: see `en16931.why_not`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from wacost.billing import wording
from wacost.billing.documents.electronic import parts, places_of, rows
from wacost.billing.documents.en16931 import category_of, is_vat_id, refuse
from wacost.billing.documents.notes import notes
from wacost.billing.exact import add, at_places
from wacost.language import Language
from wacost.money import plain, trimmed

if TYPE_CHECKING:
    from wacost.billing.documents.electronic import Row
    from wacost.billing.documents.en16931 import TaxCategory
    from wacost.billing.invoice import Invoice
    from wacost.config.model import Party

CUSTOMIZATION: Final = "urn:cen.eu:en16931:2017"
"""BT-24: the rules that the document follows: EN 16931 itself, no country's own on top."""
_SPACES: Final = {
    "xmlns:cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "xmlns:cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
_ROOT: Final = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAIL: Final = re.compile(r"\S+@\S+")
_ROUNDING: Final = wording.ITEMS["remainder"]
_KOSOVO: Final = "1A"
_STREETS: Final = ("StreetName", "AdditionalStreetName")


def invoice_ubl(invoice: Invoice) -> bytes:
    """Write a document as UBL 2.1: UTF-8, indented, the same bytes for the same document.

    Raises:
        InputError: it is a draft, is not for a customer, or cannot be said in EN 16931.
    """
    refuse(invoice)
    return _Document(invoice).written()


class _Document:
    """One document on its way to XML. Elements stand in the order of the UBL schema."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.credits = invoice.type == "credit_note"
        self.language = Language.of(invoice.language)
        self.category = category_of(invoice.taxes)
        self.places = places_of(invoice)
        self.rows = rows(invoice, self.language)
        self.parts = parts(invoice, self.language)
        self.name = "CreditNote" if self.credits else "Invoice"
        self.root = ET.Element(self.name, {"xmlns": _ROOT.format(self.name), **_SPACES})

    def written(self) -> bytes:
        """Return the bytes."""
        self.head()
        self.parties()
        self.terms()
        for part in self.parts:
            self.allowance(self.root, part.reason, part.amount, part.code, self.category)
        self.taxes()
        self.totals()
        for place, row in enumerate(self.rows, start=1):
            self.line(place, row)
        ET.indent(self.root)
        text = ET.tostring(self.root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()

    # -- small things --------------------------------------------------------------------------

    def text(self, parent: ET.Element, name: str, value: object, **told: str) -> None:
        """Add an element with a text that XML can hold."""
        clean = " ".join(_NOT_XML.sub("\ufffd", str(value)).split())
        ET.SubElement(parent, f"cbc:{name}", told).text = clean

    def group(self, parent: ET.Element, *names: str) -> ET.Element:
        """Add elements within each other; return the innermost."""
        for name in names:
            parent = ET.SubElement(parent, f"cac:{name}")
        return parent

    def amount(self, parent: ET.Element, name: str, value: Decimal) -> None:
        """Add an amount with its currency."""
        needed = -int(trimmed(value).as_tuple().exponent)
        shown = plain(at_places(value, max(self.places, needed)))
        self.text(parent, name, shown, currencyID=self.invoice.currency)

    def turned(self, value: Decimal) -> Decimal:
        """Return a sum with the sign that the document gives it."""
        return -value if self.credits else value

    # -- head ----------------------------------------------------------------------------------

    def head(self) -> None:
        """Add what the document is: number, dates, currency, month, and what it corrects."""
        invoice, root = self.invoice, self.root
        self.text(root, "CustomizationID", CUSTOMIZATION)
        self.text(root, "ID", invoice.number)
        self.text(root, "IssueDate", invoice.issued_on)
        if invoice.due_on and not self.credits:
            self.text(root, "DueDate", invoice.due_on)
        self.text(root, f"{self.name}TypeCode", "381" if self.credits else "380")
        for note in self.notes():
            self.text(root, "Note", note.replace("#", "＃"))  # BR-CL-08: #…# is a code
        self.text(root, "DocumentCurrencyCode", invoice.currency)
        period = self.group(root, "InvoicePeriod")
        self.text(period, "StartDate", invoice.period_start)
        self.text(period, "EndDate", invoice.period_end)
        if invoice.corrects:
            told = self.group(root, "BillingReference", "InvoiceDocumentReference")
            self.text(told, "ID", invoice.corrects)

    def notes(self) -> list[str]:
        """Return the taxes by their own names, and everything that is not certain."""
        taxes = [
            f"{tax.name} · {self.language.percent(Decimal(tax.percent))}:"
            f" {self.language.money(self.turned(tax.amount), self.invoice.currency)}"
            + (f" · {tax.reason}" if tax.reason else "")
            for tax in self.invoice.taxes
        ]
        return [*taxes, *notes(self.invoice, self.language)]

    # -- who -----------------------------------------------------------------------------------

    def parties(self) -> None:
        """Add seller and buyer, and where an intra-community supply is taken to (BR-IC-12)."""
        seller, buyer = self.invoice.seller, self.invoice.buyer
        if seller and buyer:
            self.party("AccountingSupplierParty", seller, tax_number=True)
            self.party("AccountingCustomerParty", buyer, tax_number=False)
            if self.category.code == "K":
                place = self.group(self.root, "Delivery", "DeliveryLocation", "Address", "Country")
                self.text(place, "IdentificationCode", _country(buyer))

    def party(self, role: str, party: Party, *, tax_number: bool) -> None:
        """Add a party; outside the scope of tax its number is no VAT number (BR-O-02)."""
        told = self.group(self.root, role, "Party")
        number = party.tax_id.strip()
        vat = is_vat_id(party) and self.category.code != "O"
        if mail := _MAIL.fullmatch(party.email.strip()):
            self.text(told, "EndpointID", mail[0], schemeID="EM")
        self.address(self.group(told, "PostalAddress"), party)
        if number and (vat or tax_number):
            scheme = self.group(told, "PartyTaxScheme")
            self.text(scheme, "CompanyID", number)
            self.text(self.group(scheme, "TaxScheme"), "ID", "VAT" if vat else "TAX")
        legal = self.group(told, "PartyLegalEntity")
        self.text(legal, "RegistrationName", party.name)
        if number and not vat:
            self.text(legal, "CompanyID", number)
        if mail:
            self.text(self.group(told, "Contact"), "ElectronicMail", mail[0])

    def address(self, told: ET.Element, party: Party) -> None:
        """Add an address: its lines, all that are more than two in the third, and the country."""
        lines = [line for line in party.address if line.strip()]
        for name, line in zip(_STREETS, lines, strict=False):
            self.text(told, name, line)
        if rest := lines[len(_STREETS) :]:
            self.text(self.group(told, "AddressLine"), "Line", ", ".join(rest))
        self.text(self.group(told, "Country"), "IdentificationCode", _country(party))

    def terms(self) -> None:
        """Add when it is to be paid; of a credit note, that nothing is."""
        said = ""
        if self.credits:
            said = self.language.say(
                "Nothing is to be paid: this lowers {number}.", number=self.invoice.corrects
            )
        elif self.invoice.payment_terms_days is not None:
            days = self.invoice.payment_terms_days
            told = self.language.say_n("{number} day", "{number} days", days)
            said = f"{self.language.say('Payment terms')}: {told}"
        if said:
            self.text(self.group(self.root, "PaymentTerms"), "Note", said)

    # -- sums ----------------------------------------------------------------------------------

    def allowance(
        self,
        parent: ET.Element,
        reason: str,
        amount: Decimal,
        code: str = "",
        category: TaxCategory | None = None,
    ) -> None:
        """Add what is taken off (below zero) or added."""
        told = self.group(parent, "AllowanceCharge")
        self.text(told, "ChargeIndicator", "true" if amount > 0 else "false")
        if code and amount < 0:
            self.text(told, "AllowanceChargeReasonCode", code)
        self.text(told, "AllowanceChargeReason", reason)
        self.amount(told, "Amount", abs(amount))
        if category:
            self.tax_category(told, "TaxCategory", category)

    def tax_category(
        self, parent: ET.Element, name: str, category: TaxCategory, *, reason: bool = False
    ) -> None:
        """Add a tax category, in the breakdown with its reason."""
        told = self.group(parent, name)
        self.text(told, "ID", category.code)
        if category.percent is not None:
            self.text(told, "Percent", plain(category.percent))
        if reason and category.reason:
            self.text(told, "TaxExemptionReason", category.reason)
        self.text(self.group(told, "TaxScheme"), "ID", "VAT")

    def taxes(self) -> None:
        """Add the tax, and its breakdown by category: there is one."""
        tax = self.turned(self.invoice.tax)
        total = self.group(self.root, "TaxTotal")
        self.amount(total, "TaxAmount", tax)
        told = self.group(total, "TaxSubtotal")
        self.amount(told, "TaxableAmount", self.turned(self.invoice.subtotal))
        self.amount(told, "TaxAmount", tax)
        self.tax_category(told, "TaxCategory", self.category, reason=True)

    def totals(self) -> None:
        """Add the sums, in the order in which they are worked out."""
        told = self.group(self.root, "LegalMonetaryTotal")
        less = [-part.amount for part in self.parts if part.amount <= 0]
        more = [part.amount for part in self.parts if part.amount > 0]
        total = self.turned(self.invoice.total)
        self.amount(told, "LineExtensionAmount", add(row.net for row in self.rows))
        self.amount(told, "TaxExclusiveAmount", self.turned(self.invoice.subtotal))
        self.amount(told, "TaxInclusiveAmount", total)
        if less:
            self.amount(told, "AllowanceTotalAmount", add(less))
        if more:
            self.amount(told, "ChargeTotalAmount", add(more))
        self.amount(told, "PayableAmount", total)

    def line(self, place: int, row: Row) -> None:
        """Add one line."""
        told = self.group(self.root, f"{self.name}Line")
        quantity = "CreditedQuantity" if self.credits else "InvoicedQuantity"
        self.text(told, "ID", place)
        self.text(told, quantity, plain(trimmed(row.quantity)), unitCode=row.unit)
        self.amount(told, "LineExtensionAmount", row.net)
        if row.adjustment:
            self.allowance(told, self.language.say(_ROUNDING), row.adjustment)
        item = self.group(told, "Item")
        if row.detail:
            self.text(item, "Description", row.detail)
        self.text(item, "Name", row.name)
        self.tax_category(item, "ClassifiedTaxCategory", self.category)
        price = self.group(told, "Price")
        self.text(price, "PriceAmount", plain(row.price), currencyID=self.invoice.currency)
        if row.per != 1:
            self.text(price, "BaseQuantity", row.per, unitCode=row.unit)


def _country(party: Party) -> str:
    """Return a party's country; the standard's list has Kosovo under a code of its own."""
    return _KOSOVO if party.country == "XK" else party.country
