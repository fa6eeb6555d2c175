"""Where a row is for: a dial prefix, a country, a market of Meta's, or everywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Final, NoReturn

from wacost.cards.check import PREFIX
from wacost.cards.importing.draft import Draft, Record
from wacost.cards.importing.numbers import ascii_digits, without_marks
from wacost.cards.importing.words import (
    EVERYWHERE,
    country_named,
    country_words,
    plain_words,
)
from wacost.cards.model import MarketRow
from wacost.cards.reader import load_card
from wacost.dialplan import country_name, country_of, may_begin
from wacost.names import nearest

_ISO: Final = re.compile(r"[A-Za-z]{2,3}", re.ASCII)
_TRUNK: Final = re.compile(r"\(\s*0\s*\)")
_ZERO_FIRST: Final = frozenset({"39", "225", "226", "229", "241", "242", "250", "378", "992"})
"""Calling codes behind which numbers do begin with 0. Behind all others a 0 is what people dial
within the country alone, and no number that is called begins so."""
_TWO_NAMES: Final = re.compile(r"\s+[-–—]\s+|\s*[/|:–—]\s*")
_NAMES_OF_TWO: Final = frozenset({"congo", "guinea", "korea", "samoa", "sudan"})
_WITH_CODE: Final = re.compile(r"\s*\(\s*\+?\d{1,4}\s*\)\s*$|^\+\d{1,4}\s+")
_WITH_ISO: Final = re.compile(r"(.+?)\s*\(([A-Z]{2,3})\)", re.ASCII)
_OTHER: Final = "other"  # beside groups it is Meta's; alone it means all other countries
_ALL_INBOUND: Final = re.compile(
    r"(?:all )?(?:inbound|incoming|received|user initiated)(?: (?:whatsapp )?calls?)?"
)
_REFERENCE: Final = "meta-usd"
"""Whose markets.csv says which countries are in Meta's groups."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record is for.

    Attributes:
        destination: of its rows.
        note: what a note should say.
        direction: "inbound" where the name says that it is for all calls that come in.
    """

    destination: str
    note: str = ""
    direction: str = ""


class Places:
    """Reads the places of one file, in the one way in which all of its rows are written."""

    def __init__(self, draft: Draft, found: Sequence[Record]) -> None:
        """Choose the way.

        Args:
            draft: the file.
            found: its rows.
        """
        self.draft = draft
        columns = draft.head.columns
        codes = [record.text("country_code") for record in found]
        self._code = "iso" if any(map(_ISO.fullmatch, codes)) else "calling"
        self._name = next((key for key in ("place", "region") if key in columns), None)
        self._coded = any(map(self._calling, found))
        self.layout = self._layout(found)

    def _layout(self, found: Sequence[Record]) -> str:
        columns = self.draft.head.columns
        coded = self._code == "calling" and {"country_code", "calling"} & columns.keys()
        names = [record.text(self._name) for record in found] if self._name else []
        if "prefix" in columns or (coded and (self._name == "region" or self._are_parts(found))):
            self._check_prefixes(found)
            return "prefixes"
        heading = self.draft.name_of(self._name).partition("(")[0] if self._name else ""
        if plain_words(heading) in {"market", "markets"} or any(
            _group_named(name) for name in names
        ):
            return "markets"
        has_iso = "iso" in columns or (self._code == "iso" and "country_code" in columns)
        return "countries" if has_iso or self._name else "prefixes"

    def _are_parts(self, found: Sequence[Record]) -> bool:
        """Tell whether codes stand beside names of parts of countries: then the digits decide."""
        codes: dict[str, set[str]] = defaultdict(set)
        for record in found:
            name = plain_words(_bare_name(record.text(self._name or "place")))
            codes[name].add(_bare_digits(self._calling(record)))
        if "" in codes or any(_group_named(name) for name in codes):
            return False
        known = {name for name in codes if country_named(name) or name in {_OTHER, *EVERYWHERE}}
        several = any(len(digits) > 1 for digits in codes.values())
        return bool(codes) and (several or (known < set(codes) and bool(known)))

    def place_of(self, record: Record) -> Place:
        """Return where a record is for.

        Raises:
            RateCardError: that is not known.
        """
        name = record.text(self._name) if self._name else ""
        if _ALL_INBOUND.fullmatch(plain_words(name)):
            self.draft.change(
                record.line, self._column(""), name, "inbound, *", "calls that come in"
            )
            return Place("*", direction="inbound")
        if self.layout == "prefixes":
            return self._prefix(record)
        if self.layout == "markets":
            return self._market(record)
        return self._country(record)

    # -- dial prefixes --------------------------------------------------------------------------

    def _check_prefixes(self, found: Sequence[Record]) -> None:
        """Refuse prefixes of which nobody can tell whether they hold the country code already."""
        pairs = [(self._calling(record), _bare_digits(record.text("prefix"))) for record in found]
        pairs = [(code, prefix) for code, prefix in pairs if code and prefix]
        if pairs and all(prefix.startswith(code) for code, prefix in pairs):
            column = self.draft.name_of("prefix")
            self.draft.refuse(
                found[0].line,
                "every prefix begins with its country code: is the code in it already?",
                column=column,
                text=found[0].text("prefix"),
                hint="then take the column of the country code out",
            )

    def _prefix(self, record: Record) -> Place:
        code, prefix = self._calling(record), record.text("prefix")
        told = code or prefix
        if not told and self._name and plain_words(record.text(self._name)) in EVERYWHERE:
            return Place("*")
        if prefix and not code and self._coded:
            self.draft.refuse(
                record.line,
                "the country code is missing, and the other rows have theirs",
                column=self.draft.name_of("prefix"),
                text=prefix,
                hint="fill it in: without one the digits are another country's",
            )
        made = _joined(code, prefix)
        column = self.draft.name_of("prefix" if prefix else self._calling_column)
        if not PREFIX.fullmatch(made):
            self.draft.refuse(
                record.line,
                "expected the digits with which numbers begin, the country code first",
                column=column,
                text=" ".join(filter(None, (code, prefix))),
                hint="like 91 and 981; a prefix has at most 15 digits and no 0 in front",
            )
        dialled = _calling_code(made)
        if made.startswith(f"{dialled}0") and dialled not in _ZERO_FIRST:
            self.draft.refuse(
                record.line,
                f"no number of +{dialled} begins with 0 when it is called from abroad",
                column=column,
                text=" ".join(filter(None, (code, prefix))),
                hint="leave out the 0 that is dialled within the country alone",
            )
        self._check_country(record, made, column)
        self.draft.change(record.line, column, f"{code} {prefix}".strip(), made, "one prefix")
        return Place(made, record.text(self._name) if self._name else "")

    def _calling(self, record: Record) -> str:
        """Return the digits of the country, as they are written."""
        code = record.text("country_code") if self._code == "calling" else ""
        return record.text("calling") or code

    @property
    def _calling_column(self) -> str:
        return "calling" if "calling" in self.draft.head.columns else "country_code"

    def _check_country(self, record: Record, digits: str, column: str) -> None:
        """Refuse digits with which no number begins of a country that the row names."""
        for meaning in ("iso", "country_code", "place", "region"):
            name = record.text(meaning)
            named = _countries_in(name) if name else ()
            if named and not any(_agree(digits, country) for country in named):
                told = f"no number of {name} begins so"
                hint = f"+{_calling_code(digits)} is {_holder(digits)}: one of the two is wrong"
                self.draft.refuse(record.line, told, column=column, text=digits, hint=hint)

    # -- countries ------------------------------------------------------------------------------

    def _country(self, record: Record) -> Place:
        iso = record.text("iso") or (record.text("country_code") if self._code == "iso" else "")
        iso = iso if iso == "*" or not self._name or _ISO.fullmatch(iso) else ""
        name = record.text(self._name) if self._name else ""
        for word in (iso, name):
            if word and (word == "*" or plain_words(word) in EVERYWHERE):
                self.draft.change(record.line, self._column(iso), word, "*", "everywhere else")
                return Place("*")
        if name and plain_words(without_marks(name)) == _OTHER:
            self.draft.change(record.line, self._column(iso), name, "*", "everywhere else")
            return Place("*")
        if not iso and PREFIX.fullmatch(name):
            return Place(name)
        code = country_named(_bare_name(iso or name))
        if code is None:
            self._refuse(record, iso or name)
        if iso and name and country_named(_bare_name(name)) not in {code, None}:
            told = f"{iso} is not the code of {name}"
            self.draft.refuse(record.line, told, column=self._column(iso), text=iso)
        self._check_calling(record)
        self.draft.change(record.line, self._column(iso), iso or name, code, "ISO country")
        return Place(code)

    def _check_calling(self, record: Record) -> None:
        """Refuse a calling code beside a country of which it is not."""
        digits = _bare_digits(self._calling(record))
        if PREFIX.fullmatch(digits):
            self._check_country(record, digits, self.draft.name_of(self._calling_column))

    def _column(self, iso: str) -> str:
        if not iso:
            return self.draft.name_of(self._name or "place")
        return self.draft.name_of("iso" if "iso" in self.draft.head.columns else "country_code")

    def _refuse(self, record: Record, text: str) -> NoReturn:
        words = [*country_words(), *_groups()]
        self.draft.refuse(
            record.line,
            "no such country or market",
            column=self._column(""),
            text=text,
            hint=f"an English name or a code of ISO 3166; {nearest(plain_words(text), words, '')}",
        )

    # -- markets --------------------------------------------------------------------------------

    def _market(self, record: Record) -> Place:
        name = record.text(self._name or "place")
        words = plain_words(without_marks(name))
        if name == "*" or words in EVERYWHERE:
            self.draft.change(record.line, self._column(""), name, "*", "everywhere else")
            return Place("*")
        if PREFIX.fullmatch(words):
            self._refuse(record, name)
        made = "Other" if words == _OTHER else _group_named(name)
        made = made or _singles().get(country_named(_bare_name(name)) or "")
        if made is None:
            code = country_named(_bare_name(name))
            if code is None:
                self._refuse(record, name)
            bare = _bare_name(name)
            made = country_name(code, "en") if bare.upper() == code else bare
        self._check_calling(record)
        self.draft.change(record.line, self._column(""), name, made, "the market's name")
        return Place(made)

    def members(self, destinations: Iterable[str], on: date) -> list[MarketRow]:
        """Return who belongs to the markets of a card that begins on a day.

        A country that is a market of its own here is in no group. Groups are Meta's, as they
        were on that day; a country that left its group and has no rate here has none at all.
        """
        names = dict.fromkeys(name for name in destinations if name != "*")
        own = {name: country_named(name) for name in names if not _is_group(name)}
        taken = {code for code in own.values() if code}
        members = {code: name for name, code in own.items() if code}
        for code, market in _reference(on).items():
            if code in taken:
                continue
            if market in names:  # of a single one: a territory that shares its calling code
                members[code] = market
        return [MarketRow(members[code], code, on) for code in sorted(members)]

    def without_rate(self, destinations: Iterable[str], on: date) -> list[str]:
        """Return the countries of Meta's markets that this file has no rate for."""
        if self.layout != "markets":
            return []
        here = {row.member for row in self.members(destinations, on)}
        return sorted(set(_reference(on)) - here)


def _group_named(text: str) -> str | None:
    """Return the group of a name, with or without what stands behind it in brackets."""
    names = (without_marks(text), re.sub(r"\([^)]*\)", " ", text))
    return next((_groups()[words] for words in map(plain_words, names) if words in _groups()), None)


def _is_group(market: str) -> bool:
    return plain_words(market) in {*_groups(), _OTHER}


def _bare_digits(text: str) -> str:
    """Return a country's code without what people write into it.

    >>> _bare_digits("+91"), _bare_digits("0091"), _bare_digits("1-809")
    ('91', '91', '1809')
    """
    made = re.sub(r"[\s()+\-]", "", ascii_digits(text))
    return made.removeprefix("00")


def _joined(code: str, prefix: str) -> str:
    """Return a country's code and what follows as one run of digits.

    >>> _joined("91", "981"), _joined("", "+44 (0) 20"), _joined("0039", "(0) 6")
    ('91981', '4420', '3906')
    """
    digits = ascii_digits(prefix)
    first = _calling_code(_bare_digits(code or _TRUNK.sub("", digits)))
    if first not in _ZERO_FIRST:
        code, digits = _TRUNK.sub("", code), _TRUNK.sub("", digits)
    made = _bare_digits(code) + re.sub(r"[\s+()]", "", digits)
    return made if code else made.removeprefix("00")


def _calling_code(digits: str) -> str:
    """Return the calling code with which some digits begin; "" where none does.

    >>> _calling_code("5511"), _calling_code("1809"), _calling_code("999")
    ('55', '1', '')
    """
    starts = (digits[:length] for length in range(1, len(digits) + 1))
    return next((start for start in starts if country_of(start)), "")


def _agree(digits: str, country: str) -> bool:
    """Tell whether digits begin a country's numbers, or share their calling code.

    >>> _agree("5511", "BR"), _agree("351", "BR"), _agree("1416", "US")
    (True, False, True)
    """
    code = _calling_code(digits)
    return may_begin(digits, country) or not code or may_begin(code, country)


@lru_cache(maxsize=4096)
def _countries_in(text: str) -> frozenset[str]:
    """Return the countries that a text names, alone or beside a region.

    >>> sorted(_countries_in("South Asia – India")), sorted(_countries_in("USA/Canada"))
    (['IN'], ['CA', 'US'])
    """
    whole = country_named(_bare_name(text))
    if whole:
        return frozenset({whole})
    words = [word for word in _TWO_NAMES.split(_bare_name(text)) if len(word) > len("US")]
    names = {word for word in words if plain_words(word) not in _NAMES_OF_TWO}
    return frozenset(code for word in names if (code := country_named(word)))


def _holder(digits: str) -> str:
    code = country_of(digits)
    return country_name(code, "en") if code else "no country's"


def _bare_name(text: str) -> str:
    """Take footnote marks and the country's own code off a name.

    >>> _bare_name("Argentina*"), _bare_name("Brazil (+55)"), _bare_name("+44 United Kingdom")
    ('Argentina', 'Brazil', 'United Kingdom')
    >>> _bare_name("Brazil (BR)"), _bare_name("Brazil (AR)")
    ('Brazil', 'Brazil (AR)')
    """
    bare = " ".join(_WITH_CODE.sub("", without_marks(text)).split())
    found = _WITH_ISO.fullmatch(bare)
    if found and country_named(found[1]) == country_named(found[2]) is not None:
        return found[1]
    return bare


@cache
def _reference(on: date) -> dict[str, str]:
    """Return country -> market as Meta had them on a day."""
    rows = load_card(_REFERENCE).markets
    first = min(row.effective_from for row in rows)
    day = max(on, first)
    return {
        row.member: row.market
        for row in sorted(rows, key=lambda row: row.effective_from)
        if row.effective_from <= day and (row.effective_to is None or day < row.effective_to)
    }


@cache
def _groups() -> dict[str, str]:
    """Return the names of the markets that are no country, as `plain_words` writes them."""
    names = {row.market for row in load_card(_REFERENCE).markets}
    found = {plain_words(name): name for name in names if country_named(name) is None}
    return {words: name for words, name in found.items() if words != _OTHER}


@cache
def _singles() -> dict[str, str]:
    """Return country -> its market's name where it has one of its own."""
    names = {row.market for row in load_card(_REFERENCE).markets}
    return {code: name for name in names if (code := country_named(name))}
