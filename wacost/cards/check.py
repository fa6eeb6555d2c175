"""What must hold for a card as a whole: no gap, no overlap, no two rates for one key.

A row's key is its direction, destination, slot and band. A row is in force from its
effective_from until its effective_to, or until the next row of its key begins. The rows of one
direction and destination that are in force on a day are a *set*: the complete ladder of that day.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wacost.cards.model import NOT_OFFERED
from wacost.cards.report import Report, refuse
from wacost.dialplan import COUNTRIES
from wacost.errors import RateCardError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from wacost.cards.model import MarketRow, RateCard, RateRow

    Set = tuple[date, date | None, list[RateRow]]

PREFIX: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
"""An E.164 prefix: up to 15 digits, no leading zero, no plus."""


def check_card(card: RateCard, report: Report = refuse) -> None:
    """Refuse a card that is wrong as a whole.

    Args:
        card: the card.
        report: takes each mistake; by default the first one is raised.

    Raises:
        RateCardError: with file, line, column, the text found and what was expected.
    """
    rates_file, markets_file = _files(card)
    if not card.rows:
        hint = "add at least one row"
        report(RateCardError("the card has no rates", file=rates_file, hint=hint))
    for market in card.markets:
        _check_member(market, markets_file, report)
    _check_memberships(card.markets, markets_file, report)
    names = {market.market for market in card.markets}
    for row in card.rows:
        _check_destination(row, names, rates_file, report)
        _check_period(row, rates_file, report)
    ever = (r for r in card.rows if r.effective_to is None or r.effective_to > r.effective_from)
    for rows in ladders_of(ever).values():
        _check_ladder(rows, rates_file, report)


def ladders_of(rows: Iterable[RateRow]) -> dict[tuple[str, str], list[RateRow]]:
    """Return the rows of each (direction, destination), in the order given."""
    ladders: dict[tuple[str, str], list[RateRow]] = defaultdict(list)
    for row in rows:
        ladders[row.direction, row.destination].append(row)
    return ladders


def row_sets(rows: Iterable[RateRow]) -> list[Set]:
    """Cut the rows of one direction and destination into sets, in order of time.

    Returns:
        (first day in force, first day no longer in force or None, rows by slot and band).
    """
    rows = list(rows)
    if len(rows) == 1:  # most sets of a long card
        return [(rows[0].effective_from, rows[0].effective_to, rows)]
    periods = _periods(rows)
    days = sorted({day for start, end, _ in periods for day in (start, end) if day is not None})
    sets: list[Set] = []
    for day, following in zip(days, [*days[1:], None], strict=True):
        held = [row for start, end, row in periods if start <= day and (end is None or day < end)]
        if not held:
            continue
        held.sort(key=_band_key)
        if sets and sets[-1][1] == day and sets[-1][2] == held:
            sets[-1] = (sets[-1][0], following, held)
        else:
            sets.append((day, following, held))
    return sets


def _periods(rows: Iterable[RateRow]) -> list[tuple[date, date | None, RateRow]]:
    """Return when each row is in force: the next row of the same slot and band ends it."""
    histories: dict[tuple[int, int], list[RateRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.effective_from):
        histories[_band_key(row)].append(row)
    return [
        (row.effective_from, row.effective_to or end, row)
        for history in histories.values()
        for row, end in zip(
            history, [*(later.effective_from for later in history[1:]), None], strict=True
        )
    ]


def _band_key(row: RateRow) -> tuple[int, int]:
    return row.from_second, row.tier_from_minutes


def _files(card: RateCard) -> tuple[str, str]:
    if not card.file:
        return "rows", "markets"
    return f"{card.file}/rates.csv", f"{card.file}/markets.csv"


def _check_member(row: MarketRow, file: str, report: Report) -> None:
    if row.member not in COUNTRIES and not PREFIX.fullmatch(row.member):
        report(
            RateCardError(
                "expected an ISO country or prefix digits",
                file=file,
                line=row.line,
                column="country_or_prefix",
                text=row.member,
                hint="two capital letters of ISO 3166, like BR, or digits without +",
            )
        )
    if row.market in COUNTRIES or PREFIX.fullmatch(row.market) or row.market == "*":
        report(
            RateCardError(
                "a market's name may not look like a country, a prefix or *",
                file=file,
                line=row.line,
                column="market",
                text=row.market,
            )
        )
    _check_period(row, file, report)


def _check_period(row: RateRow | MarketRow, file: str, report: Report) -> None:
    if row.effective_to is not None and row.effective_to <= row.effective_from:
        report(
            RateCardError(
                f"expected a day after effective_from ({row.effective_from})",
                file=file,
                line=row.line,
                column="effective_to",
                text=row.effective_to.isoformat(),
                hint="effective_to is the first day no longer in force",
            )
        )


def _check_memberships(rows: Sequence[MarketRow], file: str, report: Report) -> None:
    members: dict[str, list[MarketRow]] = defaultdict(list)
    for row in rows:
        members[row.member].append(row)
    for history in members.values():
        history.sort(key=lambda row: row.effective_from)
        for earlier, later in pairwise(history):
            _check_succession(earlier, later, file, report)


def _check_destination(row: RateRow, markets: set[str], file: str, report: Report) -> None:
    text = row.destination
    if text == "*" or text in markets or text in COUNTRIES or PREFIX.fullmatch(text):
        return
    report(
        RateCardError(
            "no such destination: neither prefix digits, an ISO country, a market nor *",
            file=file,
            line=row.line,
            column="destination",
            text=text,
            hint=_meant(text, markets),
        )
    )


def _meant(text: str, markets: set[str]) -> str:
    """Say how a destination is written that is none as it stands.

    >>> _meant("+55", set()), _meant("br", set())
    ('a prefix is digits alone, without + and zeros before: 55', 'did you mean BR?')
    """
    if PREFIX.fullmatch(digits := re.sub(r"[+ ()-]", "", text).lstrip("0")):
        return f"a prefix is digits alone, without + and zeros before: {digits}"
    if text.upper() in COUNTRIES:
        return f"did you mean {text.upper()}?"
    if len(text) <= 2:  # noqa: PLR2004 - a code, not a name
        return nearest(text, COUNTRIES, "country")
    if not markets:
        return "a market stands in markets.csv, and a country is its ISO code, like BR"
    return nearest(text, {*markets, *COUNTRIES}, "market")


def _check_ladder(rows: list[RateRow], file: str, report: Report) -> None:
    if len(rows) == 1:
        _check_set(rows, file, report)
        return
    sets = row_sets(rows)
    _check_histories(rows, sets, file, report)
    for _, _, held in sets:
        _check_set(held, file, report)
    for (_, end, before), (start, _, held) in pairwise(sets):
        if end != start:
            report(_time_error("gap", before[0], held[0], held[0].destination, file))
        _check_new_ladder(before, held, start, file, report)


def _check_histories(rows: list[RateRow], sets: Sequence[Set], file: str, report: Report) -> None:
    """Refuse two rows of one band and slot that overlap in time, or leave a hole in a ladder."""
    histories: dict[tuple[int, int], list[RateRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.effective_from, row.line)):
        histories[_band_key(row)].append(row)
    begins = {row.effective_from for row in rows}
    for history in histories.values():
        for earlier, later in pairwise(history):
            if earlier.effective_from == later.effective_from:
                report(
                    _row_error(
                        later,
                        "destination",
                        f"two rates for one key: line {earlier.line} has the same direction, "
                        "destination, date, band and slot",
                        file,
                    )
                )
            elif earlier.effective_to and earlier.effective_to > later.effective_from:
                report(_time_error("overlap", earlier, later, earlier.destination, file))
            elif _is_hole(earlier, later, sets, begins):
                report(_time_error("gap", earlier, later, _band_name(earlier), file))


def _is_hole(
    earlier: RateRow,
    later: RateRow,
    sets: Sequence[Set],
    begins: set[date],
) -> bool:
    """Tell whether a band or slot is missing for a time in which the others go on as they were.

    Where other rows begin on the day it ends, a new ladder begins that may do without it.
    """
    end = earlier.effective_to
    if end is None or end >= later.effective_from or end in begins:
        return False
    return any(start <= end and (to is None or end < to) for start, to, _ in sets)


def _band_name(row: RateRow) -> str:
    band = f" above {row.tier_from_minutes} minutes" if row.tier_from_minutes else ""
    slot = f" from second {row.from_second}" if row.from_second else ""
    return f"{row.destination}{band}{slot}"


def _check_set(held: list[RateRow], file: str, report: Report) -> None:
    """Refuse a set with a gap in its slots or bands."""
    first = held[0]
    for slot in sorted({row.from_second for row in held}):
        rows = [row for row in held if row.from_second == slot]
        _check_increments(rows, file, report)
        lowest = rows[0]
        if lowest.tier_from_minutes != 0:
            report(
                _row_error(
                    lowest,
                    "tier_from_minutes",
                    "the lowest band must begin at 0: a gap below it",
                    file,
                )
            )
    if first.from_second != 0:
        report(
            _row_error(
                first, "from_second", "the first slot must begin at 0: a gap before it", file
            )
        )
    for row in held:
        others = [one for one in held if _band_key(one) != _band_key(row)]
        if row.kind == NOT_OFFERED and others:
            other = others[0]
            report(
                _row_error(
                    row,
                    "rate_per_minute",
                    "n/a stands alone: not offered has no bands and no slots",
                    file,
                    "give each band and slot a rate, or n/a one row without them"
                    if row.effective_from == other.effective_from
                    else f"end line {other.line} with an effective_to",
                )
            )


def _check_increments(rows: list[RateRow], file: str, report: Report) -> None:
    """Refuse increments that depend on the band, and a first increment in a later slot."""
    for row in rows:
        if row.increments != rows[0].increments:
            report(_row_error(
                row, "increment_seconds", "the bands of one slot have one increment", file,
                f"give it the increment of line {rows[0].line}",
            ))  # fmt: skip
        if row.from_second and row.increments and row.increments[0] != row.increments[1]:
            report(_row_error(
                row, "increment_seconds", "only the first slot has a first increment", file,
                "give a later slot one number of seconds",
            ))  # fmt: skip


def _check_new_ladder(
    before: list[RateRow], held: list[RateRow], start: date, file: str, report: Report
) -> None:
    """Refuse a date that begins a ladder of other bands while one of the old ones goes on.

    Whether the old band was meant to stay cannot be told, and to guess would price wrongly.
    """
    new = {_band_key(row): row for row in held if row.effective_from == start}
    known = {_band_key(row) for row in before}
    staying = [row for row in held if row.effective_from < start]
    if (0, 0) in new and new.keys() - known and staying:
        added = new[min(new.keys() - known)]
        report(
            _row_error(
                added,
                "from_second" if added.from_second else "tier_from_minutes",
                f"a new ladder from {start}, and line {staying[0].line} of the old one goes on",
                file,
                f"end line {staying[0].line} with effective_to = {start}, or repeat it at {start}",
            )
        )


def _check_succession(earlier: MarketRow, later: MarketRow, file: str, report: Report) -> None:
    if earlier.effective_from == later.effective_from:
        report(
            RateCardError(
                f"{later.member} stands twice from {later.effective_from} (line {earlier.line})",
                file=file,
                line=later.line,
                column="country_or_prefix",
                text=later.member,
            )
        )
        return
    if earlier.effective_to is None or earlier.effective_to == later.effective_from:
        return
    word = "overlap" if earlier.effective_to > later.effective_from else "gap"
    report(_time_error(word, earlier, later, later.member, file))


def _time_error(
    word: str, earlier: RateRow | MarketRow, later: RateRow | MarketRow, what: str, file: str
) -> RateCardError:
    return RateCardError(
        f"{word} in time: {what} of line {earlier.line} ends on {earlier.effective_to}",
        file=file,
        line=later.line,
        column="effective_from",
        text=later.effective_from.isoformat(),
        hint="leave effective_to empty: the next date ends it",
    )


def _row_error(row: RateRow, column: str, message: str, file: str, hint: str = "") -> RateCardError:
    texts = {
        "destination": row.destination,
        "effective_to": str(row.effective_to or ""),
        "tier_from_minutes": str(row.tier_from_minutes),
        "from_second": str(row.from_second),
        "rate_per_minute": row.kind,
        "increment_seconds": "/".join(map(str, row.increments or ())),
    }
    return RateCardError(
        message, file=file, line=row.line, column=column, text=texts[column], hint=hint
    )
