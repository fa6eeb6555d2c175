"""The sentences that lead a reader from a charge's rows to the amount that is really charged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wacost.language import mark
from wacost.money import SECONDS, amount_of, decimal_of, plain, round_units
from wacost.rating.derivation import place_of, rate_text, slot_facts
from wacost.rating.wording import LENGTH_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wacost.cards.model import RateCard, RateRow
    from wacost.language import Language
    from wacost.rating.charge import Part
    from wacost.rating.derivation import Case

_MODES: Final = {
    "half_up": mark("half up"),
    "half_even": mark("half even"),
    "up": mark("up"),
    "down": mark("down"),
}
"""How an amount is rounded."""
_LEAST: Final = mark("{change}, the card's least per call")
_MOST: Final = mark("{change}, the card's most per call")


def row_steps(case: Case, card: RateCard, language: Language) -> Iterator[tuple[str, str]]:
    """Tell what each row that priced says, where it stands and where its figure was found."""
    told, say = "", language.say
    for row in case.rows:
        yield say("rate"), _row_text(row, card, language, alone=len(case.rows) == 1)
        source = row.source or card.source
        if source and source != told:
            yield say("source"), language.name(source)
        told = source
        if row.note:
            yield say("note"), language.name(row.note)


def _row_text(row: RateRow, card: RateCard, language: Language, *, alone: bool) -> str:
    say = language.say
    what = f"{language.name(row.destination)}, {say(row.direction)}"
    if not alone:
        what += f" {_place(row.from_second, row.tier_from_minutes, language)}"
    if row.rate_nanos is None:
        price = say(rate_text(row))
    else:
        price = f"{language.figure(rate_text(row))} {card.currency}/min"
    if row.fee_nanos:
        price = _with_fee(price, row.fee_nanos, language)
    end = row.effective_to and language.stamp(row.effective_to)
    told = {"day": language.stamp(row.effective_from), "end": end}
    since = say("from {day} until {end}", **told) if end else say("from {day}", **told)
    where = f"{place_of(row, card, language)}, {say(row.status or card.status)}"
    return f"{what}: {price} {since} ({where})"


def _place(second: int, minutes: int, language: Language) -> str:
    """Say for which seconds of a call and which minutes of a month a rate is."""
    above = language.decimal(minutes)
    return language.say("from second {second}, above {minutes} min", second=second, minutes=above)


def _with_fee(price: str, nanos: int, language: Language) -> str:
    fee = language.figure(plain(decimal_of(nanos)))
    return language.say("{price} + {fee} fee", price=price, fee=fee)


def price_steps(case: Case, card: RateCard, language: Language) -> Iterator[tuple[str, str]]:
    """Tell the steps from seconds to the exact amount within the card's limits."""
    yield from _second_steps(case, language)
    if case.seconds_before is not None:
        yield language.say("tier"), _tier_text(case, card, language)
    yield from _amount_steps(case, card, language)


def _tier_text(case: Case, card: RateCard, language: Language) -> str:
    """Tell what the call's group had used before it, has with it, and at the end of the month."""
    say = language.say
    before = say("{minutes} min before this call", minutes=_minutes(case.seconds_before, language))
    after = say("{minutes} with it", minutes=_minutes(case.seconds_after, language))
    said = f"{_group(case, language)}{before}{_beside(case, language)}, {after}"
    if card.tiers.model == "volume":
        total = case.accrual.total_s if case.accrual else None
        minutes = "?" if total is None else _minutes(total, language)
        said += ", " + say("{minutes} in the whole month", minutes=minutes)
    return f"{said} → {_bands(case, card, language)}"


def _group(case: Case, language: Language) -> str:
    """Name the market or country whose minutes add up; one of a whole card needs no name."""
    group = case.route.group if case.route else None
    if not group or group == "card":
        return ""
    kind, _, name = group.partition(" ")
    return f"{language.say(kind)} {language.name(name)}: "


def _beside(case: Case, language: Language) -> str:
    """Tell what of the minutes used before was not used through calls that are here."""
    told, found = case.accrual, []
    if told and told.external_s:
        minutes = _minutes(told.external_s, language)
        found.append(language.say("{minutes} used through others", minutes=minutes))
    if told and told.lifted_s:
        minutes = _minutes(told.lifted_s, language)
        found.append(language.say("{minutes} up to an observed tier", minutes=minutes))
    if len(found) > 1:
        found = [language.say("{one} and {other}", one=found[0], other=found[1])]
    return f" ({found[0]})" if found else ""


def _bands(case: Case, card: RateCard, language: Language) -> str:
    bands = dict.fromkeys(part.tier_from_minutes for part in case.parts)
    if len(bands) > 1 and card.tiers.model != "graduated":
        return language.say("the band of each slot that holds that")
    then = language.say("then")
    minutes = f", {then} ".join(language.decimal(band) for band in bands)
    if len(bands) == 1:
        return language.say("band above {minutes} min", minutes=minutes)
    return language.say("bands above {minutes} min", minutes=minutes)


def _second_steps(case: Case, language: Language) -> Iterator[tuple[str, str]]:
    say = language.say
    seconds, source = case.length
    plain_field = source == "field" and "duration_conflict" not in case.flags
    why = f" ({say(LENGTH_TEXT[source])})" if source and not plain_field else ""
    told = f"{seconds} s{why} → " if source else ""
    pulses = language.say_n(
        "{count} increment", "{count} increments", case.pulses or 0, count=case.pulses
    )
    billed = say("{seconds} s billed", seconds=case.billed_seconds)
    slots = {part.from_second: case.slot(part) for part in case.parts}
    if len(slots) == 1:
        slot = case.slot(case.parts[0])
        size = f"{slot.first_s}/{slot.next_s}"
        steps = say("{increments} of {size} s", increments=pulses, size=size)
        yield say("seconds"), f"{told}{steps} → {billed}"
        return
    steps = say("{increments} in {count} slots", increments=pulses, count=len(slots))
    yield say("seconds"), f"{told}{steps} → {billed}"
    for slot in slots.values():
        facts = slot_facts(case, slot, seconds or 0)
        size = f"{slot.first_s}/{slot.next_s}"
        times = say("{seconds} s in increments of {size} s", seconds=facts["seconds"], size=size)
        where = say("from second {second}: {times}", second=slot.from_second, times=times)
        yield say("slot"), f"{where} → {facts['billed_seconds']} s"


def _amount_steps(case: Case, card: RateCard, language: Language) -> Iterator[tuple[str, str]]:
    if case.amount_units is None:
        return
    say = language.say
    total = sum(part.units for part in case.parts)
    told, exact = (
        f"{_exact(units, language)} {card.currency}" for units in (total, case.amount_units)
    )
    if len(case.parts) == 1:
        yield say("amount"), f"{_product(case.parts[0], language)} = {told}"
    else:
        for part in case.parts:
            where = _place(part.from_second, part.tier_from_minutes, language)
            made = f"{_product(part, language)} = {_exact(part.units, language)}"
            row = place_of(case.band(part).row, card, language)
            yield say("part"), f"{where}: {made} ({row})"
        yield say("amount"), say("the sum: {amount}", amount=told)
    if total != case.amount_units:
        change = f"{_exact(total, language)} → {exact}"
        text = _LEAST if case.amount_units > total else _MOST
        yield say("limit"), say(text, change=change)


def charged_steps(case: Case, card: RateCard, language: Language) -> Iterator[tuple[str, str]]:
    """Tell the amount that is really charged, and where it is or will be rounded, last of all."""
    if case.amount_units is None:
        return
    say, rounding, exact = language.say, card.rounding, _exact(case.amount_units, language)
    how = language.say_n(
        "to {count} place, {mode}",
        "to {count} places, {mode}",
        rounding.places,
        count=rounding.places,
        mode=say(_MODES[rounding.mode]),
    )
    if rounding.at == "line":
        told = f"{exact} {card.currency}"
        yield (
            say("charged"),
            say("{amount}, exact; its invoice line is rounded once, {how}", amount=told, how=how),
        )
        return
    amount = round_units(case.amount_units, rounding.places, rounding.mode)
    charged = f"{language.figure(plain(amount))} {card.currency}"
    change = f"{exact} → {charged}"
    yield say("rounding"), say("once, for each call, {how}: {change}", how=how, change=change)
    yield say("charged"), charged


def _exact(units: int, language: Language) -> str:
    return language.figure(plain(amount_of(units)))


def _product(part: Part, language: Language) -> str:
    rate = language.figure(plain(decimal_of(part.rate_nanos)))
    product = f"{rate} × {part.billed_seconds} ÷ 60"
    return _with_fee(product, part.fee_nanos, language) if part.fee_nanos else product


def _minutes(seconds: int | None, language: Language) -> str:
    whole, rest = divmod(seconds or 0, SECONDS)
    minutes = language.decimal(whole)
    return f"{minutes}:{rest:02d}" if rest else minutes
