"""`cards check` tells all at once: mistakes, doubtful prices, rows and calls that never meet."""

from datetime import date

import pytest

from wacost.cards import card_names
from wacost.cards.finding import SEVERITIES
from wacost.cards.inspect import inspect, next_publication
from wacost.cards.templates import copy_template, template_names
from wacost.errors import RateCardError

ON = date(2026, 11, 26)
TOML = """name = "mine"
currency = "USD"
status = "contract"
{top}
[increments]
first = 6
next = 6
"""
HEAD = "direction,destination,rate_per_minute,effective_from,effective_to,tier_from_minutes,fee\n"
FREE = "inbound,*,0,2026-01-01,,,"
OTHERS = [
    f"outbound,{country},0.01{n},2026-01-01,,,"
    for n, country in enumerate(("BR", "MX", "CL", "CO"))
]


def found(tmp_path, *rows, top="", more="", markets=(), on=ON, head=HEAD):
    """Write a card and return its findings as (kind, line), and all of what they say."""
    (tmp_path / "card.toml").write_text(TOML.format(top=top) + more, encoding="utf-8")
    (tmp_path / "rates.csv").write_text(head + "\n".join([FREE, *rows, ""]), encoding="utf-8")
    if markets:
        text = "\n".join(["market,country_or_prefix,effective_from", *markets, ""])
        (tmp_path / "markets.csv").write_text(text, encoding="utf-8")
    findings = inspect(str(tmp_path), on)
    assert all(one.severity in SEVERITIES and one.message and one.file for one in findings)
    grave = [one for one in findings if one.severity != "info"]
    return {(one.kind, one.line) for one in grave}, " ".join(
        f"{one.message} {one.hint}" for one in findings
    )


@pytest.mark.parametrize("name", card_names())
def test_bundled_cards_have_known_gaps_and_nothing_worse(name):
    findings = inspect(name, ON)
    assert {one.severity for one in findings} <= {"info"}
    assert len(findings) <= 3


def test_a_good_card_has_nothing_to_say(tmp_path):
    assert found(tmp_path, *OTHERS, "outbound,*,0.02,2026-01-01,,,")[0] == set()


def test_every_mistake_is_told_and_not_only_the_first(tmp_path):
    kinds, said = found(
        tmp_path,
        "outbound,BR,0.0100000000000002,2026-01-01,,,",
        'outbound,AR,"0,0101",01/01/2026,,,-1',
        "outward,MX,-1,2026-01-01,,,",
        "outbound,FR",
        "outbound,QQ,0.01,2026-01-01,,,",
        "outbound,CO,0.01,2026-01-01,,,",
        "outbound,CO,0.02,2026-01-01,,,",
        "outbound,PE,0.01,2026-01-01,2026-02-01,,",
        "outbound,PE,0.01,2026-03-01,,,",
        "outbound,ID,0.01,2026-01-01,,50,",
        top='curency = "USD"\nretrieved = "soon"',
        more="[rounding]\nplaces = 99\n",
    )
    # card.toml 4, 5 and 10; rates.csv 3, 4, 5, 6, 7, 9, 11 and 12
    assert kinds == {("refused", line) for line in (3, 4, 5, 6, 7, 9, 10, 11, 12)}
    assert "was 0.01 meant?" in said
    assert "did you mean currency?" in said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("outbound,AR,0.101,2026-01-01,,,", "is the point in the right place: 0.0101?"),
        ("outbound,AR,0.0011,2026-01-01,,,", "is the point in the right place: 0.011?"),
    ],
)
def test_a_rate_a_factor_of_ten_off_is_told(tmp_path, row, said):
    kinds, told = found(tmp_path, *OTHERS, row)
    assert kinds == {("factor_ten", 7)}
    assert said in told


@pytest.mark.parametrize(
    ("rates", "blamed"),
    [
        (("0.01", "0.1"), {4}),
        (("0.1", "0.0108"), {4}),
        (("0.01", "0.1", "0.011"), {4}),
        (("0.01", "0.0011", "0.011"), {4}),
        (("0.01", "0.07"), set()),
        (("0.01", "0.3"), set()),
        (("0.002", "0.01", "0.09"), set()),
    ],
)
def test_a_rate_a_factor_of_ten_off_is_told_on_a_card_of_two_or_three_too(tmp_path, rates, blamed):
    rows = [
        f"outbound,{c},{r},2026-01-01,,," for c, r in zip(["BR", "AR", "MX"], rates, strict=False)
    ]
    assert found(tmp_path, *rows)[0] == {("factor_ten", line) for line in blamed}


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (("0.108,2026-01-01,,", "0.0108,2026-02-01,,", "0.0107,2026-03-01,,"), 3),
        (("0.0108,2026-01-01,,", "0.108,2026-02-01,,", "0.0107,2026-03-01,,"), 4),
        (("0.0108,2026-01-01,,", "0.0107,2026-02-01,,", "0.107,2026-03-01,,"), 5),
        (("0.108,2026-01-01,,", "0.009,2026-01-01,,50000", "0.008,2026-01-01,,250000"), 3),
        (("0.0108,2026-01-01,,", "0.09,2026-01-01,,50000", "0.008,2026-01-01,,250000"), 4),
        (("0.0108,2026-01-01,,", "0.009,2026-01-01,,50000", "0.0008,2026-01-01,,250000"), 5),
    ],
)
def test_of_two_rates_that_do_not_go_together_only_the_wrong_one_is_blamed(tmp_path, rows, line):
    assert found(tmp_path, *(f"outbound,BR,{row}," for row in rows))[0] == {("factor_ten", line)}


def test_the_right_price_after_a_wrong_one_is_not_blamed(tmp_path):
    rows = ("outbound,AR,0.108,2026-01-01,,,", "outbound,AR,0.0108,2026-02-01,,,")
    assert found(tmp_path, *OTHERS, *rows)[0] == {("factor_ten", 7)}


@pytest.mark.parametrize(
    "rows",
    [
        ("BR,0.01,2026-01-01,2026-06-01,,", "BR,0.02,2026-03-01,,,"),
        ("BR,n/a,2026-01-01,2026-06-01,,", "BR,0.02,2026-03-01,,,"),
    ],
)
def test_an_overlap_is_one_mistake(tmp_path, rows):
    assert found(tmp_path, *(f"outbound,{row}" for row in rows))[0] == {("refused", 4)}


def test_a_hole_in_time_of_one_band_alone_is_told(tmp_path):
    band = "outbound,BR,0.008,2026-01-01,{},50000,"
    rows = ("outbound,BR,0.01,2026-01-01,,,", band.format("2026-03-01"))
    again = "outbound,BR,0.008,2026-05-01,,50000,"
    kinds, said = found(tmp_path, *rows, again)
    assert kinds == {("refused", 5)}
    assert "gap in time: BR above 50000 minutes of line 4 ends on 2026-03-01" in said
    replaced = ("outbound,BR,0.012,2026-03-01,,,", "outbound,BR,0.011,2026-05-01,,,", again)
    assert found(tmp_path, *rows, *replaced)[0] == set()  # in between, a ladder without it


def test_rates_that_lie_far_apart_have_no_pattern(tmp_path):
    rates = {"BR": "0.01", "CU": "0.9", "US": "0.002", "MX": "0.05", "DE": "0.2"}
    rows = [f"outbound,{country},{rate},2026-01-01,,," for country, rate in rates.items()]
    assert found(tmp_path, *rows)[0] == set()


def test_a_rate_ten_times_that_before_it_is_told(tmp_path):
    kinds, told = found(
        tmp_path, "outbound,BR,0.0108,2026-01-01,,,", "outbound,BR,0.108,2026-07-01,,,"
    )
    assert kinds == {("factor_ten", 4)}
    assert "10 times 0.0108, line 3" in told


def test_a_rate_that_rises_with_volume_is_told(tmp_path):
    kinds, _ = found(
        tmp_path, "outbound,BR,0.01,2026-01-01,,0,", "outbound,BR,0.02,2026-01-01,,50000,"
    )
    assert kinds == {("rises_with_volume", 4)}


def test_the_remains_of_a_float_within_nine_places_are_told(tmp_path):
    kinds, told = found(tmp_path, *OTHERS, "outbound,AR,0.009999999,2026-01-01,,,0.070000001")
    assert kinds == {("float_price", 7)}
    assert "was 0.01 meant?" in told
    assert "was 0.07 meant?" in told


def test_a_card_whose_prices_have_nine_places_is_left_alone(tmp_path):
    rates = {"BR": "0.010000001", "MX": "0.012345678", "CO": "0.011234567"}
    rows = [f"outbound,{country},{rate},2026-01-01,,," for country, rate in rates.items()]
    assert found(tmp_path, *rows)[0] == set()


def test_the_remains_of_many_floats_are_no_pattern(tmp_path):
    rows = [f"outbound,{c},0.01000000{n},2026-01-01,,," for n, c in enumerate(("BR", "MX"), 1)]
    assert found(tmp_path, *rows)[0] == {("float_price", 3), ("float_price", 4)}


def test_rows_that_no_call_reaches_are_told(tmp_path):
    kinds, told = found(
        tmp_path,
        "outbound,Iberia,0.01,2026-01-01,,,",
        "outbound,ES,0.01,2026-01-01,,,",
        "outbound,PT,0.01,2026-01-01,,,",
        "outbound,Empty,0.01,2026-01-01,,,",
        "outbound,BR,0.01,2026-01-01,,,",
        "outbound,55,0.01,2026-01-01,,,",
        *(f"outbound,336{n},0.01,2026-01-01,,," for n in range(10)),
        "outbound,336,0.01,2026-01-01,,,",
        "outbound,2100,0.01,2026-01-01,,,",
        "outbound,FR,0.01,2026-01-01,,,",
        markets=[
            *("Iberia,ES,2026-01-01", "Iberia,PT,2026-01-01"),
            *("Empty,MX,2025-01-01", "Other,MX,2025-06-01"),
        ],
    )
    assert kinds == {
        ("unreachable", 3),
        ("unreachable", 6),
        ("unreachable", 7),
        ("unreachable", 19),
        ("no_such_numbers", 20),
    }
    assert "Iberia: each of its countries has a rate of its own" in told


def test_countries_and_numbers_without_a_rate_are_told_in_one_line(tmp_path):
    kinds, told = found(tmp_path, "outbound,BR,0.01,2026-01-01,,,", "outbound,5411,1,2026-01-01,,,")
    assert kinds == {("part_of_country", None)}
    assert "only some outbound numbers have a rate in 1 country: AR" in told
    assert "no outbound rate for 240 countries: AD, AE" in told


def test_a_direction_without_rows_is_told(tmp_path):
    (tmp_path / "card.toml").write_text(TOML.format(top=""))
    (tmp_path / "rates.csv").write_text(f"{HEAD}outbound,*,0.01,2026-01-01,,,\n")
    assert [one.kind for one in inspect(str(tmp_path), ON)] == ["no_direction"]


def test_rates_that_end_are_told(tmp_path):
    kinds, told = found(
        tmp_path,
        "outbound,BR,0.01,2026-01-01,2026-06-01,,",
        "outbound,MX,0.01,2026-01-01,2026-06-01,,",
        "outbound,52,0.01,2026-06-01,,,",
    )
    assert ("rates_end", 3) in kinds
    assert "BR has no outbound rate from 2026-06-01 on" in told


def test_rounding_coarser_than_an_increment_is_told_where_each_call_is_rounded(tmp_path):
    rounding = '[rounding]\nat = "call"\nplaces = {}\n'
    assert {k for k, _ in found(tmp_path, *OTHERS, more=rounding.format(2))[0]} == {
        "coarse_rounding"
    }
    assert found(tmp_path, *OTHERS, more=rounding.format(3))[0] == set()
    assert len(found(tmp_path, *OTHERS, more="[rounding]\nplaces = 1\n")[0]) == 1


def test_a_card_older_than_its_suppliers_rhythm_is_told(tmp_path):
    top = 'retrieved = 2026-07-02\npublished_every = "quarter"'
    for on, old in ((date(2026, 9, 30), False), (date(2026, 10, 1), True)):
        kinds, _ = found(tmp_path, *OTHERS, top=top, on=on)
        assert (("older_than_rhythm", 4) in kinds) == old
    assert found(tmp_path, *OTHERS, "outbound,IN,0.01,2026-10-01,,,", top=top)[0] == set()
    assert found(tmp_path, *OTHERS, top="retrieved = 2020-01-01")[0] == set()


def test_the_next_publication_is_the_first_day_of_a_period():
    day = date(2026, 12, 31)
    assert [next_publication(day, every).isoformat() for every in ("week", "month", "year")] == [
        "2027-01-04",
        "2027-01-01",
        "2027-01-01",
    ]
    assert next_publication(date(2026, 1, 1), "year") == date(2027, 1, 1)


@pytest.mark.parametrize("name", template_names())
def test_everything_that_a_template_leaves_open_is_told(tmp_path, name):
    files = copy_template(name, tmp_path / "mine")
    findings = inspect(str(tmp_path / "mine"), ON)
    told = {(one.file, one.line) for one in findings if "not filled in" in one.message}
    texts = {str(file): file.read_text().splitlines() for file in files if file.suffix != ".md"}
    assert told == {
        (file, number)
        for file, lines in texts.items()
        for number, line in enumerate(lines, start=1)
        if "FILL-IN" in line
    }


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\xff\xfed\x00", b"\x00\x01\x02", b"direction\n", b'a,"b\n'),
        *(b"\xef\xbb\xbfx", b"PK\x03\x04"),
    ],
)
@pytest.mark.parametrize("name", ["card.toml", "rates.csv", "markets.csv"])
def test_whatever_a_file_holds_is_told_and_never_a_crash(tmp_path, data, name):
    found(tmp_path, *OTHERS, "outbound,Rest,0.01,2026-01-01,,,", markets=["Rest,ES,2026-01-01"])
    (tmp_path / name).write_bytes(data)
    findings = inspect(str(tmp_path / name), ON)
    assert str(tmp_path / name) in {one.file for one in findings if one.severity == "error"}


def test_rates_alone_are_checked_too(tmp_path):
    file = tmp_path / "new-rates.csv"
    file.write_text(f"{HEAD}{FREE}\noutbound,QQ,0.01,2026-01-01,,,\n")
    told = {(one.kind, one.file, one.line) for one in inspect(str(file), ON)}
    assert told == {
        ("no_settings", str(tmp_path / "card.toml"), None),
        ("refused", str(file), 3),
    }


def test_a_suppliers_own_file_is_sent_to_the_import(tmp_path):
    file = tmp_path / "supplier.csv"
    file.write_text("Market,Currency,Rate\nBrazil,USD,0.0108\n")
    findings = inspect(str(file), ON)
    assert "not_ours" in {one.kind for one in findings}
    assert any(one.hint.endswith("--to FOLDER") for one in findings)


def test_a_card_that_is_not_there_names_the_nearest():
    with pytest.raises(RateCardError, match="no rate card 'meta-usdd'") as caught:
        inspect("meta-usdd", ON)
    assert caught.value.hint == "did you mean meta-usd?"


def test_unknown_bands_are_counted_in_words_that_fit(tmp_path):
    rows = ["outbound,*,0.01,2026-01-01,,,", "outbound,*,unknown,2026-01-01,,50000,"]
    assert "1 higher outbound band of 1 destination is unknown" in found(tmp_path, *rows)[1]
    more = "outbound,*,unknown,2026-01-01,,250000,"
    said = found(tmp_path, *rows, more)[1]
    assert "2 higher outbound bands of 1 destination are unknown" in said


def test_a_lowest_band_that_is_unknown_is_told(tmp_path):
    rows = ["outbound,*,unknown,2026-01-01,,,", "outbound,*,0.01,2026-01-01,,50000,"]
    said = found(tmp_path, *rows)[1]
    assert "the lowest outbound band of 1 destination is unknown" in said
    assert "calls in it have no price" in said
    later = found(tmp_path, *rows, "outbound,*,0.02,2026-06-01,,,")
    assert not any("lowest" in one for one in later)
