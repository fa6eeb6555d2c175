"""Exact money: integers inside, Decimal outside, one rounding rule, never a float.

Units:
    nanos   integer, 1/1 000 000 000 of a currency unit: rates per minute, fees, limits.
    units   integer, 1/60 nano: an amount. rate (nanos per minute) x seconds is a whole
            number of units, so that a call's price has no remainder to lose.

`divide` is the rounding rule. It exists twice, as a Python function and as the SQL text that
`rating/rate.sql` uses (`divide_sql`), and a test holds the two equal. Nothing else rounds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, Final, Literal, get_args

from wacost.errors import InputError

Mode = Literal["half_up", "half_even", "up", "down"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

NANO: Final = 10**9
"""Nanos in one currency unit."""
SECONDS: Final = 60
"""Seconds in the minute that a rate is the price of."""
UNIT: Final = NANO * SECONDS
"""Amount units in one currency unit."""
SHOWN_PLACES: Final = 12
"""Decimal places at which an exact amount is shown where no card rounds it."""

_FLOAT_PLACES: Final = 9  # a float's remains begin far behind the places that a price has

_ZERO_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DIGITS = "CLF UYW"
_TWO_DIGITS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN
    BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
    LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
    NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER
    ZAR ZMW ZWG
"""
MINOR_DIGITS: Final[dict[str, int]] = {
    code: digits
    for digits, codes in (
        (0, _ZERO_DIGITS),
        (2, _TWO_DIGITS),
        (3, _THREE_DIGITS),
        (4, _FOUR_DIGITS),
    )
    for code in codes.split()
}
"""ISO 4217: currency code -> digits of its minor unit. (Locale data has other digits for some.)"""

_CODE_BEFORE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)


def parse_nanos(text: str, *, places: int = 9) -> int:
    """Read a plain decimal as nanos, exactly.

    Strict on purpose: no sign but `-`, no exponent, no thousands comma, no currency sign, no
    leading zeros, no spaces: what is not plainly a decimal is refused rather than guessed.

    Args:
        text: digits with at most one decimal point.
        places: the most decimal places accepted (at most 9).

    Raises:
        InputError: the text is not such a decimal.

    >>> parse_nanos("0.0108")
    10800000
    >>> parse_nanos("0,0108")
    Traceback (most recent call last):
    ...
    wacost.errors.InputError: '0,0108' is not a plain decimal
    """
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise InputError(
            f"{text!r} is not a plain decimal",
            hint="write digits with a point, like 0.0108: no comma, no currency sign, no exponent",
        )
    whole, _, fraction = text.removeprefix("-").partition(".")
    if len(fraction) > places:
        raise InputError(
            f"{text!r} has {len(fraction)} decimal places, at most {places} are kept",
            hint="a rate is exact: round it yourself, or ask the supplier what is meant",
        )
    nanos = int(whole) * NANO + int(fraction.ljust(9, "0") or "0")
    return -nanos if text.startswith("-") else nanos


def short_decimal(text: str) -> str | None:
    """Return the decimal that a program meant which printed a binary float; else None.

    >>> short_decimal("0.0100000000000002"), short_decimal("0.0041666666667")
    ('0.01', None)
    """
    if not _DECIMAL.fullmatch(text):
        return None
    places = len(text.partition(".")[2])
    if places <= _FLOAT_PLACES:
        return None
    digits = int(text.replace(".", ""))
    unit = 10 ** (places - _FLOAT_PLACES)
    near = divide(digits, unit, "half_up")
    if near == 0 or abs(digits - near * unit) * 1000 > unit:
        return None
    return plain(trimmed(_decimal(near, _FLOAT_PLACES)))


def divide(number: int, divisor: int, mode: str) -> int:
    """Divide two integers and round the quotient to a whole number. THE rounding rule.

    Args:
        number: any integer.
        divisor: a positive integer.
        mode: half_up (a half goes away from zero), half_even, up (away from zero), down (to zero).

    >>> [divide(n, 10, "half_up") for n in (24, 25, 35, -25)]
    [2, 3, 4, -3]
    >>> [divide(n, 10, "half_even") for n in (25, 35)]
    [2, 4]
    >>> [divide(21, 10, mode) for mode in ("up", "down")]
    [3, 2]
    """
    quotient, rest = divmod(abs(number), divisor)
    if mode == "up":
        more = rest > 0
    elif mode == "down":
        more = False
    elif mode == "half_up":
        more = 2 * rest >= divisor
    elif mode == "half_even":
        more = 2 * rest > divisor or (2 * rest == divisor and quotient % 2 == 1)
    else:
        raise InputError(f"{mode!r} is no rounding mode", hint=f"one of {', '.join(MODES)}")
    quotient += more
    return -quotient if number < 0 else quotient


def divide_sql(number: str, divisor: int | str, mode: str) -> str:
    """Return `divide` as a DuckDB expression over an integer expression.

    Args:
        number: SQL of an integer column or expression (never a value from outside).
        divisor: a positive integer, or SQL of one.
        mode: as in `divide`.

    DuckDB's `//` on integers truncates towards zero in magnitude here, because it is only
    given magnitudes; the sign is put back at the end.
    """
    if mode not in MODES:
        raise InputError(f"{mode!r} is no rounding mode", hint=f"one of {', '.join(MODES)}")
    size = f"abs(({number})::HUGEINT)"
    twice = f"(2 * {divisor})" if isinstance(divisor, str) else 2 * divisor
    whole = {
        "down": f"{size} // {divisor}",
        "up": f"({size} + {divisor} - 1) // {divisor}",
        "half_up": f"(2 * {size} + {divisor}) // {twice}",
        "half_even": f"(2 * {size} + {divisor}) // {twice}"
        f" - (((2 * {size} + {divisor}) % {twice} = 0)"
        f" AND (((2 * {size} + {divisor}) // {twice}) % 2 = 1))::HUGEINT",
    }[mode]
    return f"(sign(({number})::HUGEINT)::HUGEINT * ({whole}))"


def round_units(units: int, places: int, mode: str) -> Decimal:
    """Round an amount in units to `places` decimals of the currency.

    The result keeps its trailing zeros: they say where it was rounded.

    >>> round_units(712_800_000, 4, "half_up")
    Decimal('0.0119')
    >>> round_units(60_000_000_000, 2, "up")
    Decimal('1.00')
    """
    return _decimal(divide(units * 10**places, UNIT, mode), places)


def rounded(value: Decimal | Fraction, places: int, mode: str = "half_up") -> Decimal:
    """Round an exact value to `places` decimals, for a reader; its trailing zeros stay.

    >>> rounded(Decimal("0.125"), 2), rounded(Fraction(2, 3), 4)
    (Decimal('0.13'), Decimal('0.6667'))
    """
    number, of = value.as_integer_ratio()
    return _decimal(divide(number * 10**places, of, mode), places)


def amount_of(units: int) -> Decimal:
    """Show an exact amount as a Decimal, to 12 places, without trailing zeros.

    Most amounts end long before 12 places; where 1/60 nano does not (2 of 3 amounts of a rate
    with nine places), the 12th place is rounded half up. `units` stays the exact figure.

    >>> amount_of(712_800_000)
    Decimal('0.01188')
    >>> amount_of(0)
    Decimal('0')
    """
    return trimmed(round_units(units, SHOWN_PLACES, "half_up"))


def decimal_of(nanos: int) -> Decimal:
    """Turn nanos into a Decimal without trailing zeros.

    >>> decimal_of(10_800_000)
    Decimal('0.0108')
    """
    return trimmed(_decimal(nanos, 9))


def _decimal(whole: int, places: int) -> Decimal:
    """Return whole / 10^places. Only making a Decimal of text is exact at any length."""
    return Decimal(f"{whole}E-{places}")


def trimmed(value: Decimal) -> Decimal:
    """Drop trailing zeros without falling into an exponent.

    >>> trimmed(Decimal("100.00")), trimmed(Decimal("0.10"))
    (Decimal('100'), Decimal('0.1'))
    """
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def plain(value: Decimal) -> str:
    """Write a Decimal as digits: never an exponent, its own places kept.

    >>> plain(Decimal("1E-8")), plain(Decimal("0.50"))
    ('0.00000001', '0.50')
    """
    return f"{value:f}"


def minor_digits(currency: str) -> int:
    """Return the digits of a currency's minor unit (ISO 4217).

    >>> minor_digits("USD"), minor_digits("JPY"), minor_digits("KWD")
    (2, 0, 3)

    Raises:
        InputError: no such currency.
    """
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise InputError(
            f"{currency!r} is no ISO 4217 currency code", hint="three capital letters, like USD"
        ) from None


@cache
def _locale(name: str) -> Any:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - 60 ms that a quote does not need

    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        raise InputError(f"{name!r} is no locale", hint="for example en, pt_BR, es") from None


def format_money(amount: Decimal, currency: str, locale: str) -> str:
    r"""Write an amount with its currency for a reader of `locale`; every place it has is shown.

    Round first (`round_units`): this only writes. The locale's own idea of a currency's digits
    is not asked: it differs from ISO 4217 for a dozen currencies.

    >>> format_money(Decimal("1234.50"), "BRL", "pt_BR")
    'R$\xa01.234,50'
    >>> format_money(Decimal("1.500"), "KWD", "en"), format_money(Decimal("12"), "JPY", "en")
    ('KWD\xa01.500', '¥12')
    """
    from babel.numbers import parse_pattern  # noqa: PLC0415

    locale_data = _locale(locale)
    pattern = parse_pattern(locale_data.currency_formats["standard"].pattern)
    pattern.frac_prec = (_places(amount), _places(amount))
    text = str(pattern.apply(amount, locale_data, currency=currency, currency_digits=False))
    return _CODE_BEFORE_DIGIT.sub("\N{NO-BREAK SPACE}", text)


def format_decimal(value: Decimal | int, locale: str) -> str:
    """Write a number for a reader of `locale`; every place it has is shown.

    >>> format_decimal(Decimal("0.0108"), "pt_BR"), format_decimal(50000, "en")
    ('0,0108', '50,000')
    """
    from babel.numbers import parse_pattern  # noqa: PLC0415

    locale_data = _locale(locale)
    pattern = parse_pattern(locale_data.decimal_formats[None].pattern)
    places = _places(value) if isinstance(value, Decimal) else 0
    pattern.frac_prec = (places, places)
    return str(pattern.apply(value, locale_data))


def _places(value: Decimal) -> int:
    return len(f"{value:f}".partition(".")[2])
