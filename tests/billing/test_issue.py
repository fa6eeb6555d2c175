"""A final document is numbered without gaps, frozen with its calls, and never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from billing.books import Account, Books, Party, Settings, Tax

from wacost.analytics.health import findings
from wacost.billing import Wanted, issue, read_back, rows_of, verify, write_invoice
from wacost.billing.documents.page import page
from wacost.errors import InputError, RefusedError

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
ACCEPTED = Settings("customer", series="ACME", payment_terms_days=15, accept_cards=("meta-usd",))
CUSTOMER = Account(
    seller=Party("Voz", "1", ("Rua 1", "São Paulo"), "BR"),
    tax=(Tax("ISS", "S", "5.00"), Tax("X", "E", "0", "exempt")),
    invoice=ACCEPTED,
)
TWICE = """
    INSERT INTO invoices SELECT * REPLACE ('X' AS number, 'X' AS series, 'b' AS account)
    FROM invoices;
    INSERT INTO invoice_call_rows SELECT * REPLACE ('X' AS number) FROM invoice_call_rows
"""
INVARIANTS = ("numbers_without_gap", "billed_once", "documents_have_calls")
WANTED = Wanted(now=NOW, policies={"contradiction": "hold"})


def month(books: Books, **facts) -> Books:
    books.real_card("meta-usd")
    for seconds in (60, 66, 126):
        books.call(seconds=seconds, at=datetime(2026, 10, 5, 12), **facts)
    books.call(rate=None, status="unanswered", at=datetime(2026, 10, 5, 13), **facts)
    return books


def refused(books, account=CUSTOMER, wanted=WANTED, on="2026-10"):
    before = counts(books)
    with pytest.raises(RefusedError) as caught:
        issue(books.con, [account], on, wanted)
    assert counts(books) == before
    return list(caught.value.reasons)


def counts(books):
    tables = ("invoices", "invoice_lines", "invoice_call_rows")
    return [books.con.execute(f"SELECT count(*) FROM {one}").fetchall()[0][0] for one in tables]


def test_a_final_document_has_number_dates_and_every_call(books):
    month(books)
    (made,) = issue(books.con, [CUSTOMER], "2026-10", WANTED).new
    assert (made.number, made.final, made.type) == ("ACME-2026-000001", True, "invoice")
    assert (made.issued_on, made.due_on) == (date(2026, 11, 5), date(2026, 11, 20))
    calls = books.con.execute(
        "SELECT call_id, status, amount_units, change_units, called_at FROM invoice_calls"
        " ORDER BY call_id"
    ).fetchall()
    assert [row[1] for row in calls] == ["rated"] * 3 + ["unanswered"]
    assert sum(row[3] for row in calls) == made.exact_units
    assert all(row[2] == row[3] and row[4] for row in calls)
    lines = books.con.execute("SELECT sum(amount) FROM invoice_lines").fetchall()[0][0]
    assert lines == made.subtotal
    (row,) = rows_of(books.con)
    assert (row.subtotal, row.tax, row.total) == (made.subtotal, made.tax, made.total)
    assert row.read_terms.policies == {"contradiction": "hold"}


def test_what_is_read_back_is_what_was_issued(books):
    month(books, flags=["month_of"])
    books.call(rate=None, status="no_rate", at=datetime(2026, 10, 31, 23, 30))
    (made,) = issue(
        books.con, [CUSTOMER], "2026-10", replace(WANTED, excuse_unpriced=("no_rate",))
    ).new
    (row,) = rows_of(books.con)
    assert read_back(books.con, row) == made
    assert made.unpriced.calls[0].at == "2026-10-31T20:30:00-03:00"


def test_files_written_again_are_the_same_bytes(books, tmp_path):
    month(books)
    (made,) = issue(books.con, [CUSTOMER], "2026-10", WANTED).new
    first = [file.read_bytes() for file in write_invoice(made, tmp_path / "a")]
    books.con.execute("DELETE FROM charge_rows")
    (row,) = rows_of(books.con)
    files = write_invoice(read_back(books.con, row), tmp_path / "b")
    assert [file.read_bytes() for file in files] == first
    assert [file.name for file in files] == [
        f"ACME-2026-000001.{e}" for e in ("pdf", "csv", "json")
    ]


def test_a_month_that_is_final_stays_as_it_is(books):
    month(books)
    first = issue(books.con, [CUSTOMER], "2026-10", WANTED)
    after = counts(books)
    books.call(seconds=6000)
    again = issue(books.con, [CUSTOMER], "2026-10", WANTED)
    assert (again.new, again.before) == ((), first.new)
    assert counts(books) == after


def test_numbers_have_no_gap_within_series_and_year(books):
    month(books)
    for account in ("acme", "beta", "gamma"):
        for on in ("2026-09", "2026-10"):
            books.call(account=account, month=on)

    def number(name, on, day, series="ACME"):
        account = replace(CUSTOMER, name=name, invoice=replace(ACCEPTED, series=series))
        wanted = replace(WANTED, issued_on=day, now=datetime(2027, 2, 1, tzinfo=UTC))
        return issue(books.con, [account], on, wanted).new[0].number

    assert number("acme", "2026-09", date(2026, 12, 30)) == "ACME-2026-000001"
    assert number("beta", "2026-09", date(2026, 12, 31)) == "ACME-2026-000002"
    assert number("gamma", "2026-09", date(2026, 12, 31), series="") == "INV-2026-000001"
    assert number("acme", "2026-10", date(2027, 1, 1)) == "ACME-2027-000001"
    assert number("beta", "2026-10", date(2027, 1, 1)) == "ACME-2027-000002"
    assert not [one for one in verify(books.con) if one.problems]


def test_a_series_goes_on_after_a_refusal_without_a_gap(books):
    month(books)
    books.call(account="beta", rate=None, status="held")
    beta = replace(CUSTOMER, name="beta")
    with pytest.raises(RefusedError):
        issue(books.con, [CUSTOMER, beta], "2026-10", WANTED)
    assert counts(books) == [0, 0, 0]
    (made,) = issue(books.con, [CUSTOMER], "2026-10", WANTED).new
    assert made.number == "ACME-2026-000001"


def test_an_expected_bill_is_never_final(books):
    month(books)
    (reason,) = refused(books, wanted=replace(WANTED, kind="expected"))
    assert "has no number and is never final" in reason


@pytest.mark.parametrize("status", ["held", "open", "incomplete", "no_country", "no_rate"])
def test_a_call_without_a_price_stops_a_document_until_it_is_excused_by_name(books, status):
    month(books)
    books.call(rate=None, status=status)
    (reason,) = refused(books)
    assert f"1 call has no price in 2026-10: {status}" in reason
    refused(books, wanted=replace(WANTED, excuse_unpriced=("no_account",)))
    (made,) = issue(
        books.con, [CUSTOMER], "2026-10", replace(WANTED, excuse_unpriced=(status,))
    ).new
    told = "\n".join(page(made)["notes"])
    assert "Issued although 1 call has no price" in told


@pytest.mark.parametrize("status", ["derived", "reported", "illustrative"])
def test_a_card_that_is_not_the_suppliers_word_stops_a_document_until_it_is_named(books, status):
    books.card(status=status)
    books.call()
    strict = replace(CUSTOMER, invoice=replace(ACCEPTED, accept_cards=("other",)))
    (reason,) = refused(books, strict)
    assert f"the rate card meta-usd is {status}" in reason
    (made,) = issue(books.con, [strict], "2026-10", replace(WANTED, accept_cards=("meta-usd",))).new
    assert [(one.name, one.status, one.by) for one in made.excused] == [
        ("meta-usd", status, "option")
    ]
    assert any("accepted by name when it was issued" in note for note in page(made)["notes"])


@pytest.mark.parametrize("status", ["published", "contract"])
def test_a_card_of_the_supplier_or_a_contract_needs_no_excuse(books, status):
    books.card(status=status)
    books.call()
    strict = replace(CUSTOMER, invoice=replace(ACCEPTED, accept_cards=()))
    assert issue(books.con, [strict], "2026-10", WANTED).new[0].excused == ()


def test_what_the_settings_accept_is_printed_too(books):
    month(books)
    (made,) = issue(books.con, [CUSTOMER], "2026-10", WANTED).new
    notes = page(made)["notes"]
    assert any("derived: accepted in the settings of the account" in note for note in notes)
    assert any("NFS-e" in note for note in notes)
    assert page(made)["draft"] == ""


def test_a_month_that_is_not_over_where_the_account_is_is_not_final(books):
    month(books)
    early = replace(WANTED, now=datetime(2026, 11, 1, 2, 59, tzinfo=UTC))  # 23:59 in Sao Paulo
    assert "is not over yet in America/Sao_Paulo" in refused(books, wanted=early)[0]
    over = replace(WANTED, now=datetime(2026, 11, 1, 3, tzinfo=UTC))
    assert issue(books.con, [CUSTOMER], "2026-10", over).new[0].issued_on == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 10, 31), "is not after 2026-10"),
        (date(2026, 11, 6), "is yet to come"),
        (date(2026, 11, 2), "the last document of its series was issued on 2026-11-03"),
    ],
)
def test_a_day_of_issue_that_cannot_be_is_refused(books, day, said):
    month(books)
    books.call(account="beta")
    beta = replace(CUSTOMER, name="beta")
    issue(books.con, [beta], "2026-10", replace(WANTED, issued_on=date(2026, 11, 3)))
    assert said in refused(books, wanted=replace(WANTED, issued_on=day))[0]


def test_a_call_is_on_one_invoice_of_a_kind(books):
    month(books)
    issue(books.con, [CUSTOMER], "2026-10", WANTED)
    books.con.execute("UPDATE charge_rows SET account = 'beta' WHERE call_id = 'wacid.000001'")
    (reason,) = refused(books, replace(CUSTOMER, name="beta"))
    assert "1 call is on ACME-2026-000001 already" in reason
    inside = replace(WANTED, kind="chargeback")
    (made,) = issue(books.con, [replace(CUSTOMER, name="beta")], "2026-10", inside).new
    assert made.number == "CB-2026-000001"


def test_a_call_that_is_charged_twice_stops_a_document(books):
    month(books)
    books.con.execute("INSERT INTO charge_rows FROM charge_rows WHERE call_id = 'wacid.000001'")
    assert "1 of the charges of 2026-10 are there twice" in refused(books)[0]


def test_a_month_without_anything_to_bill_makes_no_document(books):
    found = issue(books.con, [CUSTOMER], "2026-10", WANTED)
    assert (found.new, found.before) == ((), ())
    assert found.nothing == ("acme: there is nothing to bill in 2026-10",)


def test_a_month_in_two_currencies_has_a_number_for_each(books):
    books.real_card("meta-usd")
    books.call()
    books.real_card("meta-inr")
    books.call(currency="INR", card="meta-inr")
    wanted = replace(WANTED, accept_cards=("meta-inr",))
    made = issue(books.con, [CUSTOMER], "2026-10", wanted).new
    assert [(one.number, one.currency) for one in made] == [
        ("ACME-2026-000001", "INR"),
        ("ACME-2026-000002", "USD"),
    ]
    assert not [one for one in verify(books.con) if one.problems]


def test_what_is_sound_verifies_and_later_charges_change_nothing(books):
    month(books)
    books.call(rate=None, status="no_rate")
    wanted = replace(WANTED, excuse_unpriced=("no_rate",))
    issue(books.con, [CUSTOMER], "2026-10", wanted)
    books.con.execute("UPDATE charge_rows SET amount_units = 0, amount = 0")
    books.con.execute("DELETE FROM call_rows")
    assert [(one.name, one.problems) for one in verify(books.con)] == [("ACME-2026-000001", ())]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE invoice_call_rows SET amount_units = amount_units + 1",
        "UPDATE invoice_call_rows SET call_id = 'x' WHERE call_id = 'wacid.000001'",
        "UPDATE invoice_call_rows SET called_at = called_at + INTERVAL 1 SECOND",
        "DELETE FROM invoice_call_rows WHERE status = 'unanswered'",
        "INSERT INTO invoice_call_rows FROM invoice_call_rows WHERE call_id = 'wacid.000001'",
        "UPDATE invoice_lines SET amount = amount + 0.01",
        "DELETE FROM invoice_lines",
        "UPDATE invoices SET total = total + 0.01",
        "UPDATE invoices SET account = 'other'",
        "UPDATE invoices SET issued_on = issued_on + 1",
        "UPDATE invoices SET due_on = NULL",
        "UPDATE invoices SET excused = '[]'",
        "UPDATE invoices SET terms = replace(terms, '5.00', '6.00')",
        "UPDATE invoices SET document = replace(document, 'Voz', 'Fox')",
        "UPDATE invoices SET content_hash = terms_hash",
        "UPDATE invoices SET serial = 2",
        "UPDATE cards SET content = replace(content, '10800000', '10800001')",
        "DELETE FROM cards",
        "DELETE FROM invoices",
    ],
)
def test_a_row_that_is_tampered_with_is_found(books, change):
    month(books)
    issue(books.con, [CUSTOMER], "2026-10", WANTED)
    assert not [one for one in verify(books.con) if one.problems]
    books.con.execute(change)
    assert [one for one in verify(books.con) if one.problems], change


def test_redaction_of_call_ids_leaves_a_document_sound(books):
    month(books)
    issue(books.con, [CUSTOMER], "2026-10", WANTED)
    books.con.execute("UPDATE invoice_call_rows SET call_id = 'redacted.20261005.' || md5(call_id)")
    assert not [one for one in verify(books.con) if one.problems]


def test_a_number_that_no_document_has_is_told_with_the_nearest(books):
    month(books)
    issue(books.con, [CUSTOMER], "2026-10", WANTED)
    with pytest.raises(InputError, match="there is no final document 'ACME-2026-00001'") as caught:
        verify(books.con, ["ACME-2026-00001"])
    assert "ACME-2026-000001" in caught.value.hint


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE invoices SET serial = 2", "numbers_without_gap"),
        ("DELETE FROM invoices", "documents_have_calls"),
        (TWICE, "billed_once"),
    ],
)
def test_the_doctor_finds_numbers_with_a_gap_and_calls_billed_twice(books, change, broken):
    month(books)
    issue(books.con, [CUSTOMER], "2026-10", WANTED)
    counts = {one.name: one.count for one in findings(books.con)}
    assert [counts[name] for name in INVARIANTS] == [0, 0, 0]
    books.con.execute(change)
    counts = {one.name: one.count for one in findings(books.con)}
    assert {name for name in INVARIANTS if counts[name]} == {broken}
