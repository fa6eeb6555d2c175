"""What was billed for a month can be given back in full, and the month billed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from billing.books import Account, Party, Tax
from billing.official import needed, problems
from billing.test_correct import (
    ACCOUNT,
    START,
    WANTED,
    billed,
    corrected,
    final,
    price,
    sound,
    told,
)
from billing.test_schema import valid

from wacost.billing import Wanted, cancel, correct, draft_invoice, issue, read_back, rows_of
from wacost.billing.documents.page import page
from wacost.billing.documents.ubl import invoice_ubl
from wacost.config import Fee
from wacost.errors import RefusedError

ANOTHER = replace(ACCOUNT, buyer=Party("Right Ltda", "2"), tax=(Tax("ISS", "S", "2.00"),))


def cancelled(books, account=ACCOUNT, wanted=WANTED):
    (made,) = cancel(books.con, [account], "2026-10", wanted).new
    return made


def test_an_invoice_and_its_corrections_are_given_back_to_the_last_cent(books):
    final(books)
    price(books, "wacid.000004", "0.0133")
    corrected(books)
    books.call(seconds=600, call_id="late", at=START)
    corrected(books)
    assert sum(row.total for row in rows_of(books.con)) > 0
    made = cancelled(books)
    assert (made.type, made.number, made.corrects, made.due_on) == (
        "credit_note",
        "ACME-2026-000004",
        "ACME-2026-000001",
        None,
    )
    assert {one.cause for one in made.changes} == {"cancelled"}
    assert made.calls == 5
    assert billed(books) == [0, 0, 0]
    per_call = "SELECT call_id FROM invoice_calls GROUP BY ALL HAVING sum(change_units) <> 0"
    assert books.con.execute(per_call).fetchall() == []
    assert sound(books)
    assert read_back(books.con, rows_of(books.con)[-1]) == made


def test_a_month_that_was_cancelled_is_issued_anew_under_the_terms_of_now(books):
    final(books)
    cancelled(books, ANOTHER)
    (anew,) = issue(books.con, [ANOTHER], "2026-10", WANTED).new
    assert (anew.type, anew.number, anew.corrects) == ("invoice", "ACME-2026-000003", None)
    assert (anew.buyer.name, anew.taxes[0].percent) == ("Right Ltda", "2.00")
    now = draft_invoice(books.con, ANOTHER, "2026-10")
    assert billed(books) == [now.subtotal, now.tax, now.total]
    again = issue(books.con, [ANOTHER], "2026-10", WANTED)
    assert (again.new, [one.number for one in again.before]) == ((), [anew.number])
    books.call(seconds=600, call_id="late", at=START + timedelta(days=1))
    late = corrected(books, ANOTHER)
    assert (late.corrects, told(late)) == (anew.number, [("late_call", 1, "0.11")])
    assert late.taxes[0].percent == "2.00"
    assert sound(books)


def test_what_was_issued_anew_is_cancelled_without_what_was_before(books):
    first = final(books)
    cancelled(books)
    issue(books.con, [ANOTHER], "2026-10", WANTED)
    made = cancelled(books, ANOTHER)
    assert (made.corrects, -made.subtotal) == ("ACME-2026-000003", first.subtotal)
    assert made.taxes[0].percent == "2.00"
    assert billed(books) == [0, 0, 0]
    assert sound(books)


def test_nothing_is_given_back_twice_or_before_it_was_billed(books):
    with pytest.raises(RefusedError, match="2026-10 has no final document to cancel"):
        cancel(books.con, [ACCOUNT], "2026-10", WANTED)
    final(books)
    cancelled(books)
    for deed in (cancel, correct):
        with pytest.raises(RefusedError, match="is cancelled by ACME-2026-000002; --final issues"):
            deed(books.con, [ACCOUNT], "2026-10", WANTED)
    with pytest.raises(RefusedError, match="never final"):
        cancel(books.con, [Account()], "2026-10", WANTED)
    assert len(rows_of(books.con)) == 2


def test_a_refused_cancellation_leaves_no_trace(books):
    final(books)
    early = Wanted(now=datetime(2026, 10, 20, tzinfo=UTC))
    with pytest.raises(RefusedError, match="2026-10 is not over yet"):
        cancelled(books, wanted=early)
    assert len(rows_of(books.con)) == 1
    assert sound(books)


def test_fixed_costs_of_a_month_without_calls_are_given_back(books):
    account = replace(ACCOUNT, fees=(Fee("Seats", "3.00"),))
    books.real_card("meta-usd")
    issue(books.con, [account], "2026-10", WANTED)
    made = cancelled(books, account)
    assert [(item.part, item.name, str(item.amount)) for item in made.items] == [
        ("monthly", "Seats", "-3.00")
    ]
    assert (made.calls, made.total) == (0, Decimal("-3.15"))
    assert sound(books)


def test_a_month_in_two_currencies_is_given_back_in_both(books):
    final(books)
    books.real_card("meta-inr")
    books.call(seconds=600, rate="1.5", card="meta-inr", currency="INR", at=START)
    correct(books.con, [ACCOUNT], "2026-10", WANTED)
    made = cancel(books.con, [ACCOUNT], "2026-10", WANTED).new
    assert [(one.currency, str(one.subtotal)) for one in made] == [
        ("INR", "-15.00"),
        ("USD", "-0.15"),
    ]
    assert billed(books) == [0, 0, 0]
    assert sound(books)


def test_calls_that_were_given_back_may_be_on_another_accounts_document(books):
    final(books)
    cancelled(books)
    books.con.execute("UPDATE charge_rows SET account = 'other'")
    (made,) = issue(books.con, [replace(ACCOUNT, name="other")], "2026-10", WANTED).new
    assert made.number == "ACME-2026-000003"
    with pytest.raises(RefusedError, match="is cancelled by ACME-2026-000002"):
        correct(books.con, [ACCOUNT], "2026-10", WANTED)
    assert sound(books)


@pytest.mark.parametrize(
    ("language", "word", "title"),
    [
        ("en", "Cancels", "Calls of documents that are cancelled"),
        ("es", "Anula", "Llamadas de documentos anulados"),
        ("pt_BR", "Cancela", "Chamadas de documentos cancelados"),
    ],
)
def test_a_cancellation_says_so_in_its_language(books, language, word, title):
    final(books, replace(ACCOUNT, invoice=replace(ACCOUNT.invoice, language=language)))
    made = cancelled(books)
    text = page(made)
    assert [word, "ACME-2026-000001"] in text["meta"]
    assert text["groups"][0]["title"] == title
    assert "ACME-2026-000001" in text["notes"][0]
    assert valid(made)["cancels"] is True


def test_a_cancellation_is_an_electronic_credit_note(books):
    needed()
    account = replace(
        ACCOUNT,
        invoice=replace(ACCOUNT.invoice, payment_terms_days=15),
        buyer=Party("Acme", "2", ("Rua 2",), "BR"),
    )
    final(books, account)
    document = invoice_ubl(cancelled(books, account))
    assert b"ACME-2026-000001" in document
    assert problems(document) == []


def test_a_cancellation_that_is_hidden_is_found(books):
    final(books)
    cancelled(books)
    books.con.execute("UPDATE invoices SET terms = replace(terms, '\"cancels\":true,', '')")
    assert not sound(books)
