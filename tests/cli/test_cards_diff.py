"""`wacost cards diff` tells what differs; with --month what that means in money."""

import csv
from decimal import Decimal

import pytest
from small_world import ACME, OTHER, put_calls

import wacost as library
from wacost.cards import RateCard
from wacost.cards.write import write_card
from wacost.store import open_store

ON = ("--on", "2026-11-01")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "wacost.toml").write_text(ACME + OTHER)
    put_calls(library.open(tmp_path).store_path)
    return tmp_path


def test_prices_that_change_alike_stand_in_one_line(wacost):
    result = wacost("cards", "diff", "meta-usd", "highlevel-usd", *ON)
    assert result.code == 0
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert "status: derived -> reported" in lines
    assert "market from 2026-11-01: EH, MA: Morocco -> Rest of Africa" in lines
    assert any(line.startswith("outbound Brazil,") and "+4.63" in line for line in lines)
    assert "meta-usd and highlevel-usd since 2026-11-01, by destination: 38 dearer" in result.err


def test_json_and_csv_have_every_difference(wacost):
    found = wacost("cards", "diff", "meta-usd", "highlevel-usd", *ON, "--json").json
    assert (found["since"], found["by"]) == ("2026-11-01", "destination")
    brazil = next(one for one in found["differences"] if one["destination"] == "Brazil")
    assert (brazil["old_rate"], brazil["new_rate"], brazil["percent"]) == (
        "0.0108", "0.0113", "+4.63",
    )  # fmt: skip
    text = wacost("cards", "diff", "meta-usd", "highlevel-usd", *ON, "--csv").out
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == len(found["differences"])
    assert next(row for row in rows if row["destination"] == "Brazil")["percent"] == "4.63"


def test_the_effect_in_money_is_that_of_rating_the_calls_under_both(wacost, folder):
    options = ("--month", "2026-10", "-w", folder)
    effect = wacost("cards", "diff", "meta-usd", "plivo-usd", *options, "--json").json["effect"]
    brazil, total = effect["countries"]
    # 61 s, 60 s and 60 s out; 600 s in. Meta: 11 + 10 + 10 pulses of 0.00108; Plivo: 2 + 1 + 1
    # minutes of 0.0142 and ten of 0.0040.
    assert brazil["country"] == "BR"
    assert (brazil["old_amount"], brazil["new_amount"]) == ("0.03348", "0.0968")
    assert brazil["difference"] == "0.06332"
    assert brazil["percent"] == "+189.13"
    assert (total["country"], total["difference"]) == ("all", "0.06332")
    log = library.open(folder)
    with open_store(log.store_path, read_only=True) as con:
        assert con.execute("SELECT count(*) FROM charge_rows").fetchall() == [(0,)]


def test_the_effect_can_be_told_for_one_account(wacost, folder):
    options = ("--month", "2026-10", "-w", folder, "--account", "other", "--json")
    effect = wacost("cards", "diff", "meta-usd", "plivo-usd", *options).json["effect"]
    assert effect["accounts"] == ["other"]
    assert Decimal(effect["countries"][-1]["old_amount"]) == Decimal("0.0108")


def test_two_editions_of_a_card_may_have_one_name(wacost, folder):
    new = folder / "next" / "meta-usd"
    new.mkdir(parents=True)
    (new / "card.toml").write_text(
        'name = "meta-usd"\ncurrency = "USD"\nstatus = "contract"\n'
        "[increments]\nfirst = 6\nnext = 6\n"
    )
    (new / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\n"
        "outbound,BR,0.0216,2026-01-01\ninbound,*,0,2026-01-01\n"
    )
    result = wacost("cards", "diff", "meta-usd", new, "--month", "2026-10", "-w", folder)
    assert result.code == 0
    assert "+100.00" in result.out


def test_where_one_card_has_no_price_there_is_no_difference_of_all(wacost, folder):
    new = folder / "inbound-only"
    new.mkdir()
    (new / "card.toml").write_text(
        'name = "inbound-only"\ncurrency = "USD"\nstatus = "contract"\n'
        "[increments]\nfirst = 6\nnext = 6\n"
    )
    (new / "rates.csv").write_text(
        "direction,destination,rate_per_minute,effective_from\ninbound,*,0,2026-01-01\n"
    )
    result = wacost("cards", "diff", "meta-usd", new, "--month", "2026-10", "-w", folder, "--json")
    total = result.json["effect"]["countries"][-1]
    assert (total["difference"], total["new_unpriced"]) == (None, 3)


@pytest.mark.parametrize(
    ("bands", "said", "bounds"),
    [
        # 66, 60 and 60 seconds at 0.3 a minute, all that between does not tell for the first
        ((("0.6", "0"), ("unknown", "1"), ("0.2", "2")), "1.02 to 1.46", ("0.09", "0.53")),
        ((("unknown", "0"), ("0.2", "1")), "0.62 or more", ("-0.31", None)),
    ],
)
def test_the_effect_is_a_range_where_a_rate_is_not_known(wacost, folder, bands, said, bounds):
    for name, ladder in (("flat", [("0.3", "0")]), ("banded", bands)):
        row = {"destination": "*", "effective_from": "2025-01-01"}
        rows = [
            row | {"direction": "outbound", "rate_per_minute": rate, "tier_from_minutes": minutes}
            for rate, minutes in ladder
        ]
        rows.append(row | {"direction": "inbound", "rate_per_minute": "0"})
        place = folder / "rates" / name
        place.mkdir(parents=True)
        write_card(RateCard.from_rows(rows, currency="USD", scope="card", name=name), place)
    options = ("flat", "banded", "--month", "2026-10", "-w", folder)
    result = wacost("cards", "diff", *options)
    assert said in result.out.splitlines()[-1]
    assert "banded: 1 call lies in a band whose rate is not known" in result.err
    effect = wacost("cards", "diff", *options, "--json").json["effect"]
    for row in effect["countries"]:
        assert (row["difference"], row["percent"], row["new_tier_unknown"]) == (None, None, 1)
        assert (row["difference_at_least"], row["difference_at_most"]) == bounds
    assert effect["difference_of_both"] is None
    assert effect["difference_of_both_at_least"] == bounds[0]
    text = wacost("cards", "diff", *options, "--csv").out
    last = list(csv.DictReader(text.splitlines()))[-1]
    assert (last["old_at_least"], last["difference"]) == ("0.93", "")
    assert (last["difference_at_least"], last["difference_at_most"]) == (bounds[0], bounds[1] or "")


def test_what_cannot_be_compared_is_a_sentence(wacost, folder):
    other = wacost("cards", "diff", "meta-usd", "meta-inr")
    assert (other.code, "not conversions of one another" in other.err) == (1, True)
    assert wacost("cards", "diff", "meta-usd", "nothing").code == 1
    assert wacost("cards", "diff", "meta-usd").code == 2
    assert wacost("cards", "diff", "meta-usd", "plivo-usd", "--account", "acme").code == 2
    options = ("--month", "2026-10", "-w", folder, "--account", "nobody")
    assert "no account 'nobody'" in wacost("cards", "diff", "meta-usd", "plivo-usd", *options).err
    assert wacost("cards", "diff", "meta-usd", "plivo-usd", "--month", "2026-13").code == 2


@pytest.mark.parametrize("option", [ON, ("--by", "destination")])
def test_what_does_not_go_with_the_effect_on_a_month_is_wrong_usage(wacost, folder, option):
    names = ("cards", "diff", "meta-usd", "plivo-usd", "-w", folder)
    result = wacost(*names, "--month", "2026-10", *option)
    assert (result.code, f"{option[0]}" in result.err) == (2, True)
    assert wacost(*names, "--month", "2026-10", "--by", "country").code == 0


def test_where_only_settings_differ_that_is_said(wacost, tmp_path):
    for name, seconds in (("a", 6), ("b", 60)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "card.toml").write_text(
            f'name = "{name}"\ncurrency = "USD"\nstatus = "contract"\n'
            f"[increments]\nfirst = {seconds}\nnext = {seconds}\n"
        )
        (tmp_path / name / "rates.csv").write_text(
            "direction,destination,rate_per_minute,effective_from\noutbound,BR,0.01,2026-01-01\n"
        )
    result = wacost("cards", "diff", tmp_path / "a", tmp_path / "b")
    assert result.out == "increments: 6/6 -> 60/60\n"
    assert result.err.endswith("no rate differs, but what stands above\n")
