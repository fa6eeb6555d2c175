"""Rate cards are read strictly: a mistake is named with file, line, column, text and hint."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import cards, write_card

from wacost.cards import RateCard, card_from_json, card_names, load_card
from wacost.errors import RateCardError

TOML = """
name = "mine"
currency = "USD"
status = "contract"
[increments]
first = 6
next = 6
"""
HEAD = "direction,destination,rate_per_minute,effective_from,effective_to,tier_from_minutes"


def folder(tmp_path, *, toml=TOML, rates=(), head=HEAD, markets=()):
    place = tmp_path / "mine"
    place.mkdir()
    (place / "card.toml").write_text(toml, encoding="utf-8")
    (place / "rates.csv").write_text("\n".join([head, *rates]) + "\n", encoding="utf-8")
    if markets:
        lines = ["market,country_or_prefix,effective_from,effective_to", *markets]
        (place / "markets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


@pytest.mark.parametrize("name", card_names())
def test_every_bundled_card_is_read_and_survives_the_store(name):
    card = load_card(name)
    again = card_from_json(card.as_json())
    assert again.checksum == card.checksum
    assert again.rows == card.rows


def test_a_good_card_is_read(tmp_path):
    card = load_card(
        folder(
            tmp_path,
            rates=[
                "outbound,IN,0.0053,2025-08-01,,",
                "outbound,IN,unknown,2025-08-01,,50000",
                "outbound,Rest,n/a,2025-08-01,2026-01-01,",
                "inbound,*,0,2025-08-01,,",
                "outbound,5511,0.123456789,2025-08-01,,",
            ],
            markets=["Rest,BR,2025-08-01,", "Rest,7701,2025-08-01,"],
        )
    )
    assert [row.rate_nanos for row in card.rows] == [5_300_000, None, None, 0, 123_456_789]
    assert [row.kind for row in card.rows] == ["known", "unknown", "n/a", "known", "known"]
    assert card.rows[1].tier_from_minutes == 50_000
    assert card.rows[2].effective_to == date(2026, 1, 1)
    assert card.rounding.places == 2


GOOD = "outbound,IN,0.0053,2025-08-01,,"


@pytest.mark.parametrize(
    ("rates", "line", "says"),
    [
        (["outbound,IN,0,0053,2025-08-01,,"], 2, "comma in a price"),
        (['outbound,IN,"0,0053",2025-08-01,,'], 2, "found '0,0053'"),
        ([GOOD, "outbound,BR,$0.01,2025-08-01,,"], 3, "found '$0.01'"),
        (["outbound,IN,0.01234567891,2025-08-01,,"], 2, "9 places"),
        (["outbound,IN,-0.01,2025-08-01,,"], 2, "from 0"),
        (["outbound,IN, 0.01,2025-08-01,,"], 2, "found ' 0.01'"),
        (["outbound,IN,,2025-08-01,,"], 2, "rate_per_minute"),
        (["outbound,IN,1e-2,2025-08-01,,"], 2, "found '1e-2'"),
        (["outwards,IN,0.01,2025-08-01,,"], 2, "inbound or outbound"),
        (["outbound,QQ,0.01,2025-08-01,,"], 2, "no such destination"),
        (["outbound,+91,0.01,2025-08-01,,"], 2, "without + and zeros before: 91"),
        (["outbound,0091,0.01,2025-08-01,,"], 2, "without + and zeros before: 91"),
        (["outbound,in,0.01,2025-08-01,,"], 2, "did you mean IN?"),
        (["outbound,India,0.01,2025-08-01,,"], 2, "a country is its ISO code"),
        (["outbound,Indai,0.01,2025-08-01,,"], 2, "no such destination"),
        (["outbound,IN,0.01,2025-8-1,,"], 2, "YYYY-MM-DD"),
        (["outbound,IN,0.01,2025-02-30,,"], 2, "YYYY-MM-DD"),
        (["outbound,IN,0.01,2025-08-01,2025-08-01,"], 2, "a day after effective_from"),
        (["outbound,IN,0.01,2025-08-01,,50,000"], 2, "cells"),
        (["outbound,IN,0.01,2025-08-01,,50000"], 2, "a gap below it"),
        ([GOOD, GOOD], 3, "two rates for one key"),
        (
            ["outbound,IN,0.01,2025-08-01,2026-02-01,", "outbound,IN,0.02,2026-01-01,,"],
            3,
            "overlap in time",
        ),
        (
            ["outbound,IN,0.01,2025-08-01,2025-12-01,", "outbound,IN,0.02,2026-01-01,,"],
            3,
            "gap in time",
        ),
        (
            [GOOD, "outbound,IN,1,2025-08-01,,50", "outbound,IN,n/a,2026-01-01,,"],
            4,
            "n/a stands alone",
        ),
        (
            [
                GOOD,
                "outbound,IN,1,2025-08-01,,50",
                "outbound,IN,1,2026-01-01,,",
                "outbound,IN,1,2026-01-01,,60",
            ],
            5,
            "end line 3 with effective_to = 2026-01-01",
        ),
        (["outbound,IN,n/a,2025-08-01,,", "outbound,IN,1,2025-08-01,,50"], 2, "n/a stands alone"),
        ([GOOD, 'outbound,"IN,0.0053,2025-08-01,,'], 3, "CSV"),
        ([GOOD, "outbound,IN,N/A,2025-08-01,,"], 3, "expected n/a, in small letters"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rates_is_named_with_its_place(tmp_path, rates, line, says):
    with pytest.raises(RateCardError) as caught:
        load_card(folder(tmp_path, rates=rates))
    assert says in f"{caught.value} {caught.value.hint}"
    assert caught.value.file.endswith("rates.csv")
    assert caught.value.line == line


def test_lines_without_any_text_are_none(tmp_path):
    lines = load_card(folder(tmp_path, rates=[",,,,,", GOOD, "", ",,,,,"])).rows
    assert [row.line for row in lines] == [3]


def test_each_row_has_its_own_time(tmp_path):
    rates = [
        "outbound,IN,0.01,2025-08-01,,",
        "outbound,IN,0.005,2025-08-01,,50",
        "outbound,IN,0.002,2025-08-01,2026-10-01,60",
        "outbound,IN,0.011,2026-07-01,,",
    ]
    card = load_card(folder(tmp_path, rates=rates))
    asked = {"country": "IN", "seconds": 60, "minutes_before": 70}
    quoted = [card.quote(**asked, at=f"2026-{month}-10") for month in ("06", "07", "10")]
    assert [(str(one.amount), one.tier_from_minutes) for one in quoted] == [
        ("0.002", 60),
        ("0.002", 60),
        ("0.005", 50),
    ]
    assert [str(one.effective_from) for one in quoted] == ["2025-08-01", "2026-07-01", "2026-07-01"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"USD"', '"US$"', "ISO 4217"),
        ("currency", "curency", "did you mean currency"),
        ('"contract"', '"agreed"', "not a status"),
        ("first = 6", "first = 0", "increments.first"),
        ("next = 6", 'next = "6"', "increments.next"),
        ("next = 6", "next = 6\nlast = 6", "increments.last"),
        ("[increments]", "timezone = 'Mars/Olympus'\n[increments]", "zone"),
        ("[increments]", "retrieved = '2026-11-22'\n[increments]", "retrieved"),
        ("next = 6", "next = 6\n[tiers]\nmodel = 'steps'", "tiers.model"),
        ("next = 6", "next = 6\n[rounding]\nplaces = 2.0", "rounding.places"),
        ("next = 6", "next = 6\n[rounding]\nmode = 'near'", "rounding.mode"),
        ("next = 6", "next = 6\n[limits]\nmin_charge = 0.05", "limits.min_charge"),
        ("next = 6", "next = 6\n[policies]\nmonth_of = 'middle'", "policies.month_of"),
        ("next = 6", "next = 6\n[derive]\nfactor = '2'", "derive"),
        ("next = 6", "next = ", "TOML"),
    ],
)
def test_a_mistake_in_the_settings_is_named(tmp_path, old, new, says):
    with pytest.raises(RateCardError) as caught:
        load_card(folder(tmp_path, toml=TOML.replace(old, new), rates=[GOOD]))
    assert says in f"{caught.value} {caught.value.hint}"
    assert caught.value.file.endswith("card.toml")


@pytest.mark.parametrize(
    ("markets", "says"),
    [
        (["Rest,BRA,2025-08-01,"], "ISO country or prefix"),
        (["IN,BR,2025-08-01,"], "may not look like"),
        (["Rest,BR,2025-08-01,", "Other,BR,2025-08-01,"], "stands twice"),
        (["Rest,BR,2025-08-01,2026-02-01", "Other,BR,2026-01-01,"], "overlap"),
    ],
)
def test_a_mistake_in_the_markets_is_named(tmp_path, markets, says):
    with pytest.raises(RateCardError, match=says):
        load_card(folder(tmp_path, rates=[GOOD], markets=markets))


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("direction,destination,rate,effective_from", "rate_per_minute"),
        ("direction,destination,rate_per_minute", "effective_from is missing"),
        (f"{HEAD},fee,fee", "stands twice"),
        (HEAD.replace(",", ";"), "its columns are separated by semicolons, not by commas"),
        (HEAD.replace(",", "\t"), "its columns are separated by tabs"),
    ],
)
def test_a_wrong_head_is_named(tmp_path, head, says):
    with pytest.raises(RateCardError) as caught:
        load_card(folder(tmp_path, head=head, rates=[]))
    assert says in f"{caught.value} {caught.value.hint}"


def test_files_that_are_no_text_or_empty_are_a_sentence(tmp_path):
    place = folder(tmp_path, rates=[GOOD])
    (place / "rates.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RateCardError, match="not UTF-8"):
        load_card(place)
    (place / "rates.csv").write_bytes(b"")
    with pytest.raises(RateCardError, match="empty"):
        load_card(place)
    (place / "rates.csv").unlink()
    with pytest.raises(RateCardError, match="cannot be read"):
        load_card(place)


def test_a_folder_whose_name_no_card_can_have_says_so_and_a_hidden_one_holds_none(tmp_path):
    place = folder(tmp_path, rates=["outbound,*,0.01,2026-01-01,,"])
    place.rename(tmp_path / "my card")
    (tmp_path / ".old").mkdir()
    (tmp_path / ".old" / "card.toml").write_text(TOML)
    assert card_names(tmp_path) == ["my card"]
    with pytest.raises(RateCardError, match="'my card' is no name of a card"):
        load_card("my card", rates_dir=tmp_path)


def test_an_unknown_card_names_the_nearest():
    with pytest.raises(RateCardError) as caught:
        load_card("meta-usa")
    assert "meta-usd" in caught.value.hint


def test_a_card_of_the_workspace_comes_before_a_bundled_one(tmp_path):
    place = folder(tmp_path, toml=TOML.replace("mine", "meta-usd"), rates=[GOOD])
    place.rename(tmp_path / "meta-usd")
    assert load_card("meta-usd", rates_dir=tmp_path).status == "contract"
    assert load_card("meta-usd").status == "derived"


def test_layout_and_order_do_not_change_the_checksum_and_content_does(tmp_path):
    rates = [GOOD, "outbound,BR,0.01,2025-08-01,,", "inbound,*,0,2025-08-01,,"]
    card = load_card(folder(tmp_path, rates=rates))
    (tmp_path / "again").mkdir()
    toml = f"# a comment\n{TOML}".replace(" = ", "=")
    again = load_card(folder(tmp_path / "again", toml=toml, rates=rates[::-1]))
    (tmp_path / "other").mkdir()
    other = load_card(folder(tmp_path / "other", rates=[*rates[:2], "inbound,*,0.1,2025-08-01,,"]))
    assert card.checksum == again.checksum
    assert card.checksum != other.checksum


def test_rows_in_python_and_in_a_file_make_the_same_prices(tmp_path):
    filed = load_card(folder(tmp_path, rates=[GOOD]))
    given_rows = RateCard.from_rows(
        [
            {
                "direction": "outbound",
                "destination": "IN",
                "rate_per_minute": Decimal("0.0053"),
                "effective_from": date(2025, 8, 1),
                "tier_from_minutes": None,
            }
        ],
        currency="USD",
    )
    assert given_rows.checksum == filed.checksum


@pytest.mark.parametrize("value", [0.0053, float("nan"), True, Decimal("NaN"), object()])
def test_a_price_that_is_no_text_or_decimal_is_refused(value):
    row = {"direction": "outbound", "destination": "IN", "effective_from": "2025-08-01"}
    with pytest.raises(RateCardError, match="row"):
        RateCard.from_rows([{**row, "rate_per_minute": value}], currency="USD")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cards())
def test_any_valid_card_is_read_and_kept_without_loss(tmp_path_factory, texts):
    card = load_card(write_card(texts, tmp_path_factory.mktemp("cards") / "card"))
    assert card_from_json(card.as_json()).checksum == card.checksum


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f"{HEAD}\noutbound,BR,0,01,2026-01-01,,0\n".encode(), 2, "rate_per_minute"),
        (f"{HEAD}\noutbound,BR,0.01,2026-01-01,,50,000\n".encode(), 2, "tier_from_minutes"),
        (f"{HEAD}\noutbound,BR,0.01,2026-01-01\n".encode(), 2, "effective_to"),
        (b"direction,destination,rate_per_minute\noutbound,BR,1\n", 1, "effective_from"),
        (f"{HEAD},note\n{GOOD},S\u00e3o\n".encode("latin-1"), 2, "note"),
    ],
)
def test_a_row_that_cannot_be_read_names_its_column(tmp_path, text, line, column):
    place = folder(tmp_path)
    (place / "rates.csv").write_bytes(text)
    with pytest.raises(RateCardError) as caught:
        load_card(place)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rounding": ("call", 4)},
        {"rounding": 4},
        {"increments": (6,)},
        {"increments": None},
        {"limits": 5},
        {"policies": [1]},
        {"markets": [1]},
        {"rows": 5},
        {"rows": [{1: 2}]},
    ],
)
def test_a_wrong_argument_in_python_is_a_sentence_too(wrong):
    row = {"direction": "outbound", "destination": "55", "rate_per_minute": "0.01"}
    rows = wrong.get("rows", [{**row, "effective_from": "2025-08-01"}])
    others = {key: value for key, value in wrong.items() if key != "rows"}
    with pytest.raises(RateCardError):
        RateCard.from_rows(rows, currency="USD", **others)
