"""`wacost margin` shows what is earned, and names what is sold below cost."""

import pytest
from small_world import ACME, put_calls

import wacost as library

RESALE = """
name = "resale"
title = "Resale"
currency = "USD"
status = "contract"
source = "contract"
retrieved = 2026-11-01
[increments]
first = 6
next = 6
"""
ROWS = """direction,destination,rate_per_minute,effective_from
outbound,*,0.001,2025-01-01
inbound,*,0.002,2025-01-01
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + 'sell_card = "resale"\n')
    card = tmp_path / "rates" / "resale"
    card.mkdir(parents=True)
    (card / "card.toml").write_text(RESALE)
    (card / "rates.csv").write_text(ROWS)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


def test_what_is_sold_below_cost_is_named(wacost, folder):
    wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    args = ("margin", "--month", "2026-10", "-w", folder, "--by", "country", "--by", "direction")
    result = wacost(*args, "--json")
    assert result.code == 0
    below = result.json["below_cost"]
    assert [(row["country"], row["direction"], row["margin"]) for row in below] == [
        ("BR", "outbound", "-0.02058")
    ]
    rows = {row["direction"]: row["margin"] for row in result.json["rows"]}
    assert rows == {"outbound": "-0.02058", "inbound": "0.02"}
    assert "sold below cost: BR outbound: -0.02058 USD" in wacost(*args).err


def test_cost_and_sale_in_two_currencies_have_no_margin_and_that_is_said(wacost, folder):
    card = folder / "rates" / "resale" / "card.toml"
    card.write_text(RESALE.replace("USD", "BHD"))
    wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    result = wacost("margin", "--month", "2026-10", "-w", folder)
    assert "no margin where the cost is in USD and the sale in BHD" in result.err
    assert "below cost" not in result.err


def test_a_month_that_was_not_rated_says_what_to_do(wacost, folder):
    result = wacost("margin", "--month", "2026-10", "-w", folder)
    assert (result.code, result.out) == (0, "")
    assert "set a sell_card, and rate the month" in result.err


def test_the_library_returns_the_same_as_a_frame(wacost, folder):
    pytest.importorskip("polars", reason="pip install 'wacost[frames]'")
    wacost("rate", "--month", "2026-10", "-w", folder, "--format", "json")
    frame = library.open(folder).margin(month="2026-10", by=["direction"])
    assert sorted(frame["direction"]) == ["inbound", "outbound"]
