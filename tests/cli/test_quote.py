"""`wacost quote` and `wacost cards` work without a workspace."""

import json

import pytest
from small_world import ACME

import wacost as library
from wacost.cards.write import write_card

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


@pytest.mark.parametrize("number", ["abc", "1", "+55", "-1", "-5511987654321"])
def test_what_is_no_number_is_wrong_usage(wacost, number):
    result = wacost("quote", *SECONDS, "--", number)
    assert (result.code, result.out) == (2, "")
    assert f"{number!r} is not a phone number with its calling code" in result.err


def test_a_country_that_the_number_overrules_is_told(wacost):
    """The number tells the country; what was given besides is not used without a word."""
    said = "PT was given too and is not used: the number tells BR"
    asked = ("quote", "+5511987654321", "--country", "PT")
    assert f"country    {said}" in wacost(*asked, *SECONDS).out
    as_json = wacost(*asked, *SECONDS, "--json")
    assert (as_json.json["country"], as_json.err.strip()) == ("BR", said)
    assert said in wacost(*asked, "--balance", "1").err
    for number, country in (("+5511987654321", "br"), ("+999123456", "BR")):
        told = wacost("quote", number, "--country", country, *SECONDS, "--json")
        assert (told.json["country"], told.err) == ("BR", "")


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


def test_a_balance_is_told_how_long_it_lasts(wacost):
    asked = ("quote", "+55 11 98765-4321", "--at", SECONDS[3])
    result = wacost(*asked, "--balance", "0.10")
    assert result.out == "0.10 USD last for 552 s (9 min 12 s), which cost 0.09936\n"
    told = wacost(*asked, "--balance", "0.10", "--json").json
    assert (told["max_seconds"], told["unlimited"], told["balance"]) == (552, False, "0.10")
    assert (told["currency"], told["max_seconds_amount"]) == ("USD", "0.09936")
    both = wacost(*asked, "--balance", "0.10", "--seconds", "61", "--json").json
    assert list(both)[: len(KEYS)] == KEYS
    assert (both["amount"], both["max_seconds"]) == ("0.01188", 552)


def test_a_balance_may_last_for_ever_or_for_nothing(wacost):
    asked = ("quote", "+5511987654321", "--balance")
    assert "any length" in wacost(*asked, "0", "--direction", "inbound").out
    endless = wacost(*asked, "0", "--direction", "inbound", "--json").json
    assert (endless["max_seconds"], endless["unlimited"]) == (None, True)
    assert "0 USD do not last for one second" in wacost(*asked, "0").out
    assert wacost(*asked, "9,98").code == 2
    assert wacost("quote", "+5511987654321").code == 2


def test_a_balance_for_calls_without_a_price_is_no_answer(wacost):
    result = wacost("quote", "+88213300123", "--balance", "1", "--json")
    assert (result.code, result.out) == (1, "")
    assert "no price" in result.err


def test_an_account_tells_how_long_its_balance_lasts(wacost, tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME)
    asked = ("quote", "+5511987654321", "--balance", "0.10", "-w", str(tmp_path))
    assert wacost(*asked, "--account", "acme", "--at", "2026-11-01T12:00", "--json").json[
        "max_seconds"
    ] == library.open(tmp_path).max_seconds("acme", "0.10", "+5511987654321", at="2026-11-01T12:00")


def test_a_card_is_shown_for_a_country_with_the_prefixes_that_price_its_calls(wacost, tmp_path):
    card = library.RateCard.from_rows(
        [
            {"direction": "outbound", "destination": to, "rate_per_minute": "0.01",
             "effective_from": "2026-01-01"}
            for to in ("1", "1204", "1809", "CA", "44", "North", "South", "*")
        ],
        currency="USD",
        markets=[
            {"market": market, "country_or_prefix": member, "effective_from": "2026-01-01"}
            for market, member in (("North", "1416"), ("South", "54"))
        ],
    )  # fmt: skip
    write_card(card, tmp_path)
    shown = wacost("cards", "show", tmp_path, "--country", "CA", "--json").json["rates"]
    assert [row["destination"] for row in shown] == ["1", "1204", "CA", "North", "*"]
