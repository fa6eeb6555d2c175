"""The independent judge of the rating engine: it prices calls in Fractions, step after step.

It reads the card folders and the dial plan by itself, imports nothing of wacost and knows no float.
It prices all that a card can ask for: slots, fees, the tier models, limits, derived cards.

Where the rules leave room, this is what it holds for right:

* The country is the call's `country` column; only without that key is the number looked up.
* A contact is a number if it consists of ASCII digits; any other contact matches no prefix row.
* An answered call whose start cannot be told (nor be had from end - duration) is held.
* A call whose chosen moment is not known goes by the other one, else by its first event.
* No account: no card, currency or flag; the month is that of the end (if answered), in UTC.
* Market and effective_from come from the lookup of rows: open, held, … have neither; a call with
  `no_rate` or `no_country` has its market, and the effective_from of the n/a or unknown set it met.
* An n/a set is `no_rate` even where the country is unknown (a row was found).
* The flag month_of: start and end of an answered call (held ones too, where both are known), each
  under the terms in force at it, lie in different local months or under different cards; where
  rows are looked up, also in different markets or different sets of rows. It stands on unpriced
  calls as well.
* The other policy flags stand where the policy decided what is billed (status rated or free); the
  policy `hold` decides too: duration_conflict stands on a call that is held for that reason alone.
* answered_zero_seconds and failed_with_duration go by the duration that is billed, after
  duration_conflict; zero seconds that FAILED are answered_zero_seconds.
* A rated call that a policy lets go free accrues nothing, in both accruals.
* Under accrual `actual` the band is that of seconds_before + actual seconds.
* A call at position 0 is in the first band.
* A call in an unknown band without a known one below has status no_rate and accrues nothing, so the
  next call starts where it started; its tier and seconds_before are NULL.
* A set is free if all its rates are 0; `unknown` is not 0.
* Scope `country` without a country: the matched destination.
* amount_units is exact also where the card rounds each call; only `amount` is rounded then.
* A term has begun if the moment, by the month_of and in the zone in force before that term, is on
  or after its date in the account's zone (the card's own zone plays no part in that).
* A later effective_from supersedes in markets.csv as in rates.csv, there per slot and band: rows of
  other slots and bands stay in force. effective_from of a charge: the latest of the set's rows.
* A call that a policy lets go free has no fee and no limits, and is in the first slot alone.
* An unknown band matters only in slots that the call reaches.
* Under `graduated` the seconds that accrue cut a slot at the bands' bounds, the earlier second in
  the lower band; what rounding adds beyond them is in the band of the slot's last second. A slot's
  fee is that of the band in which the slot begins.
* Minutes used elsewhere and observed tiers are outbound ones. From its moment on, an observed tier
  lifts what a group has accrued to its bound; later calls come on top.
* Under `volume` the total is that of all rated calls; where calls lie in unknown bands they are
  left out, and the total is taken anew, until all that are left are known.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, tzinfo
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Call = dict[str, Any]
Charge = dict[str, Any]
Rate = Fraction | str  # a price, "n/a" or "unknown"

UNITS_PER_CURRENCY_UNIT = 60 * 10**9
FLAGS = (
    "tier_unknown",
    "month_of",
    "answered_zero_seconds",
    "failed_with_duration",
    "duration_conflict",
)
MINOR_UNITS = {"JPY": 0, "KRW": 0, "CLP": 0, "VND": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
DIAL_PLAN = Path(__file__).parents[1] / "data" / "rates" / "dial_plan.csv"


# ---------------------------------------------------------------- what is read


@dataclass(frozen=True)
class Row:
    """One row of rates.csv."""

    direction: str
    destination: str
    rate: Rate
    effective_from: date
    effective_to: date | None
    minutes: int
    second: int
    increments: tuple[int, int] | None
    fee: Fraction


@dataclass(frozen=True)
class Offer:
    """The rows of one direction and destination that are in force on a day."""

    destination: str
    rows: tuple[Row, ...]

    @property
    def effective_from(self) -> date:
        return max(row.effective_from for row in self.rows)

    def seconds(self) -> list[int]:
        """Return where the slots begin."""
        return sorted({row.second for row in self.rows})

    def ladder(self, second: int) -> list[Row]:
        """Return the rows of a slot, the lowest band first."""
        rows = [row for row in self.rows if row.second == second]
        return sorted(rows, key=lambda row: row.minutes)


@dataclass(frozen=True)
class Membership:
    """A country or prefix in a market for a time."""

    market: str
    effective_from: date
    effective_to: date | None


@dataclass(frozen=True)
class Card:
    name: str
    currency: str
    timezone: str
    first: int
    next: int
    scope: str
    accrual: str
    round_at: str
    places: int
    mode: str
    policies: dict[str, str]
    model: str
    least: Fraction
    most: Fraction | None
    rows: dict[tuple[str, str], list[Row]]
    memberships: dict[str, list[Membership]]


@dataclass
class OracleAccount:
    """Who is billed; `terms` are (from date, card folder or None, timezone or None)."""

    name: str
    timezone: str
    card_dir: Path
    portfolio: str = ""
    terms: Sequence[tuple[date, Path | None, str | None]] = field(default_factory=list)


def read_card(folder: Path) -> Card:
    toml = read_toml(folder)
    tiers = toml.get("tiers", {})
    rounding = toml.get("rounding", {})
    limits = toml.get("limits", {})
    return Card(
        name=toml["name"],
        currency=toml["currency"],
        timezone=toml.get("timezone", "account"),
        first=toml["increments"]["first"],
        next=toml["increments"]["next"],
        scope=tiers.get("scope", "market"),
        accrual=tiers.get("accrual", "billed"),
        round_at=rounding.get("at", "line"),
        places=rounding.get("places", MINOR_UNITS.get(toml["currency"], 2)),
        mode=rounding.get("mode", "half_up"),
        policies={
            "month_of": "end",
            "answered_zero_seconds": "first_increment",
            "failed_with_duration": "bill",
            "duration_conflict": "hold",
        }
        | toml.get("policies", {}),
        model=tiers.get("model", "whole_call"),
        least=Fraction(limits.get("min_charge", "0")),
        most=Fraction(limits["max_charge"]) if "max_charge" in limits else None,
        rows=_by_destination(rows_of(folder)),
        memberships=_read_memberships(markets_of(folder)),
    )


def read_toml(folder: Path) -> dict[str, Any]:
    """Return card.toml; of a derived card on top of the one that it is made from."""
    toml = tomllib.loads((folder / "card.toml").read_text("utf-8"))
    if "derive" not in toml:
        return toml
    base = read_toml(origin_of(folder, toml))
    sections = {key: base[key] | toml.get(key, {}) for key in base if isinstance(base[key], dict)}
    return base | toml | sections


def origin_of(folder: Path, toml: Mapping[str, Any]) -> Path:
    """Return the folder of the card that another is made from: beside it, else bundled."""
    beside = folder.parent / toml["derive"]["from"]
    return beside if beside.is_dir() else DIAL_PLAN.parent / toml["derive"]["from"]


def markets_of(folder: Path) -> Path:
    """Return the markets.csv of a card, or that of the card it is made from."""
    toml = tomllib.loads((folder / "card.toml").read_text("utf-8"))
    if (folder / "markets.csv").exists() or "derive" not in toml:
        return folder / "markets.csv"
    return markets_of(origin_of(folder, toml))


def rows_of(folder: Path) -> list[Row]:
    toml = tomllib.loads((folder / "card.toml").read_text("utf-8"))
    path = folder / "rates.csv"
    own = [_row(cells) for cells in _read_rows(path)] if path.exists() else []
    if "derive" not in toml:
        return own
    told = toml["derive"]
    factor, more = Fraction(told.get("factor", "1")), Fraction(told.get("add_per_minute", "0"))
    places, mode = told.get("places", 9), told.get("mode", "half_up")
    replaced = {(row.direction, row.destination) for row in own}
    derived = [
        replace(
            row,
            rate=row.rate
            if isinstance(row.rate, str)
            else rounded(row.rate * factor + more, places, mode),
            fee=rounded(row.fee * factor, 9, mode),
        )
        for row in rows_of(origin_of(folder, toml))
        if (row.direction, row.destination) not in replaced
    ]
    return derived + own


def _row(cells: Mapping[str, str]) -> Row:
    text = cells["rate_per_minute"]
    pair = cells.get("increment_seconds") or ""
    first, _, following = pair.partition("/")
    return Row(
        direction=cells["direction"],
        destination=cells["destination"],
        rate=text if text in ("n/a", "unknown") else Fraction(text),
        effective_from=date.fromisoformat(cells["effective_from"]),
        effective_to=_date_or_none(cells.get("effective_to", "")),
        minutes=int(cells.get("tier_from_minutes") or "0"),
        second=int(cells.get("from_second") or "0"),
        increments=(int(first), int(following or first)) if pair else None,
        fee=Fraction(cells.get("fee") or "0"),
    )


def _by_destination(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.direction, row.destination), []).append(row)
    return found


def _read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: text or "" for name, text in row.items()}
            for row in csv.DictReader(file, strict=True)
        ]


def _read_memberships(path: Path) -> dict[str, list[Membership]]:
    memberships: dict[str, list[Membership]] = {}
    for row in _read_rows(path) if path.exists() else []:
        memberships.setdefault(row["country_or_prefix"], []).append(
            Membership(
                row["market"],
                date.fromisoformat(row["effective_from"]),
                _date_or_none(row.get("effective_to", "")),
            )
        )
    return memberships


def _date_or_none(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def read_dial_plan(path: Path = DIAL_PLAN) -> dict[str, str]:
    return {row["prefix"]: row["country"] for row in _read_rows(path)}


@cache
def zone(name: str) -> tzinfo:
    """Return the zone as the tzdata package has it, whatever the host says."""
    if name == "UTC":
        return UTC
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


# ------------------------------------------------------- what a call is looked up by


def local_date(moment: int, zone_name: str) -> date:
    return datetime.fromtimestamp(moment, zone(zone_name)).date()


def month_text(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def number_of(contact: str | None) -> str:
    """Return the digits, or "" where the contact is no number."""
    return contact if contact and contact.isascii() and contact.isdigit() else ""


def prefixes(number: str) -> list[str]:
    """Return all prefixes, the longest first."""
    return [number[:length] for length in range(len(number), 0, -1)]


def country_of(number: str, dial_plan: Mapping[str, str]) -> str | None:
    for prefix in prefixes(number):
        if prefix in dial_plan:
            return dial_plan[prefix] or None
    return None


def _in_force(versions: Iterable[Any], day: date) -> Any | None:
    """Return the last version that has begun, unless it has ended."""
    begun = [version for version in versions if version.effective_from <= day]
    if not begun:
        return None
    last = max(begun, key=lambda version: version.effective_from)
    ended = last.effective_to is not None and day >= last.effective_to
    return None if ended else last


def market_of(card: Card, number: str, country: str | None, day: date) -> str | None:
    for key in [*prefixes(number), country]:
        if key is not None:
            membership = _in_force(card.memberships.get(key, ()), day)
            if membership is not None:
                return str(membership.market)
    return None


def offer_of(
    card: Card, direction: str | None, number: str, country: str | None, day: date
) -> Offer | None:
    if direction is None:
        return None
    market = market_of(card, number, country, day)
    for destination in [*prefixes(number), country, market, "*"]:
        if destination is not None:
            rows = card.rows.get((direction, destination), [])
            keys = {(row.second, row.minutes) for row in rows}
            found = (
                _in_force([row for row in rows if (row.second, row.minutes) == key], day)
                for key in sorted(keys)
            )
            held = tuple(row for row in found if row is not None)
            if held:
                return Offer(destination, held)
    return None


# ------------------------------------------------------------------- one call


@dataclass
class Case:
    """One call on its way to a price."""

    call: Call
    charge: Charge
    card: Card | None = None
    offer: Offer | None = None
    end: int = 0
    accrued: int = 0
    by_policy_free: bool = False
    cuts: list[tuple[int, int, int]] = field(default_factory=list)  # (slot, raw, billed seconds)
    flags: set[str] = field(default_factory=set)
    group: tuple[Any, ...] = ()
    total: int = 0


def _blank(call: Call, side: str, country: str | None) -> Charge:
    return {
        "call_id": call["call_id"],
        "account": call.get("account"),
        "side": side,
        "card": None,
        "month": None,
        "direction": call["direction"],
        "country": country,
        "market": None,
        "status": None,
        "flags": [],
        "billed_seconds": None,
        "pulses": None,
        "tier_from_minutes": None,
        "seconds_before": None,
        "rate_per_minute": None,
        "fee": None,
        "amount": None,
        "amount_units": None,
        "currency": None,
        "effective_from": None,
        "parts": [],
    }


def _differs(call: Call) -> bool:
    """Tell whether times and duration contradict each other by more than a second."""
    start, end, told = call["started_at"], call["ended_at"], call["duration_s"]
    if start is None or end is None or told is None:
        return False
    return bool(abs((end - start) - told) > 1)


def _backwards(call: Call) -> bool:
    start, end = call["started_at"], call["ended_at"]
    return start is not None and end is not None and bool(end < start)


def _incomplete_times(call: Call) -> bool:
    """Tell whether an answered call lacks what is needed to know its start and its length."""
    told = [call["started_at"], call["ended_at"], call["duration_s"]]
    return told.count(None) >= 2


def _held(call: Call, card: Card) -> bool:
    if call["conflict"]:
        return True
    if not call["answered"]:
        return False
    if _incomplete_times(call) or _backwards(call):
        return True
    return _differs(call) and card.policies["duration_conflict"] == "hold"


def _status(call: Call, card: Card) -> str:
    if _held(call, card):
        return "held"
    if call["answered"]:
        return "answered"
    return call["disposition"] if call["disposition"] in ("open", "incomplete") else "unanswered"


def _start_and_end(call: Call) -> tuple[int | None, int | None]:
    """Return both moments of the call; one may be unknown, of an unanswered call there is one."""
    if not call["answered"]:
        return call["first_event_at"], call["first_event_at"]
    start, end, told = call["started_at"], call["ended_at"], call["duration_s"]
    if start is None and end is not None and told is not None:
        start = end - told
    if end is None and start is not None and told is not None:
        end = start + told
    if start is None and end is None:
        start = call["first_event_at"]
    return start, end


def _moment(month_of: str, start: int | None, end: int | None) -> int:
    """Return the moment that decides, or the other where that one is unknown."""
    chosen, other = (end, start) if month_of == "end" else (start, end)
    moment = chosen if chosen is not None else other
    if moment is None:
        raise ValueError("a call without any time")
    return moment


def _terms_in_force(
    account: OracleAccount, start: int | None, end: int | None, cards: Cards
) -> tuple[Card, str]:
    """Return card and account zone that hold for a call."""
    card, zone_name = cards.get(account.card_dir), account.timezone
    for from_on, card_dir, new_zone in sorted(account.terms, key=lambda term: term[0]):
        moment = _moment(card.policies["month_of"], start, end)
        if local_date(moment, zone_name) < from_on:
            break
        card = cards.get(card_dir) if card_dir is not None else card
        zone_name = new_zone if new_zone is not None else zone_name
    return card, zone_name


def _day(card: Card, account_zone: str, moment: int) -> date:
    return local_date(moment, account_zone if card.timezone == "account" else card.timezone)


def _card_and_day(account: OracleAccount, moment: int, cards: Cards) -> tuple[Card, date]:
    """Return the card and the local date that a moment has under the terms in force at it."""
    card, zone_name = _terms_in_force(account, moment, moment, cards)
    return card, _day(card, zone_name, moment)


def _seconds(call: Call, card: Card) -> int:
    """Return the call's length before any rounding."""
    start, end, told = call["started_at"], call["ended_at"], call["duration_s"]
    if told is None or (_differs(call) and card.policies["duration_conflict"] == "times"):
        return int(end - start)
    return int(told)


def increments(seconds: int, first: int, following: int) -> tuple[int, int]:
    """Return billed seconds and pulses of a call of at least one second, or of one increment."""
    billed, pulses = first, 1
    if seconds > first:
        more = -((first - seconds) // following)  # rounded up
        billed, pulses = first + more * following, 1 + more
    return billed, pulses


def _bill_seconds(case: Case, card: Card) -> None:
    """Set billed seconds, pulses, what accrues, and the flags of the policies that decided."""
    seconds = _seconds(case.call, card)
    if _differs(case.call):
        case.flags.add("duration_conflict")
    if seconds == 0:
        case.flags.add("answered_zero_seconds")
        case.by_policy_free = card.policies["answered_zero_seconds"] == "free"
    elif case.call["terminate_status"] == "FAILED":
        case.flags.add("failed_with_duration")
        case.by_policy_free = card.policies["failed_with_duration"] == "free"
    pulses = 0
    if case.by_policy_free:
        case.cuts = [(0, 0, 0)]
    else:
        pulses = _cut(case, card, seconds)
    billed = sum(cut[2] for cut in case.cuts)
    case.charge |= {"billed_seconds": billed, "pulses": pulses}
    case.accrued = billed if card.accrual == "billed" or case.by_policy_free else seconds


def _cut(case: Case, card: Card, seconds: int) -> int:
    """Cut a call at the slots it reaches and return its increments."""
    assert case.offer is not None
    pulses = 0
    starts = [start for start in case.offer.seconds() if start == 0 or seconds > start]
    for start, end in zip(starts, [*starts[1:], seconds], strict=True):
        first, following = case.offer.ladder(start)[0].increments or (card.first, card.next)
        raw = end - start
        billed, more = increments(raw, following if start else first, following)
        case.cuts.append((start, raw, billed))
        pulses += more
    return pulses


def _is_free(offer: Offer) -> bool:
    return all(row.rate == 0 and row.fee == 0 for row in offer.rows)


def _group(case: Case, card: Card, portfolio: str) -> tuple[Any, ...]:
    """Return what the seconds of this call accrue to."""
    charge, offer = case.charge, case.offer
    assert offer is not None
    key: tuple[str, ...] = ("destination", offer.destination)
    if card.scope == "card":
        key = ("card",)
    elif card.scope == "market" and charge["market"] is not None:
        key = ("market", charge["market"])
    elif charge["country"] is not None:
        key = ("country", charge["country"])
    return (portfolio, card.name, charge["direction"], *key, charge["month"])


def _band(offer: Offer, second: int, position: int) -> tuple[int, Row | None, bool]:
    """Return the band at a position: (its bound, the row that prices it, whether it is unknown)."""
    reached = [
        row for row in offer.ladder(second) if row.minutes == 0 or position > row.minutes * 60
    ]
    known = [row for row in reached if isinstance(row.rate, Fraction)]
    return reached[-1].minutes, known[-1] if known else None, reached[-1].rate == "unknown"


def _part(second: int, minutes: int, billed: int, rate: Fraction, fee: Fraction) -> dict[str, Any]:
    return {
        "from_second": second,
        "tier_from_minutes": minutes,
        "billed_seconds": billed,
        "rate_per_minute": rate,
        "fee": fee,
    }


def _parts(case: Case, card: Card, before: int, total: int) -> list[dict[str, Any]] | None:
    """Return the products of a call, or None where a rate is not known; flag unknown bands."""
    assert case.offer is not None
    parts: list[dict[str, Any]] = []
    unknown = False
    moved = before
    for second, raw, billed in case.cuts:
        steps = billed if card.accrual == "billed" else raw
        one_by_one = card.model == "graduated" and not case.by_policy_free and steps > 0
        if one_by_one:
            places = [moved + step for step in _ends(case.offer, second, moved, steps)]
        else:
            places = [total if card.model == "volume" else before + case.accrued]
            if card.model == "graduated":
                places = [moved]
        done = moved
        for number, place in enumerate(places):
            minutes, row, is_unknown = _band(case.offer, second, place)
            unknown = unknown or is_unknown
            if row is None:
                case.flags.add("tier_unknown")
                return None
            share = place - done if one_by_one else billed
            if one_by_one and place == places[-1]:
                share += billed - steps
            fee = row.fee if number == 0 and not case.by_policy_free else Fraction(0)
            assert isinstance(row.rate, Fraction)
            parts.append(_part(second, minutes, share, row.rate, fee))
            done = place
        moved += steps
    if unknown:
        case.flags.add("tier_unknown")
    return parts


def _ends(offer: Offer, second: int, before: int, steps: int) -> list[int]:
    """Return after how many of a slot's seconds a band ends, the slot's own end last."""
    bounds = {row.minutes * 60 - before for row in offer.ladder(second)}
    return [*sorted(bound for bound in bounds if 0 < bound < steps), steps]


def _price_of(case: Case, card: Card, parts: list[dict[str, Any]]) -> None:
    """Write the price, and how it came about."""
    exact = sum(
        (part["rate_per_minute"] * part["billed_seconds"] / 60 + part["fee"] for part in parts),
        Fraction(0),
    )
    if case.charge["status"] == "rated" and not case.by_policy_free:
        exact = max(exact, card.least)
        exact = exact if card.most is None else min(exact, card.most)
    units = exact * UNITS_PER_CURRENCY_UNIT
    assert units.denominator == 1
    tiers = {part["tier_from_minutes"] for part in parts}
    rates = {part["rate_per_minute"] for part in parts}
    case.charge |= {
        "tier_from_minutes": tiers.pop() if len(tiers) == 1 else None,
        "rate_per_minute": rates.pop() if len(rates) == 1 else None,
        "fee": sum((part["fee"] for part in parts), Fraction(0)),
        "amount": exact if card.round_at == "line" else rounded(exact, card.places, card.mode),
        "amount_units": units.numerator,
        "parts": parts,
    }


def _rate(case: Case, before: int, total: int) -> bool:
    """Price a call at its place, and tell whether its rate is known there."""
    assert case.card is not None
    parts = _parts(case, case.card, before, total)
    if parts is None:
        case.charge |= {"status": "no_rate", "billed_seconds": None, "pulses": None}
        case.flags &= {"month_of", "tier_unknown"}
        return False
    case.charge |= {"status": "rated", "seconds_before": before}
    _price_of(case, case.card, parts)
    return True


def _look_up(case: Case, card: Card, days: tuple[date, date, date], portfolio: str) -> None:
    """Find market and rows of an answered call; leave `rated` ones for their turn."""
    call, charge = case.call, case.charge
    number, country = number_of(call["contact"]), charge["country"]

    def found(day: date) -> tuple[str | None, Offer | None]:
        return (
            market_of(card, number, country, day),
            offer_of(card, call["direction"], number, country, day),
        )

    day, start_day, end_day = days
    charge["market"], offer = found(day)
    if found(start_day) != found(end_day):
        case.flags.add("month_of")
    if offer is None:
        charge["status"] = "no_country" if country is None else "no_rate"
        return
    charge["effective_from"] = offer.effective_from.isoformat()
    lowest = offer.ladder(0)
    if all(row.rate in ("n/a", "unknown") for row in lowest):
        charge["status"] = "no_rate"
        case.flags |= {"tier_unknown"} if lowest[0].rate == "unknown" else set()
        return
    case.offer = offer
    _bill_seconds(case, card)
    if _is_free(offer):
        charge["status"] = "free"
        parts = [
            _part(second, 0, billed, Fraction(0), Fraction(0)) for second, _, billed in case.cuts
        ]
        _price_of(case, card, parts)
    else:
        charge["status"] = "rated"
        case.group = _group(case, card, portfolio)


def _settle(
    call: Call, accounts: Mapping[str, OracleAccount], side: str, cards: Cards, plan: Plan
) -> Case:
    """Bring one call as far as it goes without the others."""
    number = number_of(call["contact"])
    country = call["country"] if "country" in call else country_of(number, plan.read())
    case = Case(call, _blank(call, side, country))
    start, end = _start_and_end(call)
    if call.get("account") is None:
        month = month_text(local_date(_moment("end", start, end), "UTC"))
        case.charge |= {"status": "no_account", "month": month}
        return case
    account = accounts[call["account"]]
    card, zone_name = _terms_in_force(account, start, end, cards)
    moment = _moment(card.policies["month_of"], start, end)
    day = _day(card, zone_name, moment)
    (start_card, start_day), (end_card, end_day) = (
        (card, day) if at is None else _card_and_day(account, at, cards) for at in (start, end)
    )
    case.card, case.end = card, moment if end is None else end
    status = _status(call, card)
    case.charge |= {
        "card": card.name,
        "currency": card.currency,
        "month": month_text(day),
        "status": status,
    }
    if month_text(start_day) != month_text(end_day) or start_card is not end_card:
        case.flags.add("month_of")
    if status == "held" and not (call["conflict"] or _backwards(call)) and _differs(call):
        case.flags.add("duration_conflict")
    if status == "unanswered":
        zero = Fraction(0)
        case.charge |= {"billed_seconds": 0, "pulses": 0, "amount": zero, "amount_units": 0}
    if status == "answered":
        _look_up(case, card, (day, start_day, end_day), account.portfolio or account.name)
    return case


class Cards:
    """The card folders read so far."""

    def __init__(self) -> None:
        self._read: dict[Path, Card] = {}

    def get(self, folder: Path) -> Card:
        if folder not in self._read:
            self._read[folder] = read_card(folder)
        return self._read[folder]


class Plan:
    """The dial plan, read when first asked for."""

    def __init__(self, mapping: Mapping[str, str] | None) -> None:
        self._mapping = mapping

    def read(self) -> Mapping[str, str]:
        return self._mapping if self._mapping is not None else read_dial_plan()


def _finish(case: Case) -> Charge:
    case.charge["flags"] = [flag for flag in FLAGS if flag in case.flags]
    return case.charge


def price(
    calls: Iterable[Call],
    accounts: Mapping[str, OracleAccount],
    *,
    side: str = "cost",
    dial_plan: Mapping[str, str] | None = None,
    elsewhere: Sequence[Elsewhere] = (),
    totals: dict[str, int] | None = None,
) -> list[Charge]:
    """Price calls: one charge per call, in the order given.

    Times are epoch seconds or None. `amount` is an exact Fraction (rounded where the card rounds
    each call), `amount_units` an int, `flags` a list in their fixed order, `parts` a list of dicts.
    """
    cards, plan = Cards(), Plan(dial_plan)
    cases = [_settle(call, accounts, side, cards, plan) for call in calls]
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for case in sorted(cases, key=lambda case: (case.end, case.call["call_id"].encode())):
        if case.group:
            groups.setdefault(case.group, []).append(case)
    for group, members in groups.items():
        _rate_group(members, [one for one in elsewhere if one.group(members[0]) == group])
    if totals is not None:
        totals |= {case.call["call_id"]: case.total for case in cases}
    return [_finish(case) for case in cases]


@dataclass(frozen=True)
class Elsewhere:
    """Minutes used through others (no moment), or a tier observed at a moment."""

    portfolio: str
    month: str
    minutes: int
    at: int | None = None
    market: str = ""
    country: str = ""

    def group(self, case: Case) -> tuple[Any, ...]:
        """Return the group that this belongs to under the card of a call."""
        assert case.card is not None
        key = ("market", self.market) if self.market else ("country", self.country)
        if not (self.market or self.country):
            key = ("card",)  # type: ignore[assignment]
        return (self.portfolio, case.card.name, "outbound", *key, self.month)


def _rate_group(members: list[Case], elsewhere: Sequence[Elsewhere]) -> None:
    """Price the calls of one group, each where it stands when its turn comes."""
    assert members[0].card is not None
    if members[0].card.model != "volume":
        _walk(members, elsewhere, None)
        return
    left = members
    while True:
        total = _accrued(left, elsewhere)
        known = [case for case in left if _parts(case, case.card or members[0].card, 0, total)]
        if len(known) == len(left):
            break
        left = known
    kept = {id(case) for case in left}
    for case in members:
        case.flags.discard("tier_unknown")
        if id(case) not in kept:
            assert not _rate(case, 0, total)
    _walk(left, elsewhere, total)


def _accrued(members: list[Case], elsewhere: Sequence[Elsewhere]) -> int:
    """Return what a group has accrued when the month is over."""
    return _walk(members, elsewhere, -1)


def _walk(members: list[Case], elsewhere: Sequence[Elsewhere], total: int | None) -> int:
    """Go through a group in order; total: None price by place, -1 do not price, else by total."""
    seconds = sum(one.minutes * 60 for one in elsewhere if one.at is None)
    tiers = [one for one in elsewhere if one.at is not None]
    for case in members:
        for one in tiers:
            if one.at is not None and one.at <= case.end:
                seconds = max(seconds, one.minutes * 60)
        if total == -1 or _rate(case, seconds, -1 if total is None else total):
            seconds += case.accrued
            case.total = seconds if total is None else total
    return max([seconds, *(one.minutes * 60 for one in tiers)])


def quote(
    card_dir: Path,
    *,
    seconds: int,
    at: int,
    number: str | None = None,
    country: str | None = None,
    direction: str | None = "outbound",
    timezone: str = "UTC",
    minutes_before: int = 0,
    dial_plan: Mapping[str, str] | None = None,
) -> Charge:
    """Price one answered call that starts `at` (epoch seconds), after `minutes_before` minutes."""
    call: Call = {
        "call_id": "quote",
        "account": "quote",
        "contact": number,
        "direction": direction,
        "disposition": "answered",
        "answered": True,
        "terminate_status": "COMPLETED",
        "first_event_at": at,
        "started_at": at,
        "ended_at": at + seconds,
        "duration_s": seconds,
        "conflict": False,
    }
    if country is not None or number is None:
        call["country"] = country
    accounts = {"quote": OracleAccount("quote", timezone, card_dir)}
    case = _settle(call, accounts, "cost", Cards(), Plan(dial_plan))
    if case.group:
        before = minutes_before * 60
        _rate(case, before, before + case.accrued)
    return _finish(case)


# ----------------------------------------------------------------- the invoice


def rounded(amount: Fraction, places: int, mode: str) -> Fraction:
    """Round an amount of 0 or more."""
    scaled = amount * 10**places
    whole, rest = divmod(scaled, 1)
    assert amount >= 0
    one_more = {
        "half_up": rest >= Fraction(1, 2),
        "half_even": rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1),
        "up": rest > 0,
        "down": False,
    }[mode]
    return Fraction(whole + one_more, 10**places)


LINE_KEY = (
    "card",
    "direction",
    "country",
    "market",
    "effective_from",
    "tier_from_minutes",
    "rate_per_minute",
)


@dataclass
class Bill:
    """The call lines of one account, month, side and currency; `drift` is billed - exact."""

    account: str
    month: str
    side: str
    currency: str
    lines: list[dict[str, Any]]
    subtotal: Fraction
    drift: Fraction


def lines(charges: Iterable[Charge], card_dirs: Mapping[str, Path]) -> list[Bill]:
    """Add the priced calls (rated and free) up to invoice lines, each rounded once.

    `card_dirs` has the folder of each card by its name. `exact` of a line adds exact amounts;
    a card that rounds each call adds the rounded ones to `amount`.
    """
    bills: dict[tuple[str, str, str, str], dict[tuple[Any, ...], list[Charge]]] = {}
    for charge in charges:
        if charge["status"] in ("rated", "free"):
            bill = (charge["account"], charge["month"], charge["side"], charge["currency"])
            line = tuple(charge[column] for column in LINE_KEY)
            bills.setdefault(bill, {}).setdefault(line, []).append(charge)
    cards = {name: read_card(folder) for name, folder in card_dirs.items()}
    return [_bill(head, parts, cards) for head, parts in bills.items()]


def _bill(
    head: tuple[str, str, str, str],
    parts: Mapping[tuple[Any, ...], list[Charge]],
    cards: Mapping[str, Card],
) -> Bill:
    made = [_line(key, charges, cards[key[0]]) for key, charges in parts.items()]
    subtotal = sum((line["amount"] for line in made), Fraction(0))
    exact = sum((line["exact"] for line in made), Fraction(0))
    return Bill(*head, lines=made, subtotal=subtotal, drift=subtotal - exact)


def _line(key: tuple[Any, ...], charges: list[Charge], card: Card) -> dict[str, Any]:
    added = sum((charge["amount"] for charge in charges), Fraction(0))
    units = sum(charge["amount_units"] for charge in charges)
    return {
        **dict(zip(LINE_KEY, key, strict=True)),
        "calls": len(charges),
        "billed_seconds": sum(charge["billed_seconds"] for charge in charges),
        "exact": Fraction(units, UNITS_PER_CURRENCY_UNIT),
        "amount": added if card.round_at == "call" else rounded(added, card.places, card.mode),
    }
