"""The ledger leaves as a Beancount journal that bean-check accepts, and it says the same."""

import subprocess
import sys
from decimal import Decimal

import pytest
from balance.wallets import TOML, make, put

pytest.importorskip("beancount", reason="pip install -e '.[test]'")


def checked(log, tmp_path, at="2026-11-01T00:00"):
    """Run bean-check on the journal; return it, parsed."""
    from beancount import loader

    file = tmp_path / "ledger.beancount"
    file.write_text(log.balance_journal(log.balance_terms().name, at), encoding="utf-8")
    script = "from beancount.scripts.check import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    entries, errors, _ = loader.load_file(str(file))
    assert not errors
    return file.read_text(encoding="utf-8"), entries


def filled(log):
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    put(log, ("c1", "2026-10-02T12:00:00", 61), ("c2", "2026-10-02T13:00:00", 7))
    log.balance_add("topup", "100", at="2026-10-04T09:00", fee="5.50", note='card "1" \\ x')
    log.balance_add("message", "0.0625", at="2026-10-04T10:00")
    log.balance_add("fee", "1", at="2026-10-05T10:00")
    log.balance_add("adjustment", "-0.07", at="2026-10-31T23:00")
    log.balance_add("refund", "0.61", at="2026-10-31T23:30")
    log.balance_add("correction", "0.01", at="2026-10-31T23:31")
    log.balance_add("observed", "148.00", at="2026-10-31T23:45", entry_id="“seen” ; 1")
    return log


def test_bean_check_accepts_every_kind_of_entry(log, tmp_path):
    text, entries = checked(filled(log), tmp_path)
    posted = [one for one in entries if type(one).__name__ == "Transaction"]
    assert len(posted) == 9
    assert "Expenses:Calls:Acme  0.68 USD" in text
    total = sum(p.units.number for one in posted for p in one.postings if "Prepaid" in p.account)
    assert total == Decimal(log.balance("acme", "2026-11-01T00:00").amount) == 148


def test_a_journal_that_was_changed_is_refused(log, tmp_path):
    from beancount import loader

    text = filled(log).balance_journal("acme", "2026-11-01T00:00")
    assert loader.load_string(text)[1] == []
    assert loader.load_string(text.replace("0.68 USD", "0.67 USD"))[1] != []
    assert loader.load_string(
        text.replace("balance Assets:Prepaid:Acme  148", "balance Assets:Prepaid:Acme  147")
    )[1]


def test_amounts_that_no_decimal_ends_are_within_the_tolerance(tmp_path):
    log = make(
        tmp_path,
        rows="direction,destination,rate_per_minute,effective_from\noutbound,*,0.000000001,2025-01-01\n",
    )
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    put(log, *((f"c{n}", f"2026-10-{n:02}T12:00:00", 1) for n in range(2, 30)))
    checked(log, tmp_path)


def test_another_currency_has_its_price_and_what_has_no_rate_is_told(tmp_path):
    toml = TOML.replace("accounts.acme", 'accounts."acme 1_x"').replace(
        "balance = {", 'balance = { currency = "EUR",'
    )
    log = make(tmp_path, toml)
    log.balance_add("opening", "50", at="2026-10-01T00:00")
    put(log, ("c1", "2026-10-02T12:00:00", 60), ("c2", "2026-10-12T12:00:00", 60))
    (tmp_path / "fx.csv").write_text("date,from,to,rate,source\n2026-10-10,USD,EUR,0.9,ECB\n")
    text, _ = checked(log, tmp_path)
    assert "; no rate for 1 call of 2026-10-02: 0.6 USD" in text
    assert "Expenses:Calls:Acme-1-x  0.6 USD @@ 0.54 EUR" in text


def test_a_second_export_is_the_same_text(log):
    filled(log)
    once, again = (log.balance_journal("acme", "2026-11-01T00:00") for _ in range(2))
    assert once == again
