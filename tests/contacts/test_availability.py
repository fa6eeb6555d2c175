"""Where calls are offered, by day and by whose country."""

from datetime import date

import pytest

from wacost.contacts.availability import availability, country_rules, kept_out
from wacost.dialplan import COUNTRIES
from wacost.errors import InputError

BETA = {
    "AR",
    "BR",
    "CL",
    "CN",
    "CO",
    "CR",
    "EC",
    "GT",
    "HN",
    "IN",
    "ID",
    "IL",
    "IT",
    "KW",
    "MY",
    "MX",
    "NL",
    "PY",
    "PE",
    "SG",
    "ZA",
    "ES",
    "GB",
    "UY",
}


def not_offered(side, direction, on):
    return {c for c in COUNTRIES if not availability(c, direction, side, on)}


def test_the_beta_was_for_numbers_of_the_countries_of_the_article_both_ways():
    for direction in ("inbound", "outbound"):
        assert not_offered("business", direction, date(2025, 4, 1)) == set(COUNTRIES) - BETA


@pytest.mark.parametrize(
    ("on", "countries"),
    [
        (date(2025, 7, 14), set(COUNTRIES) - BETA),
        (date(2025, 7, 15), {"US", "NG", "CA", "VN", "TR", "CU", "IR", "KP", "SY"}),
        (date(2025, 11, 30), {"US", "NG", "CA", "VN", "TR", "CU", "IR", "KP", "SY"}),
        (date(2025, 12, 1), {"US", "CA", "EG", "VN", "NG", "CU", "IR", "KP", "SY"}),
        (date(2026, 11, 26), {"US", "CA", "EG", "VN", "NG", "CU", "IR", "KP", "SY"}),
    ],
)
def test_outbound_calls_are_kept_from_these_numbers_on_that_day(on, countries):
    assert not_offered("business", "outbound", on) == countries


def test_before_the_beta_there_were_no_calls():
    assert not availability("BR", "outbound", "business", date(2025, 3, 5))
    assert availability("BR", "outbound", "business", date(2025, 3, 6))


def test_what_pages_disagree_about_is_doubtful_and_not_a_no():
    offer = availability("TR", "outbound", "contact", date(2026, 5, 1))
    assert (offer.verdict, bool(offer), offer.rules[0].status) == ("doubtful", True, "open")
    assert availability("TR", "outbound", "contact", date(2026, 3, 1)).verdict == "offered"


def test_every_rule_says_how_it_is_known_and_the_bulk_rows_are_the_same_rules():
    for rule in country_rules():
        assert rule.status in {"read", "inferred", "open"}
        assert rule.verdict in {"no", "doubtful"}
        assert rule.source
        assert rule.not_offered <= COUNTRIES
    assert len(kept_out()) == sum(len(r.not_offered) * len(r.directions) for r in country_rules())


def test_a_country_that_is_none_is_refused():
    with pytest.raises(InputError):
        availability("XX", "outbound", "business", date(2026, 1, 1))
    with pytest.raises(InputError):
        availability("BR", "sideways", "business", date(2026, 1, 1))
