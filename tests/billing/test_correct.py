"""A correction bills the difference, call by call, with its cause, and parts sum exactly."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from billing.books import Account, Party, Settings, Tax, new_books
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.billing import (
    Wanted,
    cancel,
    correct,
    draft_invoice,
    draft_invoices,
    issue,
    read_back,
    rows_of,
    verify,
    write_invoice,
)
from wacost.billing.documents.csv import invoice_csv
from wacost.billing.documents.html import invoice_html
from wacost.billing.documents.json import invoice_json
from wacost.billing.documents.page import page
from wacost.cards import load_card
from wacost.cards.stored import card_from_json
from wacost.config import Discount, Fee, IncludedMinutes
from wacost.errors import RefusedError

GOLDEN = Path(__file__).parent.parent / "golden" / "billing"
NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
WANTED = Wanted(now=NOW)
START = datetime(2026, 10, 5, 12)
ACCOUNT = Account(
    seller=Party("Voz", "1", ("Rua 1",), "BR"),
    tax=(Tax("ISS", "S", "5.00"),),
    invoice=Settings("customer", series="ACME", accept_cards=("meta-usd", "meta-inr")),
)


def final(books, account=ACCOUNT):
    books.real_card("meta-usd")
    for number, seconds in enumerate((60, 66, 126, 600)):
        books.call(seconds=seconds, at=START + timedelta(hours=number))
    books.call(rate=None, status="unanswered", at=START)
    return issue(books.con, [account], "2026-10", WANTED).new[0]


def price(books, call_id, rate, seconds=None):
    """Price a call anew."""
    found = books.con.execute(
        "SELECT billed_seconds FROM charge_rows WHERE call_id = ?", [call_id]
    ).fetchall()
    if found:
        nanos, seconds = int(Decimal(rate) * 10**9), seconds or found[0][0]
        amount = (Decimal(nanos * seconds) / (60 * 10**9)).quantize(Decimal("1E-12"))
        books.con.execute(
            "UPDATE charge_rows SET rate_nanos = ?, billed_seconds = ?, amount_units = ?,"
            " amount = ? WHERE call_id = ?",
            [nanos, seconds, nanos * seconds, amount, call_id],
        )


def corrected(books, account=ACCOUNT, wanted=WANTED):
    (made,) = correct(books.con, [account], "2026-10", wanted).new
    return made


def sound(books):
    return [(one.name, one.problems) for one in verify(books.con) if one.problems] == []


def billed(books):
    return [
        sum((getattr(row, name) for row in rows_of(books.con)), Decimal(0))
        for name in ("subtotal", "tax", "total")
    ]


def told(invoice):
    return [(one.cause, one.calls, str(one.amount)) for one in invoice.changes]


def test_a_late_call_is_billed_by_a_supplement(books):
    first = final(books)
    late = books.call(seconds=6000, rate="0.5", at=START)
    made = corrected(books)
    assert (made.type, made.number, made.corrects) == (
        "supplement",
        "ACME-2026-000002",
        first.number,
    )
    assert told(made) == [("late_call", 1, "50.00")]
    assert (str(made.subtotal), str(made.tax), str(made.total)) == ("50.00", "2.50", "52.50")
    kept = books.con.execute(
        "SELECT call_id, cause, change FROM invoice_calls WHERE number = ?", [made.number]
    ).fetchall()
    assert kept == [(late, "late_call", Decimal(50))]
    assert [(one.call_id, str(one.amount)) for one in made.changed_calls] == [(late, "50")]
    assert sound(books)


def test_terms_that_are_told_otherwise_now_are_kept_and_that_is_said(books):
    first = final(books)
    assert correct(books.con, [ACCOUNT], "2026-10", WANTED).kept == ()
    other = replace(ACCOUNT, tax=(Tax("ISS", "S", "2.00"),), buyer=Party("Other"))
    books.call(seconds=6000, rate="0.5", at=START)
    found = correct(books.con, [other], "2026-10", WANTED)
    (said,) = found.kept
    assert said.startswith(f"acme: wacost.toml tells buyer, tax otherwise than {first.number}:")
    assert (found.new[0].taxes[0].percent, found.new[0].buyer) == ("5.00", first.buyer)


def test_a_call_that_changed_and_one_moved_to_another_tier_are_told_apart(books):
    final(books)
    price(books, "wacid.000001", "0.0108", 6000)
    books.con.execute("UPDATE call_rows SET duration_s = 5999 WHERE call_id = 'wacid.000001'")
    price(books, "wacid.000004", "0.5")
    books.con.execute(
        "UPDATE charge_rows SET tier_from_minutes = 50000 WHERE call_id = 'wacid.000004'"
    )
    made = corrected(books)
    assert [(one.cause, one.calls, one.billed_seconds) for one in made.changes] == [
        *(("changed_call", 1, 5940), ("tier_shift", 1, 0)),
    ]
    assert sound(books)


@pytest.mark.parametrize(("part", "cause"), [("policies", "price_policy"), ("rates", "new_card")])
def test_another_card_and_another_policy_are_told_apart(books, part, cause):
    final(books)
    card = load_card("meta-usd")
    content = json.loads(card.as_json())
    if part == "policies":
        content["policies"]["month_of"] = "start"
    else:
        content["rates"][0]["note"] = "another"
    other = card_from_json(json.dumps(content))
    books.card(other.checksum)
    books.con.execute(
        "UPDATE cards SET content = ? WHERE checksum = ?", [other.as_json(), other.checksum]
    )
    books.con.execute(
        "UPDATE charge_rows SET card_checksum = ? WHERE status = 'rated'", [other.checksum]
    )
    price(books, "wacid.000004", "0.5")
    assert told(corrected(books)) == [(cause, 1, "4.89")]
    assert sound(books)


def test_a_call_that_left_the_month_is_given_back_and_never_more_than_was_billed(books):
    final(books)
    books.con.execute("DELETE FROM charge_rows")
    made = corrected(books)
    assert (made.type, made.due_on) == ("credit_note", None)
    assert billed(books) == [0, 0, 0]
    assert told(made)[0][:2] == ("changed_call", 4)
    assert correct(books.con, [ACCOUNT], "2026-10", WANTED).new == ()
    assert sound(books)


def test_a_call_that_was_given_back_may_be_on_another_accounts_document(books):
    final(books)
    beta = replace(ACCOUNT, name="beta")
    books.con.execute("UPDATE charge_rows SET account = 'beta' WHERE call_id = 'wacid.000004'")
    with pytest.raises(RefusedError, match="is on ACME-2026-000001 already; correct that first"):
        issue(books.con, [beta], "2026-10", WANTED)
    assert corrected(books).type == "credit_note"
    (made,) = issue(books.con, [beta], "2026-10", WANTED).new
    assert made.calls == 1
    assert sound(books)


def test_correcting_twice_adds_nothing(books):
    final(books)
    books.call(seconds=6000, at=START)
    corrected(books)
    again = correct(books.con, [ACCOUNT], "2026-10", WANTED)
    assert (again.new, again.nothing) == ((), ("acme: there is nothing to correct in 2026-10",))
    assert len(rows_of(books.con)) == 2


def test_where_nothing_came_out_differently_nothing_is_written(books):
    final(books)
    books.con.execute("UPDATE charge_rows SET seconds_before = 7, pulses = 7")
    assert correct(books.con, [ACCOUNT], "2026-10", WANTED).new == ()
    assert len(rows_of(books.con)) == 1


def test_a_month_that_is_not_final_has_nothing_to_correct(books):
    books.card()
    books.call()
    with pytest.raises(RefusedError, match="acme: 2026-10 has no final document to correct"):
        correct(books.con, [ACCOUNT], "2026-10", WANTED)
    with pytest.raises(RefusedError, match="never final"):
        correct(books.con, [ACCOUNT], "2026-10", replace(WANTED, kind="expected"))


def test_a_correction_is_refused_as_a_final_document_is(books):
    final(books)
    books.call(seconds=6000, at=START)
    books.call(rate=None, status="held", at=START)
    with pytest.raises(RefusedError, match="1 call has no price in 2026-10: held"):
        correct(books.con, [ACCOUNT], "2026-10", WANTED)
    assert len(rows_of(books.con)) == 1
    made = corrected(books, wanted=replace(WANTED, excuse_unpriced=("held",)))
    assert ("unpriced", "held") in [(one.what, one.name) for one in made.excused]
    books.call(seconds=6000, at=START)
    corrected(books)  # what was excused before need not be named again


def test_a_correction_keeps_the_terms_of_what_it_corrects(books):
    final(books)
    books.call(seconds=60000, rate="0.1", at=START)
    other = replace(
        ACCOUNT, tax=(Tax("ISS", "S", "50"),), seller=Party("Other"), minimum_charge="9"
    )
    made = corrected(books, other)
    assert (made.seller.name, [tax.percent for tax in made.taxes]) == ("Voz", ["5.00"])
    assert sound(books)


def test_what_rounding_leaves_over_is_a_line_of_its_own(books):
    account = replace(ACCOUNT, tax=())
    books.card(status="contract")
    for country in ("BR", "PT", "MX"):
        books.call(rate="0.004", country=country, at=START)  # each line is rounded to 0.00
    books.call(rate="1", country="AR", at=START)
    issue(books.con, [account], "2026-10", WANTED)
    for number in (1, 2, 3):
        price(books, f"wacid.{number:06d}", "0.008")
    made = corrected(books, account)
    assert [(one.country, str(one.amount)) for one in made.changes] == [
        *(("BR", "0.00"), ("MX", "0.00"), ("PT", "0.00")),
    ]
    assert [(item.part, str(item.amount)) for item in made.items] == [("remainder", "0.03")]
    assert billed(books)[0] == Decimal("1.03")


def test_what_a_discount_and_an_allowance_come_to_now_is_corrected_too(books):
    account = replace(
        ACCOUNT,
        included_minutes=(IncludedMinutes("Plan", "12"),),
        discounts=(Discount("Ten", percent="10"),),
        fees=(Fee("Seats", "3.00"),),
    )
    final(books, account)
    early = books.call(seconds=600, rate="1", at=START - timedelta(days=1))
    books.con.execute(
        "UPDATE call_rows SET ended_at = first_event_at + INTERVAL 10 MINUTE WHERE call_id = ?",
        [early],
    )
    made = corrected(books, account)
    parts = {item.part for item in made.items}
    assert "included" in parts
    assert "monthly" not in parts
    assert billed(books)[0] == draft_invoice(books.con, account, "2026-10").subtotal
    assert sound(books)


def test_a_call_that_is_billed_in_another_currency_now_moves_there(books):
    final(books)
    inr = books.real_card("meta-inr")
    books.con.execute(
        "UPDATE charge_rows SET currency = 'INR', card = 'meta-inr', card_checksum = ?"
        " WHERE call_id = 'wacid.000004'",
        [inr],
    )
    made = correct(books.con, [ACCOUNT], "2026-10", WANTED).new
    assert [(one.type, one.currency, one.corrects) for one in made] == [
        ("supplement", "INR", "ACME-2026-000001"),
        ("credit_note", "USD", "ACME-2026-000001"),
    ]
    assert correct(books.con, [ACCOUNT], "2026-10", WANTED).new == ()
    drafts = draft_invoices(books.con, ACCOUNT, "2026-10")
    for draft in drafts:
        rows = [row for row in rows_of(books.con) if row.currency == draft.currency]
        assert sum((row.subtotal for row in rows), Decimal(0)) == draft.subtotal
    assert sound(books)


def test_documents_of_a_correction_name_what_they_correct_and_why(books, tmp_path):
    final(books)
    price(books, "wacid.000004", "0.001")
    made = corrected(books, replace(ACCOUNT, invoice=replace(ACCOUNT.invoice, language="es")))
    text = page(made)
    assert text["title"] == "Credit note"
    assert ["Corrects", "ACME-2026-000001"] in text["meta"]
    assert text["groups"][0]["title"] == "Calls moved to another tier by other calls"
    assert text["head"] == ["Country", "Calls", "Minutes", "Amount (USD)"]
    assert text["groups"][0]["figures"] == ["1", "0.0", "−0.10"]
    assert text["calls"][0]["rows"] == [
        ["wacid.000004", "Oct 5, 2026, 12:00:00\u202fPM", "another tier", "−0.098"]
    ]
    files = write_invoice(made, tmp_path)
    assert files[0].name == "ACME-2026-000002.pdf"
    (row,) = rows_of(books.con, numbers=["ACME-2026-000002"])
    assert read_back(books.con, row) == made


def test_a_correction_that_is_tampered_with_is_found(books):
    final(books)
    books.call(seconds=6000, at=START)
    made = corrected(books)
    for change in (
        "UPDATE invoice_call_rows SET cause = 'new_card' WHERE number = ?",
        "UPDATE invoice_call_rows SET change_units = change_units - 60 WHERE number = ?",
        "UPDATE invoices SET corrects = NULL WHERE number = ?",
        "UPDATE invoices SET type = 'credit_note' WHERE number = ?",
    ):
        books.con.execute("BEGIN")
        books.con.execute(change, [made.number])
        assert not sound(books), change
        books.con.execute("ROLLBACK")
    assert sound(books)


BOOKS = new_books()
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("late"), st.integers(0, 10**9), st.integers(6, 4000)),
        st.tuples(st.just("price"), st.integers(0, 10**9), st.integers(1, 6)),
        st.tuples(st.just("gone"), st.integers(0, 1), st.integers(1, 6)),
        st.tuples(st.sampled_from(["correct", "anew"]), st.just(0), st.just(0)),
    ),
    max_size=10,
)


@settings(max_examples=15, deadline=None)
@given(STEPS, st.sampled_from([(), (Tax("A", "S", "5"), Tax("B", "S", "3.65"))]), st.booleans())
def test_documents_of_a_month_add_up_to_what_it_comes_to_whatever_happened(steps, tax, extras):
    books = BOOKS
    books.empty()
    account = replace(ACCOUNT, tax=tax)
    if extras:
        account = replace(
            account,
            included_minutes=(IncludedMinutes("Plan", "30"),),
            discounts=(Discount("D", percent="12.5"),),
            minimum_charge="0.50",
        )
    final(books, account)
    for step, figure, other in [*steps, ("correct", 0, 0)]:
        if step == "late":
            books.call(
                rate=f"{Decimal(figure).scaleb(-9):f}", seconds=other, at=START, country="PT"
            )
        elif step == "price":
            price(books, f"wacid.{other:06d}", f"{Decimal(figure).scaleb(-9):f}")
        elif step == "gone":
            books.con.execute("DELETE FROM charge_rows WHERE call_id = ?", [f"wacid.{other:06d}"])
        elif step == "anew":
            cancel(books.con, [account], "2026-10", WANTED)
            assert billed(books) == [0, 0, 0]
            issue(books.con, [account], "2026-10", WANTED)
        else:
            correct(books.con, [account], "2026-10", WANTED)
            now = draft_invoice(books.con, account, "2026-10", currency="USD")
            assert billed(books) == [now.subtotal, now.tax, now.total]
            assert all(sum_ >= 0 for sum_ in billed(books))
            assert correct(books.con, [account], "2026-10", WANTED).new == ()
    rows = rows_of(books.con)
    assert [row.serial for row in rows] == list(range(1, len(rows) + 1))
    assert {row.issued_on for row in rows} == {date(2026, 11, 5)}
    assert sound(books)


@pytest.mark.parametrize("form", ["csv", "html", "json"])
def test_the_documents_of_an_invoice_and_its_correction_are_as_they_were(books, form):
    account = replace(
        ACCOUNT,
        invoice=replace(ACCOUNT.invoice, payment_terms_days=15),
        included_minutes=(IncludedMinutes("Plan", "2"),),
        fees=(Fee("Seats", "3.00"),),
    )
    books.card()
    for number, seconds in enumerate((600, 606, 1260)):
        books.call(seconds=seconds, at=START + timedelta(hours=number))
    issue(books.con, [account], "2026-10", WANTED)
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'wacid.000003'")
    corrected(books, account)
    books.call(seconds=6000, call_id="late", at=START + timedelta(days=1))
    corrected(books, account)
    writer = {"csv": invoice_csv, "html": invoice_html, "json": invoice_json}[form]
    names = ("final", "credit_note", "supplement")
    for row, name in zip(rows_of(books.con), names, strict=True):
        document = writer(read_back(books.con, row))
        golden = GOLDEN / f"{name}.{form}"
        if os.environ.get("WACOST_GOLDEN") == "write":
            golden.write_bytes(document)
        assert document == golden.read_bytes(), "if it is meant: WACOST_GOLDEN=write pytest"
