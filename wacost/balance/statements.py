"""A supplier's statement of a prepaid balance, CSV or XLSX -> entries, or why a row is refused.

Rows that tell of calls are left out and counted: call charges come from the calls themselves, and
comparing the two is not the ledger's work. A row that repeats another, reference and all, is left
out and counted. A row without a reference of its own has a hash of all its cells; the same row a
second time in one file is another entry (two equal charges of a day). The same file a second time
adds nothing. A date without a time is the first moment of its day.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wacost.balance.book import Entry, fee_of, nanos_in
from wacost.errors import InputError, PayloadError, Problem
from wacost.ingest.tables.grid import Grid, Row, UnreadableTableError, grids_of
from wacost.ingest.tables.header import Layout, layout_of, named
from wacost.ingest.tables.moments import SECOND_US, BadTimeError, moment_us
from wacost.money import SECONDS, short_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wacost.balance.messages import Point
    from wacost.balance.moves import Terms
    from wacost.config import StatementMapping

_LESS: Final = ("message", "fee")
_MORE: Final = ("topup", "refund")
_DATE: Final = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}", re.ASCII)
REASONS: Final = {
    "bad_time": "it tells no time that the mapping can read",
    "timezone_not_told": "its time has no offset, and the mapping no timezone",
    "day_first_not_told": "whether its date begins with the day is not told: day_first",
    "time_unit_not_told": "its time is a number, and the mapping has no time_unit",
    "zone_word": "its time ends in a word for its zone, which may mean several offsets",
    "time_repeated": "its clock time happens twice that night",
    "time_skipped": "its clock time never happens that day",
    "bad_amount": "it tells no amount",
    "decimal_not_told": "its amount can be read in two ways: decimal",
    "unknown_kind": "the mapping has no word for what it is",
    "wrong_sign": "its sign and its kind say different things",
    "no_amount": "its amount is 0 or missing",
}
"""Why a row is refused."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file tells of a balance: rows = entries + ignored + refused.

    Attributes:
        rows: how many there are.
        entries: what it tells.
        ignored: what a row is -> how many are left out.
        refused: rows that cannot be read, each with its line and reason.
        points: of `pricing_analytics`, what messages of a sort cost.
    """

    rows: int
    entries: tuple[Entry, ...]
    ignored: Mapping[str, int]
    refused: tuple[Problem, ...]
    points: tuple[Point, ...] = ()

    def since(self, opening: datetime | None) -> Statement:
        """Leave out and count what lies before an opening balance, which holds all of that."""
        kept = tuple(one for one in self.entries if opening is None or one.at >= opening)
        early = len(self.entries) - len(kept)
        more = {"before the opening balance": early} if early else {}
        return replace(self, entries=kept, ignored={**self.ignored, **more})


class _RefusedError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def choose(path: Path, mappings: Iterable[StatementMapping]) -> tuple[StatementMapping, Layout]:
    """Return the first mapping whose columns a file has, and where they stand.

    Raises:
        PayloadError: the file is no table, or none fits.
    """
    try:
        for mapping in mappings:
            layout = layout_of(mapping.table, grids_of(path, mapping.table))
            if layout is not None:
                return mapping, layout
        heads = _heads(grids_of(path))
    except UnreadableTableError as error:
        raise PayloadError(f"{path} is no table: {error.reason}") from None
    raise PayloadError(
        f"no [statements] mapping of wacost.toml fits {path}",
        hint=f"its columns may be {heads}: name them in a block [statements.supplier],"
        " as the file of `wacost init` shows",
    )


def _heads(grids: Iterable[Grid]) -> str:
    """Return the names of the widest first row: probably the head."""
    rows = [grid.head()[:1] for grid in grids]
    cells = max((row[0].cells for row in rows if row), key=len, default=[])
    return ", ".join(cell for cell in cells[:12] if cell) or "none"


def read_statement(
    path: Path, mapping: StatementMapping, layout: Layout, terms: Terms
) -> Statement:
    """Read the rows of a statement below its head."""
    entries: list[Entry] = []
    refused: list[Problem] = []
    ignored: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    told_once: set[Entry] = set()
    count = 0
    for row in _below(layout):
        count += 1
        try:
            told = _entry(row, mapping, layout, terms, path.name)
        except (_RefusedError, BadTimeError) as error:
            text = " | ".join(row.cells)[:200]
            why = REASONS.get(error.reason, REASONS["bad_time"])
            refused.append(Problem(path.name, row.line, error.reason, why, text))
            continue
        if isinstance(told, str):
            ignored[told] += 1
            continue
        same = replace(told, line=None)
        if same in told_once and _cell(row, layout, "reference"):
            ignored["repeated"] += 1
            continue
        told_once.add(same)
        seen[told.entry_id] += 1
        entries.append(_numbered(told, seen[told.entry_id]))
    return Statement(count, tuple(entries), dict(ignored), tuple(refused))


def _below(layout: Layout) -> Iterator[Row]:
    for row in layout.grid.rows():
        if row.line > layout.header.line and named(row.cells) != named(layout.header.cells):
            yield row


def _numbered(entry: Entry, time: int) -> Entry:
    return entry if time == 1 else replace(entry, entry_id=f"{entry.entry_id}#{time}")


def _entry(
    row: Row, mapping: StatementMapping, layout: Layout, terms: Terms, source: str
) -> Entry | str:
    """Return the entry of a row, or what it is where it is left out."""
    if row.broken:
        raise _RefusedError("bad_amount")
    kind = _kind(_cell(row, layout, "kind"), mapping)
    if kind in {"call", "ignore"}:
        return kind
    us = _moment_us(_cell(row, layout, "at"), mapping)
    currency = mapping.currency or terms.currency
    units = _signed(kind, _nanos(row, layout, mapping) * SECONDS, mapping)
    fee = fee_of(units, terms.settings.topup_fee_percent, currency) if kind == "topup" else 0
    return Entry(
        balance=terms.name,
        entry_id=_reference(row, layout, mapping),
        kind=kind,
        at=datetime.fromtimestamp(us // SECOND_US, UTC).replace(tzinfo=None),
        currency=currency,
        units=units,
        fee_units=fee,
        note=_printable(_cell(row, layout, "note")),
        source=source,
        line=row.line,
    )


def _moment_us(cell: str, mapping: StatementMapping) -> int:
    """Return the instant of a cell; a date alone is the first moment of its day.

    Raises:
        BadTimeError: it is empty or cannot be read.
    """
    whole = bool(_DATE.fullmatch(cell)) and mapping.table.time_unit in {None, "excel"}
    try:
        us = moment_us(f"{cell} 00:00" if whole else cell, mapping.table)
    except BadTimeError as error:
        if not whole or error.reason not in {"time_skipped", "time_repeated"}:
            raise
        us = moment_us(f"{cell} 01:00", mapping.table)  # a day whose midnight is moved
    if us is None:
        raise BadTimeError
    return us


def _cell(row: Row, layout: Layout, meaning: str) -> str:
    places = layout.places.get(meaning, ())
    return " ".join(row.cells[at] for at in places if at < len(row.cells)).strip()


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)[:200]


def _reference(row: Row, layout: Layout, mapping: StatementMapping) -> str:
    told = _printable(_cell(row, layout, "reference"))
    if told:
        return f"{mapping.name}:{told}"
    cells = "\x1f".join(row.cells)
    return f"{mapping.name}:{hashlib.sha256(cells.encode()).hexdigest()[:16]}"


def _kind(word: str, mapping: StatementMapping) -> str:
    """Return what a row is by its word, else what all rows are."""
    folded = " ".join(word.split()).casefold()
    for kind, words in mapping.words.items():
        if folded and folded in {" ".join(one.split()).casefold() for one in words}:
            return kind
    if "kind" not in mapping.table.columns or not folded:
        if mapping.kind:
            return mapping.kind
    elif folded in {*_LESS, *_MORE, "adjustment"}:
        return folded
    raise _RefusedError("unknown_kind")


def _nanos(row: Row, layout: Layout, mapping: StatementMapping) -> int:
    decimal = mapping.table.decimal
    if "amount" in layout.places:
        return nanos_of(_cell(row, layout, "amount"), decimal)
    credit, debit = (_cell(row, layout, meaning) for meaning in ("credit", "debit"))
    more = nanos_of(credit, decimal) if credit else 0
    return more - (abs(nanos_of(debit, decimal)) if debit else 0)


def _signed(kind: str, units: int, mapping: StatementMapping) -> int:
    """Return what the balance changes by."""
    if not units:
        raise _RefusedError("no_amount")
    has_sign = mapping.signed or "amount" not in mapping.table.columns
    if kind == "adjustment":
        return units
    if has_sign and (units < 0) != (kind in _LESS):
        raise _RefusedError("wrong_sign")
    if not has_sign and units < 0 and kind in _MORE:
        raise _RefusedError("wrong_sign")
    return -abs(units) if kind in _LESS else abs(units)


_SIGN: Final = r"[^\W\d_]{1,4}|[$€£¥₹₽₩₦₪₫₱₲₴₵₸₺₼₾]"
_AMOUNT: Final = re.compile(
    rf"(?P<open>\()?(?P<minus>[-−])?\s*(?:{_SIGN}){{0,2}}\s*(?P<minus2>[-−])?"
    rf"(?P<digits>[0-9](?:[0-9.,'\s\u00a0\u202f]*[0-9])?)\s*(?:{_SIGN}){{0,2}}\s*(?P<minus3>[-−])?\)?"
)


def nanos_of(cell: str, decimal: str | None) -> int:
    """Return an amount as statements write it, in nanos, exactly.

    Args:
        cell: with a currency sign or a thousands separator, maybe; a minus before or behind, or
            brackets, are below zero.
        decimal: "," or "."; None: a sign is taken for it only where it can be nothing else.

    >>> [nanos_of(cell, ",") // 10**7 for cell in ("R$ 1.234,50", "-0,25", "(3)")]
    [123450, -25, -300]
    >>> nanos_of("1234.5", None) // 10**7
    123450
    """
    found = _AMOUNT.fullmatch(cell.strip().removeprefix("+"))
    if not found:
        raise _RefusedError("bad_amount")
    digits = re.sub(r"['\s\u00a0\u202f]", "", found["digits"])
    plain = _plain(digits, decimal)
    plain = short_decimal(plain) or plain  # a workbook keeps 0.3 as 0.30000000000000004
    try:
        nanos = nanos_in(plain.lstrip("0") if re.match(r"0+[1-9]", plain) else plain)
    except InputError:
        raise _RefusedError("bad_amount") from None
    below = any(found[name] for name in ("open", "minus", "minus2", "minus3"))
    return -nanos if below else nanos


def _plain(digits: str, decimal: str | None) -> str:
    signs = re.sub(r"[0-9]", "", digits)
    if decimal is None:
        if len(signs) > 1 and len(set(signs)) == 1:
            raise _RefusedError("decimal_not_told")
        if len(signs) == 1 and re.search(r"[.,][0-9]{3}$", digits):
            raise _RefusedError("decimal_not_told")
        decimal = signs[-1] if signs else "."
    other = "," if decimal == "." else "."
    whole, _, fraction = digits.partition(decimal)
    if decimal in fraction or other in fraction:
        raise _RefusedError("bad_amount")
    if other in whole and not re.fullmatch(rf"[0-9]{{1,3}}(?:\{other}[0-9]{{2,3}})*", whole):
        raise _RefusedError("bad_amount")
    return f"{whole.replace(other, '')}.{fraction}" if fraction else whole.replace(other, "")
