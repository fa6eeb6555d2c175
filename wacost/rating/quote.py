"""The scalar kernel: one call priced in plain Python from a compiled card.

It loads neither DuckDB nor phonenumbers and takes no lock. `rate.sql` is the same arithmetic for
any number of calls; a law test holds the two equal in every column.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final

from wacost.cards.model import Limits
from wacost.dialplan import checked_country, country_of, digits_of
from wacost.errors import InputError
from wacost.rating import charge as flags
from wacost.rating.charge import Call, Charge
from wacost.rating.compiled import compiled
from wacost.rating.parts import (
    accrued,
    at_one_band,
    cuts_of,
    is_priced,
    limited,
    parts_of,
    slices_of,
)
from wacost.zones import instant_of, local_ordinal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wacost.cards.model import Policies, RateCard
    from wacost.rating.compiled import Compiled, Route
    from wacost.rating.parts import Cut, Slice

MAX_SECONDS: Final = 10**9
"""No call is longer."""
_YEARS: Final = (1900, 2200)


def quote(
    card: RateCard,
    number: str | None = None,
    *,
    seconds: int,
    direction: str = "outbound",
    country: str | None = None,
    at: datetime | str | None = None,
    timezone: str = "UTC",
    minutes_before: int | str | Decimal = 0,
) -> Charge:
    """Price one answered call.

    Args:
        card: the rate card.
        number: the contact's number in any usual writing, with its country code.
        seconds: how long the call lasted.
        direction: "inbound" or "outbound".
        country: ISO country of the contact where there is no number. Beside one it counts only
            where the number tells none; else the charge's `explain` says that it was not used.
        at: start of the call: a datetime or ISO text; without an offset it is a clock time of
            `timezone` (of an hour shown twice the first; of one that is skipped, the clock as
            it went before). Default: now.
        timezone: the account's zone; it decides the month and the card's version.
        minutes_before: minutes that the accrual group has used in the month before this call.

    Returns:
        The charge. A missing rate is no error: `status` tells.

    Raises:
        InputError: an argument is not what it must be.

    >>> from wacost.cards import load_card
    >>> charge = quote(load_card("meta-usd"), "+55 11 98765-4321", seconds=61,
    ...                at="2026-11-01T12:00:00-03:00")
    >>> charge.amount, charge.billed_seconds, charge.pulses
    (Decimal('0.01188'), 66, 11)
    """
    call = asked_call(
        number, country=country, direction=direction, start=moment(at, timezone), seconds=seconds
    )
    return price(call, compiled(card), timezone, seconds_before=seconds_of(minutes_before))


def asked_call(
    number: str | None, *, country: str | None, direction: str, start: int, seconds: int
) -> Call:
    """Return the answered call that a quote asks for.

    Raises:
        InputError: an argument is not what it must be.
    """
    digits, country, not_used = _contact(number, country)
    if direction not in ("inbound", "outbound"):
        raise InputError(f"{direction!r} is no direction", hint="inbound or outbound")
    seconds = length(seconds)
    return Call(
        call_id="",
        direction=direction,
        contact=digits,
        country=country,
        first_event_at=start,
        started_at=start,
        ended_at=start + seconds,
        duration_s=seconds,
        country_not_used=not_used,
    )


def length(seconds: int) -> int:
    """Return the seconds of a quote if they are whole and 0 or more.

    Raises:
        InputError: they are not.
    """
    if type(seconds) is not int or not 0 <= seconds <= MAX_SECONDS:
        raise InputError(f"{seconds!r} is no duration", hint="whole seconds, 0 or more")
    return seconds


def price(
    call: Call,
    table: Compiled,
    timezone: str,
    *,
    seconds_before: int = 0,
    side: str = "cost",
    total_seconds: int | None = None,
    other_end: tuple[Compiled, str] | None = None,
) -> Charge:
    """Price one call that belongs to an account. The scalar kernel.

    Args:
        call: what is known of it.
        table: the compiled card in force for the account at that moment.
        timezone: the account's zone; a card with a zone of its own overrules it.
        seconds_before: what the call's accrual group had accrued in the month before it.
        side: "cost" or "sale"; only carried along.
        total_seconds: what the group has accrued when the month is over, which prices the call
            under `volume`; None: with this call.
        other_end: card and account zone at the end of the call that `month_of` did not choose,
            where the account's terms change within the call.
    """
    card = table.card
    zone = card.zone_of(timezone)
    end, seconds, held, bits = _talk(call, card.policies)
    month, version = _period(table, zone, _moment(call, end, card.policies))
    other_table, other_zone = other_end or (table, timezone)
    other_zone = other_table.card.zone_of(other_zone)
    other_instant = _other_end(call, end, card.policies)
    other_month, other_version = _period(other_table, other_zone, other_instant)
    if other_month not in {month, None} or other_table.card.checksum != card.checksum:
        bits |= flags.MONTH_OF
    status = _gate(call, held=held)
    charge = partial(_charge, call, table, zone, month, side)
    if status:
        return charge(status, bits)
    assert seconds is not None  # noqa: S101 - an answered call that is not held has a length
    node = table.node(call.contact)
    route = table.route(version, call.direction, node, call.country)
    if other_table is table and other_month == month and other_version != version:
        other = table.route(other_version, call.direction, node, call.country)
        if other.rates is not route.rates or other.market != route.market:
            bits |= flags.MONTH_OF
    rates = route.rates
    if rates is None or not rates.slots:
        bits = bits & flags.MONTH_OF | (flags.TIER_UNKNOWN if rates and rates.unknown else 0)
        return charge("no_rate" if call.country or rates else "no_country", bits, route)
    policy_bits, free = _by_policy(call, seconds, card.policies)
    cuts = cuts_of(rates, seconds, free=free)
    if rates.free:
        return charge("free", bits | policy_bits, route, at_one_band(cuts, 0, free=free), cuts)
    last = seconds_before + accrued(card.tiers, cuts, seconds, free=free)
    if card.tiers.model == "volume" and total_seconds is not None:
        last = total_seconds
    slices = slices_of(card.tiers, cuts, seconds_before, last, free=free)
    if not is_priced(slices):
        return charge("no_rate", bits & flags.MONTH_OF | flags.TIER_UNKNOWN, route)
    bits |= policy_bits | flags.TIER_UNKNOWN * any(one.band.unknown for one in slices)
    limits = Limits() if free else card.limits
    total = last if card.tiers.model == "volume" else None
    return charge("rated", bits, route, slices, cuts, seconds_before, limits, total)


def _talk(call: Call, policies: Policies) -> tuple[int | None, int | None, bool, int]:
    """Measure an answered call: (end, seconds, held, flags)."""
    start, end, duration = call.started_at, call.ended_at, call.duration_s
    if start is None:
        return None, None, call.conflict, 0
    span = None if end is None else end - start
    if end is None and duration is not None:
        end = start + duration
    seconds = span if duration is None else duration
    if call.conflict or seconds is None or (span is not None and span < 0):
        return end, seconds, True, 0
    if span is None or abs(span - seconds) <= flags.CONFLICT_S:
        return end, seconds, False, 0
    if policies.duration_conflict == "times":
        seconds = span
    return end, seconds, policies.duration_conflict == "hold", flags.DURATION_CONFLICT


def _moment(call: Call, end: int | None, policies: Policies) -> int | None:
    """Choose the instant that decides month and version."""
    if call.started_at is None:
        return call.first_event_at
    return end if policies.month_of == "end" and end is not None else call.started_at


def _period(table: Compiled, zone: str, moment: int | None) -> tuple[str | None, int]:
    """Return the local month of an instant and the card's version."""
    if moment is None:
        return None, 0
    ordinal = local_ordinal(zone, moment)
    return date.fromordinal(ordinal).isoformat()[:7], table.version_on(ordinal)


def _other_end(call: Call, end: int | None, policies: Policies) -> int | None:
    """Return the end of an answered call that `month_of` did not choose."""
    return end if policies.month_of == "start" else call.started_at


def _gate(call: Call, *, held: bool) -> str | None:
    """Return the status of a call for which no rate is looked up, or None."""
    if held:
        return "held"
    if call.started_at is None:
        return call.disposition if call.disposition in {"open", "incomplete"} else "unanswered"
    return None


def _by_policy(call: Call, seconds: int, policies: Policies) -> tuple[int, bool]:
    """Return the flags of the policies that decide, and whether they let the call go free."""
    if seconds == 0:
        return flags.ANSWERED_ZERO_SECONDS, policies.answered_zero_seconds == "free"
    if call.terminate_status == "FAILED":
        return flags.FAILED_WITH_DURATION, policies.failed_with_duration == "free"
    return 0, False


def _charge(  # noqa: PLR0917 - the columns of a charge
    call: Call,
    table: Compiled,
    zone: str,
    month: str | None,
    side: str,
    status: str,
    bits: int,
    route: Route | None = None,
    slices: Sequence[Slice] = (),
    cuts: Sequence[Cut] = (),
    seconds_before: int | None = None,
    limits: Limits | None = None,
    total_seconds: int | None = None,
) -> Charge:
    parts = parts_of(slices)
    nothing = 0 if status == "unanswered" else None
    units = sum(part.units for part in parts)
    rates = route.rates if route else None
    return Charge(
        call_id=call.call_id,
        account=call.account,
        side=side,
        month=month,
        direction=call.direction,
        country=call.country,
        market=route.market if route else None,
        status=status,
        flag_bits=bits,
        billed_seconds=sum(part.billed_seconds for part in parts) if parts else nothing,
        pulses=sum(cut.pulses for cut in cuts) if parts else nothing,
        tier_from_minutes=_one([part.tier_from_minutes for part in parts]),
        seconds_before=seconds_before,
        rate_nanos=_one([part.rate_nanos for part in parts]),
        fee_nanos=sum(part.fee_nanos for part in parts) if parts else None,
        amount_units=limited(units, limits or Limits()) if parts else nothing,
        effective_from=rates.effective_from if rates else None,
        parts=parts,
        rate_card=table.card,
        row=slices[0].band.row if slices else rates.row if rates else None,
        call=call,
        timezone=zone,
        total_seconds=total_seconds,
    )


def _one(values: Sequence[int]) -> int | None:
    """Return the value that all parts share, or None."""
    return values[0] if values and len(set(values)) == 1 else None


def _contact(number: str | None, country: str | None) -> tuple[str | None, str | None, str | None]:
    """Return digits, country, and the country that was given and is not used."""
    if country is not None:
        country = checked_country(country)
    if not isinstance(number, str | None):
        raise InputError(
            f"{number!r} is no text", hint='a number stands in quotes: "+5511987654321"'
        )
    if number is None:
        if country is None:
            raise InputError("neither a number nor a country", hint="give one of them")
        return None, country, None
    digits = digits_of(number)
    told = country_of(digits)
    return digits, told or country, country if told and told != country else None


def moment(at: datetime | str | None, timezone: str) -> int:
    """Return the instant that a quote asks for; see `quote`."""
    return instant_of(told_time(at), timezone)


def told_time(at: datetime | str | None) -> datetime:
    """Return a time given as a datetime or ISO text; None is now.

    Raises:
        InputError: it is no time.
    """
    if at is None:
        return datetime.now(UTC)
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            raise InputError(f"{at!r} is no time", hint="ISO 8601, like 2026-11-01T12:00") from None
    if not isinstance(at, datetime):
        raise InputError(f"{at!r} is no time", hint="a datetime, or ISO 8601 text")
    if not _YEARS[0] <= at.year < _YEARS[1]:
        raise InputError(f"{at.isoformat()} is no time of a call", hint="a year from 1900 to 2199")
    return at


_MINUTES = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)


def seconds_of(minutes: int | str | Decimal | Fraction) -> int:
    """Turn minutes into whole seconds, exactly.

    >>> seconds_of("1234.5"), seconds_of(Fraction(61, 60))
    (74070, 61)
    """
    if isinstance(minutes, Fraction) and minutes >= 0 and (60 * minutes).denominator == 1:
        return int(60 * minutes)
    text = "" if isinstance(minutes, bool | float) else str(minutes)
    seconds = Decimal(text) * 60 if _MINUTES.fullmatch(text) else None
    if seconds is None or seconds != int(seconds):
        raise InputError(
            f"{minutes!r} are no minutes of whole seconds", hint="like 49990 or 1234.5"
        )
    return int(seconds)
