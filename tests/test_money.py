"""Exact money: the rounding rule, the reading of decimals, the writing of amounts."""

from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacost.errors import InputError
from wacost.money import (
    MINOR_DIGITS,
    MODES,
    UNIT,
    amount_of,
    decimal_of,
    divide,
    divide_sql,
    format_money,
    parse_nanos,
    plain,
    round_units,
    short_decimal,
)

wide = st.integers(-(10**20), 10**20)
divisors = st.sampled_from([1, 2, 3, 5, 6, 10, 60, 1000, 6 * 10**8, 6 * 10**10])


@given(wide, divisors)
def test_rounding_is_what_its_name_says(number, divisor):
    exact = Fraction(number, divisor)
    low, high = sorted(divide(number, divisor, mode) for mode in ("down", "up"))
    assert low <= exact <= high <= low + 1
    assert abs(divide(number, divisor, "down")) <= abs(exact) <= abs(divide(number, divisor, "up"))
    for mode in ("half_up", "half_even"):
        rounded = divide(number, divisor, mode)
        assert abs(rounded - exact) <= Fraction(1, 2)
        if abs(rounded - exact) == Fraction(1, 2):
            assert abs(rounded) > abs(exact) if mode == "half_up" else rounded % 2 == 0


@given(st.lists(wide, min_size=1, max_size=50), divisors, st.sampled_from(MODES))
def test_the_sql_form_of_the_rounding_rule_is_the_same_rule(numbers, divisor, mode):
    with duckdb.connect() as con:
        con.execute("create table t as select unnest(?::HUGEINT[]) as n", [numbers])
        rows = con.execute(f"select n, {divide_sql('n', divisor, mode)} from t").fetchall()
    assert all(got == divide(n, divisor, mode) for n, got in rows)


@given(st.integers(0, 10**15))
def test_a_rate_survives_reading_and_writing(nanos):
    assert parse_nanos(plain(decimal_of(nanos))) == nanos


@pytest.mark.parametrize(
    "text",
    [
        "0,0108",
        "1,000.5",
        "$1",
        "1e-3",
        "00.1",
        " 1",
        "1.",
        ".5",
        "+1",
        "",
        "١",
        "0x1",
        "1_0",
        "NaN",
    ],
)
def test_what_is_not_plainly_a_decimal_is_refused(text):
    with pytest.raises(InputError, match="plain decimal"):
        parse_nanos(text)


def test_a_tenth_place_is_refused_not_rounded():
    with pytest.raises(InputError, match="10 decimal places"):
        parse_nanos("0.0000000001")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0.0100000000000002", "0.01"),
        ("-0.0299999999999999989", "-0.03"),
        ("12.000000000000001", "12"),
        ("0.0000000010000000000002", "0.000000001"),
        ("0.010000000001", "0.01"),  # a thousandth of the ninth place, and not more
        ("0.010000000002", None),
        ("0.0041666666667", None),  # a price that someone divided by 60
        ("0.0000000000000002", None),
        ("0.123456789", None),  # what a rate can say is meant as it stands
        ("1e-17", None),
        ("n/a", None),
    ],
)
def test_the_remains_of_a_float_are_told_from_a_price_with_many_places(text, meant):
    assert short_decimal(text) == meant


@given(st.integers(0, 10**40))
def test_an_amount_is_shown_to_twelve_places_at_most_and_never_as_an_exponent(units):
    shown = amount_of(units)
    assert abs(Fraction(shown) - Fraction(units, UNIT)) <= Fraction(1, 2 * 10**12)
    assert "E" not in plain(shown)
    assert "." not in plain(shown) or not plain(shown).endswith("0")


def test_rounded_amounts_keep_their_places():
    assert plain(round_units(60 * 10**9, 2, "half_up")) == "1.00"
    assert plain(round_units(0, 0, "half_up")) == "0"


@pytest.mark.parametrize(
    ("currency", "digits"),
    [
        ("USD", 2),
        ("JPY", 0),
        ("KWD", 3),
        ("IQD", 3),
        ("CLF", 4),
        ("UYU", 2),
        ("CLP", 0),
        ("LAK", 2),
    ],
)
def test_minor_digits_are_those_of_iso_4217(currency, digits):
    assert MINOR_DIGITS[currency] == digits


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("1234.50", "BRL", "pt_BR", "R$\xa01.234,50"),
        ("-0.01", "USD", "en", "-$0.01"),
        ("1.500", "KWD", "en", "KWD\xa01.500"),
        ("1234", "JPY", "en", "¥1,234"),
        ("12.3400", "USD", "es", "12,3400\xa0US$"),
        ("1234567.00", "INR", "hi", "₹12,34,567.00"),
    ],
)
def test_money_is_written_in_the_readers_way_with_the_places_it_has(amount, currency, locale, text):
    assert format_money(Decimal(amount), currency, locale) == text
