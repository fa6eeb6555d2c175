"""A card comes from rows in Python or from a frame, and is the same card."""

from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec

import pytest

from wacost.cards import RateCard
from wacost.errors import RateCardError

needs_frames = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("polars", "pandas", "pyarrow")),
    reason="needs the frames: pip install -e '.[frames]'",
)
ROWS = [
    {"direction": "outbound", "destination": "BR", "rate_per_minute": Decimal("0.0108"),
     "effective_from": date(2025, 8, 1), "tier_from_minutes": None, "note": None},
    {"direction": "outbound", "destination": "BR", "rate_per_minute": Decimal("0.0090"),
     "effective_from": date(2025, 8, 1), "tier_from_minutes": 50_000, "note": "above"},
]  # fmt: skip


class OnlyCapsule:
    """A frame of which nothing is known but the Arrow interface."""

    def __init__(self, table):
        self.table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def frames_of(rows):
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    table = pa.Table.from_pylist(rows)
    return [
        pl.DataFrame(rows),
        pd.DataFrame(rows),
        pd.DataFrame(rows).convert_dtypes(),
        table,
        OnlyCapsule(table),
    ]


@needs_frames
def test_every_frame_gives_the_card_of_its_rows():
    expected = RateCard.from_rows(ROWS, currency="USD")
    assert [row.tier_from_minutes for row in expected.rows] == [0, 50_000]
    for frame in frames_of(ROWS):
        card = RateCard.from_rows(frame, currency="USD")
        assert card.checksum == expected.checksum, type(frame)


@needs_frames
def test_markets_come_from_a_frame_too():
    import polars as pl

    markets = pl.DataFrame(
        {"market": ["Rest"], "country_or_prefix": ["BR"], "effective_from": ["2025-08-01"]}
    )
    rows = [{**ROWS[0], "destination": "Rest"}]
    card = RateCard.from_rows(rows, currency="USD", markets=markets)
    assert card.markets[0].member == "BR"


@needs_frames
def test_a_float_price_in_a_frame_is_refused_with_its_row_and_column():
    rows = [{**row, "rate_per_minute": 0.25} for row in ROWS]
    for frame in frames_of(rows):
        with pytest.raises(RateCardError, match="expected text, not float") as caught:
            RateCard.from_rows(frame, currency="USD")
        assert (caught.value.line, caught.value.column) == (1, "rate_per_minute")
        assert "Decimal" in caught.value.hint


@needs_frames
def test_a_missing_or_unknown_column_of_a_frame_is_named():
    import polars as pl

    frame = pl.DataFrame(ROWS)
    with pytest.raises(RateCardError, match="the column effective_from is missing"):
        RateCard.from_rows(frame.drop("effective_from"), currency="USD")
    with pytest.raises(RateCardError, match="not a column of this file") as caught:
        RateCard.from_rows(frame.rename({"note": "nots"}), currency="USD")
    assert caught.value.hint == "did you mean note?"
    with pytest.raises(RateCardError) as caught:
        RateCard.from_rows(frame.lazy(), currency="USD")
    assert "collect" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "column"),
    [
        (datetime(2025, 8, 1, 12), "effective_from"),
        (True, "rate_per_minute"),
        (Decimal("NaN"), "rate_per_minute"),
        (1.5, "tier_from_minutes"),
        (b"0.01", "rate_per_minute"),
        ([1], "note"),
    ],
)
def test_a_value_of_another_kind_is_refused(value, column):
    with pytest.raises(RateCardError, match="expected text, not") as caught:
        RateCard.from_rows([{**ROWS[0], column: value}], currency="USD")
    assert caught.value.column == column


def test_a_midnight_is_a_day():
    row = {**ROWS[0], "effective_from": datetime(2025, 8, 1)}
    assert RateCard.from_rows([row], currency="USD").rows[0].effective_from == date(2025, 8, 1)


def test_the_remains_of_a_float_are_told_with_what_was_meant():
    row = {**ROWS[0], "rate_per_minute": "0.0100000000000002"}
    with pytest.raises(RateCardError) as caught:
        RateCard.from_rows([row], currency="USD")
    assert caught.value.hint == "the remains of a float: was 0.01 meant?"
