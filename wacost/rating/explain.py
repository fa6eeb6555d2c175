"""How a charge came about, step by step. It reads the charge; it does not compute it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from wacost.cards.model import NOT_OFFERED
from wacost.cards.stored import card_from_json
from wacost.dialplan import prefix_of
from wacost.errors import InputError
from wacost.language import ENGLISH, Language
from wacost.markup import Sheet, Shown
from wacost.money import amount_of, plain, round_units
from wacost.names import printable
from wacost.rating.charge import FLAGS, Accrual, Charge, Part
from wacost.rating.derivation import Case, derivation, row_facts
from wacost.rating.steps import charged_steps, price_steps, row_steps
from wacost.rating.wording import (
    NO_DIRECTION,
    NO_FIGURE,
    NOT_USED,
    SOURCE_TEXT,
    WHY_NOT,
    flag_text,
)
from wacost.zones import local_datetime, zone_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from wacost.zones import Span

_SHOWN_HEAD, _SHOWN_TAIL = 6, 2


@dataclass(frozen=True)
class Explanation(Shown):
    """The derivation of one charge.

    Attributes:
        charge: the charge's columns as plain values, amounts and rates as text.
        facts: what stands behind them: call, card, row, rounding.
        steps: (title, sentence) for a person, in order, in English.
        case: what they tell of.
    """

    charge: Mapping[str, Any]
    facts: Mapping[str, Any]
    steps: tuple[tuple[str, str], ...]
    case: Case = field(repr=False)

    def text(self) -> str:
        """Return the steps as lines, titles in a column."""
        width = max(len(title) for title, _ in self.steps)
        return "\n".join(f"{title:<{width}}  {printable(text)}" for title, text in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values for JSON."""
        steps = [{"step": title, "text": sentence} for title, sentence in self.steps]
        return {"charge": dict(self.charge), **self.facts, "steps": steps}

    def sheet(self, language: Language = ENGLISH) -> Sheet:
        """Show the steps, one below the other."""
        steps = tuple(_steps(self.case, language))
        return Sheet(language.say("How one charge came about"), facts=steps)

    def __str__(self) -> str:
        """Return `text`, so that `print` shows it."""
        return self.text()


def explain_charge(charge: Charge) -> Explanation:
    """Explain a charge that the scalar kernel made."""
    call = charge.call
    return _explain(
        Case(
            call_id=charge.call_id,
            contact=call.contact,
            country=charge.country,
            country_source="number" if call.contact and prefix_of(call.contact) else None,
            direction=charge.direction,
            first_event_at=call.first_event_at,
            started_at=call.started_at,
            ended_at=call.ended_at,
            duration_s=call.duration_s,
            timezone=charge.timezone,
            month=charge.month,
            status=charge.status,
            flags=charge.flags,
            market=charge.market,
            billed_seconds=charge.billed_seconds,
            pulses=charge.pulses,
            seconds_before=charge.seconds_before,
            amount_units=charge.amount_units,
            card=charge.rate_card,
            parts=charge.parts,
            account=charge.account,
            side=charge.side,
            accrual=Accrual(total_s=charge.total_seconds),
            country_not_used=call.country_not_used,
        )
    )


def explain(
    con: DuckDBPyConnection,
    call_id: str,
    *,
    side: str = "cost",
    zones: Mapping[str, Sequence[Span]] | None = None,
) -> Explanation:
    """Explain the stored charge of a call.

    Args:
        con: an open store.
        call_id: the call's id.
        side: "cost" or "sale".
        zones: the time zones of each account, as `wacost.zones.zone_spans` gives them: for the
            local time; UTC where one is missing.

    Raises:
        InputError: no such call, it has not been rated yet, or another counts in its place.
    """
    found = con.execute(_CHARGE, {"call_id": call_id, "side": side})
    names = [column[0] for column in found.description or ()]
    rows = found.fetchall()
    if not rows:
        raise _not_priced(con, call_id, side)
    values = dict(zip(names, rows[0], strict=True))
    content = values.pop("content")
    card = card_from_json(content) if content else None
    for name in ("first_event_at", "started_at", "ended_at"):
        if values[name] is not None:
            values[name] = int(values[name].replace(tzinfo=UTC).timestamp())
    bits = values.pop("flag_bits")
    values["flags"] = tuple(name for bit, name in FLAGS.items() if bits & bit)
    values["parts"] = tuple(Part(**part) for part in values["parts"] or ())
    values["accrual"] = Accrual(**values["accrual"]) if values["accrual"] else None
    case = Case(**values, timezone="UTC", card=card, decision=_decision(con, call_id))
    spans = (zones or {}).get(case.account or "")
    return _explain(case.in_zone(zone_at(spans, case.moment) if spans else "UTC"))


def _not_priced(con: DuckDBPyConnection, call_id: str, side: str) -> InputError:
    found = con.execute(
        "SELECT s.by_call_id FROM call_rows AS c LEFT JOIN superseded AS s USING (call_id)"
        " WHERE call_id = $1",
        [call_id],
    ).fetchall()
    if not found:
        return InputError(
            f"no call {call_id!r}",
            hint="give the whole id, as the webhook and the invoice's CSV and JSON write it",
        )
    if found[0][0] is not None:
        return InputError(
            f"{call_id!r} is not priced: it is the same call as {found[0][0]}, which counts",
            hint="explain that one",
        )
    return InputError(
        f"{call_id!r} has not been rated on the {side} side",
        hint="rate its month first: wacost rate --month YYYY-MM",
    )


def _decision(con: DuckDBPyConnection, call_id: str) -> str | None:
    """Say what a person decided about a held call."""
    rows = con.execute(
        "SELECT decided_at, coalesce(': ' || reason, '') FROM decisions"
        " WHERE call_id = $1 AND outcome <> 'same'",
        [call_id],
    ).fetchall()
    return f"released by a decision on {rows[0][0]:%Y-%m-%d}{rows[0][1]}" if rows else None


_CHARGE: Final = """
SELECT
    h.call_id, c.contact, h.country, c.country_source, h.direction,
    c.first_event_at, c.started_at, c.ended_at, c.duration_s,
    h.month, h.status, h.flag_bits, h.market, h.billed_seconds, h.pulses,
    h.seconds_before, h.amount_units, h.account, h.side, h.accrual, k.content,
    CASE WHEN h.parts IS NOT NULL THEN h.parts WHEN h.rate_nanos IS NOT NULL THEN [{
        'from_second': 0, 'tier_from_minutes': h.tier_from_minutes,
        'billed_seconds': h.billed_seconds, 'rate_nanos': h.rate_nanos, 'fee_nanos': h.fee_nanos
    }] END AS parts
FROM charge_rows AS h
JOIN call_rows AS c ON c.call_id = h.call_id
LEFT JOIN cards AS k ON k.checksum = h.card_checksum
WHERE h.call_id = $call_id AND h.side = $side
"""


def _explain(case: Case) -> Explanation:
    steps = tuple(_steps(case, ENGLISH))
    return Explanation(charge=_charge(case), facts=_facts(case), steps=steps, case=case)


def _charge(case: Case) -> dict[str, Any]:
    amount, rounding = case.amount_units, case.card.rounding if case.card else None
    if amount is None:
        shown = None
    elif rounding and rounding.at == "call":
        shown = plain(round_units(amount, rounding.places, rounding.mode))
    else:
        shown = plain(amount_of(amount))
    return {
        "call_id": case.call_id,
        "account": case.account,
        "side": case.side,
        "month": case.month,
        "status": case.status,
        "flags": list(case.flags),
        "billed_seconds": case.billed_seconds,
        "pulses": case.pulses,
        "tier_from_minutes": case.one("tier_from_minutes"),
        "seconds_before": case.seconds_before,
        "amount": shown,
        "amount_units": None if amount is None else str(amount),
        "currency": case.card.currency if case.card else None,
    }


def _prefix(case: Case) -> str | None:
    """Return the digits that told the country; None where none did, or the number is hidden."""
    contact = case.contact or ""
    told = case.country_source == "number" and contact.isdecimal()
    return (prefix_of(contact) or None) if told else None


def _facts(case: Case) -> dict[str, Any]:
    seconds, source = case.length
    call = {
        "contact": masked(case.contact),
        "country": case.country,
        "country_source": case.country_source,
        "country_prefix": _prefix(case),
        "market": case.market,
        "direction": case.direction,
        "duration_s": case.duration_s,
        "seconds": seconds,
        "seconds_from": source,
        "started_at": _clock("UTC", case.started_at),
        "ended_at": _clock("UTC", case.ended_at),
        "timezone": case.timezone,
        "decision": case.decision,
    }
    if case.card is None:
        return {"call": call, "card": None, "row": None, "derivation": None}
    card = {
        "name": case.card.name,
        "status": case.card.status,
        "source": case.card.source,
        "checksum": case.card.checksum,
        "increments": list(case.card.increments),
        "tiers": asdict(case.card.tiers),
        "policies": asdict(case.card.policies),
        "rounding": {
            "at": case.card.rounding.at,
            "places": case.card.rounding.places,
            "mode": case.card.rounding.mode,
        },
    }
    return {
        "call": call,
        "card": card,
        "row": row_facts(case.row, case.card) if case.row else None,
        "derivation": derivation(case),
    }


def _steps(case: Case, language: Language) -> Iterator[tuple[str, str]]:
    say = language.say
    if case.call_id:
        yield say("call"), case.call_id
    yield from _who(case, language)
    yield from _when(case, language)
    if case.decision:
        late = "; " + say("rate its month again") if case.status == "held" else ""
        yield say("decision"), f"{case.decision}{late}"
    card, row = case.card, case.row
    if card:
        known = f"{card.name}, {say(card.status)}, {card.checksum[:12]}"
        yield say("card"), f"{language.name(card.title)} ({known})"
    if card and row:
        yield from row_steps(case, card, language)
    if case.billed_seconds is not None and card and row:
        yield from price_steps(case, card, language)
    for flag in case.flags:
        yield say("flag"), flag_text(flag, case.status, language)
    if case.status in WHY_NOT:
        priced = say("charged 0") if case.status == "unanswered" else say("unpriced")
        yield say("result"), f"{say(case.status)}: {priced}. {say(_why_not(case))}"
    elif card:
        yield from charged_steps(case, card, language)


def _why_not(case: Case) -> str:
    if case.direction is None and case.status in {"no_rate", "no_country"}:
        return NO_DIRECTION
    if case.status == "no_rate" and case.row is not None:
        return NO_FIGURE[case.row.kind == NOT_OFFERED]
    return WHY_NOT[case.status]


def _who(case: Case, language: Language) -> Iterator[tuple[str, str]]:
    say = language.say
    where = case.country or say("country not known")
    if case.country:
        where += f" ({say(SOURCE_TEXT[case.country_source])})"
    path = [masked(case.contact) or say("no number"), where]
    if told := _prefix(case):
        path.insert(1, f"+{told}")
    if case.market:
        path.append(say("market {name}", name=language.name(case.market)))
    yield say("contact"), " → ".join(path)
    if case.country_not_used:
        yield say("country"), say(NOT_USED, given=case.country_not_used, used=case.country)
    yield say("direction"), say(case.direction or "not known")


def _when(case: Case, language: Language) -> Iterator[tuple[str, str]]:
    say, zone = language.say, case.timezone
    start, end = (_clock(zone, at, language) for at in (case.started_at, case.ended_at))
    if start:
        span = say("{first_day} to {last_day}", first_day=start, last_day=end or "?")
        month = say("month {month}", month=case.month)
        yield say("time"), f"{span}, {zone} → {month}"
    elif case.month:
        told = say("no start → month {month}, by its first event", month=case.month)
        yield say("time"), f"{told}, {zone}"


def _clock(zone: str, instant: int | None, language: Language = ENGLISH) -> str | None:
    if instant is None:
        return None
    return language.stamp(local_datetime(zone, instant).replace(tzinfo=None))


def masked(contact: str | None) -> str | None:
    """Hide the middle of a number or user id.

    >>> masked("5511987654321")
    '551198•••••21'
    """
    if contact is None or len(contact) <= _SHOWN_HEAD + _SHOWN_TAIL:
        return contact
    hidden = "•" * (len(contact) - _SHOWN_HEAD - _SHOWN_TAIL)
    return f"{contact[:_SHOWN_HEAD]}{hidden}{contact[-_SHOWN_TAIL:]}"
