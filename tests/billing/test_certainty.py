"""A final document keeps what its calls can have cost, and is computed again with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from billing.test_correct import ACCOUNT, WANTED

from wacost.billing import correct, issue, read_back, rows_of, verify
from wacost.billing.certainty import range_rows
from wacost.billing.documents.page import page
from wacost.language import ENGLISH
from wacost.money import UNIT
from wacost.rating.ranges import CostRange, Doubt

MINUTE = 60 * 10**9
TOLD = CostRange(
    "acme",
    "2026-10",
    "cost",
    "USD",
    3 * MINUTE,
    (Doubt("open", 1, 0, None), Doubt("tier_unknown", 1, MINUTE // 7, MINUTE)),
)
OPEN = replace(WANTED, excuse_unpriced=("open",))


@pytest.fixture
def issued(books):
    books.real_card("meta-usd")
    books.call(at=datetime(2026, 10, 5, 12), flags=["tier_unknown"])
    books.call(rate=None, status="open", at=datetime(2026, 10, 6))
    return issue(books.con, [ACCOUNT], "2026-10", OPEN, [TOLD]).new[0]


def test_a_final_document_tells_its_range_in_exact_units_and_on_its_foot(books, issued):
    (row,) = rows_of(books.con)
    again = read_back(books.con, row)
    assert again == issued
    assert again.cost_range == TOLD
    assert issued.as_dict()["range"]["most"] is None
    assert any("at least $3.14 before tax, and" in note for note in page(again)["notes"])
    assert not [one for one in verify(books.con) if one.problems]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("replace(cost_range, '180000000000', '180000000001')", "comes out differently"),
        ("NULL", "comes out differently"),
        ("replace(cost_range, '[\"open\",1,', '[\"open\",2,')", "2 calls: open; it has fewer"),
    ],
)
def test_a_range_that_was_changed_is_found(books, issued, change, problem):
    books.con.execute(f"UPDATE invoices SET cost_range = {change}")
    (found,) = (one for one in verify(books.con) if one.problems)
    assert any(problem in told for told in found.problems)


def test_a_correction_has_the_range_of_its_own_day(books, issued):
    books.call(seconds=600, at=datetime(2026, 10, 7))
    known = replace(TOLD, doubts=TOLD.doubts[1:])
    (made,) = correct(books.con, [ACCOUNT], "2026-10", OPEN, [known]).new
    assert made.cost_range == known
    assert [one.cost_range for one in map(read_back, [books.con] * 2, rows_of(books.con))] == [
        TOLD,
        known,
    ]
    assert not [one for one in verify(books.con) if one.problems]


def test_a_reader_is_told_of_every_doubt_with_its_bounds_and_of_no_month_without():
    sure = CostRange("a", "2026-10", "cost", "USD", UNIT, ())
    doubts = (Doubt("tier_unknown", 3, UNIT, 2 * UNIT), Doubt("open", 1, 0, None))
    rows = range_rows([sure, replace(sure, account="b", doubts=doubts)], ENGLISH)
    assert [(row["what"], row["at least"], row["at most"]) for row in rows] == [
        ("Known", 1, 1),
        ("Tier whose rate is not known", 1, 2),
        ("The end was never reported", 0, "no upper bound is known"),
        ("In all", 2, "no upper bound is known"),
    ]
