"""Cards are compared on the same calls, exactly; a gap is never cheap; no split beats the blend."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wacost.analytics.compare import Traffic, compare
from wacost.analytics.comparison import OWN, Sum
from wacost.cards import RateCard
from wacost.errors import InputError
from wacost.rating import BilledAccount
from wacost.store import open_store

NUMBERS = {"BR": "5511987654321", "PT": "351912345678", "ES": "34612345678"}


def card(name, rates, **settings):
    """Make a card of (destination, band, rate) for outgoing calls."""
    rows = [
        {"direction": "outbound", "destination": to, "tier_from_minutes": str(band),
         "rate_per_minute": rate, "effective_from": "2025-01-01"}
        for to, band, rate in rates
    ]  # fmt: skip
    return RateCard.from_rows(rows, name=name, **{"currency": "USD", **settings})


def in_market(*countries):
    return [
        {"market": "West", "country_or_prefix": one, "effective_from": "2025-01-01"}
        for one in countries
    ]


TIERED = card(
    "tiered",
    [("West", 0, "0.02"), ("West", 10, "0.01"), ("ES", 0, "0.03")],
    markets=in_market("BR", "PT"),
)
FLAT = card("flat", [("BR", 0, "0.05"), ("PT", 0, "0.013"), ("ES", 0, "0.014")])
ONLY_BR = card("only-br", [("BR", 0, "0.001")])
BY_CALL = card("by-call", [("*", 0, "0.011")], rounding=("call", 2, "up"))


@pytest.fixture
def con(tmp_path):
    with open_store(tmp_path / "w.duckdb") as con:
        con.execute("INSERT INTO claims VALUES ('rest', '', 'acme')")
        yield con


def traffic(con, calls, *, own=TIERED, accounts=("acme",)):
    """Put calls, (country, seconds) or None, a minute apart, into an emptied store."""
    con.execute("DELETE FROM call_rows")
    for n, call in enumerate(calls):
        if call is None:  # it keeps its minute: the others stay where they are
            continue
        country, seconds = call
        con.execute(
            """
            INSERT INTO call_rows BY NAME SELECT
                ? AS call_id, '1' AS waba_id, '9' AS phone_number_id, ? AS contact,
                'outbound' AS direction, true AS answered,
                '2026-10-05 12:00:00'::TIMESTAMP + to_minutes(?::BIGINT) AS started_at,
                started_at + to_seconds(?::BIGINT) AS ended_at, ?::BIGINT AS duration_s,
                'answered' AS disposition, started_at AS first_event_at, ? AS country,
                'number' AS country_source, false AS conflict, 'COMPLETED' AS terminate_status
            """,
            [f"c{n:03}", NUMBERS[country], n, seconds, seconds, country],
        )
    billed = [BilledAccount("acme", "UTC", own, "acme")]
    return Traffic(con, billed, "2026-10", accounts)


def test_each_card_charges_what_its_rows_say(con):
    found = compare(traffic(con, [("BR", 600), ("PT", 60), ("ES", 6)]), [FLAT, BY_CALL])
    amounts = {one.card: str(one.total.amount) for one in found.cards}
    # tiered: Portugal ends first, at 0.02; Brazil then ends beyond the 10th minute, all at 0.01
    assert amounts == {OWN: "0.123", "flat": "0.5144", "by-call": "0.14"}
    assert {c: str(s.amount) for c, s in found.cards[1].countries.items()} == {
        "BR": "0.5", "PT": "0.013", "ES": "0.0014",
    }  # fmt: skip
    assert [found.cheapest(c, "USD") for c in ("BR", "PT", "ES")] == ["by-call", "flat", "flat"]


def test_a_card_without_a_price_is_not_the_cheapest(con):
    found = compare(traffic(con, [("BR", 60), ("PT", 60)]), [ONLY_BR, FLAT])
    assert found.cheapest("BR", "USD") == "only-br"
    assert found.cheapest("PT", "USD") == "flat"
    total = found.cards[1].total
    assert (total.calls, total.unpriced, str(total.amount)) == (2, 1, "0.001")
    (blend,) = found.blends
    assert blend.cards == {"BR": "only-br", "PT": "flat"}
    assert (str(blend.total.amount), blend.total.unpriced, blend.proven) == ("0.014", 0, True)


def test_cards_of_two_currencies_are_never_ranked_together(con):
    euro = card("euro", [("*", 0, "0.000001")], currency="EUR")
    found = compare(traffic(con, [("BR", 60)]), [FLAT, euro])
    assert (found.cheapest("BR", "USD"), found.cheapest("BR", "EUR")) == ("flat", "euro")
    assert found.blends == ()


def test_a_card_with_a_gap_is_not_the_cheapest_of_its_currency_only_for_being_alone(con):
    only_br = card("euro", [("BR", 0, "0.000001")], currency="EUR")
    free = card("free", [("*", 0, "0")])
    calls = traffic(con, [("BR", 60), ("PT", 60), ("PT", 0)])
    con.execute("UPDATE call_rows SET answered = false, started_at = NULL WHERE duration_s = 0")
    found = compare(calls, [only_br, free])
    # of Portugal the euro card prices the unanswered call alone, at 0
    assert str(found.cards[1].countries["PT"].amount) == "0"
    assert [found.cheapest(c, "EUR") for c in ("BR", "PT")] == ["euro", None]
    assert [found.cheapest(c, "USD") for c in ("BR", "PT")] == ["free", "free"]


def test_nothing_of_a_comparison_is_kept(con):
    before = con.execute("SELECT count(*) FROM charge_rows").fetchall()
    compare(traffic(con, [("BR", 60)]), [FLAT, TIERED])
    assert con.execute("SELECT count(*) FROM charge_rows").fetchall() == before
    assert con.execute("SELECT count(*) FROM cards").fetchall() == [(0,)]


def test_a_month_without_calls_has_sums_of_nothing(con):
    found = compare(traffic(con, []), [FLAT, TIERED])
    assert [one.total for one in found.cards] == [Sum(), Sum(), Sum()]
    assert (found.countries, found.blends[0].proven) == ([], True)


@pytest.mark.parametrize("cards", [[], [FLAT, FLAT]])
def test_no_card_or_one_twice_is_refused(con, cards):
    with pytest.raises(InputError, match="named once"):
        compare(traffic(con, []), cards)


def test_a_split_that_loses_a_tier_is_not_taken(con):
    # 9 minutes to each: alone on the tiered card, Brazil would never reach its lower band.
    calls = [("PT", 540), ("BR", 540), ("BR", 540)]
    dear = card("dear", [("BR", 0, "0.05"), ("PT", 0, "0.019")])
    found = compare(traffic(con, calls), [TIERED, dear])
    (blend,) = found.blends
    # by itself Portugal is 0.009 cheaper on the other card, and Brazil then pays 0.09 more
    assert blend.cards == {"BR": "tiered", "PT": "tiered"}
    assert str(blend.total.amount) == "0.36"
    assert not blend.proven
    assert blend.least == Fraction("0.351")


def every_split(cards, calls, con):
    """Price every split of the countries, each with its own calls alone: what is least?"""
    countries = sorted({country for country, _ in calls})
    least = None
    for chosen in product(cards, repeat=len(countries)):
        split = dict(zip(countries, chosen, strict=True))
        total = Fraction(0)
        for one in set(chosen):
            there = [call if split[call[0]] is one else None for call in calls]
            (told,) = compare(traffic(con, there, own=one), [one]).cards[1:]
            total += told.total.exact
        least = total if least is None else min(least, total)
    return least


@settings(
    deadline=None,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    calls=st.lists(
        st.tuples(st.sampled_from(sorted(NUMBERS)), st.sampled_from((6, 61, 300, 540, 700))),
        min_size=1,
        max_size=6,
    ),
    rates=st.tuples(*[st.sampled_from(("0.008", "0.012", "0.019", "0.021"))] * 3),
)
def test_no_split_is_cheaper_than_the_blend(con, calls, rates):
    other = card("other", [(to, 0, rate) for to, rate in zip(sorted(NUMBERS), rates, strict=True)])
    (blend,) = compare(traffic(con, calls), [TIERED, other]).blends
    assert blend.total.exact == every_split([TIERED, other], calls, con)
    assert blend.least <= blend.total.exact
    assert blend.total.calls == len(calls)
