"""Call hours, on the clocks of their zone: over midnight, over a change of clocks, on a holiday."""

from datetime import date, datetime, timedelta

import pytest

from wacost.contacts.hours import DAYS, Hours, from_settings

TOO_LATE = (
    '{"timezone_id":"UTC","weekly_operating_hours":'
    '[{"day_of_week":"MONDAY","open_time":"2500","close_time":"2600"}]}'
)
EVERY_DAY = dict.fromkeys(DAYS, ("09:00-18:00",))


def spans(hours, begin, days):
    return list(hours.spans(begin, begin + timedelta(days=days)))


def test_a_week_is_told_in_utc_and_cut_at_midnight():
    hours = Hours("America/Los_Angeles", {"MONDAY": ("09:00-18:00",)}, {})
    monday = datetime(2026, 10, 5)
    assert spans(hours, monday, 7) == [
        (datetime(2026, 10, 5, 16), datetime(2026, 10, 6)),
        (datetime(2026, 10, 6), datetime(2026, 10, 6, 1)),
    ]


def test_the_hours_follow_the_clocks_where_they_change():
    hours = Hours("Europe/Lisbon", EVERY_DAY, {})
    found = spans(hours, datetime(2026, 10, 24), 2)
    assert [begin.hour for begin, _ in found] == [8, 9]


def test_a_day_that_is_not_there_is_closed_and_24_00_is_its_end():
    hours = Hours("UTC", {"TUESDAY": ("00:00-24:00",)}, {})
    assert spans(hours, datetime(2026, 10, 5), 7) == [
        (datetime(2026, 10, 6), datetime(2026, 10, 7))
    ]


def test_a_holiday_stands_in_the_place_of_the_weekday():
    hours = Hours("UTC", EVERY_DAY, {date(2026, 10, 6): ("10:00-11:00",)})
    found = spans(hours, datetime(2026, 10, 6), 1)
    assert found == [(datetime(2026, 10, 6, 10), datetime(2026, 10, 6, 11))]


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "[]",
        '{"status":"DISABLED"}',
        '{"status":"ENABLED"}',
        '{"status":"ENABLED","timezone_id":"Mars/Olympus"}',
        '{"timezone_id":"UTC","weekly_operating_hours":[{"day_of_week":"MONDAY"}]}',
        TOO_LATE,
        '{"timezone_id":"UTC","weekly_operating_hours":7}',
    ],
)
def test_hours_that_cannot_be_read_are_no_hours(told):
    assert from_settings(told) is None


def test_both_ways_of_writing_a_time_are_read():
    told = (
        '{"status":"ENABLED","timezone_id":"UTC","weekly_operating_hours":['
        '{"day_of_week":"monday","open_time":"0900","close_time":"12:30"},'
        '{"day_of_week":"MONDAY","open_time":"1400","close_time":"1800"}],'
        '"holiday_schedule":[{"date":"2026-12-25","start_time":"1000","end_time":"1200"}]}'
    )
    hours = from_settings(told)
    assert dict(hours.week) == {"MONDAY": ("09:00-12:30", "14:00-18:00")}
    assert dict(hours.holidays) == {date(2026, 12, 25): ("10:00-12:00",)}
