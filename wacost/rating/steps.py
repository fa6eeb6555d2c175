"""The sentences that lead a reader from a charge's rows to the amount that is really charged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wacost.money import SECONDS, amount_of, decimal_of, plain, round_units
from wacost.rating.derivation import place_of, rate_text, slot_facts
from wacost.rating.wording import LENGTH_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.cards.model import RateCard, RateRow
    from wacost.rating.charge import Part
    from wacost.rating.derivation import Case


def row_steps(case: Case, card: RateCard) -> Iterator[tuple[str, str]]:
    """Tell what each row that priced says, where it stands and where its figure was found."""
    told = ""
    for row in case.rows:
        yield "rate", _row_text(row, card, alone=len(case.rows) == 1)
        source = row.source or card.source
        if source and source != told:
            yield "source", source
        told = source
        if row.note:
            yield "note", row.note


def _row_text(row: RateRow, card: RateCard, *, alone: bool) -> str:
    until = f" until {row.effective_to}" if row.effective_to else ""
    which = "" if alone else f" from second {row.from_second}, above {row.tier_from_minutes:,} min"
    unit = f" {card.currency}/min" if row.rate_nanos is not None else ""
    fee = f" + {plain(decimal_of(row.fee_nanos))} fee" if row.fee_nanos else ""
    said = f"{row.destination}, {row.direction}{which}: {rate_text(row)}{unit}{fee}"
    where = f"{place_of(row, card)}, {row.status or card.status}"
    return f"{said} from {row.effective_from}{until} ({where})"


def price_steps(case: Case, card: RateCard) -> Iterator[tuple[str, str]]:
    """Tell the steps from seconds to the exact amount within the card's limits."""
    yield from _second_steps(case)
    if case.seconds_before is not None:
        yield "tier", _tier_text(case, card)
    yield from _amount_steps(case, card)


def _tier_text(case: Case, card: RateCard) -> str:
    """Tell what the call's group had used before it, has with it, and at the end of the month."""
    told = case.accrual
    beside = [
        f"{_minutes(seconds)} {what}"
        for seconds, what in (
            (told.external_s if told else 0, "used through others"),
            (told.lifted_s if told else 0, "up to an observed tier"),
        )
        if seconds
    ]
    split = f" ({' and '.join(beside)})" if beside else ""
    group = case.route.group if case.route else None
    of = f"{group}: " if group and group != "card" else ""
    said = f"{of}{_minutes(case.seconds_before or 0)} min before this call{split}"
    said += f", {_minutes(case.seconds_after or 0)} with it"
    if card.tiers.model == "volume":
        total = told.total_s if told else None
        said += f", {'?' if total is None else _minutes(total)} in the whole month"
    bands = dict.fromkeys(part.tier_from_minutes for part in case.parts)
    if len(bands) > 1 and card.tiers.model != "graduated":
        return f"{said} → the band of each slot that holds that"
    word = "band" if len(bands) == 1 else "bands"
    return f"{said} → {word} above {', then '.join(f'{band:,}' for band in bands)} min"


def _second_steps(case: Case) -> Iterator[tuple[str, str]]:
    seconds, source = case.length
    plain_field = source == "field" and "duration_conflict" not in case.flags
    why = f" ({LENGTH_TEXT[source]})" if source and not plain_field else ""
    told = f"{seconds} s{why} → " if source else ""
    pulses = "1 increment" if case.pulses == 1 else f"{case.pulses} increments"
    slots = {part.from_second: case.slot(part) for part in case.parts}
    if len(slots) == 1:
        slot = case.slot(case.parts[0])
        steps = f"{pulses} of {slot.first_s}/{slot.next_s} s"
        yield "seconds", f"{told}{steps} → {case.billed_seconds} s billed"
        return
    yield "seconds", f"{told}{pulses} in {len(slots)} slots → {case.billed_seconds} s billed"
    for slot in slots.values():
        facts = slot_facts(case, slot, seconds or 0)
        rounding = f"{facts['seconds']} s in increments of {slot.first_s}/{slot.next_s} s"
        yield "slot", f"from second {slot.from_second}: {rounding} → {facts['billed_seconds']} s"


def _amount_steps(case: Case, card: RateCard) -> Iterator[tuple[str, str]]:
    if case.amount_units is None:
        return
    total = sum(part.units for part in case.parts)
    exact = f"{plain(amount_of(case.amount_units))} {card.currency}"
    if len(case.parts) == 1:
        told = f"{plain(amount_of(total))} {card.currency}"
        yield "amount", f"{_product(case.parts[0])} = {told}"
    else:
        for part in case.parts:
            where = f"from second {part.from_second}, above {part.tier_from_minutes:,} min"
            made = f"{_product(part)} = {plain(amount_of(part.units))}"
            yield "part", f"{where}: {made} ({place_of(case.band(part).row, card)})"
        yield "amount", f"the sum: {plain(amount_of(total))} {card.currency}"
    if total != case.amount_units:
        word = "least" if case.amount_units > total else "most"
        yield "limit", f"{plain(amount_of(total))} → {exact}, the card's {word} per call"


def charged_steps(case: Case, card: RateCard) -> Iterator[tuple[str, str]]:
    """Tell the amount that is really charged, and where it is or will be rounded, last of all."""
    if case.amount_units is None:
        return
    rounding, exact = card.rounding, plain(amount_of(case.amount_units))
    unit = "place" if rounding.places == 1 else "places"
    how = f"to {rounding.places} {unit}, {rounding.mode.replace('_', ' ')}"
    if rounding.at == "line":
        told = f"{exact} {card.currency}, exact; its invoice line is rounded once, {how}"
        yield "charged", told
        return
    amount = plain(round_units(case.amount_units, rounding.places, rounding.mode))
    yield "rounding", f"once, for each call, {how}: {exact} → {amount} {card.currency}"
    yield "charged", f"{amount} {card.currency}"


def _product(part: Part) -> str:
    fee = f" + {plain(decimal_of(part.fee_nanos))} fee" if part.fee_nanos else ""
    return f"{plain(decimal_of(part.rate_nanos))} × {part.billed_seconds} ÷ 60{fee}"


def _minutes(seconds: int) -> str:
    whole, rest = divmod(seconds, SECONDS)
    return f"{whole:,}:{rest:02d}" if rest else f"{whole:,}"
