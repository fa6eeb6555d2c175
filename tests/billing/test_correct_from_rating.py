"""What rating makes of a late call: it takes its place, others move, and each is told why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from billing.books import Account, Settings

from wacost.billing import Wanted, correct, draft_invoice, issue, rows_of, verify
from wacost.cards import RateCard
from wacost.rating import BilledAccount, rate_month
from wacost.store import open_store

MONTH = "2026-10"
ACCOUNT = Account(invoice=Settings("customer", series="ACME"))
WANTED = Wanted(now=datetime(2026, 11, 5, 12, tzinfo=UTC))


def card(rate="0.30", **facts) -> RateCard:
    rows = [
        {
            "direction": "outbound",
            "destination": "*",
            "rate_per_minute": each,
            "effective_from": "2026-01-01",
            "tier_from_minutes": tier,
        }
        for tier, each in (("0", "0.60"), ("10", rate))
    ]
    return RateCard.from_rows(rows, currency="USD", name="mine", status="contract", **facts)


def put(con, call_id, hour, seconds, **facts):
    at = datetime(2026, 10, 5) + timedelta(hours=hour)
    con.execute(
        """
        INSERT INTO call_rows BY NAME SELECT $call_id AS call_id, 'outbound' AS direction,
            '5511987654321' AS contact, 'BR' AS country, true AS answered,
            'number' AS country_source, $at::TIMESTAMP AS first_event_at, $at AS started_at,
            $at + to_seconds($seconds) AS ended_at, $seconds::BIGINT AS duration_s,
            false AS conflict, 'COMPLETED' AS terminate_status, 'answered' AS disposition
        """,
        {"call_id": call_id, "at": at, "seconds": seconds},
    )


@pytest.fixture
def con(tmp_path):
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        for number in range(4):  # 4 minutes each: the third crosses the bound at 10
            put(con, f"c{number}", number + 1, 240)
        rate(con)
        (made,) = issue(con, [ACCOUNT], MONTH, WANTED).new
        assert made.total == Decimal("7.20")  # two at 0.60, two at 0.30
        yield con


def rate(con, made=None):
    rate_month(con, [BilledAccount("acme", "UTC", made or card(), "acme")], MONTH)


def corrected(con):
    (made,) = correct(con, [ACCOUNT], MONTH, WANTED).new
    now = draft_invoice(con, ACCOUNT, MONTH)
    assert sum(row.total for row in rows_of(con)) == now.total
    assert [one.problems for one in verify(con)] == [()] * len(rows_of(con))
    assert correct(con, [ACCOUNT], MONTH, WANTED).new == ()
    return [(one.cause, one.calls, str(one.amount)) for one in made.changes]


def test_a_late_call_moves_others_to_another_tier(con):
    put(con, "late", 0, 600)
    rate(con)
    # the late call fills the first ten minutes at 0.60; all others cost half of what they did
    assert corrected(con) == [("late_call", 1, "6.00"), ("tier_shift", 2, "-2.40")]


def test_a_call_whose_records_changed_and_what_that_moves(con):
    con.execute("UPDATE call_rows SET duration_s = 600, ended_at = started_at + INTERVAL 10 MINUTE"
                " WHERE call_id = 'c0'")  # fmt: skip
    rate(con)
    assert corrected(con) == [("changed_call", 1, "3.60"), ("tier_shift", 1, "-1.20")]


def test_a_new_card(con):
    rate(con, card("0.15"))
    assert corrected(con) == [("new_card", 2, "-1.20")]


def test_another_policy_of_the_same_card(con):
    con.execute("UPDATE call_rows SET duration_s = 300 WHERE call_id = 'c3'")
    rate(con, card(policies={"duration_conflict": "field"}))
    assert corrected(con) == [("changed_call", 1, "0.30")]


def test_a_policy_that_prices_the_same_records_in_another_way(con):
    con.execute("UPDATE call_rows SET terminate_status = 'FAILED' WHERE call_id = 'c3'")
    rate(con, card(policies={"failed_with_duration": "free"}))
    assert corrected(con) == [("price_policy", 1, "-1.20")]


def test_a_call_that_is_held_later_stops_the_correction_until_it_is_excused(con):
    con.execute("UPDATE call_rows SET conflict = true, held = 'contradiction' WHERE call_id = 'c3'")
    rate(con)
    wanted = replace(WANTED, excuse_unpriced=("held",))
    (made,) = correct(con, [ACCOUNT], MONTH, wanted).new
    assert (made.type, str(made.total)) == ("credit_note", "-1.20")
    assert [one.cause for one in made.changes] == ["changed_call"]


def test_calls_that_a_card_rounds_one_by_one_are_corrected_without_a_remainder(con):
    account = replace(ACCOUNT, name="beta")
    con.execute("UPDATE claims SET account = 'beta'")
    con.execute("DELETE FROM invoices")
    con.execute("DELETE FROM invoice_call_rows")
    con.execute("DELETE FROM invoice_lines")
    rounded = card("0.0107", rounding=("call", 4, "up"))
    beta = [BilledAccount("beta", "UTC", rounded, "beta")]
    rate_month(con, beta, MONTH)
    issue(con, [account], MONTH, WANTED)
    put(con, "late", 9, 61)
    rate_month(con, beta, MONTH)
    (made,) = correct(con, [account], MONTH, WANTED).new
    assert [(one.cause, str(one.amount)) for one in made.changes] == [("late_call", "0.0118")]
    assert made.items == ()
    assert sum(row.total for row in rows_of(con)) == draft_invoice(con, account, MONTH).total
    assert [one.problems for one in verify(con)] == [(), ()]
