"""The simulated numbers are numbers of the countries they are said to be of."""

from random import Random

import phonenumbers
import pytest

from wacost.simulate.world import BUSINESSES, NUMBER_PLANS, draw_number

FICTIONAL = {"FR", "GB", "IE"}  # ranges set aside for fiction are no valid numbers


@pytest.mark.parametrize("country", sorted(NUMBER_PLANS))
def test_numbers_are_of_their_country_and_of_a_right_length(country):
    rng = Random(1)  # noqa: S311 - no secret
    for _ in range(100):
        digits = draw_number(rng, country)
        number = phonenumbers.parse(f"+{digits}")
        # Mexico's old mobile form with a 1 has a digit too many, and is what WhatsApp still sends
        assert phonenumbers.is_possible_number(number) or digits.startswith("521")
        assert country in phonenumbers.region_codes_for_country_code(number.country_code)
        found = phonenumbers.region_code_for_number(number)
        assert found == country or (found is None and country in FICTIONAL)


def test_each_market_has_a_number_plan():
    assert {country for each in BUSINESSES for country, _ in each.markets} == set(NUMBER_PLANS)


def test_business_numbers_are_of_their_country():
    for business in BUSINESSES:
        for number in business.numbers:
            parsed = phonenumbers.parse(f"+{number.digits}")
            assert phonenumbers.region_code_for_number(parsed) == business.country
            written = phonenumbers.parse(number.display)
            assert phonenumbers.format_number(written, phonenumbers.PhoneNumberFormat.E164) == (
                f"+{number.digits}"
            )
