"""Add charges up to the lines of an invoice: one for each rate, band and slot, one for each fee."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from wacost.billing.cardfacts import CardFacts, Key
from wacost.billing.exact import add, at_places
from wacost.billing.records import Line
from wacost.money import SECONDS, decimal_of, round_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date


class _LineKey(NamedTuple):
    """Everything that calls, or parts of calls, on one line have in common."""

    direction: str
    country: str | None
    market: str | None
    card: str
    checksum: str
    since: date | None
    status: str
    part: str = "call"
    from_second: int = 0
    tier: int | None = None
    nanos: int | None = None


@dataclass
class _Sum:
    """What a line adds up; `amount` is what a card that rounds each call rounded."""

    calls: int = 0
    times: int = 0
    seconds: int = 0
    tier_unknown: int = 0
    units: int = 0
    amount: Decimal = Decimal(0)

    def add(self, units: int, amount: Decimal, times: int, *, calls: int = 0) -> None:
        """Add what some calls cost, each on its own `units` / `times`."""
        self.calls += calls
        self.times += times
        self.units += units
        self.amount = add([self.amount, amount])


def invoice_lines(
    whole: Iterable[Sequence[Any]],
    parted: Iterable[Sequence[Any]],
    cards: Mapping[str, CardFacts],
    digits: int,
) -> tuple[Line, ...]:
    """Return the lines in the order in which they are printed.

    Args:
        whole: the rows of lines.sql: calls with one rate.
        parted: the rows of parts.sql: calls of several parts, with a fee or at a limit.
        cards: what each card says, by checksum.
        digits: of the currency's minor unit.
    """
    sums: dict[_LineKey, _Sum] = {}
    for row in whole:
        key = _LineKey(*row[:7])._replace(tier=row[7], nanos=row[8])
        found = sums.setdefault(key, _Sum())
        calls, seconds, tier_unknown, units, amounts = row[10:]
        found.add(int(units), amounts, calls, calls=calls)
        found.seconds += seconds
        found.tier_unknown += tier_unknown
    for row in parted:
        _add_parts(sums, row, cards.get(row[4]) or CardFacts(), digits)
    made = (
        _line(key, found, cards.get(key.checksum) or CardFacts(), digits)
        for key, found in sums.items()
    )
    return tuple(sorted(made, key=_order))


class Covered:
    """Minutes of calls that are included, added up per line and rounded as the line is.

    So what is included of a line never exceeds it, and a line that is included as a whole is
    taken off to the last cent.

    Args:
        cards: what each card says, by checksum.
        digits: of the currency's minor unit.
    """

    def __init__(self, cards: Mapping[str, CardFacts], digits: int) -> None:
        self._cards = cards
        self._digits = digits
        self._sums: dict[_LineKey, _Sum] = {}
        self._taken: dict[str, int] = {}

    def take(self, rows: Iterable[Sequence[Any]], seconds: int) -> int:
        """Cover calls until an allowance is used up; return the seconds that were used.

        Args:
            rows: of included.sql, in the order in which they are covered.
            seconds: the allowance.
        """
        left = seconds
        for row in rows:
            call, billed = row[7], row[8]
            begin = self._taken.get(call, 0)
            end = min(begin + left, billed)
            self._cover(row, begin, end)
            self._taken[call] = max(begin, end)
            left -= max(0, end - begin)
            if not left:
                break
        return seconds - left

    @property
    def amount(self) -> Decimal:
        """What all that is covered is billed at."""
        return add((self._amount(key, found) for key, found in self._sums.items()), self._digits)

    def _amount(self, key: _LineKey, found: _Sum) -> Decimal:
        return _billed(found, self._cards.get(key.checksum) or CardFacts(), self._digits)

    def _cover(self, row: Sequence[Any], begin: int, end: int) -> None:
        """Add the seconds of a call from `begin` to `end`, slot by slot."""
        head, card = _LineKey(*row[:7]), self._cards.get(row[4]) or CardFacts()
        places = self._digits if card.places is None else card.places
        at, done = 0, 0
        for part in row[9]:
            low, high = max(begin, at), min(end, at + part["billed_seconds"])
            if low < high:
                before = done + part["rate_nanos"] * (low - at)
                after = done + part["rate_nanos"] * (high - at)
                share = [
                    round_units(after, places, card.mode),
                    -round_units(before, places, card.mode),
                ]
                key = _placed(head, part, nanos=part["rate_nanos"])
                self._sums.setdefault(key, _Sum()).add(after - before, add(share), 1)
            done += part["rate_nanos"] * part["billed_seconds"]
            at += part["billed_seconds"]


def _billed(found: _Sum, card: CardFacts, digits: int) -> Decimal:
    """Return what a line comes to: rounded once, or the sum of calls that were rounded."""
    places = digits if card.places is None else card.places
    exact = card.at == "call"
    amount = found.amount if exact else round_units(found.units, places, card.mode)
    return at_places(amount, max(places, digits))


def _add_parts(
    sums: dict[_LineKey, _Sum], row: Sequence[Any], card: CardFacts, digits: int
) -> None:
    """Add calls that are the same throughout to the lines of their parts.

    Where the card rounds each call, a part's share is what the sum so far is rounded to, less
    what it was rounded to before: the shares of a call add up to its rounded amount.
    """
    unknown, units, parts, calls = row[8], int(row[9]), row[10], row[11]
    head = _LineKey(*row[:7])
    places = digits if card.places is None else card.places
    done = 0
    for number, (key, exact, seconds) in enumerate(_products(head, parts, units)):
        share = [
            round_units(done + exact, places, card.mode),
            -round_units(done, places, card.mode),
        ]
        found = sums.setdefault(key, _Sum())
        amount = add(share) * calls
        found.add(exact * calls, amount, calls, calls=0 if number else calls)
        found.seconds += seconds * calls
        found.tier_unknown += calls if unknown and not number else 0
        done += exact


def _products(
    head: _LineKey, parts: Sequence[Mapping[str, Any]], units: int
) -> Iterator[tuple[_LineKey, int, int]]:
    """Yield (line, units, billed seconds) of each part, each fee, and what a limit changes."""
    total = 0
    for part in parts:
        exact, nanos = part["rate_nanos"] * part["billed_seconds"], part["rate_nanos"]
        total += exact
        yield _placed(head, part, nanos=nanos), exact, part["billed_seconds"]
    for part in parts:
        if nanos := part["fee_nanos"]:
            total += nanos * SECONDS
            yield _placed(head, part, part="fee", nanos=nanos), nanos * SECONDS, 0
    if units != total:
        yield head._replace(part="limit"), units - total, 0


def _placed(head: _LineKey, of: Mapping[str, Any], **told: Any) -> _LineKey:
    return head._replace(from_second=of["from_second"], tier=of["tier_from_minutes"], **told)


def _band_of(key: _LineKey) -> Key:
    return Key(
        key.direction, key.country, key.market, key.since, key.tier, key.nanos, key.from_second
    )


def _line(key: _LineKey, found: _Sum, card: CardFacts, digits: int) -> Line:
    begins = card.bands(_band_of(key)) if key.part == "call" else []
    price = None if key.nanos is None else decimal_of(key.nanos)
    rows = [] if key.part == "limit" else card.rows(_band_of(key), fee=key.part == "fee")
    return Line(
        direction=key.direction,
        country=key.country,
        market=key.market,
        market_is_shared=card.is_shared(key.market),
        card=key.card,
        card_checksum=key.checksum,
        effective_from=key.since,
        status=key.status,
        tier_from_minutes=key.tier,
        tier_to_minutes=next((begin for begin in begins if begin > (key.tier or 0)), None),
        tiered=len(begins) > 1 or bool(key.tier),
        rate_per_minute=price if key.part == "call" else None,
        calls=found.calls,
        billed_seconds=found.seconds,
        tier_unknown=found.tier_unknown,
        exact_units=found.units,
        amount=_billed(found, card, digits),
        part=key.part,
        from_second=key.from_second,
        fee=price if key.part == "fee" else None,
        times=found.times,
        card_rows=tuple(sorted({row["line"] for row in rows if row.get("line")})),
        rate_status=card.how_known(rows),
    )


def _order(line: Line) -> tuple[Any, ...]:
    """Sort outbound first, then by country, market, date, part, slot, band, rate; unknown last."""
    values = (
        line.country,
        line.market,
        line.effective_from,
        ("call", "fee", "limit").index(line.part),
        line.from_second,
        line.tier_from_minutes,
        line.rate_per_minute,
        line.fee,
        line.card,
        line.card_checksum,
        line.status,
    )
    return (line.direction != "outbound", *((value is None, value) for value in values))
