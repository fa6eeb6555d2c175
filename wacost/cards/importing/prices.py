"""The prices of a supplier's file and their one currency, read exactly or refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from wacost.cards.importing.draft import Draft, Record
from wacost.cards.importing.numbers import (
    ascii_digits,
    reading_of,
    signs_of,
    without_marks,
)
from wacost.cards.importing.sheets import Exact
from wacost.cards.importing.words import (
    FREE_WORDS,
    NOT_OFFERED_WORDS,
    SHARED_SIGNS,
    currency_of,
    may_mean,
)
from wacost.cards.model import NOT_OFFERED, UNKNOWN
from wacost.money import MINOR_DIGITS, short_decimal

_SIGNED: Final = re.compile(
    r"(?P<minus>-?)\s*(?P<before>[^\d\s.,'()-][^\d.,'()-]*?)?\s*"
    r"(?P<number>-?[\d.,'\s\u066b\u066c]*\d)"
    r"\s*(?P<after>[^\d\s.,'()/-][^\d.,'()/]*?)?"
)
_SHORTENED: Final = re.compile(r"([^\W\d_]{1,4})\.(\s*)(\S.*)")
_SEPARATED: Final = re.compile(r"\d+[.,]\d", re.ASCII)
_PLACES: Final = 9  # what nanos can say
_WHY: Final = {NOT_OFFERED: "not offered", UNKNOWN: "a rate that is not told"}
"""What a price becomes that is no number -> why."""
_PER_MINUTE: Final = re.compile(r"\s*(?:/|\bper\b)\s*min(?:ute)?s?\.?$", re.IGNORECASE)
_TELLS_CURRENCY: Final = re.compile(
    r"\(\s*(?:in )?([^()\d]{1,12})\s*\)|"
    r"\b(?:in|currency:?)\s+([A-Za-z$]{2,4}|[£€₹])(?![\w$])"
)


def decimal_sign(draft: Draft, found: list[Record], wanted: str | None) -> str:
    """Return the decimal sign of a file: the one that its prices prove, or that was told.

    Raises:
        RateCardError: both are proved, or the one that was told is wrong.
    """
    texts = [
        (record.line, _number_in(text))
        for record in found
        for text in (*record.rates.values(), record.text("fee"))
    ]
    signs = signs_of(text for _, text in texts if text)
    if len(signs) > 1 or (wanted and signs and wanted not in signs):
        lines = {text: line for line, text in reversed(texts)}
        told = " and ".join(f"{text!r} (row {lines[text]})" for text in signs.values())
        draft.refuse(None, f"prices are written in two ways: {told}", hint="use one decimal sign")
    return wanted or next(iter(signs), "")


def _number_in(text: str) -> str:
    if isinstance(text, Exact):
        return text
    found = _signed(text)
    return found["number"] if found else ""


def _signed(text: str) -> re.Match[str] | None:
    """Cut a price into its sign and its number."""
    bare = _PER_MINUTE.sub("", ascii_digits(without_marks(text)))
    if short := _SHORTENED.fullmatch(bare):
        if not short[2] and not _SEPARATED.match(short[3]):
            return None  # Rs.5: is that 5 or 0.5?
        bare = f"{short[1]} {short[3]}"
    return _SIGNED.fullmatch(bare)


def price_of(draft: Draft, record: Record, direction: str, sign: str, currency: str) -> str:
    """Return a price as the card format writes it: a plain decimal, n/a or unknown.

    Raises:
        RateCardError: it is no price, or can be read in two ways, or is in another currency.
    """
    found = record.rates[direction]
    column = draft.rate_name(record, direction)
    bare = without_marks(found)
    if isinstance(found, Exact):
        _check_currency(draft, record.line, column, found, currency)
        made: str | None = str(found)
    elif bare.casefold() in NOT_OFFERED_WORDS:
        made = NOT_OFFERED
    elif bare.casefold() == UNKNOWN:
        made = UNKNOWN
    elif bare.casefold() in FREE_WORDS:
        made = "0"
    else:
        made = _price(draft, record.line, column, bare, sign, currency)
    made = _checked(draft, record.line, column, found, made)
    draft.change(record.line, column, found, made, _WHY.get(made, "a plain decimal"))
    return made


def fee_of(draft: Draft, record: Record, sign: str, currency: str) -> str:
    """Return the fee of a row as the card format writes it, or ""."""
    found = record.text("fee")
    if not found or without_marks(found) in {"-", "--"}:
        return ""
    column = draft.name_of("fee")
    if isinstance(found, Exact):
        _check_currency(draft, record.line, column, found, currency)
        made = str(found)
    else:
        made = _price(draft, record.line, column, found, sign, currency)
    made = _checked(draft, record.line, column, found, made)
    draft.change(record.line, column, found, made, "a plain decimal")
    return made


def _price(draft: Draft, line: int, column: str, text: str, sign: str, currency: str) -> str:  # noqa: PLR0917
    match = _signed(text)
    if match is None:
        draft.refuse(
            line,
            "expected a price, n/a or unknown",
            column=column,
            text=text,
            hint="a price is a decimal; where calls are not offered write n/a",
        )
    _check_currency(draft, line, column, text, currency)
    reading = reading_of(match["minus"] + match["number"])
    made = {".": reading.by_point, ",": reading.by_comma}.get(sign, reading.told)
    if made is None:
        ambiguous = reading.by_point is not None and reading.by_comma is not None
        draft.refuse(
            line,
            "this can be read in two ways" if ambiguous else "this is no decimal",
            column=column,
            text=text,
            hint="say --decimal point or --decimal comma" if ambiguous else "like 0.0108",
        )
    return made


def _marks(text: str) -> list[str]:
    """Return what stands beside a number: in its text, or in the number format of its cell."""
    if isinstance(text, Exact):
        return [text.mark] if text.mark else []
    match = _signed(text)
    return [one.strip() for one in (match["before"], match["after"]) if one] if match else []


def _check_currency(draft: Draft, line: int, column: str, text: str, currency: str) -> None:
    """Refuse a price beside a sign that cannot be the currency's."""
    for mark in _marks(text):
        if not may_mean(mark, currency):
            draft.refuse(
                line,
                f"the price is not in {currency}, as the others are",
                column=column,
                text=f"{text} shown with {mark}" if isinstance(text, Exact) else text,
                hint="a card has one currency: import each currency's file for itself",
            )


def _checked(draft: Draft, line: int, column: str, found: str, made: str | None) -> str:
    """Return a price if it is one; zeros behind the places that a card has say nothing."""
    if made is None or made.startswith("-"):
        draft.refuse(line, "a price is 0 or more", column=column, text=found)
    whole, point, places = made.partition(".")
    if len(places.rstrip("0")) > _PLACES:
        meant = short_decimal(made)
        hint = f"the remains of a float: was {meant} meant?" if meant else "round it yourself"
        draft.refuse(line, "a price has at most 9 places", column=column, text=found, hint=hint)
    return f"{whole}{point}{places[:_PLACES]}"


# -- the currency -------------------------------------------------------------------------------


def the_currency(draft: Draft, found: list[Record], wanted: str | None) -> str:
    """Return the one currency of a file: of its column, its head, its title, or as was told.

    Raises:
        RateCardError: it says none, or two.
    """
    told = dict(_currencies(draft, found))
    if not told:
        told = {code: (line, text) for line, text, code in _in_words(draft)}
    if len(told) > 1:
        both = " and ".join(f"{text!r} (row {line})" for line, text in told.values())
        draft.refuse(None, f"there are two currencies: {both}", hint="import each for itself")
    code = next(iter(told), None)
    if wanted and code and wanted != code:
        line, text = told[code]
        draft.refuse(line, f"the file is in {code}, not in {wanted}", text=text)
    if not (wanted or code):
        draft.refuse(
            None, "the file does not say its currency", hint="say it with --currency, like USD"
        )
    return wanted or code or ""


def _currencies(draft: Draft, found: list[Record]) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield the currencies of the column, and of signs beside prices that can be one only."""
    seen = set()
    for record in found:
        text = record.text("currency")
        if text and text not in seen:
            seen.add(text)
            code = currency_of(without_marks(text))
            if code is None and without_marks(text).casefold() not in SHARED_SIGNS:
                draft.refuse(
                    record.line,
                    "this currency is not known",
                    column=draft.name_of("currency"),
                    text=text,
                    hint="a code of ISO 4217, like USD",
                )
            if code:
                yield code, (record.line, text)
        for price in record.rates.values():
            for mark in _marks(price):
                if code := currency_of(mark):
                    told = f"{price} shown with {mark}" if isinstance(price, Exact) else price
                    yield code, (record.line, told)


def _in_words(draft: Draft) -> Iterator[tuple[int, str, str]]:
    """Yield the currencies that the head or the lines above it name."""
    head = draft.head
    for column in head.rates.values():
        for word in re.findall(r"[^\s/().\d-]+", head.names[column]):
            sure = word.upper() == word or word.upper() not in MINOR_DIGITS  # top, all, try …
            if sure and (code := currency_of(word)):
                yield head.line, head.names[column], code
    for line, label, value in draft.labelled("currency"):
        if code := currency_of(value):
            yield line, f"{label} {value}", code
    for row in head.above:
        for cell in row.cells:
            for first, second in _TELLS_CURRENCY.findall(unicodedata.normalize("NFKC", cell)):
                word = (first or second).strip()
                code = currency_of(word)
                if code and (word in MINOR_DIGITS or not word.isalpha()):
                    yield row.line, cell[:80], code


def note_currencies(draft: Draft, found: list[Record], currency: str) -> None:
    """Write down what the cells of the currency column were written as."""
    for record in found:
        text = record.text("currency")
        if text:
            draft.change(record.line, draft.name_of("currency"), text, currency, "ISO 4217")
