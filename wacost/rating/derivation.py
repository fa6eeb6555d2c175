"""How the amount of one charge came about: slots, bands, products, limits, rounding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wacost.language import ENGLISH, Language
from wacost.money import decimal_of, plain
from wacost.rating.charge import CONFLICT_S
from wacost.rating.compiled import NEVER_S, compiled
from wacost.zones import local_ordinal

if TYPE_CHECKING:
    from wacost.cards.model import RateCard, RateRow
    from wacost.rating.charge import Accrual, Part
    from wacost.rating.compiled import Band, RateSet, Route, Slot


@dataclass(frozen=True, slots=True)
class Case:
    """One charge with its call and card, wherever it was read from. Times are instants."""

    call_id: str
    contact: str | None
    country: str | None
    country_source: str | None
    direction: str | None
    first_event_at: int | None
    started_at: int | None
    ended_at: int | None
    duration_s: int | None
    timezone: str
    month: str | None
    status: str
    flags: tuple[str, ...]
    market: str | None
    billed_seconds: int | None
    pulses: int | None
    seconds_before: int | None
    amount_units: int | None
    card: RateCard | None
    parts: tuple[Part, ...]
    account: str | None = None
    side: str = "cost"
    decision: str | None = None
    accrual: Accrual | None = None
    country_not_used: str | None = None

    @property
    def moment(self) -> int:
        """The instant that decided month, card and zone."""
        start, end = self.started_at, self.ended_at
        if start is None:
            return self.first_event_at or end or 0
        if end is None and self.duration_s is not None:
            end = start + self.duration_s
        by_end = self.card is None or self.card.policies.month_of == "end"
        return end if by_end and end is not None else start

    @property
    def length(self) -> tuple[int | None, str | None]:
        """The seconds that were priced, before any rounding, and where they came from."""
        span = None
        if self.started_at is not None and self.ended_at is not None:
            span = self.ended_at - self.started_at
        if self.duration_s is None:
            return span, None if span is None else "times"
        by_times = self.card is not None and self.card.policies.duration_conflict == "times"
        if span is not None and by_times and abs(span - self.duration_s) > CONFLICT_S:
            return span, "times"
        return self.duration_s, "field" if self.decision is None else "decision"

    @property
    def route(self) -> Route | None:
        """Where the call goes under its card, found by the very lookup that rating made."""
        if self.card is None or self.status not in {"rated", "free", "no_rate"}:
            return None
        table = compiled(self.card)
        version = table.version_on(local_ordinal(self.timezone, self.moment))
        return table.route(version, self.direction, table.node(self.contact), self.country)

    @property
    def rates(self) -> RateSet | None:
        """The rates in force."""
        return self.route.rates if self.route else None

    @property
    def seconds_after(self) -> int | None:
        """What its group has accrued with this call, whichever seconds the card counts."""
        if self.seconds_before is None or self.card is None:
            return None
        counted = self.billed_seconds
        if counted and self.card.tiers.accrual == "actual":
            counted, _ = self.length
        return self.seconds_before + (counted or 0)

    @property
    def row(self) -> RateRow | None:
        """The row that priced the first part, or that says why there is no price."""
        return next(iter(self.rows), None)

    @property
    def rows(self) -> list[RateRow]:
        """Every row that priced a part, once and in their order, or the one that says why not."""
        rates = self.rates
        if rates is None:
            return []
        priced = dict.fromkeys(self.band(part).row for part in self.parts)
        return list(priced) or [rates.row]

    def slot(self, part: Part) -> Slot:
        """Return the slot that a part of the charge lies in."""
        rates = self.rates
        assert rates is not None  # noqa: S101 - a charge with parts had rates
        return next(slot for slot in rates.slots if slot.from_second == part.from_second)

    def band(self, part: Part) -> Band:
        """Return the volume band that a part of the charge lies in."""
        bands = self.slot(part).bands
        return next(band for band in bands if band.from_minutes == part.tier_from_minutes)

    def one(self, name: str) -> int | None:
        """Return what all parts share, or None."""
        values = {getattr(part, name) for part in self.parts}
        return values.pop() if len(values) == 1 else None

    def in_zone(self, account_zone: str) -> Case:
        """Return the case on the clocks that decided: the account's, or the card's own."""
        zone = self.card.zone_of(account_zone) if self.card else account_zone
        return replace(self, timezone=zone)


def derivation(case: Case) -> dict[str, Any] | None:
    """Return every figure between a call's seconds and its amount, as plain values."""
    if not case.parts or case.card is None:
        return None
    limits = case.card.limits
    seconds, _ = case.length
    slots = {part.from_second: case.slot(part) for part in case.parts}
    return {
        "slots": [slot_facts(case, slot, seconds or 0) for slot in slots.values()],
        "parts": [
            {
                **part.as_dict(),
                "units": str(part.units),
                "row": row_facts(case.band(part).row, case.card),
            }
            for part in case.parts
        ],
        "tier": _tier_facts(case),
        "sum_units": str(sum(part.units for part in case.parts)),
        "limits": {
            "min_charge": plain(decimal_of(limits.min_nanos)),
            "max_charge": None if limits.max_nanos is None else plain(decimal_of(limits.max_nanos)),
        },
    }


def _tier_facts(case: Case) -> dict[str, Any] | None:
    """Return where the call stands among its group's seconds of the month."""
    if case.seconds_before is None:
        return None
    told = case.accrual
    return {
        "group": case.route.group if case.route else None,
        "seconds_before": case.seconds_before,
        "external_seconds": told.external_s if told else None,
        "observed_seconds": told.lifted_s if told else None,
        "seconds_after": case.seconds_after,
        "total_seconds": told.total_s if told else None,
    }


def slot_facts(case: Case, slot: Slot, seconds: int) -> dict[str, Any]:
    """Return how the part of a call in one slot became billed seconds, and the slot's bands."""
    until = None if slot.to_second == NEVER_S else slot.to_second
    return {
        "from_second": slot.from_second,
        "to_second": until,
        "seconds": min(seconds, slot.to_second) - slot.from_second,
        "first": slot.first_s,
        "next": slot.next_s,
        "billed_seconds": sum(
            part.billed_seconds for part in case.parts if part.from_second == slot.from_second
        ),
        "bands": [
            {"from_minutes": band.from_minutes, "known": not band.unknown} for band in slot.bands
        ],
    }


def row_facts(row: RateRow, card: RateCard) -> dict[str, Any]:
    """Return a row of a card, and where it stands."""
    return {
        "file": f"{card.name}/rates.csv" if row.line and not card.given else None,
        "line": row.line or None,
        "place": place_of(row, card),
        "direction": row.direction,
        "destination": row.destination,
        "rate_per_minute": rate_text(row),
        "fee": plain(decimal_of(row.fee_nanos)),
        "tier_from_minutes": row.tier_from_minutes,
        "from_second": row.from_second,
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "status": row.status or card.status,
        "source": row.source or card.source,
        "note": row.note,
    }


def place_of(row: RateRow, card: RateCard, language: Language = ENGLISH) -> str:
    """Say where a row stands: in a file, among rows given in Python, or nowhere but in a sum."""
    if not row.line:
        return language.say("a derived row")
    if card.given:
        return language.say("row {line} of the rows given", line=row.line)
    return language.say("rates.csv line {line}", line=row.line)


def rate_text(row: RateRow) -> str:
    """Write the rate of a row, or the word in its place."""
    return row.kind if row.rate_nanos is None else plain(decimal_of(row.rate_nanos))
