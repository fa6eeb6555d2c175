"""What the terms of an account change, and when: each end of a call has its own terms."""

from datetime import UTC, date, datetime

import oracle
import pytest
import strategies

from wacost.cards import load_card
from wacost.rating import BilledAccount, Term, rate_month
from wacost.store import open_store

CARD = {
    "card.toml": 'name = "flat"\ncurrency = "USD"\nstatus = "illustrative"\n'
    "[increments]\nfirst = 6\nnext = 6\n",
    "rates.csv": "direction,destination,rate_per_minute,effective_from\n"
    "outbound,*,0.6,2025-08-01\n",
}
FIELDS = "call_id, phone_number_id, direction, disposition, answered, conflict, duration_s"


def instant(text):
    return int(datetime.fromisoformat(text).timestamp())


@pytest.fixture
def con(tmp_path):
    with open_store(tmp_path / "wacost.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        yield con


def add(con, call_id, start, end):
    times = [datetime.fromtimestamp(at, UTC).replace(tzinfo=None) for at in (start, end)]
    con.execute(
        f"INSERT INTO call_rows ({FIELDS}, country, first_event_at, started_at, ended_at)"
        " VALUES (?, 'pn', 'outbound', 'answered', true, false, ?, 'BR', ?, ?, ?)",
        [call_id, end - start, times[0], *times],
    )


def call_of(call_id, start, end):
    return {
        "call_id": call_id, "account": "acme", "direction": "outbound", "contact": None,
        "country": "BR", "disposition": "answered", "answered": True, "terminate_status": None,
        "first_event_at": start, "started_at": start, "ended_at": end, "duration_s": end - start,
        "conflict": False,
    }  # fmt: skip


def test_each_end_of_a_call_lies_in_the_month_of_the_zone_in_force_at_it(con, tmp_path):
    # The account moves from St. John's to Kiritimati as October begins in St. John's. The call
    # starts on 30 September there; seen from Kiritimati both its ends lie in October.
    folder = strategies.write_card(CARD, tmp_path / "flat")
    begins, first = date(2026, 10, 1), "America/St_Johns"
    start, end = instant("2026-09-30T23:59:33-02:30"), instant("2026-10-01T00:00:03-02:30")
    add(con, "a", start, end)
    terms = (Term(begins, timezone="Pacific/Kiritimati"),)
    account = BilledAccount("acme", first, load_card(folder), "acme", terms)
    rate_month(con, [account], "2026-10")
    judge = oracle.OracleAccount(
        "acme", first, folder, terms=[(begins, None, "Pacific/Kiritimati")]
    )
    (judged,) = oracle.price([call_of("a", start, end)], {"acme": judge})
    assert (judged["month"], judged["flags"]) == ("2026-10", ["month_of"])
    found = con.execute("SELECT month, flags FROM charges").fetchall()
    assert found == [("2026-10", ["month_of"])]
