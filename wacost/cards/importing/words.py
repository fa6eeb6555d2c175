"""The words of suppliers' files: currencies, countries, dates, what stands for nothing."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Final

from wacost.dialplan import COUNTRIES, country_name
from wacost.money import MINOR_DIGITS

NOT_OFFERED_WORDS: Final = frozenset(
    {"n/a", "na", "n.a.", "not available", "not offered", "not supported", "unavailable"}
)
NO_BOUND_WORDS: Final = frozenset(
    {"", "--", "-", "–", "—", "−", "n/a", "no limit", "unlimited", "∞", "and above", "+"}
)
FREE_WORDS: Final = frozenset({"free", "free of charge"})
EVERYWHERE: Final = frozenset(
    {"*", "default", "fallback", "all other countries", "all others", "other countries"}
    | {"rest of world", "rest of the world", "everywhere else", "all countries", "worldwide"}
)

_SIGNS: Final = {
    **dict.fromkeys(("us$", "$us", "usd$", "u$s", "us dollar", "us dollars"), "USD"),
    **dict.fromkeys(("a$", "au$", "aud$", "$au", "$a"), "AUD"),
    **dict.fromkeys(("£", "gb£", "£gb", "gbd"), "GBP"),
    **dict.fromkeys(("€", "eu€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("₹", "in₹"), "INR"),
    **dict.fromkeys(("rp", "rp."), "IDR"),
    **dict.fromkeys(("r$", "br$", "$r"), "BRL"),
    **dict.fromkeys(("mx$", "mex$", "$mx"), "MXN"),
    **dict.fromkeys(("s$", "sg$", "$sg"), "SGD"),
    **dict.fromkeys(("ar$", "$ar"), "ARS"),
    **dict.fromkeys(("cl$", "clp$", "$cl"), "CLP"),
    **dict.fromkeys(("co$", "cop$", "col$", "$co"), "COP"),
    **dict.fromkeys(("rm",), "MYR"),
    **dict.fromkeys(("s/", "s/."), "PEN"),
    **dict.fromkeys(("د.إ",), "AED"),
    **dict.fromkeys(("sr", "ر.س"), "SAR"),
}
"""What suppliers write for a currency; GBD is a typing error that Meta's files are known for."""
SHARED_SIGNS: Final = {
    "$": {"USD", "AUD", "MXN", "SGD", "ARS", "CLP", "COP", "CAD", "NZD", "HKD"},
    "¥": {"JPY", "CNY"},
    **dict.fromkeys(("rs", "rs."), frozenset({"INR", "PKR", "LKR", "NPR", "MUR"})),
    **dict.fromkeys(("dh", "dhs"), frozenset({"AED", "MAD"})),
    "kr": {"DKK", "ISK", "NOK", "SEK"},
}
"""What several currencies are written with: it tells none, and contradicts all others."""
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_ISO_DATE: Final = re.compile(r"\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b", re.ASCII)
_NUMBER_DATE: Final = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b", re.ASCII)
_WORD_DATE: Final = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?([a-z]{3,9})\.?\s*(?:(\d{1,2})(?:st|nd|rd|th)?)?,?\s+(\d{4})\b",
    re.ASCII,
)
_ALIASES: Final = {
    "uae": "AE",
    "uk": "GB",
    "great britain": "GB",
    "usa": "US",
    "united states of america": "US",
    "turkey": "TR",
    "czech republic": "CZ",
    "russia": "RU",
    "russian federation": "RU",
    "south korea": "KR",
    "republic of korea": "KR",
    "korea": "KR",
    "ivory coast": "CI",
    "cote d ivoire": "CI",
    "viet nam": "VN",
    "hong kong": "HK",
    "macau": "MO",
    "macao": "MO",
    "burma": "MM",
    "myanmar": "MM",
    "swaziland": "SZ",
    "cape verde": "CV",
    "north macedonia": "MK",
    "macedonia": "MK",
    "laos": "LA",
    "lao pdr": "LA",
    "moldova": "MD",
    "syria": "SY",
    "palestine": "PS",
    "brunei darussalam": "BN",
    "dr congo": "CD",
    "congo": "CG",
    "republic of the congo": "CG",
    "democratic republic of the congo": "CD",
    "the gambia": "GM",
    "the bahamas": "BS",
    "holland": "NL",
    "kosovo": "XK",
    "tanzania": "TZ",
    "bolivia": "BO",
    "venezuela": "VE",
    "iran": "IR",
    "taiwan": "TW",
    "vatican": "VA",
    "east timor": "TL",
}


def plain_words(text: str) -> str:
    """Write a name so that spelling, accents, case, & and spaces make no difference.

    >>> plain_words("Rest of Central &  Eastern Europe"), plain_words("Côte d’Ivoire")
    ('rest of central and eastern europe', 'cote d ivoire')
    """
    made = unicodedata.normalize("NFKD", text).casefold().replace("&", " and ")
    kept = "".join(one for one in made if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+|\*", kept))


def currency_of(text: str) -> str | None:
    """Return the currency of a word or sign; None where it tells none, or not which dollar.

    >>> [currency_of(text) for text in ("$US", "A$", "£", "RP", "GBD", "usd", "$", "points")]
    ['USD', 'AUD', 'GBP', 'IDR', 'GBP', 'USD', None, None]
    """
    bare = " ".join(unicodedata.normalize("NFKC", text).split())
    if bare.upper() in MINOR_DIGITS:
        return bare.upper()
    found = _SIGNS.get(bare.casefold())
    if found is None and (
        inner := re.fullmatch(r".*\(([A-Za-z]{3})\)|([A-Za-z]{3})\s*[-–(].*", bare)
    ):
        code = (inner[1] or inner[2]).upper()
        return code if code in MINOR_DIGITS else None
    return found


def may_mean(sign: str, currency: str) -> bool:
    """Tell whether a sign beside a price can be a currency's.

    >>> may_mean("$", "USD"), may_mean("$", "INR"), may_mean("₹", "INR")
    (True, False, True)
    """
    return currency_of(sign) == currency or currency in SHARED_SIGNS.get(sign.casefold(), ())


@cache
def _countries() -> dict[str, str]:
    """Return what countries are called in English -> their codes."""
    found = {plain_words(country_name(code, "en")): code for code in COUNTRIES}
    return {**found, **_ALIASES}


def country_named(text: str) -> str | None:
    """Return the country of an English name or an ISO code.

    >>> country_named("Türkiye"), country_named("United  Arab Emirates"), country_named("BRA")
    ('TR', 'AE', 'BR')
    >>> country_named("Atlantis")
    """
    bare = text.strip()
    if bare.upper() in COUNTRIES and len(bare) == len("BR"):
        return bare.upper()
    if bare.isupper() and len(bare) == len("BRA"):
        return _alpha_3().get(bare) or _countries().get(plain_words(bare))
    return _countries().get(plain_words(bare))


@cache
def _alpha_3() -> dict[str, str]:
    """Return the codes of three letters -> those of two."""
    from babel.core import get_global  # noqa: PLC0415 - only where a file has them

    aliases = get_global("territory_aliases")
    return {
        long: codes[0]
        for long, codes in aliases.items()
        if len(long) == len("BRA") and long.isalpha() and codes[0] in COUNTRIES and len(codes) == 1
    }


def country_words() -> list[str]:
    """Return the names that `country_named` knows, for hints."""
    return sorted(_countries())


def dates_in(text: str) -> list[date]:
    """Return the dates in a text that can be read in one way only.

    >>> dates_in("Effective October 1st, 2026"), dates_in("as of 2026-07-01"), dates_in("1/10/2026")
    ([datetime.date(2026, 10, 1)], [datetime.date(2026, 7, 1)], [])
    """
    bare = unicodedata.normalize("NFKC", text).casefold()
    found = [(int(y), int(m), int(d)) for y, m, d in _ISO_DATE.findall(bare)]
    for first, second, year in _NUMBER_DATE.findall(bare):
        one, other = int(first), int(second)
        if max(one, other) > len(_MONTHS) or one == other:  # else: which is the month?
            found.append((int(year), min(one, other), max(one, other)))
    for before, word, after, year in _WORD_DATE.findall(bare):
        months = [n for n, name in enumerate(_MONTHS, 1) if name.startswith(word)]
        if word == "sept":
            months = [9]
        if len(months) == 1 and bool(before) != bool(after):
            found.append((int(year), months[0], int(before or after)))
    dates = []
    for year, month, day in found:
        try:
            dates.append(date(year, month, day))
        except ValueError:
            continue
    return dates
