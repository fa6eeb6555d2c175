"""The bundled rate cards, read as plain CSV: what must hold of the files, whoever reads them."""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import pairwise

import pytest

from wacost.bundled import bundled
from wacost.cards.model import CHOICES
from wacost.cards.rows import MARKET_COLUMNS, RATE_COLUMNS
from wacost.cards.settings import _SECTIONS, _TOP
from wacost.dialplan import COUNTRIES, country_of

CARDS = [
    "botmaker-usd",
    "demo-two-way",
    "highlevel-usd",
    "meta-inr",
    "meta-usd",
    "plivo-usd",
    "zernio-usd",
]
WITH_MARKETS = [card for card in CARDS if card not in {"plivo-usd", "zernio-usd"}]
SLOTTED = "botmaker-usd"
BEGIN = {"highlevel-usd": date(2026, 4, 1), SLOTTED: date(2025, 9, 4)}
SLOT_COLUMNS = ["from_second", "fee"]
COLUMNS = [
    "direction",
    "destination",
    "rate_per_minute",
    "effective_from",
    "effective_to",
    "tier_from_minutes",
    "status",
    "source",
    "note",
]
STATUSES = {"published", "derived", "reported", "contract", "illustrative"}
BANDS = [0, 50_000, 250_000, 1_000_000, 2_500_000, 5_000_000]
NO_CALLING_CODE = {"AQ", "BV", "GS", "HM", "PN", "TF", "UM"}
LEFT_THEIR_GROUP = {
    "BD": "Bangladesh",
    "IQ": "Iraq",
    "KW": "Kuwait",
    "KZ": "Kazakhstan",
    "LK": "Sri Lanka",
    "MA": "Morocco",
    "NP": "Nepal",
    "OM": "Oman",
    "UA": "Ukraine",
}
SPLIT_ON = date(2026, 10, 1)
MAIN_COUNTRY = {"VA": "IT", "GG": "GB", "JE": "GB", "IM": "GB", "CX": "AU", "CC": "AU"} | {
    "SJ": "NO",
    "AX": "FI",
    "EH": "MA",
}


@cache
def table(card: str, name: str) -> list[dict[str, str]]:
    with (bundled("rates") / card / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def settings(card: str) -> dict:
    return tomllib.loads((bundled("rates") / card / "card.toml").read_text(encoding="utf-8"))


def ladders(card: str) -> dict[tuple[str, str, str], list[dict[str, str]]]:
    """Return the sets of rows of the first slot: (direction, destination, effective_from)."""
    return ladders_of_slot(card, "0")


def ladders_of_slot(card: str, second: str) -> dict[tuple[str, str, str], list[dict[str, str]]]:
    found: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    for row in table(card, "rates.csv"):
        if row.get("from_second", "0") != second:
            continue
        key = (row["direction"], row["destination"], row["effective_from"])
        found.setdefault(key, []).append(row)
    return found


def in_force(first: str, last: str, on: date) -> bool:
    return date.fromisoformat(first) <= on and (not last or on < date.fromisoformat(last))


def markets_on(card: str, on: date) -> dict[str, list[str]]:
    """Return country -> its markets on a day."""
    found: dict[str, list[str]] = {}
    for row in table(card, "markets.csv"):
        if in_force(row["effective_from"], row["effective_to"], on):
            found.setdefault(row["country_or_prefix"], []).append(row["market"])
    return found


def market_on(card: str, country: str, on: date) -> str:
    return markets_on(card, on)[country][0]


def rates_on(card: str, direction: str, destination: str, on: date) -> list[str]:
    """Return the rates of a destination's bands on a day: the latest set that has begun."""
    days = [
        day
        for a_direction, a_destination, day in ladders(card)
        if (a_direction, a_destination) == (direction, destination) and in_force(day, "", on)
    ]
    return [row["rate_per_minute"] for row in ladders(card)[direction, destination, max(days)]]


def list_rate(card: str, country: str, on: date) -> str:
    return rates_on(card, "outbound", market_on(card, country, on), on)[0]


def rounded(rate: Decimal) -> Decimal:
    return rate.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def test_each_card_is_a_folder_with_its_files():
    assert sorted(path.parent.name for path in bundled("rates").glob("*/card.toml")) == CARDS
    for card in CARDS:
        files = {path.name for path in (bundled("rates") / card).iterdir()}
        markets = {"markets.csv"} if card in WITH_MARKETS else set()
        assert files == {"card.toml", "rates.csv"} | markets


@pytest.mark.parametrize("card", CARDS)
def test_every_card_and_row_says_how_it_is_known(card):
    assert settings(card)["name"] == card
    assert settings(card)["status"] in STATUSES
    assert settings(card)["source"]
    assert settings(card)["retrieved"] == date(2026, 11, 22)
    for row in table(card, "rates.csv"):
        assert [name for name in row if name not in SLOT_COLUMNS] == COLUMNS
        assert (len(row) > len(COLUMNS)) == (card == SLOTTED)
        assert row["status"] in STATUSES
        assert row["source"]
        assert row["direction"] in {"inbound", "outbound"}


@pytest.mark.parametrize("card", CARDS)
def test_every_ladder_begins_at_zero_and_climbs(card):
    for key, rows in ladders(card).items():
        bounds = [int(row["tier_from_minutes"]) for row in rows]
        assert bounds in ([0], BANDS), key
        known = [Decimal(row["rate_per_minute"]) for row in rows if is_known(row)]
        assert all(lower < higher for higher, lower in pairwise(known)), key
        assert (rows[0]["rate_per_minute"] == "unknown") == (card == "zernio-usd"), key


def is_known(row: dict[str, str]) -> bool:
    return row["rate_per_minute"] not in {"n/a", "unknown"}


@pytest.mark.parametrize("card", CARDS)
def test_rows_stand_in_order_and_files_end_their_lines_alike(card):
    rows = table(card, "rates.csv")
    keys = [
        (
            r["direction"],
            r["destination"],
            r["effective_from"],
            int(r.get("from_second", "0")),
            int(r["tier_from_minutes"]),
        )
        for r in rows
    ]
    assert keys == sorted(set(keys))
    for path in (bundled("rates") / card).iterdir():
        assert b"\r" not in path.read_bytes()


@pytest.mark.parametrize("card", WITH_MARKETS)
@pytest.mark.parametrize("on", [date(2025, 8, 1), date(2026, 9, 30), SPLIT_ON])
def test_every_country_that_can_be_called_is_in_exactly_one_market(card, on):
    if on < BEGIN.get(card, on):
        assert markets_on(card, on) == {}
        return
    found = markets_on(card, on)
    assert set(found) == COUNTRIES - NO_CALLING_CODE
    assert {country for country, markets in found.items() if len(markets) != 1} == set()


@pytest.mark.parametrize("card", [SLOTTED, "demo-two-way", "highlevel-usd", "meta-usd"])
@pytest.mark.parametrize("on", [date(2026, 4, 1), date(2026, 9, 30), SPLIT_ON])
def test_every_market_has_a_rate_and_every_rate_a_market(card, on):
    markets = {market for names in markets_on(card, on).values() for market in names}
    priced = {
        destination
        for direction, destination, day in ladders(card)
        if direction == "outbound" and in_force(day, "", on)
    }
    assert priced == markets


@pytest.mark.parametrize("card", WITH_MARKETS)
def test_a_territory_goes_with_the_calling_code_it_shares(card):
    for on in (date(2026, 9, 30), SPLIT_ON):
        for territory, main in MAIN_COUNTRY.items():
            assert market_on(card, territory, on) == market_on(card, main, on)
    for number, market in {
        "18095550100": "Rest of Latin America",
        "18765550100": "Rest of Latin America",
        "19395550100": "Rest of Latin America",
        "12045550100": "North America",
        "12425550100": "Other",
        "390669812345": "Italy",
    }.items():
        assert market_on(card, country_of(number), SPLIT_ON) == market


def test_all_cards_of_meta_have_one_market_list():
    assert table("meta-inr", "markets.csv") == table("meta-usd", "markets.csv")
    day = date(2026, 9, 30)
    theirs, ours = markets_on("highlevel-usd", day), markets_on("meta-usd", day)
    assert {c for c in ours if ours[c] != theirs[c]} == {"KZ"}
    assert theirs["KZ"] == ["Other"]


@pytest.mark.parametrize("card", ["demo-two-way", "meta-inr", "meta-usd"])
def test_nine_countries_left_their_group_on_the_first_of_october(card):
    before, after = date(2026, 9, 30), SPLIT_ON
    moved = {
        country
        for country in COUNTRIES - NO_CALLING_CODE
        if market_on(card, country, before) != market_on(card, country, after)
    }
    assert moved == set(LEFT_THEIR_GROUP) - {"KZ"} | {"EH"}
    for country, name in LEFT_THEIR_GROUP.items():
        assert market_on(card, country, after) == name
    assert market_on(card, "KZ", before) == "Kazakhstan"


def test_leaving_a_group_changed_no_list_rate():
    for country in LEFT_THEIR_GROUP:
        before, after = (list_rate("meta-usd", country, d) for d in (date(2026, 9, 30), SPLIT_ON))
        assert before == after
        assert set(rates_on("meta-usd", "outbound", LEFT_THEIR_GROUP[country], SPLIT_ON)[1:]) == {
            "unknown"
        }


def test_what_is_not_settled_about_kazakhstan_stands_on_its_rows():
    rows = [row for row in table("meta-usd", "rates.csv") if row["destination"] == "Kazakhstan"]
    first = [row for row in rows if row["tier_from_minutes"] == "0"]
    assert [row["status"] for row in first] == ["illustrative", "derived"]
    assert all("0.0132" in row["note"] and "0.0097" in row["note"] for row in first)


@pytest.mark.parametrize(
    ("country", "rate"),
    [
        ("BR", "0.0108"),
        ("IN", "0.0053"),
        ("ID", "0.0242"),
        ("AE", "0.0127"),
        ("US", "0.0128"),
        ("GB", "0.0099"),
        ("NL", "0.0063"),
        ("TR", "0.0108"),
        ("NG", "0.0103"),
        ("RU", "0.0097"),
        ("KE", "0.0103"),
        ("JP", "0.0114"),
        ("HK", "0.0114"),
        ("PL", "0.0095"),
        ("QA", "0.0127"),
        ("SE", "0.0103"),
        ("DO", "0.0116"),
        ("BS", "0.0132"),
        ("KZ", "0.0132"),
    ],
)
def test_list_rates_of_meta_in_dollars(country, rate):
    assert list_rate("meta-usd", country, date(2025, 8, 1)) == rate
    assert list_rate("meta-usd", country, SPLIT_ON) == rate


def test_ladders_of_meta_that_were_read():
    group = "Rest of Central & Eastern Europe"
    assert rates_on("meta-usd", "outbound", group, SPLIT_ON) == [
        "0.0095",
        "0.0076",
        "0.0066",
        "0.0058",
        "0.0043",
        "0.0037",
    ]
    assert {row["status"] for row in ladders("meta-usd")["outbound", group, "2026-10-01"]} == {
        "published"
    }
    tops = {"Argentina": "0.0046", "Chile": "0.0055", "Colombia": "0.0039"}
    tops |= {"Mexico": "0.0038", "Peru": "0.0059"}
    for market, top in tops.items():
        rates = rates_on("meta-usd", "outbound", market, date(2025, 9, 4))
        assert rates[1:] == ["unknown"] * 4 + [top]
        assert rates_on("meta-usd", "outbound", market, date(2025, 9, 3))[1:] == ["unknown"] * 5
        assert rates[0] == rates_on("meta-usd", "outbound", market, date(2025, 9, 3))[0]


def test_inbound_is_free_where_the_supplier_says_so():
    for card in ("meta-usd", "meta-inr", "highlevel-usd"):
        assert settings(card).get("published_every", "quarter") == "quarter"
        inbound = [row for row in table(card, "rates.csv") if row["direction"] == "inbound"]
        assert [(row["destination"], row["rate_per_minute"]) for row in inbound] == [("*", "0")]
    assert rates_on("plivo-usd", "inbound", "*", SPLIT_ON) == ["0.0040"]
    assert rates_on("plivo-usd", "inbound", "IN", SPLIT_ON) == ["0.0053"]


def test_rupees_are_a_card_of_their_own():
    assert settings("meta-inr")["currency"] == "INR"
    rates = rates_on("meta-inr", "outbound", "India", date(2026, 7, 1))
    assert rates == ["0.3885"] + ["unknown"] * 5
    assert {key[1] for key in ladders("meta-inr")} == {"*", "India"}


def test_highlevel_is_meta_and_five_percent():
    day, compared, offered = date(2026, 4, 1), 0, set()
    for row in table("highlevel-usd", "rates.csv"):
        if row["direction"] == "outbound" and is_known(row):
            meta = Decimal(rates_on("meta-usd", "outbound", row["destination"], day)[0])
            assert Decimal(row["rate_per_minute"]) == rounded(meta * Decimal("1.05"))
            compared += 1
        elif row["direction"] == "outbound":
            offered.add(row["destination"])
    assert compared == 28
    assert offered == {"Egypt", "Nigeria", "North America", "Turkey"}


def test_plivo_is_meta_less_a_tenth_and_a_fee():
    day, compared = date(2026, 4, 1), 0
    for row in table("plivo-usd", "rates.csv"):
        if row["direction"] == "outbound":
            country = row["destination"]
            meta = Decimal(
                rates_on("meta-usd", "outbound", "Other", day)[0]
                if country == "*"
                else list_rate("meta-usd", country, day)
            )
            fee = Decimal("0.0040") if country == "IN" else Decimal("0.0045")
            assert Decimal(row["rate_per_minute"]) == rounded(meta * Decimal("0.9") + fee), country
            compared += 1
    assert compared == 137


def test_plivo_knows_136_countries_and_a_fallback_in_both_directions():
    for direction in ("inbound", "outbound"):
        found = {key[1] for key in ladders("plivo-usd") if key[0] == direction}
        assert len(found) == 137
        assert found - {"*"} <= COUNTRIES
        assert "AE" not in found
    assert settings("plivo-usd")["increments"] == {"first": 60, "next": 60}


def test_the_demonstration_charges_both_directions_on_whole_ladders():
    inbound, outbound = (
        {key[1:]: rows for key, rows in ladders("demo-two-way").items() if key[0] == direction}
        for direction in ("inbound", "outbound")
    )
    assert inbound.keys() == outbound.keys()
    for key, rows in outbound.items():
        assert [int(row["tier_from_minutes"]) for row in rows] == BANDS
        for out, back in zip(rows, inbound[key], strict=True):
            half = rounded(Decimal(out["rate_per_minute"]) / 2)
            assert Decimal(back["rate_per_minute"]) == half
    assert {row["status"] for row in table("demo-two-way", "rates.csv")} == {"illustrative"}


def test_botmaker_is_its_fees_and_the_rates_of_meta():
    """Its page: up to 2 minutes $0.07, 2 to 60 minutes $0.30, above 60 two calls of 60 minutes."""
    fees = {"0": "0.07", "120": "0.23", "3600": "0.30", "7200": "0.30", "10800": "0.30"}
    fees["14400"] = ""  # beyond four hours
    for row in table(SLOTTED, "rates.csv"):
        assert row["fee"] == fees[row["from_second"]]
    slots = {second: ladders_of_slot(SLOTTED, second) for second in fees}
    for (direction, destination, day), rows in slots["0"].items():
        if direction == "inbound":
            assert [row["rate_per_minute"] for row in rows] == ["0"]
            continue
        meta = rates_on("meta-usd", "outbound", destination, date.fromisoformat(day))
        assert [row["rate_per_minute"] for row in rows] == meta
        assert slots["14400"][direction, destination, day][0]["rate_per_minute"] == "unknown"
        for later in list(fees)[1:-1]:  # what is not known of a call's start is not of its end
            there = slots[later][direction, destination, day]
            assert [row["rate_per_minute"] for row in there] == meta


def test_what_zernio_charges_for_its_leg_is_a_named_gap():
    assert {r["rate_per_minute"] for r in table("zernio-usd", "rates.csv")} == {"unknown"}
    assert {r["direction"] for r in table("zernio-usd", "rates.csv")} == {"inbound", "outbound"}


def test_the_readme_tells_every_column_and_every_key_of_a_card():
    text = (bundled("rates") / "README.md").read_text(encoding="utf-8")
    keys = {key for parts in _SECTIONS.values() for key in parts}
    words = {*RATE_COLUMNS, *MARKET_COLUMNS, *_TOP, *keys, "factor", "add_per_minute"}
    words |= {word for choices in CHOICES.values() for word in choices}
    assert sorted(word for word in words if f"`{word}`" not in text) == []
    assert sorted(name for name in (*_SECTIONS, "derive") if f"`[{name}]`" not in text) == []


def test_the_readme_explains_every_card():
    text = (bundled("rates") / "README.md").read_text(encoding="utf-8")
    assert all(f"\n## {card}\n" in text for card in CARDS)
