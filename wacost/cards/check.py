"""What must hold for a card as a whole: no gap, no overlap, no two rates for one key.

The rows of one direction and destination that begin on one day are a *set*: the complete ladder
of that day. The next set of the same direction and destination ends it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from wacost.cards.model import NOT_OFFERED
from wacost.dialplan import COUNTRIES
from wacost.errors import RateCardError
from wacost.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from wacost.cards.model import MarketRow, RateCard, RateRow

PREFIX: Final = re.compile(r"[1-9][0-9]{0,14}", re.ASCII)
"""An E.164 prefix: up to 15 digits, no leading zero, no plus."""


def check_card(card: RateCard) -> None:
    """Refuse a card that is wrong as a whole.

    Raises:
        RateCardError: with file, line, column, the text found and what was expected.
    """
    rates_file, markets_file = _files(card)
    if not card.rows:
        raise RateCardError("the card has no rates", file=rates_file, hint="add at least one row")
    for market in card.markets:
        _check_member(market, markets_file)
    _check_memberships(card.markets, markets_file)
    names = {market.market for market in card.markets}
    for row in card.rows:
        _check_destination(row, names, rates_file)
        _check_period(row, rates_file)
    ladders: dict[tuple[str, str], list[RateRow]] = defaultdict(list)
    for row in card.rows:
        ladders[row.direction, row.destination].append(row)
    for rows in ladders.values():
        _check_ladder(rows, rates_file)


def row_sets(rows: Iterable[RateRow]) -> list[tuple[date, date | None, list[RateRow]]]:
    """Group the rows of one direction and destination into dated sets, in order of time.

    Returns:
        (first day in force, first day no longer in force or None, rows by slot and band).
    """
    starts: dict[date, list[RateRow]] = defaultdict(list)
    for row in rows:
        starts[row.effective_from].append(row)
    days = sorted(starts)
    ends = [*days[1:], None]
    return [
        (
            day,
            end if starts[day][0].effective_to is None else starts[day][0].effective_to,
            sorted(starts[day], key=lambda row: (row.from_second, row.tier_from_minutes)),
        )
        for day, end in zip(days, ends, strict=True)
    ]


def _files(card: RateCard) -> tuple[str, str]:
    if not card.file:
        return "rows", "markets"
    return f"{card.file}/rates.csv", f"{card.file}/markets.csv"


def _check_member(row: MarketRow, file: str) -> None:
    if row.member not in COUNTRIES and not PREFIX.fullmatch(row.member):
        raise RateCardError(
            "expected an ISO country or prefix digits",
            file=file,
            line=row.line,
            column="country_or_prefix",
            text=row.member,
            hint="two capital letters of ISO 3166, like BR, or digits without +",
        )
    if row.market in COUNTRIES or PREFIX.fullmatch(row.market) or row.market == "*":
        raise RateCardError(
            "a market's name may not look like a country, a prefix or *",
            file=file,
            line=row.line,
            column="market",
            text=row.market,
        )
    _check_period(row, file)


def _check_period(row: RateRow | MarketRow, file: str) -> None:
    if row.effective_to is not None and row.effective_to <= row.effective_from:
        raise RateCardError(
            f"expected a day after effective_from ({row.effective_from})",
            file=file,
            line=row.line,
            column="effective_to",
            text=row.effective_to.isoformat(),
            hint="effective_to is the first day no longer in force",
        )


def _check_memberships(rows: Sequence[MarketRow], file: str) -> None:
    members: dict[str, list[MarketRow]] = defaultdict(list)
    for row in rows:
        members[row.member].append(row)
    for history in members.values():
        history.sort(key=lambda row: row.effective_from)
        for earlier, later in pairwise(history):
            _check_succession(earlier, later, later.member, "country_or_prefix", file)


def _check_destination(row: RateRow, markets: set[str], file: str) -> None:
    text = row.destination
    if text == "*" or text in markets or text in COUNTRIES or PREFIX.fullmatch(text):
        return
    raise RateCardError(
        "no such destination: neither prefix digits, an ISO country, a market nor *",
        file=file,
        line=row.line,
        column="destination",
        text=text,
        hint=nearest(text, {*markets, *COUNTRIES} if len(text) > 2 else COUNTRIES, "market"),  # noqa: PLR2004
    )


def _check_ladder(rows: list[RateRow], file: str) -> None:
    sets = row_sets(rows)
    for _, _, ladder in sets:
        _check_set(ladder, file)
    for (_, _, earlier), (_, _, later) in pairwise(sets):
        _check_succession(earlier[0], later[0], earlier[0].destination, "effective_from", file)


def _check_set(ladder: list[RateRow], file: str) -> None:
    first = ladder[0]
    for earlier, later in pairwise(ladder):
        if (earlier.from_second, earlier.tier_from_minutes) == (
            later.from_second,
            later.tier_from_minutes,
        ):
            raise _row_error(
                max(earlier, later, key=lambda row: row.line),
                "destination",
                f"two rates for one key: line {min(earlier.line, later.line)} has the same "
                "direction, destination, date, band and slot",
                file,
            )
        if later.effective_to != first.effective_to:
            raise _row_error(
                later,
                "effective_to",
                "rows of one direction, destination and date end on one day",
                file,
                f"give all of them effective_to = {first.effective_to or '(empty)'}",
            )
    for slot in {row.from_second for row in ladder}:
        lowest = next(row for row in ladder if row.from_second == slot)
        if lowest.tier_from_minutes != 0:
            raise _row_error(
                lowest, "tier_from_minutes", "the lowest band must begin at 0: a gap below it", file
            )
    if first.from_second != 0:
        raise _row_error(
            first, "from_second", "the first slot must begin at 0: a gap before it", file
        )
    if len(ladder) > 1:
        for row in ladder:
            if row.kind == NOT_OFFERED:
                raise _row_error(
                    row, "rate_per_minute", "n/a stands alone: not offered has no bands", file
                )


def _check_succession(
    earlier: RateRow | MarketRow,
    later: RateRow | MarketRow,
    what: str,
    column: str,
    file: str,
) -> None:
    if earlier.effective_from == later.effective_from:
        raise RateCardError(
            f"{what} stands twice from {later.effective_from} (line {earlier.line})",
            file=file,
            line=later.line,
            column=column,
            text=what,
        )
    if earlier.effective_to is None or earlier.effective_to == later.effective_from:
        return
    word = "overlap" if earlier.effective_to > later.effective_from else "gap"
    raise RateCardError(
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
    }
    return RateCardError(
        message, file=file, line=row.line, column=column, text=texts[column], hint=hint
    )
