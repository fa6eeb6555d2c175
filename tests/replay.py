"""Replay an explained charge (`wacost explain --json`) from its own figures; knows no wacost."""

import json
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from typing import Any

UNITS, FROM = 60 * 10**9, "from_second"
Told = dict[str, Any]


def replay(told: str) -> list[str]:
    """Name what does not follow from what stands before it."""
    explained = json.loads(told)
    charge, steps, call = explained["charge"], explained["derivation"], explained["call"]
    if steps is None:  # unanswered calls cost 0, those without a price have no amount
        nothing = {"unanswered": "0", "rated": "", "free": ""}.get(charge["status"])
        return [] if charge["amount_units"] == nothing else ["no derivation"]
    card, parts, slots, tier = explained["card"], steps["parts"], steps["slots"], steps["tier"]
    policies, units = card["policies"], int(charge["amount_units"])
    free = any(flag in charge["flags"] and policies[flag] == "free" for flag in policies)
    begun = [next(p for p in parts if p[FROM] == s[FROM]) for s in slots if not free]
    checks = {
        "seconds": call["seconds"] == seconds_of(call, policies),
        "slots": free or all(slot_holds(slot, call["seconds"]) for slot in slots),
        "increments": free or charge["pulses"] == sum(map(pulses, slots)),
        "billed": charge["billed_seconds"] == sum(part["billed_seconds"] for part in parts),
        "rows": all(p["rate_per_minute"] == p["row"]["rate_per_minute"] for p in parts),
        "fees": all(p["fee"] == (p["row"]["fee"] if p in begun else "0") for p in parts),
        "products": all(int(part["units"]) == product(part) for part in parts),
        "sum": int(steps["sum_units"]) == sum(map(product, parts)),
        "limits": units == limited(int(steps["sum_units"]), steps["limits"], charge, free),
        "tier": tier is None or tier_holds(charge, card["tiers"], tier, call),
        "bands": charge["status"] == "free" or bands_hold(card["tiers"], tier, parts, slots, free),
        "amount": Fraction(charge["amount"]) == shown(units, card["rounding"]),
    }
    return [name for name, holds in checks.items() if not holds]


def seconds_of(call: Told, policies: dict[str, str]) -> int:
    told, ends = call["duration_s"], (call["started_at"], call["ended_at"])
    start, end = (datetime.fromisoformat(at) if at else None for at in ends)
    span = int((end - start).total_seconds()) if start and end else None
    if told is None or (policies["duration_conflict"] == "times" and span is not None):
        return (span or 0) if told is None or abs((span or 0) - told) > 1 else told
    return told


def pulses(slot: Told) -> int:
    return 1 + -(-max(0, slot["seconds"] - slot["first"]) // slot["next"])


def slot_holds(slot: Told, seconds: int) -> bool:
    end = seconds if slot["to_second"] is None else min(seconds, slot["to_second"])
    rounded = slot["first"] + (pulses(slot) - 1) * slot["next"]
    return slot["seconds"] == end - slot[FROM] and slot["billed_seconds"] == rounded


def product(part: Told) -> int:
    rate, fee = Fraction(part["rate_per_minute"]), Fraction(part["fee"])
    return int((rate * part["billed_seconds"] / 60 + fee) * UNITS)


def limited(units: int, limits: Told, charge: Told, free: bool) -> int:
    if free or charge["status"] != "rated":
        return units
    units, most = max(units, int(Fraction(limits["min_charge"]) * UNITS)), limits["max_charge"]
    return units if most is None else min(units, int(Fraction(most) * UNITS))


def tier_holds(charge: Told, tiers: Told, tier: Told, call: Told) -> bool:
    before, after, total = (tier[k] for k in ("seconds_before", "seconds_after", "total_seconds"))
    moved = call["seconds"] if tiers["accrual"] == "actual" else charge["billed_seconds"]
    beside = (tier["external_seconds"] or 0) + (tier["observed_seconds"] or 0)
    over = total is None if tiers["model"] != "volume" else total >= after
    stands = before == charge["seconds_before"] >= beside
    return bool(stands and over and after == before + (moved if charge["billed_seconds"] else 0))


def bands_hold(tiers: Told, tier: Told, parts: Any, slots: Any, free: bool) -> bool:
    whole, expected = tiers["model"] != "graduated", []
    low, last = tier["seconds_before"], tier["total_seconds"] or tier["seconds_after"]
    for slot in slots:
        bounds, billed = [b["from_minutes"] * 60 for b in slot["bands"]], slot["billed_seconds"]
        moves = slot["seconds"] if tiers["accrual"] == "actual" else billed
        high = low if whole or free else low + moves
        for begin, end in pairwise([low, *(b for b in bounds if low < b < high), high]):
            band = max(b for b in bounds if b == 0 or (last if whole else end) > b) // 60
            expected.append((slot[FROM], band, end - begin + (end == high) * (billed - high + low)))
        low = high
    return expected == [(p[FROM], p["tier_from_minutes"], p["billed_seconds"]) for p in parts]


def shown(units: int, rounding: Told) -> Fraction:
    at_call = rounding["at"] == "call"
    places, mode = (rounding["places"], rounding["mode"]) if at_call else (12, "half_up")
    whole, rest = divmod(Fraction(units, UNITS) * 10**places, 1)
    up = {"half_up": 2 * rest >= 1, "down": False, "up": rest > 0}
    even = 2 * rest > 1 or (2 * rest == 1 and whole % 2 == 1)
    return Fraction(whole + up.get(mode, even), 10**places)
