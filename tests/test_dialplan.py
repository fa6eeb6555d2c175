"""The dial plan against the library it was made from, and its SQL against its Python."""

from __future__ import annotations

import csv
import importlib.util
import random
import re
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import duckdb
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.phonemetadata import PhoneMetadata

from wacost import dialplan
from wacost.bundled import bundled
from wacost.dialplan import (
    COUNTRIES,
    country_joins,
    country_name,
    country_of,
    digits_of,
    digits_sql,
    load_sql_tables,
)
from wacost.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "make_dial_plan.py"
NOT_ISO = {"AC": "SH", "TA": "SH"}
KINDS = [
    kind for kind in vars(phonenumbers.PhoneNumberType) if kind.isupper() and kind != "UNKNOWN"
]
SHARED = {
    code: regions
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()
    if len(regions) > 1
}

MADE_BY = re.search(
    r"`phonenumbers` (\d+\.\d+\.\d+)",
    (bundled("rates") / "README.md").read_text(encoding="utf-8"),
)[1]
same_library = pytest.mark.skipif(
    phonenumbers.__version__ != MADE_BY,
    reason=f"the plan was made by another version: pip install phonenumbers=={MADE_BY}",
)

KNOWN_DIFFERENCES = {
    ("US", "CA", "1310"): "Canada's 310 and four digits can be dialled within Canada alone; abroad"
    " +1 310 is Los Angeles",
}
"""(wacost, phonenumbers, first four digits) -> why they are not the same."""


def region_of(digits: str) -> str | None:
    """Return phonenumbers' answer in ISO codes; None for what is no country's or not valid."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse("+" + digits))
    return None if region == "001" else NOT_ISO.get(region, region)


@cache
def plan() -> dict[str, str]:
    with (bundled("rates") / "dial_plan.csv").open(encoding="utf-8", newline="") as file:
        return {row["prefix"]: row["country"] for row in csv.DictReader(file)}


def patterns(region: str) -> list[str]:
    """Return the library's patterns of every kind of number of a region."""
    data = PhoneMetadata.metadata_for_region(region, None)
    kinds = [getattr(data, kind.lower(), None) for kind in (*KINDS, "no_international_dialling")]
    return sorted({k.national_number_pattern for k in kinds if k and k.national_number_pattern})


@cache
def example_numbers() -> list[str]:
    """Return the library's example numbers of every region and kind, as digits."""
    kinds = [getattr(phonenumbers.PhoneNumberType, kind) for kind in KINDS]
    numbers = [
        number
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in kinds
        if (number := phonenumbers.example_number_for_type(region, kind))
    ]
    numbers += [
        phonenumbers.example_number_for_non_geo_entity(code)
        for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
    ]
    return [phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164)[1:] for n in numbers]


@cache
def script():
    """Load the generator as a module."""
    spec = importlib.util.spec_from_file_location("make_dial_plan", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_text(pattern, rnd: random.Random) -> str:
    """Return a random text that the parsed pattern matches."""
    match pattern:
        case ("digit", members):
            return rnd.choice(sorted(members))
        case ("then", first, second):
            return random_text(first, rnd) + random_text(second, rnd)
        case ("either", first, second):
            return random_text(rnd.choice((first, second)), rnd)
        case ("repeat", part, least, most):
            times = rnd.randint(least, most)
            return "".join(random_text(part, rnd) for _ in range(times))
    return ""


@cache
def pattern_numbers() -> list[str]:
    """Return seeded random numbers of every region, many where a calling code is shared."""
    rnd = random.Random(20261122)  # noqa: S311
    numbers = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        code = str(phonenumbers.country_code_for_region(region))
        many = 60 if int(code) in SHARED else 3
        for pattern in patterns(region):
            parsed = script().read(pattern)
            numbers += [code + random_text(parsed, rnd) for _ in range(many)]
    return numbers


def boundary_numbers() -> list[str]:
    """Return every prefix, its beginnings, its neighbours, and these cut and made longer."""
    near = {str(int(prefix) + step) for prefix in plan() for step in (-1, 0, 1)}
    cut = {prefix[:length] for prefix in near for length in range(len(prefix) + 1)}
    return sorted(
        cut | {prefix + more for prefix in cut for more in ("0", "9", "0000", "9999999999")}
    )


def by_sql(numbers: list[str | None]) -> list[str | None]:
    """Return the countries that DuckDB finds."""
    con = duckdb.connect()
    load_sql_tables(con)
    joins, country = country_joins("n.digits")
    rows = con.execute(
        f"SELECT {country} FROM (SELECT unnest($1::VARCHAR[]) AS digits,"
        f" unnest(range(len($1::VARCHAR[]))) AS place) AS n {joins} ORDER BY place",
        [numbers],
    ).fetchall()
    return [row[0] for row in rows]


def difference(digits: str) -> tuple[str | None, str | None, str] | None:
    """Return how wacost and phonenumbers differ, where phonenumbers has a region to tell."""
    theirs, ours = region_of(digits), country_of(digits)
    return (ours, theirs, digits[:4]) if theirs is not None and ours != theirs else None


@same_library
def test_phonenumbers_and_the_plan_differ_only_where_it_is_said():
    numbers = example_numbers() + pattern_numbers()
    assert len(numbers) > 10_000
    assert {difference(n) for n in numbers} - {None} == set(KNOWN_DIFFERENCES)


@st.composite
def shared_code_numbers(draw) -> str:
    code = draw(st.sampled_from(sorted(SHARED)))
    region = draw(st.sampled_from(SHARED[code]))
    pattern = draw(st.sampled_from(patterns(region)))
    return str(code) + draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))


@same_library
@given(shared_code_numbers())
@settings(max_examples=300, deadline=None)
def test_any_number_of_a_shared_calling_code_is_where_phonenumbers_says(digits):
    assert difference(digits) in {None, *KNOWN_DIFFERENCES}


def test_a_number_without_a_country_has_none():
    codes = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
    assert codes
    assert {country_of(f"{code}12345678") for code in codes} == {None}
    assert [country_of(text) for text in ("", "0", "0551198", "999", "BR.1349120")] == [None] * 5


@pytest.mark.parametrize(
    ("digits", "country"),
    [
        ("5215512345678", "MX"),  # the 1 that Mexico dropped in 2019 and WhatsApp ids kept
        ("525512345678", "MX"),
        ("551187654321", "BR"),  # before the ninth digit
        ("5511987654321", "BR"),
        ("5491123456789", "AR"),  # 9 for mobiles, 15 within the country
        ("541123456789", "AR"),
        ("1", "US"),  # too short to exist, but from somewhere
        ("19995550100", "US"),  # an area code that is nobody's
        ("11985550100", None),  # one that cannot be: São Paulo without Brazil's 55
        ("10555550100", None),
        ("8095550100", None),  # without its calling code
        ("18095550100", "DO"),
        ("18765550100", "JM"),
        ("16585550100", "JM"),
        ("19395550100", "PR"),
        ("77012345678", "KZ"),
        ("79161234567", "RU"),
        ("390669812345", "VA"),
        ("390612345678", "IT"),
        ("441534123456", "JE"),
        ("2471234", "SH"),
        ("29081234", "SH"),
        ("383441234567", "XK"),
        ("3585012345678901", "FI"),  # longer than any number
    ],
)
def test_the_calling_code_tells_whatever_the_number_is_worth(digits, country):
    assert country_of(digits) == country


def test_the_sql_and_the_function_give_one_answer():
    rnd = random.Random(7)  # noqa: S311
    lengths = [length for length in range(17) for _ in range(1500)]
    drawn = ["".join(rnd.choices("0123456789", k=length)) for length in lengths]
    numbers = example_numbers() + pattern_numbers() + boundary_numbers() + drawn
    assert by_sql(numbers) == [country_of(digits) for digits in numbers]


def test_in_sql_what_is_no_number_has_no_country():
    assert by_sql([None, "", "BR.1349120", "+5511", " 5511", "0055", "-55"]) == [None] * 7


def test_sql_tables_can_be_made_again_and_join_at_most_one_row():
    con = duckdb.connect()
    for _ in range(2):
        load_sql_tables(con)
    for table in ("dial_heads", "dial_tails"):
        rows = con.execute(f"SELECT count(*), count(DISTINCT key) FROM {table}").fetchall()
        assert rows[0][0] == rows[0][1] > 1000
    assert con.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall() == [
        ("dial_heads",),
        ("dial_tails",),
    ]


def test_the_plan_names_iso_countries_only_and_is_sorted():
    assert set(plan().values()) <= {*COUNTRIES, ""}
    assert [prefix for prefix, country in plan().items() if not country] == ["10", "11"]
    assert list(plan()) == sorted(plan())
    assert all(prefix.isdecimal() for prefix in plan())
    assert max(map(len, plan())) == dialplan.TAIL_DIGITS


def test_no_row_of_the_plan_repeats_what_a_shorter_one_says():
    for prefix, country in plan().items():
        shorter = (prefix[:length] for length in range(len(prefix) - 1, 0, -1))
        above = next((plan()[text] for text in shorter if text in plan()), None)
        assert above != country, prefix


def test_countries_are_the_249_of_iso_3166_and_kosovo():
    assert len(COUNTRIES) == 250
    assert "XK" in COUNTRIES
    regions = {NOT_ISO.get(region, region) for region in phonenumbers.SUPPORTED_REGIONS}
    assert regions <= COUNTRIES
    assert all(country_name(code, "en") != code for code in COUNTRIES)


@same_library
def test_making_the_plan_again_gives_the_same_file():
    made = script().text_of(script().dial_plan())
    assert made.encode() == (bundled("rates") / "dial_plan.csv").read_bytes()


def test_nothing_of_a_pattern_is_misread():
    pattern = script().read(r"1(?:2[3-5]|\d{2,3})?|[09]7")
    numbers = ["1", "123", "126", "1267", "12678", "07", "97", "87", "0", ""]
    known = re.compile(r"1(?:2[3-5]|\d{2,3})?|[09]7", re.ASCII)
    for number in numbers:
        rest = pattern
        for digit in number:
            rest = script().after(rest, digit)
        assert script().may_end(rest) == bool(known.fullmatch(number)), number
    with pytest.raises(ValueError, match="cannot read"):
        script().read("1.2")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("+55 (11) 98765-4321", "5511987654321"),
        ("5511987654321", "5511987654321"),
        ("00 55 11 98765 4321", "5511987654321"),
        ("\u202a+55\xa011\u201198765.4321\u202c", "5511987654321"),
        ("+1 (204) 555/0100", "12045550100"),
    ],
)
def test_a_number_written_for_people_becomes_digits(text, digits):
    assert digits_of(text) == digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "00",
        "011 98765-4321",
        "+0055",
        "0005511",
        "+55 11 CALL-NOW",
        "+55 11 98765-4321 ext 5",
        "55+11",
        "1e9",
        "BR.1349120",
        "٥٥١١",
        "+1234567890123456",
        "-1",
        "-5511987654321",
        "+-55 11 98765-4321",
        "(\u20115511987654321)",
        "1",
        "+55",
        "00351",
        "++5511987654321",
    ],
)
def test_what_is_no_international_number_is_refused(text):
    with pytest.raises(InputError) as caught:
        digits_of(text)
    assert repr(text) in str(caught.value)
    assert caught.value.hint


def test_an_unknown_locale_is_refused():
    with pytest.raises(InputError, match="is no locale"):
        country_name("BR", "xx_YY")


def test_threads_that_come_first_all_get_the_answer():
    dialplan._plan.cache_clear()
    start, found = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        found.append(country_of("5511987654321"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["BR"] * 8


def test_asking_for_a_country_loads_nothing_heavy():
    code = (
        "import sys; from wacost.dialplan import country_of; country_of('5511');"
        "print({'duckdb', 'babel', 'phonenumbers'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"


SIGNS = "0123456789+()- ./\t\n\x1f\x85\xa0\u2011\u2015\u200e\u202a\u3000\ufeffxé٣"


@settings(deadline=None)
@given(st.lists(st.text(SIGNS, max_size=20) | st.text(max_size=6), max_size=40))
def test_the_digits_of_a_column_are_those_of_each_number(texts):
    def alone(text):
        try:
            return digits_of(text)
        except InputError:
            return None

    texts = [text for text in texts if "\0" not in text]
    with duckdb.connect() as con:
        con.execute("CREATE TABLE n (place INTEGER, written VARCHAR)")
        for place, text in enumerate(texts):
            con.execute("INSERT INTO n VALUES (?, ?)", [place, text])
        found = con.execute(f"SELECT {digits_sql('written')} FROM n ORDER BY place").fetchall()
    assert [digits for (digits,) in found] == [alone(text) for text in texts]
