"""The calls of a document, one by one, are what the document adds up."""

from __future__ import annotations

from datetime import datetime

import pytest
from billing.books import Account
from billing.test_issue import CUSTOMER, WANTED

from wacost.billing import billed_calls, correct, draft_invoice, issue, read_back, rows_of
from wacost.errors import RatingError


def test_the_calls_of_a_draft_are_those_of_its_month_in_the_order_of_their_times(books):
    books.card()
    books.call(seconds=126, at=datetime(2026, 10, 9, 12, 0), flags=["month_of", "tier_unknown"])
    books.call(seconds=60, at=datetime(2026, 10, 5, 2, 30))
    books.call(rate=None, status="held", at=datetime(2026, 10, 7))
    books.call(rate=None, status="unanswered", at=datetime(2026, 10, 8))
    books.call(month="2026-09", at=datetime(2026, 9, 9))
    invoice = draft_invoice(books.con, Account(), "2026-10")
    calls = list(billed_calls(books.con, invoice))
    assert [call.status for call in calls] == ["rated", "held", "unanswered", "rated"]
    assert sum(call.units or 0 for call in calls) == invoice.exact_units
    assert sum(call.seconds for call in calls) == invoice.billed_seconds
    assert calls[1].units is None
    assert str(calls[0].at) == "2026-10-04 23:30:00-03:00"
    assert set(calls[3].flags) == {"month_of", "tier_unknown"}


def test_calls_that_are_not_those_of_the_draft_are_refused(books):
    books.card()
    books.call(at=datetime(2026, 10, 5))
    invoice = draft_invoice(books.con, Account(), "2026-10")
    books.call(at=datetime(2026, 10, 6))
    with pytest.raises(RatingError, match="no longer those of its document"):
        list(billed_calls(books.con, invoice))


def test_the_calls_of_final_documents_are_those_that_were_frozen(books):
    books.real_card("meta-usd")
    for day in (1, 2, 3):
        books.call(call_id=f"call{day}", at=datetime(2026, 10, day, 12))
    (first,) = issue(books.con, [CUSTOMER], "2026-10", WANTED).new
    books.con.execute("DELETE FROM charge_rows WHERE call_id = 'call2'")
    books.call(seconds=600, call_id="late", at=datetime(2026, 10, 4, 12))
    (second,) = correct(books.con, [CUSTOMER], "2026-10", WANTED).new
    for made in (first, second, *(read_back(books.con, row) for row in rows_of(books.con))):
        calls = list(billed_calls(books.con, made))
        assert len(calls) == made.calls
        assert sum(call.units or 0 for call in calls) == made.exact_units
        assert sum(call.seconds for call in calls) == made.billed_seconds
    told = {call.call_id: (call.cause, call.units) for call in billed_calls(books.con, second)}
    assert told["call2"][0] == "changed_call"
    assert told["call2"][1] < 0 < told["late"][1]
