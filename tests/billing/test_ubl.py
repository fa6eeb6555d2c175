"""An electronic invoice is what EN 16931 asks for, says what the document says, or is refused."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from xml.etree import ElementTree as ET

import pytest
from billing.books import Account, Books, Party, Settings, Tax
from billing.official import needed, problems
from billing.sold import IN_AUSTRIA, IN_GERMANY, WANTED, drawn

from wacost.billing import correct, draft_invoice, issue, write_invoice
from wacost.billing.documents.ubl import invoice_ubl
from wacost.billing.terms import terms_of
from wacost.errors import InputError, RefusedError

DRAWN = 60
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
VAT = Tax("VAT", "S", "19.00")
SOLD = Account(
    seller=IN_GERMANY,
    buyer=IN_AUSTRIA,
    tax=(VAT,),
    invoice=Settings("customer", payment_terms_days=15),
)


def month(books: Books, **facts) -> Books:
    books.card(status="contract", **facts)
    for seconds in (60, 66, 126):
        books.call(seconds=seconds, rate="10.80", currency=facts.get("currency", "USD"))
    return books


def issued(books: Books, account: Account = SOLD):
    return issue(books.con, [account], "2026-10", WANTED).new[0]


def tree(document: bytes) -> ET.Element:
    return ET.fromstring(document)  # noqa: S314 - our own


def amount(node: ET.Element, path: str) -> Decimal:
    found = node.findall(path, NAMES)
    assert len(found) == 1, path
    return Decimal(found[0].text or "")


@pytest.mark.parametrize(
    ("worlds", "least"), [(12, 3), pytest.param(48, 100, marks=pytest.mark.full)]
)
def test_documents_of_all_kinds_pass_the_official_rules_and_add_up_as_written(books, worlds, least):
    needed()
    kinds: Counter[str] = Counter()
    for seed in range(worlds):
        books.empty()
        for invoice in drawn(books, seed):
            kinds[invoice.type] += 1
            document = invoice_ubl(invoice)
            assert problems(document) == [], (seed, invoice.number)
            check_sums(invoice, tree(document))
    assert sum(kinds.values()) >= least
    assert len(kinds) == 3


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        (r"(TaxInclusiveAmount[^>]*>)\d+", "BR-CO-15"),
        (r"(cac:LegalMonetaryTotal>\s*<cbc:LineExtensionAmount[^>]*>)\d+", "BR-CO-10"),
        (r"(PayableAmount[^>]*>)\d+", "BR-CO-16"),
        (r"(TaxableAmount[^>]*>)\d+", "BR-S-08"),
    ],
)
def test_the_official_rules_catch_a_wrong_sum(books, changed, rule):
    needed()
    document = invoice_ubl(issued(month(books))).decode()
    wrong = re.sub(changed, r"\g<1>999", document, count=1)
    assert wrong != document
    assert rule in {one.partition(":")[0] for one in problems(wrong.encode())}


def test_the_official_rules_see_an_element_that_is_out_of_place(books):
    needed()
    document = invoice_ubl(issued(month(books))).decode()
    assert problems(document.replace("cbc:IssueDate", "cbc:DueDate").encode())


def check_sums(invoice, root: ET.Element) -> None:
    """Law 3, read back: lines, allowances, subtotal, tax, total, and what each line is made of."""
    sign = -1 if invoice.type == "credit_note" else 1
    lines = [*root.findall("cac:InvoiceLine", NAMES), *root.findall("cac:CreditNoteLine", NAMES)]
    nets = [amount(line, "cbc:LineExtensionAmount") for line in lines]
    parts = [signed(one) for one in root.findall("cac:AllowanceCharge", NAMES)]
    total = root.find("cac:LegalMonetaryTotal", NAMES)
    assert total is not None
    assert sum(nets) == amount(total, "cbc:LineExtensionAmount")
    subtotal = amount(total, "cbc:TaxExclusiveAmount")
    assert sum(nets) + sum(parts) == subtotal == sign * invoice.subtotal
    tax = amount(root, "cac:TaxTotal/cbc:TaxAmount")
    assert tax == sign * sum(one.amount for one in invoice.taxes)
    assert subtotal + tax == amount(total, "cbc:PayableAmount") == sign * invoice.total
    for line, net in zip(lines, nets, strict=True):
        check_line(line, net)


def check_line(line: ET.Element, net: Decimal) -> None:
    quantity = next(one for one in line if one.tag.endswith("Quantity"))
    base = line.findall("cac:Price/cbc:BaseQuantity", NAMES)
    per = Decimal(base[0].text or "") if base else 1
    price = amount(line, "cac:Price/cbc:PriceAmount")
    cent = Decimal(1).scaleb(net.as_tuple().exponent)
    made = (Decimal(quantity.text or "") * price / per).quantize(cent, ROUND_HALF_UP)
    assert made + sum(signed(one) for one in line.findall("cac:AllowanceCharge", NAMES)) == net


def signed(part: ET.Element) -> Decimal:
    charge = part.findtext("cbc:ChargeIndicator", namespaces=NAMES) == "true"
    return amount(part, "cbc:Amount") * (1 if charge else -1)


def test_a_line_is_minutes_at_the_price_of_a_minute(books):
    books.card(status="contract")
    books.call(seconds=66, rate="0.0108")
    books.call(seconds=61, rate="0.5", country="PT", market="Rest")
    root = tree(invoice_ubl(issued(books)))
    told = [
        (one.get("unitCode"), one.text)
        for one in root.iter()
        if one.tag.endswith(("InvoicedQuantity", "BaseQuantity"))
    ]
    assert told == [("MIN", "1.1"), ("SEC", "61"), ("SEC", "60")]
    assert [one.text for one in root.findall(".//cbc:PriceAmount", NAMES)] == ["0.0108", "0.5"]
    names = [one.text for one in root.findall(".//cac:Item/cbc:Name", NAMES)]
    assert names == ["Outbound calls · Brazil", "Outbound calls · Portugal"]


def test_a_credit_note_names_what_it_corrects_and_gives_back_positive_amounts(books):
    first = issued(month(books))
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'wacid.000003'")
    (made,) = correct(books.con, [SOLD], "2026-10", WANTED).new
    root = tree(invoice_ubl(made))
    assert root.tag.endswith("}CreditNote")
    assert root.findtext("cbc:CreditNoteTypeCode", namespaces=NAMES) == "381"
    told = root.findtext("cac:BillingReference/cac:InvoiceDocumentReference/cbc:ID", None, NAMES)
    assert told == first.number
    assert amount(root, "cac:LegalMonetaryTotal/cbc:PayableAmount") == Decimal("26.99")
    assert made.total == Decimal("-26.99")


def test_several_taxes_are_one_rate_and_a_note_names_each(books):
    two = (Tax("CGST", "S", "9.00"), Tax("SGST", "S", "9.00"))
    root = tree(invoice_ubl(issued(month(books), replace(SOLD, tax=two))))
    assert {one.text for one in root.findall(".//cbc:Percent", NAMES)} == {"18"}
    notes = [one.text or "" for one in root.findall("cbc:Note", NAMES)]
    assert [note.partition(" ")[0] for note in notes[:2]] == ["CGST", "SGST"]


def refusal(books: Books, account: Account) -> str:
    with pytest.raises(InputError, match=r"cannot be an electronic invoice") as caught:
        invoice_ubl(issued(month(books), account))
    assert "pdf" in caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (replace(SOLD, buyer=Party("Acme")), "accounts.acme.buyer has no country"),
        (replace(SOLD, buyer=None), "accounts.acme.buyer has no country"),
        (replace(SOLD, seller=None), "accounts.acme.seller has no name"),
        (replace(SOLD, buyer=replace(IN_AUSTRIA, country="ZZ")), "buyer.country ZZ is no country"),
        (
            replace(SOLD, seller=replace(IN_GERMANY, tax_id="")),
            "accounts.acme.seller has no tax_id",
        ),
        (replace(SOLD, tax=()), "accounts.acme.tax is not set: where none is due, say so with"),
        (replace(SOLD, tax=(replace(VAT, percent="0"),)), 'category is "Z"'),
        (
            replace(SOLD, tax=(VAT, Tax("X", "AE", "0", "why"))),
            "categories S and AE: EN 16931 has one category on a line",
        ),
        (
            replace(SOLD, tax=(Tax("VAT", "K", "0"),)),
            "'VAT' has category K and no reason",
        ),
        (
            replace(SOLD, tax=(Tax("VAT", "G", "0", "x"),), seller=replace(IN_GERMANY, tax_id="1")),
            "accounts.acme.seller.tax_id is no VAT number: it would begin with DE",
        ),
        (
            replace(SOLD, tax=(Tax("VAT", "AE", "0", "x"),), buyer=replace(IN_AUSTRIA, tax_id=" ")),
            "accounts.acme.buyer has no tax_id",
        ),
        (
            replace(SOLD, invoice=Settings("customer")),
            "accounts.acme.invoice.payment_terms_days is not set",
        ),
    ],
)
def test_what_en_16931_asks_for_is_named_where_it_is_lacking(books, account, said):
    if account.tax and account.tax[0].percent == "0" and account.tax[0].category == "S":
        said = "a sum at a rate of zero"
    assert said in refusal(books, account)


@pytest.mark.parametrize("kind", ["expected", "chargeback"])
def test_only_documents_for_a_customer_are_electronic_invoices(books, kind):
    draft = draft_invoice(month(books).con, SOLD, "2026-10", kind=kind)
    with pytest.raises(InputError, match="nothing is sold with it"):
        invoice_ubl(draft)


def test_a_draft_has_no_number_and_is_refused(books, tmp_path):
    draft = draft_invoice(month(books).con, SOLD, "2026-10")
    with pytest.raises(InputError, match="a draft has no number") as caught:
        write_invoice(draft, tmp_path, ["csv", "ubl"])
    assert "--final --format pdf,ubl" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_third_decimal_is_refused_with_the_rule_that_forbids_it(books):
    books.card(status="contract", currency="KWD")
    books.call(seconds=60, rate="1.234", currency="KWD")
    with pytest.raises(InputError, match=r"1\.234 KWD has more than two decimals.*BR-DEC-23"):
        invoice_ubl(issued(books))


def test_three_digits_of_which_the_last_is_zero_are_two(books):
    needed()
    books.card(status="contract", currency="KWD")
    books.call(seconds=60, rate="12", currency="KWD")
    document = invoice_ubl(issued(books))
    assert problems(document) == []
    assert b'<cbc:PayableAmount currencyID="KWD">14.28</cbc:PayableAmount>' in document


def test_a_rate_of_tax_so_low_that_the_rules_take_it_for_none_is_refused(books):
    needed()
    books.card(status="contract")
    books.call(seconds=60, rate="1000")
    low = replace(SOLD, tax=(Tax("Levy", "S", "0.38"),))
    invoice = issued(books, low)
    with pytest.raises(InputError, match=r"the taxes come to 3\.80.*BR-CO-17"):
        invoice_ubl(invoice)


def test_a_document_that_is_wanted_electronic_and_can_never_be_is_not_issued(books):
    bare = replace(SOLD, buyer=Party("Acme"))
    wanted = replace(WANTED, formats=("pdf", "ubl"))
    with pytest.raises(RefusedError, match=r"accounts\.acme\.buyer has no country"):
        issue(month(books).con, [bare], "2026-10", wanted)
    assert books.con.execute("SELECT count(*) FROM invoices").fetchall() == [(0,)]
    (made,) = issue(books.con, [SOLD], "2026-10", wanted).new
    assert made.number == "INV-2026-000001"


def test_no_name_breaks_the_xml(books):
    needed()
    names = ["<b>x</b>", "a\x00\x1b[31m\nc", "]]>", "&amp;", "🚀", "\u202eb", "#AAA#"]
    for name in names:
        books.empty()
        account = replace(SOLD, buyer=replace(IN_AUSTRIA, name=name, address=(name,) * 5))
        document = invoice_ubl(issued(month(books), account))
        assert problems(document) == []


def test_the_file_ends_in_xml_and_its_bytes_are_always_the_same(books, tmp_path):
    invoice = issued(month(books))
    (path,) = write_invoice(invoice, tmp_path, ["ubl"])
    assert path.name == "INV-2026-000001.xml"
    assert path.read_bytes() == invoice_ubl(invoice)
    assert terms_of(SOLD, "2026-10").kind == "customer"
