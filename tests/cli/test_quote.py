"""`wacost quote` and `wacost cards` work without a workspace."""

import json

import pytest
from small_world import ACME

import wacost as library

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
    ("options", "said"),
    [
        (("--timezone", "Mars/Olympus"), "'Mars/Olympus' is no time zone"),
        (("--at", "yesterday"), "'yesterday' is no time; ISO 8601"),
        (("--at", "9999-12-31T23:59:59"), "a year from 1900"),
        (("--at", "0001-01-01T00:00:00+14:00"), "a year from 1900"),
        (("--minutes-before", "abc"), "'abc' are no minutes"),
        (("--country", "XX"), "'XX' is no ISO country"),
        (("--seconds", "99999999999999"), "99999999999999 is no duration"),
    ],
)
def test_wrong_arguments_are_wrong_usage(wacost, options, said):
    result = wacost("quote", "+5511987654321", "--seconds", "61", *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_what_is_no_number_is_wrong_usage(wacost):
    assert wacost("quote", "abc", *SECONDS).code == 2


def test_a_card_that_does_not_exist_is_a_sentence(wacost):
    result = wacost("quote", "+5511987654321", *SECONDS, "--card", "meta-usdd")
    assert result.code == 1
    assert "hint: did you mean meta-usd?" in result.err


def test_a_country_is_read_in_either_case_and_refused_where_there_is_none(wacost):
    assert wacost("quote", "--country", "br", *SECONDS, "--json").json["country"] == "BR"
    shown = wacost("cards", "show", "meta-usd", "--country", "pl", "--json").json["rates"]
    assert shown == wacost("cards", "show", "meta-usd", "--country", "PL", "--json").json["rates"]
    assert len(shown) > 1
    wrong = wacost("cards", "show", "meta-usd", "--country", "poland")
    assert (wrong.code, "'poland' is no ISO country" in wrong.err) == (2, True)


@pytest.mark.parametrize("number", [5511987654321, 1.5, b"5511987654321"])
def test_a_number_that_is_no_text_is_an_error_of_wacost(number):
    with pytest.raises(library.WacostError, match="is no text"):
        library.load_card("meta-usd").quote(number, seconds=60)


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


def test_a_broken_card_is_told_and_the_good_ones_are_listed(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    for name, text in (("broken", "no toml"), ("empty", 'name = "empty"')):
        (tmp_path / "rates" / name).mkdir(parents=True)
        (tmp_path / "rates" / name / "card.toml").write_text(text)
    result = wacost("cards", "list", "-w", tmp_path, "--json")
    assert result.code == 1
    assert "meta-usd" in [card["name"] for card in result.json]
    first, second = result.err.splitlines()
    assert "rates/broken/card.toml: not valid TOML" in first
    assert "rates/empty" in second
