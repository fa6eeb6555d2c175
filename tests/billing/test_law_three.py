"""Law 3, read back from every document as written, of every kind that there is.

Σ calls + drift = Σ lines of calls; Σ all lines = subtotal; subtotal + tax = total.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import pytest
from billing.books import Account, Books
from billing.sold import drawn
from billing.test_annex import listed
from billing.test_documents import pdf_text
from billing.test_ubl import check_sums, tree
from billing.test_xlsx import sheets_of, table, written

from wacost.billing import Invoice, draft_invoice
from wacost.billing.documents.csv import invoice_csv
from wacost.billing.documents.json import invoice_json
from wacost.billing.documents.pdf import invoice_pdf
from wacost.billing.documents.ubl import invoice_ubl
from wacost.language import Language
from wacost.money import UNIT, amount_of


class Sums(NamedTuple):
    """What a document says: exact calls, drift, lines of calls, other lines, and the foot."""

    exact: Decimal
    drift: Decimal
    calls: Decimal
    others: Decimal
    subtotal: Decimal
    tax: Decimal
    total: Decimal

    def hold(self, invoice: Invoice) -> None:
        assert self.exact + self.drift == self.calls
        assert self.calls + self.others == self.subtotal == invoice.subtotal
        assert self.subtotal + self.tax == self.total == invoice.total


def added(amounts: list[str]) -> Decimal:
    return sum(map(Decimal, amounts), Decimal(0))


def of_calls(part: str) -> bool:
    """Tell what is a line of calls: what rounding leaves between two documents is one."""
    return part == "remainder"


def in_json(books: Books, invoice: Invoice) -> Sums:
    read = json.loads(invoice_json(invoice))
    rounding = [one["amount"] for one in read["items"] if of_calls(one["part"])]
    others = [one["amount"] for one in read["items"] if not of_calls(one["part"])]
    lines = [one["amount"] for one in (*read["lines"], *read["changes"])]
    foot = [Decimal(read[name]) for name in ("subtotal", "total")]
    taxes = added([one["amount"] for one in read["taxes"]])
    assert taxes == Decimal(read["tax"])
    units = sum(int(one["exact_units"]) for one in (*read["lines"], *read["changes"]))
    assert amount_of(units) == Decimal(read["exact"])
    return Sums(
        *(Decimal(read["exact"]), Decimal(read["rounding_drift"])),
        *(added([*lines, *rounding]), added(others), foot[0], taxes, foot[1]),
    )


def in_csv(books: Books, invoice: Invoice) -> Sums:
    found: dict[str, list[str]] = defaultdict(list)
    for row in csv.DictReader(io.StringIO(invoice_csv(invoice).decode())):
        rounds = row["record"] == "item" and of_calls(row["part"])
        found["change" if rounds else row["record"]].append(row["amount"])
    lines, others = found["line"] + found["change"], found["item"]
    sums = [added(found[name]) for name in ("subtotal", "tax", "total")]
    return Sums(added(found["exact"]), added(found["drift"]), added(lines), added(others), *sums)


def in_xlsx(books: Books, invoice: Invoice) -> Sums:
    sheets = sheets_of(written(books, replace(invoice, language="en")))
    lines, calls = table(sheets["Lines"]), table(sheets["Calls"])
    units = [int(str(row["Units of 1/60 nano"])) for row in calls if row["Units of 1/60 nano"]]
    amounts = [str(row["Amount"]) for row in lines]
    told = {str(row[0]): row[2] for row in sheets["Summary"] if row[0]}
    tax = sum((one.amount for one in invoice.taxes), Decimal(0))
    others = added([str(one.amount) for one in invoice.items if not of_calls(one.part)])
    return Sums(
        *(amount_of(sum(units)), invoice.rounding_drift, added(amounts) - others, others),
        *(added(amounts), tax, Decimal(str(told["Total"]))),
    )


def in_annex(books: Books, invoice: Invoice) -> Sums:
    rows = listed(books, invoice)
    foot = {row["record"]: Decimal(row["amount"]) for row in rows if row["record"] != "call"}
    units = sum(int(row["exact_units"] or 0) for row in rows if row["record"] == "call")
    assert amount_of(units) == foot["exact"]
    others = added([str(one.amount) for one in invoice.items if not of_calls(one.part)])
    sums = (invoice.subtotal, invoice.tax, invoice.total)
    return Sums(foot["exact"], foot["drift"], foot["lines"], others, *sums)


MACHINES: dict[str, Callable[[Books, Invoice], Sums]] = {
    "json": in_json,
    "csv": in_csv,
    "xlsx": in_xlsx,
    "annex": in_annex,
}


def in_pdf(invoice: Invoice) -> None:
    """What is printed is what adds up: every amount of it stands in the text of the pages."""
    language = Language.of(invoice.language)
    text = plainly(pdf_text(invoice_pdf(invoice)))
    sums = [invoice.subtotal, invoice.total, *(tax.amount for tax in invoice.taxes)]
    for amount in sums:
        assert plainly(language.money(amount, invoice.currency)) in text
    for item in invoice.items:
        assert plainly(language.decimal(item.amount)) in text
    for change in invoice.changes:
        assert plainly(language.decimal(change.amount)) in text
    for line in invoice.lines:
        if line.status == "rated":
            assert plainly(language.decimal(line.amount)) in text


def plainly(shown: str) -> str:
    return re.sub(r"[\s\u00a0\u202f]+", "", shown).replace("−", "-")


def documents(books: Books, seed: int) -> list[Invoice]:
    """Return documents of all kinds: final ones, and drafts of the month that they are of."""
    books.empty()
    found = drawn(books, seed)
    account = Account(tax=())
    kinds = ("expected", "chargeback", "customer")
    return found + [draft_invoice(books.con, account, "2026-10", kind=kind) for kind in kinds]


@pytest.mark.parametrize("worlds", [5, pytest.param(14, marks=pytest.mark.full)])
def test_the_sums_hold_in_every_document_as_written(books, worlds):
    kinds = set()
    for seed in range(worlds):
        for invoice in documents(books, seed):
            kinds.add((invoice.kind, invoice.type))
            whole = Fraction(invoice.exact_units, UNIT) == Fraction(invoice.exact)
            for read in MACHINES.values():
                sums = read(books, invoice)
                if whole:  # else twelve places do not say exactly what the calls cost
                    sums.hold(invoice)
            if invoice.final:
                check_sums(invoice, tree(invoice_ubl(invoice)))
    assert len(kinds) == 5


@pytest.mark.parametrize("seeds", [(1,), pytest.param(range(2, 8), marks=pytest.mark.full)])
def test_the_sums_hold_in_the_pages_as_printed(books, seeds):
    for seed in seeds:
        for invoice in documents(books, seed):
            in_pdf(invoice)
