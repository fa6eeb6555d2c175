"""Generate data/rates/dial_plan.csv: which country a phone number belongs to, by its first digits.

Run `python scripts/make_dial_plan.py` in a checkout with the `phonenumbers` library installed; it
rewrites the file and prints what it found. The result depends on that library's version alone,
which data/rates/README.md names.

A calling code of one country is one row. A shared code (+1, +7, +44, …) gets a row for its main
country and further rows where the leading digits decide for another: the library's patterns are
turned into automata and followed digit by digit, each row standing at the first digit from which
only one country is left. So a number of which no pattern knows still has the country of its
calling code: nothing here asks whether a number is valid. But no number at all begins with +1 0 or
+1 1: those are rows without a country.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import phonenumbers
from phonenumbers.phonemetadata import PhoneMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET: Final = Path(__file__).resolve().parent.parent / "data" / "rates" / "dial_plan.csv"
MAX_DIGITS: Final = 8
"""Digits of the longest prefix. Seven cannot tell the French Caribbean islands (+590) apart, nor
Christmas Island from the Cocos (+61 8)."""
NOT_ISO: Final = {"AC": "SH", "TA": "SH"}
"""Ascension and Tristan da Cunha have no ISO 3166 code of their own: they are Saint Helena's."""
NO_COUNTRY: Final = "001"
"""What phonenumbers calls the region of satellite, freephone and network codes."""
NOBODYS: Final = ("10", "11")
"""No area code of the North American plan begins with 0 or 1: such digits are a number written
without its calling code (11 is São Paulo), and no call to the United States."""
DIGITS: Final = "0123456789"
KINDS: Final = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "voicemail",
)
"""Without universal access numbers (`uan`): Canada's are 310 and four digits, dialled within Canada
alone, and would cut Los Angeles' area code 310 in two."""


# A pattern is a nested tuple: ("digit", set of digits) | ("then", a, b) | ("either", a, b) |
# ("repeat", a, at least, at most or None) | EMPTY (the end of a number) | NOTHING (no number).
Pattern = tuple[Any, ...]
EMPTY: Final[Pattern] = ("empty",)
NOTHING: Final[Pattern] = ("nothing",)
ANY_DIGITS: Final[Pattern] = ("repeat", ("digit", frozenset(DIGITS)), 0, None)


def then(first: Pattern, second: Pattern) -> Pattern:
    """Return the pattern of one after the other, without needless parts."""
    if NOTHING in (first, second):
        return NOTHING
    if first == EMPTY:
        return second
    return first if second == EMPTY else ("then", first, second)


def either(first: Pattern, second: Pattern) -> Pattern:
    """Return the pattern of one or the other, without needless parts."""
    if first in (NOTHING, second):
        return second
    return first if second == NOTHING else ("either", first, second)


def repeat(part: Pattern, least: int, most: int | None) -> Pattern:
    """Return the pattern of `least` to `most` times `part`."""
    return EMPTY if most == 0 else ("repeat", part, least, most)


class Reader:
    r"""Reads the library's dialect of patterns: digits, `\d`, `[2-5]`, `(?:…|…)`, `{m,n}`, `?`."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, token: str) -> bool:
        """Step over `token` if it comes next."""
        found = self.text.startswith(token, self.at)
        self.at += len(token) * found
        return found

    def up_to(self, end: str) -> str:
        """Step over everything up to and with `end`, and return it without `end`."""
        start, self.at = self.at, self.text.index(end, self.at) + 1
        return self.text[start : self.at - 1]

    def alternatives(self) -> Pattern:
        """Read `a|b|c`."""
        pattern = self.sequence()
        while self.take("|"):
            pattern = either(pattern, self.sequence())
        return pattern

    def sequence(self) -> Pattern:
        """Read parts that stand one after the other."""
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated())
        pattern = EMPTY
        for part in reversed(parts):
            pattern = then(part, pattern)
        return pattern

    def repeated(self) -> Pattern:
        """Read one part and how often it may stand."""
        part = self.single()
        if self.take("?"):
            return repeat(part, 0, 1)
        if self.take("{"):
            least, comma, most = self.up_to("}").partition(",")
            return repeat(part, int(least), int(most) if comma else int(least))
        return part

    def single(self) -> Pattern:
        """Read a digit, a set of digits or a group; refuse what the dialect lacks."""
        if self.take("(?:"):
            group = self.alternatives()
            self.take(")")
            return group
        if self.take(r"\d"):
            return ("digit", frozenset(DIGITS))
        if self.take("["):
            return ("digit", frozenset(_members(self.up_to("]"))))
        self.at += 1
        if self.text[self.at - 1] not in DIGITS:
            raise ValueError(f"cannot read {self.text!r} at {self.at}")
        return ("digit", frozenset(self.text[self.at - 1]))


def _members(text: str) -> Iterator[str]:
    """Return the digits of a set such as `02-57`."""
    text = text.replace(r"\d", "0-9")
    for at, sign in enumerate(text):
        if sign == "-":
            yield from (str(n) for n in range(int(text[at - 1]), int(text[at + 1]) + 1))
        else:
            yield sign


@cache
def read(text: str | None) -> Pattern:
    """Read a pattern of the library; None matches no number."""
    return NOTHING if text is None else Reader(text).alternatives()


@cache
def may_end(pattern: Pattern) -> bool:
    """Tell whether a number may end here."""
    match pattern:
        case ("then", first, second):
            return may_end(first) and may_end(second)
        case ("either", first, second):
            return may_end(first) or may_end(second)
        case ("repeat", part, least, _):
            return least == 0 or may_end(part)
    return pattern == EMPTY


@cache
def after(pattern: Pattern, digit: str) -> Pattern:
    """Return what may follow once `digit` has been seen (the derivative of the pattern)."""
    match pattern:
        case ("digit", members):
            return EMPTY if digit in members else NOTHING
        case ("then", first, second):
            rest = then(after(first, digit), second)
            return either(rest, after(second, digit)) if may_end(first) else rest
        case ("either", first, second):
            return either(after(first, digit), after(second, digit))
        case ("repeat", part, least, most):
            more = repeat(part, max(least - 1, 0), None if most is None else most - 1)
            return then(after(part, digit), more)
    return NOTHING


class Claim(NamedTuple):
    """What a region still accepts after some digits: by its leading digits, or by its patterns."""

    country: str
    leading: Pattern | None
    general: Pattern
    kinds: Pattern

    @property
    def alive(self) -> bool:
        """Tell whether some number with these digits is the region's."""
        if self.leading is not None:
            return self.leading != NOTHING
        return NOTHING not in (self.general, self.kinds)

    @property
    def certain(self) -> bool:
        """Tell whether every number with these digits is the region's."""
        return self.leading == ANY_DIGITS

    @property
    def complete(self) -> bool:
        """Tell whether these digits are a whole number of the region."""
        if self.leading is not None:
            return may_end(self.leading)
        return may_end(self.general) and may_end(self.kinds)

    def after(self, digit: str) -> Claim:
        """Return the claim once one more digit has been seen."""
        leading = None if self.leading is None else after(self.leading, digit)
        return Claim(self.country, leading, after(self.general, digit), after(self.kinds, digit))


Claims = tuple[Claim, ...]


def claim_of(region: str) -> Claim:
    """Return a region's claim before any national digit."""
    data: Any = PhoneMetadata.metadata_for_region(region, None)
    kinds = NOTHING
    for kind in KINDS:
        description = getattr(data, kind)
        kinds = either(kinds, read(description and description.national_number_pattern))
    leading = then(read(data.leading_digits), ANY_DIGITS) if data.leading_digits else None
    general = read(data.general_desc.national_number_pattern)
    return Claim(NOT_ISO.get(region, region), leading, general, kinds)


def step(claims: Claims, digit: str) -> Claims:
    """Return the claims that are left after one more digit, in the library's order."""
    return tuple(claim for claim in (c.after(digit) for c in claims) if claim.alive)


@cache
def countries(claims: Claims) -> frozenset[str]:
    """Return every country that some whole number of these claims belongs to: the first wins."""
    if not claims:
        return frozenset()
    if claims[0].certain or len({claim.country for claim in claims}) == 1:
        return frozenset((claims[0].country,))
    ends_here = [claim.country for claim in claims if claim.complete][:1]
    return frozenset(ends_here).union(*(countries(step(claims, digit)) for digit in DIGITS))


def rows_below(prefix: str, claims: Claims, inherited: str) -> Iterator[tuple[str, str]]:
    """Return the rows needed at and below `prefix`, where `inherited` holds without any."""
    found = countries(claims)
    if found <= {inherited}:
        return
    if len(found) == 1 and _branches(claims):
        yield prefix, next(iter(found))
    elif len(prefix) == MAX_DIGITS:
        print(f"{prefix}: {sorted(found)} cannot be told apart", file=sys.stderr)
    else:
        for digit in DIGITS:
            yield from rows_below(prefix + digit, step(claims, digit), inherited)


def _branches(claims: Claims) -> bool:
    """Tell whether numbers go on with more than one digit: no row claims more than it must."""
    return sum(bool(countries(step(claims, digit))) for digit in DIGITS) != 1


def dial_plan() -> list[tuple[str, str]]:
    """Return (prefix, country or "") for every calling code, sorted by prefix as text."""
    rows = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        if NO_COUNTRY in regions:
            continue
        main = NOT_ISO.get(regions[0], regions[0])
        rows.append((str(code), main))
        if len(regions) > 1:
            rows.extend(rows_below(str(code), tuple(claim_of(r) for r in regions), main))
    rows.extend((prefix, "") for prefix in NOBODYS)
    return sorted(rows)


def text_of(rows: list[tuple[str, str]]) -> str:
    """Return the file's text."""
    return "".join(f"{prefix},{country}\n" for prefix, country in [("prefix", "country"), *rows])


def main() -> None:
    """Write the file and say what it holds."""
    rows = dial_plan()
    TARGET.write_text(text_of(rows), encoding="utf-8", newline="\n")
    print(
        f"{len(rows)} prefixes of {len({country for _, country in rows if country})} countries"
        f" from phonenumbers {phonenumbers.__version__}"
    )


if __name__ == "__main__":
    main()
