"""A derived card is another one times a factor plus a sum, rounded once; the rest is inherited."""

from decimal import Decimal

import pytest

from wacost.cards import load_card
from wacost.errors import RateCardError


def write(root, name, toml, *rates, markets=()):
    place = root / name
    place.mkdir()
    (place / "card.toml").write_text(f'name = "{name}"\n{toml}', encoding="utf-8")
    if rates:
        head = "direction,destination,rate_per_minute,effective_from,tier_from_minutes,fee"
        (place / "rates.csv").write_text("\n".join([head, *rates, ""]), encoding="utf-8")
    return place


BASE = (
    'currency = "USD"\nstatus = "contract"\nsource = "a letter"\nretrieved = 2026-11-22\n'
    "[increments]\nfirst = 60\nnext = 6\n"
)
RULE = '[derive]\nfrom = "base"\nfactor = "1.05"\nadd_per_minute = "0.001"\nplaces = 4\n'


@pytest.fixture
def base(tmp_path):
    write(
        tmp_path,
        "base",
        BASE + '[limits]\nmin_charge = "0.001"\nmax_charge = "0.5"\n',
        "outbound,BR,0.0108,2025-08-01,0,0.01",
        "outbound,BR,unknown,2025-08-01,50,0",
        "outbound,US,0.02,2025-08-01,0,0",
        "outbound,US,0.01,2025-08-01,50,0",
    )
    return tmp_path


def test_rates_are_rounded_once_and_fees_are_multiplied(base):
    card = load_card(write(base, "mine", RULE))
    rates = [(row.destination, row.rate_nanos, row.fee_nanos) for row in card.rows]
    assert rates == [  # 0.0108 x 1.05 + 0.001 = 0.01234
        ("BR", 12_300_000, 10_500_000),
        ("BR", None, 0),
        ("US", 22_000_000, 0),
        ("US", 11_500_000, 0),
    ]
    assert (card.increments, card.currency, card.status) == ((60, 6), "USD", "contract")
    assert (card.limits.min_nanos, card.limits.max_nanos) == (1_000_000, 500_000_000)
    assert (card.source, str(card.retrieved)) == ("a letter", "2026-11-22")
    assert (card.rows[0].source, card.rows[0].line) == ("a letter", 0)
    assert card.rows[0].note == "made from base: 0.0108 × 1.05 + 0.001"
    assert card.rows[1].note == "made from base"
    assert "a derived row" in card.quote(country="BR", seconds=1).explain()


def test_a_derived_rate_may_be_whole(base):
    whole = '[derive]\nfrom = "base"\nfactor = "100"\nplaces = 0\n'
    card = load_card(write(base, "mine", whole))
    assert [row.rate_nanos for row in card.rows] == [10**9, None, 2 * 10**9, 10**9]


def test_rows_of_its_own_replace_all_rows_of_their_destination(base):
    card = load_card(write(base, "mine", RULE, "outbound,US,0.5,2025-08-01,0,0"))
    assert [row.rate_nanos for row in card.rows if row.destination == "US"] == [500_000_000]
    assert card.quote(country="US", seconds=60, minutes_before=60).amount == Decimal("0.5")


def test_what_it_sets_itself_is_its_own(base):
    card = load_card(
        write(base, "mine", f'status = "illustrative"\n{RULE}[increments]\nnext = 1\n')
    )
    assert (card.status, card.increments) == ("illustrative", (60, 1))
    assert card.rows[0].status == "contract"  # how the figure that it is made of is known


def test_a_card_may_be_made_from_a_derived_one_and_from_a_bundled_one(base):
    write(base, "mine", RULE)
    twice = load_card(write(base, "twice", '[derive]\nfrom = "mine"\nfactor = "2"\n'))
    assert twice.rows[0].rate_nanos == 24_600_000
    assert twice.rows[0].note == (
        "made from base: 0.0108 × 1.05 + 0.001; made from mine: 0.0123 × 2"
    )
    meta = load_card(write(base, "resold", '[derive]\nfrom = "meta-usd"\nfactor = "1.2"\n'))
    charge = meta.quote("+5511987654321", seconds=60, at="2026-10-05")
    assert (charge.amount, charge.market) == (Decimal("0.01296"), "Brazil")


@pytest.mark.parametrize(
    ("toml", "column", "text", "said"),
    [
        ("derive = 1\n", "derive", None, "expected a table [derive]"),
        ('[derive]\nfrom = "bse"\n', "derive.from", "bse", ""),
        ('[derive]\nfrom = "mine"\n', "derive.from", "mine", ""),
        ("[derive]\n", "derive.from", None, "expected the name of a card"),
        ('[derive]\nfrom = ""\n', "derive.from", "", "expected the name of a card"),
        ("[derive]\nfrom = 5\n", "derive.from", "5", "expected the name of a card"),
        (RULE.replace('"0.001"', '"0,5"'), "derive.add_per_minute", "0,5", "no comma"),
        (RULE + "factr = 1\n", "derive.factr", None, "did you mean factor?"),
        (RULE.replace('"1.05"', "1.05"), "derive.factor", "1.05", "expected a decimal in quotes"),
        (RULE.replace('"1.05"', '"1,05"'), "derive.factor", "1,05", "no comma"),
        (RULE.replace('"1.05"', '"-1"'), "derive.factor", "-1", "expected 0 or more"),
        (RULE.replace("4", "10"), "derive.places", "10", "0 to 9"),
        (RULE.replace("4", "-1"), "derive.places", "-1", "0 to 9"),
        (RULE + 'mode = "nearest"\n', "derive.mode", "nearest", "half_up, half_even, up, down"),
        (
            RULE.replace('"0.001"', '"-0.5"'),
            "derive.add_per_minute",
            "-0.5",
            "the rate of BR (line 2 of base) would be -0.4887",
        ),
        (  # one more than a card's rates can be
            RULE.replace('"1.05"', '"0"').replace('"0.001"', '"1000000000"'),
            "derive.add_per_minute",
            "1000000000",
            "the rate of BR (line 2 of base) would be 1000000000",
        ),
        (RULE.replace('"1.05"', '"FILL-IN"'), "derive.factor", "FILL-IN", "not filled in"),
        ('currency = "EUR"\n' + RULE, "currency", "EUR", "is in USD"),
    ],
)
def test_a_mistake_in_the_derivation_is_named(base, toml, column, text, said):
    place = write(base, "mine", toml)
    with pytest.raises(RateCardError) as caught:
        load_card(place)
    assert (caught.value.column, caught.value.text) == (column, text)
    assert caught.value.file.endswith("mine/card.toml")
    assert said in f"{caught.value} {caught.value.hint}"
