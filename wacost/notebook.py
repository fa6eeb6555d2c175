"""What the notebooks begin with, and how they show tables and long work.

::

    from wacost.notebook import start, table

    log, about = start(month, account)
    table(log.costs(["country"], month=about.month), about)
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wacost.analytics.comparison import OWN
from wacost.billing.wording import FLAG_NAMES
from wacost.charts.documents import between
from wacost.charts.look import Row, rows_of
from wacost.errors import InputError
from wacost.markup import Sheet, Shown
from wacost.money import format_decimal, format_money, minor_digits, rounded, trimmed
from wacost.workbooks import write_table
from wacost.workspace import find_workspace, open_workspace

if TYPE_CHECKING:
    from wacost.analytics.about import About
    from wacost.analytics.comparison import Compared, Comparison, Sum
    from wacost.ingest import IngestReport
    from wacost.language import Language
    from wacost.workspace import Workspace

_DECIMAL: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_UNITS: Final = ((86_400, 3_600, "d", "h"), (3_600, 60, "h", "min"), (60, 1, "min", "s"))
_HIDDEN: Final = 8
_MONEY: Final = frozenset({
    "amount", "call_amount", "cost", "fee", "fees", "margin", "message_amount", "next_rate", "paid",
    "per_answered_call", "per_permission", "rate_per_minute", "sale", "total",
    "a day", "at least", "at most", "so far", "middle", "80 % low", "80 % high",
})  # fmt: skip
"""Columns of money that some tables keep as exact text."""
_PERCENT: Final = frozenset({
    "pickup", "pickup_low", "pickup_high", "calls_alone", "calls_alone_low", "calls_alone_high",
})  # fmt: skip
"""Columns of shares, in percent."""
_GAPS: Final = frozenset({"country", "direction"})
"""Columns whose gaps are told in words: they name what a row is of."""
_NAMED: Final = frozenset({"destination", "market"})
"""Columns of countries and regions by their English names, as rate cards have them."""
_WORDED: Final = frozenset({
    "card_status", "direction", "kind", "month", "outcome", "rule", "state", "status", "step",
})  # fmt: skip
"""Columns of words of the field; in any other a text is a name from outside."""


def start(month: str | None = None, account: str | None = None) -> tuple[Workspace, About]:
    """Open the workspace that this notebook is in, with a month that is rated.

    The workspace is that of WACOST_WORKSPACE, else the nearest folder above with a wacost.toml.
    The month and the one before it are rated where they have calls that were not rated yet.

    Args:
        month: like "2026-10"; None or "": that of the newest call, or this one where there is none.
        account: a name of wacost.toml; None or "": all.

    Returns:
        The workspace, and what its figures of the month are about.
    """
    from wacost.analytics import month_before  # noqa: PLC0415 - it brings the engine

    named = os.environ.get("WACOST_WORKSPACE")
    log = open_workspace(Path(named) if named else find_workspace(Path()))
    if not log.store_path.exists():
        log.make_store()
    month = month or log.newest_month() or f"{date.today():%Y-%m}"  # noqa: DTZ011 - only a default
    for one in (month_before(month), month):
        log.ensure_rated(one, account or None)
    about = log.about(month, account or None)
    _speak(about.language)
    return log, about


def _speak(language: Language) -> None:
    """Let this notebook show cards, invoices and charges in the language of its reader.

    A value does not know who reads it; the notebook does.
    """
    brought = sys.modules.get("IPython")
    shell = brought.get_ipython() if brought else None
    if shell is not None:
        html = shell.display_formatter.formatters["text/html"]
        html.for_type(Shown, lambda shown: shown.sheet(language).html())


def about_balance(log: Workspace, name: str, about: About) -> About:
    """Return what a figure of one balance is about: the account that it pays for, if it is one."""
    accounts = log.balance_terms(name).accounts
    return log.about(about.month, accounts[0]) if len(accounts) == 1 else about


class Table(Shown):
    """A frame or rows, shown with money, numbers and countries as the reader's locale has them.

    Attributes:
        frame: what was given, unchanged: exact.
    """

    __slots__ = ("_about", "_columns", "_most", "_right", "_title", "frame")

    def __init__(
        self,
        frame: Any,
        about: About,
        title: str,
        *,
        columns: Sequence[str],
        right: Sequence[str],
        most: int,
    ) -> None:
        self.frame = frame
        self._about, self._title = about, title
        self._columns, self._right, self._most = columns, right, most

    def sheet(self, language: Language | None = None) -> Sheet:
        """Show the columns; amounts with every digit they have, those of a column in line."""
        about, rows = self._about, rows_of(self.frame)
        language = language or about.language
        if not rows:
            title = self._title or language.say("Nothing to show")
            empty = (language.say("nothing to show"),) if self._title else ()
            return Sheet(title, notes=(*empty, about.caption))
        money = any(_money(name, row.get(name)) is not None for row in rows for name in row)
        told = dict.fromkeys(name for row in rows for name in row)
        names = self._columns or [
            name
            for name in told
            if (name != "currency" or not money) and any(row.get(name) != [] for row in rows)
        ]
        heads = [about.word(name.removesuffix("_s").replace("_", " ")) for name in names]
        sides = [">" if name in self._right or _is_number(rows, name) else "" for name in names]
        write = _Writer(rows, about)
        flags = dict.fromkeys(flag for row in rows for flag in row.get("flags") or ())
        legend = "; ".join(f"{_words([flag], about)}: {flag}" for flag in flags)
        return Sheet(
            self._title,
            columns=tuple(side + head for side, head in zip(sides, heads, strict=True)),
            rows=tuple(tuple(write.cell(row, name) for name in names) for row in rows),
            notes=(*filter(None, (legend,)), about.caption),
            most=self._most,
            language=language,
        )

    def to_excel(self, path: str | Path) -> Path:
        """Write all rows, not only those shown, as a workbook, and return its path.

        Amounts are numbers in their own columns; of more digits than a spreadsheet keeps, whole as
        text.

        Args:
            path: like "countries.xlsx"; a file that is there is replaced.

        Raises:
            InputError: it does not end in .xlsx.
        """
        target = Path(path)
        if target.suffix.lower() != ".xlsx":
            raise InputError(f"{target.name} is no workbook", hint="a name like countries.xlsx")
        rows = rows_of(self.frame)
        columns = self._columns or list(dict.fromkeys(name for row in rows for name in row))
        if "currency" not in columns and any(row.get("currency") for row in rows):
            columns = [*columns, "currency"]
        exact = [
            {n: v if (m := _money(n, v)) is None else m for n, v in row.items()} for row in rows
        ]
        write_table(target, columns, exact, self._about.caption)
        return target


def table(
    frame: Any,
    about: About,
    title: str = "",
    *,
    columns: Sequence[str] = (),
    right: Sequence[str] = (),
    most: int = 20,
) -> Table:
    """Show a frame or rows; `.frame` of what this returns is still the exact one.

    Args:
        frame: of Polars or pandas, or rows.
        about: from `start`.
        title: above the table.
        columns: which, in which order; default: all.
        right: columns of texts that stand to the right, as numbers do.
        most: how many rows are shown.
    """
    return Table(frame, about, title, columns=columns, right=right, most=most)


def by_country(compared: Comparison, about: About) -> Table:
    """Show what each country's calls cost under each card, and which card is cheapest.

    A star tells of calls without a price, in no amount; two amounts are the least and the most
    where the rates of some bands are not known, "or more" that nothing bounds the most. A question
    mark says that such rates may make another card the cheapest.

    Args:
        compared: `log.compare(month, cards)`.
        about: from `start`.
    """
    currencies = list(dict.fromkeys(one.currency for one in compared.cards))
    columns = {one.card: _sums(one, compared.countries, about) for one in compared.cards}
    rows: list[Row] = []
    for n, country in enumerate(compared.countries):
        row: Row = {"country": country or about.say("not known")}
        row |= {card: texts[n] for card, texts in columns.items()}
        for code in currencies:
            told = about.say("cheapest in {currency}", currency=code)
            doubt = "" if compared.is_certain(country, code) else " ?"
            cheapest = f"{compared.cheapest(country, code) or ''}{doubt}"
            row[told if currencies[1:] else "cheapest"] = cheapest
        rows.append(row)
    return table(rows, about, right=list(columns))


def _sums(one: Compared, countries: Sequence[str | None], about: About) -> list[str]:
    """Write what each country costs under a card; amounts have the same places."""
    from wacost.analytics.comparison import Sum, shown  # noqa: PLC0415 - it brings the engine

    told = [one.countries.get(country, Sum()) for country in countries]
    ends = [[shown(end) for end in (sum_.least, sum_.most) if end is not None] for sum_ in told]
    places = max((places_of(end, one.currency) for pair in ends for end in pair), default=0)

    def amount(exact: Decimal) -> str:
        return format_money(rounded(exact, places), one.currency, about.locale)

    def text(sum_: Sum) -> str:
        if sum_.amount is None or not sum_.calls:
            return about.say("no price") if sum_.calls else ""
        return between(sum_, about, amount) + (" *" if sum_.unpriced else "")

    return [text(sum_) for sum_ in told]


@dataclass(frozen=True, slots=True)
class _Bar:
    """How far something is."""

    title: str
    done: int
    total: int

    def _repr_html_(self) -> str:
        most = max(self.total, 1)
        share = f"{100 * self.done // most} %"
        bar = f"<progress value='{self.done}' max='{most}'></progress>"
        return f"{escape(self.title)} {bar} {share}"


def progress(title: str) -> Callable[[int, int], None]:
    """Show a bar in the notebook while something long runs; give the result as `progress=`."""
    from IPython.display import display  # noqa: PLC0415 - there in every notebook

    shown: Any = display(_Bar(title, 0, 1), display_id=True)  # type: ignore[no-untyped-call]
    return lambda done, total: shown and shown.update(_Bar(title, done, total))


def hidden(contact: str) -> str:
    """Return a contact with the middle hidden: for a page that may be passed on.

    >>> hidden("5511987654321"), hidden("55")
    ('55119•••21', '•••')
    """
    return f"{contact[:5]}•••{contact[-2:]}" if len(contact) > _HIDDEN else "•••"


def duration(seconds: int) -> str:
    """Write a duration in its two largest units.

    >>> duration(59), duration(9524), duration(2_635_294)
    ('59 s', '2 h 38 min', '30 d 12 h')
    """
    for large, small, name, part in _UNITS:
        if abs(seconds) >= large:
            return f"{seconds // large} {name} {seconds % large // small} {part}"
    return f"{seconds} s"


def load(log: Workspace, folder: str = "inbox") -> IngestReport:
    """Load what is new in a folder of the workspace, with a bar; an empty folder is no error."""
    from wacost.ingest import IngestReport  # noqa: PLC0415 - it brings the engine

    if not any(path.is_file() for path in (log.folder / folder).rglob("*")):
        return IngestReport()
    return log.ingest(log.folder / folder, progress=progress("Loading"))


def _is_number(rows: list[Row], name: str) -> bool:
    values = [value for row in rows if (value := row.get(name)) is not None]
    return bool(values) and all(
        _money(name, value) is not None
        or (isinstance(value, int | Decimal) and not isinstance(value, bool))
        for value in values
    )


def _money(name: str, value: Any) -> Decimal | None:
    """Return a value that is an amount or a rate, exactly; None: it is none."""
    if name not in _MONEY or value is None:
        return None
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return value if isinstance(value, Decimal) else None


class _Writer:
    """Writes cells. Amounts of one column and currency have the same places: points in line."""

    __slots__ = ("_about", "_locale", "_places")

    def __init__(self, rows: list[Row], about: About) -> None:
        self._about, self._locale = about, about.locale
        self._places: dict[tuple[str, Any], int] = {}
        for row in rows:
            for name, value in row.items():
                if (amount := _money(name, value)) is not None:
                    key = name, row.get("currency")
                    places = places_of(amount, row.get("currency"))
                    self._places[key] = max(self._places.get(key, 0), places)

    def cell(self, row: Row, name: str) -> str:
        value = row.get(name)
        amount = _money(name, value)
        if amount is not None:
            return self._amount(amount, name, row.get("currency"))
        if name.endswith("_s") and isinstance(value, int):
            return duration(value)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            percent = "\N{NO-BREAK SPACE}%" if name in _PERCENT else ""
            return format_decimal(value, self._locale) + percent
        if value is None and name in _GAPS:
            return self._about.say("not known")
        about = self._about
        return _named(value, name, about) if isinstance(value, str) else _words(value, about)

    def _amount(self, amount: Decimal, name: str, currency: str | None) -> str:
        exact = rounded(amount, self._places[name, currency])
        if currency is None:
            return format_decimal(exact, self._locale)
        return format_money(exact, currency, self._locale)


def places_of(amount: Decimal, currency: str | None) -> int:
    """Count the decimal places that an amount needs: at least those of its currency.

    >>> places_of(Decimal("1.50001"), "USD"), places_of(Decimal(100), "USD")
    (5, 2)
    >>> places_of(Decimal("7.0"), "JPY"), places_of(Decimal("1.5"), None)
    (0, 1)
    """
    exponent = trimmed(amount).as_tuple().exponent
    least = minor_digits(currency) if currency else 0
    return max(least, -exponent) if isinstance(exponent, int) else least


def _named(text: str, column: str, about: About) -> str:
    """Write a text in the reader's language where its column has no names from outside."""
    if column == "country":
        return _country(text, about.locale)
    if column in _NAMED:
        return about.language.name(text)
    return about.word(text) if column in _WORDED or text == OWN else text


def _words(value: Any, about: About) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return about.language.cell(value)
    if isinstance(value, list | tuple):
        named = (about.say(FLAG_NAMES[one]) if one in FLAG_NAMES else str(one) for one in value)
        return ", ".join(named)
    return about.word(str(value).lower()) if isinstance(value, bool) else str(value)


def _country(code: str, locale: str) -> str:
    """Name a country, with its code behind: `Brazil (BR)`."""
    from babel import Locale  # noqa: PLC0415 - only where there are countries

    name = Locale.parse(locale).territories.get(code)
    return f"{name} ({code})" if name else code
