"""Where the head of a supplier's table stands, and what each of its columns means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wacost.cards.importing.numbers import without_any_marks
from wacost.cards.importing.sheets import Row, Source, Table
from wacost.cards.importing.words import plain_words
from wacost.errors import RateCardError
from wacost.names import nearest

HEAD_ROWS: Final = 60
"""Rows among which the head is looked for."""
_ABOVE: Final = 3
_CODE: Final = r"(?:calling|dial|dialing|dialling|phone|isd)"

_MEANINGS: Final = tuple(
    (meaning, re.compile(pattern))
    for meaning, pattern in (
        ("vs", r"^(?:vs|versus|discount)\b.*"),
        ("rate_type", r"^(?:rate type|type of rate|tier type)$"),
        (
            "effective_from",
            (
                r"^(?:effective(?: from| date| since| start(?: date)?)?|valid from|start date|"
                r"from date|date from|in force from|date)$"
            ),
        ),
        (
            "effective_to",
            (
                r"^(?:(?:effective|valid) (?:to|until|till)|end date|to date|"
                r"effective end(?: date)?|expiry(?: date)?|expires)$"
            ),
        ),
        ("currency", r"^(?:(?:billing |rate )?currency(?: code)?|ccy)$"),
        (
            "iso",
            (
                r"^(?:(?:country )?iso ?(?:code|2|alpha 2|3166(?: 1 alpha 2)?|country(?: code)?)?"
                r"(?: code)?|alpha ?2(?: code)?)$"
            ),
        ),
        ("calling", rf"^(?:(?:country )?{_CODE}(?: country)? (?:code|prefix)|country prefix|isd)$"),
        ("country_code", r"^(?:country code|cc|(?:destination |breakout )?codes?)$"),
        (
            "prefix",
            (
                r"^(?:(?:network|operator|number|destination|mobile) )?prefix(?:es)?$|"
                r"^(?:area|network) codes?$"
            ),
        ),
        ("direction", r"^(?:(?:call )?(?:direction|traffic|leg)|call type)$"),
        (
            "from",
            (
                r"^(?:(?:tier|band|volume|minutes|range) )?from(?: minutes?| min)?$|"
                r"^(?:tier from minutes|minutes from|min minutes|minimum minutes|lower bound)$"
            ),
        ),
        (
            "to",
            (
                r"^(?:(?:tier|band|volume|minutes|range) )?(?:to|up to)(?: minutes?| min)?$|"
                r"^(?:tier to minutes|minutes to|max minutes|maximum minutes|upper bound)$"
            ),
        ),
        (
            "tier",
            (
                r"^(?:(?:volume|monthly|minutes?) )*(?:tiers?|bands?|minutes|volume|range)"
                r"(?: (?:per month|monthly|minutes))*$"
            ),
        ),
        (
            "fee",
            (
                r"^(?:connect(?:ion)?|(?:call )?set ?up|per call|call) (?:fee|charge|cost|price)$|"
                r"^fee(?: per call)?$"
            ),
        ),
        ("note", r"^(?:notes?|remarks?|comments?)$"),
        (
            "place",
            (
                r"^(?:markets?|countr(?:y|ies)|mercados?|pais(?:es)?|destinos?|location|"
                r"(?:country|market|destination) name|destination(?: country)?|"
                r"(?:country|market) (?:or )?(?:market|region|country)(?: name)?)$"
            ),
        ),
        ("region", r"^region(?: name)?$"),
        (
            "rate",
            (
                r"\b(?:rates?|prices?|cost|tariff|charge)\b|\bper min(?:ute)?\b|"
                r"^[a-z]{1,3} min(?:ute)?$|^min(?:ute)?$|"
                r"^(?:whatsapp )?(?:calling|calls?|voice(?: calls?)?)$|"
                r"^(?:inbound|outbound|incoming|outgoing)(?: calls?)?$"
            ),
        ),
        ("increments", r"\b(?:increments?|pulses?|billing (?:interval|unit|block))\b|^billing$"),
    )
)
"""Meaning -> what a column is called, as `plain_words` writes it; the first that fits."""
_BOUND: Final = re.compile(r"(?:minutes?|tier|volume) (from|to|min|max)")
_WRONG_UNIT: Final = re.compile(
    r"\bper (?:sec(?:ond)?s?|s|hour|pulse|call|message|\d+ ?s(?:ec(?:ond)?s?)?)\b|"
    r"\b(?:cents?|paise|pence|centavos)\b|^sec(?:ond)?$"
)
_PER_MINUTE: Final = re.compile(r"\bper min(?:ute)?\b")
_PER_MANY: Final = re.compile(r"\bper [0-9][0-9 ]*min(?:ute)?s?\b")
_IN_CENTS: Final = re.compile(
    r"\bin (?:us )?(?:cents|paise|pence|centavos)\b|\b(?:cents?|paise|pence|centavos) per\b"
)
_INBOUND: Final = re.compile(r"\b(?:inbound|incoming|receiv\w*|uic|user initiated)\b")
_OUTBOUND: Final = re.compile(r"\b(?:outbound|outgoing|bic|business initiated|mak(?:e|ing))\b")
_CALLS: Final = re.compile(r"\b(?:call|calls|calling|voice)\b")
_MINUTES: Final = re.compile(r"\b(?:minutes?|mins?)\b")
_MESSAGES: Final = re.compile(r"\b(?:marketing|utility|authentication|messages?|messaging)\b")
MONEY: Final = re.compile(
    r"\b(?:fees?|surcharge|minimum|mark ?up|tax(?:es)?|vat|gst|set ?up|connection|discount|"
    r"(?:from|after) seconds?)\b"
)
"""A column called so changes what a call costs: not to know it is no reason to leave it out."""
_OF_A_GROUP: Final = ("from", "to", "tier", "rate_type", "vs")
PLACES: Final = ("place", "iso", "country_code", "calling", "prefix", "region")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table.

    Attributes:
        table: whose.
        at: its place among the table's rows.
        names: of the columns, in one line each.
        columns: meaning -> column.
        rates: direction, or "" where the name tells none -> column.
    """

    table: Table
    at: int
    names: list[str]
    columns: Mapping[str, int]
    rates: Mapping[str, int]

    @property
    def above(self) -> list[Row]:
        """The title and notes above it."""
        return self.table.rows[: self.at]

    @property
    def line(self) -> int:
        """Its line in the file."""
        return self.table.rows[self.at].line


def find_head(source: Source, *, sheet: str | None = None, group: str | None = None) -> Head:
    """Find the head of a file, by the names of its columns, wherever they stand.

    Args:
        source: the file.
        sheet: of a workbook: only this one.
        group: where several tables stand side by side: the one with this heading.

    Raises:
        RateCardError: there is none, or more than one could be meant.
    """
    tables = [table for table in source.tables if sheet is None or table.name == sheet]
    if not tables:
        hint = nearest(sheet or "", [table.name for table in source.tables], "sheet")
        raise RateCardError(f"there is no sheet {sheet!r}", file=source.file, hint=hint)
    found = [(table, at) for table in tables if (at := _head_row(table)) is not None]
    if not found:
        raise _no_head(source, tables)
    if len(found) > 1 and found[0][0].name:
        names = ", ".join(table.name for table, _ in found)
        told = f"more than one sheet has prices: {names}"
        raise RateCardError(told, file=source.file, hint="choose one with --sheet")
    table, at = max(found, key=lambda one: sum(map(bool, _meanings(_names(*one)))))
    return _head(source.file, table, at, group)


def meaning_of(name: str) -> str:
    r"""Return what a column means by its name; "" where that is not known.

    >>> [meaning_of(name) for name in ("Market\n(per rate card)", "Rate (USD)", "vs. List rate")]
    ['place', 'rate', 'vs']
    """
    own = without_any_marks(name)
    bare, whole = plain_words(re.sub(r"\([^)]*\)", " ", own)), plain_words(own)
    if bound := _BOUND.fullmatch(whole):
        return "from" if bound[1] in {"from", "min"} else "to"
    for words in (bare, whole):
        for meaning, pattern in _MEANINGS:
            if pattern.search(words):
                return meaning
    return ""


def _meanings(names: Sequence[str]) -> list[str]:
    return [meaning_of(name) for name in names]


def _head_row(table: Table) -> int | None:
    """Return the first row that names a rate and where it is for."""
    for at in range(min(len(table.rows), HEAD_ROWS)):
        known = _meanings(_names(table, at))
        if "rate" in known and any(place in known for place in PLACES):
            return at
    return None


def _names(table: Table, at: int) -> list[str]:
    """Return the names of the columns; one that is merged with cells above is found there."""
    rows = [row.cells for row in table.rows[max(0, at - _ABOVE) : at + 1][::-1]]
    own = sum(map(bool, rows[0]))
    names = []
    for column in range(max(len(rows[0]), *(len(cells) for cells in rows))):
        cells = [cells[column] if column < len(cells) else "" for cells in rows]
        name = cells[0] or (next(filter(None, cells[1:]), "") if own > 1 else "")
        names.append(" ".join(name.split()))
    while names and not names[-1]:
        names.pop()
    return names


def _head(file: str, table: Table, at: int, group: str | None) -> Head:
    names = _names(table, at)
    line = table.rows[at].line
    known = _meanings(names)
    rates = [column for column, meaning in enumerate(known) if meaning == "rate"]
    rates = [column for column in rates if not is_wrong_unit(names[column])] or rates
    shared: dict[str, int] = {}
    for column, meaning in enumerate(known):
        if not meaning or meaning == "rate" or meaning in _OF_A_GROUP:
            continue
        _once(file, line, names, (shared, meaning, column))
    chosen = _directions(names, rates) if len(rates) > 1 and not group else None
    if chosen is None:
        rate = _chosen_group(file, table, at, (names, known, rates), group)
        chosen = {direction_of(names[rate]): rate}
    _check_units(file, line, names, chosen.values())
    _check_notes(file, table, at, [names[column] for column in chosen.values()])
    _check_calls(file, table, at, names)
    span = _span(known, rates, next(iter(chosen.values())))
    tiers: dict[str, int] = {}
    for column in span:
        if known[column] in _OF_A_GROUP:
            _once(file, line, names, (tiers, known[column], column))
    return Head(table, at, names, {**shared, **tiers}, chosen)


def _once(
    file: str, line: int, names: Sequence[str], told: tuple[dict[str, int], str, int]
) -> None:
    """Note what a column means; refuse a second one that means the same."""
    columns, meaning, column = told
    if meaning in columns and meaning not in {"vs", "note"}:
        both = f"{names[columns[meaning]]!r} and {names[column]!r}"
        message = f"two columns say the same: {both}"
        raise RateCardError(message, file=file, line=line, hint="take one of them out")
    columns.setdefault(meaning, column)


def _directions(names: Sequence[str], rates: Sequence[int]) -> dict[str, int] | None:
    """Return the rate columns by direction where their names tell it and none is told twice."""
    found = {direction_of(names[column]): column for column in rates}
    return found if len(found) == len(rates) and "" not in found else None


def direction_of(name: str) -> str:
    """Return the direction that a name tells, or "".

    >>> direction_of("Inbound calls"), direction_of("Rate")
    ('inbound', '')
    """
    words = plain_words(name)
    if _INBOUND.search(words):
        return "inbound"
    return "outbound" if _OUTBOUND.search(words) else ""


def _span(known: Sequence[str], rates: Sequence[int], rate: int) -> range:
    """Return the columns that belong to a rate: those from behind that before on, and its `vs`."""
    before = max((column for column in rates if column < rate), default=-1)
    start = before + 1
    while start and start < rate and known[start] == "vs":
        start += 1
    end = rate + 1
    while end < len(known) and known[end] in {"vs", "rate_type"}:
        end += 1
    last = rate == rates[-1]
    return range(start, len(known) if last else end)


def _chosen_group(
    file: str,
    table: Table,
    at: int,
    told: tuple[Sequence[str], Sequence[str], Sequence[int]],
    group: str | None,
) -> int:
    """Return the rate column of the group that is about calls."""
    names, known, rates = told
    if len(rates) == 1 and group is None:
        return rates[0]
    headings = {rate: _heading(table, at, names, _span(known, rates, rate), rate) for rate in rates}
    wanted = plain_words(group) if group else None
    fit = [
        rate
        for rate, words in headings.items()
        if (wanted in words if wanted is not None else _CALLS.search(words))
    ]
    if len(fit) != 1:
        shown = "; ".join(f"{names[rate]!r} under {words!r}" for rate, words in headings.items())
        raise RateCardError(
            f"more than one column could be the price of calls: {shown}",
            file=file,
            line=table.rows[at].line,
            hint="choose one with --group and words of its heading, or take the others out",
        )
    return fit[0]


def _heading(table: Table, at: int, names: Sequence[str], span: range, rate: int) -> str:
    above = [
        row.cells[column]
        for row in table.rows[:at]
        for column in span
        if sum(map(bool, row.cells)) > 1 or column > 0
        if column < len(row.cells) and row.cells[column]
    ]
    return plain_words(" ".join([*above, names[rate]]))


def _check_units(file: str, line: int, names: Sequence[str], rates: Iterable[int]) -> None:
    for column in rates:
        if is_wrong_unit(names[column]):
            raise RateCardError(
                "expected the price of one minute, in whole units of the currency",
                file=file,
                line=line,
                text=names[column],
                hint="a rate is per minute: work it out exactly, and say so in the name",
            )


def _check_notes(file: str, table: Table, at: int, rates: Iterable[str]) -> None:
    """Refuse cents above the head, and another unit than a minute where nothing tells of one."""
    above = [(row.line, cell) for row in table.rows[:at] for cell in row.cells if cell]
    told = any(_PER_MINUTE.search(plain_words(text)) for text in (*rates, *(c for _, c in above)))
    for line, cell in above:
        words = plain_words(cell)
        other = _PER_MANY.search(words) or (is_wrong_unit(cell) and "cent" not in words)
        if _IN_CENTS.search(words) or "¢" in cell or (other and not told):
            raise RateCardError(
                "expected prices of one minute, in whole units of the currency",
                file=file,
                line=line,
                text=cell[:100],
                hint="a rate is per minute: work it out exactly, and say so in the name",
            )


def is_wrong_unit(name: str) -> bool:
    """Tell whether a name is that of a price of something else than a minute.

    >>> is_wrong_unit("Rate per second"), is_wrong_unit("Rate per minute")
    (True, False)
    """
    return _WRONG_UNIT.search(plain_words(name)) is not None or "¢" in name


def _check_calls(file: str, table: Table, at: int, names: Sequence[str]) -> None:
    """Refuse a card of messages: its bands count messages, and its prices are theirs."""
    words = plain_words(" ".join([*(" ".join(row.cells) for row in table.rows[:at]), *names]))
    if _MESSAGES.search(words) and not _CALLS.search(words) and not _MINUTES.search(words):
        told = "this is a card of messages, and says nothing of calls"
        raise RateCardError(told, file=file, line=table.rows[at].line, hint="take the calling card")


def _no_head(source: Source, tables: Sequence[Table]) -> RateCardError:
    """Say that there is no head, and show what comes nearest."""
    rows = [row for table in tables for row in table.rows[:HEAD_ROWS]]
    best = max(rows, key=lambda row: sum(map(bool, _meanings(row.cells))), default=None)
    return RateCardError(
        "no row names both a country (or market, or prefix) and a rate",
        file=source.file,
        line=best.line if best else None,
        text=" | ".join(best.cells)[:120] if best else None,
        hint="columns like Market, Currency, From, To, Rate; or Country Code, Network Prefix,"
        " Rate Per Minute",
    )
