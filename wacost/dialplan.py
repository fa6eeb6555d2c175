"""The country of a phone number, by its first digits: the longest prefix of `dial_plan.csv` wins.

A number's country is asked of its calling code (and, where countries share one, of the digits that
tell them apart), never of its validity: Mexican numbers with the old 1 after 52, Brazilian ones
without the ninth digit and numbers too short or too long to exist still come from somewhere.

The same answer is given twice: by `country_of`, in plain Python for one number, and by
`country_joins`, as DuckDB SQL for a column; a test holds them equal. `phonenumbers`, which made
the table (scripts/make_dial_plan.py), is not loaded here.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from wacost.bundled import bundled
from wacost.errors import InputError
from wacost.names import nearest

if TYPE_CHECKING:
    import duckdb

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES: Final[frozenset[str]] = frozenset(_CODES.split())
"""Every ISO 3166 alpha-2 code, and XK, which Kosovo goes by."""

E164_DIGITS: Final = 15
"""The most digits of an international number."""
CODE_DIGITS: Final = 3
"""The most digits of a calling code: so many, or fewer, are no number behind one."""
HEAD_DIGITS: Final = 4
"""Digits that settle the country of nearly every number; `dialplan.sql` repeats this figure."""
TAIL_DIGITS: Final = 8
"""Digits of the longest prefix in the table; `dialplan.sql` repeats this figure."""

# What people and address books write between digits, the invisible marks of direction included.
# Written as the signs themselves: Python and DuckDB know other words for them.
_BETWEEN: Final = (
    "[ \t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    "().\\-/\u2010-\u2015\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]+"
)
_BETWEEN_DIGITS = re.compile(_BETWEEN)
# A sign of less than nothing, as in -1 for "none", is no dash between digits.
_BELOW_ZERO: Final = "^[^0-9]*[\\-\u2010-\u2015]"
_IS_BELOW_ZERO = re.compile(_BELOW_ZERO)
_DIGITS: Final = f"[1-9][0-9]{{{CODE_DIGITS},{E164_DIGITS - 1}}}"
_NUMBER = re.compile(rf"(?:\+|00)?({_DIGITS})", re.ASCII)
_SQL_FILE = Path(__file__).with_suffix(".sql")


class _Plan(NamedTuple):
    """The table as `country_of` wants it."""

    countries: dict[str, str]
    """Prefix -> country; "" where no number begins so."""
    long_heads: frozenset[str]
    """The first four digits of the prefixes that are longer than that."""


def digits_of(text: str) -> str:
    """Return the E.164 digits of a number written for people.

    A leading `+` or `00` is dropped: no calling code begins with 0, so 00 can only be the way out
    of a country. A single leading 0 is a number that only its own country understands: refused,
    as are letters, more digits than an international number has, three or fewer, which are a
    calling code at most, and a dash before the first digit: -1 says that there is none.

    >>> digits_of("+55 (11) 98765-4321"), digits_of("0055 11 98765.4321")
    ('5511987654321', '5511987654321')
    >>> digits_of("011 98765-4321")
    Traceback (most recent call last):
    ...
    wacost.errors.InputError: '011 98765-4321' is not a phone number with its calling code

    Raises:
        InputError: the text is no such number.
    """
    found = _NUMBER.fullmatch(_BETWEEN_DIGITS.sub("", text))
    if found is None or is_below_zero(text):
        raise InputError(
            f"{text!r} is not a phone number with its calling code",
            hint="write it as in +55 11 98765-4321: the calling code first, digits only",
        )
    return found[1]


def is_below_zero(text: str) -> bool:
    """Tell whether a dash stands before the first digit: a sign, not a mark between digits.

    >>> is_below_zero("-1"), is_below_zero("+55 11 98765-4321")
    (True, False)
    """
    return _IS_BELOW_ZERO.match(text) is not None


def digits_sql(text: str) -> str:
    """Return `digits_of` as a DuckDB expression: NULL where the text is no such number.

    Args:
        text: SQL of a VARCHAR column or expression (never a value from outside).
    """
    signed = f"regexp_replace({text}, '{_BELOW_ZERO}', 'x')"  # x: no number; CASE costs more
    bare = f"regexp_replace({signed}, '{_BETWEEN}', '', 'g')"
    number = f"^(?:\\+|00)?({_DIGITS})$"
    return f"nullif(regexp_extract({bare}, '{number}', 1), '')"


def checked_country(code: str) -> str:
    """Return an ISO country as the tables write it.

    >>> checked_country("pl")
    'PL'

    Raises:
        InputError: there is no such country.
    """
    upper = code.upper() if isinstance(code, str) else ""
    if upper not in COUNTRIES:
        hint = nearest(upper, COUNTRIES, "country")
        raise InputError(f"{code!r} is no ISO country of two letters", hint=hint)
    return upper


def country_of(digits: str) -> str | None:
    """Return the country of a number given as digits, or None where no country has its prefix.

    Args:
        digits: E.164 digits, as from `digits_of`; a number of any length will do. Anything else,
            such as a user id, has no country.

    >>> country_of("5511987654321"), country_of("12045550100"), country_of("77012345678")
    ('BR', 'CA', 'KZ')
    >>> country_of("88213300"), country_of(""), country_of("11987654321")  # 55 is missing
    (None, None, None)
    """
    countries, long_heads = _plan()
    longest = TAIL_DIGITS if digits[:HEAD_DIGITS] in long_heads else HEAD_DIGITS
    for length in range(min(longest, len(digits)), 0, -1):
        country = countries.get(digits[:length])
        if country is not None:
            return country or None
    return None


def prefix_of(digits: str) -> str:
    """Return the digits of a number that tell `country_of` its country, or "".

    >>> prefix_of("5511987654321"), prefix_of("18095550100"), prefix_of("88213300")
    ('55', '1809', '')
    """
    countries, _ = _plan()
    heads = (digits[:length] for length in range(min(TAIL_DIGITS, len(digits)), 0, -1))
    found = next((head for head in heads if head in countries), "")
    return found if countries.get(found) else ""


def may_begin(prefix: str, country: str) -> bool:
    """Tell whether numbers of a country can begin with some digits.

    >>> may_begin("1", "CA"), may_begin("5511", "BR"), may_begin("55", "AR")
    (True, True, False)
    """
    countries, _ = _plan()
    return country_of(prefix) == country or any(
        known.startswith(prefix) for known, holder in countries.items() if holder == country
    )


def prefixes_by_country() -> dict[str, list[str]]:
    """Return the prefixes by which numbers of each country are known.

    >>> prefixes_by_country()["BR"]
    ['55']
    """
    found: dict[str, list[str]] = {}
    for prefix, country in _plan().countries.items():
        if country:
            found.setdefault(country, []).append(prefix)
    return found


@cache  # two threads that come first may both read the file: they read the same
def _plan() -> _Plan:
    """Read the table, once."""
    with _plan_file().open(encoding="utf-8", newline="") as file:
        countries = {row["prefix"]: row["country"] for row in csv.DictReader(file)}
    heads = frozenset(p[:HEAD_DIGITS] for p in countries if len(p) > HEAD_DIGITS)
    return _Plan(countries, heads)


def _plan_file() -> Path:
    return bundled("rates") / "dial_plan.csv"


def country_name(code: str, locale: str) -> str:
    """Return a country's name for a reader of `locale`; a code that it cannot name stays as it is.

    >>> country_name("BR", "pt_BR"), country_name("XK", "en"), country_name("ZZZ", "en")
    ('Brasil', 'Kosovo', 'ZZZ')

    Raises:
        InputError: there is no such locale.
    """
    return _territories(locale).get(code, code)


@cache
def _territories(locale: str) -> dict[str, str]:
    """Return every territory's name in one language."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - 60 ms that a quote does not need

    try:
        return dict(Locale.parse(locale).territories)
    except (UnknownLocaleError, ValueError):
        raise InputError(f"{locale!r} is no locale", hint="for example en, pt_BR, es") from None


def load_sql_tables(con: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables that `country_joins` reads: `dial_heads` and `dial_tails`.

    They belong to this connection alone (a cursor of it has none of its own) and take a few
    milliseconds to make; making them again replaces them.
    """
    con.execute("SET VARIABLE dial_plan_file = $1", [str(_plan_file())])
    con.execute(_SQL_FILE.read_text(encoding="utf-8"))


def country_joins(digits: str, *, alias: str = "dial") -> tuple[str, str]:
    """Return (joins, expression): what turns a column of digits into a country in DuckDB.

    The joins go after the table in FROM and match at most one row each; the expression is the
    country, or NULL. They read the tables of `load_sql_tables`.

    Args:
        digits: SQL of a VARCHAR column of E.164 digits. NULL, and text that does not begin with a
            digit, such as a user id, gives NULL.
        alias: begins the two tables' names in the query, for use beside another pair.

    >>> joins, country = country_joins("c.contact")
    >>> query = f"SELECT {country} FROM call_rows c {joins}"
    """
    joins = " ".join(
        f"LEFT JOIN dial_{part}s {alias}_{part}"
        f" ON {alias}_{part}.key = TRY_CAST(left({digits}, {length}) AS INTEGER)"
        for part, length in (("head", HEAD_DIGITS), ("tail", TAIL_DIGITS))
    )
    # As integers, 044 is 44 and +44 too: neither begins with a calling code.
    country = f"nullif(coalesce({alias}_tail.country, {alias}_head.country), '')"
    return joins, f"CASE WHEN {digits} >= '1' THEN {country} END"
