"""The JSON of every kind of document is what the published schema says, no key more or less."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime

import pytest
from billing.books import Account, Books, Settings, new_books
from billing.test_certainty import TOLD
from billing.test_correct import ACCOUNT, WANTED, corrected
from billing.test_documents import CUSTOMER, month
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from wacost.billing import draft_invoice, issue, read_back, records, rows_of
from wacost.billing.documents.json import invoice_json
from wacost.billing.invoice import SCHEMA_ID
from wacost.bundled import bundled
from wacost.config import Discount, Fee, IncludedMinutes
from wacost.config.model import Party

SCHEMA = json.loads((bundled("schemas") / "invoice.schema.json").read_bytes())
VALID = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.fixture(scope="module")
def full() -> Books:
    return month(new_books())


def valid(invoice) -> dict:
    read = json.loads(invoice_json(invoice))
    VALID.validate(read)
    assert read["$schema"] == SCHEMA["$id"] == SCHEMA_ID
    return read


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("kind", ["expected", "chargeback", "customer"])
@pytest.mark.parametrize("on", ["2026-10", "2026-09"])
def test_every_draft_is_valid(full, kind, on):
    draft = draft_invoice(full.con, CUSTOMER, on, kind=kind)
    valid(draft)
    assert "range" in valid(replace(draft, cost_range=TOLD))
    assert valid(draft_invoice(full.con, Account(), on, kind=kind))


@pytest.mark.parametrize("kind", ["chargeback", "customer"])
def test_every_final_document_and_its_corrections_are_valid(books, kind):
    account = replace(
        ACCOUNT,
        invoice=Settings(kind, payment_terms_days=15, accept_cards=("meta-usd",)),
        included_minutes=(IncludedMinutes("Plan", "2"),),
        discounts=(Discount("Loyalty", percent="5"), Discount("Gift", amount="0.01")),
        fees=(Fee("Seats", "3.00"),),
        minimum_charge="3",
    )
    books.real_card("meta-usd")
    books.call(seconds=600, call_id="a", at=datetime(2026, 10, 5))
    books.call(rate=None, status="no_rate", at=datetime(2026, 10, 6))
    wanted = replace(WANTED, excuse_unpriced=("no_rate",))
    valid(issue(books.con, [account], "2026-10", wanted, [TOLD]).new[0])
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'a'")
    books.call(seconds=36_000, at=datetime(2026, 10, 7))
    valid(corrected(books, account, wanted))
    types = {valid(read_back(books.con, row))["type"] for row in rows_of(books.con)}
    assert types == {"invoice", "supplement"}
    books.con.execute("DELETE FROM charge_rows WHERE status = 'rated'")
    assert valid(corrected(books, account, wanted))["type"] == "credit_note"


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_other_currencies_are_valid(books, currency):
    books.card(currency=currency)
    books.call(rate="12.3456", seconds=600, currency=currency)
    valid(draft_invoice(books.con, CUSTOMER, "2026-10"))


@pytest.mark.parametrize(
    "change",
    [
        {"total": 1.0},
        {"total": "1e3"},
        {"kind": "bill"},
        {"more": 1},
        {"month": "2026-13"},
        {"lines": [{}]},
        {"hashes": {}},
    ],
)
def test_what_is_no_document_is_refused(full, change):
    read = valid(draft_invoice(full.con, CUSTOMER, "2026-10"))
    with pytest.raises(ValidationError):
        VALID.validate({**read, **change})
    for key in read:
        if key != "range":
            assert not VALID.is_valid({name: part for name, part in read.items() if name != key})


def test_the_schema_names_every_field_of_the_model_and_no_other():
    parts = {
        "line": records.Line,
        "change": records.Change,
        "changed_call": records.ChangedCall,
        "item": records.Item,
        "tax": records.TaxLine,
        "unpriced_call": records.UnpricedCall,
        "card": records.CardUsed,
        "excused": records.Excused,
        "party": Party,
    }
    for name, kind in parts.items():
        told = SCHEMA["$defs"][name]
        names = [field.name for field in fields(kind)]
        assert list(told["properties"]) == told["required"] == names, name
