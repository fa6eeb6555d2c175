"""`wacost quote` and `wacost cards` work without a workspace."""

import json

import pytest
from small_world import ACME

SECONDS = ("--seconds", "61", "--at", "2026-11-01T12:00:00-03:00")
KEYS = [
    "status",
    "amount",
    "currency",
    "billed_seconds",
    "pulses",
    "rate_per_minute",
    "country",
    "market",
    "tier_from_minutes",
    "card",
    "card_status",
    "card_checksum",
    "effective_from",
    "flags",
    "parts",
]


def test_json_has_the_promised_keys(wacost):
    result = wacost("quote", "+55 11 98765-4321", *SECONDS, "--json")
    assert result.code == 0
    charge = result.json
    assert list(charge) == KEYS
    assert (charge["amount"], charge["currency"]) == ("0.01188", "USD")
    assert (charge["billed_seconds"], charge["pulses"]) == (66, 11)


def test_a_quote_tells_its_steps(wacost):
    result = wacost("quote", "+55 11 98765-4321", *SECONDS)
    assert result.code == 0
    assert "0.01188" in result.out


def test_no_price_is_exit_1_and_told(wacost):
    result = wacost("quote", "+1 212 555 0100", *SECONDS, "--card", "meta-inr", "--json")
    assert result.code == 1
    assert result.json["status"] == "no_rate"
    assert result.json["amount"] is None


def test_a_country_is_enough(wacost):
    result = wacost("quote", "--country", "BR", *SECONDS, "--json")
    assert result.json["country"] == "BR"


@pytest.mark.parametrize(
    "options",
    [
        ("--card", "meta-usdd"),
        ("--timezone", "Mars/Olympus"),
        ("--at", "yesterday"),
        ("--minutes-before", "1,5"),
    ],
)
def test_wrong_values_are_sentences(wacost, options):
    result = wacost("quote", "+5511987654321", "--seconds", "61", *options)
    assert result.code == 1
    assert result.err.startswith("wacost: ")
    assert "should not have" not in result.err
    assert "hint: " in result.err


def test_the_account_gives_card_and_zone(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME.replace("meta-usd", "plivo-usd"))
    result = wacost(
        "quote", "+5511987654321", *SECONDS, "--account", "acme", "-w", tmp_path, "--json"
    )
    assert result.json["card"] == "plivo-usd"


def test_cards_are_listed(wacost):
    result = wacost("cards", "list", "--json")
    assert {"meta-usd", "meta-inr", "highlevel-usd", "plivo-usd", "demo-two-way"} <= {
        card["name"] for card in result.json
    }
    assert "meta-usd" in wacost("cards", "list").out


def test_a_card_is_shown_with_status_and_source(wacost):
    result = wacost("cards", "show", "meta-usd", "--country", "BR", "--json")
    rows = result.json["rates"]
    assert {row["destination"] for row in rows} <= {"BR", "Brazil", "*"}
    assert all(row["status"] and row["source"] for row in rows)
    assert json.dumps(rows)
    assert "derived" in wacost("cards", "show", "meta-usd").out


def test_a_card_that_is_not_there_names_the_nearest(wacost):
    result = wacost("cards", "show", "meta-us")
    assert result.code == 1
    assert "meta-usd" in result.err
