"""`wacost ingest` of summaries: bounds beside the counts, and nothing of them in any charge."""

import json
from decimal import Decimal

import pytest

import wacost as library

WHOLE = """[accounts.acme]
timezone = "America/Sao_Paulo"
card = "mine"
phone_number_ids = ["77"]

[imports.coarse]
kind = "summary"
columns = { country = "Country", calls = "Calls", minutes = "Minutes" }
direction = "outbound"
month = "2026-10"
phone_number_id = "77"

[imports.other]
kind = "summary"
columns = { country = "Land", calls = "Calls", minutes = "Minutes" }
direction = "outbound"
month = "2026-10"
"""
CARD = """name = "mine"
title = "Mine"
currency = "USD"
status = "contract"
source = "test"
retrieved = 2026-10-01
timezone = "account"
[increments]
first = 60
next = 60
"""
RATES = "direction,destination,rate_per_minute,effective_from\noutbound,BR,0.5,2025-08-01\n"


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "w"
    (folder / "rates" / "mine").mkdir(parents=True)
    (folder / "rates" / "mine" / "card.toml").write_text(CARD)
    (folder / "rates" / "mine" / "rates.csv").write_text(RATES)
    (folder / "wacost.toml").write_text(WHOLE)
    (folder / "s.csv").write_text("Country,Calls,Minutes\nBrazil,10,20\nIN,1,1\nTotal,11,21\n")
    return folder


def test_a_load_of_a_summary_says_between_what_its_calls_cost(wacost, workspace):
    result = wacost("ingest", "s.csv", "-w", workspace)
    assert result.code == 0, result.err
    counts, bounds = result.out.splitlines()[0], result.out
    assert counts == "3 records = 2 new + 0 duplicate + 0 quarantined + 1 ignored; 0 calls"
    # 10 calls of 20 minutes in all bill at least 20 minutes, at most 29 (nine of a second each)
    assert "between 10.00 and 14.50 USD (bounds from a summary; no call is known)" in bounds
    assert "1 of 2 rows has no bounds" in bounds
    assert "no_rate" in bounds
    again = wacost("ingest", "s.csv", "-w", workspace)
    assert "0 new + 2 duplicate" in again.out
    assert "between 10.00 and 14.50 USD" in again.out


def test_as_json_the_bounds_stand_beside_the_six_counts(wacost, workspace):
    told = json.loads(wacost("ingest", "s.csv", "--json", "-w", workspace).out)
    assert told["new"] == 2
    brazil, india = told["summary_bounds"]
    assert brazil == {
        "account": "acme", "month": "2026-10", "direction": "outbound", "country": "BR",
        "calls": 10, "talk_seconds": "1200", "currency": "USD", "least": "10.00",
        "most": "14.50", "flags": [],
    }  # fmt: skip
    assert (india["least"], india["flags"]) == (None, ["no_rate"])


def test_bounds_are_part_of_no_charge_and_no_invoice(workspace):
    log = library.open(workspace)
    log.ingest("s.csv")
    invoice = log.rate("2026-10", "acme")
    assert invoice.subtotal == 0
    with log.reading() as con:
        for table in ("charges", "calls"):
            assert con.execute(f"SELECT count(*) FROM {table}").fetchall() == [(0,)]


def test_rows_that_may_be_within_each_other_have_the_widest_bounds(workspace):
    (workspace / "late.csv").write_text("Country,Calls,Minutes\nBR,12,24\n")
    log = library.open(workspace)
    for order in (("s.csv", "late.csv"), ("late.csv", "s.csv")):
        log.store_path.unlink(missing_ok=True)
        for file in order:
            log.ingest(file)
        brazil, _ = log.summary_bounds("2026-10")
        assert brazil.bounds.flags == ("several_rows",)
        assert (brazil.least, brazil.most) == (
            Decimal("12.00"),
            Decimal("14.50") + Decimal("17.50"),
        )


def test_what_no_account_claims_has_no_bounds_and_other_months_none_of_it(workspace):
    (workspace / "o.csv").write_text("Land,Calls,Minutes\nBR,1,1\n")
    log = library.open(workspace)
    log.ingest("o.csv")
    (row,) = log.summary_bounds()
    assert (row.account, row.least, row.bounds.flags) == (None, None, ("no_account",))
    assert log.summary_bounds("2026-09") == []
    assert log.summary_bounds(account="acme") == []


def test_a_dry_run_shows_that_rows_become_bounds(wacost, workspace):
    (workspace / "wacost.toml").write_text(WHOLE.partition("[imports")[0])
    result = wacost("ingest", "s.csv", "--dry-run", "-w", workspace)
    assert result.code == 0, result.err
    assert 'kind = "summary"' in result.out
    assert 'add month = "2026-10"' in result.out
