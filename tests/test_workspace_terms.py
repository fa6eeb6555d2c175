"""What the terms of wacost.toml change, they change everywhere and from the same moment on."""

import json
from decimal import Decimal
from importlib.util import find_spec

import pytest
from small_world import ACME, OTHER, put_calls

import wacost
from wacost.errors import ConfigError, CurrencyMismatchError

frames = pytest.mark.skipif(
    find_spec("polars") is None, reason="needs the frames: pip install -e '.[frames]'"
)
KIRITIMATI = 'terms = [{ from = 2026-10-06, timezone = "Pacific/Kiritimati" }]\n'


@pytest.fixture
def claim(tmp_path):
    put_calls(tmp_path / "wacost.duckdb")

    def opened(text):
        (tmp_path / "wacost.toml").write_text(text)
        return wacost.open(tmp_path)

    return opened


def rows(log, query):
    with log.reading() as con:
        return con.execute(query).fetchall()


def test_a_sell_card_that_begins_by_a_term_prices_from_then_on_and_names_the_calls_before(claim):
    log = claim(ACME + 'terms = [{ from = 2026-10-06, sell_card = "demo-two-way" }]\n')
    invoice = log.rate("2026-10", kind="customer")
    assert invoice.side == "sale"
    assert {line.card for line in invoice.lines} == {"demo-two-way"}
    sold = rows(log, "SELECT call_id FROM charges WHERE side = 'sale' ORDER BY ALL")
    assert sold == [("a3",), ("a4",)]
    assert [(call.call_id, call.status) for call in invoice.unpriced.calls] == [
        ("a1", "no_sell_card")
    ]
    assert invoice.calls == 3  # a1 is named, a2 was not answered before anything was sold
    assert log.stale_months() == []


def test_before_a_sell_card_is_in_force_a_customer_is_told_the_cost(claim):
    log = claim(ACME + 'terms = [{ from = 2026-11-01, sell_card = "demo-two-way" }]\n')
    assert log.rate("2026-10", kind="customer").side == "cost"


@pytest.mark.parametrize("at", ["2026-10-05T23:59:30", "2026-10-06T00:00:00", "2026-10-05T23:58"])
@pytest.mark.parametrize("zone", ["", ', timezone = "Pacific/Kiritimati"'])
def test_a_quote_under_an_accounts_terms_is_what_rating_charges(claim, at, zone):
    log = claim(ACME + f'terms = [{{ from = 2026-10-06, card = "demo-two-way"{zone} }}]\n')
    log.rate("2026-10", "acme")
    quoted = log.quote("acme", "+5511987654321", seconds=60, at=at)
    with log.reading() as con:
        start = con.execute(f"SELECT TIMESTAMP '{at}' + INTERVAL 3 HOUR").fetchall()[0][0]
    with wacost.store.open_store(log.store_path) as con:
        con.execute(
            "UPDATE call_rows SET started_at = $at, ended_at = $at + INTERVAL 60 SECOND,"
            " duration_s = 60 WHERE call_id = 'a1'",
            {"at": start},
        )
    log.rate("2026-10", "acme")
    found = rows(log, "SELECT card, month, flags, amount FROM charges WHERE call_id = 'a1'")
    assert found == [(quoted.card, quoted.month, list(quoted.flags), quoted.amount)]


@frames
def test_times_are_told_in_the_zone_in_force_at_them(claim):
    log = claim(ACME + KIRITIMATI)
    # a3 is on 7 October in Kiritimati; a4 is in November there, a1 is still in Sao Paulo
    for month in ("2026-10", "2026-11"):
        log.rate(month)
    for month in ("2026-10", "2026-11"):
        listed = set(log.calls(month=month, account="acme")["call_id"])
        assert listed == set(log.charges(month=month, account="acme")["call_id"])
    assert "2026-10-05 09:00:00" in log.explain("a1").text()
    assert "2026-11-01 16:00:00" in log.explain("a4").text()


def test_unpriced_calls_are_listed_at_the_time_of_the_zone_in_force_at_them(claim):
    log = claim(ACME.replace("meta-usd", "meta-inr") + KIRITIMATI)
    unpriced = {call.call_id: call.at for call in log.rate("2026-10").unpriced.calls}
    assert unpriced == {"a1": "2026-10-05T09:00:00-03:00"}


def test_a_month_in_two_currencies_has_a_document_for_each_and_stops_nobody(claim, tmp_path):
    inr = ACME + 'terms = [{ from = 2026-10-06, card = "rupees" }]\n'
    place = tmp_path / "rates" / "rupees"
    place.mkdir(parents=True)
    (place / "card.toml").write_text(
        'name = "rupees"\ncurrency = "INR"\nstatus = "contract"\n[increments]\nfirst=6\nnext=6\n'
    )
    (place / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\noutbound,*,0.5,2026-01-01\n"
        "inbound,*,0,2026-01-01\n"
    )
    log = claim(inr + OTHER)
    drafts = log.invoices("2026-10")
    assert [(one.account, one.currency, one.total) for one in drafts] == [
        ("acme", "INR", Decimal("0.50")),
        ("acme", "USD", Decimal("0.01")),
        ("other", "USD", drafts[2].total),
    ]
    assert [one.calls for one in drafts] == [2, 2, 1]
    names = {wacost.billing.file_name(one, ".json") for one in drafts}
    assert names == {
        "acme-2026-10-expected-INR.json",
        "acme-2026-10-expected-USD.json",
        "other-2026-10-expected.json",
    }
    with pytest.raises(CurrencyMismatchError) as caught:
        log.rate("2026-10", "acme")
    assert "invoices(" in caught.value.hint
    assert json.dumps([one.as_dict() for one in drafts])


def test_minutes_used_elsewhere_and_observed_tiers_move_the_band(claim):
    group = '[portfolios.group]\naccounts = ["acme"]\n'
    acme = ACME.replace("meta-usd", "demo-two-way")
    used = 'external_minutes = [{ month = "2026-10", market = "Brazil", minutes = "49999" }]\n'
    seen = (
        'observed_tier = [{ month = "2026-10", market = "Brazil", tier_from_minutes = "250000",'
        " at = 2026-10-20T00:00:00Z }]\n"
    )
    tiers = "SELECT call_id, seconds_before, tier_from_minutes FROM charges WHERE call_id < 'b'"
    tiers += " AND direction = 'outbound' AND status = 'rated' ORDER BY ALL"
    log = claim(acme + group + used)
    log.rate("2026-10")
    assert rows(log, tiers) == [("a1", 2_999_940, 50_000), ("a4", 3_000_006, 50_000)]
    assert log.stale_months() == []
    log = claim(acme + group + used + seen)
    assert log.stale_months() == [("2026-10", "acme", "cost")]
    log.rate("2026-10")
    assert rows(log, tiers) == [("a1", 2_999_940, 50_000), ("a4", 15_000_000, 250_000)]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('{ month = "2026-10", minutes = "1" }', "by market"),
        ('{ month = "2026-10", country = "BR", minutes = "1" }', "to the market 'Brazil'"),
        ('{ month = "2026-10", market = "Brasil", minutes = "1" }', "no market 'Brasil'"),
        ('{ month = "2026-10", market = "Brazil", minutes = "0.001" }', "whole seconds"),
    ],
)
def test_minutes_that_would_count_nowhere_are_refused(claim, entry, says):
    group = f'[portfolios.group]\naccounts = ["acme"]\nexternal_minutes = [{entry}]\n'
    with pytest.raises(ConfigError, match=says):
        claim(ACME + group).rate("2026-10")


@pytest.mark.parametrize(
    ("minutes", "at", "says", "hint"),
    [
        ("50001", "2026-10-12T00:00:00Z", "begins above 50001 minutes", "50000 and 250000"),
        ("49999.5", "2026-10-12T00:00:00Z", "begins above 49999.5 minutes", "0 and 50000"),
        ("9000000", "2026-10-12T00:00:00Z", "no tier of meta-usd", "the nearest: 5000000;"),
        ("50000", "2026-10-01T02:59:59Z", "not in 2026-10 in America/Sao_Paulo", "01T03:00:00"),
        ("50000", "2026-11-01T03:00:00Z", "not in 2026-10 in America/Sao_Paulo", "or another"),
    ],
)
def test_a_tier_that_no_card_has_and_a_moment_outside_its_month_are_refused(
    claim, minutes, at, says, hint
):
    market = "Rest of Central & Eastern Europe"
    entry = (
        f'{{ month = "2026-10", market = "{market}", tier_from_minutes = "{minutes}", at = {at} }}'
    )
    group = f'[portfolios.group]\naccounts = ["acme"]\nobserved_tier = [{entry}]\n'
    with pytest.raises(ConfigError, match=says) as caught:
        claim(ACME + group).rate("2026-10")
    assert hint in caught.value.hint


@pytest.mark.parametrize("at", ["2026-10-01T03:00:00Z", "2026-11-01T02:59:59Z"])
def test_a_tier_may_be_observed_in_any_second_of_its_month(claim, at):
    entry = f'{{ month = "2026-10", market = "Brazil", tier_from_minutes = "50000", at = {at} }}'
    group = f'[portfolios.group]\naccounts = ["acme"]\nobserved_tier = [{entry}]\n'
    assert claim(ACME + group).rate("2026-10").calls
