"""`wacost costs` tells a rated month: by whatever is asked, what changed, how far its bands are."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library
from wacost.balance.fx import Rate, Rates
from wacost.workspace.reporting import reported

BANDS = """
name = "bands"
title = "Bands"
currency = "USD"
status = "contract"
source = "contract"
retrieved = 2026-11-01
[increments]
first = 6
next = 6
"""
ROWS = """direction,destination,rate_per_minute,effective_from,tier_from_minutes
outbound,*,0.02,2025-01-01,0
outbound,*,0.01,2025-01-01,1
outbound,*,unknown,2025-01-01,5
inbound,*,0.005,2025-01-01,0
"""


@pytest.fixture
def folder(tmp_path):
    fees = 'fees = [{ name = "Seats", amount = "12.00", per = "year" }]\n'
    (tmp_path / "wacost.toml").write_text(ACME.replace("meta-usd", "bands") + fees + OTHER)
    card = tmp_path / "rates" / "bands"
    card.mkdir(parents=True)
    (card / "card.toml").write_text(BANDS)
    (card / "rates.csv").write_text(ROWS)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


@pytest.fixture
def rated(wacost, folder):
    wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    return folder


def test_the_rows_add_up_to_the_month_however_they_are_told(wacost, rated):
    sums = set()
    for by in ("country", "day", "direction", "market", "tier_from_minutes"):
        rows = wacost("costs", "--month", "2026-10", "--by", by, "-w", rated, "--json").json["rows"]
        amount = sum(Decimal(row["amount"]) for row in rows if row["amount"])
        sums.add((amount, sum(row["calls"] for row in rows)))
    assert len(sums) == 1


FX = "date,from,to,rate,source\n"


def test_a_month_is_told_in_the_currency_of_reports_with_rate_day_and_source(wacost, rated):
    """Beside its own currencies, rounded once, never without a rate that was declared."""
    settings = rated / "wacost.toml"
    settings.write_text('reporting_currency = "BRL"\n' + settings.read_text())
    args = ("costs", "--month", "2026-10", "-w", rated)
    none = wacost(*args)
    assert "In BRL" not in none.out
    assert "no total in BRL: fx.csv has no rate of USD to it on 2026-10-31" in none.err
    rates = "2026-10-02,USD,BRL,5.4321,bank\n2026-11-01,USD,BRL,9,bank\n"
    (rated / "fx.csv").write_text(FX + rates)
    amount = sum(Decimal(row["amount"]) for row in wacost(*args, "--json").json["rows"])
    due = str((amount * Decimal("5.4321")).quantize(Decimal("0.01"), "ROUND_HALF_UP"))
    assert wacost(*args, "--json").json["reported"] == {
        "currency": "BRL",
        "rates_of": "2026-10-31",
        "rows": [
            {"currency": "USD", "amount": f"{amount.normalize():f}", "rate": "5.4321",
             "rate_on": "2026-10-02", "source": "bank", "converted": due}
        ],
        "without_rate": [],
        "total": due,
    }  # fmt: skip
    told = wacost(*args)
    assert "In BRL, by the rates of fx.csv on 2026-10-31" in told.out
    assert told.out.splitlines()[-1].split()[1:] == ["0.0818", "5.4321", "2026-10-02", "bank", due]
    assert "no total" not in told.err


def test_without_the_rate_of_one_currency_there_is_no_total():
    rates = Rates((Rate(date(2026, 10, 1), "KWD", "JPY", Fraction(1, 3), "a"),))
    told = reported("2026-10", "JPY", {"KWD": Decimal("4.5"), "USD": Decimal(1)}, rates)
    assert [one.converted for one in told.rows] == [Decimal(2), None]  # 1.5 yen, half up
    assert (told.total, told.missing) == (None, ["USD"])


def test_a_table_ends_with_what_each_currency_comes_to_and_names_countries(wacost, rated):
    args = ("costs", "--month", "2026-10", "-w", rated)
    rows = wacost(*args, "--json").json["rows"]
    assert {row["country"] for row in rows} >= {"BR"}
    lines = wacost(*args).out.split("\n\n")[0].splitlines()
    totals = [line.split() for line in lines if line.startswith("total")]
    wanted = {}
    for row in rows:
        wanted.setdefault(row["currency"], []).append(row)
    wanted = {code: found for code, found in wanted.items() if len(found) > 1}
    assert {line[-1] for line in totals} == set(wanted)
    for line in totals:
        found = wanted[line[-1]]
        assert int(line[1]) == sum(row["calls"] for row in found)
        assert Decimal(line[-2]) == sum(Decimal(row["amount"]) for row in found if row["amount"])
    assert any(line.startswith("Brazil BR ") for line in lines)
    settings = rated / "wacost.toml"
    settings.write_text('locale = "pt_BR"\n' + settings.read_text())
    assert "\nBrasil BR " in wacost(*args).out


def test_a_day_is_local_to_the_account(wacost, rated):
    args = ("costs", "--month", "2026-10", "--account", "acme", "--by", "day", "-w", rated)
    days = [row["day"] for row in wacost(*args, "--json").json["rows"]]
    assert days == ["2026-10-05", "2026-10-06", "2026-10-31"]


def test_an_answered_call_bears_its_share_of_fixed_costs(wacost, rated):
    args = ("costs", "--month", "2026-10", "--account", "acme", "-w", rated, "--json")
    (row,) = wacost(*args).json["all_in"]
    assert (row["answered"], row["fees"]) == (3, "1")
    assert Decimal(row["total"]) == Decimal(row["cost"]) + 1
    assert row["per_answered_call"] == str(round(Decimal(row["total"]) / 3, 4))


def test_a_band_tells_when_it_was_reached_and_what_comes_next(wacost, rated):
    found = wacost("costs", "--month", "2026-10", "-w", rated, "--json").json["tiers"]
    (one,) = [row for row in found if row["card"] == "bands"]
    assert (one["direction"], one["used_seconds"], one["tier_from_minutes"]) == ("outbound", 126, 1)
    assert (one["rate_per_minute"], one["reached_on"]) == ("0.01", "2026-10-05")
    assert (one["next_from_minutes"], one["next_rate"]) == (5, None)


def test_a_month_that_was_not_rated_says_what_to_do(wacost, folder):
    result = wacost("costs", "--month", "2026-10", "-w", folder)
    assert (result.code, result.out) == (0, "")
    assert "rate the month first" in result.err


def test_people_read_the_same_figures(wacost, rated):
    result = wacost("costs", "--month", "2026-10", "--by", "day", "-w", rated)
    assert "2026-10-31" in result.out
    assert "Against 2026-09, in USD" in result.out
    assert wacost("costs", "--month", "2026-10", "--by", "nonsense", "-w", rated).code == 2
    assert wacost("costs", "--month", "2026-10", "--by", " , ", "-w", rated).code == 2


def test_the_library_returns_the_same_as_a_frame(wacost, rated):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    frame = library.open(rated).costs(month="2026-10", by=["day"])
    rows = library.open(rated).cost_rows(month="2026-10", by=["day"])
    assert frame["amount"].to_list() == [row.amount for row in rows]
    with pytest.raises(library.InputError, match="one month"):
        library.open(rated).costs(by=["day"])


def test_columns_are_named_with_commas_or_one_by_one(wacost, rated):
    args = ("costs", "--month", "2026-10", "-w", rated, "--json")
    together = wacost(*args, "--by", "country, direction").json["rows"]
    assert together == wacost(*args, "--by", "country", "--by", "direction").json["rows"]
    assert {"country", "direction"} <= set(together[0])
