"""A reader's language: gettext catalogues for sentences, Babel for everything with a pattern.

A message is English text in the code, marked by the name of the function that it is given to:
`say`, `say_n`, or `mark` and `mark_n` where it stands in a table. Catalogues are the `.po` files
below `wacost/locales`, read as they are: a translation is added by its file alone.
"""

from __future__ import annotations

import gettext
import io
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost import money
from wacost.errors import InputError

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

LOCALES: Final = Path(__file__).resolve().parent / "locales"
SOURCE_LANGUAGE: Final = "en"
"""The language that messages are written in: it needs no catalogue."""

_ISO: Final = 2
_TAG: Final = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|[0-9]{3}))?", re.ASCII)


def mark(message: str) -> str:
    """Mark a message that stands in a table, to be said later.

    >>> mark("Total")
    'Total'
    """
    return message


def mark_n(one: str, many: str) -> tuple[str, str]:
    """Mark a message that counts and stands in a table.

    >>> mark_n("{number} call", "{number} calls")
    ('{number} call', '{number} calls')
    """
    return one, many


def languages() -> list[str]:
    """Return the languages that documents can be written in.

    >>> languages()
    ['en', 'es', 'pt_BR']
    """
    found = (path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/wacost.po"))
    return sorted({SOURCE_LANGUAGE, *found})


@dataclass(frozen=True, slots=True)
class Language:
    """One language and its country's ways of writing numbers and dates.

    Attributes:
        code: a locale as Babel knows it, e.g. "pt_BR".
        catalogue: the name of the catalogue its sentences come from.
    """

    code: str
    catalogue: str

    @classmethod
    def of(cls, locale: str) -> Language:
        """Find the language of a locale; another country's catalogue of it serves too.

        >>> Language.of("pt-BR").catalogue, Language.of("es_MX").catalogue, Language.of("en").code
        ('pt_BR', 'es', 'en')

        Raises:
            InputError: no such locale, or a language without a catalogue.
        """
        found = _TAG.fullmatch(locale)
        language = found[1].lower() if found else ""
        code = f"{language}_{found[2].upper()}" if found and found[2] else language
        catalogue = _nearest(code)
        if catalogue is None or not _is_locale(code):
            raise InputError(
                f"documents cannot be written in {locale!r}",
                hint=f"languages: {', '.join(languages())}",
            )
        return cls(code, catalogue)

    @classmethod
    def near(cls, locale: str) -> Language:
        """Find the language of figures and reports: English where there is no catalogue.

        Numbers and countries follow the locale all the same: nobody is refused a picture.

        >>> Language.near("pt").catalogue, Language.near("de_AT")
        ('pt_BR', Language(code='de_AT', catalogue='en'))
        """
        return cls(locale, _nearest(locale) or SOURCE_LANGUAGE)

    @property
    def direction(self) -> str:
        """How the language is written: "ltr" or "rtl".

        >>> Language.of("es").direction
        'ltr'
        """
        return str(_babel(self.code).text_direction)

    def say(self, message: str, /, **values: object) -> str:
        """Translate a message and fill in its values.

        >>> Language.of("en").say("Page {page}", page=2)
        'Page 2'
        """
        text = _translations(self.catalogue).gettext(message)
        return text.format(**values) if values else text

    def say_n(self, one: str, many: str, number: int, /, **values: object) -> str:
        """Translate a message that counts: `{number}` is written the language's way.

        >>> Language.of("en").say_n("{number} call", "{number} calls", 1200)
        '1,200 calls'
        """
        text = _translations(self.catalogue).ngettext(one, many, number)
        return text.format(number=self.decimal(number), **values)

    def name(self, text: str) -> str:
        """Return a name from outside in this language: of a country, or what the catalogue has.

        >>> [Language.of("es").name(name) for name in ("Rest of Africa", "Germany", "Acme")]
        ['Resto de África', 'Alemania', 'Acme']
        """
        if self.code == SOURCE_LANGUAGE:
            return text
        if code := _countries().get(text):
            return self.country(code)
        return _translations(self.catalogue).gettext(text) if text else text

    def decimal(self, value: Decimal | int) -> str:
        """Write a number with all its places; a whole one in English needs no Babel."""
        if self.code == SOURCE_LANGUAGE and isinstance(value, int):
            return f"{value:,}"
        return money.format_decimal(value, self.code)

    def figure(self, text: str) -> str:
        """Write a number that is plain text already, with the sign that the language has.

        >>> Language.of("es").figure("50000.0051"), Language.of("en").figure("50000.0051")
        ('50000,0051', '50000.0051')
        """
        if self.code == SOURCE_LANGUAGE:
            return text
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415 - slow to load

        return text.replace(".", get_decimal_symbol(self.code))

    def money(self, amount: Decimal, currency: str) -> str:
        """Write an amount with its currency, or bare where the currency is not known."""
        return money.format_money(amount, currency, self.code) if currency else self.decimal(amount)

    def percent(self, value: Decimal) -> str:
        r"""Write a percentage (5 means five per cent) with all its places.

        >>> from decimal import Decimal
        >>> Language.of("es").percent(Decimal("5.25")), Language.of("en").percent(Decimal(18))
        ('5,25\xa0%', '18%')
        """
        from babel.numbers import parse_pattern  # noqa: PLC0415 - slow to load

        data = _babel(self.code)
        pattern = parse_pattern(data.percent_formats[None].pattern)
        places = len(f"{value:f}".partition(".")[2])
        pattern.frac_prec = (places, places)
        return str(pattern.apply(value.scaleb(-2), data))

    def country(self, code: str | None) -> str:
        """Name a country; one without a name in this language has its English name or code.

        >>> Language.of("pt_BR").country("DE"), Language.of("en").country(None)
        ('Alemanha', 'Country not known')
        """
        if not code:
            return self.say("Country not known")
        names = _babel(self.code).territories
        return str(names.get(code) or _babel(SOURCE_LANGUAGE).territories.get(code) or code)

    def currency(self, code: str) -> str:
        """Name a currency.

        >>> Language.of("es").currency("BRL")
        'real brasileño'
        """
        return str(_babel(self.code).currencies.get(code, code))

    def day(self, day: date) -> str:
        """Write a date, with the month in letters.

        >>> from datetime import date
        >>> Language.of("pt_BR").day(date(2026, 10, 1))
        '1 de out. de 2026'
        """
        from babel.dates import format_date  # noqa: PLC0415 - slow to load

        return str(format_date(day, "medium", locale=self.code))

    @property
    def day_pattern(self) -> str:
        """How dates of cells and axes are written: the words of CLDR for day, month and year.

        In digits; in English, where the first may be the month or the day, with its letters.

        >>> Language.of("pt_BR").day_pattern, Language.of("en").day_pattern
        ('dd/MM/y', 'MMM d, y')
        """
        words = "yMMMd" if self.code.startswith(SOURCE_LANGUAGE) else "yMd"
        return str(_babel(self.code).datetime_skeletons[words].pattern)

    def cell(self, at: date | datetime) -> str:
        """Write a date for a cell, or a moment as its own clock shows it.

        >>> from datetime import UTC, date, datetime
        >>> Language.of("pt_BR").cell(date(2026, 10, 1))
        '01/10/2026'
        >>> Language.of("en").cell(datetime(2026, 10, 1, 9, 5, tzinfo=UTC))
        'Oct 1, 2026 09:05:00+00:00'
        """
        from babel.dates import format_date  # noqa: PLC0415 - slow to load

        day = str(format_date(at, self.day_pattern, locale=self.code))
        return f"{day} {at.isoformat(' ', 'seconds')[11:]}" if isinstance(at, datetime) else day

    def stamp(self, at: date | datetime) -> str:
        """Write a date or moment within a derivation: in English as the command line has it.

        >>> from datetime import date
        >>> ENGLISH.stamp(date(2026, 10, 1)), Language.of("es").stamp(date(2026, 10, 1))
        ('2026-10-01', '1/10/2026')
        """
        return str(at) if self.code == SOURCE_LANGUAGE else self.cell(at)

    def moment(self, at: datetime) -> str:
        r"""Write a date and time as its own clock shows it.

        >>> from datetime import datetime
        >>> Language.of("es").moment(datetime(2026, 10, 1, 9, 5))
        '1 oct 2026, 9:05:00'
        """
        from babel.dates import format_datetime  # noqa: PLC0415 - slow to load

        return str(format_datetime(at.replace(tzinfo=None), "medium", locale=self.code))

    def period(self, first: date, last: date) -> str:
        """Write a span of days, without saying twice what they share.

        >>> from datetime import date
        >>> Language.of("es").period(date(2026, 10, 1), date(2026, 10, 31))
        '1–31 oct 2026'
        """
        from babel.dates import format_interval  # noqa: PLC0415 - slow to load

        return str(format_interval(first, last, "yMMMd", locale=self.code))

    def weekdays(self) -> list[str]:
        """Name the days of a week in short, Monday first.

        >>> Language.of("es").weekdays()[0], Language.of("en").weekdays()[6]
        ('lun', 'Sun')
        """
        names = _babel(self.code).days["stand-alone"]["abbreviated"]
        return [str(names[day]) for day in range(7)]

    def month(self, day: date, *, short: bool = False) -> str:
        """Name the month that a day is in.

        >>> from datetime import date
        >>> Language.of("es").month(date(2026, 10, 1)), ENGLISH.month(date(2026, 9, 1), short=True)
        ('octubre de 2026', 'Sep 2026')
        """
        from babel.dates import format_skeleton  # noqa: PLC0415 - slow to load

        return str(format_skeleton("yMMM" if short else "yMMMM", day, locale=self.code))


ENGLISH: Final = Language(SOURCE_LANGUAGE, SOURCE_LANGUAGE)
"""The language of the command line, of `print` and of JSON."""


@cache
def _nearest(code: str) -> str | None:
    """Return the catalogue of a locale, else that of another country with its language."""
    known = languages()
    same = (name for name in known if name.partition("_")[0] == code.partition("_")[0])
    return code if code in known else next(same, None)


@cache
def _translations(catalogue: str) -> gettext.NullTranslations:
    """Read a catalogue once. The `.po` is compiled in memory, so that no `.mo` can grow stale."""
    if catalogue == SOURCE_LANGUAGE:
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - slow to load
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with (LOCALES / catalogue / "LC_MESSAGES" / "wacost.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=catalogue, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def _countries() -> dict[str, str]:
    """Return the ISO code of each country by its English name."""
    names = _babel(SOURCE_LANGUAGE).territories.items()
    return {name: code for code, name in names if len(code) == _ISO and code.isalpha()}


@cache
def _babel(code: str) -> Any:
    from babel import Locale  # noqa: PLC0415 - slow to load

    return Locale.parse(code)


def _is_locale(code: str) -> bool:
    from babel import UnknownLocaleError  # noqa: PLC0415 - slow to load

    try:
        _babel(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True
