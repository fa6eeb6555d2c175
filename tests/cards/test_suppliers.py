"""Suppliers' own worked examples by hand; templates are refused until they are filled in."""

from decimal import Decimal

import pytest

from wacost.cards import load_card
from wacost.cards.templates import copy_template, template_names
from wacost.errors import RateCardError

ARGENTINA, MEXICO, UKRAINE = "5491123456789", "5215512345678", "380441234567"


def price(card, number, seconds, direction="outbound"):
    charge = load_card(card).quote(
        number, seconds=seconds, direction=direction, at="2026-11-02T12:00:00"
    )
    return charge.amount


@pytest.mark.parametrize(
    ("seconds", "fee"),
    [
        (1, "0.07"),
        (45, "0.07"),
        (120, "0.07"),  # "up to 2 minutes"
        (121, "0.30"),
        (360, "0.30"),
        (3600, "0.30"),  # "2 to 60 minutes"
        (3601, "0.60"),  # "more than 60 minutes: two 60-minute calls"
        (3660, "0.60"),
        (7200, "0.60"),
        (7201, "0.90"),  # inferred
    ],
)
def test_botmaker_charges_a_fee_by_the_length_of_a_call_that_comes_in(seconds, fee):
    assert price("botmaker-usd", ARGENTINA, seconds, "inbound") == Decimal(fee)


@pytest.mark.parametrize(
    ("number", "seconds", "amount"),
    [
        # 45 s: 7.5 pulses, 8 are billed; 0.0101 a minute is 0.00101 a pulse; 0.07 + 0.00808
        (ARGENTINA, 45, "0.07808"),
        # 6 min: 60 pulses of 0.00094; 0.30 + 0.0564
        (MEXICO, 360, "0.3564"),
        # 61 min: 610 pulses of 0.00101; two calls of 0.30; 0.60 + 0.6161
        (ARGENTINA, 3660, "1.2161"),
        # 1:18 is 13 pulses and 1:01 is 11 in Botmaker's own examples
        (ARGENTINA, 78, "0.08313"),
        (ARGENTINA, 61, "0.08111"),
        # 121 s: 21 pulses of 0.00095
        (UKRAINE, 121, "0.31995"),
    ],
)
def test_botmaker_adds_the_pulses_of_meta_to_a_call_that_goes_out(number, seconds, amount):
    assert price("botmaker-usd", number, seconds) == Decimal(amount)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_call_longer_than_botmakers_fee_is_known_has_no_price(direction):
    card = load_card("botmaker-usd")
    at = "2026-11-02T12:00:00"
    longest, longer = (
        card.quote(ARGENTINA, seconds=seconds, direction=direction, at=at)
        for seconds in (14_400, 14_401)
    )
    assert longest.status == "rated"
    assert longest.amount >= Decimal("1.20")
    assert (longer.status, longer.amount, longer.flags) == ("no_rate", None, ("tier_unknown",))


def test_plivo_bills_whole_minutes_and_at_least_one():
    one, two = Decimal("0.0142"), Decimal("0.0284")
    assert [price("plivo-usd", "5511987654321", s) for s in (1, 59, 60, 61, 120)] == [
        one, one, one, two, two,
    ]  # fmt: skip


def test_no_call_has_a_price_where_zernio_tells_none():
    for direction in ("inbound", "outbound"):
        charge = load_card("zernio-usd").quote("5511987654321", seconds=60, direction=direction)
        assert (charge.status, charge.amount, charge.flags) == ("no_rate", None, ("tier_unknown",))


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_refused_until_it_is_filled_in(tmp_path, name):
    folder = tmp_path / "mine"
    files = copy_template(name, folder)
    assert files == sorted(folder.iterdir())
    with pytest.raises(RateCardError, match="this template is not filled in") as caught:
        load_card(folder)
    assert "FILL-IN" in caught.value.hint
    assert caught.value.file.startswith(str(folder))
    settings = folder / "card.toml"
    text = settings.read_text().replace('"FILL-IN"', '"0.01"' if name == "twilio" else "60")
    settings.write_text(text.replace("currency = 60", 'currency = "USD"').replace("FILL-IN", ""))
    rates = folder / "rates.csv"
    if rates.exists():
        rates.write_text(rates.read_text().replace("FILL-IN,FILL-IN", "0.02,2026-01-01"))
    card = load_card(folder)
    assert (card.name, card.status) == ("mine", "contract")


def test_twilio_is_the_rates_of_meta_and_a_fee_a_minute(tmp_path):
    folder = tmp_path / "twilio"
    copy_template("twilio", folder)
    settings = folder / "card.toml"
    settings.write_text(settings.read_text().replace('"FILL-IN"', '"0.01"').replace("FILL-IN", ""))
    card = load_card(folder)
    at = "2026-11-02T12:00:00"
    assert card.quote("5511987654321", seconds=60, at=at).amount == Decimal("0.0208")
    assert card.quote("5511987654321", seconds=60, direction="inbound", at=at).amount == Decimal(
        "0.01"
    )


def test_a_template_never_takes_the_place_of_something(tmp_path):
    (tmp_path / "mine").mkdir()
    copy_template("twilio", tmp_path / "mine")
    for place in (tmp_path / "mine", tmp_path / "mine" / "card.toml"):
        with pytest.raises(RateCardError, match=r"something in its place|no name of a card"):
            copy_template("twilio", place)
    with pytest.raises(RateCardError, match="no name of a card"):
        copy_template("twilio", tmp_path / "My Card")
    with pytest.raises(RateCardError, match="no template 'twillio'") as caught:
        copy_template("twillio", tmp_path / "new")
    assert caught.value.hint == "did you mean twilio?"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
