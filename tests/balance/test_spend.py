"""What is unusual is named by a rule that can be counted, and every difference is explained."""

import random
from datetime import date
from fractions import Fraction

import pytest
from balance.wallets import TOML, make, put_traffic
from hypothesis import given
from hypothesis import strategies as st

from wacost.balance.anomalies import is_unusual
from wacost.balance.drivers import PARTS, Cell, rounded, split, total
from wacost.errors import ConfigError, InputError
from wacost.money import UNIT

UTC_TOML = TOML.replace("America/Sao_Paulo", "UTC")

cells = st.dictionaries(
    st.tuples(st.sampled_from(["inbound", "outbound"]), st.sampled_from(["BR", "PT", "IN"])),
    st.builds(
        Cell.of,
        st.integers(0, 50),
        st.integers(0, 5000),
        st.integers(0, 10**12),
        st.integers(1, 8),
    ),
)


@given(before=cells, now=cells)
def test_the_causes_add_up_to_the_difference_to_the_last_unit(before, now):
    causes = split(before, now)
    assert tuple(causes) == PARTS
    assert sum(causes.values()) == total(now).units - total(before).units


@given(before=cells, now=cells, places=st.sampled_from([0, 2, 3]))
def test_rounded_causes_add_up_to_their_rounded_sum(before, now, places):
    step = UNIT // 10**places
    parts = rounded(split(before, now), step)
    exact = total(now).units - total(before).units
    assert abs(sum(parts.values()) - exact) <= Fraction(step, 2)
    assert all(units % step == 0 for units in parts.values())


def one(calls, seconds, units, country="BR"):
    return {("outbound", country): Cell.of(calls, seconds, units)}


@pytest.mark.parametrize(
    ("before", "now", "cause"),
    [
        (one(10, 600, 100), one(30, 1800, 300), "volume"),
        (one(10, 600, 100), one(10, 1800, 300), "duration"),
        (one(10, 600, 100), one(10, 600, 300), "price"),
        (one(10, 600, 100), one(9, 540, 90) | one(1, 60, 210, "PT"), "new"),
        (
            one(9, 540, 90) | one(1, 60, 210, "PT"),
            one(5, 300, 50) | one(5, 300, 1050, "PT"),
            "mix",
        ),
    ],
)
def test_a_change_of_one_sort_has_that_cause_alone(before, now, cause):
    causes = split(before, now)
    more = total(now).units - total(before).units
    assert {name for name, units in causes.items() if units} == {cause} or cause == "new"
    assert causes[cause] == more


def test_as_many_usual_figures_are_named_as_the_rule_says():
    chance = random.Random(3)  # noqa: S311 - no secret
    named = 0
    for _ in range(4_000):
        before = sorted(chance.random() for _ in range(99))
        named += is_unusual(chance.random(), before, 50)
    assert 0.015 < named / 4_000 < 0.026


@pytest.fixture
def log(tmp_path):
    return make(tmp_path, UTC_TOML)


def test_what_was_planted_is_found_and_explained(log):
    planted = [
        *((395, 5, 351900000000 + n, "PT", 60) for n in range(30)),
        (390, 9, 5511900000999, "BR", 3_000),
        *((400, 14, 5511900000000 + n, "BR", 60) for n in range(40)),
    ]
    put_traffic(log, 410, more=planted)
    found = log.anomalies("acme", at="2027-02-19T12:00")
    by = {(a.what, str(a.day), a.name): a for a in found.anomalies}
    country = by["country", "2027-02-04", "PT, outbound"]
    assert (country.main_cause, country.units) == ("new", 30 * 60 * UNIT // 100)
    day = by["day", "2027-02-09", "Tuesday"]
    assert day.main_cause == "volume"
    assert sum(day.causes.values()) == day.units - day.usual
    assert ("hour", "2027-02-09", "14:00") in by
    contact = next(a for a in found.anomalies if a.what == "contact" and a.units == 30 * UNIT)
    assert contact.name == "551190•••••99"
    assert contact.main_cause == "duration"
    assert found.looked["hour"] == 24 * 28
    assert len(found.anomalies) < 15


def test_with_little_past_nothing_is_said(log):
    put_traffic(log, 30)
    found = log.anomalies("acme", at="2026-02-04T12:00")
    assert (found.anomalies, set(found.looked.values())) == ((), {0})
    with pytest.raises(InputError, match="cannot be judged"):
        log.anomalies("acme", days=0)
    with pytest.raises(ConfigError, match="no account"):
        log.anomalies("acmee")


def test_an_account_without_calls_has_nothing_unusual_and_has_spent_nothing(log):
    put_traffic(log, 0)
    assert log.anomalies("acme").anomalies == ()
    report = log.budget("acme")
    assert (report.spent, report.end, report.state) == (0, 0, "none")


def test_before_the_first_call_the_month_is_that_of_the_moment(log):
    put_traffic(log, 3)
    found = log.budget(at="2020-02-10")
    assert (found.month, found.spent) == ("2020-02", 0)


def test_a_month_is_put_against_its_budget(log):
    put_traffic(log, 110)
    for amount, state in (("1000", "within"), ("5", "over"), ("150", "likely_over")):
        told = make(log.folder, UTC_TOML + f'budget = {{ month = "{amount}" }}\n')
        report = told.budget("acme", at="2026-04-15T23:00")
        assert (report.state, report.month, report.days) == (state, "2026-04", 15)
    month = [units for day, units in days_of(log) if date(2026, 4, 1) <= day <= date(2026, 4, 15)]
    assert report.spent == sum(month)
    assert abs(sum(report.causes.values()) - (report.spent - report.before)) <= UNIT // 200
    assert report.spent < report.end < report.spent * 3


def days_of(log):
    with log.reading() as con:
        return con.execute(
            "SELECT ended_at::DATE, sum(amount_units)::HUGEINT FROM charges"
            " JOIN calls USING (call_id) GROUP BY ALL"
        ).fetchall()
