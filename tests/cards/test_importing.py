"""Suppliers' files become cards: every change is listed, and what is not understood is refused."""

import csv
import io
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import cards
from strategies import write_card as write_drawn

from wacost.cards import load_card
from wacost.cards.importing import Wishes, import_card
from wacost.cards.write import write_card
from wacost.errors import RateCardError, WacostError

WISHES = Wishes(effective_from=date(2026, 10, 1), increments=(6, 6))
HEAD = "Market,Currency,From,To,Rate type,Rate\n"
PREFIXES = "Country Code,Network Prefix,Rate Per Minute (USD)\n"
META = """"WhatsApp Business Platform calling rate card",,,,,,
"Rates are per minute. See https://developers.facebook.com/x",,,,,,
"Effective October 1, 2026",,,,,,
,,Calling,,,,
,,"Minutes per month",,"What we charge",,
"Market
(per rate card)",Currency,From,To,"Rate type",Rate,"vs. List rate"
Argentina,$US,0,"50,000",List rate,0.0101,--
,,"50,001","250,000",Tier rate,0.0081,-20%
,,"250,001",--,Tier rate,0.0046,-54%

Brazil,$US,0,--,List rate,$0.0108,--
"Rest of Central &  Eastern Europe",$US,0,"50,000",List rate,0.0095,--
,,"50,001",--,Tier rate,0.0076,-20%
Poland,$US,0,--,List rate,0.0094,--
Egypt,$US,n/a,n/a,n/a,n/a,n/a
Other,$US,0,--,List rate,0.0132,--
"* Rates may change on the first day of a quarter",,,,,,
"""


def made(tmp_path, text, wishes=WISHES, name="file.csv"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_card(file, tmp_path / "card", wishes)


def rates(imported):
    return [
        (row.direction, row.destination, row.tier_from_minutes,
         row.kind if row.rate_nanos is None else row.rate_nanos)
        for row in imported.card.rows
    ]  # fmt: skip


def test_metas_layout_is_read_as_it_is_described(tmp_path):
    imported = made(tmp_path, META, Wishes())
    cee = "Rest of Central & Eastern Europe"
    assert rates(imported) == [
        ("outbound", "Argentina", 0, 10_100_000),
        ("outbound", "Argentina", 50_000, 8_100_000),
        ("outbound", "Argentina", 250_000, 4_600_000),
        ("outbound", "Brazil", 0, 10_800_000),
        ("outbound", "Egypt", 0, "n/a"),
        ("outbound", "Other", 0, 13_200_000),
        ("outbound", "Poland", 0, 9_400_000),
        ("outbound", cee, 0, 9_500_000),
        ("outbound", cee, 50_000, 7_600_000),
    ]
    card = imported.card
    assert (card.currency, card.increments) == ("USD", (6, 6))
    assert {row.effective_from for row in card.rows} == {date(2026, 10, 1)}
    groups = {row.member: row.market for row in card.markets}
    assert (groups["PL"], groups["CZ"], groups["AR"]) == ("Poland", cee, "Argentina")
    assert "BD" not in groups  # a market of its own by then, and this file has no rate for it
    at = "2026-11-02T12:00:00"
    assert str(card.quote("48221234567", seconds=60, at=at).amount) == "0.0094"
    assert str(card.quote("5491112345678", seconds=60, minutes_before=50_000, at=at).amount) == (
        "0.0081"
    )


def test_every_change_is_listed_with_its_row(tmp_path):
    imported = made(tmp_path, META, Wishes())
    changes = {(one.row, one.column, one.found, one.made) for one in imported.changes}
    assert changes == {
        (3, "effective_from", "Effective October 1, 2026", "2026-10-01"),
        *((row, "Market (per rate card)", "", "Argentina") for row in (9, 10)),
        *((row, "Currency", "", "$US") for row in (9, 10, 14)),
        *((row, "Currency", "$US", "USD") for row in (8, 9, 10, 12, 13, 14, 15, 16, 17)),
        (14, "Market (per rate card)", "", "Rest of Central &  Eastern Europe"),
        *(
            (row, "Market (per rate card)", "Rest of Central &  Eastern Europe",
             "Rest of Central & Eastern Europe")
            for row in (13, 14)
        ),
        (12, "Rate", "$0.0108", "0.0108"),
        (9, "From", "50,001", "50000"),
        (14, "From", "50,001", "50000"),
        (10, "From", "250,001", "250000"),
    }  # fmt: skip
    assert [(row, why) for row, _, why in imported.left_out] == [(18, "a note")]
    assert any("no inbound prices" in note for note in imported.notes)


def test_columns_may_stand_in_any_order_and_more_of_them(tmp_path):
    text = (
        'vs. List rate,Rate,Comments,To,From,Provider,Currency,Market (per rate card)\n'
        '--,0.0101,x,"50,000",0,Meta,A$,Argentina\n-11%,0.009,,--,"50,001",Meta,A$,\n'
    )  # fmt: skip
    imported = made(tmp_path, text)
    assert rates(imported) == [
        ("outbound", "Argentina", 0, 10_100_000),
        ("outbound", "Argentina", 50_000, 9_000_000),
    ]
    assert imported.card.currency == "AUD"
    assert [text for _, text, _ in imported.left_out] == ["Provider"]


def test_a_table_of_dial_prefixes_is_read(tmp_path):
    text = (
        "Country Code, Network Prefix, Region, Rate Per Minute\n"
        "91, 981, South Asia – India, 0.0075\n+1,,North America,0.0128\n"
    )
    imported = made(tmp_path, text, Wishes("USD", date(2026, 10, 1), (60, 60)))
    assert imported.layout == "prefixes"
    assert rates(imported) == [
        ("outbound", "1", 0, 12_800_000),
        ("outbound", "91981", 0, 7_500_000),
    ]
    assert [row.note for row in imported.card.rows] == ["North America", "South Asia – India"]


@pytest.mark.parametrize(
    ("code", "prefix", "region", "made_of_it"),
    [
        ("+44 (0)", "20", "UK", "4420"),
        ("", "+44 (0) 20", "Europe - United Kingdom", "4420"),
        ("", "0044 161", "", "44161"),
        ("0044", "161", "", "44161"),
        ("39", "06", "Italy", "3906"),
        ("GB", "44161", "", "44161"),
        ("1", "416", "USA/Canada", "1416"),
        ("7", "495", "Kazakhstan", "7495"),
        ("243", "", "Congo, Dem. Rep.", "243"),
        ("882", "", "Satellite", "882"),
    ],
)
def test_a_prefix_is_that_of_calls_from_abroad(tmp_path, code, prefix, region, made_of_it):
    head = "Country Code,Network Prefix,Region,Rate (USD)"
    imported = made(tmp_path, f'{head}\n{code},{prefix},"{region}",0.01\n')
    assert [row.destination for row in imported.card.rows] == [made_of_it]


def test_a_table_of_markets_and_countries_with_not_offered_ones_is_read(tmp_path):
    text = (
        "Country/Market,Rate per minute (USD)\nArgentina,$0.0106\nEgypt,N/A\n"
        "North America,N/A\nRest of Western Europe,0.0108\nOther,0.0139\n"
    )
    imported = made(tmp_path, text)
    assert imported.layout == "markets"
    assert ("outbound", "North America", 0, "n/a") in rates(imported)
    assert {(one.made, one.why) for one in imported.changes if one.found == "N/A"} == {
        ("n/a", "not offered")
    }
    groups = {row.member: row.market for row in imported.card.markets}
    assert (groups["US"], groups["SE"], groups["IS"]) == (
        "North America", "Rest of Western Europe", "Other",
    )  # fmt: skip


def test_a_row_for_all_calls_that_come_in_is_inbound(tmp_path):
    text = "Market,Price per minute (USD)\nBrazil,$0.0113\nInbound calls,Free\n"
    assert rates(made(tmp_path, text)) == [
        ("inbound", "*", 0, 0),
        ("outbound", "Brazil", 0, 11_300_000),
    ]


def test_a_price_that_is_missing_in_one_direction_is_told(tmp_path):
    text = "Country,Inbound (USD),Outbound (USD)\nBrazil,Free,0.0108\nIndia,,0.0053\n"
    imported = made(tmp_path, text)
    assert imported.left_out == [(3, "Inbound (USD)", "no price: such calls have none here")]
    assert [row.direction for row in imported.card.rows] == ["inbound", "outbound", "outbound"]


def test_where_codes_stand_beside_parts_of_countries_the_digits_decide(tmp_path):
    head = "Dial code,Destination,Price/min,Currency\n55,Brazil,0.0108,USD\n234,Nigeria,0.03,USD\n"
    imported = made(tmp_path, f"{head}5511,Brazil - Sao Paulo,0.01,USD\n")
    assert [(row.destination, row.note) for row in imported.card.rows] == [
        ("234", "Nigeria"), ("55", "Brazil"), ("5511", "Brazil - Sao Paulo")]  # fmt: skip
    (tmp_path / "twice").mkdir()
    twice = made(tmp_path / "twice", f"{head}5511,Brazil,0.01,USD\n")
    assert [row.destination for row in twice.card.rows] == ["234", "55", "5511"]
    (tmp_path / "countries").mkdir()
    assert made(tmp_path / "countries", head).layout == "countries"


def test_a_table_of_countries_with_both_directions_is_read(tmp_path):
    text = (
        "Country,ISO,Inbound (USD/min),Outbound (USD/min)\nAfghanistan,AF,0.0040,0.0148\n"
        "India,IN,0.0053,0.0088\nDefault,*,0.0040,0.0164\n"
    )
    wishes = Wishes(None, date(2026, 2, 1), (60, 60), published_every="month")
    imported = made(tmp_path, text, wishes)
    assert imported.layout == "countries"
    assert imported.card.published_every == "month"
    assert rates(imported) == [
        ("inbound", "*", 0, 4_000_000),
        ("inbound", "AF", 0, 4_000_000),
        ("inbound", "IN", 0, 5_300_000),
        ("outbound", "*", 0, 16_400_000),
        ("outbound", "AF", 0, 14_800_000),
        ("outbound", "IN", 0, 8_800_000),
    ]
    assert imported.notes == []


@pytest.mark.parametrize("supplier", ["highlevel-usd", "plivo-usd"])
def test_a_bundled_card_written_as_its_suppliers_table_comes_back(tmp_path, supplier):
    card = load_card(supplier)
    rows = [
        f'{row.direction},"{row.destination}",'
        f"{row.kind if row.rate_nanos is None else row.rate_nanos / 10**9:.4f}"
        if row.rate_nanos is not None
        else f'{row.direction},"{row.destination}",N/A'
        for row in card.rows
    ]
    text = "\n".join(["Direction,Market or country,Price per minute (USD)", *rows, ""])
    first = min(row.effective_from for row in card.rows if row.direction == "outbound")
    imported = made(tmp_path, text, Wishes(None, first, card.increments))
    assert rates(imported) == rates(type(imported)(card, Path(), "", [], []))
    numbers = ("5511987654321", "38670123456", "77012345678", "12125550100", "34911234567")
    for number in numbers:
        old, new = (
            one.quote(number, seconds=61, at="2026-05-02T12:00:00") for one in (card, imported.card)
        )
        if not (supplier == "highlevel-usd" and number.startswith("77")):  # in no group of Meta's
            assert (old.status, old.amount) == (new.status, new.amount), number


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        *((f"Country,Currency,Rate\nBrazil,{sign},0.0108\n", code) for sign, code in (
            ("$US", "USD"), ("US$", "USD"), ("A$", "AUD"), ("£", "GBP"), ("₹", "INR"),
            ("RP", "IDR"), ("GBD", "GBP"), ("usd", "USD"), ("€", "EUR"), ("R$", "BRL"))),
        ("Country,Rate (USD)\nBrazil,0.0108\n", "USD"),
        ("Country,USD per minute\nBrazil,0.0108\n", "USD"),
        ("Country,Rate\nBrazil,0.0108 USD/min\n", "USD"),
        ("Country,Rate\nBrazil,US$ 0.0108\n", "USD"),
        ("Country,Currency,Rate\nBrazil,INR,Rs.0.0108\n", "INR"),
        ("Country,Currency,Rate\nBrazil,IDR,Rp. 0.0108\n", "IDR"),
        ("Country,A$/min\nBrazil,0.0108\n", "AUD"),
        ("Country,Rp/min\nBrazil,0.0108\n", "IDR"),
        ("Country,R$ per minute\nBrazil,0.0108\n", "BRL"),
        ("All prices in EUR\nCountry,Rate\nBrazil,0.0108\n", "EUR"),
        ("Calling rates (IDR)\nCountry,Rate\nBrazil,0.0108\n", "IDR"),
    ],
)  # fmt: skip
def test_a_currency_is_known_by_its_code_its_sign_or_the_head(tmp_path, text, currency):
    imported = made(tmp_path, text)
    assert imported.card.currency == currency
    assert rates(imported) == [("outbound", "BR", 0, 10_800_000)]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfCountry,Currency,Rate\nBrazil,USD,0.0108\n",
        "Country,Currency,Rate\nBrazil,USD,0.0108\n".encode("utf-16"),
        "Country,Currency,Rate\nBrazil,USD,0.0108\n".encode("utf-16-le"),
        "Country;Currency;Rate\nBrazil;USD;0,0108\n".encode("latin-1"),
        b"Country\tCurrency\tRate\r\nBrazil\tUSD\t0.0108\r\n\r\n",
        "\u00a0Country\u00a0,Currency,Rate\u00a0per\u00a0minute\n\u00a0Brazil,USD,\u00a00.0108\n".encode(),
        "Country,Currency,Rate\nＢrazil,USD,０．０１０８\n".encode(),
        "Country,Currency,Rate\nBrazil,USD,٠٫٠١٠٨\n".encode(),
        b"COUNTRY,CURRENCY,RATE\nBRAZIL (+55),USD,0.0108*\n",
        b"sep=;\nCountry;Currency;Rate\nBrazil;USD;0,0108\n",
        "Country,Currency,Rate\nBra\u00adzil\u200f,USD,0.0108\n".encode(),
        b"Country Code,Currency,Rate\nBRA,USD,0.0108\n",
        b"Country,Country Code,Currency,Rate\nBrazil,+55,USD,0.0108\nBrazil,+55,USD,0.0108\n",
        b"Country,Price per min (USD),Price per 6 sec (USD)\nBrazil,0.0108,0.00108\n",
        "Country¹,Currency,Rate² (per minute)*\nBrazil,USD,.0108\n".encode(),
        b"Country;Currency;Rate\nBrazil;USD;,0108\n",
        b'Country,Currency,Rate\n"Brazil\n(BR)",USD,0.0108\n',
        b"Country,Code,Currency,Rate\nBrazil,55,USD,0.0108\n",
        b"Title\n\nCountry Name,Ccy,Price/min\nbr,USD,0.0108\n",
    ],
)  # fmt: skip
def test_letters_spaces_and_digits_of_any_kind_say_the_same(tmp_path, data):
    imported = made(tmp_path, data)
    assert rates(imported) == [("outbound", "BR", 0, 10_800_000)]


@pytest.mark.parametrize(
    ("bands", "bounds"),
    [
        (("0 – 50,000", "50,001 - 250,000", "250,001+"), [0, 50_000, 250_000]),
        (("up to 50,000", "above 50,000"), [0, 50_000]),
        (("1-50K", "50,001-1M", ">1M"), [0, 50_000, 1_000_000]),
    ],
)
def test_bands_in_words_are_read(tmp_path, bands, bounds):
    rows = [f'Brazil,USD,"{band}",0.0{9 - n}' for n, band in enumerate(bands)]
    text = "\n".join(["Country,Currency,Minutes per month,Rate", *rows, ""])
    assert [row.tier_from_minutes for row in made(tmp_path, text).card.rows] == bounds


def test_bands_that_name_only_their_first_minute_are_read(tmp_path):
    text = 'Country,Currency,From,Rate\nBrazil,USD,0,0.01\nBrazil,USD,"50,001",0.009\n'
    assert [row.tier_from_minutes for row in made(tmp_path, text).card.rows] == [0, 50_000]


LADDER = (
    'Market,Currency,From,To,Rate,{}\nBrazil,USD,0,"50,000",0.0095,{}\n,,"50,001",--,0.0066,{}\n'
)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("vs. List rate", "--", "-31%"),
        ("vs. List rate", "--", "-30%"),  # 30.5: cut off
        ("vs. List rate", "0%", "–30.5 %"),
        ("vs. List rate", "n/a", "31% off"),
        ("Discount", "--", "31%"),
        ("Discount on list rate", "0", "one third"),  # not understood: not compared
        ("vs. List rate", "-5%", "-40%"),  # there is no list rate to compare with
    ],
)
def test_a_percentage_against_the_list_rate_that_is_right_changes_nothing(
    tmp_path, name, first, second
):
    prices = [price for *_, price in rates(made(tmp_path, LADDER.format(name, first, second)))]
    assert prices == [9_500_000, 6_600_000]


@pytest.mark.parametrize("told", ["-20%", "-33%", "+31%", "20% off", "-28.5%"])
def test_a_percentage_that_does_not_lead_from_the_list_rate_to_the_rate_is_refused(tmp_path, told):
    with pytest.raises(RateCardError, match=r"0.0066 is -30.5 % against the list rate 0.0095"):
        made(tmp_path, LADDER.format("vs. List rate", "--", told))


def test_a_discount_that_changes_nothing_is_refused(tmp_path):
    text = 'Market,Currency,From,To,Rate,Discount\nBrazil,USD,0,"50,000",0.01,--\n'
    with pytest.raises(RateCardError, match=r"0.01 is 0.0 % against the list rate 0.01"):
        made(tmp_path, f'{text},,"50,001",--,0.01,10%\n')


@pytest.mark.parametrize(
    ("sign", "currency"),
    [("Rs", "PKR"), ("Rs.", "INR"), ("¥", "JPY"), ("DH", "MAD"), ("kr", "SEK")],
)
def test_a_sign_of_several_currencies_is_asked_for_and_contradicts_others(tmp_path, sign, currency):
    text = f"Country,Currency,Rate\nBrazil,{sign},{sign} 0.5\n"
    with pytest.raises(RateCardError, match="does not say its currency"):
        made(tmp_path, text)
    with pytest.raises(RateCardError, match="the price is not in USD"):
        made(tmp_path, text, Wishes("USD", date(2026, 10, 1), (6, 6)))
    assert (
        made(tmp_path, text, Wishes(currency, date(2026, 10, 1), (6, 6))).card.currency == currency
    )


def test_zeros_behind_the_places_of_a_card_and_fees_beside_whole_prices_are_read(tmp_path):
    text = "Country,Rate (USD),Connection fee\nBrazil,1,0.010000000000\nIndia,2,0\n"
    rows = made(tmp_path, text).card.rows
    assert [(row.rate_nanos, row.fee_nanos) for row in rows] == [(10**9, 10**7), (2 * 10**9, 0)]


def test_a_ladder_that_ends_goes_on_unknown(tmp_path):
    imported = made(tmp_path, f'{HEAD}Brazil,USD,0,"50,000",List rate,0.01\n')
    assert rates(imported)[1] == ("outbound", "Brazil", 50_000, "unknown")
    assert any("above 50000 minutes" in note for note in imported.notes)


def test_a_market_may_stand_in_a_row_above_its_bands(tmp_path):
    bands = ',USD,0,"50,000",0.01\n,USD,"50,001",--,0.009\n'
    text = f"Market,Currency,From,To,Rate\nArgentina,,,,\n{bands}"
    assert [row.destination for row in made(tmp_path, text).card.rows] == ["Argentina"] * 2


def test_of_tables_side_by_side_the_one_about_calls_is_taken(tmp_path):
    text = (
        ",,Marketing,,,Calling,,\nMarket,Currency,From,To,Rate,From,To,Rate\n"
        'Brazil,USD,0,--,0.06,0,"50,000",0.0108\n,,,,,"50,001",--,0.009\n'
    )
    assert [row[3] for row in rates(made(tmp_path, text))] == [10_800_000, 9_000_000]
    wished = Wishes(effective_from=date(2026, 10, 1), group="Marketing")
    (tmp_path / "other").mkdir()
    assert [row[3] for row in rates(made(tmp_path / "other", text, wished))] == [60_000_000]


def test_fees_and_increments_are_read(tmp_path):
    text = (
        "Country,Currency,Rate per minute,Connection fee,Billing\n"
        "Brazil,USD,0.0108,0.07,60/6\nIndia,USD,0.005,,6\n"
    )
    imported = made(tmp_path, text, Wishes(effective_from=date(2026, 10, 1)))
    assert [(row.fee_nanos, row.increments) for row in imported.card.rows] == [
        (70_000_000, (60, 6)),
        (0, (6, 6)),
    ]


def test_free_inbound_calls_are_added_where_the_user_says_so(tmp_path):
    wishes = Wishes("USD", date(2026, 10, 1), (6, 6), inbound_free=True)
    imported = made(tmp_path, "Country,Rate\nBrazil,0.0108\n", wishes)
    assert (
        imported.card.quote("55119876", seconds=60, direction="inbound", at="2026-11-02").amount
        == 0
    )


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", None, "the file is empty"),
        (b"\xef\xbb\xbf\n", None, "the file is empty"),
        (HEAD, 1, "no row with a rate"),
        (f"{HEAD}Brazil,USD,0,50,000,List rate,0.0108\n", 2, "comma in a price"),
        ("Country,Rate,Note,Source\nBrazil,0,0108,x\n", 2, "comma in the price"),
        (f"{HEAD}Brazil,USD,0\n", 2, "this row has no rate"),
        (f"{HEAD}Brazil,USD,0,--,List rate,-0.0108\n", 2, "0 or more"),
        (f"{HEAD}Brazil,USD,0,--,List rate,99999999999999999999\n", 2, "less than 1,000,000,000"),
        (f"{HEAD}Brazil,USD,0,999999999999999999999,x,0.1\n", 2, "expected whole minutes"),
        (f"{HEAD}Brazil,USD,0,--,List rate,1.08E-2\n", 2, "expected a price"),
        (f"{HEAD}Brazil,USD,0,--,List rate,--\n", 2, "expected a price"),
        (f"{HEAD}Brazil,USD,0,--,List rate,0.0100000000000002\n", 2, "was 0.01 meant?"),
        ("Country,Rate\nBrazil,0.0108\n", None, "--currency"),
        ("Country,Currency,Rate\nBrazil,$,0.0108\n", None, "--currency"),
        ("Country,Currency,Rate\nBrazil,points,0.0108\n", 2, "this currency is not known"),
        ("Country,Currency,Rate\nBrazil,USD,0.01\nIndia,INR,0.38\n", None, "two currencies"),
        ("Country,Currency,Rate\nBrazil,USD,0.01\nIndia,,₹0.38\n", None, "two currencies"),
        ("Country,Currency,Rate\nBrazil,INR,$0.01\n", 2, "not in INR"),
        ("Country:Currency:Rate\nBrazil:USD:0.0108\n", 1, "no row names"),
        ('Country,Currency,Rate\n"Brazil,USD,0.0108\n', None, "check its quotes"),
        (b"%PDF-1.7 blah", None, "a PDF"),
        (b"<!DOCTYPE html><table>", None, "a web page"),
        (b'{"a":1}', None, "JSON"),
        (bytes(range(256)), None, "no text and no workbook"),
        pytest.param(
            b"PK\x03\x04 broken", None, "cannot be read",
            marks=pytest.mark.skipif(
                find_spec("python_calamine") is None,
                reason="needs the frames: pip install -e '.[frames]'",
            ),
        ),
        ('Country,Currency,Rate\nBrazil,IDR,"1,234"\n', 2, "--decimal"),
        ("Country;Currency;Rate\nBrazil;USD;0,0108\nIndia;USD;0.0053\n", None, "in two ways"),
        (f"{HEAD}Brazil,USD,0,--,x,0.01\nBrazil,USD,0,--,x,0.02\n", 3, "row 2 is for the same"),
        (f'{HEAD}Brazil,USD,0,"50,000",x,1\nBrazil,USD,"60,001",--,x,1\n', 3, "gap"),
        (f'{HEAD}Brazil,USD,0,"50,000",x,1\nBrazil,USD,"40,001",--,x,1\n', 3, "overlap"),
        (f'{HEAD}Brazil,USD,"50,001",--,x,1\n', 2, "a gap below it"),
        (f"{HEAD}Atlantis,USD,0,--,List rate,0.0108\n", 2, "no such country or market"),
        (f"{HEAD},USD,0,--,List rate,0.0108\n", 2, "does not say where it is for"),
        ("Country,Rate (cents)\nBrazil,1.08\n", 1, "the price of one minute"),
        ("Country,Currency,Rate per second\nBrazil,USD,0.0001\n", 1, "the price of one minute"),
        ("Country,Currency,Rate,Surcharge\nBrazil,USD,0.01,0.02\n", 2, "changes what a call costs"),
        ("Messages per month\nMarket,Currency,Rate\nBrazil,USD,0.06\n", 2, "a card of messages"),
        ("Country,Currency,Rate,Valid to\nBrazil,USD,0.01,2027-01-01\n", None, "--from"),
        (f"{PREFIXES}91,9181,0.01\n", 2, "in it already"),
        (f"{PREFIXES}91,981-985,0.01\n", 2, "expected the digits"),
        ("Country,Rate (USD),Rate (EUR)\nBrazil,1,2\n", 1, "--group"),
        ("Country,Country,Rate (USD)\nBrazil,BR,0.01\n", 1, "two columns say the same"),
        ("Country,From second,Rate (USD)\nBrazil,60,0.01\n", 2, "changes what a call costs"),
        (f'{HEAD}Brazil,USD,0,"50,000",x,1\nBrazil,USD,"50,001",--,x,n/a\n', 3, "n/a stands alone"),
        ("Country,Currency,Rate,\nBrazil,USD,0,0108\n", 2, "comma in a price"),
        (f"{PREFIXES}91,ABC,0.01\n", 2, "expected the digits"),
        (f"{PREFIXES}91,9.8E+2,0.01\n", 2, "expected the digits"),
        ("Country,ISO,Rate (USD)\nBrazil,AR,0.01\n", 2, "AR is not the code of Brazil"),
        (",,Marketing,Utility\nMarket,Currency,Rate,Rate\nBrazil,USD,1,2\n", 2, "--group"),
        ("Rates in US cents per minute\nMarket,Currency,Rate\nBrazil,USD,1\n", 1, "one minute"),
        ("Prices are per 6-second pulse\nMarket,Currency,Rate\nBrazil,USD,1\n", 1, "one minute"),
        (PREFIXES + "91,981,0.0075\n,982,0.0076\n", 3, "the country code is missing"),
        ("Country,Rate (USD),Effective from\nBrazil,0.01,2026-04-01\n", 2, "leave --from out"),
        ("Market,Currency,Rate type,Rate\nBrazil,USD,Per call,0.01\n", 2, "no price of a minute"),
        ("Market,Currency,Rate,Discount\nBrazil,USD,0.01,-20%\n", 2, "in the rate already?"),
        ("Country,Currency,Rate\nIndia,INR,Rs.5\n", 2, "expected a price"),
        ("Country,Code,Rate (USD)\nBrazil,351,0.01\n", 2, "no number of Brazil begins so"),
        ("Country,Rate (USD)\nBrazil (AR),0.01\n", 2, "no such country"),
        ("Country,Rate (USD),Rule\nBrazil,0.01,60/1\n", 2, "are these increments?"),
        ("ISO,Prefix,Rate (USD)\nBR,351,0.01\n", 2, "no number of BR begins so"),
        ("Country,Prefix,Rate (USD)\nBrazil,351,0.01\n", 2, "+351 is Portugal"),
        ("Country,Country code,Rate (USD)\nBrazil,+351,0.01\n", 2, "no number of Brazil"),
        ("Market,Country code,Rate (USD)\nBrazil,+351,0.01\n", 2, "no number of Brazil"),
        ("Country Code,Network Prefix,Region,Rate (USD)\n351,91,South America – Brazil,0.01\n", 2,
         "no number of South America – Brazil begins so"),
        (f"{PREFIXES}44,020,0.01\n", 2, "leave out the 0"),
        (f"{PREFIXES},044,0.01\n", 2, "no 0 in front"),
        (f"{PREFIXES}055,11,0.01\n", 2, "no 0 in front"),
        ("Prices per 1000 minutes\nMarket,Currency,Rate\nBrazil,USD,1\n", 1, "one minute"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_row_and_leaves_nothing(
    tmp_path, text, line, says
):
    wishes = Wishes(effective_from=None if "Valid to" in str(text) else date(2026, 10, 1),
                    increments=(6, 6))  # fmt: skip
    with pytest.raises(RateCardError) as caught:
        made(tmp_path, text, wishes)
    assert says in f"{caught.value} {caught.value.hint}"
    assert caught.value.line == line
    assert str(tmp_path / "file.csv") in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file.csv"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Country,Rate (USD)\nBrazil,0.01\n", "--from"),
        ("Country,Rate (USD),Effective from\nBrazil,0.01,1/10/2026\n", "read in one way only"),
        ("Country,Rate (USD),Effective from\nBrazil,0.01,\n", "from which day it holds"),
        ("Effective 2026-10-01, or from 2027-01-01\nCountry,Rate (USD)\nBrazil,0.01\n", "--from"),
        ("Effective 2026-10-01\nCountry,Rate (USD)\nBrazil,0.01\n", "--increments"),
    ],
)
def test_what_the_file_does_not_say_is_asked_for(tmp_path, text, says):
    with pytest.raises(RateCardError) as caught:
        made(tmp_path, text, Wishes())
    assert says in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "above",
    [
        "Effective,2026-10-01\nCurrency,EUR",
        "Card of Acme,,Printed,2026-09-01\nEffective date:,,1 October 2026,Ccy:,EUR",
        "Currency,Valid from,Version\nEUR,2026-10-01,7",
        "Date,2026-09-01\nIn force from,October 1 2026\nAll prices in EUR",
    ],
)
def test_the_day_and_the_currency_may_stand_beside_their_names_above_the_head(tmp_path, above):
    wishes = Wishes(increments=(6, 6))
    card = made(tmp_path, f"{above}\nCountry,Rate\nBrazil,0.0108\n", wishes).card
    assert (card.currency, card.rows[0].effective_from) == ("EUR", date(2026, 10, 1))


def test_not_offered_in_one_band_of_several_is_refused_with_what_helps(tmp_path):
    text = f'{HEAD}Brazil,USD,0,"50,000",x,1\nBrazil,USD,"50,001",--,x,n/a\n'
    with pytest.raises(RateCardError) as caught:
        made(tmp_path, text)
    assert caught.value.hint == "give each band and slot a rate, or n/a one row without them"


def test_rates_of_our_own_format_are_read_too(tmp_path):
    text = (
        "direction,destination,rate_per_minute,effective_from,effective_to,tier_from_minutes\n"
        "outbound,BR,0.01,2026-01-01,2026-06-01,\noutbound,BR,0.02,2026-06-01,,\n"
        "outbound,BR,0.01,2026-06-01,,50000\ninbound,*,0,2026-01-01,,\n"
    )
    imported = made(tmp_path, text, Wishes("USD", None, (6, 6)))
    assert [(row.effective_from, row.effective_to) for row in imported.card.rows] == [
        (date(2026, 1, 1), None),
        (date(2026, 1, 1), date(2026, 6, 1)),
        *[(date(2026, 6, 1), None)] * 2,
    ]


def test_a_card_is_never_written_over_another(tmp_path):
    made(tmp_path, META, Wishes())
    before = sorted(path.read_text() for path in (tmp_path / "card").iterdir())
    with pytest.raises(RateCardError, match="something in its place"):
        made(tmp_path, META, Wishes())
    assert sorted(path.read_text() for path in (tmp_path / "card").iterdir()) == before


@settings(max_examples=60, deadline=None)
@given(texts=cards())
def test_a_card_that_is_written_is_read_as_the_same_card(tmp_path_factory, texts):
    place = tmp_path_factory.mktemp("drawn")
    card = load_card(write_drawn(texts, place / "drawn"))
    (place / "again").mkdir()
    write_card(card, place / "again", comment="a\x07b\nc")
    assert load_card(place / "again").checksum == card.checksum


WORDS = [
    *("", "Brazil", "Other", "Rest of Western Europe", "0.01", "0,01", "$0.01", "1,234", "n/a"),
    *("--", "50,001", "USD", "€", "Rate", "Market", "Currency", "From", "To", "*", "91", "x"),
]


@settings(max_examples=150, deadline=None)
@given(data=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6), max_size=5))
def test_whatever_stands_in_the_cells_is_a_card_or_a_sentence(tmp_path_factory, data):
    text = io.StringIO()
    csv.writer(text).writerows([["Market", "Currency", "From", "To", "Rate"], *data])
    place = tmp_path_factory.mktemp("any")
    with suppress(WacostError):
        made(place, text.getvalue(), WISHES)
    assert not list(place.glob(".*"))
    if (place / "card").exists():
        assert load_card(place / "card").currency in {"USD", "EUR"}
