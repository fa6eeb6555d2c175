"""Local dates: what `day_spans` says is what the zone's own clock says."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wacost.errors import InputError
from wacost.zones import day_spans, instant_of, local_datetime, local_ordinal, zone

ZONES = [
    "UTC", "America/Sao_Paulo", "Asia/Kolkata", "Europe/Lisbon", "Pacific/Kiritimati",
    "America/St_Johns", "Africa/Cairo", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Beirut",
    "America/Havana", "Africa/Casablanca", "Pacific/Chatham", "America/Asuncion", "Asia/Gaza",
]  # fmt: skip


@given(st.sampled_from(ZONES), st.integers(0, 2_500_000_000))
def test_the_local_date_is_that_of_the_zones_clock(name, instant):
    assert local_ordinal(name, instant) == local_datetime(name, instant).date().toordinal()


@pytest.mark.parametrize("name", ZONES)
def test_every_edge_of_two_decades_is_where_the_clock_turns(name):
    first = datetime(2010, 1, 1, tzinfo=UTC).toordinal() - date(1970, 1, 1).toordinal()
    for day in range(first, first + 365 * 20):
        spans = day_spans(name, day)
        assert spans[0][0] == day * 86_400
        for begin, ordinal in spans:
            assert local_datetime(name, begin).date().toordinal() == ordinal
        for begin, ordinal in spans[1:]:
            assert local_datetime(name, begin - 1).date().toordinal() != ordinal


def test_a_time_without_an_offset_is_a_clock_time_of_the_zone():
    assert instant_of(datetime(2026, 11, 1, 12), "America/Sao_Paulo") == instant_of(
        datetime(2026, 11, 1, 15, tzinfo=UTC), "Asia/Kolkata"
    )


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "America", "America/", "\0"])
def test_a_zone_that_is_none_is_a_sentence(name):
    with pytest.raises(InputError, match="no time zone"):
        zone(name)
