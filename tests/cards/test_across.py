"""Volume bands that stand in columns say what bands in rows say, or are refused with a way out."""

from datetime import date
from importlib.util import find_spec
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wacost.cards.importing import Wishes, import_card
from wacost.errors import RateCardError

WISHES = Wishes(currency="USD", effective_from=date(2026, 10, 1), increments=(6, 6))
MINUTES = st.integers(20, 900).map(lambda hundreds: hundreds * 100)


def made(folder, text, wishes=WISHES):
    file = folder / "file.csv"
    file.write_text(text, encoding="utf-8")
    return import_card(file, folder / "card", wishes)


def rates(imported):
    return [
        (row.destination, row.tier_from_minutes,
         row.kind if row.rate_nanos is None else row.rate_nanos)
        for row in imported.card.rows
    ]  # fmt: skip


@pytest.mark.parametrize(
    "heads",
    [
        "0-50k,50k-250k,250k+",
        '"0–50,000","50,001–250,000",">250k"',
        "0+,50001+,250001+",
        "De 0 a 50.000,De 50.001 a 250.000,Más de 250.000",
        "até 50.000 min,50.001 a 250.000 min,acima de 250.000 min",
        "Tier 1 (0-50k),Tier 2: 50k-250k,Tier 3 (250k+)",
        "0-50k (USD/min),50k - 0.25M (USD/min),250k and above (USD/min)",
        '"<=50,000",">=50,001 minutes per month",≥250 001',
    ],
)
def test_heads_that_tell_their_bands_are_read(tmp_path, heads):
    imported = made(tmp_path, f"Market,{heads}\nBrazil,0.01,0.009,0.008\nOther,.03,unknown,.01\n")
    assert rates(imported) == [
        ("Brazil", 0, 10_000_000), ("Brazil", 50_000, 9_000_000), ("Brazil", 250_000, 8_000_000),
        ("Other", 0, 30_000_000), ("Other", 50_000, "unknown"), ("Other", 250_000, 10_000_000),
    ]  # fmt: skip


def test_every_change_is_listed_once_with_its_row_and_the_name_of_its_column(tmp_path):
    text = "Mercado;De 0 a 50.000;Más de 50.000\nBrazil;0,0108;0,0090\n"
    imported = made(tmp_path, text)
    assert [(one.row, one.column, one.found, one.made) for one in imported.changes] == [
        (2, "Mercado", "Brazil", "BR"),
        (2, "De 0 a 50.000", "0,0108", "0.0108"),
        (2, "Más de 50.000", "0,0090", "0.0090"),
        (2, "Volume band", "De 0 a 50.000", "0"),
        (2, "Volume band", "Más de 50.000", "50000"),
    ]
    told = "the bands stand in columns, and are minutes of a month: De 0 a 50.000, Más de 50.000"
    assert told in imported.notes


def test_notes_headings_currency_and_direction_around_the_bands_are_kept(tmp_path):
    text = (
        "Prices of calls per minute (USD),,,\n"
        "Effective 1 October 2026,,,\n"
        "Market,Incoming calls,,Remarks\n"
        ",0-50k,50k+,\n"
        "Europe,,,\n"
        "Spain,0.01,0.009,\n"
        "Brazil,n/a,n/a,soon\n"
        "Without tax,,,\n"
    )
    imported = made(tmp_path, text, Wishes(increments=(6, 6)))
    assert {row.direction for row in imported.card.rows} == {"inbound"}
    assert rates(imported) == [
        ("Brazil", 0, "n/a"),
        ("Spain", 0, 10_000_000),
        ("Spain", 50_000, 9_000_000),
    ]
    assert [row.note for row in imported.card.rows] == ["soon", "", ""]
    assert [(line, text) for line, text, _ in imported.left_out] == [
        (5, "Europe"), (8, "Without tax"),
    ]  # fmt: skip


def test_a_last_band_that_ends_goes_on_unknown(tmp_path):
    imported = made(tmp_path, "Market,0-50k,50k-250k,Enterprise\nBrazil,0.01,0.009,ask us\n")
    assert rates(imported)[-1] == ("Brazil", 250_000, "unknown")
    assert imported.left_out == [(1, "Enterprise", "a column without a meaning here")]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Market,0-50k,60k+\nBrazil,1,1\n", 2, "gap: the band '0-50k' ends at 50000"),
        ("Market,0-50k,40k+\nBrazil,1,1\n", 2, "overlap: the band '0-50k' ends at 50000"),
        ("Market,10k-50k,50k+\nBrazil,1,1\n", 2, "the lowest band must begin at 0"),
        ("Market,0-2 min,2-60 min,60+\nBrazil,1,1,1\n", 1, "of a month, or of one call?"),
        ('Market,0-50k,"0-50,000"\nBrazil,1,1\n', 1, "two columns are of the same band"),
        ("Market,0-50k,Extra,50k+\nBrazil,1,2,1\n", 1, "stands what is none: 'Extra'"),
        ("Market,From,0-50k,50k+\nBrazil,1,2,1\n", 1, "in columns, and in rows as well"),
        ("Market,0-50k (USD),50k+ (EUR)\nBrazil,2,1\n", 1, "name more than one currency"),
        ("Market,Calls per month,\n,0-50k,50k+\nBrazil,2,1\n", 2, "not of minutes: 'calls per mon"),
        (",Outbound,Inbound\nMarket,0-50k,50k+\nBrazil,2,1\n", 2, "calls in both directions"),
        ("Market,0-50k,50k+\nBrazil,0,0108\n", 2, "is there a comma in the price?"),
        ("Market,0-50k,50k+\nBrazil,0.01,\n", 2, "this row has no rate"),
        ("Market,List rate,0-50k,50k+\nBrazil,2,2,1\n", 1, "more than one column could be"),
        ("Market,Price per second,\n,0-50k,50k+\nBrazil,2,1\n", 1, "prices of one minute"),
    ],
)
def test_bands_in_columns_that_leave_a_doubt_are_refused(tmp_path, text, line, said):
    with pytest.raises(RateCardError) as caught:
        made(tmp_path, text)
    assert said in str(caught.value)
    assert caught.value.line == line
    assert caught.value.hint
    assert not (tmp_path / "card").exists()


@settings(deadline=None, max_examples=25)
@given(
    bounds=st.lists(MINUTES, min_size=1, max_size=5, unique=True).map(sorted),
    prices=st.lists(st.integers(1, 10**6), min_size=12, max_size=12),
)
def test_bands_in_columns_make_the_card_of_the_same_bands_in_rows(tmp_path_factory, bounds, prices):
    folder = tmp_path_factory.mktemp("both")
    bands = [*pairwise([0, *bounds]), (bounds[-1], "")]
    heads = [f"{low + 1 if low else 0}-{high}" if high else f"{low + 1}+" for low, high in bands]
    told = [f"0.{price:06}" for price in prices]
    places = {"Brazil": told[:6], "Spain": told[6:]}
    across = [",".join([place, *cells[: len(bands)]]) for place, cells in places.items()]
    down = [
        f"{place},{low + 1 if low else 0},{high},{cell}"
        for place, cells in places.items()
        for (low, high), cell in zip(bands, cells, strict=False)
    ]
    columns = made(folder, "\n".join([",".join(["Market", *heads]), *across]))
    (folder / "again").mkdir()
    rows = made(folder / "again", "\n".join(["Market,From,To,Rate", *down]))
    assert rates(columns) == rates(rows)


def test_a_workbooks_numbers_under_bands_are_exact(tmp_path):
    if find_spec("python_calamine") is None:
        pytest.skip("pip install 'wacost[frames]'")
    import xlsxwriter

    file = tmp_path / "prices.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Calls")
        sheet.write_row(0, 0, ["Market", "0-50k", "50k+"])
        sheet.write_row(1, 0, ["Brazil", 0.0108, 0.009])
    assert rates(import_card(file, tmp_path / "card", WISHES)) == [
        ("Brazil", 0, 10_800_000), ("Brazil", 50_000, 9_000_000),
    ]  # fmt: skip
