"""A forecast is a range that held on the days of the past, or it says that it cannot be one."""

import time
from datetime import date, datetime, timedelta

import pytest
from balance.wallets import CARD, TOML, make, put_days

import wacost
from wacost.balance.backtest import LEAST_DAYS
from wacost.balance.book import Entry
from wacost.balance.debits import Debit
from wacost.balance.forecast import Asked, forecast
from wacost.balance.giants import without_giants
from wacost.balance.moves import Terms
from wacost.balance.paths import drawn, seeded, widened
from wacost.balance.series import HOURS, Group, Series
from wacost.balance.tiers import tiered
from wacost.config import Balance
from wacost.errors import InputError
from wacost.money import UNIT
from wacost.rating.ladder import Ladder, Step, ladder

np = pytest.importorskip("numpy", reason="pip install 'wacost[forecast]'")
pytest.importorskip("statsmodels", reason="pip install 'wacost[forecast]'")

TODAY = date(2026, 10, 1)
NOW = datetime(2026, 10, 1)  # midnight in UTC
TERMS = Terms("acme", ("acme",), "USD", "UTC")


def past(values, today=TODAY, now=NOW):
    """Make a series of days that cost so many dollars."""
    days = tuple(today - timedelta(days=len(values) - n) for n in range(len(values)))
    units = tuple(round(value * 100) * (UNIT // 100) for value in values)
    hours = tuple((n + 1) / HOURS for n in range(HOURS))
    return Series(days, units, (0,) * len(values), hours, (), now, today)


def asked(balance, minimum=10, **more):
    return Asked(NOW, balance * UNIT, minimum * UNIT, 0, **more)


def weekly(days, seed=1, level=10.0):
    chance = np.random.default_rng(seed)
    week = np.array([1, 1.1, 1.2, 1.1, 1, 0.5, 0.3])
    return (level * week[np.arange(days) % 7] * chance.gamma(16, 1 / 16, days)).tolist()


def test_an_even_spend_crosses_on_the_day_that_division_tells():
    found = forecast(TERMS, past([1.0] * 100), asked(20))
    assert found.tested.is_naive
    assert found.minimum.middle.date() == date(2026, 10, 11)
    assert set(found.minimum.ranges.values()) == {(found.minimum.middle,) * 2}
    assert found.zero.middle.date() == date(2026, 10, 21)
    assert found.month.middle == 31 * UNIT
    assert found.plan.topup.units == 21 * UNIT


def test_where_nothing_beats_repeating_the_last_week_it_is_repeated_and_said():
    found = forecast(TERMS, past([1, 2, 3, 4, 5, 6, 7] * 15), asked(100))
    assert found.tested.method == "seasonal naive"


def test_what_is_told_is_the_same_every_time_and_without_a_warning():
    told = [forecast(TERMS, past(weekly(120)), asked(300)).as_dict() for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["backtest"]["naive_error_percent"] > told[0]["backtest"]["error_percent"]


def test_ranges_hold_one_another_and_are_in_order():
    found = forecast(TERMS, past(weekly(200)), asked(150))
    for crossing in (found.minimum, found.zero):
        ends = [crossing.ranges[level] for level in (95, 80, 50)]
        flat = [low for low, _ in ends] + [crossing.middle] + [high for _, high in ends[::-1]]
        assert flat == sorted(flat)
        assert crossing.chance == 100
    assert found.minimum.middle < found.zero.middle
    low, high = found.month.ranges[80]
    assert low < found.month.middle < high


@pytest.mark.parametrize("days", [0, 1, LEAST_DAYS - 1])
def test_with_too_few_days_there_is_the_burn_rate_and_no_range(days):
    found = forecast(TERMS, past([2.0] * days), asked(30))
    assert (found.tested, found.minimum, found.plan) == (None, None, None)
    assert found.burn == (2 * UNIT if days else 0)
    assert found.plain_end == (NOW + timedelta(days=10) if days else None)


def test_days_of_nothing_only_are_no_data():
    assert forecast(TERMS, past([1.0] + [0.0] * 100), asked(30)).tested is None


def test_a_balance_below_its_minimum_has_crossed_it_now():
    found = forecast(TERMS, past(weekly(100)), asked(5))
    assert found.minimum.middle == NOW
    assert found.plan.before == NOW


def test_the_top_up_lasts_with_its_probability():
    told = asked(50, until=date(2026, 10, 31), percent=90)
    plan = forecast(TERMS, past(weekly(300)), told).plan
    after = asked(50 + plan.topup.units // UNIT + 1, until=date(2026, 10, 31))
    again = forecast(TERMS, past(weekly(300)), after)
    assert again.plan.topup.units == 0
    assert NOW < plan.before < datetime(2026, 10, 8)
    low, _ = again.minimum.ranges[80]
    assert low >= datetime(2026, 10, 31)


def test_an_automatic_recharge_keeps_the_balance_up():
    rule = Balance(auto_recharge={"below": "40", "amount": "100"})
    found = forecast(Terms("a", ("a",), "USD", "UTC", rule), past(weekly(100)), asked(50))
    assert found.minimum.middle is None
    assert found.recharges >= 5


def test_records_that_are_old_are_no_days_without_calls():
    stale = past(weekly(100))
    found = forecast(TERMS, stale, Asked(NOW + timedelta(days=9), 30 * UNIT, 0, 0))
    assert found.notes == ("the last record of calls is 9 days old: what may come begins there",)


def test_two_years_of_days_take_less_than_ten_seconds():
    began = time.process_time()
    forecast(TERMS, past(weekly(730)), asked(300))
    assert time.process_time() - began < 10


def test_one_giant_day_among_tiny_ones_comes_back_no_larger_than_it_was():
    tiny = weekly(200, level=0.1)
    usual = forecast(TERMS, past(tiny), asked(500)).month
    for giant in (66, 150, 173, 199):
        found = forecast(TERMS, past([*tiny[:giant], 1000.0, *tiny[giant + 1 :]]), asked(500))
        assert abs(found.month.middle - usual.middle) < UNIT
        assert 1000 * UNIT < found.month.ranges[95][1] < 1005 * UNIT
        assert found.plan.topup.units < 515 * UNIT


@pytest.mark.parametrize("begin", [120, 170])
def test_no_four_weeks_cost_more_than_twice_the_most_that_four_weeks_have_cost(begin):
    values = weekly(200, level=0.1)
    values[begin : begin + 6] = [500.0] * 6
    most = max(sum(values[n : n + 28]) for n in range(173))
    found = forecast(TERMS, past(values), asked(500))
    assert found.month.ranges[95][1] < (2 * most * 31 / 28 + 1) * UNIT


def test_only_days_far_above_all_others_around_them_are_giants():
    week, campaign, launch = weekly(100), weekly(100), weekly(100)
    campaign[50:60] = [9 * value for value in campaign[50:60]]
    launch[60:] = [50 * value for value in launch[60:]]
    for values in (week, campaign, launch, [0.0] * 60, [0.0] * 59 + [1.0]):
        usual, beyond = without_giants(np.array(values))
        assert not beyond.any()
        assert usual.tolist() == values


def test_widening_moves_only_what_the_days_have_in_common_and_not_what_all_rows_have():
    assert widened(np.array([[1.0, 3.0], [3.0, 5.0]]), 2).tolist() == [[0.0, 2.0], [4.0, 6.0]]
    assert widened(np.array([[1.0, 3.0]]), 2).tolist() == [[1.0, 3.0]]


LADDER = Ladder("USD", "whole_call", (Step(0, 600_000_000), Step(6_000, 300_000_000)))


def group(seconds):
    units = tuple(s * 600_000_000 for s in seconds)
    return Group("round", "outbound", "Brazil", "acme", "BR", tuple(seconds), units)


def test_what_all_forecasts_missed_alike_moves_the_middle_once_and_widens_nothing():
    missed = np.array([[0.2] * 15, [0.4] * 15, [0.5] * 15, [0.3] * 15])
    months = drawn(missed, 3.0, 30, 2_000, seeded()).sum(axis=1)
    assert 30 * 0.3 < np.median(months) < 30 * 0.4
    assert (drawn(missed, 3.0, 30, 2_000, seeded()) + 1).sum(axis=1).mean() < 30 * 1.45
    alike = drawn(np.full((4, 15), 0.4), 3.0, 30, 100, seeded())
    assert np.allclose(alike, 0.4)


def test_minutes_above_a_band_cost_what_it_says_and_a_new_month_begins_anew():
    days = [date(2026, 9, 28) + timedelta(days=n) for n in range(3)]
    brazil = group([1_000] * 3)
    bands = tiered(np.array([10.0] * 3), [(brazil, LADDER, 3_000)], days)
    ahead = [date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1)]
    cost = bands.priced(np.array([[20.0, 20.0, 20.0]]), ahead)
    # 2,000 s a day: 3,000 s are used up; the second day has 1,000 s below the bound and 1,000 above
    assert cost.tolist() == [[20.0, 15.0, 20.0]]


def test_a_month_whose_total_decides_gives_back_what_its_first_minutes_cost_more():
    days = [date(2026, 9, 28) + timedelta(days=n) for n in range(3)]
    volume = Ladder("USD", "volume", LADDER.steps)
    bands = tiered(np.array([10.0] * 3), [(group([1_000] * 3), volume, 3_000)], days)
    ahead = [date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 1)]
    cost = bands.priced(np.array([[20.0, 20.0, 20.0]]), ahead)
    # 3,000 s cost 30, 5,000 s 50; at 7,000 s all of them cost half: 35, which is 15 less
    assert cost.tolist() == [[20.0, -15.0, 20.0]]


VOLUME = """direction,destination,rate_per_minute,effective_from,tier_from_minutes
outbound,*,0.60,2025-01-01,0
outbound,*,0.30,2025-01-01,500
"""


def test_a_month_that_will_reach_its_second_band_is_forecast_at_the_rate_of_all_its_minutes(
    tmp_path,
):
    log = make(tmp_path, card=f'{CARD}[tiers]\nmodel = "volume"\nscope = "card"\n', rows=VOLUME)
    log.balance_add("opening", "2000", at="2026-05-31")
    put_days(log, "2026-06-01 15:30:10", [1800 + n % 7 * 60 for n in range(163)])
    found = log.forecast(at="2026-11-11")
    # 330 minutes so far for 198.00; 990 in all for 0.30 each, as October's were
    assert log.balance(at="2026-11-11").amount == "289.40"
    assert abs(found.month.middle - 297 * UNIT) < UNIT
    assert found.zero.middle.date() == date(2026, 12, 10)


def test_a_band_far_away_changes_nothing():
    days = [date(2026, 9, 28)]
    assert tiered(np.array([1.0]), [(group([100]), LADDER, 100)], days) is None


def test_the_ladder_is_what_the_card_says(tmp_path):
    rows = (
        "direction,destination,rate_per_minute,effective_from,tier_from_minutes\n"
        "outbound,*,0.60,2025-01-01,0\noutbound,*,0.30,2025-01-01,100\n"
    )
    log = make(tmp_path, rows=rows)
    at = datetime.fromisoformat("2026-10-05T12:00+00:00")
    told = ladder(log._billed("acme"), country="BR", direction="outbound", at=at)
    assert told == LADDER
    assert ladder(log._billed("acme"), country="BR", direction="inbound", at=at) is None


def test_a_workspace_forecasts_from_its_calls(tmp_path):
    log = make(tmp_path)
    start = datetime(2026, 7, 1, 12)
    log.balance_add("opening", "100", at="2026-06-30T00:00")
    put_days(log, start, [60 * (1 + n % 7) for n in range(92)])
    terms = log.balance_terms("acme")
    log.balance_put(
        terms, [Entry("acme", "m", "message", start + timedelta(days=80), "USD", -UNIT)]
    )
    found = log.forecast("acme", at="2026-10-01T00:00")
    assert (found.history, found.tested.is_naive) == (92, True)
    assert found.month.spent == 0
    assert found.as_dict()["amount"] == "-120"
    with pytest.raises(InputError, match="is no probability"):
        log.forecast("acme", percent=100)
    with pytest.raises(InputError, match="not within the year"):
        log.forecast("acme", at="2026-10-01T00:00", until=date(2026, 9, 1))


SEATS = Debit("acme", "Seats", date(2026, 10, 5), 5 * UNIT)


def test_a_fixed_cost_comes_off_the_balance_on_its_day_and_is_in_the_top_up():
    found = forecast(TERMS, past([1.0] * 100), asked(20, debits=(SEATS,)))
    assert found.minimum.middle.date() == date(2026, 10, 6)
    assert found.zero.middle.date() == date(2026, 10, 16)
    assert found.plan.topup.units == 26 * UNIT
    assert found.month.middle == 31 * UNIT
    assert found.as_dict()["fixed_costs"] == [
        {"account": "acme", "name": "Seats", "on": date(2026, 10, 5), "amount": "5"}
    ]


@pytest.mark.parametrize(
    ("balance", "end"),
    [(14, datetime(2026, 10, 3)), (22, datetime(2026, 10, 6)), (30, datetime(2026, 10, 8, 12))],
)
def test_without_data_a_fixed_cost_comes_off_at_the_end_of_its_day(balance, end):
    found = forecast(TERMS, past([2.0] * 30), asked(balance, debits=(SEATS,)))
    assert found.plain_end == end


def test_ranges_that_held_less_than_they_promise_say_so():
    shifted = weekly(130) + [5 * one for one in weekly(20)]  # nothing before tells of it
    found = forecast(TERMS, past(shifted), asked(500))
    assert found.tested.covered[80] < 0.78
    assert found.caution.startswith("on days of the past the 80 % range held ")
    assert found.as_dict()["backtest"]["held_less_than_promised"][0] == 80
    assert forecast(TERMS, past([1.0] * 100), asked(20)).caution is None


def test_a_giant_day_is_named():
    found = forecast(TERMS, past([1.0] * 60 + [1000.0] + [1.0] * 10), asked(20))
    assert found.notes == (
        (
            "one day stands far out of those around it (2026-09-20: 1000.00 USD): it is in no "
            "pattern, and may come back as often as so far"
        ),
    )


FEES = '[{ name = "Seats", amount = "7.90" }, { name = "Licence", amount = "12", per = "year" }]'


def declaring(tmp_path, **more):
    log = make(tmp_path, toml=f"{TOML}fees = {FEES}\n", **more)
    log.balance_add("opening", "100", at="2026-06-30T00:00")
    put_days(log, "2026-07-01 12:00", [60 * (1 + n % 7) for n in range(92)])
    return log


def test_fixed_costs_of_the_settings_are_forecast_without_what_was_booked(tmp_path):
    log = declaring(tmp_path)
    found = log.forecast("acme", at="2026-10-01T00:00")
    told = [(one.name, str(one.on), one.units / UNIT) for one in found.debits]
    months = ("2026-10-31", "2026-11-30", "2026-12-31")
    assert told == [pair for day in months for pair in (("Seats", day, 7.9), ("Licence", day, 1))]
    log.balance_add("fee", "8.40", at="2026-10-01T00:00")
    found = log.forecast("acme", at="2026-10-01T00:00")
    assert [one.units / UNIT for one in found.debits[:2]] == [0.5, 7.9]


def test_fixed_costs_of_months_that_are_over_are_named_until_somebody_books_them(tmp_path):
    log = declaring(tmp_path)
    opened = "2026-10-01T00:00"
    found = log.balance("acme", opened)
    told = [(one.name, str(one.on)) for one in found.not_booked]
    ends = ("2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30")
    assert told == [(name, day) for day in ends for name in ("Seats", "Licence")]
    assert log.balance("acme", "2026-09-30T23:59").not_booked == found.not_booked[:-2]
    note = log.forecast("acme", at=opened).notes[-1]
    assert note.startswith("35.60 USD of fixed costs of months that are over are not taken off: ")
    log.balance_add("fee", "26.80", at="2026-09-02T00:00")
    left = log.balance("acme", opened)
    assert [(one.name, one.units / UNIT) for one in left.not_booked] == [
        ("Seats", 7.8),
        ("Licence", 1),
    ]
    assert left.verdict.units == found.verdict.units - 26 * UNIT - 8 * UNIT // 10
    log.balance_add("observed", "12", at="2026-09-30T23:59")
    log.balance_add("fee", "1", at="2026-09-30T23:59:30")
    assert [one.name for one in log.balance("acme", opened).not_booked] == ["Seats", "Licence"]
    log.balance_add("observed", "11", at=opened)
    assert log.balance("acme", opened).not_booked == ()


def test_fixed_costs_of_who_resells_are_its_customers_and_leave_no_balance(tmp_path):
    log = declaring(tmp_path)
    (tmp_path / "wacost.toml").write_text(f'{TOML}fees = {FEES}\nsell_card = "round"\n')
    assert wacost.open(log.folder).forecast("acme", at="2026-10-01T00:00").debits == ()


def test_a_fixed_cost_in_another_currency_takes_the_rate_of_fx_csv_or_is_named(tmp_path):
    log = declaring(tmp_path)
    euro = TOML.replace("display_places = 0", 'display_places = 0, currency = "EUR"')
    (tmp_path / "wacost.toml").write_text(f"{euro}fees = {FEES}\n")
    asked_at = {"name": "acme", "at": "2026-10-01T00:00"}
    found = wacost.open(log.folder).forecast(**asked_at)
    assert found.debits == ()
    assert found.notes[0] == (
        "the fixed cost Seats of acme is in no figure: fx.csv has no rate from USD to EUR"
    )
    (tmp_path / "fx.csv").write_text("date,from,to,rate,source\n2026-06-01,USD,EUR,0.5,a bank\n")
    found = wacost.open(log.folder).forecast(**asked_at)
    assert found.debits[0].units == 3.95 * UNIT
